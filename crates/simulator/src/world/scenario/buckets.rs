//! S3 buckets in a scenario, and what is put into them by hand. States come from the workspaces.

use serde::Deserialize;
use toml::Spanned;

use super::check::{Checked, mistake};
use crate::world::when::Offset;

const DAY: i64 = 86_400_000;

/// S3 `VersioningConfiguration.Status`, and the bucket that never had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Versioning {
    Enabled,
    Suspended,
    Never,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBucket {
    name: Spanned<String>,
    versioning: Option<Versioning>,
    #[serde(default)]
    denied: bool,
    created: Option<Offset>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenPut {
    bucket: Spanned<String>,
    key: Spanned<String>,
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenDelete {
    bucket: Spanned<String>,
    key: Spanned<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) versioning: Versioning,
    /// Whether nobody may look into it.
    pub(crate) denied: bool,
    /// When it was made, relative to the page.
    pub(crate) created: i64,
}

/// What somebody does to an object, at a moment relative to the page.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) at: i64,
    pub(crate) bucket: usize,
    pub(crate) key: String,
    /// What is put; nothing when it is deleted.
    pub(crate) body: Option<String>,
}

/// The buckets of a scenario.
pub(super) fn buckets(written: &[WrittenBucket]) -> Checked<Vec<Bucket>> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for bucket in written {
        let name = bucket.name.get_ref();
        let fits = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        };
        if !(3..=63).contains(&name.len()) || !name.bytes().all(fits) {
            return mistake(
                bucket.name.span(),
                "a bucket's name has 3 to 63 lower case letters, digits, \"-\" and \".\"",
            );
        }
        if buckets.iter().any(|other| other.name == *name) {
            return mistake(bucket.name.span(), format!("the bucket \"{name}\" is there twice"));
        }
        buckets.push(Bucket {
            name: name.clone(),
            versioning: bucket.versioning.unwrap_or(Versioning::Enabled),
            denied: bucket.denied,
            created: bucket.created.map_or(-400 * DAY, |created| created.0),
        });
    }
    Ok(buckets)
}

/// What was put, and what was deleted, in the order of the timeline.
pub(super) fn deeds<'f>(
    puts: impl Iterator<Item = (i64, &'f WrittenPut)>,
    deletes: impl Iterator<Item = (i64, &'f WrittenDelete)>,
    buckets: &[Bucket],
) -> Checked<Vec<Deed>> {
    let puts = puts.map(|(at, put)| (at, &put.bucket, &put.key, Some(put.body.clone())));
    let deletes = deletes.map(|(at, delete)| (at, &delete.bucket, &delete.key, None));
    let mut deeds = puts
        .chain(deletes)
        .map(|(at, bucket, key, body)| deed(at, bucket, key, body, buckets))
        .collect::<Checked<Vec<Deed>>>()?;
    deeds.sort_by_key(|deed| deed.at);
    Ok(deeds)
}

fn deed(
    at: i64,
    bucket: &Spanned<String>,
    key: &Spanned<String>,
    body: Option<String>,
    buckets: &[Bucket],
) -> Checked<Deed> {
    let Some(found) = buckets.iter().position(|other| other.name == *bucket.get_ref()) else {
        return mistake(bucket.span(), format!("there is no bucket \"{}\"", bucket.get_ref()));
    };
    if at <= buckets[found].created {
        return mistake(bucket.span(), "this is before the bucket was made: see its \"created\"");
    }
    if key.get_ref().is_empty() || key.get_ref().len() > 1024 {
        return mistake(key.span(), "a key has 1 to 1024 bytes");
    }
    Ok(Deed { at, bucket: found, key: key.get_ref().clone(), body })
}
