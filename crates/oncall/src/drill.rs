//! The drill: a small cloud that this process serves to itself on loopback.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use output::{Notice, Talk};
use simulator::{Faults, Scenario, Server, World};
use store::{Progress, Store};

use crate::context::{Clock, Variables};
use crate::failure::Failure;

/// The scenario that a bare `--drill` means.
pub(crate) const USUAL_SCENARIO: &str = "incident-8";

/// When a drill began, and what its clock says.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    choice: Option<String>,
    scenario: Scenario,
    start_ms: i64,
    beginning: Beginning,
    clock: Clock,
    /// The clock stands still.
    stopped: bool,
    store: Store,
}

/// What decided when a drill began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// The environment.
    Pinned,
    /// An earlier command: the drill was going on.
    Joined,
    /// This command.
    Now,
}

/// A scenario that can be played, and when its drill began if it is going on.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) scenario: Scenario,
    pub(crate) began: Option<Timestamp>,
}

/// The built-in scenarios, and one more if it is named. Nothing is begun.
pub(crate) fn list(
    another: Option<&str>,
    variables: &Variables,
    store: &Store,
    wall: Timestamp,
) -> Result<Vec<Listed>, Failure> {
    let pinned_start = pinned(variables, "ONCALL_DRILL_START", wall)?;
    let pinned = pinned_start.or(pinned(variables, "ONCALL_DRILL_NOW", wall)?);
    let running = |scenario: &Scenario| {
        // What cannot be looked at is not known to be going on.
        let kept = store.running_drill(scenario.name(), wall.as_millisecond()).ok().flatten();
        kept.and_then(|millis| Timestamp::from_millisecond(millis).ok())
    };
    let builtin = Scenario::builtin_names().iter().copied();
    let another = another.filter(|name| Scenario::builtin(name).is_none());
    builtin
        .chain(another)
        .map(|name| {
            let scenario = scenario(name)?;
            Ok(Listed { began: pinned.or_else(|| running(&scenario)), scenario })
        })
        .collect()
}

/// What a drill's clock says when no drill is open: it may be pinned.
pub(crate) fn clock_beside(variables: &Variables, wall: Clock) -> Result<Clock, Failure> {
    let pinned = pinned(variables, "ONCALL_DRILL_NOW", wall.now())?;
    Ok(pinned.map_or(wall, Clock::stopped_at))
}

impl Plan {
    /// Makes a drill ready: `name` is a built-in scenario or the path of a file.
    ///
    /// `ONCALL_DRILL_START` pins the beginning, `ONCALL_DRILL_NOW` (or `frozen`) stops the clock. Else
    /// the beginning is kept for two hours, so that several commands see one world.
    pub(crate) fn new(
        name: &str,
        frozen: bool,
        variables: &Variables,
        store: &Store,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let scenario = scenario(name)?;
        let wall = clock.now();
        let pinned_start = pinned(variables, "ONCALL_DRILL_START", wall)?;
        let pinned_now = pinned(variables, "ONCALL_DRILL_NOW", wall)?;
        let (start, beginning) = match (pinned_start, pinned_now) {
            (Some(start), _) => (start, Beginning::Pinned),
            (None, Some(now)) => (now, Beginning::Pinned),
            (None, None) => {
                // Without a place to keep it, each command has a world of its own.
                let now_ms = wall.as_millisecond();
                let kept_ms = store.drill_start(scenario.name(), now_ms).unwrap_or(now_ms);
                let kept = Timestamp::from_millisecond(kept_ms).unwrap_or(wall);
                let joined = kept_ms != now_ms;
                (kept, if joined { Beginning::Joined } else { Beginning::Now })
            }
        };
        let clock = match pinned_now {
            Some(now) => Clock::stopped_at(now),
            None if frozen => Clock::stopped_at(start.max(wall)),
            None => clock,
        };
        Ok(Self {
            choice: (name != USUAL_SCENARIO).then(|| name.to_owned()),
            scenario,
            start_ms: start.as_millisecond(),
            beginning,
            clock,
            stopped: frozen || pinned_now.is_some(),
            store: store.clone(),
        })
    }

    /// Begins it anew, now, unless its beginning is pinned; hints and answers count from the beginning.
    pub(crate) fn begin_anew(&mut self) -> Result<(), Failure> {
        let name = self.scenario.name();
        let cannot = |error: store::Error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            let cause = cause.unwrap_or_default();
            Failure::unavailable(format!("the drill cannot be begun anew: {error}{cause}"), None)
        };
        if self.beginning != Beginning::Pinned {
            let now = self.clock.now().as_millisecond();
            self.store.begin_drill(name, now).map_err(cannot)?;
            self.start_ms = now;
            self.beginning = Beginning::Now;
        }
        let forget = |progress: &mut Progress| *progress = Progress::default();
        self.store.advance_drill(name, self.start_ms, forget).map_err(cannot)?;
        Ok(())
    }

    /// How far a person has come in it.
    pub(crate) fn progress(&self) -> Progress {
        self.store.drill_progress(self.scenario.name(), self.start_ms)
    }

    /// Changes how far one has come, and returns what it is then. Where nothing can be kept, this is said, and the
    /// change counts for this command only.
    pub(crate) fn advance(&self, talk: Talk, change: impl Fn(&mut Progress)) -> Progress {
        let kept = self.store.advance_drill(self.scenario.name(), self.start_ms, &change);
        kept.unwrap_or_else(|error| {
            talk.say(Notice::Note, &format!("hints and answers are not counted: {error}"));
            let mut progress = Progress::default();
            change(&mut progress);
            progress
        })
    }

    /// Says so when this very command begins the drill: somebody who asks for a hint or answers expects one that
    /// is going on.
    pub(crate) fn say_if_it_begins_now(&self, talk: Talk) {
        if self.beginning == Beginning::Now {
            let note = "no drill was running: one begins now; `oncall drill start` shows its page";
            talk.say(Notice::Note, note);
        }
    }

    /// What decided when it began.
    pub(crate) fn beginning(&self) -> Beginning {
        self.beginning
    }

    /// When it began.
    pub(crate) fn began(&self) -> Timestamp {
        Timestamp::from_millisecond(self.start_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The scenario.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How it was chosen, where it is not the usual one.
    pub(crate) fn choice(&self) -> Option<&str> {
        self.choice.as_deref()
    }

    /// The drill's clock.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The scenario's name.
    pub(crate) fn scenario_name(&self) -> &str {
        self.scenario.name()
    }

    /// The region that the scenario is in.
    pub(crate) fn region(&self) -> &str {
        self.scenario.region()
    }

    /// Serves the drill's cloud on loopback, with the scenario's faults and these on top; `port` 0
    /// takes any. The writers of `faults.stop_after` stop so long after now. With `ahead`, the events of so long
    /// before now are put into words first; that needs a clock that stands still.
    pub(crate) async fn serve(
        self,
        port: u16,
        mut faults: Faults,
        ahead: Option<Duration>,
    ) -> Result<Server, Failure> {
        if ahead.is_some() && !self.stopped {
            return Err(Failure::usage(
                "`--render-ahead` needs a clock that stands still: what was rendered is true for one moment",
                Some("add `--frozen`, or set ONCALL_DRILL_NOW".to_owned()),
            ));
        }
        let since_start = self.clock.now().as_millisecond().saturating_sub(self.start_ms);
        let since_start = Duration::from_millis(since_start.try_into().unwrap_or(0));
        faults.stop_after = faults.stop_after.map(|length| since_start + length);
        let faults = self.scenario.faults().clone().overridden_by(faults);
        let world = World::new(self.scenario, self.start_ms);
        let clock = self.clock;
        let now = Arc::new(move || clock.now().as_millisecond());
        Server::start_ahead(world, now, port, faults, ahead).await.map_err(|error| {
            Failure::unavailable(format!("the drill's cloud cannot be served: {error}"), None)
        })
    }

    /// Serves it on a thread of its own, so that the cloud and its reader work side by side, and
    /// returns its URL. It lasts as long as the process.
    pub(crate) fn serve_beside(self) -> Result<String, Failure> {
        const PATIENCE: Duration = Duration::from_secs(10);
        let (tell, told) = std::sync::mpsc::channel();
        let serve = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let server = self.serve(0, Faults::default(), None).await;
                let url = server.as_ref().map(|server| format!("http://{}", server.address()));
                // Nobody waits any more: the command has given up.
                let _ = tell.send(url.map_err(|_| ()));
                if server.is_ok() {
                    std::future::pending::<()>().await;
                }
            });
        };
        let spawned = std::thread::Builder::new().name("drill".to_owned()).spawn(serve);
        let failed =
            || Failure::unavailable("the drill's cloud cannot be served on loopback", None);
        spawned.map_err(|_| failed())?;
        told.recv_timeout(PATIENCE).map_err(|_| failed())?.map_err(|()| failed())
    }
}

fn scenario(name: &str) -> Result<Scenario, Failure> {
    if let Some(scenario) = Scenario::builtin(name) {
        return Ok(scenario);
    }
    let is_path = name.contains(['/', '.']) || Path::new(name).exists();
    if !is_path {
        let nearest = spelling::nearest(name, Scenario::builtin_names().iter().copied())
            .unwrap_or(USUAL_SCENARIO);
        return Err(Failure::usage(
            format!("there is no drill called `{name}`"),
            Some(format!("did you mean `--drill={nearest}`? A file of your own is --drill=PATH")),
        ));
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        Failure::usage(format!("the scenario {name} cannot be read: {error}"), None)
    })?;
    Scenario::parse(name, &text).map_err(|error| Failure::usage(error.to_string(), None))
}

fn pinned(variables: &Variables, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = variables.get(name) else { return Ok(None) };
    let now = now.to_zoned(jiff::tz::TimeZone::UTC);
    let instant = timerange::instant(&text, &now);
    instant.map(Some).map_err(|error| Failure::usage(format!("{name}: {error}"), error.hint()))
}
