//! `oncall drill answer`: what was it?

use std::borrow::Cow;

use clap::Args;
use output::{Form, Line, Notice, Present, Role};
use record::Time;
use serde::Serialize;
use simulator::{Cause, Decoy, Verdict};
use store::Progress;

use super::prose::{counted, folded, length};
use super::typed;
use crate::context::{Context, Stops};
use crate::drill::Plan;
use crate::exit::Exit;
use crate::failure::Failure;

/// Say what the cause was, in your own words
///
/// The answer is judged by its words. Answers add up: one may name one cause, and the next another.
/// The exit code is 0 when everything is found, else 1.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// What it was, such as 'the release of api'
    #[arg(required = true, value_name = "TEXT")]
    words: Vec<String>,
}

pub(crate) async fn run(answer: Answer, plan: Plan, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let text = answer.words.join(" ");
    let exercise = plan.scenario().exercise();
    if exercise.causes.is_empty() {
        return Err(Failure::usage(
            format!(
                "the scenario {} has no causes to hold an answer against",
                plan.scenario().name()
            ),
            Some("docs/drills.md says how to write some".to_owned()),
        ));
    }
    if !text.contains(char::is_alphanumeric) {
        let hint = typed(&plan, "drill answer 'the release of api'");
        return Err(Failure::usage("the answer is empty", Some(format!("`{hint}`"))));
    }
    plan.say_if_it_begins_now(context.talk());
    let now = context.now().timestamp();
    let progress = plan.advance(context.talk(), |progress| {
        let verdict = exercise.judge(&text, &progress.found);
        if progress.solved_ms.is_none() {
            progress.answers += 1;
            progress.solved_ms = verdict.is_full().then(|| now.as_millisecond());
        }
        progress.found = verdict.found.iter().map(|cause| cause.name.clone()).collect();
    });
    let verdict = exercise.judge(&text, &progress.found);
    let record = AnswerRecord::of(&plan, &text, &verdict, &progress, now.into());
    let work = async {
        output.present(&record).await?;
        output.flush().await
    };
    stops.or(work).await??;
    if verdict.is_full() {
        return Ok(Exit::Done);
    }
    let left = exercise.hints.len().saturating_sub(progress.hints);
    if left > 0 {
        let left = counted(left, "hint");
        let hint = format!("`{}` shows the next of {left}", typed(&plan, "drill hint"));
        context.talk().say(Notice::Note, &hint);
    }
    Ok(Exit::No)
}

/// What an answer was worth.
#[derive(Debug, Serialize)]
struct AnswerRecord<'a> {
    time: Time,
    kind: &'static str,
    scenario: &'a str,
    answer: &'a str,
    score: usize,
    of: usize,
    found: Vec<FoundCause<'a>>,
    /// What is still to find, by its role in the story only.
    missing: Vec<&'a str>,
    decoys: Vec<NamedDecoy<'a>>,
    answers: usize,
    hints: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<i64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shortest: &'a [String],
}

#[derive(Debug, Serialize)]
struct FoundCause<'a> {
    name: &'a str,
    role: &'a str,
    says: &'a str,
}

#[derive(Debug, Serialize)]
struct NamedDecoy<'a> {
    name: &'a str,
    says: &'a str,
}

impl<'a> From<&'a Cause> for FoundCause<'a> {
    fn from(cause: &'a Cause) -> Self {
        Self { name: &cause.name, role: &cause.role, says: &cause.says }
    }
}

impl<'a> From<&'a Decoy> for NamedDecoy<'a> {
    fn from(decoy: &'a Decoy) -> Self {
        Self { name: &decoy.name, says: &decoy.says }
    }
}

impl<'a> AnswerRecord<'a> {
    fn of(
        plan: &'a Plan,
        answer: &'a str,
        verdict: &Verdict<'a>,
        progress: &Progress,
        time: Time,
    ) -> Self {
        let exercise = plan.scenario().exercise();
        let solved = progress.solved_ms.filter(|_| verdict.is_full());
        Self {
            time,
            kind: "answer",
            scenario: plan.scenario().name(),
            answer,
            score: verdict.found.len(),
            of: exercise.causes.len(),
            found: verdict.found.iter().copied().map(Into::into).collect(),
            missing: verdict.missing.iter().map(|cause| cause.role.as_str()).collect(),
            decoys: verdict.decoys.iter().copied().map(Into::into).collect(),
            answers: progress.answers,
            hints: progress.hints,
            took_ms: solved.map(|solved| (solved - plan.began().as_millisecond()).max(0)),
            shortest: if verdict.is_full() { &exercise.shortest } else { &[] },
        }
    }

    fn headline(&self) -> String {
        let score = format!("{} of {}.", self.score, self.of);
        match self.took_ms {
            Some(took) => {
                let (hints, answers) =
                    (counted(self.hints, "hint"), counted(self.answers, "answer"));
                format!("{score} Solved in {}, with {hints} and {answers}.", length(took))
            }
            None if self.score > 0 => {
                format!("{score} There is more to find: {}.", self.missing.join(", "))
            }
            None => format!("{score} That is not it."),
        }
    }
}

impl Present for AnswerRecord<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.answer.into()
    }

    /// score, of, answers, hints, took_ms, the names of what was found
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let names: Vec<&str> = self.found.iter().map(|cause| cause.name).collect();
        let took = self.took_ms.map_or_else(String::new, |took| took.to_string());
        let numbers = [self.score, self.of, self.answers, self.hints];
        let mut columns: Vec<Cow<'_, str>> = numbers.map(|n| n.to_string().into()).to_vec();
        columns.extend([took.into(), names.join(",").into()]);
        columns
    }

    fn line(&self, line: &mut Line<'_>) {
        let role = match (self.took_ms, self.score) {
            (Some(_), _) => Role::Good,
            (None, 0) => Role::Bad,
            (None, _) => Role::Warning,
        };
        line.stop().push(role, &folded(&self.headline(), 0));
        for cause in &self.found {
            line.push(Role::Heading, &format!("\n\n{}\n", cause.role));
            line.push(Role::Plain, &folded(cause.says, 2));
        }
        if !self.decoys.is_empty() {
            line.push(Role::Heading, "\n\nnot the cause");
        }
        for decoy in &self.decoys {
            line.push(Role::Plain, &format!("\n{}", folded(decoy.says, 2)));
        }
        if !self.shortest.is_empty() {
            line.push(Role::Heading, "\n\nthe shortest way");
        }
        // A command stays on its line, so that it can be copied.
        for command in self.shortest {
            line.push(Role::Plain, &format!("\n  {command}"));
        }
    }
}
