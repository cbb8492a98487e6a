//! What changed? Out of Terraform's runs, plans and states, ECS deployments and change tickets: one
//! record per change, and never a secret in it.

mod aftermath;
pub mod check;
pub mod cloudtrail;
mod collapse;
mod cut;
pub mod ecs_deployments;
mod flags;
mod found;
pub mod from_lines;
pub mod jira;
mod lines;
mod merge;
mod moment;
mod names;
pub mod rank;
mod record;
mod s3;
pub mod s3_state;
mod sources;
mod stream;
mod t_minus;
pub mod terraform;
pub mod tfe;
mod window;

#[cfg(test)]
mod loopback;

pub use crate::aftermath::{Aftermath, Reach};
pub use crate::collapse::{AFTER_THE_RUN, collapse};
pub use crate::flags::{Facts, MadeFrom, UnknownFlag, flags, reverts};
pub use crate::found::{Found, Sink, sinks};
pub use crate::merge::{Order, Sections, merge, sections};
pub use crate::rank::{Paged, RULES, Rule, concerns, rank, score};
pub use crate::record::{
    Action, ActionReason, ChangeRecord, Counts, Diagnostic, Flag, Outcome, Reason, ResourceChange,
    Severity, Source, Status, Step, Ticket, ValueChange,
};
pub use crate::sources::{Answer, Ended, SourceRead, Summary};
pub use crate::stream::{InFlight, Merged, Scope};
pub use crate::t_minus::t_minus;
pub use crate::window::{Window, before_minutes};
