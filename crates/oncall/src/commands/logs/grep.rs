//! `oncall logs grep`: the events that match, with grep's flags and grep's exit code.

use std::borrow::Cow;

use clap::Args;
use logs::{GrepPattern, LogRecord, TaskStopped};
use output::{Line, Output, Present, Role};
use record::Time;
use serde::Serialize;

use super::around::{AroundArgs, AroundLines};
use super::feed::Taker;
use super::follow::{FollowArgs, TaskStoppedLine};
use super::outlets::OutletArgs;
use super::reading::{self, Conditions, Ended, Ending, Wanted, WindowArgs};
use super::render::{LogLine, Look};
use super::resume::{Job, ResumeArgs};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// Print the events whose exact text matches; exit 1 when none does
#[derive(Debug, Args)]
pub(crate) struct Grep {
    /// PATTERN, unless -e gives one, then targets as for tail
    #[arg(value_name = "PATTERN> <TARGET", required = true)]
    pattern_and_targets: Vec<String>,
    #[command(flatten)]
    grep: GrepFlags,
    #[command(flatten)]
    around: AroundArgs,
    #[command(flatten)]
    window: WindowArgs,
    #[command(flatten)]
    conditions: Conditions,
    /// Only events that also match (a regular expression; repeatable: any of them)
    #[arg(long, value_name = "REGEX", help_heading = "Conditions")]
    include: Vec<String>,
    /// No events that match (repeatable)
    #[arg(long, value_name = "REGEX", help_heading = "Conditions")]
    exclude: Vec<String>,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    resume: ResumeArgs,
    #[command(flatten)]
    outlets: OutletArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "As in grep")]
struct GrepFlags {
    /// Ignore case
    #[arg(short = 'i', long)]
    ignore_case: bool,
    /// The events that do not match
    #[arg(short = 'v', long)]
    invert_match: bool,
    /// The pattern is a text, not a regular expression
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    /// Match whole words only
    #[arg(short = 'w', long)]
    word_regexp: bool,
    /// Print only how many there are
    #[arg(short = 'c', long, conflicts_with = "resume")]
    count: bool,
    /// Stop after so many, the oldest first
    #[arg(short = 'm', long, value_name = "N")]
    max_count: Option<u64>,
    /// A pattern (repeatable: any of them)
    #[arg(short = 'e', long = "regexp", value_name = "PATTERN")]
    patterns: Vec<String>,
}

pub(crate) async fn run(verb: Grep, context: &Context) -> Result<Exit, Failure> {
    let (patterns, targets) = patterns_and_targets(&verb)?;
    let targets = verb.follow.with_task(&targets);
    let flags = &verb.grep;
    let around = verb.around.wanted(verb.follow.is_asked())?.filter(|_| !flags.count);
    let pattern = GrepPattern::new(
        &patterns,
        flags.fixed_strings,
        flags.word_regexp,
        flags.ignore_case,
        flags.invert_match,
    )?;
    let mut marks = logs::highlight(&verb.conditions.highlight)?;
    marks.extend(pattern.highlights());
    let selection = verb.conditions.selection(&verb.include, &verb.exclude)?.grep(Some(pattern));
    let job = verb.resume.job(context)?;
    let window = Job::window(job.as_ref(), &verb.window, context)?;
    let mut output = verb.outlets.output(job.as_ref(), !verb.follow.is_asked(), context)?;
    let mut stops = Stops::of(&output)?;
    let wanted = Wanted {
        targets: &targets,
        window,
        conditions: &verb.conditions,
        asked: verb.asked(&patterns),
        selection: selection.clone(),
        follow: &verb.follow,
        since_is_asked: verb.window.is_asked(),
        job,
    };
    let (doors, mut feed) = stops.or(reading::begin(wanted, &mut output, context)).await??;
    let _progress = reading::progress(&feed, context);
    let look =
        Look::new(context.now(), window, marks, feed.whose()).expanded(verb.conditions.expand);
    let around = around.map(|around| AroundLines::new(around, &doors, selection, window));
    let mut counter = Counter {
        output: &mut output,
        look: &look,
        prints: !flags.count,
        around,
        matched: 0,
        most: flags.max_count.unwrap_or(u64::MAX),
    };
    let ending = feed.hand_on(&mut counter, &mut stops, context.talk()).await?;
    let ending = counter.print_rest(&mut stops, ending).await?;
    let Counter { matched, around, .. } = counter;
    if flags.count {
        let time = context.now().timestamp().into();
        output.present(&Count { time, kind: "count", count: matched }).await?;
    }
    feed.finish(&mut output, &mut stops, ending).await?;
    let follows = verb.follow.is_asked();
    let ended = Ended { ending, window, found: matched > 0, follows, form: verb.outlets.summary };
    let mut summary = feed.summary();
    if let Some(around) = around {
        around.tell(&mut summary);
    }
    reading::conclude(&summary, &feed, &doors, ended, context)
}

impl Grep {
    /// The conditions as they were typed.
    fn asked(&self, patterns: &[String]) -> Vec<(&'static str, String)> {
        let lists = [("-e", patterns), ("--include", &self.include), ("--exclude", &self.exclude)];
        let mut asked = self.conditions.asked(&lists);
        let GrepFlags { ignore_case, invert_match, fixed_strings, word_regexp, .. } = self.grep;
        let flags =
            [("-i", ignore_case), ("-v", invert_match), ("-F", fixed_strings), ("-w", word_regexp)];
        let set = flags.into_iter().filter(|(_, is_set)| *is_set);
        asked.extend(set.map(|(flag, _)| (flag, String::new())));
        asked
    }
}

/// Counts what matches, and prints it unless only the count is wanted.
struct Counter<'a> {
    output: &'a mut Output,
    look: &'a Look,
    prints: bool,
    around: Option<AroundLines>,
    matched: u64,
    most: u64,
}

impl Counter<'_> {
    /// Prints the matches that still wait for what stands around them.
    async fn print_rest(&mut self, stops: &mut Stops, ending: Ending) -> Result<Ending, Failure> {
        match &mut self.around {
            Some(around) => around.print_rest(self.output, self.look, stops, ending).await,
            None => Ok(ending),
        }
    }
}

impl Taker for Counter<'_> {
    async fn take(&mut self, batch: &[LogRecord]) -> Result<usize, Failure> {
        let room = usize::try_from(self.most - self.matched).unwrap_or(usize::MAX);
        let wanted = &batch[..room.min(batch.len())];
        self.matched += wanted.len() as u64;
        if let Some(around) = &mut self.around {
            around.add(wanted);
            around.print(self.output, self.look).await?;
        } else if self.prints {
            for record in wanted {
                self.output.present(&LogLine { record, look: self.look }).await?;
            }
            self.output.pass_on().await?;
        }
        Ok(wanted.len())
    }

    async fn settle(&mut self) -> Result<Option<u64>, Failure> {
        Ok(self.output.settle().await?)
    }

    async fn take_end(&mut self, stopped: &TaskStopped) -> Result<(), Failure> {
        match self.prints {
            true => Ok(self.output.present(&TaskStoppedLine(stopped)).await?),
            false => Ok(()),
        }
    }

    fn has_enough(&self) -> Option<Ending> {
        (self.matched >= self.most).then_some(Ending::Enough { printed: self.matched })
    }
}

/// Without -e the first word is the pattern.
fn patterns_and_targets(verb: &Grep) -> Result<(Vec<String>, Vec<String>), Failure> {
    let words = verb.pattern_and_targets.clone();
    if !verb.grep.patterns.is_empty() {
        return Ok((verb.grep.patterns.clone(), words));
    }
    match words.split_first() {
        Some((pattern, targets)) if !verb.follow.with_task(targets).is_empty() => {
            Ok((vec![pattern.clone()], targets.to_vec()))
        }
        _ => Err(Failure::usage(
            "grep needs a pattern and a target",
            Some("oncall logs grep timeout api".to_owned()),
        )),
    }
}

/// How many events matched.
#[derive(Debug, Serialize)]
struct Count {
    time: Time,
    kind: &'static str,
    count: u64,
}

impl Present for Count {
    fn json(&self, out: &mut Vec<u8>) {
        // Written to memory, this cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.count.to_string().into()
    }

    fn columns(&self) -> Vec<Cow<'_, str>> {
        vec![self.count.to_string().into()]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.push(Role::Plain, &self.count.to_string());
    }
}
