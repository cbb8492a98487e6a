//! Which versions of each container run, and how many tasks of each. Pure.
//!
//! The counts of a service come from three places that are not always of one moment: the service
//! itself, its live revisions, and its deployments and task sets. The service's own count is the
//! whole, and the others are its parts. For each container this always holds:
//!
//! the running counts of its versions + the running tasks that are known not to have it
//! = the running count of the service.
//!
//! Tasks that no part accounts for are a version that says nothing but its count. Where the parts
//! exceed the whole, those that are leaving give way first, PRIMARY last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ecs::{
    Deployment, ImageReference, LiveRevision, Service, ServiceRevision, Task, TaskDefinition,
    short_name,
};

use crate::observe::primary_definition;
use crate::service_record::Version;

/// The key of [`versions`] where no container is known by name: ECS has no container without one.
pub(crate) const NO_CONTAINER: &str = "";

/// What is known of that which services refer to, by ARN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// Service revisions.
    pub revisions: &'a HashMap<String, ServiceRevision>,
    /// Task definitions.
    pub definitions: &'a HashMap<String, TaskDefinition>,
}

/// The versions of each container of a service, by the container's name: that of the PRIMARY deployment
/// first, then by how many tasks run it. Only the PRIMARY one is there without tasks.
///
/// Live revisions say the counts, and by digest what runs; without them deployments and task sets do,
/// through their task definitions. Where nothing says which containers there are, all tasks stand
/// under [`NO_CONTAINER`].
pub(crate) fn versions(service: &Service, known: &Known<'_>) -> BTreeMap<String, Vec<Version>> {
    by_container(&parts(service, known))
        .into_iter()
        .map(|(name, container)| (name, container.versions))
        .collect()
}

/// The same from tasks. Those that have stopped run nothing; one that is stopping still does. `desired`
/// counts the tasks that are to go on.
pub(crate) fn versions_of_tasks(tasks: &[Task]) -> BTreeMap<String, Vec<Version>> {
    let parts: Vec<Part> =
        tasks.iter().filter(|task| !task.is_stopped()).map(part_of_task).collect();
    let mut all = by_container(&parts);
    all.retain(|_, container| !container.versions.is_empty());
    all.into_iter().map(|(name, container)| (name, container.versions)).collect()
}

impl Version {
    /// The shortest name that people know it by: its tag, else its digest, else its task definition.
    pub fn label(&self) -> String {
        let digest = self.digest.as_deref().map(short_digest);
        let name = self.tag.clone().or(digest).or_else(|| self.task_definition.clone());
        name.unwrap_or_else(|| "an unknown version".to_owned())
    }

    /// The image without its digest: `registry/repository:tag`.
    pub(crate) fn image_name(&self) -> Option<&str> {
        self.image.as_deref().map(without_digest)
    }

    /// Whether both are certainly not the same: their digests say so, or where one is not known, their
    /// images do. Two of which nothing is known may be the same.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        match (&self.digest, &other.digest) {
            (Some(a), Some(b)) => a != b,
            _ => match (self.image_name(), other.image_name()) {
                (Some(a), Some(b)) => a != b,
                _ => false,
            },
        }
    }
}

/// The first twelve digits of a digest, without its algorithm: enough to tell digests apart.
pub fn digest_digits(digest: &str) -> &str {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    hex.char_indices().nth(12).map_or(hex, |(end, _)| &hex[..end])
}

/// The same with its algorithm, for sentences: `sha256:0a1b2c3d4e5f…`.
pub(crate) fn short_digest(digest: &str) -> String {
    let (algorithm, hex) = digest.split_once(':').unwrap_or(("", digest));
    let colon = if algorithm.is_empty() { "" } else { ":" };
    match digest_digits(digest) {
        digits if digits.len() == hex.len() => digest.to_owned(),
        digits => format!("{algorithm}{colon}{digits}…"),
    }
}

/// An image's text without the digest.
pub(crate) fn without_digest(image: &str) -> &str {
    image.split_once('@').map_or(image, |(name, _)| name)
}

/// The tag and the digest that an image's text names: `[host[:port]/]path[:tag][@digest]`. A text whose
/// name does not follow the grammar has neither: it is shown as it is.
pub(crate) fn tag_and_digest(image: &str) -> (Option<String>, Option<String>) {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest).filter(|digest| !digest.is_empty())),
        None => (image, None),
    };
    match ImageReference::parse(name) {
        Ok(name) => (name.tag().map(str::to_owned), digest.map(str::to_owned)),
        Err(_) => (None, None),
    }
}

/// Some of a service's tasks, which all run the same.
#[derive(Clone, Debug, Default)]
struct Part {
    /// `family:revision`.
    task_definition: Option<String>,
    /// What its containers run, by name; `None` where nobody says.
    containers: Option<BTreeMap<String, Runs>>,
    desired: u32,
    running: u32,
    pending: u32,
    stays: Stays,
}

/// How long a part is to stay: the first of these are trimmed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stays {
    Leaves,
    #[default]
    Active,
    Primary,
}

/// What a container runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Runs {
    image: Option<String>,
    digest: Option<String>,
}

/// The versions of one container.
#[derive(Debug, Default)]
struct OfContainer {
    versions: Vec<Version>,
    /// How many running tasks are known not to have it.
    #[cfg_attr(not(test), expect(dead_code, reason = "the other side of the sum, for the tests"))]
    without: u32,
}

/// The parts of a service: their running counts add up to that of the service.
fn parts(service: &Service, known: &Known<'_>) -> Vec<Part> {
    let mut parts = match service.revisions.is_empty() {
        true => parts_of_deployments(service, known),
        false => parts_of_revisions(service, known),
    };
    trim(&mut parts, service.running);
    let missing = service.running - running(&parts);
    if missing > 0 {
        parts.push(Part { running: missing, stays: Stays::Leaves, ..Part::default() });
    }
    parts
}

fn running(parts: &[Part]) -> u32 {
    parts.iter().fold(0, |sum, part| sum.saturating_add(part.running))
}

/// Takes away what exceeds the whole, from the part that leaves soonest.
fn trim(parts: &mut [Part], whole: u32) {
    let sum: u64 = parts.iter().map(|part| u64::from(part.running)).sum();
    let mut excess = sum.saturating_sub(u64::from(whole));
    let mut order: Vec<&mut Part> = parts.iter_mut().collect();
    order.sort_by_key(|part| part.stays);
    for part in order {
        let cut = u64::from(part.running).min(excess);
        // The cut is not more than the count, so it is a u32 too.
        part.running -= cut as u32;
        excess -= cut;
    }
}

fn parts_of_deployments(service: &Service, known: &Known<'_>) -> Vec<Part> {
    service.deployments.iter().map(|deployment| part_of_deployment(deployment, known)).collect()
}

fn part_of_deployment(deployment: &Deployment, known: &Known<'_>) -> Part {
    let definition = deployment.task_definition.as_deref();
    let stays = match deployment.status.as_str() {
        "PRIMARY" => Stays::Primary,
        "ACTIVE" => Stays::Active,
        _ => Stays::Leaves,
    };
    Part {
        task_definition: definition.map(|arn| short_name(arn).to_owned()),
        containers: definition.and_then(|arn| known.definitions.get(arn)).map(of_definition),
        desired: deployment.desired,
        running: deployment.running,
        pending: deployment.pending,
        stays,
    }
}

fn of_definition(definition: &TaskDefinition) -> BTreeMap<String, Runs> {
    let runs = |image: &Option<String>| {
        let digest = image.as_deref().and_then(|image| tag_and_digest(image).1);
        Runs { image: image.clone(), digest }
    };
    let containers = definition.containers.iter();
    containers.map(|container| (container.name.clone(), runs(&container.image))).collect()
}

/// The live revisions, and deployments that none of them stands for: PRIMARY before its first task,
/// and others as far as the revisions leave tasks unaccounted for.
fn parts_of_revisions(service: &Service, known: &Known<'_>) -> Vec<Part> {
    let primary = primary_revision(service, known);
    let mut parts: Vec<Part> = service
        .revisions
        .iter()
        .map(|live| part_of_revision(service, live, primary == Some(live.arn.as_str()), known))
        .collect();
    let seen: BTreeSet<Option<String>> =
        parts.iter().map(|part| part.task_definition.clone()).collect();
    for deployment in &service.deployments {
        let mut part = part_of_deployment(deployment, known);
        let is_primary = part.stays == Stays::Primary;
        let stands_for_it = match is_primary {
            true => primary.is_some(),
            false => {
                service.revisions.iter().any(|live| is_of(&live.arn, &deployment.id))
                    || seen.contains(&part.task_definition)
            }
        };
        let missing = service.running.saturating_sub(running(&parts));
        part.running = part.running.min(missing);
        if !stands_for_it && (is_primary || part.running > 0) {
            parts.push(part);
        }
    }
    parts
}

fn part_of_revision(
    service: &Service,
    live: &LiveRevision,
    is_primary: bool,
    known: &Known<'_>,
) -> Part {
    let revision = known.revisions.get(&live.arn);
    let deployment = service.deployments.iter().find(|deployment| is_of(&live.arn, &deployment.id));
    let definition = revision
        .and_then(|revision| revision.task_definition.as_deref())
        .or_else(|| deployment.and_then(|deployment| deployment.task_definition.as_deref()))
        .or_else(|| is_primary.then(|| service.primary()?.task_definition.as_deref()).flatten());
    let by_digest = revision.filter(|revision| !revision.images.is_empty()).map(of_revision);
    let by_definition = || definition.and_then(|arn| known.definitions.get(arn)).map(of_definition);
    Part {
        task_definition: definition.map(|arn| short_name(arn).to_owned()),
        containers: by_digest.or_else(by_definition),
        desired: live.desired,
        running: live.running,
        pending: live.pending,
        stays: match (is_primary, live.desired) {
            (true, _) => Stays::Primary,
            (false, 0) => Stays::Leaves,
            (false, _) => Stays::Active,
        },
    }
}

fn of_revision(revision: &ServiceRevision) -> BTreeMap<String, Runs> {
    let images = revision.images.iter().map(|image| {
        let said = || image.image.as_deref().and_then(|image| tag_and_digest(image).1);
        let digest = image.digest.clone().or_else(said);
        (image.container.clone(), Runs { image: image.image.clone(), digest })
    });
    images.collect()
}

/// Whether a revision is the one that a deployment brings: both end in the same number. AWS's samples
/// have it so, its pages do not promise it, so nothing else hangs on it than which of several
/// revisions is PRIMARY, and the name of one that could not be read.
fn is_of(revision: &str, deployment: &str) -> bool {
    let number = |text: &str| text.rsplit('/').next().map(str::to_owned);
    deployment.starts_with("ecs-svc/") && number(revision) == number(deployment)
}

/// The live revision (ARN) that the service is to end up with: by its deployment's number, else the
/// latest that has PRIMARY's task definition. `None` where no live one is.
fn primary_revision<'a>(service: &'a Service, known: &Known<'_>) -> Option<&'a str> {
    let wanted = primary_definition(service);
    let has_definition = |live: &&LiveRevision| match known.revisions.get(&live.arn) {
        Some(revision) => revision.task_definition.is_none() || revision.task_definition == wanted,
        None => true,
    };
    let is_read = |live: &&LiveRevision| known.revisions.contains_key(&live.arn);
    let created = |live: &&LiveRevision| known.revisions.get(&live.arn)?.created;
    let primary = service.primary();
    let by_number = primary.and_then(|primary| {
        let live = service.revisions.iter().filter(has_definition);
        live.into_iter().find(|live| is_of(&live.arn, &primary.id))
    });
    let by_definition =
        || service.revisions.iter().filter(is_read).filter(has_definition).max_by_key(created);
    by_number.or_else(by_definition).map(|live| live.arn.as_str())
}

fn part_of_task(task: &Task) -> Part {
    let containers = task.containers.iter().map(|container| {
        let said = || container.image.as_deref().and_then(|image| tag_and_digest(image).1);
        let digest = container.digest.clone().or_else(said);
        (container.name.clone(), Runs { image: container.image.clone(), digest })
    });
    let is_pending = matches!(
        task.last_status.as_deref(),
        Some("PROVISIONING" | "PENDING" | "ACTIVATING") | None
    );
    let goes_on = task.desired_status.as_deref() != Some("STOPPED");
    Part {
        task_definition: task.task_definition.as_deref().map(|arn| short_name(arn).to_owned()),
        containers: Some(containers.collect()),
        desired: u32::from(goes_on),
        running: u32::from(!is_pending),
        pending: u32::from(is_pending),
        stays: Stays::Active,
    }
}

/// Each container's versions: parts of the same image and digest are one.
fn by_container(parts: &[Part]) -> BTreeMap<String, OfContainer> {
    let known = parts.iter().filter_map(|part| part.containers.as_ref());
    let mut names: BTreeSet<&str> =
        known.flat_map(|known| known.keys().map(String::as_str)).collect();
    if names.is_empty() {
        names.insert(NO_CONTAINER);
    }
    names.into_iter().map(|name| (name.to_owned(), of_container(name, parts))).collect()
}

fn of_container(name: &str, parts: &[Part]) -> OfContainer {
    let mut without = 0;
    // Which versions PRIMARY's tasks run, beside each version.
    let mut found: Vec<(bool, Version)> = Vec::new();
    for part in parts {
        let is_primary = part.stays == Stays::Primary;
        let runs = match &part.containers {
            Some(containers) if name != NO_CONTAINER => match containers.get(name) {
                Some(runs) => runs.clone(),
                None => {
                    without += part.running;
                    continue;
                }
            },
            _ => Runs::default(),
        };
        if !is_primary && (part.desired, part.running, part.pending) == (0, 0, 0) {
            continue;
        }
        let version = Version {
            task_definition: part.task_definition.clone(),
            tag: runs.image.as_deref().and_then(|image| tag_and_digest(image).0),
            image: runs.image,
            digest: runs.digest,
            desired: part.desired,
            running: part.running,
            pending: part.pending,
        };
        match found.iter_mut().find(|(_, other)| is_same(other, &version)) {
            Some((primary, same)) => {
                // What PRIMARY says of a version is what stays.
                if is_primary {
                    same.task_definition = version.task_definition;
                }
                *primary |= is_primary;
                same.desired = same.desired.saturating_add(version.desired);
                same.running = same.running.saturating_add(version.running);
                same.pending = same.pending.saturating_add(version.pending);
            }
            None => found.push((is_primary, version)),
        }
    }
    found.sort_by(|(a_first, a), (b_first, b)| {
        let rank = |first: &bool, version: &Version| (!first, std::cmp::Reverse(version.running));
        rank(a_first, a)
            .cmp(&rank(b_first, b))
            .then_with(|| (&a.image, &a.digest).cmp(&(&b.image, &b.digest)))
    });
    OfContainer { versions: found.into_iter().map(|(_, version)| version).collect(), without }
}

/// Whether two are one version. Where nothing is known of both, their task definitions decide.
fn is_same(a: &Version, b: &Version) -> bool {
    let is_known = a.image.is_some() || a.digest.is_some();
    let runs_the_same = a.image_name() == b.image_name() && a.digest == b.digest;
    runs_the_same && (is_known || a.task_definition == b.task_definition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::{Container, ContainerImage, TaskContainer};
    use proptest::prelude::*;
    use record::Time;

    fn definition(number: u32, images: &[(&str, &str)]) -> (String, TaskDefinition) {
        let arn = definition_arn(number);
        let containers = images.iter().map(|(name, image)| Container {
            name: (*name).to_owned(),
            image: Some((*image).to_owned()),
            ..Container::default()
        });
        (
            arn.clone(),
            TaskDefinition { arn, containers: containers.collect(), ..Default::default() },
        )
    }

    fn definition_arn(number: u32) -> String {
        format!("arn:aws:ecs:eu-west-1:1:task-definition/api:{number}")
    }

    fn revision_arn(number: u32) -> String {
        format!("arn:aws:ecs:eu-west-1:1:service-revision/prod/api/{number}")
    }

    fn revision(
        number: u32,
        definition: u32,
        images: &[(&str, &str, &str)],
    ) -> (String, ServiceRevision) {
        let images = images.iter().map(|(container, image, digest)| ContainerImage {
            container: (*container).to_owned(),
            image: Some((*image).to_owned()),
            digest: (!digest.is_empty()).then(|| (*digest).to_owned()),
        });
        let revision = ServiceRevision {
            arn: revision_arn(number),
            task_definition: Some(definition_arn(definition)),
            images: images.collect(),
            created: Some(Time::from_millis(i64::from(number))),
        };
        (revision.arn.clone(), revision)
    }

    fn live(number: u32, desired: u32, running: u32) -> LiveRevision {
        LiveRevision { arn: revision_arn(number), desired, running, pending: 0 }
    }

    fn deployment(
        number: u32,
        status: &str,
        definition: u32,
        desired: u32,
        running: u32,
    ) -> Deployment {
        Deployment {
            id: format!("ecs-svc/{number}"),
            status: status.to_owned(),
            task_definition: Some(definition_arn(definition)),
            desired,
            running,
            ..Deployment::default()
        }
    }

    fn service(
        running: u32,
        deployments: Vec<Deployment>,
        revisions: Vec<LiveRevision>,
    ) -> Service {
        Service { running, deployments, revisions, ..Service::default() }
    }

    /// Versions as `tag@digest running`, `-` for what is not known.
    fn said(versions: &[Version]) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        let line = |v: &Version| format!("{}@{} {}", text(&v.tag), text(&v.digest), v.running);
        versions.iter().map(line).collect()
    }

    fn of(
        service: &Service,
        revisions: Vec<(String, ServiceRevision)>,
        definitions: Vec<(String, TaskDefinition)>,
    ) -> BTreeMap<String, Vec<String>> {
        let known = Known {
            revisions: &revisions.into_iter().collect(),
            definitions: &definitions.into_iter().collect(),
        };
        let versions = versions(service, &known);
        versions.into_iter().map(|(name, versions)| (name, said(&versions))).collect()
    }

    fn map(entries: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        entries.iter().map(|(name, said)| ((*name).to_owned(), lines(said))).collect()
    }

    #[test]
    fn live_revisions_say_counts_and_digests_with_primary_first() {
        let deployments =
            vec![deployment(2, "PRIMARY", 8, 24, 6), deployment(1, "ACTIVE", 7, 24, 18)];
        let service = service(24, deployments, vec![live(1, 18, 18), live(2, 24, 6)]);
        let revisions = vec![
            revision(1, 7, &[("api", "r/api:v1", "sha256:a")]),
            revision(2, 8, &[("api", "r/api:v2", "sha256:b")]),
        ];
        let expected = map(&[("api", &["v2@sha256:b 6", "v1@sha256:a 18"])]);
        assert_eq!(of(&service, revisions, vec![]), expected);
    }

    #[test]
    fn a_forced_deployment_of_a_moved_tag_shows_two_digests() {
        let deployments = vec![deployment(2, "PRIMARY", 7, 4, 1), deployment(1, "ACTIVE", 7, 4, 3)];
        let service = service(4, deployments, vec![live(1, 3, 3), live(2, 4, 1)]);
        let revisions = vec![
            revision(1, 7, &[("api", "r/api:latest", "sha256:a")]),
            revision(2, 7, &[("api", "r/api:latest", "sha256:b")]),
        ];
        let expected = map(&[("api", &["latest@sha256:b 1", "latest@sha256:a 3"])]);
        assert_eq!(of(&service, revisions, vec![]), expected);
    }

    #[test]
    fn versions_that_are_equal_are_one_across_revisions() {
        let deployments = vec![deployment(2, "PRIMARY", 8, 4, 1), deployment(1, "ACTIVE", 7, 4, 3)];
        let service = service(4, deployments, vec![live(1, 3, 3), live(2, 4, 1)]);
        let same = [("api", "r/api:v1", "sha256:a")];
        let revisions = vec![revision(1, 7, &same), revision(2, 8, &same)];
        let known =
            Known { revisions: &revisions.into_iter().collect(), definitions: &HashMap::new() };
        let versions = versions(&service, &known);
        assert_eq!(said(&versions["api"]), ["v1@sha256:a 4"]);
        assert_eq!(versions["api"][0].task_definition.as_deref(), Some("api:8"));
    }

    #[test]
    fn without_revisions_the_task_definitions_of_deployments_and_task_sets_say_it() {
        let deployments = vec![deployment(1, "ACTIVE", 7, 2, 2), deployment(2, "PRIMARY", 8, 4, 2)];
        let service = service(4, deployments, vec![]);
        let definitions = vec![
            definition(7, &[("api", "host:5000/api")]),
            definition(8, &[("api", "r/api:v2@sha256:b")]),
        ];
        let expected = map(&[("api", &["v2@sha256:b 2", "-@- 2"])]);
        assert_eq!(of(&service, vec![], definitions), expected);
    }

    #[test]
    fn a_container_that_the_rollout_adds_has_only_the_new_tasks() {
        let deployments = vec![deployment(2, "PRIMARY", 8, 4, 1), deployment(1, "ACTIVE", 7, 4, 3)];
        let service = service(4, deployments, vec![]);
        let definitions = vec![
            definition(7, &[("api", "api:v1")]),
            definition(8, &[("api", "api:v2"), ("proxy", "proxy:v9")]),
        ];
        let expected = map(&[("api", &["v2@- 1", "v1@- 3"]), ("proxy", &["v9@- 1"])]);
        assert_eq!(of(&service, vec![], definitions), expected);
    }

    #[test]
    fn tasks_that_nobody_accounts_for_are_a_version_that_says_nothing() {
        let service = service(5, vec![deployment(1, "PRIMARY", 7, 5, 3)], vec![live(1, 5, 3)]);
        let revisions = vec![revision(1, 7, &[("api", "api:v1", "")])];
        assert_eq!(of(&service, revisions, vec![]), map(&[("api", &["v1@- 3", "-@- 2"])]));
    }

    #[test]
    fn what_is_leaving_gives_way_when_parts_exceed_the_whole() {
        let deployments = vec![deployment(2, "PRIMARY", 8, 4, 4), deployment(1, "ACTIVE", 7, 0, 2)];
        let service = service(5, deployments, vec![live(1, 0, 2), live(2, 4, 4)]);
        let revisions = vec![
            revision(1, 7, &[("api", "api:v1", "")]),
            revision(2, 8, &[("api", "api:v2", "")]),
        ];
        assert_eq!(of(&service, revisions, vec![]), map(&[("api", &["v2@- 4", "v1@- 1"])]));
    }

    #[test]
    fn a_rollout_without_a_task_yet_is_first_with_none() {
        let deployments = vec![deployment(2, "PRIMARY", 8, 4, 0), deployment(1, "ACTIVE", 7, 4, 4)];
        let service = service(4, deployments, vec![live(1, 4, 4)]);
        let revisions = vec![revision(1, 7, &[("api", "api:v1", "sha256:a")])];
        let definitions = vec![definition(8, &[("api", "api:v2")])];
        let expected = map(&[("api", &["v2@- 0", "v1@sha256:a 4"])]);
        assert_eq!(of(&service, revisions, definitions), expected);
    }

    #[test]
    fn a_deployment_takes_only_what_live_revisions_leave() {
        let deployments = vec![deployment(2, "PRIMARY", 8, 4, 3), deployment(1, "ACTIVE", 7, 4, 4)];
        let service = service(5, deployments, vec![live(1, 4, 4)]);
        let revisions = vec![revision(1, 7, &[("api", "api:v1", "sha256:a")])];
        let definitions = vec![definition(8, &[("api", "api:v2")])];
        let expected = map(&[("api", &["v2@- 1", "v1@sha256:a 4"])]);
        assert_eq!(of(&service, revisions, definitions), expected);
    }

    #[test]
    fn which_revision_is_primary_is_known_by_number_else_by_the_latest_of_its_definition() {
        let of_primary = |number| {
            let deployments = vec![deployment(number, "PRIMARY", 7, 4, 1)];
            let service =
                service(4, deployments, vec![live(1, 4, 1), live(2, 3, 3), live(3, 0, 0)]);
            let revisions = vec![
                revision(1, 7, &[("api", "api:v1", "sha256:a")]),
                revision(2, 7, &[("api", "api:v1", "sha256:b")]),
                revision(3, 8, &[("api", "api:v1", "sha256:c")]),
            ];
            of(&service, revisions, vec![])["api"].clone()
        };
        assert_eq!(of_primary(1), ["v1@sha256:a 1", "v1@sha256:b 3"]);
        assert_eq!(of_primary(900), ["v1@sha256:b 3", "v1@sha256:a 1"]);
        // The number of a revision with another definition is a coincidence.
        assert_eq!(of_primary(3), ["v1@sha256:b 3", "v1@sha256:a 1"]);
    }

    #[test]
    fn missing_tasks_are_not_guessed_to_be_of_a_definition_that_live_revisions_count() {
        let deployments =
            vec![deployment(901, "PRIMARY", 8, 1, 1), deployment(900, "ACTIVE", 7, 5, 5)];
        let service = service(6, deployments, vec![live(2, 1, 1), live(1, 3, 3)]);
        let revisions = vec![
            revision(1, 7, &[("api", "api:v1", "sha256:a")]),
            revision(2, 8, &[("api", "api:v2", "sha256:b")]),
        ];
        let definitions = vec![definition(7, &[("api", "api:v1")])];
        let expected = map(&[("api", &["v2@sha256:b 1", "v1@sha256:a 3", "-@- 2"])]);
        assert_eq!(of(&service, revisions, definitions), expected);
    }

    #[test]
    fn without_any_container_the_tasks_are_still_counted() {
        let service = service(3, vec![deployment(1, "PRIMARY", 7, 3, 3)], vec![]);
        assert_eq!(of(&service, vec![], vec![]), map(&[(NO_CONTAINER, &["-@- 3"])]));
    }

    #[test]
    fn tasks_say_versions_by_their_containers() {
        let task = |image: &str, status: &str| Task {
            last_status: Some(status.to_owned()),
            containers: vec![TaskContainer {
                name: "api".to_owned(),
                image: Some(image.to_owned()),
                ..TaskContainer::default()
            }],
            ..Task::default()
        };
        let tasks = [
            task("r/api:v1@sha256:a", "RUNNING"),
            task("r/api:v1@sha256:a", "DEACTIVATING"),
            task("r/api:v2", "PENDING"),
            task("r/api:v0", "STOPPED"),
        ];
        let versions = versions_of_tasks(&tasks);
        assert_eq!(said(&versions["api"]), ["v1@sha256:a 2", "v2@- 0"]);
        assert_eq!(versions["api"][1].pending, 1);
    }

    #[test]
    fn a_registrys_port_is_no_tag() {
        let both = |image| tag_and_digest(image);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(both("localhost:5000/api"), (None, None));
        assert_eq!(both("localhost:5000/api:v1@sha256:a"), (some("v1"), some("sha256:a")));
        assert_eq!(both("api@sha256:a"), (None, some("sha256:a")));
        for refused in ["api:", "Not An Image:v1", "host:port/api:v1", "api:v1:v2@sha256:a"] {
            assert_eq!(both(refused), (None, None), "{refused}");
        }
    }

    /// A count that is often 0, often small, sometimes absurd.
    fn count() -> impl Strategy<Value = u32> {
        prop_oneof![4 => 0u32..6, 2 => 0u32..200, 1 => Just(u32::MAX)]
    }

    fn some_service() -> impl Strategy<Value = Service> {
        let status = prop::sample::select(vec!["PRIMARY", "ACTIVE", "INACTIVE", "DRAINING", "?"]);
        let deployment = (1u32..5, status, 1u32..5, count(), count(), count(), any::<bool>())
            .prop_map(|(number, status, definition, desired, running, pending, has_definition)| {
                let mut made = deployment(number, status, definition, desired, running);
                made.pending = pending.min(1000);
                made.task_definition = made.task_definition.filter(|_| has_definition);
                made
            });
        let live = (1u32..6, count(), count())
            .prop_map(|(number, desired, running)| live(number, desired, running));
        let deployments = prop::collection::vec(deployment, 0..5);
        let revisions = prop::collection::vec(live, 0..5);
        (count(), deployments, revisions)
            .prop_map(|(running, deployments, revisions)| service(running, deployments, revisions))
    }

    const IMAGES: [(&str, &str); 6] = [
        ("api", "api:v1"),
        ("api", "api:v2@sha256:b"),
        ("proxy", "proxy"),
        ("proxy", "host:5000/proxy:v1"),
        ("log", "log:latest"),
        ("log", ""),
    ];

    fn some_definitions() -> impl Strategy<Value = HashMap<String, TaskDefinition>> {
        let images = prop::collection::vec(prop::sample::select(IMAGES.to_vec()), 0..4);
        prop::collection::vec((1u32..5, images), 0..5).prop_map(|made| {
            made.into_iter().map(|(number, images)| definition(number, &images)).collect()
        })
    }

    fn some_revisions() -> impl Strategy<Value = HashMap<String, ServiceRevision>> {
        let digest = prop::sample::select(vec!["", "sha256:a", "sha256:b"]);
        let image = (prop::sample::select(IMAGES.to_vec()), digest)
            .prop_map(|((container, image), digest)| (container, image, digest));
        let images = prop::collection::vec(image, 0..4);
        prop::collection::vec((1u32..6, 1u32..5, images), 0..5).prop_map(|made| {
            let made = made.into_iter();
            made.map(|(number, definition, images)| revision(number, definition, &images)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn per_version_counts_add_up_to_the_running_count(
            service in some_service(),
            definitions in some_definitions(),
            revisions in some_revisions(),
        ) {
            let known = Known { revisions: &revisions, definitions: &definitions };
            let containers = by_container(&parts(&service, &known));
            prop_assert!(!containers.is_empty());
            for (name, container) in containers {
                let sum: u64 =
                    container.versions.iter().map(|version| u64::from(version.running)).sum();
                let all = sum + u64::from(container.without);
                prop_assert_eq!(all, u64::from(service.running), "{}: {:?}", name, container);
                for (at, version) in container.versions.iter().enumerate() {
                    let is_twice = container.versions[..at].iter().any(|other| is_same(other, version));
                    prop_assert!(!is_twice, "{} stands twice in {:?}", version.label(), container);
                }
            }
        }

        #[test]
        fn where_all_parts_are_of_one_moment_nothing_is_unaccounted_for(
            counts in prop::collection::vec(0u32..50, 1..4),
        ) {
            let numbered = || counts.iter().zip(1u32..);
            let running = counts.iter().sum();
            let deployments = numbered().map(|(count, number)| {
                let status = if number == 1 { "PRIMARY" } else { "ACTIVE" };
                deployment(number, status, number, *count, *count)
            });
            let lives = numbered().map(|(count, number)| live(number, *count, *count));
            let service = service(running, deployments.collect(), lives.collect());
            let revisions = numbered()
                .map(|(_, number)| revision(number, number, &[("api", &format!("api:v{number}"), "")]))
                .collect();
            let known = Known { revisions: &revisions, definitions: &HashMap::new() };
            let versions = &versions(&service, &known)["api"];
            prop_assert!(versions.iter().all(|version| version.tag.is_some()));
            prop_assert_eq!(versions[0].tag.as_deref(), Some("v1"));
        }

        #[test]
        fn tasks_are_counted_once_for_each_container_they_have(
            picks in prop::collection::vec((0usize..6, 0usize..4), 0..40),
        ) {
            const STATUSES: [&str; 4] = ["RUNNING", "PENDING", "STOPPING", "STOPPED"];
            let tasks: Vec<Task> = picks.iter().map(|(image, status)| Task {
                last_status: Some(STATUSES[*status].to_owned()),
                containers: vec![TaskContainer {
                    name: IMAGES[*image].0.to_owned(),
                    image: Some(IMAGES[*image].1.to_owned()),
                    ..TaskContainer::default()
                }],
                ..Task::default()
            }).collect();
            let alive = tasks.iter().filter(|task| !task.is_stopped()).count();
            let counted: u32 = versions_of_tasks(&tasks)
                .values()
                .flatten()
                .map(|version| version.running + version.pending)
                .sum();
            prop_assert_eq!(counted as usize, alive);
        }

        #[test]
        fn no_image_text_panics(image in ".*") {
            let (tag, digest) = tag_and_digest(&image);
            short_digest(&image);
            Version { tag, digest, image: Some(image), ..Version::default() }.label();
        }
    }
}
