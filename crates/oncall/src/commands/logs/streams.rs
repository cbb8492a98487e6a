//! `oncall logs streams`: which streams a target has.

use std::borrow::Cow;

use clap::Args;
use logs::{LogStreamInfo, LogStreamListing, StreamChoice};
use output::{Form, Line, Present, Role};
use record::Time;

use super::reading::{self, WindowArgs};
use crate::context::{Context, unless_stopped};
use crate::exit::Exit;
use crate::failure::Failure;

/// List the streams of targets
#[derive(Debug, Args)]
pub(crate) struct Streams {
    /// Targets, as for tail
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,
    #[command(flatten)]
    window: WindowArgs,
    /// Only streams whose name begins so, or matches a glob
    #[arg(long, value_name = "PREFIX|GLOB")]
    stream: Option<String>,
    /// Only the newest N of each place, the newest first
    #[arg(short = 'n', value_name = "N")]
    newest: Option<usize>,
}

pub(crate) async fn run(verb: Streams, context: &Context) -> Result<Exit, Failure> {
    let choice = verb.stream.as_deref().map(StreamChoice::parse).transpose()?;
    let active = verb.window.is_asked().then(|| verb.window.window(context)).transpose()?;
    let targets = reading::targets(&verb.targets, context)?;
    let mut output = context.output(Form::Table)?;
    let gone = output.reader_gone();
    let work = async {
        let door = context.aws().await?;
        let places = reading::places(&targets, &door, context).await?;
        let observed = Time::from(context.now().timestamp());
        let mut rows = Vec::new();
        for place in logs::distinct(places) {
            let newest_first = verb.newest.is_some();
            let mut listing =
                LogStreamListing::new(&door, place, choice.clone(), newest_first, observed);
            let mut left = verb.newest.unwrap_or(usize::MAX);
            while left > 0
                && let Some(streams) = listing.next_page().await?
            {
                let wanted = streams.iter().filter(|stream| {
                    active.is_none_or(|window| {
                        stream.may_be_active(window.start.into(), window.end.into())
                    })
                });
                for stream in wanted.take(left) {
                    left -= 1;
                    match output.form() {
                        Form::Table => rows.push(row(stream)),
                        _ => output.present(&StreamLine(stream)).await?,
                    }
                }
                output.pass_on().await?;
            }
        }
        if output.form() == Form::Table {
            output.table(&["STREAM", "GROUP", "LAST EVENT", "CREATED"], &rows).await?;
        }
        output.flush().await?;
        Ok(Exit::Done)
    };
    unless_stopped(&gone, work).await?
}

fn row(stream: &LogStreamInfo) -> Vec<String> {
    let time = |time: Option<Time>| time.map_or_else(String::new, |time| time.to_string());
    vec![stream.stream.clone(), stream.group.clone(), time(stream.last_event), time(stream.created)]
}

struct StreamLine<'a>(&'a LogStreamInfo);

impl Present for StreamLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and times written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.0);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.0.stream).into()
    }

    /// stream, group, service, task, container, last_event, last_ingested, created
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let stream = self.0;
        let text = |text: &Option<String>| Cow::Owned(text.clone().unwrap_or_default());
        let time =
            |time: Option<Time>| Cow::Owned(time.map_or_else(String::new, |time| time.to_string()));
        vec![
            (&stream.stream).into(),
            (&stream.group).into(),
            text(&stream.service),
            text(&stream.task),
            text(&stream.container),
            time(stream.last_event),
            time(stream.last_ingested),
            time(stream.created),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.push(Role::Plain, &self.0.stream);
    }
}
