//! In which form records are written.

/// A form of output, as a command's records have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines for people.
    Text,
    /// Tab-separated columns: what `text` is off a terminal.
    Columns,
    /// One JSON object a line.
    Json,
    /// The exact text from outside.
    Raw,
    /// A table for people.
    Table,
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal that wants it.
    #[default]
    Auto,
    /// Always, in pipes too.
    Always,
    /// Never.
    Never,
}
