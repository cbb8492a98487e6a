//! From the SDK's shapes to ours. What a secret may stand in is left behind here.

use std::collections::BTreeMap;

use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types;
use record::Time;

use crate::arn::short_name;
use crate::definition::{Container, LogConfiguration, Port, TaskDefinition, shown_value};
use crate::described::Failed;
use crate::revision::{ContainerImage, Rollback, ServiceDeployment, ServiceRevision};
use crate::service::{CircuitBreaker, Deployment, DeploymentAlarms, Event, LiveRevision, Service};
use crate::task::{Binding, ContainerInstance, Task, TaskContainer};

fn time(at: Option<DateTime>) -> Option<Time> {
    at.map(|at| Time::from_seconds(at.as_secs_f64()))
}

fn count(tasks: i32) -> u32 {
    tasks.try_into().unwrap_or(0)
}

fn port(number: Option<i32>) -> Option<u16> {
    number.and_then(|number| number.try_into().ok())
}

pub(super) fn failures(failures: Option<Vec<types::Failure>>) -> Vec<Failed> {
    let failures = failures.unwrap_or_default().into_iter().map(|failure| Failed {
        arn: failure.arn.unwrap_or_default(),
        reason: failure.reason.unwrap_or_default(),
        detail: failure.detail,
    });
    failures.collect()
}

pub(super) fn service(service: types::Service) -> Option<Service> {
    let configuration = service.deployment_configuration;
    let deployments = service.deployments.unwrap_or_default().into_iter().map(deployment);
    let task_sets = service.task_sets.unwrap_or_default().into_iter().map(task_set);
    let providers = service.capacity_provider_strategy.unwrap_or_default().into_iter();
    let revisions = service.current_service_revisions.unwrap_or_default().into_iter();
    let events = service.events.unwrap_or_default().into_iter();
    Some(Service {
        arn: service.service_arn?,
        cluster: short_name(&service.cluster_arn?).to_owned(),
        name: service.service_name?,
        status: service.status,
        desired: count(service.desired_count),
        running: count(service.running_count),
        pending: count(service.pending_count),
        task_definition: service.task_definition,
        launch_type: service.launch_type.map(|kind| kind.as_str().to_owned()),
        capacity_providers: providers.map(|item| item.capacity_provider).collect(),
        scheduling: service.scheduling_strategy.map(|kind| kind.as_str().to_owned()),
        controller: service
            .deployment_controller
            .map(|controller| controller.r#type.as_str().to_owned()),
        circuit_breaker: configuration
            .as_ref()
            .and_then(|configuration| configuration.deployment_circuit_breaker.as_ref())
            .map(|breaker| CircuitBreaker { enabled: breaker.enable, rollback: breaker.rollback }),
        strategy: configuration
            .as_ref()
            .and_then(|configuration| configuration.strategy.as_ref())
            .map(|strategy| strategy.as_str().to_owned()),
        alarms: configuration.and_then(|configuration| configuration.alarms).map(|alarms| {
            DeploymentAlarms {
                names: alarms.alarm_names,
                enabled: alarms.enable,
                rollback: alarms.rollback,
            }
        }),
        created: time(service.created_at),
        deployments: deployments.chain(task_sets).collect(),
        revisions: revisions.filter_map(live_revision).collect(),
        current_deployment: service.current_service_deployment,
        events: events
            .filter_map(|event| {
                Some(Event { time: time(event.created_at), message: event.message? })
            })
            .collect(),
        execute_command: service.enable_execute_command,
    })
}

fn deployment(deployment: types::Deployment) -> Deployment {
    Deployment {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        is_task_set: false,
        task_definition: deployment.task_definition,
        desired: count(deployment.desired_count),
        running: count(deployment.running_count),
        pending: count(deployment.pending_count),
        failed_tasks: count(deployment.failed_tasks),
        created: time(deployment.created_at),
        updated: time(deployment.updated_at),
        rollout: deployment.rollout_state.map(|state| state.as_str().to_owned()),
        rollout_reason: deployment.rollout_state_reason,
    }
}

fn task_set(set: types::TaskSet) -> Deployment {
    Deployment {
        id: set.id.unwrap_or_default(),
        status: set.status.unwrap_or_default(),
        is_task_set: true,
        task_definition: set.task_definition,
        desired: count(set.computed_desired_count),
        running: count(set.running_count),
        pending: count(set.pending_count),
        failed_tasks: 0,
        created: time(set.created_at),
        updated: time(set.updated_at),
        rollout: None,
        rollout_reason: None,
    }
}

fn live_revision(revision: types::ServiceCurrentRevisionSummary) -> Option<LiveRevision> {
    Some(LiveRevision {
        arn: revision.arn?,
        desired: count(revision.requested_task_count),
        running: count(revision.running_task_count),
        pending: count(revision.pending_task_count),
    })
}

pub(super) fn revision(revision: types::ServiceRevision) -> Option<ServiceRevision> {
    let images = revision.container_images.unwrap_or_default().into_iter();
    Some(ServiceRevision {
        arn: revision.service_revision_arn?,
        task_definition: revision.task_definition,
        images: images
            .filter_map(|image| {
                Some(ContainerImage {
                    container: image.container_name?,
                    image: image.image,
                    digest: image.image_digest,
                })
            })
            .collect(),
        created: time(revision.created_at),
    })
}

pub(super) fn service_deployment(
    deployment: types::ServiceDeployment,
) -> Option<ServiceDeployment> {
    let sources = deployment.source_service_revisions.unwrap_or_default().into_iter();
    Some(ServiceDeployment {
        arn: deployment.service_deployment_arn?,
        status: deployment.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: deployment.status_reason,
        created: time(deployment.created_at),
        finished: time(deployment.finished_at).or(time(deployment.stopped_at)),
        sources: sources.filter_map(|source| source.arn).collect(),
        target: deployment.target_service_revision.and_then(|target| target.arn),
        rollback: deployment.rollback.map(|rollback| Rollback {
            reason: rollback.reason,
            started: time(rollback.started_at),
            revision: rollback.service_revision_arn,
        }),
        circuit_breaker: deployment
            .deployment_circuit_breaker
            .and_then(|breaker| breaker.status)
            .map(|status| status.as_str().to_owned()),
        triggered_alarms: deployment
            .alarms
            .and_then(|alarms| alarms.triggered_alarm_names)
            .unwrap_or_default(),
    })
}

pub(super) fn task(task: types::Task) -> Option<Task> {
    let arn = task.task_arn?;
    let details = task.attachments.unwrap_or_default().into_iter();
    let mut details = details.flat_map(|attachment| attachment.details.unwrap_or_default());
    let address = details.find(|detail| detail.name() == Some("privateIPv4Address"));
    let containers = task.containers.unwrap_or_default().into_iter();
    Some(Task {
        id: short_name(&arn).to_owned(),
        cluster: short_name(&task.cluster_arn?).to_owned(),
        group: task.group,
        started_by: task.started_by,
        task_definition: task.task_definition_arn,
        last_status: task.last_status,
        desired_status: task.desired_status,
        health: task.health_status.map(|health| health.as_str().to_owned()),
        created: time(task.created_at),
        started: time(task.started_at),
        stopping: time(task.stopping_at),
        stopped: time(task.stopped_at),
        stop_code: task.stop_code.map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason.filter(|reason| !reason.is_empty()),
        launch_type: task.launch_type.map(|kind| kind.as_str().to_owned()),
        capacity_provider: task.capacity_provider_name,
        zone: task.availability_zone,
        container_instance: task.container_instance_arn,
        address: address.and_then(|detail| detail.value),
        cpu: task.cpu.and_then(|units| units.parse().ok()),
        memory_mb: task.memory.and_then(|mib| mib.parse().ok()),
        containers: containers.filter_map(task_container).collect(),
        arn,
    })
}

fn task_container(container: types::Container) -> Option<TaskContainer> {
    let bindings = container.network_bindings.unwrap_or_default().into_iter();
    Some(TaskContainer {
        name: container.name?,
        image: container.image,
        digest: container.image_digest,
        last_status: container.last_status,
        health: container.health_status.map(|health| health.as_str().to_owned()),
        runtime_id: container.runtime_id,
        exit_code: container.exit_code,
        reason: container.reason.filter(|reason| !reason.is_empty()),
        ports: bindings
            .filter_map(|binding| {
                Some(Binding {
                    container: port(binding.container_port)?,
                    host: port(binding.host_port)?,
                })
            })
            .collect(),
    })
}

pub(super) fn container_instance(instance: types::ContainerInstance) -> Option<ContainerInstance> {
    Some(ContainerInstance {
        arn: instance.container_instance_arn?,
        instance: instance.ec2_instance_id,
    })
}

/// `asked` names it where the answer does not.
pub(super) fn task_definition(
    asked: &str,
    definition: Option<types::TaskDefinition>,
) -> TaskDefinition {
    let Some(definition) = definition else {
        return TaskDefinition { arn: asked.to_owned(), ..TaskDefinition::default() };
    };
    let containers = definition.container_definitions.unwrap_or_default().into_iter();
    TaskDefinition {
        arn: definition.task_definition_arn.unwrap_or_else(|| asked.to_owned()),
        cpu: definition.cpu.and_then(|units| units.parse().ok()),
        memory_mb: definition.memory.and_then(|mib| mib.parse().ok()),
        registered_by: definition.registered_by,
        registered: time(definition.registered_at),
        containers: containers.map(container).collect(),
    }
}

fn container(definition: types::ContainerDefinition) -> Container {
    let ports = definition.port_mappings.unwrap_or_default().into_iter();
    let environment = definition.environment.unwrap_or_default().into_iter();
    let secrets = definition.secrets.unwrap_or_default().into_iter();
    let memory = definition.memory.or(definition.memory_reservation);
    Container {
        name: definition.name.unwrap_or_default(),
        image: definition.image,
        essential: definition.essential.unwrap_or(true),
        cpu: Some(count(definition.cpu)).filter(|units| *units > 0),
        memory_mb: memory.map(count),
        ports: ports
            .filter_map(|mapping| {
                Some(Port { container: port(mapping.container_port)?, name: mapping.name })
            })
            .collect(),
        environment: environment
            .filter_map(|variable| {
                let name = variable.name?;
                let value = shown_value(&name, &variable.value.unwrap_or_default());
                Some((name, value))
            })
            .collect(),
        secrets: secrets.map(|secret| secret.name).collect(),
        log: definition.log_configuration.map(log_configuration),
    }
}

fn log_configuration(log: types::LogConfiguration) -> LogConfiguration {
    let options = log.options.unwrap_or_default().into_iter();
    LogConfiguration {
        driver: log.log_driver.as_str().to_owned(),
        options: options.filter(|(key, _)| names_a_place(key)).collect::<BTreeMap<_, _>>(),
    }
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
