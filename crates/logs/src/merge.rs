//! Several ordered sources, one ordered stream. Pure.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Merges lanes, each of which is in order of its keys. An item comes out once no lane can still
/// bring an earlier one.
#[derive(Debug)]
pub(crate) struct Merge<K, T> {
    lanes: Vec<Lane<K, T>>,
    /// The heads of all lanes that have one.
    heads: BinaryHeap<Reverse<(K, usize)>>,
}

#[derive(Debug)]
struct Lane<K, T> {
    queue: VecDeque<(K, T)>,
    ended: bool,
}

impl<K: Ord + Clone, T> Merge<K, T> {
    pub(crate) fn new(lanes: usize) -> Self {
        let lane = || Lane { queue: VecDeque::new(), ended: false };
        Self { lanes: std::iter::repeat_with(lane).take(lanes).collect(), heads: BinaryHeap::new() }
    }

    /// Adds items to a lane, none earlier than what it had.
    pub(crate) fn add(&mut self, lane: usize, items: impl IntoIterator<Item = (K, T)>) {
        let queue = &mut self.lanes[lane].queue;
        let was_empty = queue.is_empty();
        queue.extend(items);
        if was_empty && let Some((key, _)) = queue.front() {
            self.heads.push(Reverse((key.clone(), lane)));
        }
    }

    /// Says that a lane brings no more.
    pub(crate) fn end(&mut self, lane: usize) {
        self.lanes[lane].ended = true;
    }

    /// The first lane without which nothing more can come out.
    pub(crate) fn waits_for(&self) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.queue.is_empty() && !lane.ended)
    }

    /// The items that are certain now: until a lane runs dry, or `most` of them.
    pub(crate) fn pop_many(&mut self, most: usize) -> Vec<T> {
        let mut items = Vec::new();
        if self.waits_for().is_some() {
            return items;
        }
        while items.len() < most {
            let Some(Reverse((_, lane))) = self.heads.peek() else { break };
            let lane = *lane;
            items.extend(self.pop_earliest());
            let lane = &self.lanes[lane];
            if lane.queue.is_empty() && !lane.ended {
                break;
            }
        }
        items
    }

    fn pop_earliest(&mut self) -> Option<T> {
        let Reverse((_, at)) = self.heads.pop()?;
        let queue = &mut self.lanes[at].queue;
        let (_, item) = queue.pop_front()?;
        if let Some((key, _)) = queue.front() {
            self.heads.push(Reverse((key.clone(), at)));
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_comes_out_while_a_lane_may_bring_something_earlier() {
        let mut merge = Merge::new(2);
        merge.add(0, [(1, "a"), (5, "d")]);
        assert_eq!(merge.waits_for(), Some(1));
        assert!(merge.pop_many(10).is_empty());
        merge.add(1, [(2, "b")]);
        assert_eq!(merge.pop_many(10), ["a", "b"]);
        assert_eq!(merge.waits_for(), Some(1));
        merge.end(1);
        assert_eq!(merge.pop_many(10), ["d"]);
        merge.end(0);
        assert!(merge.pop_many(10).is_empty());
        assert_eq!(merge.waits_for(), None);
    }

    proptest! {
        #[test]
        fn whatever_the_chunks_all_items_come_out_in_order(
            lanes in proptest::collection::vec(proptest::collection::vec(0u8..50, 0..30), 1..6),
            chunk in 1usize..7,
            most in 1usize..9,
        ) {
            let mut lanes: Vec<VecDeque<u8>> = lanes.into_iter().map(|mut lane| {
                lane.sort_unstable();
                lane.into()
            }).collect();
            let mut expected: Vec<u8> = lanes.iter().flatten().copied().collect();
            expected.sort_unstable();
            let mut merge = Merge::new(lanes.len());
            let mut merged = Vec::new();
            loop {
                while let Some(lane) = merge.waits_for() {
                    let take = chunk.min(lanes[lane].len());
                    if take == 0 {
                        merge.end(lane);
                    }
                    let items: Vec<_> = lanes[lane].drain(..take).map(|n| (n, n)).collect();
                    merge.add(lane, items);
                }
                let popped = merge.pop_many(most);
                if popped.is_empty() {
                    break;
                }
                merged.extend(popped);
            }
            prop_assert_eq!(merged, expected);
        }
    }
}
