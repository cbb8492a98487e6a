//! What is running: services, the versions of their containers, their tasks, and what is wrong with
//! them.

mod ecr;
mod observe;
mod selection;
mod service_record;
mod task_record;
mod tasks;

pub use ecr::{EcrImage, Registry, TagState};
pub use observe::{Observation, UnreadPart, Why, add_details, observe};
pub use selection::{Pattern, SelectionError, ServiceName, Wanted};
pub use service_record::{Breaker, FindingSaid, ServiceRecord, Stops, Version};
pub use task_record::{TaskContainerRecord, TaskRecord};
pub use tasks::Seen;

/// The operations that are used here beside those of the resolver, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 5] = [
    aws::Operation::DescribeServiceRevisions,
    aws::Operation::ListServiceDeployments,
    aws::Operation::DescribeServiceDeployments,
    aws::Operation::DescribeContainerInstances,
    aws::Operation::DescribeImages,
];
