//! How far a job came that runs again and again: one file a name, held by one process at a time.
//!
//! A checkpoint cannot be found out again, so nothing is made of one that cannot be used: it is refused, and
//! left as it is. What stands in it is for the caller to say; here it has a name, a version, an owner and one
//! moment at which it changes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::component::component;
use crate::file;

/// What says that a file is one of these.
const FORMAT: &str = "oncall checkpoint";
/// The version of what is written here, and of the values in it. Raise it when a kept value changes its meaning.
const VERSION: u32 = 1;

/// Why a checkpoint cannot be used. Displays as one sentence without a final period.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Another process holds it.
    #[error("another run holds the checkpoint `{name}`")]
    Held {
        /// Its name.
        name: String,
    },
    /// The file is none of ours, or damaged.
    #[error("the checkpoint {} cannot be read: {problem}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A later program wrote it.
    #[error("the checkpoint {} was written by a newer oncall (version {version})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The file or its lock cannot be made, read or written.
    #[error("the checkpoint {} cannot be kept: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A checkpoint that this process holds, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    _lock: File,
}

#[derive(Serialize)]
struct Kept<'a, T> {
    format: &'a str,
    version: u32,
    value: &'a T,
}

/// What every version has.
#[derive(Deserialize)]
struct Label {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct Found<T> {
    value: T,
}

impl Checkpoint {
    /// Takes the checkpoint of this name, which need not exist yet.
    pub(crate) fn hold(state: &Path, name: &str) -> Result<Checkpoint, CheckpointError> {
        let path = state.join("checkpoints").join(component(name) + ".json");
        // No component of a name has a dot.
        match file::try_lock(&path.with_extension("lock")) {
            Ok(lock) => Ok(Checkpoint { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CheckpointError::Held { name: name.to_owned() }),
            Err(TryLockError::Error(source)) => Err(CheckpointError::File { path, source }),
        }
    }

    /// The file in which it is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was kept; `None` before the first time.
    ///
    /// # Errors
    /// The file is there and cannot be used. It stays as it is.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, CheckpointError> {
        let path = || self.path.clone();
        let content = match fs::read(&self.path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CheckpointError::File { path: path(), source }),
        };
        let corrupt = |problem: String| CheckpointError::Corrupt { path: path(), problem };
        let label: Label = serde_json::from_slice(&content).map_err(|error| {
            corrupt(match error.classify() {
                serde_json::error::Category::Eof => "its end is missing".to_owned(),
                _ => "it is no checkpoint".to_owned(),
            })
        })?;
        match label.version {
            _ if label.format != FORMAT => Err(corrupt("it is no checkpoint".to_owned())),
            VERSION => serde_json::from_slice(&content)
                .map(|Found { value }| Some(value))
                .map_err(|error| corrupt(error.to_string())),
            version if version > VERSION => Err(CheckpointError::Newer { path: path(), version }),
            version => Err(corrupt(format!("no oncall ever wrote a version {version}"))),
        }
    }

    /// Keeps a value in place of what was kept: on disk, and in one step.
    ///
    /// # Errors
    /// The file cannot be written, or the value cannot be said in JSON. What was kept before is still there.
    pub fn write<T: Serialize>(&self, value: &T) -> Result<(), CheckpointError> {
        let kept = Kept { format: FORMAT, version: VERSION, value };
        serde_json::to_vec(&kept)
            .map_err(io::Error::from)
            .and_then(|content| file::replace_locked(&self.path, &content))
            .map_err(|source| CheckpointError::File { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    fn hold(root: &Path) -> Result<Checkpoint, CheckpointError> {
        Store::new(root.join("cache"), root.join("state")).checkpoint("a job")
    }

    #[test]
    fn what_was_kept_is_read_by_the_next_run() {
        let root = tempfile::tempdir().unwrap();
        let first = hold(root.path()).unwrap();
        assert_eq!(first.read::<u32>().unwrap(), None);
        first.write(&1).unwrap();
        first.write(&2).unwrap();
        drop(first);
        let second = hold(root.path()).unwrap();
        assert_eq!(second.read::<u32>().unwrap(), Some(2));
        assert_eq!(second.path(), root.path().join("state/checkpoints/a%20job.json"));
        let names = fs::read_dir(root.path().join("state/checkpoints")).unwrap();
        assert_eq!(names.count(), 2, "it and its lock");
    }

    #[test]
    fn one_run_at_a_time_holds_it() {
        let root = tempfile::tempdir().unwrap();
        let first = hold(root.path()).unwrap();
        let refusal = hold(root.path()).unwrap_err();
        assert_eq!(refusal.to_string(), "another run holds the checkpoint `a job`");
        drop(first);
        hold(root.path()).unwrap();
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_left_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let checkpoint = hold(root.path()).unwrap();
        checkpoint.write(&7).unwrap();
        let whole = fs::read_to_string(checkpoint.path()).unwrap();
        let refusal = |content: &str| {
            fs::write(checkpoint.path(), content).unwrap();
            let refusal = checkpoint.read::<u32>().unwrap_err();
            assert_eq!(fs::read_to_string(checkpoint.path()).unwrap(), content);
            refusal.to_string().replace(&checkpoint.path().display().to_string(), "FILE")
        };
        let unreadable = "the checkpoint FILE cannot be read: ";
        for cut in 0..whole.len() {
            assert_eq!(refusal(&whole[..cut]), format!("{unreadable}its end is missing"), "{cut}");
        }
        for other in ["\u{0}\u{1}", "7", "{}", "[]", r#"{"version":1,"value":7}"#] {
            assert_eq!(refusal(other), format!("{unreadable}it is no checkpoint"), "{other}");
        }
        assert_eq!(
            refusal(&whole.replace("\"version\":1", "\"version\":2")),
            "the checkpoint FILE was written by a newer oncall (version 2)"
        );
        assert!(refusal(&whole.replace('7', "\"a word\"")).starts_with(unreadable));
        assert!(refusal(&whole.replace(FORMAT, "something")).starts_with(unreadable));
    }

    #[test]
    fn what_cannot_be_kept_says_where() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("state"), "a file where the folder should be").unwrap();
        let error = hold(root.path()).unwrap_err().to_string();
        let path = root.path().join("state/checkpoints/a%20job.json");
        assert!(error.starts_with(&format!("the checkpoint {} cannot be kept: ", path.display())));
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let checkpoint = hold(root.path()).unwrap();
        checkpoint.write(&1).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(checkpoint.path()), 0o600);
        assert_eq!(mode(&checkpoint.path().with_extension("lock")), 0o600);
    }
}
