//! From the file as written to the checked scenario: names resolved, numbers weighed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;

use super::copies::{self, Copy};
use super::failure::ScenarioError;
use super::file::{self, Class, Controller, Driver, Field, File, Protocol, Scheduling, Strategy};
use super::model::{
    Action, Alarms, CircuitBreaker, Cluster, Container, Group, Lag, LoadBalancer, Log, Port,
    Rotation, Scenario, Service, Wave,
};
use super::terraform::{self, Terraform};
use super::{buckets, exercise, generators, happenings, templates, tickets};
use crate::faults::{FaultError, Faults};
use crate::world::message::{Generator, Message};
use crate::world::registry::Reference;
use crate::world::when::Span;

/// A mistake before it knows which file it is in.
pub(super) type Mistake = (Range<usize>, String);
pub(super) type Checked<T> = Result<T, Mistake>;

const DAY: i64 = 86_400_000;

/// PutLogEvents refuses an event that is further in the future.
const FURTHEST_AHEAD: i64 = 2 * 3_600_000;

/// CreateService takes no longer one.
const LONGEST_SERVICE_NAME: usize = 255;

/// The dynamic ports of a host are dealt out to its tasks in hands of so many.
pub(crate) const MOST_PORTS: usize = 8;

pub(super) fn mistake<T>(at: Range<usize>, problem: impl Into<String>) -> Checked<T> {
    Err((at, problem.into()))
}

pub(super) fn scenario(origin: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let problem = error.message().replace('\n', ", ");
        ScenarioError::at(origin, text, error.span().unwrap_or(0..0), problem)
    })?;
    assemble(file).map_err(|(span, problem)| ScenarioError::at(origin, text, span, problem))
}

/// What the parts of a scenario refer to.
pub(super) struct Known<'a> {
    pub(super) waves: HashMap<&'a str, Wave>,
    pub(super) fields: BTreeMap<&'a str, Generator>,
}

fn assemble(file: File) -> Checked<Scenario> {
    let exercise = exercise::check::exercise(&file)?;
    let mut known = Known { waves: HashMap::new(), fields: generators::all(&file.fields)? };
    for (name, wave) in &file.waves {
        known.waves.insert(name, self::wave(wave)?);
    }

    let mut clusters: Vec<Cluster> = Vec::new();
    for cluster in &file.clusters {
        let name = cluster.name.get_ref();
        if clusters.iter().any(|other| other.name == *name) {
            return mistake(cluster.name.span(), format!("the cluster \"{name}\" is there twice"));
        }
        clusters.push(Cluster {
            name: name.clone(),
            hosts: cluster.hosts,
            short_arns: cluster.short_arns,
            denied: cluster.denied,
        });
    }

    let mut groups: Vec<Group> = Vec::new();
    let region = file.region.unwrap_or_else(|| crate::REGION.to_owned());
    for group in &file.log_groups {
        let checked = self::group(group, &region, &known)?;
        let same = |other: &Group| other.name == checked.name && other.region == checked.region;
        if groups.iter().any(same) {
            return mistake(
                group.name.span(),
                format!("the log group \"{}\" is there twice", checked.name),
            );
        }
        groups.push(checked);
    }

    let mut services: Vec<Service> = Vec::new();
    let mut copies: Vec<Copy> = Vec::new();
    for service in &file.services {
        copies.extend(copies::of(service)?);
    }
    for Copy { service, .. } in &copies {
        let checked = self::service(service, &clusters, (&mut groups, &region), &known)?;
        if services
            .iter()
            .any(|other| other.name == checked.name && other.cluster == checked.cluster)
        {
            return mistake(
                service.name.span(),
                format!("the service \"{}\" is there twice in its cluster", checked.name),
            );
        }
        services.push(checked);
    }

    let mut timeline = Vec::new();
    for happening in &file.timeline {
        let at = happening.get_ref().at.0;
        let Some(mut action) = happenings::action(happening, &clusters, &services, &known)? else {
            continue;
        };
        if let Action::Deploy { service, images, .. } | Action::Register { service, images, .. } =
            &mut action
        {
            copies[*service].fill(images);
        }
        let service = &services[action.service()];
        if at <= service.since {
            return mistake(
                happening.span(),
                format!(
                    "this is before the world begins for \"{}\": see its \"since\"",
                    service.name
                ),
            );
        }
        timeline.push((at, action));
    }
    timeline.sort_by_key(|(at, _)| *at);

    let buckets = buckets::buckets(&file.buckets)?;
    let (organizations, workspaces) = terraform::workspaces(
        &file.organizations,
        &file.workspaces,
        terraform::Known { buckets: &buckets },
    )?;
    let runs = terraform::runs(entries(&file.timeline, |entry| entry.run.as_ref()), &workspaces)?;
    let deeds = buckets::deeds(
        entries(&file.timeline, |entry| entry.put.as_ref()),
        entries(&file.timeline, |entry| entry.delete.as_ref()),
        &buckets,
    )?;
    let (projects, tickets) = tickets::all(&file.projects, &file.tickets)?;

    Ok(Scenario {
        name: file.name,
        summary: file.summary,
        seed: file.seed,
        region,
        page_lead_ms: file.page_lead.map_or(240_000, Span::millis),
        clusters,
        groups,
        services,
        timeline,
        missing_images: missing_images(&file.images)?,
        pushes: happenings::pushes(&file.timeline)?,
        terraform: Terraform { organizations, workspaces, runs },
        buckets,
        deeds,
        projects,
        tickets,
        faults: faults(&file.faults)?,
        exercise,
    })
}

/// The entries of one kind, with their moments.
fn entries<'f, T: 'f>(
    timeline: &'f [Spanned<file::Happening>],
    kind: impl Fn(&'f file::Happening) -> Option<&'f T>,
) -> impl Iterator<Item = (i64, &'f T)> {
    timeline.iter().filter_map(move |entry| {
        let entry = entry.get_ref();
        Some((entry.at.0, kind(entry)?))
    })
}

fn wave(wave: &Spanned<file::Wave>) -> Checked<Wave> {
    let (span, wave) = (wave.span(), wave.get_ref());
    if wave.on.millis() < 1 || wave.every < wave.on {
        return mistake(
            span,
            "a wave is on for at least a millisecond and at most as long as it takes to come again",
        );
    }
    Ok(Wave {
        from: wave.from.0,
        to: wave.to.map_or(i64::MAX, |to| to.0),
        on: wave.on.millis(),
        every: wave.every.millis(),
    })
}

impl Known<'_> {
    pub(super) fn wave(&self, name: &Option<Spanned<String>>) -> Checked<Option<Wave>> {
        let Some(name) = name else { return Ok(None) };
        match self.waves.get(name.get_ref().as_str()) {
            Some(wave) => Ok(Some(*wave)),
            None => mistake(name.span(), format!("there is no wave \"{}\"", name.get_ref())),
        }
    }

    /// The fields in reach: the nearest table wins.
    pub(super) fn reach<'b>(
        &'b self,
        tables: &[&'b BTreeMap<String, Spanned<Field>>],
    ) -> Checked<BTreeMap<&'b str, Generator>> {
        let mut fields = self.fields.clone();
        for table in tables {
            fields.extend(generators::all(table)?);
        }
        Ok(fields)
    }
}

fn missing_images(images: &[file::Image]) -> Checked<Vec<Reference>> {
    images.iter().map(missing_image).collect()
}

fn missing_image(image: &file::Image) -> Checked<Reference> {
    if !image.missing.get_ref() {
        return mistake(
            image.missing.span(),
            "an image is there unless it is said that it is missing: \"missing = true\"",
        );
    }
    match Reference::parse(image.name.get_ref()) {
        Some(reference) => Ok(reference),
        None => mistake(
            image.name.span(),
            "only a registry of AWS can be asked for an image: \"ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG\"",
        ),
    }
}

fn group(group: &file::LogGroup, home: &str, known: &Known<'_>) -> Checked<Group> {
    if let Some(region) = &group.region
        && !region
            .get_ref()
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        return mistake(region.span(), "a region is written like \"eu-west-1\"");
    }
    let rotation = match &group.streams {
        None => None,
        Some(streams) => {
            if streams.rotate.get_ref().millis() < 60_000 {
                return mistake(streams.rotate.span(), "streams rotate at most once a minute");
            }
            let id = BTreeMap::from([("id", Generator::Hex(32))]);
            let name = Message::compile(streams.name.get_ref(), "", &id)
                .or_else(|problem| mistake(streams.name.span(), problem))?;
            Some(Rotation {
                name,
                every_ms: streams.rotate.get_ref().millis(),
                count: streams.count.unwrap_or(1),
            })
        }
    };
    Ok(Group {
        name: group.name.get_ref().clone(),
        region: group.region.as_ref().map_or(home, |region| region.get_ref()).to_owned(),
        retention_days: group.retention_days,
        class: group.class.unwrap_or(Class::Standard),
        lag: lag(&group.lag)?,
        ahead: ahead(&group.ahead)?.unwrap_or(0),
        created: group.created.map_or(-400 * DAY, |created| created.0),
        rotation,
        templates: templates::all(&group.templates, group.rate.as_ref(), &[&group.fields], known)?,
    })
}

fn service(
    service: &file::Service,
    clusters: &[Cluster],
    (groups, home): (&mut Vec<Group>, &str),
    known: &Known<'_>,
) -> Checked<Service> {
    let name = service.name.get_ref();
    let Some(cluster) =
        clusters.iter().position(|cluster| cluster.name == *service.cluster.get_ref())
    else {
        return mistake(
            service.cluster.span(),
            format!("there is no cluster \"{}\"", service.cluster.get_ref()),
        );
    };
    let daemon =
        service.scheduling.as_ref().is_some_and(|kind| *kind.get_ref() == Scheduling::Daemon);
    let desired = match (daemon, service.desired) {
        (true, Some(_)) => {
            return mistake(
                service.name.span(),
                format!("\"{name}\" is a daemon: it has one task on each host, and no \"desired\""),
            );
        }
        (true, None) => clusters[cluster].hosts,
        (false, Some(desired)) => desired,
        (false, None) => {
            return mistake(
                service.name.span(),
                format!("\"{name}\" does not say how many tasks are \"desired\""),
            );
        }
    };
    if name.len() > LONGEST_SERVICE_NAME {
        return mistake(
            service.name.span(),
            format!("a service's name has at most {LONGEST_SERVICE_NAME} characters"),
        );
    }
    let controller = controller(service, daemon)?;
    let bare = controller == Controller::External && desired == 0;
    if service.containers.is_empty() && !bare {
        return mistake(service.name.span(), format!("\"{name}\" has no container"));
    }
    let mut containers = Vec::new();
    for container in &service.containers {
        containers.push(self::container(container, service, (groups, home), known)?);
    }
    if containers.iter().map(|container| container.ports.len()).sum::<usize>() > MOST_PORTS {
        return mistake(
            service.name.span(),
            format!("the containers of a service have at most {MOST_PORTS} ports"),
        );
    }
    let load_balancer = match &service.load_balancer {
        None => None,
        Some(balancer) => {
            let balancer = balancer.get_ref();
            position(&containers, &balancer.container)?;
            Some(LoadBalancer {
                target_group: balancer.target_group.clone(),
                container: balancer.container.get_ref().clone(),
                port: balancer.port,
            })
        }
    };
    Ok(Service {
        name: name.clone(),
        cluster,
        desired,
        daemon,
        fargate: service.launch_type == Some(file::LaunchType::Fargate),
        controller,
        circuit_breaker: service.circuit_breaker.as_ref().map_or_else(
            CircuitBreaker::default,
            |breaker| {
                let file::CircuitBreaker { enable, rollback } = *breaker.get_ref();
                CircuitBreaker { enable, rollback }
            },
        ),
        alarms: alarms(&service.alarms)?,
        bake_ms: bake(service, controller)?,
        family: service
            .family
            .clone()
            .unwrap_or_else(|| format!("{}-{name}", clusters[cluster].name)),
        revision: service.revision.unwrap_or(1),
        since: service.since.map_or(-30 * DAY, |since| since.0),
        created: service.created.map_or(-400 * DAY, |created| created.0),
        cpu: service.cpu.unwrap_or(512),
        memory: service.memory.unwrap_or(1024),
        registered_by: principal(service.registered_by.as_deref()),
        load_balancer,
        containers,
    })
}

/// Who replaces its tasks, and that what was said of it is for such a service.
fn controller(service: &file::Service, daemon: bool) -> Checked<Controller> {
    let Some(written) = &service.controller else { return Ok(Controller::Ecs) };
    let (span, controller) = (written.span(), *written.get_ref());
    if controller == Controller::Ecs {
        return Ok(controller);
    }
    if daemon {
        return mistake(span, "a daemon is deployed by \"ECS\" itself");
    }
    if controller == Controller::CodeDeploy && service.load_balancer.is_none() {
        return mistake(span, "CODE_DEPLOY moves the traffic of a \"load_balancer\"");
    }
    let only = [
        (service.circuit_breaker.as_ref().map(Spanned::span), "circuit_breaker"),
        (service.alarms.as_ref().map(Spanned::span), "alarms"),
        (service.strategy.as_ref().map(Spanned::span), "strategy"),
    ];
    for (span, key) in only {
        if let Some(span) = span {
            return mistake(span, format!("\"{key}\" is for the controller ECS"));
        }
    }
    Ok(controller)
}

fn alarms(alarms: &Option<Spanned<file::Alarms>>) -> Checked<Option<Alarms>> {
    let Some(written) = alarms else { return Ok(None) };
    let file::Alarms { names, enable, rollback } = written.get_ref();
    if names.is_empty() {
        return mistake(written.span(), "alarms have \"names\"");
    }
    Ok(Some(Alarms {
        names: names.clone(),
        enable: enable.unwrap_or(true),
        rollback: rollback.unwrap_or(false),
    }))
}

fn bake(service: &file::Service, controller: Controller) -> Checked<Option<i64>> {
    const BAKE: i64 = 5 * 60_000;
    let is_blue_green = controller == Controller::CodeDeploy
        || service
            .strategy
            .as_ref()
            .is_some_and(|strategy| *strategy.get_ref() == Strategy::BlueGreen);
    match &service.bake {
        Some(bake) if !is_blue_green => mistake(
            bake.span(),
            "\"bake\" is for the strategy BLUE_GREEN and the controller CODE_DEPLOY",
        ),
        Some(bake) => Ok(Some(bake.get_ref().millis())),
        None => Ok(is_blue_green.then_some(BAKE)),
    }
}

pub(super) fn principal(name: Option<&str>) -> String {
    let name = name.unwrap_or("ci");
    let role_and_session =
        if name.contains('/') { name.to_owned() } else { format!("deploy/{name}") };
    format!("arn:aws:sts::{}:assumed-role/{role_and_session}", crate::ACCOUNT)
}

fn container(
    container: &file::Container,
    service: &file::Service,
    (groups, home): (&mut Vec<Group>, &str),
    known: &Known<'_>,
) -> Checked<Container> {
    let log = match &container.log {
        None => None,
        Some(log) => {
            let (span, log) = (log.span(), log.get_ref());
            if log.driver == Driver::Awslogs && (log.group.is_none() || log.stream_prefix.is_none())
            {
                return mistake(
                    span,
                    "the awslogs driver needs a \"group\" and a \"stream_prefix\"",
                );
            }
            if log.group.is_some() && !matches!(log.driver, Driver::Awslogs | Driver::Awsfirelens) {
                return mistake(
                    span,
                    format!("the {} driver does not write to a log group", log.driver.name()),
                );
            }
            let group = log.group.as_ref().map(|name| group_index(groups, home, name));
            Some(Log {
                driver: log.driver,
                group,
                stream_prefix: log.stream_prefix.clone(),
                options: log.options.clone(),
            })
        }
    };
    Ok(Container {
        name: container.name.get_ref().clone(),
        image: container.image.clone(),
        essential: container.essential.unwrap_or(true),
        health_check: container.health_check.unwrap_or(false),
        environment: container.environment.clone(),
        ports: ports(&container.ports)?,
        log,
        lag: lag(&container.lag)?.or(lag(&service.lag)?),
        ahead: ahead(&container.ahead)?.or(ahead(&service.ahead)?),
        templates: templates::all(
            &container.templates,
            container.rate.as_ref(),
            &[&service.fields],
            known,
        )?,
    })
}

fn ports(ports: &[Spanned<file::Port>]) -> Checked<Vec<Port>> {
    let mut checked: Vec<Port> = Vec::new();
    for port in ports {
        let (span, port) = (port.span(), port.get_ref());
        let protocol = port.protocol.unwrap_or(Protocol::Tcp);
        if port.port == 0 || port.host_port == Some(0) {
            return mistake(span, "a port is more than 0; a host's port that varies is left out");
        }
        if checked.iter().any(|other| other.number == port.port && other.protocol == protocol) {
            return mistake(span, format!("the port {} is there twice", port.port));
        }
        checked.push(Port {
            number: port.port,
            name: port.name.clone(),
            host: port.host_port,
            protocol,
        });
    }
    Ok(checked)
}

fn faults(faults: &file::Faults) -> Checked<Faults> {
    fn said<T: FromStr<Err = FaultError>>(text: &Spanned<String>) -> Checked<T> {
        text.get_ref().parse().or_else(|error: FaultError| mistake(text.span(), error.to_string()))
    }
    let expire_for = match (&faults.expire_for, faults.expire_after) {
        (Some(length), None) => {
            return mistake(length.span(), "\"expire_for\" needs \"expire_after\"");
        }
        (length, _) => length.as_ref().map(|length| *length.get_ref()),
    };
    Ok(Faults {
        latency: faults.latency.as_ref().map(said).transpose()?.unwrap_or_default(),
        rates: faults.tps.iter().map(said).collect::<Checked<_>>()?,
        faults: faults.fault.iter().map(said).collect::<Checked<_>>()?,
        scan_limit: faults.scan_limit,
        page_limit: faults.page_limit,
        without: faults.without.iter().map(said).collect::<Checked<_>>()?,
        live_sessions: faults.live_sessions,
        live_limit: faults.live_limit.map(Span::duration),
        expire_after: faults.expire_after.map(Span::duration),
        expire_for: expire_for.map(Span::duration),
        stop_after: faults.stop_after.map(Span::duration),
    })
}

fn lag(lag: &Option<Spanned<[Span; 2]>>) -> Checked<Option<Lag>> {
    let Some(lag) = lag else { return Ok(None) };
    let [low, high] = lag.get_ref().map(Span::millis);
    if low > high {
        return mistake(lag.span(), "a lag is the shortest one, then the longest one");
    }
    Ok(Some(Lag { low_ms: low, high_ms: high }))
}

fn ahead(ahead: &Option<Spanned<Span>>) -> Checked<Option<i64>> {
    let Some(ahead) = ahead else { return Ok(None) };
    let millis = ahead.get_ref().millis();
    if millis > FURTHEST_AHEAD {
        return mistake(
            ahead.span(),
            "a clock is at most two hours ahead: CloudWatch Logs takes nothing from further in the future",
        );
    }
    Ok(Some(millis))
}

/// The group of that name, at home rather than elsewhere; a container may name one that the file says nothing
/// else about.
fn group_index(groups: &mut Vec<Group>, home: &str, name: &str) -> usize {
    let named = |group: &Group| group.name == name;
    let at_home = groups.iter().position(|group| named(group) && group.region == home);
    at_home.or_else(|| groups.iter().position(named)).unwrap_or_else(|| {
        groups.push(Group {
            name: name.to_owned(),
            region: home.to_owned(),
            retention_days: None,
            class: Class::Standard,
            lag: None,
            ahead: 0,
            created: -400 * DAY,
            rotation: None,
            templates: Vec::new(),
        });
        groups.len() - 1
    })
}

pub(super) fn position(containers: &[Container], name: &Spanned<String>) -> Checked<usize> {
    match containers.iter().position(|container| container.name == *name.get_ref()) {
        Some(found) => Ok(found),
        None => {
            mistake(name.span(), format!("the service has no container \"{}\"", name.get_ref()))
        }
    }
}
