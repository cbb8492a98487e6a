//! Everything that is known of one service, as a record of kind `service_page`.

use std::collections::BTreeMap;

use ecs::{Container, LogConfiguration, Service, ServiceDeployment, Task, TaskDefinition};
use record::Time;
use serde::Serialize;

use crate::events::{EventSaid, events};
use crate::observe::{Observation, primary_definition};
use crate::rows::{Extras, rows};
use crate::service_record::{FindingSaid, ServiceRecord, Stops, Version};
use crate::task_record::TaskRecord;
use crate::tasks::{Seen, definition_name};
use crate::versions::tag_and_digest;

/// A service, whole.
#[derive(Clone, Debug, Serialize)]
pub struct ServicePage {
    /// When it was looked at.
    pub time: Time,
    /// `service_page`.
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// ACTIVE, DRAINING.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to.
    pub pending: u32,
    /// FARGATE, EC2, EXTERNAL, or the names of capacity providers with commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    /// REPLICA, DAEMON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<String>,
    /// ECS, CODE_DEPLOY, EXTERNAL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// `family:revision`, of the PRIMARY deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// Who registered it (ARN).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<Time>,
    /// What is to be noticed about it.
    pub findings: Vec<FindingSaid>,
    /// Its deployments and task sets side by side, the PRIMARY one first.
    pub deployments: Vec<DeploymentSaid>,
    /// Its deployments of the last 90 days, the newest first, a few.
    pub history: Vec<PastDeployment>,
    /// Its containers.
    pub containers: Vec<ContainerSaid>,
    /// Its tasks that are to run.
    pub tasks: Vec<TaskRecord>,
    /// Those that stopped within about the last hour, the newest first.
    pub stopped: Vec<TaskRecord>,
    /// Why they stopped.
    pub stops: Vec<Stops>,
    /// What ECS said, the newest first; what it said again and again, once.
    pub events: Vec<EventSaid>,
    /// Where a profile can be had: `ADDRESS:PORT` of a port called pprof or debug, or of 6060.
    pub pprof: Vec<String>,
    /// Its pages in the console, by name.
    pub links: BTreeMap<&'static str, String>,
    /// What to type next.
    pub next: Vec<String>,
}

/// A deployment or a task set.
#[derive(Clone, Debug, Serialize)]
pub struct DeploymentSaid {
    /// `ecs-svc/N`, or the task set's id.
    pub deployment: String,
    /// PRIMARY, ACTIVE, …
    pub status: String,
    /// `family:revision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// How many tasks it is to have.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to.
    pub pending: u32,
    /// How many failed to start.
    pub failed_tasks: u32,
    /// COMPLETED, FAILED, IN_PROGRESS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<String>,
    /// Why, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout_reason: Option<String>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Time>,
    /// What its containers run.
    pub images: Vec<ImageSaid>,
}

/// What a container runs.
#[derive(Clone, Debug, Serialize)]
pub struct ImageSaid {
    /// Its name.
    pub container: String,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A deployment of the last 90 days.
#[derive(Clone, Debug, Serialize)]
pub struct PastDeployment {
    /// SUCCESSFUL, ROLLBACK_SUCCESSFUL, …
    pub status: String,
    /// Why, in ECS's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<Time>,
    /// What it was to bring.
    pub images: Vec<ImageSaid>,
    /// `family:revision` of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// Why it was taken back, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_reason: Option<String>,
}

/// A container of the PRIMARY deployment.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerSaid {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What runs of it.
    pub versions: Vec<Version>,
    /// Whether the task ends with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub essential: Option<bool>,
    /// CPU units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
    /// Memory in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u32>,
    /// Its ports.
    pub ports: Vec<u16>,
    /// Its environment by name. Values only of a few names that nobody keeps a secret in
    /// ([`ecs::HARMLESS`]).
    pub environment: BTreeMap<String, Option<String>>,
    /// The names of what Secrets Manager and Parameter Store put into it.
    pub secrets: Vec<String>,
    /// Where its output goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogConfiguration>,
}

/// What a page is made of, beyond what was seen of the service.
#[derive(Debug, Default)]
pub struct PageParts {
    /// What was asked for beyond the service: running and stopped tasks among it.
    pub extras: Extras,
    /// Its deployments of the last 90 days.
    pub history: Vec<ServiceDeployment>,
    /// The EC2 instance of each container instance (ARN).
    pub instances: std::collections::HashMap<String, String>,
}

/// The page of a service that was seen.
pub fn page(
    seen: &Seen,
    service: &Service,
    observation: &Observation,
    parts: &PageParts,
) -> ServicePage {
    let only = Observation {
        services: vec![service.clone()],
        revisions: observation.revisions.clone(),
        definitions: observation.definitions.clone(),
        ..Observation::default()
    };
    let records = rows(seen, &only, &parts.extras);
    let definition = primary_definition(service);
    let definition = definition.as_ref().and_then(|arn| observation.definitions.get(arn));
    let path = service.path();
    let tasks_of =
        |tasks: &BTreeMap<String, Vec<Task>>| tasks.get(&path).cloned().unwrap_or_default();
    let running = tasks_of(&parts.extras.running);
    let pprof = pprof_targets(&running, definition);
    let as_record = |task: Task| {
        let arn = task.container_instance.clone();
        let instance = arn.and_then(|arn| parts.instances.get(&arn).cloned());
        TaskRecord { instance, ..seen.task(task) }
    };
    let mut stopped: Vec<TaskRecord> =
        tasks_of(&parts.extras.stopped).into_iter().map(as_record).collect();
    stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped));
    let mut tasks: Vec<TaskRecord> = running.into_iter().map(as_record).collect();
    tasks.sort_by_key(|task| (task.started.or(task.created), task.task.clone()));
    let first = records.first();
    let task_definition = first.and_then(|record| record.task_definition.clone());
    ServicePage {
        time: seen.time,
        kind: "service_page",
        account: seen.account.clone(),
        region: seen.region.clone(),
        cluster: service.cluster.clone(),
        service: service.name.clone(),
        status: service.status.clone(),
        desired: service.desired,
        running: service.running,
        pending: service.pending,
        launch_type: first.and_then(|record| record.launch_type.clone()),
        scheduling: service.scheduling.clone(),
        controller: first.and_then(|record| record.controller.clone()),
        registered_by: definition.and_then(|definition| definition.registered_by.clone()),
        registered: definition.and_then(|definition| definition.registered),
        findings: all_findings(&records),
        deployments: deployments(service, observation),
        history: parts.history.iter().map(|past| past_deployment(past, observation)).collect(),
        containers: records.iter().map(|record| container(record, definition)).collect(),
        stops: first.map(|record| record.stops.clone()).unwrap_or_default(),
        events: events(&service.events),
        links: links(seen, service, task_definition.as_deref()),
        next: next(service, definition, !stopped.is_empty(), &tasks, seen),
        tasks,
        stopped,
        pprof,
        task_definition,
    }
}

/// Each finding once, though each container may have it.
fn all_findings(records: &[ServiceRecord]) -> Vec<FindingSaid> {
    let mut findings: Vec<FindingSaid> = Vec::new();
    for said in records.iter().flat_map(|record| &record.findings) {
        if !findings.contains(said) {
            findings.push(said.clone());
        }
    }
    findings
}

fn deployments(service: &Service, observation: &Observation) -> Vec<DeploymentSaid> {
    let said = service.deployments.iter().map(|deployment| DeploymentSaid {
        deployment: deployment.id.clone(),
        status: deployment.status.clone(),
        task_definition: deployment.task_definition.as_deref().map(definition_name),
        desired: deployment.desired,
        running: deployment.running,
        pending: deployment.pending,
        failed_tasks: deployment.failed_tasks,
        rollout: deployment.rollout.clone(),
        rollout_reason: deployment.rollout_reason.clone(),
        created: deployment.created,
        updated: deployment.updated,
        images: images_of(
            service,
            &deployment.id,
            deployment.task_definition.as_deref(),
            observation,
        ),
    });
    let mut said: Vec<DeploymentSaid> = said.collect();
    said.sort_by_key(|deployment| {
        (deployment.status != "PRIMARY", std::cmp::Reverse(deployment.created))
    });
    said
}

/// By the service revision with the deployment's number, else by its task definition.
fn images_of(
    service: &Service,
    deployment: &str,
    definition: Option<&str>,
    observation: &Observation,
) -> Vec<ImageSaid> {
    let number = deployment.rsplit('/').next();
    let revision = service.revisions.iter().find(|live| live.arn.rsplit('/').next() == number);
    let revision = revision.and_then(|live| observation.revisions.get(&live.arn));
    if let Some(revision) = revision.filter(|revision| !revision.images.is_empty()) {
        return revision_images(revision);
    }
    let definition = definition.and_then(|arn| observation.definitions.get(arn));
    let containers = definition.map(|definition| definition.containers.as_slice());
    let images = containers.unwrap_or_default().iter();
    images.map(|container| image(&container.name, container.image.as_deref(), None)).collect()
}

fn revision_images(revision: &ecs::ServiceRevision) -> Vec<ImageSaid> {
    let images = revision.images.iter();
    images
        .map(|said| image(&said.container, said.image.as_deref(), said.digest.as_deref()))
        .collect()
}

fn image(container: &str, text: Option<&str>, digest: Option<&str>) -> ImageSaid {
    let (tag, of_text) = text.map(tag_and_digest).unwrap_or_default();
    ImageSaid {
        container: container.to_owned(),
        image: text.map(str::to_owned),
        tag,
        digest: digest.map(str::to_owned).or(of_text),
    }
}

fn past_deployment(past: &ServiceDeployment, observation: &Observation) -> PastDeployment {
    let target = past.target.as_ref().and_then(|arn| observation.revisions.get(arn));
    PastDeployment {
        status: past.status.clone(),
        reason: past.reason.clone(),
        created: past.created,
        finished: past.finished,
        images: target.map(revision_images).unwrap_or_default(),
        task_definition: target
            .and_then(|revision| revision.task_definition.as_deref())
            .map(definition_name),
        rollback_reason: past.rollback.as_ref().and_then(|rollback| rollback.reason.clone()),
    }
}

fn container(record: &ServiceRecord, definition: Option<&TaskDefinition>) -> ContainerSaid {
    let named = |container: &&Container| Some(&container.name) == record.container.as_ref();
    let defined = definition.and_then(|definition| definition.containers.iter().find(named));
    ContainerSaid {
        container: record.container.clone(),
        image: record.image.clone(),
        tag: record.tag.clone(),
        digest: record.digest.clone(),
        versions: record.versions.clone(),
        essential: defined.map(|container| container.essential),
        cpu: record.cpu,
        memory_mb: record.memory_mb,
        ports: defined
            .map(|container| container.ports.iter().map(|port| port.container).collect())
            .unwrap_or_default(),
        environment: defined.map(|container| container.environment.clone()).unwrap_or_default(),
        secrets: defined.map(|container| container.secrets.clone()).unwrap_or_default(),
        log: defined.and_then(|container| container.log.clone()),
    }
}

/// The port that net/http/pprof is served at by custom, where no port is called pprof or debug.
const USUAL_PPROF_PORT: u16 = 6060;

/// Where profiles can be had, as far as the network says: tasks with an address of their own. What a
/// bridge maps to a host's port is reached through the host.
fn pprof_targets(running: &[Task], definition: Option<&TaskDefinition>) -> Vec<String> {
    let containers = definition.map(|definition| definition.containers.as_slice());
    let ports: Vec<(&str, u16)> = containers
        .unwrap_or_default()
        .iter()
        .flat_map(|container| container.ports.iter().map(|port| (container.name.as_str(), port)))
        .filter(|(_, port)| {
            let name = port.name.as_deref().unwrap_or_default();
            name.contains("pprof") || name.contains("debug") || port.container == USUAL_PPROF_PORT
        })
        .map(|(container, port)| (container, port.container))
        .collect();
    let mut targets = Vec::new();
    for task in running.iter().filter(|task| task.last_status.as_deref() == Some("RUNNING")) {
        for (_, port) in &ports {
            if let Some(address) = &task.address {
                targets.push(format!("{address}:{port}"));
            }
        }
    }
    targets
}

fn links(
    seen: &Seen,
    service: &Service,
    task_definition: Option<&str>,
) -> BTreeMap<&'static str, String> {
    let Service { cluster, name, .. } = service;
    let links = [
        ("service", ecs::service_link(&seen.region, cluster, name)),
        ("deployments", ecs::deployments_link(&seen.region, cluster, name)),
        (
            "task_definition",
            task_definition.and_then(|definition| ecs::definition_link(&seen.region, definition)),
        ),
    ];
    links.into_iter().filter_map(|(name, link)| Some((name, link?))).collect()
}

/// What somebody who reads this wants to type next.
fn next(
    service: &Service,
    definition: Option<&TaskDefinition>,
    has_stopped: bool,
    tasks: &[TaskRecord],
    seen: &Seen,
) -> Vec<String> {
    let path = service.path();
    let mut next = Vec::new();
    let is_read = |log: &LogConfiguration| log.driver == "awslogs" || log.driver == "awsfirelens";
    let containers = definition.map(|definition| definition.containers.as_slice());
    let logs = containers.unwrap_or_default().iter().filter_map(|container| container.log.as_ref());
    if definition.is_none() || logs.into_iter().any(is_read) {
        next.push(format!("oncall logs {path} --since 15m"));
    }
    if has_stopped {
        next.push(format!("oncall specs tasks {path} --stopped"));
    }
    next.push(format!("oncall specs diff time:1h now {path}"));
    next.push(format!("oncall specs watch {path}"));
    if let Some(task) = tasks.iter().find(|task| task.status == "RUNNING")
        && service.execute_command
    {
        next.push(format!(
            "aws ecs execute-command --region {} --cluster {} --task {} --interactive --command /bin/sh",
            seen.region, service.cluster, task.task
        ));
    }
    next
}
