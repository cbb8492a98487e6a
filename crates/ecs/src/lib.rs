//! The fleet's vocabulary: clusters, services, revisions, deployments, tasks, task definitions,
//! images, and the one resolver of their names.

mod api;
mod arn;
mod definition;
mod described;
mod fleet;
mod ids;
mod image;
mod link;
mod revision;
mod service;
mod task;

pub use api::TasksOf;
pub use arn::{
    TaskId, account_and_region, cluster_of, family_and_revision, revision_of, short_name,
};
pub use definition::{Container, HARMLESS, LogConfiguration, Port, TaskDefinition};
pub use described::{Described, Failed, Unread};
pub use fleet::{Fleet, Found};
pub use ids::{without_ids, without_numbers};
pub use image::{Digest, EcrRepository, ImageError, ImageReference, is_moving_tag};
pub use link::{definition_link, deployments_link, service_link, task_link};
pub use revision::{ContainerImage, Rollback, ServiceDeployment, ServiceRevision};
pub use service::{CircuitBreaker, Deployment, DeploymentAlarms, Event, LiveRevision, Service};
pub use task::{Binding, ContainerInstance, Task, TaskContainer};

/// The ECS operations that the resolver uses, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 6] = [
    aws::Operation::ListClusters,
    aws::Operation::ListServices,
    aws::Operation::DescribeServices,
    aws::Operation::ListTasks,
    aws::Operation::DescribeTasks,
    aws::Operation::DescribeTaskDefinition,
];
