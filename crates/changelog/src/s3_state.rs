//! The versions of states in S3 as a history of changes.
//!
//! Terraform's S3 backend writes a state as an object, and a bucket that keeps versions keeps what
//! every apply left behind. The list tells when; two versions side by side tell what. Nobody's name is
//! in it: S3 keeps none.

pub(crate) mod history;
mod judge;
mod key;
mod plan;

use std::collections::{BTreeMap, HashMap, VecDeque};

use ::record::Time;
use aws::{Cause, Door, Error, Gravity, Operation};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, join};
use futures_util::stream::FuturesOrdered;

use self::history::{Comparison, Histories};
use self::judge::{Keeps, Text, judge};
use self::key::{Key, WORKSPACES};
use self::plan::{Place, Side, Turn, turns};
use crate::found::Sink;
use crate::record::{ChangeRecord, Source};
use crate::s3::{Bucket, Content, Versioning};
use crate::sources::{Ended, SourceRead};
use crate::window::Window;

/// The largest state that is read: 64 MiB. Terraform itself is slow long before.
const LARGEST: u64 = 64 << 20;

/// So many bytes stay in memory from one comparison to a later one.
const KEPT: u64 = 32 << 20;

/// So many versions are fetched ahead,
const AHEAD: usize = 4;

/// and so many bytes of them; one is always fetched.
const AHEAD_BYTES: u64 = 32 << 20;

/// The operations that are used here, for permissions.md and hints.
pub const OPERATIONS: [Operation; 3] =
    [Operation::ListObjectVersions, Operation::GetObject, Operation::GetBucketVersioning];

/// Where states are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlace {
    /// The bucket.
    pub bucket: String,
    /// What the keys begin with, or the key itself; in other workspaces than the default one, what
    /// stands behind `env:/WORKSPACE/`. Nothing for the whole bucket.
    pub prefix: Option<String>,
}

/// What is to be known of them.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The changes of this time.
    pub window: Window,
    /// When it is asked.
    pub now: Time,
    /// At most so many pages of the list of versions are read, of a thousand versions each.
    pub most_pages: u32,
}

impl Ask {
    /// Pages where nobody says how many: a hundred thousand versions, in half a minute.
    pub const MOST_PAGES: u32 = 100;
}

/// Reads the versions of the states of a place, beginning to look for the bucket in `region`: one that
/// is elsewhere says so, and is asked there.
pub async fn read(
    door: &Door,
    region: &str,
    place: &StatePlace,
    ask: &Ask,
    sink: &Sink,
) -> SourceRead {
    let found = Bucket::find(door, region, &place.bucket);
    let ((bucket, versioning), account) = join(found, door.account()).await;
    let mut reading =
        Reading { bucket, place, ask, sink, account, changes: 0, missing: Missing::default() };
    let ended = reading.read(versioning).await;
    let name = match place.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => format!("{}/{prefix}", place.bucket),
        None => place.bucket.clone(),
    };
    SourceRead { source: Source::S3State, name: Some(name), changes: reading.changes, ended }
}

struct Reading<'a> {
    bucket: Bucket<'a>,
    place: &'a StatePlace,
    ask: &'a Ask,
    sink: &'a Sink,
    account: Option<String>,
    changes: u64,
    missing: Missing,
}

impl Reading<'_> {
    async fn read(&mut self, versioning: Result<Versioning, Error>) -> Ended {
        let mut histories = Histories::new(self.ask.window);
        if let Err(error) = self.list(&mut histories).await {
            let why = clause(&error, Keeps::Versions, &self.place.bucket);
            return Ended::unread(why, error.gravity() == Gravity::Denied);
        }
        let found = histories.finish();
        let keeps = match versioning {
            Ok(Versioning::Never) => Keeps::OnlyTheLast,
            _ => Keeps::Versions,
        };
        self.note_versioning(versioning, &found);
        self.compare(&found, keeps).await;
        match self.missing.sentence() {
            None => Ended::Complete { until: self.ask.now.min(self.ask.window.until) },
            Some(why) => Ended::Partly { why },
        }
    }

    /// Lists the versions of the place, page by page.
    async fn list(&mut self, histories: &mut Histories) -> Result<(), Error> {
        let prefix = self.place.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        // The keys of workspaces have their own beginning before the prefix.
        let in_workspaces = prefix
            .filter(|prefix| !prefix.starts_with(WORKSPACES) && !WORKSPACES.starts_with(prefix));
        let lists = [(prefix, None), (Some(WORKSPACES), in_workspaces)];
        let lists = if in_workspaces.is_some() { &lists[..] } else { &lists[..1] };
        let mut pages = 0;
        for (prefix, inner) in lists {
            let mut behind = None;
            loop {
                if pages == self.ask.most_pages {
                    let why =
                        format!("more than {pages} pages of versions: a prefix makes it fewer");
                    self.missing.note(why, None);
                    return Ok(());
                }
                pages += 1;
                let page = self.bucket.versions(*prefix, behind.as_ref()).await?;
                for (key, version) in page.versions {
                    if inner.is_none_or(|inner| Key::of(&key).is_under(inner)) {
                        histories.take(&key, version);
                    }
                }
                let Some(marker) = page.next else { break };
                let mut next = histories.next(marker.clone());
                if behind.as_ref() == Some(&next) {
                    // Some that are not AWS begin with the key of the marker itself.
                    next = marker;
                }
                if behind.as_ref() == Some(&next) {
                    self.missing.note("the list of versions does not go on".to_owned(), None);
                    break;
                }
                behind = Some(next);
            }
        }
        Ok(())
    }

    /// Says what a bucket without versions cannot tell.
    fn note_versioning(&mut self, versioning: Result<Versioning, Error>, found: &[Comparison]) {
        let without_id = |comparison: &Comparison| !comparison.newer.has_an_id();
        match versioning {
            Ok(Versioning::Never) => self.missing.note(
                "the bucket keeps no versions: of each state only the last change is known, and none \
                 of those that were deleted"
                    .to_owned(),
                None,
            ),
            Ok(Versioning::Suspended) if found.iter().any(without_id) => self.missing.note(
                "the bucket's versioning is suspended: what was overwritten since is not known".to_owned(),
                None,
            ),
            Err(error) if found.iter().any(without_id) => {
                let clause = clause(&error, Keeps::Versions, &self.place.bucket);
                let why = format!("whether the bucket keeps all versions is not known: {clause}");
                self.missing.note(why, None);
            }
            _ => {}
        }
    }

    /// Holds the versions against each other, the newest first.
    async fn compare(&mut self, comparisons: &[Comparison], keeps: Keeps) {
        self.sink.reached(self.ask.window.until).await;
        let turns = turns(comparisons, KEPT);
        let mut fetched = Fetched::new(&self.bucket, keeps, &turns);
        let mut kept: HashMap<Place<'_>, Text> = HashMap::new();
        let mut moments = turns.iter().skip(1).map(|turn| turn.comparison.newer.written);
        for turn in &turns {
            let mut texts = [None, None];
            for (text, side) in texts.iter_mut().zip([turn.newer, turn.older]) {
                let Some(side) = side else { continue };
                *text = match kept.remove(&side.place) {
                    Some(text) => Some(text),
                    None => Some(fetched.next().await),
                };
            }
            let [newer, older] = texts;
            let judged = judge(turn.comparison, newer.as_ref(), older.as_ref(), keeps);
            if let Some(why) = judged.missing {
                self.missing.note(why, Some(&turn.comparison.key));
            }
            if let Some(change) = judged.change {
                self.changes += 1;
                let version = &turn.comparison.newer.id;
                let mut change = ChangeRecord { account: self.account.clone(), ..change };
                change.region = Some(self.bucket.region().to_owned());
                change.link = self.bucket.console_page(&turn.comparison.key.text, version);
                self.sink.change(change).await;
            }
            for (side, text) in [(turn.newer, newer), (turn.older, older)] {
                if let (Some(side @ Side { stays: true, .. }), Some(text)) = (side, text) {
                    kept.insert(side.place, text);
                }
            }
            // Others of the next one's millisecond may still come.
            if let Some(next) = moments.next() {
                self.sink.reached(Time::from_millis(next.millis() + 1)).await;
            }
        }
        self.sink.reached(self.ask.window.since).await;
    }
}

/// The contents that are fetched, in the order in which they are needed: a few ahead.
struct Fetched<'f> {
    bucket: &'f Bucket<'f>,
    keeps: Keeps,
    waiting: VecDeque<Side<'f>>,
    ahead: FuturesOrdered<BoxFuture<'f, (u64, Result<Content, Error>)>>,
    bytes_ahead: u64,
    /// Why no other will be served either.
    hopeless: Option<String>,
}

impl<'f> Fetched<'f> {
    fn new(bucket: &'f Bucket<'f>, keeps: Keeps, turns: &'f [Turn<'f>]) -> Self {
        let waiting = turns.iter().flat_map(Turn::sides).filter(|side| !side.is_kept).collect();
        let ahead = FuturesOrdered::new();
        Self { bucket, keeps, waiting, ahead, bytes_ahead: 0, hopeless: None }
    }

    async fn next(&mut self) -> Text {
        self.fetch_ahead();
        let Some((size, answer)) = self.ahead.next().await else {
            return Text::Unread(self.hopeless.clone().unwrap_or_default());
        };
        self.bytes_ahead -= size;
        let text = match answer {
            Ok(Content::Whole(bytes)) => Text::Read(bytes),
            Ok(Content::TooLarge(size)) => Text::Unread(format!(
                "it has {} MiB, and {} are read at most",
                size.div_ceil(1 << 20),
                LARGEST >> 20
            )),
            Err(error) => {
                let why = clause(&error, self.keeps, self.bucket.name());
                if error.cause.wants_a_login() || error.gravity() == Gravity::Unavailable {
                    self.hopeless = Some(why.clone());
                }
                Text::Unread(why)
            }
        };
        self.fetch_ahead();
        text
    }

    fn fetch_ahead(&mut self) {
        while self.hopeless.is_none() && self.ahead.len() < AHEAD {
            let fits = |side: &Side<'_>| self.bytes_ahead + side.size.min(LARGEST) <= AHEAD_BYTES;
            match self.waiting.front() {
                Some(side) if self.ahead.is_empty() || fits(side) => {}
                _ => return,
            }
            let Some(side) = self.waiting.pop_front() else { return };
            let (bucket, (key, id)) = (self.bucket, side.place);
            // Where no versions are kept, the permission for the object itself is enough.
            let version = (self.keeps == Keeps::Versions).then_some(id);
            let size = side.size.min(LARGEST);
            self.bytes_ahead += size;
            self.ahead.push_back(Box::pin(async move {
                if side.size > LARGEST {
                    return (size, Ok(Content::TooLarge(side.size)));
                }
                (size, bucket.content(key, version, LARGEST).await)
            }));
        }
    }
}

/// What could not be read, each reason once.
#[derive(Debug, Default)]
struct Missing {
    /// How often, and the first key that it was.
    reasons: BTreeMap<String, (u64, Option<String>)>,
}

impl Missing {
    fn note(&mut self, why: String, key: Option<&Key>) {
        let first = || key.map(|key| key.text.clone());
        self.reasons.entry(why).or_insert_with(|| (0, first())).0 += 1;
    }

    /// All of it in a clause; `None` where nothing is missing.
    fn sentence(&self) -> Option<String> {
        let clauses: Vec<String> = self
            .reasons
            .iter()
            .map(|(why, (times, key))| match (key, times) {
                (None, _) => why.clone(),
                (Some(key), 1) => format!("{key}: {why}"),
                (Some(key), times) => format!("{key} and {} other versions: {why}", times - 1),
            })
            .collect();
        (!clauses.is_empty()).then(|| clauses.join("; "))
    }
}

/// Why S3 did not answer, with the permission that is missing.
fn clause(error: &Error, keeps: Keeps, bucket: &str) -> String {
    match &error.cause {
        Cause::Denied { message } if message.contains("kms:") => {
            "no permission: kms:Decrypt of the key that encrypts it".to_owned()
        }
        Cause::Denied { .. } => {
            let action = match error.operation {
                Some(Operation::GetObject) if keeps == Keeps::OnlyTheLast => "s3:GetObject",
                Some(operation) => operation.action(),
                None => "s3:ListBucketVersions",
            };
            format!("no permission: {action} on {bucket}")
        }
        Cause::Invalid { code, message } => match code.as_str() {
            "NoSuchBucket" => format!("there is no bucket {bucket}"),
            "NoSuchKey" | "NoSuchVersion" => "it was removed while it was read".to_owned(),
            "InvalidObjectState" => "it is archived: S3 has to restore it first".to_owned(),
            _ => message.clone(),
        },
        cause => cause.to_string(),
    }
}

#[cfg(test)]
mod tests;
