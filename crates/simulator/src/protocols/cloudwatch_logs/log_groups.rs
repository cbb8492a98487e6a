//! DescribeLogGroups, ListLogGroups, ListTagsForResource.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::{resources, token};
use crate::protocols::aws_json::{self, Answered, Refusal, length, within};
use crate::world::hash;
use crate::world::scenario::Class;
use crate::world::{Regional, World};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    log_group_class: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

pub(super) fn describe(here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: DescribeInput = aws_json::input(body)?;
    within("limit", input.limit, 1, 50)?;
    if let Some(prefix) = &input.log_group_name_prefix {
        length("logGroupNamePrefix", prefix, prefix.chars().count(), 1, 512)?;
    }
    let class = class(input.log_group_class.as_deref())?;
    let selectors = [
        input.log_group_name_prefix.is_some(),
        input.log_group_name_pattern.is_some(),
        input.log_group_identifiers.is_some(),
    ];
    if selectors.iter().filter(|given| **given).count() > 1 {
        return Err(Refusal::invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let identifiers = match &input.log_group_identifiers {
        None => None,
        Some(identifiers) => {
            length(
                "logGroupIdentifiers",
                &format!("[{}]", identifiers.join(", ")),
                identifiers.len(),
                1,
                50,
            )?;
            let names: Result<Vec<&str>, Refusal> = identifiers
                .iter()
                .map(|identifier| resources::named_by(here.region, identifier))
                .collect();
            Some(names?)
        }
    };
    let (groups, next) = listed(
        here,
        now,
        input.next_token.as_deref(),
        input.limit.unwrap_or(50),
        |group| {
            let spec = &here.world.scenario.groups[group];
            input.log_group_name_prefix.as_ref().is_none_or(|prefix| spec.name.starts_with(prefix))
            // Case-sensitive, anywhere in the name; not a glob.
            && input.log_group_name_pattern.as_ref().is_none_or(|pattern| spec.name.contains(pattern))
            && identifiers.as_ref().is_none_or(|names| names.contains(&spec.name.as_str()))
            && class.is_none_or(|class| {
                spec.class == class || is_of_the_cheap(class) && is_of_the_cheap(spec.class)
            })
        },
    )?;
    let brief = input.log_group_name_pattern.is_some();
    let shown: Vec<Value> =
        groups.into_iter().map(|group| described(here.world, group, brief, now)).collect();
    Ok(answered(shown, next))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

pub(super) fn list(here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: ListInput = aws_json::input(body)?;
    within("limit", input.limit, 1, 1000)?;
    let class = class(input.log_group_class.as_deref())?;
    let pattern = input.log_group_name_pattern.as_deref().map(NamePattern::parse).transpose()?;
    let (groups, next) =
        listed(here, now, input.next_token.as_deref(), input.limit.unwrap_or(50), |group| {
            let spec = &here.world.scenario.groups[group];
            pattern.as_ref().is_none_or(|pattern| pattern.matches(&spec.name))
                && class.is_none_or(|class| spec.class == class)
        })?;
    let shown = groups
        .into_iter()
        .map(|group| {
            let spec = &here.world.scenario.groups[group];
            json!({
                "logGroupName": spec.name,
                "logGroupArn": here.world.group_arn(group),
                "logGroupClass": spec.class.name(),
            })
        })
        .collect();
    Ok(answered(shown, next))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagsInput {
    resource_arn: Option<String>,
}

pub(super) fn tags(here: Regional<'_>, now: i64, body: &[u8]) -> Answered {
    let input: TagsInput = aws_json::input(body)?;
    let arn = input.resource_arn.unwrap_or_default();
    length("resourceArn", &arn, arn.chars().count(), 1, 1011)?;
    let name = resources::named_by(here.region, arn.strip_suffix(":*").unwrap_or(&arn))?;
    match here.log_group(name, now) {
        // Nothing in a scenario is tagged.
        Some(_) => Ok(json!({ "tags": {} }).to_string().into_bytes()),
        None => Err(resources::no_group()),
    }
}

type Page = (Vec<usize>, Option<String>);

/// One page of the groups that `wanted` wants, by name.
fn listed(
    here: Regional<'_>,
    now: i64,
    token: Option<&str>,
    limit: i64,
    wanted: impl Fn(usize) -> bool,
) -> Result<Page, Refusal> {
    let after = token.map(token::read_name).transpose()?;
    let world = here.world;
    let groups = &world.scenario.groups;
    let mut found: Vec<usize> = (0..groups.len())
        .filter(|group| here.has(*group) && world.page + groups[*group].created <= now)
        .filter(|group| after.as_ref().is_none_or(|after| groups[*group].name > *after))
        .filter(|group| wanted(*group))
        .collect();
    found.sort_by(|left, right| groups[*left].name.cmp(&groups[*right].name));
    let limit = limit as usize;
    let next = (found.len() > limit).then(|| token::after_name(&groups[found[limit - 1]].name));
    found.truncate(limit);
    Ok((found, next))
}

fn described(world: &World, group: usize, brief: bool, now: i64) -> Value {
    let spec = &world.scenario.groups[group];
    let arn = world.group_arn(group);
    let created = world.page + spec.created;
    if brief {
        // With a pattern, the API answers with these three only.
        return json!({ "logGroupName": spec.name, "arn": format!("{arn}:*"), "creationTime": created });
    }
    let seed = hash::of_text(world.scenario.seed, &spec.name);
    let silent = world.log_streams(group, now).next().is_none();
    let mut shown = json!({
        "logGroupName": spec.name,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "creationTime": created,
        "metricFilterCount": 0,
        "storedBytes": if silent { 0 } else { 1_000_000 + hash::below(seed, 90_000_000_000) },
        "logGroupClass": spec.class.name(),
    });
    if let Some(days) = spec.retention_days {
        shown["retentionInDays"] = json!(days);
    }
    shown
}

fn answered(groups: Vec<Value>, next: Option<String>) -> Vec<u8> {
    let mut answer = json!({ "logGroups": groups });
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    answer.to_string().into_bytes()
}

/// The class that a request names.
fn class(name: Option<&str>) -> Result<Option<Class>, Refusal> {
    let Some(name) = name else { return Ok(None) };
    let named = Class::ALL.into_iter().find(|class| class.name() == name);
    named.map(Some).ok_or_else(|| {
        let known = Class::ALL.map(Class::name).join(", ");
        Refusal::invalid_parameter(format!(
            "1 validation error detected: Value '{name}' at 'logGroupClass' failed to satisfy constraint: \
             Member must satisfy enum value set: [{known}]"
        ))
    })
}

/// DescribeLogGroups shows the groups of these two together, whichever is asked for.
fn is_of_the_cheap(class: Class) -> bool {
    matches!(class, Class::InfrequentAccess | Class::Essentials)
}

/// ListLogGroups' own small pattern: up to five alternatives of 3 to 24 characters, each perhaps anchored by `^`.
#[derive(Debug)]
struct NamePattern<'a> {
    alternatives: Vec<(bool, &'a str)>,
}

impl NamePattern<'_> {
    fn parse(text: &str) -> Result<NamePattern<'_>, Refusal> {
        length("logGroupNamePattern", text, text.chars().count(), 3, 129)?;
        let alternatives: Vec<(bool, &str)> = text
            .split('|')
            .map(|part| part.strip_prefix('^').map_or((false, part), |rest| (true, rest)))
            .collect();
        let legal = |part: &str| {
            (3..=24).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte))
        };
        if alternatives.len() > 5 || !alternatives.iter().all(|(_, part)| legal(part)) {
            return Err(Refusal::invalid_parameter(format!(
                "1 validation error detected: Value '{text}' at 'logGroupNamePattern' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: \
                 (\\^?[\\.\\-_\\/#A-Za-z0-9]{{3,24}})(\\|\\^?[\\.\\-_\\/#A-Za-z0-9]{{3,24}}){{0,4}}"
            )));
        }
        Ok(NamePattern { alternatives })
    }

    fn matches(&self, name: &str) -> bool {
        self.alternatives.iter().any(|(anchored, part)| {
            if *anchored { name.starts_with(part) } else { name.contains(part) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_pattern_is_a_small_one() {
        let pattern = NamePattern::parse("^/ecs/pro|lambda").unwrap();
        assert!(pattern.matches("/ecs/prod-ingest"));
        assert!(pattern.matches("/aws/lambda/x"));
        assert!(!pattern.matches("x/ecs/prod"));
        for refused in
            ["ab", "a.*b|(x)", "aaa|bbb|ccc|ddd|eee|fff", "aaa|", "abcdefghijklmnopqrstuvwxyz"]
        {
            assert!(NamePattern::parse(refused).is_err(), "{refused}");
        }
    }
}
