//! What was found out once and need not be asked again, per account and region.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::component::component;
use crate::{Error, file};

/// The version of everything in the cache. Raise it when a kept value changes its meaning; what has another
/// version is not read.
const VERSION: u32 = 1;

/// Whose facts are remembered: what is true of one account and region is not true of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    owner: String,
    region: String,
}

impl Scope {
    /// A scope of an account's number, or a hash of an access key where the number is not known yet, and a
    /// region. Any text will do: it cannot leave the folder of the cache.
    pub fn new(owner: impl Into<String>, region: impl Into<String>) -> Scope {
        Scope { owner: owner.into(), region: region.into() }
    }
}

/// What is remembered within one [`Scope`]: values by name, in one file each.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    version: u32,
    value: T,
}

impl Cache {
    pub(crate) fn below(root: &Path, scope: &Scope) -> Cache {
        let folder = root.join(component(&scope.owner)).join(component(&scope.region));
        Cache { folder }
    }

    /// What was written under this name. `None` when there is nothing, or nothing that can be used: unreadable,
    /// damaged, of another shape, or kept by another version.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let content = fs::read(self.path(name)).ok()?;
        let kept: Kept<T> = serde_json::from_slice(&content).ok()?;
        (kept.version == VERSION).then_some(kept.value)
    }

    /// Keeps a value under this name, in place of what was there. A caller may ignore the error: the value is
    /// only asked for again.
    ///
    /// # Errors
    /// The folder or the file cannot be written, or the value cannot be said in JSON.
    pub fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Error> {
        let kept = Kept { version: VERSION, value };
        let content = serde_json::to_vec(&kept)
            .map_err(|source| Error::Json { name: name.into(), source })?;
        let path = self.path(name);
        file::replace(&path, &content).map_err(|source| Error::File { path, source })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(component(name) + ".json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use std::thread;

    fn cache_in(root: &Path) -> Cache {
        Store::new(root.join("cache"), root.join("state"))
            .cache(&Scope::new("000000000000", "eu-west-1"))
    }

    #[test]
    fn what_was_written_is_read() {
        let root = tempfile::tempdir().unwrap();
        let groups = vec!["/ecs/api".to_owned(), "/ecs/dedupe".to_owned()];
        cache_in(root.path()).write("groups", &groups).unwrap();
        assert_eq!(cache_in(root.path()).read("groups"), Some(groups));
    }

    #[test]
    fn each_account_and_region_has_its_own() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::new(root.path().into(), root.path().into());
        store.cache(&Scope::new("1", "eu-west-1")).write("n", &1).unwrap();
        assert_eq!(store.cache(&Scope::new("2", "eu-west-1")).read::<i32>("n"), None);
        assert_eq!(store.cache(&Scope::new("1", "us-east-1")).read::<i32>("n"), None);
    }

    #[test]
    fn no_name_escapes_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("cache");
        let store = Store::new(cache.clone(), root.path().join("state"));
        let hostile = store.cache(&Scope::new("../..", "/tmp"));
        hostile.write("../../../escaped", &1).unwrap();
        assert_eq!(hostile.read("../../../escaped"), Some(1));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert_eq!(fs::read_dir(cache).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_used_is_not_there_and_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache_in(root.path());
        assert_eq!(cache.read::<i32>("n"), None);
        cache.write("n", &1).unwrap();
        for content in [
            "",
            "{\"version\":1,\"val",
            "{\"version\":1,\"value\":\"a word\"}",
            "{\"version\":2,\"value\":1}",
            "{\"version\":0,\"value\":1}",
            "\u{0}\u{1}",
        ] {
            fs::write(cache.path("n"), content).unwrap();
            assert_eq!(cache.read::<i32>("n"), None, "{content}");
        }
        cache.write("n", &3).unwrap();
        assert_eq!(cache.read("n"), Some(3));
    }

    #[test]
    fn what_cannot_be_written_is_an_error_that_names_the_file() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cache"), "a file where the folder should be").unwrap();
        let error = cache_in(root.path()).write("n", &1).unwrap_err();
        let path = root.path().join("cache/000000000000/eu-west-1/n.json");
        assert_eq!(error.to_string(), format!("cannot keep {}", path.display()));
    }

    #[test]
    fn a_reader_never_sees_half_of_what_is_written() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache_in(root.path());
        let value = |n: usize| vec![n; 20_000];
        cache.write("n", &value(0)).unwrap();
        thread::scope(|scope| {
            for writer in 0..2 {
                let cache = &cache;
                scope
                    .spawn(move || (0..20).for_each(|_| cache.write("n", &value(writer)).unwrap()));
            }
            for _ in 0..40 {
                let read: Vec<usize> = cache.read("n").unwrap();
                assert_eq!(read, value(read[0]));
            }
        });
    }
}
