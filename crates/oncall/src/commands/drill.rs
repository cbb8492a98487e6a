//! `oncall drill`: the simulated cloud, for other tools.

use std::borrow::Cow;

use clap::{Args, Subcommand};
use output::{Form, Line, Present, Role};
use record::Time;
use serde::Serialize;

use crate::cli::Global;
use crate::context::{Context, Stops};
use crate::drill::USUAL_SCENARIO;
use crate::exit::Exit;
use crate::failure::Failure;

/// The simulated cloud behind --drill
#[derive(Debug, Args)]
pub(crate) struct DrillCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(Serve),
}

/// Serve the drill's cloud on loopback, for the AWS CLI, boto3 and others
///
/// Prints the environment that points them at it, and serves until it is interrupted. Which drill
/// is said by the global --drill=NAME.
#[derive(Debug, Args)]
struct Serve {
    /// Stop the clock at the moment of starting
    #[arg(long)]
    frozen: bool,
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

pub(crate) async fn run(command: DrillCommand, mut global: Global) -> Result<Exit, Failure> {
    let Verb::Serve(serve) = command.verb;
    global.drill.get_or_insert_with(|| USUAL_SCENARIO.to_owned());
    let context = Context::open(global, serve.frozen)?;
    let Some(plan) = context.drill() else {
        return Err(Failure::usage("there is no drill to serve", None));
    };
    let mut output = context.output(Form::Text)?;
    let scenario = plan.scenario_name().to_owned();
    let region = plan.region().to_owned();
    let server = plan.serve(serve.port).await?;
    let url = format!("http://{}", server.address());
    let endpoint = Endpoint {
        time: context.now().timestamp().into(),
        kind: "endpoint",
        region: region.clone(),
        scenario,
        env: environment(&url, &region),
        url,
    };
    output.present(&endpoint).await?;
    output.flush().await?;
    Stops::of(&output)?.or(std::future::pending::<Exit>()).await
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

/// The keys are no secrets: the simulated cloud takes any.
fn environment(url: &str, region: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", url.to_owned()),
        ("AWS_ACCESS_KEY_ID", "DRILL".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "drill".to_owned()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ]
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
        line.push(Role::Dim, "# the drill ").push(Role::Heading, &self.scenario);
        line.push(Role::Dim, "; in another shell, type:");
        for (name, value) in &self.env {
            line.push(Role::Plain, &format!("\nexport {name}={value}"));
        }
    }
}
