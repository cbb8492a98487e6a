//! The one door to the terminal: records go out on stdout (or to a file), talk on stderr, and nothing
//! else writes to either.
//!
//! A command hands over things that can be [`Present`]ed; the [`Output`] picks the form, makes text
//! from outside harmless on a terminal, hands it to a thread that writes (so that a slow reader
//! holds back the network and not Ctrl-C), and knows when the reader has gone.

mod file;
mod form;
mod jq;
mod layout;
mod line;
mod pager;
mod picker;
mod plain;
mod present;
mod progress;
mod reader;
mod screen;
mod settings;
mod shape;
mod stdout;
mod table;
mod talk;
mod template;
mod wrap;

pub use file::RecordFile;
pub use form::{ColorChoice, Form};
pub use layout::Room;
pub use line::{Line, Role, columns};
pub use pager::PagerCommand;
pub use picker::choose;
pub use plain::{DebugWriter, ask, print_to_stderr, print_to_stdout};
pub use present::Present;
pub use progress::Progress;
pub use reader::ReaderGone;
pub use settings::{Settings, Terminals};
pub use shape::{Shape, ShapeError};
pub use stdout::{Output, WriteError, drawn};
pub use table::{Align, Cell, Column, Row, Table, drawn_table};
pub use talk::{Notice, Talk};
