//! BatchGetImage, and what a manifest looks like.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ImageId, named, repository};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::registry::{Held, Place};
use crate::world::{Regional, hash};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_ids: Option<Vec<ImageId>>,
}

pub(super) fn answer(here: Regional<'_>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: Input = aws_json::input(body)?;
    let ids = input.image_ids.unwrap_or_default();
    named("imageIds", ids.len())?;
    let (place, held) = repository(here, now, input.registry_id, input.repository_name)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &ids {
        match id.find(&held) {
            Some(image) => images.push(shown(&place, image, id.image_tag.as_deref())),
            None => failures.push(failure(&held, id)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

/// An image that is asked for by its digest is shown without a tag.
fn shown(place: &Place, image: &Held, tag: Option<&str>) -> Value {
    let mut id = json!({ "imageDigest": image.digest });
    if let Some(tag) = tag {
        id["imageTag"] = json!(tag);
    }
    json!({
        "registryId": place.account,
        "repositoryName": place.repository,
        "imageId": id,
        "imageManifest": Manifest::of(place, image).text(),
        "imageManifestMediaType": Manifest::MEDIA_TYPE,
    })
}

fn failure(held: &[Held], id: &ImageId) -> Value {
    let tag_is_there =
        id.image_tag.as_ref().is_some_and(|tag| held.iter().any(|image| image.tags.contains(tag)));
    let (code, reason) = match (&id.image_digest, &id.image_tag) {
        (None, None) => (
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        ),
        (Some(digest), _) if !is_digest(digest) => {
            ("InvalidImageDigest", "Invalid request parameters: image digest is invalid")
        }
        (Some(_), Some(_)) if tag_is_there => {
            ("ImageTagDoesNotMatchDigest", "Requested image tag does not match the digest")
        }
        _ => ("ImageNotFound", "Requested image not found"),
    };
    let mut shown = json!({});
    for (key, value) in [("imageDigest", &id.image_digest), ("imageTag", &id.image_tag)] {
        if let Some(value) = value {
            shown[key] = json!(value);
        }
    }
    json!({ "imageId": shown, "failureCode": code, "failureReason": reason })
}

/// `ALGORITHM:HEX`, as the OCI image specification has it.
fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !algorithm.is_empty()
            && algorithm.bytes().all(is_word)
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    })
}

/// A manifest of schema 2. It follows from the image's digest, which is therefore not the manifest's own.
pub(super) struct Manifest {
    config: (String, u64),
    layers: Vec<(String, u64)>,
}

impl Manifest {
    pub(super) const MEDIA_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";
    pub(super) const CONFIG_MEDIA_TYPE: &str = "application/vnd.docker.container.image.v1+json";
    const LAYER_MEDIA_TYPE: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    pub(super) fn of(place: &Place, image: &Held) -> Manifest {
        let blob = |seed: u64, low: u64, wide: u64| {
            let digest = format!("sha256:{}", hash::hex(seed, 64));
            (digest, low + hash::below(hash::combine(seed, 1), wide))
        };
        let repository = hash::of_text(0, &place.repository);
        let own = hash::of_text(1, &image.digest);
        // The base is the repository's, and its images share it; what is built is the image's own.
        let base = (0..3).map(|layer| blob(hash::combine(repository, layer), 2 << 20, 30 << 20));
        let built = (0..2).map(|layer| blob(hash::combine(own, layer), 1 << 20, 60 << 20));
        Manifest { config: blob(own, 4_000, 9_000), layers: base.chain(built).collect() }
    }

    /// The bytes of its layers, as ECR counts them.
    pub(super) fn size(&self) -> u64 {
        self.layers.iter().map(|(_, size)| size).sum()
    }

    fn text(&self) -> String {
        let blob = |kind: &str, (digest, size): &(String, u64)| json!({ "mediaType": kind, "size": size, "digest": digest });
        let layers: Vec<Value> =
            self.layers.iter().map(|layer| blob(Manifest::LAYER_MEDIA_TYPE, layer)).collect();
        json!({
            "schemaVersion": 2,
            "mediaType": Manifest::MEDIA_TYPE,
            "config": blob(Manifest::CONFIG_MEDIA_TYPE, &self.config),
            "layers": layers,
        })
        .to_string()
    }
}
