//! When the drill began, so that several commands see one world; and how far a person has come in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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
    let path = path(state, scenario);
    going_on(&path, now_ms)
        .and_then(|found| match found {
            Some(start) => Ok(start),
            None => begin(&path, now_ms),
        })
        .map_err(|source| Error::File { path, source })
}

/// The start of the drill that is going on, if one is. Nothing is begun.
pub(crate) fn running(state: &Path, scenario: &str, now_ms: i64) -> Result<Option<i64>, Error> {
    let path = path(state, scenario);
    going_on(&path, now_ms).map_err(|source| Error::File { path, source })
}

/// Begins a drill now, in place of the one that may be going on.
pub(crate) fn begin_anew(state: &Path, scenario: &str, now_ms: i64) -> Result<(), Error> {
    let path = path(state, scenario);
    lock(&path)
        .and_then(|_held| file::replace(&path, format!("{now_ms}\n").as_bytes()))
        .map_err(|source| Error::File { path, source })
}

/// How far a person has come in a drill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many hints were shown.
    pub hints: usize,
    /// How many answers were given, until everything was found.
    pub answers: usize,
    /// The causes that were found, by their names.
    pub found: Vec<String>,
    /// When the last of them was found, in epoch milliseconds.
    pub solved_ms: Option<i64>,
}

/// What is kept of it. The progress of another start counts for nothing.
#[derive(Serialize, Deserialize)]
struct Kept {
    start_ms: i64,
    progress: Progress,
}

/// How far one has come in the drill that began at `start_ms`.
pub(crate) fn progress(state: &Path, scenario: &str, start_ms: i64) -> Progress {
    read_progress(&path(state, scenario), start_ms)
}

/// Changes it, and returns what it is then. Commands that change it at once take turns.
pub(crate) fn advance(
    state: &Path,
    scenario: &str,
    start_ms: i64,
    change: impl FnOnce(&mut Progress),
) -> Result<Progress, Error> {
    let start = path(state, scenario);
    let path = progress_path(&start);
    let written = lock(&start).and_then(|_held| {
        let mut progress = read_progress(&start, start_ms);
        change(&mut progress);
        let kept = Kept { start_ms, progress };
        file::replace(&path, &serde_json::to_vec(&kept)?)?;
        Ok(kept.progress)
    });
    written.map_err(|source| Error::File { path, source })
}

/// What cannot be read is no progress: it is only counted again.
fn read_progress(start: &Path, start_ms: i64) -> Progress {
    let kept = fs::read(progress_path(start)).ok();
    let kept: Option<Kept> = kept.and_then(|content| serde_json::from_slice(&content).ok());
    kept.filter(|kept| kept.start_ms == start_ms).map(|kept| kept.progress).unwrap_or_default()
}

/// The file that holds a scenario's start.
fn path(state: &Path, scenario: &str) -> PathBuf {
    state.join("drills").join(component(scenario))
}

/// The file beside it that holds the progress. No component of a name has a dot.
fn progress_path(start: &Path) -> PathBuf {
    start.with_extension("progress.json")
}

fn lock(start: &Path) -> io::Result<fs::File> {
    file::lock(&start.with_extension("lock"))
}

fn begin(path: &Path, now_ms: i64) -> io::Result<i64> {
    let _held = lock(path)?;
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

    #[test]
    fn looking_begins_nothing_and_beginning_anew_begins_now() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        let running = |now_ms| store.running_drill("incident-8", now_ms).unwrap();
        assert_eq!(running(NOON), None);
        assert!(!root.path().join("state").exists(), "looking leaves no trace");
        assert_eq!(store.drill_start("incident-8", NOON).unwrap(), NOON);
        assert_eq!(running(NOON + 1), Some(NOON));
        assert_eq!(running(NOON + LENGTH_MS), None);
        store.begin_drill("incident-8", NOON + HOUR_MS).unwrap();
        assert_eq!(running(NOON + HOUR_MS + 1), Some(NOON + HOUR_MS));
        assert_eq!(store.drill_start("incident-8", NOON + HOUR_MS + 1).unwrap(), NOON + HOUR_MS);
    }

    #[test]
    fn progress_belongs_to_its_start_and_its_scenario() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        let advance = |scenario: &str, start_ms| {
            store.advance_drill(scenario, start_ms, |progress| progress.hints += 1).unwrap().hints
        };
        assert_eq!(store.drill_progress("incident-8", NOON), Progress::default());
        assert_eq!(advance("incident-8", NOON), 1);
        assert_eq!(advance("incident-8", NOON), 2);
        assert_eq!(advance("other", NOON), 1);
        assert_eq!(store.drill_progress("incident-8", NOON).hints, 2);
        assert_eq!(store.drill_progress("incident-8", NOON + 1), Progress::default());
        assert_eq!(advance("incident-8", NOON + 1), 1);
        assert_eq!(store.drill_progress("incident-8", NOON), Progress::default());
    }

    #[test]
    fn what_is_no_progress_is_counted_anew() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        let advance = || store.advance_drill("incident-8", NOON, |progress| progress.hints += 1);
        advance().unwrap();
        for content in ["", "3", "{\"start_ms\":", "\u{0}"] {
            fs::write(root.path().join("state/drills/incident-8.progress.json"), content).unwrap();
            assert_eq!(store.drill_progress("incident-8", NOON), Progress::default());
            assert_eq!(advance().unwrap().hints, 1);
        }
    }

    #[test]
    fn commands_that_advance_together_all_count() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(root.path());
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    store.advance_drill("incident-8", NOON, |progress| progress.hints += 1).unwrap()
                });
            }
        });
        assert_eq!(store.drill_progress("incident-8", NOON).hints, 8);
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
