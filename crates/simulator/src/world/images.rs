//! What an image reference stands for: its tag, and its digest at a moment.
//!
//! A tag is a name that can be moved (`push`), a digest is what it named. Whoever has to know what a reference
//! stands for asks here, so that ECS, ECR and whatever comes later never disagree.

use std::borrow::Cow;

use super::World;
use super::hash;
use super::scenario::Push;

/// The tag of an image, or `latest`.
pub(crate) fn image_tag(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split('@').next().unwrap_or(name);
    name.split_once(':').map_or("latest", |(_, tag)| tag)
}

/// What an image reference stands for at a moment, relative to the page as `pushes` are.
///
/// A reference with a digest stands for that. A tag stands for what was last pushed to it; before the first
/// push, for a digest that is made of the tag's text, so that the same tag is the same image everywhere.
fn digest_at(pushes: &[Push], image: &str, offset_ms: i64) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.to_owned();
    }
    let image = with_tag(image);
    let pushed = pushes.iter().rev().find(|push| push.at <= offset_ms && push.image == image);
    pushed.map_or_else(|| made_of(&image, 0), |push| push.digest.clone())
}

/// The digest that the `nth` push to a tag gives it, when the scenario names none; 0 is what was there before.
pub(crate) fn made_of(image: &str, nth: u64) -> String {
    format!("sha256:{}", hash::hex(hash::of_text(nth, image), 64))
}

/// The reference with its tag written out: `web/docs` is `web/docs:latest`.
pub(crate) fn with_tag(image: &str) -> Cow<'_, str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    if name.contains(':') { Cow::Borrowed(image) } else { Cow::Owned(format!("{image}:latest")) }
}

impl World {
    /// The digest that an image reference stands for at a moment, in milliseconds since the epoch.
    pub(crate) fn digest_at(&self, image: &str, time_ms: i64) -> String {
        digest_at(&self.scenario.pushes, image, time_ms - self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(at: i64, image: &str, digest: &str) -> Push {
        Push { at, image: image.to_owned(), digest: digest.to_owned() }
    }

    #[test]
    fn a_tag_stands_for_what_was_last_pushed_to_it() {
        let pushes = [push(-50, "web:latest", "sha256:one"), push(10, "web:latest", "sha256:two")];
        assert_eq!(digest_at(&pushes, "web:latest", -51), made_of("web:latest", 0));
        assert_eq!(digest_at(&pushes, "web:latest", -50), "sha256:one");
        assert_eq!(digest_at(&pushes, "web:latest", 9), "sha256:one");
        assert_eq!(digest_at(&pushes, "web:latest", 10), "sha256:two");
        assert_eq!(digest_at(&pushes, "web:1.2", 10), made_of("web:1.2", 0));
    }

    #[test]
    fn a_reference_without_a_tag_is_latest() {
        let pushes = [push(0, "example.com:5000/web:latest", "sha256:one")];
        assert_eq!(digest_at(&pushes, "example.com:5000/web", 0), "sha256:one");
        assert_eq!(image_tag("example.com:5000/web"), "latest");
        assert_eq!(image_tag("example.com:5000/web:v2@sha256:aa"), "v2");
    }

    #[test]
    fn a_digest_stands_for_itself_whatever_is_pushed() {
        let pushes = [push(0, "web:1", "sha256:one")];
        assert_eq!(digest_at(&pushes, "web:1@sha256:aa", 5), "sha256:aa");
        assert_eq!(digest_at(&pushes, "web@sha256:aa", 5), "sha256:aa");
    }
}
