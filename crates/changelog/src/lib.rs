//! What changed? Out of Terraform's runs, plans and states, ECS deployments and change tickets: one
//! record per change, and never a secret in it.

mod record;
pub mod terraform;

pub use crate::record::{
    Action, ActionReason, ChangeRecord, Counts, Diagnostic, Flag, Outcome, Reason, ResourceChange,
    Severity, Source, Status, Step, Ticket, ValueChange,
};
