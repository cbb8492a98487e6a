//! `oncall specs tasks`: one record a task.

use std::collections::{BTreeSet, HashMap};
use std::pin::pin;

use clap::Args;
use ecs::{Fleet, Task, TasksOf};
use futures_util::stream::StreamExt;
use output::{Form, Output};
use specs::{Extras, Seen, TaskRecord, UnreadPart, Wanted, Why};

use super::fleets::{self, Chosen, Looked};
use super::render;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// List tasks: where they run, since when, how healthy, and why they stopped
#[derive(Debug, Args)]
pub(crate) struct Tasks {
    #[command(flatten)]
    chosen: Chosen,
    /// Also those that stopped within about the last hour: ECS forgets them then
    #[arg(long)]
    stopped: bool,
    /// Also the EC2 instance that each runs on: a call for a hundred hosts
    #[arg(long)]
    details: bool,
}

pub(crate) async fn run(verb: Tasks, context: &Context) -> Result<Exit, Failure> {
    let wanted = verb.chosen.wanted(context)?;
    let mut output = context.paged_output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let progress = context.progress(|| "looking at tasks".to_owned());
    let work = async {
        let depth = match wanted.names.is_empty() {
            true => specs::Depth::Clusters,
            false => specs::Depth::Services,
        };
        let fleets = fleets::look(&wanted, depth, context).await?;
        let mut reading = Reading {
            verb: &verb,
            output: &mut output,
            rows: Vec::new(),
            is_answered: false,
            unread: Vec::new(),
        };
        for looked in &fleets.looked {
            reading.read(looked, &wanted).await?;
        }
        let Reading { rows, is_answered, unread, .. } = reading;
        Ok::<_, Failure>((fleets, rows, is_answered, unread))
    };
    let (fleets, mut rows, is_answered, unread) = stops.or(work).await??;
    drop(progress);
    if output.form() == Form::Table {
        rows.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));
        output.draw(&render::tasks(&rows, &context.now())).await?;
    }
    output.flush().await?;
    Ok(fleets.conclude_after(is_answered, &unread, Exit::Done, context.talk()))
}

/// By cluster and service; the ones that stopped last first, then the others, the oldest first.
fn order(task: &TaskRecord) -> impl Ord + '_ {
    let stopped = task.stopped.map(|at| std::cmp::Reverse(at.millis()));
    let started = task.started.or(task.created).map(record::Time::millis);
    (&task.cluster, &task.service, &task.group, stopped.is_none(), stopped, started, &task.task)
}

struct Reading<'a> {
    verb: &'a Tasks,
    output: &'a mut Output,
    /// For a table.
    rows: Vec<(Option<String>, TaskRecord)>,
    /// Whether any list of tasks could be read.
    is_answered: bool,
    unread: Vec<UnreadPart>,
}

impl Reading<'_> {
    async fn read(&mut self, looked: &Looked, wanted: &Wanted) -> Result<(), Failure> {
        let Looked { fleet, observation, .. } = looked;
        let mut hosts = Hosts::default();
        if wanted.names.is_empty() {
            for cluster in &observation.clusters {
                let kinds = [Some(TasksOf::Running), self.verb.stopped.then_some(TasksOf::Stopped)];
                for kind in kinds.into_iter().flatten() {
                    self.read_cluster(looked, cluster, kind, &mut hosts).await?;
                }
            }
            return Ok(());
        }
        let mut extras = Extras::default();
        let services = &observation.services;
        specs::add_running_tasks(fleet, services, &mut extras, &mut self.unread).await;
        if self.verb.stopped {
            specs::add_stopped_tasks(fleet, services, &mut extras, &mut self.unread).await;
        }
        let of_services = extras.running.into_iter().chain(extras.stopped);
        for (_, tasks) in of_services {
            self.show(looked, tasks, &mut hosts).await?;
        }
        Ok(())
    }

    async fn read_cluster(
        &mut self,
        looked: &Looked,
        cluster: &str,
        kind: TasksOf<'_>,
        hosts: &mut Hosts,
    ) -> Result<(), Failure> {
        let mut pages = pin!(looked.fleet.tasks_of(cluster, kind));
        while let Some(page) = pages.next().await {
            match page {
                Ok(tasks) => self.show(looked, tasks, hosts).await?,
                Err(error) => self.unread.push(UnreadPart {
                    what: format!("tasks of the cluster {cluster}"),
                    why: Why::Aws(error),
                }),
            }
        }
        Ok(())
    }

    async fn show(
        &mut self,
        looked: &Looked,
        tasks: Vec<Task>,
        hosts: &mut Hosts,
    ) -> Result<(), Failure> {
        let Looked { fleet, seen, word, .. } = looked;
        self.is_answered = true;
        let instances = match self.verb.details {
            true => hosts.of(fleet, &tasks, &mut self.unread).await,
            false => HashMap::new(),
        };
        for task in tasks {
            let record = record_of(seen, task, &instances);
            match self.output.form() {
                Form::Table => self.rows.push((word.clone(), record)),
                _ => {
                    let line = render::TaskLine { task: &record, word: word.as_deref() };
                    self.output.present(&line).await?;
                }
            }
        }
        self.output.pass_on().await?;
        Ok(())
    }
}

/// A task as a record, with the instance that it runs on where that is known.
pub(super) fn record_of(
    seen: &Seen,
    task: Task,
    instances: &HashMap<String, String>,
) -> TaskRecord {
    let instance = task.container_instance.as_ref().and_then(|arn| instances.get(arn)).cloned();
    TaskRecord { instance, ..seen.task(task) }
}

/// The hosts that were asked for so far: each once.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    instances: HashMap<String, String>,
    /// Clusters whose hosts could not be read: that is said once.
    refused: BTreeSet<String>,
}

impl Hosts {
    /// The EC2 instances, by container instance (ARN), of tasks of one cluster or several.
    pub(super) async fn of(
        &mut self,
        fleet: &Fleet,
        tasks: &[Task],
        unread: &mut Vec<UnreadPart>,
    ) -> HashMap<String, String> {
        let clusters: BTreeSet<&str> = tasks.iter().map(|task| task.cluster.as_str()).collect();
        for cluster in clusters {
            if self.refused.contains(cluster) {
                continue;
            }
            let here = tasks.iter().filter(|task| task.cluster == cluster);
            let arns = here.filter_map(|task| task.container_instance.clone());
            let new: BTreeSet<String> =
                arns.filter(|arn| !self.instances.contains_key(arn)).collect();
            let new: Vec<String> = new.into_iter().collect();
            match fleet.container_instances(cluster, &new).await {
                Ok(found) => {
                    let found = found.into_iter();
                    self.instances
                        .extend(found.filter_map(|host| Some((host.arn, host.instance?))));
                }
                Err(error) => {
                    self.refused.insert(cluster.to_owned());
                    unread.push(UnreadPart {
                        what: format!("the hosts of {cluster}"),
                        why: Why::Aws(error),
                    });
                }
            }
        }
        let arns = tasks.iter().filter_map(|task| task.container_instance.as_ref());
        arns.filter_map(|arn| Some((arn.clone(), self.instances.get(arn)?.clone()))).collect()
    }
}
