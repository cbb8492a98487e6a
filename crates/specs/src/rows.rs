//! From what was seen of a fleet to records: one for each service and container.

use std::collections::{BTreeMap, BTreeSet};

use ecs::{ImageReference, Service, Task, TaskDefinition};

use crate::findings::{Evidence, Finding, TagNow, findings};
use crate::observe::{Observation, primary_definition};
use crate::service_record::{Breaker, ServiceRecord, Version};
use crate::stops::stops;
use crate::tasks::{Seen, definition_name};
use crate::versions::{Known, NO_CONTAINER, tag_and_digest, versions, versions_of_tasks};

/// What was found out beyond the services themselves, where it was asked for.
#[derive(Debug, Default)]
pub struct Extras {
    /// The newest ACTIVE revision of each family.
    pub newest_revisions: BTreeMap<String, u32>,
    /// What the registry says of the tags that run, by image.
    pub tags: BTreeMap<String, TagNow>,
    /// The running tasks of each service whose tasks were read, by its path.
    pub running: BTreeMap<String, Vec<Task>>,
    /// Those that stopped within about the last hour, likewise.
    pub stopped: BTreeMap<String, Vec<Task>>,
}

/// The records of all services that were seen, in the order of clusters, services and containers.
pub fn rows(seen: &Seen, observation: &Observation, extras: &Extras) -> Vec<ServiceRecord> {
    observation
        .services
        .iter()
        .flat_map(|service| of_service(seen, service, observation, extras))
        .collect()
}

/// The images of private registries whose tags the registry can be asked about, of the PRIMARY
/// deployments.
pub(crate) fn primary_images(rows: &[ServiceRecord]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.image.clone()).collect()
}

/// The families of the PRIMARY deployments' definitions.
pub(crate) fn families(rows: &[ServiceRecord]) -> BTreeSet<String> {
    let definitions = rows.iter().filter_map(|row| row.task_definition.as_deref());
    definitions.filter_map(|name| Some(name.rsplit_once(':')?.0.to_owned())).collect()
}

fn of_service(
    seen: &Seen,
    service: &Service,
    observation: &Observation,
    extras: &Extras,
) -> Vec<ServiceRecord> {
    let known = Known { revisions: &observation.revisions, definitions: &observation.definitions };
    let mut versions = versions(service, &known);
    let path = service.path();
    let running = extras.running.get(&path).map(Vec::as_slice);
    let stopped = extras.stopped.get(&path).map(Vec::as_slice);
    if let Some(tasks) = running {
        say_digests(service, &mut versions, tasks);
    }
    let whole = of_whole_service(seen, service, observation);
    let images = primary_container_images(service, observation);
    let definition = primary_definition(service).and_then(|arn| observation.definitions.get(&arn));
    let mut containers: Vec<Option<String>> = images.keys().cloned().map(Some).collect();
    let others = versions.keys().filter(|name| !images.contains_key(*name));
    containers.extend(others.filter(|name| *name != NO_CONTAINER).cloned().map(Some));
    if containers.is_empty() {
        containers.push(None);
    }
    let record = |container: Option<String>| {
        let versions = versions.remove(container.as_deref().unwrap_or(NO_CONTAINER));
        let versions = versions.unwrap_or_default();
        let image = container.as_ref().and_then(|name| images.get(name));
        let mut record = ServiceRecord { container, versions, ..whole.clone() };
        if let Some(image) = image {
            add_image(&mut record, image);
        }
        record.digest = record.digest.take().or_else(|| digest_of_tasks(&record));
        add_definition(&mut record, definition);
        let evidence = Evidence {
            now: seen.time,
            service,
            versions: &record.versions,
            image: record.image.as_deref(),
            newest_revision: newest_revision(&record, extras),
            tag: record.image.as_ref().and_then(|image| extras.tags.get(image)),
            running,
            stopped,
        };
        record.findings = findings(&evidence);
        record.stops = stopped.map(stops).unwrap_or_default();
        record
    };
    containers.into_iter().map(record).collect()
}

/// Tasks say by digest what they run, where no revision does. They were read at another moment: what does
/// not add up to the same whole is left as it is.
fn say_digests(service: &Service, versions: &mut BTreeMap<String, Vec<Version>>, tasks: &[Task]) {
    let is_told = |version: &Version| version.digest.is_some() || version.running == 0;
    for (container, of_tasks) in versions_of_tasks(tasks) {
        let Some(known) = versions.get_mut(&container) else { continue };
        let running: u32 = of_tasks.iter().map(|version| version.running).sum();
        if running == service.running && !known.iter().all(is_told) {
            *known = of_tasks;
        }
    }
}

/// The digest of the image, where only tasks say it and all of them say the same.
fn digest_of_tasks(record: &ServiceRecord) -> Option<String> {
    let image = record.image.as_ref()?;
    let mut same = record.versions.iter().filter(|version| version.image.as_ref() == Some(image));
    let digest = same.next()?.digest.clone();
    digest.filter(|_| same.next().is_none())
}

fn newest_revision(record: &ServiceRecord, extras: &Extras) -> Option<u32> {
    let (family, _) = record.task_definition.as_deref()?.rsplit_once(':')?;
    extras.newest_revisions.get(family).copied()
}

fn of_whole_service(seen: &Seen, service: &Service, observation: &Observation) -> ServiceRecord {
    let primary = service.primary();
    let definition = primary_definition(service);
    let deployed = primary.and_then(|deployment| deployment.created);
    let known = definition.as_ref().and_then(|arn| observation.definitions.get(arn));
    let launch_type = match service.capacity_providers.as_slice() {
        [] => service.launch_type.clone(),
        providers => Some(providers.join(",")),
    };
    ServiceRecord {
        time: Some(seen.time),
        kind: "service".to_owned(),
        account: seen.account.clone(),
        region: seen.region.clone(),
        cluster: service.cluster.clone(),
        service: service.name.clone(),
        desired: service.desired,
        running: service.running,
        pending: service.pending,
        status: service.status.clone(),
        rollout: primary.and_then(|deployment| deployment.rollout.clone()),
        rollout_reason: primary.and_then(|deployment| deployment.rollout_reason.clone()),
        failed_tasks: primary.map_or(0, |deployment| deployment.failed_tasks),
        circuit_breaker: service
            .circuit_breaker
            .map(|breaker| Breaker { enabled: breaker.enabled, rollback: breaker.rollback }),
        alarms: service
            .alarms
            .as_ref()
            .filter(|alarms| alarms.enabled)
            .map(|alarms| alarms.names.clone())
            .unwrap_or_default(),
        deployment: primary.map(|deployment| deployment.id.clone()),
        deployed,
        deployment_age_seconds: deployed.map(|at| {
            let age_ms = seen.time.millis().saturating_sub(at.millis()).max(0);
            age_ms.unsigned_abs() / 1000
        }),
        launch_type,
        scheduling: service.scheduling.clone(),
        controller: service.controller.clone().or_else(|| Some("ECS".to_owned())),
        task_definition: definition.as_deref().map(definition_name),
        registered_by: known.and_then(|definition| definition.registered_by.clone()),
        registered: known.and_then(|definition| definition.registered),
        ..ServiceRecord::default()
    }
}

/// What a container of the PRIMARY deployment is to run.
struct PrimaryImage {
    image: Option<String>,
    digest: Option<String>,
}

/// Of the revision that has the PRIMARY deployment's definition, the newest; else of the definition.
fn primary_container_images(
    service: &Service,
    observation: &Observation,
) -> BTreeMap<String, PrimaryImage> {
    let definition = primary_definition(service);
    let live = service.revisions.iter().filter_map(|live| observation.revisions.get(&live.arn));
    // The numbers of a revision's ARN and of its deployment are the same, as far as was seen.
    let number = |deployment: &str| deployment.rsplit('/').next().map(str::to_owned);
    let primary = service.primary().and_then(|deployment| number(&deployment.id));
    let of_primary = live
        .filter(|revision| revision.task_definition == definition && !revision.images.is_empty())
        .max_by_key(|revision| (number(&revision.arn) == primary, revision.created));
    if let Some(revision) = of_primary {
        let images = revision.images.iter().map(|image| {
            let value = PrimaryImage { image: image.image.clone(), digest: image.digest.clone() };
            (image.container.clone(), value)
        });
        return images.collect();
    }
    let definition = definition.and_then(|arn| observation.definitions.get(&arn));
    let containers = definition.map(|definition| definition.containers.as_slice());
    let images = containers.unwrap_or_default().iter().map(|container| {
        let value = PrimaryImage { image: container.image.clone(), digest: None };
        (container.name.clone(), value)
    });
    images.collect()
}

fn add_image(record: &mut ServiceRecord, PrimaryImage { image, digest }: &PrimaryImage) {
    record.image.clone_from(image);
    if let Some(Ok(reference)) = image.as_deref().map(ImageReference::parse) {
        record.registry = reference.registry().map(str::to_owned);
        record.repository = Some(reference.repository().to_owned());
    }
    let (tag, of_image) = image.as_deref().map(tag_and_digest).unwrap_or_default();
    record.tag = tag;
    record.digest = digest.clone().or(of_image);
}

fn add_definition(record: &mut ServiceRecord, definition: Option<&TaskDefinition>) {
    let Some(definition) = definition else { return };
    let container = definition
        .containers
        .iter()
        .find(|container| Some(&container.name) == record.container.as_ref());
    record.cpu = container.and_then(|container| container.cpu).or(definition.cpu);
    record.memory_mb = container.and_then(|container| container.memory_mb).or(definition.memory_mb);
}

/// How bad a record is: the worst of its findings, then how many of its tasks do not run.
pub fn weight(row: &ServiceRecord) -> (u32, u32) {
    let found = row.findings.iter().filter_map(|said| Finding::named(&said.finding));
    let worst = found.map(Finding::weight).max().unwrap_or(0);
    (worst, row.desired.saturating_sub(row.running))
}
