//! A line for people: pieces of text, each with a role that a colour may show.

use anstyle::{AnsiColor, Style};
use record::untrusted;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The thing that is read.
    Plain,
    /// What may be passed over: times, ids.
    Dim,
    /// Something bad.
    Bad,
    /// Something to look at.
    Warning,
    /// All is well.
    Good,
    /// The key of a field.
    Key,
    /// What was searched for.
    Match,
    /// A heading.
    Heading,
    /// A name among others: the same number has the same colour.
    Name(u8),
}

/// A line under construction. Text is made harmless as it is added.
#[derive(Debug)]
pub struct Line<'a> {
    out: &'a mut Vec<u8>,
    colored: bool,
    terminal: bool,
}

impl<'a> Line<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, colored: bool, terminal: bool) -> Self {
        Self { out, colored, terminal }
    }

    /// Adds text from outside.
    pub fn push(&mut self, role: Role, text: &str) -> &mut Self {
        let style = if self.colored { style(role) } else { Style::new() };
        let text = match self.terminal {
            true => untrusted::visible(text),
            false => text.into(),
        };
        self.write(&style.render().to_string());
        self.write(&text);
        self.write(&style.render_reset().to_string());
        self
    }

    /// Adds text from outside that is one word of the line, such as a name or a key: it cannot begin
    /// a line of its own.
    pub fn push_word(&mut self, role: Role, text: &str) -> &mut Self {
        let text = match self.terminal {
            true => untrusted::visible_line(text),
            false => text.into(),
        };
        self.push(role, &text)
    }

    fn write(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn style(role: Role) -> Style {
    /// Colours that can be told apart on a dark and on a light ground, red and yellow kept for
    /// trouble.
    const NAMES: [AnsiColor; 5] = [
        AnsiColor::Cyan,
        AnsiColor::Green,
        AnsiColor::Magenta,
        AnsiColor::Blue,
        AnsiColor::BrightCyan,
    ];
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match role {
        Role::Plain => Style::new(),
        Role::Dim => Style::new().dimmed(),
        Role::Bad => color(AnsiColor::Red).bold(),
        Role::Warning => color(AnsiColor::Yellow),
        Role::Good => color(AnsiColor::Green),
        Role::Key => color(AnsiColor::Cyan),
        Role::Match => color(AnsiColor::Yellow).bold().underline(),
        Role::Heading => Style::new().bold(),
        Role::Name(number) => color(NAMES[usize::from(number) % NAMES.len()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(colored: bool, terminal: bool) -> String {
        let mut out = Vec::new();
        Line::new(&mut out, colored, terminal)
            .push(Role::Bad, "error")
            .push(Role::Plain, " \u{1b}[2J");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn our_colours_are_obeyed_and_theirs_are_shown() {
        assert_eq!(line(true, true), "\u{1b}[1m\u{1b}[31merror\u{1b}[0m ␛[2J");
        assert_eq!(line(false, true), "error ␛[2J");
        assert_eq!(line(false, false), "error \u{1b}[2J");
    }

    #[test]
    fn a_word_cannot_begin_a_line() {
        let mut out = Vec::new();
        Line::new(&mut out, false, true).push_word(Role::Key, "key\n20:00 fatal forged");
        assert_eq!(String::from_utf8(out).unwrap(), "key␊20:00 fatal forged");
    }
}
