//! Terraform's JSON, read without ever holding a secret.
//!
//! A plan, an apply and a state are full of secrets, and their masks have holes: `output` of a
//! `terraform_data` repeats a sensitive `input` and is not marked (Terraform 1.11). So nothing is masked
//! here. What may be told is told by name, and everything else is passed over without being built:
//!
//! - of each resource: address, type, action, Terraform's own word for the reason, and the *names* of the
//!   top-level attributes that change. Before and after are compared as slices of the text, and dropped;
//! - values of a short list of harmless scalars (`harmless.rs`), where no mask stands on the path or above
//!   it, and the value is known;
//! - of a diagnostic: severity and summary, cut. A provider writes the summary; the values that it was
//!   given stand in the detail and in the snippet;
//! - index keys, cut at 80 characters: Terraform refuses to make them of sensitive values.
//!
//! Errors say where they are, never what stands there: serde's own messages quote the text.

pub mod apply;
mod error;
mod harmless;
mod mask;
mod opening;
pub mod plan;
mod resource;
mod scan;
pub mod state;

#[cfg(test)]
mod planted;

pub use error::{Document, ReadError};
