//! The fleet's vocabulary: clusters, services, tasks, deployments, task definitions, and the one
//! resolver of their names.

mod api;
mod arn;
mod fleet;
mod image;
mod model;

pub use arn::{
    TaskId, account_and_region, cluster_of, family_and_revision, revision_of, short_name,
};
pub use fleet::{Fleet, Found};
pub use image::{Digest, EcrRepository, ImageError, ImageReference, is_moving_tag};
pub use model::{
    Container, Deployment, LogConfiguration, Service, Task, TaskContainer, TaskDefinition,
};

/// The ECS operations that the resolver uses, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 6] = [
    aws::Operation::ListClusters,
    aws::Operation::ListServices,
    aws::Operation::DescribeServices,
    aws::Operation::ListTasks,
    aws::Operation::DescribeTasks,
    aws::Operation::DescribeTaskDefinition,
];
