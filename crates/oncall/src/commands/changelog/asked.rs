//! What is asked for: which systems, which window, which sources.

use std::path::PathBuf;

use changelog::{Source, Window};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp, Zoned};
use record::Time;

use crate::context::Context;
use crate::failure::Failure;

/// So far back is looked where nothing says how far.
const USUAL_SINCE: SignedDuration = SignedDuration::from_hours(2);
/// So long after the moment of `--around` changes are shown: what somebody did about it.
const AFTER_IT: SignedDuration = SignedDuration::from_mins(30);
/// So many runs of Terraform are listed, where nothing says how many: as many as a minute and a half allow.
const USUAL_RUNS: u32 = 5_000;

/// What `list` and `check` have in common.
#[derive(Debug, Args)]
pub(super) struct AskedArgs {
    /// Only changes of these: a service, a workspace, or a [system] of the configuration; with
    /// --rank, what was paged [default: all]
    #[arg(value_name = "SYSTEM")]
    pub(super) systems: Vec<String>,
    #[command(flatten)]
    window: WindowArgs,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

/// The window of time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
struct WindowArgs {
    /// From when on: 2h, 7d, 14:05, 'yesterday 14:05', RFC 3339, epoch; with --around, counted from
    /// that moment [default: 2h]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Until before when, likewise [default: now; half an hour after --around]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// The moment that matters, such as that of a page: changes are counted back from it
    #[arg(long, value_name = "TIME")]
    around: Option<String>,
    /// How much around it, half of it after it, instead of --since and --until
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["since", "until"], requires = "around")]
    window: Option<String>,
}

/// Where changes are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
pub(super) struct SourceArgs {
    /// Read only these [default: all that are configured]
    #[arg(long = "source", value_name = "SOURCE", value_enum, value_delimiter = ',')]
    pub(super) only: Vec<SourceChoice>,
    /// Also the changes of a file of JSON Lines with `time` and `summary`; `-` is stdin (repeatable)
    #[arg(long = "from", value_name = "FILE")]
    pub(super) from: Vec<PathBuf>,
    /// Who deployed: asks CloudTrail, two calls a second
    #[arg(long)]
    pub(super) who: bool,
    /// Without what each run of Terraform did to which resource, which costs a call or two a run
    #[arg(long)]
    pub(super) no_details: bool,
    /// How many runs of Terraform are listed at most, a hundred a call
    #[arg(long, value_name = "N", default_value_t = USUAL_RUNS)]
    pub(super) most_runs: u32,
    /// Only ECS clusters of this name (repeatable)
    #[arg(long = "cluster", value_name = "CLUSTER")]
    pub(super) clusters: Vec<String>,
}

/// A source as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SourceChoice {
    /// HCP Terraform and Terraform Enterprise
    Terraform,
    /// The versions of states in S3
    S3State,
    /// ECS deployments
    Ecs,
    /// Change tickets
    Jira,
}

impl SourceChoice {
    pub(super) const ALL: [Self; 4] = [Self::Terraform, Self::S3State, Self::Ecs, Self::Jira];

    pub(super) fn source(self) -> Source {
        match self {
            Self::Terraform => Source::Terraform,
            Self::S3State => Source::S3State,
            Self::Ecs => Source::Ecs,
            Self::Jira => Source::Jira,
        }
    }
}

/// A window, and the moment that changes are counted back from.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub(super) window: Window,
    /// The present.
    pub(super) now: Zoned,
    /// `--around`.
    pub(super) around: Option<Time>,
}

impl Moments {
    /// What changes are counted back from.
    pub(super) fn counted_from(&self) -> Time {
        self.around.unwrap_or_else(|| self.now.timestamp().into())
    }
}

impl AskedArgs {
    /// The instants, decided here, once.
    pub(super) fn moments(&self, context: &Context) -> Result<Moments, Failure> {
        let now = context.now();
        let around = self.window.around.as_deref();
        let around = around.map(|text| timerange::instant(text, &now)).transpose()?;
        let (since, until) = match around {
            None => self.window.until_now(&now)?,
            Some(around) => self.window.around(around, &now)?,
        };
        let window = Window { since: since.into(), until: until.into() };
        Ok(Moments { window, now, around: around.map(Time::from) })
    }
}

impl WindowArgs {
    fn until_now(&self, now: &Zoned) -> Result<(Timestamp, Timestamp), Failure> {
        let asked = timerange::Asked {
            since: self.since.as_deref(),
            until: self.until.as_deref(),
            ..timerange::Asked::default()
        };
        let window = timerange::window(&asked, USUAL_SINCE, now)?;
        Ok((window.start, window.end))
    }

    /// `--since` counts back from the moment: `--since 2h --around 14:05` begins at 12:05.
    fn around(&self, around: Timestamp, now: &Zoned) -> Result<(Timestamp, Timestamp), Failure> {
        if let Some(width) = &self.window {
            let half = timerange::duration(width)? / 2;
            let (since, until) = (around - half, (around + half).min(now.timestamp()));
            return Ok((since, until.max(since)));
        }
        let there = around.to_zoned(now.time_zone().clone());
        let since = match &self.since {
            Some(text) => timerange::instant(text, &there)?,
            None => around - USUAL_SINCE,
        };
        let until = match &self.until {
            Some(text) => timerange::instant(text, now)?,
            None => (around + AFTER_IT).min(now.timestamp()).max(around),
        };
        if until <= since {
            return Err(Failure::usage(
                format!("the window ends before it begins: from {since} until {until}"),
                Some(
                    "--since counts back from --around; --until is a moment of its own".to_owned(),
                ),
            ));
        }
        Ok((since, until))
    }
}
