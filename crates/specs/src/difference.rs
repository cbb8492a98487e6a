//! How two looks at a fleet differ. Pure.

use std::collections::{BTreeMap, BTreeSet};

use record::Time;
use serde::Serialize;

use crate::service_record::ServiceRecord;

/// What makes two records be of the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Service and container: two clusters, accounts or regions are compared. What differs between those
    /// anyway does not count: the registry's host, the number of a task definition's revision, how many
    /// tasks there are to be. What counts is the repository, the tag and the digest.
    WithinCluster,
    /// Cluster, service and container, of two accounts or regions. The same counts as within a cluster.
    ByCluster,
    /// Cluster, service and container: the same fleet at two moments. The registry, the task definition
    /// and the desired count count too.
    Whole,
}

/// One container of a service that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DifferenceRecord {
    /// When the later of both was looked at: that of b, where it has one.
    pub time: Option<Time>,
    /// `difference`.
    pub kind: &'static str,
    /// The account, where both are of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region, where both are of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The cluster's name, where both are of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The service's name.
    pub service: String,
    /// The container's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What kind of a difference it is.
    pub difference: Difference,
    /// The names of the fields that differ; where only one side has it, of those that it has.
    pub fields: Vec<&'static str>,
    /// Those fields in a.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<Side>,
    /// Those fields in b.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<Side>,
    /// When what b runs was deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployed: Option<Time>,
}

/// How both sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Only a has it.
    OnlyInA,
    /// Only b has it.
    OnlyInB,
    /// Both have it, and it is not the same.
    Changed,
}

/// What one side runs, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The registry's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// The repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// `family:revision`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// How many tasks there are to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<u32>,
}

impl Key {
    /// What belongs together where clusters are not named: the same fleet, unless no account and region
    /// has records on both sides.
    pub fn of(a: &[ServiceRecord], b: &[ServiceRecord]) -> Self {
        let homes = |records: &[ServiceRecord]| -> BTreeSet<(Option<String>, String)> {
            records.iter().map(|one| (one.account.clone(), one.region.clone())).collect()
        };
        let (of_a, of_b) = (homes(a), homes(b));
        let are_apart = !of_a.is_empty() && !of_b.is_empty() && of_a.is_disjoint(&of_b);
        if are_apart { Self::ByCluster } else { Self::Whole }
    }
}

/// How b differs from a: one record for each service and container that is not the same, sorted. What a
/// side does not know is not compared; where one does not know the containers of a service, nothing of
/// it is.
///
/// Under one key the records of the same account and region belong together, and the rest do in their
/// order.
pub fn differences(a: &[ServiceRecord], b: &[ServiceRecord], by: Key) -> Vec<DifferenceRecord> {
    let (seen_in_a, seen_in_b) = (Seen::of(a, by), Seen::of(b, by));
    let mut by_key: BTreeMap<_, (Vec<&ServiceRecord>, Vec<&ServiceRecord>)> = BTreeMap::new();
    for record in a.iter().filter(|record| seen_in_b.can_be_compared_with(record, by)) {
        by_key.entry(key(record, by)).or_default().0.push(record);
    }
    for record in b.iter().filter(|record| seen_in_a.can_be_compared_with(record, by)) {
        by_key.entry(key(record, by)).or_default().1.push(record);
    }
    let pairs = by_key.into_values().flat_map(|(of_a, of_b)| pairs(of_a, of_b));
    pairs.filter_map(|(a, b)| difference(a, b, by)).collect()
}

/// A service, without its container.
type ServiceKey<'a> = (Option<&'a str>, &'a str);

/// The services of a side.
struct Seen<'a> {
    all: BTreeSet<ServiceKey<'a>>,
    /// Those whose containers are not known.
    without_containers: BTreeSet<ServiceKey<'a>>,
}

impl<'a> Seen<'a> {
    fn of(records: &'a [ServiceRecord], by: Key) -> Self {
        let services = |records: &mut dyn Iterator<Item = &'a ServiceRecord>| {
            records.map(|record| service_key(record, by)).collect()
        };
        Self {
            all: services(&mut records.iter()),
            without_containers: services(
                &mut records.iter().filter(|record| record.container.is_none()),
            ),
        }
    }

    fn can_be_compared_with(&self, other: &ServiceRecord, by: Key) -> bool {
        let service = service_key(other, by);
        match other.container {
            Some(_) => !self.without_containers.contains(&service),
            None => !self.all.contains(&service) || self.without_containers.contains(&service),
        }
    }
}

fn service_key(record: &ServiceRecord, by: Key) -> ServiceKey<'_> {
    let (cluster, service, _) = key(record, by);
    (cluster, service)
}

fn key(record: &ServiceRecord, by: Key) -> (Option<&str>, &str, Option<&str>) {
    let cluster = (by != Key::WithinCluster).then_some(record.cluster.as_str());
    (cluster, &record.service, record.container.as_deref())
}

type Pair<'a> = (Option<&'a ServiceRecord>, Option<&'a ServiceRecord>);

/// Which records of one key belong together.
fn pairs<'a>(of_a: Vec<&'a ServiceRecord>, mut of_b: Vec<&'a ServiceRecord>) -> Vec<Pair<'a>> {
    let home = |record: &ServiceRecord| {
        (record.account.clone(), record.region.clone(), record.cluster.clone())
    };
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    let mut left = Vec::new();
    for a in of_a {
        match of_b.iter().position(|b| home(b) == home(a)) {
            Some(at) => pairs.push((Some(a), Some(of_b.remove(at)))),
            None => left.push(a),
        }
    }
    let longest = left.len().max(of_b.len());
    pairs.extend((0..longest).map(|at| (left.get(at).copied(), of_b.get(at).copied())));
    pairs
}

fn difference(
    a: Option<&ServiceRecord>,
    b: Option<&ServiceRecord>,
    by: Key,
) -> Option<DifferenceRecord> {
    let any = b.or(a)?;
    let (difference, a_side, b_side, fields) = match (a, b) {
        (Some(a), Some(b)) => {
            let (mut a, mut b) = (side(a, by), side(b, by));
            let fields = compare(&mut a, &mut b);
            if fields.is_empty() {
                return None;
            }
            (Difference::Changed, Some(a), Some(b), fields)
        }
        (Some(a), None) => {
            let side = side(a, by);
            let fields = fields_of(&side);
            (Difference::OnlyInA, Some(side), None, fields)
        }
        (None, _) => {
            let side = side(any, by);
            let fields = fields_of(&side);
            (Difference::OnlyInB, None, Some(side), fields)
        }
    };
    let is_shared =
        |same: fn(&ServiceRecord, &ServiceRecord) -> bool| a.zip(b).is_none_or(|(a, b)| same(a, b));
    Some(DifferenceRecord {
        time: any.time.or_else(|| a?.time),
        kind: "difference",
        account: any.account.clone().filter(|_| is_shared(|a, b| a.account == b.account)),
        region: Some(any.region.clone()).filter(|_| is_shared(|a, b| a.region == b.region)),
        cluster: Some(any.cluster.clone()).filter(|_| is_shared(|a, b| a.cluster == b.cluster)),
        service: any.service.clone(),
        container: any.container.clone(),
        difference,
        fields,
        a: a_side,
        b: b_side,
        deployed: b.and_then(|b| b.deployed),
    })
}

/// What counts of a record.
fn side(record: &ServiceRecord, by: Key) -> Side {
    // Looking at a service gives its status. A record without one was put together from the history,
    // which does not say how many tasks there were.
    let was_seen = record.status.is_some();
    let is_whole = by == Key::Whole;
    Side {
        registry: record.registry.clone().filter(|_| is_whole),
        repository: record.repository.clone(),
        tag: record.tag.clone(),
        digest: record.digest.clone(),
        task_definition: record.task_definition.clone().filter(|_| is_whole),
        desired: (is_whole && was_seen).then_some(record.desired),
    }
}

/// Leaves in both what differs, and says its names. An image's parts may be absent while the image is
/// known (no tag, Docker Hub's own host); a digest, a task definition and a count may only be unknown.
fn compare(a: &mut Side, b: &mut Side) -> Vec<&'static str> {
    let are_known = a.repository.is_some() && b.repository.is_some();
    let mut fields = Vec::new();
    let mut keep = |name, is_different: bool| {
        if is_different {
            fields.push(name);
        }
        is_different
    };
    if !keep("registry", are_known && a.registry != b.registry) {
        (a.registry, b.registry) = (None, None);
    }
    if !keep("repository", are_known && a.repository != b.repository) {
        (a.repository, b.repository) = (None, None);
    }
    if !keep("tag", are_known && a.tag != b.tag) {
        (a.tag, b.tag) = (None, None);
    }
    if !keep("digest", differ(&a.digest, &b.digest)) {
        (a.digest, b.digest) = (None, None);
    }
    if !keep("task_definition", differ(&a.task_definition, &b.task_definition)) {
        (a.task_definition, b.task_definition) = (None, None);
    }
    if !keep("desired", differ(&a.desired, &b.desired)) {
        (a.desired, b.desired) = (None, None);
    }
    fields
}

/// Whether both are known, and not the same.
fn differ<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
    a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b)
}

fn fields_of(side: &Side) -> Vec<&'static str> {
    let fields = [
        ("registry", side.registry.is_some()),
        ("repository", side.repository.is_some()),
        ("tag", side.tag.is_some()),
        ("digest", side.digest.is_some()),
        ("task_definition", side.task_definition.is_some()),
        ("desired", side.desired.is_some()),
    ];
    fields.into_iter().filter(|(_, is_known)| *is_known).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(cluster: &str, service: &str, tag: &str, digest: &str) -> ServiceRecord {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        ServiceRecord {
            cluster: cluster.to_owned(),
            service: service.to_owned(),
            container: some(service),
            repository: some("api"),
            registry: some("r"),
            tag: some(tag),
            digest: some(digest),
            task_definition: some("api:7"),
            desired: 4,
            status: some("ACTIVE"),
            ..ServiceRecord::default()
        }
    }

    #[test]
    fn a_rollout_is_one_record_with_the_fields_that_changed() {
        let a = record("prod", "api", "v1", "sha256:a");
        let mut b = record("prod", "api", "v2", "sha256:b");
        b.task_definition = Some("api:8".to_owned());
        b.deployed = Some(Time::from_millis(5));
        let all = differences(&[a], &[b], Key::Whole);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].fields, ["tag", "digest", "task_definition"]);
        assert_eq!(
            serde_json::to_value(&all[0]).unwrap(),
            serde_json::json!({
                "time": null, "kind": "difference", "region": "", "cluster": "prod",
                "service": "api", "container": "api", "difference": "changed",
                "fields": ["tag", "digest", "task_definition"],
                "a": {"tag": "v1", "digest": "sha256:a", "task_definition": "api:7"},
                "b": {"tag": "v2", "digest": "sha256:b", "task_definition": "api:8"},
                "deployed": "1970-01-01T00:00:00.005Z",
            })
        );
    }

    #[test]
    fn a_tag_that_was_moved_is_seen_by_its_digest_alone() {
        let all = differences(
            &[record("prod", "api", "latest", "sha256:a")],
            &[record("prod", "api", "latest", "sha256:b")],
            Key::Whole,
        );
        assert_eq!(all[0].fields, ["digest"]);
    }

    #[test]
    fn what_a_side_does_not_know_is_not_compared() {
        let now = record("prod", "api", "v1", "sha256:a");
        let mut then = record("prod", "api", "v1", "");
        (then.status, then.desired) = (None, 0);
        let now = [now];
        let of = |then: &ServiceRecord| differences(std::slice::from_ref(then), &now, Key::Whole);
        assert_eq!(of(&then), []);
        then.tag = None;
        assert_eq!(of(&then)[0].fields, ["tag"]);
        then.repository = None;
        assert_eq!(of(&then), []);
    }

    #[test]
    fn two_clusters_are_compared_by_image_only() {
        let mut staging = record("staging", "api", "v2", "sha256:b");
        staging.task_definition = Some("api:99".to_owned());
        staging.registry = Some("other".to_owned());
        staging.desired = 1;
        let prod = record("prod", "api", "v2", "sha256:b");
        assert_eq!(differences(&[staging.clone()], &[prod], Key::WithinCluster), []);
        let prod = record("prod", "api", "v1", "sha256:a");
        let all = differences(&[staging], &[prod], Key::WithinCluster);
        assert_eq!(all[0].fields, ["tag", "digest"]);
        assert_eq!(all[0].cluster, None);
    }

    #[test]
    fn what_only_one_side_has_is_shown_with_what_it_is() {
        let all = differences(
            &[record("prod", "old", "v1", "sha256:a")],
            &[record("prod", "new", "v2", "")],
            Key::Whole,
        );
        let said: Vec<_> = all.iter().map(|one| (one.service.as_str(), one.difference)).collect();
        assert_eq!(said, [("new", Difference::OnlyInB), ("old", Difference::OnlyInA)]);
        assert_eq!(all[0].b.as_ref().unwrap().tag.as_deref(), Some("v2"));
        assert_eq!(all[0].fields, ["registry", "repository", "tag", "task_definition", "desired"]);
        assert_eq!(all[0].a, None);
    }

    #[test]
    fn two_regions_are_compared_cluster_by_cluster_and_by_their_images() {
        let here = record("prod", "api", "v1", "sha256:a");
        let mut there = record("prod", "api", "v2", "sha256:b");
        there.region = "eu-west-1".to_owned();
        there.desired = 9;
        let (a, b) = ([here.clone(), record("edge", "api", "v2", "sha256:b")], [there]);
        assert_eq!(Key::of(&a, &b), Key::ByCluster);
        let all = differences(&a, &b, Key::ByCluster);
        let said: Vec<_> = all.iter().map(|one| (one.difference, one.fields.clone())).collect();
        assert_eq!(said[1], (Difference::Changed, vec!["tag", "digest"]));
        assert_eq!(Key::of(&a, &[here]), Key::Whole);
    }

    #[test]
    fn a_service_of_which_one_side_knows_no_container_is_not_compared() {
        let known = [record("prod", "api", "v1", "")];
        let unknown =
            [ServiceRecord { container: None, repository: None, ..record("prod", "api", "", "") }];
        assert_eq!(differences(&known, &unknown, Key::Whole), []);
        assert_eq!(differences(&unknown, &known, Key::Whole), []);
        assert_eq!(differences(&[], &unknown, Key::Whole).len(), 1);
    }

    #[test]
    fn a_service_in_two_regions_is_compared_with_itself() {
        let of = |region: &str, tag: &str| ServiceRecord {
            region: region.to_owned(),
            ..record("prod", "api", tag, "")
        };
        let (a, b) = ([of("eu", "v1"), of("us", "v2")], [of("us", "v2"), of("eu", "v1")]);
        assert_eq!(differences(&a, &b, Key::Whole), []);
    }

    fn some_records() -> impl Strategy<Value = Vec<ServiceRecord>> {
        let pick = prop::sample::select(vec!["", "x", "y"]);
        let one = ("[ab]", "[a-c]", pick.clone(), pick.clone(), pick, any::<bool>(), 0u32..3)
            .prop_map(|(cluster, service, tag, digest, region, was_seen, desired)| {
                let mut made = record(&cluster, &service, tag, digest);
                made.region = region.to_owned();
                made.status = made.status.filter(|_| was_seen);
                made.desired = desired;
                made
            });
        prop::collection::vec(one, 0..9)
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(a in some_records(), whole in any::<bool>()) {
            let by = if whole { Key::Whole } else { Key::WithinCluster };
            prop_assert_eq!(differences(&a, &a, by), []);
        }

        #[test]
        fn swapping_the_sides_swaps_the_sides(a in some_records(), b in some_records(), whole in any::<bool>()) {
            let by = if whole { Key::Whole } else { Key::WithinCluster };
            // One record of a kind a side: which of several belong together depends on their order.
            let unique = |records: Vec<ServiceRecord>| {
                let mut all: BTreeMap<_, ServiceRecord> = BTreeMap::new();
                for record in records {
                    let (cluster, service, _) = key(&record, by);
                    all.insert((cluster.map(str::to_owned), service.to_owned()), record);
                }
                all.into_values().collect::<Vec<_>>()
            };
            let (a, b) = (unique(a), unique(b));
            let (forth, back) = (differences(&a, &b, by), differences(&b, &a, by));
            let of = |all: &[DifferenceRecord], swap: bool| {
                let side = |one: &DifferenceRecord| match (swap, one.difference) {
                    (true, Difference::OnlyInA) => Difference::OnlyInB,
                    (true, Difference::OnlyInB) => Difference::OnlyInA,
                    (_, other) => other,
                };
                all.iter()
                    .map(|one| {
                        let (a, b) = (one.a.clone(), one.b.clone());
                        let (a, b) = if swap { (b, a) } else { (a, b) };
                        (one.cluster.clone(), one.service.clone(), side(one), one.fields.clone(), a, b)
                    })
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(of(&forth, false), of(&back, true));
            for one in forth {
                prop_assert!(one.difference != Difference::Changed || !one.fields.is_empty());
                prop_assert!(one.a != one.b);
            }
        }
    }
}
