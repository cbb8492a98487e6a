//! A line for people: pieces of text, each with a role that a colour may show.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use record::untrusted;

use crate::wrap;

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
    /// All of it stands back, whatever the roles of its pieces.
    dimmed: bool,
    /// The columns of the terminal, where a longer line is to be wrapped.
    width: Option<usize>,
    /// What is wrapped at the end.
    text: String,
    /// Up to where the text has which role.
    pieces: Vec<(usize, Role)>,
    /// Where the rest of a long line may stand.
    stops: Vec<usize>,
}

impl<'a> Line<'a> {
    /// A line that is as long as it is.
    pub(crate) fn new(out: &'a mut Vec<u8>, colored: bool, terminal: bool) -> Self {
        let (text, pieces, stops) = (String::new(), Vec::new(), Vec::new());
        Self { out, colored, terminal, dimmed: false, width: None, text, pieces, stops }
    }

    /// A line of a terminal with so many columns: what is longer goes on below.
    pub(crate) fn wrapped(out: &'a mut Vec<u8>, colored: bool, width: usize) -> Self {
        Self { width: Some(width), ..Self::new(out, colored, true) }
    }

    /// The columns of the terminal, where a longer line is wrapped.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// From here on all text stands back, whatever its role.
    pub fn dim(&mut self) -> &mut Self {
        self.dimmed = true;
        self
    }

    /// Adds text from outside.
    pub fn push(&mut self, role: Role, text: &str) -> &mut Self {
        let role = if self.dimmed { Role::Dim } else { role };
        let text = match self.terminal {
            true => untrusted::visible(text),
            false => text.into(),
        };
        if self.width.is_none() {
            paint(self.out, self.colored, role, &text);
            return self;
        }
        // Where a tab would lead depends on the row.
        match text.contains('\t') {
            true => self.text.push_str(&text.replace('\t', TAB)),
            false => self.text.push_str(&text),
        }
        self.pieces.push((self.text.len(), role));
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

    /// The rest of a long line, and further lines of its text, may stand under this place. The last
    /// such place counts that leaves them room.
    pub fn stop(&mut self) -> &mut Self {
        self.stops.push(self.text.len());
        self
    }

    /// Draws what was gathered.
    pub(crate) fn end(self) {
        let Some(width) = self.width else { return };
        let columns = self.stops.iter().map(|stop| wrap::columns(&self.text[..*stop]));
        let hang = columns.take_while(|column| *column <= width * 2 / 5).last();
        let hang = hang.unwrap_or(2.min(width / 8));
        let mut pieces = self.pieces.iter().peekable();
        for (number, row) in wrap::rows(&self.text, width, hang).into_iter().enumerate() {
            if number > 0 {
                self.out.push(b'\n');
            }
            self.out.resize(self.out.len() + row.indent, b' ');
            let mut from = row.shown.start;
            while let Some((end, role)) = pieces.peek()
                && from < row.shown.end
            {
                let to = row.shown.end.min(*end);
                if from < to {
                    paint(self.out, self.colored, *role, &self.text[from..to]);
                    from = to;
                }
                // A piece may go on in the next row.
                if *end <= row.shown.end {
                    pieces.next();
                }
            }
        }
    }
}

/// What stands for a tab in a line that is wrapped.
const TAB: &str = "    ";

/// Columns that a text takes on a terminal, once it is made harmless.
pub fn columns(text: &str) -> usize {
    wrap::columns(&untrusted::visible_line(text))
}

/// Adds text to what is written, in the colour of its role.
pub(crate) fn paint(out: &mut Vec<u8>, colored: bool, role: Role, text: &str) {
    if !colored || role == Role::Plain {
        return out.extend_from_slice(text.as_bytes());
    }
    let style = style(role);
    // Writing to memory cannot fail.
    let _ = write!(out, "{}{text}{}", style.render(), style.render_reset());
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
    fn a_colour_goes_on_in_the_next_row() {
        let mut out = Vec::new();
        let mut line = Line::wrapped(&mut out, true, 20);
        line.push(Role::Dim, "12:00").push(Role::Plain, " ").stop();
        line.push(Role::Plain, "a ").push(Role::Match, "needle in a haystack").push(Role::Bad, "!");
        line.end();
        assert_eq!(
            String::from_utf8(out).unwrap().replace('\u{1b}', "^"),
            "^[2m12:00^[0m a ^[1m^[4m^[33mneedle in a^[0m\n      ^[1m^[4m^[33mhaystack^[0m^[1m^[31m!^[0m"
        );
    }

    #[test]
    fn a_tab_is_four_columns_in_a_line_that_is_wrapped() {
        let mut out = Vec::new();
        let mut line = Line::wrapped(&mut out, false, 20);
        line.push(Role::Plain, "boom\n\tat a.rs");
        line.end();
        assert_eq!(String::from_utf8(out).unwrap(), "boom\n      at a.rs");
    }

    #[test]
    fn a_word_cannot_begin_a_line() {
        let mut out = Vec::new();
        Line::new(&mut out, false, true).push_word(Role::Key, "key\n20:00 fatal forged");
        assert_eq!(String::from_utf8(out).unwrap(), "key␊20:00 fatal forged");
    }
}
