//! What a fleet ran at a moment of the past, from its service deployments and revisions. ECS keeps
//! deployments for 90 days, and revisions since 25 October 2024.
//!
//! Only services that were deployed since then cost calls: the others still run what they ran. How
//! many tasks ran, nobody kept.

use std::collections::{BTreeSet, HashMap};

use ecs::{Fleet, Service, ServiceDeployment, ServiceRevision};
use futures_util::stream::{self, StreamExt};
use record::Time;

use crate::history::{Then, at};
use crate::observe::{Observation, UnreadPart, Why, counted};
use crate::service_record::ServiceRecord;
use crate::tasks::definition_name;
use crate::versions::tag_and_digest;

/// So many services are asked about at once; the pace decides how quickly.
const SERVICES_AT_ONCE: usize = 16;
/// The deployment that was in force, and those that overtook each other just before it.
const DEPLOYMENTS_BEFORE: usize = 3;
/// When nothing is that old, the oldest deployment says what it replaced: so many are looked through.
const DEPLOYMENTS_AFTER: usize = 1_000;
/// ECS keeps service deployments for so long.
const KEPT_MS: i64 = 90 * 86_400_000;

/// The records of a fleet as it was at `time`, from what is seen now (`rows` of `now`). Of a service that
/// was in a rollout, it is what the rollout was to bring. A service of which nobody knows what it ran has
/// a record without a container: it was there, and is not to be compared.
pub async fn rows_at(
    fleet: &Fleet,
    time: Time,
    now: &Observation,
    rows: &[ServiceRecord],
    unread: &mut Vec<UnreadPart>,
) -> Vec<ServiceRecord> {
    let of = |service: &Service| {
        let is_its =
            |row: &&ServiceRecord| row.cluster == service.cluster && row.service == service.name;
        rows.iter().filter(is_its).cloned().map(|row| without_counts(row, time)).collect::<Vec<_>>()
    };
    let mut past = Vec::new();
    let mut asked = Vec::new();
    for service in &now.services {
        match known_without_asking(service, time) {
            Known::AsNow => past.extend(of(service)),
            Known::NotYetThere => {}
            Known::NotKept(why) => {
                past.push(unknown(service, time));
                unread.push(UnreadPart {
                    what: format!("what {} ran then", service.path()),
                    why: Why::Ecs(why.to_owned()),
                });
            }
            Known::ByDeployments => asked.push(service),
        }
    }
    let mut answers = stream::iter(asked)
        .map(|service| async move { (service, deployments_around(fleet, service, time).await) })
        .buffered(SERVICES_AT_ONCE);
    let mut thens = Vec::new();
    while let Some((service, answer)) = answers.next().await {
        match answer {
            Ok(deployments) => thens.push((service, at(time, &deployments))),
            Err(error) => {
                past.push(unknown(service, time));
                unread.push(UnreadPart {
                    what: format!("the deployments of {}", service.path()),
                    why: Why::Aws(error),
                });
            }
        }
    }
    let revisions = revisions_of(fleet, &thens, &now.revisions, unread).await;
    for (service, then) in thens {
        match then.revision().and_then(|arn| revisions.get(arn)) {
            Some(revision) => past.extend(rows_of_revision(service, revision, &of(service), time)),
            None => {
                past.push(unknown(service, time));
                unread.push(UnreadPart {
                    what: format!("what {} ran then", service.path()),
                    why: Why::Ecs(unknown_why(&then, service, time)),
                });
            }
        }
    }
    past.sort_by(|a, b| key(a).cmp(&key(b)));
    past
}

fn key(row: &ServiceRecord) -> (&str, &str, Option<&str>) {
    (&row.cluster, &row.service, row.container.as_deref())
}

/// What is known of a service's past from its present.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    /// It runs what it ran.
    AsNow,
    /// It did not exist.
    NotYetThere,
    /// Its deployments have to be asked for.
    ByDeployments,
    /// Nobody kept it.
    NotKept(&'static str),
}

fn known_without_asking(service: &Service, time: Time) -> Known {
    if service.created.is_some_and(|created| created > time) {
        return Known::NotYetThere;
    }
    // A rollback keeps the deployment, and changes what it brings.
    let is_settled = |deployment: &ecs::Deployment| {
        deployment.created.is_some_and(|created| created <= time)
            && deployment.rollout.as_deref().is_none_or(|rollout| rollout == "COMPLETED")
    };
    match service.primary() {
        // Nothing was ever deployed.
        None if service.deployments.is_empty() => Known::AsNow,
        Some(primary) if is_settled(primary) => Known::AsNow,
        _ if !service.is_deployed_by_ecs() => Known::NotKept("ECS keeps no history of task sets"),
        _ => Known::ByDeployments,
    }
}

/// The deployments that tell what ran at a moment: the last ones before it, else all since then, of
/// which the oldest says what it replaced.
async fn deployments_around(
    fleet: &Fleet,
    service: &Service,
    time: Time,
) -> Result<Vec<ServiceDeployment>, aws::Error> {
    let before = fleet.service_deployments(service, None, Some(time), DEPLOYMENTS_BEFORE).await?;
    if !before.is_empty() {
        return Ok(before);
    }
    fleet.service_deployments(service, Some(time), None, DEPLOYMENTS_AFTER).await
}

async fn revisions_of(
    fleet: &Fleet,
    thens: &[(&Service, Then)],
    known: &HashMap<String, ServiceRevision>,
    unread: &mut Vec<UnreadPart>,
) -> HashMap<String, ServiceRevision> {
    let arns: BTreeSet<&str> = thens.iter().filter_map(|(_, then)| then.revision()).collect();
    let (have, want): (Vec<&str>, Vec<&str>) =
        arns.into_iter().partition(|arn| known.contains_key(*arn));
    let mut revisions: HashMap<String, ServiceRevision> =
        have.into_iter().map(|arn| (arn.to_owned(), known[arn].clone())).collect();
    let want: Vec<String> = want.into_iter().map(str::to_owned).collect();
    let found = fleet.revisions(&want).await;
    revisions.extend(found.items.into_iter().map(|revision| (revision.arn.clone(), revision)));
    unread.extend(found.unread.into_iter().map(|part| UnreadPart {
        what: format!("{} of then", counted(part.asked.len())),
        why: Why::Aws(part.error),
    }));
    revisions
}

fn unknown_why(then: &Then, service: &Service, time: Time) -> String {
    match (then, service.deployments.first().and_then(|deployment| deployment.created)) {
        (Then::Unknown, Some(now)) if now.millis() - time.millis() > KEPT_MS => {
            "ECS keeps deployments for 90 days".to_owned()
        }
        (Then::Unknown, _) => "its deployments do not say".to_owned(),
        _ => "its service revision is not kept".to_owned(),
    }
}

/// A service that was there.
fn unknown(service: &Service, time: Time) -> ServiceRecord {
    ServiceRecord {
        time: Some(time),
        kind: "service".to_owned(),
        cluster: service.cluster.clone(),
        service: service.name.clone(),
        ..ServiceRecord::default()
    }
}

/// A record of now, as far as it was so then.
fn without_counts(row: ServiceRecord, time: Time) -> ServiceRecord {
    ServiceRecord {
        time: Some(time),
        // A record without a status was not seen.
        status: None,
        desired: 0,
        running: 0,
        pending: 0,
        versions: Vec::new(),
        findings: Vec::new(),
        stops: Vec::new(),
        failed_tasks: 0,
        deployment_age_seconds: row
            .deployed
            .map(|at| (time.millis() - at.millis()).max(0).unsigned_abs() / 1000),
        ..row
    }
}

/// The records of the revision that ran then. What the present says of the service stays, such as
/// where it is; what the revision says replaces it.
fn rows_of_revision(
    service: &Service,
    revision: &ServiceRevision,
    now: &[ServiceRecord],
    time: Time,
) -> Vec<ServiceRecord> {
    let first = now.first().cloned().unwrap_or_default();
    let rows = revision.images.iter().map(|image| {
        let reference = image.image.as_deref().map(ecs::ImageReference::parse);
        let reference = reference.and_then(Result::ok);
        let (tag, of_text) = image.image.as_deref().map(tag_and_digest).unwrap_or_default();
        ServiceRecord {
            cluster: service.cluster.clone(),
            service: service.name.clone(),
            container: Some(image.container.clone()),
            image: image.image.clone(),
            registry: reference.as_ref().and_then(|image| image.registry()).map(str::to_owned),
            repository: reference.as_ref().map(|image| image.repository().to_owned()),
            tag,
            digest: image.digest.clone().or(of_text),
            task_definition: revision.task_definition.as_deref().map(definition_name),
            rollout: None,
            rollout_reason: None,
            deployment: None,
            deployed: revision.created,
            deployment_age_seconds: None,
            cpu: None,
            memory_mb: None,
            registered_by: None,
            registered: None,
            ..without_counts(first.clone(), time)
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs::Deployment;

    const THEN: Time = Time::from_millis(1_000_000);

    fn service(created: i64, deployed: i64, rollout: Option<&str>) -> Service {
        Service {
            name: "api".into(),
            cluster: "prod".into(),
            created: Some(Time::from_millis(created)),
            deployments: vec![Deployment {
                id: "ecs-svc/1".into(),
                status: "PRIMARY".into(),
                created: Some(Time::from_millis(deployed)),
                rollout: rollout.map(str::to_owned),
                ..Deployment::default()
            }],
            ..Service::default()
        }
    }

    #[test]
    fn what_was_deployed_before_costs_nothing() {
        let old = service(0, 900_000, Some("COMPLETED"));
        assert_eq!(known_without_asking(&old, THEN), Known::AsNow);
        let classic = service(0, 900_000, None);
        assert_eq!(known_without_asking(&classic, THEN), Known::AsNow);
    }

    #[test]
    fn what_was_deployed_since_is_asked_for() {
        let new = service(0, 1_000_001, Some("COMPLETED"));
        assert_eq!(known_without_asking(&new, THEN), Known::ByDeployments);
        let rolling = service(0, 900_000, Some("IN_PROGRESS"));
        assert_eq!(known_without_asking(&rolling, THEN), Known::ByDeployments);
        let young = service(1_000_001, 1_000_001, Some("COMPLETED"));
        assert_eq!(known_without_asking(&young, THEN), Known::NotYetThere);
    }

    #[test]
    fn the_history_of_task_sets_is_nobodys() {
        let sets =
            Service { controller: Some("CODE_DEPLOY".into()), ..service(0, 1_000_001, None) };
        assert!(matches!(known_without_asking(&sets, THEN), Known::NotKept(_)));
    }
}
