//! What is wrong with a scenario, and where.

use std::ops::Range;

/// A mistake in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}:{line}:{column}: {problem}")]
pub struct ScenarioError {
    origin: String,
    line: usize,
    column: usize,
    problem: String,
}

impl ScenarioError {
    /// The mistake that covers `span` of `text`.
    pub(super) fn at(
        origin: &str,
        text: &str,
        span: Range<usize>,
        problem: String,
    ) -> ScenarioError {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ScenarioError {
            origin: origin.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem,
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}
