//! An apply, as `terraform apply -json` writes it: a message a line, as it goes on.
//!
//! Of the messages these are read: `planned_change`, `resource_drift`, `change_summary`, the beginning and
//! end of each change, and of a `diagnostic` its severity and its summary. The others are dropped whole:
//! `outputs` has values, `provision_progress` has what commands print.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufReader, Read};

use ::record::Time;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::resource;
use super::{Document, ReadError, opening};
use crate::cut::cut;
use crate::flags::{Facts, flags};
use crate::lines::{Line, Lines};
use crate::record::{
    Action, ActionReason, ChangeRecord, Counts, Diagnostic, Outcome, ResourceChange, Severity,
    Source, Status,
};

/// The versions of the messages that can be read.
const KNOWN_VERSIONS: &str = "1.x";
/// The longest line that is read; a longer one is passed over. Only `outputs` may be as long.
const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// So much of an input without messages is looked at to tell what it is.
const BEGINNING: usize = 1024;
/// How many diagnostics are kept, and how much of each.
const MOST_DIAGNOSTICS: usize = 20;
const LONGEST_SUMMARY: usize = 200;

/// What an apply changed, or a plan would.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply {
    /// The Terraform that ran.
    pub terraform_version: Option<String>,
    /// When the first change began; else the last message that says its time.
    pub time: Option<Time>,
    /// How it ended.
    pub ending: Ending,
    /// What was planned and done, at most [`ResourceChange::MOST`] of them, each with its own time.
    pub resources: Vec<ResourceChange>,
    /// How many more.
    pub left_out: u64,
    /// How much was changed; of a plan, how much would be.
    pub counts: Counts,
    /// Errors and warnings: their summaries, the first twenty.
    pub diagnostics: Vec<Diagnostic>,
    /// Lines that are no message of Terraform's: of a wrapper, or of a provider that crashed.
    pub strange_lines: u64,
}

/// How a run of Terraform ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It applied everything.
    Applied,
    /// It began to apply and failed.
    Errored,
    /// It began to apply, and its messages end in the middle.
    CutShort,
    /// It planned, and did not apply.
    Planned,
    /// It failed before it changed anything.
    Failed,
    /// It began to plan, and its messages end in the middle.
    PlanCutShort,
}

impl Apply {
    /// The run as a record; `read_at` is the time of one that does not say its own.
    pub fn into_record(self, read_at: Time) -> ChangeRecord {
        let time = self.time.unwrap_or(read_at);
        let counts = self.counts;
        let (status, mut summary) = match self.ending {
            Ending::Applied => (Status::Applied, format!("applied: {counts}")),
            Ending::Errored => (Status::Partial, format!("failed in the middle: {counts}")),
            Ending::CutShort => {
                (Status::Partial, format!("the output ends in the middle; until then: {counts}"))
            }
            Ending::Planned => (Status::Planned, format!("planned: {counts}")),
            Ending::Failed => (Status::Failed, "failed before it changed anything".to_owned()),
            Ending::PlanCutShort => {
                (Status::Planned, format!("the output of the plan ends in the middle: {counts}"))
            }
        };
        let unfinished = self.resources.iter().filter(|resource| {
            matches!(resource.outcome, Some(Outcome::Unfinished | Outcome::NotStarted))
        });
        let unfinished = unfinished.count();
        if status == Status::Partial && unfinished > 0 {
            summary.push_str(&format!("; {unfinished} not done"));
        }
        let first = self.diagnostics.iter().find(|one| one.severity == Severity::Error);
        if let Some(error) = first {
            summary.push_str(&format!("; {}", error.summary));
        }
        let mut record = ChangeRecord::new(time, Source::Apply, status, summary);
        record.resources = self.resources;
        record.resources_left_out = self.left_out;
        record.counts = counts;
        record.diagnostics = self.diagnostics;
        let facts = Facts::of(&record);
        record.flags = flags(&Facts { cut_short: self.ending == Ending::PlanCutShort, ..facts });
        record
    }
}

/// How far a run is that still goes on: what was done to how many resources, and which was the last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// How many ended well.
    pub done: u64,
    /// How many failed.
    pub errored: u64,
    /// The address of the one that began or ended last.
    pub last: Option<String>,
}

/// `12 done, 1 failed; aws_ecs_service.web`
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} done", self.done)?;
        if self.errored > 0 {
            write!(f, ", {} failed", self.errored)?;
        }
        match &self.last {
            Some(address) => write!(f, "; {address}"),
            None => Ok(()),
        }
    }
}

/// Reads the messages of a run to their end.
pub fn read(input: impl Read) -> Result<Apply, ReadError> {
    read_along(input, |_| {})
}

/// The same, and says after each message that begins or ends a change how far the run is.
pub fn read_along(input: impl Read, mut each: impl FnMut(&Seen)) -> Result<Apply, ReadError> {
    let mut lines = Lines::new(BufReader::with_capacity(64 * 1024, input), LONGEST_LINE);
    let mut run = Run::default();
    // The lines before the first message tell what this is, where there is none.
    let mut first: Vec<u8> = Vec::new();
    let mut hooks = 0;
    while let Some(line) = lines.next()? {
        let (line, is_whole) = match line {
            Line::Whole(line) if line.trim_ascii().is_empty() => continue,
            Line::Whole(line) => (line, true),
            Line::TooLong(line) => (line, false),
        };
        if !is_whole || run.message(line).is_none() {
            run.strange_lines += 1;
            let room = BEGINNING.saturating_sub(first.len());
            first.extend_from_slice(&line[..line.len().min(room)]);
        }
        if run.hooks > hooks {
            hooks = run.hooks;
            each(&run.seen);
        }
        if let Some(version) = run.other_version.take() {
            let document = Document::Apply;
            return Err(ReadError::Version { document, version, known: KNOWN_VERSIONS });
        }
    }
    if run.messages == 0 {
        return Err(no_messages(&first, lines.bytes_read()));
    }
    Ok(run.into_apply())
}

/// Why there was no message at all.
fn no_messages(first: &[u8], length: u64) -> ReadError {
    const WANTED: Document = Document::Apply;
    if let Err(error) = opening::expect_json(first, WANTED) {
        return error;
    }
    let place = |key: &str| first.windows(key.len()).position(|text| text == key.as_bytes());
    let has = |key: &str| place(key).is_some();
    // `show -json` writes a state as `values`, and the values of a plan within `planned_values`.
    let earlier = |key: &str, than: &str| match (place(key), place(than)) {
        (Some(key), Some(than)) => key < than,
        (key, _) => key.is_some(),
    };
    let of_state = has("\"lineage\"") || earlier("\"values\"", "\"planned_values\"");
    match (has("\"format_version\""), of_state) {
        (_, true) => ReadError::Other { wanted: WANTED, found: Document::State },
        (true, false) => ReadError::Other { wanted: WANTED, found: Document::Plan },
        _ if has("\"@level\"") => ReadError::Truncated { document: WANTED, at: length },
        _ => ReadError::Strange { wanted: WANTED },
    }
}

/// One message. It has no `Debug`: it holds secrets.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "@timestamp", borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    terraform: Option<&'a RawValue>,
    #[serde(borrow)]
    ui: Option<&'a RawValue>,
    #[serde(borrow)]
    change: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: Option<&'a RawValue>,
    #[serde(borrow)]
    hook: Option<&'a RawValue>,
    #[serde(borrow)]
    diagnostic: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ResourceSaid {
    addr: String,
    resource_type: Option<String>,
}

#[derive(Deserialize)]
struct ChangeSaid {
    resource: ResourceSaid,
    previous_resource: Option<ResourceSaid>,
    action: String,
    reason: Option<String>,
    /// The id that is imported is not read.
    importing: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct HookSaid {
    resource: ResourceSaid,
    action: String,
    elapsed_seconds: Option<f64>,
}

#[derive(Deserialize)]
struct CountsSaid {
    add: u64,
    change: u64,
    remove: u64,
    #[serde(default)]
    import: u64,
    #[serde(default)]
    forget: u64,
    operation: String,
}

#[derive(Deserialize)]
struct DiagnosticSaid {
    severity: String,
    summary: String,
}

/// What was read so far.
#[derive(Default)]
struct Run {
    messages: u64,
    strange_lines: u64,
    terraform_version: Option<String>,
    /// A version of the messages that is not known.
    other_version: Option<String>,
    has_begun: bool,
    /// When the first change began.
    began: Option<Time>,
    /// When the last message was written.
    last: Option<Time>,
    /// By full address.
    places: HashMap<String, usize>,
    resources: Vec<Progress>,
    left_out: u64,
    drift: u64,
    /// Of what ended, one by one.
    done: Counts,
    planned: Option<Counts>,
    applied: Option<Counts>,
    errored: bool,
    diagnostics: Vec<Diagnostic>,
    /// How far it is, and how many messages said so.
    seen: Seen,
    hooks: u64,
}

/// How far one resource came.
struct Progress {
    change: ResourceChange,
    planned: Option<Action>,
    began: Vec<Action>,
    ended: Vec<Action>,
    errored: bool,
}

impl Run {
    /// Takes in one line; `None` when it is no message.
    fn message(&mut self, line: &[u8]) -> Option<()> {
        let message: Message<'_> = serde_json::from_slice(line).ok()?;
        self.messages += 1;
        let time = parse::<Time>(message.timestamp);
        self.last = time.or(self.last);
        match message.kind.as_str() {
            "version" => {
                let version = parse::<String>(message.terraform);
                self.terraform_version = version.and_then(|version| resource::version(&version));
                let ui = parse::<String>(message.ui).unwrap_or_default();
                if ui.split('.').next() != Some("1") {
                    let version = resource::version(&ui).unwrap_or_else(|| "?".to_owned());
                    self.other_version = Some(version);
                }
            }
            "planned_change" => self.planned(parse(message.change)?),
            "resource_drift" => self.drift += 1,
            "change_summary" => self.summed(&parse(message.changes)?),
            "apply_start" => self.began(parse(message.hook)?, time),
            "apply_complete" => self.ended(parse(message.hook)?, time, true),
            "apply_errored" => self.ended(parse(message.hook)?, time, false),
            "diagnostic" => self.said(parse(message.diagnostic)?),
            _ => {}
        }
        Some(())
    }

    fn planned(&mut self, said: ChangeSaid) {
        let action = match said.action.as_str() {
            "noop" | "no-op" => return,
            "create" => Action::Create,
            "read" => Action::Read,
            "update" => Action::Update,
            "replace" => Action::Replace,
            "delete" => Action::Delete,
            "move" => Action::Move,
            "import" => Action::Import,
            "remove" | "forget" => Action::Forget,
            _ => Action::Unknown,
        };
        let reason: Option<ActionReason> = said.reason.as_deref().and_then(resource::reason);
        let imported = said.importing.is_some() || action == Action::Import;
        let previous = said.previous_resource.map(|previous| resource::address(&previous.addr));
        if let Some(progress) = self.progress(said.resource) {
            progress.planned = Some(action);
            progress.change.reason = reason;
            progress.change.previous_address = previous;
            progress.change.imported = imported;
        }
    }

    fn began(&mut self, said: HookSaid, time: Option<Time>) {
        let action = hook_action(&said.action);
        self.hooks += 1;
        self.seen.last = Some(resource::address(&said.resource.addr));
        if action != Action::Read {
            self.has_begun = true;
            self.began = self.began.or(time);
        }
        if let Some(progress) = self.progress(said.resource) {
            progress.began.push(action);
            progress.change.time = time.or(progress.change.time);
        }
    }

    fn ended(&mut self, said: HookSaid, time: Option<Time>, well: bool) {
        let action = hook_action(&said.action);
        self.hooks += 1;
        self.seen.last = Some(resource::address(&said.resource.addr));
        self.seen.done += u64::from(well && action != Action::Read);
        self.seen.errored += u64::from(!well);
        if well {
            self.done.count(action);
        }
        self.errored |= !well;
        if let Some(progress) = self.progress(said.resource) {
            if well {
                progress.ended.push(action);
            }
            progress.errored |= !well;
            progress.change.time = time.or(progress.change.time);
            let elapsed = said.elapsed_seconds.filter(|seconds| seconds.is_finite());
            if let Some(seconds) = elapsed {
                *progress.change.elapsed_seconds.get_or_insert(0.0) += seconds;
            }
        }
    }

    fn summed(&mut self, said: &CountsSaid) {
        let counts = Counts {
            add: said.add,
            change: said.change,
            destroy: said.remove,
            import: said.import,
            forget: said.forget,
            ..Counts::default()
        };
        match said.operation.as_str() {
            "plan" => self.planned = Some(counts),
            _ => self.applied = Some(counts),
        }
    }

    fn said(&mut self, said: DiagnosticSaid) {
        let severity = if said.severity == "warning" { Severity::Warning } else { Severity::Error };
        self.errored |= severity == Severity::Error;
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            let summary = cut(&said.summary, LONGEST_SUMMARY);
            self.diagnostics.push(Diagnostic { severity, summary });
        }
    }

    /// The place of a resource; `None` when there are too many.
    fn progress(&mut self, said: ResourceSaid) -> Option<&mut Progress> {
        if let Some(place) = self.places.get(&said.addr) {
            return self.resources.get_mut(*place);
        }
        if self.resources.len() == ResourceChange::MOST {
            self.left_out += 1;
            return None;
        }
        let mut change = ResourceChange::new(resource::address(&said.addr), Action::Unknown);
        change.resource_type = said.resource_type.as_deref().map(resource::name);
        self.places.insert(said.addr, self.resources.len());
        self.resources.push(Progress {
            change,
            planned: None,
            began: Vec::new(),
            ended: Vec::new(),
            errored: false,
        });
        self.resources.last_mut()
    }

    fn into_apply(self) -> Apply {
        let ending = match (self.applied, self.planned) {
            (Some(_), _) => Ending::Applied,
            (None, _) if self.has_begun && self.errored => Ending::Errored,
            (None, _) if self.has_begun => Ending::CutShort,
            (None, _) if self.errored => Ending::Failed,
            (None, Some(_)) => Ending::Planned,
            (None, None) => Ending::PlanCutShort,
        };
        let applying = matches!(ending, Ending::Applied | Ending::Errored | Ending::CutShort);
        let resources = self.resources.into_iter();
        let resources: Vec<ResourceChange> =
            resources.map(|progress| progress.into_change(applying)).collect();
        let mut replaced = 0;
        let mut listed = Counts::default();
        for resource in &resources {
            listed.count(resource.action);
            let done = !applying || resource.outcome == Some(Outcome::Done);
            replaced += u64::from(done && resource.action == Action::Replace);
        }
        let mut counts = match ending {
            Ending::Applied => self.applied.unwrap_or(self.done),
            Ending::Errored | Ending::CutShort => self.done,
            Ending::Planned | Ending::PlanCutShort | Ending::Failed => {
                self.planned.unwrap_or(listed)
            }
        };
        if ending == Ending::Failed {
            counts = Counts::default();
        }
        counts.replace = if ending == Ending::Failed { 0 } else { replaced };
        counts.drift = self.drift;
        Apply {
            terraform_version: self.terraform_version,
            time: self.began.or(self.last),
            ending,
            resources,
            left_out: self.left_out,
            counts,
            diagnostics: self.diagnostics,
            strange_lines: self.strange_lines,
        }
    }
}

impl Progress {
    fn into_change(self, applying: bool) -> ResourceChange {
        let mut change = self.change;
        let both = |actions: &[Action]| {
            actions.contains(&Action::Create) && actions.contains(&Action::Delete)
        };
        change.action = match self.planned {
            Some(planned) => planned,
            None if both(&self.began) => Action::Replace,
            None => self.began.first().or(self.ended.first()).copied().unwrap_or(Action::Unknown),
        };
        let whole = match change.action {
            Action::Replace => both(&self.ended),
            // These change the state only: nothing begins or ends.
            Action::Move | Action::Import | Action::Forget => true,
            _ => self.ended.len() >= self.began.len().max(1),
        };
        let outcome = match self.errored {
            true => Outcome::Errored,
            false if whole => Outcome::Done,
            false if self.began.is_empty() => Outcome::NotStarted,
            false => Outcome::Unfinished,
        };
        change.outcome = applying.then_some(outcome);
        change
    }
}

fn hook_action(word: &str) -> Action {
    match word {
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "read" => Action::Read,
        "replace" => Action::Replace,
        _ => Action::Unknown,
    }
}

fn parse<'a, T: Deserialize<'a>>(text: Option<&'a RawValue>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(text.get()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Flag;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    // Terraform 1.11.4 wrote these, of a configuration of terraform_data with sensitive inputs.
    const PLANNED: &str = include_str!("fixtures/plan_second.jsonl");
    const APPLIED: &str = include_str!("fixtures/apply_second.jsonl");
    const FAILED: &str = include_str!("fixtures/apply_failed.jsonl");

    fn run(text: &str) -> Apply {
        read(text.as_bytes()).unwrap()
    }

    fn lines(messages: &[Value]) -> String {
        messages.iter().map(|message| format!("{message}\n")).collect()
    }

    fn hook(kind: &str, action: &str, second: u8) -> Value {
        json!({"type": kind, "@timestamp": format!("2026-11-24T10:00:{second:02}.5Z"),
            "hook": {"resource": {"addr": "a.b", "resource_type": "a"}, "action": action, "elapsed_seconds": 3}})
    }

    fn sketch(resource: &ResourceChange) -> String {
        let outcome = serde_json::to_string(&resource.outcome).unwrap();
        let action = serde_json::to_string(&resource.action).unwrap();
        format!("{} {} {}", action.trim_matches('"'), resource.address, outcome.trim_matches('"'))
    }

    #[test]
    fn a_real_apply_tells_when_each_resource_was_done() {
        let apply = run(APPLIED);
        assert_eq!(apply.ending, Ending::Applied);
        // An apply of a saved plan announces neither moves nor imports.
        assert_eq!(
            apply.resources.iter().map(sketch).collect::<Vec<_>>(),
            [
                "forget terraform_data.let_go done",
                "delete terraform_data.queue[\"bills\"] done",
                "replace terraform_data.schema done",
                "update terraform_data.hidden done",
                "create terraform_data.queue[\"letters\"] done",
                "update terraform_data.web done",
            ]
        );
        let began = apply.time.unwrap();
        let timed: Vec<_> = apply.resources.iter().filter(|one| one.time.is_some()).collect();
        assert_eq!(timed.len(), 5);
        assert!(
            timed.iter().all(|one| one.time.unwrap() >= began && one.elapsed_seconds.is_some())
        );
        let counts = apply.counts;
        assert_eq!((counts.add, counts.change, counts.destroy, counts.replace), (2, 2, 2, 1));
        assert_eq!(apply.terraform_version.as_deref(), Some("1.11.4"));
        assert_eq!(apply.strange_lines, 0);
    }

    #[test]
    fn a_real_apply_that_failed_in_the_middle_is_partial() {
        let apply = run(FAILED);
        assert_eq!(apply.ending, Ending::Errored);
        let last: Vec<String> = apply.resources.iter().map(sketch).collect();
        assert_eq!(
            last,
            ["create terraform_data.migration errored", "create terraform_data.after not_started"]
        );
        let record = apply.into_record(Time::from_millis(0));
        assert_eq!(record.status, Status::Partial);
        assert_eq!(record.flags, [Flag::Partial]);
        assert_eq!(
            record.summary,
            "failed in the middle: nothing changed; 1 not done; local-exec provisioner error"
        );
        let said = format!("{record:?}");
        assert!(!said.contains("hunter"), "{said}");
    }

    #[test]
    fn a_real_plan_in_lines_is_planned() {
        let apply = run(PLANNED);
        assert_eq!(apply.ending, Ending::Planned);
        assert!(apply.resources.iter().all(|resource| resource.outcome.is_none()));
        let moved = apply.resources.iter().find(|one| one.action == Action::Move).unwrap();
        assert_eq!(moved.previous_address.as_deref(), Some("terraform_data.old_name"));
        let imported = apply.resources.iter().find(|one| one.action == Action::Import).unwrap();
        assert!(imported.imported);
        assert!(!format!("{apply:?}").contains("hunter"));
    }

    #[test]
    fn messages_that_end_in_the_middle_are_partial() {
        let whole = lines(&[
            json!({"type": "planned_change", "change": {"resource": {"addr": "a.b"}, "action": "replace", "reason": "tainted"}}),
            json!({"type": "planned_change", "change": {"resource": {"addr": "a.c"}, "action": "create"}}),
            hook("apply_start", "delete", 1),
            hook("apply_complete", "delete", 4),
            hook("apply_start", "create", 5),
        ]);
        let apply = run(&whole);
        assert_eq!(apply.ending, Ending::CutShort);
        assert_eq!(
            apply.resources.iter().map(sketch).collect::<Vec<_>>(),
            ["replace a.b unfinished", "create a.c not_started"]
        );
        assert_eq!((apply.counts.add, apply.counts.destroy, apply.counts.replace), (0, 1, 0));
        assert_eq!(apply.resources[0].reason, Some(ActionReason::ReplaceBecauseTainted));
        assert_eq!(apply.time.unwrap().to_string(), "2026-11-24T10:00:01.500Z");
        let record = apply.into_record(Time::from_millis(0));
        assert_eq!(
            (record.status, record.flags),
            (Status::Partial, vec![Flag::Partial, Flag::Destroys, Flag::Replaces])
        );
        assert_eq!(
            record.summary,
            "the output ends in the middle; until then: 1 destroyed; 2 not done"
        );
    }

    #[test]
    fn a_replacement_takes_as_long_as_both_of_its_halves() {
        let apply = run(&lines(&[
            hook("apply_start", "delete", 1),
            hook("apply_complete", "delete", 4),
            hook("apply_start", "create", 5),
            hook("apply_complete", "create", 8),
            json!({"type": "change_summary", "changes": {"add": 1, "change": 0, "remove": 1, "operation": "apply"}}),
        ]));
        assert_eq!(sketch(&apply.resources[0]), "replace a.b done");
        assert_eq!(apply.resources[0].elapsed_seconds, Some(6.0));
        assert_eq!(apply.resources[0].time.unwrap().to_string(), "2026-11-24T10:00:08.500Z");
        assert_eq!(apply.counts.replace, 1);
    }

    #[test]
    fn a_run_that_failed_before_it_changed_anything_changed_nothing() {
        let apply = run(&lines(&[
            json!({"type": "planned_change", "change": {"resource": {"addr": "a.b"}, "action": "create"}}),
            json!({"type": "resource_drift", "change": {"resource": {"addr": "a.z"}, "action": "update"}}),
            json!({"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "old", "detail": "d"}}),
            json!({"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "x".repeat(300), "detail": "d"}}),
        ]));
        assert_eq!(apply.ending, Ending::Failed);
        assert!(apply.counts.is_nothing());
        assert_eq!(apply.counts.drift, 1);
        assert_eq!(apply.diagnostics[0].severity, Severity::Warning);
        assert_eq!(apply.diagnostics[1].summary.chars().count(), LONGEST_SUMMARY + 1);
        assert_eq!(apply.into_record(Time::from_millis(0)).status, Status::Failed);
    }

    #[test]
    fn types_and_shapes_that_are_not_known_are_passed_over() {
        let apply = run(&lines(&[
            json!({"type": "teleport_start", "hook": 7, "change": "x"}),
            json!({"type": "planned_change", "change": "no such shape"}),
            json!({"type": "change_summary", "changes": {"add": 0, "change": 0, "remove": 0, "operation": "apply"}}),
        ]));
        assert_eq!((apply.ending, apply.strange_lines), (Ending::Applied, 1));
    }

    #[test]
    fn lines_of_a_wrapper_among_the_messages_are_counted() {
        let apply = run(&format!("+ terraform apply -json\n\n{APPLIED}make: done\r\n"));
        assert_eq!((apply.ending, apply.strange_lines), (Ending::Applied, 2));
    }

    #[test]
    fn a_line_without_an_end_is_not_held() {
        let long = format!("{{\"type\":\"outputs\",\"outputs\":\"{}\"}}\n", "x".repeat(5 << 20));
        let apply = run(&format!("{long}{APPLIED}"));
        assert_eq!((apply.ending, apply.strange_lines), (Ending::Applied, 1));
    }

    #[test]
    fn what_is_no_apply_is_called_by_its_name() {
        let said = |text: &[u8]| {
            let error = read(text).unwrap_err();
            (error.to_string(), error.hint())
        };
        let apply = Some("terraform apply -json | oncall changelog apply -");
        assert_eq!(
            said(b"\x1b[1mTerraform will perform the following\n"),
            ("expected the JSON output of an apply, and this is not JSON".to_owned(), apply)
        );
        assert!(said(b"").0.ends_with("the input is empty"));
        assert!(said(b"PK\x03\x04\n").0.ends_with("`terraform plan -out` writes it"));
        assert!(said(b"<html>\n").0.ends_with("HTML"));
        let (plan, hint) = said(include_bytes!("fixtures/plan_second.json"));
        assert_eq!(plan, "expected the JSON output of an apply, and this is a plan in JSON");
        assert_eq!(hint, Some("terraform show -json plan.bin | oncall changelog plan -"));
        let (state, hint) = said(include_bytes!("fixtures/state_1.json"));
        assert_eq!(state, "expected the JSON output of an apply, and this is a Terraform state");
        assert_eq!(hint, apply);
        let shown = b"{\"format_version\":\"1.0\",\"values\":{\"root_module\":{}}}";
        assert!(said(shown).0.ends_with("this is a Terraform state"));
        let plan =
            b"{\"format_version\":\"1.2\",\"planned_values\":{\"root_module\":{\"values\":{}}}}";
        assert!(said(plan).0.ends_with("this is a plan in JSON"));
        assert!(said(b"{\n  \"some\": 1\n}\n").0.ends_with("some other JSON"));
        assert_eq!(
            said(b"{\"@level\":\"info\",\"@mess").0,
            "the JSON output of an apply ends in the middle, at byte 23"
        );
    }

    #[test]
    fn what_began_and_ended_is_told_while_the_run_goes_on() {
        let mut told = Vec::new();
        read_along(FAILED.as_bytes(), |seen| told.push(seen.to_string())).unwrap();
        let failed = "0 done, 1 failed; terraform_data.migration";
        assert_eq!(told.last().map(String::as_str), Some(failed));

        let mut told = Vec::new();
        read_along(APPLIED.as_bytes(), |seen| told.push(seen.clone())).unwrap();
        assert!(told.windows(2).all(|pair| pair[0].done <= pair[1].done));
        assert_eq!(told.last().unwrap().done, 6);
    }

    #[test]
    fn messages_of_another_major_version_are_refused() {
        let version =
            |ui: &str| lines(&[json!({"type": "version", "terraform": "9.0.0", "ui": ui})]);
        assert!(read(version("1.9").as_bytes()).is_ok());
        let error = read(version("2.0").as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Version { .. }), "{error:?}");
    }

    proptest! {
        #[test]
        fn a_real_apply_cut_behind_its_first_change_is_partial_until_it_is_summed_up(cut in 0.0..1.0f64) {
            let kept = (APPLIED.len() as f64 * cut) as usize;
            let summed = APPLIED.find("\"type\":\"change_summary\"").unwrap();
            let began = APPLIED.find("\"type\":\"apply_start\"").unwrap();
            let ending = read(&APPLIED.as_bytes()[..kept]).map(|apply| apply.ending);
            if kept > summed + 100 {
                prop_assert_eq!(ending.unwrap(), Ending::Applied);
            } else if (began + 30..summed).contains(&kept) {
                prop_assert_eq!(ending.unwrap(), Ending::CutShort);
            }
        }

        #[test]
        fn no_text_is_a_panic(text in "(\\{\"type\":\"(apply_start|diagnostic|planned_change|version)\",?.{0,40}\\}?\n){0,6}") {
            let _ = read(text.as_bytes());
        }
    }
}
