//! Jira, Cloud and Data Center: ticket keys out of texts, and the tickets that they name.

mod api;
mod clause;
mod credentials;
mod join;
mod keys;
mod shapes;
mod source;
mod ticket;

pub use api::{Found, Jira};
pub use credentials::{Access, CredentialsError, Deployment, Login, Said, access};
pub use join::Tickets;
pub use keys::{Projects, ticket_keys};
pub use shapes::{Field, Issue, Resolved, StatusCategory, resolve};
pub use source::{Ask, read};
pub use ticket::{FieldNames, TicketRules};
