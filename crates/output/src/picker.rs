//! A choice among many, on the terminal: type a part of the name, or use the arrows.

use std::io::{Write, stdin};
use std::sync::mpsc;
use std::time::Duration;

use dialoguer::FuzzySelect;
use dialoguer::console::{Term, set_colors_enabled_stderr};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use record::untrusted;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;

use crate::screen;
use crate::settings::{Settings, Terminals};
use crate::wrap;

/// Lets a person choose, on stderr. `None` when nothing was chosen: Esc, or Ctrl-C. Whoever waits no
/// longer may drop the future: the terminal is left as it was found.
pub async fn choose(settings: Settings, prompt: &str, items: &[String]) -> Option<usize> {
    let (choice, chosen) = oneshot::channel();
    let (ended, end) = mpsc::channel::<()>();
    let _left = LeftAsFound { end, modes: modes(), _asking: screen::Asking::begin() };
    make_room();
    let (prompt, items) = (prompt.to_owned(), shown(items));
    let pick = move || {
        // Nobody waits any more: the command has ended.
        let _ = choice.send(pick(settings, &prompt, &items));
        drop(ended);
    };
    std::thread::Builder::new().name("picker".to_owned()).spawn(pick).ok()?;
    chosen.await.ok().flatten()
}

/// So many names are shown at once.
const ROWS: usize = 12;

/// Lets the terminal scroll before the choice and not in its middle, and marks the place.
fn make_room() {
    const MARK: &str = "\x1b7";
    let rows = Terminals::rows().map_or(ROWS, |rows| ROWS.min(rows.saturating_sub(2))) + 1;
    write(&format!("{}\x1b[{rows}A{MARK}", "\n".repeat(rows)));
}

#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
fn write(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Names as a terminal may show them, each in one row.
fn shown(items: &[String]) -> Vec<String> {
    const MARGIN: usize = 4;
    const USUAL_WIDTH: usize = 80;
    let room = Terminals::columns().unwrap_or(USUAL_WIDTH).saturating_sub(MARGIN);
    let shown = items.iter().map(|item| {
        let item = untrusted::visible_line(item);
        wrap::cut(&item, room).to_owned()
    });
    shown.collect()
}

fn pick(settings: Settings, prompt: &str, items: &[String]) -> Option<usize> {
    let colored = settings.colored(settings.terminals.stderr);
    // The library has a mind of its own about colours; ours is the one that counts.
    set_colors_enabled_stderr(colored);
    let theme: Box<dyn Theme> = match colored {
        true => Box::new(ColorfulTheme::default()),
        false => Box::new(SimpleTheme),
    };
    let select = FuzzySelect::with_theme(theme.as_ref())
        .with_prompt(prompt)
        .items(items)
        .default(0)
        .max_length(ROWS)
        .report(false);
    // It fails where Ctrl-C was typed, or the terminal has gone.
    select.interact_on_opt(&Term::stderr()).ok().flatten()
}

/// Gives the terminal back when the choice is over, also in its middle.
#[derive(Debug)]
struct LeftAsFound {
    /// Says nothing, and closes when the picker has ended.
    end: mpsc::Receiver<()>,
    modes: Option<Termios>,
    _asking: screen::Asking,
}

impl Drop for LeftAsFound {
    fn drop(&mut self) {
        const GRACE: Duration = Duration::from_millis(200);
        const BACK_TO_THE_MARK: &str = "\x1b8";
        const ERASE_BELOW: &str = "\x1b[J";
        const SHOW_CURSOR: &str = "\x1b[?25h";
        let _ = self.end.recv_timeout(GRACE);
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(stdin(), OptionalActions::Now, modes);
        }
        // The library leaves its list behind where Ctrl-C was typed.
        write(&format!("{BACK_TO_THE_MARK}{ERASE_BELOW}{SHOW_CURSOR}"));
    }
}

fn modes() -> Option<Termios> {
    tcgetattr(stdin()).ok()
}
