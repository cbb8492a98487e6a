//! What a registry holds, and how it says that it does not.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;
use crate::{Scenario, World};

const START: i64 = 1_795_380_000_000;
const MINUTE: i64 = 60_000;

const TEXT: &str = r#"
name = "shop"
summary = "A shop and its images."
seed = 9

[[clusters]]
name = "shop"
hosts = 2

[[services]]
name = "checkout"
cluster = "shop"
desired = 2
since = "-9d"
[[services.containers]]
name = "app"
image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:41"
[[services.containers]]
name = "pinned"
image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/base@sha256:1111111111111111111111111111111111111111111111111111111111111111"
[[services.containers]]
name = "elsewhere"
image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools/agent:3"
[[services.containers]]
name = "public"
image = "public.ecr.aws/nginx/nginx:1.27"

[[timeline]]
at = "-25m"
deploy = { service = "checkout", images = { app = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:42" } }

[[timeline]]
at = "-20m"
deploy = { service = "checkout", images = { app = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:43" } }

[[timeline]]
at = "+2h"
deploy = { service = "checkout", images = { app = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:44" } }

[[images]]
name = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:42"
missing = true
"#;

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(Scenario::parse("shop.toml", TEXT).unwrap(), START));

fn ask_of(
    (world, region): (&World, &str),
    now: i64,
    operation: &str,
    input: &Value,
) -> Result<Value, Refusal> {
    let body = input.to_string();
    let answer = super::answer(world.in_region(region), now, operation, body.as_bytes())?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

fn ask_in(region: &str, now: i64, operation: &str, input: &Value) -> Result<Value, Refusal> {
    ask_of((&WORLD, region), now, operation, input)
}

fn ask(operation: &str, input: Value) -> Value {
    ask_in("us-east-1", START, operation, &input).unwrap()
}

fn refused(operation: &str, input: &Value) -> String {
    ask_in("us-east-1", START, operation, input).unwrap_err().code().to_owned()
}

fn tags(now: i64) -> Vec<String> {
    let input = json!({ "repositoryName": "shop/checkout" });
    let answer = ask_in("us-east-1", now, "DescribeImages", &input).unwrap();
    let details = answer["imageDetails"].as_array().unwrap();
    let mut tags: Vec<String> = details
        .iter()
        .flat_map(|detail| detail["imageTags"].as_array().unwrap())
        .map(|tag| tag.as_str().unwrap().to_owned())
        .collect();
    tags.sort();
    tags
}

#[test]
fn a_repository_holds_what_was_deployed_from_it_and_not_what_is_missing() {
    assert_eq!(tags(START - 3 * 3_600_000), ["41"]);
    assert_eq!(tags(START), ["41", "43"]);
    assert_eq!(tags(START + 3 * 3_600_000), ["41", "43", "44"]);
}

#[test]
fn an_image_is_pushed_a_little_before_its_first_deployment() {
    let input = json!({ "repositoryName": "shop/checkout", "imageIds": [{ "imageTag": "43" }] });
    let detail = &ask("DescribeImages", input)["imageDetails"][0];
    let pushed = (detail["imagePushedAt"].as_f64().unwrap() * 1000.0) as i64;
    let deployed = WORLD.page_ms() - 20 * MINUTE;
    assert!((deployed - 13 * MINUTE..=deployed - 3 * MINUTE).contains(&pushed));
    assert!(!tags(pushed - 1).contains(&"43".to_owned()));
    assert!(tags(pushed).contains(&"43".to_owned()));
}

#[test]
fn the_registry_and_ecs_name_the_same_digest() {
    let tasks = |operation: &str, input: Value| {
        let input = input.to_string();
        let body = crate::protocols::ecs::answer(Some(&WORLD), START, operation, input.as_bytes());
        serde_json::from_slice::<Value>(&body.unwrap()).unwrap()
    };
    let arns = tasks("ListTasks", json!({ "cluster": "shop" }))["taskArns"].clone();
    let described = tasks("DescribeTasks", json!({ "cluster": "shop", "tasks": arns }));
    for container in described["tasks"][0]["containers"].as_array().unwrap().iter().take(2) {
        let image = container["image"].as_str().unwrap();
        let repository = if image.contains("checkout") { "shop/checkout" } else { "shop/base" };
        let id = json!({ "imageDigest": container["imageDigest"] });
        let input = json!({ "repositoryName": repository, "imageIds": [id] });
        let answer = ask("BatchGetImage", input);
        assert_eq!(answer["images"].as_array().unwrap().len(), 1, "{image}");
        assert_eq!(answer["images"][0]["imageId"], id);
    }
}

/// A tag that is moved at -2h, and deployed anew at -1h.
const MOVED: &str = r#"
name = "moved"
summary = "A tag that is moved."
seed = 9

[[clusters]]
name = "shop"
hosts = 2

[[services]]
name = "docs"
cluster = "shop"
desired = 2
since = "-9d"
containers = [{ name = "app", image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/docs" }]

[[timeline]]
at = "-2h"
push = { image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/docs:latest" }

[[timeline]]
at = "-1h"
deploy = { service = "docs", force = true }
"#;

#[test]
fn a_tag_that_is_moved_leaves_its_old_image_untagged() {
    let world = World::new(Scenario::parse("moved.toml", MOVED).unwrap(), START);
    let text = "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/docs";
    let (moved, redeployed) = (world.page_ms() - 120 * MINUTE, world.page_ms() - 60 * MINUTE);
    let [old, new] = [moved - 1, moved].map(|at| world.digest_at(text, at));
    assert_ne!(old, new);
    let held = |now: i64, input: Value| {
        let answer = ask_of((&world, "us-east-1"), now, "DescribeImages", &input).unwrap();
        answer["imageDetails"].as_array().unwrap().clone()
    };
    let all = json!({ "repositoryName": "shop/docs" });
    let before = held(moved - 1, all.clone());
    assert_eq!(before.len(), 1);
    assert_eq!(
        (&before[0]["imageDigest"], &before[0]["imageTags"]),
        (&json!(old), &json!(["latest"]))
    );
    for now in [moved, redeployed - 1, redeployed, START] {
        let images = held(now, all.clone());
        assert_eq!(images.len(), 2);
        let image = |digest: &String| {
            images.iter().find(|image| image["imageDigest"] == json!(digest)).unwrap()
        };
        assert_eq!(image(&new)["imageTags"], json!(["latest"]));
        assert_eq!(image(&new)["imagePushedAt"], json!(moved as f64 / 1000.0));
        assert!(image(&old).get("imageTags").is_none());
        assert_eq!(image(&old)["imagePushedAt"], before[0]["imagePushedAt"]);
        let by_tag =
            json!({ "repositoryName": "shop/docs", "imageIds": [{ "imageTag": "latest" }] });
        assert_eq!(held(now, by_tag), [image(&new).clone()]);
    }
}

#[test]
fn one_missing_image_refuses_the_description_of_all_and_is_a_failure_of_a_batch() {
    let ids = json!([{ "imageTag": "41" }, { "imageTag": "42" }]);
    let input = json!({ "repositoryName": "shop/checkout", "imageIds": ids });
    let refusal = ask_in("us-east-1", START, "DescribeImages", &input).unwrap_err();
    let expected = "The image with imageId {imageDigest:'null', imageTag:'42'} does not exist within the \
                    repository with name 'shop/checkout' in the registry with id '000000000000'";
    assert_eq!(refusal, Refusal::new("ImageNotFoundException", expected));
    let answer = ask("BatchGetImage", input);
    assert_eq!(answer["images"][0]["imageId"]["imageTag"], "41");
    assert_eq!(
        answer["failures"],
        json!([{
            "imageId": { "imageTag": "42" },
            "failureCode": "ImageNotFound",
            "failureReason": "Requested image not found",
        }])
    );
}

#[test]
fn each_failure_of_a_batch_has_its_reason() {
    let there = ask("DescribeImages", json!({ "repositoryName": "shop/checkout" }));
    let digests: Vec<&Value> = there["imageDetails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| &detail["imageDigest"])
        .collect();
    let tag = |digest: &Value| {
        let input =
            json!({ "repositoryName": "shop/checkout", "imageIds": [{ "imageDigest": digest }] });
        ask("DescribeImages", input)["imageDetails"][0]["imageTags"][0].clone()
    };
    for (id, code) in [
        (json!({}), "MissingDigestAndTag"),
        (json!({ "imageDigest": "sha256:xyz" }), "InvalidImageDigest"),
        (json!({ "imageDigest": format!("sha256:{}", "0".repeat(64)) }), "ImageNotFound"),
        (
            json!({ "imageDigest": digests[0], "imageTag": tag(digests[1]) }),
            "ImageTagDoesNotMatchDigest",
        ),
    ] {
        let input = json!({ "repositoryName": "shop/checkout", "imageIds": [id] });
        let answer = ask("BatchGetImage", input);
        assert_eq!(answer["failures"][0]["failureCode"], code, "{answer}");
        assert_eq!(answer["failures"][0]["imageId"], id);
    }
    let both = json!({ "imageDigest": digests[0], "imageTag": tag(digests[0]) });
    let input = json!({ "repositoryName": "shop/checkout", "imageIds": [both] });
    assert_eq!(ask("BatchGetImage", input)["images"][0]["imageId"], both);
}

#[test]
fn a_manifest_adds_up_to_the_images_size() {
    let input = json!({ "repositoryName": "shop/checkout", "imageIds": [{ "imageTag": "41" }] });
    let detail = &ask("DescribeImages", input.clone())["imageDetails"][0];
    let image = &ask("BatchGetImage", input)["images"][0];
    let manifest: Value = serde_json::from_str(image["imageManifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["mediaType"], image["imageManifestMediaType"]);
    assert_eq!(manifest["mediaType"], detail["imageManifestMediaType"]);
    let layers = manifest["layers"].as_array().unwrap();
    let size: u64 = layers.iter().map(|layer| layer["size"].as_u64().unwrap()).sum();
    assert_eq!(detail["imageSizeInBytes"], size);
}

#[test]
fn a_registry_is_an_accounts_in_a_region() {
    let names = |region: &str, input: &Value| {
        let answer = ask_in(region, START, "DescribeRepositories", input).unwrap();
        let repositories = answer["repositories"].as_array().unwrap();
        repositories.iter().map(|it| it["repositoryUri"].clone()).collect::<Vec<_>>()
    };
    let home = "000000000000.dkr.ecr.us-east-1.amazonaws.com";
    assert_eq!(
        names("us-east-1", &json!({})),
        [format!("{home}/shop/base"), format!("{home}/shop/checkout")]
    );
    assert!(names("eu-west-1", &json!({})).is_empty());
    assert_eq!(
        names("eu-west-1", &json!({ "registryId": "111122223333" })),
        ["111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools/agent"]
    );
    let input = json!({ "repositoryName": "tools/agent", "registryId": "111122223333" });
    let answer = ask_in("eu-west-1", START, "DescribeImages", &input).unwrap();
    assert_eq!(answer["imageDetails"][0]["registryId"], "111122223333");
    assert_eq!(refused("DescribeImages", &input), "RepositoryNotFoundException");
}

#[test]
fn an_image_without_a_tag_is_untagged() {
    let with = |status: &str| {
        let filter = json!({ "tagStatus": status });
        let answer =
            ask("DescribeImages", json!({ "repositoryName": "shop/base", "filter": filter }));
        answer["imageDetails"].as_array().unwrap().clone()
    };
    assert!(with("TAGGED").is_empty());
    assert_eq!(with("UNTAGGED"), with("ANY"));
    assert_eq!(with("ANY").len(), 1);
    assert!(with("ANY")[0].get("imageTags").is_none());
}

#[test]
fn what_may_not_be_asked_is_refused() {
    let many: Vec<Value> = (0..101).map(|n| json!({ "imageTag": n.to_string() })).collect();
    let id = json!([{ "imageTag": "41" }]);
    for (operation, input, code) in [
        ("DescribeImages", json!({ "repositoryName": "shop/none" }), "RepositoryNotFoundException"),
        ("DescribeImages", json!({ "repositoryName": "Shop" }), "InvalidParameterException"),
        ("DescribeImages", json!({}), "InvalidParameterException"),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "registryId": "1" }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "imageIds": many }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "imageIds": [] }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "imageIds": id, "maxResults": 5 }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "maxResults": 1001 }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "nextToken": "made-up" }),
            "InvalidParameterException",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "shop/checkout", "filter": { "tagStatus": "MAYBE" } }),
            "InvalidParameterException",
        ),
        (
            "BatchGetImage",
            json!({ "repositoryName": "shop/checkout" }),
            "InvalidParameterException",
        ),
        (
            "BatchGetImage",
            json!({ "repositoryName": "shop/none", "imageIds": id }),
            "RepositoryNotFoundException",
        ),
        (
            "DescribeRepositories",
            json!({ "repositoryNames": ["shop/base", "shop/none"] }),
            "RepositoryNotFoundException",
        ),
        ("PutImage", json!({}), "UnknownOperationException"),
    ] {
        assert_eq!(refused(operation, &input), code, "{operation} {input}");
    }
}

#[test]
fn only_an_image_of_a_registry_of_aws_can_be_missing() {
    for (image, says) in [
        ("name = \"nginx:1\"\nmissing = true", "only a registry of AWS"),
        (
            "name = \"000000000000.dkr.ecr.us-east-1.amazonaws.com/a:1\"\nmissing = false",
            "unless it is said that it is missing",
        ),
        ("name = \"nginx:1\"\ngone = true", "unknown field `gone`"),
    ] {
        let text = format!("{TEXT}\n[[images]]\n{image}\n");
        let error = Scenario::parse("shop.toml", &text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

proptest! {
    #[test]
    fn pages_join_up(length in 1_usize..4) {
        let whole = ask("DescribeRepositories", json!({}))["repositories"].clone();
        let mut joined = Vec::new();
        let mut input = json!({ "maxResults": length });
        loop {
            let answer = ask("DescribeRepositories", input.clone());
            let some = answer["repositories"].as_array().unwrap();
            prop_assert!(some.len() <= length);
            joined.extend(some.iter().cloned());
            let Some(token) = answer.get("nextToken") else { break };
            input["nextToken"] = token.clone();
        }
        prop_assert_eq!(Value::Array(joined), whole);
    }
}
