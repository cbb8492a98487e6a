//! `oncall specs show SERVICE`: one service, whole, on one page.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use ecs::{Fleet, Service, ServiceDeployment};
use futures_util::future::{join, join3};
use output::Form;
use specs::{Extras, Observation, PageParts, ServicePage, UnreadPart, Why};

use super::fleets::{self, Looked};
use super::page;
use super::tasks::Hosts;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// So many of the last deployments are shown.
const DEPLOYMENTS_SHOWN: usize = 5;

/// Show one service: versions, deployments, tasks, events, and what to type next
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// NAME, CLUSTER/NAME, a glob or an ARN [default: asked for]
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    /// The cluster, where several have a service of that name
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Also ask the registry what the tags point to now, and whether a newer revision exists
    #[arg(long)]
    details: bool,
}

pub(crate) async fn run(verb: Show, context: &Context) -> Result<Exit, Failure> {
    let clusters: Vec<String> = verb.cluster.iter().cloned().collect();
    let mut output = context.paged_output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let service = match verb.service {
        Some(service) => service,
        None => choose(&clusters, &mut stops, context).await?,
    };
    let wanted = fleets::wanted(std::slice::from_ref(&service), &clusters, context)?;
    let progress = context.progress(move || format!("looking at {service}"));
    let work = async {
        let fleets = fleets::look(&wanted, specs::Depth::Versions, context).await?;
        let (mut pages, mut unread) = (Vec::new(), Vec::new());
        for looked in &fleets.looked {
            for service in &looked.observation.services {
                pages.push(page_of(looked, service, verb.details, &mut unread).await);
            }
        }
        Ok::<_, Failure>((fleets, pages, unread))
    };
    let (fleets, pages, unread) = stops.or(work).await??;
    drop(progress);
    for (place, page) in pages.iter().enumerate() {
        match output.form() {
            Form::Table => {
                if place > 0 {
                    output.verbatim("\n").await?;
                }
                page::draw(page, &mut output, &context.now()).await?;
            }
            _ => output.present(&page::PageLine { page }).await?,
        }
    }
    output.flush().await?;
    Ok(fleets.conclude_with(&unread, Exit::Done, context.talk()))
}

/// A person's choice of a service; where nobody can be asked, what there is is said instead.
async fn choose(
    clusters: &[String],
    stops: &mut Stops,
    context: &Context,
) -> Result<String, Failure> {
    const SHOWN: usize = 20;
    let looking = context.progress(|| "looking for services".to_owned());
    let all = fleets::wanted(&[], clusters, context)?;
    let fleets = stops.or(fleets::look(&all, specs::Depth::Services, context)).await??;
    drop(looking);
    let services = fleets.looked.iter().flat_map(|looked| &looked.observation.services);
    let mut paths: Vec<String> = services.map(Service::path).collect();
    if !context.may_ask() {
        let hint = "`oncall specs show api` shows a service, `oncall specs` lists all";
        let failure = Failure::usage("no service is named", Some(hint.to_owned()));
        let more = paths.len().saturating_sub(SHOWN);
        paths.truncate(SHOWN);
        if more > 0 {
            paths.push(format!("and {more} more"));
        }
        return Err(failure.with_choices(paths));
    }
    if paths.is_empty() {
        return Err(Failure::usage("there is no service to choose from", None));
    }
    let prompt = "Which service? (type a part of the name)";
    match stops.or(output::choose(context.settings(), prompt, &paths)).await? {
        Some(choice) => {
            context.say_line(&paths[choice]);
            Ok(paths.swap_remove(choice))
        }
        None => Err(Failure::Interrupted),
    }
}

/// Asks for what a page needs beyond the service, side by side.
async fn page_of(
    looked: &Looked,
    service: &Service,
    details: bool,
    unread: &mut Vec<UnreadPart>,
) -> ServicePage {
    let Looked { door, fleet, seen, observation, .. } = looked;
    let services = std::slice::from_ref(service);
    let mut observation = Observation {
        services: services.to_vec(),
        revisions: observation.revisions.clone(),
        definitions: observation.definitions.clone(),
        ..Observation::default()
    };
    let (mut running, mut stopped) = (Extras::default(), Extras::default());
    let (mut unread_running, mut unread_stopped) = (Vec::new(), Vec::new());
    let tasks = join(
        specs::add_running_tasks(fleet, services, &mut running, &mut unread_running),
        specs::add_stopped_tasks(fleet, services, &mut stopped, &mut unread_stopped),
    );
    let details_of_definition = specs::add_details(fleet, &mut observation);
    let (_, (), history) =
        join3(tasks, details_of_definition, past_deployments(fleet, service)).await;
    unread.extend(unread_running.into_iter().chain(unread_stopped));
    unread.append(&mut observation.unread);
    let history = history.unwrap_or_else(|error| {
        unread.push(UnreadPart {
            what: format!("the deployments of {}", service.path()),
            why: Why::Aws(error),
        });
        Vec::new()
    });
    add_past_revisions(fleet, &history, &mut observation, unread).await;
    let mut extras =
        Extras { running: running.running, stopped: stopped.stopped, ..Extras::default() };
    if details {
        let rows = specs::rows(seen, &observation, &extras);
        specs::add_newest_revisions(fleet, &rows, &mut extras, unread).await;
        specs::add_tags(door, &rows, &mut extras, unread).await;
    }
    let instances = instances(fleet, &extras, unread).await;
    let parts = PageParts { extras, history, instances };
    specs::page(seen, service, &observation, &parts)
}

/// Task sets have no service deployments.
async fn past_deployments(
    fleet: &Fleet,
    service: &Service,
) -> Result<Vec<ServiceDeployment>, aws::Error> {
    match service.is_deployed_by_ecs() && !service.revisions.is_empty() {
        true => fleet.service_deployments(service, None, None, DEPLOYMENTS_SHOWN).await,
        false => Ok(Vec::new()),
    }
}

async fn add_past_revisions(
    fleet: &Fleet,
    history: &[ServiceDeployment],
    observation: &mut Observation,
    unread: &mut Vec<UnreadPart>,
) {
    let targets = history.iter().filter_map(|past| past.target.clone());
    let new: BTreeSet<String> =
        targets.filter(|arn| !observation.revisions.contains_key(arn)).collect();
    if new.is_empty() {
        return;
    }
    let new: Vec<String> = new.into_iter().collect();
    let found = fleet.revisions(&new).await;
    let revisions = found.items.into_iter().map(|revision| (revision.arn.clone(), revision));
    observation.revisions.extend(revisions);
    unread.extend(found.unread.into_iter().map(|part| UnreadPart {
        what: "what the last deployments brought".to_owned(),
        why: Why::Aws(part.error),
    }));
}

/// The EC2 instance of each host. Fargate has none to ask for.
async fn instances(
    fleet: &Fleet,
    extras: &Extras,
    unread: &mut Vec<UnreadPart>,
) -> HashMap<String, String> {
    let all = extras.running.values().chain(extras.stopped.values());
    let tasks: Vec<_> = all.flatten().cloned().collect();
    Hosts::default().of(fleet, &tasks, unread).await
}
