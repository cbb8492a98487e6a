//! The door itself: one configuration, loaded when a command first asks, shared by its readers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_types::region::Region;
use aws_types::service_config::ServiceConfigKey;
use pace::{Bucket, Quota};
use tokio::time::Instant;

use crate::account;
use crate::call::{Counters, Usage, Verdict};
use crate::configuration::{self, Configuration, Options};
use crate::error::Error;
use crate::operations::{Lane, Operation};

/// The part of the published quotas that we may use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Budget {
    /// 90 % for log reads, half for everything else.
    #[default]
    Usual,
    /// A percentage of every quota, 1 to 100.
    Percent(u8),
    /// No ceiling of our own; a throttle still slows us down.
    Unlimited,
}

/// The one door to AWS. Cheap to clone; clones share pace and counters.
#[derive(Clone, Debug)]
pub struct Door {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    configuration: Configuration,
    /// What the configuration was loaded with; a drill's is not loaded.
    options: Option<Options>,
    budget: Budget,
    random: fn() -> f64,
    /// Another door of the same account may have the same one.
    pace: Mutex<Arc<Pace>>,
    counters: Counters,
    account: account::Known,
}

/// The pace of an account: a bucket for each lane and region.
#[derive(Debug)]
struct Pace {
    began: Instant,
    buckets: Mutex<HashMap<(Lane, String), Bucket>>,
}

impl Door {
    /// Opens the door to the user's AWS: profiles, environment, proxies and certificates as the AWS
    /// CLI reads them. Nothing is sent yet, except where the region or a profile needs it.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let configuration = configuration::load(options).await?;
        Ok(Self::new(configuration, options, Some(options.clone())))
    }

    /// Opens the door to a simulated cloud at `endpoint` (`http://127.0.0.1:PORT`). No profile, no
    /// credentials, no proxy of the user's is looked at.
    pub fn to_drill(
        endpoint: &str,
        regions: Vec<String>,
        options: &Options,
    ) -> Result<Self, Error> {
        Ok(Self::new(configuration::drill(endpoint, regions, options)?, options, None))
    }

    fn new(configuration: Configuration, options: &Options, loaded: Option<Options>) -> Self {
        let inner = Inner {
            configuration,
            options: loaded,
            budget: options.budget,
            random: options.random,
            pace: Mutex::new(Arc::new(Pace { began: Instant::now(), buckets: Mutex::default() })),
            counters: Counters::default(),
            account: account::Known::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The region for what is the same in each of them.
    pub fn region(&self) -> &str {
        &self.inner.configuration.region
    }

    /// The regions that commands read unless a name says another, as they were asked for.
    pub fn regions(&self) -> &[String] {
        &self.inner.configuration.regions
    }

    /// The profile whose credentials are used, where one was said.
    pub fn profile(&self) -> Option<&str> {
        self.inner.configuration.profile.as_deref()
    }

    /// The SDK's configuration for a region. For a crate's one outward file, which sends through
    /// [`Door::call`].
    pub fn sdk_config(&self, region: &str) -> SdkConfig {
        let sdk = &self.inner.configuration.sdk;
        if region == self.region() {
            return sdk.clone();
        }
        sdk.to_builder().region(Region::new(region.to_owned())).build()
    }

    /// Whether requests for CloudWatch Logs go to AWS itself, and not to an endpoint that somebody set:
    /// another implementation may be there, which does not know all that AWS documents.
    pub fn logs_are_of_aws(&self) -> bool {
        self.is_asked_at_aws("CloudWatch Logs")
    }

    /// Whether requests for S3 go to AWS itself. Elsewhere, the host of a bucket's own name may have no
    /// address, and the bucket goes into the path.
    pub fn buckets_are_of_aws(&self) -> bool {
        self.is_asked_at_aws("S3")
    }

    fn is_asked_at_aws(&self, service: &str) -> bool {
        let sdk = &self.inner.configuration.sdk;
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let of_service = key.ok().and_then(|key| sdk.service_config()?.load_config(key));
        let endpoint = of_service.or_else(|| sdk.endpoint_url().map(str::to_owned));
        endpoint.is_none_or(|url| is_of_aws(&url))
    }

    /// What has been asked so far.
    pub fn usage(&self) -> Usage {
        self.inner.counters.usage()
    }

    /// Reads profiles, sessions and environment anew, after credentials have expired: somebody may
    /// have logged in again. What cannot be read leaves all as it was.
    pub async fn renew_credentials(&self) {
        let configuration = &self.inner.configuration;
        let (Some(options), Some(ours)) = (&self.inner.options, &configuration.credentials) else {
            return;
        };
        if let Ok(Configuration { credentials: Some(fresh), .. }) =
            configuration::load(options).await
        {
            ours.become_like(&fresh).await;
        }
    }

    /// Requests a second that the pace allows for an operation just now; infinite without a limit.
    pub fn rate(&self, operation: Operation, region: &str) -> f64 {
        self.with_bucket(operation, region, |bucket, _| bucket.rate())
    }

    /// From now on keeps the pace of `other`, a door of the same account.
    pub(crate) fn keep_pace_with(&self, other: &Self) {
        let pace = other.pace();
        *self.inner.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.inner.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn credentials(&self) -> Option<Credentials> {
        self.inner.configuration.sdk.credentials_provider()?.provide_credentials().await.ok()
    }

    pub(crate) fn known_account(&self) -> &account::Known {
        &self.inner.account
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    pub(crate) fn random(&self) -> f64 {
        (self.inner.random)()
    }

    pub(crate) async fn wait_for_turn(&self, operation: Operation, region: &str) {
        let wait = self.with_bucket(operation, region, |bucket, now| bucket.take(now));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    pub(crate) fn tell_pace(&self, operation: Operation, region: &str, verdict: Verdict) {
        self.with_bucket(operation, region, |bucket, now| match verdict {
            Verdict::Served => bucket.succeeded(now),
            Verdict::Throttled => bucket.throttled(now),
        });
    }

    fn with_bucket<T>(
        &self,
        operation: Operation,
        region: &str,
        act: impl FnOnce(&mut Bucket, Duration) -> T,
    ) -> T {
        let lane = operation.lane();
        let pace = self.pace();
        let mut buckets = pace.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((lane, region.to_owned()))
            .or_insert_with(|| self.inner.budget.bucket(lane, region));
        act(bucket, pace.began.elapsed())
    }
}

/// Endpoints of a virtual private cloud and FIPS endpoints are AWS's own too.
fn is_of_aws(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next().unwrap_or(host);
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|domain| host.ends_with(domain))
}

impl Budget {
    fn bucket(self, lane: Lane, region: &str) -> Bucket {
        let published: Quota = lane.published(region);
        match self {
            Self::Usual => Bucket::new(published.share(lane.default_share())),
            Self::Percent(percent) => {
                Bucket::new(published.share(f64::from(percent.clamp(1, 100)) / 100.0))
            }
            Self::Unlimited => Bucket::unlimited(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_of_aws_is_known_by_its_host() {
        assert!(is_of_aws("https://logs.eu-west-1.amazonaws.com"));
        assert!(is_of_aws("https://vpce-1.logs.eu-west-1.vpce.amazonaws.com:443/x"));
        assert!(is_of_aws("https://logs.cn-north-1.amazonaws.com.cn"));
        assert!(!is_of_aws("http://127.0.0.1:5000"));
        assert!(!is_of_aws("https://amazonaws.com.example.org/.amazonaws.com"));
    }
}
