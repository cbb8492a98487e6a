//! A program that shows long output a screen at a time.

use std::io;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, OnceLock};

/// How a pager is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagerCommand {
    /// For `sh -c`.
    pub line: String,
    /// Variables that it gets on top of ours.
    pub variables: Vec<(String, String)>,
}

/// A pager at work.
#[derive(Debug)]
pub(crate) struct Pager {
    ended: Arc<OnceLock<()>>,
}

impl Pager {
    /// Starts it. `when_ended` is called once it has ended, on a thread of its own, with whether it
    /// ever began, as far as `sh` tells.
    pub(crate) fn start(
        command: &PagerCommand,
        when_ended: impl FnOnce(bool) + Send + 'static,
    ) -> io::Result<(Self, ChildStdin)> {
        let mut child = Command::new("sh")
            .args(["-c", &command.line])
            .envs(command.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .spawn()?;
        let Some(stdin) = child.stdin.take() else {
            return Err(io::Error::other("a pager without a stdin"));
        };
        let ended = Arc::new(OnceLock::new());
        let tell = Arc::clone(&ended);
        std::thread::Builder::new().name("pager".to_owned()).spawn(move || {
            when_ended(began(child));
            // Set once, here.
            let _ = tell.set(());
        })?;
        Ok((Self { ended }, stdin))
    }

    /// Waits until it has ended, and that was told. Blocks.
    pub(crate) fn wait(&self) {
        self.ended.wait();
    }
}

fn began(mut child: Child) -> bool {
    const CANNOT_BE_RUN: i32 = 126;
    const NOT_FOUND: i32 = 127;
    let code = child.wait().ok().and_then(|status| status.code());
    !matches!(code, Some(CANNOT_BE_RUN | NOT_FOUND))
}
