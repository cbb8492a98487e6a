//! The resolver: from a name to the services, tasks and definitions behind it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use aws::{Cause, Door, Error};
use futures_util::future::{join_all, try_join_all};
use futures_util::stream::{self, Stream, StreamExt};
use record::Time;
use store::{Cache, Scope, Store};
use tokio::sync::OnceCell;

use crate::api::{self, Api, TasksOf};
use crate::arn::{TaskId, short_name};
use crate::definition::TaskDefinition;
use crate::described::Described;
use crate::revision::{ServiceDeployment, ServiceRevision};
use crate::service::Service;
use crate::task::{ContainerInstance, Task};

/// So many pages of a cluster's tasks are described while the list goes on.
const PAGES_AHEAD: usize = 8;

/// The ECS of one region, and what is kept of it between runs.
#[derive(Debug)]
pub struct Fleet {
    door: Door,
    api: Api,
    store: Option<Store>,
    cache: OnceCell<Option<Cache>>,
    /// Revisions never change: each is asked for once, however often a fleet is looked at.
    revisions: Mutex<HashMap<String, ServiceRevision>>,
}

impl Fleet {
    /// The fleet of a region. Task definitions never change and are kept in `store`.
    pub fn new(door: &Door, region: &str, store: Option<&Store>) -> Self {
        Self {
            door: door.clone(),
            api: Api::new(door.clone(), region),
            store: store.cloned(),
            cache: OnceCell::new(),
            revisions: Mutex::default(),
        }
    }

    /// The region.
    pub fn region(&self) -> &str {
        self.api.region()
    }

    /// The names of all clusters.
    pub async fn clusters(&self) -> Result<Vec<String>, Error> {
        let arns = self.api.clusters().await?;
        Ok(arns.iter().map(|arn| short_name(arn).to_owned()).collect())
    }

    /// The services of exactly this name: in one cluster, or in each that has one. One call a
    /// cluster.
    pub async fn services_named(
        &self,
        cluster: Option<&str>,
        name: &str,
    ) -> Result<Found<Service>, Error> {
        let clusters = match cluster {
            Some(cluster) => vec![cluster.to_owned()],
            None => self.clusters().await?,
        };
        let names = [name.to_owned()];
        let services = async |cluster: &String| {
            self.api.services(cluster, &names).await.map(|answer| answer.items)
        };
        let answers = join_all(clusters.iter().map(services)).await;
        Found::collect(clusters, answers)
    }

    /// The names of a cluster's services. One call a hundred.
    pub async fn service_names(&self, cluster: &str) -> Result<Vec<String>, Error> {
        self.api.service_names(cluster).await
    }

    /// The services of those names or ARNs in a cluster. One call for ten.
    pub async fn services(&self, cluster: &str, names: &[String]) -> Described<Service> {
        let parts: Vec<&[String]> = names.chunks(api::SERVICES_A_CALL).collect();
        let answers = parts.iter().map(|names| self.api.services(cluster, names));
        let answers = join_all(answers).await;
        Described::of(&parts, answers)
    }

    /// The service revisions of those ARNs. One call for twenty that are not known yet.
    pub async fn revisions(&self, arns: &[String]) -> Described<ServiceRevision> {
        let (known, new): (Vec<_>, Vec<&String>) = {
            let revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
            let known = arns.iter().filter_map(|arn| revisions.get(arn)).cloned().collect();
            (known, arns.iter().filter(|arn| !revisions.contains_key(*arn)).collect())
        };
        let new: Vec<String> = new.into_iter().cloned().collect();
        let parts: Vec<&[String]> = new.chunks(api::REVISIONS_A_CALL).collect();
        let answers = join_all(parts.iter().map(|arns| self.api.revisions(arns))).await;
        let mut described = Described::of(&parts, answers);
        let of_answers = described.items.iter().cloned();
        let mut revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        revisions.extend(of_answers.map(|revision| (revision.arn.clone(), revision)));
        described.items.extend(known);
        described
    }

    /// The deployments of a service that were asked for in a window, the newest first, so many at most.
    /// ECS keeps those of 90 days. One call for a hundred, and one for twenty.
    pub async fn service_deployments(
        &self,
        service: &Service,
        since: Option<Time>,
        until: Option<Time>,
        most: usize,
    ) -> Result<Vec<ServiceDeployment>, Error> {
        let Service { cluster, name, .. } = service;
        let arns = self.api.service_deployment_arns(cluster, name, since, until, most).await?;
        let parts = arns.chunks(api::DEPLOYMENTS_A_CALL);
        let answers = try_join_all(parts.map(|arns| self.api.service_deployments(arns))).await?;
        let mut found: Vec<ServiceDeployment> =
            answers.into_iter().flat_map(|answer| answer.items).collect();
        found.sort_by_key(|deployment| std::cmp::Reverse(deployment.created));
        Ok(found)
    }

    /// A cluster's tasks, page by page: a hundred or fewer an item. A failure ends it.
    pub fn tasks_of<'a>(
        &'a self,
        cluster: &'a str,
        of: TasksOf<'a>,
    ) -> impl Stream<Item = Result<Vec<Task>, Error>> + 'a {
        let described = self.task_arns(cluster, of).map(move |arns| async move {
            let arns = arns?;
            match arns.is_empty() {
                true => Ok(Vec::new()),
                false => self.api.tasks(cluster, &arns).await,
            }
        });
        described.buffered(PAGES_AHEAD)
    }

    /// The ARNs of a cluster's tasks, page by page. A failure ends it.
    pub fn task_arns<'a>(
        &'a self,
        cluster: &'a str,
        of: TasksOf<'a>,
    ) -> impl Stream<Item = Result<Vec<String>, Error>> + 'a {
        stream::unfold(Some(None), move |token: Option<Option<String>>| async move {
            let token = token?;
            match self.api.task_arns(cluster, of, token).await {
                Ok(page) => Some((Ok(page.arns), page.next.map(Some))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// The hosts of those ARNs. One call a hundred.
    pub async fn container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Vec<ContainerInstance>, Error> {
        let parts = arns.chunks(api::INSTANCES_A_CALL);
        let answers = try_join_all(parts.map(|arns| self.api.container_instances(cluster, arns)));
        Ok(answers.await?.into_iter().flatten().collect())
    }

    /// `cluster/name` of every service that may be listed: for the nearest names.
    pub async fn service_paths(&self) -> Result<Vec<String>, Error> {
        let clusters = self.clusters().await?;
        let lists = clusters.iter().map(|cluster| async move {
            let names = self.api.service_names(cluster).await.unwrap_or_default();
            names.into_iter().map(move |name| format!("{cluster}/{name}"))
        });
        Ok(join_all(lists).await.into_iter().flatten().collect())
    }

    /// A service's tasks, the ones that stopped within about the last hour too, and the tasks of
    /// other services that stopped: ECS lists no stopped tasks by service.
    pub async fn tasks_around(&self, service: &Service) -> Result<Vec<Task>, Error> {
        let (running, stopped) = futures_util::future::try_join(
            self.api.all_task_arns(&service.cluster, TasksOf::Service(&service.name)),
            self.api.all_task_arns(&service.cluster, TasksOf::Stopped),
        )
        .await?;
        let arns: BTreeSet<String> = running.into_iter().chain(stopped).collect();
        let arns: Vec<String> = arns.into_iter().collect();
        self.tasks(&service.cluster, &arns).await
    }

    /// The tasks of those ids in a cluster that ECS still knows.
    pub async fn tasks(&self, cluster: &str, ids: &[String]) -> Result<Vec<Task>, Error> {
        let answers = ids.chunks(api::TASKS_A_CALL).map(|ids| self.api.tasks(cluster, ids));
        Ok(try_join_all(answers).await?.into_iter().flatten().collect())
    }

    /// The task of this id, in whichever cluster it is, if ECS still knows it.
    pub async fn task(&self, id: TaskId<'_>) -> Result<Found<Task>, Error> {
        let clusters = self.clusters().await?;
        let ids = [id.as_str().to_owned()];
        let answers = join_all(clusters.iter().map(|cluster| self.api.tasks(cluster, &ids))).await;
        Found::collect(clusters, answers)
    }

    /// One revision of a task definition, from the cache where it is there.
    pub async fn task_definition(&self, arn: &str) -> Result<TaskDefinition, Error> {
        if let Some(known) = self.known_task_definition(arn).await {
            return Ok(known);
        }
        let definition = self.api.task_definition(arn).await?;
        if let Some(cache) = self.cache().await {
            // A cache that cannot be written costs a call next time, nothing more.
            let _ = cache.write(&cached_name(arn), &definition);
        }
        Ok(definition)
    }

    /// The same, only where the cache has it: without a call.
    pub async fn known_task_definition(&self, arn: &str) -> Option<TaskDefinition> {
        let known: TaskDefinition = self.cache().await?.read(&cached_name(arn))?;
        (known.arn == arn).then_some(known)
    }

    /// The newest ACTIVE revision of a family. It is asked for each time.
    pub async fn newest_task_definition(&self, family: &str) -> Result<TaskDefinition, Error> {
        self.api.task_definition(family).await
    }

    async fn cache(&self) -> Option<&Cache> {
        let open = async || {
            let store = self.store.as_ref()?;
            let owner = self.door.cache_key().await?;
            Some(store.cache(&Scope::new(owner, self.api.region())))
        };
        self.cache.get_or_init(open).await.as_ref()
    }
}

fn cached_name(arn: &str) -> String {
    format!("task-definition-{}", short_name(arn))
}

/// What the clusters that answered have, and the clusters that did not.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// What was found.
    pub items: Vec<T>,
    /// Clusters that could not be asked, and why.
    pub unread: Vec<(String, Error)>,
}

impl<T> Found<T> {
    /// A cluster that does not exist has nothing. When no cluster at all could be asked, that is the
    /// answer.
    fn collect(clusters: Vec<String>, answers: Vec<Result<Vec<T>, Error>>) -> Result<Self, Error> {
        let mut found = Self { items: Vec::new(), unread: Vec::new() };
        let mut answered = clusters.is_empty();
        for (cluster, answer) in clusters.into_iter().zip(answers) {
            match answer {
                Ok(items) => {
                    answered = true;
                    found.items.extend(items);
                }
                Err(error) if matches!(error.cause, Cause::NotFound { .. }) => answered = true,
                Err(error) => found.unread.push((cluster, error)),
            }
        }
        match found.unread.first() {
            Some((_, error)) if !answered => Err(error.clone()),
            _ => Ok(found),
        }
    }
}
