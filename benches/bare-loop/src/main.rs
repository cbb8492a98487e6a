//! The least that reads a log group: one call of FilterLogEvents after the other, each message to
//! stdout. The benchmarks hold `oncall` against it, to tell what the SDK and reading page after page
//! cost from what we do.
//!
//!     bare-loop URL REGION GROUP SINCE UNTIL [FILTER-PATTERN]
//!
//! SINCE and UNTIL are epoch milliseconds, both included, as the API reads them. The keys are those of
//! a drill, the HTTP client is the one that `oncall` has (`crates/aws/src/configuration.rs`).

use std::error::Error;
use std::io::{self, BufWriter, Write};

use aws_credential_types::Credentials;
use aws_sdk_cloudwatchlogs::config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Region};
use aws_sdk_cloudwatchlogs::{Client, Config};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, region, group, since, until, pattern @ ..] = arguments.as_slice() else {
        return Err("usage: bare-loop URL REGION GROUP SINCE UNTIL [FILTER-PATTERN]".into());
    };
    let keys = Credentials::builder()
        .access_key_id("DRILL")
        .secret_access_key("drill")
        .provider_name("drill");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(url)
        .region(Region::new(region.clone()))
        .credentials_provider(keys.build())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .retry_config(RetryConfig::disabled())
        .build();
    let client = Client::from_conf(config);
    let (since, until) = (since.parse()?, until.parse()?);

    #[expect(clippy::disallowed_methods, reason = "a peer of the benchmark, not a part of oncall")]
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let mut token = None;
    loop {
        let page = client
            .filter_log_events()
            .log_group_name(group)
            .start_time(since)
            .end_time(until)
            .set_filter_pattern(pattern.first().cloned())
            .set_next_token(token)
            .send()
            .await?;
        for event in page.events() {
            out.write_all(event.message().unwrap_or_default().as_bytes())?;
            out.write_all(b"\n")?;
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    out.flush()?;
    Ok(())
}
