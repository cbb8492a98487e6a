//! How the page of a service looks.

use std::borrow::Cow;

use jiff::Zoned;
use output::{Align, Cell, Column, Line, Output, Present, Role, Room, Row, Table, WriteError};
use record::Time;
use specs::{ContainerSaid, Finding, ImageSaid, ServicePage, TaskRecord};

use super::render::{age, main_container, principal, short_digest};
use crate::short_time::clock;

/// So many running tasks are listed; `specs tasks` lists all.
const TASKS_SHOWN: usize = 20;
/// So many stopped tasks are listed.
const STOPPED_SHOWN: usize = 8;
/// So many events are listed.
const EVENTS_SHOWN: usize = 12;

/// Draws a page, section by section.
pub(super) async fn draw(
    page: &ServicePage,
    output: &mut Output,
    now: &Zoned,
) -> Result<(), WriteError> {
    let sections = [
        head(page, now),
        findings(page),
        deployments(page, now),
        history(page, now),
        containers(page),
        stopped(page, now),
        tasks(page, now),
        events(page, now),
        ways_on(page),
    ];
    for (place, Section { heading, notes, table }) in sections.into_iter().flatten().enumerate() {
        if place > 0 {
            output.verbatim("\n").await?;
        }
        let mut rows = vec![Row::Heading(heading)];
        rows.extend(notes.into_iter().map(|(role, note)| Row::Note(role, note)));
        // A heading of its own: the columns' names stand below it.
        output.draw(&Table::<&str> { columns: Vec::new(), rows }).await?;
        if let Some(table) = table {
            output.draw(&table).await?;
        }
    }
    Ok(())
}

fn cut(heading: &'static str, least: usize) -> Column {
    Column { heading, align: Align::Left, room: Room::Cut { least } }
}

fn whole(heading: &'static str) -> Column {
    Column { heading, align: Align::Left, room: Room::Whole }
}

fn yields(heading: &'static str, order: u8) -> Column {
    Column { heading, align: Align::Left, room: Room::Yields(order) }
}

fn number(heading: &'static str) -> Column {
    Column { heading, align: Align::Right, room: Room::Whole }
}

fn time(at: Option<Time>, now: &Zoned) -> Cell {
    Cell::new(Role::Dim, at.map(|at| clock(at, now)).unwrap_or_default())
}

fn text(text: Option<&str>) -> Cell {
    Cell::plain(text.unwrap_or_default())
}

/// A part of the page.
struct Section {
    heading: String,
    /// Lines below the heading.
    notes: Vec<(Role, String)>,
    table: Option<Table>,
}

/// A section of lines; none without any.
fn lines(heading: &str, notes: Vec<(Role, String)>) -> Option<Section> {
    let heading = heading.to_owned();
    (!notes.is_empty()).then_some(Section { heading, notes, table: None })
}

/// A section of rows; none without any.
fn section(heading: &str, columns: Vec<Column>, rows: Vec<Row>) -> Option<Section> {
    let table = Some(Table { columns, rows }).filter(|table| !table.rows.is_empty());
    Some(Section { heading: heading.to_owned(), notes: Vec::new(), table: Some(table?) })
}

fn head(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let kinds = [&page.controller, &page.scheduling, &page.launch_type, &page.status];
    let kinds: Vec<&str> = kinds.into_iter().flatten().map(String::as_str).collect();
    let counts =
        format!("{} of {} tasks run, {} pending", page.running, page.desired, page.pending);
    let role = if page.running < page.desired { Role::Bad } else { Role::Good };
    let mut said = vec![(role, counts), (Role::Dim, kinds.join(", "))];
    if let Some(definition) = &page.task_definition {
        let by = page.registered_by.as_deref().map(principal);
        let by = by.map(|by| format!(", registered by {by}")).unwrap_or_default();
        let at = page.registered.map(|at| format!(" at {}", clock(at, now))).unwrap_or_default();
        said.push((Role::Dim, format!("{definition}{by}{at}")));
    }
    lines(&format!("{}/{}", page.cluster, page.service), said)
}

fn findings(page: &ServicePage) -> Option<Section> {
    let said = page.findings.iter().map(|said| {
        let is_bad = Finding::named(&said.finding).is_some_and(Finding::is_unhealthy);
        let role = if is_bad { Role::Bad } else { Role::Warning };
        (role, format!("{}: {}", said.finding, said.says))
    });
    lines("Findings", said.collect())
}

/// `v1.23.0`, of several containers `web v1.23.0, envoy v1.29`.
fn images(images: &[ImageSaid]) -> String {
    let name = |image: &ImageSaid| {
        let digest = image.digest.as_deref().map(short_digest);
        image.tag.clone().or(digest).or_else(|| image.image.clone()).unwrap_or_default()
    };
    match images {
        [one] => name(one),
        several => {
            let each = several.iter().map(|image| format!("{} {}", image.container, name(image)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

fn deployments(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let columns = vec![
        whole("STATUS"),
        cut("VERSION", 14),
        number("TASKS"),
        number("FAILED"),
        whole("ROLLOUT"),
        whole("BEGAN"),
        yields("DEFINITION", 6),
        yields("DEPLOYMENT", 8),
        cut("WHY", 12),
    ];
    let cells = page.deployments.iter().map(|deployment| {
        let rollout = deployment.rollout.as_deref();
        let role = match rollout {
            Some("FAILED") => Role::Bad,
            Some("IN_PROGRESS") => Role::Warning,
            _ => Role::Plain,
        };
        let failed = match deployment.failed_tasks {
            0 => Cell::empty(),
            failed => Cell::new(Role::Bad, failed.to_string()),
        };
        vec![
            Cell::plain(deployment.status.clone()),
            Cell::plain(images(&deployment.images)),
            Cell::plain(format!("{}/{}", deployment.running, deployment.desired)),
            failed,
            Cell::new(role, rollout.unwrap_or_default()),
            time(deployment.created, now),
            text(deployment.task_definition.as_deref()),
            Cell::new(Role::Dim, deployment.deployment.clone()),
            Cell::new(Role::Dim, deployment.rollout_reason.clone().unwrap_or_default()),
        ]
    });
    section("Deployments", columns, cells.map(Row::Cells).collect())
}

fn history(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let columns = vec![
        whole("BEGAN"),
        whole("ENDED"),
        whole("STATUS"),
        cut("VERSION", 14),
        yields("DEFINITION", 6),
        cut("WHY", 12),
    ];
    let cells = page.history.iter().map(|past| {
        let role = match past.status.as_str() {
            "SUCCESSFUL" => Role::Plain,
            "IN_PROGRESS" | "PENDING" => Role::Warning,
            _ => Role::Bad,
        };
        let why = past.rollback_reason.as_ref().or(past.reason.as_ref());
        vec![
            time(past.created, now),
            time(past.finished, now),
            Cell::new(role, past.status.clone()),
            Cell::plain(images(&past.images)),
            text(past.task_definition.as_deref()),
            Cell::new(Role::Dim, why.cloned().unwrap_or_default()),
        ]
    });
    section("Last deployments", columns, cells.map(Row::Cells).collect())
}

fn containers(page: &ServicePage) -> Option<Section> {
    let columns = vec![
        cut("CONTAINER", 8),
        cut("IMAGE", 20),
        cut("DIGEST", 12),
        number("CPU"),
        number("MIB"),
        yields("PORTS", 5),
        yields("LOG", 4),
    ];
    let mut rows = Vec::new();
    let is_known = |said: &&ContainerSaid| said.container.is_some() || said.image.is_some();
    for said in page.containers.iter().filter(is_known) {
        rows.push(Row::Cells(container_cells(said)));
        if let Some(environment) = environment(said) {
            rows.push(Row::Note(Role::Dim, environment));
        }
    }
    section("Containers", columns, rows)
}

fn container_cells(said: &ContainerSaid) -> Vec<Cell> {
    let number = |number: Option<u32>| {
        Cell::plain(number.map(|number| number.to_string()).unwrap_or_default())
    };
    let ports: Vec<String> = said.ports.iter().map(u16::to_string).collect();
    let log = said.log.as_ref().map(|log| {
        let keys = ["awslogs-group", "log_group_name"];
        let group = keys.iter().find_map(|key| log.options.get(*key));
        group.cloned().unwrap_or_else(|| log.driver.clone())
    });
    vec![
        text(said.container.as_deref()),
        text(said.image.as_deref()),
        Cell::new(Role::Dim, said.digest.as_deref().map(short_digest).unwrap_or_default()),
        number(said.cpu),
        number(said.memory_mb),
        Cell::plain(ports.join(",")),
        Cell::new(Role::Dim, log.unwrap_or_default()),
    ]
}

/// The names of its environment; values only of those that nobody keeps a secret in.
fn environment(said: &ContainerSaid) -> Option<String> {
    let plain = said.environment.iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    });
    let secret = said.secrets.iter().map(|name| format!("{name} (secret)"));
    let all: Vec<String> = plain.chain(secret).collect();
    (!all.is_empty()).then(|| format!("environment: {}", all.join(" ")))
}

fn task_columns() -> Vec<Column> {
    vec![
        whole("TASK"),
        whole("STATUS"),
        whole("HEALTH"),
        whole("SINCE"),
        cut("VERSION", 10),
        cut("WHERE", 12),
        yields("ZONE", 7),
        number("EXIT"),
        cut("REASON", 16),
    ]
}

fn task_cells(task: &TaskRecord, now: &Zoned) -> Vec<Cell> {
    let version = main_container(task).map(|container| {
        let digest = container.digest.as_deref().map(short_digest);
        container.tag.clone().or(digest).unwrap_or_default()
    });
    let place = [&task.address, &task.instance, &task.container_instance];
    let place = place.into_iter().flatten().next().cloned();
    let health_role = match task.health.as_deref() {
        Some("UNHEALTHY") => Role::Bad,
        _ => Role::Dim,
    };
    vec![
        Cell::plain(task.task.chars().take(12).collect::<String>()),
        Cell::plain(task.status.clone()),
        Cell::new(health_role, task.health.clone().unwrap_or_default()),
        time(task.stopped.or(task.started).or(task.created), now),
        Cell::plain(version.unwrap_or_default()),
        Cell::new(Role::Dim, place.unwrap_or_default()),
        Cell::new(Role::Dim, task.zone.clone().unwrap_or_default()),
        Cell::plain(task.exit_code.map(|code| code.to_string()).unwrap_or_default()),
        text(task.reason.as_deref()),
    ]
}

fn stopped(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let shown = page.stopped.iter().take(STOPPED_SHOWN);
    let rows = shown.map(|task| Row::Cells(task_cells(task, now))).collect();
    let mut section = section("Stopped within the hour", task_columns(), rows)?;
    let counts = page.stops.iter().map(|stops| {
        let exit = stops.exit_code.map(|code| format!(", exit {code}")).unwrap_or_default();
        let role =
            if stops.exit_code.is_some_and(|code| code != 0) { Role::Bad } else { Role::Dim };
        (role, format!("{} × {}{exit}", stops.tasks, stops.reason))
    });
    section.notes.extend(counts);
    Some(section)
}

fn tasks(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let shown = page.tasks.iter().take(TASKS_SHOWN).map(|task| Row::Cells(task_cells(task, now)));
    let mut rows: Vec<Row> = shown.collect();
    if page.tasks.len() > TASKS_SHOWN {
        let more = page.tasks.len() - TASKS_SHOWN;
        let path = format!("{}/{}", page.cluster, page.service);
        let text = format!("and {more} more: oncall specs tasks {path}");
        rows.push(Row::Note(Role::Dim, text));
    }
    section("Tasks", task_columns(), rows)
}

fn events(page: &ServicePage, now: &Zoned) -> Option<Section> {
    let columns = vec![whole("TIME"), number("TIMES"), cut("EVENT", 30)];
    let cells = page.events.iter().take(EVENTS_SHOWN).map(|event| {
        let times = if event.count > 1 { format!("{}×", event.count) } else { String::new() };
        vec![time(event.time, now), Cell::plain(times), Cell::plain(event.message.clone())]
    });
    section("Events", columns, cells.map(Row::Cells).collect())
}

fn ways_on(page: &ServicePage) -> Option<Section> {
    let commands = page.next.iter().map(|command| (Role::Plain, command.clone()));
    let pprof = page.pprof.first().map(|target| (Role::Plain, format!("pprof: {target}")));
    let links = page.links.values().map(|link| (Role::Dim, link.clone()));
    lines("Next", commands.chain(pprof).chain(links).collect())
}

/// The page as a record.
pub(super) struct PageLine<'a> {
    pub(super) page: &'a ServicePage,
}

impl Present for PageLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.page);
    }

    fn raw(&self) -> Cow<'_, str> {
        format!("{}/{}", self.page.cluster, self.page.service).into()
    }

    /// cluster, service, running, desired, pending, task_definition, findings
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let page = self.page;
        let findings: Vec<&str> = page.findings.iter().map(|said| said.finding.as_str()).collect();
        vec![
            (&page.cluster).into(),
            (&page.service).into(),
            page.running.to_string().into(),
            page.desired.to_string().into(),
            page.pending.to_string().into(),
            page.task_definition.as_deref().unwrap_or_default().into(),
            findings.join(",").into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let page = self.page;
        line.push_word(Role::Plain, &format!("{}/{}", page.cluster, page.service));
        let role = if page.running < page.desired { Role::Bad } else { Role::Good };
        line.push(role, &format!(" {}/{}", page.running, page.desired));
        if let Some(began) = page.deployments.first().and_then(|deployment| deployment.created) {
            let seconds = (page.time.millis() - began.millis()).max(0).unsigned_abs() / 1000;
            line.push(Role::Dim, &format!(" {} old", age(seconds)));
        }
        for said in &page.findings {
            line.push_word(Role::Bad, &format!(" {}", said.finding));
        }
    }

    fn link(&self) -> Option<String> {
        self.page.links.get("service").cloned()
    }
}
