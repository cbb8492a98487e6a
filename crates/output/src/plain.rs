//! What is written before there are records: help, mistakes of the command line, questions, and the
//! lines of `--debug`.

use std::io::{self, BufRead, Write};

use crate::screen;

/// Writes help and the like. A reader that has gone, or a full disk, is nobody's concern here.
#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
pub fn print_to_stdout(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes what is wrong with the command line.
pub fn print_to_stderr(text: &str) {
    screen::say(text.as_bytes());
}

/// Asks a question on stderr and reads a line of stdin. `None` when there is no answer. Blocks.
#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
pub fn ask(question: &str) -> Option<String> {
    let _asking = screen::Asking::begin();
    let mut stderr = io::stderr().lock();
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).ok()?;
    drop(stderr);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).ok()?;
    let answer = answer.trim();
    (!answer.is_empty()).then(|| answer.to_owned())
}

/// Where the lines of `--debug` go: stderr, with text from outside made visible.
#[derive(Debug, Default)]
pub struct DebugWriter;

impl Write for DebugWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        screen::say(record::untrusted::visible(&text).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
