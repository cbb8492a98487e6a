//! The protocols: a request comes in, the world at this moment is the answer.

mod aws_json;
mod cloudwatch_logs;
mod credential_scope;
mod ecs;
mod sts;

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

use crate::server::Now;
use crate::world::{World, hash};
use aws_json::Refusal;
use cloudwatch_logs::CloudWatchLogs;
use credential_scope::Scope;

/// One world behind all protocols.
pub(crate) struct Cloud {
    world: World,
    now: Now,
    logs: CloudWatchLogs,
    served: AtomicU64,
}

/// What a protocol says, before it has a request id.
pub(crate) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Cloud {
    pub(crate) fn new(world: World, now: Now) -> Cloud {
        Cloud { world, now, logs: CloudWatchLogs::default(), served: AtomicU64::new(0) }
    }

    /// The one function that every request passes, whatever its protocol.
    pub(crate) fn answer(&self, head: &Parts, body: &[u8]) -> Response<Full<Bytes>> {
        self.finish(self.route(head, body))
    }

    pub(crate) fn too_large(&self) -> Response<Full<Bytes>> {
        self.finish(Answer {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            content_type: aws_json::CONTENT_TYPE,
            body: Vec::new(),
        })
    }

    fn route(&self, head: &Parts, body: &[u8]) -> Answer {
        let now = (self.now)();
        let target = head
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if target.is_empty() && sts::is_query(head) {
            return sts::answer(head, body);
        }
        let (service, operation) = match target.split_once('.') {
            Some(("Logs_20140328", operation)) => ("logs", operation),
            Some(("AmazonEC2ContainerServiceV20141113", operation)) => ("ecs", operation),
            _ => return Answer::from(Refusal::unknown_operation()),
        };
        let scope = match Scope::of(head, service) {
            Ok(scope) => scope,
            Err(refusal) => return Answer::from(refusal),
        };
        // A region where the world does not exist is empty, as a region is in which nobody ever made anything.
        let world = (scope.region == self.world.scenario().region()).then_some(&self.world);
        let answer = match service {
            "logs" => self.logs.answer(world, now, operation, body),
            _ => ecs::answer(world, now, operation, body),
        };
        answer.map_or_else(Answer::from, Answer::json)
    }

    fn finish(&self, answer: Answer) -> Response<Full<Bytes>> {
        let serial = self.served.fetch_add(1, Ordering::Relaxed);
        let id = hash::hex(hash::combine(self.world.scenario.seed, serial), 32);
        let id =
            format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]);
        let mut response = Response::new(Full::new(Bytes::from(answer.body)));
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
        Answer { status: StatusCode::OK, content_type: aws_json::CONTENT_TYPE, body }
    }
}
