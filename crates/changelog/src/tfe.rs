//! HCP Terraform and Terraform Enterprise: where the token is, which calls find what changed, and what
//! the answers say.

mod api;
mod change;
mod clause;
mod credentials;
mod details;
mod find;
mod hcl;
mod plan_calls;
mod shapes;
mod source;
mod structured_log;

pub use api::{Detail, Tfe};
pub use credentials::{Access, CredentialsError, Files, Said, TokenSource, access, organisation};
pub use shapes::{
    Apply, ApplyCounts, Effect, Ingress, Plan, Run, RunStatus, StateVersion, User, Workspace,
};
pub use source::{Ask, read};
pub use structured_log::StructuredLog;
