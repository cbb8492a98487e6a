//! Playing a service's story: the timeline goes in, deployments and tasks come out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Deployment, End, Hold, Life, NEVER, Task};
use crate::world::hash;
use crate::world::scenario::{Action, Scenario, Stopping};

const DAY: i64 = 86_400_000;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Deploy(usize),
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
            holds: Vec::new(),
            tasks: Vec::new(),
        },
        tasks: Vec::new(),
        slots: Vec::new(),
        queue: BinaryHeap::new(),
        queued: 0,
    };
    let images = spec.containers.iter().map(|container| container.image.clone()).collect();
    play.begin_deployment(since, images, spec.registered_by.clone());
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

    fn begin_deployment(&mut self, at: i64, images: Vec<String>, registered_by: String) {
        let serial = self.life.deployments.len() as u64;
        let number = hash::below(hash::combine(self.seed, serial), 9_000_000_000_000_000_000)
            + 1_000_000_000_000_000_000;
        self.life.deployments.push(Deployment {
            number: number.to_string(),
            revision: self.scenario.services[self.service].revision + serial as u32,
            created: at,
            completed: NEVER,
            images,
            registered_by,
        });
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
            Step::Deploy(action) => {
                let Action::Deploy { images, over_ms, registered_by, .. } =
                    &scenario.timeline[action].1
                else {
                    return;
                };
                let before = self
                    .life
                    .deployments
                    .last()
                    .map(|last| last.images.clone())
                    .unwrap_or_default();
                let images = images
                    .iter()
                    .zip(before)
                    .map(|(new, old)| if new.is_empty() { old } else { new.clone() })
                    .collect();
                self.begin_deployment(at, images, registered_by.clone());
                let deployment = self.life.deployments.len() - 1;
                let live: Vec<usize> =
                    (0..self.slots.len()).filter(|slot| self.slots[*slot].is_some()).collect();
                for (place, slot) in live.iter().enumerate() {
                    let share = over_ms * place as i64 / live.len() as i64;
                    self.push(at + 4_000 + share, Step::Replace { deployment, slot: *slot });
                }
            }
            Step::Replace { deployment, slot } => self.replace(at, deployment, slot),
            Step::Scale(desired) => self.scale(at, desired),
            Step::Strike { action, visit } => {
                let Action::Stop { share, wave, .. } = &scenario.timeline[action].1 else { return };
                let width = wave.map_or(20_000, |wave| wave.on);
                for slot in 0..self.slots.len() {
                    let luck =
                        hash::combine(self.seed ^ hash::combine(action as u64, visit), slot as u64);
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
                let deployment = self.life.primary_at(at);
                self.place(
                    slot,
                    at + 2_000 + hash::below(hash::combine(self.tasks[task].seed, 4), 6_000) as i64,
                    deployment,
                );
            }
        }
    }

    fn replace(&mut self, at: i64, deployment: usize, slot: usize) {
        let Some(old) = self.slots[slot] else { return };
        if self.tasks[old].deployment >= deployment {
            self.settle(deployment, self.tasks[old].started);
            return;
        }
        let number = self.life.deployments[deployment].number.clone();
        let reason = format!("Scaling activity initiated by (deployment ecs-svc/{number})");
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
        let deployment = self.life.primary_at(at);
        let number = self.life.deployments[deployment].number.clone();
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
            let reason = format!("Scaling activity initiated by (deployment ecs-svc/{number})");
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
        tasks.sort_by_key(|task| (task.created, task.slot));
        self.life.tasks = (0..tasks.len()).collect();
        (self.life, tasks)
    }
}
