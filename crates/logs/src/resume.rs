//! A reading that goes on where the last one ended: what of it is new, what is late, and what is to be kept for
//! the next one. Pure.
//!
//! Events are ingested after their own time, so the end of a reading says little about the minutes before it. The
//! next one begins earlier, by as much as an event may be late, and knows what was printed of that time by
//! identities. An identity is a hash of region, group, stream, time and text, with its ordinal among equal ones:
//! that is all that both FilterLogEvents and GetLogEvents say of an event, and only the former gives an id. Equal
//! events of one stream and millisecond are a multiset then; the order of a stream (ingestion, then id) puts those
//! that are ingested late behind those that were printed.

#[cfg(test)]
mod random_worlds;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use record::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::LogRecord;
use crate::stream::{Batch, Missing, MissingCause};

/// Identities are kept, and forgotten, a slice of their events' time at once.
const SLICE_MS: i64 = 10_000;

/// So many identities are remembered at the most: about 25 MB of a checkpoint.
const MOST: usize = 1_000_000;

/// How far the readings of a question came. Holds no text of any event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// Everything before this that could be read was printed, in epoch milliseconds.
    reached_ms: i64,
    /// From here on the next reading reads, in epoch milliseconds.
    from_ms: i64,
    /// What was printed from there on, by slices of ten seconds.
    printed: BTreeMap<i64, Slice>,
}

impl Bookmark {
    /// Nothing was read, and this is where to begin.
    pub fn beginning(start: Time) -> Self {
        let start = start.millis();
        Self { reached_ms: start, from_ms: start, printed: BTreeMap::new() }
    }

    /// Where the next reading begins.
    pub fn from(&self) -> Time {
        Time::from_millis(self.from_ms)
    }

    /// Up to where everything was printed that could be read.
    pub fn reached(&self) -> Time {
        Time::from_millis(self.reached_ms)
    }
}

/// A reading that goes on from a bookmark.
#[derive(Debug)]
pub struct Resume {
    /// What the last reading had reached: what is new and earlier is late.
    reached_before: i64,
    /// The bookmark as it is to be kept, but for what happened since it was last asked for.
    bookmark: Bookmark,
    remembered: usize,
    /// Until before when is read.
    end: i64,
    /// How late an event may be.
    late: i64,
    ordinals: Ordinals,
    /// What was handed out and not printed yet.
    waiting: VecDeque<(i64, Identity)>,
    /// The time of the last event that came.
    seen: i64,
    /// Something before `seen` could not be read.
    held: bool,
}

impl Resume {
    /// Goes on from a bookmark, until before `end`. Events are waited for that are ingested up to `late` after
    /// their own time.
    pub fn new(bookmark: Bookmark, end: Time, late: Duration) -> Self {
        Self {
            reached_before: bookmark.reached_ms,
            remembered: bookmark.printed.values().map(|slice| slice.0.len()).sum(),
            end: end.millis(),
            late: i64::try_from(late.as_millis()).unwrap_or(i64::MAX / 4),
            ordinals: Ordinals::default(),
            waiting: VecDeque::new(),
            seen: bookmark.from_ms,
            held: false,
            bookmark,
        }
    }

    /// What of a batch was not printed before. What is new and lies before what the last reading had reached is
    /// marked as late. Batches come in order of time.
    pub fn sift(&mut self, mut batch: Batch) -> Batch {
        batch.retain_mut(|record| {
            let time = record.time.millis();
            self.seen = self.seen.max(time);
            let identity = self.ordinals.identity(record);
            let is_known = |slice: &Slice| slice.0.contains(&identity);
            if self.bookmark.printed.get(&slice_of(time)).is_some_and(is_known) {
                return false;
            }
            record.late |= time < self.reached_before;
            self.waiting.push_back((time, identity));
            true
        });
        batch
    }

    /// So many more of what was handed out are printed.
    pub fn printed(&mut self, count: usize) {
        for (time, identity) in self.waiting.drain(..count.min(self.waiting.len())) {
            let slice = self.bookmark.printed.entry(slice_of(time)).or_default();
            self.remembered += usize::from(slice.0.insert(identity));
        }
    }

    /// What is to be kept once everything is written that is said to be printed. `at_end`: nothing more comes.
    ///
    /// It never moves past something that could not be read. What no reading will decode is no reason to stay: it
    /// is asked for again while events of its time may still be late, and then left.
    pub fn bookmark(&mut self, missing: &[Missing], at_end: bool) -> &Bookmark {
        let mut read = match self.waiting.front() {
            Some((time, _)) => *time,
            None if at_end => self.end,
            None => self.seen,
        };
        let unread = missing.iter().filter(|part| part.may_be_read_later());
        let unread = unread.map(|part| part.first.millis()).min().unwrap_or(i64::MAX);
        self.held = unread < read;
        read = read.min(unread);
        // Only forwards: what was known to be read whole stays so.
        self.bookmark.reached_ms = self.bookmark.reached_ms.max(read);
        let from = read.min(self.end.saturating_sub(self.late));
        self.begin_at(from);
        self.forget_overflow(read);
        &self.bookmark
    }

    /// Whether more is remembered than can be, because something early could not be read: what would be printed
    /// now could not be told apart later.
    pub fn is_full(&self) -> bool {
        self.held && self.remembered >= MOST
    }

    /// Where so much is written within `late` that it cannot be remembered, it shrinks.
    fn forget_overflow(&mut self, read: i64) {
        while self.remembered > MOST
            && !self.held
            && let Some((&oldest, _)) = self.bookmark.printed.first_key_value()
            && oldest.saturating_add(SLICE_MS) <= read
        {
            self.begin_at(oldest.saturating_add(SLICE_MS));
        }
    }

    fn begin_at(&mut self, from: i64) {
        self.bookmark.from_ms = self.bookmark.from_ms.max(from);
        let first = slice_of(self.bookmark.from_ms);
        while let Some(entry) = self.bookmark.printed.first_entry()
            && *entry.key() < first
        {
            self.remembered -= entry.remove().0.len();
        }
    }
}

impl Missing {
    /// Whether there is sense in asking for it again.
    fn may_be_read_later(&self) -> bool {
        !matches!(self.cause, MissingCause::Undecodable)
    }
}

fn slice_of(time: i64) -> i64 {
    time.div_euclid(SLICE_MS).saturating_mul(SLICE_MS)
}

/// The beginning of a SHA-256: among a million there are two equal ones in one of 10^17 cases.
type Identity = [u8; 12];

/// Identities of events of ten seconds. In JSON a text: hexadecimal, in order, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Slice(BTreeSet<Identity>);

impl Serialize for Slice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = String::with_capacity(self.0.len() * 2 * size_of::<Identity>());
        for byte in self.0.iter().flatten() {
            text.push(DIGITS[usize::from(byte >> 4)].into());
            text.push(DIGITS[usize::from(byte & 15)].into());
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Slice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const LENGTH: usize = 2 * size_of::<Identity>();
        let text = String::deserialize(deserializer)?;
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        let identity = |digits: &[u8]| {
            let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
            Identity::try_from(bytes?).ok()
        };
        let identities: Option<BTreeSet<Identity>> =
            text.as_bytes().chunks(LENGTH).map(identity).collect();
        identities.map(Self).ok_or_else(|| serde::de::Error::custom("an identity is no hash"))
    }
}

/// How many equal events came so far. Equal ones have the same time, so only those of the last are counted.
#[derive(Debug, Default)]
struct Ordinals {
    time: i64,
    counts: HashMap<[u8; 32], u32>,
}

impl Ordinals {
    fn identity(&mut self, record: &LogRecord) -> Identity {
        let time = record.time.millis();
        if time != self.time {
            self.time = time;
            self.counts.clear();
        }
        let kind = digest([
            record.group.region.as_bytes(),
            record.group.name.as_bytes(),
            record.stream.name.as_bytes(),
            &time.to_be_bytes(),
            record.text.as_bytes(),
        ]);
        let count = self.counts.entry(kind).or_default();
        let ordinal = *count;
        *count += 1;
        let hash = match ordinal {
            0 => kind,
            _ => digest([kind.as_slice(), &ordinal.to_be_bytes()]),
        };
        let mut identity = Identity::default();
        let length = identity.len();
        identity.copy_from_slice(&hash[..length]);
        identity
    }
}

/// SHA-256 over parts, each behind its length: no two lists of parts have the same bytes.
fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What is asked, again and again. Two questions that differ cannot share a bookmark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The account, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The region.
    region: String,
    /// The targets as they are typed, sorted.
    targets: Vec<String>,
    /// A hash of the conditions: they may quote what nobody should read in a file.
    conditions: String,
}

/// What two questions do not have in common.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The account.
    #[error("the account {theirs}, and this is {ours}")]
    Account {
        /// The earlier one.
        theirs: String,
        /// This one.
        ours: String,
    },
    /// The region.
    #[error("the region {theirs}, and this is {ours}")]
    Region {
        /// The earlier one.
        theirs: String,
        /// This one.
        ours: String,
    },
    /// The targets.
    #[error("the targets {theirs}, and these are {ours}")]
    Targets {
        /// The earlier ones.
        theirs: String,
        /// These.
        ours: String,
    },
    /// The conditions.
    #[error("other conditions")]
    Conditions,
}

impl Question {
    /// A question: where, what, and under which conditions (each a flag and its value, in any order).
    pub fn new(
        account: Option<String>,
        region: &str,
        targets: &[String],
        conditions: &[(&str, String)],
    ) -> Self {
        let targets: BTreeSet<String> = targets.iter().cloned().collect();
        let conditions: BTreeSet<&(&str, String)> = conditions.iter().collect();
        let parts = conditions.iter().flat_map(|(flag, value)| [flag.as_bytes(), value.as_bytes()]);
        let hash: String = digest(parts).iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            account,
            region: region.to_owned(),
            targets: targets.into_iter().collect(),
            conditions: hash,
        }
    }

    /// The first thing in which an earlier question is another one.
    pub fn difference(&self, earlier: &Self) -> Option<Difference> {
        if let (Some(ours), Some(theirs)) = (&self.account, &earlier.account)
            && ours != theirs
        {
            return Some(Difference::Account { theirs: theirs.clone(), ours: ours.clone() });
        }
        if self.region != earlier.region {
            let (theirs, ours) = (earlier.region.clone(), self.region.clone());
            return Some(Difference::Region { theirs, ours });
        }
        if self.targets != earlier.targets {
            let (theirs, ours) = (earlier.targets.join(", "), self.targets.join(", "));
            return Some(Difference::Targets { theirs, ours });
        }
        (self.conditions != earlier.conditions).then_some(Difference::Conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Stream;
    use crate::place::Group;
    use std::sync::Arc;

    const MINUTE: i64 = 60_000;
    const LATE: Duration = Duration::from_secs(300);

    fn at(millis: i64) -> Time {
        Time::from_millis(millis)
    }

    fn group() -> Arc<Group> {
        Arc::new(Group {
            profile: None,
            account: None,
            region: "r".into(),
            name: "/g".into(),
            arn: None,
        })
    }

    fn event(time: i64, text: &str) -> LogRecord {
        let (cluster, service, task, container) = (None, None, None, None);
        let stream = Stream { name: "s".into(), cluster, service, task, container };
        LogRecord {
            time: at(time),
            ingested: None,
            group: group(),
            stream: Arc::new(stream),
            id: None,
            text: text.into(),
            repaired: false,
            late: false,
        }
    }

    fn missing(first: i64, cause: MissingCause) -> Missing {
        Missing { group: group(), first: at(first), last: at(first + MINUTE), cause }
    }

    /// Reads all of this and prints what is new; what that is.
    fn read(resume: &mut Resume, events: &[LogRecord]) -> Vec<(String, bool)> {
        let new = resume.sift(events.to_vec());
        resume.printed(new.len());
        new.into_iter().map(|record| (record.text, record.late)).collect()
    }

    fn new(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    fn late(text: &str) -> (String, bool) {
        (text.to_owned(), true)
    }

    #[test]
    fn a_second_reading_prints_what_came_since_and_what_came_late() {
        let (one, two) = (event(9 * MINUTE, "one"), event(9 * MINUTE + 1, "two"));
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(10 * MINUTE), LATE);
        assert_eq!(read(&mut first, std::slice::from_ref(&one)), [new("one")]);
        let kept = first.bookmark(&[], true).clone();
        assert_eq!((kept.from(), kept.reached()), (at(5 * MINUTE), at(10 * MINUTE)));

        let mut second = Resume::new(kept, at(11 * MINUTE), LATE);
        let three = event(10 * MINUTE, "three");
        assert_eq!(read(&mut second, &[one, two, three]), [late("two"), new("three")]);
    }

    #[test]
    fn equal_events_are_printed_as_many_as_there_are() {
        let same = || event(9 * MINUTE, "same");
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(10 * MINUTE), LATE);
        assert_eq!(read(&mut first, &[same(), same()]).len(), 2);
        let kept = first.bookmark(&[], true).clone();
        let mut second = Resume::new(kept, at(10 * MINUTE), LATE);
        assert_eq!(read(&mut second, &[same(), same(), same()]), [late("same")]);
    }

    #[test]
    fn an_event_is_the_same_whichever_api_shows_it() {
        let with_id = LogRecord { id: Some("7".into()), ..event(9 * MINUTE, "one") };
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(10 * MINUTE), LATE);
        assert_eq!(read(&mut first, &[with_id]).len(), 1);
        let mut second = Resume::new(first.bookmark(&[], true).clone(), at(11 * MINUTE), LATE);
        assert_eq!(read(&mut second, &[event(9 * MINUTE, "one")]), []);
    }

    #[test]
    fn what_was_handed_out_and_not_printed_comes_again() {
        let events = [event(MINUTE, "one"), event(2 * MINUTE, "two"), event(3 * MINUTE, "three")];
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(60 * MINUTE), LATE);
        first.sift(events.to_vec());
        first.printed(1);
        let kept = first.bookmark(&[], false).clone();
        assert_eq!(kept.from(), at(2 * MINUTE));
        let mut second = Resume::new(kept, at(60 * MINUTE), LATE);
        assert_eq!(read(&mut second, &events[1..]), [new("two"), new("three")]);
    }

    #[test]
    fn far_back_nothing_is_remembered_that_is_not_read_again() {
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(600 * MINUTE), LATE);
        let events: Vec<LogRecord> = (0..300).map(|n| event(n * MINUTE, "x")).collect();
        read(&mut first, &events);
        let kept = first.bookmark(&[], false);
        assert_eq!((kept.from(), kept.printed.len()), (at(299 * MINUTE), 1));
    }

    #[test]
    fn nothing_is_passed_that_could_not_be_read() {
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(60 * MINUTE), LATE);
        let other = event(50 * MINUTE, "of another group");
        read(&mut first, std::slice::from_ref(&other));
        let kept = first.bookmark(&[missing(20 * MINUTE, MissingCause::Stuck)], true).clone();
        assert_eq!((kept.from(), kept.reached()), (at(20 * MINUTE), at(20 * MINUTE)));
        let mut second = Resume::new(kept, at(61 * MINUTE), LATE);
        let missed = event(20 * MINUTE, "missed");
        assert_eq!(read(&mut second, &[missed, other]), [new("missed")]);
    }

    #[test]
    fn what_nobody_can_decode_is_tried_as_long_as_events_may_be_late() {
        let mut first = Resume::new(Bookmark::beginning(at(0)), at(60 * MINUTE), LATE);
        let missing = [missing(58 * MINUTE, MissingCause::Undecodable)];
        let kept = first.bookmark(&missing, true);
        assert_eq!((kept.from(), kept.reached()), (at(55 * MINUTE), at(60 * MINUTE)));
    }

    #[test]
    fn a_bookmark_goes_only_forwards() {
        let mut resume = Resume::new(Bookmark::beginning(at(MINUTE)), at(60 * MINUTE), LATE);
        read(&mut resume, &[event(30 * MINUTE, "one")]);
        let kept = resume.bookmark(&[], false).clone();
        let crashed = missing(MINUTE, MissingCause::Crashed);
        assert_eq!(*resume.bookmark(&[crashed], true), kept);
    }

    #[test]
    fn the_guarantee_shrinks_to_what_can_be_remembered() {
        let mut resume = Resume::new(Bookmark::beginning(at(0)), at(MINUTE), LATE);
        for number in 0..=MOST {
            let time = i64::try_from(number).unwrap() * MINUTE / (2 * MOST as i64);
            resume
                .waiting
                .push_back((time, number.to_be_bytes().repeat(2)[4..].try_into().unwrap()));
        }
        resume.seen = MINUTE;
        resume.printed(MOST + 1);
        let unread = [missing(0, MissingCause::Stuck)];
        assert_eq!(resume.bookmark(&unread, true).from(), at(0));
        assert!(resume.is_full(), "nothing can be forgotten while the beginning is missing");
        assert_eq!(resume.bookmark(&[], true).from(), at(SLICE_MS));
        assert!(!resume.is_full() && resume.remembered <= MOST);
    }

    #[test]
    fn a_bookmark_in_json_is_short_and_says_no_text() {
        let mut resume = Resume::new(Bookmark::beginning(at(0)), at(60_000), LATE);
        read(&mut resume, &[event(12_345, "a secret"), event(12_345, "a secret")]);
        let text = serde_json::to_string(resume.bookmark(&[], true)).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"reached_ms":60000,"from_ms":0,"printed":{"10000":""#,
                // As Python's hashlib has them.
                r#"50fcd4272eaac191d967c386a9b229ff761f2f90cab120cd"}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Bookmark>(&text).unwrap(), resume.bookmark);
    }

    #[test]
    fn an_identity_that_is_none_is_refused() {
        for text in ["abc", "zz", "+1+1+1+1+1+1+1+1+1+1+1+1", "0é"] {
            let json = format!(r#"{{"reached_ms":1,"from_ms":1,"printed":{{"0":"{text}"}}}}"#);
            let error = serde_json::from_str::<Bookmark>(&json).unwrap_err().to_string();
            assert!(error.starts_with("an identity is no hash"), "{error}");
        }
    }

    #[test]
    fn a_question_says_in_what_it_differs() {
        let question = |account: Option<&str>, region: &str, targets: &[&str], level: &str| {
            let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
            let conditions = [("--level", level.to_owned())];
            Question::new(account.map(str::to_owned), region, &targets, &conditions)
        };
        let earlier = question(Some("1"), "r", &["api", "dedupe"], "warn");
        let difference = |now: Question| now.difference(&earlier).map(|found| found.to_string());
        let says = |text: &str| Some(text.to_owned());
        assert_eq!(difference(question(None, "r", &["dedupe", "api", "api"], "warn")), None);
        assert_eq!(
            difference(question(Some("2"), "r", &["api"], "warn")),
            says("the account 1, and this is 2")
        );
        assert_eq!(
            difference(question(Some("1"), "q", &["api"], "warn")),
            says("the region r, and this is q")
        );
        assert_eq!(
            difference(question(Some("1"), "r", &["api"], "warn")),
            says("the targets api, dedupe, and these are api")
        );
        assert_eq!(
            difference(question(Some("1"), "r", &["api", "dedupe"], "error")),
            says("other conditions")
        );
    }
}
