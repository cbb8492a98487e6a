//! Against a small S3 on loopback: what is asked of it, and what is made of its answers.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Budget, Environment, MfaPrompt, NoCode, Options};

use super::*;
use crate::found::{Found, sinks};
use crate::loopback::{Heard, Server};

const FIRST: &str = include_str!("../terraform/fixtures/state_1.json");
const SECOND: &str = include_str!("../terraform/fixtures/state_2.json");
const THIRD: &str = include_str!("../terraform/fixtures/state_3.json");

const KEY: &str = "network/terraform.tfstate";

/// A version: key, id, hour of the day, and its text; none for a deletion.
type Put = (&'static str, &'static str, u32, Option<String>);

#[derive(Clone)]
struct Cloud {
    /// `Enabled`, `Suspended`, or empty.
    versioning: &'static str,
    /// As the list has them.
    puts: Vec<Put>,
    /// The region of the bucket.
    region: &'static str,
    /// Operations that nobody may use.
    denied: &'static [&'static str],
    /// How S3 calls that.
    refusal: (u16, &'static str),
    /// How many versions a page has.
    page: usize,
}

impl Cloud {
    fn of(puts: Vec<Put>) -> Self {
        Self {
            versioning: "Enabled",
            puts,
            region: "us-east-1",
            denied: &[],
            refusal: (403, "AccessDenied"),
            page: 1_000,
        }
    }

    fn answer(&self, heard: &Heard) -> (u16, String, String) {
        let xml = "Content-Type: application/xml\r\n".to_owned();
        let (path, query) = heard.line.split_once('?').unwrap();
        let path = path.strip_prefix("GET /states").unwrap().trim_start_matches('/');
        let parts: BTreeMap<&str, String> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name, value.replace("%2F", "/").replace("%3A", ":")))
            .collect();
        let refusal = |status: u16, code: &str, message: &str| {
            let region = self.region;
            let head = format!("{xml}x-amz-bucket-region: {region}\r\n");
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            (status, head, body)
        };
        if !heard.head.contains(&format!("/{}/s3/aws4_request", self.region)) {
            return refusal(301, "PermanentRedirect", "use the endpoint of the bucket");
        }
        let operation = match () {
            () if parts.contains_key("versioning") => "GetBucketVersioning",
            () if parts.contains_key("versions") => "ListObjectVersions",
            () => "GetObject",
        };
        if self.denied.contains(&operation) {
            let (status, code) = self.refusal;
            return refusal(status, code, "Access Denied");
        }
        match operation {
            "GetBucketVersioning" => {
                let status = self.versioning;
                let status = if status.is_empty() {
                    String::new()
                } else {
                    format!("<Status>{status}</Status>")
                };
                (200, xml, format!("<VersioningConfiguration>{status}</VersioningConfiguration>"))
            }
            "ListObjectVersions" => (200, xml, self.list(&parts)),
            _ => {
                let id = parts.get("versionId").map(String::as_str);
                let found = self.puts.iter().find(|(key, own, _, text)| {
                    *key == path && text.is_some() && id.is_none_or(|id| id == *own)
                });
                match found {
                    Some((.., Some(text))) => (200, String::new(), text.clone()),
                    _ => refusal(404, "NoSuchVersion", "The specified version does not exist."),
                }
            }
        }
    }

    fn list(&self, parts: &BTreeMap<&str, String>) -> String {
        let prefix = parts.get("prefix").map_or("", String::as_str);
        let marker = parts.get("key-marker").map(String::as_str);
        let version = parts.get("version-id-marker").map(String::as_str);
        let own = || self.puts.iter().filter(|(key, ..)| key.starts_with(prefix));
        let from = match (marker, version) {
            (Some(marker), None) => own().take_while(|(key, ..)| *key <= marker).count(),
            (Some(marker), Some(id)) => {
                1 + own().position(|(key, own, ..)| *key == marker && *own == id).unwrap()
            }
            _ => 0,
        };
        let page: Vec<&Put> = own().skip(from).take(self.page).collect();
        let is_truncated = own().count() > from + page.len();
        let mut out = format!(
            "<ListVersionsResult><IsTruncated>{is_truncated}</IsTruncated><EncodingType>url</EncodingType>"
        );
        if is_truncated {
            let (key, id, ..) = page.last().unwrap();
            out += &format!(
                "<NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{id}</NextVersionIdMarker>"
            );
        }
        for (key, id, hour, text) in page {
            let kind = if text.is_some() { "Version" } else { "DeleteMarker" };
            let size = text.as_ref().map_or(0, String::len);
            out += &format!(
                "<{kind}><Key>{key}</Key><VersionId>{id}</VersionId><Size>{size}</Size>\
                 <LastModified>2026-11-24T{hour:02}:00:00.000Z</LastModified></{kind}>"
            );
        }
        out + "</ListVersionsResult>"
    }
}

fn hour(hour: u32) -> Time {
    format!("2026-11-24T{hour:02}:00:00Z").parse::<jiff::Timestamp>().map(at).unwrap()
}

fn at(time: jiff::Timestamp) -> Time {
    Time::from_millis(time.as_millisecond())
}

fn door(url: &str) -> Door {
    let options = Options {
        profile: None,
        regions: Vec::new(),
        usual_profile: None,
        usual_region: None,
        budget: Budget::Unlimited,
        timeout: Duration::from_secs(5),
        environment: Environment::new(|_| None),
        mfa: MfaPrompt::new(|serial| Err(NoCode { serial: serial.to_owned() })),
        random: || 0.0,
        version: "0",
    };
    Door::to_drill(url, vec!["us-east-1".to_owned()], &options).unwrap()
}

struct Told {
    read: SourceRead,
    found: Vec<Found>,
    heard: Vec<String>,
}

impl Told {
    fn changes(&self) -> Vec<&ChangeRecord> {
        let changes = self.found.iter().filter_map(|found| match found {
            Found::Change(change) => Some(&**change),
            _ => None,
        });
        changes.collect()
    }

    fn summaries(&self) -> Vec<&str> {
        self.changes().into_iter().map(|change| change.summary.as_str()).collect()
    }

    fn fetched(&self) -> usize {
        self.heard.iter().filter(|line| line.contains("x-id=GetObject")).count()
    }
}

/// What is told of the hours from 10 until 20.
async fn told(cloud: Cloud, prefix: Option<&str>) -> Told {
    let server = Server::start(move |heard| cloud.answer(heard)).await;
    let window = Window { since: hour(10), until: hour(20) };
    let ask = Ask { window, now: hour(20), most_pages: Ask::MOST_PAGES };
    let place = StatePlace { bucket: "states".to_owned(), prefix: prefix.map(str::to_owned) };
    let (mut sinks, mut from) = sinks(1);
    let sink = sinks.pop().unwrap();
    let door = door(&server.url);
    let reading = async {
        let read = read(&door, "us-east-1", &place, &ask, &sink).await;
        drop(sink);
        read
    };
    let hearing = async {
        let mut found = Vec::new();
        while let Some((_, one)) = from.recv().await {
            found.push(one);
        }
        found
    };
    let (read, found) = tokio::join!(reading, hearing);
    Told { read, found, heard: server.lines() }
}

fn history() -> Vec<Put> {
    vec![
        (KEY, "3", 15, Some(THIRD.to_owned())),
        (KEY, "2", 12, Some(SECOND.to_owned())),
        (KEY, "1", 8, Some(FIRST.to_owned())),
        (KEY, "0", 7, Some("{\"never\":\"fetched\"}".to_owned())),
    ]
}

#[tokio::test]
async fn each_version_of_the_window_is_a_change_the_newest_first() {
    let told = told(Cloud::of(history()), None).await;
    assert_eq!(told.read.ended, Ended::Complete { until: hour(20) });
    assert_eq!((told.read.name.as_deref(), told.read.changes), (Some("states"), 2));
    let changes = told.changes();
    assert_eq!([changes[0].time, changes[1].time], [hour(15), hour(12)]);
    assert_eq!(changes[0].resources[0].address, "terraform_data.migration");
    assert!(changes[1].counts.destroy > 0 && changes[1].flags.contains(&crate::Flag::Destroys));
    assert_eq!(changes[1].system.as_deref(), Some(KEY));
    assert_eq!(changes[1].id.as_deref(), Some("2"));
    assert_eq!(changes[1].region.as_deref(), Some("us-east-1"));
    assert_eq!(told.fetched(), 3, "two of the window and the one before: {:?}", told.heard);
    assert!(!format!("{changes:?}").contains("hunter"));
}

#[tokio::test]
async fn how_far_it_is_known_is_said_only_after_what_lies_there() {
    let told = told(Cloud::of(history()), None).await;
    let mut known = None;
    for found in &told.found {
        match found {
            Found::Reached(time) => known = Some(*time),
            Found::Change(change) => assert!(known.is_some_and(|known| change.time < known)),
            Found::Ended => {}
        }
    }
    assert_eq!(known, Some(hour(10)));
}

#[tokio::test]
async fn a_prefix_counts_in_every_workspace() {
    let text = || Some(SECOND.to_owned());
    let puts = vec![
        ("app/terraform.tfstate", "1", 12, text()),
        ("env:/blue/app/terraform.tfstate", "2", 13, text()),
        ("env:/blue/network/terraform.tfstate", "3", 14, text()),
        (KEY, "4", 15, text()),
    ];
    let told = told(Cloud::of(puts), Some("network/")).await;
    let systems: Vec<_> =
        told.changes().iter().map(|change| change.system.clone().unwrap()).collect();
    assert_eq!(systems, [KEY, "network/terraform.tfstate (workspace blue)"]);
    assert_eq!(told.read.name.as_deref(), Some("states/network/"));
}

#[tokio::test]
async fn a_bucket_of_another_region_is_read_there() {
    let cloud = Cloud { region: "eu-west-3", ..Cloud::of(history()) };
    let told = told(cloud, None).await;
    assert_eq!(told.read.changes, 2);
    assert_eq!(told.changes()[0].region.as_deref(), Some("eu-west-3"));
}

#[tokio::test]
async fn what_may_not_be_read_is_still_known_to_have_changed() {
    let cloud = Cloud { denied: &["GetObject"], ..Cloud::of(history()) };
    let told = told(cloud, None).await;
    assert_eq!(told.read.changes, 2);
    let Ended::Partly { why } = &told.read.ended else { panic!("{:?}", told.read) };
    assert_eq!(
        why,
        "network/terraform.tfstate and 1 other versions: no permission: s3:GetObjectVersion on states"
    );
    assert!(told.summaries()[0].contains("could not be read: no permission"));
}

#[tokio::test]
async fn credentials_that_expire_meanwhile_are_not_tried_for_every_version() {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let puts = ids.map(|id| (KEY, id, 15, Some(SECOND.to_owned())));
    let refusal = (400, "ExpiredToken");
    let cloud = Cloud { denied: &["GetObject"], refusal, ..Cloud::of(puts.to_vec()) };
    let told = told(cloud, None).await;
    assert_eq!(told.read.changes, 12, "that there is a version is known all the same");
    assert!(told.fetched() <= AHEAD, "{:?}", told.heard);
    let Ended::Partly { why } = &told.read.ended else { panic!("{:?}", told.read) };
    assert!(why.contains("the AWS credentials have expired"), "{why}");
}

#[tokio::test]
async fn an_encrypted_state_is_a_change_of_which_nothing_is_known() {
    let mut puts = history();
    let encrypted = "{\"serial\":9,\"lineage\":\"l\",\"encrypted_data\":\"aGVsbG8=\"}";
    puts[0].3 = Some(encrypted.to_owned());
    let told = told(Cloud::of(puts), None).await;
    let why = format!("{KEY}: the state is encrypted");
    assert_eq!(told.read.ended, Ended::Partly { why });
    assert!(told.summaries()[0].ends_with("could not be read: the state is encrypted"));
    assert!(told.summaries()[1].contains("destroyed"), "the one before is read");
}

#[tokio::test]
async fn who_may_not_list_reads_nothing_and_knows_which_permission_is_missing() {
    let cloud = Cloud { denied: &["ListObjectVersions"], ..Cloud::of(history()) };
    let told = told(cloud, None).await;
    let why = "no permission: s3:ListBucketVersions on states".to_owned();
    assert_eq!(told.read.ended, Ended::Denied { why });
}

#[tokio::test]
async fn a_truncated_state_hides_no_other() {
    let mut puts = history();
    puts[1].3 = Some(SECOND[..900].to_owned());
    puts.push(("web/terraform.tfstate", "9", 11, Some(SECOND.to_owned())));
    puts.push(("web/terraform.tfstate", "8", 9, Some(FIRST.to_owned())));
    let told = told(Cloud::of(puts), None).await;
    let Ended::Partly { why } = &told.read.ended else { panic!("{:?}", told.read) };
    assert!(why.contains("ends in the middle, at byte 900"), "{why}");
    let summaries = told.summaries();
    assert!(summaries[0].contains("what it changed is not known: the one before"), "{summaries:?}");
    assert!(summaries[1].contains("could not be read"), "{summaries:?}");
    assert!(summaries[2].contains("destroyed"), "{summaries:?}");
    assert!(!format!("{:?}{why}", told.changes()).contains("hunter"));
}

#[tokio::test]
async fn a_bucket_without_versions_says_what_it_cannot_tell() {
    let puts = vec![(KEY, "null", 12, Some(SECOND.to_owned()))];
    let cloud = Cloud { versioning: "", ..Cloud::of(puts) };
    let told = told(cloud, None).await;
    let Ended::Partly { why } = &told.read.ended else { panic!("{:?}", told.read) };
    assert!(why.contains("the bucket keeps no versions"), "{why}");
    assert!(told.summaries()[0].ends_with("not known: the bucket keeps no versions"));
    let asked = told.heard.iter().find(|line| line.contains("x-id=GetObject")).unwrap();
    assert!(!asked.contains("versionId"), "s3:GetObject is enough: {asked}");
}

#[tokio::test]
async fn a_suspended_bucket_is_complete_while_nothing_was_overwritten() {
    let cloud = Cloud { versioning: "Suspended", ..Cloud::of(history()) };
    assert!(matches!(told(cloud, None).await.read.ended, Ended::Complete { .. }));
    let mut puts = history();
    puts[0].1 = "null";
    let cloud = Cloud { versioning: "Suspended", ..Cloud::of(puts) };
    let Ended::Partly { why } = told(cloud, None).await.read.ended else { panic!() };
    assert!(why.contains("suspended"), "{why}");
}

#[tokio::test]
async fn who_may_not_ask_for_the_versioning_reads_the_versions() {
    let cloud = Cloud { denied: &["GetBucketVersioning"], ..Cloud::of(history()) };
    let told = told(cloud, None).await;
    assert_eq!(told.read.ended, Ended::Complete { until: hour(20) });
    assert_eq!(told.read.changes, 2);
}

#[tokio::test]
async fn the_past_of_a_key_is_not_listed_to_its_end() {
    let mut puts: Vec<Put> = history();
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    puts.extend(ids.map(|id| (KEY, id, 1, Some(FIRST.to_owned()))));
    puts.push(("web/terraform.tfstate", "9", 11, Some(SECOND.to_owned())));
    let cloud = Cloud { page: 2, ..Cloud::of(puts) };
    let told = told(cloud, None).await;
    assert_eq!(told.read.changes, 3);
    let pages = told.heard.iter().filter(|line| line.contains("versions")).count();
    assert_eq!(pages, 3, "{:?}", told.heard);
}

#[tokio::test]
async fn other_objects_are_no_states_and_no_trouble() {
    let puts = vec![
        ("a/notes", "1", 12, Some("hello".to_owned())),
        ("a/report.json", "2", 12, Some("{\"a\":1}".to_owned())),
        ("b/network", "3", 12, Some(SECOND.to_owned())),
    ];
    let told = told(Cloud::of(puts), None).await;
    assert_eq!(told.read.ended, Ended::Complete { until: hour(20) });
    assert_eq!(told.changes()[0].system.as_deref(), Some("b/network"));
    assert_eq!(told.read.changes, 1);
}

#[tokio::test]
async fn a_deleted_state_says_what_is_left_without_an_owner() {
    let mut puts = history();
    puts[0].3 = None;
    let told = told(Cloud::of(puts), None).await;
    let changes = told.changes();
    assert!(
        changes[0].summary.starts_with("the state was deleted with "),
        "{}",
        changes[0].summary
    );
    assert!(changes[0].counts.forget > 0 && changes[0].counts.destroy == 0);
    assert!(changes[0].flags.contains(&crate::Flag::Destroys));
}

#[tokio::test]
async fn a_state_after_its_deletion_is_another_one_or_put_back() {
    let over_a_deletion = |text: String| {
        vec![
            (KEY, "3", 15, Some(text)),
            (KEY, "m", 9, None),
            (KEY, "1", 8, Some(SECOND.to_owned())),
        ]
    };
    let back = told(Cloud::of(over_a_deletion(SECOND.to_owned())), None).await;
    assert!(
        back.summaries()[0].starts_with("the state was put back after it was deleted: nothing")
    );
    let lineage = SECOND.split_once("\"lineage\": \"").unwrap().1.split_once('"').unwrap().0;
    let anew = SECOND.replace(lineage, "00000000-0000-0000-0000-000000000000");
    let anew = told(Cloud::of(over_a_deletion(anew)), None).await;
    assert!(anew.summaries()[0].starts_with("the state was made anew after it was deleted: "));
    assert!(anew.changes()[0].counts.add > 0 && anew.changes()[0].counts.destroy == 0);
}

#[tokio::test]
async fn a_version_whose_predecessor_is_gone_says_so() {
    let told = told(Cloud::of(vec![(KEY, "2", 12, Some(SECOND.to_owned()))]), None).await;
    let summary = told.summaries()[0];
    assert!(summary.contains("a lifecycle rule removed it"), "{summary}");
    assert!(told.changes()[0].resources.is_empty());
}

#[tokio::test]
async fn nothing_is_read_of_what_did_not_change() {
    let puts = vec![(KEY, "1", 8, Some(FIRST.to_owned()))];
    let told = told(Cloud::of(puts), None).await;
    assert_eq!((told.read.changes, told.fetched()), (0, 0));
    assert_eq!(told.read.ended, Ended::Complete { until: hour(20) });
}
