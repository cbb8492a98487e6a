//! A file that records go to instead of stdout.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::stdout::WriteError;

/// A file for records, open for writing.
#[derive(Debug)]
pub struct RecordFile {
    typed: PathBuf,
    file: File,
}

impl RecordFile {
    /// Makes the file, or empties the one that is there.
    ///
    /// # Errors
    /// It cannot be opened: a folder, a missing one, no permission.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        Self::open(path, OpenOptions::new().create(true).truncate(true))
    }

    /// Opens the file with what is in it, until it is [cut](Self::cut). `may_create`: where there is none, one is
    /// made.
    ///
    /// # Errors
    /// It cannot be opened: a folder, a missing one, no permission, or no such file.
    pub fn keep(path: &Path, may_create: bool) -> Result<Self, WriteError> {
        Self::open(path, OpenOptions::new().create(may_create).truncate(false))
    }

    fn open(path: &Path, options: &mut OpenOptions) -> Result<Self, WriteError> {
        let typed = path.to_owned();
        match options.write(true).open(path) {
            Ok(file) => Ok(Self { typed, file }),
            Err(source) => Err(WriteError::File { path: typed, source }),
        }
    }

    /// The file's path from the root on, without symbolic links.
    ///
    /// # Errors
    /// It is not there any more.
    pub fn path(&self) -> Result<PathBuf, WriteError> {
        self.told(self.typed.canonicalize())
    }

    /// Its length in bytes; `None` of a device or a pipe, which has none.
    ///
    /// # Errors
    /// The system does not say.
    pub fn length(&self) -> Result<Option<u64>, WriteError> {
        let metadata = self.told(self.file.metadata())?;
        Ok(metadata.is_file().then_some(metadata.len()))
    }

    /// Takes away what is behind so many bytes: records go there.
    ///
    /// # Errors
    /// It cannot be cut.
    pub fn cut(&mut self, length: u64) -> Result<(), WriteError> {
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::Start(length)));
        self.told(cut).map(drop)
    }

    /// Waits until what was written is on its disk; how long the file is then, in bytes.
    pub(crate) fn settle(&self) -> Result<u64, WriteError> {
        let place = self.file.sync_data().and_then(|()| (&self.file).stream_position());
        self.told(place)
    }

    /// The same file at the same place, to write with.
    pub(crate) fn writer(&self) -> Result<File, WriteError> {
        self.told(self.file.try_clone())
    }

    /// That it cannot be written.
    pub(crate) fn failed(&self, source: io::Error) -> WriteError {
        WriteError::File { path: self.typed.clone(), source }
    }

    fn told<T>(&self, done: io::Result<T>) -> Result<T, WriteError> {
        done.map_err(|source| self.failed(source))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_goes_on_where_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "whole\ntorn").unwrap();
        let mut file = RecordFile::keep(&path, false).unwrap();
        assert_eq!(file.length().unwrap(), Some(10));
        file.cut(6).unwrap();
        file.writer().unwrap().write_all(b"more\n").unwrap();
        assert_eq!(file.settle().unwrap(), 11);
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole\nmore\n");
        assert_eq!(file.path().unwrap(), path.canonicalize().unwrap());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = RecordFile::create(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{} cannot be written: ", folder.path().display())));
        assert!(RecordFile::keep(&folder.path().join("absent"), false).is_err());
        RecordFile::keep(&folder.path().join("absent"), true).unwrap();
    }
}
