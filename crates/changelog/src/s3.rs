//! Objects of a bucket and their versions: the one file that names the SDK of S3.

use std::sync::OnceLock;

use ::record::Time;
use aws::{Cause, Door, Error, Operation};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{BucketVersioningStatus, EncodingType};

use crate::s3_state::history::{Version, What};

/// A bucket, in the region where it is.
pub(crate) struct Bucket<'a> {
    door: &'a Door,
    region: String,
    name: &'a str,
    client: Client,
}

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versioning {
    Enabled,
    /// It did: those are still there, and what was written since takes the place of what was there.
    Suspended,
    Never,
}

/// A part of the list of versions: by key, the newest of each first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// Each with the key of its object.
    pub(crate) versions: Vec<(String, Version)>,
    /// Behind what the next page begins; `None` behind the last one.
    pub(crate) next: Option<Marker>,
}

/// A place in the list of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) key: String,
    /// The version; `None` for behind all versions of the key.
    pub(crate) version: Option<String>,
}

/// What an object holds. It has no `Debug`: a state is full of secrets.
pub(crate) enum Content {
    Whole(Vec<u8>),
    /// It is larger than was asked for, in bytes, and was not read.
    TooLarge(u64),
}

/// Why an answer is none.
enum Unanswered {
    /// The bucket is in that region.
    Elsewhere(String),
    Failed(Error),
}

impl<'a> Bucket<'a> {
    /// Finds the bucket, beginning in `region`, and asks whether it keeps versions. Who may not ask
    /// that may still read it: that answer is handed over as it is.
    pub(crate) async fn find(
        door: &'a Door,
        region: &str,
        name: &'a str,
    ) -> (Self, Result<Versioning, Error>) {
        let bucket = Self::in_region(door, region, name);
        match bucket.versioning().await {
            Ok(versioning) => (bucket, Ok(versioning)),
            Err(Unanswered::Failed(error)) => (bucket, Err(error)),
            Err(Unanswered::Elsewhere(region)) => {
                let bucket = Self::in_region(door, &region, name);
                let answer = bucket.versioning().await.map_err(Unanswered::into_error);
                (bucket, answer)
            }
        }
    }

    fn in_region(door: &'a Door, region: &str, name: &'a str) -> Self {
        let configuration = aws_sdk_s3::config::Builder::from(&door.sdk_config(region))
            .force_path_style(!door.buckets_are_of_aws())
            .build();
        let client = Client::from_conf(configuration);
        Self { door, region: region.to_owned(), name, client }
    }

    /// The region where it is.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// The page of an object's version in the console, where the partition has one that is known.
    pub(crate) fn console_page(&self, key: &str, version: &str) -> Option<String> {
        let (region, name) = (&self.region, self.name);
        let host = self.door.buckets_are_of_aws().then(|| aws::console(region))??;
        Some(format!(
            "https://{region}.{host}/s3/object/{name}?region={region}&prefix={}&versionId={}",
            encoded(key),
            encoded(version)
        ))
    }

    async fn versioning(&self) -> Result<Versioning, Unanswered> {
        let answer = self
            .ask(Operation::GetBucketVersioning, || {
                self.client.get_bucket_versioning().bucket(self.name).send()
            })
            .await?;
        Ok(match answer.status {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(_) => Versioning::Suspended,
            None => Versioning::Never,
        })
    }

    /// A page of the versions of all keys that begin with `prefix`.
    pub(crate) async fn versions(
        &self,
        prefix: Option<&str>,
        behind: Option<&Marker>,
    ) -> Result<Page, Error> {
        let answer = self
            .ask(Operation::ListObjectVersions, || {
                self.client
                    .list_object_versions()
                    .bucket(self.name)
                    // XML cannot write every key.
                    .encoding_type(EncodingType::Url)
                    .set_prefix(prefix.map(str::to_owned))
                    .set_key_marker(behind.map(|marker| marker.key.clone()))
                    .set_version_id_marker(behind.and_then(|marker| marker.version.clone()))
                    .send()
            })
            .await
            .map_err(Unanswered::into_error)?;
        page(answer).map_err(|detail| self.error(Operation::ListObjectVersions, detail))
    }

    /// A version of an object, or the object itself where there are none. The SDK holds it against its
    /// checksum where S3 has one.
    pub(crate) async fn content(
        &self,
        key: &str,
        version: Option<&str>,
        largest: u64,
    ) -> Result<Content, Error> {
        self.ask(Operation::GetObject, || async {
            let object = self
                .client
                .get_object()
                .bucket(self.name)
                .key(key)
                .set_version_id(version.map(str::to_owned))
                .send()
                .await?;
            let length = object.content_length.and_then(|length| u64::try_from(length).ok());
            if let Some(length) = length.filter(|length| *length > largest) {
                return Ok(Content::TooLarge(length));
            }
            let mut body = object.body;
            let mut whole = Vec::with_capacity(length.unwrap_or(0) as usize);
            // What breaks in the middle is a broken connection, and is asked for again.
            while let Some(part) = body.next().await {
                let part = part.map_err(|error| {
                    SdkError::dispatch_failure(ConnectorError::io(error.into()))
                })?;
                whole.extend_from_slice(&part);
                if whole.len() as u64 > largest {
                    return Ok(Content::TooLarge(whole.len() as u64));
                }
            }
            Ok(Content::Whole(whole))
        })
        .await
        .map_err(Unanswered::into_error)
    }

    async fn ask<T, E, Sent>(
        &self,
        operation: Operation,
        mut send: impl FnMut() -> Sent,
    ) -> Result<T, Unanswered>
    where
        Sent: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // A wrong region is told in a header, which no error keeps.
        let told: OnceLock<String> = OnceLock::new();
        let answer = self
            .door
            .call(operation, &self.region, || {
                let sent = send();
                async {
                    let answer = sent.await;
                    if let Err(SdkError::ServiceError(refusal)) = &answer
                        && let Some(region) = refusal.raw().headers().get("x-amz-bucket-region")
                    {
                        let _ = told.set(region.to_owned());
                    }
                    answer
                }
            })
            .await;
        answer.map_err(|error| match elsewhere(&error, told.get().map(String::as_str)) {
            Some(region) if region != self.region => Unanswered::Elsewhere(region.to_owned()),
            _ => Unanswered::Failed(error),
        })
    }

    fn error(&self, operation: Operation, detail: String) -> Error {
        Error {
            operation: Some(operation),
            region: Some(self.region.clone()),
            profile: self.door.profile().map(str::to_owned),
            cause: Cause::Undecodable { detail },
        }
    }
}

impl Unanswered {
    fn into_error(self) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Elsewhere(region) => Error {
                operation: None,
                region: None,
                profile: None,
                cause: Cause::Invalid {
                    code: "PermanentRedirect".to_owned(),
                    message: format!("the bucket is in {region}"),
                },
            },
        }
    }
}

/// The region that a refusal sends us to: as its header or its message says.
fn elsewhere<'e>(error: &'e Error, told: Option<&'e str>) -> Option<&'e str> {
    let Cause::Invalid { code, message } = &error.cause else { return None };
    match code.as_str() {
        "PermanentRedirect" | "IllegalLocationConstraintException" => told,
        "AuthorizationHeaderMalformed" => {
            let in_words = || message.split_once("expecting '")?.1.split_once('\'');
            told.or_else(|| in_words().map(|(region, _)| region))
        }
        _ => None,
    }
}

fn page(answer: ListObjectVersionsOutput) -> Result<Page, String> {
    let is_encoded = answer.encoding_type == Some(EncodingType::Url);
    let readable = |key: String| if is_encoded { decoded(&key) } else { Some(key) };
    let key = |key: Option<String>| {
        key.and_then(readable).ok_or_else(|| "a version has no readable key".to_owned())
    };
    let mut versions = Vec::new();
    for version in answer.versions.unwrap_or_default() {
        let size = version.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        versions.push((
            key(version.key)?,
            Version {
                id: version.version_id.unwrap_or_else(|| Version::WITHOUT_ID.to_owned()),
                written: time(version.last_modified)?,
                is_latest: version.is_latest.unwrap_or(false),
                what: What::Content { size, etag: version.e_tag },
            },
        ));
    }
    for marker in answer.delete_markers.unwrap_or_default() {
        versions.push((
            key(marker.key)?,
            Version {
                id: marker.version_id.unwrap_or_else(|| Version::WITHOUT_ID.to_owned()),
                written: time(marker.last_modified)?,
                is_latest: marker.is_latest.unwrap_or(false),
                what: What::Deleted,
            },
        ));
    }
    // The list has both in one order; the SDK hands them over apart. Sorting keeps the order of each
    // kind within a second, which is all that S3 tells of a time.
    versions.sort_by(|(key, version), (other_key, other)| {
        let newer = other.is_latest.cmp(&version.is_latest);
        key.cmp(other_key).then(newer).then_with(|| other.written.cmp(&version.written))
    });
    let next = match answer.is_truncated.unwrap_or(false) {
        false => None,
        true => Some(Marker {
            key: key(answer.next_key_marker)?,
            version: answer.next_version_id_marker.filter(|version| !version.is_empty()),
        }),
    };
    Ok(Page { versions, next })
}

fn time(time: Option<DateTime>) -> Result<Time, String> {
    let millis = time.and_then(|time| time.to_millis().ok());
    millis.map(Time::from_millis).ok_or_else(|| "a version has no time".to_owned())
}

/// A text as it stands in the query of a URL.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A key out of its URL encoding, in which `+` is a space.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};
    use proptest::prelude::*;

    fn version(key: &str, id: &str, seconds: i64, latest: bool) -> ObjectVersion {
        ObjectVersion::builder()
            .key(key)
            .version_id(id)
            .last_modified(DateTime::from_secs(seconds))
            .is_latest(latest)
            .size(5)
            .build()
    }

    #[test]
    fn versions_and_markers_come_in_one_order_again() {
        let marker = DeleteMarkerEntry::builder()
            .key("a+b%2Fc")
            .version_id("m")
            .last_modified(DateTime::from_secs(20))
            .is_latest(false)
            .build();
        let answer = ListObjectVersionsOutput::builder()
            .encoding_type(EncodingType::Url)
            .versions(version("a+b%2Fc", "3", 30, true))
            .versions(version("a+b%2Fc", "1", 10, false))
            .versions(version("b", "9", 90, true))
            .delete_markers(marker)
            .is_truncated(true)
            .next_key_marker("b")
            .next_version_id_marker("9")
            .build();
        let page = page(answer).unwrap();
        let order: Vec<String> =
            page.versions.iter().map(|(key, version)| format!("{key} {}", version.id)).collect();
        assert_eq!(order, ["a b/c 3", "a b/c m", "a b/c 1", "b 9"]);
        let next = Marker { key: "b".to_owned(), version: Some("9".to_owned()) };
        assert_eq!(page.next, Some(next));
    }

    #[test]
    fn the_latest_of_one_second_stands_first() {
        let marker = DeleteMarkerEntry::builder()
            .key("a")
            .version_id("m")
            .last_modified(DateTime::from_secs(10))
            .is_latest(true)
            .build();
        let answer = ListObjectVersionsOutput::builder()
            .versions(version("a", "1", 10, false))
            .delete_markers(marker)
            .build();
        let page = page(answer).unwrap();
        assert_eq!(page.versions[0].1.id, "m");
        assert_eq!(page.next, None);
    }

    #[test]
    fn a_wrong_region_is_told_by_the_header_or_in_words() {
        let error = |code: &str, message: &str| Error {
            operation: None,
            region: None,
            profile: None,
            cause: Cause::Invalid { code: code.to_owned(), message: message.to_owned() },
        };
        let redirect = error("PermanentRedirect", "please use another endpoint");
        assert_eq!(elsewhere(&redirect, Some("eu-west-1")), Some("eu-west-1"));
        assert_eq!(elsewhere(&redirect, None), None);
        let words = "the region 'us-east-1' is wrong; expecting 'eu-west-3'";
        let malformed = error("AuthorizationHeaderMalformed", words);
        assert_eq!(elsewhere(&malformed, None), Some("eu-west-3"));
        assert_eq!(elsewhere(&error("NoSuchBucket", ""), Some("eu-west-1")), None);
    }

    proptest! {
        #[test]
        fn every_key_comes_out_of_its_encoding(key in "\\PC{0,20}") {
            prop_assert_eq!(decoded(&encoded(&key)), Some(key.clone()));
            let with_plus = encoded(&key).replace("%20", "+");
            prop_assert_eq!(decoded(&with_plus), Some(key));
        }

        #[test]
        fn no_text_is_a_panic(text in "[%+a-f0-9é]{0,12}") {
            let _ = decoded(&text);
        }
    }
}
