//! DescribeImages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::batch_get_image::Manifest;
use super::{ImageId, invalid, named, page, paging, repository};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::Regional;
use crate::world::registry::{Held, Place};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_ids: Option<Vec<ImageId>>,
    next_token: Option<String>,
    max_results: Option<i64>,
    filter: Option<Filter>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    tag_status: Option<String>,
    image_status: Option<String>,
}

impl Filter {
    fn check(&self) -> Result<(), Refusal> {
        if !matches!(self.tag_status.as_deref(), None | Some("TAGGED" | "UNTAGGED" | "ANY")) {
            return Err(invalid("filter.tagStatus", "Member must satisfy enum value set"));
        }
        let known = matches!(
            self.image_status.as_deref(),
            None | Some("ACTIVE" | "ARCHIVED" | "ACTIVATING" | "ANY")
        );
        match known {
            true => Ok(()),
            false => Err(invalid("filter.imageStatus", "Member must satisfy enum value set")),
        }
    }

    /// Every image of a drill is active.
    fn lets(&self, image: &Held) -> bool {
        let by_tag = match self.tag_status.as_deref() {
            Some("TAGGED") => !image.tags.is_empty(),
            Some("UNTAGGED") => image.tags.is_empty(),
            _ => true,
        };
        by_tag && matches!(self.image_status.as_deref(), None | Some("ACTIVE" | "ANY"))
    }
}

pub(super) fn answer(here: Regional<'_>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: Input = aws_json::input(body)?;
    let filter = input.filter.unwrap_or_default();
    filter.check()?;
    let (place, images) = repository(here, now, input.registry_id, input.repository_name)?;
    let Some(ids) = input.image_ids else {
        let listed: Vec<&Held> = images.iter().filter(|image| filter.lets(image)).collect();
        let paging = paging(input.next_token.as_deref(), input.max_results)?;
        let (some, token) = page(&listed, paging);
        let details: Vec<Value> = some.iter().map(|image| detail(&place, image)).collect();
        let mut answer = json!({ "imageDetails": details });
        if let Some(token) = token {
            answer["nextToken"] = json!(token);
        }
        return Ok(answer);
    };
    named("imageIds", ids.len())?;
    if input.next_token.is_some() || input.max_results.is_some() {
        return Err(invalid("imageIds", "cannot be combined with nextToken or maxResults"));
    }
    let mut found: Vec<&Held> = Vec::new();
    for id in &ids {
        let image = id.find(&images).ok_or_else(|| missing(&place, id))?;
        if !found.contains(&image) {
            found.push(image);
        }
    }
    let details = found.into_iter().filter(|image| filter.lets(image));
    Ok(json!({ "imageDetails": details.map(|image| detail(&place, image)).collect::<Vec<_>>() }))
}

/// One image that is not there refuses them all.
fn missing(place: &Place, id: &ImageId) -> Refusal {
    let said = |text: &Option<String>| text.as_deref().unwrap_or("null").to_owned();
    Refusal::new(
        "ImageNotFoundException",
        format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the \
             repository with name '{}' in the registry with id '{}'",
            said(&id.image_digest),
            said(&id.image_tag),
            place.repository,
            place.account
        ),
    )
}

fn detail(place: &Place, image: &Held) -> Value {
    let manifest = Manifest::of(place, image);
    let mut shown = json!({
        "registryId": place.account,
        "repositoryName": place.repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": manifest.size(),
        "imagePushedAt": image.pushed as f64 / 1000.0,
        "imageManifestMediaType": Manifest::MEDIA_TYPE,
        "artifactMediaType": Manifest::CONFIG_MEDIA_TYPE,
        "imageStatus": "ACTIVE",
    });
    if !image.tags.is_empty() {
        shown["imageTags"] = json!(image.tags);
    }
    shown
}
