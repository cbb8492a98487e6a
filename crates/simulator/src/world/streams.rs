//! Log streams: which exist, from when to when, and who speaks in them.

use super::World;
use super::delay::Delay;
use super::fleet::NEVER;
use super::hash;
use super::message::{Speaker, Utterance};
use super::scenario::{Driver, Template};
use super::{images, names};

/// Whose templates a stream speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner {
    Container { service: usize, container: usize },
    Group,
}

#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) group: usize,
    pub(crate) name: String,
    pub(crate) owner: Owner,
    pub(crate) seed: u64,
    /// When the agent made it; only then does the API know it.
    pub(crate) created: i64,
    /// The first and the last moment at which it may speak.
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Whether it ends with a container that exited with a code other than 0.
    pub(crate) crashes: bool,
    pub(crate) speaker: Speaker,
    pub(crate) delay: Delay,
    /// How far the clock of its writer is ahead: what it writes at 20:00:00 says 20:00:03.
    pub(crate) ahead: i64,
}

impl Stream {
    /// When CloudWatch Logs has taken in an event that was written at this moment.
    #[inline]
    pub(crate) fn ingestion(&self, written_ms: i64) -> i64 {
        self.delay.arrival(self.seed, written_ms)
    }
}

impl World {
    /// What a stream's owner says.
    pub(crate) fn templates(&self, stream: &Stream) -> &[Template] {
        match stream.owner {
            Owner::Container { service, container } => {
                &self.scenario.services[service].containers[container].templates
            }
            Owner::Group => &self.scenario.groups[stream.group].templates,
        }
    }
}

/// Every stream that the world will have.
pub(super) fn all(world: &World) -> Vec<Stream> {
    let mut streams = Vec::new();
    of_tasks(world, &mut streams);
    of_groups(world, &mut streams);
    streams
}

fn of_tasks(world: &World, streams: &mut Vec<Stream>) {
    for (task_index, task) in world.tasks.iter().enumerate() {
        let to = task.end.as_ref().map_or(NEVER, |end| end.stopped);
        if task.started == NEVER || to < world.floor {
            continue;
        }
        let spec = &world.scenario.services[task.service];
        let deployment = &world.lives[task.service].deployments[task.deployment];
        let place = world.host_of(task).unwrap_or(task.slot);
        let address = match spec.fargate {
            true => world.interface_address(task_index),
            false => world.host_address(spec.cluster, place),
        };
        for (index, container) in spec.containers.iter().enumerate() {
            let Some(log) = &container.log else { continue };
            let Some(group) = log.group else { continue };
            let prefix = log.stream_prefix.as_deref().unwrap_or_default();
            let name = match log.driver {
                Driver::Awsfirelens => format!("{prefix}{}-firelens-{}", container.name, task.id),
                _ => format!("{prefix}/{}/{}", container.name, task.id),
            };
            let seed = hash::combine(task.seed, 0x57EA_0000 + index as u64);
            let failed = task.end.as_ref().and_then(|end| end.failure.as_ref());
            streams.push(Stream {
                group,
                owner: Owner::Container { service: task.service, container: index },
                seed,
                created: task.started,
                from: task.started.max(world.floor),
                to,
                crashes: failed
                    .is_some_and(|failure| failure.container == index && failure.exit_code != 0),
                delay: Delay::new(seed, container.lag.or(world.scenario.groups[group].lag)),
                ahead: container.ahead.unwrap_or(world.scenario.groups[group].ahead),
                speaker: Speaker {
                    service: spec.name.clone(),
                    cluster: world.scenario.clusters[spec.cluster].name.clone(),
                    container: container.name.clone(),
                    task: task.id.clone(),
                    host: names::host_name(&address),
                    address: address.clone(),
                    version: images::image_tag(&deployment.images[index]).to_owned(),
                    revision: deployment.revision.to_string(),
                    region: world.scenario.region.clone(),
                    stream: name.clone(),
                },
                name,
            });
        }
    }
}

fn of_groups(world: &World, streams: &mut Vec<Stream>) {
    let horizon = world.page + 86_400_000;
    for (index, group) in world.scenario.groups.iter().enumerate() {
        let Some(rotation) = &group.rotation else { continue };
        // A group of the same name elsewhere has streams of its own.
        let whole_name = match group.region == world.scenario.region {
            true => group.name.clone(),
            false => format!("{}/{}", group.region, group.name),
        };
        let mut from = world.floor.max(world.page + group.created);
        let mut turn = 0;
        while from < horizon {
            for place in 0..rotation.count {
                let seed = hash::combine(
                    hash::of_text(world.scenario.seed, &whole_name),
                    turn << 16 | u64::from(place),
                );
                let mut name = Vec::new();
                let said = Utterance { time_ms: from, hash: seed, ordinal: turn as i64 };
                rotation.name.render(&mut name, said, &Speaker::default());
                let name = String::from_utf8_lossy(&name).into_owned();
                streams.push(Stream {
                    group: index,
                    owner: Owner::Group,
                    seed,
                    created: from,
                    from,
                    to: from + rotation.every_ms - 1,
                    crashes: false,
                    delay: Delay::new(seed, group.lag),
                    ahead: group.ahead,
                    speaker: Speaker {
                        region: group.region.clone(),
                        stream: name.clone(),
                        ..Speaker::default()
                    },
                    name,
                });
            }
            from += rotation.every_ms;
            turn += 1;
        }
    }
}

/// Per group, its streams in the order of their names.
pub(super) fn by_group(world: &World) -> Vec<Vec<u32>> {
    let mut groups = vec![Vec::new(); world.scenario.groups.len()];
    for (index, stream) in world.streams.iter().enumerate() {
        groups[stream.group].push(index as u32);
    }
    for group in &mut groups {
        group.sort_by(|left, right| {
            world.streams[*left as usize].name.cmp(&world.streams[*right as usize].name)
        });
    }
    groups
}
