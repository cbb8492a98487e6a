//! From a service or a task to the streams that its containers write: by the `logConfiguration` of
//! the task definitions that it runs or ran lately, never by a guessed name. Pure.

use std::collections::{BTreeMap, BTreeSet};

use ecs::{Container, LogConfiguration, Service, Task, TaskDefinition};

use crate::place::{Group, Naming, Owner, Place, Writer};

/// Where a service's or task's output goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mapped {
    pub(crate) places: Vec<Place>,
    pub(crate) elsewhere: Vec<Elsewhere>,
    /// Containers whose streams are named after tasks that ECS still knows, and no others.
    pub(crate) recent_only: Vec<String>,
}

/// A container whose output cannot be read here, and where it goes instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Elsewhere {
    pub(crate) container: String,
    pub(crate) destination: String,
}

/// The task definitions that a service runs or ran lately: of its configuration, of each of its
/// deployments and task sets, and of its tasks, stopped ones too (a service that crashes in a loop
/// may have no running one).
pub(crate) fn definitions_of(service: &Service, tasks: &[Task]) -> BTreeSet<String> {
    let deployed =
        service.deployments.iter().filter_map(|deployment| deployment.task_definition.clone());
    let ran = own_tasks(service, tasks).filter_map(|task| task.task_definition.clone());
    service.task_definition.iter().cloned().chain(deployed).chain(ran).collect()
}

fn own_tasks<'a>(service: &'a Service, tasks: &'a [Task]) -> impl Iterator<Item = &'a Task> {
    tasks
        .iter()
        .filter(|task| task.cluster == service.cluster && task.service() == Some(&service.name))
}

/// The streams of a service.
pub(crate) fn of_service(
    service: &Service,
    tasks: &[Task],
    definitions: &[TaskDefinition],
    container: Option<&str>,
    home: &Group,
) -> Mapped {
    let own: Vec<&Task> = own_tasks(service, tasks).collect();
    let mut mapping = Mapping::new(home);
    for (definition, wanted) in wanted_containers(definitions, container) {
        let runs_it = |task: &&&Task| task.task_definition.as_deref() == Some(&definition.arn);
        let names_of_tasks = |task: &&Task| runtime_stream(task, &wanted.name);
        let named = own.iter().filter(runs_it).copied().filter_map(|task| names_of_tasks(&task));
        mapping.add(wanted, &service.cluster, Some(&service.name), None, named.collect());
    }
    let owner = Owner {
        region: home.region.clone(),
        cluster: service.cluster.clone(),
        service: service.name.clone(),
    };
    mapping.finish(Some(owner), own.iter().map(|task| task.id.clone()).collect())
}

/// The streams of one task.
pub(crate) fn of_task(task: &Task, definition: &TaskDefinition, home: &Group) -> Mapped {
    let mut mapping = Mapping::new(home);
    for container in &definition.containers {
        let named = runtime_stream(task, &container.name).into_iter().collect();
        mapping.add(container, &task.cluster, task.service(), Some(&task.id), named);
    }
    mapping.finish(None, BTreeSet::new())
}

fn wanted_containers<'a>(
    definitions: &'a [TaskDefinition],
    container: Option<&'a str>,
) -> impl Iterator<Item = (&'a TaskDefinition, &'a Container)> {
    definitions.iter().flat_map(move |definition| {
        let wanted = move |known: &&Container| container.is_none_or(|name| name == known.name);
        definition.containers.iter().filter(wanted).map(move |container| (definition, container))
    })
}

/// Without a stream prefix the awslogs driver names the stream after the container's runtime id.
fn runtime_stream(task: &Task, container: &str) -> Option<Naming> {
    let known = task.containers.iter().find(|known| known.name == container)?;
    let stream = known.runtime_id.clone()?;
    Some(Naming::Exactly { stream, task: Some(task.id.clone()) })
}

struct Mapping<'a> {
    home: &'a Group,
    writers: BTreeMap<Group, Vec<Writer>>,
    elsewhere: BTreeSet<Elsewhere>,
    recent_only: BTreeSet<String>,
}

impl<'a> Mapping<'a> {
    fn new(home: &'a Group) -> Self {
        Self {
            home,
            writers: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            recent_only: BTreeSet::new(),
        }
    }

    /// Adds a container. `task` narrows a prefix to one task's stream; `by_runtime_id` are its
    /// streams where the driver has no prefix.
    fn add(
        &mut self,
        container: &Container,
        cluster: &str,
        service: Option<&str>,
        task: Option<&str>,
        by_runtime_id: Vec<Naming>,
    ) {
        let destination = match &container.log {
            None => Destination::Elsewhere("nowhere that is configured".to_owned()),
            Some(log) => Destination::of(log, &container.name),
        };
        let (group, region, naming) = match destination {
            Destination::Elsewhere(destination) => {
                let container = container.name.clone();
                self.elsewhere.insert(Elsewhere { container, destination });
                return;
            }
            Destination::Group { group, region, naming } => (group, region, naming),
        };
        let namings = match naming {
            Some(Naming::PrefixThenTask(prefix)) => vec![match task {
                None => Naming::PrefixThenTask(prefix),
                Some(id) => {
                    Naming::Exactly { stream: format!("{prefix}{id}"), task: Some(id.to_owned()) }
                }
            }],
            Some(exactly) => vec![exactly],
            None => {
                if task.is_none() {
                    self.recent_only.insert(container.name.clone());
                }
                by_runtime_id
            }
        };
        let region = region.unwrap_or_else(|| self.home.region.clone());
        let group = Group { region, name: group, ..self.home.clone() };
        let writers = self.writers.entry(group).or_default();
        for naming in namings {
            let writer = Writer {
                cluster: cluster.to_owned(),
                service: service.map(str::to_owned),
                container: container.name.clone(),
                naming,
            };
            if !writers.contains(&writer) {
                writers.push(writer);
            }
        }
    }

    fn finish(self, owner: Option<Owner>, own_tasks: BTreeSet<String>) -> Mapped {
        let places = self.writers.into_iter().flat_map(|(group, writers)| {
            let (owner, own_tasks) = (owner.clone(), own_tasks.clone());
            writers.into_iter().map(move |writer| Place {
                group: group.clone(),
                streams: writer.naming.streams(),
                writers: vec![writer],
                owner: owner.clone(),
                own_tasks: own_tasks.clone(),
            })
        });
        Mapped {
            places: places.collect(),
            elsewhere: self.elsewhere.into_iter().collect(),
            recent_only: self.recent_only.into_iter().collect(),
        }
    }
}

/// Where a log configuration sends the lines.
enum Destination {
    Group {
        group: String,
        region: Option<String>,
        /// `None`: the stream is named after the container's runtime id.
        naming: Option<Naming>,
    },
    Elsewhere(String),
}

impl Destination {
    fn of(log: &LogConfiguration, container: &str) -> Self {
        match log.driver.as_str() {
            "awslogs" => Self::of_awslogs(log, container),
            "awsfirelens" => Self::of_firelens(log, container),
            driver => Self::Elsewhere(format!("the log driver {driver}")),
        }
    }

    /// "Send Amazon ECS logs to CloudWatch" in the ECS developer guide: the stream is
    /// `prefix/container/task-id`, or the runtime's id where no prefix is set.
    fn of_awslogs(log: &LogConfiguration, container: &str) -> Self {
        let Some(group) = option(log, "awslogs-group") else {
            return Self::Elsewhere("awslogs without a group".to_owned());
        };
        Self::Group {
            group,
            region: option(log, "awslogs-region"),
            naming: option(log, "awslogs-stream-prefix")
                .map(|prefix| Naming::PrefixThenTask(format!("{prefix}/{container}/"))),
        }
    }

    /// The options are those of Fluent Bit's output. Its tag is `container-firelens-task-id`, and
    /// its CloudWatch outputs put `log_stream_prefix` directly before the tag.
    fn of_firelens(log: &LogConfiguration, container: &str) -> Self {
        let output = option(log, "name").map(|name| name.to_ascii_lowercase());
        match output.as_deref() {
            Some("cloudwatch" | "cloudwatch_logs") => {}
            Some(other) => return Self::Elsewhere(format!("FireLens, to {other}")),
            None => {
                return Self::Elsewhere("FireLens, by a configuration file of its own".to_owned());
            }
        }
        let is_plain = |text: &String| !text.contains('$');
        let Some(group) = option(log, "log_group_name").filter(is_plain) else {
            return Self::Elsewhere("FireLens, to a group named by a template".to_owned());
        };
        if option(log, "log_group_template").is_some()
            || option(log, "log_stream_template").is_some()
        {
            return Self::Elsewhere(
                "FireLens, to groups or streams named by a template".to_owned(),
            );
        }
        let naming = match (option(log, "log_stream_name"), option(log, "log_stream_prefix")) {
            (Some(stream), _) if is_plain(&stream) => Naming::Exactly { stream, task: None },
            (None, Some(prefix)) if is_plain(&prefix) => {
                Naming::PrefixThenTask(format!("{prefix}{container}-firelens-"))
            }
            _ => return Self::Elsewhere("FireLens, to streams named by a template".to_owned()),
        };
        Self::Group { group, region: option(log, "region"), naming: Some(naming) }
    }
}

/// Fluent Bit reads its keys without regard to case.
fn option(log: &LogConfiguration, name: &str) -> Option<String> {
    let mut options = log.options.iter();
    let (_, value) = options.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    (!value.is_empty()).then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Streams;
    use ecs::{Deployment, TaskContainer};

    fn home() -> Group {
        Group {
            profile: None,
            account: Some("123456789012".into()),
            region: "us-east-1".into(),
            name: String::new(),
            arn: None,
        }
    }

    fn log(driver: &str, options: &[(&str, &str)]) -> LogConfiguration {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        LogConfiguration { driver: driver.into(), options: options.iter().map(pair).collect() }
    }

    fn awslogs(group: &str, prefix: &str) -> LogConfiguration {
        log("awslogs", &[("awslogs-group", group), ("awslogs-stream-prefix", prefix)])
    }

    fn definition(arn: &str, containers: &[(&str, LogConfiguration)]) -> TaskDefinition {
        let container = |(name, log): &(&str, LogConfiguration)| Container {
            name: (*name).to_owned(),
            log: Some(log.clone()),
            ..Container::default()
        };
        TaskDefinition {
            arn: arn.into(),
            containers: containers.iter().map(container).collect(),
            ..TaskDefinition::default()
        }
    }

    fn service() -> Service {
        let deployment = |id: &str, definition: &str| Deployment {
            id: id.into(),
            status: "PRIMARY".into(),
            task_definition: Some(definition.into()),
            ..Deployment::default()
        };
        Service {
            arn: "arn:aws:ecs:us-east-1:1:service/prod/api".into(),
            cluster: "prod".into(),
            name: "api".into(),
            task_definition: Some("api:8".into()),
            deployments: vec![deployment("ecs-svc/2", "api:8"), deployment("ecs-svc/1", "api:7")],
            ..Service::default()
        }
    }

    fn task(id: &str, group: &str, definition: &str) -> Task {
        Task {
            arn: format!("arn:aws:ecs:us-east-1:1:task/prod/{id}"),
            id: id.into(),
            cluster: "prod".into(),
            group: Some(group.into()),
            task_definition: Some(definition.into()),
            last_status: Some("STOPPED".into()),
            containers: vec![TaskContainer {
                name: "web".into(),
                runtime_id: Some(format!("runtime-{id}")),
                ..TaskContainer::default()
            }],
            ..Task::default()
        }
    }

    fn prefixes(mapped: &Mapped) -> Vec<(String, Streams)> {
        mapped
            .places
            .iter()
            .map(|place| (place.group.name.clone(), place.streams.clone()))
            .collect()
    }

    #[test]
    fn the_definitions_of_every_deployment_and_of_stopped_tasks_count() {
        let crashed = [task("t1", "service:api", "api:6"), task("t2", "service:other", "other:1")];
        let expected = ["api:6", "api:7", "api:8"].map(str::to_owned);
        assert_eq!(definitions_of(&service(), &crashed), BTreeSet::from(expected));
    }

    #[test]
    fn a_rollout_that_moves_the_group_is_read_from_both() {
        let definitions = [
            definition("api:7", &[("web", awslogs("/old", "ecs"))]),
            definition("api:8", &[("web", awslogs("/new", "ecs"))]),
        ];
        let mapped = of_service(&service(), &[], &definitions, None, &home());
        let streams = Streams::Prefix("ecs/web/".into());
        assert_eq!(prefixes(&mapped), [("/new".into(), streams.clone()), ("/old".into(), streams)]);
    }

    #[test]
    fn each_container_has_its_own_streams_and_one_can_be_wanted() {
        let definitions =
            [definition("api:8", &[("web", awslogs("/g", "a")), ("envoy", awslogs("/g", "b"))])];
        assert_eq!(of_service(&service(), &[], &definitions, None, &home()).places.len(), 2);
        let one = of_service(&service(), &[], &definitions, Some("envoy"), &home());
        assert_eq!(prefixes(&one), [("/g".into(), Streams::Prefix("b/envoy/".into()))]);
    }

    #[test]
    fn firelens_streams_are_named_after_the_tag() {
        let options = [
            ("Name", "cloudwatch_logs"),
            ("log_group_name", "/fire"),
            ("log_stream_prefix", "app/"),
            ("region", "eu-west-1"),
        ];
        let definitions = [definition("api:8", &[("web", log("awsfirelens", &options))])];
        let mapped = of_service(&service(), &[], &definitions, None, &home());
        assert_eq!(
            prefixes(&mapped),
            [("/fire".into(), Streams::Prefix("app/web-firelens-".into()))]
        );
        assert_eq!(mapped.places[0].group.region, "eu-west-1");
    }

    #[test]
    fn a_container_that_logs_elsewhere_is_named() {
        let definitions = [definition(
            "api:8",
            &[
                ("web", log("splunk", &[])),
                ("dog", log("awsfirelens", &[("Name", "datadog")])),
                ("tpl", log("awsfirelens", &[("Name", "cloudwatch"), ("log_group_name", "/$(x)")])),
            ],
        )];
        let mapped = of_service(&service(), &[], &definitions, None, &home());
        assert!(mapped.places.is_empty());
        let named: Vec<_> = mapped.elsewhere.iter().map(|e| e.destination.as_str()).collect();
        assert_eq!(
            named,
            [
                "FireLens, to datadog",
                "FireLens, to a group named by a template",
                "the log driver splunk",
            ]
        );
    }

    #[test]
    fn without_a_prefix_the_streams_are_those_of_known_tasks() {
        let plain = log("awslogs", &[("awslogs-group", "/g")]);
        let definitions = [definition("api:8", &[("web", plain)])];
        let tasks = [task("t1", "service:api", "api:8"), task("t2", "service:other", "api:8")];
        let mapped = of_service(&service(), &tasks, &definitions, None, &home());
        let named = Streams::Named(BTreeSet::from(["runtime-t1".to_owned()]));
        assert_eq!(prefixes(&mapped), [("/g".into(), named)]);
        assert_eq!(mapped.recent_only, ["web"]);
    }

    #[test]
    fn only_its_own_tasks_are_known_to_be_its_own() {
        let definitions = [definition("api:8", &[("web", awslogs("/g", "ecs"))])];
        let tasks = [task("t1", "service:api", "api:8"), task("t2", "service:other", "api:8")];
        let mapped = of_service(&service(), &tasks, &definitions, None, &home());
        assert_eq!(mapped.places[0].own_tasks, BTreeSet::from(["t1".to_owned()]));
        assert_eq!(
            mapped.places[0].owner.as_ref().map(|owner| owner.service.as_str()),
            Some("api")
        );
    }

    #[test]
    fn a_task_is_one_stream_a_container() {
        let definitions = definition("api:8", &[("web", awslogs("/g", "ecs"))]);
        let mapped = of_task(&task("t1", "service:api", "api:8"), &definitions, &home());
        let named = Streams::Named(BTreeSet::from(["ecs/web/t1".to_owned()]));
        assert_eq!(prefixes(&mapped), [("/g".into(), named)]);
    }
}
