//! ListObjectVersions: by key, the newest version of each first, page by page.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use hyper::StatusCode;

use super::{Answered, Asked, NAMESPACE, OWNER, Refusal, Version, What, escape, etag, moment, xml};
use crate::protocols::address::encoded;

const LARGEST: usize = 1000;

/// An entry of the list.
enum Entry<'v, 'w> {
    Version(&'v Version<'w>),
    /// Keys that have the same beginning, up to a delimiter.
    Prefix(String),
}

impl Asked<'_> {
    pub(super) fn object_versions(&self, bucket: usize) -> Answered {
        let said = |name| self.address.get(name).filter(|text: &&str| !text.is_empty());
        let prefix = said("prefix").unwrap_or_default();
        let delimiter = said("delimiter");
        let (key_marker, version_marker) = (said("key-marker"), said("version-id-marker"));
        if version_marker.is_some() && key_marker.is_none() {
            let message = "A version-id marker cannot be specified without a key marker.";
            return Err(Refusal::invalid(message));
        }
        let limit = match said("max-keys") {
            None => LARGEST,
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| {
                    Refusal::invalid("Provided max-keys not an integer or within integer range")
                })?
                .min(LARGEST),
        };
        let versions = self.world.versions(bucket, self.now);
        let own = versions.iter().filter(|version| version.event.key.starts_with(prefix));
        let mut entries: Vec<Entry<'_, '_>> = Vec::new();
        // With both markers the list goes on behind that version; with the key's alone, behind that key.
        let mut is_behind = key_marker.is_none();
        for version in own {
            let key = version.event.key.as_str();
            if !is_behind {
                match (key_marker, version_marker) {
                    (Some(marker), _) if key > marker => is_behind = true,
                    (Some(marker), Some(id)) if key == marker && version.id == id => {
                        is_behind = true;
                        continue;
                    }
                    _ => continue,
                }
            }
            let common = delimiter.and_then(|mark| {
                let end = key[prefix.len()..].find(mark)?;
                Some(&key[..prefix.len() + end + mark.len()])
            });
            match common {
                // It stands in the page before.
                Some(common) if key_marker.is_some_and(|marker| marker.starts_with(common)) => {}
                Some(common) => {
                    let is_there =
                        matches!(entries.last(), Some(Entry::Prefix(last)) if last == common);
                    if !is_there {
                        entries.push(Entry::Prefix(common.to_owned()));
                    }
                }
                None => entries.push(Entry::Version(version)),
            }
        }
        let is_truncated = entries.len() > limit;
        entries.truncate(limit);
        Ok(xml(StatusCode::OK, &self.list(bucket, &entries, limit, is_truncated)))
    }

    fn list(
        &self,
        bucket: usize,
        entries: &[Entry<'_, '_>],
        limit: usize,
        is_truncated: bool,
    ) -> String {
        let is_encoded = self.address.get("encoding-type") == Some("url");
        let shown = |text: &str| if is_encoded { encoded(text, "/") } else { escape(text) };
        let tag = |name: &str, text: &str| match text {
            "" => format!("<{name}/>"),
            text => format!("<{name}>{}</{name}>", shown(text)),
        };
        let asked = |name| self.address.get(name).unwrap_or_default();
        let mut out = format!(
            "<ListVersionsResult xmlns=\"{NAMESPACE}\"><Name>{}</Name>{}{}{}<MaxKeys>{limit}</MaxKeys>",
            escape(&self.world.scenario.buckets[bucket].name),
            tag("Prefix", asked("prefix")),
            tag("KeyMarker", asked("key-marker")),
            tag("VersionIdMarker", asked("version-id-marker")),
        );
        if self.address.has("delimiter") {
            out += &tag("Delimiter", asked("delimiter"));
        }
        if is_encoded {
            out += "<EncodingType>url</EncodingType>";
        }
        out += &format!("<IsTruncated>{is_truncated}</IsTruncated>");
        if is_truncated {
            out += &match entries.last() {
                Some(Entry::Version(last)) => format!(
                    "{}{}",
                    tag("NextKeyMarker", &last.event.key),
                    tag("NextVersionIdMarker", last.id),
                ),
                Some(Entry::Prefix(common)) => tag("NextKeyMarker", common),
                None => String::new(),
            };
        }
        for entry in entries {
            let Entry::Version(version) = entry else { continue };
            let common = format!(
                "{}<VersionId>{}</VersionId><IsLatest>{}</IsLatest><LastModified>{}</LastModified>",
                tag("Key", &version.event.key),
                version.id,
                version.is_latest,
                moment(version.event.at),
            );
            if version.event.what == What::Nothing {
                out += &format!("<DeleteMarker>{common}{OWNER}</DeleteMarker>");
                continue;
            }
            let text = self.world.content(version.event);
            out += &format!(
                "<Version>{common}<ETag>{}</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass>{OWNER}</Version>",
                etag(&text).replace('"', "&quot;"),
                text.len(),
            );
        }
        for entry in entries {
            if let Entry::Prefix(common) = entry {
                out += &format!("<CommonPrefixes>{}</CommonPrefixes>", tag("Prefix", common));
            }
        }
        out + "</ListVersionsResult>"
    }
}
