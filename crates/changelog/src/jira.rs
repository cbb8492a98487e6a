//! Jira, Cloud and Data Center: ticket keys out of texts, and the tickets that they name.

mod api;
mod credentials;
mod keys;
mod shapes;

pub use api::{Found, Jira};
pub use credentials::{Access, CredentialsError, Deployment, Login, Said, access};
pub use keys::{Projects, ticket_keys};
pub use shapes::{Field, Issue, Resolved, StatusCategory, resolve};
