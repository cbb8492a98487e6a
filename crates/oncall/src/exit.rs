//! The exit codes, as docs/exit-codes.md has them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; also when there was nothing to print, and when the reader of the pipe left.
    Done,
    /// A question was asked, and the answer is no.
    No,
    /// The command line or the configuration is wrong, or a name does not exist.
    Usage,
    /// The answer is incomplete or could not be had.
    Incomplete,
    /// Credentials or permissions left nothing that could be read.
    Denied,
    /// A bug in oncall.
    Bug,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Denied => 4,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
