//! `oncall drill hint`: the next hint, from gentle to plain.

use std::borrow::Cow;

use clap::Args;
use output::{Form, Line, Notice, Present, Role};
use record::Time;
use serde::Serialize;

use super::prose::folded;
use crate::context::{Context, Stops};
use crate::drill::Plan;
use crate::exit::Exit;
use crate::failure::Failure;

/// Show the next hint
///
/// Hints go from gentle to plain. How many were shown is kept with the drill, and told at its end.
#[derive(Debug, Args)]
pub(crate) struct Hint {
    /// Show all of them at once
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(hint: Hint, plan: Plan, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let hints = &plan.scenario().exercise().hints;
    if hints.is_empty() {
        return Err(Failure::usage(
            format!("the scenario {} has no hints", plan.scenario().name()),
            Some("docs/drills.md says how to write some".to_owned()),
        ));
    }
    plan.say_if_it_begins_now(context.talk());
    let shown = plan.progress().hints;
    let numbers = match hint.all {
        true => 0..hints.len(),
        false => shown.min(hints.len() - 1)..(shown + 1).min(hints.len()),
    };
    if !hint.all && shown >= hints.len() {
        context.talk().say(Notice::Note, "this is the last hint once more; there are no others");
    }
    plan.advance(context.talk(), |progress| progress.hints = progress.hints.max(numbers.end));
    let time = context.now().timestamp().into();
    let work = async {
        for number in numbers {
            let record = HintRecord {
                time,
                kind: "hint",
                scenario: plan.scenario().name(),
                number: number + 1,
                of: hints.len(),
                text: &hints[number],
            };
            output.present(&record).await?;
        }
        output.flush().await?;
        Ok(Exit::Done)
    };
    stops.or(work).await?
}

/// A hint.
#[derive(Debug, Serialize)]
struct HintRecord<'a> {
    time: Time,
    kind: &'static str,
    scenario: &'a str,
    number: usize,
    of: usize,
    text: &'a str,
}

impl Present for HintRecord<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.text.into()
    }

    /// number, of, text
    fn columns(&self) -> Vec<Cow<'_, str>> {
        vec![self.number.to_string().into(), self.of.to_string().into(), self.text.into()]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.stop().push(Role::Heading, &format!("Hint {} of {}\n", self.number, self.of));
        line.push(Role::Plain, &folded(self.text, 2));
    }
}
