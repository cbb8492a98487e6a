//! What decides how things are written: flags, environment, and what stdout and stderr are.

use std::io::IsTerminal;

use crate::form::ColorChoice;

/// Which of the standard streams are terminals, and how wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminals {
    /// stdin is a terminal.
    pub stdin: bool,
    /// stdout is a terminal.
    pub stdout: bool,
    /// stderr is a terminal.
    pub stderr: bool,
    /// Columns; 80 where nothing says.
    pub width: usize,
}

impl Terminals {
    /// Looks at the process's own streams.
    #[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
    pub fn of_process() -> Self {
        const USUAL_WIDTH: usize = 80;
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            width: Self::columns().unwrap_or(USUAL_WIDTH),
        }
    }

    /// How wide stdout is at this moment, where it is a terminal: people resize it.
    pub(crate) fn columns_of_stdout(&self) -> Option<usize> {
        self.stdout.then(|| Self::columns().unwrap_or(self.width))
    }

    /// How wide the terminal is at this moment, as far as it says.
    pub(crate) fn columns() -> Option<usize> {
        Self::size().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
    }

    /// How many rows it has at this moment.
    pub(crate) fn rows() -> Option<usize> {
        Self::size().map(|size| usize::from(size.ws_row)).filter(|rows| *rows > 0)
    }

    #[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
    fn size() -> Option<rustix::termios::Winsize> {
        let of_stdout = rustix::termios::tcgetwinsize(std::io::stdout());
        of_stdout.or_else(|_| rustix::termios::tcgetwinsize(std::io::stderr())).ok()
    }
}

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What the streams are.
    pub terminals: Terminals,
    /// `--color`.
    pub color: ColorChoice,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set and not `0`.
    pub force_color: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// `--quiet`: no notices and no summaries.
    pub quiet: bool,
}

impl Settings {
    pub(crate) fn colored(&self, terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // https://no-color.org and https://bixense.com/clicolors
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto if self.force_color => true,
            ColorChoice::Auto => terminal && !self.dumb,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Settings = Settings {
        terminals: Terminals { stdin: true, stdout: true, stderr: true, width: 80 },
        color: ColorChoice::Auto,
        no_color: false,
        force_color: false,
        dumb: false,
        quiet: false,
    };

    #[test]
    fn colour_is_for_terminals_unless_somebody_says_otherwise() {
        assert!(PLAIN.colored(true));
        assert!(!PLAIN.colored(false));
        assert!(!Settings { dumb: true, ..PLAIN }.colored(true));
        assert!(!Settings { no_color: true, force_color: true, ..PLAIN }.colored(true));
        assert!(Settings { force_color: true, ..PLAIN }.colored(false));
        assert!(Settings { color: ColorChoice::Always, no_color: true, ..PLAIN }.colored(false));
        assert!(!Settings { color: ColorChoice::Never, force_color: true, ..PLAIN }.colored(true));
    }
}
