//! What is said beside the records, on stderr.

use record::untrusted;

use crate::line::{Line, Role};
use crate::screen;
use crate::settings::Settings;

/// What kind of thing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Where we are, and other things that only a person wants: on a terminal only.
    Place,
    /// Something to know.
    Note,
    /// Something joined what is read.
    Joined,
    /// Something left what is read.
    Left,
    /// Something is missing from the answer.
    Missing,
    /// How the reading went.
    Summary,
    /// Something could not be done.
    Error,
    /// What was behind it.
    CausedBy,
    /// One of what there is to choose from.
    Choice,
    /// The next thing to type.
    Hint,
}

/// Speaks on stderr.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    settings: Settings,
}

impl Talk {
    /// A voice with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Whether a person may be reading stderr.
    pub fn is_terminal(&self) -> bool {
        self.settings.terminals.stderr
    }

    /// Says one thing, on a line of its own. A stderr that is gone is nobody's concern.
    pub fn say(&self, notice: Notice, text: &str) {
        let terminal = self.settings.terminals.stderr;
        let quiet = match notice {
            Notice::Place => self.settings.quiet || !terminal,
            Notice::Note | Notice::Joined | Notice::Left | Notice::Summary => self.settings.quiet,
            _ => false,
        };
        if quiet {
            return;
        }
        let mut out = Vec::new();
        self.draw(notice, text, &mut out);
        screen::say(&out);
    }

    /// Says a record that was asked for: one JSON object, on a line of its own, also when all else is silenced.
    pub fn record(&self, json: &str) {
        let line = match self.settings.terminals.stderr {
            true => untrusted::visible_json(json),
            false => json.into(),
        };
        screen::say(format!("{line}\n").as_bytes());
    }

    fn draw(&self, notice: Notice, text: &str, out: &mut Vec<u8>) {
        let terminal = self.settings.terminals.stderr;
        let (role, label, body) = match notice {
            Notice::Place => (Role::Dim, "", Role::Dim),
            Notice::Note => (Role::Warning, "note: ", Role::Plain),
            Notice::Joined => (Role::Good, "+ ", Role::Dim),
            Notice::Left => (Role::Warning, "- ", Role::Dim),
            Notice::Missing => (Role::Bad, "missing: ", Role::Plain),
            Notice::Summary => (Role::Dim, "", Role::Dim),
            Notice::Error => (Role::Bad, "error: ", Role::Plain),
            Notice::CausedBy => (Role::Dim, "caused by: ", Role::Plain),
            Notice::Choice => (Role::Plain, "  ", Role::Plain),
            Notice::Hint => (Role::Good, "hint: ", Role::Plain),
        };
        // What is said is one line, whatever it quotes.
        let text = text.replace(['\n', '\r'], " ");
        let mut line = Line::new(out, self.settings.colored(terminal), terminal);
        if !label.is_empty() {
            line.push(role, label);
        }
        line.push(body, &text);
        out.push(b'\n');
    }
}
