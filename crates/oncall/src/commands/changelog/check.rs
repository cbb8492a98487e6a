//! `oncall changelog check`: the audit.

use std::ffi::OsStr;

use changelog::check::{Verdict, audit};
use changelog::{ChangeRecord, Flag};
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};
use output::{Form, Notice};

use super::asked::AskedArgs;
use super::reading::{Delivery, Reading, say_missing};
use super::render::{ChangeLine, Look};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// Check that no change has a flag that nobody wants to see; those that have it are the records
///
/// Exits with 0 when there is none, with 1 otherwise, and with 3 when not everything could be read.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    asked: AskedArgs,
    /// The flags, such as TICKETLESS (repeatable, or with commas)
    #[arg(
        long, value_name = "FLAG", required = true, value_delimiter = ',', value_parser = FlagName
    )]
    forbid: Vec<Flag>,
}

/// Reads the name of a flag. The shells complete it.
#[derive(Clone, Copy)]
struct FlagName;

impl TypedValueParser for FlagName {
    type Value = Flag;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Flag, clap::Error> {
        flag.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Flag::ALL.into_iter().map(|flag| PossibleValue::new(flag.name()))))
    }
}

fn flag(text: &str) -> Result<Flag, String> {
    text.parse().map_err(|_| {
        let names = Flag::ALL.map(Flag::name).join(", ");
        format!("the flags are {names}")
    })
}

pub(crate) async fn run(verb: Check, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let reading = stops.or(Reading::open(&verb.asked, context)).await??;
    let look = Look { now: reading.moments.now.clone(), explain: false };
    let progress = context.progress(|| "reading what changed".to_owned());
    let mut all: Vec<ChangeRecord> = Vec::new();
    let keep = async |changes: Vec<ChangeRecord>| {
        all.extend(changes);
        Ok(())
    };
    let reads = stops.or(reading.hand_on(Delivery::AtTheEnd, false, keep)).await??;
    drop(progress);
    let summary = reading.summary(all.len() as u64, reads);
    let audit = audit(all, &verb.forbid, summary.is_complete());
    for change in &audit.offenders {
        output.present(&ChangeLine { change, look: &look }).await?;
    }
    output.flush().await?;
    context.talk().say(Notice::Summary, &audit.sentence(&verb.forbid));
    say_missing(&summary, context);
    Ok(match audit.verdict {
        Verdict::Clean => Exit::Done,
        Verdict::Offended => Exit::No,
        Verdict::Incomplete => Exit::Incomplete,
    })
}
