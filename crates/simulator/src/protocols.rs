//! The protocols: a request comes in, the world at this moment is the answer.

mod address;
mod aws_json;
mod call;
mod cloudtrail;
mod cloudwatch_logs;
mod credential_scope;
mod denial;
mod ecr;
mod ecs;
mod event_stream;
mod jira;
mod s3;
mod sts;
mod terraform;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio::time::{Instant, sleep};

use crate::body::{Body, Severed};
use crate::faults::{Expiry, Faults, Layer, Outcome};
use crate::server::Now;
use crate::world::{World, hash};
use aws_json::Refusal;
pub(crate) use call::OPERATIONS;
use call::{Call, Service};
use cloudwatch_logs::{CloudWatchLogs, LiveTail};
pub(crate) use cloudwatch_logs::{LiveBody, matches};
use credential_scope::Scope;
pub(crate) use terraform::is_terraform;
use trouble::Trouble;

/// One world behind all protocols.
pub(crate) struct Cloud {
    world: Arc<World>,
    now: Now,
    faults: Layer,
    expiry: Expiry,
    logs: CloudWatchLogs,
    live: LiveTail,
    served: AtomicU64,
}

/// What a protocol says, before it has a request id.
pub(crate) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    /// Besides the content's type and the request's id.
    headers: Vec<(&'static str, String)>,
    body: Body,
}

impl Cloud {
    /// `ahead`: how far back from now the events are put into words before the first request.
    pub(crate) fn new(
        world: Arc<World>,
        now: Now,
        faults: Faults,
        ahead: Option<Duration>,
    ) -> Cloud {
        let live = LiveTail::new(&faults);
        let expiry = Expiry::new(faults.expire_after, faults.expire_for, Instant::now());
        let mut logs = CloudWatchLogs::new(&faults);
        let faults = Layer::new(faults.latency, faults.rates, faults.faults);
        if let Some(length) = ahead {
            logs = logs.rendered_ahead(&world, now(), length);
        }
        Cloud { world, now, faults, expiry, logs, live, served: AtomicU64::new(0) }
    }

    /// The one function that every request passes, whatever its protocol: through the faults, then to the
    /// protocol. An error ends the connection.
    pub(crate) async fn answer(
        &self,
        head: &Parts,
        body: &[u8],
    ) -> Result<Response<Body>, Severed> {
        let call = Call::of(head, body);
        let region = credential_scope::region(head).unwrap_or_default();
        let (wait, outcome) = self.faults.judge(call.operation, region, Instant::now());
        if !wait.is_zero() {
            sleep(wait).await;
        }
        let mut answer = match outcome {
            Outcome::Pass | Outcome::Cut if self.is_expired(head) => call.fails(Trouble::Expired),
            Outcome::Pass | Outcome::Cut => self.route(&call, head, body),
            // It needs no permission, so that nobody can be denied it.
            Outcome::Deny if call.service == Service::Sts => self.route(&call, head, body),
            Outcome::Deny => call.fails(Trouble::Denied(self.denial(&call, region, head, body))),
            Outcome::Absent => call.fails(Trouble::Absent),
            Outcome::Throttle(wait) => call.fails(Trouble::Throttled(wait)),
            Outcome::Error(nth) => call.fails(Trouble::Broken(nth)),
            Outcome::Reset => return Err(Severed::Reset),
            Outcome::Hang => std::future::pending().await,
        };
        if outcome == Outcome::Cut {
            answer.body = answer.body.cut();
        }
        Ok(self.finish(call.service, answer))
    }

    fn is_expired(&self, head: &Parts) -> bool {
        credential_scope::key(head).is_some_and(|key| self.expiry.is_expired(key, Instant::now()))
    }

    /// Why nobody may, in the words of IAM.
    fn denial(&self, call: &Call<'_>, region: &str, head: &Parts, body: &[u8]) -> String {
        let (prefix, resource) = match call.service {
            Service::Ecs => ("ecs", None),
            Service::Ecr => ("ecr", ecr::resource(region, body)),
            Service::CloudTrail => ("cloudtrail", None),
            Service::S3 => return s3::denial(head),
            _ => ("logs", cloudwatch_logs::resource(region, body)),
        };
        let resource = resource.unwrap_or_else(|| "*".to_owned());
        denial::sentence(&format!("{prefix}:{}", call.operation), &resource)
    }

    pub(crate) fn too_large(&self) -> Response<Body> {
        let body = Body::whole(Vec::new());
        let answer = Answer::new(StatusCode::PAYLOAD_TOO_LARGE, aws_json::CONTENT_TYPE, body);
        self.finish(Service::Unknown, answer)
    }

    fn route(&self, call: &Call<'_>, head: &Parts, body: &[u8]) -> Answer {
        let now = (self.now)();
        let service = match call.service {
            Service::Sts => return sts::answer(head, call.operation),
            Service::Terraform => return terraform::answer(&self.world, now, call.operation, head),
            Service::Archive => return terraform::archive(&self.world, now, head),
            Service::Jira => return jira::answer(&self.world, now, call.operation, head, body),
            Service::S3 => return s3::answer(&self.world, now, call.operation, head),
            Service::Unknown => return Answer::from(Refusal::unknown_operation()),
            Service::Logs => "logs",
            Service::Ecs => "ecs",
            Service::Ecr => "ecr",
            Service::CloudTrail => "cloudtrail",
        };
        let scope = match Scope::of(head, service) {
            Ok(scope) => scope,
            Err(refusal) => return Answer::from(refusal),
        };
        // A region where the world does not exist is empty, as a region is in which nobody ever made anything.
        let here = self.world.in_region(scope.region);
        if (call.service, call.operation) == (Service::Logs, "StartLiveTail") {
            let live = self.live.start((&self.world, scope.region), &self.now, body);
            return live.map_or_else(Answer::from, Answer::live);
        }
        let at_home = scope.region == self.world.scenario().region();
        let answer = match call.service {
            Service::Logs => self.logs.answer(here, now, call.operation, body),
            Service::Ecr => ecr::answer(here, now, call.operation, body),
            Service::CloudTrail => {
                cloudtrail::answer(at_home.then_some(here.world), now, call.operation, body)
            }
            _ => ecs::answer(at_home.then_some(here.world), now, call.operation, body),
        };
        answer.map_or_else(Answer::from, Answer::json)
    }

    fn finish(&self, service: Service, answer: Answer) -> Response<Body> {
        let serial = self.served.fetch_add(1, Ordering::Relaxed);
        let id = hash::uuid(hash::combine(self.world.scenario.seed, serial));
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
        let id = (service.request_id(), id);
        for (name, value) in answer.headers.into_iter().chain([id]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, body: Body) -> Answer {
        Answer { status, content_type, headers: Vec::new(), body }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    fn json(body: Vec<u8>) -> Answer {
        Answer::new(StatusCode::OK, aws_json::CONTENT_TYPE, Body::whole(body))
    }

    fn live(body: LiveBody) -> Answer {
        Answer::new(StatusCode::OK, event_stream::CONTENT_TYPE, Body::Live(body))
    }
}
