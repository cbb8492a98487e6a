//! What a session is asked for, checked as the API does.

use std::sync::Arc;

use serde::Deserialize;

use super::selection::{Selection, Streams};
use crate::protocols::aws_json::{self, Refusal, length};
use crate::protocols::cloudwatch_logs::filter_log_events::wrong_class;
use crate::protocols::cloudwatch_logs::filter_pattern::FilterPattern;
use crate::protocols::cloudwatch_logs::resources;
use crate::world::World;
use crate::world::scenario::Class;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_identifiers: Option<Vec<String>>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefixes: Option<Vec<String>>,
    log_event_filter_pattern: Option<String>,
}

/// The session that a request asks for.
pub(super) fn read(
    (world, region): (&Arc<World>, &str),
    now: i64,
    body: &[u8],
) -> Result<Selection, Refusal> {
    let input: Input = aws_json::input(body)?;
    let identifiers = input.log_group_identifiers.unwrap_or_default();
    list("logGroupIdentifiers", &identifiers, 10)?;
    if let Some(name) = identifiers.iter().find(|identifier| !identifier.starts_with("arn:")) {
        return Err(Refusal::invalid_parameter(format!(
            "'{name}' is not an ARN: each log group of logGroupIdentifiers must be given by its ARN."
        )));
    }
    if let Some(pattern) = &input.log_event_filter_pattern {
        length("logEventFilterPattern", pattern, pattern.chars().count(), 0, 1024)?;
    }
    let pattern = input.log_event_filter_pattern;
    let filter = FilterPattern::parse(pattern.as_deref().unwrap_or_default())
        .ok_or_else(|| Refusal::invalid_parameter("Invalid filter pattern"))?;
    let streams = streams(input.log_stream_names, input.log_stream_name_prefixes)?;
    if streams != Streams::All && identifiers.len() > 1 {
        return Err(Refusal::invalid_parameter(
            "logStreamNames and logStreamNamePrefixes can be specified only with one log group.",
        ));
    }
    let mut groups = Vec::new();
    for identifier in &identifiers {
        let name = resources::named_by(region, identifier)?;
        let group = world.in_region(region).log_group(name, now);
        let group = group.ok_or_else(resources::no_group)?;
        let spec = &world.scenario.groups[group];
        if spec.class != Class::Standard {
            return Err(wrong_class(&spec.name, spec.class, "StartLiveTail"));
        }
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let world = Arc::clone(world);
    Ok(Selection { world, identifiers, groups, streams, pattern, filter })
}

fn streams(names: Option<Vec<String>>, prefixes: Option<Vec<String>>) -> Result<Streams, Refusal> {
    if let Some(names) = &names {
        list("logStreamNames", names, 100)?;
    }
    if let Some(prefixes) = &prefixes {
        list("logStreamNamePrefixes", prefixes, 100)?;
    }
    match (names, prefixes) {
        (None, None) => Ok(Streams::All),
        (Some(names), None) => Ok(Streams::Named(names)),
        (None, Some(prefixes)) => Ok(Streams::Prefixed(prefixes)),
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter(
            "logStreamNames and logStreamNamePrefixes cannot both be specified.",
        )),
    }
}

fn list(name: &str, members: &[String], most: usize) -> Result<(), Refusal> {
    length(name, &format!("[{}]", members.join(", ")), members.len(), 1, most)
}
