//! An ECS service, as DescribeServices shows it.

use record::Time;

/// An ECS service. Counts are of tasks.
///
/// Source: `Service` in the ECS API reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Its ARN, old (`service/api`) or new (`service/prod/api`).
    pub arn: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// ACTIVE, DRAINING.
    pub status: Option<String>,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// The task definition (ARN) that it is configured with.
    pub task_definition: Option<String>,
    /// FARGATE, EC2, EXTERNAL; absent where capacity providers decide.
    pub launch_type: Option<String>,
    /// The capacity providers that place its tasks, where some do.
    pub capacity_providers: Vec<String>,
    /// REPLICA, DAEMON.
    pub scheduling: Option<String>,
    /// Who makes its deployments: ECS, CODE_DEPLOY, EXTERNAL.
    pub controller: Option<String>,
    /// What it does about a deployment that fails.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// The CloudWatch alarms that end a deployment.
    pub alarms: Option<DeploymentAlarms>,
    /// ROLLING, BLUE_GREEN, LINEAR, CANARY.
    pub strategy: Option<String>,
    /// When it was created.
    pub created: Option<Time>,
    /// Its deployments, task sets (CODE_DEPLOY, EXTERNAL) among them; the PRIMARY one first, as a rule.
    pub deployments: Vec<Deployment>,
    /// The service revisions that have tasks just now. Empty for services whose revisions are older
    /// than those (October 2024), and for task sets.
    pub revisions: Vec<LiveRevision>,
    /// The service deployment (ARN) that is under way, if one is.
    pub current_deployment: Option<String>,
    /// What ECS said about it, the newest first, a hundred at most.
    pub events: Vec<Event>,
    /// Whether `aws ecs execute-command` works on its tasks.
    pub execute_command: bool,
}

impl Service {
    /// `cluster/name`, the spelling that is never ambiguous.
    pub fn path(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// The deployment that it is to end up with.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.status == "PRIMARY")
    }

    /// Whether ECS itself makes its deployments.
    pub fn is_deployed_by_ecs(&self) -> bool {
        self.controller.as_deref().is_none_or(|controller| controller == "ECS")
    }
}

/// What a service does about a deployment that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether it watches.
    pub enabled: bool,
    /// Whether it goes back to the last deployment that was complete.
    pub rollback: bool,
}

/// The CloudWatch alarms that end a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// Their names.
    pub names: Vec<String>,
    /// Whether they are watched.
    pub enabled: bool,
    /// Whether an alarm takes the deployment back.
    pub rollback: bool,
}

/// A deployment or a task set of a service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// `ecs-svc/N`: what its tasks carry as `started_by`.
    pub id: String,
    /// PRIMARY, ACTIVE, INACTIVE, DRAINING.
    pub status: String,
    /// Whether it is a task set, of CODE_DEPLOY or EXTERNAL.
    pub is_task_set: bool,
    /// The task definition (ARN) that its tasks run.
    pub task_definition: Option<String>,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// How many failed to start. The first healthy task sets it to 0.
    pub failed_tasks: u32,
    /// When it began.
    pub created: Option<Time>,
    /// When it last changed.
    pub updated: Option<Time>,
    /// COMPLETED, FAILED, IN_PROGRESS; absent for task sets, and behind a Classic Load Balancer.
    pub rollout: Option<String>,
    /// Why, in ECS's words.
    pub rollout_reason: Option<String>,
}

/// How many tasks of a service run one of its revisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveRevision {
    /// The service revision's ARN.
    pub arn: String,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
}

/// What ECS said about a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub time: Option<Time>,
    /// In ECS's words: `(service api) has reached a steady state.`
    pub message: String,
}
