//! Checking `timeline`: what happens, and to whom.

use toml::Spanned;

use super::check::{Checked, Known, mistake, position, principal};
use super::file;
use super::model::{Action, Cluster, Service, Stopping};
use crate::world::when::Span;

/// One entry of the timeline.
pub(super) fn action(
    happening: &Spanned<file::Happening>,
    clusters: &[Cluster],
    services: &[Service],
    known: &Known<'_>,
) -> Checked<Action> {
    let (span, happening) = (happening.span(), happening.get_ref());
    let find = |name: &Spanned<String>| find_service(name, clusters, services);
    match happening {
        file::Happening { deploy: Some(deploy), stop: None, scale: None, hold: None, .. } => {
            let service = find(&deploy.service)?;
            let containers = &services[service].containers;
            let mut images: Vec<String> = Vec::new();
            for name in deploy.images.keys() {
                position(containers, name)?;
            }
            for container in containers {
                let image =
                    deploy.images.iter().find(|(name, _)| *name.get_ref() == container.name);
                images.push(image.map(|(_, image)| image.clone()).unwrap_or_default());
            }
            Ok(Action::Deploy {
                service,
                images,
                over_ms: deploy.over.map_or(90_000, Span::millis),
                settles: deploy.settles.unwrap_or(true),
                registered_by: principal(deploy.registered_by.as_deref()),
            })
        }
        file::Happening { deploy: None, stop: Some(stop), scale: None, hold: None, .. } => {
            let service = find(&stop.service)?;
            let share = *stop.share.get_ref();
            if !(share > 0.0 && share <= 1.0) {
                return mistake(stop.share.span(), "a share is more than 0 and at most 1");
            }
            let container = match &stop.container {
                Some(name) => position(&services[service].containers, name)?,
                None => 0,
            };
            let stopping = Stopping {
                container,
                reason: stop.reason.clone(),
                exit_code: stop.exit_code.unwrap_or(1),
                stopped_reason: stop
                    .stopped_reason
                    .clone()
                    .unwrap_or_else(|| "Essential container in task exited".to_owned()),
            };
            let wave = known.wave(&stop.wave)?;
            Ok(Action::Stop {
                service,
                stopping,
                share,
                wave,
                to: stop.to.map_or(i64::MAX, |to| to.0),
            })
        }
        file::Happening { deploy: None, stop: None, scale: Some(scale), hold: None, .. } => {
            let service = find(&scale.service)?;
            if services[service].daemon {
                return mistake(
                    scale.service.span(),
                    "a daemon cannot be scaled: it has one task on each host",
                );
            }
            Ok(Action::Scale { service, desired: scale.desired })
        }
        file::Happening { deploy: None, stop: None, scale: None, hold: Some(hold), .. } => {
            if hold.to <= happening.at {
                return mistake(span, "a hold ends after it begins");
            }
            Ok(Action::Hold {
                service: find(&hold.service)?,
                to: hold.to.0,
                message: hold.message.clone(),
            })
        }
        _ => mistake(
            span,
            "a timeline entry has exactly one of \"deploy\", \"stop\", \"scale\" and \"hold\"",
        ),
    }
}

fn find_service(
    name: &Spanned<String>,
    clusters: &[Cluster],
    services: &[Service],
) -> Checked<usize> {
    let text = name.get_ref().as_str();
    let matches: Vec<usize> = services
        .iter()
        .enumerate()
        .filter(|(_, service)| match text.split_once('/') {
            Some((cluster, name)) => {
                service.name == name && clusters[service.cluster].name == cluster
            }
            None => service.name == text,
        })
        .map(|(index, _)| index)
        .collect();
    match matches[..] {
        [only] => Ok(only),
        [] => mistake(name.span(), format!("there is no service \"{text}\"")),
        _ => mistake(
            name.span(),
            format!("more than one cluster has a service \"{text}\": write CLUSTER/{text}"),
        ),
    }
}
