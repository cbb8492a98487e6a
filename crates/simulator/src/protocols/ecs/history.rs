//! A service's history: ListServiceDeployments, DescribeServiceDeployments.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployments::{configuration, failures};
use super::revisions::{exists, summary};
use super::{cluster, find_part, find_service, listing, seconds};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::World;
use crate::world::fleet::{Count, Deployment, NEVER, threshold};
use crate::world::scenario::Controller;

/// Service deployments are kept for 90 days.
const KEPT: i64 = 90 * 86_400_000;

/// From its creation to its start.
const PENDING: i64 = 1_500;

const ROLLED_BACK: &str =
    "Service deployment rolled back because the circuit breaker threshold was exceeded.";

const STATUSES: [&str; 9] = [
    "PENDING",
    "SUCCESSFUL",
    "STOPPED",
    "STOP_REQUESTED",
    "IN_PROGRESS",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// How far a service deployment is, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Pending,
    InProgress,
    Successful(i64),
    /// A newer one took its place.
    Superseded(i64),
    /// The circuit breaker gave it up.
    GivenUp(i64),
    GoingBack,
    GoneBack(i64),
}

impl Status {
    fn of(deployment: &Deployment, now: i64) -> Status {
        let ends_in = |status: fn(i64) -> Status, at: i64| {
            // One that is under way when a newer one begins is stopped for it.
            if deployment.superseded < at {
                Status::Superseded(deployment.superseded)
            } else {
                status(at)
            }
        };
        let end = if deployment.rolled_back != NEVER {
            ends_in(Status::GoneBack, deployment.rolled_back)
        } else if deployment.tripped != NEVER {
            ends_in(Status::GivenUp, deployment.tripped)
        } else {
            ends_in(Status::Successful, deployment.completed)
        };
        match end.ended() {
            Some(at) if at <= now => end,
            _ if now < deployment.created + PENDING => Status::Pending,
            _ if deployment.tripped <= now => Status::GoingBack,
            _ => Status::InProgress,
        }
    }

    /// When it ended.
    fn ended(self) -> Option<i64> {
        match self {
            Status::Pending | Status::InProgress | Status::GoingBack => None,
            Status::Successful(at)
            | Status::Superseded(at)
            | Status::GivenUp(at)
            | Status::GoneBack(at) => Some(at),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Status::Pending => "PENDING",
            Status::InProgress => "IN_PROGRESS",
            Status::Successful(_) => "SUCCESSFUL",
            Status::Superseded(_) | Status::GivenUp(_) => "STOPPED",
            Status::GoingBack => "ROLLBACK_IN_PROGRESS",
            Status::GoneBack(_) => "ROLLBACK_SUCCESSFUL",
        }
    }

    fn reason(self) -> Option<&'static str> {
        match self {
            Status::Pending | Status::InProgress | Status::Successful(_) => None,
            Status::Superseded(_) => {
                Some("Service deployment stopped because a newer service deployment was started.")
            }
            Status::GivenUp(_) => Some(
                "Service deployment stopped because the circuit breaker threshold was exceeded.",
            ),
            Status::GoingBack | Status::GoneBack(_) => Some(ROLLED_BACK),
        }
    }
}

fn is_kept(world: &World, service: usize, index: usize, now: i64) -> bool {
    exists(world, service, index, now)
        && world.lives[service].deployments[index].created > now - KEPT
}

/// `currentServiceDeployment`: the newest one that is kept.
pub(super) fn current(world: &World, service: usize, now: i64) -> Option<String> {
    let newest = world.lives[service].newest_at(now);
    is_kept(world, service, newest, now).then(|| world.service_deployment_arn(service, newest))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    service: Option<String>,
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<String>,
    created_at: Option<Between>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// Both in seconds since the epoch.
#[derive(Debug, Default, Deserialize)]
struct Between {
    before: Option<f64>,
    after: Option<f64>,
}

impl Between {
    fn has(&self, created_ms: i64) -> bool {
        let created = created_ms as f64 / 1000.0;
        self.after.is_none_or(|after| created >= after)
            && self.before.is_none_or(|before| created <= before)
    }
}

pub(super) fn list(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: ListInput = aws_json::input(body)?;
    let named = input.service.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid_parameter("Service cannot be empty."));
    }
    if let Some(unknown) = input.status.iter().find(|status| !STATUSES.contains(&status.as_str())) {
        return Err(Refusal::invalid_parameter(format!(
            "Unknown service deployment status: {unknown}"
        )));
    }
    let between = input.created_at.unwrap_or_default();
    if between.before.zip(between.after).is_some_and(|(before, after)| before < after) {
        return Err(Refusal::invalid_parameter(
            "createdAt.before is earlier than createdAt.after.",
        ));
    }
    // A service's ARN says its cluster, too, unless it is an old one.
    let of_arn =
        named.strip_prefix("arn:").and_then(|arn| Some(arn.split_once('/')?.1.split_once('/')?.0));
    let (world, cluster) = cluster(world, input.cluster.as_deref().or(of_arn))?;
    let service = find_service(world, now, cluster, &named)
        .ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?;
    if world.scenario.services[service].controller != Controller::Ecs {
        return Err(Refusal::new(
            "UnsupportedFeatureException",
            "Service deployments are for services with the ECS deployment controller.",
        ));
    }
    let deployments = &world.lives[service].deployments;
    let shown: Vec<(String, Value)> = (0..deployments.len())
        .rev()
        .filter(|index| is_kept(world, service, *index, now))
        .filter(|index| between.has(deployments[*index].created))
        .filter(|index| {
            let status = Status::of(&deployments[*index], now).name();
            input.status.is_empty() || input.status.iter().any(|wanted| wanted == status)
        })
        .map(|index| {
            (world.service_deployment_arn(service, index), brief(world, service, index, now))
        })
        .collect();
    let arns: Vec<String> = shown.iter().map(|(arn, _)| arn.clone()).collect();
    let mut page = listing::ordered_page(
        "serviceDeployments",
        &arns,
        input.next_token.as_deref(),
        input.max_results,
        20,
    )?;
    let first = page["serviceDeployments"][0]
        .as_str()
        .and_then(|arn| arns.iter().position(|one| one == arn));
    let length = page["serviceDeployments"].as_array().map_or(0, Vec::len);
    let first = first.unwrap_or(0);
    page["serviceDeployments"] =
        shown.into_iter().skip(first).take(length).map(|(_, brief)| brief).collect();
    Ok(page)
}

fn brief(world: &World, service: usize, index: usize, now: i64) -> Value {
    let deployment = &world.lives[service].deployments[index];
    let mut shown = json!({
        "serviceDeploymentArn": world.service_deployment_arn(service, index),
        "serviceArn": world.service_arn(service),
        "clusterArn": world.cluster_arn(world.scenario.services[service].cluster),
        "createdAt": seconds(deployment.created),
        "targetServiceRevisionArn": world.revision_arn(service, index),
    });
    progress(&mut shown, deployment, now);
    shown
}

/// What its progress says in both operations.
fn progress(shown: &mut Value, deployment: &Deployment, now: i64) {
    let status = Status::of(deployment, now);
    shown["status"] = json!(status.name());
    if let Some(reason) = status.reason() {
        shown["statusReason"] = json!(reason);
    }
    if deployment.created + PENDING <= now {
        shown["startedAt"] = seconds(deployment.created + PENDING);
    }
    if let Some(at) = status.ended() {
        shown["finishedAt"] = seconds(at);
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    #[serde(default)]
    service_deployment_arns: Vec<String>,
}

pub(super) fn describe(world: Option<&World>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: DescribeInput = aws_json::input(body)?;
    let arns = input.service_deployment_arns;
    super::check_arns("serviceDeploymentArns", "service-deployment", &arns)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        let part = find_part(world, now, &arn, |deployment| deployment.id.as_str());
        match part.filter(|(world, service, index)| is_kept(world, *service, *index, now)) {
            Some((world, service, index)) => found.push(described(world, service, index, now)),
            None => failures.push(listing::missing(arn)),
        }
    }
    Ok(json!({ "serviceDeployments": found, "failures": failures }))
}

fn described(world: &World, service: usize, index: usize, now: i64) -> Value {
    let spec = &world.scenario.services[service];
    let life = &world.lives[service];
    let deployment = &life.deployments[index];
    let status = Status::of(deployment, now);
    // What it counts is told as it was when it ended.
    let seen = status.ended().unwrap_or(now);
    let counts = world.counts_at(service, seen);
    let desired = life.desired_at(seen);
    let goes_back = deployment.goes_back_to(now);
    let left = |count: Count| count.running + count.pending;
    let source: Vec<Value> = deployment
        .source
        .into_iter()
        .filter(|source| exists(world, service, *source, now))
        .map(|source| {
            let wanted =
                if goes_back == Some(source) { desired as usize } else { left(counts[source]) };
            summary(world, service, source, wanted, counts[source])
        })
        .collect();
    let wanted = if goes_back.is_some() { left(counts[index]) } else { desired as usize };
    let failed = failures(world, service, index, seen) as u32;
    let mut shown = json!({
        "serviceDeploymentArn": world.service_deployment_arn(service, index),
        "serviceArn": world.service_arn(service),
        "clusterArn": world.cluster_arn(spec.cluster),
        "createdAt": seconds(deployment.created),
        "updatedAt": seconds(updated(deployment, status, now)),
        "sourceServiceRevisions": source,
        "targetServiceRevision": summary(world, service, index, wanted, counts[index]),
        "deploymentConfiguration": configuration(spec),
        "deploymentCircuitBreaker": {
            "status": watch(spec.circuit_breaker.enable, deployment.tripped <= now, status),
            // A steady state resets it.
            "failureCount": if matches!(status, Status::Successful(_)) { 0 } else { failed },
            "threshold": threshold(life.desired_at(deployment.created)),
        },
        "alarms": match &spec.alarms {
            None => json!({ "status": "DISABLED" }),
            Some(alarms) => json!({
                "status": watch(alarms.enable, false, status),
                "alarmNames": alarms.names,
                "triggeredAlarmNames": [],
            }),
        },
    });
    progress(&mut shown, deployment, now);
    if let Status::Superseded(at) | Status::GivenUp(at) = status {
        shown["stoppedAt"] = seconds(at);
    }
    if let Some(source) = goes_back {
        shown["rollback"] = json!({
            "reason": ROLLED_BACK,
            "startedAt": seconds(deployment.tripped),
            "serviceRevisionArn": world.revision_arn(service, source),
        });
    }
    if let Some(bake) = spec.bake_ms {
        let moved = if deployment.shifted() <= seen { 100.0 } else { 0.0 };
        shown["targetServiceRevision"]["requestedProductionTrafficWeight"] = json!(moved);
        if let Some(source) = shown["sourceServiceRevisions"].get_mut(0) {
            source["requestedProductionTrafficWeight"] = json!(100.0 - moved);
        }
        if status == Status::InProgress {
            shown["lifecycleStage"] = json!(stage(deployment, bake, now));
        }
    }
    shown
}

/// The newest moment at which something about it changed.
fn updated(deployment: &Deployment, status: Status, now: i64) -> i64 {
    let failed = deployment.failures.iter().rev().copied();
    let moments =
        [status.ended().unwrap_or(NEVER), deployment.tripped, deployment.created + PENDING];
    failed.chain(moments).filter(|at| *at <= now).max().unwrap_or(deployment.created)
}

/// What one that watches a deployment says of itself.
fn watch(is_on: bool, is_triggered: bool, status: Status) -> &'static str {
    match (is_on, is_triggered, status.ended()) {
        (false, ..) => "DISABLED",
        (true, true, _) => "TRIGGERED",
        (true, false, None) => "MONITORING",
        (true, false, Some(_)) => "MONITORING_COMPLETE",
    }
}

/// The stage that a deployment of blue and green is in.
fn stage(deployment: &Deployment, bake: i64, now: i64) -> &'static str {
    if now < deployment.scaled {
        "SCALE_UP"
    } else if now < deployment.shifted() {
        "PRODUCTION_TRAFFIC_SHIFT"
    } else if now < deployment.shifted() + bake {
        "BAKE_TIME"
    } else {
        "CLEAN_UP"
    }
}

#[cfg(test)]
mod tests;
