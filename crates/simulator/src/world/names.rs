//! Amazon Resource Names and other names that follow from the scenario's.

use super::World;
use super::fleet::Task;
use super::hash;
use crate::ACCOUNT;

impl World {
    /// The name of a host's instance, as EC2 would call it: `ip-10-0-3-17`.
    pub(crate) fn host_name(&self, cluster: usize, host: u32) -> String {
        format!("ip-{}", self.host_address(cluster, host).replace('.', "-"))
    }

    /// A host's private address.
    pub(crate) fn host_address(&self, cluster: usize, host: u32) -> String {
        let seed = hash::combine(
            hash::of_text(self.scenario.seed, "hosts"),
            (cluster as u64) << 32 | u64::from(host),
        );
        format!("10.{}.{}.{}", 10 + cluster, host, 4 + hash::below(seed, 250))
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

    pub(crate) fn service_arn(&self, service: usize) -> String {
        let spec = &self.scenario.services[service];
        self.ecs_arn(&format!(
            "service/{}/{}",
            self.scenario.clusters[spec.cluster].name, spec.name
        ))
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
        let cluster = self.scenario.services[task.service].cluster;
        self.ecs_arn(&format!("task/{}/{}", self.scenario.clusters[cluster].name, task.id))
    }

    pub(crate) fn instance_arn(&self, cluster: usize, host: u32) -> String {
        let seed = hash::of_text(self.scenario.seed, &format!("instance/{cluster}/{host}"));
        self.ecs_arn(&format!(
            "container-instance/{}/{}",
            self.scenario.clusters[cluster].name,
            hash::hex(seed, 32)
        ))
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
