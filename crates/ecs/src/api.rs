//! The one file that speaks to ECS.

use aws::{Door, Error, Operation};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{self, DesiredStatus};
use record::Time;

use crate::arn::short_name;
use crate::model::{
    Container, Deployment, LogConfiguration, Service, Task, TaskContainer, TaskDefinition,
};

/// DescribeServices takes ten at most (ECS API reference).
pub(crate) const SERVICES_A_CALL: usize = 10;
/// DescribeTasks takes a hundred at most.
pub(crate) const TASKS_A_CALL: usize = 100;
/// A list that goes on longer than this is a server that repeats itself.
const LONGEST_LIST: usize = 1_000;

/// ECS of one region.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    door: Door,
    region: String,
    client: Client,
}

impl Api {
    pub(crate) fn new(door: Door, region: &str) -> Self {
        let client = Client::new(&door.sdk_config(region));
        Self { door, region: region.to_owned(), client }
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The ARNs of all clusters.
    pub(crate) async fn clusters(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListClusters, &self.region, || {
                    self.client
                        .list_clusters()
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            found.extend(page.cluster_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        if let Some(arn) = found.first() {
            self.door.learn_account(arn);
        }
        Ok(found)
    }

    /// The names of a cluster's services.
    pub(crate) async fn service_names(&self, cluster: &str) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListServices, &self.region, || {
                    self.client
                        .list_services()
                        .cluster(cluster)
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            found.extend(page.service_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(found.iter().map(|arn| short_name(arn).to_owned()).collect())
    }

    /// The services of those names that exist and are not gone (status INACTIVE).
    pub(crate) async fn services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Vec<Service>, Error> {
        let mut found = Vec::new();
        for names in names.chunks(SERVICES_A_CALL) {
            let page = self
                .door
                .call(Operation::DescribeServices, &self.region, || {
                    self.client
                        .describe_services()
                        .cluster(cluster)
                        .set_services(Some(names.to_vec()))
                        .send()
                })
                .await?;
            let services = page.services.unwrap_or_default();
            if let Some(arn) = services.iter().find_map(|service| service.service_arn()) {
                self.door.learn_account(arn);
            }
            let active = |service: &types::Service| service.status() != Some("INACTIVE");
            found.extend(services.into_iter().filter(active).filter_map(service));
        }
        Ok(found)
    }

    /// The ARNs of a cluster's tasks: of one service (running ones), or the stopped ones of all
    /// services. ECS lists no stopped tasks by service.
    pub(crate) async fn task_arns(
        &self,
        cluster: &str,
        of: TasksOf<'_>,
    ) -> Result<Vec<String>, Error> {
        let (service, status) = match of {
            TasksOf::Service(name) => (Some(name.to_owned()), DesiredStatus::Running),
            TasksOf::Stopped => (None, DesiredStatus::Stopped),
        };
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListTasks, &self.region, || {
                    self.client
                        .list_tasks()
                        .cluster(cluster)
                        .set_service_name(service.clone())
                        .desired_status(status.clone())
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            found.extend(page.task_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// The tasks of those ids or ARNs that ECS still knows.
    pub(crate) async fn tasks(&self, cluster: &str, ids: &[String]) -> Result<Vec<Task>, Error> {
        let mut found = Vec::new();
        for ids in ids.chunks(TASKS_A_CALL) {
            let page = self
                .door
                .call(Operation::DescribeTasks, &self.region, || {
                    self.client
                        .describe_tasks()
                        .cluster(cluster)
                        .set_tasks(Some(ids.to_vec()))
                        .send()
                })
                .await?;
            found.extend(page.tasks.unwrap_or_default().into_iter().filter_map(task));
        }
        Ok(found)
    }

    /// One revision of a task definition.
    pub(crate) async fn task_definition(&self, arn: &str) -> Result<TaskDefinition, Error> {
        let page = self
            .door
            .call(Operation::DescribeTaskDefinition, &self.region, || {
                self.client.describe_task_definition().task_definition(arn).send()
            })
            .await?;
        let containers = page
            .task_definition
            .and_then(|definition| definition.container_definitions)
            .unwrap_or_default();
        Ok(TaskDefinition {
            arn: arn.to_owned(),
            containers: containers.into_iter().map(container).collect(),
        })
    }
}

/// Which tasks to list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TasksOf<'a> {
    Service(&'a str),
    Stopped,
}

fn service(service: types::Service) -> Option<Service> {
    let deployments =
        service.deployments.unwrap_or_default().into_iter().map(|deployment| Deployment {
            id: deployment.id.unwrap_or_default(),
            status: deployment.status.unwrap_or_default(),
            task_definition: deployment.task_definition,
        });
    let task_sets = service.task_sets.unwrap_or_default().into_iter().map(|set| Deployment {
        id: set.id.unwrap_or_default(),
        status: set.status.unwrap_or_default(),
        task_definition: set.task_definition,
    });
    Some(Service {
        arn: service.service_arn?,
        cluster: short_name(&service.cluster_arn?).to_owned(),
        name: service.service_name?,
        task_definition: service.task_definition,
        deployments: deployments.chain(task_sets).collect(),
    })
}

fn task(task: types::Task) -> Option<Task> {
    let time = |at: Option<aws_sdk_ecs::primitives::DateTime>| {
        at.map(|at| Time::from_seconds(at.as_secs_f64()))
    };
    let arn = task.task_arn?;
    Some(Task {
        id: short_name(&arn).to_owned(),
        cluster: short_name(&task.cluster_arn?).to_owned(),
        group: task.group,
        task_definition: task.task_definition_arn,
        last_status: task.last_status,
        started: time(task.started_at),
        stopped: time(task.stopped_at),
        stopped_reason: task.stopped_reason,
        containers: task
            .containers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|container| {
                Some(TaskContainer {
                    name: container.name?,
                    runtime_id: container.runtime_id,
                    exit_code: container.exit_code,
                    reason: container.reason,
                })
            })
            .collect(),
        arn,
    })
}

fn container(definition: types::ContainerDefinition) -> Container {
    let log = definition.log_configuration.map(|log| LogConfiguration {
        driver: log.log_driver.as_str().to_owned(),
        options: log
            .options
            .unwrap_or_default()
            .into_iter()
            .filter(|(key, _)| names_a_place(key))
            .collect(),
    });
    Container { name: definition.name.unwrap_or_default(), log }
}

/// The options of the awslogs driver and of FireLens (Fluent Bit) that say where the lines go.
/// Fluent Bit reads its keys without regard to case.
fn names_a_place(option: &str) -> bool {
    matches!(
        option.to_ascii_lowercase().as_str(),
        "awslogs-group"
            | "awslogs-region"
            | "awslogs-stream-prefix"
            | "name"
            | "region"
            | "log_group_name"
            | "log_group_template"
            | "log_stream_name"
            | "log_stream_prefix"
            | "log_stream_template"
            | "config-file-value"
    )
}
