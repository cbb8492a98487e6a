//! `-f`: what goes on after the window's end, and what is said about it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, ValueEnum};
use logs::{
    Address, FollowNotice, FollowQuery, FollowStream, Live, Members, Missing, Query, TaskStopped,
    Whose,
};
use output::{Line, Notice, Present, Role, Talk};

use super::feed::Feed;
use super::reading::{named, tell_missing};
use crate::context::Context;
use crate::failure::Failure;

/// Following.
#[derive(Debug, Args)]
#[command(next_help_heading = "Following")]
pub(crate) struct FollowArgs {
    /// Go on with what is ingested from now on, until Ctrl-C
    #[arg(short = 'f', long, group = "goes_on", conflicts_with_all = ["until", "around"])]
    follow: bool,
    /// With -f or --resume: print events that are ingested up to this long after their own time, each once
    /// [default: 5m]
    #[arg(long, value_name = "DURATION", requires = "goes_on", value_parser = late)]
    late: Option<Duration>,
    /// Whether Live Tail takes part, which is billed by the minute: auto is quicker and goes on by
    /// itself, never polls, only does nothing else [default: auto, for three hours]
    #[arg(long, value_name = "WHEN", requires = "follow")]
    live: Option<LiveWhen>,
    /// Follow a task until it stops; the last record says its exit code, and exit is 1 unless that is 0
    #[arg(long, value_name = "TASK", requires = "follow")]
    until_stopped: Option<String>,
}

/// Whether Live Tail takes part, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LiveWhen {
    /// Poll only
    Never,
    /// Live Tail where it can be had, and polls for what it leaves out
    Auto,
    /// Live Tail only: what it leaves out is missing
    Only,
}

/// From ten seconds on, which no poll looks back less than, to a day.
fn late(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_secs(24 * 3_600);
    let late = timerange::duration(text).map_err(|error| error.to_string())?.unsigned_abs();
    match late {
        _ if late < Duration::from_secs(10) => Err("it is ten seconds at least".to_owned()),
        _ if late > LONGEST => Err("it is a day at most".to_owned()),
        _ => Ok(late),
    }
}

/// What is followed.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) targets: Vec<Address>,
    pub(crate) members: Members,
    pub(crate) since_is_asked: bool,
}

impl FollowArgs {
    /// Whether to follow.
    pub(crate) fn is_asked(&self) -> bool {
        self.follow
    }

    /// How long after its own time an event may be ingested.
    pub(crate) fn late(&self) -> Duration {
        const LATE: Duration = Duration::from_secs(300);
        self.late.unwrap_or(LATE)
    }

    /// The targets, or the task that is waited for where there is none.
    pub(crate) fn with_task<'a>(&self, targets: &'a [String]) -> Cow<'a, [String]> {
        match &self.until_stopped {
            Some(task) if targets.is_empty() => vec![format!("task:{task}")].into(),
            _ => targets.into(),
        }
    }

    /// Begins to follow.
    pub(crate) async fn begin(
        &self,
        doors: &aws::Doors,
        mut query: Query,
        followed: Followed,
        context: &Context,
    ) -> Result<Feed, Failure> {
        let Followed { targets, members, since_is_asked } = followed;
        let live = match self.live {
            Some(LiveWhen::Never) => Live::Never,
            Some(LiveWhen::Auto) => Live::Auto { renew: true },
            None => Live::Auto { renew: false },
            Some(LiveWhen::Only) => Live::Only,
        };
        if live == Live::Only && !since_is_asked {
            query.start = query.end;
        }
        let until_stopped = match &self.until_stopped {
            Some(task) => Some(logs::find_task(doors, task).await?),
            None => None,
        };
        // What is not tried again is told before it is waited for.
        let never = query.unread.iter().filter(|unread| unread.site.region.is_empty());
        let missing = never.map(|unread| Missing::of_unread(unread, query.start, query.end));
        let missing: Vec<Missing> = missing.collect();
        tell_missing(&missing, Whose::of(doors, &query.places), context.talk());
        let follow = FollowQuery {
            query,
            targets,
            members,
            store: context.store().cloned(),
            late: self.late(),
            live,
            until_stopped,
            clock: context.log_clock(),
        };
        let stream = FollowStream::begin(doors, follow).await.map_err(|reason| {
            let hint = "without `--live only`, polls do its work";
            Failure::usage(format!("Live Tail cannot be had: {reason}"), Some(hint.to_owned()))
        })?;
        Ok(Feed::Following(Box::new(stream)))
    }
}

/// Says what happens while following. What is said of a group's trouble is said once of all groups
/// that have the same.
#[derive(Debug)]
pub(crate) struct Teller {
    whose: Whose,
    troubles: BTreeSet<String>,
}

impl Teller {
    pub(crate) fn new(whose: Whose) -> Self {
        Self { whose, troubles: BTreeSet::new() }
    }

    pub(crate) fn tell(&mut self, notice: &FollowNotice, talk: Talk) {
        match notice {
            FollowNotice::Change(change) => {
                let kind = if change.joined { Notice::Joined } else { Notice::Left };
                talk.say(kind, &change.to_string());
            }
            FollowNotice::NoLiveTail { reason, polls: true } => {
                talk.say(Notice::Note, &format!("polling instead of Live Tail: {reason}"));
            }
            FollowNotice::NoLiveTail { reason, polls: false } => {
                let text = format!("no Live Tail just now, and it is tried again: {reason}");
                talk.say(Notice::Note, &text);
            }
            FollowNotice::LiveTailAgain => talk.say(Notice::Note, "Live Tail is back"),
            FollowNotice::Trouble { group, error } => {
                let is_new = self.troubles.insert(error.cause.to_string());
                if is_new {
                    let name = named(group, self.whose);
                    let text =
                        format!("{name} cannot be read just now, and is tried again: {error}");
                    talk.say(Notice::Note, &text);
                    if let Some(hint) = error.hint() {
                        talk.say(Notice::Hint, &hint);
                    }
                }
            }
            FollowNotice::Answers { group } => {
                if !self.troubles.is_empty() {
                    self.troubles.clear();
                    let name = named(group, self.whose);
                    let text = format!("{name} can be read again, from where it was");
                    talk.say(Notice::Note, &text);
                }
            }
        }
    }
}

/// The last record of `--until-stopped`.
#[derive(Debug)]
pub(crate) struct TaskStoppedLine<'a>(pub(crate) &'a TaskStopped);

impl Present for TaskStoppedLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Written to memory, this cannot fail.
        let _ = serde_json::to_writer(out, self.0);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.sentence().into()
    }

    /// time, kind, cluster, service, task, container, exit code, reason
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let stopped = self.0;
        let text = |text: &Option<String>| Cow::Owned(text.clone().unwrap_or_default());
        vec![
            stopped.time.to_string().into(),
            stopped.kind.into(),
            (&stopped.cluster).into(),
            text(&stopped.service),
            (&stopped.task).into(),
            text(&stopped.container),
            stopped.exit_code.map_or_else(String::new, |code| code.to_string()).into(),
            text(&stopped.reason),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let well = self.0.exit_code == Some(0);
        line.push_word(if well { Role::Good } else { Role::Bad }, &self.sentence());
    }
}

impl TaskStoppedLine<'_> {
    fn sentence(&self) -> String {
        let TaskStopped { task, exit_code, reason, .. } = self.0;
        let code = exit_code.map_or_else(String::new, |code| format!(" with exit code {code}"));
        let reason = reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("task {task} has stopped{code}{reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guarantee_has_its_bounds() {
        assert_eq!(late("90s"), Ok(Duration::from_secs(90)));
        assert!(late("5s").is_err());
        assert!(late("2d").is_err());
        assert!(late("soon").is_err());
    }
}
