//! The one file that speaks to ECS.

mod shapes;

use aws::{Door, Error, Operation};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::{self, DesiredStatus};
use record::Time;

use crate::arn::short_name;
use crate::definition::TaskDefinition;
use crate::described::Answer;
use crate::revision::{ServiceDeployment, ServiceRevision};
use crate::service::Service;
use crate::task::{ContainerInstance, Task};

/// DescribeServices takes ten at most (ECS API reference).
pub(crate) const SERVICES_A_CALL: usize = 10;
/// DescribeTasks takes a hundred at most.
pub(crate) const TASKS_A_CALL: usize = 100;
/// DescribeServiceRevisions takes twenty at most.
pub(crate) const REVISIONS_A_CALL: usize = 20;
/// DescribeServiceDeployments takes twenty at most.
pub(crate) const DEPLOYMENTS_A_CALL: usize = 20;
/// DescribeContainerInstances takes a hundred at most.
pub(crate) const INSTANCES_A_CALL: usize = 100;
/// A list that goes on longer than this is a server that repeats itself.
const LONGEST_LIST: usize = 1_000;

/// ECS of one region.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    door: Door,
    region: String,
    client: Client,
}

/// A page of a list, and where the next one begins.
pub(crate) struct Page {
    pub(crate) arns: Vec<String>,
    pub(crate) next: Option<String>,
}

/// Which tasks to list.
#[derive(Clone, Copy, Debug)]
pub enum TasksOf<'a> {
    /// The ones of a service that are to run.
    Service(&'a str),
    /// All that are to run.
    Running,
    /// The stopped ones of all services. ECS lists no stopped tasks by service.
    Stopped,
}

impl Api {
    pub(crate) fn new(door: Door, region: &str) -> Self {
        let client = Client::new(&door.sdk_config(region));
        Self { door, region: region.to_owned(), client }
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The ARNs of all clusters.
    pub(crate) async fn clusters(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListClusters, &self.region, || {
                    self.client
                        .list_clusters()
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            found.extend(page.cluster_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        if let Some(arn) = found.first() {
            self.door.learn_account(arn);
        }
        Ok(found)
    }

    /// The names of a cluster's services.
    pub(crate) async fn service_names(&self, cluster: &str) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListServices, &self.region, || {
                    self.client
                        .list_services()
                        .cluster(cluster)
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            found.extend(page.service_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(found.iter().map(|arn| short_name(arn).to_owned()).collect())
    }

    /// Up to ten services of those names that are not gone (status INACTIVE).
    pub(crate) async fn services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Answer<Service>, Error> {
        let page = self
            .door
            .call(Operation::DescribeServices, &self.region, || {
                self.client
                    .describe_services()
                    .cluster(cluster)
                    .set_services(Some(names.to_vec()))
                    .send()
            })
            .await?;
        let services = page.services.unwrap_or_default();
        if let Some(arn) = services.iter().find_map(|service| service.service_arn()) {
            self.door.learn_account(arn);
        }
        let active = |service: &types::Service| service.status() != Some("INACTIVE");
        Ok(Answer {
            items: services.into_iter().filter(active).filter_map(shapes::service).collect(),
            failures: shapes::failures(page.failures),
        })
    }

    /// Up to twenty service revisions.
    pub(crate) async fn revisions(
        &self,
        arns: &[String],
    ) -> Result<Answer<ServiceRevision>, Error> {
        let page = self
            .door
            .call(Operation::DescribeServiceRevisions, &self.region, || {
                self.client
                    .describe_service_revisions()
                    .set_service_revision_arns(Some(arns.to_vec()))
                    .send()
            })
            .await?;
        let revisions = page.service_revisions.unwrap_or_default();
        Ok(Answer {
            items: revisions.into_iter().filter_map(shapes::revision).collect(),
            failures: shapes::failures(page.failures),
        })
    }

    /// The ARNs of a service's deployments that were made in a window, the newest first.
    pub(crate) async fn service_deployment_arns(
        &self,
        cluster: &str,
        service: &str,
        since: Option<Time>,
        until: Option<Time>,
        most: usize,
    ) -> Result<Vec<String>, Error> {
        let at = |time: Time| DateTime::from_millis(time.millis());
        let window =
            types::CreatedAt::builder().set_after(since.map(at)).set_before(until.map(at)).build();
        let window = (since.is_some() || until.is_some()).then_some(window);
        let page_size = most.clamp(1, 100) as i32;
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self
                .door
                .call(Operation::ListServiceDeployments, &self.region, || {
                    self.client
                        .list_service_deployments()
                        .cluster(cluster)
                        .service(service)
                        .set_created_at(window.clone())
                        .max_results(page_size)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let arns = page.service_deployments.unwrap_or_default().into_iter();
            found.extend(arns.filter_map(|brief| brief.service_deployment_arn));
            token = page.next_token;
            if token.is_none() || found.len() >= most {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// Up to twenty service deployments.
    pub(crate) async fn service_deployments(
        &self,
        arns: &[String],
    ) -> Result<Answer<ServiceDeployment>, Error> {
        let page = self
            .door
            .call(Operation::DescribeServiceDeployments, &self.region, || {
                self.client
                    .describe_service_deployments()
                    .set_service_deployment_arns(Some(arns.to_vec()))
                    .send()
            })
            .await?;
        let deployments = page.service_deployments.unwrap_or_default();
        Ok(Answer {
            items: deployments.into_iter().filter_map(shapes::service_deployment).collect(),
            failures: shapes::failures(page.failures),
        })
    }

    /// One page, a hundred at most, of the ARNs of a cluster's tasks.
    pub(crate) async fn task_arns(
        &self,
        cluster: &str,
        of: TasksOf<'_>,
        token: Option<String>,
    ) -> Result<Page, Error> {
        let (service, status) = match of {
            TasksOf::Service(name) => (Some(name.to_owned()), DesiredStatus::Running),
            TasksOf::Running => (None, DesiredStatus::Running),
            TasksOf::Stopped => (None, DesiredStatus::Stopped),
        };
        let page = self
            .door
            .call(Operation::ListTasks, &self.region, || {
                self.client
                    .list_tasks()
                    .cluster(cluster)
                    .set_service_name(service.clone())
                    .desired_status(status.clone())
                    .max_results(100)
                    .set_next_token(token.clone())
                    .send()
            })
            .await?;
        Ok(Page { arns: page.task_arns.unwrap_or_default(), next: page.next_token })
    }

    /// The ARNs of all of them.
    pub(crate) async fn all_task_arns(
        &self,
        cluster: &str,
        of: TasksOf<'_>,
    ) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..LONGEST_LIST {
            let page = self.task_arns(cluster, of, token).await?;
            found.extend(page.arns);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Of up to a hundred tasks, by id or ARN, those that ECS still knows.
    pub(crate) async fn tasks(&self, cluster: &str, ids: &[String]) -> Result<Vec<Task>, Error> {
        let page = self
            .door
            .call(Operation::DescribeTasks, &self.region, || {
                self.client.describe_tasks().cluster(cluster).set_tasks(Some(ids.to_vec())).send()
            })
            .await?;
        Ok(page.tasks.unwrap_or_default().into_iter().filter_map(shapes::task).collect())
    }

    /// Up to a hundred hosts.
    pub(crate) async fn container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Vec<ContainerInstance>, Error> {
        let page = self
            .door
            .call(Operation::DescribeContainerInstances, &self.region, || {
                self.client
                    .describe_container_instances()
                    .cluster(cluster)
                    .set_container_instances(Some(arns.to_vec()))
                    .send()
            })
            .await?;
        let instances = page.container_instances.unwrap_or_default();
        Ok(instances.into_iter().filter_map(shapes::container_instance).collect())
    }

    /// One revision of a task definition; of a family's name, its newest ACTIVE one.
    pub(crate) async fn task_definition(&self, name: &str) -> Result<TaskDefinition, Error> {
        let page = self
            .door
            .call(Operation::DescribeTaskDefinition, &self.region, || {
                self.client.describe_task_definition().task_definition(name).send()
            })
            .await?;
        Ok(shapes::task_definition(name, page.task_definition))
    }
}
