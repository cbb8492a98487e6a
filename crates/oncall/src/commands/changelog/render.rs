//! How a change looks: lines for people, columns for `cut`.

use std::borrow::Cow;

use changelog::{
    Action, ChangeRecord, Flag, ResourceChange, Source, Status, Step, Ticket, t_minus,
};
use jiff::Zoned;
use output::{Line, Present, Role};
use record::Time;

use crate::short_time::clock;

/// So many resources are named on a terminal.
const RESOURCES_SHOWN: usize = 4;
/// So many attributes of one are.
const ATTRIBUTES_SHOWN: usize = 4;
/// So many reasons stand beside a score, where all were not asked for.
const REASONS_SHOWN: usize = 3;
/// What the address of a service begins with that ECS itself changed: Terraform has none like it.
const SERVICE: &str = "service/";
/// The width of the column of `T-2h05m`.
const COUNTDOWN: usize = 8;

/// How much is said of a change.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// The present.
    pub(super) now: Zoned,
    /// Every reason for its place, each in a line of its own.
    pub(super) explain: bool,
}

/// A change.
pub(super) struct ChangeLine<'a> {
    pub(super) change: &'a ChangeRecord,
    pub(super) look: &'a Look,
}

impl Present for ChangeLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.change);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.change.summary).into()
    }

    /// time, source, cluster, system, status, summary, flags, tickets, actor, counts, commit, id,
    /// before_minutes, score
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let change = self.change;
        let text = |text: &'_ Option<String>| Cow::from(text.clone().unwrap_or_default());
        let number = |number: Option<f64>| {
            Cow::from(number.map(|number| number.to_string()).unwrap_or_default())
        };
        vec![
            change.time.to_string().into(),
            change.source.as_str().into(),
            text(&change.cluster),
            text(&change.system),
            change.status.as_str().to_owned().into(),
            (&change.summary).into(),
            flags(&change.flags, ",").into(),
            keys(&change.tickets).into(),
            text(&change.actor),
            change.counts.to_string().into(),
            text(&change.commit),
            text(&change.id),
            number(change.before_minutes),
            number(change.score),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let Self { change, look } = self;
        let countdown = change.before_minutes.map(t_minus).unwrap_or_default();
        let role = if change.before_minutes.is_some_and(|minutes| minutes < 0.0) {
            Role::Dim
        } else {
            Role::Warning
        };
        line.push(role, &format!("{countdown:<COUNTDOWN$}"));
        line.push(Role::Dim, &clock(change.time, &look.now)).push(Role::Plain, "  ").stop();
        if let Some(score) = change.score {
            line.push(Role::Key, &format!("score {score:.0}  "));
        }
        if let Some(system) = place(change) {
            line.push_word(Role::Heading, &system).push(Role::Plain, "  ");
        }
        line.push_word(Role::Plain, &change.summary);
        self.status(line);
        self.origin(line);
        self.resources(line);
        for step in change.steps.iter().filter(|step| !is_itself(step, change)) {
            self.step(line, step);
        }
        self.aftermath(line);
        for ticket in &change.tickets {
            self.ticket(line, ticket);
        }
        for diagnostic in &change.diagnostics {
            new_line(line).push_word(Role::Warning, &diagnostic.summary);
        }
        self.reasons(line);
    }

    fn json_has_link(&self) -> bool {
        true
    }

    fn link(&self) -> Option<String> {
        self.change.link.clone()
    }
}

impl ChangeLine<'_> {
    /// How it stands, unless it is simply done, and what is to be noticed.
    fn status(&self, line: &mut Line<'_>) {
        let change = self.change;
        let role = match change.status {
            Status::Partial | Status::Failed | Status::RolledBack => Role::Bad,
            _ => Role::Warning,
        };
        let status = match &change.status {
            Status::Applied => None,
            Status::Partial => Some("PARTIAL: it began, and did not come to its end".to_owned()),
            status => Some(status.as_str().replace('_', " ")),
        };
        let names: Vec<Flag> =
            change.flags.iter().copied().filter(|flag| *flag != Flag::Partial).collect();
        if status.is_none() && names.is_empty() {
            return;
        }
        new_line(line);
        if let Some(status) = &status {
            line.push_word(role, status);
        }
        if !names.is_empty() {
            let space = if status.is_some() { "  " } else { "" };
            line.push(Role::Plain, space).push(Role::Warning, &flags(&names, " "));
        }
    }

    /// Where it was read, who made it, of what.
    fn origin(&self, line: &mut Line<'_>) {
        let change = self.change;
        let mut said = vec![match &change.environment {
            Some(environment) => format!("{} in {environment}", source_word(change.source)),
            None => source_word(change.source).to_owned(),
        }];
        said.extend(change.actor.as_ref().map(|actor| format!("by {actor}")));
        let commit = change.commit.as_deref().map(|commit| &commit[..commit.len().min(9)]);
        said.extend(match (commit, &change.branch) {
            (Some(commit), Some(branch)) => Some(format!("{commit} on {branch}")),
            (Some(commit), None) => Some(commit.to_owned()),
            (None, branch) => branch.as_ref().map(|branch| format!("on {branch}")),
        });
        if let Some(definition) = &change.task_definition {
            said.push(definition.clone());
        }
        // A plan, an apply and a version of a state have nothing else for a summary.
        if !change.counts.is_nothing() && change.source == Source::Terraform {
            said.push(change.counts.to_string());
        }
        new_line(line).push_word(Role::Dim, &said.join(", "));
    }

    fn resources(&self, line: &mut Line<'_>) {
        let change = self.change;
        if change.source == Source::Ecs {
            return;
        }
        // What a deployment did to its service is told by its step.
        let is_told = |resource: &&ResourceChange| !resource.address.starts_with(SERVICE);
        let resources: Vec<_> = change.resources.iter().filter(is_told).collect();
        for resource in resources.iter().take(RESOURCES_SHOWN) {
            new_line(line).push(action_role(resource.action), sign(resource.action));
            line.push(Role::Plain, " ").push_word(Role::Plain, &resource.address);
            let about = about(resource);
            if !about.is_empty() {
                line.push_word(Role::Dim, &format!(" ({about})"));
            }
        }
        let more =
            resources.len().saturating_sub(RESOURCES_SHOWN) as u64 + change.resources_left_out;
        if more > 0 {
            new_line(line).push(Role::Dim, &format!("and {more} more"));
        }
    }

    fn step(&self, line: &mut Line<'_>, step: &Step) {
        let at = clock(step.time, &self.look.now);
        new_line(line).push(Role::Dim, &format!("{at} {} ", source_word(step.source)));
        let names = [step.cluster.as_deref(), step.system.as_deref()];
        let place = names.into_iter().flatten().collect::<Vec<_>>().join("/");
        line.push_word(Role::Heading, &place).push(Role::Plain, "  ");
        line.push_word(Role::Plain, &step.summary);
        if let Some(actor) = &step.actor {
            line.push_word(Role::Dim, &format!(" by {actor}"));
        }
        if step.status != Status::Applied {
            line.push_word(
                Role::Warning,
                &format!(" ({})", step.status.as_str().replace('_', " ")),
            );
        }
    }

    fn aftermath(&self, line: &mut Line<'_>) {
        let Some(aftermath) = self.change.aftermath.as_ref().filter(|it| it.lost() > 0) else {
            return;
        };
        let at = |time: Option<Time>| time.map(|time| clock(time, &self.look.now));
        let mut said = Vec::new();
        if aftermath.deaths > 0 {
            let (first, last) = (at(aftermath.first_death), at(aftermath.last_death));
            let when = match (first, last) {
                (Some(first), Some(last)) if first != last => format!(" from {first} to {last}"),
                (Some(first), _) => format!(" at {first}"),
                _ => String::new(),
            };
            said.push(format!("{} of its tasks died{when}", aftermath.deaths));
        }
        if aftermath.failed_tasks > 0 {
            said.push(format!("{} did not start", aftermath.failed_tasks));
        }
        let reason = aftermath.death_reason.as_ref();
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        new_line(line).push_word(Role::Bad, &format!("{}{reason}", said.join(", ")));
    }

    /// The card of a change: what it is, what is expected of it, how it is undone.
    fn ticket(&self, line: &mut Line<'_>, ticket: &Ticket) {
        if self.change.source != Source::Jira {
            new_line(line).push_word(Role::Key, &ticket.key);
            let mut said = Vec::new();
            said.extend(ticket.summary.clone());
            said.extend(ticket.status.as_ref().map(|status| format!("({status})")));
            line.push_word(Role::Dim, &format!(" {}", said.join(" ")));
        }
        for (name, text) in [("expected", &ticket.effect), ("rollback", &ticket.rollback)] {
            if let Some(text) = text {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                new_line(line).push(Role::Dim, &format!("  {name}: "));
                line.push_word(Role::Dim, &text);
            }
        }
    }

    fn reasons(&self, line: &mut Line<'_>) {
        let reasons = &self.change.reasons;
        if self.look.explain {
            for reason in reasons {
                let points = format!("{:>+6.1} ", reason.points);
                new_line(line).push(Role::Key, &points).push_word(Role::Dim, &reason.reason);
            }
            return;
        }
        let first = reasons.iter().filter(|reason| reason.points > 0.0).take(REASONS_SHOWN);
        let first: Vec<&str> = first.map(|reason| reason.reason.as_str()).collect();
        if !first.is_empty() {
            new_line(line).push_word(Role::Dim, &format!("because {}", first.join("; ")));
        }
    }
}

fn new_line<'a, 'b>(line: &'a mut Line<'b>) -> &'a mut Line<'b> {
    line.push(Role::Plain, "\n")
}

/// `prod/coredns`, `ledger-prod`
fn place(change: &ChangeRecord) -> Option<String> {
    let names = [change.cluster.as_deref(), change.system.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join("/"))
}

fn is_itself(step: &Step, change: &ChangeRecord) -> bool {
    step.source == change.source && step.id == change.id && step.time == change.time
}

fn flags(flags: &[Flag], between: &str) -> String {
    flags.iter().map(|flag| flag.name()).collect::<Vec<_>>().join(between)
}

fn keys(tickets: &[Ticket]) -> String {
    tickets.iter().map(|ticket| ticket.key.as_str()).collect::<Vec<_>>().join(",")
}

fn source_word(source: Source) -> &'static str {
    match source {
        Source::S3State => "state in S3",
        Source::Plan => "plan",
        Source::Apply => "apply",
        source => source.as_str(),
    }
}

/// As Terraform writes them.
fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
        Action::Replace => "-/+",
        Action::Read => "<=",
        Action::Forget => ".",
        Action::Move => "->",
        Action::Import => "<-",
        Action::Depose => "-",
        Action::Unknown => "?",
    }
}

fn action_role(action: Action) -> Role {
    match action {
        Action::Create | Action::Import => Role::Good,
        Action::Delete | Action::Replace => Role::Bad,
        Action::Update => Role::Warning,
        _ => Role::Dim,
    }
}

/// `desired_count 2 to 4, task_definition`
fn about(resource: &ResourceChange) -> String {
    let names: Vec<&String> = match resource.forced_by.is_empty() {
        true => resource.attributes.iter().collect(),
        false => resource.forced_by.iter().collect(),
    };
    let mut said: Vec<String> = Vec::new();
    for name in names.iter().take(ATTRIBUTES_SHOWN) {
        let value = resource.values.iter().find(|value| value.path == **name);
        said.push(match value.map(|value| (&value.before, &value.after)) {
            Some((Some(before), Some(after))) => format!("{name} {before} to {after}"),
            _ => (*name).clone(),
        });
    }
    if names.len() > ATTRIBUTES_SHOWN {
        said.push("…".to_owned());
    }
    said.join(", ")
}

/// A heading above some changes.
pub(super) struct Heading(pub(super) &'static str);

impl Present for Heading {
    /// Headings are for people only.
    fn json(&self, _: &mut Vec<u8>) {}

    fn raw(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn columns(&self) -> Vec<Cow<'_, str>> {
        vec![self.0.into()]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.push(Role::Heading, self.0);
    }
}
