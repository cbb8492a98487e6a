//! In which order versions are fetched, and which of them stay in memory (pure).
//!
//! A state is up to tens of megabytes, and the older side of one comparison is the newer side of the
//! next one of the same key. It is kept for that, as long as what is kept is small; else it is fetched
//! again.

use std::collections::HashMap;

use super::history::{Comparison, Version, What};

/// A version of an object: its key and its id.
pub(super) type Place<'c> = (&'c str, &'c str);

/// A comparison and how its two sides are had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn<'c> {
    pub(super) comparison: &'c Comparison,
    /// `None` where it is a deletion.
    pub(super) newer: Option<Side<'c>>,
    /// `None` where there is none.
    pub(super) older: Option<Side<'c>>,
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side<'c> {
    pub(super) place: Place<'c>,
    /// How large it is, in bytes.
    pub(super) size: u64,
    /// Whether it was kept from a turn before.
    pub(super) is_kept: bool,
    /// Whether it stays for a turn to come.
    pub(super) stays: bool,
}

impl<'c> Turn<'c> {
    /// Its sides, as they are fetched.
    pub(super) fn sides(&self) -> impl Iterator<Item = Side<'c>> + use<'c> {
        [self.newer, self.older].into_iter().flatten()
    }
}

/// The turns of these comparisons, one after the other. Never more than `keep` bytes stay from one
/// turn to another.
pub(super) fn turns(comparisons: &[Comparison], keep: u64) -> Vec<Turn<'_>> {
    let mut shelf = Shelf { uses: HashMap::new(), kept: HashMap::new(), size: 0, keep };
    for comparison in comparisons {
        for (place, _) in [newer(comparison), older(comparison)].into_iter().flatten() {
            *shelf.uses.entry(place).or_default() += 1;
        }
    }
    let turn = |comparison| Turn {
        comparison,
        newer: newer(comparison).map(|(place, size)| shelf.side(place, size)),
        older: older(comparison).map(|(place, size)| shelf.side(place, size)),
    };
    comparisons.iter().map(turn).collect()
}

fn newer(comparison: &Comparison) -> Option<(Place<'_>, u64)> {
    content(comparison, &comparison.newer)
}

fn older(comparison: &Comparison) -> Option<(Place<'_>, u64)> {
    content(comparison, comparison.older.as_ref()?)
}

fn content<'c>(comparison: &'c Comparison, version: &'c Version) -> Option<(Place<'c>, u64)> {
    match version.what {
        What::Content { size, .. } => Some(((&comparison.key.text, &version.id), size)),
        What::Deleted => None,
    }
}

/// What is kept, while the turns are planned.
struct Shelf<'c> {
    /// In how many turns to come a version is a side.
    uses: HashMap<Place<'c>, usize>,
    kept: HashMap<Place<'c>, u64>,
    size: u64,
    keep: u64,
}

impl<'c> Shelf<'c> {
    fn side(&mut self, place: Place<'c>, size: u64) -> Side<'c> {
        let kept = self.kept.remove(&place);
        self.size -= kept.unwrap_or(0);
        let uses = self.uses.entry(place).or_insert(1);
        *uses -= 1;
        let stays = *uses > 0 && self.size + size <= self.keep;
        if stays {
            self.kept.insert(place, size);
            self.size += size;
        }
        Side { place, size, is_kept: kept.is_some(), stays }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::history::Histories;
    use super::*;
    use crate::window::Window;
    use ::record::Time;
    use proptest::prelude::*;

    const WINDOW: Window = Window { since: Time::from_millis(0), until: Time::from_millis(1_000) };

    fn comparisons(keys: &[Vec<(i64, u64, bool)>]) -> Vec<Comparison> {
        let mut histories = Histories::new(WINDOW);
        for (place, versions) in keys.iter().enumerate() {
            let mut versions = versions.clone();
            versions.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
            for (id, (at, size, is_deletion)) in versions.into_iter().enumerate() {
                let what = match is_deletion {
                    true => What::Deleted,
                    false => What::Content { size, etag: None },
                };
                let written = Time::from_millis(at);
                let version = Version { id: id.to_string(), written, is_latest: id == 0, what };
                histories.take(&format!("{place}.tfstate"), version);
            }
        }
        histories.finish()
    }

    fn fetches(turns: &[Turn<'_>]) -> usize {
        turns.iter().flat_map(Turn::sides).filter(|side| !side.is_kept).count()
    }

    #[test]
    fn each_version_of_one_state_is_fetched_once() {
        let versions = (0..40).map(|at| (at, 10, false)).collect();
        let comparisons = comparisons(&[versions]);
        let turns = turns(&comparisons, 10);
        assert_eq!((turns.len(), fetches(&turns)), (40, 40));
    }

    #[test]
    fn what_is_too_large_to_stay_is_fetched_again() {
        let versions = (0..3).map(|at| (at, 10, false)).collect();
        let comparisons = comparisons(&[versions]);
        assert_eq!(fetches(&turns(&comparisons, 9)), 5);
    }

    proptest! {
        #[test]
        fn what_is_kept_was_fetched_and_is_never_too_much(
            keys in proptest::collection::vec(
                proptest::collection::vec((-20i64..1_000, 1u64..50, any::<bool>()), 0..8), 0..5),
            keep in 0u64..120,
        ) {
            let comparisons = comparisons(&keys);
            let turns = turns(&comparisons, keep);
            prop_assert_eq!(turns.len(), comparisons.len());
            let mut kept: HashMap<Place<'_>, u64> = HashMap::new();
            for turn in &turns {
                prop_assert_eq!(turn.newer.is_none(), turn.comparison.newer.what == What::Deleted);
                prop_assert_eq!(turn.older.is_none(), turn.comparison.older.is_none());
                for side in turn.sides() {
                    prop_assert_eq!(kept.remove(&side.place).is_some(), side.is_kept);
                    if side.stays {
                        kept.insert(side.place, side.size);
                    }
                }
                prop_assert!(kept.values().sum::<u64>() <= keep);
            }
            prop_assert!(kept.is_empty(), "nothing stays for nobody");
        }

        #[test]
        fn with_room_for_all_nothing_is_fetched_twice(
            keys in proptest::collection::vec(
                proptest::collection::vec((-20i64..1_000, 1u64..50, any::<bool>()), 0..8), 0..5),
        ) {
            let comparisons = comparisons(&keys);
            let turns = turns(&comparisons, u64::MAX);
            let places: BTreeSet<Place<'_>> =
                turns.iter().flat_map(Turn::sides).map(|side| side.place).collect();
            prop_assert_eq!(fetches(&turns), places.len());
        }
    }
}
