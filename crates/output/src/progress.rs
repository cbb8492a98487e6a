//! That something is going on, after half a second of it.

use std::io;
use std::time::Duration;

use dialoguer::console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use record::untrusted;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::screen;
use crate::settings::Settings;

/// What takes less needs no line.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const PACE: Duration = Duration::from_millis(100);

/// A line on stderr that says how far a work is, for as long as this lives: on a terminal, after
/// half a second, and until records come there. Nothing else is ever written beside it.
#[derive(Debug)]
pub struct Progress {
    drawing: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to show what `text` says, asked again and again. Needs a runtime.
    pub fn begin(settings: Settings, text: impl Fn() -> String + Send + 'static) -> Self {
        if !settings.terminals.stderr || settings.quiet || settings.dumb {
            return Self { drawing: None };
        }
        let draw = async move {
            sleep(PATIENCE).await;
            loop {
                let text = untrusted::visible_line(&text()).into_owned();
                screen::draw_progress(line, text);
                sleep(PACE).await;
            }
        };
        Self { drawing: Some(tokio::spawn(draw)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(drawing) = &self.drawing {
            drawing.abort();
            screen::erase_progress();
        }
    }
}

/// The terminal without its last columns. A line that fills it takes the cursor to its end, where
/// the echo of a `^C` would go on to the next row, and the wrong row would be erased.
#[derive(Debug)]
struct Narrow(Term);

impl TermLike for Narrow {
    fn width(&self) -> u16 {
        const ECHO: u16 = 3;
        TermLike::width(&self.0).saturating_sub(ECHO).max(1)
    }
    fn height(&self) -> u16 {
        TermLike::height(&self.0)
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }
    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }
    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }
    fn write_line(&self, s: &str) -> io::Result<()> {
        self.0.write_line(s)
    }
    fn write_str(&self, s: &str) -> io::Result<()> {
        self.0.write_str(s)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }
    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

fn line() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_strings(&["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]);
    let target = ProgressDrawTarget::term_like(Box::new(Narrow(Term::stderr())));
    ProgressBar::with_draw_target(None, target).with_style(style)
}
