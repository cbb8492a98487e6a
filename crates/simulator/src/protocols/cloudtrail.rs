//! AWS CloudTrail, API version 2013-11-01: LookupEvents, as far as services of ECS were changed by somebody.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::aws_json::{self, Answered, Refusal};
use crate::ACCOUNT;
use crate::world::World;
use crate::world::clock_face::{self, TimeForm};
use crate::world::hash;
use crate::world::scenario::Action;

/// Events are kept for so long.
const KEPT: i64 = 90 * 86_400_000;

/// No page is longer.
const PAGE: i64 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    #[serde(default)]
    lookup_attributes: Vec<Attribute>,
    /// Seconds since the epoch.
    start_time: Option<f64>,
    end_time: Option<f64>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_key: String,
    attribute_value: String,
}

/// What somebody called.
struct Event {
    /// In whole seconds, as CloudTrail writes it.
    at: i64,
    id: String,
    name: &'static str,
    /// The ARN of a session of a role.
    by: String,
    parameters: Value,
}

pub(super) fn answer(world: Option<&World>, now: i64, operation: &str, body: &[u8]) -> Answered {
    if operation != "LookupEvents" {
        return Err(Refusal::unknown_operation());
    }
    let input: Input = aws_json::input(body)?;
    let length = match input.max_results {
        None => PAGE,
        Some(asked @ 1..=PAGE) => asked,
        Some(_) => {
            return Err(Refusal::new(
                "InvalidMaxResultsException",
                "Max results must be between 1 and 50.",
            ));
        }
    };
    let millis = |seconds: f64| (seconds * 1_000.0) as i64;
    let (from, to) = (input.start_time.map(millis), input.end_time.map(millis));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Refusal::new(
            "InvalidTimeRangeException",
            "The start time must be before the end time.",
        ));
    }
    let attribute = match input.lookup_attributes.as_slice() {
        [] => None,
        [one] => Some(one),
        _ => {
            return Err(Refusal::new(
                "InvalidLookupAttributesException",
                "You can specify only one lookup attribute.",
            ));
        }
    };
    let mut events: Vec<Event> = world.map(|world| all(world, now)).unwrap_or_default();
    if let Some(attribute) = attribute {
        check(attribute)?;
        events.retain(|event| event.has(attribute));
    }
    events.retain(|event| {
        from.is_none_or(|from| from <= event.at) && to.is_none_or(|to| event.at <= to)
    });
    events.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    let skipped = match &input.next_token {
        None => 0,
        Some(token) => token
            .strip_prefix("trail-")
            .and_then(|place| place.parse().ok())
            .ok_or_else(|| Refusal::new("InvalidNextTokenException", "Invalid NextToken."))?,
    };
    let page: Vec<Value> = events.iter().skip(skipped).take(length as usize).map(shown).collect();
    let next = skipped + page.len();
    let mut answer = json!({ "Events": page });
    if next < events.len() {
        answer["NextToken"] = json!(format!("trail-{next}"));
    }
    Ok(answer.to_string().into_bytes())
}

fn check(attribute: &Attribute) -> Result<(), Refusal> {
    const KEYS: [&str; 8] = [
        "AccessKeyId",
        "EventId",
        "EventName",
        "EventSource",
        "ReadOnly",
        "ResourceName",
        "ResourceType",
        "Username",
    ];
    if KEYS.contains(&attribute.attribute_key.as_str()) {
        return Ok(());
    }
    Err(Refusal::new(
        "InvalidLookupAttributesException",
        format!("The lookup attribute {} is not valid.", attribute.attribute_key),
    ))
}

/// What was called by now, and has arrived: CloudTrail delivers within some minutes.
fn all(world: &World, now: i64) -> Vec<Event> {
    let mut all = Vec::new();
    for (place, (at, action)) in world.scenario.timeline.iter().enumerate() {
        let at = world.page + at;
        let seed = hash::combine(world.scenario.seed, place as u64);
        let delay = 60_000 + hash::below(hash::combine(seed, 1), 240_000) as i64;
        if at + delay > now || at < now - KEPT {
            continue;
        }
        let mut called = |name, by: &str, parameters| {
            let id = hash::uuid(hash::of_text(seed, name));
            all.push(Event {
                at: at - at.rem_euclid(1_000),
                id,
                name,
                by: by.to_owned(),
                parameters,
            });
        };
        match action {
            Action::Deploy { service, force, registered_by, by, .. } => {
                let spec = &world.scenario.services[*service];
                if !force {
                    let parameters = json!({ "family": spec.family });
                    called("RegisterTaskDefinition", registered_by, parameters);
                }
                let mut parameters = updated(world, *service);
                parameters["forceNewDeployment"] = json!(force);
                let deployments = &world.lives[*service].deployments;
                if let Some(made) =
                    deployments.iter().find(|made| (made.created - at).abs() < 1_000)
                {
                    parameters["taskDefinition"] =
                        json!(format!("{}:{}", spec.family, made.revision));
                }
                called("UpdateService", by, parameters);
            }
            Action::Scale { service, desired, by } => {
                let mut parameters = updated(world, *service);
                parameters["desiredCount"] = json!(desired);
                called("UpdateService", by, parameters);
            }
            Action::Register { service, registered_by, .. } => {
                let family = &world.scenario.services[*service].family;
                called("RegisterTaskDefinition", registered_by, json!({ "family": family }));
            }
            _ => {}
        }
    }
    all
}

fn updated(world: &World, service: usize) -> Value {
    let spec = &world.scenario.services[service];
    json!({ "service": spec.name, "cluster": world.scenario.clusters[spec.cluster].name })
}

impl Event {
    fn session(&self) -> &str {
        self.by.rsplit('/').next().unwrap_or_default()
    }

    fn role(&self) -> &str {
        self.by.rsplit('/').nth(1).unwrap_or_default()
    }

    /// Of a session of a role.
    fn key(&self) -> String {
        format!("ASIA{}", hash::letters(hash::of_text(7, &self.by), 16).to_ascii_uppercase())
    }

    fn has(&self, attribute: &Attribute) -> bool {
        let value = attribute.attribute_value.as_str();
        match attribute.attribute_key.as_str() {
            "EventId" => self.id == value,
            "EventName" => self.name == value,
            "EventSource" => value == "ecs.amazonaws.com",
            "ReadOnly" => value == "false",
            "Username" => self.session() == value,
            "AccessKeyId" => self.key() == value,
            // ECS names no resources in its events.
            _ => false,
        }
    }
}

fn shown(event: &Event) -> Value {
    let time = clock_face::text(event.at, TimeForm::IsoSeconds);
    let whole = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROA{}:{}", &event.key()[4..], event.session()),
            "arn": event.by,
            "accountId": ACCOUNT,
            "accessKeyId": event.key(),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": format!("AROA{}", &event.key()[4..]),
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/{}", event.role()),
                    "accountId": ACCOUNT,
                    "userName": event.role(),
                },
                "attributes": { "creationDate": time, "mfaAuthenticated": "false" },
            },
        },
        "eventTime": time,
        "eventSource": "ecs.amazonaws.com",
        "eventName": event.name,
        "awsRegion": crate::REGION,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-sdk-go-v2/1.41.0",
        "requestParameters": event.parameters,
        "responseElements": null,
        "requestID": hash::uuid(hash::of_text(1, &event.id)),
        "eventID": event.id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    });
    json!({
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": "false",
        "AccessKeyId": event.key(),
        "EventTime": event.at as f64 / 1_000.0,
        "EventSource": "ecs.amazonaws.com",
        "Username": event.session(),
        "Resources": [],
        "CloudTrailEvent": whole.to_string(),
    })
}

#[cfg(test)]
mod tests;
