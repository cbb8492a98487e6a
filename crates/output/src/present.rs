//! What a record must be able to do to be written in each form.

use std::borrow::Cow;

use crate::line::Line;

/// A record that can be shown.
pub trait Present {
    /// Appends one JSON object, without a line break: `time` first, `kind` second.
    fn json(&self, out: &mut Vec<u8>);

    /// The exact text from outside that the record carries.
    fn raw(&self) -> Cow<'_, str>;

    /// The documented columns, in order.
    fn columns(&self) -> Vec<Cow<'_, str>>;

    /// Draws the record for people, without a line break at the end.
    fn line(&self, line: &mut Line<'_>);

    /// Whether its JSON has its page without being asked.
    fn json_has_link(&self) -> bool {
        false
    }

    /// Its page in a console, where it has one.
    fn link(&self) -> Option<String> {
        None
    }
}
