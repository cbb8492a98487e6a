//! What is running.

mod ecr;

pub use ecr::{EcrImage, Registry, TagState};

/// The operations of other services than ECS that are used here, for permissions.md and hints.
pub const OPERATIONS: [aws::Operation; 1] = [aws::Operation::DescribeImages];
