//! What is running: services, the versions of their containers, their tasks, and what is wrong with
//! them.

mod changes;
mod difference;
mod events;
mod findings;
mod history;
mod ids;
mod observe;
mod selection;
mod service_record;
mod stops;
mod task_record;
mod versions;

pub use changes::{ServiceChange, Snapshot, State, Watched, What, changes};
pub use difference::{Difference, DifferenceRecord, Key, Side, differences};
pub use events::{EventSaid, events};
pub use findings::{Evidence, Finding, TagNow, findings, is_suspect};
pub use history::{Then, at};
pub use observe::{Observation, UnreadPart, Why, add_details, observe};
pub use selection::{Pattern, SelectionError, ServiceName, Wanted};
pub use service_record::{Breaker, FindingSaid, ServiceRecord, Stops, Version};
pub use stops::{exit_code, reason, stops};
pub use task_record::{TaskContainerRecord, TaskRecord};
pub use versions::{Known, NO_CONTAINER, versions, versions_of_tasks};
