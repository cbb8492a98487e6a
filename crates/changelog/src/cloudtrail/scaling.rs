//! A change of how many tasks a service has, as a change. Pure.

use super::event::Called;
use crate::record::{Action, ChangeRecord, ResourceChange, Source, Status, ValueChange};

/// A call as a change, where all that it asked for is a number of tasks.
pub(super) fn change(call: &Called, region: &str, account: Option<&str>) -> Option<ChangeRecord> {
    let desired = call.scales_to?;
    let tasks = if desired == 1 { "task" } else { "tasks" };
    let summary = format!("scaled to {desired} {tasks}");
    let mut change = ChangeRecord::new(call.time, Source::Ecs, Status::Applied, summary);
    change.account = account.map(str::to_owned);
    change.region = Some(region.to_owned());
    change.cluster = Some(call.cluster.clone());
    change.system = Some(call.service.clone());
    change.actor = Some(call.actor.clone());
    change.id = Some(call.id.clone()).filter(|id| !id.is_empty());
    change.link = ecs::service_link(region, &call.cluster, &call.service);
    let address = format!("service/{}/{}", call.cluster, call.service);
    let mut resource = ResourceChange::new(address, Action::Update);
    resource.resource_type = Some("aws_ecs_service".to_owned());
    resource.attributes = vec!["desired_count".to_owned()];
    resource.values = vec![ValueChange {
        path: "desired_count".to_owned(),
        before: None,
        after: Some(desired.to_string()),
    }];
    change.counts.count(Action::Update);
    change.resources.push(resource);
    Some(change)
}
