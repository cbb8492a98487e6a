//! What went wrong, as a message, a hint and an exit code. The one place that decides.

use output::{Notice, Talk, WriteError};

use crate::exit::Exit;

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to tell.
    Told(Told),
    /// The reader of stdout has gone: nothing to tell, and no failure.
    ReaderGone,
    /// Ctrl-C.
    Interrupted,
}

/// A failure that is told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
    /// What there is to choose from.
    pub(crate) choices: Vec<String>,
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>, hint: Option<String>) -> Self {
        Self::told(Exit::Usage, message, hint)
    }

    /// The answer could not be had.
    pub(crate) fn unavailable(message: impl Into<String>, hint: Option<String>) -> Self {
        Self::told(Exit::Incomplete, message, hint)
    }

    fn told(exit: Exit, message: impl Into<String>, hint: Option<String>) -> Self {
        Self::Told(Told {
            exit,
            message: message.into(),
            causes: Vec::new(),
            choices: Vec::new(),
            hint,
        })
    }

    /// The same, with what there is to choose from.
    pub(crate) fn with_choices(mut self, choices: Vec<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.choices = choices;
        }
        self
    }

    /// The same, and what else could not be done, because of a problem.
    pub(crate) fn with_cause(mut self, what: &str, problem: Self) -> Self {
        if let (Self::Told(told), Self::Told(problem)) = (&mut self, problem) {
            told.causes.push(format!("{what}: {}", problem.message));
            told.causes.extend(problem.causes);
        }
        self
    }

    /// What it says, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Told(told) => told.message.clone(),
            Self::ReaderGone => "the reader has gone".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }

    /// The next thing to type, where it knows one.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Told(told) => told.hint.as_deref(),
            Self::ReaderGone | Self::Interrupted => None,
        }
    }

    /// A file that was named cannot be opened.
    pub(crate) fn path(error: WriteError) -> Self {
        Self::usage(error.to_string(), None)
    }

    /// How to exit.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::ReaderGone => Exit::Done,
            Self::Interrupted => Exit::Interrupted,
            Self::Told(told) => told.exit,
        }
    }

    /// Tells it, and says how to exit.
    pub(crate) fn tell(&self, talk: Talk) -> Exit {
        if let Self::Told(told) = self {
            talk.say(Notice::Error, &told.message);
            for cause in &told.causes {
                talk.say(Notice::CausedBy, cause);
            }
            for choice in &told.choices {
                talk.say(Notice::Choice, choice);
            }
            if let Some(hint) = &told.hint {
                talk.say(Notice::Hint, hint);
            }
        }
        self.exit()
    }
}

/// The exit that an AWS failure asks for when nothing could be read because of it.
pub(crate) fn exit_of(gravity: aws::Gravity) -> Exit {
    match gravity {
        aws::Gravity::Usage => Exit::Usage,
        aws::Gravity::Unavailable => Exit::Incomplete,
        aws::Gravity::Denied => Exit::Denied,
        aws::Gravity::Bug => Exit::Bug,
    }
}

impl From<aws::Error> for Failure {
    fn from(error: aws::Error) -> Self {
        Self::Told(Told {
            exit: exit_of(error.gravity()),
            message: error.to_string(),
            causes: error.detail().map(str::to_owned).into_iter().collect(),
            choices: Vec::new(),
            hint: error.hint(),
        })
    }
}

impl From<logs::Error> for Failure {
    fn from(error: logs::Error) -> Self {
        match error {
            logs::Error::Aws(error) => error.into(),
            logs::Error::Unreached { ref unread, .. } => {
                let gravities = || unread.iter().map(|(_, error)| error.gravity());
                let denied = gravities().find(|gravity| *gravity == aws::Gravity::Denied);
                let gravity = denied.or_else(|| gravities().next());
                let cause = |(site, error): &(aws::Site, aws::Error)| format!("{site}: {error}");
                Self::Told(Told {
                    exit: gravity.map_or(Exit::Incomplete, exit_of),
                    message: error.to_string(),
                    causes: unread.iter().map(cause).collect(),
                    choices: Vec::new(),
                    hint: error.hint(),
                })
            }
            error => Self::usage(error.to_string(), error.hint()),
        }
    }
}

impl From<logs::TargetError> for Failure {
    fn from(error: logs::TargetError) -> Self {
        logs::Error::from(error).into()
    }
}

impl From<logs::PatternError> for Failure {
    fn from(error: logs::PatternError) -> Self {
        let hint = "-F (with grep) takes a text as it is; a backslash takes a character as it is";
        Self::usage(error.to_string(), Some(hint.to_owned()))
    }
}

impl From<logs::ConditionError> for Failure {
    fn from(error: logs::ConditionError) -> Self {
        Self::usage(error.to_string(), Some(error.hint().to_owned()))
    }
}

impl From<specs::SelectionError> for Failure {
    fn from(error: specs::SelectionError) -> Self {
        Self::usage(error.to_string(), None)
    }
}

impl From<timerange::Error> for Failure {
    fn from(error: timerange::Error) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

impl From<output::ShapeError> for Failure {
    fn from(error: output::ShapeError) -> Self {
        Self::usage(error.to_string(), Some(error.hint().to_owned()))
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::ReaderGone => Self::ReaderGone,
            error @ WriteError::NoPager(_) => {
                let hint = "--no-pager needs none; ONCALL_PAGER or PAGER names one";
                Self::usage(error.to_string(), Some(hint.to_owned()))
            }
            error @ WriteError::File { .. } => Self::unavailable(error.to_string(), None),
            WriteError::Failed(error) => {
                Self::unavailable(format!("the output cannot be written: {error}"), None)
            }
        }
    }
}
