//! `oncall drill serve`: the simulated cloud, for other tools.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use output::{Form, Line, Present, Role};
use record::Time;
use serde::Serialize;
use simulator::{Fault, Faults, Feature, Latency, Rate, Server};

use crate::context::{Context, Stops};
use crate::drill::Plan;
use crate::exit::Exit;
use crate::failure::Failure;

/// Serve the drill's cloud on loopback, for the AWS CLI, boto3 and others
///
/// Prints the environment that points them at it, and serves until it is interrupted. Which drill
/// is said by the global --drill=NAME.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Stop the clock at the moment of starting
    #[arg(long)]
    pub(super) frozen: bool,
    /// Put the events of this long before now into words at the start, so that a page costs little more than
    /// copying it (for measuring readers; only with a stopped clock) [24h when no length is given]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "24h"
    )]
    render_ahead: Option<Duration>,
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    faults: FaultFlags,
    /// When it ends, write every event that was written meanwhile to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Faults on top of the scenario's own.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
struct FaultFlags {
    /// How long every answer takes: 80ms, or 80ms+40ms with some jitter
    #[arg(long, value_name = "DURATION")]
    latency: Option<Latency>,
    /// Calls a second that are taken: 25, FilterLogEvents=25 or FilterLogEvents=25,burst=50, for each region;
    /// published is what AWS publishes for it
    #[arg(long, value_name = "RATE")]
    tps: Vec<Rate>,
    /// What befalls every Nth call: throttle:7, error:11, cut:13, reset:17, hang:50, drop:9, lose:9 or
    /// stall:9 (of Live Tail), for some operations with @FilterLogEvents; deny@StartLiveTail and
    /// absent@StartLiveTail for all of them
    #[arg(long, value_name = "KIND:N")]
    fault: Vec<Fault>,
    /// How many events a page of FilterLogEvents looks at, at most [default: 10000]
    #[arg(long, value_name = "N")]
    scan_limit: Option<NonZeroUsize>,
    /// How many events a page has at most, whatever is asked [default: 10000]
    #[arg(long, value_name = "N")]
    page_limit: Option<NonZeroUsize>,
    /// What this endpoint does not know: newest-first (startFromHead=false is refused)
    #[arg(long, value_name = "FEATURE")]
    without: Vec<Feature>,
    /// How many Live Tail sessions there may be at once [default: 15]
    #[arg(long, value_name = "N")]
    live_sessions: Option<usize>,
    /// How long a Live Tail session may last [default: 3h]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    live_limit: Option<Duration>,
    /// Expire the keys that are in use after this long; other keys are good
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expire_after: Option<Duration>,
    /// And let them be good again after this long [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "expire_after")]
    expire_for: Option<Duration>,
    /// The writers stop after this long
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    stop_after: Option<Duration>,
}

impl From<FaultFlags> for Faults {
    fn from(flags: FaultFlags) -> Self {
        Self {
            latency: flags.latency.unwrap_or_default(),
            rates: flags.tps,
            faults: flags.fault,
            scan_limit: flags.scan_limit,
            page_limit: flags.page_limit,
            without: flags.without,
            live_sessions: flags.live_sessions,
            live_limit: flags.live_limit,
            stop_after: flags.stop_after,
            expire_after: flags.expire_after,
            expire_for: flags.expire_for,
        }
    }
}

fn duration(text: &str) -> Result<Duration, timerange::Error> {
    timerange::duration(text).map(|duration| duration.unsigned_abs())
}

pub(crate) async fn run(serve: Serve, plan: Plan, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.output(Form::Text)?;
    let scenario = plan.scenario_name().to_owned();
    let region = plan.region().to_owned();
    let organization = plan.scenario().organizations().next().map(str::to_owned);
    let server = plan.serve(serve.port, serve.faults.into(), serve.render_ahead).await?;
    let mut stops = Stops::of(&output)?;
    let began = context.now().timestamp();
    let url = format!("http://{}", server.address());
    let endpoint = Endpoint {
        time: context.now().timestamp().into(),
        kind: "endpoint",
        region: region.clone(),
        scenario,
        env: environment(&url, &region, organization.as_deref()),
        url,
    };
    output.present(&endpoint).await?;
    output.flush().await?;
    let ended = stops.or(std::future::pending::<Exit>()).await;
    if let Some(path) = serve.ledger {
        let until = context.now().timestamp();
        write_ledger(&server, began, until, &path).map_err(|error| {
            Failure::unavailable(
                format!("the ledger {} cannot be written: {error}", path.display()),
                None,
            )
        })?;
    }
    ended
}

/// What the writers of every group wrote between two instants, one JSON object a line.
fn write_ledger(
    server: &Server,
    began: Timestamp,
    until: Timestamp,
    path: &Path,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for written in server.world().written(began.as_millisecond(), until.as_millisecond()) {
        serde_json::to_writer(&mut file, &written)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// Where the drill's cloud is, and how to point other tools at it.
#[derive(Debug, Serialize)]
struct Endpoint {
    time: Time,
    kind: &'static str,
    region: String,
    scenario: String,
    url: String,
    #[serde(serialize_with = "as_object")]
    env: Vec<(&'static str, String)>,
}

/// The keys and tokens are no secrets: the simulated cloud takes any key, and these tokens.
fn environment(url: &str, region: &str, organization: Option<&str>) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", url.to_owned()),
        ("AWS_ACCESS_KEY_ID", "DRILL".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "drill".to_owned()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_ENDPOINT_URL_S3", url.to_owned()),
        ("TFE_ADDRESS", url.to_owned()),
        ("TFE_TOKEN", simulator::TERRAFORM_TOKEN.to_owned()),
        ("JIRA_BASE_URL", url.to_owned()),
        ("JIRA_EMAIL", simulator::JIRA_EMAIL.to_owned()),
        ("JIRA_API_TOKEN", simulator::JIRA_TOKEN.to_owned()),
    ];
    if let Some(organization) = organization {
        variables.push(("TF_CLOUD_ORGANIZATION", organization.to_owned()));
    }
    variables
}

fn as_object<S: serde::Serializer>(
    pairs: &[(&'static str, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

impl Present for Endpoint {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts written to memory cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.url).into()
    }

    fn columns(&self) -> Vec<Cow<'_, str>> {
        vec![self.time.to_string().into(), (&self.scenario).into(), (&self.url).into()]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.stop().push(Role::Dim, "# the drill ").push(Role::Heading, &self.scenario);
        line.push(Role::Dim, "; in another shell, type:");
        for (name, value) in &self.env {
            line.push(Role::Plain, &format!("\nexport {name}={value}"));
        }
    }
}
