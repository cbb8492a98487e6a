//! What a plan or an apply does not say itself.

use changelog::ChangeRecord;
use clap::Args;
use jiff::Zoned;
use record::Time;

use crate::failure::Failure;

/// What is said of a change on the command line.
#[derive(Debug, Args)]
pub(super) struct ToldArgs {
    /// The system that it is about, such as the name of the workspace
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// When it was made: 2h, 14:05, RFC 3339, epoch [default: as the input says, else now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
}

impl ToldArgs {
    /// The moment of `--at`.
    pub(super) fn at(&self, now: &Zoned) -> Result<Option<Time>, Failure> {
        let at = self.at.as_deref().map(|text| timerange::instant(text, now)).transpose()?;
        Ok(at.map(Time::from))
    }

    /// Says it in the record.
    pub(super) fn tell(&self, change: &mut ChangeRecord, at: Option<Time>) {
        change.system.clone_from(&self.system);
        change.time = at.unwrap_or(change.time);
    }
}
