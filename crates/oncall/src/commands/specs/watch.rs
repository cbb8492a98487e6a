//! `oncall specs watch`: one record for each change, until Ctrl-C.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use futures_util::future::join_all;
use output::{Form, Line, Notice, Output, Present, Role};
use record::Time;
use specs::{Depth, ServiceChange, UnreadPart, What};

use super::fleets::{self, Chosen, Fleets};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::short_time::clock;

/// How often is looked, where nothing says.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);
/// Oftener than this nobody reads.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// Say each change as it happens: a rollout moves, a task stops, a version appears
///
/// Ctrl-C ends it. A look costs a call for ten services, one for each hundred of stopped tasks, and one
/// for each new version, at most at half of the account's quota.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    chosen: Chosen,
    /// How long from one look to the next [default: 5s]
    #[arg(long, value_name = "DURATION")]
    interval: Option<String>,
    /// End after this time
    #[arg(long = "for", value_name = "DURATION")]
    lasts: Option<String>,
}

pub(crate) async fn run(verb: Watch, context: &Context) -> Result<Exit, Failure> {
    let wanted = verb.chosen.wanted(context)?;
    let interval = match &verb.interval {
        Some(text) => duration(text)?.max(LEAST_INTERVAL),
        None => USUAL_INTERVAL,
    };
    let lasts = verb.lasts.as_deref().map(duration).transpose()?;
    let mut output = context.output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let looking = context.progress(|| "looking at services".to_owned());
    let fleets = stops.or(fleets::look(&wanted, Depth::Versions, context)).await??;
    let mut watches = Vec::new();
    for looked in &fleets.looked {
        let seen = &looked.seen;
        let wanted = wanted.at(&seen.region);
        let begin = specs::Watch::begin(
            &looked.fleet,
            wanted,
            seen.account.clone(),
            &looked.observation,
            seen.time,
        );
        watches.push(stops.or(begin).await?);
    }
    drop(looking);
    let services: usize = watches.iter().map(specs::Watch::services).sum();
    let talk = context.talk();
    if talk.is_terminal() {
        talk.say(Notice::Note, &format!("watching {services} services; Ctrl-C ends it"));
    }
    // It is said at once: nobody waits for the end of a watch.
    let at_first = fleets.conclude(Exit::Done, talk);
    let unread = fleets.looked.iter().flat_map(|looked| &looked.observation.unread);
    let mut missing = Missing { told: unread.map(told).collect(), is_missing: false };
    let began = tokio::time::Instant::now();
    let watching = async {
        loop {
            let next = tokio::time::Instant::now() + interval;
            if lasts.is_some_and(|lasts| next > began + lasts) {
                return Ok::<_, Failure>(());
            }
            tokio::time::sleep_until(next).await;
            look(&mut watches, &fleets, &mut output, &mut missing, context).await?;
        }
    };
    let ended = stops.or(watching).await;
    output.flush().await?;
    match ended {
        Ok(ended) => ended?,
        Err(Failure::Interrupted) => return Ok(Exit::Interrupted),
        Err(failure) => return Err(failure),
    }
    Ok(match at_first {
        Exit::Done if missing.is_missing => Exit::Incomplete,
        at_first => at_first,
    })
}

/// What is said of a part that could not be read, and what to do about it.
fn told(part: &UnreadPart) -> (String, Option<String>) {
    (format!("{}: {}", part.what, part.why), part.hint())
}

fn duration(text: &str) -> Result<Duration, Failure> {
    let duration = timerange::duration(text)?;
    Ok(Duration::from_millis(
        duration.as_millis().max(0).unsigned_abs().try_into().unwrap_or(u64::MAX),
    ))
}

/// Looks once, everywhere at once, and writes what changed.
async fn look(
    watches: &mut [specs::Watch],
    fleets: &Fleets,
    output: &mut Output,
    missing: &mut Missing,
    context: &Context,
) -> Result<(), Failure> {
    let time = || Time::from(context.now().timestamp());
    let looks = watches
        .iter_mut()
        .zip(&fleets.looked)
        .map(|(watch, looked)| async move { (looked, watch.look(&looked.fleet, time).await) });
    let mut unread = BTreeSet::new();
    for (looked, look) in join_all(looks).await {
        for change in &look.changes {
            let line = ChangeLine { change, word: looked.word.as_deref(), now: &context.now() };
            output.present(&line).await?;
        }
        unread.extend(look.unread.iter().map(told));
    }
    missing.tell(unread, context);
    // Somebody waits for it.
    Ok(output.pass_on().await?)
}

/// What could not be read the last time, with what to do about it: said once, and once when it can be
/// read again.
struct Missing {
    told: BTreeSet<(String, Option<String>)>,
    is_missing: bool,
}

impl Missing {
    fn tell(&mut self, now: BTreeSet<(String, Option<String>)>, context: &Context) {
        let new: Vec<_> = now.difference(&self.told).collect();
        for (text, _) in &new {
            context.talk().say(Notice::Missing, text);
        }
        for hint in new.iter().filter_map(|(_, hint)| hint.as_ref()).collect::<BTreeSet<_>>() {
            context.talk().say(Notice::Hint, hint);
        }
        if now.is_empty() && !self.told.is_empty() {
            context.talk().say(Notice::Note, "everything can be read again");
        }
        self.is_missing = !now.is_empty();
        self.told = now;
    }
}

struct ChangeLine<'a> {
    change: &'a ServiceChange,
    /// Whose it is, where that has to be said.
    word: Option<&'a str>,
    now: &'a jiff::Zoned,
}

fn word(what: What) -> &'static str {
    match what {
        What::Appeared => "appeared",
        What::Vanished => "vanished",
        What::Rollout => "rollout",
        What::Version => "version",
        What::Counts => "counts",
        What::TaskStopped => "task_stopped",
        What::Event => "event",
    }
}

impl Present for ChangeLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.change);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.change.summary).into()
    }

    /// time, what, cluster, service, task, summary
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let ServiceChange { time, what, cluster, service, task, summary, .. } = self.change;
        vec![
            time.to_string().into(),
            word(*what).into(),
            cluster.into(),
            service.into(),
            task.as_deref().unwrap_or_default().into(),
            summary.into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let ServiceChange { time, what, cluster, service, summary, .. } = self.change;
        line.push(Role::Dim, &clock(*time, self.now)).push(Role::Plain, " ");
        if let Some(word) = self.word {
            line.push_word(Role::Dim, word).push(Role::Plain, " ");
        }
        let role = match what {
            What::TaskStopped | What::Vanished => Role::Bad,
            What::Rollout | What::Version | What::Appeared => Role::Warning,
            What::Counts | What::Event => Role::Plain,
        };
        line.push_word(role, &format!("{cluster}/{service} ")).stop();
        line.push_word(Role::Plain, summary);
    }

    fn link(&self) -> Option<String> {
        let ServiceChange { region, cluster, service, .. } = self.change;
        specs::service_link(region, cluster, service)
    }
}
