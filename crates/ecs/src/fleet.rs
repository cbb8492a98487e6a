//! The resolver: from a name to the services, tasks and definitions behind it.

use std::collections::BTreeSet;

use aws::{Cause, Door, Error};
use futures_util::future::join_all;
use store::{Cache, Scope, Store};
use tokio::sync::OnceCell;

use crate::api::{Api, TasksOf};
use crate::arn::{TaskId, short_name};
use crate::model::{Service, Task, TaskDefinition};

/// The ECS of one region, and what is kept of it between runs.
#[derive(Debug)]
pub struct Fleet {
    door: Door,
    api: Api,
    store: Option<Store>,
    cache: OnceCell<Option<Cache>>,
}

impl Fleet {
    /// The fleet of a region. Task definitions never change and are kept in `store`.
    pub fn new(door: &Door, region: &str, store: Option<&Store>) -> Self {
        Self {
            door: door.clone(),
            api: Api::new(door.clone(), region),
            store: store.cloned(),
            cache: OnceCell::new(),
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
        let answers =
            join_all(clusters.iter().map(|cluster| self.api.services(cluster, &names))).await;
        Found::collect(clusters, answers)
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
            self.api.task_arns(&service.cluster, TasksOf::Service(&service.name)),
            self.api.task_arns(&service.cluster, TasksOf::Stopped),
        )
        .await?;
        let arns: BTreeSet<String> = running.into_iter().chain(stopped).collect();
        let arns: Vec<String> = arns.into_iter().collect();
        self.api.tasks(&service.cluster, &arns).await
    }

    /// The tasks of those ids in a cluster that ECS still knows.
    pub async fn tasks(&self, cluster: &str, ids: &[String]) -> Result<Vec<Task>, Error> {
        self.api.tasks(cluster, ids).await
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
        let name = format!("task-definition-{}", short_name(arn));
        let cache = self.cache().await;
        if let Some(known) = cache.and_then(|cache| cache.read::<TaskDefinition>(&name))
            && known.arn == arn
        {
            return Ok(known);
        }
        let definition = self.api.task_definition(arn).await?;
        if let Some(cache) = cache {
            // A cache that cannot be written costs a call next time, nothing more.
            let _ = cache.write(&name, &definition);
        }
        Ok(definition)
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
