//! What is wrong with the text of a fault, and what was expected.

/// The text of a flag that could not be read; it says what is expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

impl FaultError {
    pub(super) fn new(problem: impl Into<String>) -> FaultError {
        FaultError(problem.into())
    }
}

/// Checks that the simulated cloud has an operation.
pub(super) fn operation(name: &str) -> Result<String, FaultError> {
    let known = crate::protocols::OPERATIONS;
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(FaultError::new(format!(
        "there is no operation \"{name}\" here; there are {}",
        known.join(", ")
    )))
}
