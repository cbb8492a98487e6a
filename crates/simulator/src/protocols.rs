//! The protocols: a request comes in, the world at this moment is the answer.

mod aws_json;
mod call;
mod cloudwatch_logs;
mod credential_scope;
mod denial;
mod ecr;
mod ecs;
mod event_stream;
mod sts;

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
            Outcome::Pass | Outcome::Cut if self.is_expired(head) => {
                let status = match call.service {
                    Service::Sts => StatusCode::FORBIDDEN,
                    _ => StatusCode::BAD_REQUEST,
                };
                let message = "The security token included in the request is expired";
                call.refuse(status, "ExpiredTokenException", message)
            }
            Outcome::Pass | Outcome::Cut => self.route(&call, head, body),
            // It needs no permission, so that nobody can be denied it.
            Outcome::Deny if call.service == Service::Sts => self.route(&call, head, body),
            Outcome::Deny => {
                let message = self.denial(&call, region, body);
                call.refuse(StatusCode::BAD_REQUEST, "AccessDeniedException", &message)
            }
            Outcome::Absent => Answer::from(Refusal::unknown_operation()),
            Outcome::Throttle => {
                call.refuse(StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded")
            }
            Outcome::Error(nth) => {
                let (code, message) = if nth.is_multiple_of(2) {
                    ("ServiceUnavailableException", "The service cannot complete the request.")
                } else {
                    (
                        "InternalFailure",
                        "The request processing has failed because of an unknown error.",
                    )
                };
                call.refuse(StatusCode::INTERNAL_SERVER_ERROR, code, message)
            }
            Outcome::Reset => return Err(Severed::Reset),
            Outcome::Hang => std::future::pending().await,
        };
        if outcome == Outcome::Cut {
            answer.body = answer.body.cut();
        }
        Ok(self.finish(answer))
    }

    fn is_expired(&self, head: &Parts) -> bool {
        credential_scope::key(head).is_some_and(|key| self.expiry.is_expired(key, Instant::now()))
    }

    /// Why nobody may, in the words of IAM.
    fn denial(&self, call: &Call<'_>, region: &str, body: &[u8]) -> String {
        let (prefix, resource) = match call.service {
            Service::Ecs => ("ecs", None),
            Service::Ecr => ("ecr", ecr::resource(region, body)),
            _ => ("logs", cloudwatch_logs::resource(region, body)),
        };
        let resource = resource.unwrap_or_else(|| "*".to_owned());
        denial::sentence(&format!("{prefix}:{}", call.operation), &resource)
    }

    pub(crate) fn too_large(&self) -> Response<Body> {
        self.finish(Answer {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            content_type: aws_json::CONTENT_TYPE,
            body: Body::whole(Vec::new()),
        })
    }

    fn route(&self, call: &Call<'_>, head: &Parts, body: &[u8]) -> Answer {
        let now = (self.now)();
        let service = match call.service {
            Service::Sts => return sts::answer(head, call.operation),
            Service::Unknown => return Answer::from(Refusal::unknown_operation()),
            Service::Logs => "logs",
            Service::Ecs => "ecs",
            Service::Ecr => "ecr",
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
            _ => ecs::answer(at_home.then_some(here.world), now, call.operation, body),
        };
        answer.map_or_else(Answer::from, Answer::json)
    }

    fn finish(&self, answer: Answer) -> Response<Body> {
        let serial = self.served.fetch_add(1, Ordering::Relaxed);
        let id = hash::uuid(hash::combine(self.world.scenario.seed, serial));
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert("x-amzn-requestid", id);
        }
        response
    }
}

impl Answer {
    fn json(body: Vec<u8>) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: aws_json::CONTENT_TYPE,
            body: Body::whole(body),
        }
    }

    fn live(body: LiveBody) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: event_stream::CONTENT_TYPE,
            body: Body::Live(body),
        }
    }
}
