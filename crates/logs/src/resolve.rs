//! From targets to places: what is a service, what is a group, and where a service's lines are.

use std::collections::BTreeSet;

use aws::{Cause, Door, Doors, Site};
use ecs::{Fleet, Service, Task, TaskDefinition, TaskId};
use futures_util::future::join_all;
use record::Time;
use store::Store;

use crate::cloudwatch::Api;
use crate::error::{Error, sites_text};
use crate::follow::UntilStopped;
use crate::gather::{gather, together};
use crate::glob::Glob;
use crate::listing::LogGroup;
use crate::mapping::{self, Elsewhere, Mapped};
use crate::members::Members;
use crate::place::{Group, Place};
use crate::target::{Address, GroupArn, Home, ServiceName, Target};

/// Where the targets lead, and what should be said about it.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// What to read.
    pub places: Vec<Place>,
    /// What to say on stderr.
    pub notices: Vec<Notice>,
    /// What the targets consist of.
    pub members: Members,
    /// Where a target could not be looked for.
    pub unread: Vec<Unread>,
}

/// A site that could not be asked for a target, while others could.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The target, as it was typed.
    pub target: String,
    /// The site.
    pub site: Site,
    /// Why.
    pub error: aws::Error,
}

/// Something to know about where logs are read, or are not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// A target is at some of the sites that were asked.
    #[error("`{target}` is not in {}", sites_text(sites))]
    NotThere {
        /// As it was typed.
        target: String,
        /// Where it is not.
        sites: Vec<Site>,
    },
    /// The same, of one of several sites.
    #[error("{site}: {notice}")]
    At {
        /// The site.
        site: Site,
        /// What is to be known there.
        notice: Box<Notice>,
    },
    /// A container's output is not in CloudWatch Logs.
    #[error("{owner}: the container {container} logs elsewhere ({destination}), not shown")]
    Elsewhere {
        /// The service or task.
        owner: String,
        /// The container.
        container: String,
        /// Where it goes.
        destination: String,
    },
    /// A container's streams are named after its tasks, and ECS knows only the recent ones.
    #[error(
        "{owner}: the streams of the container {container} have no prefix, so only those of tasks \
         of about the last hour are read"
    )]
    RecentOnly {
        /// The service.
        owner: String,
        /// The container.
        container: String,
    },
    /// A cluster could not be asked.
    #[error("the cluster {cluster} could not be asked ({problem}), so what it has is not shown")]
    ClusterUnread {
        /// The cluster's name.
        cluster: String,
        /// Why.
        problem: String,
    },
    /// A service's tasks may not be listed.
    #[error(
        "{owner}: no permission to list its tasks ({action}), so only its current deployments say \
         where its logs are"
    )]
    WithoutTasks {
        /// The service.
        owner: String,
        /// The missing IAM action.
        action: &'static str,
    },
    /// A group that matches cannot be read by events.
    #[error("{group} is of the class {class}, which only Logs Insights reads; not shown")]
    OtherClass {
        /// The group.
        group: String,
        /// Its class.
        class: String,
    },
    /// ECS may not be asked, so a name was taken for a group.
    #[error("no permission to ask ECS ({action}), so `{name}` is read as a log group")]
    WithoutEcs {
        /// As it was typed.
        name: String,
        /// The missing IAM action.
        action: &'static str,
    },
    /// A task definition could not be read.
    #[error(
        "{owner}: the task definition {definition} could not be read ({problem}); its logs may be missing"
    )]
    DefinitionUnread {
        /// The service.
        owner: String,
        /// Its short name.
        definition: String,
        /// Why.
        problem: String,
    },
    /// Groups may not be listed, so a name was not checked.
    #[error(
        "no permission to list log groups (logs:DescribeLogGroups), so `{name}` is read unchecked"
    )]
    Unchecked {
        /// As it was typed.
        name: String,
    },
}

impl Resolution {
    pub(crate) fn add(&mut self, part: Self) {
        self.places.extend(part.places);
        self.members.extend(part.members);
        self.unread.extend(part.unread);
        for notice in part.notices {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
    }
}

/// Finds where the targets lead, at each site that is asked for them. `observed` is the time of the
/// look.
pub async fn resolve(
    doors: &Doors,
    store: Option<&Store>,
    targets: &[Address],
    observed: Time,
) -> Result<Resolution, Error> {
    let several = doors.all_sites().len() > 1;
    let answers = targets.iter().map(async |address| {
        let answers = sites(doors, address).await.into_iter().map(async |(site, door)| {
            let answer = match door {
                Ok(door) => {
                    let region = site.region.clone();
                    Resolver { door, region, store, observed }.target(&address.target).await
                }
                Err(error) => Err(error.into()),
            };
            (site, answer)
        });
        gather(&address.typed, join_all(answers).await, several)
    });
    together(join_all(answers).await)
}

/// Where a target is looked for. An ARN says so itself: through the door of its account where there
/// is one, else through the first.
async fn sites(doors: &Doors, address: &Address) -> Vec<(Site, Result<Door, aws::Error>)> {
    let profile = address.profile.as_deref();
    let sites = doors.sites(profile);
    let Some(home) = address.target.home() else { return sites };
    let mut open = sites.iter().filter_map(|(_, door)| door.clone().ok());
    let door = match (open.next(), open.next()) {
        (None, _) => return sites.into_iter().take(1).collect(),
        (Some(only), None) => only,
        (Some(first), Some(_)) => doors.of_account(profile, &home.account).await.unwrap_or(first),
    };
    vec![(Site { profile: door.profile().map(str::to_owned), region: home.region }, Ok(door))]
}

/// The task of this id, to wait for its end, wherever it is.
pub async fn find_task(doors: &Doors, id: &str) -> Result<UntilStopped, Error> {
    let unknown = || Error::UnknownTask { id: id.to_owned() };
    let task_id = TaskId::parse(id).ok_or_else(unknown)?;
    let answers = doors.all_sites().into_iter().map(async |(site, door)| {
        let found = Fleet::new(&door?, &site.region, None).task(task_id).await?;
        let at = |task: Task| UntilStopped {
            profile: site.profile,
            region: site.region,
            cluster: task.cluster,
            id: task.id,
        };
        match (found.items.into_iter().next(), found.unread.into_iter().next()) {
            (Some(task), _) => Ok(Some(at(task))),
            (None, Some((_, error))) => Err(error),
            (None, None) => Ok(None),
        }
    });
    let (mut refusal, mut found) = (None, None);
    for answer in join_all(answers).await {
        match answer {
            Ok(task) => found = found.or(task),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match (found, refusal) {
        (Some(task), _) => Ok(task),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(unknown()),
    }
}

/// Resolves at one site.
struct Resolver<'a> {
    door: Door,
    region: String,
    store: Option<&'a Store>,
    observed: Time,
}

impl Resolver<'_> {
    async fn target(&self, target: &Target) -> Result<Resolution, Error> {
        match target {
            Target::Bare(name) => self.bare(name).await,
            Target::Service(name) => self.service_by_name(name).await,
            Target::Task { id, home } => self.task(id, home.as_ref()).await,
            Target::Group(name) => self.group(name).await,
            Target::Glob(glob) => self.glob(glob).await,
            Target::GroupArn(arn) => Ok(places(vec![Place::whole(self.group_of_arn(arn).await)])),
        }
    }

    /// The fleet of our region, or of an ARN's. ECS answers for one's own account only.
    async fn fleet(&self, name: &str, home: Option<&Home>) -> Result<Fleet, Error> {
        let Some(home) = home else {
            return Ok(Fleet::new(&self.door, &self.region, self.store));
        };
        match self.door.account().await {
            Some(ours) if ours != home.account => Err(Error::OtherAccount {
                arn: name.to_owned(),
                theirs: home.account.clone(),
                ours,
            }),
            _ => Ok(Fleet::new(&self.door, &home.region, self.store)),
        }
    }

    fn profile(&self) -> Option<String> {
        self.door.profile().map(str::to_owned)
    }

    /// The account and region in which a service's groups are, without a name yet.
    async fn home(&self, region: &str) -> Group {
        let account = self.door.account().await;
        Group {
            profile: self.profile(),
            account,
            region: region.to_owned(),
            name: String::new(),
            arn: None,
        }
    }

    /// A name that may be a service or a group. Both are looked for at once.
    async fn bare(&self, name: &str) -> Result<Resolution, Error> {
        let Some(service_name) = ServiceName::parse(name) else { return self.group(name).await };
        let fleet = self.fleet(name, None).await?;
        let cluster = service_name.cluster.as_deref();
        let (services, group) = futures_util::future::join(
            fleet.services_named(cluster, &service_name.service),
            self.find_group(name),
        )
        .await;
        let services = match services {
            Ok(services) => services,
            Err(error) => return self.group_instead(name, error).await,
        };
        let unread = unread_clusters(services.unread);
        // Whether there is a group of that name does not matter where a service answers and groups
        // may not be listed.
        let group = match group {
            Ok(group) => group,
            Err(_) if !services.items.is_empty() => None,
            Err(error) => return Err(error.into()),
        };
        let mut found = match (self.only_one(name, services.items)?, group) {
            (None, None) => Err(self.unknown_name(name, &fleet).await),
            (None, Some(group)) => Ok(places(vec![Place::whole(group)])),
            (Some(service), None) => match self.service(&fleet, &service, &service_name).await {
                Err(Error::Aws(error)) => self.group_instead(name, error).await,
                found => found,
            },
            (Some(service), Some(group)) => {
                let found = self.service(&fleet, &service, &service_name).await?;
                let is_there = |place: &Place| {
                    (&place.group.name, &place.group.region) == (&group.name, &group.region)
                };
                if found.places.iter().all(is_there) {
                    return Ok(found);
                }
                let choices = vec![format!("service:{}", service.path()), format!("group:{name}")];
                Err(Error::Ambiguous { name: name.to_owned(), choices })
            }
        }?;
        found.notices.extend(unread);
        Ok(found)
    }

    /// ECS may not be asked: the name may still be a group's. Where there is no such group, it was
    /// meant as a service, and the refusal is the answer.
    async fn group_instead(&self, name: &str, error: aws::Error) -> Result<Resolution, Error> {
        let (Cause::Denied { .. }, Some(operation)) = (&error.cause, error.operation) else {
            return Err(error.into());
        };
        let mut found = match self.group(name).await {
            Err(Error::UnknownGroup { .. }) => return Err(error.into()),
            found => found?,
        };
        let notice = Notice::WithoutEcs { name: name.to_owned(), action: operation.action() };
        found.notices.push(notice);
        Ok(found)
    }

    async fn service_by_name(&self, name: &ServiceName) -> Result<Resolution, Error> {
        let fleet = self.fleet(&name.service, name.home.as_ref()).await?;
        let services = fleet.services_named(name.cluster.as_deref(), &name.service).await?;
        match self.only_one(&name.service, services.items)? {
            Some(service) => {
                let mut found = self.service(&fleet, &service, name).await?;
                found.notices.extend(unread_clusters(services.unread));
                Ok(found)
            }
            None => {
                let known = fleet.service_paths().await.unwrap_or_default();
                let typed = match &name.cluster {
                    Some(cluster) => format!("{cluster}/{}", name.service),
                    None => name.service.clone(),
                };
                Err(Error::UnknownService {
                    nearest: nearest(&typed, &known),
                    name: typed,
                    region: fleet.region().to_owned(),
                })
            }
        }
    }

    fn only_one(&self, name: &str, mut services: Vec<Service>) -> Result<Option<Service>, Error> {
        if services.len() > 1 {
            let choices = services.iter().map(Service::path).collect();
            return Err(Error::Ambiguous { name: name.to_owned(), choices });
        }
        Ok(services.pop())
    }

    async fn service(
        &self,
        fleet: &Fleet,
        service: &Service,
        name: &ServiceName,
    ) -> Result<Resolution, Error> {
        let mut notices = Vec::new();
        let tasks = match fleet.tasks_around(service).await {
            Ok(tasks) => tasks,
            Err(aws::Error { cause: Cause::Denied { .. }, operation: Some(operation), .. }) => {
                let (owner, action) = (service.path(), operation.action());
                notices.push(Notice::WithoutTasks { owner, action });
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        let arns = mapping::definitions_of(service, &tasks);
        let (definitions, unread) = self.definitions(fleet, service, &arns).await?;
        notices.extend(unread);
        if let Some(container) = &name.container {
            require_container(service, container, &definitions)?;
        }
        let home = self.home(fleet.region()).await;
        let container = name.container.as_deref();
        let mapped = mapping::of_service(service, &tasks, &definitions, container, &home);
        let mut found = self.mapped(mapped, &service.path(), container)?;
        found.members.add_service(service, &tasks);
        found.notices.append(&mut notices);
        Ok(found)
    }

    async fn definitions(
        &self,
        fleet: &Fleet,
        service: &Service,
        arns: &BTreeSet<String>,
    ) -> Result<(Vec<TaskDefinition>, Vec<Notice>), Error> {
        let read = join_all(arns.iter().map(|arn| fleet.task_definition(arn))).await;
        let (mut definitions, mut notices, mut failure) = (Vec::new(), Vec::new(), None);
        for (arn, read) in arns.iter().zip(read) {
            match read {
                Ok(definition) => definitions.push(definition),
                Err(error) => {
                    notices.push(Notice::DefinitionUnread {
                        owner: service.path(),
                        definition: ecs::short_name(arn).to_owned(),
                        problem: error.cause.to_string(),
                    });
                    failure = Some(error);
                }
            }
        }
        match failure {
            Some(error) if definitions.is_empty() => Err(error.into()),
            _ => Ok((definitions, notices)),
        }
    }

    async fn task(&self, id: &str, home: Option<&Home>) -> Result<Resolution, Error> {
        let fleet = self.fleet(id, home).await?;
        let unknown = || Error::UnknownTask { id: id.to_owned() };
        let task_id = TaskId::parse(id).ok_or_else(unknown)?;
        let found = fleet.task(task_id).await?;
        // It may be in a cluster that could not be asked.
        let refusal = found.unread.into_iter().next().map(|(_, error)| Error::Aws(error));
        let task: Task = match (found.items.into_iter().next(), refusal) {
            (Some(task), _) => task,
            (None, Some(refusal)) => return Err(refusal),
            (None, None) => return Err(unknown()),
        };
        let arn = task.task_definition.as_deref().ok_or_else(unknown)?;
        let definition = fleet.task_definition(arn).await?;
        let home = self.home(fleet.region()).await;
        self.mapped(mapping::of_task(&task, &definition, &home), &format!("task {id}"), None)
    }

    /// Names what logs elsewhere; nothing readable at all is an error.
    fn mapped(
        &self,
        mapped: Mapped,
        owner: &str,
        container: Option<&str>,
    ) -> Result<Resolution, Error> {
        let Mapped { places, elsewhere, recent_only } = mapped;
        if places.is_empty() {
            let list: Vec<String> = elsewhere
                .into_iter()
                .map(|Elsewhere { container, destination }| format!("{container} to {destination}"))
                .collect();
            let name = match container {
                Some(container) => format!("{owner}/{container}"),
                None => owner.to_owned(),
            };
            let elsewhere = match list.is_empty() {
                true => "no task of it is known whose streams could be named".to_owned(),
                false => list.join(", "),
            };
            return Err(Error::NoLogs { name, elsewhere });
        }
        let notices = elsewhere.into_iter().map(|Elsewhere { container, destination }| {
            Notice::Elsewhere { owner: owner.to_owned(), container, destination }
        });
        let recent = recent_only
            .into_iter()
            .map(|container| Notice::RecentOnly { owner: owner.to_owned(), container });
        Ok(Resolution { places, notices: notices.chain(recent).collect(), ..Resolution::default() })
    }

    async fn group(&self, name: &str) -> Result<Resolution, Error> {
        let region = self.region.clone();
        match self.find_group(name).await {
            Ok(Some(group)) => Ok(places(vec![Place::whole(group)])),
            Ok(None) => {
                let known = self.group_names("").await;
                let name = name.to_owned();
                Err(Error::UnknownGroup { nearest: nearest(&name, &known), name, region })
            }
            Err(error) if matches!(error.cause, Cause::Denied { .. }) => {
                let group = Group { name: name.to_owned(), ..self.home(&region).await };
                Ok(Resolution {
                    places: vec![Place::whole(group)],
                    notices: vec![Notice::Unchecked { name: name.to_owned() }],
                    ..Resolution::default()
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The group of exactly this name. The API lists by prefix, in the order of names, so it comes
    /// first.
    async fn find_group(&self, name: &str) -> Result<Option<Group>, aws::Error> {
        let api = Api::new(&self.door, &self.region);
        let page = api.groups(name, self.observed, None).await?;
        Ok(page
            .items
            .into_iter()
            .find(|group| group.group == name)
            .map(|group| self.as_group(group)))
    }

    async fn glob(&self, glob: &str) -> Result<Resolution, Error> {
        let matcher = Glob::new(glob)?;
        let api = Api::new(&self.door, &self.region);
        let (mut found, mut notices, mut token) = (Vec::new(), Vec::new(), None);
        loop {
            let page = api.groups(matcher.literal_prefix(), self.observed, token).await?;
            for group in page.items.into_iter().filter(|group| matcher.matches(&group.group)) {
                match group.class.as_deref() {
                    None | Some("standard") => found.push(Place::whole(self.as_group(group))),
                    Some(class) => notices
                        .push(Notice::OtherClass { class: class.to_owned(), group: group.group }),
                }
            }
            token = page.token;
            if token.is_none() {
                break;
            }
        }
        if found.is_empty() && notices.is_empty() {
            let known = self.group_names("").await;
            return Err(Error::NoMatch {
                glob: glob.to_owned(),
                region: self.region.clone(),
                nearest: nearest(matcher.literal_prefix(), &known),
            });
        }
        let mut members = Members::default();
        found.iter().for_each(|place| members.add_group(&place.group.name));
        Ok(Resolution { places: found, notices, members, ..Resolution::default() })
    }

    fn as_group(&self, LogGroup { account, region, group: name, .. }: LogGroup) -> Group {
        Group { profile: self.profile(), account, region, name, arn: None }
    }

    /// A group of our own account is asked for by its name, which every implementation knows.
    async fn group_of_arn(&self, arn: &GroupArn) -> Group {
        let own = self.door.account().await.is_some_and(|account| account == arn.account);
        Group {
            profile: self.profile(),
            account: Some(arn.account.clone()),
            region: arn.region.clone(),
            name: arn.name.clone(),
            arn: (!own).then(|| arn.arn.clone()),
        }
    }

    async fn unknown_name(&self, name: &str, fleet: &Fleet) -> Error {
        let (services, groups) =
            futures_util::future::join(fleet.service_paths(), self.group_names("")).await;
        let mut known = services.unwrap_or_default();
        known.extend(groups);
        Error::UnknownName {
            name: name.to_owned(),
            region: fleet.region().to_owned(),
            nearest: nearest(name, &known),
        }
    }

    /// Names of groups for the sake of a hint: the first thousand, and none where they may not be
    /// listed.
    async fn group_names(&self, prefix: &str) -> Vec<String> {
        const PAGES: usize = 20;
        let api = Api::new(&self.door, &self.region);
        let (mut names, mut token) = (Vec::new(), None);
        for _ in 0..PAGES {
            let Ok(page) = api.groups(prefix, self.observed, token).await else { break };
            names.extend(page.items.into_iter().map(|group| group.group));
            token = page.token;
            if token.is_none() {
                break;
            }
        }
        names
    }
}

fn require_container(
    service: &Service,
    container: &str,
    definitions: &[TaskDefinition],
) -> Result<(), Error> {
    let containers = definitions.iter().flat_map(|definition| &definition.containers);
    let known: BTreeSet<String> = containers.map(|container| container.name.clone()).collect();
    if known.contains(container) {
        return Ok(());
    }
    Err(Error::UnknownContainer {
        service: service.path(),
        container: container.to_owned(),
        known: known.into_iter().collect(),
    })
}

fn unread_clusters(unread: Vec<(String, aws::Error)>) -> Vec<Notice> {
    let notice = |(cluster, error): (String, aws::Error)| Notice::ClusterUnread {
        cluster,
        problem: error.cause.to_string(),
    };
    unread.into_iter().map(notice).collect()
}

fn places(places: Vec<Place>) -> Resolution {
    Resolution { places, ..Resolution::default() }
}

pub(crate) fn nearest(name: &str, known: &[String]) -> Vec<String> {
    spelling::nearest_few(name, known.iter().map(String::as_str), 3)
        .into_iter()
        .map(str::to_owned)
        .collect()
}
