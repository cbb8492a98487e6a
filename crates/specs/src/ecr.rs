//! The one file that speaks to ECR: what a tag points to now.
//!
//! DescribeImages answers it, and BatchGetImage, which says what is missing id by id, does not
//! serve: it *is* the pull. It counts as one (`lastRecordedPullTime`, which lifecycle policies go
//! by), asks the upstream of a pull-through cache, and sends whole manifests. Looking must not keep
//! an image alive. What DescribeImages lacks is a list of failures: one unknown tag refuses the
//! whole call, so a refused batch is asked again in halves until the unknown stands alone. A fleet
//! runs few tags of a repository, and seldom an unknown one: nearly always it is one call each.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Cause, Door, Error, Operation};
use aws_sdk_ecr::Client;
use aws_sdk_ecr::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ecr::types::ImageIdentifier;
use ecs::{Digest, EcrRepository, ImageReference};
use futures_util::future::join_all;
use record::Time;

/// DescribeImages takes a hundred ids at most (ECR API reference).
const TAGS_A_CALL: usize = 100;

/// A tag of a repository of a private ECR registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrImage {
    /// The repository, in its registry.
    pub repository: EcrRepository,
    /// The tag.
    pub tag: String,
}

impl EcrImage {
    /// The tag that a reference names; `latest` where it names neither tag nor digest. None for
    /// other registries, and for a digest without a tag: nothing can move there.
    pub fn of(image: &ImageReference) -> Option<Self> {
        let repository = image.ecr()?;
        let tag = match (image.tag(), image.digest()) {
            (Some(tag), _) => tag,
            (None, None) => "latest",
            (None, Some(_)) => return None,
        };
        Some(Self { repository, tag: tag.to_owned() })
    }
}

/// What a tag is in the registry now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagState {
    /// It points to an image that can be pulled.
    PointsTo {
        /// The image's digest: the index's, for an image of several platforms.
        digest: Digest,
        /// When that image was pushed; a tag may have been put on it later.
        pushed_at: Option<Time>,
    },
    /// There is no such tag in the repository, or its image is archived: nobody can pull it.
    Missing,
    /// There is no such repository in the registry.
    RepositoryMissing,
}

/// The private ECR registries, of whichever account and region an image's host names.
#[derive(Clone, Debug)]
pub struct Registry {
    door: Door,
}

impl Registry {
    /// The registries as seen through a door.
    pub fn new(door: &Door) -> Self {
        Self { door: door.clone() }
    }

    /// What each of the tags points to now. Each has an answer: what could not be read (the registry
    /// of another account needs a policy that allows it) says why.
    pub async fn tags(
        &self,
        wanted: &BTreeSet<EcrImage>,
    ) -> BTreeMap<EcrImage, Result<TagState, Error>> {
        let repositories = by_repository(wanted);
        let clients: BTreeMap<&str, Client> = repositories
            .keys()
            .map(|place| (place.region, Client::new(&self.door.sdk_config(place.region))))
            .collect();
        let answers = join_all(repositories.iter().map(|(place, tags)| async {
            let mut inquiry = Inquiry::new(tags);
            while let Some(batch) = inquiry.next_batch() {
                let answer = self.ask(&clients[place.region], place, &batch).await;
                inquiry.learn(batch, answer);
            }
            (*place, inquiry.answers)
        }));
        let answers: BTreeMap<Place<'_>, _> = answers.await.into_iter().collect();
        wanted
            .iter()
            .filter_map(|image| {
                let state = answers.get(&Place::of(image))?.get(&image.tag)?;
                Some((image.clone(), state.clone()))
            })
            .collect()
    }

    async fn ask(&self, client: &Client, place: &Place<'_>, tags: &[String]) -> Answer {
        let ids: Vec<ImageIdentifier> =
            tags.iter().map(|tag| ImageIdentifier::builder().image_tag(tag).build()).collect();
        let answer = self
            .door
            .call(Operation::DescribeImages, place.region, || {
                client
                    .describe_images()
                    .registry_id(place.account)
                    .repository_name(place.repository)
                    .set_image_ids(Some(ids.clone()))
                    .send()
            })
            .await;
        match answer {
            Ok(page) => match images(page) {
                Ok(found) => Answer::Images(found),
                Err(detail) => Answer::Failed(Error {
                    operation: Some(Operation::DescribeImages),
                    region: Some(place.region.to_owned()),
                    profile: self.door.profile().map(str::to_owned),
                    cause: Cause::Undecodable { detail },
                }),
            },
            Err(error) => Answer::of_failure(error),
        }
    }
}

/// The images of an answer by their tags. An image lists all its tags, not only those asked for.
fn images(page: DescribeImagesOutput) -> Result<BTreeMap<String, TagState>, String> {
    let mut found = BTreeMap::new();
    for image in page.image_details.unwrap_or_default() {
        let Some(digest) = image.image_digest else { continue };
        let digest = Digest::parse(&digest).map_err(|why| why.to_string())?;
        let pushed_at = image.image_pushed_at.map(|at| Time::from_seconds(at.as_secs_f64()));
        for tag in image.image_tags.unwrap_or_default() {
            found.insert(tag, TagState::PointsTo { digest: digest.clone(), pushed_at });
        }
    }
    Ok(found)
}

/// A repository, however its host is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    region: &'a str,
    account: &'a str,
    repository: &'a str,
}

impl<'a> Place<'a> {
    fn of(image: &'a EcrImage) -> Self {
        let EcrRepository { account, region, repository, .. } = &image.repository;
        Self { region, account, repository }
    }
}

fn by_repository(wanted: &BTreeSet<EcrImage>) -> BTreeMap<Place<'_>, BTreeSet<String>> {
    let mut found: BTreeMap<Place<'_>, BTreeSet<String>> = BTreeMap::new();
    for image in wanted {
        found.entry(Place::of(image)).or_default().insert(image.tag.clone());
    }
    found
}

/// What one call said.
#[derive(Clone, Debug)]
enum Answer {
    /// The images that were found, by tag.
    Images(BTreeMap<String, TagState>),
    /// At least one of the tags is not there.
    UnknownTag,
    UnknownRepository,
    Failed(Error),
}

impl Answer {
    fn of_failure(error: Error) -> Self {
        match &error.cause {
            Cause::Invalid { code, .. } if code == "ImageNotFoundException" => Self::UnknownTag,
            Cause::Invalid { code, .. } if code == "RepositoryNotFoundException" => {
                Self::UnknownRepository
            }
            _ => Self::Failed(error),
        }
    }
}

/// The questions about one repository's tags, and what is known of them.
#[derive(Debug)]
struct Inquiry {
    open: Vec<Vec<String>>,
    answers: BTreeMap<String, Result<TagState, Error>>,
}

impl Inquiry {
    fn new(tags: &BTreeSet<String>) -> Self {
        let tags: Vec<String> = tags.iter().cloned().collect();
        let open = tags.chunks(TAGS_A_CALL).rev().map(<[String]>::to_vec).collect();
        Self { open, answers: BTreeMap::new() }
    }

    /// The tags to ask for next, until all have an answer.
    fn next_batch(&mut self) -> Option<Vec<String>> {
        self.open.pop()
    }

    fn learn(&mut self, batch: Vec<String>, answer: Answer) {
        match answer {
            Answer::Images(found) => {
                let (known, unknown): (Vec<_>, Vec<_>) =
                    batch.into_iter().partition(|tag| found.contains_key(tag));
                let states = known.into_iter().filter_map(|tag| {
                    let state = found.get(&tag)?.clone();
                    Some((tag, Ok(state)))
                });
                self.answers.extend(states);
                // The call was served, and it was for these too: they are not to be had.
                self.settle(unknown, &Ok(TagState::Missing));
            }
            Answer::UnknownTag if batch.len() > 1 => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.open.push(second.to_vec());
                self.open.push(first.to_vec());
            }
            Answer::UnknownTag => self.settle(batch, &Ok(TagState::Missing)),
            Answer::UnknownRepository => {
                let open = std::mem::take(&mut self.open);
                let all = batch.into_iter().chain(open.into_iter().flatten()).collect();
                self.settle(all, &Ok(TagState::RepositoryMissing));
            }
            Answer::Failed(error) => self.settle(batch, &Err(error)),
        }
    }

    fn settle(&mut self, tags: Vec<String>, answer: &Result<TagState, Error>) {
        self.answers.extend(tags.into_iter().map(|tag| (tag, answer.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecr::primitives::DateTime;
    use aws_sdk_ecr::types::ImageDetail;
    use proptest::prelude::*;

    const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    fn digest(n: usize) -> Digest {
        Digest::parse(&format!("sha256:{n:064x}")).unwrap()
    }

    fn points_to(n: usize) -> TagState {
        TagState::PointsTo { digest: digest(n), pushed_at: None }
    }

    fn tags(names: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
        names.into_iter().map(|n| format!("v{n}")).collect()
    }

    fn image(text: &str) -> EcrImage {
        EcrImage::of(&ImageReference::parse(text).unwrap()).unwrap()
    }

    fn failure(cause: Cause) -> Error {
        let operation = Some(Operation::DescribeImages);
        Error { operation, region: None, profile: None, cause }
    }

    fn refused(code: &str) -> Answer {
        let (code, message) = (code.to_owned(), "no".to_owned());
        Answer::of_failure(failure(Cause::Invalid { code, message }))
    }

    /// What DescribeImages does: all of the images, or a refusal when one of the tags is unknown.
    fn registry(there: &BTreeMap<String, TagState>, batch: &[String]) -> Answer {
        assert!(!batch.is_empty() && batch.len() <= TAGS_A_CALL);
        match batch.iter().all(|tag| there.contains_key(tag)) {
            true => Answer::Images(
                there.iter().filter(|(tag, _)| batch.contains(tag)).map(clone).collect(),
            ),
            false => refused("ImageNotFoundException"),
        }
    }

    fn clone<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
        (key.clone(), value.clone())
    }

    /// The answers, and how many calls they took.
    fn settled(
        wanted: &BTreeSet<String>,
        mut ask: impl FnMut(&[String]) -> Answer,
    ) -> (BTreeMap<String, Result<TagState, Error>>, usize) {
        let mut inquiry = Inquiry::new(wanted);
        let mut calls = 0;
        while let Some(batch) = inquiry.next_batch() {
            calls += 1;
            let answer = ask(&batch);
            inquiry.learn(batch, answer);
        }
        (inquiry.answers, calls)
    }

    fn there(names: impl IntoIterator<Item = usize>) -> BTreeMap<String, TagState> {
        names.into_iter().map(|n| (format!("v{n}"), points_to(n))).collect()
    }

    #[test]
    fn tags_that_are_all_there_take_a_call_a_hundred() {
        let all = there(0..250);
        let (answers, calls) = settled(&tags(0..250), |batch| registry(&all, batch));
        assert_eq!(calls, 3);
        assert_eq!(answers.len(), 250);
        for (tag, state) in answers {
            assert_eq!(state.unwrap(), all[&tag]);
        }
    }

    #[test]
    fn one_unknown_tag_is_found_by_halves_and_the_others_have_their_answer() {
        let all = there((0..100).filter(|n| *n != 42));
        let (answers, calls) = settled(&tags(0..100), |batch| registry(&all, batch));
        assert!(calls <= 15, "{calls} calls");
        for n in 0..100 {
            let expected = if n == 42 { TagState::Missing } else { points_to(n) };
            assert_eq!(answers[&format!("v{n}")].as_ref().unwrap(), &expected);
        }
    }

    #[test]
    fn an_unknown_repository_is_asked_for_once() {
        let (answers, calls) = settled(&tags(0..300), |_| refused("RepositoryNotFoundException"));
        assert_eq!((answers.len(), calls), (300, 1));
        assert!(
            answers.values().all(|state| *state.as_ref().unwrap() == TagState::RepositoryMissing)
        );
    }

    #[test]
    fn what_could_not_be_read_says_why_and_the_rest_is_still_read() {
        let all = there(0..150);
        let denied = Cause::Denied { message: "not your registry".to_owned() };
        let mut calls = 0;
        let (answers, _) = settled(&tags(0..150), |batch| {
            calls += 1;
            match calls {
                1 => Answer::of_failure(failure(denied.clone())),
                _ => registry(&all, batch),
            }
        });
        let failed = answers.values().filter_map(|state| state.as_ref().err());
        assert_eq!(failed.clone().count(), 100);
        assert!(failed.clone().all(|error| error.cause == denied));
        assert_eq!(answers.values().filter(|state| state.is_ok()).count(), 50);
    }

    #[test]
    fn a_tag_that_a_served_call_leaves_out_cannot_be_had() {
        // An archived image is not among the active ones, which are all that is returned.
        let found = there([1]);
        let (answers, calls) = settled(&tags([1, 2]), |_| Answer::Images(found.clone()));
        assert_eq!(calls, 1);
        assert_eq!(answers["v1"].as_ref().unwrap(), &points_to(1));
        assert_eq!(answers["v2"].as_ref().unwrap(), &TagState::Missing);
    }

    #[test]
    fn an_image_answers_for_each_of_its_tags() {
        let detail = |n: usize, tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            ImageDetail::builder()
                .image_digest(digest(n).as_str())
                .set_image_tags(Some(tags))
                .image_pushed_at(DateTime::from_millis(1_763_800_000_250))
                .build()
        };
        let untagged = ImageDetail::builder().image_digest(digest(3).as_str()).build();
        let page = DescribeImagesOutput::builder()
            .image_details(detail(1, &["latest", "v7"]))
            .image_details(detail(2, &["v6"]))
            .image_details(untagged)
            .build();
        let state = |n| TagState::PointsTo {
            digest: digest(n),
            pushed_at: Some(Time::from_millis(1_763_800_000_250)),
        };
        let expected = [("latest", 1), ("v6", 2), ("v7", 1)]
            .map(|(tag, n)| (tag.to_owned(), state(n)))
            .into_iter()
            .collect();
        assert_eq!(images(page), Ok(expected));

        let odd = ImageDetail::builder().image_digest("sha256:odd").image_tags("v1").build();
        let page = DescribeImagesOutput::builder().image_details(odd).build();
        assert!(images(page).unwrap_err().contains("sha256:odd"));
    }

    #[test]
    fn two_spellings_of_a_host_are_one_repository() {
        let dual = "123456789012.dkr-ecr.eu-west-1.on.aws";
        let wanted = BTreeSet::from([
            image(&format!("{HOST}/team/api:v1")),
            image(&format!("{dual}/team/api:v1")),
            image(&format!("{dual}/team/api:v2")),
            image(&format!("{HOST}/team/web")),
            image("210987654321.dkr.ecr.us-east-1.amazonaws.com/team/api:v1"),
        ]);
        let repositories: Vec<_> = by_repository(&wanted)
            .into_iter()
            .map(|(place, tags)| {
                let tags = tags.into_iter().collect::<Vec<_>>().join(" ");
                format!("{} {} {}: {tags}", place.region, place.account, place.repository)
            })
            .collect();
        assert_eq!(
            repositories,
            [
                "eu-west-1 123456789012 team/api: v1 v2",
                "eu-west-1 123456789012 team/web: latest",
                "us-east-1 210987654321 team/api: v1",
            ]
        );
    }

    #[test]
    fn a_reference_asks_for_its_tag_or_latest_and_a_lone_digest_for_nothing() {
        let of = |text: String| EcrImage::of(&ImageReference::parse(&text).unwrap());
        let digest = digest(1);
        assert_eq!(of(format!("{HOST}/api:v1")).unwrap().tag, "v1");
        assert_eq!(of(format!("{HOST}/api:v1@{digest}")).unwrap().tag, "v1");
        assert_eq!(of(format!("{HOST}/api")).unwrap().tag, "latest");
        assert_eq!(of(format!("{HOST}/api@{digest}")), None);
        assert_eq!(of("public.ecr.aws/nginx/nginx:1".to_owned()), None);
        assert_eq!(of("nginx:1".to_owned()), None);
    }

    proptest! {
        #[test]
        fn every_tag_has_its_own_answer_whatever_is_missing(
            wanted in prop::collection::btree_set(0usize..400, 0..250),
            missing in prop::collection::btree_set(0usize..400, 0..30),
        ) {
            let all = there((0..400).filter(|n| !missing.contains(n)));
            let (answers, calls) = settled(&tags(wanted.clone()), |batch| registry(&all, batch));
            prop_assert_eq!(answers.len(), wanted.len());
            for n in &wanted {
                let expected =
                    if missing.contains(n) { TagState::Missing } else { points_to(*n) };
                prop_assert_eq!(answers[&format!("v{n}")].as_ref().unwrap(), &expected);
            }
            // A batch each, and at most two calls a halving for each that is missing.
            let absent = missing.intersection(&wanted).count();
            prop_assert!(calls <= wanted.len().div_ceil(TAGS_A_CALL) + 2 * 7 * absent);
        }
    }
}
