//! What a deployment brought in place of what, in a clause. Pure.

use ecs::{ContainerImage, Digest, ImageReference, ServiceRevision, family_and_revision};

/// What a service runs: of a service revision, or of a task definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Version {
    /// `family:revision`
    pub(super) task_definition: Option<String>,
    /// What its containers run.
    pub(super) images: Vec<ContainerImage>,
}

impl Version {
    pub(super) fn of_revision(revision: &ServiceRevision) -> Self {
        Self {
            task_definition: revision.task_definition.as_deref().map(short),
            images: revision.images.clone(),
        }
    }
}

/// `coredns:12` of a task definition's ARN.
pub(super) fn short(task_definition: &str) -> String {
    family_and_revision(task_definition).to_owned()
}

/// What differs between what ran and what is to run, as names of attributes.
pub(super) fn attributes(from: Option<&Version>, to: &Version) -> Vec<String> {
    let Some(from) = from else { return vec!["task_definition".to_owned()] };
    let mut all = Vec::new();
    if from.task_definition != to.task_definition {
        all.push("task_definition");
    }
    if !changes(from, to).is_empty() {
        all.push("image");
    }
    if all.is_empty() {
        all.push("force_new_deployment");
    }
    all.into_iter().map(str::to_owned).collect()
}

/// `coredns v1.11.1 -> v1.11.3`, of each container that changes; the task definitions where the
/// images are the same.
pub(super) fn summary(from: Option<&Version>, to: &Version) -> String {
    let Some(from) = from else { return first(to) };
    let images = changes(from, to);
    if !images.is_empty() {
        return images.join(", ");
    }
    match (&from.task_definition, &to.task_definition) {
        (Some(from), Some(to)) if from != to => between_definitions(from, to),
        (_, Some(to)) => format!("{to} deployed again"),
        _ => "deployed again".to_owned(),
    }
}

/// What a service runs of which nothing is known before: `api v1` of its containers.
fn first(to: &Version) -> String {
    let images = to.images.iter().map(|image| format!("{} {}", image.container, label(image)));
    let images = images.collect::<Vec<_>>().join(", ");
    match &to.task_definition {
        Some(definition) if images.is_empty() => definition.clone(),
        Some(definition) => format!("{definition} ({images})"),
        None if images.is_empty() => "a new version".to_owned(),
        None => images,
    }
}

/// `txn-writer:57 -> :58`
fn between_definitions(from: &str, to: &str) -> String {
    let parts = (from.rsplit_once(':'), to.rsplit_once(':'));
    match parts {
        (Some((family, _)), Some((same, revision))) if family == same => {
            format!("{from} -> :{revision}")
        }
        _ => format!("{from} -> {to}"),
    }
}

/// A clause for each container that runs another image, is new, or is gone. Without the images of
/// both sides nothing can be said.
fn changes(from: &Version, to: &Version) -> Vec<String> {
    if from.images.is_empty() || to.images.is_empty() {
        return Vec::new();
    }
    let named = |images: &'_ [ContainerImage], name: &str| -> Option<ContainerImage> {
        images.iter().find(|image| image.container == name).cloned()
    };
    let mut said: Vec<String> = Vec::new();
    for image in &to.images {
        match named(&from.images, &image.container) {
            Some(before) => said.extend(change(&before, image)),
            None => said.push(format!("+ {} {}", image.container, label(image))),
        }
    }
    let gone = from.images.iter().filter(|image| named(&to.images, &image.container).is_none());
    said.extend(gone.map(|image| format!("- {} {}", image.container, label(image))));
    said
}

fn change(before: &ContainerImage, after: &ContainerImage) -> Option<String> {
    let name = &after.container;
    let (was, is) = (parsed(before), parsed(after));
    let (old, new) = (label(before), label(after));
    if old != new {
        return Some(format!("{name} {old} -> {new}"));
    }
    let repositories = (was.as_ref().map(place), is.as_ref().map(place));
    if let (Some(was), Some(is)) = repositories
        && was != is
    {
        return Some(format!("{name} {was} -> {is} ({new})"));
    }
    match (digest(before), digest(after)) {
        (Some(old), Some(is)) if old != is => {
            Some(format!("{name} {new} ({} -> {})", old.short(), is.short()))
        }
        _ => None,
    }
}

fn place(image: &ImageReference) -> String {
    match image.registry() {
        Some(registry) => format!("{registry}/{}", image.repository()),
        None => image.repository().to_owned(),
    }
}

fn parsed(image: &ContainerImage) -> Option<ImageReference> {
    ImageReference::parse(image.image.as_deref()?).ok()
}

/// What the image stands for: as ECS found it, else as it is written.
fn digest(image: &ContainerImage) -> Option<Digest> {
    let found = image.digest.as_deref().and_then(|digest| Digest::parse(digest).ok());
    found.or_else(|| parsed(image)?.digest().cloned())
}

/// The shortest name that people know an image by: its tag, else its digest's first digits. What
/// does not follow the grammar is shown as it is.
fn label(image: &ContainerImage) -> String {
    let reference = parsed(image);
    if let Some(tag) = reference.as_ref().and_then(ImageReference::tag) {
        return tag.to_owned();
    }
    match (digest(image), &image.image) {
        (Some(digest), _) => digest.short().to_owned(),
        (None, Some(_)) if reference.is_some() => "latest".to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "an unknown image".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn version(definition: &str, images: &[(&str, &str, &str)]) -> Version {
        let images = images.iter().map(|(container, image, digest)| ContainerImage {
            container: (*container).to_owned(),
            image: Some((*image).to_owned()),
            digest: Some((*digest).to_owned()),
        });
        Version { task_definition: Some(definition.to_owned()), images: images.collect() }
    }

    #[test]
    fn each_container_that_changes_is_named_with_both_tags() {
        let from = version("api:7", &[("api", "r/api:v1", A), ("agent", "r/agent:3", A)]);
        let to = version("api:8", &[("api", "r/api:v2", B), ("agent", "r/agent:3", A)]);
        assert_eq!(summary(Some(&from), &to), "api v1 -> v2");
        assert_eq!(attributes(Some(&from), &to), ["task_definition", "image"]);
        let both = version("api:8", &[("api", "r/api:v2", B), ("agent", "r/agent:4", B)]);
        assert_eq!(summary(Some(&from), &both), "api v1 -> v2, agent 3 -> 4");
    }

    #[test]
    fn containers_that_come_and_go_are_said() {
        let from = version("api:7", &[("api", "api:v1", A), ("old", "old:1", A)]);
        let to = version("api:8", &[("api", "api:v1", A), ("new", "new:2", B)]);
        assert_eq!(summary(Some(&from), &to), "+ new 2, - old 1");
    }

    #[test]
    fn a_tag_that_was_moved_is_told_by_its_digests() {
        let from = version("api:7", &[("api", "api:latest", A)]);
        let to = version("api:7", &[("api", "api:latest", B)]);
        assert_eq!(summary(Some(&from), &to), "api latest (aaaaaaaaaaaa -> bbbbbbbbbbbb)");
        assert_eq!(attributes(Some(&from), &to), ["image"]);
    }

    #[test]
    fn where_the_images_are_the_same_the_definitions_are_told() {
        let from = version("txn-writer:57", &[("writer", "w:1", A)]);
        let to = version("txn-writer:58", &[("writer", "w:1", A)]);
        assert_eq!(summary(Some(&from), &to), "txn-writer:57 -> :58");
        assert_eq!(summary(Some(&from), &from), "txn-writer:57 deployed again");
        assert_eq!(attributes(Some(&from), &from), ["force_new_deployment"]);
        let other = version("ledger:1", &[("writer", "w:1", A)]);
        assert_eq!(summary(Some(&from), &other), "txn-writer:57 -> ledger:1");
    }

    #[test]
    fn the_first_version_of_a_service_comes_from_nothing() {
        let to = version("api:1", &[("api", "r/api:v1", A)]);
        assert_eq!(summary(None, &to), "api:1 (api v1)");
        assert_eq!(summary(None, &Version::default()), "a new version");
    }

    #[test]
    fn the_same_tag_of_another_registry_is_another_image() {
        let from = version("api:7", &[("api", "a.example/api:v1", A)]);
        let to = version("api:8", &[("api", "b.example/api:v1", A)]);
        assert_eq!(summary(Some(&from), &to), "api a.example/api -> b.example/api (v1)");
    }

    proptest! {
        #[test]
        fn any_text_of_an_image_is_said_and_the_same_text_is_no_change(text in "\\PC{0,60}") {
            let one = version("a:1", &[("c", &text, A)]);
            prop_assert!(changes(&one, &one).is_empty());
            prop_assert!(!summary(None, &one).is_empty());
        }
    }
}
