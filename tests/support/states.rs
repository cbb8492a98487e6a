//! A bucket of Terraform's states on loopback, with the versions that a spec says.

use super::Machine;
use super::cloud::{Answer, Cloud};

/// Its name.
pub const BUCKET: &str = "states";

/// A version of a state: its key, its id, when it was written, and what it holds.
#[derive(Clone)]
pub struct Version {
    pub key: &'static str,
    pub id: &'static str,
    pub written: &'static str,
    pub body: Vec<u8>,
}

/// A bucket that keeps versions: those of a key stand together, the newest first. `owner` is whose
/// they are, and each object has it in a header of its own.
pub fn bucket(versions: Vec<Version>, owner: String) -> Cloud {
    bucket_that(versions, owner, |_| None)
}

/// The same, where `refuses` may answer for a path first.
pub fn bucket_that(
    versions: Vec<Version>,
    owner: String,
    refuses: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
) -> Cloud {
    let xml = |text: String| Answer { content_type: "application/xml", ..Answer::json(text) };
    Cloud::that(move |request| {
        let path = request.path();
        if let Some(refusal) = refuses(path) {
            return refusal;
        }
        let (object, query) = path.split_once('?').unwrap_or((path, ""));
        let asks_for = |name: &str| query.split('&').any(|word| word.trim_end_matches('=') == name);
        if asks_for("versioning") {
            return xml(
                "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                <Status>Enabled</Status></VersioningConfiguration>"
                    .to_owned(),
            );
        }
        if asks_for("versions") {
            return xml(list(&versions, &owner));
        }
        let is_it = |version: &&Version| {
            object == format!("/{BUCKET}/{}", version.key)
                && asks_for(&format!("versionId={}", version.id))
        };
        match versions.iter().find(is_it) {
            Some(version) => Answer {
                headers: vec![("x-amz-meta-note", owner.clone())],
                ..Answer::json(version.body.clone())
            },
            None => error(404, "NoSuchVersion", "The specified version does not exist."),
        }
    })
}

/// A refusal as S3 words it.
pub fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Answer { status, content_type: "application/xml", ..Answer::json(body) }
}

/// Tells a machine that its states are there.
pub fn are_at(machine: &mut Machine, cloud: &Cloud) {
    machine.set("AWS_ENDPOINT_URL_S3", &cloud.url);
    machine.file(".config/oncall/config.toml", &format!("[[s3_state]]\nbucket = \"{BUCKET}\"\n"));
}

fn list(versions: &[Version], owner: &str) -> String {
    let mut before = None;
    let entry = |version: &Version| {
        let is_latest = before.replace(version.key) != Some(version.key);
        let Version { key, id, written, body } = version;
        format!(
            "<Version><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>{is_latest}</IsLatest>\
             <LastModified>{written}</LastModified><ETag>\"{id}\"</ETag><Size>{}</Size>\
             <StorageClass>STANDARD</StorageClass><Owner><ID>{owner}</ID>\
             <DisplayName>{owner}</DisplayName></Owner></Version>",
            body.len()
        )
    };
    let entries: String = versions.iter().map(entry).collect();
    format!(
        "<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{BUCKET}</Name>\
         <EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{entries}</ListVersionsResult>"
    )
}
