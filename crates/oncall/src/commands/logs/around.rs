//! `-A`, `-B` and `-C`: what stands around a match in its own stream.

use std::borrow::Cow;

use clap::{Args, value_parser};
use logs::{Around, LogRecord, Relation, Selection, Shown, Summary, Surroundings};
use output::{Form, Line, Output, Present, Role};
use timerange::Window;

use super::feed::within_grace;
use super::reading::Ending;
use super::render::{LogLine, Look};
use crate::context::Stops;
use crate::failure::Failure;

/// How much around a match is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "As in grep")]
pub(crate) struct AroundArgs {
    /// The N events after each match too, of its own stream and whatever the other conditions say
    #[arg(
        short = 'A', long, value_name = "N", conflicts_with = "resume",
        value_parser = value_parser!(u16).range(..=MOST)
    )]
    after_context: Option<u16>,
    /// The N events before each match too
    #[arg(
        short = 'B', long, value_name = "N", conflicts_with = "resume",
        value_parser = value_parser!(u16).range(..=MOST)
    )]
    before_context: Option<u16>,
    /// Both; -A and -B win over it
    #[arg(
        short = 'C', long, value_name = "N", conflicts_with = "resume",
        value_parser = value_parser!(u16).range(..=MOST)
    )]
    context: Option<u16>,
}

/// What stands right before a match is held until the match is shown, for several streams.
const MOST: i64 = 10_000;

impl AroundArgs {
    /// How much is wanted; `None` where nothing is.
    pub(crate) fn wanted(&self, follows: bool) -> Result<Option<Around>, Failure> {
        let count = |own: Option<u16>| usize::from(own.or(self.context).unwrap_or(0));
        let around =
            Around { before: count(self.before_context), after: count(self.after_context) };
        let is_wanted = around.before + around.after > 0;
        if is_wanted && follows {
            let hint =
                "leave out -f; `oncall logs -f TARGET --stream STREAM` follows a match's stream";
            return Err(Failure::usage(
                "-f hands on what comes and does not wait for what stands around it (-A, -B, -C)",
                Some(hint.to_owned()),
            ));
        }
        Ok(is_wanted.then_some(around))
    }
}

/// Prints matches, each with what stands around it.
#[derive(Debug)]
pub(crate) struct AroundLines {
    surroundings: Surroundings,
}

impl AroundLines {
    pub(crate) fn new(
        around: Around,
        doors: &aws::Doors,
        selection: Selection,
        window: Window,
    ) -> Self {
        let Window { start, end } = window;
        let surroundings = Surroundings::new(doors, around, selection, start.into(), end.into());
        Self { surroundings }
    }

    /// Adds matches, in order of time.
    pub(crate) fn add(&mut self, matches: &[LogRecord]) {
        self.surroundings.add(matches.to_vec());
    }

    /// Prints what is certain by now.
    pub(crate) async fn print(&mut self, output: &mut Output, look: &Look) -> Result<(), Failure> {
        while let Some(shown) = self.surroundings.next().await {
            if shown.begins_group {
                // The next group may have to be waited for.
                output.pass_on().await?;
                if output.form() == Form::Text {
                    output.present(&Separator).await?;
                }
            }
            output.present(&AroundLine { shown: &shown, look }).await?;
        }
        Ok(output.pass_on().await?)
    }

    /// Prints the matches that still wait. After an interruption nothing more is read for them.
    pub(crate) async fn print_rest(
        &mut self,
        output: &mut Output,
        look: &Look,
        stops: &mut Stops,
        ending: Ending,
    ) -> Result<Ending, Failure> {
        if ending != Ending::Interrupted {
            self.surroundings.end();
            match stops.or(self.print(output, look)).await {
                Ok(printed) => return printed.map(|()| ending),
                Err(Failure::Interrupted) => {}
                Err(stop) => return Err(stop),
            }
        }
        self.surroundings.abandon();
        within_grace(self.print(output, look)).await?;
        Ok(Ending::Interrupted)
    }

    /// Adds what was read here to what was read of the matches.
    pub(crate) fn tell(&self, summary: &mut Summary) {
        self.surroundings.tell(summary);
    }
}

/// A match, or an event around one.
struct AroundLine<'a> {
    shown: &'a Shown,
    look: &'a Look,
}

impl AroundLine<'_> {
    fn log_line(&self) -> LogLine<'_> {
        LogLine { record: &self.shown.record, look: self.look }
    }
}

impl Present for AroundLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        self.shown.record.write_json_as(self.shown.relation, out);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.shown.record.text).into()
    }

    /// Those of a log event, then `before`, `after` or nothing.
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let line = self.log_line();
        let columns = line.columns().into_iter().map(|column| column.into_owned().into());
        let relation = self.shown.relation.map_or("", Relation::word);
        columns.chain([relation.into()]).collect()
    }

    /// What is no match stands back, and has grep's mark where there are no colours.
    fn line(&self, line: &mut Line<'_>) {
        match self.shown.relation {
            None => self.log_line().line(line),
            Some(_) => self.log_line().draw(line.dim(), "-"),
        }
    }

    fn link(&self) -> Option<String> {
        self.shown.record.link()
    }
}

/// What stands between groups, for people.
struct Separator;

impl Present for Separator {
    fn json(&self, _: &mut Vec<u8>) {}

    fn raw(&self) -> Cow<'_, str> {
        Cow::Borrowed("--")
    }

    fn columns(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed("--")]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.push(Role::Dim, "--");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use logs::{Group, Stream};
    use record::Time;

    use super::*;

    #[test]
    fn a_match_stands_out() {
        let group = Group {
            profile: None,
            account: None,
            region: "r".into(),
            name: "/g".into(),
            arn: None,
        };
        let stream = Stream {
            name: "web/1".into(),
            cluster: None,
            service: None,
            task: None,
            container: None,
        };
        let record = LogRecord {
            time: Time::from_millis(1_795_377_600_123),
            ingested: None,
            group: Arc::new(group),
            stream: Arc::new(stream),
            id: None,
            text: r#"{"level":"error","msg":"boom","n":1}"#.to_owned(),
            repaired: false,
            late: false,
        };
        let now = record.time.timestamp().to_zoned(TimeZone::UTC);
        let window = Window { start: now.timestamp(), end: now.timestamp() };
        let marks = logs::highlight(&["boom".to_owned()]).unwrap();
        let look = Look::new(now, window, marks, logs::Whose::default());
        let drawn = |relation, colored| {
            let shown = Shown { record: record.clone(), relation, begins_group: false };
            output::drawn(&AroundLine { shown: &shown, look: &look }, colored, 80)
                .replace('\u{1b}', "^")
        };
        assert_eq!(drawn(None, false), "20:00:00.123 error 1 boom n=1");
        assert_eq!(drawn(Some(Relation::After), false), "20:00:00.123-error 1 boom n=1");
        assert!(drawn(None, true).contains("^[33mboom"));
        let around = drawn(Some(Relation::Before), true);
        let styles = around.split('^').skip(1).filter(|style| !style.starts_with("[0m"));
        assert!(styles.clone().count() > 0 && styles.into_iter().all(|s| s.starts_with("[2m")));
    }

    #[test]
    fn a_side_of_its_own_wins_over_both() {
        let args = |a, b, c| AroundArgs { after_context: a, before_context: b, context: c };
        let wanted = |args: AroundArgs| args.wanted(false).unwrap();
        let around = |before, after| Some(Around { before, after });
        assert_eq!(wanted(args(None, None, Some(3))), around(3, 3));
        assert_eq!(wanted(args(Some(1), None, Some(3))), around(3, 1));
        assert_eq!(wanted(args(None, Some(0), Some(3))), around(0, 3));
        assert_eq!(wanted(args(None, None, Some(0))), None);
    }
}
