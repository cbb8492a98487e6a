//! Live Tail for one region: one session, renewed before its time is over, and what to do without.
//!
//! A session is a hint, not the truth: it leaves out, it may break without a word, and it ends after
//! three hours. Sources are told of each, and their polls fill in.

use std::sync::Arc;
use std::time::Duration;

use aws::{Cause, Door, Operation};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use crate::cloudwatch::{Api, LiveEnd, LiveUpdate};
use crate::follow::happening::Said;
use crate::follow::identities::Session;
use crate::follow::route::{LiveNews, Routes};
use crate::place::{Group, Streams};

/// StartLiveTail takes ten groups (its API page).
const MOST_GROUPS: usize = 10;
/// A session ends after three hours (CloudWatch Logs user guide, "Live Tail").
const SESSION_LASTS: Duration = Duration::from_secs(3 * 3_600);
/// A session speaks every second; one that says nothing for so long is dead, whatever TCP believes.
const SILENCE: Duration = Duration::from_secs(15);
/// After a renewal the older session is listened to for so long.
const OVERLAP: Duration = Duration::from_secs(3);
/// A session that lasted so long is no flutter.
const STEADY: Duration = Duration::from_secs(60);
/// So many breaks in a row are told.
const TOO_MANY_BREAKS: u32 = 4;
/// The account's sessions may be in use: so long until it is tried again.
const SESSIONS_IN_USE: Duration = Duration::from_secs(60);

/// What a session shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    groups: Vec<String>,
    streams: Option<Streams>,
    pattern: Option<String>,
}

/// Why there is no Live Tail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLiveTail {
    /// Too many groups.
    #[error("it takes ten log groups at most, and these are {0}")]
    TooManyGroups(usize),
    /// The account is unknown, so groups have no ARN.
    #[error("the account is unknown, and it wants the groups' ARNs")]
    NoAccount,
    /// No permission.
    #[error("no permission ({0})")]
    Denied(&'static str),
    /// All sessions of the account are in use.
    #[error("the account's sessions are all in use")]
    SessionLimit,
    /// There is none for these groups, or the request was refused otherwise.
    #[error("{0}")]
    Refused(String),
    /// The endpoint knows none.
    #[error("this endpoint has none")]
    NotThere,
    /// It cannot be reached just now.
    #[error("it cannot be reached ({0})")]
    Unreachable(String),
    /// It broke off.
    #[error("the session broke off ({0})")]
    Broke(String),
    /// It is billed by the minute, and nobody asked for so much of it.
    #[error("three hours of it are over, and it is billed by the minute; `--live auto` goes on")]
    EnoughUnasked,
}

impl NoLiveTail {
    /// How long until it is worth another try.
    fn pause(&self) -> Option<Duration> {
        match self {
            Self::SessionLimit => Some(SESSIONS_IN_USE),
            Self::Unreachable(_) | Self::Broke(_) => Some(Duration::from_secs(10)),
            _ => None,
        }
    }

    fn of(error: &aws::Error) -> Self {
        match &error.cause {
            Cause::Denied { .. } => Self::Denied(Operation::StartLiveTail.action()),
            Cause::Invalid { code, .. } if code == "LimitExceededException" => Self::SessionLimit,
            Cause::Invalid { code, .. } if code.starts_with("UnknownOperation") => Self::NotThere,
            Cause::NotAws { .. } | Cause::NotListed(_) => Self::NotThere,
            Cause::Service { status: 501, .. } => Self::NotThere,
            Cause::Invalid { message, .. } | Cause::NotFound { message } => {
                Self::Refused(message.clone())
            }
            cause => Self::Unreachable(cause.to_string()),
        }
    }
}

impl Plan {
    /// Before anything is known.
    pub(crate) fn nothing() -> Self {
        Self { groups: Vec::new(), streams: None, pattern: None }
    }

    /// One session for all of these, if there can be one.
    pub(crate) async fn of(
        door: &Door,
        places: &[(Group, Streams)],
        pattern: Option<&str>,
    ) -> Result<Self, NoLiveTail> {
        let account = door.account().await;
        let mut groups = Vec::new();
        for (group, _) in places {
            let arn = match (&group.arn, group.account.as_ref().or(account.as_ref())) {
                (Some(arn), _) => arn.trim_end_matches(":*").to_owned(),
                (None, None) => return Err(NoLiveTail::NoAccount),
                (None, Some(account)) => format!(
                    "arn:{}:logs:{}:{account}:log-group:{}",
                    aws::partition(&group.region),
                    group.region,
                    group.name
                ),
            };
            if !groups.contains(&arn) {
                groups.push(arn);
            }
        }
        if groups.len() > MOST_GROUPS {
            return Err(NoLiveTail::TooManyGroups(groups.len()));
        }
        // Streams can be chosen in a single group only. Elsewhere what is not wanted is shown too.
        let streams = match places {
            [(_, streams)] => Some(streams.clone()),
            _ => None,
        };
        Ok(Self { groups, streams, pattern: pattern.map(str::to_owned) })
    }
}

/// Keeps a session of a region alive.
pub(crate) struct LiveTail {
    pub(crate) door: Door,
    pub(crate) region: String,
    pub(crate) plan: watch::Receiver<Plan>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) said: mpsc::Sender<Said>,
    /// Whether it goes on after its three hours.
    pub(crate) renew: bool,
}

/// A session that is asked for, or listened to.
struct Running {
    number: u64,
    session: Session,
    began: Instant,
    /// It has shown something.
    is_up: bool,
    /// Another one has taken over: listened to until then.
    until: Option<Instant>,
    task: AbortHandle,
}

/// What becomes of a session.
enum Pumped {
    Update(LiveUpdate),
    Refused(aws::Error),
    Ended(LiveEnd),
}

/// The sessions of a region, at most two at a time.
struct Sessions {
    running: Vec<Running>,
    pumps: JoinSet<()>,
    out: mpsc::Sender<(u64, Pumped)>,
    started: u64,
    next: Session,
}

impl LiveTail {
    pub(crate) async fn run(mut self) {
        let api = Api::new(&self.door, &self.region);
        let (out, mut pumped) = mpsc::channel(8);
        let began = Instant::now();
        let mut sessions = Sessions {
            running: Vec::new(),
            pumps: JoinSet::new(),
            out,
            started: 0,
            next: Session::FIRST,
        };
        let mut lasts = SESSION_LASTS;
        let mut start_at = Some(Instant::now());
        let mut told_off = None;
        let mut breaks = 0u32;
        loop {
            let now = Instant::now();
            sessions.end_those_that_are_over(now);
            if sessions.running.is_empty() && start_at.is_some_and(|at| at <= now) {
                start_at = None;
                sessions.start(&api, self.plan.borrow_and_update().clone());
            }
            if let Some(renewal) = sessions.renewal(lasts)
                && renewal <= now
            {
                if !self.renew && began.elapsed() + Duration::from_secs(600) > SESSION_LASTS {
                    return self.give_up(NoLiveTail::EnoughUnasked, None).await;
                }
                sessions.start(&api, self.plan.borrow_and_update().clone());
            }
            let times = [start_at, sessions.renewal(lasts), sessions.next_end()];
            let wake = times.into_iter().flatten().min().unwrap_or(now + SESSION_LASTS);
            let (number, pumped) = tokio::select! {
                () = self.said.closed() => return,
                () = sleep_until(wake) => continue,
                changed = self.plan.changed() => match changed {
                    // Another set of groups: a session of its own takes over.
                    Ok(()) if sessions.running.len() == 1 => {
                        sessions.start(&api, self.plan.borrow_and_update().clone());
                        continue;
                    }
                    Ok(()) => continue,
                    Err(_) => return,
                },
                Some(pumped) = pumped.recv() => pumped,
            };
            match pumped {
                Pumped::Update(update) => {
                    let Some((session, is_first)) = sessions.updated(number) else { continue };
                    if is_first {
                        self.routes.tell(|| LiveNews::Began);
                    }
                    // What broke again and again is back once it lasts.
                    let broke = matches!(told_off, Some(NoLiveTail::Broke(_)));
                    if told_off.is_some() && (!broke || sessions.lasts(number, STEADY)) {
                        told_off = None;
                        if self.say(Said::LiveAgain).await.is_err() {
                            return;
                        }
                    }
                    self.routes.show(session, update.events);
                    if update.sampled {
                        self.routes.tell(|| LiveNews::Missed);
                        if self.say(Said::Sampled).await.is_err() {
                            return;
                        }
                    }
                }
                Pumped::Refused(error) => {
                    sessions.forget(number);
                    if sessions.any_up() {
                        // The older one shows on; it is tried again when that ends.
                        continue;
                    }
                    self.routes.tell(|| LiveNews::Ended);
                    let reason = NoLiveTail::of(&error);
                    let Some(pause) = reason.pause() else {
                        return self.give_up(reason, Some(Box::new(error))).await;
                    };
                    if error.cause.wants_a_login() {
                        self.door.renew_credentials().await;
                    }
                    start_at = Some(Instant::now() + pause);
                    if told_off.as_ref() != Some(&reason) {
                        told_off = Some(reason.clone());
                        if self.say(Said::LiveOff(reason)).await.is_err() {
                            return;
                        }
                    }
                }
                Pumped::Ended(end) => {
                    let Some(ended) = sessions.forget(number) else { continue };
                    let lasted = ended.began.elapsed();
                    if end == LiveEnd::TimeLimit {
                        // This service's sessions last so long: the next is renewed in time.
                        lasts = lasts.min(lasted);
                    }
                    if sessions.any_up() {
                        continue;
                    }
                    // What is ingested until the next session is the polls' to find.
                    self.routes.tell(|| LiveNews::Missed);
                    match end {
                        LiveEnd::TimeLimit => start_at = Some(Instant::now()),
                        LiveEnd::Lost { problem } => {
                            if lasted > STEADY {
                                breaks = 0;
                            }
                            let pause = Duration::from_millis(500) * 2u32.pow(breaks.min(5));
                            start_at = Some(Instant::now() + pause);
                            breaks += 1;
                            // A break now and then is the polls' concern, not the reader's.
                            if breaks == TOO_MANY_BREAKS && told_off.is_none() {
                                self.routes.tell(|| LiveNews::Ended);
                                let reason = NoLiveTail::Broke(problem);
                                told_off = Some(reason.clone());
                                if self.say(Said::LiveOff(reason)).await.is_err() {
                                    return;
                                }
                            }
                        }
                    }
                    // A session that was under way when this one ended takes over.
                    if !sessions.running.is_empty() {
                        start_at = None;
                    }
                }
            }
        }
    }

    async fn say(&self, said: Said) -> Result<(), mpsc::error::SendError<Said>> {
        self.said.send(said).await
    }

    async fn give_up(&self, reason: NoLiveTail, error: Option<Box<aws::Error>>) {
        self.routes.tell(|| LiveNews::Ended);
        // When nobody listens any more there is nobody to tell.
        let _ = self.say(Said::LiveOver { reason, error }).await;
    }
}

impl Sessions {
    fn start(&mut self, api: &Api, plan: Plan) {
        self.started += 1;
        let (number, session) = (self.started, self.next);
        self.next = session.next();
        let task = self.pumps.spawn(pump(api.clone(), plan, number, self.out.clone()));
        let began = Instant::now();
        self.running.push(Running { number, session, began, is_up: false, until: None, task });
    }

    /// Notes that a session shows something: which, and whether it is the first time.
    fn updated(&mut self, number: u64) -> Option<(Session, bool)> {
        let at = self.running.iter().position(|running| running.number == number)?;
        let is_first = !std::mem::replace(&mut self.running[at].is_up, true);
        let session = self.running[at].session;
        if is_first {
            for older in self.running.iter_mut().filter(|running| running.number < number) {
                older.until = Some(Instant::now() + OVERLAP);
            }
        }
        Some((session, is_first))
    }

    fn forget(&mut self, number: u64) -> Option<Running> {
        let at = self.running.iter().position(|running| running.number == number)?;
        Some(self.running.remove(at))
    }

    fn lasts(&self, number: u64, length: Duration) -> bool {
        let of_number = |running: &&Running| running.number == number;
        self.running.iter().find(of_number).is_some_and(|running| running.began.elapsed() > length)
    }

    fn any_up(&self) -> bool {
        self.running.iter().any(|running| running.is_up)
    }

    /// When the only session is to be renewed: a sixth of its time before its end, five minutes at
    /// the most.
    fn renewal(&self, lasts: Duration) -> Option<Instant> {
        let [only] = self.running.as_slice() else { return None };
        let before = (lasts / 6).min(Duration::from_secs(300));
        only.is_up.then(|| only.began + (lasts - before))
    }

    fn next_end(&self) -> Option<Instant> {
        self.running.iter().filter_map(|running| running.until).min()
    }

    fn end_those_that_are_over(&mut self, now: Instant) {
        self.running.retain(|running| {
            let over = running.until.is_some_and(|until| until <= now);
            if over {
                running.task.abort();
            }
            !over
        });
        while self.pumps.try_join_next().is_some() {}
    }
}

/// Begins a session and hands its updates on.
async fn pump(api: Api, plan: Plan, number: u64, out: mpsc::Sender<(u64, Pumped)>) {
    let begun = api.live_tail(&plan.groups, plan.streams.as_ref(), plan.pattern.as_deref());
    let mut session = match begun.await {
        Ok(session) => session,
        Err(error) => {
            let _ = out.send((number, Pumped::Refused(error))).await;
            return;
        }
    };
    loop {
        let lost = |problem: &str| LiveEnd::Lost { problem: problem.to_owned() };
        let next = match timeout(SILENCE, session.next()).await {
            Ok(next) => next,
            Err(_) => Err(lost("it said nothing for 15 s")),
        };
        let (pumped, is_over) = match next {
            Ok(update) => (Pumped::Update(update), false),
            Err(end) => (Pumped::Ended(end), true),
        };
        if out.send((number, pumped)).await.is_err() || is_over {
            return;
        }
    }
}
