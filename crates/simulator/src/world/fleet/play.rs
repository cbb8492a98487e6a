//! Playing a service's story: the timeline goes in, deployments and tasks come out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Definition, Deployment, End, Hold, Life, NEVER, Sickness, Task, threshold};
use crate::world::hash;
use crate::world::scenario::{Action, Failing, Scenario, Stopping};

const DAY: i64 = 86_400_000;

/// A definition is registered so long before it is deployed.
const REGISTERED_BEFORE: i64 = 45_000;

/// From a deployment to its first task.
const PLACED_AFTER: i64 = 4_000;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Deploy(usize),
    Register(usize),
    Scale(u32),
    /// The wave of a stop reaches the service.
    Strike {
        action: usize,
        visit: u64,
    },
    Stop {
        action: usize,
        slot: usize,
    },
    Replace {
        deployment: usize,
        slot: usize,
    },
}

struct Play<'a> {
    scenario: &'a Scenario,
    service: usize,
    page: i64,
    seed: u64,
    life: Life,
    tasks: Vec<Task>,
    slots: Vec<Option<usize>>,
    /// The tasks of deployments that fail. They have no slot, and do not count among the others: what happened to
    /// those is the same with and without them.
    failed: Vec<Task>,
    /// The deployment that new tasks are of: one that fails has none to give.
    placing: usize,
    queue: BinaryHeap<Reverse<(i64, u64, Step)>>,
    queued: u64,
}

/// Plays one service's story; the tasks are numbered from 0.
pub(in crate::world) fn play(scenario: &Scenario, service: usize, page: i64) -> (Life, Vec<Task>) {
    let spec = &scenario.services[service];
    let cluster = &scenario.clusters[spec.cluster].name;
    let seed = hash::of_text(hash::of_text(scenario.seed, cluster), &spec.name);
    let since = page + spec.since;
    let mut play = Play {
        scenario,
        service,
        page,
        seed,
        life: Life {
            deployments: Vec::new(),
            desired: vec![(since, spec.desired)],
            definitions: Vec::new(),
            holds: Vec::new(),
            sicknesses: Vec::new(),
            tasks: Vec::new(),
        },
        tasks: Vec::new(),
        slots: Vec::new(),
        failed: Vec::new(),
        placing: 0,
        queue: BinaryHeap::new(),
        queued: 0,
    };
    let images = spec.containers.iter().map(|container| container.image.clone()).collect();
    play.register(since - REGISTERED_BEFORE, images, spec.registered_by.clone());
    play.begin_deployment(since, 0, 0);
    play.life.deployments[0].completed = since + 180_000;
    for slot in 0..spec.desired as usize {
        play.slots.push(None);
        play.place(slot, since + 1_000 + slot as i64 * 90, 0);
    }
    play.schedule();
    while let Some(Reverse((at, _, step))) = play.queue.pop() {
        play.take(at, step);
    }
    play.finish()
}

impl Play<'_> {
    fn push(&mut self, at: i64, step: Step) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, step)));
    }

    fn schedule(&mut self) {
        let scenario = self.scenario;
        let horizon = self.page + DAY;
        for (index, (offset, action)) in scenario.timeline.iter().enumerate() {
            if action.service() != self.service {
                continue;
            }
            let at = self.page + offset;
            match action {
                Action::Deploy { .. } => self.push(at, Step::Deploy(index)),
                Action::Register { .. } => self.push(at, Step::Register(index)),
                Action::Sick { container, share, to, .. } => {
                    self.life.sicknesses.push(Sickness {
                        from: at,
                        to: self.page + to,
                        container: *container,
                        share: *share,
                        seed: hash::combine(0x51C4, index as u64),
                    });
                }
                Action::Scale { desired, .. } => self.push(at, Step::Scale(*desired)),
                Action::Hold { to, message, .. } => {
                    self.life.holds.push(Hold {
                        from: at,
                        to: self.page + to,
                        message: message.clone(),
                    });
                }
                Action::Stop { wave: None, .. } => {
                    self.push(at, Step::Strike { action: index, visit: 0 })
                }
                Action::Stop { wave: Some(wave), to, .. } => {
                    let until = wave.to.min(*to).min(horizon - self.page);
                    let mut crest = wave.from;
                    let mut visit = 0;
                    while crest < until {
                        if crest >= *offset {
                            self.push(self.page + crest, Step::Strike { action: index, visit });
                        }
                        crest += wave.every;
                        visit += 1;
                    }
                }
            }
        }
    }

    fn register(&mut self, at: i64, images: Vec<String>, registered_by: String) {
        let serial = self.life.definitions.len() as u32;
        self.life.definitions.push(Definition {
            revision: self.scenario.services[self.service].revision + serial,
            registered: at,
            images,
            registered_by,
        });
    }

    /// A deployment of one of the definitions.
    fn begin_deployment(&mut self, at: i64, definition: usize, over_ms: i64) {
        let serial = self.life.deployments.len() as u64;
        let number = hash::below(hash::combine(self.seed, serial), 9_000_000_000_000_000_000)
            + 1_000_000_000_000_000_000;
        let definition = &self.life.definitions[definition];
        let deployment = Deployment {
            number: number.to_string(),
            id: hash::letters(hash::combine(self.seed, 0x5D_0000 + serial), 21),
            revision: definition.revision,
            created: at,
            completed: NEVER,
            images: definition.images.clone(),
            source: (serial > 0).then_some(self.placing),
            scaled: at + if serial > 0 { PLACED_AFTER + over_ms } else { 0 },
            failures: Vec::new(),
            tripped: NEVER,
            rolled_back: NEVER,
            superseded: NEVER,
        };
        if let Some(before) = self.life.deployments.last_mut() {
            before.superseded = at;
        }
        self.life.deployments.push(deployment);
    }

    /// The images of a new revision: those that are not mentioned stay as they are.
    fn images(&self, mentioned: &[String]) -> Vec<String> {
        let running = &self.life.deployments[self.placing].images;
        let image = |(new, old): (&String, &String)| {
            if new.is_empty() { old.clone() } else { new.clone() }
        };
        mentioned.iter().zip(running).map(image).collect()
    }

    /// Puts a new task into a slot, as soon as placement works; returns when it will have started.
    fn place(&mut self, slot: usize, wanted: i64, deployment: usize) -> i64 {
        let serial = self.tasks.len() as u64;
        let seed = hash::combine(self.seed, 0x7A5C_0000 + serial);
        let mut created = wanted;
        for hold in &self.life.holds {
            if created >= hold.from && created < hold.to {
                created = hold.to + hash::below(hash::combine(seed, 1), 25_000) as i64;
            }
        }
        let started = created + 3_500 + hash::below(hash::combine(seed, 2), 9_000) as i64;
        self.slots[slot] = Some(self.tasks.len());
        self.tasks.push(Task {
            service: self.service,
            deployment,
            slot: slot as u32,
            id: hash::hex(hash::combine(seed, 3), 32),
            seed,
            created,
            started,
            end: None,
        });
        started
    }

    fn end(
        &mut self,
        task: usize,
        stopping: i64,
        takes: i64,
        code: &'static str,
        reason: String,
        failure: Option<Stopping>,
    ) {
        let task = &mut self.tasks[task];
        if stopping < task.started {
            task.started = NEVER;
        }
        task.end = Some(End { stopping, stopped: stopping + takes, code, reason, failure });
    }

    fn take(&mut self, at: i64, step: Step) {
        let scenario = self.scenario;
        match step {
            Step::Deploy(action) => self.deploy(at, &scenario.timeline[action].1),
            Step::Register(action) => {
                let Action::Register { images, registered_by, .. } = &scenario.timeline[action].1
                else {
                    return;
                };
                let images = self.images(images);
                self.register(at, images, registered_by.clone());
            }
            Step::Replace { deployment, slot } => self.replace(at, deployment, slot),
            Step::Scale(desired) => self.scale(at, desired),
            Step::Strike { action, visit } => {
                let Action::Stop { share, wave, .. } = &scenario.timeline[action].1 else { return };
                let width = wave.map_or(20_000, |wave| wave.on);
                // Whom it strikes does not depend on what else is in the timeline and touches nobody.
                let before = &scenario.timeline[..action];
                let nth = before.iter().filter(|(_, action)| !action.leaves_tasks_alone()).count();
                for slot in 0..self.slots.len() {
                    let luck =
                        hash::combine(self.seed ^ hash::combine(nth as u64, visit), slot as u64);
                    if hash::unit(luck) < *share {
                        let later = hash::below(hash::mix(luck), width.unsigned_abs()) as i64;
                        self.push(at + later, Step::Stop { action, slot });
                    }
                }
            }
            Step::Stop { action, slot } => {
                let Action::Stop { stopping, .. } = &scenario.timeline[action].1 else { return };
                let Some(task) = self.slots[slot] else { return };
                if self.tasks[task].started > at {
                    return;
                }
                self.end(
                    task,
                    at,
                    700,
                    "EssentialContainerExited",
                    stopping.stopped_reason.clone(),
                    Some(stopping.clone()),
                );
                self.place(
                    slot,
                    at + 2_000 + hash::below(hash::combine(self.tasks[task].seed, 4), 6_000) as i64,
                    self.placing,
                );
            }
        }
    }

    fn deploy(&mut self, at: i64, action: &Action) {
        let Action::Deploy { images, over_ms, force, fail, registered_by, .. } = action else {
            return;
        };
        let definition = if *force {
            let running = self.life.deployments[self.placing].revision;
            self.life.definitions.iter().rposition(|definition| definition.revision == running)
        } else {
            let images = self.images(images);
            self.register(at - REGISTERED_BEFORE, images, registered_by.clone());
            None
        };
        let definition = definition.unwrap_or(self.life.definitions.len() - 1);
        self.begin_deployment(at, definition, *over_ms);
        let deployment = self.life.deployments.len() - 1;
        if let Some(failing) = fail {
            self.fail(deployment, failing);
            return;
        }
        self.placing = deployment;
        let live: Vec<usize> =
            (0..self.slots.len()).filter(|slot| self.slots[*slot].is_some()).collect();
        for (place, slot) in live.iter().enumerate() {
            let share = over_ms * place as i64 / live.len() as i64;
            self.push(at + PLACED_AFTER + share, Step::Replace { deployment, slot: *slot });
        }
    }

    /// A deployment of which no task comes up. The tasks that are there keep running: a rolling deployment takes
    /// none away before another has started.
    ///
    /// It is given up after as many failures as half of the desired count, at least 3 and at most 200:
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
    fn fail(&mut self, deployment: usize, failing: &Failing) {
        let created = self.life.deployments[deployment].created;
        let desired = self.life.desired_at(created);
        let threshold = threshold(desired) as usize;
        let breaker = self.scenario.services[self.service].circuit_breaker;
        let until = self.next_deployment_after(created);
        let mut failures: Vec<i64> = Vec::new();
        let mut wave = created + PLACED_AFTER;
        let mut pause = 60_000;
        while wave < until && !(breaker.enable && failures.len() >= threshold) {
            let left = if breaker.enable { threshold - failures.len() } else { 10 };
            for place in 0..left.min(desired.max(1) as usize) {
                let failed =
                    self.failing_task(deployment, place, wave + place as i64 * 90, failing);
                failures.push(failed);
            }
            // The scheduler tries less and less often, down to every quarter of an hour.
            wave += pause;
            pause = (pause * 2).min(900_000);
        }
        failures.sort_unstable();
        let last = failures.last().copied().unwrap_or(created);
        let made = &mut self.life.deployments[deployment];
        if breaker.enable && failures.len() >= threshold && last + 5_000 < until {
            made.tripped = last + 5_000;
            if breaker.rollback {
                made.rolled_back = made.tripped + 45_000;
            }
        }
        made.failures = failures;
    }

    /// One task of a deployment that fails; returns when it had stopped.
    fn failing_task(
        &mut self,
        deployment: usize,
        place: usize,
        created: i64,
        failing: &Failing,
    ) -> i64 {
        let serial = self.failed.len() as u64;
        let seed = hash::combine(self.seed, 0xFA11_0000_0000 + serial);
        let tried = 9_000 + hash::below(hash::combine(seed, 2), 25_000) as i64;
        let (started, code, reason, failure) = match failing {
            Failing::ToStart { reason } => {
                let image = &self.life.deployments[deployment].images[0];
                let reason = reason.clone().unwrap_or_else(|| {
                    format!(
                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
                         failed to resolve ref {image}: {image}: not found"
                    )
                });
                (NEVER, "TaskFailedToStart", reason, None)
            }
            Failing::AtOnce(stopping) => (
                created + tried - 2_000,
                "EssentialContainerExited",
                stopping.stopped_reason.clone(),
                Some(stopping.clone()),
            ),
        };
        let stopping = created + tried;
        self.failed.push(Task {
            service: self.service,
            deployment,
            slot: (self.slots.len() + place) as u32,
            id: hash::hex(hash::combine(seed, 3), 32),
            seed,
            created,
            started,
            end: Some(End { stopping, stopped: stopping + 700, code, reason, failure }),
        });
        stopping + 700
    }

    /// When the service's next deployment is made; a day after the page at the latest.
    fn next_deployment_after(&self, at: i64) -> i64 {
        let made = self.scenario.timeline.iter().filter_map(|(offset, action)| match action {
            Action::Deploy { service, .. } if *service == self.service => Some(self.page + offset),
            _ => None,
        });
        made.filter(|made| *made > at).min().unwrap_or(self.page + DAY)
    }

    fn replace(&mut self, at: i64, deployment: usize, slot: usize) {
        let Some(old) = self.slots[slot] else { return };
        if self.tasks[old].deployment >= deployment {
            self.settle(deployment, self.tasks[old].started);
            return;
        }
        let name = self.life.deployments[deployment].name();
        let reason = format!("Scaling activity initiated by (deployment {name})");
        if self.tasks[old].created > at {
            // Placement is held: what starts in the end is the new version.
            self.tasks[old].deployment = deployment;
            self.settle(deployment, self.tasks[old].started);
            return;
        }
        let drain = 2_000 + hash::below(hash::combine(self.tasks[old].seed, 5), 20_000) as i64;
        let started = if self.scenario.services[self.service].daemon {
            // A daemon has no second place on its host: the old task leaves first.
            self.end(old, at, 3_000, "ServiceSchedulerInitiated", reason, None);
            self.place(slot, at + 4_000, deployment)
        } else if let Some(bake) = self.scenario.services[self.service].bake_ms {
            let started = self.place(slot, at, deployment);
            let leaves = started.max(self.life.deployments[deployment].shifted()) + bake;
            self.end(old, leaves, drain, "ServiceSchedulerInitiated", reason, None);
            leaves
        } else {
            let started = self.place(slot, at, deployment);
            self.end(old, started + 1_500, drain, "ServiceSchedulerInitiated", reason, None);
            started
        };
        self.settle(deployment, started);
    }

    /// A deployment is complete a little after the last of its first tasks has started.
    fn settle(&mut self, deployment: usize, started: i64) {
        let created = self.life.deployments[deployment].created;
        let settles = self.scenario.timeline.iter().any(|(offset, action)| {
            matches!(action, Action::Deploy { service, settles: true, .. } if *service == self.service)
                && self.page + offset == created
        });
        if settles && started != NEVER {
            let completed = &mut self.life.deployments[deployment].completed;
            let steady = started + 30_000;
            *completed = if *completed == NEVER { steady } else { steady.max(*completed) };
        }
    }

    fn scale(&mut self, at: i64, desired: u32) {
        let wanted = desired as usize;
        self.life.desired.push((at, desired));
        let deployment = self.placing;
        let name = self.life.deployments[deployment].name();
        for slot in wanted..self.slots.len() {
            let Some(task) = self.slots[slot].take() else { continue };
            if self.tasks[task].created > at {
                // It was never placed.
                self.tasks[task].created = NEVER;
                self.tasks[task].started = NEVER;
                continue;
            }
            let later =
                at + 1_000 + hash::below(hash::combine(self.tasks[task].seed, 6), 9_000) as i64;
            let reason = format!("Scaling activity initiated by (deployment {name})");
            self.end(task, later, 12_000, "ServiceSchedulerInitiated", reason, None);
        }
        if self.slots.len() < wanted {
            self.slots.resize(wanted, None);
        }
        for slot in 0..wanted {
            if self.slots[slot].is_none() {
                self.place(slot, at + 1_500 + slot as i64 * 60, deployment);
            }
        }
    }

    fn finish(mut self) -> (Life, Vec<Task>) {
        let mut tasks: Vec<Task> = std::mem::take(&mut self.tasks);
        tasks.retain(|task| task.created != NEVER);
        tasks.append(&mut self.failed);
        tasks.sort_by_key(|task| (task.created, task.slot));
        self.life.tasks = (0..tasks.len()).collect();
        (self.life, tasks)
    }
}
