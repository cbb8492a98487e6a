//! Each event once, over random worlds: late and equal events, groups that fail, runs that are killed at any point.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::event::Stream;
use crate::place::Group;

/// The guarantee of these worlds, in milliseconds.
const LATE: i64 = 40_000;
/// What is written ends here.
const END: i64 = 200_000;

#[derive(Clone, Debug)]
struct Written {
    id: usize,
    group: usize,
    stream: usize,
    time: i64,
    ingested: i64,
    text: &'static str,
}

/// One run of the job.
#[derive(Clone, Debug)]
struct Run {
    /// So long after the one before.
    pause: i64,
    /// How long each batch takes: what is ingested meanwhile is seen.
    slow: i64,
    /// Records of a batch, and of what is kept at once.
    batch: usize,
    every: usize,
    /// Killed before this step; a step is a writing or a keeping.
    killed: Option<usize>,
    /// A group that cannot be read from some part of the window on.
    fails: Option<(usize, f64)>,
    /// `-m`
    most: usize,
    /// Whether the API gives ids.
    ids: bool,
}

/// What the disk has.
#[derive(Clone, Debug)]
struct Disk {
    kept: String,
    /// Ids of events: the file, and up to where the checkpoint says that it is right.
    file: Vec<usize>,
    length: usize,
    /// What went into a pipe instead, and of each killed run what was not kept.
    pipe: Vec<usize>,
    unkept: Vec<usize>,
}

struct Killed;

struct Job<'a> {
    disk: &'a mut Disk,
    steps: Option<usize>,
}

impl Job<'_> {
    fn step(&mut self) -> Result<(), Killed> {
        match &mut self.steps {
            Some(0) => Err(Killed),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn write(&mut self, ids: &[usize]) -> Result<(), Killed> {
        for id in ids {
            self.step()?;
            self.disk.file.push(*id);
            self.disk.pipe.push(*id);
        }
        Ok(())
    }

    fn keep(&mut self, bookmark: &Bookmark) -> Result<(), Killed> {
        self.step()?;
        self.disk.kept = serde_json::to_string(bookmark).unwrap();
        self.disk.length = self.disk.file.len();
        Ok(())
    }
}

fn record(event: &Written, ids: bool) -> LogRecord {
    let name = format!("/g{}", event.group);
    let (cluster, service, task, container) = (None, None, None, None);
    let stream = Stream { name: format!("{}", event.stream), cluster, service, task, container };
    LogRecord {
        time: Time::from_millis(event.time),
        ingested: ids.then_some(Time::from_millis(event.ingested)),
        group: Arc::new(Group {
            profile: None,
            account: None,
            region: "r".into(),
            name,
            arn: None,
        }),
        stream: Arc::new(stream),
        id: ids.then(|| event.id.to_string()),
        text: event.text.to_owned(),
        repaired: false,
        late: false,
    }
}

/// A run from beginning to end, or until it is killed. Whether it was complete.
fn run(world: &[Written], run: &Run, now: i64, disk: &mut Disk) -> bool {
    disk.file.truncate(disk.length);
    let steps = run.killed;
    let ended = go(world, run, now, &mut Job { disk, steps });
    let kept = disk.length.min(disk.file.len());
    disk.unkept.extend(&disk.file[kept..]);
    matches!(ended, Ok(true))
}

fn go(world: &[Written], run: &Run, now: i64, job: &mut Job<'_>) -> Result<bool, Killed> {
    let bookmark: Bookmark = serde_json::from_str(&job.disk.kept).unwrap();
    let start = bookmark.from().millis();
    let reached = bookmark.reached().millis();
    let late = Duration::from_millis(LATE.unsigned_abs());
    let mut resume = Resume::new(bookmark, Time::from_millis(now), late);
    let fails =
        run.fails.map(|(group, part)| (group, start + ((now - start).max(0) as f64 * part) as i64));
    let missing = |(group, first): (usize, i64)| {
        let name = format!("/g{group}");
        Missing {
            group: Arc::new(Group {
                profile: None,
                account: None,
                region: "r".into(),
                name,
                arn: None,
            }),
            first: Time::from_millis(first),
            last: Time::from_millis(now - 1),
            cause: MissingCause::Stuck,
        }
    };
    let (mut since, mut printed, mut at, mut clock) = (0, 0, (i64::MIN, i64::MIN, 0), now);
    let mut told = Vec::new();
    loop {
        // What is ingested while an earlier part is read is seen in the later ones.
        let visible = world.iter().filter(|event| event.ingested <= clock);
        let inside = visible.filter(|event| (start..now).contains(&event.time));
        let inside = inside.filter(|event| {
            fails.is_none_or(|(group, first)| event.group != group || event.time < first)
        });
        let mut rest: Vec<&Written> =
            inside.filter(|event| (event.time, event.ingested, event.id) > at).collect();
        rest.sort_by_key(|event| (event.time, event.ingested, event.id));
        rest.truncate(run.batch);
        let last = rest.last().map_or(i64::MAX, |event| event.time);
        // What is missing is told before anything that is later.
        if let Some((group, first)) = fails
            && first <= last
            && first < now
            && told.is_empty()
        {
            told.push(missing((group, first)));
        }
        let Some(event) = rest.last() else { break };
        at = (event.time, event.ingested, event.id);
        clock += run.slow;
        let batch: Batch = rest.iter().map(|event| record(event, run.ids)).collect();
        let mut batch: Vec<LogRecord> = resume.sift(batch);
        assert!(batch.iter().all(|new| new.late == (new.time.millis() < reached)));
        batch.truncate(run.most - printed);
        // Which of equal ones it is does not matter: the first that is not in the output.
        let mut ids = Vec::new();
        for new in &batch {
            let is_it = |event: &&&Written| {
                let same = record(event, run.ids);
                (same.time, &same.group, &same.stream, &same.text, &same.id)
                    == (new.time, &new.group, &new.stream, &new.text, &new.id)
                    && !ids.contains(&event.id)
                    && (run.ids || !job.disk.file.contains(&event.id))
            };
            ids.push(rest.iter().find(is_it).expect("an event that was written").id);
        }
        job.write(&ids)?;
        resume.printed(batch.len());
        printed += batch.len();
        since += batch.len();
        if since >= run.every {
            since = 0;
            job.keep(resume.bookmark(&told, false))?;
        }
        if printed >= run.most {
            job.keep(resume.bookmark(&told, false))?;
            return Ok(false);
        }
    }
    job.keep(resume.bookmark(&told, true))?;
    Ok(told.is_empty())
}

fn any_world() -> impl Strategy<Value = Vec<Written>> {
    let lag = prop_oneof![3 => 0i64..2_000, 2 => 0..LATE, 1 => LATE + 1..3 * LATE];
    // Times in steps of four seconds, two texts: equal everything is common.
    let event =
        (0usize..3, 0usize..2, 0..END / 4_000, lag, prop_oneof![Just("same"), Just("other")]);
    proptest::collection::vec(event, 0..120).prop_map(|events| {
        let events =
            events.into_iter().enumerate().map(|(id, (group, stream, step, lag, text))| {
                let time = step * 4_000;
                Written { id, group, stream, time, ingested: time + lag, text }
            });
        let mut events: Vec<Written> = events.collect();
        // Ids follow the order in which equal ones are ingested, as those of CloudWatch Logs do.
        events.sort_by_key(|event| event.ingested);
        events.iter_mut().enumerate().for_each(|(id, event)| event.id = id);
        events
    })
}

fn any_run() -> impl Strategy<Value = Run> {
    let killed = prop_oneof![1 => Just(None), 2 => (0usize..60).prop_map(Some)];
    let fails = prop_oneof![3 => Just(None), 1 => (0usize..3, 0.0f64..1.0).prop_map(Some)];
    let most = prop_oneof![5 => Just(usize::MAX), 1 => 1usize..10];
    let sizes = (1usize..12, 1usize..25);
    (0i64..30_000, 0i64..900, sizes, killed, fails, most, any::<bool>()).prop_map(
        |(pause, slow, (batch, every), killed, fails, most, ids)| Run {
            pause,
            slow,
            batch,
            every,
            killed,
            fails,
            most,
            ids,
        },
    )
}

proptest! {
    #[test]
    fn each_event_is_in_the_file_once(
        world in any_world(),
        runs in proptest::collection::vec(any_run(), 1..25),
        start in 0i64..60_000,
    ) {
        let kept = serde_json::to_string(&Bookmark::beginning(Time::from_millis(start))).unwrap();
        let mut disk = Disk { kept, file: vec![], length: 0, pipe: vec![], unkept: vec![] };
        let mut now = start + 1;
        for each in &runs {
            now += each.pause;
            run(&world, each, now, &mut disk);
        }
        // The job goes on until all is quiet.
        let (killed, fails) = (None, None);
        let last = Run { killed, fails, most: usize::MAX, pause: 0, slow: 0, batch: 9, every: 20, ids: true };
        now = now.max(END) + 3 * LATE;
        prop_assert!(run(&world, &last, now, &mut disk));
        prop_assert!(run(&world, &last, now + 1_000, &mut disk));

        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for id in &disk.file {
            *counts.entry(*id).or_default() += 1;
        }
        let guaranteed = world
            .iter()
            .filter(|event| event.time >= start && event.ingested <= event.time + LATE);
        for event in guaranteed {
            prop_assert_eq!(counts.get(&event.id), Some(&1), "{:?}", event);
        }
        prop_assert!(counts.values().all(|count| *count == 1), "{:?}", counts);

        // Into a pipe nothing is lost either, and only what a killed run had not kept comes again.
        let mut allowed = disk.unkept.clone();
        let mut seen = BTreeSet::new();
        for id in &disk.pipe {
            if !seen.insert(*id) {
                let again = allowed.iter().position(|other| other == id);
                prop_assert!(again.is_some(), "{} came again", id);
                allowed.swap_remove(again.unwrap_or_default());
            }
        }
        prop_assert!(disk.file.iter().all(|id| seen.contains(id)));
    }
}
