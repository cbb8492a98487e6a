//! Amazon ECR, API version 2015-09-21, as far as a reader of images needs it.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html>

mod batch_get_image;
mod describe_images;
mod repositories;

use serde::Deserialize;
use serde_json::Value;

use super::aws_json::{Answered, Refusal};
use crate::ACCOUNT;
use crate::world::Regional;
use crate::world::registry::{Held, Place};

/// No request names more images or repositories.
const MOST_NAMED: usize = 100;

pub(super) fn answer(here: Regional<'_>, now: i64, operation: &str, body: &[u8]) -> Answered {
    let answer = match operation {
        "BatchGetImage" => batch_get_image::answer(here, now, body),
        "DescribeImages" => describe_images::answer(here, now, body),
        "DescribeRepositories" => repositories::answer(here, now, body),
        _ => Err(Refusal::unknown_operation()),
    }?;
    Ok(answer.to_string().into_bytes())
}

/// What a request reads, as a permission names it; `None` when it names no repository.
pub(super) fn resource(region: &str, body: &[u8]) -> Option<String> {
    let input: Value = serde_json::from_slice(body).ok()?;
    let named = [&input["repositoryName"], &input["repositoryNames"][0]];
    let name = named.into_iter().find_map(Value::as_str)?;
    let account = input["registryId"].as_str().unwrap_or(ACCOUNT);
    Some(repository_arn(region, account, name))
}

fn repository_arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:ecr:{region}:{account}:repository/{name}")
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageId {
    image_digest: Option<String>,
    image_tag: Option<String>,
}

impl ImageId {
    /// The image of that tag or digest, or, of both, the one that has both.
    fn find<'h>(&self, images: &'h [Held]) -> Option<&'h Held> {
        images.iter().find(|image| {
            (self.image_digest.is_some() || self.image_tag.is_some())
                && self.image_digest.as_ref().is_none_or(|digest| *digest == image.digest)
                && self.image_tag.as_ref().is_none_or(|tag| image.tags.contains(tag))
        })
    }
}

/// The repository that a request names, and the images that it holds.
fn repository(
    here: Regional<'_>,
    now: i64,
    registry: Option<String>,
    name: Option<String>,
) -> Result<(Place, Vec<Held>), Refusal> {
    let name = name.unwrap_or_default();
    if !is_repository_name(&name) {
        return Err(invalid(
            "repositoryName",
            "must satisfy regular expression \
             '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
        ));
    }
    let account = account(registry)?;
    let place = Place { region: here.region.to_owned(), account, repository: name };
    let made = here
        .world
        .repositories(&place.region, &place.account, now)
        .any(|(made, _)| made.repository == place.repository);
    match here.world.images_of(&place, now).filter(|_| made) {
        Some(images) => Ok((place, images)),
        None => Err(no_repository(&place.account, &place.repository)),
    }
}

/// The registry that a request is for: that of the account, when it names none.
fn account(registry: Option<String>) -> Result<String, Refusal> {
    let account = registry.unwrap_or_else(|| ACCOUNT.to_owned());
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(account);
    }
    Err(invalid("registryId", "must satisfy regular expression '[0-9]{12}'"))
}

fn is_repository_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (2..=256).contains(&name.len())
        && name.split('/').all(|part| {
            part.bytes().all(|byte| is_plain(byte) || b"._-".contains(&byte))
                && part.bytes().next().is_some_and(is_plain)
                && part.bytes().next_back().is_some_and(is_plain)
        })
}

fn no_repository(account: &str, name: &str) -> Refusal {
    Refusal::new(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{account}'"
        ),
    )
}

fn invalid(parameter: &str, constraint: &str) -> Refusal {
    Refusal::invalid_parameter(format!(
        "Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
    ))
}

/// Checks how many things a request names.
fn named(parameter: &str, count: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(invalid(parameter, "Member must have length greater than or equal to 1")),
        1..=MOST_NAMED => Ok(()),
        _ => Err(invalid(parameter, "Member must have length less than or equal to 100")),
    }
}

/// Where a page begins, and how long it is. A token is the place of what comes next.
fn paging(token: Option<&str>, max_results: Option<i64>) -> Result<(usize, usize), Refusal> {
    let from = match token {
        None => 0,
        Some(token) => token
            .strip_prefix("ecr-")
            .and_then(|place| place.parse().ok())
            .ok_or_else(|| invalid("nextToken", "Invalid token"))?,
    };
    match max_results {
        None => Ok((from, 100)),
        Some(asked @ 1..=1000) => Ok((from, asked as usize)),
        Some(_) => Err(invalid("maxResults", "Member must have value between 1 and 1000")),
    }
}

/// A page of a list, and the token of the next one.
fn page<T>(list: &[T], (from, length): (usize, usize)) -> (&[T], Option<String>) {
    let from = from.min(list.len());
    let to = (from + length).min(list.len());
    (&list[from..to], (to < list.len()).then(|| format!("ecr-{to}")))
}

#[cfg(test)]
mod tests;
