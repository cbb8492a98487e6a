//! What is running: services, the versions of their containers, their tasks, and what is wrong with
//! them.

mod changes;
mod difference;
mod ecr;
mod events;
mod extras;
mod findings;
mod history;
mod observe;
mod page;
mod past;
mod rows;
mod selection;
mod service_record;
mod stops;
mod task_record;
mod tasks;
mod versions;
mod watch;

pub use ::ecs::{service_link, task_link};
pub use changes::{ServiceChange, What};
pub use difference::{Difference, DifferenceRecord, Key, Side, differences};
pub use ecr::{EcrImage, Registry, TagState};
pub use events::EventSaid;
pub use extras::{add_newest_revisions, add_running_tasks, add_stopped_tasks, add_tags, suspects};
pub use findings::{Finding, TagNow};
pub use observe::{Depth, Observation, UnreadPart, Why, add_details, observe};
pub use page::{ContainerSaid, ImageSaid, PageParts, ServicePage, page};
pub use past::rows_at;
pub use rows::{Extras, rows, weight};
pub use selection::{Pattern, SelectionError, ServiceName, Wanted};
pub use service_record::{Breaker, FindingSaid, ServiceRecord, Stops, Version};
pub use task_record::{TaskContainerRecord, TaskRecord};
pub use tasks::Seen;
pub use versions::digest_digits;
pub use watch::{Look, Watch};

/// The operations that are used here beside those of the resolver, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 5] = [
    aws::Operation::DescribeServiceRevisions,
    aws::Operation::ListServiceDeployments,
    aws::Operation::DescribeServiceDeployments,
    aws::Operation::DescribeContainerInstances,
    aws::Operation::DescribeImages,
];
