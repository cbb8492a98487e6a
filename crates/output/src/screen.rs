//! The terminal is one, and two things at a time may want it: lines and a progress line, or lines
//! and a pager. Everything that is written to stderr passes here, so that neither spoils the other.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

/// What has the terminal besides lines. The process has one terminal, so there is one of this.
#[derive(Debug)]
struct Screen {
    /// Drawn on stderr: it is erased for as long as something else is written.
    progress: Option<ProgressBar>,
    /// Records have begun to come where a progress line would stand among them.
    taken: bool,
    /// A question is asked, which a progress line must leave alone.
    asking: bool,
    /// A pager shows the records: what is said waits here until it has ended.
    held: Option<Vec<u8>>,
}

static SCREEN: Mutex<Screen> =
    Mutex::new(Screen { progress: None, taken: false, asking: false, held: None });

fn screen() -> MutexGuard<'static, Screen> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes to stderr. A stderr that is gone is nobody's concern.
pub(crate) fn say(bytes: &[u8]) {
    let mut screen = screen();
    if let Some(held) = &mut screen.held {
        return held.extend_from_slice(bytes);
    }
    match &screen.progress {
        Some(progress) => progress.suspend(|| write(bytes)),
        None => write(bytes),
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
fn write(bytes: &[u8]) {
    let _ = std::io::stderr().lock().write_all(bytes);
}

/// Draws a progress line with this text, unless the terminal is taken.
pub(crate) fn draw_progress(new: impl FnOnce() -> ProgressBar, text: String) {
    let mut screen = screen();
    if !screen.taken && !screen.asking {
        let progress = screen.progress.get_or_insert_with(new);
        progress.set_message(text);
        progress.tick();
    }
}

/// Erases the progress line.
pub(crate) fn erase_progress() {
    if let Some(progress) = screen().progress.take() {
        progress.finish_and_clear();
    }
}

/// Records begin to come: from now on a progress line would stand among them.
pub(crate) fn take() {
    erase_progress();
    screen().taken = true;
}

/// A question, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Asking;

impl Asking {
    pub(crate) fn begin() -> Self {
        erase_progress();
        screen().asking = true;
        Self
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        screen().asking = false;
    }
}

/// A pager begins: what is said waits.
pub(crate) fn hold() {
    take();
    screen().held.get_or_insert_default();
}

/// The pager has ended.
pub(crate) fn release() {
    let held = screen().held.take();
    write(&held.unwrap_or_default());
}
