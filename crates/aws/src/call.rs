//! One request: held to the quota, tried again where that helps, counted.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::door::Door;
use crate::error::{Cause, Error};
use crate::operations::Operation;

/// What a door has asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were sent, repeats included.
    pub requests: u64,
    /// Requests that the service throttled.
    pub throttled: u64,
    /// Requests that were sent again after a failure that was not a throttle.
    pub retried: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    throttled: AtomicU64,
    retried: AtomicU64,
}

impl Counters {
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            requests: self.requests.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
        }
    }
}

/// A request of one operation that may be sent now, as far as our pace is concerned. It serves once.
#[derive(Debug)]
pub struct Turn {
    operation: Operation,
}

impl Door {
    /// Waits until a request of this operation may be sent. Whoever chooses what to ask for when its
    /// turn has come, knows most.
    pub async fn turn(&self, operation: Operation, region: &str) -> Turn {
        self.wait_for_turn(operation, region).await;
        Turn { operation }
    }

    /// Makes a request: waits for its turn, sends it, and sends it again after a throttle or a
    /// passing failure. `send` is called once an attempt and must send the same request each time.
    pub async fn call<T, E, Sent>(
        &self,
        operation: Operation,
        region: &str,
        send: impl FnMut() -> Sent,
    ) -> Result<T, Error>
    where
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let turn = self.turn(operation, region).await;
        self.call_in(turn, region, send).await
    }

    /// The same, for a request whose turn has come.
    pub async fn call_in<T, E, Sent>(
        &self,
        Turn { operation }: Turn,
        region: &str,
        mut send: impl FnMut() -> Sent,
    ) -> Result<T, Error>
    where
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let name = operation.name();
        let counters = self.counters();
        // A throttle is no failure of the request: each kind has a patience of its own.
        let (mut throttles, mut failures) = (0, 0);
        loop {
            if throttles + failures > 0 {
                self.wait_for_turn(operation, region).await;
            }
            counters.requests.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(target: "oncall", operation = name, region, throttles, failures, "request");
            let error = match send().await {
                Ok(answer) => {
                    self.tell_pace(operation, region, Verdict::Served);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let cause = Cause::of(&error, operation, region);
            tracing::debug!(target: "oncall", operation = name, region, %cause, "failed");
            let throttled = cause == Cause::Throttled;
            let (count, counter) = match throttled {
                true => (&mut throttles, &counters.throttled),
                false => (&mut failures, &counters.retried),
            };
            *count += 1;
            if *count >= attempts(&cause) {
                return Err(Error {
                    operation: Some(operation),
                    region: Some(region.to_owned()),
                    profile: self.profile().map(str::to_owned),
                    cause,
                });
            }
            counter.fetch_add(1, Ordering::Relaxed);
            let wait = pace::backoff(*count - 1, self.random());
            let verdict = if throttled { Verdict::Throttled } else { Verdict::Served };
            self.tell_pace(operation, region, verdict);
            tokio::time::sleep(wait).await;
        }
    }
}

/// What an answer says about our rate.
pub(crate) enum Verdict {
    /// It was not throttled, whatever else became of it.
    Served,
    Throttled,
}

/// How many times a request is sent in all before a failure of this kind is final.
fn attempts(cause: &Cause) -> u32 {
    match cause {
        // Somebody else is using the quota: keep asking, ever more slowly.
        Cause::Throttled => 20,
        Cause::Service { .. } | Cause::Connection { .. } => 6,
        Cause::TimedOut => 3,
        Cause::ConnectionRefused { .. } | Cause::NoAddress { .. } | Cause::Undecodable { .. } => 2,
        _ => 1,
    }
}
