//! When the drill began, so that several commands see one world.

use std::fs;
use std::io;
use std::path::Path;

use crate::component::component;
use crate::{Error, file};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// How long a drill goes on.
const LENGTH_MS: i64 = 2 * HOUR_MS;
/// How far ahead of now a start may lie: of commands that start together, the one that read its clock last may
/// be the first to write. Further ahead, somebody has set the clock back.
const AHEAD_MS: i64 = 60 * 1000;

/// The start of the drill that is going on, or else of a new one, which begins now.
///
/// One file per scenario holds it, and whoever writes that file holds the lock and has looked again: so of
/// several that find no drill, or an old one, one decides and the others read what it wrote.
pub(crate) fn start(state: &Path, scenario: &str, now_ms: i64) -> Result<i64, Error> {
    let path = state.join("drills").join(component(scenario));
    going_on(&path, now_ms)
        .and_then(|found| match found {
            Some(start) => Ok(start),
            None => begin(&path, now_ms),
        })
        .map_err(|source| Error::File { path, source })
}

fn begin(path: &Path, now_ms: i64) -> io::Result<i64> {
    let _held = file::lock(&path.with_extension("lock"))?;
    if let Some(start) = going_on(path, now_ms)? {
        return Ok(start);
    }
    file::replace(path, format!("{now_ms}\n").as_bytes())?;
    Ok(now_ms)
}

/// The start in this file, if that drill is going on at `now_ms`. What is no number is no drill.
fn going_on(path: &Path, now_ms: i64) -> io::Result<Option<i64>> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let start = str::from_utf8(&content).ok().and_then(|text| text.trim().parse().ok());
    Ok(start.filter(|start: &i64| {
        let age_ms = now_ms.saturating_sub(*start);
        (-AHEAD_MS..LENGTH_MS).contains(&age_ms)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use std::path::PathBuf;
    use std::sync::Barrier;
    use std::thread;

    const NOON: i64 = 1_795_348_800_000;

    fn store_in(root: &Path) -> Store {
        Store::new(root.join("cache"), root.join("state"))
    }

    fn file_in(root: &Path) -> PathBuf {
        root.join("state/drills/incident-8")
    }

    #[test]
    fn the_first_command_begins_the_drill_and_later_ones_join_it_for_two_hours() {
        let root = tempfile::tempdir().unwrap();
        let at = |now_ms| store_in(root.path()).drill_start("incident-8", now_ms).unwrap();
        assert_eq!(at(NOON), NOON);
        assert_eq!(at(NOON + 1), NOON);
        assert_eq!(at(NOON + LENGTH_MS - 1), NOON);
        assert_eq!(at(NOON + LENGTH_MS), NOON + LENGTH_MS);
        assert_eq!(at(NOON + LENGTH_MS + HOUR_MS), NOON + LENGTH_MS);
    }

    #[test]
    fn each_scenario_has_its_own_start() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        assert_eq!(store.drill_start("incident-8", NOON).unwrap(), NOON);
        assert_eq!(store.drill_start("./our/outage.toml", NOON + 5).unwrap(), NOON + 5);
        assert_eq!(store.drill_start("incident-8", NOON + 9).unwrap(), NOON);
    }

    #[test]
    fn a_start_a_moment_ahead_is_another_commands_and_one_far_ahead_is_wrong() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        assert_eq!(store.drill_start("incident-8", NOON).unwrap(), NOON);
        assert_eq!(store.drill_start("incident-8", NOON - 3).unwrap(), NOON);
        let set_back = NOON - 24 * HOUR_MS;
        assert_eq!(store.drill_start("incident-8", set_back).unwrap(), set_back);
    }

    #[test]
    fn what_is_no_start_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        store.drill_start("incident-8", NOON).unwrap();
        let nonsense: [&[u8]; 5] = [b"", b"soon", b"17953", b"\xff\xfe", b"99999999999999999999"];
        for (n, content) in (1..).zip(nonsense) {
            fs::write(file_in(root.path()), content).unwrap();
            assert_eq!(store.drill_start("incident-8", NOON + n).unwrap(), NOON + n);
            assert_eq!(store.drill_start("incident-8", NOON + 9).unwrap(), NOON + n);
        }
    }

    #[test]
    fn commands_that_start_together_agree_whatever_they_find() {
        let yesterday = (NOON - 24 * HOUR_MS).to_string();
        let tomorrow = (NOON + 24 * HOUR_MS).to_string();
        for found in [None, Some("nonsense"), Some(yesterday.as_str()), Some(tomorrow.as_str())] {
            for _ in 0..20 {
                let root = tempfile::tempdir().unwrap();
                if let Some(found) = found {
                    fs::create_dir_all(root.path().join("state/drills")).unwrap();
                    fs::write(file_in(root.path()), found).unwrap();
                }
                let starts = start_together(&store_in(root.path()));
                assert!(starts.iter().all(|start| *start == starts[0]), "{found:?}: {starts:?}");
            }
        }
    }

    /// What each of eight commands is told, whose clocks are a millisecond apart.
    fn start_together(store: &Store) -> Vec<i64> {
        let ready = Barrier::new(8);
        thread::scope(|scope| {
            let commands: Vec<_> = (0..8)
                .map(|ms| {
                    let ready = &ready;
                    scope.spawn(move || {
                        ready.wait();
                        store.drill_start("incident-8", NOON + ms).unwrap()
                    })
                })
                .collect();
            commands.into_iter().map(|command| command.join().unwrap()).collect()
        })
    }

    #[test]
    fn a_state_folder_that_cannot_be_written_is_an_error_that_names_the_file() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("state"), "a file where the folder should be").unwrap();
        let error = store_in(root.path()).drill_start("incident-8", NOON).unwrap_err();
        let path = file_in(root.path());
        assert_eq!(error.to_string(), format!("cannot keep {}", path.display()));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        store_in(root.path()).drill_start("incident-8", NOON).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file_in(root.path())), 0o600);
        assert_eq!(mode(&root.path().join("state/drills")), 0o700);
    }
}
