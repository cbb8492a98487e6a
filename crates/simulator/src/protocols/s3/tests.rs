//! Listing, reading, and being refused.

use hyper::Request;

use super::*;
use crate::Scenario;
use crate::protocols::call::Call;

const START: i64 = 1_795_380_000_000;

const SCENARIO: &str = r#"
name = "x"
summary = "x"
seed = 1
buckets = [{ name = "states" }, { name = "old", versioning = "never" }, { name = "closed", denied = true }]

[[timeline]]
at = "-5h"
put = { bucket = "states", key = "a/1", body = "one" }
[[timeline]]
at = "-4h"
put = { bucket = "states", key = "a/1", body = "two & more" }
[[timeline]]
at = "-3h"
put = { bucket = "states", key = "b & c", body = "three" }
[[timeline]]
at = "-2h"
delete = { bucket = "states", key = "a/1" }
[[timeline]]
at = "-1h"
put = { bucket = "old", key = "k", body = "0123456789" }
"#;

fn ask_as(
    region: &str,
    method: &str,
    path: &str,
    range: Option<&str>,
) -> (u16, Vec<(&'static str, String)>, String) {
    let world = World::new(Scenario::parse("x", SCENARIO).unwrap(), START);
    let mut request = Request::builder().method(method).uri(path);
    if !region.is_empty() {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=DRILL/20261122/{region}/s3/aws4_request, SignedHeaders=host, Signature=0"
        );
        request = request.header("authorization", scope);
    }
    if let Some(range) = range {
        request = request.header("range", range);
    }
    let head = request.body(()).unwrap().into_parts().0;
    let mut answer = answer(&world, START, Call::of(&head, b"").operation, &head);
    let Body::Whole(bytes) = &mut answer.body else { panic!("a whole body") };
    let text = String::from_utf8(bytes.take().unwrap().to_vec()).unwrap();
    (answer.status.as_u16(), answer.headers, text)
}

fn get(path: &str) -> (u16, String) {
    let (status, _, text) = ask_as("us-east-1", "GET", path, None);
    (status, text)
}

/// The texts of all elements of a name.
fn all<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    text.split(&format!("<{name}>")).skip(1).map(|rest| rest.split("</").next().unwrap()).collect()
}

#[test]
fn versions_come_by_key_and_the_newest_first() {
    let (status, text) = get("/states?versions");
    assert_eq!((status, all(&text, "Key")), (200, vec!["a/1", "a/1", "a/1", "b &amp; c"]));
    assert_eq!(all(&text, "IsLatest"), ["true", "false", "false", "true"]);
    assert_eq!(
        (text.matches("<DeleteMarker>").count(), all(&text, "Size")),
        (1, vec!["10", "3", "5"])
    );
    let (_, encoded) = get("/states?versions&encoding-type=url&prefix=b%20");
    assert_eq!(
        (all(&encoded, "Key"), all(&encoded, "Prefix")),
        (vec!["b%20%26%20c"], vec!["b%20"])
    );
}

#[test]
fn pages_have_markers_and_lose_nothing() {
    let (_, whole) = get("/states?versions");
    for size in 1..5 {
        let (mut query, mut ids) = (String::new(), Vec::new());
        loop {
            let (_, text) = get(&format!("/states?versions&max-keys={size}{query}"));
            ids.extend(all(&text, "VersionId").into_iter().map(str::to_owned));
            let Some(key) = all(&text, "NextKeyMarker")
                .first()
                .map(|key| key.replace('/', "%2F").replace(' ', "%20").replace("&amp;", "%26"))
            else {
                break;
            };
            query = format!(
                "&key-marker={key}&version-id-marker={}",
                all(&text, "NextVersionIdMarker")[0]
            );
        }
        assert_eq!(ids, all(&whole, "VersionId"), "{size}");
    }
    assert_eq!(get("/states?versions&version-id-marker=x").0, 400);
}

#[test]
fn a_delimiter_folds_what_is_below_it() {
    let (_, text) = get("/states?versions&delimiter=/");
    assert_eq!(all(&text, "Key"), ["b &amp; c"]);
    assert!(text.contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"), "{text}");
}

#[test]
fn a_version_is_read_by_its_id() {
    let (_, list) = get("/states?versions");
    let ids = all(&list, "VersionId");
    assert_eq!(get(&format!("/states/a/1?versionId={}", ids[1])), (200, "two & more".to_owned()));
    assert_eq!(get(&format!("/states/a/1?versionId={}", ids[2])), (200, "one".to_owned()));
    assert_eq!(get(&format!("/states/a/1?versionId={}", ids[0])).0, 405);
    let (status, headers, text) = ask_as("us-east-1", "GET", "/states/a/1", None);
    assert_eq!((status, all(&text, "Code")), (404, vec!["NoSuchKey"]));
    assert!(headers.contains(&("x-amz-delete-marker", "true".to_owned())));
    assert_eq!(all(&get("/states/a/1?versionId=nope").1, "Code"), ["NoSuchVersion"]);
}

#[test]
fn a_range_is_a_part_of_it() {
    let read = |range: &str| {
        let (status, headers, text) = ask_as("us-east-1", "GET", "/old/k", Some(range));
        let range = headers.into_iter().find(|(name, _)| *name == "content-range");
        (status, range.map(|(_, value)| value).unwrap_or_default(), text)
    };
    assert_eq!(read("bytes=2-4"), (206, "bytes 2-4/10".to_owned(), "234".to_owned()));
    assert_eq!(read("bytes=7-"), (206, "bytes 7-9/10".to_owned(), "789".to_owned()));
    assert_eq!(read("bytes=-3").2, "789");
    assert_eq!(read("bytes=5-999").2, "56789");
    assert_eq!(read("bytes=10-").0, 416);
    assert_eq!(read("lines=1-2").0, 200);
}

#[test]
fn a_bucket_without_versions_says_nothing_of_them() {
    assert!(get("/states?versioning").1.contains("<Status>Enabled</Status>"));
    assert!(!get("/old?versioning").1.contains("Status>"));
    assert_eq!(all(&get("/old?versions").1, "VersionId"), ["null"]);
}

#[test]
fn who_may_not_look_is_told_so_in_xml() {
    let code = |region: &str, path: &str| {
        let (status, _, text) = ask_as(region, "GET", path, None);
        (status, all(&text, "Code").first().map(|code| (*code).to_owned()).unwrap_or_default())
    };
    assert_eq!(code("us-east-1", "/nothing?versions"), (404, "NoSuchBucket".to_owned()));
    assert_eq!(code("us-east-1", "/closed?versions"), (403, "AccessDenied".to_owned()));
    assert_eq!(code("", "/states?versions"), (403, "AccessDenied".to_owned()));
    assert_eq!(
        code("eu-west-1", "/states?versions"),
        (400, "AuthorizationHeaderMalformed".to_owned())
    );
    assert_eq!(ask_as("us-east-1", "HEAD", "/states", None).0, 200);
    assert_eq!(ask_as("us-east-1", "HEAD", "/closed", None).0, 403);
}

#[test]
fn buckets_are_listed() {
    assert_eq!(all(&get("/").1, "Name"), ["closed", "old", "states"]);
}
