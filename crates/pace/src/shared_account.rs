//! Several processes, strangers to one another, share the quota of one account: a simulation.

use std::time::Duration;

use crate::{Bucket, Quota};

/// How long a process waits for its reply, on average.
const LATENCY: Duration = Duration::from_millis(80);
/// Calls that each process keeps in flight.
const IN_FLIGHT: usize = 4;
const MINUTE: Duration = Duration::from_secs(60);

/// A process that reads as fast as its bucket allows, and what became of its calls.
struct Process {
    bucket: Bucket,
    /// For each call in flight: when it reaches the service.
    arrivals: [Duration; IN_FLIGHT],
    answered: u32,
    throttled: u32,
}

impl Process {
    fn starting(at: Duration, mut bucket: Bucket) -> Process {
        let arrivals = std::array::from_fn(|_| at + bucket.take(at));
        Process { bucket, arrivals, answered: 0, throttled: 0 }
    }

    /// The call that arrives next, and when.
    fn next(&self) -> (Duration, usize) {
        let arrivals = self.arrivals.iter().copied();
        arrivals.zip(0..).min().unwrap()
    }
}

/// The account's own bucket, behind a network that is not always equally fast.
struct Account {
    quota: Quota,
    tokens: f64,
    now: Duration,
    seed: u64,
}

impl Account {
    fn with(per_second: f64) -> Account {
        let burst = per_second;
        Account { quota: Quota { per_second, burst }, tokens: burst, now: Duration::ZERO, seed: 1 }
    }

    /// Whether there is room for a call that arrives now, and when its caller hears so.
    fn reply(&mut self, now: Duration) -> (bool, Duration) {
        let passed = (now - self.now).as_secs_f64();
        self.now = now;
        self.tokens = (self.tokens + passed * self.quota.per_second).min(self.quota.burst);
        let room = self.tokens >= 1.0;
        if room {
            self.tokens -= 1.0;
        }
        (room, now + self.latency())
    }

    /// From half the average to one and a half of it.
    fn latency(&mut self) -> Duration {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let random = (self.seed >> 32) as f64 / f64::from(u32::MAX);
        LATENCY.mul_f64(0.5 + random)
    }
}

/// Lets the processes read until some moment, and forgets what became of their earlier calls.
fn read(processes: &mut [Process], account: &mut Account, until: Duration) {
    for process in &mut *processes {
        (process.answered, process.throttled) = (0, 0);
    }
    loop {
        let process = processes.iter_mut().min_by_key(|process| process.next()).unwrap();
        let (now, call) = process.next();
        if now >= until {
            return;
        }
        let (room, heard) = account.reply(now);
        if room {
            process.answered += 1;
            process.bucket.succeeded(heard);
        } else {
            process.throttled += 1;
            process.bucket.throttled(heard);
        }
        process.arrivals[call] = heard + process.bucket.take(heard);
    }
}

fn throttled_share(processes: &[Process]) -> f64 {
    let throttled: u32 = processes.iter().map(|process| process.throttled).sum();
    f64::from(throttled) / f64::from(throttled + answered(processes))
}

fn answered(processes: &[Process]) -> u32 {
    processes.iter().map(|process| process.answered).sum()
}

/// So many processes on an account with such a quota: after a minute of finding their places, for ten minutes
/// few calls are throttled, little of the quota is left unused, and each gets on.
fn they_share(processes: u32, per_second: f64, bucket: fn(Quota) -> Bucket) {
    let mut account = Account::with(per_second);
    let mut all: Vec<Process> =
        (0..processes).map(|_| Process::starting(Duration::ZERO, bucket(account.quota))).collect();
    read(&mut all, &mut account, MINUTE);
    read(&mut all, &mut account, 11 * MINUTE);

    let case = format!("{processes} processes, {per_second} per second");
    let throttled = throttled_share(&all);
    assert!(throttled < 0.1, "{case}: {throttled} throttled");

    let allowed = per_second * 600.0;
    let used = f64::from(answered(&all)) / allowed;
    assert!(used > 0.8, "{case}: {used} of the quota used");

    let fair = allowed / f64::from(processes);
    for process in &all {
        let part = f64::from(process.answered) / fair;
        assert!(part > 0.1, "{case}: one got {part} of its fair part");
    }
}

#[test]
fn processes_that_each_keep_to_the_quota_come_to_share_it() {
    for (processes, per_second) in
        [(2, 5.0), (5, 5.0), (10, 5.0), (5, 25.0), (10, 10.0), (20, 25.0)]
    {
        they_share(processes, per_second, |quota| Bucket::new(quota.share(0.9)));
    }
}

#[test]
fn processes_without_a_ceiling_come_to_share_it_too() {
    for (processes, per_second) in [(1, 5.0), (2, 5.0), (10, 10.0), (20, 25.0)] {
        they_share(processes, per_second, |_| Bucket::unlimited());
    }
}

#[test]
fn a_newcomer_finds_a_place_and_those_who_stay_take_up_what_is_left() {
    let mut account = Account::with(10.0);
    let bucket = Bucket::new(account.quota.share(0.9));
    let mut processes = vec![Process::starting(Duration::ZERO, bucket.clone())];
    read(&mut processes, &mut account, 5 * MINUTE);
    assert_eq!(processes[0].throttled, 0, "alone, and below the quota");

    processes.push(Process::starting(5 * MINUTE, bucket));
    read(&mut processes, &mut account, 8 * MINUTE);
    let newcomer = f64::from(processes[1].answered) / f64::from(answered(&processes));
    assert!((0.3..0.7).contains(&newcomer), "{newcomer}");

    processes.truncate(1);
    read(&mut processes, &mut account, 11 * MINUTE);
    assert_eq!(processes[0].bucket.rate(), 9.0);
}
