//! What changed? Out of Terraform's runs, plans and states, ECS deployments and change tickets: one
//! record per change, and never a secret in it.

pub mod jira;
pub mod tfe;

#[cfg(test)]
mod loopback;
