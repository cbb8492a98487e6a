//! Finding what a request names: a group by name or ARN, a stream by name.

use serde_json::Value;

use crate::protocols::aws_json::{Refusal, length};
use crate::world::{Regional, World};

pub(super) fn no_group() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(super) fn no_stream() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

/// The group that a request names by `logGroupName` or by `logGroupIdentifier`, one of which it must.
pub(super) fn group<'w>(
    here: Regional<'w>,
    now: i64,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<(&'w World, usize), Refusal> {
    let name = match (name, identifier) {
        (Some(name), None) => {
            length("logGroupName", name, name.chars().count(), 1, 512)?;
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte)) {
                return Err(Refusal::invalid_parameter(format!(
                    "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint: \
                     Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
                )));
            }
            name
        }
        (None, Some(identifier)) => named_by(here.region, identifier)?,
        (None, None) => {
            return Err(Refusal::invalid_parameter(
                "Either logGroupName or logGroupIdentifier must be specified.",
            ));
        }
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid_parameter(
                "logGroupName and logGroupIdentifier cannot both be specified.",
            ));
        }
    };
    here.log_group(name, now).map(|group| (here.world, group)).ok_or_else(no_group)
}

/// The group name in an identifier: a name, or an ARN that does not end in `:*`.
pub(super) fn named_by<'a>(region: &str, identifier: &'a str) -> Result<&'a str, Refusal> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier);
    }
    if identifier.ends_with(":*") {
        return Err(Refusal::invalid_parameter(
            "The specified log group ARN is invalid: it must not end with :*",
        ));
    }
    let prefix = format!("arn:aws:logs:{region}:{}:log-group:", crate::ACCOUNT);
    identifier.strip_prefix(&prefix).ok_or_else(no_group)
}

/// What a request reads, as a permission names it; `None` when it names no group.
pub(in crate::protocols) fn resource(region: &str, body: &[u8]) -> Option<String> {
    let input: Value = serde_json::from_slice(body).ok()?;
    let named =
        [&input["logGroupIdentifiers"][0], &input["logGroupIdentifier"], &input["logGroupName"]];
    let name = named.into_iter().find_map(Value::as_str)?;
    if name.starts_with("arn:") {
        return Some(name.to_owned());
    }
    Some(format!("arn:aws:logs:{region}:{}:log-group:{name}:log-stream:", crate::ACCOUNT))
}

impl Regional<'_> {
    /// The group of that name, if it has been made by now.
    pub(super) fn log_group(self, name: &str, now: i64) -> Option<usize> {
        let groups = &self.world.scenario.groups;
        (0..groups.len()).find(|group| {
            let made = self.world.page + groups[*group].created <= now;
            made && groups[*group].name == name && self.has(*group)
        })
    }
}

impl World {
    /// The streams of a group that have been made by now, by name.
    pub(super) fn log_streams(&self, group: usize, now: i64) -> impl Iterator<Item = u32> + '_ {
        let streams = self.streams_of[group].iter().copied();
        streams.filter(move |index| self.streams[*index as usize].created <= now)
    }

    /// The oldest moment that a group still keeps.
    pub(super) fn retained_from(&self, group: usize, now: i64) -> i64 {
        let days = self.scenario.groups[group].retention_days;
        days.map_or(0, |days| now - i64::from(days) * 86_400_000)
    }
}
