//! What is running: services, the versions of their containers, their tasks, and what is wrong with
//! them.

mod service_record;
mod task_record;

pub use service_record::{Breaker, FindingSaid, ServiceRecord, Stops, Version};
pub use task_record::{TaskContainerRecord, TaskRecord};
