//! Looking at a region's fleet in as few calls as it takes: no call for tasks.
//!
//! Services say how many tasks run each of their revisions, and a revision says by digest what its
//! containers are. So 500 services cost 5 + 50 + 25 calls and those of the clusters. Services whose revisions are older than that
//! (October 2024), and those of CODE_DEPLOY and EXTERNAL, are answered by their task definitions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws::{Cause, Error};
use ecs::{Described, Fleet, Service, ServiceRevision, TaskDefinition};
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt};

use crate::selection::{ServiceName, Wanted};

/// So many task definitions are asked for at once; the pace decides how quickly.
const DEFINITIONS_AT_ONCE: usize = 32;

/// What was seen of a region's fleet.
#[derive(Debug, Default)]
pub struct Observation {
    /// The services, by cluster and name.
    pub services: Vec<Service>,
    /// The service revisions that have tasks, by ARN.
    pub revisions: HashMap<String, ServiceRevision>,
    /// Task definitions, by ARN: those that were needed, and those that were known anyway.
    pub definitions: HashMap<String, TaskDefinition>,
    /// What could not be read.
    pub unread: Vec<UnreadPart>,
    /// Clusters that answered.
    pub clusters: Vec<String>,
    /// Clusters of which something could not be read: they may have services that are not here.
    pub incomplete: BTreeSet<String>,
    /// Exact names that no service has.
    pub unknown: Vec<ServiceName>,
    /// Clusters that were asked for by name and do not exist.
    pub unknown_clusters: Vec<String>,
}

/// Something that could not be read.
#[derive(Clone, Debug)]
pub struct UnreadPart {
    /// What: `cluster prod`, `10 services of prod (api, billing, …)`.
    pub what: String,
    /// Why.
    pub why: Why,
}

impl UnreadPart {
    /// The next thing to type or to check.
    pub fn hint(&self) -> Option<String> {
        match &self.why {
            Why::Aws(error) => error.hint(),
            Why::Ecs(_) => None,
        }
    }
}

/// Why something could not be read.
#[derive(Clone, Debug)]
pub enum Why {
    /// A request failed.
    Aws(Error),
    /// The answer says that it cannot give it, in ECS's words.
    Ecs(String),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aws(error) => error.fmt(f),
            Self::Ecs(words) => f.write_str(words),
        }
    }
}

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Which clusters there are.
    Clusters,
    /// The services in them.
    Services,
    /// And what their containers run.
    Versions,
}

/// Looks at the services that are wanted. Where no cluster answers, the first reason is the answer.
pub async fn observe(fleet: &Fleet, wanted: &Wanted, depth: Depth) -> Result<Observation, Error> {
    let clusters = match wanted.exact_clusters() {
        Some(clusters) if depth == Depth::Clusters => {
            return Ok(only_clusters(fleet, clusters).await);
        }
        Some(clusters) => clusters,
        None => {
            let mut clusters = fleet.clusters().await?;
            clusters.sort();
            clusters.retain(|cluster| wanted.wants_cluster(cluster));
            clusters
        }
    };
    if depth == Depth::Clusters {
        return Ok(Observation { clusters, ..Observation::default() });
    }
    let answers = clusters.iter().map(|cluster| of_cluster(fleet, wanted, cluster, depth));
    let answers = join_all(answers).await;
    let mut seen = Observation::default();
    let mut refusal = None;
    for (cluster, answer) in clusters.into_iter().zip(answers) {
        match answer {
            Ok(part) => {
                if !part.unread.is_empty() {
                    seen.incomplete.insert(cluster.clone());
                }
                seen.clusters.push(cluster);
                seen.services.extend(part.services);
                seen.revisions.extend(part.revisions);
                seen.unread.extend(part.unread);
            }
            Err(error) => {
                if is_not_found(&error) {
                    // One that only a service's path named has no services: the name is unknown.
                    if !wanted.clusters.is_empty() {
                        seen.unknown_clusters.push(cluster.clone());
                    }
                    seen.clusters.push(cluster);
                    continue;
                }
                refusal.get_or_insert_with(|| error.clone());
                seen.incomplete.insert(cluster.clone());
                seen.unread
                    .push(UnreadPart { what: format!("cluster {cluster}"), why: Why::Aws(error) });
            }
        }
    }
    match refusal {
        Some(error) if seen.clusters.is_empty() => return Err(error),
        _ => {}
    }
    seen.unknown = unknown_names(wanted, &seen);
    if depth == Depth::Versions {
        add_definitions(fleet, &mut seen).await;
    }
    Ok(seen)
}

/// Clusters that were named, and which of them do not exist: where they cannot be listed, that shows later.
async fn only_clusters(fleet: &Fleet, clusters: Vec<String>) -> Observation {
    let unknown_clusters = match fleet.clusters().await {
        Ok(all) => clusters.iter().filter(|cluster| !all.contains(cluster)).cloned().collect(),
        Err(_) => Vec::new(),
    };
    Observation { clusters, unknown_clusters, ..Observation::default() }
}

fn is_not_found(error: &Error) -> bool {
    matches!(error.cause, Cause::NotFound { .. })
}

/// Services and revisions of one cluster.
async fn of_cluster(
    fleet: &Fleet,
    wanted: &Wanted,
    cluster: &str,
    depth: Depth,
) -> Result<Observation, Error> {
    let names = match wanted.exact_names(cluster) {
        Some(names) => names,
        None => {
            let mut names = fleet.service_names(cluster).await?;
            names.retain(|name| wanted.wants(cluster, name));
            names.sort();
            names
        }
    };
    let Described { mut items, failures, unread } = fleet.services(cluster, &names).await;
    // When nothing of the cluster could be read, that is its answer.
    if items.is_empty()
        && let Some(first) = unread.first()
    {
        return Err(first.error.clone());
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let mut seen = Observation { services: items, ..Observation::default() };
    for part in unread {
        seen.unread.push(UnreadPart {
            what: several("service", &part.asked, cluster),
            why: Why::Aws(part.error),
        });
    }
    // A service that was deleted since it was listed is no failure.
    for failed in failures.into_iter().filter(|failed| !failed.is_missing()) {
        let detail = failed.detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        seen.unread.push(UnreadPart {
            what: format!("service {cluster}/{}", ecs::short_name(&failed.arn)),
            why: Why::Ecs(format!("{}{detail}", failed.reason)),
        });
    }
    if depth == Depth::Versions {
        add_revisions(fleet, cluster, &mut seen).await;
    }
    Ok(seen)
}

/// `service prod/api`, `12 services of prod`
fn several(what: &str, names: &[String], cluster: &str) -> String {
    match names {
        [one] => format!("{what} {cluster}/{one}"),
        [first, .., last] => format!("{} {what}s of {cluster} ({first} … {last})", names.len()),
        [] => format!("{what}s of {cluster}"),
    }
}

pub(crate) fn counted(revisions: usize) -> String {
    let noun = if revisions == 1 { "service revision" } else { "service revisions" };
    format!("{revisions} {noun}")
}

async fn add_revisions(fleet: &Fleet, cluster: &str, seen: &mut Observation) {
    let live = seen.services.iter().flat_map(|service| &service.revisions);
    let arns: BTreeSet<&str> = live.map(|revision| revision.arn.as_str()).collect();
    if arns.is_empty() {
        return;
    }
    let arns: Vec<String> = arns.into_iter().map(str::to_owned).collect();
    let Described { items, unread, .. } = fleet.revisions(&arns).await;
    seen.revisions.extend(items.into_iter().map(|revision| (revision.arn.clone(), revision)));
    let missing: usize = unread.iter().map(|part| part.asked.len()).sum();
    if let Some(first) = unread.into_iter().next() {
        seen.unread.push(UnreadPart {
            what: format!("the digests of {} of {cluster}", counted(missing)),
            why: Why::Aws(first.error),
        });
    }
}

/// Exact names that no service has: clusters that could not be read may have them.
fn unknown_names(wanted: &Wanted, seen: &Observation) -> Vec<ServiceName> {
    let is_known = |name: &ServiceName| {
        seen.services.iter().any(|service| name.means(&service.cluster, &service.name))
    };
    wanted.names.iter().filter(|name| !is_known(name)).cloned().collect()
}

/// The definitions that say what no revision says, and those that the cache has anyway.
async fn add_definitions(fleet: &Fleet, seen: &mut Observation) {
    let needed = needed_definitions(&seen.services, &seen.revisions);
    let live: BTreeSet<String> = seen.services.iter().filter_map(primary_definition).collect();
    let known = async {
        let mut known = Vec::new();
        for arn in live.iter().filter(|arn| !needed.contains_key(*arn)) {
            known.extend(fleet.known_task_definition(arn).await);
        }
        known
    };
    let asked = stream::iter(needed.keys().cloned().collect::<Vec<_>>())
        .map(|arn| async move { (fleet.task_definition(&arn).await, arn) })
        .buffered(DEFINITIONS_AT_ONCE)
        .collect::<Vec<_>>();
    let (known, asked) = join(known, asked).await;
    let known = known.into_iter().map(|definition| (definition.arn.clone(), definition));
    seen.definitions.extend(known);
    for (answer, arn) in asked {
        match answer {
            Ok(definition) => {
                seen.definitions.insert(arn, definition);
            }
            Err(error) => {
                let services = needed[&arn].join(", ");
                seen.unread.push(UnreadPart {
                    what: format!("the task definition {} of {services}", ecs::short_name(&arn)),
                    why: Why::Aws(error),
                });
            }
        }
    }
}

/// The definitions without which it is not known what runs, each with the services that run it.
fn needed_definitions(
    services: &[Service],
    revisions: &HashMap<String, ServiceRevision>,
) -> BTreeMap<String, Vec<String>> {
    let mut needed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in services {
        let says_all =
            |arn: &String| revisions.get(arn).is_some_and(|revision| !revision.images.is_empty());
        let live = &service.revisions;
        if !live.is_empty() && live.iter().all(|revision| says_all(&revision.arn)) {
            continue;
        }
        let deployments = service.deployments.iter().filter(|deployment| {
            deployment.status == "PRIMARY" || deployment.running + deployment.pending > 0
        });
        let of_deployments =
            deployments.filter_map(|deployment| deployment.task_definition.clone());
        let arns: BTreeSet<String> =
            of_deployments.chain(service.task_definition.clone()).collect();
        for arn in arns {
            needed.entry(arn).or_default().push(service.path());
        }
    }
    needed
}

/// The definition (ARN) that a service is to end up with.
pub(crate) fn primary_definition(service: &Service) -> Option<String> {
    let primary = service.primary().and_then(|deployment| deployment.task_definition.clone());
    primary.or_else(|| service.task_definition.clone())
}

/// Asks for the definitions of all services that are not known yet: CPU, memory, who registered them.
pub async fn add_details(fleet: &Fleet, seen: &mut Observation) {
    let wanted: BTreeSet<String> = seen.services.iter().filter_map(primary_definition).collect();
    let wanted: Vec<String> =
        wanted.into_iter().filter(|arn| !seen.definitions.contains_key(arn)).collect();
    let mut asked = stream::iter(wanted)
        .map(|arn| async move { (fleet.task_definition(&arn).await, arn) })
        .buffered(DEFINITIONS_AT_ONCE);
    while let Some((answer, arn)) = asked.next().await {
        match answer {
            Ok(definition) => {
                seen.definitions.insert(arn, definition);
            }
            Err(error) => seen.unread.push(UnreadPart {
                what: format!("the task definition {}", ecs::short_name(&arn)),
                why: Why::Aws(error),
            }),
        }
    }
}
