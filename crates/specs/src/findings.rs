//! What is to be noticed about a service, by name and in a sentence. Pure.
//!
//! Each rule prefers silence to a false alarm: it speaks of what ECS, the registry or the tasks say, not
//! of what may be.

use std::collections::BTreeSet;

use ecs::{Deployment, Service, Task, short_name};
use record::Time;

use crate::events::words;
use crate::service_record::{FindingSaid, Version};
use crate::stops::stops;
use crate::versions::{short_digest, tag_and_digest, without_digest};

const MINUTE_MS: i64 = 60_000;

/// A rollout that has been in progress for longer than this is stuck. Ten minutes: most rollouts of
/// healthy tasks take two to five, and ECS's own circuit breaker needs about as long to give up.
const STUCK_AFTER_MS: i64 = 10 * MINUTE_MS;

/// So many failed tasks are a crash loop: the least that ECS's circuit breaker takes for a failure.
const CRASHES: u32 = 3;

/// Stopped tasks of the last hour count: ECS forgets them after about that.
const STOPS_WITHIN_MS: i64 = 60 * MINUTE_MS;

/// Events of the last half hour count.
const EVENTS_WITHIN_MS: i64 = 30 * MINUTE_MS;

/// Events of a rollback are written in the same moment as the deployment that it begins; a little later
/// or earlier is still the same one.
const SAME_MOMENT_MS: i64 = MINUTE_MS;

/// Tags that are moved from image to image as a matter of course.
const MOVING: [&str; 26] = [
    "alpha",
    "beta",
    "canary",
    "current",
    "dev",
    "develop",
    "development",
    "edge",
    "head",
    "latest",
    "live",
    "lts",
    "main",
    "master",
    "next",
    "nightly",
    "prod",
    "production",
    "qa",
    "release",
    "snapshot",
    "stable",
    "stage",
    "staging",
    "test",
    "trunk",
];

/// What can be noticed about a service. The worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// Its tasks die again and again.
    CrashLoop,
    /// Its image is not in the registry.
    ImageMissing,
    /// A rollout that failed or takes too long.
    StuckRollout,
    /// Fewer tasks run than are to.
    UnderDesired,
    /// Tasks that run fail their health checks.
    UnhealthyTasks,
    /// The last rollout was taken back.
    RolledBack,
    /// Several versions run at once.
    MixedVersions,
    /// The tag stands for another image than the one that runs.
    TagMoved,
    /// A newer revision of the task definition exists.
    NotDeployed,
    /// The image has a tag that moves.
    MutableTag,
}

impl Finding {
    /// All of them, the worst first.
    pub const ALL: [Self; 10] = [
        Self::CrashLoop,
        Self::ImageMissing,
        Self::StuckRollout,
        Self::UnderDesired,
        Self::UnhealthyTasks,
        Self::RolledBack,
        Self::MixedVersions,
        Self::TagMoved,
        Self::NotDeployed,
        Self::MutableTag,
    ];

    /// Its name, as records and `--finding` have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrashLoop => "crash-loop",
            Self::ImageMissing => "image-missing",
            Self::StuckRollout => "stuck-rollout",
            Self::UnderDesired => "under-desired",
            Self::UnhealthyTasks => "unhealthy-tasks",
            Self::RolledBack => "rolled-back",
            Self::MixedVersions => "mixed-versions",
            Self::TagMoved => "tag-moved",
            Self::NotDeployed => "not-deployed",
            Self::MutableTag => "mutable-tag",
        }
    }

    /// The finding of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.name() == name)
    }

    /// Whether it takes calls that the first look does without: to the registry, for the tasks, for
    /// newer task definitions.
    pub const fn is_costly(self) -> bool {
        matches!(
            self,
            Self::TagMoved | Self::ImageMissing | Self::NotDeployed | Self::UnhealthyTasks
        )
    }

    /// Whether a service of which it is said is not healthy: what `--unhealthy` selects.
    pub const fn is_unhealthy(self) -> bool {
        matches!(
            self,
            Self::CrashLoop
                | Self::ImageMissing
                | Self::StuckRollout
                | Self::UnderDesired
                | Self::UnhealthyTasks
                | Self::RolledBack
        )
    }

    /// How bad it is: more is worse. Those that users feel weigh more than all the others together, so
    /// weights can be added up.
    pub const fn weight(self) -> u32 {
        match self {
            Self::CrashLoop => 1_000,
            Self::ImageMissing => 800,
            Self::StuckRollout => 600,
            Self::UnderDesired => 500,
            Self::UnhealthyTasks => 400,
            Self::RolledBack => 200,
            Self::MixedVersions => 20,
            Self::TagMoved => 10,
            Self::NotDeployed => 5,
            Self::MutableTag => 1,
        }
    }

    /// What it means, in a sentence or two.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::CrashLoop => {
                "Tasks die and are started again and again: at least 3 failed in the rollout that is \
                 under way, or within the last hour, or ECS's events of the last half hour say so."
            }
            Self::ImageMissing => {
                "The registry no longer has the image that the service is to run. Tasks that run go \
                 on, but none can be started on a host that has not pulled it."
            }
            Self::StuckRollout => {
                "The rollout failed, or has been in progress for more than 10 minutes. One that \
                 shifts traffic step by step waits on purpose, and counts only when tasks fail or \
                 are missing."
            }
            Self::UnderDesired => "Fewer tasks run than the service is to have.",
            Self::UnhealthyTasks => "Tasks run, but fail the health checks of their containers.",
            Self::RolledBack => {
                "ECS took the last rollout back, so the version before it runs. It is said until \
                 the next deployment."
            }
            Self::MixedVersions => {
                "Tasks of one service run different images just now: a rollout is under way, or one \
                 stopped half-way."
            }
            Self::TagMoved => {
                "The tag now points to another image than the one that runs: the next deployment \
                 changes more than it says."
            }
            Self::NotDeployed => {
                "A newer revision of the task definition is registered than the one that the \
                 service is to run."
            }
            Self::MutableTag => {
                "The image has no tag, or one that is moved as a matter of course such as `latest`, \
                 and no digest: what it stands for can change from one deployment to the next."
            }
        }
    }
}

/// What a tag is in the registry just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagNow {
    /// It stands for the image with this digest, `sha256:…`.
    PointsTo(String),
    /// The repository has no such tag (or digest, where the image is named by one).
    Missing,
    /// The registry has no such repository.
    RepositoryMissing,
}

/// What is known of a service and one of its containers. What is `None` was not asked for, and nothing is said of
/// it.
#[derive(Clone, Debug)]
pub(crate) struct Evidence<'a> {
    /// The moment of observation.
    pub now: Time,
    /// The service.
    pub service: &'a Service,
    /// The versions of the container that run.
    pub versions: &'a [Version],
    /// The image of the PRIMARY deployment, as the task definition has it.
    pub image: Option<&'a str>,
    /// The number of the newest revision of the task definition's family.
    pub newest_revision: Option<u32>,
    /// What the image's tag stands for.
    pub tag: Option<&'a TagNow>,
    /// The service's tasks that run.
    pub running: Option<&'a [Task]>,
    /// The service's tasks that stopped.
    pub stopped: Option<&'a [Task]>,
}

/// What is to be noticed, the worst first.
pub(crate) fn findings(evidence: &Evidence<'_>) -> Vec<FindingSaid> {
    let said = Finding::ALL.into_iter().filter_map(|finding| {
        let says = match finding {
            Finding::CrashLoop => crash_loop(evidence),
            Finding::ImageMissing => image_missing(evidence),
            Finding::StuckRollout => stuck_rollout(evidence),
            Finding::UnderDesired => under_desired(evidence.service),
            Finding::UnhealthyTasks => unhealthy_tasks(evidence),
            Finding::RolledBack => rolled_back(evidence.service, evidence.now),
            Finding::MixedVersions => mixed_versions(evidence.versions),
            Finding::TagMoved => tag_moved(evidence),
            Finding::NotDeployed => not_deployed(evidence),
            Finding::MutableTag => evidence.image.and_then(mutable_tag),
        };
        says.map(|says| FindingSaid { finding: finding.name().to_owned(), says })
    });
    said.collect()
}

/// Whether the stopped tasks of a service are worth a look: something about it may be a crash loop, or
/// is not as it should be. It costs nothing to say.
pub(crate) fn is_suspect(service: &Service, now: Time) -> bool {
    let fails = service.deployments.iter().any(|deployment| deployment.failed_tasks > 0);
    let starts = recent_events(service, now, EventsOf::Settled)
        .filter(|words| started(words).is_some())
        .count();
    fails
        || under_desired(service).is_some()
        || rolled_back(service, now).is_some()
        || rollout(service) == Some("FAILED")
        || (is_settled(service) && starts >= CRASHES as usize)
        || by_events(service, now).is_some()
}

fn rollout(service: &Service) -> Option<&str> {
    service.primary()?.rollout.as_deref()
}

fn under_desired(service: &Service) -> Option<String> {
    let Service { running, desired, pending, .. } = *service;
    if running >= desired {
        return None;
    }
    let starting = match pending {
        0 => String::new(),
        1 => ", 1 is starting".to_owned(),
        more => format!(", {more} are starting"),
    };
    Some(format!("{running} of {} {}{starting}", count(desired, "task"), run(running)))
}

fn stuck_rollout(evidence: &Evidence<'_>) -> Option<String> {
    let service = evidence.service;
    let primary = service.primary()?;
    let reason = reason_of(primary);
    let failed = match primary.failed_tasks {
        0 => String::new(),
        some => format!(", {} failed", count(some, "task")),
    };
    match primary.rollout.as_deref() {
        Some("FAILED") => {
            let ago = primary.updated.map(|at| format!(" {} ago", duration(at, evidence.now)));
            Some(format!("failed{}{failed}{reason}", ago.unwrap_or_default()))
        }
        Some("IN_PROGRESS") => {
            let since = primary.created?;
            let is_late = since_ms(since, evidence.now) > STUCK_AFTER_MS;
            let waits = shifts_traffic(service)
                && primary.failed_tasks == 0
                && primary.running >= primary.desired;
            (is_late && !waits).then(|| {
                format!("in progress for {}{failed}{reason}", duration(since, evidence.now))
            })
        }
        _ => None,
    }
}

/// Whether its rollouts wait between steps on purpose.
fn shifts_traffic(service: &Service) -> bool {
    matches!(service.strategy.as_deref(), Some("BLUE_GREEN" | "LINEAR" | "CANARY"))
}

/// `: ECS's words`, where it has some.
fn reason_of(deployment: &Deployment) -> String {
    let reason = deployment.rollout_reason.as_deref().filter(|reason| !reason.is_empty());
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// A rollback of the newest deployment, and why. ECS says it in three places: the reason of the
/// deployment that goes back, the deployment that failed (until its last task is gone), and events.
///
/// Source of the words: "Amazon ECS service deployment state change events" (`ECS deployment circuit
/// breaker: rolling back to deploymentId …`) and the service's own events (`rolling back to deployment
/// ecs-svc/1.`, `deployment failed: tasks failed to start.`).
fn rolled_back(service: &Service, now: Time) -> Option<String> {
    let primary = service.primary()?;
    let is_of_it =
        |at: Time| primary.created.is_none_or(|created| since_ms(at, created) <= SAME_MOMENT_MS);
    // A deployment's own failure is no rollback: it may have none to go back to.
    let failure = service.events.iter().find(|event| {
        let own = format!("(deployment {})", primary.id);
        words(&event.message).starts_with("deployment failed")
            && !event.message.contains(&own)
            && event.time.is_some_and(is_of_it)
    });
    let back = service
        .events
        .iter()
        .find(|event| is_rollback(words(&event.message)) && event.time.is_some_and(is_of_it));
    let failed = service
        .deployments
        .iter()
        .find(|other| other.status != "PRIMARY" && other.rollout.as_deref() == Some("FAILED"));
    let own_reason = primary.rollout_reason.as_deref().filter(|reason| is_rollback(reason));
    let goes_back = service.circuit_breaker.is_some_and(|breaker| breaker.rollback)
        || service.alarms.as_ref().is_some_and(|alarms| alarms.rollback);
    let was_to_go_back = goes_back && failure.is_some();
    let is_taken_back = back.is_some() || own_reason.is_some() || was_to_go_back;
    if !is_taken_back {
        return None;
    }
    let at = back.or(failure).and_then(|event| event.time).or(primary.created);
    let ago = at.map(|at| format!(" {} ago", duration(at, now))).unwrap_or_default();
    let why = failure
        .map(|event| words(&event.message))
        .or_else(|| failed.and_then(|failed| failed.rollout_reason.as_deref()))
        .or(own_reason)
        .or_else(|| back.map(|event| words(&event.message)));
    Some(format!("rolled back{ago}{}", why.map(|why| format!(": {why}")).unwrap_or_default()))
}

/// Whether ECS's words speak of a rollback.
fn is_rollback(words: &str) -> bool {
    words.contains("rolling back to") || words.contains("ROLLBACK") || words.contains("rolled back")
}

fn crash_loop(evidence: &Evidence<'_>) -> Option<String> {
    let in_rollout = || {
        let primary = evidence.service.primary()?;
        let is_under_way = primary.rollout.as_deref() == Some("IN_PROGRESS");
        (is_under_way && primary.failed_tasks >= CRASHES).then(|| {
            format!(
                "{} of the rollout failed{}",
                count(primary.failed_tasks, "task"),
                reason_of(primary)
            )
        })
    };
    // Where the stopped tasks are known, they tell, and events are not guessed at.
    let confirmed = match evidence.stopped {
        Some(tasks) => by_stops(evidence.service, tasks, evidence.now),
        None => by_events(evidence.service, evidence.now),
    };
    confirmed.or_else(in_rollout)
}

fn by_stops(service: &Service, tasks: &[Task], now: Time) -> Option<String> {
    let failures: Vec<Task> = tasks
        .iter()
        .filter(|task| is_failure(task) && !is_given_up(service, task))
        .filter(|task| {
            let at = task.stopped.or(task.stopping);
            at.is_none_or(|at| since_ms(at, now) <= STOPS_WITHIN_MS)
        })
        .cloned()
        .collect();
    let number = u32::try_from(failures.len()).unwrap_or(u32::MAX);
    if number < CRASHES {
        return None;
    }
    let most = stops(&failures).into_iter().next();
    let most = most.map(|most| {
        let exit = most.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
        let part = match most.tasks == number {
            true => String::new(),
            false => format!(", {} of them", most.tasks),
        };
        format!("{part}: {}{exit}", most.reason)
    });
    Some(format!("{} failed in the last hour{}", count(number, "task"), most.unwrap_or_default()))
}

/// Whether a task is of a deployment that ECS gave up, or that another one replaced: none is started in its
/// place. The scheduler puts the deployment's id into `startedBy`.
fn is_given_up(service: &Service, task: &Task) -> bool {
    let Some(id) = task.started_by.as_deref().filter(|by| by.starts_with("ecs-svc/")) else {
        return false;
    };
    let goes_on = |deployment: &Deployment| {
        deployment.id == id && deployment.rollout.as_deref() != Some("FAILED")
    };
    service.is_deployed_by_ecs() && !service.deployments.iter().any(goes_on)
}

/// Whether a task stopped because something was wrong with it. A task of a service has no reason to
/// end by itself, so any exit counts; what the scheduler or a person stopped does not, unless the
/// scheduler did it over a health check.
fn is_failure(task: &Task) -> bool {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    let fails_check = reason.contains("failed") && reason.contains("health check");
    match task.stop_code.as_deref() {
        _ if !task.is_stopped() => false,
        Some("EssentialContainerExited" | "TaskFailedToStart") => true,
        Some("ServiceSchedulerInitiated") => fails_check,
        Some(_) => false,
        // Old platforms give no code.
        None => fails_check || reason.starts_with("Essential container in task exited"),
    }
}

/// Outside of a rollout, events show tasks that die. Starts alone may be scaling, so they count as far
/// as they prove deaths:
/// - more tasks were started than stopped by ECS, and more than there are now;
/// - targets were taken out of a target group, and ECS had not stopped their tasks;
/// - tasks failed health checks;
/// - or ECS says that it cannot start tasks consistently.
///
/// Source of the words: "Amazon ECS service event messages" in the developer guide.
fn by_events(service: &Service, now: Time) -> Option<String> {
    if let Some(impaired) = is_impaired(service, now) {
        return Some(impaired);
    }
    if !is_settled(service) {
        return None;
    }
    let all: Vec<&str> = recent_events(service, now, EventsOf::Settled).collect();
    let sum = |number: fn(&str) -> Option<u32>| {
        all.iter().filter_map(|words| number(words)).fold(0, u32::saturating_add)
    };
    let starts = all.iter().filter(|words| started(words).is_some()).count();
    if starts < CRASHES as usize {
        return None;
    }
    let (begun, ended) = (sum(started), sum(stopped));
    let alive = service.running.saturating_add(service.pending);
    let vanished = begun.saturating_sub(ended).saturating_sub(alive);
    let taken_out = most_taken_out(&all).saturating_sub(ended);
    // ECS names the task: the same words again are the same task.
    let unhealthy: BTreeSet<&&str> = all.iter().filter(|words| fails_check(words)).collect();
    let unhealthy = u32::try_from(unhealthy.len()).unwrap_or(u32::MAX);
    let died = vanished.max(taken_out);
    let how = match died.max(unhealthy) {
        0..CRASHES => return None,
        most if most == unhealthy => format!("{most} failed health checks"),
        most => format!("at least {most} died"),
    };
    let minutes = EVENTS_WITHIN_MS / MINUTE_MS;
    Some(format!("{} started in the last {minutes} minutes, {how}", count(begun, "task")))
}

/// ECS says itself that it cannot start tasks, and has not reached a steady state since.
fn is_impaired(service: &Service, now: Time) -> Option<String> {
    let since_steady = recent_events(service, now, EventsOf::All)
        .take_while(|words| !words.starts_with("has reached a steady state"));
    let impaired =
        since_steady.into_iter().find(|words| words.contains("unable to consistently start tasks"));
    impaired.map(|words| format!("ECS says that it {words}"))
}

/// Whether no rollout is under way, and the last was over before the events that count.
fn is_settled(service: &Service) -> bool {
    let one = service.deployments.iter().filter(|other| other.status != "INACTIVE").count() == 1;
    one && matches!(rollout(service), Some("COMPLETED") | None)
}

/// Which events count.
#[derive(Clone, Copy, PartialEq)]
enum EventsOf {
    /// All since PRIMARY began.
    All,
    /// Those since its rollout was over.
    Settled,
}

/// The words of the events of the last half hour, the newest first.
fn recent_events(service: &Service, now: Time, of: EventsOf) -> impl Iterator<Item = &str> {
    let created = service.primary().and_then(|primary| primary.created).map(Time::millis);
    let completed = service
        .events
        .iter()
        .filter(|event| words(&event.message).starts_with("deployment completed"))
        .filter_map(|event| event.time.map(Time::millis))
        .filter(|at| created.is_none_or(|created| *at >= created))
        .max();
    // Without an event that says when the rollout was over, it has a rollout's allowance.
    let over = completed.or(created.map(|created| created.saturating_add(STUCK_AFTER_MS)));
    let from = if of == EventsOf::All { created } else { over };
    service.events.iter().filter_map(move |event| {
        let at = event.time?;
        let is_recent = since_ms(at, now) <= EVENTS_WITHIN_MS;
        let counts = is_recent && from.is_none_or(|from| at.millis() > from);
        counts.then(|| words(&event.message))
    })
}

/// `has started 3 tasks: …`
fn started(words: &str) -> Option<u32> {
    number_between(words, "has started ", " tasks")
}

/// `has stopped 3 running tasks: …`
fn stopped(words: &str) -> Option<u32> {
    number_between(words, "has stopped ", " running tasks")
}

fn number_between(words: &str, before: &str, after: &str) -> Option<u32> {
    let (number, _) = words.strip_prefix(before)?.split_once(after)?;
    number.trim().parse().ok()
}

/// How many targets were taken out, of the target group that lost the most: a task may be in several.
fn most_taken_out(all: &[&str]) -> u32 {
    let mut by_group: Vec<(&str, u32)> = Vec::new();
    for words in all {
        let Some(number) = number_between(words, "deregistered ", " targets") else { continue };
        let group = words.split_once("(target-group ").map_or("", |(_, group)| group);
        match by_group.iter_mut().find(|(name, _)| *name == group) {
            Some((_, sum)) => *sum = sum.saturating_add(number),
            None => by_group.push((group, number)),
        }
    }
    by_group.into_iter().map(|(_, sum)| sum).max().unwrap_or(0)
}

/// `(task 0f9d…) failed container health checks.`, `(task 0f9d…) (port 80) is unhealthy in
/// (target-group …) due to …`
fn fails_check(words: &str) -> bool {
    words.contains("is unhealthy in")
        || (words.contains("failed") && words.contains("health check"))
}

fn unhealthy_tasks(evidence: &Evidence<'_>) -> Option<String> {
    let running: Vec<&Task> = evidence.running?.iter().filter(|task| !task.is_stopped()).collect();
    let is_unhealthy = |task: &&&Task| task.health.as_deref() == Some("UNHEALTHY");
    let unhealthy = running.iter().filter(is_unhealthy).count();
    let fail = if unhealthy == 1 { "fails" } else { "fail" };
    (unhealthy > 0).then(|| {
        let all = count(u32::try_from(running.len()).unwrap_or(u32::MAX), "task");
        format!("{unhealthy} of {all} {fail} health checks")
    })
}

fn mixed_versions(versions: &[Version]) -> Option<String> {
    let running: Vec<&Version> = versions.iter().filter(|version| version.running > 0).collect();
    let mut distinct: Vec<&Version> = Vec::new();
    for version in &running {
        if distinct.iter().all(|other| version.differs_from(other)) {
            distinct.push(version);
        }
    }
    if distinct.len() < 2 {
        return None;
    }
    let labels = distinct.iter().map(|version| {
        let label = distinct_label(version, &distinct);
        format!("{} {} {label}", count(version.running, "task"), run(version.running))
    });
    Some(format!("{} versions run: {}", distinct.len(), labels.collect::<Vec<_>>().join(", ")))
}

/// What tells a version from others: its label, else its digest, else its whole image.
fn distinct_label(version: &Version, all: &[&Version]) -> String {
    let label = version.label();
    let is_shared = all.iter().filter(|other| other.label() == label).count() > 1;
    match (&version.digest, &version.image) {
        _ if !is_shared => label,
        (Some(digest), _) => format!("{label} ({})", short_digest(digest)),
        (None, Some(image)) => image.clone(),
        (None, None) => label,
    }
}

/// Tasks that run an image of this name, but not the one that the tag stands for. An image that is
/// named by digest runs that one whatever becomes of the tag.
fn tag_moved(evidence: &Evidence<'_>) -> Option<String> {
    let (Some(image), Some(TagNow::PointsTo(now))) = (evidence.image, evidence.tag) else {
        return None;
    };
    if tag_and_digest(image).1.is_some() {
        return None;
    }
    let others: Vec<String> = evidence
        .versions
        .iter()
        .filter(|version| {
            version.running > 0 && version.image_name() == Some(without_digest(image))
        })
        .filter_map(|version| Some((version.running, version.digest.as_deref()?)))
        .filter(|(_, digest)| *digest != now)
        .map(|(tasks, digest)| {
            format!("{} {} {}", count(tasks, "task"), run(tasks), short_digest(digest))
        })
        .collect();
    let tag = tag_and_digest(image).0.unwrap_or_else(|| "latest".to_owned());
    let now = short_digest(now);
    (!others.is_empty()).then(|| format!("{tag} now points to {now}, {}", others.join(", ")))
}

fn image_missing(evidence: &Evidence<'_>) -> Option<String> {
    let image = evidence.image?;
    match evidence.tag? {
        TagNow::PointsTo(_) => None,
        TagNow::Missing => Some(format!("the registry has no {image}: no new task can pull it")),
        TagNow::RepositoryMissing => {
            Some(format!("the registry has no repository for {image}: no new task can pull it"))
        }
    }
}

fn mutable_tag(image: &str) -> Option<String> {
    let (tag, digest) = tag_and_digest(image);
    match (tag, digest) {
        (_, Some(_)) => None,
        _ if image.is_empty() => None,
        (None, None) => {
            Some(format!("{image} has no tag, so `latest` is pulled, whatever that is"))
        }
        (Some(tag), None) => {
            let moves = MOVING.contains(&tag.to_ascii_lowercase().as_str());
            moves.then(|| {
                format!("the tag `{tag}` moves: the next deployment may run another image")
            })
        }
    }
}

fn not_deployed(evidence: &Evidence<'_>) -> Option<String> {
    let service = evidence.service;
    let arn = service.primary().and_then(|primary| primary.task_definition.as_deref());
    let name = short_name(arn.or(service.task_definition.as_deref())?);
    let (family, revision) = name.rsplit_once(':')?;
    let revision: u32 = revision.parse().ok()?;
    let newest = evidence.newest_revision?;
    (newest > revision).then(|| {
        let behind = count(newest - revision, "revision");
        format!("{family}:{newest} is registered, {name} is deployed: {behind} behind")
    })
}

fn since_ms(from: Time, to: Time) -> i64 {
    to.millis().saturating_sub(from.millis())
}

/// `14 minutes`, `3 days`: in the largest unit that is whole at least once.
fn duration(from: Time, to: Time) -> String {
    let minutes = since_ms(from, to).max(0) / MINUTE_MS;
    let (number, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    count(u32::try_from(number).unwrap_or(u32::MAX), unit)
}

/// `1 task`, `9 tasks`.
fn count(number: u32, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// One task runs, several run.
fn run(tasks: u32) -> &'static str {
    if tasks == 1 { "runs" } else { "run" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::{CircuitBreaker, Event, TaskContainer};
    use proptest::prelude::*;

    const NOW: Time = Time::from_millis(1_795_000_000_000);
    const DIGEST_A: &str =
        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const DIGEST_B: &str =
        "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn ago(minutes: i64) -> Option<Time> {
        Some(Time::from_millis(NOW.millis() - minutes * MINUTE_MS))
    }

    /// A service of 24 tasks whose rollout was over two days ago.
    fn whole() -> Service {
        Service {
            name: "api".to_owned(),
            cluster: "prod".to_owned(),
            desired: 24,
            running: 24,
            deployments: vec![Deployment {
                id: "ecs-svc/1".to_owned(),
                status: "PRIMARY".to_owned(),
                task_definition: Some("arn:aws:ecs:r:1:task-definition/api:7".to_owned()),
                desired: 24,
                running: 24,
                created: ago(2 * 1_440),
                updated: ago(2 * 1_440 - 4),
                rollout: Some("COMPLETED".to_owned()),
                rollout_reason: Some("ECS deployment ecs-svc/1 completed.".to_owned()),
                ..Deployment::default()
            }],
            ..Service::default()
        }
    }

    fn changed(change: impl FnOnce(&mut Service)) -> Service {
        let mut service = whole();
        change(&mut service);
        service
    }

    fn primary(service: &mut Service) -> &mut Deployment {
        &mut service.deployments[0]
    }

    fn events(said: &[(i64, &str)]) -> Vec<Event> {
        let event = |(minutes, words): &(i64, &str)| Event {
            time: ago(*minutes),
            message: format!("(service api) {words}"),
        };
        said.iter().map(event).collect()
    }

    fn version(tag: &str, digest: Option<&str>, running: u32) -> Version {
        Version {
            image: Some(format!("r/api:{tag}")),
            tag: Some(tag.to_owned()),
            digest: digest.map(str::to_owned),
            running,
            ..Version::default()
        }
    }

    fn evidence(service: &Service) -> Evidence<'_> {
        Evidence {
            now: NOW,
            service,
            versions: &[],
            image: None,
            newest_revision: None,
            tag: None,
            running: None,
            stopped: None,
        }
    }

    fn said(evidence: &Evidence<'_>) -> Vec<(String, String)> {
        findings(evidence).into_iter().map(|said| (said.finding, said.says)).collect()
    }

    /// What is said of a service about which nothing else was asked.
    fn of(service: &Service) -> Vec<(String, String)> {
        said(&evidence(service))
    }

    fn one(finding: &str, says: &str) -> Vec<(String, String)> {
        vec![(finding.to_owned(), says.to_owned())]
    }

    fn two(a: (&str, &str), b: (&str, &str)) -> Vec<(String, String)> {
        [one(a.0, a.1), one(b.0, b.1)].concat()
    }

    #[test]
    fn fewer_tasks_than_desired_are_said_with_their_number() {
        let service = changed(|service| {
            service.running = 23;
            service.pending = 1;
        });
        assert_eq!(of(&service), one("under-desired", "23 of 24 tasks run, 1 is starting"));
        let service = changed(|service| (service.desired, service.running) = (1, 0));
        assert_eq!(of(&service), one("under-desired", "0 of 1 task run"));
    }

    #[test]
    fn a_rollout_is_stuck_after_ten_minutes_or_when_it_failed() {
        let mut service = changed(|service| {
            let primary = primary(service);
            primary.rollout = Some("IN_PROGRESS".to_owned());
            primary.rollout_reason = Some("ECS deployment ecs-svc/1 in progress.".to_owned());
            primary.created = ago(14);
            primary.failed_tasks = 2;
        });
        let says =
            "in progress for 14 minutes, 2 tasks failed: ECS deployment ecs-svc/1 in progress.";
        assert_eq!(of(&service), one("stuck-rollout", says));
        primary(&mut service).created = ago(9);
        assert_eq!(of(&service), []);
        primary(&mut service).rollout = Some("FAILED".to_owned());
        primary(&mut service).updated = ago(150);
        primary(&mut service).rollout_reason =
            Some("ECS deployment circuit breaker: tasks failed to start.".to_owned());
        let says = "failed 2 hours ago, 2 tasks failed: ECS deployment circuit breaker: tasks failed to start.";
        assert_eq!(of(&service), one("stuck-rollout", says));
    }

    #[test]
    fn a_canary_that_waits_with_all_its_tasks_is_not_stuck() {
        let mut service = changed(|service| {
            service.strategy = Some("CANARY".to_owned());
            primary(service).rollout = Some("IN_PROGRESS".to_owned());
            primary(service).created = ago(60);
        });
        assert_eq!(of(&service), []);
        primary(&mut service).failed_tasks = 1;
        assert_eq!(of(&service)[0].0, "stuck-rollout");
    }

    #[test]
    fn failed_tasks_of_a_rollout_are_a_crash_loop() {
        let service = changed(|service| {
            primary(service).rollout = Some("IN_PROGRESS".to_owned());
            primary(service).rollout_reason = None;
            primary(service).created = ago(14);
            primary(service).failed_tasks = 9;
        });
        let expected = two(
            ("crash-loop", "9 tasks of the rollout failed"),
            ("stuck-rollout", "in progress for 14 minutes, 9 tasks failed"),
        );
        assert_eq!(of(&service), expected);
        assert!(is_suspect(&service, NOW));
    }

    #[test]
    fn a_rollback_is_said_until_the_next_deployment() {
        const THREE_DAYS: i64 = 3 * 1_440;
        let mut service = changed(|service| {
            primary(service).created = ago(THREE_DAYS);
            service.events = events(&[
                (THREE_DAYS - 4, "has reached a steady state."),
                (THREE_DAYS, "rolling back to deployment ecs-svc/0."),
                (THREE_DAYS, "(deployment ecs-svc/9) deployment failed: tasks failed to start."),
            ]);
        });
        let says = "rolled back 3 days ago: deployment failed: tasks failed to start.";
        assert_eq!(of(&service), one("rolled-back", says));
        primary(&mut service).created = ago(30);
        assert_eq!(of(&service), []);
    }

    #[test]
    fn a_rollback_that_is_under_way_is_said_by_its_reason() {
        let service = changed(|service| {
            primary(service).created = ago(3);
            primary(service).rollout = Some("IN_PROGRESS".to_owned());
            primary(service).rollout_reason = Some(
                "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0."
                    .to_owned(),
            );
            service.deployments.push(Deployment {
                id: "ecs-svc/2".to_owned(),
                status: "ACTIVE".to_owned(),
                rollout: Some("FAILED".to_owned()),
                rollout_reason: Some(
                    "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
                ),
                ..Deployment::default()
            });
        });
        let says =
            "rolled back 3 minutes ago: ECS deployment circuit breaker: tasks failed to start.";
        assert_eq!(of(&service), one("rolled-back", says));
    }

    #[test]
    fn a_deployment_that_failed_with_nothing_to_go_back_to_is_no_rollback() {
        let service = changed(|service| {
            service.circuit_breaker = Some(CircuitBreaker { enabled: true, rollback: true });
            primary(service).rollout = Some("FAILED".to_owned());
            primary(service).rollout_reason = None;
            primary(service).updated = ago(20);
            service.events =
                events(&[(20, "(deployment ecs-svc/1) deployment failed: tasks failed to start.")]);
        });
        assert_eq!(of(&service), one("stuck-rollout", "failed 20 minutes ago"));
    }

    fn dead(code: &str, reason: &str, exit_code: Option<i32>, minutes: i64) -> Task {
        Task {
            last_status: Some("STOPPED".to_owned()),
            stop_code: Some(code.to_owned()),
            stopped_reason: Some(reason.to_owned()),
            stopped: ago(minutes),
            containers: vec![TaskContainer { exit_code, ..TaskContainer::default() }],
            ..Task::default()
        }
    }

    fn of_stops(tasks: &[Task]) -> Vec<(String, String)> {
        said(&Evidence { stopped: Some(tasks), ..evidence(&whole()) })
    }

    #[test]
    fn tasks_that_died_within_the_hour_are_a_crash_loop() {
        let exited = |minutes| {
            dead(
                "EssentialContainerExited",
                "Essential container in task exited",
                Some(137),
                minutes,
            )
        };
        let check = "Task failed ELB health checks in (target-group arn:aws:x)";
        let mut tasks = vec![exited(1), exited(20), exited(61)];
        assert_eq!(of_stops(&tasks), []);
        tasks.push(dead("ServiceSchedulerInitiated", check, None, 30));
        let says = "3 tasks failed in the last hour, 2 of them: Essential container in task exited \
                    (exit code 137)";
        assert_eq!(of_stops(&tasks), one("crash-loop", says));
    }

    #[test]
    fn tasks_of_a_deployment_that_was_given_up_are_no_loop() {
        let of_deployment = |id: &str| {
            let task = dead("TaskFailedToStart", "CannotPullContainerError", None, 20);
            let tasks = vec![Task { started_by: Some(id.to_owned()), ..task }; 3];
            let failed = changed(|service| {
                primary(service).rollout = Some("FAILED".to_owned());
                primary(service).rollout_reason = None;
                let last = Deployment {
                    id: "ecs-svc/0".to_owned(),
                    status: "ACTIVE".to_owned(),
                    rollout: Some("COMPLETED".to_owned()),
                    ..Deployment::default()
                };
                service.deployments.push(last);
            });
            said(&Evidence { stopped: Some(&tasks), ..evidence(&failed) })
        };
        assert_eq!(of_deployment("ecs-svc/1"), one("stuck-rollout", "failed 1 day ago"));
        assert_eq!(of_deployment("ecs-svc/9"), one("stuck-rollout", "failed 1 day ago"));
        assert_eq!(of_deployment("ecs-svc/0")[0].0, "crash-loop");
    }

    #[test]
    fn tasks_that_were_stopped_on_purpose_are_none() {
        let scaled = "Scaling activity initiated by (deployment ecs-svc/1)";
        let tasks: Vec<Task> = (0..20)
            .map(|minutes| match minutes % 3 {
                0 => dead("ServiceSchedulerInitiated", scaled, Some(143), minutes),
                1 => dead("UserInitiated", "for a test", Some(0), minutes),
                _ => dead("SpotInterruption", "Your Spot Task was interrupted.", None, minutes),
            })
            .collect();
        assert_eq!(of_stops(&tasks), []);
    }

    #[test]
    fn events_that_prove_deaths_are_a_crash_loop() {
        let one_at_a_time = |from: i64| {
            let start = |minutes| (minutes, "has started 1 tasks: (task 0f9de17a6465404e).");
            (from..from + 6).map(start).collect::<Vec<_>>()
        };
        let mut service = changed(|service| {
            (service.desired, service.running) = (2, 2);
            service.events = events(&one_at_a_time(3));
        });
        let says = "6 tasks started in the last 30 minutes, at least 4 died";
        assert_eq!(of(&service), one("crash-loop", says));
        assert!(is_suspect(&service, NOW));
        // What was stopped by ECS has not died.
        service.events.extend(events(&[(4, "has stopped 3 running tasks: (task 1) (task 2).")]));
        assert_eq!(of(&service), []);
        // Events of the last rollout, and old ones, say nothing.
        service.events = events(
            &[&[(2, "(deployment ecs-svc/1) deployment completed.")], &one_at_a_time(3)[..]]
                .concat(),
        );
        assert_eq!(of(&service), []);
        service.events = events(&one_at_a_time(31));
        assert_eq!(of(&service), []);
    }

    #[test]
    fn the_starts_of_a_rollout_that_was_just_over_are_no_crash_loop() {
        let start = |minutes| (minutes, "has started 2 tasks: (task 0f9de17a6465404e).");
        let mut said = vec![start(3), start(4), start(5), start(6)];
        // It was the rollout before that was completed then.
        said.push((200, "(deployment ecs-svc/0) deployment completed."));
        let service = changed(|service| {
            (service.desired, service.running) = (2, 2);
            primary(service).created = ago(9);
            service.events = events(&said);
        });
        assert_eq!(of(&service), []);
    }

    #[test]
    fn targets_that_vanish_and_failing_health_checks_are_deaths_too() {
        let starts = [
            (1, "has started 1 tasks: (task a)."),
            (5, "has started 1 tasks: (task b)."),
            (9, "has started 1 tasks: (task c)."),
        ];
        let out = "deregistered 1 targets in (target-group arn:x)";
        let vanish = [(2, out), (6, out), (10, out)];
        let service =
            changed(|service| service.events = events(&[&starts[..], &vanish[..]].concat()));
        let says = "3 tasks started in the last 30 minutes, at least 3 died";
        assert_eq!(of(&service), one("crash-loop", says));
        let fail = [
            (2, "(task a) failed container health checks."),
            (6, "(task b) (port 80) is unhealthy in (target-group arn:x) due to (reason timeout)."),
            (10, "(task c) failed container health checks."),
        ];
        let service =
            changed(|service| service.events = events(&[&starts[..], &fail[..]].concat()));
        let says = "3 tasks started in the last 30 minutes, 3 failed health checks";
        assert_eq!(of(&service), one("crash-loop", says));
    }

    #[test]
    fn ecs_saying_that_it_cannot_start_tasks_is_enough_until_it_can() {
        let impaired = "is unable to consistently start tasks successfully.";
        let mut service = changed(|service| service.events = events(&[(7, impaired)]));
        let says = "ECS says that it is unable to consistently start tasks successfully.";
        assert_eq!(of(&service), one("crash-loop", says));
        service.events.insert(0, events(&[(3, "has reached a steady state.")]).remove(0));
        assert_eq!(of(&service), []);
    }

    #[test]
    fn scaling_is_no_crash_loop() {
        let out = |minutes| (minutes, "has started 4 tasks: (task 0f9de17a6465404e).");
        let into = (20, "has stopped 9 running tasks: (task 0f9de17a6465404e).");
        let service = changed(|service| service.events = events(&[out(2), out(6), into, out(24)]));
        assert_eq!(of(&service), []);
        // But it could be one: the stopped tasks are worth a look.
        assert!(is_suspect(&service, NOW));
    }

    #[test]
    fn several_versions_are_named_with_their_tasks() {
        let service = whole();
        let said_of = |versions: &[Version]| said(&Evidence { versions, ..evidence(&service) });
        let mixed = [version("v2", Some(DIGEST_A), 1), version("v1", Some(DIGEST_B), 23)];
        let says = "2 versions run: 1 task runs v2, 23 tasks run v1";
        assert_eq!(said_of(&mixed), one("mixed-versions", says));
        let same_tag = [version("v1", Some(DIGEST_A), 1), version("v1", Some(DIGEST_B), 23)];
        let says = "2 versions run: 1 task runs v1 (sha256:aaaaaaaaaaaa…), \
                    23 tasks run v1 (sha256:bbbbbbbbbbbb…)";
        assert_eq!(said_of(&same_tag), one("mixed-versions", says));
        let one_image = [version("v2", Some(DIGEST_A), 1), version("v1", Some(DIGEST_A), 23)];
        assert_eq!(said_of(&one_image), []);
        let none_yet = [version("v2", Some(DIGEST_A), 0), version("v1", Some(DIGEST_B), 24)];
        assert_eq!(said_of(&none_yet), []);
        let not_known =
            [version("v1", Some(DIGEST_A), 23), Version { running: 1, ..Version::default() }];
        assert_eq!(said_of(&not_known), []);
    }

    #[test]
    fn a_tag_that_moved_says_what_it_points_to_and_what_runs() {
        let service = whole();
        let versions =
            [version("v3.18.1", Some(DIGEST_B), 36), version("v3.18.0", Some(DIGEST_A), 1)];
        let now = |digest: &str| TagNow::PointsTo(digest.to_owned());
        let moved = |image, tag: &TagNow| {
            let all = Evidence {
                versions: &versions,
                image: Some(image),
                tag: Some(tag),
                ..evidence(&service)
            };
            tag_moved(&all)
        };
        assert_eq!(
            moved("r/api:v3.18.1", &now(DIGEST_A)).as_deref(),
            Some("v3.18.1 now points to sha256:aaaaaaaaaaaa…, 36 tasks run sha256:bbbbbbbbbbbb…")
        );
        assert_eq!(moved("r/api:v3.18.1", &now(DIGEST_B)), None);
        assert_eq!(moved(&format!("r/api:v3.18.1@{DIGEST_B}"), &now(DIGEST_A)), None);
    }

    #[test]
    fn an_image_that_the_registry_lost_is_said_by_its_name() {
        let service = whole();
        let of = |tag: &TagNow| {
            said(&Evidence { image: Some("r/api:v1"), tag: Some(tag), ..evidence(&service) })
        };
        let says = "the registry has no r/api:v1: no new task can pull it";
        assert_eq!(of(&TagNow::Missing), one("image-missing", says));
        let says = "the registry has no repository for r/api:v1: no new task can pull it";
        assert_eq!(of(&TagNow::RepositoryMissing), one("image-missing", says));
    }

    #[test]
    fn a_tag_that_moves_is_one_without_a_digest() {
        let service = whole();
        let of = |image| said(&Evidence { image: Some(image), ..evidence(&service) });
        let says = "the tag `Latest` moves: the next deployment may run another image";
        assert_eq!(of("r/api:Latest"), one("mutable-tag", says));
        let says = "host:5000/api has no tag, so `latest` is pulled, whatever that is";
        assert_eq!(of("host:5000/api"), one("mutable-tag", says));
        assert_eq!(of("r/api:v1"), []);
        assert_eq!(of("r/api:latest@sha256:a"), []);
    }

    #[test]
    fn a_newer_revision_says_how_far_behind_the_service_is() {
        let service = whole();
        let of = |newest| said(&Evidence { newest_revision: Some(newest), ..evidence(&service) });
        let says = "api:9 is registered, api:7 is deployed: 2 revisions behind";
        assert_eq!(of(9), one("not-deployed", says));
        assert_eq!(of(7), []);
    }

    #[test]
    fn unhealthy_tasks_are_counted_among_those_that_run() {
        let service = whole();
        let task = |health: &str, status: &str| Task {
            health: Some(health.to_owned()),
            last_status: Some(status.to_owned()),
            ..Task::default()
        };
        let tasks = [
            task("UNHEALTHY", "RUNNING"),
            task("HEALTHY", "RUNNING"),
            task("UNHEALTHY", "STOPPED"),
        ];
        let of = said(&Evidence { running: Some(&tasks), ..evidence(&service) });
        assert_eq!(of, one("unhealthy-tasks", "1 of 2 tasks fails health checks"));
    }

    #[test]
    fn each_finding_has_one_name_and_all_are_worst_first() {
        for finding in Finding::ALL {
            assert_eq!(Finding::named(finding.name()), Some(finding));
            assert!(finding.meaning().ends_with('.'), "{}", finding.meaning());
            assert!(!finding.meaning().contains("  "), "{}", finding.meaning());
        }
        assert!(Finding::ALL.is_sorted_by(|a, b| a < b && a.weight() > b.weight()));
        let healthy = Finding::ALL.iter().filter(|finding| !finding.is_unhealthy());
        let least =
            Finding::ALL.iter().filter(|finding| finding.is_unhealthy()).map(|f| f.weight()).min();
        assert!(healthy.map(|finding| finding.weight()).sum::<u32>() < least.unwrap());
        assert_eq!(Finding::named("Mixed-Versions"), None);
        assert!(MOVING.is_sorted());
    }

    const WORDS: [&str; 10] = [
        "has started 1 tasks: (task a).",
        "has started 4294967295 tasks: (task a).",
        "has stopped 2 running tasks: (task a).",
        "deregistered 3 targets in (target-group x)",
        "has reached a steady state.",
        "(deployment ecs-svc/1) deployment completed.",
        "(deployment ecs-svc/2) deployment failed: tasks failed to start.",
        "rolling back to deployment ecs-svc/1.",
        "(task a) failed container health checks.",
        "is unable to consistently start tasks successfully.",
    ];

    proptest! {
        #[test]
        fn a_service_that_is_whole_and_quiet_has_no_finding(
            tasks in 0u32..1_000,
            created in 11i64..100_000,
            steady in prop::collection::vec(0i64..100_000, 0..9),
            scaled in prop::collection::vec((0i64..100_000, 1u32..20), 0..3),
            digest in prop::option::of(Just(DIGEST_A)),
            checks in any::<bool>(),
        ) {
            let mut said_then: Vec<(i64, String)> =
                steady.iter().map(|at| (*at, "has reached a steady state.".to_owned())).collect();
            let mut running = tasks;
            for (at, more) in scaled {
                running += more;
                said_then.push((at, format!("has started {more} tasks: (task a).")));
            }
            said_then.sort();
            let service = changed(|service| {
                (service.desired, service.running) = (running, running);
                primary(service).created = ago(created);
                service.events = events(
                    &said_then.iter().map(|(at, words)| (*at, words.as_str())).collect::<Vec<_>>(),
                );
            });
            let versions = [version("v1", digest, running)];
            let image = "r/api:v1";
            let now = TagNow::PointsTo(DIGEST_A.to_owned());
            let healthy = vec![
                Task { health: Some("HEALTHY".to_owned()), ..Task::default() };
                if checks { 3 } else { 0 }
            ];
            let all = Evidence {
                versions: &versions,
                image: Some(image),
                newest_revision: Some(7),
                tag: Some(&now),
                running: Some(&healthy),
                ..evidence(&service)
            };
            prop_assert_eq!(said(&all), []);
            prop_assert_eq!(said(&Evidence { stopped: Some(&[]), ..all }), []);
        }

        #[test]
        fn nothing_panics_and_all_that_is_said_has_a_name(
            counts in prop::array::uniform4(prop_oneof![0u32..5, Just(u32::MAX)]),
            rollout in prop::sample::select(vec!["IN_PROGRESS", "COMPLETED", "FAILED", "?"]),
            times in prop::collection::vec(prop_oneof![-100i64..100_000, Just(i64::MIN), Just(i64::MAX)], 1..9),
            picks in prop::collection::vec(0usize..10, 0..9),
            image in ".{0,12}",
            newest in any::<u32>(),
        ) {
            let time = |at: usize| Some(Time::from_millis(times[at % times.len()]));
            let service = changed(|service| {
                (service.desired, service.running, service.pending) = (counts[0], counts[1], counts[2]);
                primary(service).failed_tasks = counts[3];
                primary(service).rollout = Some(rollout.to_owned());
                primary(service).created = time(0);
                primary(service).updated = time(1);
                let event = |(at, pick): (usize, &usize)| Event {
                    time: time(at),
                    message: format!("(service api) {}", WORDS[*pick]),
                };
                service.events = picks.iter().enumerate().map(event).collect();
            });
            let all = Evidence {
                now: time(2).unwrap(),
                image: Some(&image),
                newest_revision: Some(newest),
                tag: Some(&TagNow::Missing),
                ..evidence(&service)
            };
            for said in findings(&all) {
                prop_assert!(Finding::named(&said.finding).is_some());
                prop_assert!(!said.says.is_empty());
            }
            is_suspect(&service, NOW);
        }
    }
}
