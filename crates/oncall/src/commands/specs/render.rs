//! How services and tasks look: as tables for people, as lines, as columns.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Zoned;
use output::{Align, Cell, Column, Line, Present, Role, Room, Row, Table};
use record::Time;
use specs::{Finding, FindingSaid, ServiceRecord, Stops, TaskRecord, Version};

use crate::short_time::clock;

/// So many digits tell tasks apart.
const TASK_DIGITS: usize = 12;

type Rows<T> = [(Option<String>, T)];

fn column(heading: &'static str, room: Room) -> Column {
    Column { heading, align: Align::Left, room }
}

fn number(heading: &'static str, room: Room) -> Column {
    Column { heading, align: Align::Right, room }
}

/// What is shown beside the versions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Each finding's sentence, and why tasks stopped.
    pub(super) reasons: bool,
    /// CPU, memory, who registered it.
    pub(super) details: bool,
}

/// Services in a table, cluster by cluster where that is their order, with the reasons below each where
/// they were asked for.
pub(super) fn services(
    rows: &Rows<ServiceRecord>,
    by_cluster: bool,
    shown: Shown,
    now: &Zoned,
) -> Table {
    let mut columns = vec![
        column("CLUSTER", Room::CutThenYields { least: 6, order: 9 }),
        column("SERVICE", Room::Cut { least: 12 }),
        column("CONTAINER", Room::CutThenYields { least: 8, order: 3 }),
        number("TASKS", Room::Whole),
        column("VERSION", Room::Cut { least: 12 }),
        column("DIGEST", Room::Yields(8)),
        number("AGE", Room::Whole),
        column("ROLLOUT", Room::Yields(5)),
        column("LAUNCH", Room::Yields(7)),
        column("DEFINITION", Room::Yields(6)),
        column("FINDINGS", Room::Cut { least: 10 }),
    ];
    if shown.details {
        columns.extend([
            number("CPU", Room::Yields(10)),
            number("MEMORY", Room::Yields(11)),
            column("REGISTERED BY", Room::Yields(12)),
        ]);
    }
    let mut drawn = Vec::new();
    let mut before: Option<(&Option<String>, &ServiceRecord)> = None;
    for (word, row) in rows {
        let is_of_cluster = before.is_some_and(|(last_word, last)| {
            last_word == word && last.region == row.region && last.cluster == row.cluster
        });
        if by_cluster && !is_of_cluster {
            drawn.push(Row::Heading(cluster_heading(word, row, rows)));
        }
        let is_first = !is_of_cluster || before.is_none_or(|(_, last)| last.service != row.service);
        let first = before.filter(|_| !is_first).map(|(_, first)| first);
        drawn.push(Row::Cells(service_cells(word, row, !by_cluster, first)));
        let is_last = !rows.iter().any(|(_, other)| is_later_container(row, other));
        if shown.reasons && is_last {
            drawn.extend(reasons(row, rows, now));
        }
        before = Some((word, if is_first { row } else { before.map_or(row, |(_, first)| first) }));
    }
    Table { columns, rows: drawn }
}

/// Whether `other` is a container of the same service that stands below.
fn is_later_container(row: &ServiceRecord, other: &ServiceRecord) -> bool {
    is_same_service(row, other) && other.container > row.container
}

fn is_same_service(a: &ServiceRecord, b: &ServiceRecord) -> bool {
    (&a.account, &a.region, &a.cluster, &a.service)
        == (&b.account, &b.region, &b.cluster, &b.service)
}

/// `prod: 11 services, 412 of 420 tasks run`
fn cluster_heading(
    word: &Option<String>,
    of: &ServiceRecord,
    rows: &Rows<ServiceRecord>,
) -> String {
    let mut services = BTreeSet::new();
    let (mut running, mut desired) = (0, 0);
    for (other_word, row) in rows {
        let is_here = other_word == word && row.region == of.region && row.cluster == of.cluster;
        if is_here && services.insert(&row.service) {
            running += row.running;
            desired += row.desired;
        }
    }
    let word = word.as_ref().map(|word| format!("{word} ")).unwrap_or_default();
    let noun = if services.len() == 1 { "service" } else { "services" };
    let cluster = &of.cluster;
    format!("{word}{cluster}: {} {noun}, {running} of {desired} tasks run", services.len())
}

fn service_cells(
    word: &Option<String>,
    row: &ServiceRecord,
    with_cluster: bool,
    first: Option<&ServiceRecord>,
) -> Vec<Cell> {
    let is_first = first.is_none();
    let once = |text: String| if is_first { Cell::plain(text) } else { Cell::empty() };
    let once_dim = |text: Option<String>| match is_first {
        true => Cell::new(Role::Dim, text.unwrap_or_default()),
        false => Cell::empty(),
    };
    let cluster = match word {
        Some(word) => format!("{word} {}", row.cluster),
        None => row.cluster.clone(),
    };
    let tasks = format!("{}/{}", row.running, row.desired);
    let tasks_role = match (row.running < row.desired, row.running) {
        (true, 0) => Role::Bad,
        (true, _) => Role::Warning,
        (false, _) => Role::Plain,
    };
    let rollout = row.rollout.as_deref().unwrap_or_default();
    let rollout_role = match rollout {
        "FAILED" => Role::Bad,
        "IN_PROGRESS" => Role::Warning,
        _ => Role::Dim,
    };
    let memory = row.memory_mb.map(|mib| format!("{mib} MiB"));
    vec![
        if with_cluster { once(cluster) } else { Cell::empty() },
        once(row.service.clone()),
        Cell::plain(row.container.clone().unwrap_or_default()),
        if is_first { Cell::new(tasks_role, tasks) } else { Cell::empty() },
        Cell::new(
            if row.versions.len() > 1 { Role::Warning } else { Role::Plain },
            version_text(row),
        ),
        Cell::new(Role::Dim, digest_text(row)),
        once(row.deployment_age_seconds.map(age).unwrap_or_default()),
        if is_first { Cell::new(rollout_role, rollout) } else { Cell::empty() },
        once_dim(row.launch_type.clone()),
        once_dim(row.task_definition.clone()),
        findings_cell(row, first),
        Cell::plain(row.cpu.map(|units| units.to_string()).unwrap_or_default()),
        Cell::plain(memory.unwrap_or_default()),
        Cell::new(Role::Dim, row.registered_by.as_deref().map(principal).unwrap_or_default()),
    ]
}

/// `v1.23.0`; while several run, how many of each: `v1.22.4 (3), v1.23.0 (9)`.
fn version_text(row: &ServiceRecord) -> String {
    let name = |version: &Version| match (&version.tag, &version.digest) {
        (Some(tag), _) => tag.clone(),
        (None, Some(digest)) => short_digest(digest),
        (None, None) if version.image.is_some() => "no tag".to_owned(),
        (None, None) => "unknown".to_owned(),
    };
    let running: Vec<&Version> =
        row.versions.iter().filter(|version| version.running > 0).collect();
    match running.as_slice() {
        [] => {
            let of_row = Version {
                image: row.image.clone(),
                tag: row.tag.clone(),
                digest: row.digest.clone(),
                ..Version::default()
            };
            match row.image {
                Some(_) => name(&of_row),
                None => String::new(),
            }
        }
        [one] => name(one),
        several => {
            // Where tags are the same, only digests tell them apart.
            let tags: BTreeSet<_> = several.iter().map(|version| &version.tag).collect();
            let each = several.iter().map(|version| match &version.digest {
                Some(digest) if tags.len() < several.len() => {
                    format!("{}@{} ({})", name(version), &short_digest(digest), version.running)
                }
                _ => format!("{} ({})", name(version), version.running),
            });
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The digest of the one version that [`version_text`] names: while several run, it is of none.
fn digest_text(row: &ServiceRecord) -> String {
    let mut running = row.versions.iter().filter(|version| version.running > 0);
    let digest = match (running.next(), running.next()) {
        (None, _) => row.digest.as_deref(),
        (Some(one), None) => one.digest.as_deref(),
        (Some(_), Some(_)) => None,
    };
    digest.map(short_digest).unwrap_or_default()
}

/// The digits of a digest that tell versions apart.
pub(super) fn short_digest(digest: &str) -> String {
    specs::digest_digits(digest).to_owned()
}

/// The name at the end of a principal's ARN: a role's session, a user.
pub(super) fn principal(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

fn role_of(finding: &str) -> Role {
    match Finding::named(finding) {
        Some(finding) if finding.is_unhealthy() => Role::Bad,
        _ => Role::Warning,
    }
}

/// What is not said of the service's first container already.
fn findings_cell(row: &ServiceRecord, first: Option<&ServiceRecord>) -> Cell {
    let is_said = |said: &&FindingSaid| !first.is_some_and(|first| first.findings.contains(said));
    let names: Vec<&str> =
        row.findings.iter().filter(is_said).map(|said| said.finding.as_str()).collect();
    let role = match names.iter().any(|name| role_of(name) == Role::Bad) {
        true => Role::Bad,
        false => Role::Warning,
    };
    Cell::new(role, names.join(", "))
}

/// Why: each finding's sentence once for a service, and why its tasks stopped where no finding says it.
fn reasons(row: &ServiceRecord, rows: &Rows<ServiceRecord>, now: &Zoned) -> Vec<Row> {
    let of_service =
        rows.iter().map(|(_, other)| other).filter(|other| is_same_service(row, other));
    let mut said = BTreeSet::new();
    let mut notes = Vec::new();
    for finding in of_service.flat_map(|other| &other.findings) {
        if !said.insert(&finding.says) {
            continue;
        }
        let is_of_stops = Finding::named(&finding.finding) == Some(Finding::CrashLoop);
        let latest = failures(row).filter_map(|stops| stops.latest).max().filter(|_| is_of_stops);
        let latest = latest.map(|at| format!("; the last at {}", clock(at, now)));
        let text = format!("{}: {}{}", finding.finding, finding.says, latest.unwrap_or_default());
        notes.push(Row::Note(role_of(&finding.finding), text));
    }
    for stops in failures(row).filter(|stops| !said.iter().any(|says| says.contains(&stops.reason)))
    {
        let exit = stops.exit_code.map(|code| format!(", exit {code}")).unwrap_or_default();
        let latest = stops.latest.map(|at| format!("; the last at {}", clock(at, now)));
        let noun = if stops.tasks == 1 { "task" } else { "tasks" };
        let Stops { tasks, reason, .. } = stops;
        let latest = latest.unwrap_or_default();
        let text = format!("{tasks} {noun} stopped within the hour: {reason}{exit}{latest}");
        notes.push(Row::Note(Role::Dim, text));
    }
    notes
}

/// The stops that are no part of a rollout or of scaling.
fn failures(row: &ServiceRecord) -> impl Iterator<Item = &Stops> {
    row.stops.iter().filter(|stops| !stops.reason.starts_with("Scaling activity initiated"))
}

/// How long ago, as short as it can be said: 45s, 12m, 3h, 9d.
pub(super) fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A service's container as a line or as columns.
pub(super) struct ServiceLine<'a> {
    pub(super) row: &'a ServiceRecord,
    /// Whose it is, where that has to be said.
    pub(super) word: Option<&'a str>,
}

impl Present for ServiceLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.row);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.row.image.as_deref().unwrap_or_default().into()
    }

    /// cluster, service, container, running, desired, pending, tag, digest, rollout, deployed,
    /// task_definition, findings
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let row = self.row;
        let text = |text: &'_ Option<String>| Cow::from(text.clone().unwrap_or_default());
        let findings: Vec<&str> = row.findings.iter().map(|said| said.finding.as_str()).collect();
        vec![
            (&row.cluster).into(),
            (&row.service).into(),
            text(&row.container),
            row.running.to_string().into(),
            row.desired.to_string().into(),
            row.pending.to_string().into(),
            text(&row.tag),
            text(&row.digest),
            text(&row.rollout),
            row.deployed.map(|at| at.to_string()).unwrap_or_default().into(),
            text(&row.task_definition),
            findings.join(",").into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let row = self.row;
        if let Some(word) = self.word {
            line.push_word(Role::Dim, word).push(Role::Plain, " ");
        }
        line.push_word(Role::Plain, &format!("{}/{}", row.cluster, row.service));
        if let Some(container) = &row.container {
            line.push_word(Role::Dim, &format!("/{container}"));
        }
        let role = if row.running < row.desired { Role::Bad } else { Role::Good };
        line.push(role, &format!(" {}/{} ", row.running, row.desired));
        line.push_word(Role::Plain, &version_text(row));
        if let Some(seconds) = row.deployment_age_seconds {
            line.push(Role::Dim, &format!(" {} old", age(seconds)));
        }
        for said in &row.findings {
            line.push_word(role_of(&said.finding), &format!(" {}", said.finding));
        }
    }

    fn link(&self) -> Option<String> {
        specs::service_link(&self.row.region, &self.row.cluster, &self.row.service)
    }
}

/// Tasks in a table, service by service.
pub(super) fn tasks(rows: &Rows<TaskRecord>, now: &Zoned) -> Table {
    let columns = vec![
        column("CLUSTER", Room::CutThenYields { least: 6, order: 9 }),
        column("SERVICE", Room::Cut { least: 10 }),
        column("TASK", Room::Whole),
        column("STATUS", Room::Whole),
        column("HEALTH", Room::Yields(8)),
        number("SINCE", Room::Whole),
        column("VERSION", Room::Cut { least: 8 }),
        column("WHERE", Room::CutThenYields { least: 12, order: 5 }),
        column("ZONE", Room::Yields(10)),
        column("DEFINITION", Room::Yields(7)),
        number("EXIT", Room::Whole),
        column("REASON", Room::Cut { least: 16 }),
    ];
    let rows = rows.iter().map(|(word, task)| Row::Cells(task_cells(word.as_deref(), task, now)));
    Table { columns, rows: rows.collect() }
}

fn task_cells(word: Option<&str>, task: &TaskRecord, now: &Zoned) -> Vec<Cell> {
    let cluster = match word {
        Some(word) => format!("{word} {}", task.cluster),
        None => task.cluster.clone(),
    };
    let service = task.service.as_ref().or(task.group.as_ref()).cloned().unwrap_or_default();
    let status_role = match task.status.as_str() {
        "RUNNING" => Role::Plain,
        "STOPPED" => Role::Bad,
        _ => Role::Warning,
    };
    let health_role = match task.health.as_deref() {
        Some("UNHEALTHY") => Role::Bad,
        _ => Role::Dim,
    };
    let since = task.stopped.or(task.started).or(task.created);
    let version = main_container(task).map(|container| {
        let digest = container.digest.as_deref().map(short_digest);
        container.tag.clone().or(digest).unwrap_or_default()
    });
    let place =
        task.instance.as_ref().or(task.address.as_ref()).or(task.container_instance.as_ref());
    vec![
        Cell::new(Role::Dim, cluster),
        Cell::plain(service),
        Cell::plain(task.task.chars().take(TASK_DIGITS).collect::<String>()),
        Cell::new(status_role, task.status.clone()),
        Cell::new(health_role, task.health.clone().unwrap_or_default()),
        Cell::new(Role::Dim, since.map(|at| clock(at, now)).unwrap_or_default()),
        Cell::plain(version.unwrap_or_default()),
        Cell::new(Role::Dim, place.cloned().unwrap_or_default()),
        Cell::new(Role::Dim, task.zone.clone().unwrap_or_default()),
        Cell::new(Role::Dim, task.task_definition.clone().unwrap_or_default()),
        Cell::plain(task.exit_code.map(|code| code.to_string()).unwrap_or_default()),
        Cell::plain(task.reason.clone().unwrap_or_default()),
    ]
}

/// The container that a task is about: the one that is called as its service or family, else the first.
pub(super) fn main_container(task: &TaskRecord) -> Option<&specs::TaskContainerRecord> {
    let family = task.task_definition.as_deref().and_then(|name| name.split(':').next());
    let is_called = |name: Option<&str>| {
        task.containers.iter().find(|container| Some(container.container.as_str()) == name)
    };
    is_called(task.service.as_deref()).or_else(|| is_called(family)).or(task.containers.first())
}

/// A task as a line or as columns.
pub(super) struct TaskLine<'a> {
    pub(super) task: &'a TaskRecord,
    /// Whose it is, where that has to be said.
    pub(super) word: Option<&'a str>,
}

impl Present for TaskLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.task);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.task.task).into()
    }

    /// cluster, service or group, task, status, health, started, stopped, tag, task_definition,
    /// exit_code, reason
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let task = self.task;
        let text = |text: &'_ Option<String>| Cow::from(text.clone().unwrap_or_default());
        let time = |at: Option<Time>| Cow::from(at.map(|at| at.to_string()).unwrap_or_default());
        let tag = main_container(task).and_then(|container| container.tag.clone());
        vec![
            (&task.cluster).into(),
            text(if task.service.is_some() { &task.service } else { &task.group }),
            (&task.task).into(),
            (&task.status).into(),
            text(&task.health),
            time(task.started),
            time(task.stopped),
            text(&tag),
            text(&task.task_definition),
            task.exit_code.map(|code| code.to_string()).unwrap_or_default().into(),
            text(&task.reason),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let task = self.task;
        if let Some(word) = self.word {
            line.push_word(Role::Dim, word).push(Role::Plain, " ");
        }
        let service = task.service.as_ref().or(task.group.as_ref());
        line.push_word(Role::Plain, &task.cluster);
        if let Some(service) = service {
            line.push_word(Role::Plain, &format!("/{service}"));
        }
        line.push_word(Role::Dim, &format!(" {}", task.task));
        let role = if task.status == "RUNNING" { Role::Good } else { Role::Bad };
        line.push_word(role, &format!(" {}", task.status));
        if let Some(reason) = &task.reason {
            line.push_word(Role::Plain, &format!(" {reason}"));
        }
        if let Some(code) = task.exit_code {
            line.push(Role::Plain, &format!(" (exit {code})"));
        }
    }

    fn link(&self) -> Option<String> {
        specs::task_link(&self.task.region, &self.task.cluster, &self.task.task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let ages = [0, 59, 60, 3_599, 3_600, 172_799, 172_800, 86_400 * 400].map(age);
        assert_eq!(ages, ["0s", "59s", "1m", "59m", "1h", "47h", "2d", "400d"]);
    }

    #[test]
    fn versions_are_told_by_tag_and_where_that_is_the_same_by_digest() {
        let version = |tag: &str, digest: &str, running| Version {
            image: Some(format!("repo:{tag}")),
            tag: Some(tag.to_owned()),
            digest: Some(format!("sha256:{}", digest.repeat(32))),
            running,
            ..Version::default()
        };
        let text = |versions: Vec<Version>| {
            version_text(&ServiceRecord { versions, ..ServiceRecord::default() })
        };
        assert_eq!(text(vec![version("v1", "ab", 3)]), "v1");
        let two = vec![version("v2", "ab", 9), version("v1", "cd", 3)];
        assert_eq!(text(two), "v2 (9), v1 (3)");
        let moved = vec![version("v1", "ab", 9), version("v1", "cd", 3)];
        assert_eq!(text(moved), "v1@abababababab (9), v1@cdcdcdcdcdcd (3)");
        let unknown = Version { running: 2, ..Version::default() };
        assert_eq!(text(vec![version("v1", "ab", 9), unknown]), "v1 (9), unknown (2)");
    }

    /// Services as a file or a fleet gives them.
    fn rows(lines: &str) -> Vec<(Option<String>, ServiceRecord)> {
        lines.lines().map(|line| (None, serde_json::from_str(line).unwrap())).collect()
    }

    /// A rollout with a sidecar, a service that lacks tasks, one of a long name.
    const FLEET: &str = r#"{"cluster":"edge","service":"docs","container":"nginx","image":"nginx","desired":2,"running":2,"rollout":"COMPLETED","deployment_age_seconds":2851200,"launch_type":"FARGATE","task_definition":"edge-docs:64","versions":[{"image":"nginx","running":2}],"findings":[{"finding":"mutable-tag","says":"nginx has no tag"}]}
{"cluster":"prod","service":"api","container":"api","image":"r/api:v2","tag":"v2","digest":"sha256:aaaaaaaaaaaaaaaa","desired":24,"running":24,"rollout":"IN_PROGRESS","deployment_age_seconds":90,"launch_type":"EC2","task_definition":"ingest-api:412","versions":[{"tag":"v2","running":3},{"tag":"v1","running":21}],"findings":[{"finding":"mixed-versions","says":"2 versions run"}]}
{"cluster":"prod","service":"api","container":"envoy","image":"r/envoy:v1.29.12.0-prod","tag":"v1.29.12.0-prod","digest":"sha256:bbbbbbbbbbbbbbbb","desired":24,"running":24,"rollout":"IN_PROGRESS","deployment_age_seconds":90,"launch_type":"EC2","task_definition":"ingest-api:412","versions":[{"tag":"v1.29.12.0-prod","digest":"sha256:bbbbbbbbbbbbbbbb","running":24}]}
{"cluster":"prod","service":"destinations-of-the-whole-organisation","container":"worker","image":"r/d:build-5512","tag":"build-5512","digest":"sha256:cccccccccccccccc","desired":140,"running":90,"rollout":"COMPLETED","deployment_age_seconds":93600,"launch_type":"EC2","task_definition":"outbound-destinations:1208","versions":[{"tag":"build-5512","digest":"sha256:cccccccccccccccc","running":90}],"findings":[{"finding":"under-desired","says":"90 of 140 tasks run"}],"stops":[{"reason":"OutOfMemoryError: Container killed due to memory usage","exit_code":137,"tasks":3,"latest":"2026-11-22T19:57:30.000Z"}]}"#;

    fn drawn(by_cluster: bool, reasons: bool, width: usize) -> String {
        let now: Zoned = "2026-11-22T20:00:00Z[UTC]".parse().unwrap();
        let shown = Shown { reasons, details: false };
        output::drawn_table(&services(&rows(FLEET), by_cluster, shown, &now), Some(width), false)
    }

    #[test]
    fn services_at_200_columns() {
        insta::assert_snapshot!(drawn(true, true, 200), @"
        SERVICE                                 CONTAINER   TASKS  VERSION          DIGEST        AGE  ROLLOUT      LAUNCH   DEFINITION                  FINDINGS
        edge: 1 service, 2 of 2 tasks run
        docs                                    nginx         2/2  no tag                         33d  COMPLETED    FARGATE  edge-docs:64                mutable-tag
          mutable-tag: nginx has no tag
        prod: 2 services, 114 of 164 tasks run
        api                                     api         24/24  v2 (3), v1 (21)                 1m  IN_PROGRESS  EC2      ingest-api:412              mixed-versions
                                                envoy              v1.29.12.0-prod  bbbbbbbbbbbb
          mixed-versions: 2 versions run
        destinations-of-the-whole-organisation  worker     90/140  build-5512       cccccccccccc  26h  COMPLETED    EC2      outbound-destinations:1208  under-desired
          under-desired: 90 of 140 tasks run
          3 tasks stopped within the hour: OutOfMemoryError: Container killed due to memory usage, exit 137; the last at 19:57:30
        ");
    }

    #[test]
    fn services_at_80_columns() {
        insta::assert_snapshot!(drawn(true, true, 80), @"
        SERVICE                  CONTAINER   TASKS  VERSION          AGE  FINDINGS
        edge: 1 service, 2 of 2 tasks run
        docs                     nginx         2/2  no tag           33d  mutable-tag
          mutable-tag: nginx has no tag
        prod: 2 services, 114 of 164 tasks run
        api                      api         24/24  v2 (3), v1 (21)   1m  mixed-versions
                                 envoy              v1.29.12.0-prod
          mixed-versions: 2 versions run
        destinations-of-the-wh…  worker     90/140  build-5512       26h  under-desired
          under-desired: 90 of 140 tasks run
          3 tasks stopped within the hour: OutOfMemoryError: Container killed due to
            memory usage, exit 137; the last at 19:57:30
        ");
        insta::assert_snapshot!(drawn(false, false, 80), @"
        CLUSTER  SERVICE          CONTAINER   TASKS  VERSION         AGE  FINDINGS
        edge     docs             nginx         2/2  no tag          33d  mutable-tag
        prod     api              api         24/24  v2 (3), v1 (2…   1m  mixed-versions
                                  envoy              v1.29.12.0-pr…
        prod     destinations-o…  worker     90/140  build-5512      26h  under-desired
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 60, 80, 100, 120, 200] {
            for line in drawn(true, false, width).lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}
