//! Watching a fleet: looking again and again, as often as the pace allows, and saying what changed.

use std::collections::{BTreeSet, HashMap};

use ecs::{Fleet, Service, Task, TasksOf};
use futures_util::future::{join, join_all};
use futures_util::stream::StreamExt;
use record::Time;

use crate::changes::{ServiceChange, Snapshot, Watched, changes};
use crate::observe::{Depth, Observation, UnreadPart, Why, observe};
use crate::selection::Wanted;
use crate::versions::{Known, versions};

/// Watches the services of a region that are wanted.
#[derive(Debug)]
pub struct Watch {
    wanted: Wanted,
    account: Option<String>,
    region: String,
    last: Snapshot,
    /// Tasks that were seen stopped: each is asked for once.
    stopped: HashMap<String, Task>,
    /// Clusters whose stopped tasks were read: what had stopped before the first time is no change.
    read: BTreeSet<String>,
}

/// What one look brought.
#[derive(Debug)]
pub struct Look {
    /// What changed, in the order of time.
    pub changes: Vec<ServiceChange>,
    /// What could not be read this time. It is looked at again the next time.
    pub unread: Vec<UnreadPart>,
}

impl Watch {
    /// Begins with what was seen: nothing of it is a change. Tasks that have stopped by then are no
    /// change either.
    pub async fn begin(
        fleet: &Fleet,
        wanted: Wanted,
        account: Option<String>,
        seen: &Observation,
        time: Time,
    ) -> Self {
        let region = fleet.region().to_owned();
        let mut watch = Self {
            last: snapshot(time, account.clone(), &region, seen, Vec::new()),
            wanted,
            account,
            region,
            stopped: HashMap::new(),
            read: BTreeSet::new(),
        };
        watch.stopped_tasks(fleet, &seen.services).await;
        watch
    }

    /// How many services are watched.
    pub fn services(&self) -> usize {
        self.last.services.len()
    }

    /// Looks again.
    pub async fn look(&mut self, fleet: &Fleet, time: impl Fn() -> Time) -> Look {
        let wanted = self.wanted.clone();
        let services: Vec<Service> =
            self.last.services.iter().map(|watched| watched.service.clone()).collect();
        let (seen, (stopped, mut unread)) =
            join(observe(fleet, &wanted, Depth::Versions), self.stopped_tasks(fleet, &services))
                .await;
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                let what = format!("services of {}", self.region);
                unread.push(UnreadPart { what, why: Why::Aws(error) });
                return Look { changes: Vec::new(), unread };
            }
        };
        let now = snapshot(time(), self.account.clone(), &self.region, &seen, stopped);
        // What could not be read has not vanished.
        let now = now.keeping(&self.last, |cluster, _| seen.incomplete.contains(cluster));
        let changes = changes(&self.last, &now);
        self.last = now;
        unread.extend(seen.unread);
        Look { changes, unread }
    }

    /// The stopped tasks of these services' clusters. Only those that are new are asked for.
    async fn stopped_tasks(
        &mut self,
        fleet: &Fleet,
        services: &[Service],
    ) -> (Vec<Task>, Vec<UnreadPart>) {
        let clusters: BTreeSet<&str> =
            services.iter().map(|service| service.cluster.as_str()).collect();
        let known = &self.stopped;
        let lists = clusters.iter().map(|cluster| new_stopped(fleet, cluster, known));
        let answers = join_all(lists).await;
        let (mut tasks, mut unread) = (Vec::new(), Vec::new());
        let mut remembered = HashMap::new();
        for (cluster, answer) in clusters.iter().zip(answers) {
            match answer {
                Ok(found) => {
                    if self.read.insert((*cluster).to_owned()) {
                        self.last.stopped.extend(found.iter().cloned());
                    }
                    tasks.extend(found);
                }
                Err(error) => {
                    // They are asked for again.
                    let of = self.stopped.values().filter(|task| task.cluster == **cluster);
                    tasks.extend(of.cloned());
                    unread.push(UnreadPart {
                        what: format!("the stopped tasks of {cluster}"),
                        why: Why::Aws(error),
                    });
                }
            }
        }
        remembered.extend(tasks.iter().map(|task| (task.arn.clone(), task.clone())));
        self.stopped = remembered;
        (tasks, unread)
    }
}

/// The stopped tasks of a cluster: the ones that are known as they are, the others as ECS says.
async fn new_stopped(
    fleet: &Fleet,
    cluster: &str,
    known: &HashMap<String, Task>,
) -> Result<Vec<Task>, aws::Error> {
    let mut tasks = Vec::new();
    let mut new = Vec::new();
    let mut pages = std::pin::pin!(fleet.task_arns(cluster, TasksOf::Stopped));
    while let Some(page) = pages.next().await {
        for arn in page? {
            match known.get(&arn) {
                Some(task) => tasks.push(task.clone()),
                None => new.push(arn),
            }
        }
    }
    // One that is still stopping is in the list too. It is asked for until it says how it ended.
    tasks.extend(fleet.tasks(cluster, &new).await?.into_iter().filter(Task::is_stopped));
    Ok(tasks)
}

fn snapshot(
    time: Time,
    account: Option<String>,
    region: &str,
    seen: &Observation,
    stopped: Vec<Task>,
) -> Snapshot {
    let known = Known { revisions: &seen.revisions, definitions: &seen.definitions };
    let services = seen
        .services
        .iter()
        .map(|service| Watched { versions: versions(service, &known), service: service.clone() });
    Snapshot { time, account, region: region.to_owned(), services: services.collect(), stopped }
}
