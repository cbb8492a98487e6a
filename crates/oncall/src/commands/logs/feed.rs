//! Where tail and grep take records from: a reading that ends, one that goes on where another ended, or a follow
//! that does not end.

use logs::{
    Batch, FollowStream, Gauge, Happening, LogRecord, LogStream, Summary, TaskStopped, Whose,
};
use output::{Output, Talk};
use tokio::time::timeout;

use super::follow::Teller;
use super::reading::Ending;
use super::resume::{Gone, Resuming};
use crate::context::Stops;
use crate::failure::Failure;

/// Records, as they come.
#[derive(Debug)]
pub(crate) enum Feed {
    /// A window of the past.
    Reading(Box<LogStream>),
    /// What is new since another run.
    Resuming(Box<Resuming>),
    /// From the past on.
    Following(Box<FollowStream>),
}

impl Feed {
    /// What comes next; `None` at the end.
    async fn next(&mut self) -> Option<Happening> {
        match self {
            Self::Reading(stream) => stream.next().await.map(Happening::Records),
            Self::Resuming(resuming) => resuming.next().await.map(Happening::Records),
            Self::Following(stream) => stream.next().await,
        }
    }

    /// What has to be said so that it is clear whose a record is.
    pub(crate) fn whose(&self) -> Whose {
        match self {
            Self::Reading(stream) => stream.whose(),
            Self::Resuming(resuming) => resuming.whose(),
            Self::Following(stream) => stream.whose(),
        }
    }

    /// Tells how far a reading is; a follow is never far.
    pub(crate) fn gauge(&self) -> Option<Gauge> {
        match self {
            Self::Reading(stream) => Some(stream.gauge()),
            Self::Resuming(resuming) => Some(resuming.gauge()),
            Self::Following(_) => None,
        }
    }

    /// What was read and not handed out, after an interruption: a follow's task had it already.
    fn rest(&mut self) -> Vec<Batch> {
        match self {
            Self::Reading(_) | Self::Resuming(_) => Vec::new(),
            Self::Following(stream) => stream.rest(),
        }
    }

    /// Hands on what comes, until the end, an interruption or enough; tells what is to be known
    /// meanwhile. What was read before an interruption is handed on, too.
    pub(crate) async fn hand_on(
        &mut self,
        to: &mut impl Taker,
        stops: &mut Stops,
        talk: Talk,
    ) -> Result<Ending, Failure> {
        let mut teller = Teller::new(self.whose());
        loop {
            if let Some(ending) = to.has_enough() {
                return Ok(ending);
            }
            let step = async {
                match self.next().await {
                    None => return Ok(Some(Ending::All)),
                    Some(Happening::Records(batch)) => {
                        let taken = to.take(&batch).await?;
                        self.took(&batch[..taken], to).await?;
                    }
                    Some(Happening::Notice(notice)) => teller.tell(&notice, talk),
                    Some(Happening::TaskStopped(stopped)) => {
                        to.take_end(&stopped).await?;
                        let well = stopped.exit_code == Some(0);
                        return Ok(Some(Ending::TaskStopped { well }));
                    }
                }
                Ok::<_, Failure>(None)
            };
            match stops.or(step).await {
                Ok(step) => {
                    if let Some(ending) = step? {
                        return Ok(ending);
                    }
                }
                Err(Failure::Interrupted) => break,
                Err(stop) => return Err(stop),
            }
        }
        let rest = async {
            for batch in self.rest() {
                to.take(&batch).await?;
            }
            Ok(())
        };
        within_grace(rest).await?;
        Ok(Ending::Interrupted)
    }

    /// Heeds what was taken: now and then a reading that goes on keeps how far it came.
    async fn took(&mut self, taken: &[LogRecord], to: &mut impl Taker) -> Result<(), Failure> {
        let Self::Resuming(resuming) = self else { return Ok(()) };
        resuming.took(taken.len(), taken.iter().filter(|record| record.late).count());
        match resuming.is_due() {
            true => resuming.keep(to.settle().await?, false),
            false => Ok(()),
        }
    }

    /// Writes what was taken, and keeps how far it came.
    pub(crate) async fn finish(
        &mut self,
        output: &mut Output,
        stops: &mut Stops,
        ending: Ending,
    ) -> Result<(), Failure> {
        flush(output, stops, ending).await?;
        let Self::Resuming(resuming) = self else { return Ok(()) };
        // What is written in part comes again, so what was kept before that stays.
        if resuming.is_in_hand() {
            return Ok(());
        }
        let keep = async { resuming.keep(output.settle().await?, ending == Ending::All) };
        match ending {
            Ending::Interrupted => within_grace(keep).await,
            _ => stops.or(keep).await?,
        }
    }

    /// What was gone before it could be read.
    pub(crate) fn gone(&self) -> &[Gone] {
        match self {
            Self::Resuming(resuming) => resuming.gone(),
            Self::Reading(_) | Self::Following(_) => &[],
        }
    }

    /// What was handed out so far, and what is missing.
    pub(crate) fn summary(&self) -> Summary {
        match self {
            Self::Reading(stream) => stream.summary().clone(),
            Self::Resuming(resuming) => resuming.summary(),
            Self::Following(stream) => stream.summary(),
        }
    }
}

/// Who takes what a feed hands on: tail prints it, grep may only count it.
pub(crate) trait Taker {
    /// Takes records; how many it wanted, from the first.
    async fn take(&mut self, batch: &[LogRecord]) -> Result<usize, Failure>;

    /// Waits until what was taken is written; how long the file is then, in bytes, where it is one.
    async fn settle(&mut self) -> Result<Option<u64>, Failure>;

    /// Takes the last record of `--until-stopped`.
    async fn take_end(&mut self, stopped: &TaskStopped) -> Result<(), Failure>;

    /// Whether no more is wanted.
    fn has_enough(&self) -> Option<Ending>;
}

async fn flush(output: &mut Output, stops: &mut Stops, ending: Ending) -> Result<(), Failure> {
    let is_paged = output.is_paged();
    let flush = async { Ok(output.flush().await?) };
    match ending {
        // That a pager ends is no reader's going before its time.
        _ if is_paged => flush.await,
        Ending::Interrupted => within_grace(flush).await,
        // A slow reader or a slow --jq can be interrupted here too.
        _ => stops.or(flush).await?,
    }
}

/// After Ctrl-C a reader that takes nothing is not waited for.
pub(crate) async fn within_grace(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    const GRACE: std::time::Duration = std::time::Duration::from_secs(1);
    timeout(GRACE, work).await.unwrap_or(Ok(()))
}
