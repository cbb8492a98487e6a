//! Amazon Resource Names and other names that follow from the scenario's.

use super::World;
use super::fleet::Task;
use super::hash;
use crate::ACCOUNT;

impl World {
    /// A host's private address.
    pub(crate) fn host_address(&self, cluster: usize, host: u32) -> String {
        let seed = hash::combine(
            hash::of_text(self.scenario.seed, "hosts"),
            (cluster as u64) << 32 | u64::from(host),
        );
        let (many, host) = (host as usize / 256, host % 256);
        format!("10.{}.{host}.{}", (10 + cluster + 40 * many) % 256, 4 + hash::below(seed, 250))
    }

    /// The address of a Fargate task, which has a network interface of its own; no two tasks have the same.
    pub(crate) fn interface_address(&self, task: usize) -> String {
        // Of 172.16.0.0/12, without the first and the last of each block of 256.
        let (block, last) = (task / 254, task % 254 + 1);
        format!("172.{}.{}.{last}", 16 + block / 256 % 16, block % 256)
    }

    /// The host that a task runs on; Fargate tasks and clusters without hosts have none.
    pub(crate) fn host_of(&self, task: &Task) -> Option<u32> {
        let service = &self.scenario.services[task.service];
        let hosts = self.scenario.clusters[service.cluster].hosts;
        if service.fargate || hosts == 0 {
            None
        } else if service.daemon {
            Some(task.slot)
        } else {
            Some(hash::below(hash::combine(task.seed, 7), u64::from(hosts)) as u32)
        }
    }

    /// The availability zone of a place, spread evenly over three.
    pub(crate) fn zone(&self, place: u32) -> String {
        format!("{}{}", self.scenario.region, ["a", "b", "c"][place as usize % 3])
    }

    fn ecs_arn(&self, rest: &str) -> String {
        format!("arn:aws:ecs:{}:{ACCOUNT}:{rest}", self.scenario.region)
    }

    pub(crate) fn cluster_arn(&self, cluster: usize) -> String {
        self.ecs_arn(&format!("cluster/{}", self.scenario.clusters[cluster].name))
    }

    /// The ARN of what is in a cluster: a `service`, a `task`, a `container-instance`. An account that never
    /// opted in to long ARNs has them without the cluster's name.
    pub(crate) fn member_arn(&self, kind: &str, cluster: usize, id: &str) -> String {
        let cluster = &self.scenario.clusters[cluster];
        self.ecs_arn(&match cluster.short_arns {
            true => format!("{kind}/{id}"),
            false => format!("{kind}/{}/{id}", cluster.name),
        })
    }

    /// The id that a request names by itself or by an ARN of this cluster, in its old form (`service/NAME`) or in
    /// its new one (`service/CLUSTER/NAME`). `None` for an ARN of something else.
    pub(crate) fn member_id<'a>(
        &self,
        kind: &str,
        cluster: usize,
        named: &'a str,
    ) -> Option<&'a str> {
        if !named.starts_with("arn:") {
            return Some(named);
        }
        let rest = named.strip_prefix(&self.ecs_arn(kind))?.strip_prefix('/')?;
        match rest.split_once('/') {
            Some((name, id)) => (name == self.scenario.clusters[cluster].name).then_some(id),
            None => Some(rest),
        }
    }

    pub(crate) fn service_arn(&self, service: usize) -> String {
        let spec = &self.scenario.services[service];
        self.member_arn("service", spec.cluster, &spec.name)
    }

    fn service_part_arn(&self, kind: &str, service: usize, rest: &str) -> String {
        let spec = &self.scenario.services[service];
        let cluster = &self.scenario.clusters[spec.cluster].name;
        self.ecs_arn(&format!("{kind}/{cluster}/{}/{rest}", spec.name))
    }

    pub(crate) fn revision_arn(&self, service: usize, deployment: usize) -> String {
        let number = &self.lives[service].deployments[deployment].number;
        self.service_part_arn("service-revision", service, number)
    }

    pub(crate) fn service_deployment_arn(&self, service: usize, deployment: usize) -> String {
        let id = &self.lives[service].deployments[deployment].id;
        self.service_part_arn("service-deployment", service, id)
    }

    pub(crate) fn task_set_arn(&self, service: usize, deployment: usize) -> String {
        let name = self.lives[service].deployments[deployment].name();
        self.service_part_arn("task-set", service, &name)
    }

    pub(crate) fn task_arn(&self, task: &Task) -> String {
        self.member_arn("task", self.scenario.services[task.service].cluster, &task.id)
    }

    pub(crate) fn container_arn(&self, task: &Task, id: &str) -> String {
        let cluster = &self.scenario.clusters[self.scenario.services[task.service].cluster];
        self.ecs_arn(&match cluster.short_arns {
            true => format!("container/{id}"),
            false => format!("container/{}/{}/{id}", cluster.name, task.id),
        })
    }

    /// The id of a container instance: the last part of its ARN.
    pub(crate) fn instance_id(&self, cluster: usize, host: u32) -> String {
        let seed = hash::of_text(self.scenario.seed, &format!("instance/{cluster}/{host}"));
        hash::hex(seed, 32)
    }

    pub(crate) fn instance_arn(&self, cluster: usize, host: u32) -> String {
        self.member_arn("container-instance", cluster, &self.instance_id(cluster, host))
    }

    pub(crate) fn definition_arn(&self, family: &str, revision: u32) -> String {
        self.ecs_arn(&format!("task-definition/{family}:{revision}"))
    }

    pub(crate) fn group_arn(&self, group: usize) -> String {
        format!(
            "arn:aws:logs:{}:{ACCOUNT}:log-group:{}",
            self.scenario.groups[group].region, self.scenario.groups[group].name
        )
    }
}

/// The name of what has an address, as EC2 would call it: `ip-10-0-3-17`.
pub(crate) fn host_name(address: &str) -> String {
    format!("ip-{}", address.replace('.', "-"))
}
