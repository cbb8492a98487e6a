//! The one file that speaks to CloudTrail: who made a deployment.
//!
//! LookupEvents takes two calls a second of a whole account and region, whoever asks, and one attribute
//! a call. So it is asked only for the moments of the deployments that are to have a name, and a bounded
//! number of times. CloudTrail may be up to fifteen minutes late.

mod event;
mod matching;
mod scaling;

use ::record::Time;
use aws::{Door, Error, Operation};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};

use self::event::Called;
use crate::record::{Action, ChangeRecord};
use crate::window::Window;

/// The operations that are used here, for permissions.md and hints.
pub const OPERATIONS: [Operation; 1] = [Operation::LookupEvents];

/// LookupEvents gives fifty events at most (CloudTrail API reference).
const EVENTS_A_CALL: i32 = 50;
/// So many calls are made at most: at half of the account's rate that is a minute.
const MOST_CALLS: usize = 60;
/// An event is there within so long of its call (CloudTrail user guide, "Viewing events with Event
/// history").
const LATE_MS: i64 = 15 * 60_000;

/// What came of asking who made some deployments.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// How many got a name.
    pub named: u64,
    /// How many are younger than fifteen minutes and have none: CloudTrail may not have them yet.
    pub maybe_late: u64,
    /// How many calls were made.
    pub calls: usize,
    /// Whether it was given up after so many calls: older deployments have no name.
    pub cut_short: bool,
    /// Why it could not be asked any further. What was found before counts.
    pub failed: Option<Error>,
}

impl Who {
    /// What is to be said beside the names, in a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(error) = &self.failed {
            remarks.push(format!("CloudTrail does not say who made the deployments: {error}"));
        }
        if self.cut_short {
            remarks.push(format!(
                "CloudTrail was asked {MOST_CALLS} times; who made the older deployments is not known"
            ));
        }
        match self.maybe_late {
            0 => {}
            1 => remarks.push(
                "who made 1 deployment of the last 15 minutes is not known yet: CloudTrail may be late"
                    .to_owned(),
            ),
            many => remarks.push(format!(
                "who made {many} deployments of the last 15 minutes is not known yet: CloudTrail may be late"
            )),
        }
        remarks
    }
}

/// Gives the deployments of a region, among these changes, the name of who made them. Changes that have
/// an actor keep it. `now` is the moment of the reading.
pub async fn who(door: &Door, region: &str, now: Time, changes: &mut [ChangeRecord]) -> Who {
    let mut who = Who::default();
    let trail = Trail { door, region, client: Client::new(&door.sdk_config(region)) };
    for (event_name, makes) in EVENTS {
        let wanted = changes.iter().filter(|change| matching::wants_an_actor(change, region));
        let times: Vec<Time> = wanted.filter(|change| makes(change)).map(|one| one.time).collect();
        for (from, to) in matching::spans(times.into_iter()) {
            let calls = trail.calls(event_name, from, to, &mut who).await;
            who.named += matching::name(changes, region, &calls);
        }
    }
    let is_young =
        |change: &&ChangeRecord| now.millis().saturating_sub(change.time.millis()) < LATE_MS;
    let unnamed = changes.iter().filter(|change| matching::wants_an_actor(change, region));
    who.maybe_late = unnamed.filter(is_young).count() as u64;
    who
}

/// The times in a window at which somebody, or Application Auto Scaling, changed only how many tasks a
/// service has, each as a change. ECS itself does not tell: such an update makes no deployment, and none
/// of the events of a service is about it.
pub async fn scalings(
    door: &Door,
    region: &str,
    account: Option<&str>,
    window: Window,
) -> (Vec<ChangeRecord>, Who) {
    let mut who = Who::default();
    let trail = Trail { door, region, client: Client::new(&door.sdk_config(region)) };
    let calls = trail.calls("UpdateService", window.since, window.until, &mut who).await;
    let changes: Vec<ChangeRecord> = calls
        .iter()
        .filter(|call| window.has(call.time))
        .filter_map(|call| scaling::change(call, region, account))
        .collect();
    who.named = changes.len() as u64;
    (changes, who)
}

type Makes = fn(&ChangeRecord) -> bool;

/// The events that make deployments, and which: each of them costs calls of its own.
const EVENTS: [(&str, Makes); 3] = [
    ("UpdateService", |_| true),
    ("CreateTaskSet", may_be_a_task_set),
    // The first deployment of a service is its creation.
    ("CreateService", |change| {
        change.resources.iter().any(|resource| resource.action == Action::Create)
    }),
];

/// CODE_DEPLOY and EXTERNAL make task sets. They have no service deployment, whose id would stand here.
fn may_be_a_task_set(change: &ChangeRecord) -> bool {
    change.id.as_deref().is_some_and(|id| id.starts_with("ecs-svc/"))
}

/// CloudTrail of one region.
struct Trail<'a> {
    door: &'a Door,
    region: &'a str,
    client: Client,
}

impl Trail<'_> {
    /// The calls of that name in a span, the newest first, as far as they could be read.
    async fn calls(&self, name: &str, from: Time, to: Time, who: &mut Who) -> Vec<Called> {
        let at = |time: Time| DateTime::from_millis(time.millis());
        let mut found = Vec::new();
        let mut token = None;
        // What failed once, for want of a permission or of an answer, is not tried again.
        while who.failed.is_none() {
            if who.calls == MOST_CALLS {
                who.cut_short = true;
                break;
            }
            who.calls += 1;
            // Key and value are there, so that it can be built.
            let attribute = LookupAttribute::builder()
                .attribute_key(LookupAttributeKey::EventName)
                .attribute_value(name)
                .build()
                .ok();
            let page = self
                .door
                .call(Operation::LookupEvents, self.region, || {
                    self.client
                        .lookup_events()
                        .set_lookup_attributes(attribute.clone().map(|one| vec![one]))
                        .start_time(at(from))
                        .end_time(at(to))
                        .max_results(EVENTS_A_CALL)
                        .set_next_token(token.clone())
                        .send()
                })
                .await;
            match page {
                Ok(page) => {
                    let events = page.events.unwrap_or_default();
                    let read = |event: &aws_sdk_cloudtrail::types::Event| {
                        Called::read(event.cloud_trail_event()?)
                    };
                    found.extend(events.iter().filter_map(read));
                    token = page.next_token;
                    if token.is_none() {
                        break;
                    }
                }
                Err(error) => who.failed = Some(error),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
