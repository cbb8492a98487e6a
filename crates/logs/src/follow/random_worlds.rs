//! Following over random worlds, without a socket: whatever the lags, the clocks, the equal events,
//! the failures and what Live Tail leaves out, what is printed is what was written.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::cursor::{Arrival, Ask, Event, Page};
use crate::follow::identities::Session;
use crate::follow::machine::{Machine, Step, Terms};

/// A moment long after the epoch, so that times before it are ordinary.
const ORIGIN: i64 = 1_795_000_000_000;
const LATE: i64 = 60_000;
const SWEEP_INTERVAL: i64 = 20_000;
const TERMS: Terms = Terms {
    late: LATE,
    limit: 10_000,
    interval: 1_000,
    sweep_interval: SWEEP_INTERVAL,
    live_only: false,
};
/// How long the writers write.
const WRITING_MS: i64 = 120_000;
/// Enough for the latest event, the guarantee and two sweeps.
const AFTERWARDS_MS: i64 = 600_000;

#[derive(Clone, Debug)]
struct Written {
    event: Event,
    ingested: i64,
}

/// How a service answers and a network behaves.
#[derive(Clone, Debug)]
struct Weather {
    /// Events a page.
    page: usize,
    /// How long an answer takes.
    latency: i64,
    /// One request in so many fails, gets an empty page, or has its token refused. Not every Nth: the
    /// machine's own rhythm could fall into step with that.
    fail_every: u64,
    empty_every: u64,
    refuse_every: u64,
    /// No request is answered in between.
    outage: (i64, i64),
    /// Our clock is so much ahead of AWS's.
    clock_ahead: i64,
    live: Option<LiveWeather>,
}

#[derive(Clone, Debug)]
struct LiveWeather {
    /// Every so many events of a session are left out, every so many updates lost.
    sample_every: usize,
    lose_every: i64,
    /// A session lasts so long; so much before its end the next one begins, or so much after.
    lasts: i64,
    overlap: i64,
}

struct World {
    written: Vec<Written>,
    weather: Weather,
    requests: u64,
}

enum Answer {
    Page(Page),
    TokenRefused,
    Failed,
}

impl World {
    /// FilterLogEvents at `now` by the service's clock.
    fn answer(&mut self, now: i64, ask: &Ask) -> Answer {
        self.requests += 1;
        let scattered = self.requests.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let every = |n: u64| n > 0 && scattered.is_multiple_of(n);
        let (from, to) = self.weather.outage;
        if (from..to).contains(&(now - ORIGIN)) || every(self.weather.fail_every) {
            return Answer::Failed;
        }
        if ask.token.is_some() && every(self.weather.refuse_every) {
            return Answer::TokenRefused;
        }
        // A token freezes nothing: what is ingested between two pages shows on the second.
        let after: Option<(i64, i64, String)> = ask.token.as_deref().and_then(|token| {
            let mut parts = token.splitn(3, ' ');
            let mut number = || parts.next().and_then(|part| part.parse().ok());
            Some((number()?, number()?, parts.next()?.to_owned()))
        });
        if every(self.weather.empty_every) {
            let token = ask.token.clone().unwrap_or_else(|| "0 0 ".to_owned());
            return Answer::Page(Page { events: Vec::new(), token: Some(token) });
        }
        let key = |written: &Written| {
            (written.event.time, written.ingested, written.event.id.clone().unwrap_or_default())
        };
        let mut inside: Vec<&Written> = self
            .written
            .iter()
            .filter(|written| written.ingested <= now)
            .filter(|written| (ask.first..=ask.last).contains(&written.event.time))
            .filter(|written| after.as_ref().is_none_or(|after| key(written) > *after))
            .collect();
        inside.sort_by_key(|written| key(written));
        let more = inside.len() > self.weather.page;
        inside.truncate(self.weather.page);
        let token = inside.last().filter(|_| more).map(|last| {
            let (time, ingested, id) = key(last);
            format!("{time} {ingested} {id}")
        });
        Answer::Page(Page {
            events: inside.into_iter().map(|written| written.event.clone()).collect(),
            token,
        })
    }

    /// What was ingested between two moments, as Live Tail shows it.
    fn ingested_between(&self, from: i64, to: i64) -> Vec<Event> {
        let inside = self.written.iter().filter(|w| from < w.ingested && w.ingested <= to);
        inside.map(|written| Event { id: None, ..written.event.clone() }).collect()
    }
}

/// Live Tail as a client sees it: an update a second, sessions that end and overlap.
struct Live {
    weather: LiveWeather,
    sessions: Vec<(Session, i64)>,
    next: Session,
    renew_at: i64,
    shown: usize,
}

impl Live {
    fn begin(&mut self, now: i64) {
        self.sessions.push((self.next, now));
        self.next = self.next.next();
        self.renew_at = now + self.weather.lasts - self.weather.overlap;
    }

    /// The second that ends now: what each session shows.
    fn update(&mut self, world: &World, now: i64) -> Vec<(Session, Vec<Event>)> {
        let lasts = self.weather.lasts;
        self.sessions.retain(|(_, began)| now < began + lasts);
        let lost = self.weather.lose_every > 0 && (now / 1_000) % self.weather.lose_every == 0;
        let mut updates = Vec::new();
        for (session, began) in &self.sessions {
            let mut events = world.ingested_between((now - 1_000).max(*began), now);
            events.retain(|_| {
                self.shown += 1;
                self.weather.sample_every == 0
                    || !self.shown.is_multiple_of(self.weather.sample_every)
            });
            if !lost {
                updates.push((*session, events));
            }
        }
        updates
    }
}

/// Runs the machine until long after the last event; what it printed.
fn follow(world: &mut World) -> (Vec<Arrival>, Machine) {
    let ahead = world.weather.clock_ahead;
    let mut now = ORIGIN;
    let mut machine = Machine::new(now + ahead, ORIGIN, TERMS);
    let mut live = world.weather.live.clone().map(|weather| {
        machine.expect_live();
        machine.live_began(now + ahead);
        let mut live =
            Live { weather, sessions: Vec::new(), next: Session::FIRST, renew_at: 0, shown: 0 };
        live.begin(now);
        live
    });
    let mut printed = Vec::new();
    let mut next_update = now + 1_000;
    let end = ORIGIN + WRITING_MS + AFTERWARDS_MS;
    while now < end {
        let until = match machine.next(now + ahead) {
            Step::Wait(length) => {
                assert!(length > 0, "a wait that does not wait");
                now + length
            }
            Step::Ask(ask) => {
                now += world.weather.latency;
                match world.answer(now, &ask) {
                    Answer::Page(page) => printed.extend(machine.page(now + ahead, page)),
                    Answer::TokenRefused => machine.token_refused(now + ahead),
                    Answer::Failed => machine.failed(now + ahead),
                }
                now
            }
        };
        if let Some(live) = &mut live {
            while next_update <= until {
                let weather = live.weather.clone();
                if next_update >= live.renew_at {
                    // A session that ended before the next one begins leaves a hole.
                    live.begin(next_update);
                }
                for (session, events) in live.update(world, next_update) {
                    printed.extend(machine.live(next_update + ahead, session, events));
                }
                if weather.overlap < 0 && live.sessions.is_empty() {
                    machine.poll_soon(next_update + ahead);
                }
                next_update += 1_000;
            }
        }
        now = until;
    }
    (printed, machine)
}

type Kind = (String, i64, String);

fn multiset<'a>(events: impl Iterator<Item = &'a Event>) -> BTreeMap<Kind, usize> {
    let mut counted = BTreeMap::new();
    for event in events {
        *counted.entry((event.stream.clone(), event.time, event.text.clone())).or_default() += 1;
    }
    counted
}

/// Few streams and texts and a coarse clock: equal everything is common.
fn any_written(longest_lag: i64) -> impl Strategy<Value = Vec<Written>> {
    let event = (0..WRITING_MS / 500, 0usize..3, 0usize..2, -30_000..longest_lag, any::<u8>());
    proptest::collection::vec(event, 0..120).prop_map(move |events| {
        let written = events.into_iter().enumerate().map(|(number, event)| {
            let (half_seconds, stream, text, lag, slow) = event;
            // Most events take a second or two; the others what they may, or come from the future.
            let lag = if slow < 200 { i64::from(slow) * 10 } else { lag };
            let time = ORIGIN + half_seconds * 500;
            // What was ingested before the beginning is the beginning's history.
            let ingested = (time + lag).max(ORIGIN - 1_000);
            let event = Event {
                stream: format!("s{stream}"),
                time,
                ingested: Some(ingested),
                id: Some(format!("{number:056}")),
                text: ["same", "other"][text].to_owned(),
                repaired: false,
            };
            Written { event, ingested }
        });
        written.collect()
    })
}

fn any_live() -> impl Strategy<Value = LiveWeather> {
    (0usize..6, 0i64..7, 6_000i64..90_000, -4_000i64..2_500).prop_map(
        |(sample_every, lose_every, lasts, overlap)| LiveWeather {
            sample_every,
            lose_every,
            lasts,
            overlap,
        },
    )
}

fn any_weather() -> impl Strategy<Value = Weather> {
    let every = || prop_oneof![Just(0u64), 2u64..9];
    (
        // Where a page holds one event and every other request fails, a sweep takes longer than we wait.
        5usize..40,
        0i64..900,
        (every(), every(), every()),
        (0i64..WRITING_MS, 0i64..90_000),
        -50_000i64..50_000,
        proptest::option::of(any_live()),
    )
        .prop_map(
            |(
                page,
                latency,
                (fail_every, empty_every, refuse_every),
                outage,
                clock_ahead,
                live,
            )| {
                Weather {
                    // Where every token of a page or two is refused, nobody gets any further.
                    page: if refuse_every > 0 { page + 10 } else { page },
                    latency,
                    fail_every,
                    empty_every,
                    refuse_every: if refuse_every > 0 { refuse_every + 2 } else { 0 },
                    outage: (outage.0, outage.0 + outage.1),
                    clock_ahead,
                    live,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_printed_is_what_was_written(written in any_written(LATE), weather in any_weather()) {
        let mut world = World { written, weather, requests: 0 };
        let (printed, machine) = follow(&mut world);
        let expected = multiset(world.written.iter().map(|written| &written.event));
        prop_assert_eq!(multiset(printed.iter().map(|arrival| &arrival.event)), expected);
        prop_assert_eq!(machine.tally().after_guarantee, 0);
    }

    #[test]
    fn what_comes_after_the_guarantee_disturbs_nothing_else(
        written in any_written(3 * LATE), weather in any_weather(),
    ) {
        let mut world = World { written, weather, requests: 0 };
        let (printed, machine) = follow(&mut world);
        let count = |late: bool| {
            let of = |w: &&Written| (w.ingested - w.event.time > LATE) == late;
            multiset(world.written.iter().filter(of).map(|written| &written.event))
        };
        let (in_time, too_late) = (count(false), count(true));
        let printed = multiset(printed.iter().map(|arrival| &arrival.event));
        let mut extra = 0;
        for (kind, times) in &printed {
            let (due, possible) = (in_time.get(kind).unwrap_or(&0), too_late.get(kind).unwrap_or(&0));
            prop_assert!((*due..=due + possible).contains(times), "{kind:?} {times} times");
            // The beginning's history has no guarantee to be too late for.
            extra += times - due;
        }
        prop_assert!(in_time.keys().all(|kind| printed.contains_key(kind)));
        let too_late: usize = too_late.values().sum();
        prop_assert!(extra as u64 + machine.tally().after_guarantee <= too_late as u64);
    }

    #[test]
    fn unmarked_records_are_in_order_but_for_ten_seconds(
        written in any_written(LATE), weather in any_weather(),
    ) {
        let mut world = World { written, weather, requests: 0 };
        let (printed, _) = follow(&mut world);
        let mut newest = i64::MIN;
        for Arrival { event, late } in &printed {
            if !late {
                prop_assert!(event.time >= newest.saturating_sub(10_000));
            }
            newest = newest.max(event.time.min(event.ingested.unwrap()));
        }
    }
}

fn calm(written: Vec<Written>) -> World {
    let weather = Weather {
        page: 1_000,
        latency: 50,
        fail_every: 0,
        empty_every: 0,
        refuse_every: 0,
        outage: (0, 0),
        clock_ahead: 0,
        live: None,
    };
    World { written, weather, requests: 0 }
}

fn written(number: usize, time: i64, lag: i64) -> Written {
    let (time, ingested) = (ORIGIN + time, ORIGIN + time + lag);
    let event = Event {
        stream: "s".into(),
        time,
        ingested: Some(ingested),
        id: Some(format!("{number:056}")),
        text: number.to_string(),
        repaired: false,
    };
    Written { event, ingested }
}

#[test]
fn an_event_from_the_future_hides_nothing() {
    let mut events: Vec<Written> = (0..100).map(|n| written(n, n as i64 * 1_000, 500)).collect();
    events.push(written(100, 7_200_000 + 5_000, -7_200_000));
    let (printed, _) = follow(&mut calm(events));
    assert_eq!(printed.len(), 101);
    assert!(printed.iter().all(|arrival| !arrival.late));
}

#[test]
fn an_event_that_lags_is_printed_once_and_marked() {
    let mut events: Vec<Written> = (0..100).map(|n| written(n, n as i64 * 1_000, 500)).collect();
    events.push(written(100, 20_000, 55_000));
    let (printed, _) = follow(&mut calm(events));
    let late: Vec<&str> = printed
        .iter()
        .filter(|arrival| arrival.late)
        .map(|arrival| arrival.event.text.as_str())
        .collect();
    assert_eq!((printed.len(), late), (101, vec!["100"]));
}

#[test]
fn what_comes_after_the_guarantee_is_counted_when_a_sweep_or_live_tail_shows_it() {
    let mut events: Vec<Written> = (0..150).map(|n| written(n, n as i64 * 1_000, 500)).collect();
    // Within what the next sweep reads, and long before it.
    events.push(written(150, 40_000, LATE + 100));
    let mut world = calm(events.clone());
    let (printed, machine) = follow(&mut world);
    assert_eq!((printed.len(), machine.tally().after_guarantee), (150, 1));

    events.push(written(151, 2_000, 2 * LATE));
    let mut world = calm(events);
    let no_faults = LiveWeather { sample_every: 0, lose_every: 0, lasts: 900_000, overlap: 0 };
    world.weather.live = Some(no_faults);
    let (printed, machine) = follow(&mut world);
    assert_eq!((printed.len(), machine.tally().after_guarantee), (150, 2));
}

#[test]
fn what_the_history_printed_is_not_counted_as_left_out() {
    // AWS answers only after a minute: the history shows what a later sweep would be too late for.
    for live in
        [None, Some(LiveWeather { sample_every: 0, lose_every: 0, lasts: 900_000, overlap: 0 })]
    {
        let mut world = calm(vec![written(0, 1_000, LATE + 5_000)]);
        world.weather.outage = (0, LATE + 10_000);
        world.weather.live = live;
        let (printed, machine) = follow(&mut world);
        assert_eq!((printed.len() as u64, machine.tally().after_guarantee), (1, 0));
    }
}

#[test]
fn one_that_is_too_late_hides_no_equal_one_that_is_in_time() {
    let now = ORIGIN + 70_000;
    let mut machine = Machine::after_history(now, ORIGIN, now, TERMS);
    machine.expect_live();
    let in_time = written(1, 5_000, 500).event;
    let too_late = Event { ingested: Some(in_time.time + LATE + 1), id: None, ..in_time.clone() };
    assert_eq!(machine.live(now, Session::FIRST, vec![too_late]), []);
    assert!(matches!(machine.next(now), Step::Ask(_)));
    let page = Page { events: vec![in_time], token: None };
    assert_eq!(machine.page(now, page).len(), 1);
    assert_eq!(machine.tally().after_guarantee, 1);
}

#[test]
fn a_sleep_of_hours_leaves_no_gap() {
    let events: Vec<Written> = (0..7_200).map(|n| written(n, n as i64 * 1_000, 500)).collect();
    let mut world = calm(events);
    world.weather.page = 10_000;
    let mut machine = Machine::new(ORIGIN, ORIGIN, TERMS);
    let mut printed = 0;
    // Ten seconds, then two hours of sleep, then ten minutes.
    let awake = [(0, 10_000), (7_200_000, 7_800_000)];
    for (from, to) in awake {
        let mut now = ORIGIN + from;
        while now < ORIGIN + to {
            match machine.next(now) {
                Step::Wait(length) => now += length,
                Step::Ask(ask) => {
                    now += 50;
                    let Answer::Page(page) = world.answer(now, &ask) else { unreachable!() };
                    printed += machine.page(now, page).len();
                }
            }
        }
    }
    assert_eq!(printed, 7_200);
}

#[test]
fn a_clock_that_goes_back_does_not_stop_it() {
    let mut machine = Machine::new(ORIGIN, ORIGIN, TERMS);
    assert!(matches!(machine.next(ORIGIN), Step::Ask(_)));
    machine.page(ORIGIN, Page::default());
    let Step::Wait(_) = machine.next(ORIGIN) else { panic!("nothing is due") };
    let an_hour_before = ORIGIN - 3_600_000;
    let Step::Wait(length) = machine.next(an_hour_before) else { panic!("nothing is due") };
    assert!(length <= 10_000, "{length}");
}
