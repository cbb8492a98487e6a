//! `--resume NAME`: each event once over all runs of a job, however they end.
//!
//! What is written comes first, then the checkpoint that says so. A run that is killed in between leaves a file
//! that is longer than its checkpoint says: the next one cuts it, and reads that part again.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use logs::{
    Batch, Bookmark, Gauge, Group, LogStream, Place, Query, Question, Resume, Summary, Whose,
};
use output::{Output, RecordFile, WriteError};
use record::Time;
use serde::{Deserialize, Serialize};
use store::{Checkpoint, CheckpointError};
use timerange::Window;

use super::reading::WindowArgs;
use crate::context::Context;
use crate::failure::Failure;

/// So many records are written before it is kept that they are: as much comes again from a pipe whose writer was
/// killed.
const EVERY: usize = 10_000;

/// Going on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Going on")]
pub(crate) struct ResumeArgs {
    /// Go on where the last run of this NAME ended: each event once over all runs, also after a kill. The first
    /// run begins at --since
    #[arg(
        long,
        value_name = "NAME",
        group = "goes_on",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with_all = ["until", "around", "window", "newest"]
    )]
    resume: Option<String>,
}

impl ResumeArgs {
    /// Takes the checkpoint, if one is asked for.
    pub(crate) fn job(&self, context: &Context) -> Result<Option<Job>, Failure> {
        let Some(name) = &self.resume else { return Ok(None) };
        let Some(store) = context.store() else {
            let hint = "`oncall drill serve` with AWS_ENDPOINT_URL is a cloud on which it works";
            let message =
                "a drill keeps nothing between runs, so --resume has nothing to go on from";
            return Err(Failure::usage(message, Some(hint.to_owned())));
        };
        let checkpoint = store.checkpoint(name)?;
        let kept = checkpoint.read()?;
        Ok(Some(Job { name: name.clone(), checkpoint, kept }))
    }
}

/// A job that runs again and again.
#[derive(Debug)]
pub(crate) struct Job {
    name: String,
    checkpoint: Checkpoint,
    /// `None` in the first run.
    kept: Option<Kept>,
}

/// What a checkpoint says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    question: Question,
    bookmark: Bookmark,
    /// The file that the records go to; a pipe has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<KeptFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptFile {
    path: String,
    /// So much of it is right.
    length_bytes: u64,
}

impl Job {
    /// From where to read, and until when: the end of the run before, or what was asked for in the first.
    pub(crate) fn window(
        job: Option<&Self>,
        asked: &WindowArgs,
        context: &Context,
    ) -> Result<Window, Failure> {
        let Some(Self { name, kept: Some(Kept { bookmark, .. }), checkpoint }) = job else {
            return asked.window(context);
        };
        let (start, end) = (bookmark.from().timestamp(), context.now().timestamp());
        if start >= end {
            let reached = bookmark.reached();
            return Err(Failure::unavailable(
                format!("the checkpoint `{name}` has reached {reached}, which is later than now"),
                Some(format!("look at the clock; {}", begins_anew(checkpoint.path()))),
            ));
        }
        Ok(Window { start, end })
    }

    /// Opens the file at `path` as the run before left it. Nothing in it changes yet.
    pub(crate) fn file(&self, path: Option<&Path>) -> Result<Option<RecordFile>, Failure> {
        let name = &self.name;
        match (path, &self.kept) {
            (None, None | Some(Kept { file: None, .. })) => Ok(None),
            (None, Some(Kept { file: Some(known), .. })) => {
                let path = &known.path;
                Err(self.refuse(format!("the checkpoint `{name}` goes with --to {path}")))
            }
            (Some(path), None) => new_file(path).map(Some),
            (Some(path), Some(Kept { file: Some(known), .. })) => {
                self.known_file(path, known).map(Some)
            }
            (Some(path), Some(Kept { file: None, .. })) => {
                let path = path.display();
                let message =
                    format!("the checkpoint `{name}` goes without --to, and not with {path}");
                Err(self.refuse(message))
            }
        }
    }

    fn known_file(&self, path: &Path, known: &KeptFile) -> Result<RecordFile, Failure> {
        let (name, shown) = (&self.name, path.display());
        let another = || {
            let message =
                format!("the checkpoint `{name}` goes with --to {}, not with {shown}", known.path);
            self.refuse(message)
        };
        let file = match RecordFile::keep(path, false) {
            Err(WriteError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(match Path::new(&known.path).exists() {
                    true => another(),
                    false => self.refuse(format!(
                        "{shown} is missing, and the checkpoint `{name}` goes on in it"
                    )),
                });
            }
            file => file.map_err(Failure::path)?,
        };
        if text_of(&file.path()?) != known.path {
            return Err(another());
        }
        let (length, before) = (file.length()?.unwrap_or_default(), known.length_bytes);
        match length < before {
            false => Ok(file),
            true => Err(self.refuse(format!(
                "{shown} has become shorter: {length} bytes, of {before} that the checkpoint `{name}` knows"
            ))),
        }
    }

    /// Refuses another question than that of the runs before.
    pub(crate) fn check(&self, question: &Question) -> Result<(), Failure> {
        let earlier = self.kept.as_ref().map(|kept| &kept.question);
        match earlier.and_then(|earlier| question.difference(earlier)) {
            None => Ok(()),
            Some(difference) => {
                let name = &self.name;
                Err(self.refuse(format!("the checkpoint `{name}` is of {difference}")))
            }
        }
    }

    /// Begins to read. From here on the file is this run's.
    pub(crate) async fn begin(
        self,
        question: Question,
        query: Query,
        late: Duration,
        output: &mut Output,
        doors: &aws::Doors,
    ) -> Result<Resuming, Failure> {
        let Query { start, end, .. } = query;
        let gone = match &self.kept {
            Some(kept) => gone(&query.places, kept.bookmark.reached(), end, doors).await,
            None => Vec::new(),
        };
        let is_first = self.kept.is_none();
        let (bookmark, file) = match self.kept {
            Some(Kept { bookmark, file, .. }) => (bookmark, file),
            None => (Bookmark::beginning(start), None),
        };
        let length = file.map_or(0, |file| file.length_bytes);
        let path = match output.file() {
            Some(file) => {
                file.cut(length)?;
                Some(text_of(&file.path()?))
            }
            None => None,
        };
        let keeper = Keeper { checkpoint: self.checkpoint, question, path };
        if is_first {
            // Killed from here on it has begun all the same: the next run begins at the same moment.
            keeper.keep(&bookmark, Some(length))?;
        }
        Ok(Resuming {
            stream: LogStream::new(doors, query),
            resume: Resume::new(bookmark, end, late),
            rest: Batch::new(),
            keeper,
            unkept: 0,
            in_hand: false,
            printed: 0,
            late: 0,
            gone,
        })
    }

    fn refuse(&self, message: String) -> Failure {
        let mut hint = begins_anew(self.checkpoint.path());
        if self.kept.as_ref().is_some_and(|kept| kept.file.is_some()) {
            hint.push_str("; --to takes an empty file then");
        }
        Failure::usage(message, Some(hint))
    }
}

/// The file of a first run: what it writes later may cut it.
fn new_file(path: &Path) -> Result<RecordFile, Failure> {
    let file = RecordFile::keep(path, true).map_err(Failure::path)?;
    let shown = path.display();
    let hint = Some("--to takes a file that is empty, or not there yet".to_owned());
    match file.length()? {
        Some(0) => Ok(file),
        Some(_) => {
            Err(Failure::usage(format!("{shown} is not empty, and --resume begins a file"), hint))
        }
        None => Err(Failure::usage(format!("{shown} is no file, as --resume needs one"), hint)),
    }
}

fn begins_anew(checkpoint: &Path) -> String {
    format!("another --resume NAME begins anew, and so does removing {}", checkpoint.display())
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        let message = error.to_string();
        match error {
            CheckpointError::Held { .. } => Self::unavailable(
                message,
                Some("wait for its end, or give this one another --resume NAME".to_owned()),
            ),
            CheckpointError::Corrupt { path, .. } => Self::usage(message, Some(begins_anew(&path))),
            CheckpointError::Newer { path, .. } => {
                Self::usage(message, Some(format!("update oncall; {}", begins_anew(&path))))
            }
            CheckpointError::File { .. } => Self::unavailable(
                message,
                Some(
                    "checkpoints are in $XDG_STATE_HOME/oncall (~/.local/state/oncall)".to_owned(),
                ),
            ),
        }
    }
}

/// What a group kept no longer when it was read.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub(crate) group: Group,
    pub(crate) first: Time,
    /// Included.
    pub(crate) last: Time,
    days: i32,
}

impl Gone {
    /// Why it is missing.
    pub(crate) fn problem(&self) -> String {
        let days = if self.days == 1 { "day" } else { "days" };
        format!("no longer kept (retention {} {days})", self.days)
    }
}

/// What the groups do not keep any more of the time since the last run.
async fn gone(places: &[Place], reached: Time, now: Time, doors: &aws::Doors) -> Vec<Gone> {
    /// No retention is shorter.
    const DAY_MS: i64 = 86_400_000;
    let mut gone = Vec::new();
    if now.millis() - reached.millis() <= DAY_MS {
        return gone;
    }
    let groups: BTreeSet<&Group> = places.iter().map(|place| &place.group).collect();
    for group in groups {
        let door = doors.of(group.profile.as_deref());
        let Some(days) = logs::retention_days(door, group, now).await else { continue };
        let kept = now.millis() - i64::from(days) * DAY_MS;
        if reached.millis() < kept {
            let (first, last) = (reached, Time::from_millis(kept - 1));
            gone.push(Gone { group: group.clone(), first, last, days });
        }
    }
    gone
}

/// A reading that goes on.
#[derive(Debug)]
pub(crate) struct Resuming {
    stream: LogStream,
    resume: Resume,
    /// What is new and not handed out yet.
    rest: Batch,
    keeper: Keeper,
    /// Records that were written since it was last kept.
    unkept: usize,
    /// Something was handed out, and is not known to be written.
    in_hand: bool,
    printed: u64,
    late: u64,
    gone: Vec<Gone>,
}

impl Resuming {
    /// New records, no more than until it is to be kept that they are written.
    pub(crate) async fn next(&mut self) -> Option<Batch> {
        while self.rest.is_empty() {
            self.rest = self.resume.sift(self.stream.next().await?);
        }
        let room = (EVERY - self.unkept.min(EVERY - 1)).min(self.rest.len());
        let later = self.rest.split_off(room);
        self.in_hand = true;
        Some(std::mem::replace(&mut self.rest, later))
    }

    /// So many of them were taken, the first.
    pub(crate) fn took(&mut self, records: usize, late: usize) {
        self.resume.printed(records);
        self.in_hand = false;
        self.unkept += records;
        self.printed += records as u64;
        self.late += late as u64;
    }

    /// Whether it is time to keep how far it came.
    pub(crate) fn is_due(&self) -> bool {
        self.unkept >= EVERY
    }

    /// Whether what was handed out may be written in part.
    pub(crate) fn is_in_hand(&self) -> bool {
        self.in_hand
    }

    /// Keeps how far it came, once all that was taken is written; `length` is the file's.
    pub(crate) fn keep(&mut self, length: Option<u64>, at_end: bool) -> Result<(), Failure> {
        let bookmark = self.resume.bookmark(&self.stream.summary().missing, at_end);
        self.keeper.keep(bookmark, length)?;
        self.unkept = 0;
        match self.resume.is_full() {
            false => Ok(()),
            true => Err(Failure::unavailable(
                "a million events were printed after a part that cannot be read, and more cannot be told apart",
                Some("the next run goes on here, once that part can be read".to_owned()),
            )),
        }
    }

    pub(crate) fn whose(&self) -> Whose {
        self.stream.whose()
    }

    pub(crate) fn gauge(&self) -> Gauge {
        self.stream.gauge()
    }

    pub(crate) fn gone(&self) -> &[Gone] {
        &self.gone
    }

    /// What was read; of the records only those that were printed in this run.
    pub(crate) fn summary(&self) -> Summary {
        let mut summary = self.stream.summary().clone();
        summary.records = self.printed;
        summary.follow.late = self.late;
        summary
    }
}

/// Writes the checkpoint.
#[derive(Debug)]
struct Keeper {
    checkpoint: Checkpoint,
    question: Question,
    /// The file of `--to`.
    path: Option<String>,
}

impl Keeper {
    fn keep(&self, bookmark: &Bookmark, length: Option<u64>) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Keeping<'a> {
            question: &'a Question,
            bookmark: &'a Bookmark,
            #[serde(skip_serializing_if = "Option::is_none")]
            file: Option<KeptFile>,
        }
        let length_bytes = length.unwrap_or_default();
        let file = self.path.clone().map(|path| KeptFile { path, length_bytes });
        let keeping = Keeping { question: &self.question, bookmark, file };
        Ok(self.checkpoint.write(&keeping)?)
    }
}
