//! What was printed, as far as it may come again. Pure.
//!
//! FilterLogEvents gives an event's id, Live Tail does not, and a program may say the same thing
//! twice in a millisecond. So what both say of an event (stream, time, text) is counted, as a
//! multiset: an event is new while more of its kind are known than were printed.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::BuildHasher;

use crate::cursor::Event;

/// Events are forgotten a slice of their own time at once.
const SLICE_MS: i64 = 10_000;

/// So many ids and kinds are remembered: about 30 MB.
const MOST: usize = 1_000_000;

/// Of the events before the horizon, so many are remembered, to count each once.
const MOST_BEFORE: usize = 10_000;

/// A Live Tail session, by its number. Two that follow each other may overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session(u32);

impl Session {
    pub(crate) const FIRST: Self = Self(1);

    /// The session that follows this one.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1).max(1))
    }

    fn slot(self) -> usize {
        usize::from(self.0 % 2 == 1)
    }
}

/// What is known of an event that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is new.
    New,
    /// It was printed.
    Printed,
    /// It was printed when a poll showed it; Live Tail now shows it too.
    PolledBefore,
    /// It is so old that what was printed of its time is forgotten. Said once of each.
    Forgotten,
    /// As [`Known::Forgotten`], and it was said.
    ForgottenBefore,
    /// Live Tail shows it so late that only its id can tell: a poll will.
    LeftToPolls,
}

#[derive(Debug)]
pub(crate) struct Identities {
    hasher: RandomState,
    slices: BTreeMap<i64, Slice>,
    remembered: usize,
    /// Events of earlier times are forgotten.
    horizon: i64,
    /// Whether Live Tail takes part: without it, ids are enough.
    with_live: bool,
    before: HashSet<u64>,
    before_in_order: VecDeque<u64>,
}

#[derive(Debug, Default)]
struct Slice {
    ids: HashSet<u64>,
    /// In order: half of the room that the set takes.
    old_ids: Vec<u64>,
    kinds: HashMap<u64, Counts>,
    /// Of everything that was printed the id is known: kinds are not counted any more, and what Live
    /// Tail shows of this time is left to the polls.
    by_ids_only: bool,
}

/// How many events of one stream, time and text.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    polled: u32,
    /// The latest sessions of each slot that showed it, and how often.
    live: [(u32, u32); 2],
    printed: u32,
}

impl Counts {
    /// A session shows an event once, and so does an id; two sessions may show the same one, and an
    /// endpoint may show with each session what it showed before.
    fn known(self) -> u32 {
        let [(_, even), (_, odd)] = self.live;
        self.polled.max(even).max(odd)
    }

    /// Counts one that a session shows; how many of them it has shown.
    fn show(&mut self, session: Session) -> u32 {
        let (number, shown) = &mut self.live[session.slot()];
        if *number != session.0 {
            (*number, *shown) = (session.0, 0);
        }
        *shown = shown.saturating_add(1);
        *shown
    }

    fn print_if_new(&mut self) -> bool {
        let new = self.printed < self.known();
        self.printed += u32::from(new);
        new
    }
}

impl Identities {
    pub(crate) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            slices: BTreeMap::new(),
            remembered: 0,
            horizon: i64::MIN,
            with_live: false,
            before: HashSet::new(),
            before_in_order: VecDeque::new(),
        }
    }

    /// From now on Live Tail takes part. To be said before a session begins: events that a session
    /// shows were ingested after.
    pub(crate) fn expect_live(&mut self) {
        self.with_live = true;
    }

    /// The time from which on events are remembered.
    pub(crate) fn horizon(&self) -> i64 {
        self.horizon
    }

    /// An event that a poll shows. `ordinal` is its place among equal events of one reading, for
    /// events without an id.
    pub(crate) fn polled(&mut self, event: &Event, ordinal: u32) -> Known {
        let kind = self.kind(&event.stream, event.time, &event.text);
        let id = match &event.id {
            Some(id) => self.hasher.hash_one(id),
            None => self.hasher.hash_one((kind, ordinal)),
        };
        if event.time < self.horizon {
            return self.forgotten(id);
        }
        let slice = self.slices.entry(slice_of(event.time)).or_default();
        if !slice.insert(id) {
            return Known::Printed;
        }
        let mut new = true;
        self.remembered += 1;
        if self.with_live && !slice.by_ids_only {
            let known_kinds = slice.kinds.len();
            let counts = slice.kinds.entry(kind).or_default();
            counts.polled = counts.polled.saturating_add(1);
            new = counts.print_if_new();
            self.remembered += slice.kinds.len() - known_kinds;
        }
        self.forget_overflow();
        if new { Known::New } else { Known::Printed }
    }

    /// An event that Live Tail shows.
    pub(crate) fn live(&mut self, session: Session, event: &Event) -> Known {
        let kind = self.kind(&event.stream, event.time, &event.text);
        if event.time < self.horizon {
            return self.forgotten(kind);
        }
        let slice = self.slices.entry(slice_of(event.time)).or_default();
        if slice.by_ids_only {
            return Known::LeftToPolls;
        }
        let known_kinds = slice.kinds.len();
        let counts = slice.kinds.entry(kind).or_default();
        let (shown, polled) = (counts.show(session), counts.polled);
        let known = match counts.print_if_new() {
            true => Known::New,
            false if shown <= polled => Known::PolledBefore,
            false => Known::Printed,
        };
        self.remembered += slice.kinds.len() - known_kinds;
        self.forget_overflow();
        known
    }

    /// An event that is not to be printed, whatever shows it: whether it is the first of its kind. It
    /// is no member of the multiset, or an equal one that is to be printed would seem to be printed.
    pub(crate) fn refuse(&mut self, event: &Event) -> bool {
        let kind = self.kind(&event.stream, event.time, &event.text);
        self.forgotten(kind) == Known::Forgotten
    }

    /// Keeps only ids of times before this, where polls have shown all that was printed: kinds take
    /// several times the room.
    pub(crate) fn keep_ids_before(&mut self, time: i64) {
        for slice in self.slices.range_mut(..slice_of(time)).map(|(_, slice)| slice) {
            let by_ids = |counts: &Counts| counts.printed <= counts.polled;
            if !slice.by_ids_only && slice.kinds.values().all(by_ids) {
                self.remembered = self.remembered.saturating_sub(slice.kinds.len());
                slice.keep_ids();
            }
        }
    }

    /// Forgets the events of times before this.
    pub(crate) fn forget_before(&mut self, time: i64) {
        let horizon = slice_of(time);
        while let Some(entry) = self.slices.first_entry()
            && *entry.key() < horizon
        {
            self.remembered = self.remembered.saturating_sub(entry.get().size());
            entry.remove();
        }
        self.horizon = self.horizon.max(horizon);
    }

    fn forget_overflow(&mut self) {
        while self.remembered > MOST && self.slices.len() > 1 {
            let Some((&oldest, _)) = self.slices.first_key_value() else { return };
            self.forget_before(oldest + SLICE_MS);
        }
    }

    fn forgotten(&mut self, identity: u64) -> Known {
        if !self.before.insert(identity) {
            return Known::ForgottenBefore;
        }
        self.before_in_order.push_back(identity);
        if self.before_in_order.len() > MOST_BEFORE
            && let Some(oldest) = self.before_in_order.pop_front()
        {
            self.before.remove(&oldest);
        }
        Known::Forgotten
    }

    fn kind(&self, stream: &str, time: i64, text: &str) -> u64 {
        self.hasher.hash_one((stream, time, text))
    }
}

impl Slice {
    /// Whether the id is new.
    fn insert(&mut self, id: u64) -> bool {
        self.old_ids.binary_search(&id).is_err() && self.ids.insert(id)
    }

    fn keep_ids(&mut self) {
        self.kinds = HashMap::new();
        self.old_ids = std::mem::take(&mut self.ids).into_iter().collect();
        self.old_ids.sort_unstable();
        self.by_ids_only = true;
    }

    fn size(&self) -> usize {
        self.ids.len() + self.old_ids.len() + self.kinds.len()
    }
}

fn slice_of(time: i64) -> i64 {
    time.div_euclid(SLICE_MS).saturating_mul(SLICE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: i64, id: Option<&str>) -> Event {
        Event {
            stream: "s".into(),
            time,
            ingested: None,
            id: id.map(str::to_owned),
            text: "same".into(),
            repaired: false,
        }
    }

    fn with_live() -> Identities {
        let mut identities = Identities::new();
        identities.expect_live();
        identities
    }

    #[test]
    fn an_event_is_new_once_whichever_shows_it_first() {
        let mut seen = with_live();
        assert_eq!(seen.live(Session::FIRST, &event(5, None)), Known::New);
        assert_eq!(seen.polled(&event(5, Some("a")), 0), Known::Printed);
        assert_eq!(seen.polled(&event(5, Some("a")), 0), Known::Printed);

        assert_eq!(seen.polled(&event(6, Some("b")), 0), Known::New);
        assert_eq!(seen.live(Session::FIRST, &event(6, None)), Known::PolledBefore);
    }

    #[test]
    fn equal_events_are_all_new() {
        let mut seen = with_live();
        assert_eq!(seen.live(Session::FIRST, &event(5, None)), Known::New);
        assert_eq!(seen.live(Session::FIRST, &event(5, None)), Known::New);
        // Live Tail left out a third.
        assert_eq!(seen.polled(&event(5, Some("a")), 0), Known::Printed);
        assert_eq!(seen.polled(&event(5, Some("b")), 0), Known::Printed);
        assert_eq!(seen.polled(&event(5, Some("c")), 0), Known::New);
    }

    #[test]
    fn sessions_that_overlap_show_the_same_event() {
        let mut seen = with_live();
        assert_eq!(seen.live(Session::FIRST, &event(5, None)), Known::New);
        assert_eq!(seen.live(Session::FIRST.next(), &event(5, None)), Known::Printed);
        assert_eq!(seen.live(Session::FIRST.next(), &event(5, None)), Known::New);
    }

    #[test]
    fn an_endpoint_that_shows_all_with_each_session_shows_nothing_new() {
        let mut seen = with_live();
        let mut session = Session::FIRST;
        assert_eq!(seen.live(session, &event(5, None)), Known::New);
        for _ in 0..5 {
            session = session.next();
            assert_eq!(seen.live(session, &event(5, None)), Known::Printed);
        }
    }

    #[test]
    fn events_without_an_id_are_told_apart_by_their_place() {
        let mut seen = Identities::new();
        let again = |seen: &mut Identities| [0, 1].map(|n| seen.polled(&event(5, None), n));
        assert_eq!(again(&mut seen), [Known::New, Known::New]);
        assert_eq!(again(&mut seen), [Known::Printed, Known::Printed]);
    }

    #[test]
    fn old_times_are_known_by_ids_once_polls_have_shown_them() {
        let mut seen = with_live();
        seen.live(Session::FIRST, &event(5, None));
        // The poll has not come yet: without the kind it would print it again.
        seen.keep_ids_before(10_000);
        assert_eq!(seen.polled(&event(5, Some("a")), 0), Known::Printed);
        seen.keep_ids_before(10_000);
        assert_eq!(seen.live(Session::FIRST, &event(5, None)), Known::LeftToPolls);
        assert_eq!(seen.polled(&event(5, Some("a")), 0), Known::Printed);
        assert_eq!(seen.polled(&event(5, Some("b")), 0), Known::New);
    }

    #[test]
    fn what_is_forgotten_is_said_once() {
        let mut seen = with_live();
        seen.polled(&event(5, Some("a")), 0);
        seen.forget_before(25_000);
        assert_eq!((seen.horizon(), seen.remembered), (20_000, 0));
        assert_eq!(seen.polled(&event(19_999, Some("b")), 0), Known::Forgotten);
        assert_eq!(seen.polled(&event(19_999, Some("b")), 0), Known::ForgottenBefore);
        assert_eq!(seen.polled(&event(20_000, Some("c")), 0), Known::New);
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Identities::new();
        for n in 0..(MOST as i64 + 50_000) {
            seen.polled(&event(n, Some(&n.to_string())), 0);
        }
        assert!(seen.remembered <= MOST);
        assert!(seen.horizon() > 0);
    }
}
