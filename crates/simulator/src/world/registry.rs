//! The registries: which repositories there are, and which images they hold at a moment.
//!
//! A drill's registry holds what was ever deployed from it, under the tags and digests by which it was deployed, and
//! what was pushed to such a tag since (`push`), unless the scenario says that an image is gone.

use std::collections::BTreeMap;

use super::fleet::Life;
use super::scenario::Scenario;
use super::{World, hash, images};

/// An image is pushed at least so long before the first deployment that uses it, and up to [`PUSHED_WITHIN`] longer.
const PUSHED_BEFORE: i64 = 180_000;
const PUSHED_WITHIN: u64 = 600_000;

/// A repository is made so long before its first image is pushed.
const MADE_BEFORE: i64 = 40 * 86_400_000;

/// An image in a private registry of AWS: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG@DIGEST`, of which the tag
/// or the digest or both may be left out.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) place: Place,
    /// `latest` where neither a tag nor a digest is said.
    pub(crate) tag: Option<String>,
    pub(crate) digest: Option<String>,
}

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) repository: String,
}

impl Reference {
    /// `None` for an image of any other registry.
    pub(crate) fn parse(image: &str) -> Option<Reference> {
        let (host, rest) = image.split_once('/')?;
        let (account, rest_of_host) = host.split_once(".dkr.ecr.")?;
        let region = rest_of_host.strip_suffix(".amazonaws.com")?;
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (rest, None),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag.to_owned())),
            None => (rest, digest.is_none().then(|| "latest".to_owned())),
        };
        Some(Reference {
            place: Place {
                region: region.to_owned(),
                account: account.to_owned(),
                repository: repository.to_owned(),
            },
            tag,
            digest,
        })
    }

    /// Whether `self`, which a scenario calls missing, is what `other` names.
    fn covers(&self, other: &Reference) -> bool {
        self.place == other.place
            && match &self.digest {
                Some(digest) => other.digest.as_ref() == Some(digest),
                None => other.tag == self.tag,
            }
    }
}

/// One text by which images were deployed, and since when.
#[derive(Debug)]
struct Used {
    text: String,
    tag: Option<String>,
    missing: bool,
    /// When a deployment of it was made, in milliseconds since the epoch; the earliest first.
    at: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    repositories: BTreeMap<Place, Vec<Used>>,
}

/// An image that a repository holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) digest: String,
    /// In the order of the alphabet; none when its only tag was moved on.
    pub(crate) tags: Vec<String>,
    /// In milliseconds since the epoch.
    pub(crate) pushed: i64,
}

impl Registry {
    pub(super) fn new(scenario: &Scenario, lives: &[Life]) -> Registry {
        let mut used: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for deployment in lives.iter().flat_map(|life| &life.deployments) {
            for image in &deployment.images {
                used.entry(image).or_default().push(deployment.created);
            }
        }
        let mut registry = Registry::default();
        for (text, mut at) in used {
            let Some(reference) = Reference::parse(text) else { continue };
            at.sort_unstable();
            at.dedup();
            let missing = scenario.missing_images.iter().any(|image| image.covers(&reference));
            let tag = reference.tag;
            let repository = registry.repositories.entry(reference.place).or_default();
            repository.push(Used { text: text.to_owned(), tag, missing, at });
        }
        registry
    }
}

impl Used {
    /// How long it was pushed before it was deployed.
    fn lead(&self) -> i64 {
        PUSHED_BEFORE + hash::below(hash::of_text(0, &self.text), PUSHED_WITHIN) as i64
    }

    /// The images that have been pushed by now, each as a moment at which the text stands for it, and the moment at
    /// which it was pushed: those that a deployment found, and those that moved the tag.
    fn pushes(&self, world: &World, now: i64) -> Vec<(i64, i64)> {
        let text = images::with_tag(&self.text);
        let moves: Vec<i64> = world
            .scenario
            .pushes
            .iter()
            .filter(|push| push.image == text)
            .map(|push| world.page + push.at)
            .collect();
        let found = self.at.iter().map(|at| {
            let moved = moves.iter().rev().find(|moved| *moved <= at);
            (*at, moved.copied().unwrap_or(at - self.lead()))
        });
        let moved = moves.iter().map(|at| (*at, *at));
        found.chain(moved).filter(|(_, pushed)| *pushed <= now).collect()
    }
}

impl World {
    /// The repositories of a registry by name, each with the moment at which it was made.
    pub(crate) fn repositories<'w>(
        &'w self,
        region: &'w str,
        account: &'w str,
        now: i64,
    ) -> impl Iterator<Item = (&'w Place, i64)> {
        self.registry
            .repositories
            .iter()
            .filter(move |(place, _)| place.region == region && place.account == account)
            .filter_map(|(place, used)| {
                let first = used.iter().map(|used| used.at[0] - used.lead()).min()?;
                Some((place, first - MADE_BEFORE))
            })
            .filter(move |(_, made)| *made <= now)
    }

    /// The images that a repository holds, by digest. `None` when there is no such repository.
    pub(crate) fn images_of(&self, place: &Place, now: i64) -> Option<Vec<Held>> {
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        // A tag that was moved is that of its newest image only.
        let mut tags: BTreeMap<&str, (i64, String)> = BTreeMap::new();
        let used = self.registry.repositories.get(place)?;
        for used in used.iter().filter(|used| !used.missing) {
            for (at, pushed) in used.pushes(self, now) {
                let digest = self.digest_at(&used.text, at);
                if let Some(tag) = &used.tag {
                    let newest = tags.entry(tag).or_insert_with(|| (pushed, digest.clone()));
                    if newest.0 < pushed {
                        *newest = (pushed, digest.clone());
                    }
                }
                let image = held.entry(digest.clone());
                let image = image.or_insert_with(|| Held { digest, tags: Vec::new(), pushed });
                image.pushed = image.pushed.min(pushed);
            }
        }
        for (tag, (_, digest)) in tags {
            if let Some(image) = held.get_mut(&digest) {
                image.tags.push(tag.to_owned());
            }
        }
        Some(held.into_values().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_apart() {
        let home = "000000000000.dkr.ecr.us-east-1.amazonaws.com";
        let parts = |image: &str| {
            let reference = Reference::parse(image)?;
            Some((reference.place.repository, reference.tag, reference.digest))
        };
        let some = |text: &str| Some(text.to_owned());
        let digest = "sha256:00";
        for (rest, repository, tag, digest_said) in [
            ("web/docs:1.2", "web/docs", some("1.2"), None),
            ("web/docs", "web/docs", some("latest"), None),
            ("web/docs@sha256:00", "web/docs", None, some(digest)),
            ("docs:1@sha256:00", "docs", some("1"), some(digest)),
        ] {
            let expected = Some((repository.to_owned(), tag, digest_said));
            assert_eq!(parts(&format!("{home}/{rest}")), expected, "{rest}");
        }
        for other in [
            "nginx",
            "nginx:1",
            "public.ecr.aws/nginx/nginx:1",
            "12.dkr.ecr.us-east-1.amazonaws.com/a:1",
            "registry.example:5000/a:1",
        ] {
            assert_eq!(Reference::parse(other), None, "{other}");
        }
    }
}
