//! One token bucket, and how it learns.

use std::time::Duration;

use crate::Quota;

/// The lowest rate, in calls per second: one call in five seconds still gets somewhere, also among many. A
/// quota below this is taken as this.
const FLOOR: f64 = 0.2;
/// Throttles that follow the one that halved the rate within this time are replies to the same overshoot.
const ONE_OVERSHOOT: Duration = Duration::from_millis(500);
/// More answers than this in a row without a throttle are quiet enough to try a higher rate. Counted in calls
/// rather than seconds, because it bounds the share of calls that are throttled, however many share the account.
const QUIET_ANSWERS: u32 = 10;
/// How long it takes to climb from nothing to the ceiling: slow enough that a few processes together do not
/// overshoot by much.
const SECONDS_TO_CEILING: f64 = 120.0;
/// After more answers than this without a throttle whoever else was there has probably gone: then the rate grows
/// by a part of itself in each second, so that what is left of a reading does not crawl.
const ANSWERS_ALONE: u32 = 25;
const GROWTH_ALONE: f64 = 0.25;
/// Time without answers says nothing about the account: each answer raises the rate for at most this long.
const LONGEST_STEP: Duration = Duration::from_secs(1);

/// A token bucket whose rate is learned: each call takes a token, and says how it went.
///
/// One bucket paces one quota (an operation, in an account, in a region) for one process; processes need not
/// know of one another. A throttle halves the rate, at most once in half a second and never below 0.2 calls
/// per second. After 10 answers in a row it rises again, by a 120th of the ceiling per second, and after 25
/// by a quarter of itself per second at least; never above the ceiling.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Calls per second that `rate` never exceeds; infinite when unlimited.
    ceiling: f64,
    /// Tokens that it holds at most.
    burst: f64,
    /// Calls per second at present; infinite until an unlimited bucket is first throttled.
    rate: f64,
    /// Calls per second that a second of quiet adds.
    climb: f64,
    /// Tokens in it at `settled`: all reservations before are paid for.
    tokens: f64,
    /// The moment up to which tokens are accounted for: the last reservation, which may lie ahead of now.
    settled: Duration,
    /// Answers since the last throttle.
    answers: u32,
    /// The last throttle that halved the rate.
    halved: Option<Duration>,
    /// The last answer, from which the next one counts its step.
    answered: Duration,
    /// Calls of the last moments, counted only while the rate is infinite.
    sent: Sent,
}

impl Bucket {
    /// A full bucket, with the quota as its ceiling. An infinite quota is no ceiling: see [`Bucket::unlimited`].
    pub fn new(quota: Quota) -> Bucket {
        let ceiling = quota.per_second.max(FLOOR);
        let burst = quota.burst.max(1.0);
        Bucket {
            ceiling,
            burst,
            rate: ceiling,
            climb: ceiling / SECONDS_TO_CEILING,
            tokens: burst,
            settled: Duration::ZERO,
            answers: 0,
            halved: None,
            answered: Duration::ZERO,
            sent: Sent::default(),
        }
    }

    /// A bucket without a ceiling of ours, which never waits until the service throttles it. Then it falls to
    /// half the rate at which calls were being sent, and from there it learns as any other, as if that rate had
    /// been its ceiling, except that it may climb past it.
    pub fn unlimited() -> Bucket {
        Bucket::new(Quota { per_second: f64::INFINITY, burst: f64::INFINITY })
    }

    /// Reserves a token; how long the caller waits before it may send.
    ///
    /// Reservations are kept in order and are not given back, so a caller that changes its mind has still
    /// used one.
    pub fn take(&mut self, now: Duration) -> Duration {
        if self.rate.is_infinite() {
            self.sent.count(now);
            return Duration::ZERO;
        }
        self.settle(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Duration::ZERO;
        }
        self.settled += seconds_rounded_up((1.0 - self.tokens) / self.rate);
        self.tokens = 0.0;
        self.settled.saturating_sub(now)
    }

    /// The service said that this was too much: halves the rate and empties the bucket. Waits that were already
    /// given out stay as they are.
    pub fn throttled(&mut self, now: Duration) {
        self.answers = 0;
        if self.halved.is_some_and(|halved| now < halved + ONE_OVERSHOOT) {
            return;
        }
        self.halved = Some(now);
        if self.rate.is_infinite() {
            self.learn_first_rate(now);
        }
        self.settle(now);
        self.tokens = 0.0;
        self.rate = (self.rate / 2.0).max(FLOOR);
    }

    /// The service answered, with whatever but a throttle: after enough of these the rate rises.
    pub fn succeeded(&mut self, now: Duration) {
        let step = now.saturating_sub(self.answered).min(LONGEST_STEP);
        self.answered = self.answered.max(now);
        self.answers = self.answers.saturating_add(1);
        if self.answers > QUIET_ANSWERS && self.rate < self.ceiling {
            self.settle(now);
            let is_alone = self.answers > ANSWERS_ALONE && self.ceiling.is_finite();
            let growth = if is_alone { self.rate * GROWTH_ALONE } else { 0.0 };
            let raised = self.rate + self.climb.max(growth) * step.as_secs_f64();
            self.rate = raised.min(self.ceiling);
        }
    }

    /// Calls per second at present. Infinite for an unlimited bucket that was never throttled.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Accounts for the tokens that came in until now, at the rate that held until now.
    fn settle(&mut self, now: Duration) {
        let quiet = now.saturating_sub(self.settled);
        self.tokens = (self.tokens + quiet.as_secs_f64() * self.rate).min(self.burst);
        self.settled = self.settled.max(now);
    }

    /// Gives an unlimited bucket a rate: the one at which it was sending when it was first throttled.
    fn learn_first_rate(&mut self, now: Duration) {
        let per_second = self.sent.per_second(now);
        self.rate = per_second;
        self.burst = per_second.max(1.0);
        self.climb = per_second / SECONDS_TO_CEILING;
        self.tokens = 0.0;
        self.settled = now;
    }
}

/// How many calls were sent in the last moments: whole seconds, the present one and the one before it.
#[derive(Debug, Clone, Default)]
struct Sent {
    second: u64,
    present: u32,
    before: u32,
}

impl Sent {
    fn count(&mut self, now: Duration) {
        self.turn_to(now.as_secs());
        self.present = self.present.saturating_add(1);
    }

    /// Calls in the second that ends now, taking those of the second before as evenly spread; at least one,
    /// because something was throttled.
    fn per_second(&mut self, now: Duration) -> f64 {
        self.turn_to(now.as_secs());
        let part_of_before = 1.0 - f64::from(now.subsec_nanos()) / 1e9;
        (f64::from(self.present) + f64::from(self.before) * part_of_before).max(1.0)
    }

    fn turn_to(&mut self, second: u64) {
        if second > self.second {
            let adjacent = second == self.second + 1;
            self.before = if adjacent { self.present } else { 0 };
            self.present = 0;
            self.second = second;
        }
    }
}

/// Never early: rounding to the nearest nanosecond could admit a call before its token is there.
fn seconds_rounded_up(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds) + Duration::from_nanos(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bucket(per_second: f64, burst: f64) -> Bucket {
        Bucket::new(Quota { per_second, burst })
    }

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Waits in whole milliseconds of so many takes, all at the same moment.
    fn waits(bucket: &mut Bucket, now: Duration, takes: usize) -> Vec<u128> {
        (0..takes).map(|_| bucket.take(now).as_millis()).collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let mut bucket = bucket(10.0, 3.0);
        assert_eq!(waits(&mut bucket, at(5000), 6), [0, 0, 0, 100, 200, 300]);
    }

    #[test]
    fn a_quiet_while_fills_the_bucket_and_no_further() {
        let mut bucket = bucket(10.0, 3.0);
        waits(&mut bucket, at(0), 3);
        assert_eq!(waits(&mut bucket, at(60_000), 4), [0, 0, 0, 100]);
    }

    #[test]
    fn a_share_is_a_part_of_rate_and_burst_and_always_lets_a_call_through() {
        let half = Quota { per_second: 20.0, burst: 100.0 }.share(0.5);
        assert_eq!(half, Quota { per_second: 10.0, burst: 50.0 });
        let mut sliver = Bucket::new(half.share(0.0));
        assert_eq!(waits(&mut sliver, at(0), 2), [0, 5_000]);
    }

    #[test]
    fn a_throttle_halves_the_rate_and_empties_the_bucket() {
        let mut bucket = bucket(10.0, 5.0);
        bucket.throttled(at(0));
        assert_eq!(bucket.rate(), 5.0);
        assert_eq!(waits(&mut bucket, at(0), 2), [200, 400]);
    }

    #[test]
    fn replies_to_one_overshoot_count_once() {
        let mut bucket = bucket(16.0, 1.0);
        for reply in 0..10 {
            bucket.throttled(at(1000 + 40 * reply));
        }
        assert_eq!(bucket.rate(), 8.0);
        bucket.throttled(at(1500));
        assert_eq!(bucket.rate(), 4.0);
    }

    #[test]
    fn ten_answers_in_a_row_are_quiet_and_a_minute_of_quiet_undoes_a_throttle() {
        let mut bucket = bucket(12.0, 1.0);
        bucket.throttled(at(0));
        for answer in 1..=10 {
            bucket.succeeded(at(100 * answer));
            assert_eq!(bucket.rate(), 6.0);
        }
        for answer in 11..=20 {
            bucket.succeeded(at(100 * answer));
        }
        let after_a_second = bucket.rate();
        assert!((after_a_second - 6.1).abs() < 1e-9, "{after_a_second}");
        for answer in 21..=611 {
            bucket.succeeded(at(100 * answer));
        }
        assert_eq!(bucket.rate(), 12.0);
    }

    #[test]
    fn a_throttle_begins_the_quiet_anew() {
        let mut bucket = bucket(12.0, 1.0);
        bucket.throttled(at(0));
        for answer in 1..=9 {
            bucket.succeeded(at(20 * answer));
        }
        bucket.throttled(at(200));
        for answer in 1..=10 {
            bucket.succeeded(at(200 + 20 * answer));
        }
        assert_eq!(bucket.rate(), 6.0);
    }

    #[test]
    fn an_idle_hour_is_no_evidence_that_there_is_room() {
        let mut bucket = bucket(120.0, 1.0);
        bucket.throttled(at(0));
        for answer in 1..=10 {
            bucket.succeeded(at(answer));
        }
        bucket.succeeded(at(3_600_000));
        assert_eq!(bucket.rate(), 61.0);
    }

    #[test]
    fn a_raised_rate_fills_the_bucket_from_now_on() {
        let mut bucket = bucket(120.0, 1000.0);
        bucket.throttled(at(0));
        for answer in 0..10 {
            bucket.succeeded(at(answer));
        }
        bucket.succeeded(at(10_000));
        assert_eq!(bucket.rate(), 61.0);
        assert_eq!(waits(&mut bucket, at(10_000), 601), [vec![0; 600], vec![16]].concat());
    }

    #[test]
    fn unlimited_never_waits_until_it_is_throttled() {
        let mut bucket = Bucket::unlimited();
        for call in 0..5000 {
            assert_eq!(bucket.take(at(call)), Duration::ZERO);
            bucket.succeeded(at(call));
        }
        assert_eq!(bucket.rate(), f64::INFINITY);
    }

    #[test]
    fn unlimited_falls_to_half_of_what_it_was_sending_and_climbs_from_there() {
        let mut bucket = Bucket::unlimited();
        for call in 0..250 {
            bucket.take(at(call * 10));
        }
        bucket.throttled(at(2500));
        assert_eq!(bucket.rate(), 50.0);
        assert_eq!(waits(&mut bucket, at(2500), 2), [20, 40]);
        for answer in 1..=18_000 {
            bucket.succeeded(at(2500 + answer * 10));
        }
        let after_three_minutes = bucket.rate();
        assert!((199.0..201.0).contains(&after_three_minutes), "{after_three_minutes}");
    }

    #[test]
    fn unlimited_and_throttled_on_its_first_call_still_has_a_rate() {
        let mut bucket = Bucket::unlimited();
        bucket.take(at(90_000));
        bucket.throttled(at(90_100));
        assert_eq!(bucket.rate(), 0.5);
    }

    #[test]
    fn numbers_that_are_no_quota_do_not_stop_it() {
        for nonsense in [f64::NAN, 0.0, -1.0, f64::NEG_INFINITY] {
            let mut bucket = bucket(nonsense, nonsense);
            assert_eq!(waits(&mut bucket, at(0), 2), [0, 5_000]);
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Take,
        Throttled,
        Succeeded,
    }

    /// What happens to a bucket, each so many milliseconds after the one before.
    fn schedule() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let step = prop_oneof![
            5 => Just(Step::Take),
            1 => Just(Step::Throttled),
            5 => Just(Step::Succeeded),
        ];
        proptest::collection::vec(
            (prop_oneof![3 => 0u64..5, 2 => 0u64..300, 1 => 0u64..5000], step),
            1..300,
        )
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_admits_more_than_the_burst_and_its_rate(
            per_second in 0.2f64..200.0, burst in 1.0f64..50.0, schedule in schedule(),
        ) {
            let mut bucket = bucket(per_second, burst);
            let mut now = Duration::ZERO;
            let mut admitted: Vec<Duration> = Vec::new();
            for (pause, step) in schedule {
                now += at(pause);
                match step {
                    Step::Take => admitted.push(now + bucket.take(now)),
                    Step::Throttled => bucket.throttled(now),
                    Step::Succeeded => bucket.succeeded(now),
                }
            }
            prop_assert!(admitted.is_sorted());
            for (first, start) in admitted.iter().enumerate() {
                for (last, end) in admitted.iter().enumerate().skip(first) {
                    let calls = (last - first + 1) as f64;
                    let allowed = burst + per_second * (*end - *start).as_secs_f64();
                    prop_assert!(calls <= allowed + 1e-6, "{calls} calls, {allowed} allowed");
                }
            }
        }

        #[test]
        fn the_rate_stays_between_the_floor_and_the_ceiling(
            per_second in 0.0f64..200.0, burst in 0.0f64..50.0, schedule in schedule(),
        ) {
            let mut bucket = bucket(per_second, burst);
            let mut now = Duration::ZERO;
            for (pause, step) in schedule {
                now += at(pause);
                match step {
                    Step::Take => { bucket.take(now); }
                    Step::Throttled => bucket.throttled(now),
                    Step::Succeeded => bucket.succeeded(now),
                }
                prop_assert!((FLOOR..=per_second.max(FLOOR)).contains(&bucket.rate()));
            }
        }
    }
}
