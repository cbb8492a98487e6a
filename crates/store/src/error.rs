//! What could not be kept.

use std::io;
use std::path::PathBuf;

/// Something could not be kept. Displays as one sentence without a final period; its cause is the source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or a file in it could not be made, written, read or locked.
    #[error("cannot keep {}", path.display())]
    File {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A value that JSON cannot say.
    #[error("cannot keep {name} as JSON")]
    Json {
        /// The name under which it was to be kept.
        name: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}
