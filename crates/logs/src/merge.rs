//! Several ordered sources, one ordered stream. Pure.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Merges lanes, each of which is in order of its keys. An item comes out once no lane can still
/// bring an earlier one.
#[derive(Debug)]
pub(crate) struct Merge<K, T> {
    key: fn(&T) -> K,
    lanes: Vec<Lane<T>>,
    /// The keys of the heads of all lanes that have one.
    heads: BinaryHeap<Reverse<(K, usize)>>,
}

#[derive(Debug)]
struct Lane<T> {
    queue: VecDeque<T>,
    ended: bool,
}

impl<K: Ord, T> Merge<K, T> {
    /// Lanes whose items are ordered by `key`.
    pub(crate) fn new(lanes: usize, key: fn(&T) -> K) -> Self {
        let lane = || Lane { queue: VecDeque::new(), ended: false };
        let lanes = std::iter::repeat_with(lane).take(lanes).collect();
        Self { key, lanes, heads: BinaryHeap::new() }
    }

    /// Adds items to a lane, none earlier than what it had.
    pub(crate) fn add(&mut self, lane: usize, items: Vec<T>) {
        let queue = &mut self.lanes[lane].queue;
        let was_empty = queue.is_empty();
        queue.extend(items);
        if was_empty {
            self.show_head(lane);
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
        if self.waits_for().is_some() {
            return Vec::new();
        }
        if let [only] = self.lanes.as_mut_slice() {
            return only.queue.drain(..most.min(only.queue.len())).collect();
        }
        let mut items = Vec::new();
        while items.len() < most
            && let Some(Reverse((_, at))) = self.heads.pop()
        {
            items.extend(self.lanes[at].queue.pop_front());
            self.show_head(at);
            let lane = &self.lanes[at];
            if lane.queue.is_empty() && !lane.ended {
                break;
            }
        }
        items
    }

    /// A single lane needs no comparing.
    fn show_head(&mut self, lane: usize) {
        if self.lanes.len() > 1
            && let Some(head) = self.lanes[lane].queue.front()
        {
            self.heads.push(Reverse(((self.key)(head), lane)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_comes_out_while_a_lane_may_bring_something_earlier() {
        let mut merge = Merge::new(2, |item: &(u8, &str)| item.0);
        merge.add(0, vec![(1, "a"), (5, "d")]);
        assert_eq!(merge.waits_for(), Some(1));
        assert!(merge.pop_many(10).is_empty());
        merge.add(1, vec![(2, "b")]);
        assert_eq!(merge.pop_many(10), [(1, "a"), (2, "b")]);
        assert_eq!(merge.waits_for(), Some(1));
        merge.end(1);
        assert_eq!(merge.pop_many(10), [(5, "d")]);
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
            let mut merge = Merge::new(lanes.len(), |item: &u8| *item);
            let mut merged = Vec::new();
            loop {
                while let Some(lane) = merge.waits_for() {
                    let take = chunk.min(lanes[lane].len());
                    if take == 0 {
                        merge.end(lane);
                    }
                    let items: Vec<_> = lanes[lane].drain(..take).collect();
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
