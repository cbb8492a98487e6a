//! Files that are there whole or not at all, for their owner only.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file in one step: whoever reads it sees the old content or the new one.
///
/// It is made beside its final place (readable by its owner only, as temporary files are) and renamed.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder_of(path)?;
    make_private(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    temporary.persist(path)?;
    Ok(())
}

/// The same for a file whose lock is held, and which must be whole after a power cut too: it is on disk before
/// it is renamed. As nobody else writes it, one name does for what is not renamed yet, so that a process which
/// is killed again and again leaves one file behind.
pub(crate) fn replace_locked(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = open_private(&beside, true)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Waits until no other process holds this lock; it is held until the file is dropped.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let file = open_private(path, false)?;
    file.lock()?;
    Ok(file)
}

/// The same, without waiting.
pub(crate) fn try_lock(path: &Path) -> Result<File, TryLockError> {
    let file = open_private(path, false).map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

/// A file to write, made where there is none, for its owner only.
fn open_private(path: &Path, truncate: bool) -> io::Result<File> {
    make_private(folder_of(path)?)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn folder_of(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Makes a folder, and those above it that are missing, for their owner only. Those that exist stay as they are.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/file");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn files_and_new_folders_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = root.path().join("a/b/file");
        replace(&path, b"content").unwrap();
        let locked = root.path().join("a/b/lock");
        lock(&locked).unwrap();

        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&locked), 0o600);
        assert_eq!(mode(&root.path().join("a/b")), 0o700);
        assert_eq!(mode(&root.path().join("a")), 0o700);
        assert_eq!(mode(root.path()), 0o755, "what was there before stays as it was");
    }
}
