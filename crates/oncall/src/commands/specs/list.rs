//! `oncall specs`: the services that run.

use std::cmp::Reverse;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum};
use output::{Form, Notice, Output};
use specs::{Extras, Finding, Observation, Pattern, ServiceRecord, UnreadPart};

use super::fleets::{self, Chosen, Looked};
use super::render;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// List services: which version of what runs, and how many tasks of it
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    conditions: Conditions,
    /// Also what costs a call a service or an image: CPU, memory, who registered it when, and every
    /// finding
    #[arg(long)]
    details: bool,
    /// In which order
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Sort::Name)]
    sort: Sort,
}

/// Which of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conditions")]
struct Conditions {
    /// Only what is in trouble, with the reasons why its tasks stopped
    #[arg(long)]
    unhealthy: bool,
    /// Only containers whose image, repository, tag or digest matches a glob (repeatable: any)
    #[arg(long = "image", value_name = "GLOB")]
    images: Vec<String>,
    /// Only what was deployed longer ago than this: 7d
    #[arg(long, value_name = "DURATION")]
    older_than: Option<String>,
    /// Only what was deployed within this time: 2h
    #[arg(long, value_name = "DURATION")]
    newer_than: Option<String>,
    /// Only services of which this is found (repeatable: any); docs/findings.md explains each
    #[arg(long = "finding", value_name = "NAME", value_parser = FindingName)]
    findings: Vec<Finding>,
}

/// The order of the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// Cluster by cluster, by name
    Name,
    /// Worst first
    Health,
    /// What was deployed last, first
    Age,
}

/// Reads the name of a finding. The shells complete it.
#[derive(Clone, Copy)]
struct FindingName;

impl TypedValueParser for FindingName {
    type Value = Finding;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Finding, clap::Error> {
        finding.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = Finding::ALL.into_iter().map(|finding| PossibleValue::new(finding.name()));
        Some(Box::new(names))
    }
}

fn finding(text: &str) -> Result<Finding, String> {
    Finding::named(text).ok_or_else(|| {
        let names: Vec<&str> = Finding::ALL.iter().map(|finding| finding.name()).collect();
        format!("the findings are {}", names.join(", "))
    })
}

/// The conditions, read.
struct Filter {
    unhealthy: bool,
    images: Vec<Pattern>,
    age_seconds: (u64, u64),
    findings: Vec<Finding>,
}

impl Conditions {
    fn filter(&self) -> Result<Filter, Failure> {
        let seconds = |text: &Option<String>| match text {
            Some(text) => {
                let duration = timerange::duration(text)?;
                Ok::<_, Failure>(Some(duration.as_secs().max(0).unsigned_abs()))
            }
            None => Ok(None),
        };
        let images = self.images.iter().map(|glob| Pattern::parse(glob));
        let (older, newer) = (seconds(&self.older_than)?, seconds(&self.newer_than)?);
        if let (Some(older), Some(newer)) = (older, newer)
            && older >= newer
        {
            return Err(Failure::usage(
                "nothing is older than --older-than and newer than --newer-than at once",
                None,
            ));
        }
        Ok(Filter {
            unhealthy: self.unhealthy,
            images: images.collect::<Result<_, _>>()?,
            age_seconds: (older.unwrap_or(0), newer.unwrap_or(u64::MAX)),
            findings: self.findings.clone(),
        })
    }
}

impl Filter {
    fn has_ages(&self) -> bool {
        self.age_seconds != (0, u64::MAX)
    }

    fn wants(&self, row: &ServiceRecord) -> bool {
        let found = || row.findings.iter().filter_map(|said| Finding::named(&said.finding));
        let (least, most) = self.age_seconds;
        let is_of_age = match row.deployment_age_seconds {
            Some(age) => (least..=most).contains(&age),
            None => !self.has_ages(),
        };
        let is_image = || {
            let texts = [&row.image, &row.repository, &row.tag, &row.digest];
            let both = row.repository.as_ref().zip(row.tag.as_ref());
            let both = both.map(|(repository, tag)| format!("{repository}:{tag}"));
            let mut texts = texts.into_iter().flatten().chain(&both);
            texts.any(|text| self.images.iter().any(|pattern| pattern.is_match(text)))
        };
        is_of_age
            && (self.images.is_empty() || is_image())
            && (!self.unhealthy || found().any(Finding::is_unhealthy))
            && (self.findings.is_empty() || found().any(|one| self.findings.contains(&one)))
    }
}

pub(crate) async fn run(verb: List, context: &Context) -> Result<Exit, Failure> {
    let wanted = verb.chosen.wanted(context)?;
    let filter = verb.conditions.filter()?;
    let mut output = context.paged_output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let progress = context.progress(|| "looking at services".to_owned());
    let work = async {
        let mut fleets = fleets::look(&wanted, specs::Depth::Versions, context).await?;
        let (mut rows, mut unread) = (Vec::new(), Vec::new());
        for looked in &mut fleets.looked {
            if verb.details {
                specs::add_details(&looked.fleet, &mut looked.observation).await;
            }
            rows.extend(of_fleet(looked, &verb, &mut unread).await);
        }
        Ok::<_, Failure>((fleets, rows, unread))
    };
    let (fleets, mut rows, unread) = stops.or(work).await??;
    drop(progress);
    let all = rows.len();
    rows.retain(|(_, row)| filter.wants(row));
    sort(&mut rows, verb.sort);
    let reasons = verb.conditions.unhealthy || verb.details || !filter.findings.is_empty();
    let shown = render::Shown { reasons, details: verb.details };
    show(&mut output, &rows, verb.sort, shown, context).await?;
    output.flush().await?;
    if rows.is_empty() && all > 0 {
        context.talk().say(Notice::Note, &format!("none of the {all} containers is one of those"));
    }
    Ok(fleets.conclude_with(&unread, Exit::Done, context.talk()))
}

/// The rows of a region's services, and what was asked for beyond them.
async fn of_fleet(
    looked: &Looked,
    verb: &List,
    unread: &mut Vec<UnreadPart>,
) -> Vec<(Option<String>, ServiceRecord)> {
    let Looked { door, fleet, seen, observation, word } = looked;
    let asked = &verb.conditions.findings;
    let wants = |finding: Finding| verb.details || asked.contains(&finding);
    let rows = specs::rows(seen, observation, &Extras::default());
    let mut extras = Extras::default();
    let Observation { services, .. } = observation;
    if wants(Finding::NotDeployed) {
        specs::add_newest_revisions(fleet, &rows, &mut extras, unread).await;
    }
    if wants(Finding::TagMoved) || wants(Finding::ImageMissing) {
        specs::add_tags(door, &rows, &mut extras, unread).await;
    }
    if wants(Finding::UnhealthyTasks) {
        specs::add_running_tasks(fleet, services, &mut extras, unread).await;
    }
    if wants(Finding::CrashLoop) {
        specs::add_stopped_tasks(fleet, services, &mut extras, unread).await;
    } else if verb.conditions.unhealthy {
        let suspects = specs::suspects(services, seen.time);
        specs::add_stopped_tasks(fleet, &suspects, &mut extras, unread).await;
    }
    let rows = specs::rows(seen, observation, &extras);
    rows.into_iter().map(|row| (word.clone(), row)).collect()
}

fn sort(rows: &mut [(Option<String>, ServiceRecord)], by: Sort) {
    match by {
        // They come in this order.
        Sort::Name => {}
        Sort::Health => rows.sort_by_key(|(_, row)| Reverse(specs::weight(row))),
        Sort::Age => rows.sort_by_key(|(_, row)| row.deployment_age_seconds.unwrap_or(u64::MAX)),
    }
}

async fn show(
    output: &mut Output,
    rows: &[(Option<String>, ServiceRecord)],
    sort: Sort,
    shown: render::Shown,
    context: &Context,
) -> Result<(), Failure> {
    if output.form() == Form::Table {
        let table = render::services(rows, sort == Sort::Name, shown, &context.now());
        return Ok(output.draw(&table).await?);
    }
    for (word, row) in rows {
        output.present(&render::ServiceLine { row, word: word.as_deref() }).await?;
    }
    Ok(())
}
