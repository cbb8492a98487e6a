//! `oncall logs streams`: which streams a target has.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use jiff::tz::TimeZone;
use logs::{LogStreamInfo, LogStreamListing, Resolution, StreamChoice, Unread, Whose};
use output::{Align, Cell, Column, Form, Line, Present, Role, Room, Row, Table};
use record::Time;

use super::reading::{self, WindowArgs};
use crate::context::{Context, Stops};
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
    let mut output = context.paged_output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let zone = context.now().time_zone().clone();
    let found = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&found);
    let progress =
        context.progress(move || format!("{} streams so far", counted.load(Ordering::Relaxed)));
    let work = async {
        let doors = context.doors(&targets).await?;
        let Resolution { places, unread, .. } = reading::find(&targets, &doors, context).await?;
        let whose = Whose::of(&doors, &places);
        let observed = Time::from(context.now().timestamp());
        let (mut rows, mut listed) = (Vec::new(), false);
        let word_of =
            |unread: &Unread| whose.word_of(unread.site.profile.as_deref(), &unread.site.region);
        let unread = unread.into_iter();
        let mut failures: Vec<_> = unread.map(|unread| (word_of(&unread), unread.error)).collect();
        for place in logs::distinct(places) {
            let newest_first = verb.newest.is_some();
            let word = whose.word(&place.group);
            let door = doors.of(place.group.profile.as_deref());
            let mut listing =
                LogStreamListing::new(door, place, choice.clone(), newest_first, observed);
            let mut left = verb.newest.unwrap_or(usize::MAX);
            while left > 0 {
                let streams = match listing.next_page().await {
                    Ok(Some(streams)) => streams,
                    Ok(None) => break,
                    // The other places are listed all the same.
                    Err(error) => {
                        failures.push((word.clone(), error));
                        break;
                    }
                };
                let wanted = streams.iter().filter(|stream| {
                    active.is_none_or(|window| {
                        stream.may_be_active(window.start.into(), window.end.into())
                    })
                });
                for stream in wanted.take(left) {
                    listed = true;
                    left -= 1;
                    found.fetch_add(1, Ordering::Relaxed);
                    match output.form() {
                        Form::Table => rows.push(row(stream, word.as_deref(), &zone)),
                        _ => {
                            output.present(&StreamLine { stream, word: word.as_deref() }).await?;
                        }
                    }
                }
                output.pass_on().await?;
            }
        }
        Ok::<_, Failure>((rows, failures, listed))
    };
    let (rows, failures, listed) = stops.or(work).await??;
    drop(progress);
    if output.form() == Form::Table {
        let offset = context.now().strftime("%:z").to_string();
        output.draw(&Table { columns: columns(&offset), rows }).await?;
    }
    output.flush().await?;
    reading::conclude_list(failures, listed, context.talk())
}

/// The columns of a table whose times have an offset from UTC.
fn columns(offset: &str) -> Vec<Column<String>> {
    let column = |heading: &str, room| {
        let (heading, align) = (heading.to_owned(), Align::Left);
        Column { heading, align, room }
    };
    vec![
        column("WHERE", Room::Whole),
        // The name of a task's stream ends in the task's id, which is known by its beginning.
        column("STREAM", Room::Cut { least: 24 }),
        column("GROUP", Room::Cut { least: 12 }),
        column(&format!("LAST EVENT ({offset})"), Room::Whole),
        column(&format!("CREATED ({offset})"), Room::Yields(1)),
    ]
}

fn row(stream: &LogStreamInfo, word: Option<&str>, zone: &TimeZone) -> Row {
    let local = |time: Time| {
        let time = time.timestamp().to_zoned(zone.clone());
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let time = |time: Option<Time>| time.map_or_else(String::new, local);
    Row::Cells(vec![
        Cell::new(Role::Dim, word.unwrap_or_default()),
        Cell::plain(&stream.stream),
        Cell::plain(&stream.group),
        Cell::plain(time(stream.last_event)),
        Cell::new(Role::Dim, time(stream.created)),
    ])
}

struct StreamLine<'a> {
    stream: &'a LogStreamInfo,
    /// Whose it is, where that has to be said.
    word: Option<&'a str>,
}

impl Present for StreamLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and times written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.stream);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.stream.stream).into()
    }

    /// stream, group, service, task, container, last_event, last_ingested, created
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let stream = self.stream;
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
        if let Some(word) = self.word {
            line.push_word(Role::Dim, word).push(Role::Plain, " ");
        }
        line.push(Role::Plain, &self.stream.stream);
    }

    fn link(&self) -> Option<String> {
        self.stream.link()
    }
}
