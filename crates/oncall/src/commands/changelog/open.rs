//! The sources that a command reads: which are asked for, which are configured, and how each is
//! reached.

use std::path::Path;

use changelog::jira::{self, FieldNames, Jira, Projects, TicketRules};
use changelog::tfe::{self, Tfe};
use changelog::{Ended, Source, SourceRead};
use ecs::Fleet;
use http::Secret;

use super::asked::{SourceArgs, SourceChoice};
use super::from::{self, FromFile};
use crate::config::{JiraConfig, StatePlace};
use crate::context::{Context, Outside};
use crate::exit::Exit;
use crate::failure::Failure;

/// A source that can be asked.
pub(super) enum Opened {
    /// An organisation's Terraform.
    Terraform(Tfe),
    /// States in S3.
    S3State { door: aws::Door, region: String, place: StatePlace },
    /// A region's services.
    Ecs(FleetPlace),
    /// Change tickets.
    Jira(Jira),
    /// What somebody else wrote.
    From(FromFile),
}

/// A region's services, as a profile reaches them.
pub(super) struct FleetPlace {
    pub(super) door: aws::Door,
    pub(super) fleet: Fleet,
    pub(super) account: Option<String>,
}

/// What was opened, and what could not be.
pub(super) struct Sources {
    pub(super) opened: Vec<Opened>,
    /// Those that were asked for or configured, and cannot be asked.
    pub(super) failed: Vec<SourceRead>,
    /// Where tickets are looked up, whether or not they are a source.
    pub(super) jira: Option<Jira>,
    /// How tickets are read.
    pub(super) rules: TicketRules,
    /// Whose keys are tickets.
    pub(super) projects: Projects,
    /// The same, one by one.
    pub(super) project_keys: Vec<String>,
}

/// Opens what is asked for; without anything asked for, what is configured. What was asked for by
/// name and is not configured is a mistake.
pub(super) async fn sources(args: &SourceArgs, context: &Context) -> Result<Sources, Failure> {
    let configured = &context.config().changelog.sources;
    let only = match args.only.is_empty() {
        false => args.only.clone(),
        true => configured.iter().map(|word| choice(word)).collect::<Result<Vec<_>, _>>()?,
    };
    // What cannot be opened is said before anything is asked.
    let files = from::files(&args.from, context)?;
    let is_asked = !only.is_empty();
    let wanted = if is_asked { only } else { SourceChoice::ALL.to_vec() };
    let outside = context.outside()?;
    let project_keys = match context.drill() {
        Some(drill) => drill.scenario().projects().map(str::to_owned).collect(),
        None => context.config().jira.projects.clone(),
    };
    let mut sources = Sources {
        opened: files.into_iter().map(Opened::From).collect(),
        failed: Vec::new(),
        jira: None,
        rules: rules(&context.config().jira),
        projects: Projects::new(&project_keys),
        project_keys,
    };
    let jira = jira(&outside, context);
    sources.jira = jira.as_ref().ok().cloned();
    for choice in SourceChoice::ALL.into_iter().filter(|choice| wanted.contains(choice)) {
        match choice {
            SourceChoice::Terraform => sources.add_terraform(is_asked, &outside, context)?,
            SourceChoice::S3State => sources.add_states(is_asked, context).await?,
            SourceChoice::Ecs => sources.add_fleets(context).await,
            SourceChoice::Jira => match &jira {
                Ok(jira) => sources.opened.push(Opened::Jira(jira.clone())),
                // Nobody uses Jira here.
                Err(jira::CredentialsError::NoAddress) if !is_asked => {}
                Err(
                    error
                    @ (jira::CredentialsError::NoAddress | jira::CredentialsError::Address(_)),
                ) => return Err(no_jira(error)),
                Err(error) => {
                    let why = format!("{error}; {}", error.hint());
                    sources.deny(Source::Jira, None, &why);
                }
            },
        }
    }
    Ok(sources)
}

fn choice(word: &str) -> Result<SourceChoice, Failure> {
    let find = |choice: &SourceChoice| choice.source().as_str() == word;
    SourceChoice::ALL.into_iter().find(find).ok_or_else(|| {
        let names = SourceChoice::ALL.map(|choice| choice.source().as_str()).join(", ");
        let message = format!("`{word}` in changelog.sources of the configuration is no source");
        Failure::usage(message, Some(format!("the sources are {names}")))
    })
}

impl Sources {
    fn fail(&mut self, source: Source, name: Option<String>, why: &impl ToString) {
        self.ended(source, name, Ended::Failed { why: why.to_string() });
    }

    /// There are no credentials for it, or none that are good.
    fn deny(&mut self, source: Source, name: Option<String>, why: &impl ToString) {
        self.ended(source, name, Ended::Denied { why: why.to_string() });
    }

    fn fail_by(&mut self, source: Source, name: Option<String>, failure: &Failure) {
        let why = match failure.hint() {
            Some(hint) => format!("{}; {hint}", failure.sentence()),
            None => failure.sentence(),
        };
        match failure.exit() {
            Exit::Denied => self.deny(source, name, &why),
            _ => self.fail(source, name, &why),
        }
    }

    fn ended(&mut self, source: Source, name: Option<String>, ended: Ended) {
        self.failed.push(SourceRead { source, name, changes: 0, ended });
    }

    fn add_terraform(
        &mut self,
        is_asked: bool,
        outside: &Outside,
        context: &Context,
    ) -> Result<(), Failure> {
        let config = &context.config().terraform;
        let organizations: Vec<String> = match context.drill() {
            Some(drill) => drill.scenario().organizations().map(str::to_owned).collect(),
            None if !config.organizations.is_empty() => config.organizations.clone(),
            None => tfe::organisation(None, &outside.variables).into_iter().collect(),
        };
        if organizations.is_empty() {
            return match is_asked && context.drill().is_none() {
                false => Ok(()),
                true => Err(Failure::usage(
                    "no organization of Terraform is configured",
                    Some(
                        "set TF_CLOUD_ORGANIZATION, or `organization` in [terraform] of the \
                         configuration"
                            .to_owned(),
                    ),
                )),
            };
        }
        let said = tfe::Said {
            address: outside.drill.clone().or_else(|| config.address.clone()),
            token: outside.drill.as_ref().map(|_| Secret::new(simulator::TERRAFORM_TOKEN)),
        };
        let files = tfe::Files {
            variables: &outside.variables,
            home: outside.home.clone(),
            read: &read_file,
        };
        match tfe::access(&said, &files) {
            Ok(access) => {
                let open = |name: &String| Tfe::new(outside.client.clone(), access.clone(), name);
                self.opened.extend(organizations.iter().map(open).map(Opened::Terraform));
            }
            // What is set, and set wrongly, is a mistake; a token that is not there is none.
            Err(error) if !matches!(error, tfe::CredentialsError::NoToken { .. }) => {
                return Err(Failure::usage(error.to_string(), Some(error.hint())));
            }
            Err(error) => {
                let why = format!("{error}; {}", error.hint());
                self.deny(Source::Terraform, Some(organizations.join(", ")), &why);
            }
        }
        Ok(())
    }

    async fn add_states(&mut self, is_asked: bool, context: &Context) -> Result<(), Failure> {
        let places = match context.drill() {
            Some(drill) => {
                let place = |bucket: &str| StatePlace {
                    bucket: bucket.to_owned(),
                    ..StatePlace::default()
                };
                let scenario = drill.scenario();
                match is_asked {
                    true => scenario.buckets().map(place).collect(),
                    // A bucket without versions makes every answer incomplete: who asks for states learns it.
                    false => scenario.versioned_buckets().map(place).collect(),
                }
            }
            None => context.config().s3_states.clone(),
        };
        if places.is_empty() && is_asked && context.drill().is_none() {
            return Err(Failure::usage(
                "no bucket with states is configured",
                Some("add `[[s3_state]]` with `bucket = \"…\"` to the configuration".to_owned()),
            ));
        }
        for place in places {
            let name = Some(place.bucket.clone());
            let doors = match &place.profile {
                Some(profile) => context.doors_of(profile).await,
                None => context.doors(&[]).await,
            };
            let site = doors.map(|doors| doors.sites(None).into_iter().next());
            match site {
                Ok(Some((site, Ok(door)))) => {
                    let region = place.region.clone().unwrap_or(site.region);
                    self.opened.push(Opened::S3State { door, region, place });
                }
                Ok(Some((_, Err(error)))) => self.fail_by(Source::S3State, name, &error.into()),
                Ok(None) => self.fail(Source::S3State, name, &"there is no region to ask"),
                Err(failure) => self.fail_by(Source::S3State, name, &failure),
            }
        }
        Ok(())
    }

    async fn add_fleets(&mut self, context: &Context) {
        let doors = match context.doors(&[]).await {
            Ok(doors) => doors,
            Err(failure) => return self.fail_by(Source::Ecs, None, &failure),
        };
        context.say_where(&doors).await;
        for (site, door) in doors.sites(None) {
            match door {
                Ok(door) => self.opened.push(Opened::Ecs(FleetPlace {
                    fleet: Fleet::new(&door, &site.region, context.store()),
                    account: door.account().await,
                    door,
                })),
                Err(error) => self.fail_by(Source::Ecs, Some(site.to_string()), &error.into()),
            }
        }
    }
}

fn jira(outside: &Outside, context: &Context) -> Result<Jira, jira::CredentialsError> {
    let JiraConfig { address, email, deployment, .. } = &context.config().jira;
    let deployment = match deployment.as_deref() {
        Some("cloud") => Some(jira::Deployment::Cloud),
        Some(_) => Some(jira::Deployment::DataCenter),
        None => None,
    };
    let said = match &outside.drill {
        Some(url) => jira::Said {
            address: Some(url.clone()),
            email: Some(simulator::JIRA_EMAIL.to_owned()),
            token: Some(Secret::new(simulator::JIRA_TOKEN)),
            deployment: Some(jira::Deployment::Cloud),
        },
        None => {
            jira::Said { address: address.clone(), email: email.clone(), token: None, deployment }
        }
    };
    let access = jira::access(&said, |name| outside.variable(name))?;
    Ok(Jira::new(outside.client.clone(), access))
}

/// What the configuration says of tickets.
fn rules(config: &JiraConfig) -> TicketRules {
    let field = |key: &str| config.fields.get(key).cloned();
    TicketRules {
        fields: FieldNames {
            window_start: field("window_start_field"),
            window_end: field("window_end_field"),
            approval: field("approval_field"),
            effect: field("effect_field"),
            rollback: field("rollback_field"),
        },
        approved_statuses: config.approved_statuses.clone(),
        types: config.types.clone(),
    }
}

fn no_jira(error: &jira::CredentialsError) -> Failure {
    Failure::usage(error.to_string(), Some(error.hint().to_owned()))
}

fn read_file(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
