//! Checking `timeline`: what happens, and to whom.

use std::collections::BTreeMap;

use toml::Spanned;

use super::check::{Checked, Known, mistake, position, principal};
use super::file::{self, Controller};
use super::model::{Action, Cluster, Container, Failing, Push, Service, Stopping};
use crate::world::images::{made_of, with_tag};
use crate::world::when::Span;

const ONE_OF: &str = "a timeline entry has exactly one of \"deploy\", \"stop\", \"scale\", \"hold\", \"push\", \"register\", \"sick\", \"run\", \"put\" and \"delete\"";

/// The tags that are moved, in the order in which they are; the digests of those that name none are made.
pub(super) fn pushes(timeline: &[Spanned<file::Happening>]) -> Checked<Vec<Push>> {
    let mut written: Vec<(i64, &file::Push)> = timeline
        .iter()
        .filter_map(|happening| {
            let happening = happening.get_ref();
            Some((happening.at.0, happening.push.as_ref()?))
        })
        .collect();
    written.sort_by_key(|(at, _)| *at);
    let mut pushes: Vec<Push> = Vec::new();
    for (at, push) in written {
        let image = push.image.get_ref();
        if image.is_empty() || image.contains('@') {
            return mistake(
                push.image.span(),
                "what is pushed to is a tag, and has no digest: \"web/docs:latest\"",
            );
        }
        let image = with_tag(image).into_owned();
        let nth = 1 + pushes.iter().filter(|before| before.image == image).count();
        let digest = match &push.digest {
            None => made_of(&image, nth as u64),
            Some(digest) if is_digest(digest.get_ref()) => digest.get_ref().clone(),
            Some(digest) => {
                return mistake(
                    digest.span(),
                    "a digest is \"sha256:\" and 64 hexadecimal digits in lower case",
                );
            }
        };
        pushes.push(Push { at, image, digest });
    }
    Ok(pushes)
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// What one entry of the timeline does to a service; pushes, runs and objects do nothing to any.
pub(super) fn action(
    happening: &Spanned<file::Happening>,
    clusters: &[Cluster],
    services: &[Service],
    known: &Known<'_>,
) -> Checked<Option<Action>> {
    let (span, happening) = (happening.span(), happening.get_ref());
    let find = |name: &Spanned<String>| {
        let service = find_service(name, clusters, services)?;
        match services[service].containers.is_empty() {
            true => mistake(
                name.span(),
                format!("nothing happens to \"{}\": it has no container", name.get_ref()),
            ),
            false => Ok(service),
        }
    };
    let file::Happening { at, deploy, stop, scale, hold, push, register, sick, run, put, delete } =
        happening;
    let mut actions = Vec::new();
    if let Some(deploy) = deploy {
        actions.push(Some(self::deploy(deploy, find(&deploy.service)?, services)?));
    }
    if let Some(stop) = stop {
        actions.push(Some(self::stop(stop, find(&stop.service)?, services, known)?));
    }
    if let Some(scale) = scale {
        let service = find(&scale.service)?;
        if services[service].daemon {
            return mistake(
                scale.service.span(),
                "a daemon cannot be scaled: it has one task on each host",
            );
        }
        actions.push(Some(Action::Scale {
            service,
            desired: scale.desired,
            by: principal(scale.by.as_deref()),
        }));
    }
    if let Some(hold) = hold {
        if hold.to <= *at {
            return mistake(span, "a hold ends after it begins");
        }
        let (service, message) = (find(&hold.service)?, hold.message.clone());
        actions.push(Some(Action::Hold { service, to: hold.to.0, message }));
    }
    if let Some(register) = register {
        let service = find(&register.service)?;
        actions.push(Some(Action::Register {
            service,
            images: images(&register.images, &services[service].containers)?,
            registered_by: principal(register.registered_by.as_deref()),
        }));
    }
    if let Some(sick) = sick {
        if sick.to <= *at {
            return mistake(span, "a sickness ends after it begins");
        }
        actions.push(Some(self::sick(sick, find(&sick.service)?, services)?));
    }
    let elsewhere = [push.is_some(), run.is_some(), put.is_some(), delete.is_some()];
    actions.extend(elsewhere.into_iter().filter(|is_there| *is_there).map(|_| None));
    match actions.len() {
        1 => Ok(actions.remove(0)),
        _ => mistake(span, ONE_OF),
    }
}

fn deploy(deploy: &file::Deploy, service: usize, services: &[Service]) -> Checked<Action> {
    let spec = &services[service];
    let force = deploy.force.as_ref().is_some_and(|force| *force.get_ref());
    if let Some(written) = &deploy.force
        && force
        && !deploy.images.is_empty()
    {
        return mistake(
            written.span(),
            "a forced deployment is of the definition that is there, and has no \"images\"",
        );
    }
    let images = images(&deploy.images, &spec.containers)?;
    let fail = match &deploy.fail {
        None => None,
        Some(fail) => {
            if spec.daemon || spec.controller != Controller::Ecs || spec.bake_ms.is_some() {
                return mistake(
                    fail.span(),
                    "only a rolling deployment of a replica service can \"fail\"",
                );
            }
            if let Some(settles) = &deploy.settles {
                return mistake(settles.span(), "a deployment that fails does not settle");
            }
            Some(failing(fail.get_ref(), &spec.containers)?)
        }
    };
    Ok(Action::Deploy {
        service,
        images,
        over_ms: deploy.over.map_or(90_000, Span::millis),
        settles: deploy.settles.as_ref().is_none_or(|settles| *settles.get_ref()),
        force,
        fail,
        registered_by: principal(deploy.registered_by.as_deref()),
        by: principal(deploy.by.as_deref().or(deploy.registered_by.as_deref())),
    })
}

fn failing(fail: &file::Fail, containers: &[Container]) -> Checked<Failing> {
    let container = match &fail.container {
        Some(name) => position(containers, name)?,
        None => 0,
    };
    let Some(exit_code) = fail.exit_code else {
        if let Some(said) = fail.container.as_ref().or(fail.reason.as_ref()) {
            return mistake(said.span(), "a container that fails has an \"exit_code\"");
        }
        return Ok(Failing::ToStart { reason: fail.stopped_reason.clone() });
    };
    Ok(Failing::AtOnce(Stopping {
        container,
        reason: fail.reason.as_ref().map(|reason| reason.get_ref().clone()),
        exit_code,
        stopped_reason: fail
            .stopped_reason
            .clone()
            .unwrap_or_else(|| "Essential container in task exited".to_owned()),
    }))
}

fn sick(sick: &file::Sick, service: usize, services: &[Service]) -> Checked<Action> {
    let spec = &services[service];
    let container = match &sick.container {
        Some(name) => {
            let container = position(&spec.containers, name)?;
            if !spec.containers[container].health_check {
                return mistake(name.span(), "that container has no \"health_check\"");
            }
            container
        }
        None => match spec.containers.iter().position(|container| container.health_check) {
            Some(container) => container,
            None => {
                return mistake(
                    sick.service.span(),
                    format!("no container of \"{}\" has a \"health_check\"", spec.name),
                );
            }
        },
    };
    Ok(Action::Sick { service, container, share: share(&sick.share)?, to: sick.to.0 })
}

/// The images of all containers; those that are not mentioned are empty.
fn images(
    mentioned: &BTreeMap<Spanned<String>, String>,
    containers: &[Container],
) -> Checked<Vec<String>> {
    for name in mentioned.keys() {
        position(containers, name)?;
    }
    let image = |container: &Container| {
        mentioned.iter().find(|(name, _)| *name.get_ref() == container.name)
    };
    Ok(containers
        .iter()
        .map(|container| image(container).map(|(_, image)| image.clone()).unwrap_or_default())
        .collect())
}

fn stop(
    stop: &file::Stop,
    service: usize,
    services: &[Service],
    known: &Known<'_>,
) -> Checked<Action> {
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
    Ok(Action::Stop {
        service,
        stopping,
        share: share(&stop.share)?,
        wave: known.wave(&stop.wave)?,
        to: stop.to.map_or(i64::MAX, |to| to.0),
    })
}

fn share(share: &Spanned<f64>) -> Checked<f64> {
    match *share.get_ref() {
        some if some > 0.0 && some <= 1.0 => Ok(some),
        _ => mistake(share.span(), "a share is more than 0 and at most 1"),
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
