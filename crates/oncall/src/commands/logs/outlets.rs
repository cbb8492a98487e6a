//! Where the records of tail and grep go, and in which form it is told how the reading went.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use output::{Form, Output, RecordFile};

use super::resume::Job;
use crate::context::Context;
use crate::failure::Failure;

/// Where things go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutletArgs {
    /// Write the records to this file instead of stdout (`-`), in the form that a pipe gets
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
    /// How to tell on stderr how the reading went: json is one record, after any reading, also with -q
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) summary: SummaryForm,
}

/// How a reading is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryForm {
    /// A line, after a reading that was long or is incomplete
    Text,
    /// One JSON record
    Json,
    /// Not at all
    None,
}

impl OutletArgs {
    /// Opens the way out. `paged`: what is longer than a screen may be shown by a pager.
    pub(crate) fn output(
        &self,
        job: Option<&Job>,
        paged: bool,
        context: &Context,
    ) -> Result<Output, Failure> {
        let path = self.to.as_deref().filter(|path| path.as_os_str() != "-");
        let file = match (job, path) {
            (Some(job), path) => job.file(path)?,
            (None, Some(path)) => Some(RecordFile::create(path).map_err(Failure::path)?),
            (None, None) => None,
        };
        match file {
            Some(file) => context.file_output(file),
            None if paged && job.is_none() => context.paged_output(Form::Text),
            None => context.output(Form::Text),
        }
    }
}
