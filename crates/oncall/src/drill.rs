//! The drill: a small cloud that this process serves to itself on loopback.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use simulator::{Faults, Scenario, Server, World};
use store::Store;

use crate::context::{Clock, Variables};
use crate::failure::Failure;

/// The scenario that a bare `--drill` means.
pub(crate) const USUAL_SCENARIO: &str = "incident-8";

/// When a drill began, and what its clock says.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    scenario: Scenario,
    start_ms: i64,
    clock: Clock,
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
        let start = match (pinned_start, pinned_now) {
            (Some(start), _) => start,
            (None, Some(now)) => now,
            (None, None) => {
                // Without a place to keep it, each command has a world of its own.
                let kept = store.drill_start(scenario.name(), wall.as_millisecond());
                kept.map_or(wall, |millis| Timestamp::from_millisecond(millis).unwrap_or(wall))
            }
        };
        let clock = match pinned_now {
            Some(now) => Clock::stopped_at(now),
            None if frozen => Clock::stopped_at(start.max(wall)),
            None => clock,
        };
        Ok(Self { scenario, start_ms: start.as_millisecond(), clock })
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
    /// takes any. The writers of `faults.stop_after` stop so long after now.
    pub(crate) async fn serve(self, port: u16, mut faults: Faults) -> Result<Server, Failure> {
        let since_start = self.clock.now().as_millisecond().saturating_sub(self.start_ms);
        let since_start = Duration::from_millis(since_start.try_into().unwrap_or(0));
        faults.stop_after = faults.stop_after.map(|length| since_start + length);
        let faults = self.scenario.faults().clone().overridden_by(faults);
        let world = World::new(self.scenario, self.start_ms);
        let clock = self.clock;
        let now = Arc::new(move || clock.now().as_millisecond());
        Server::start_with(world, now, port, faults).await.map_err(|error| {
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
                let server = self.serve(0, Faults::default()).await;
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
