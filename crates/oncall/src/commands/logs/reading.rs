//! What tail and grep share: which events are read, and how a reading is told about.

use std::collections::BTreeSet;

use clap::Args;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use logs::{
    Address, Condition, FilterPattern, FollowCounts, Group, Level, LogStream, Missing,
    MissingCause, Query, Question, Reached, Resolution, Selection, StreamChoice, Summary, Whose,
};
use output::{Notice, Output, Progress, Talk};
use record::Time;
use timerange::{Asked, Window};

use super::feed::Feed;
use super::follow::{FollowArgs, Followed};
use super::outlets::SummaryForm;
use super::resume::{Gone, Job};
use super::summary::SummaryRecord;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, exit_of};

/// How far back a reading goes when nothing says.
const USUAL_SINCE: SignedDuration = SignedDuration::from_mins(15);

/// The window of time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowArgs {
    /// From when on: 15m, 2h30m, 1d, 14:05, 'yesterday 14:05', RFC 3339, epoch [default: 15m]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Until before when, likewise [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Centred on a moment
    #[arg(long, value_name = "TIME")]
    around: Option<String>,
    /// How wide, with --around [default: 30m]
    #[arg(long, value_name = "DURATION")]
    window: Option<String>,
}

impl WindowArgs {
    /// The two instants, decided here, once.
    pub(crate) fn window(&self, context: &Context) -> Result<Window, Failure> {
        let asked = Asked {
            since: self.since.as_deref(),
            until: self.until.as_deref(),
            around: self.around.as_deref(),
            window: self.window.as_deref(),
        };
        Ok(timerange::window(&asked, USUAL_SINCE, &context.now())?)
    }

    /// Whether a beginning was asked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.since.is_some() || self.until.is_some() || self.around.is_some()
    }
}

/// Conditions on events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conditions")]
pub(crate) struct Conditions {
    /// Only the newest N
    #[arg(short = 'n', value_name = "N")]
    pub(crate) newest: Option<usize>,
    /// Only this level and louder; events that say no level are left out and counted
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// Only events of whose fields this holds: latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id,
    /// !trace_id, or level>=warn (repeatable: all of them)
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Only the task whose id begins so
    #[arg(long, value_name = "ID", value_parser = task_id)]
    task: Option<String>,
    /// Only streams whose name begins so, or matches a glob
    #[arg(long, value_name = "PREFIX|GLOB")]
    stream: Option<String>,
    /// A filter pattern in CloudWatch Logs' own language, given to the server as it is
    #[arg(long, value_name = "PATTERN")]
    filter_pattern: Option<String>,
    /// Mark what matches, on a terminal (repeatable)
    #[arg(long, value_name = "REGEX")]
    pub(crate) highlight: Vec<String>,
    /// Show JSON messages over several lines, on a terminal
    #[arg(long)]
    pub(crate) expand: bool,
}

/// The beginning of a task's id, as ECS writes it.
fn task_id(text: &str) -> Result<String, String> {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    match !text.is_empty() && text.chars().all(is_part) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("a task id has hexadecimal digits only".to_owned()),
    }
}

fn level(text: &str) -> Result<Level, String> {
    Level::from_word(text).ok_or_else(Level::choices)
}

impl Conditions {
    /// The selection that they make.
    pub(crate) fn selection(
        &self,
        include: &[String],
        exclude: &[String],
    ) -> Result<Selection, Failure> {
        let stream = self.stream.as_deref().map(StreamChoice::parse).transpose()?;
        let conditions = self.conditions.iter().map(|text| Condition::parse(text));
        let conditions = conditions.collect::<Result<_, _>>()?;
        Ok(Selection::everything()
            .include(include)?
            .exclude(exclude)?
            .conditions(conditions)
            .level(self.level)
            .task(self.task.clone())
            .stream(stream))
    }

    /// They as they were typed, and lists of further ones.
    pub(crate) fn asked(&self, lists: &[(&'static str, &[String])]) -> Vec<(&'static str, String)> {
        let ones = [
            ("--level", self.level.map(|level| level.name().to_owned())),
            ("--task", self.task.clone()),
            ("--stream", self.stream.clone()),
            ("--filter-pattern", self.filter_pattern.clone()),
        ];
        let ones = ones.into_iter().filter_map(|(flag, value)| Some((flag, value?)));
        let conditions = ("--where", self.conditions.as_slice());
        let lists = lists.iter().copied().chain([conditions]);
        let many = lists.flat_map(|(flag, values)| values.iter().map(move |v| (flag, v.clone())));
        ones.chain(many).collect()
    }
}

/// What stands in a set. An ARN needs no prefix, and a prefix no other; a profile stands before it.
fn in_set(prefix: &str, name: &str, profile: Option<&str>) -> Result<Address, Failure> {
    let (own, name) = logs::split_profile(name);
    let text = match name.starts_with("arn:") || name.starts_with(prefix) {
        true => name.to_owned(),
        false => format!("{prefix}{name}"),
    };
    let address = Address::parse(&text)?;
    Ok(Address { profile: own.or(profile).map(str::to_owned), ..address })
}

/// The targets that were typed, with the names of the configuration looked up.
pub(crate) fn targets(typed: &[String], context: &Context) -> Result<Vec<Address>, Failure> {
    let mut targets = Vec::new();
    let sets = &context.config().targets;
    for text in typed {
        let (profile, name) = logs::split_profile(text);
        let Some(set) = sets.get(text).or_else(|| sets.get(name)) else {
            targets.push(Address::parse(text)?);
            continue;
        };
        for service in &set.services {
            targets.push(in_set("service:", service, profile)?);
        }
        for group in &set.groups {
            targets.push(in_set("group:", group, profile)?);
        }
    }
    if targets.is_empty() {
        return Err(Failure::usage(
            "no target is named",
            Some(
                "`oncall logs api` reads a service, `oncall logs groups` lists what there is"
                    .to_owned(),
            ),
        ));
    }
    Ok(targets)
}

/// Finds the targets, and says where we are and what is to be known about them. The account is known
/// by then without asking for it, as a rule.
pub(crate) async fn find(
    targets: &[Address],
    doors: &aws::Doors,
    context: &Context,
) -> Result<Resolution, Failure> {
    let observed = Time::from(context.now().timestamp());
    let found = logs::resolve(doors, context.store(), targets, observed).await?;
    // By now it is known whose accounts they are.
    doors.share_quotas().await;
    context.say_where(doors).await;
    for notice in &found.notices {
        context.talk().say(Notice::Note, &notice.to_string());
    }
    Ok(found)
}

/// What tail and grep read, and how.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) targets: &'a [String],
    pub(crate) window: Window,
    pub(crate) conditions: &'a Conditions,
    /// All conditions, as they were typed: each a flag and its value.
    pub(crate) asked: Vec<(&'static str, String)>,
    pub(crate) selection: Selection,
    pub(crate) follow: &'a FollowArgs,
    /// Whether a beginning was asked for.
    pub(crate) since_is_asked: bool,
    /// What it goes on with.
    pub(crate) job: Option<Job>,
}

/// Finds the targets and begins to read them, or to follow them.
pub(crate) async fn begin(
    wanted: Wanted<'_>,
    output: &mut Output,
    context: &Context,
) -> Result<(aws::Doors, Feed), Failure> {
    let follow = wanted.follow;
    let targets = targets(wanted.targets, context)?;
    let names = wanted.targets.join(", ");
    let looking = context.progress(move || format!("looking for {names}"));
    let doors = context.doors(&targets).await?;
    let mut regions = doors.regions();
    regions.sort();
    let regions = regions.join(",");
    let question = |account| Question::new(account, &regions, wanted.targets, &wanted.asked);
    if let Some(job) = &wanted.job {
        job.check(&question(None))?;
    }
    let Resolution { places, members, unread, .. } = find(&targets, &doors, context).await?;
    drop(looking);
    let query = Query {
        places,
        unread,
        start: wanted.window.start.into(),
        end: wanted.window.end.into(),
        filter_pattern: wanted.conditions.filter_pattern.clone().map(FilterPattern::Asked),
        selection: wanted.selection,
        newest: wanted.conditions.newest,
    };
    let feed = match (wanted.job, follow.is_asked()) {
        (Some(job), _) => {
            // What the accounts are, an answer has said by now, as a rule.
            let question = question(doors.accounts().await);
            job.check(&question)?;
            let resuming = job.begin(question, query, follow.late(), output, &doors).await?;
            Feed::Resuming(Box::new(resuming))
        }
        (None, false) => Feed::Reading(Box::new(LogStream::new(&doors, query))),
        (None, true) => {
            let targets = Followed { targets, members, since_is_asked: wanted.since_is_asked };
            follow.begin(&doors, query, targets, context).await?
        }
    };
    Ok((doors, feed))
}

/// Shows how far the reading is, while this lives and until records come.
pub(crate) fn progress(feed: &Feed, context: &Context) -> Option<Progress> {
    let (gauge, zone) = (feed.gauge()?, context.now().time_zone().clone());
    Some(context.progress(move || progress_text(gauge.reached(), &zone)))
}

fn progress_text(reached: Reached, zone: &TimeZone) -> String {
    let records = counted(reached.records, "record", "records");
    let pages = counted(reached.pages, "page", "pages");
    let clock =
        |time: Time| time.timestamp().to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string();
    match reached.time {
        Some(time) => format!("{records}, {pages}, at {}", clock(time)),
        None => format!("{records}, {pages}"),
    }
}

/// Why a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// There was no more.
    All,
    /// `-m` had enough.
    Enough {
        /// So many were printed.
        printed: u64,
    },
    /// Ctrl-C.
    Interrupted,
    /// The task that was waited for has stopped.
    TaskStopped {
        /// With exit code 0.
        well: bool,
    },
}

/// How a command's reading ended, and how that is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    /// What was asked for.
    pub(crate) window: Window,
    /// Whether there was what was searched for, where something was.
    pub(crate) found: bool,
    /// Whether it went on after the window's end.
    pub(crate) follows: bool,
    pub(crate) form: SummaryForm,
}

/// Tells how a reading went, and says how to exit.
pub(crate) fn conclude(
    summary: &Summary,
    feed: &Feed,
    doors: &aws::Doors,
    ended: Ended,
    context: &Context,
) -> Result<Exit, Failure> {
    let (gone, whose, talk) = (feed.gone(), feed.whose(), context.talk());
    let Ended { ending, form, .. } = ended;
    let record = |exit| SummaryRecord::new(summary, gone, doors, ended, exit, context);
    tell_gone(gone, whose, talk);
    if let Some(failure) = nothing_could_be_read(summary, whose) {
        tell_missing(&summary.missing[1..], whose, talk);
        if form == SummaryForm::Json {
            talk.record(&record(failure.exit()).json());
        }
        return Err(failure);
    }
    tell_missing(&summary.missing, whose, talk);
    let incomplete = !summary.missing.is_empty() || !gone.is_empty();
    let exit = context.exit_as_shaped(exit(summary, incomplete, ended));
    match form {
        SummaryForm::Json => talk.record(&record(exit).json()),
        SummaryForm::None => {}
        SummaryForm::Text => {
            // In a pipe, the end of a short and complete reading needs no words.
            const LONG: u64 = 25;
            let unsaid = incomplete || ending == Ending::Interrupted || summary.without_level > 0;
            if talk.is_terminal() || unsaid || summary.pages >= LONG {
                let text = summary_text(summary, &doors.usage(), ending, incomplete);
                talk.say(Notice::Summary, &text);
            }
        }
    }
    Ok(exit)
}

fn exit(summary: &Summary, incomplete: bool, Ended { ending, found, .. }: Ended) -> Exit {
    let crashed = |missing: &Missing| matches!(missing.cause.root(), MissingCause::Crashed);
    match (ending, incomplete) {
        _ if summary.missing.iter().any(crashed) => Exit::Bug,
        (Ending::Interrupted, _) => Exit::Interrupted,
        (_, true) => Exit::Incomplete,
        (Ending::TaskStopped { well: false }, false) => Exit::No,
        (_, false) if !found => Exit::No,
        (_, false) => Exit::Done,
    }
}

/// Tells what could not be read because it is not there any more.
fn tell_gone(gone: &[Gone], whose: Whose, talk: Talk) {
    for part in gone {
        let Gone { group, first, last, .. } = part;
        let text = format!("{} from {first} to {last}: {}", named(group, whose), part.problem());
        talk.say(Notice::Missing, &text);
    }
}

/// Tells where a list could not be had, each with whose it is, and says how to exit. When nothing was
/// listed, the first failure is the answer.
pub(crate) fn conclude_list(
    failures: Vec<(Option<String>, aws::Error)>,
    listed: bool,
    talk: Talk,
) -> Result<Exit, Failure> {
    let mut failures = failures.into_iter();
    let answer = if listed { None } else { failures.next() };
    let (mut hints, mut exit) = (BTreeSet::new(), Exit::Done);
    for (word, error) in failures {
        exit = Exit::Incomplete;
        let word = word.map(|word| format!("{word}: ")).unwrap_or_default();
        talk.say(Notice::Missing, &format!("{word}{error}"));
        hints.extend(error.hint());
    }
    for hint in hints {
        talk.say(Notice::Hint, &hint);
    }
    match answer {
        Some((_, error)) => Err(error.into()),
        None => Ok(exit),
    }
}

/// Tells what is missing, and each hint once.
pub(crate) fn tell_missing(missing: &[Missing], whose: Whose, talk: Talk) {
    let mut hints = BTreeSet::new();
    for part in missing {
        talk.say(Notice::Missing, &missing_text(part, whose));
        if let MissingCause::Aws(error) = part.cause.root() {
            hints.extend(error.hint());
        }
    }
    for hint in hints {
        talk.say(Notice::Hint, &hint);
    }
}

/// When every source failed, the first failure is the answer.
fn nothing_could_be_read(summary: &Summary, whose: Whose) -> Option<Failure> {
    if summary.pages > 0 {
        return None;
    }
    let Missing { group, cause: MissingCause::Aws(error), .. } = summary.missing.first()? else {
        return None;
    };
    let mut failure = Failure::from(error.clone());
    if let Failure::Told(told) = &mut failure {
        told.causes.insert(0, std::mem::take(&mut told.message));
        told.message = format!("the log group {} could not be read", named(group, whose));
        told.exit = exit_of(error.gravity());
    }
    Some(failure)
}

fn missing_text(Missing { group, first, last, cause }: &Missing, whose: Whose) -> String {
    format!("{} from {first} to {last}: {cause}", named(group, whose))
}

/// The group's name, and whose it is where that has to be said.
pub(crate) fn named(group: &Group, whose: Whose) -> String {
    match whose.word(group) {
        Some(word) => format!("{word} {}", group.name),
        None => group.name.clone(),
    }
}

fn summary_text(summary: &Summary, usage: &aws::Usage, ending: Ending, incomplete: bool) -> String {
    let records = match ending {
        Ending::Enough { printed } => printed,
        _ => summary.records,
    };
    let around = match summary.around {
        0 => String::new(),
        around => format!(" and {} around them", grouped(around)),
    };
    let mut parts = vec![
        format!("{}{around}", counted(records, "record", "records")),
        match summary.empty_pages {
            0 => counted(summary.pages, "page", "pages"),
            empty => format!("{} ({empty} empty)", counted(summary.pages, "page", "pages")),
        },
        counted(usage.throttled, "throttle", "throttles"),
        counted(usage.retried, "retry", "retries"),
    ];
    if summary.without_level > 0 {
        parts.push(format!("{} without a level left out", summary.without_level));
    }
    let FollowCounts { late, recovered, sampled, after_guarantee } = summary.follow;
    let of_follow = [
        (late, "late"),
        (recovered, "recovered by polls"),
        (sampled, "s sampled by Live Tail"),
        (after_guarantee, "after the guarantee (--late) and not shown"),
    ];
    for (count, what) in of_follow.into_iter().filter(|(count, _)| *count > 0) {
        parts.push(format!("{} {what}", grouped(count)));
    }
    parts.push(
        match (ending, incomplete) {
            (Ending::Interrupted, _) => "interrupted",
            (Ending::Enough { .. }, _) => "stopped at -m",
            (Ending::All, false) => "complete",
            (Ending::TaskStopped { .. }, false) => "the task has stopped",
            (Ending::All | Ending::TaskStopped { .. }, true) => "incomplete",
        }
        .to_owned(),
    );
    parts.join(", ")
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_reads_like_a_sentence() {
        let summary =
            Summary { records: 1_234_567, pages: 12, empty_pages: 2, ..Summary::default() };
        let usage = aws::Usage { requests: 13, throttled: 1, retried: 0 };
        assert_eq!(
            summary_text(&summary, &usage, Ending::All, false),
            "1,234,567 records, 12 pages (2 empty), 1 throttle, 0 retries, complete"
        );
    }
}
