//! One file or folder a command: its arguments, its wiring, its rendering.

pub(crate) mod changelog;
pub(crate) mod completions;
pub(crate) mod drill;
pub(crate) mod logs;
pub(crate) mod schema;
pub(crate) mod specs;
