//! What a window costs: given so many events, lying so, this many requests.

use super::*;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A group of one stream, which gives so many events a page.
struct Group {
    times: Vec<i64>,
    page: usize,
    /// Only every so many events match, and the server looks at `page` of them for a page.
    matches_every: Option<usize>,
}

/// What a reading cost.
#[derive(Debug)]
struct Cost {
    calls: usize,
    seconds: f64,
    events: usize,
}

/// So many requests may be sent in a second, and each takes so long.
const RATE: f64 = 22.5;
const LATENCY: f64 = 0.25;

impl Group {
    fn answer(&self, ask: &Ask) -> Page {
        let inside = self.times.partition_point(|time| *time < ask.first)
            ..self.times.partition_point(|time| *time <= ask.last);
        let from = ask.token.as_ref().map_or(inside.start, |token| token.parse().unwrap());
        let to = inside.end.min(from + self.page);
        let given = (from..to).filter(|at| self.matches_every.is_none_or(|n| at % n == 0));
        let event = |at: usize| Event {
            stream: "s".into(),
            time: self.times[at],
            ingested: None,
            id: Some(format!("{at:056}")),
            text: String::new(),
            repaired: false,
        };
        let token = (to < inside.end).then(|| to.to_string());
        Page { events: given.map(event).collect(), token }
    }

    /// Reads it, by a clock of its own.
    fn read(&self, window: (i64, i64)) -> Cost {
        const MOST_AHEAD: usize = 22;
        let manner = Manner {
            limit: i32::try_from(self.page).unwrap(),
            searched: self.matches_every.is_some(),
            openers: 4,
        };
        let mut shards: Shards<Vec<i64>> = Shards::new(window, manner);
        let mut cost = Cost { calls: 0, seconds: 0.0, events: 0 };
        let (mut latest, mut turn) = (i64::MIN, -4.0 / RATE);
        let mut under_way: VecDeque<(f64, Number, Ask)> = VecDeque::new();
        while !shards.is_over() {
            let lands = under_way.front().map(|flight| flight.0);
            let sends = turn.max(cost.seconds);
            let ahead = under_way.len() < MOST_AHEAD;
            if shards.has_request(Lane::Group, ahead) && lands.is_none_or(|lands| sends < lands) {
                let (number, ask) = shards.ask(Lane::Group, ahead).unwrap();
                under_way.push_back((sends + LATENCY, number, ask));
                (cost.seconds, turn) = (sends, turn.max(sends - 4.0 / RATE) + 1.0 / RATE);
                continue;
            }
            let (lands, number, ask) = under_way.pop_front().unwrap();
            (cost.seconds, cost.calls) = (lands, cost.calls + 1);
            let events = shards.answer(number, self.answer(&ask));
            shards.hold(number, events.iter().map(|event| event.time).collect());
            while let Some(times) = shards.take() {
                cost.events += times.len();
                assert!(times.iter().all(|time| *time >= latest), "not in order");
                latest = times.last().copied().unwrap_or(latest);
            }
        }
        cost
    }

    /// How often the reading took the time that the account allows for its pages.
    fn times_the_limit(&self, cost: &Cost) -> f64 {
        cost.seconds / (self.times.len().div_ceil(self.page) as f64 / RATE)
    }
}

fn evenly(count: i64, (start, end): (i64, i64)) -> Vec<i64> {
    (0..count).map(|n| start + (end - start) * n / count).collect()
}

#[test]
fn what_fits_on_a_page_costs_a_request_or_those_that_a_long_window_begins_with() {
    let group = Group { times: evenly(900, (0, DAY)), page: 1_000, matches_every: None };
    let cost = group.read((0, DAY));
    assert_eq!((cost.calls, cost.seconds, cost.events), (4, LATENCY, 900));
}

#[test]
fn an_even_day_takes_hardly_longer_than_the_account_allows() {
    let group = Group { times: evenly(81_000, (0, DAY)), page: 1_000, matches_every: None };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, 81_000);
    let times = group.times_the_limit(&cost);
    assert!(cost.calls <= 90 && times < 1.15, "{cost:?} for 81 pages: {times}");
}

#[test]
fn days_and_nights_take_little_longer() {
    // Ten times as many at noon as at midnight.
    let hours = (0..24).flat_map(|hour: i64| {
        let count = 700 + 500 * (12 - (hour - 12).abs());
        evenly(count, (hour * HOUR, (hour + 1) * HOUR))
    });
    let group = Group { times: hours.collect(), page: 1_000, matches_every: None };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, group.times.len());
    let times = group.times_the_limit(&cost);
    assert!(times < 1.45, "{cost:?} for {} events: {times}", group.times.len());
}

#[test]
fn an_outburst_in_a_silent_day_is_read_side_by_side() {
    let outburst = evenly(100_000, (7 * HOUR, 7 * HOUR + 60_000));
    let group = Group { times: outburst, page: 1_000, matches_every: None };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, 100_000);
    let times = group.times_the_limit(&cost);
    assert!(times < 1.8, "{cost:?} for 100 pages: {times}");
}

#[test]
fn a_search_that_finds_little_takes_a_little_longer_than_what_is_looked_at() {
    let group = Group { times: evenly(200_000, (0, DAY)), page: 1_000, matches_every: Some(5_000) };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, 40);
    let times = group.times_the_limit(&cost);
    assert!(times < 1.25, "{cost:?} for 200 pages: {times}");
}

#[test]
fn a_search_that_finds_much_takes_as_little() {
    let group = Group { times: evenly(200_000, (0, DAY)), page: 1_000, matches_every: Some(3) };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, 200_000usize.div_ceil(3));
    let times = group.times_the_limit(&cost);
    assert!(times < 1.25, "{cost:?} for 200 pages: {times}");
}

#[test]
fn a_huge_search_is_cut_again_and_again() {
    let group =
        Group { times: evenly(5_000_000, (0, DAY)), page: 1_000, matches_every: Some(1_000_000) };
    let cost = group.read((0, DAY));
    assert_eq!(cost.events, 5);
    let times = group.times_the_limit(&cost);
    assert!(times < 1.25, "{cost:?} for 5,000 pages: {times}");
}

#[test]
fn a_small_search_costs_a_few_requests() {
    let group =
        Group { times: evenly(1_500, (0, DAY)), page: 1_000, matches_every: Some(1_000_000) };
    assert!(group.read((0, DAY)).calls <= 6);
}

#[test]
fn a_millisecond_that_fills_pages_is_read_by_its_tokens() {
    let group = Group { times: vec![HOUR; 10_000], page: 1_000, matches_every: None };
    let cost = group.read((0, 2 * HOUR));
    assert_eq!(cost.events, 10_000);
    assert!(cost.calls <= 14, "{cost:?}");
}

#[test]
fn what_is_stopped_says_all_that_is_left_out() {
    let group = Group { times: evenly(10_000, (0, DAY)), page: 100, matches_every: None };
    let manner = Manner { limit: 100, searched: false, openers: 1 };
    let mut shards: Shards<(i64, i64)> = Shards::new((0, DAY), manner);
    let (number, ask) = shards.ask(Lane::Group, true).unwrap();
    shards.answer(number, group.answer(&ask));
    let (number, _) = shards.ask(Lane::Group, true).unwrap();
    let unread = shards.failed(number).unwrap();
    shards.hold(number, unread);
    shards.stop(|unread| unread);
    let left_out: Vec<(i64, i64)> = std::iter::from_fn(|| shards.take()).collect();
    assert!(shards.is_over());
    assert_eq!(left_out.first().map(|part| part.0), Some(group.times[99]));
    assert_eq!(left_out.last().map(|part| part.1), Some(DAY - 1));
    assert!(left_out.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0), "{left_out:?}");
}
