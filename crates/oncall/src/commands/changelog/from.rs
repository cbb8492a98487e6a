//! `--from FILE`: changes that somebody else wrote.

use std::io::BufReader;
use std::path::PathBuf;

use changelog::from_lines::newest;
use changelog::{Ended, Sink, Source, SourceRead, Window};
use record::Time;

use super::input::Input;
use crate::context::Context;
use crate::failure::Failure;

/// How changes are piped in.
const INSTEAD: &str = "pipe JSON Lines with `time` and `summary` in, or name a file";

/// A file of JSON Lines, or stdin.
pub(super) struct FromFile {
    input: Input,
}

/// The files of `--from`, each of which can be opened.
pub(super) fn files(typed: &[PathBuf], context: &Context) -> Result<Vec<FromFile>, Failure> {
    let inputs: Vec<Input> = typed.iter().map(|path| Input::typed(path)).collect();
    if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
        return Err(Failure::usage("stdin can be read once only", None));
    }
    let is_terminal = context.settings().terminals.stdin;
    for input in &inputs {
        input.open(is_terminal, INSTEAD)?;
    }
    Ok(inputs.into_iter().map(|input| FromFile { input }).collect())
}

impl FromFile {
    /// Hands over the changes of a window, once all lines are read: they may have any order.
    pub(super) async fn read(&self, window: Window, now: Time, sink: &Sink) -> Vec<SourceRead> {
        let input = self.input.clone();
        let work = move || {
            let opened = input.open(false, INSTEAD).map_err(|failure| failure.sentence())?;
            Ok::<_, String>(newest(BufReader::new(opened), window, now))
        };
        let read = tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string());
        let (changes, ended) = match read.and_then(|read| read) {
            Ok(read) => read,
            Err(why) => (Vec::new(), Ended::Failed { why }),
        };
        let count = changes.len() as u64;
        for change in changes {
            sink.change(change).await;
        }
        sink.reached(window.since).await;
        let name = Some(self.input.name());
        vec![SourceRead { source: Source::File, name, changes: count, ended }]
    }
}
