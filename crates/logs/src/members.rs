//! What a target consists of just now, and how that changes. Pure.

use std::collections::BTreeMap;
use std::fmt;

use aws::Site;
use ecs::{Service, Task, short_name};

/// A thing that a target has one or more of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    /// A log group that a glob matches.
    Group {
        /// Its name.
        name: String,
    },
    /// A deployment of a service.
    Deployment {
        /// `cluster/service`
        service: String,
        /// `ecs-svc/N`
        id: String,
    },
    /// A task of a service.
    Task {
        /// `cluster/service`
        service: String,
        /// Its id.
        id: String,
    },
}

/// What there is, each with what is to be known of it; and where it is, when that is to be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members(BTreeMap<(Option<Site>, Member), State>);

/// What is to be known of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// `api:411`, of a task or a deployment.
    definition: Option<String>,
    /// Of a task that stopped: how.
    stopped: Option<String>,
}

/// Something joined or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, when that is to be said.
    pub site: Option<Site>,
    /// What.
    pub member: Member,
    /// Whether it joined.
    pub joined: bool,
    state: State,
}

impl Members {
    pub(crate) fn add_group(&mut self, name: &str) {
        self.0.insert((None, Member::Group { name: name.to_owned() }), State::default());
    }

    /// A service's deployments, and its tasks, the ones that stopped lately too.
    pub(crate) fn add_service(&mut self, service: &Service, tasks: &[Task]) {
        let definition =
            |arn: &Option<String>| arn.as_deref().map(|arn| short_name(arn).to_owned());
        for deployment in &service.deployments {
            let member = Member::Deployment { service: service.path(), id: deployment.id.clone() };
            let definition = definition(&deployment.task_definition);
            self.0.insert((None, member), State { definition, stopped: None });
        }
        let own =
            |task: &&Task| task.cluster == service.cluster && task.service() == Some(&service.name);
        for task in tasks.iter().filter(own) {
            let member = Member::Task { service: service.path(), id: task.id.clone() };
            let stopped = task.is_stopped().then(|| how_it_stopped(task));
            let definition = definition(&task.task_definition);
            self.0.insert((None, member), State { definition, stopped });
        }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The same, with where they are.
    pub(crate) fn at(self, site: &Site) -> Self {
        let at = |((_, member), state)| ((Some(site.clone()), member), state);
        Self(self.0.into_iter().map(at).collect())
    }

    /// What was at a site that cannot be asked just now is still there, as far as anybody knows.
    pub(crate) fn keep(&mut self, before: &Self, site: &Site) {
        let there = before.0.iter().filter(|((at, _), _)| at.as_ref() == Some(site));
        self.0.extend(there.map(|(key, state)| (key.clone(), state.clone())));
    }

    /// From these to those: what joined and what left, in the order of their names. A task leaves when
    /// it stops.
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let is_there = |state: &&State| state.stopped.is_none();
        let mut changes = Vec::new();
        let change = |(site, member): &(Option<Site>, Member), joined, state: &State| Change {
            site: site.clone(),
            member: member.clone(),
            joined,
            state: state.clone(),
        };
        for (key, state) in &now.0 {
            let was_there = self.0.get(key).filter(is_there).is_some();
            let joined = state.stopped.is_none();
            // What was stopped before it was ever seen is no news.
            if joined != was_there && (joined || self.0.contains_key(key)) {
                changes.push(change(key, joined, state));
            }
        }
        for (key, state) in self.0.iter().filter(|(_, state)| state.stopped.is_none()) {
            if !now.0.contains_key(key) {
                changes.push(change(key, false, state));
            }
        }
        changes
    }
}

/// `exit 137, OutOfMemoryError: …`, or what ECS says of the task.
fn how_it_stopped(task: &Task) -> String {
    let container = task.last_word();
    let code = container.and_then(|container| container.exit_code);
    let reason = container.and_then(|container| container.reason.clone());
    let reason = reason.or_else(|| task.stopped_reason.clone());
    match (code, reason) {
        (Some(code), Some(reason)) => format!("exit {code}, {reason}"),
        (Some(code), None) => format!("exit {code}"),
        (None, Some(reason)) => reason,
        (None, None) => "stopped".to_owned(),
    }
}

impl fmt::Display for Change {
    /// `prod/api task 0f9de17a (api:411)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHORT_ID: usize = 8;
        if let Some(site) = &self.site {
            write!(f, "{site} ")?;
        }
        match &self.member {
            Member::Group { name } => write!(f, "{name}")?,
            Member::Deployment { service, id } => write!(f, "{service} deployment {id}")?,
            Member::Task { service, id } => {
                write!(f, "{service} task {}", id.get(..SHORT_ID).unwrap_or(id))?;
            }
        }
        if let Some(definition) = &self.state.definition {
            write!(f, " ({definition})")?;
        }
        if let Some(stopped) = &self.state.stopped {
            write!(f, ": {stopped}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::{Deployment, TaskContainer};

    fn service(deployments: &[&str]) -> Service {
        let deployment = |id: &&str| Deployment {
            id: (*id).to_owned(),
            status: "PRIMARY".into(),
            task_definition: Some(format!("arn:aws:ecs:r:1:task-definition/api:{}", id.len())),
            ..Deployment::default()
        };
        Service {
            arn: "arn".into(),
            cluster: "prod".into(),
            name: "api".into(),
            deployments: deployments.iter().map(deployment).collect(),
            ..Service::default()
        }
    }

    fn task(id: &str, exit_code: Option<i32>) -> Task {
        Task {
            arn: format!("arn:aws:ecs:r:1:task/prod/{id}"),
            id: id.into(),
            cluster: "prod".into(),
            group: Some("service:api".into()),
            task_definition: Some("arn:aws:ecs:r:1:task-definition/api:7".into()),
            last_status: Some(if exit_code.is_some() { "STOPPED" } else { "RUNNING" }.into()),
            stopped_reason: Some("Essential container in task exited".into()),
            containers: vec![TaskContainer {
                name: "web".into(),
                exit_code,
                reason: exit_code.map(|_| "OutOfMemoryError".into()),
                ..TaskContainer::default()
            }],
            ..Task::default()
        }
    }

    fn members(deployments: &[&str], tasks: &[Task]) -> Members {
        let mut members = Members::default();
        members.add_service(&service(deployments), tasks);
        members
    }

    fn told(before: &Members, now: &Members) -> Vec<String> {
        let sign = |change: &Change| if change.joined { '+' } else { '-' };
        before.changes(now).iter().map(|change| format!("{} {change}", sign(change))).collect()
    }

    #[test]
    fn a_rollout_is_told_as_it_goes() {
        let before = members(&["d1"], &[task("aaaaaaaaaaaa", None)]);
        let now =
            members(&["d1", "d22"], &[task("aaaaaaaaaaaa", Some(137)), task("bbbbbbbbbbbb", None)]);
        assert_eq!(
            told(&before, &now),
            [
                "+ prod/api deployment d22 (api:3)",
                "- prod/api task aaaaaaaa (api:7): exit 137, OutOfMemoryError",
                "+ prod/api task bbbbbbbb (api:7)",
            ]
        );
        assert_eq!(told(&now, &now), [""; 0]);
    }

    #[test]
    fn what_stopped_before_we_looked_is_no_news() {
        let before = members(&["d1"], &[]);
        let now = members(&["d1"], &[task("aaaaaaaaaaaa", Some(1))]);
        assert_eq!(told(&before, &now), [""; 0]);
        // And when ECS forgets it, neither.
        assert_eq!(told(&now, &before), [""; 0]);
    }

    #[test]
    fn groups_come_and_go() {
        let (mut before, mut now) = (Members::default(), Members::default());
        before.add_group("/aws/lambda/a");
        now.add_group("/aws/lambda/b");
        assert_eq!(told(&before, &now), ["+ /aws/lambda/b", "- /aws/lambda/a"]);
    }
}
