//! `oncall changelog plan FILE`: what a plan would change.

use std::path::PathBuf;

use changelog::terraform::{Document, plan};
use clap::Args;
use output::Form;
use record::Time;

use super::input::{self, Input};
use super::render::{ChangeLine, Look};
use super::told::ToldArgs;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// Say what a Terraform plan would change: terraform show -json plan.bin | oncall changelog plan -
///
/// Variables, outputs and values are not read; of each resource its address, what becomes of it, and
/// the names of the attributes that change.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// What `terraform show -json` writes; `-` is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    told: ToldArgs,
}

pub(crate) async fn run(verb: Plan, context: &Context) -> Result<Exit, Failure> {
    let now = context.now();
    let at = verb.told.at(&now)?;
    let input = Input::typed(&verb.file);
    let is_terminal = context.settings().terminals.stdin;
    let opened = input.open(is_terminal, input::how(Document::Plan))?;
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;

    let progress = context.progress(|| "reading the plan".to_owned());
    let reading = tokio::task::spawn_blocking(move || plan::read(opened));
    let read = stops.or(reading).await?.map_err(input::no_answer)?;
    drop(progress);
    let read = read.map_err(|error| input::unreadable(&input, &error))?;

    let mut change = read.into_record(Time::from(now.timestamp()));
    verb.told.tell(&mut change, at);
    let look = Look { now, explain: false };
    output.present(&ChangeLine { change: &change, look: &look }).await?;
    output.flush().await?;
    Ok(Exit::Done)
}
