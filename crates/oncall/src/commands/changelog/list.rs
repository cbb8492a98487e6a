//! `oncall changelog [list]`: what changed.

use changelog::{ChangeRecord, InFlight, RULES, Sections, sections};
use clap::Args;
use output::{Form, Notice, Output};

use super::asked::AskedArgs;
use super::reading::{Delivery, Reading, say};
use super::render::{ChangeLine, Heading, Look};
use crate::commands::logs::SummaryForm;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// List what changed, the newest first: who did what, with which ticket
///
/// Exits with 1 when nothing changed, and with 3 when not everything could be read.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    asked: AskedArgs,
    /// The likeliest causes first, with the reasons: how short before the moment of --around (or
    /// now), how near to SYSTEM, what it can break, what became of it
    #[arg(long)]
    rank: bool,
    /// Every reason with its points, and the rules; docs/ranking.md explains them
    #[arg(long, requires = "rank")]
    explain: bool,
    /// Only the newest N; with --rank, the N likeliest causes
    #[arg(short = 'n', value_name = "N")]
    newest: Option<usize>,
    /// The oldest first
    #[arg(long, conflicts_with = "rank")]
    reverse: bool,
    /// How to tell on stderr what was read: json is one record, also with -q
    #[arg(long, value_name = "FORM", default_value = "text")]
    summary: SummaryForm,
}

pub(crate) async fn run(verb: List, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let reading = stops.or(Reading::open(&verb.asked, context)).await??;
    let now = reading.moments.now.clone();
    let mut printer = Printer {
        look: Look { now, explain: verb.explain },
        left: verb.newest.unwrap_or(usize::MAX),
        shown: 0,
        section: None,
        output: &mut output,
    };
    let progress = context.progress(|| "reading what changed".to_owned());
    let at_the_end = verb.rank || verb.reverse;
    let delivery = match (at_the_end, printer.output.form()) {
        (true, _) => Delivery::AtTheEnd,
        (false, Form::Text) => Delivery::AsFound(InFlight::First),
        (false, _) => Delivery::AsFound(InFlight::InTime),
    };
    if verb.explain {
        explain(context);
    }
    let printing = async {
        match delivery {
            Delivery::AsFound(_) => {
                let print = async |changes| printer.print(changes).await;
                reading.hand_on(delivery, verb.rank, print).await
            }
            Delivery::AtTheEnd => {
                let mut all = Vec::new();
                let keep = async |changes: Vec<ChangeRecord>| {
                    all.extend(changes);
                    Ok(())
                };
                let reads = reading.hand_on(delivery, verb.rank, keep).await?;
                if verb.rank {
                    all = changelog::rank(all, reading.paged());
                } else {
                    all.reverse();
                }
                printer.print_all(all, verb.reverse).await?;
                Ok(reads)
            }
        }
    };
    let reads = stops.or(printing).await??;
    let shown = printer.shown;
    drop(progress);
    output.flush().await?;
    say(&reading.summary(shown, reads), verb.summary, context)
}

/// The rules, before what they come to.
fn explain(context: &Context) {
    let talk = context.talk();
    for rule in RULES {
        talk.say(
            Notice::Note,
            &format!("up to {:.0} points for {}: {}", rule.most, rule.about, rule.how),
        );
    }
}

struct Printer<'a> {
    output: &'a mut Output,
    look: Look,
    /// How many more are wanted.
    left: usize,
    shown: u64,
    /// Whether the last one that was shown is in flight.
    section: Option<bool>,
}

impl Printer<'_> {
    async fn print(&mut self, changes: Vec<ChangeRecord>) -> Result<(), Failure> {
        for change in changes {
            self.shown += 1;
            if self.left == 0 {
                continue;
            }
            self.left -= 1;
            self.head_section(&change).await?;
            let change = ChangeLine { change: &change, look: &self.look };
            self.output.present(&change).await?;
        }
        Ok(self.output.pass_on().await?)
    }

    /// All that there is. With `--reverse`, `-n` is about the newest all the same.
    async fn print_all(
        &mut self,
        mut changes: Vec<ChangeRecord>,
        reverse: bool,
    ) -> Result<(), Failure> {
        if reverse {
            let passed_over = changes.len().saturating_sub(self.left);
            self.shown += passed_over as u64;
            changes.drain(..passed_over);
        }
        if self.output.form() != Form::Text || !reverse {
            return self.print(changes).await;
        }
        let Sections { in_flight, made } = sections(changes);
        self.print(made).await?;
        self.print(in_flight).await
    }

    /// On a terminal, those in flight stand by themselves, unless the ranking says where each stands.
    async fn head_section(&mut self, change: &ChangeRecord) -> Result<(), Failure> {
        let flies = change.is_in_flight();
        if self.output.form() != Form::Text || change.score.is_some() || self.section == Some(flies)
        {
            return Ok(());
        }
        match (self.section, flies) {
            (_, true) => self.output.present(&Heading("In flight")).await?,
            (Some(_), false) => self.output.present(&Heading("Changed")).await?,
            (None, false) => {}
        }
        self.section = Some(flies);
        Ok(())
    }
}
