//! The versions of each state, and which of them have to be held against which (pure).
//!
//! S3 lists by key, the newest version first, without a filter by time. Of each key, the versions of the
//! window are of interest, and the one before them: the rest of its list can be left out.

use ::record::Time;

use super::key::{Key, Name};
use crate::s3::Marker;
use crate::window::Window;

/// A version of an object, or the mark that it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: String,
    /// S3 tells whole seconds.
    pub(crate) written: Time,
    pub(crate) is_latest: bool,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Content { size: u64, etag: Option<String> },
    Deleted,
}

impl Version {
    /// The id of what was written while the bucket kept no versions.
    pub(crate) const WITHOUT_ID: &'static str = "null";

    /// Whether it was written while the bucket kept versions.
    pub(super) fn has_an_id(&self) -> bool {
        self.id != Self::WITHOUT_ID
    }

    fn is_deletion(&self) -> bool {
        self.what == What::Deleted
    }

    fn has_the_content_of(&self, other: &Self) -> bool {
        match (&self.what, &other.what) {
            (
                What::Content { size, etag: Some(etag) },
                What::Content { size: other_size, etag: Some(other_etag) },
            ) => size == other_size && etag == other_etag,
            _ => false,
        }
    }
}

/// A version of the window, and what it is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) key: Key,
    pub(super) newer: Version,
    /// The content before it; `None` where the bucket has none.
    pub(super) older: Option<Version>,
    /// Whether the state had been deleted in between.
    pub(super) after_deletion: bool,
}

/// What is known of the keys, while the list is read.
#[derive(Debug)]
pub(super) struct Histories {
    window: Window,
    found: Vec<Comparison>,
    /// The key that is being listed.
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    key: Option<Key>,
    text: String,
    /// From the newest version of the window to the first content before it.
    versions: Vec<Version>,
    is_settled: bool,
}

impl Histories {
    pub(super) fn new(window: Window) -> Self {
        Self { window, found: Vec::new(), current: None }
    }

    /// Takes a version, in the order of the list.
    pub(super) fn take(&mut self, key: &str, version: Version) {
        if self.current.as_ref().is_none_or(|current| current.text != key) {
            self.close();
            let named = Some(Key::of(key)).filter(|key| key.name != Name::Other);
            self.current = Some(Current {
                // Nothing has to be known of what is no state.
                is_settled: named.is_none(),
                key: named,
                text: key.to_owned(),
                versions: Vec::new(),
            });
        }
        let Some(current) = &mut self.current else { return };
        if current.is_settled || version.written >= self.window.until {
            return;
        }
        let is_before = version.written < self.window.since;
        current.is_settled = is_before && (current.versions.is_empty() || !version.is_deletion());
        let is_known = current.versions.iter().any(|known| known.id == version.id);
        let is_of_the_past = is_before && current.versions.is_empty();
        if !is_known && !is_of_the_past {
            current.versions.push(version);
        }
    }

    /// Where the list goes on: behind the key, where nothing more of it is needed.
    pub(super) fn next(&self, marker: Marker) -> Marker {
        match &self.current {
            Some(current) if current.is_settled && current.text == marker.key => {
                Marker { key: marker.key, version: None }
            }
            _ => marker,
        }
    }

    fn close(&mut self) {
        let Some(Current { key: Some(key), versions, .. }) = self.current.take() else { return };
        for (place, newer) in versions.iter().enumerate() {
            if newer.written < self.window.since {
                continue;
            }
            let before = &versions[place + 1..];
            let after_deletion = before.first().is_some_and(Version::is_deletion);
            if newer.is_deletion() && after_deletion {
                continue;
            }
            let older = before.iter().find(|version| !version.is_deletion());
            if !after_deletion && older.is_some_and(|older| older.has_the_content_of(newer)) {
                continue;
            }
            self.found.push(Comparison {
                key: key.clone(),
                newer: newer.clone(),
                older: older.cloned(),
                after_deletion,
            });
        }
    }

    /// What there is to compare, the newest first.
    pub(super) fn finish(mut self) -> Vec<Comparison> {
        self.close();
        // Stable: the versions of one key within a second stay in the order of the list.
        self.found.sort_by_key(|comparison| std::cmp::Reverse(comparison.newer.written));
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Window = Window { since: Time::from_millis(100), until: Time::from_millis(200) };

    fn written(id: &str, at: i64) -> Version {
        let what = What::Content { size: 1, etag: Some(format!("e{id}")) };
        Version { id: id.to_owned(), written: Time::from_millis(at), is_latest: false, what }
    }

    fn deleted(id: &str, at: i64) -> Version {
        Version { what: What::Deleted, ..written(id, at) }
    }

    fn compared(list: &[(&str, Version)]) -> Vec<String> {
        let mut histories = Histories::new(WINDOW);
        for (key, version) in list {
            histories.take(key, version.clone());
        }
        let found = histories.finish().into_iter().map(|comparison| {
            let older = comparison.older.map_or("nothing".to_owned(), |older| older.id);
            let between = if comparison.after_deletion { " over a deletion" } else { "" };
            format!("{} {} to {older}{between}", comparison.key.text, comparison.newer.id)
        });
        found.collect()
    }

    #[test]
    fn the_versions_of_the_window_are_held_against_the_ones_before() {
        let list = [
            ("a.tfstate", written("5", 250)),
            ("a.tfstate", written("4", 180)),
            ("a.tfstate", written("3", 120)),
            ("a.tfstate", written("2", 90)),
            ("a.tfstate", written("1", 10)),
            ("b.tfstate", written("9", 150)),
            ("c.tfstate", written("7", 99)),
            ("c.tfstate", written("6", 98)),
        ];
        assert_eq!(
            compared(&list),
            ["a.tfstate 4 to 3", "b.tfstate 9 to nothing", "a.tfstate 3 to 2"]
        );
    }

    #[test]
    fn a_deletion_is_held_against_what_it_deleted() {
        let list = [
            ("a.tfstate", written("3", 190)),
            ("a.tfstate", deleted("m2", 160)),
            ("a.tfstate", deleted("m1", 150)),
            ("a.tfstate", written("1", 10)),
        ];
        assert_eq!(compared(&list), ["a.tfstate 3 to 1 over a deletion", "a.tfstate m1 to 1"]);
        let before = [
            ("a.tfstate", written("3", 190)),
            ("a.tfstate", deleted("m", 50)),
            ("a.tfstate", written("1", 10)),
        ];
        assert_eq!(compared(&before), ["a.tfstate 3 to 1 over a deletion"]);
    }

    #[test]
    fn the_same_content_written_again_is_not_fetched() {
        let again = Version { id: "2".to_owned(), ..written("1", 150) };
        let list = [("a.tfstate", again), ("a.tfstate", written("1", 50))];
        assert_eq!(compared(&list), [""; 0]);
    }

    #[test]
    fn locks_and_what_is_no_state_are_left_out() {
        let list = [
            ("a.tfstate.tflock", deleted("m", 151)),
            ("a.tfstate.tflock", written("1", 150)),
            ("plan.tfplan", written("1", 150)),
        ];
        assert_eq!(compared(&list), [""; 0]);
    }

    #[test]
    fn the_rest_of_a_key_is_skipped_when_nothing_more_of_it_is_needed() {
        let marker = |version: &str| Marker {
            key: "a.tfstate".to_owned(),
            version: Some(version.to_owned()),
        };
        let mut histories = Histories::new(WINDOW);
        histories.take("a.tfstate", written("4", 150));
        assert_eq!(histories.next(marker("4")), marker("4"));
        histories.take("a.tfstate", written("3", 50));
        let behind = Marker { key: "a.tfstate".to_owned(), version: None };
        assert_eq!(histories.next(marker("3")), behind);
    }

    proptest! {
        #[test]
        fn each_version_of_the_window_is_compared_once_with_the_content_before_it(
            keys in proptest::collection::vec(
                proptest::collection::vec((0i64..300, any::<bool>()), 0..8), 0..5),
        ) {
            let mut histories = Histories::new(WINDOW);
            let mut expected = 0;
            for (place, times) in keys.iter().enumerate() {
                let mut times = times.clone();
                times.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
                for (id, (at, is_deletion)) in times.iter().enumerate() {
                    let id = id.to_string();
                    let version = if *is_deletion { deleted(&id, *at) } else { written(&id, *at) };
                    histories.take(&format!("{place}.tfstate"), version);
                }
                let of_a_deletion = |at: usize| times.get(at).is_some_and(|(_, deletion)| *deletion);
                expected += times.iter().enumerate().filter(|(at, (time, deletion))| {
                    (100..200).contains(time) && !(*deletion && of_a_deletion(at + 1))
                }).count();
            }
            let found = histories.finish();
            prop_assert_eq!(found.len(), expected);
            prop_assert!(found.is_sorted_by(|one, other| one.newer.written >= other.newer.written));
            for comparison in found {
                if let Some(older) = comparison.older {
                    prop_assert!(older.written <= comparison.newer.written && !older.is_deletion());
                }
            }
        }
    }
}
