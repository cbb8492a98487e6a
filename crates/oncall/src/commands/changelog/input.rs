//! What is read from a file or a pipe.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use changelog::terraform::{Document, ReadError};

use crate::failure::Failure;

/// A file, or stdin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// As it is typed: `-` is stdin.
    pub(super) fn typed(path: &Path) -> Self {
        match path.as_os_str() == "-" {
            true => Self::Stdin,
            false => Self::File(path.to_owned()),
        }
    }

    /// `stdin`, or the path.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it. A terminal is refused: nobody types what is read here, and waiting for it looks like
    /// work.
    pub(super) fn open(
        &self,
        stdin_is_terminal: bool,
        instead: &str,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        match self {
            Self::Stdin if stdin_is_terminal => {
                let message = "stdin is a terminal: there is nothing to read";
                Err(Failure::usage(message, Some(instead.to_owned())))
            }
            Self::Stdin => Ok(Box::new(io::stdin())),
            Self::File(path) => {
                let file = File::open(path).and_then(no_folder).map_err(|error| {
                    let message = format!("{} cannot be read: {error}", path.display());
                    Failure::usage(message, None)
                })?;
                Ok(Box::new(file))
            }
        }
    }
}

fn no_folder(file: File) -> io::Result<File> {
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    }
}

/// What is no document of the kind that was asked for is a mistake of the command line; one that is
/// damaged, or not there, is an answer that could not be had.
pub(super) fn unreadable(input: &Input, error: &ReadError) -> Failure {
    let message = format!("{}: {error}", input.name());
    let hint = error.hint().map(str::to_owned);
    match error {
        ReadError::Empty { .. }
        | ReadError::Truncated { .. }
        | ReadError::Malformed { .. }
        | ReadError::TooLarge { .. }
        | ReadError::Encrypted
        | ReadError::Io(_) => Failure::unavailable(message, hint),
        ReadError::BinaryPlan { .. }
        | ReadError::Compressed { .. }
        | ReadError::Html { .. }
        | ReadError::Utf16 { .. }
        | ReadError::NotJson { .. }
        | ReadError::Other { .. }
        | ReadError::Strange { .. }
        | ReadError::Version { .. } => Failure::usage(message, hint),
    }
}

/// How a document is piped in.
pub(super) fn how(document: Document) -> &'static str {
    // The hint of an input that is empty says it.
    ReadError::Empty { wanted: document }.hint().unwrap_or_default()
}

/// That the thread which read has ended without an answer.
pub(super) fn no_answer<E: std::fmt::Display>(error: E) -> Failure {
    Failure::unavailable(format!("the input was not read: {error}"), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_dash_is_stdin() {
        assert_eq!(Input::typed(Path::new("-")), Input::Stdin);
        assert_eq!(Input::typed(Path::new("./-")).name(), "./-");
    }

    #[test]
    fn another_document_is_a_mistake_and_a_damaged_one_is_not() {
        let of = |error: ReadError| unreadable(&Input::Stdin, &error).exit();
        let wanted = Document::Plan;
        assert_eq!(of(ReadError::Html { wanted }), Exit::Usage);
        assert_eq!(of(ReadError::Other { wanted, found: Document::State }), Exit::Usage);
        assert_eq!(of(ReadError::Truncated { document: wanted, at: 4 }), Exit::Incomplete);
        assert_eq!(of(ReadError::Empty { wanted }), Exit::Incomplete);
    }

    #[test]
    fn a_folder_a_terminal_and_a_file_that_is_not_there_cannot_be_read() {
        for (input, is_terminal) in [
            (Input::File("/".into()), false),
            (Input::File("/no/such/file".into()), false),
            (Input::Stdin, true),
        ] {
            assert_eq!(input.open(is_terminal, "x").err().unwrap().exit(), Exit::Usage);
        }
    }
}
