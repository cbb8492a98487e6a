//! Amazon S3 as far as objects and their versions can be read: REST with XML, buckets in the path.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

mod listing;

use hyper::header::RANGE;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use jiff::Timestamp;

use super::Answer;
use super::address::Address;
use super::sts::escape;
use super::trouble::Trouble;
use super::{credential_scope, denial};
use crate::body::Body;
use crate::world::clock_face::{self, TimeForm};
use crate::world::objects::{Version, What};
use crate::world::scenario::buckets::Versioning;
use crate::world::{World, hash};

const XML: &str = "application/xml";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The operation that a request calls; an empty text when there is none.
pub(super) fn operation(head: &Parts, address: &Address) -> &'static str {
    let (bucket, key) = target(address);
    match (&head.method, bucket.is_empty(), key.is_empty()) {
        (&Method::GET, true, _) => "ListBuckets",
        (&Method::HEAD, false, true) => "HeadBucket",
        (&Method::HEAD, false, false) => "HeadObject",
        (&Method::GET, false, true) if address.has("versions") => "ListObjectVersions",
        (&Method::GET, false, true) if address.has("versioning") => "GetBucketVersioning",
        (&Method::GET, false, false) => "GetObject",
        _ => "",
    }
}

/// The bucket and the key of a path.
fn target(address: &Address) -> (&str, String) {
    match address.parts()[..] {
        [] => ("", String::new()),
        [bucket, ref key @ ..] => (bucket, key.join("/")),
    }
}

/// A refusal: its status, its code, what is said, and the headers that help.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    headers: Vec<(&'static str, String)>,
}

type Answered = Result<Answer, Refusal>;

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), headers: Vec::new() }
    }

    fn access_denied() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
    }

    fn no_such_key() -> Refusal {
        let message = "The specified key does not exist.";
        Refusal::new(StatusCode::NOT_FOUND, "NoSuchKey", message)
    }

    fn invalid(message: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        let text = format!(
            "<Error><Code>{}</Code><Message>{}</Message><RequestId>DRILL</RequestId><HostId>drill</HostId></Error>",
            refusal.code,
            escape(&refusal.message),
        );
        Answer { headers: refusal.headers, ..xml(refusal.status, &text) }
    }
}

fn xml(status: StatusCode, text: &str) -> Answer {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    Answer::new(status, XML, Body::whole(text.into_bytes()))
}

/// Why nobody may, in the words of IAM: its actions are not called as the operations are.
pub(super) fn denial(head: &Parts) -> String {
    let address = Address::of(&head.uri);
    let (bucket, key) = target(&address);
    let action = match operation(head, &address) {
        "ListBuckets" => "ListAllMyBuckets",
        "HeadBucket" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "GetBucketVersioning" => "GetBucketVersioning",
        _ if address.has("versionId") => "GetObjectVersion",
        _ => "GetObject",
    };
    let resource = match (bucket, key.as_str()) {
        ("", _) => "*".to_owned(),
        (bucket, "") => format!("arn:aws:s3:::{bucket}"),
        (bucket, key) => format!("arn:aws:s3:::{bucket}/{key}"),
    };
    denial::sentence(&format!("s3:{action}"), &resource)
}

/// A trouble in the words of S3.
pub(super) fn fails(trouble: &Trouble) -> Answer {
    let refusal = match trouble {
        Trouble::Expired => {
            Refusal::new(StatusCode::BAD_REQUEST, "ExpiredToken", "The provided token has expired.")
        }
        Trouble::Denied(message) => {
            Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message.as_str())
        }
        Trouble::Absent => Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
        Trouble::Throttled(_) => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "Please reduce your request rate.",
        ),
        Trouble::Broken(_) => Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
    };
    refusal.into()
}

pub(super) fn answer(world: &World, now: i64, operation: &str, head: &Parts) -> Answer {
    let asked = Asked { world, now, head, address: Address::of(&head.uri) };
    asked.answer(operation).unwrap_or_else(Answer::from)
}

/// What a request needs to be answered.
struct Asked<'a> {
    world: &'a World,
    now: i64,
    head: &'a Parts,
    address: Address,
}

impl<'a> Asked<'a> {
    fn answer(&self, operation: &str) -> Answered {
        // Who does not say who asks is anybody, and nothing here is public.
        if credential_scope::service(self.head) != Some("s3") {
            return Err(Refusal::access_denied());
        }
        let (bucket, key) = target(&self.address);
        match operation {
            "ListBuckets" => return Ok(self.buckets()),
            "" => return Ok(fails(&Trouble::Absent)),
            _ => {}
        }
        let bucket = self.bucket(bucket)?;
        match operation {
            "HeadBucket" => Ok(xml(StatusCode::OK, "")
                .with("x-amz-bucket-region", self.world.scenario.region.clone())),
            "GetBucketVersioning" => Ok(self.versioning(bucket)),
            "ListObjectVersions" => self.object_versions(bucket),
            _ => self.object(bucket, &key),
        }
    }

    /// The bucket of that name. It is in the scenario's region, and says so to whoever looks elsewhere.
    fn bucket(&self, name: &str) -> Result<usize, Refusal> {
        let buckets = &self.world.scenario.buckets;
        let found = buckets
            .iter()
            .position(|bucket| bucket.name == name && self.world.page + bucket.created <= self.now);
        let Some(found) = found else {
            let message = "The specified bucket does not exist";
            return Err(Refusal::new(StatusCode::NOT_FOUND, "NoSuchBucket", message));
        };
        let home = &self.world.scenario.region;
        let region = credential_scope::region(self.head).unwrap_or_default();
        if region != home {
            let message = format!(
                "The authorization header is malformed; the region '{region}' is wrong; expecting '{home}'"
            );
            let refusal =
                Refusal::new(StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed", message);
            let headers = vec![("x-amz-bucket-region", home.clone())];
            return Err(Refusal { headers, ..refusal });
        }
        if buckets[found].denied {
            return Err(Refusal::access_denied());
        }
        Ok(found)
    }

    fn buckets(&self) -> Answer {
        let there = |created: i64| self.world.page + created <= self.now;
        let mut names: Vec<_> = self.world.scenario.buckets.iter().collect();
        names.retain(|bucket| there(bucket.created));
        names.sort_by(|one, other| one.name.cmp(&other.name));
        let entries: String = names
            .iter()
            .map(|bucket| {
                let created = moment(self.world.page + bucket.created);
                format!(
                    "<Bucket><Name>{}</Name><CreationDate>{created}</CreationDate></Bucket>",
                    escape(&bucket.name)
                )
            })
            .collect();
        xml(
            StatusCode::OK,
            &format!(
                "<ListAllMyBucketsResult xmlns=\"{NAMESPACE}\">{OWNER}<Buckets>{entries}</Buckets></ListAllMyBucketsResult>"
            ),
        )
    }

    fn versioning(&self, bucket: usize) -> Answer {
        let status = match self.world.scenario.buckets[bucket].versioning {
            Versioning::Enabled => "<Status>Enabled</Status>",
            Versioning::Suspended => "<Status>Suspended</Status>",
            // Nothing is said of what never was.
            Versioning::Never => "",
        };
        xml(
            StatusCode::OK,
            &format!(
                "<VersioningConfiguration xmlns=\"{NAMESPACE}\">{status}</VersioningConfiguration>"
            ),
        )
    }

    /// An object, or a part of it; of the version that is asked for, or the latest.
    fn object(&self, bucket: usize, key: &str) -> Answered {
        let versions = self.world.versions(bucket, self.now);
        let wanted = self.address.get("versionId");
        let own = versions.iter().filter(|version| version.event.key == key);
        let found = match wanted {
            None => own.into_iter().find(|version| version.is_latest),
            Some(id) => match own.into_iter().find(|version| version.id == id) {
                Some(version) => Some(version),
                None => {
                    let message = "The specified version does not exist.";
                    return Err(Refusal::new(StatusCode::NOT_FOUND, "NoSuchVersion", message));
                }
            },
        };
        let version = found.ok_or_else(Refusal::no_such_key)?;
        let keeps = version.id != "null";
        let marks = |mut headers: Vec<(&'static str, String)>| {
            if keeps {
                headers.push(("x-amz-version-id", version.id.to_owned()));
            }
            headers
        };
        if version.event.what == What::Nothing {
            let headers = marks(vec![("x-amz-delete-marker", "true".to_owned())]);
            // A marker that is asked for by its own id is there, and cannot be read.
            let refusal = match wanted {
                None => Refusal::no_such_key(),
                Some(_) => Refusal::new(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "MethodNotAllowed",
                    "The specified method is not allowed against this resource.",
                ),
            };
            return Err(Refusal { headers, ..refusal });
        }
        let text = self.world.content(version.event);
        let headers = marks(vec![
            ("etag", etag(&text)),
            ("last-modified", http_date(version.event.at)),
            ("accept-ranges", "bytes".to_owned()),
            ("x-amz-server-side-encryption", "AES256".to_owned()),
        ]);
        let whole = text.len();
        let (status, bytes, headers) = match self.range(whole)? {
            None => (StatusCode::OK, text.into_bytes(), headers),
            Some((from, to)) => {
                let mut headers = headers;
                headers.push(("content-range", format!("bytes {from}-{}/{whole}", to - 1)));
                (StatusCode::PARTIAL_CONTENT, text.as_bytes()[from..to].to_vec(), headers)
            }
        };
        let answer = Answer::new(status, "application/json", Body::whole(bytes));
        Ok(Answer { headers, ..answer })
    }

    /// The part that is asked for: from a byte, and up to but without another one.
    fn range(&self, whole: usize) -> Result<Option<(usize, usize)>, Refusal> {
        let header = self.head.headers.get(RANGE).and_then(|range| range.to_str().ok());
        let range = header.and_then(|range| range.strip_prefix("bytes="));
        let Some((from, to)) = range.and_then(|range| range.split_once('-')) else {
            return Ok(None);
        };
        let part = match (from.parse::<usize>(), to.parse::<usize>()) {
            (Ok(from), Ok(to)) if from <= to => (from, to.saturating_add(1).min(whole)),
            (Ok(from), Err(_)) if to.is_empty() => (from, whole),
            (Err(_), Ok(last)) if from.is_empty() => (whole - last.min(whole), whole),
            // What is no range is as if it were not there.
            _ => return Ok(None),
        };
        if part.0 >= whole {
            let message = "The requested range is not satisfiable";
            return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message));
        }
        Ok(Some(part))
    }
}

const OWNER: &str = "<Owner><ID>drill</ID><DisplayName>drill</DisplayName></Owner>";

fn etag(text: &str) -> String {
    format!("\"{}\"", hash::hex(hash::of_text(12, text), 32))
}

fn moment(time_ms: i64) -> String {
    // S3 keeps seconds only.
    clock_face::text(time_ms - time_ms.rem_euclid(1000), TimeForm::Iso)
}

/// `Sun, 22 Nov 2026 20:36:58 GMT`
fn http_date(time_ms: i64) -> String {
    let time = Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests;
