//! What costs further calls, and is asked for only where it is wanted.

use std::collections::{BTreeMap, BTreeSet};

use aws::Door;
use ecs::{Fleet, ImageReference, Service, Task, TasksOf};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use record::Time;

use crate::ecr::{EcrImage, Registry, TagState};
use crate::findings::{TagNow, is_suspect};
use crate::observe::{UnreadPart, Why};
use crate::rows::{Extras, families, primary_images};
use crate::service_record::ServiceRecord;

/// So many families are asked about at once; the pace decides how quickly.
const FAMILIES_AT_ONCE: usize = 16;

/// The newest revision of each family: one call each.
pub async fn add_newest_revisions(
    fleet: &Fleet,
    rows: &[ServiceRecord],
    extras: &mut Extras,
    unread: &mut Vec<UnreadPart>,
) {
    let mut asked = stream::iter(families(rows))
        .map(|family| async move { (fleet.newest_task_definition(&family).await, family) })
        .buffered(FAMILIES_AT_ONCE);
    while let Some((answer, family)) = asked.next().await {
        match answer {
            Ok(definition) => {
                if let Some(revision) = ecs::revision_of(&definition.arn) {
                    extras.newest_revisions.insert(family, revision);
                }
            }
            Err(error) => unread.push(UnreadPart {
                what: format!("the newest revision of {family}"),
                why: Why::Aws(error),
            }),
        }
    }
}

/// What the registries say of the tags that run: one call for a hundred tags of a repository.
pub async fn add_tags(
    door: &Door,
    rows: &[ServiceRecord],
    extras: &mut Extras,
    unread: &mut Vec<UnreadPart>,
) {
    let images: BTreeMap<String, EcrImage> = primary_images(rows)
        .into_iter()
        .filter_map(|text| {
            let image = EcrImage::of(&ImageReference::parse(&text).ok()?)?;
            Some((text, image))
        })
        .collect();
    let wanted: BTreeSet<EcrImage> = images.values().cloned().collect();
    let states = Registry::new(door).tags(&wanted).await;
    let mut failed = BTreeSet::new();
    for (text, image) in images {
        let now = match states.get(&image) {
            Some(Ok(TagState::PointsTo { digest, .. })) => {
                TagNow::PointsTo(digest.as_str().to_owned())
            }
            Some(Ok(TagState::Missing)) => TagNow::Missing,
            Some(Ok(TagState::RepositoryMissing)) => TagNow::RepositoryMissing,
            Some(Err(error)) => {
                // One repository of twenty tags is one thing that could not be read.
                if failed.insert(image.repository.clone()) {
                    unread.push(UnreadPart {
                        what: format!("the tags of {}", image.repository.repository),
                        why: Why::Aws(error.clone()),
                    });
                }
                continue;
            }
            None => continue,
        };
        extras.tags.insert(text, now);
    }
}

/// The running tasks of these services: for a few by service, for many by cluster.
pub async fn add_running_tasks(
    fleet: &Fleet,
    services: &[Service],
    extras: &mut Extras,
    unread: &mut Vec<UnreadPart>,
) {
    let by_cluster = by_cluster(services);
    let reads = by_cluster.iter().map(|(cluster, services)| async move {
        // A list by service wants a call each, a list of all one for a hundred tasks.
        let tasks: u32 = services.iter().map(|service| service.running + service.pending).sum();
        let many = services.len() > 1 + tasks as usize / 100;
        match many {
            true => vec![(services.clone(), read_all(fleet, cluster, TasksOf::Running).await)],
            false => {
                let of = services.iter().map(async |service| {
                    let tasks = TasksOf::Service(&service.name);
                    (vec![*service], read_all(fleet, cluster, tasks).await)
                });
                join_all(of).await
            }
        }
    });
    for (services, answer) in join_all(reads).await.into_iter().flatten() {
        match answer {
            Ok(tasks) => add(&mut extras.running, &services, tasks),
            Err(error) => {
                let cluster = services.first().map_or("", |service| service.cluster.as_str());
                let what = format!("the running tasks of {cluster}");
                unread.push(UnreadPart { what, why: Why::Aws(error) });
            }
        }
    }
}

/// The tasks of these services that stopped within about the last hour. ECS lists them by cluster only.
pub async fn add_stopped_tasks(
    fleet: &Fleet,
    services: &[Service],
    extras: &mut Extras,
    unread: &mut Vec<UnreadPart>,
) {
    let by_cluster = by_cluster(services);
    let reads = by_cluster.keys().map(|cluster| read_all(fleet, cluster, TasksOf::Stopped));
    for ((cluster, services), answer) in by_cluster.iter().zip(join_all(reads).await) {
        match answer {
            Ok(tasks) => add(&mut extras.stopped, services, tasks),
            Err(error) => unread.push(UnreadPart {
                what: format!("the stopped tasks of {cluster}"),
                why: Why::Aws(error),
            }),
        }
    }
}

/// The services whose stopped tasks are worth a look: that something is wrong with them is seen, or may
/// be, without a call.
pub fn suspects(services: &[Service], now: Time) -> Vec<Service> {
    services.iter().filter(|service| is_suspect(service, now)).cloned().collect()
}

fn by_cluster(services: &[Service]) -> BTreeMap<&str, Vec<&Service>> {
    let mut clusters: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
    for service in services {
        clusters.entry(&service.cluster).or_default().push(service);
    }
    clusters
}

async fn read_all(fleet: &Fleet, cluster: &str, of: TasksOf<'_>) -> Result<Vec<Task>, aws::Error> {
    let mut all = Vec::new();
    let mut pages = std::pin::pin!(fleet.tasks_of(cluster, of));
    while let Some(page) = pages.next().await {
        all.extend(page?);
    }
    Ok(all)
}

/// Puts tasks to the services that were read, by their paths: one without tasks is known to have none.
fn add(to: &mut BTreeMap<String, Vec<Task>>, read: &[&Service], tasks: Vec<Task>) {
    for service in read {
        to.entry(service.path()).or_default();
    }
    for task in tasks {
        let Some(service) = task.service() else { continue };
        if let Some(tasks) = to.get_mut(&format!("{}/{service}", task.cluster)) {
            tasks.push(task);
        }
    }
}
