//! `oncall drill start`: the page rings.

use std::borrow::Cow;

use clap::Args;
use jiff::Zoned;
use output::{Form, Line, Notice, Present, Role};
use record::Time;
use serde::Serialize;

use super::prose::{folded, length};
use super::typed;
use crate::cli::Global;
use crate::context::{Context, Stops};
use crate::drill::{Beginning, Plan};
use crate::exit::Exit;
use crate::failure::Failure;

/// Begin a drill, and show the page as a pager would
///
/// While a drill is running, it shows the page again, and says when the drill began.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// A built-in drill, or the path of a scenario file [default: incident-8]
    #[arg(value_name = "NAME|PATH")]
    scenario: Option<String>,
    /// Begin anew: the clock, the hints and the answers
    #[arg(long)]
    again: bool,
}

impl Start {
    /// The drill may be said here, too.
    pub(super) fn choose(&self, mut global: Global) -> Result<Global, Failure> {
        match (&self.scenario, &global.drill) {
            (Some(here), Some(there)) if here != there => Err(Failure::usage(
                format!("two drills are named: `{here}` and `{there}`"),
                Some("one is begun at a time; leave out --drill".to_owned()),
            )),
            (Some(here), _) => {
                global.drill = Some(here.clone());
                Ok(global)
            }
            (None, _) => Ok(global),
        }
    }
}

pub(crate) async fn run(start: Start, mut plan: Plan, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    if start.again {
        plan.begin_anew()?;
    }
    let now = context.now();
    say_how_it_began(&start, &plan, &now, context);
    let page = PageRecord::of(&plan, now);
    let work = async {
        output.present(&page).await?;
        output.flush().await?;
        Ok(Exit::Done)
    };
    stops.or(work).await?
}

fn say_how_it_began(start: &Start, plan: &Plan, now: &Zoned, context: &Context) {
    let began = plan.began().to_zoned(now.time_zone().clone());
    let ago = length(now.timestamp().as_millisecond() - plan.began().as_millisecond());
    let clock = began.strftime("%H:%M");
    match plan.beginning() {
        Beginning::Joined => {
            let note = format!(
                "this drill is running: it began at {clock}, {ago} ago; --again begins it anew"
            );
            context.talk().say(Notice::Note, &note);
        }
        Beginning::Pinned if start.again => {
            let note = format!(
                "the beginning is pinned to {clock} by ONCALL_DRILL_START or ONCALL_DRILL_NOW; hints and answers begin anew"
            );
            context.talk().say(Notice::Note, &note);
        }
        Beginning::Pinned | Beginning::Now => {}
    }
}

/// What the pager shows.
#[derive(Debug, Serialize)]
struct PageRecord {
    time: Time,
    kind: &'static str,
    region: String,
    scenario: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paged: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook: Option<String>,
    began: Time,
    causes: usize,
    hints: usize,
    next: Vec<String>,
    #[serde(skip)]
    now: Zoned,
}

impl PageRecord {
    fn of(plan: &Plan, now: Zoned) -> Self {
        let scenario = plan.scenario();
        let exercise = scenario.exercise();
        let page = exercise.page.as_ref();
        // A scenario without a page still has something to say.
        let title = page.map_or(scenario.summary(), |page| &page.title);
        let field = |field: fn(&simulator::Page) -> &Option<String>| {
            page.and_then(|page| field(page).clone())
        };
        let began: Time = plan.began().into();
        let lead = i64::try_from(scenario.page_lead().as_millis()).unwrap_or(0);
        Self {
            time: Time::from_millis(began.millis().saturating_sub(lead)),
            kind: "page",
            region: scenario.region().to_owned(),
            scenario: scenario.name().to_owned(),
            severity: field(|page| &page.severity),
            service: field(|page| &page.service),
            title: title.to_owned(),
            text: field(|page| &page.text),
            paged: field(|page| &page.paged),
            runbook: field(|page| &page.runbook),
            began,
            causes: exercise.causes.len(),
            hints: exercise.hints.len(),
            next: next(plan),
            now,
        }
    }
}

/// What to type next, as far as the scenario has it.
fn next(plan: &Plan) -> Vec<String> {
    let exercise = plan.scenario().exercise();
    let look = match plan.choice() {
        None => "oncall --drill logs groups".to_owned(),
        Some(_) => typed(plan, "logs groups"),
    };
    let hint = (!exercise.hints.is_empty()).then(|| typed(plan, "drill hint"));
    let answer = (!exercise.causes.is_empty()).then(|| typed(plan, "drill answer '…'"));
    std::iter::once(look).chain(hint).chain(answer).collect()
}

impl Present for PageRecord {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.text.as_deref().unwrap_or(&self.title).into()
    }

    /// time, severity, service, title, runbook
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        vec![
            self.time.to_string().into(),
            text(&self.severity).into(),
            text(&self.service).into(),
            (&self.title).into(),
            text(&self.runbook).into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let zone = self.now.time_zone();
        let rang = self.time.timestamp().to_zoned(zone.clone());
        let ago = length(self.now.timestamp().as_millisecond() - self.time.millis());
        line.stop().push(Role::Bad, "PAGE");
        for word in [&self.severity, &self.service].into_iter().flatten() {
            line.push(Role::Plain, "  ").push_word(Role::Heading, word);
        }
        let clock = rang.strftime("%H:%M %:z");
        line.push(Role::Dim, &format!("  {clock}, {ago} ago\n"));
        line.push(Role::Heading, &folded(&self.title, 0));
        if let Some(text) = &self.text {
            line.push(Role::Plain, &format!("\n\n{}", folded(text, 2)));
        }
        let mut gap = "\n\n";
        for (name, value) in [("paged", &self.paged), ("runbook", &self.runbook)] {
            let Some(value) = value else { continue };
            line.push(Role::Plain, std::mem::replace(&mut gap, "\n"));
            let value = folded(value, 11);
            line.push(Role::Key, &format!("  {name:<9}"));
            line.push(Role::Plain, value.trim_start());
        }
        let began = self.began.timestamp().to_zoned(zone.clone());
        let began = began.strftime("%H:%M");
        line.push(Role::Dim, &format!("\n\nThe drill began at {began}. What to type next:"));
        for command in &self.next {
            line.push(Role::Plain, &format!("\n  {command}"));
        }
    }
}
