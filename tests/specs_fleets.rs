//! `oncall specs` of fleets as they are met: registries, hosts, old ARNs, long names, closed clusters.

use insta::assert_snapshot;

use crate::support::{Machine, Ran};

/// Types `oncall --drill=fleet.toml REST` in a fleet.
fn in_fleet(fleet: &str, rest: &str) -> Ran {
    let machine = Machine::new();
    machine.file("fleet.toml", fleet);
    machine.types(&format!("oncall --drill=fleet.toml {rest}"))
}

/// `cluster/service` and the sentences of its findings.
fn said(ran: &Ran) -> Vec<String> {
    let line = |record: &serde_json::Value| {
        let findings = record["findings"].as_array().into_iter().flatten();
        let all = findings.map(|said| {
            format!("{}: {}", said["finding"].as_str().unwrap(), said["says"].as_str().unwrap())
        });
        let path = format!(
            "{}/{}",
            record["cluster"].as_str().unwrap(),
            record["service"].as_str().unwrap()
        );
        std::iter::once(path).chain(all).collect::<Vec<_>>().join(" | ")
    };
    ran.records().iter().map(line).collect()
}

const REGISTRY: &str = r#"
name = "registry"
summary = "A tag was moved, an image is gone, a newer definition is not deployed."
seed = 8

[[clusters]]
name = "main"
hosts = 2

[[services]]
name = "docs"
cluster = "main"
desired = 2
since = "-9d"
[[services.containers]]
name = "docs"
image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/docs:stable"

[[services]]
name = "old"
cluster = "main"
desired = 1
since = "-9d"
[[services.containers]]
name = "old"
image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/old:1"

[[services]]
name = "kept"
cluster = "main"
desired = 1
since = "-9d"
[[services.containers]]
name = "kept"
image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/kept:1"

[[timeline]]
at = "-1h"
push = { image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/docs:stable" }

[[timeline]]
at = "-1h"
register = { service = "kept", images = { kept = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/kept:2" } }

[[images]]
name = "000000000000.dkr.ecr.us-east-1.amazonaws.com/web/old:1"
missing = true
"#;

#[test]
fn the_registry_is_asked_when_that_is_wanted() {
    let quick = in_fleet(REGISTRY, "specs").well();
    assert_snapshot!(said(&quick).join("\n"), @"
    main/docs | mutable-tag: the tag `stable` moves: the next deployment may run another image
    main/kept
    main/old
    ");
    let moved = in_fleet(REGISTRY, "specs --finding tag-moved").well();
    assert_snapshot!(said(&moved).join("\n"), @"main/docs | tag-moved: stable now points to sha256:ff619a4800b1…, 2 tasks run sha256:26c39134cec7… | mutable-tag: the tag `stable` moves: the next deployment may run another image");
    let missing = in_fleet(REGISTRY, "specs --finding image-missing").well();
    assert_snapshot!(said(&missing).join("\n"), @"main/old | image-missing: the registry has no 000000000000.dkr.ecr.us-east-1.amazonaws.com/web/old:1: no new task can pull it");
    let whole = in_fleet(REGISTRY, "specs --details").well();
    assert_snapshot!(said(&whole).join("\n"), @"
    main/docs | tag-moved: stable now points to sha256:ff619a4800b1…, 2 tasks run sha256:26c39134cec7… | mutable-tag: the tag `stable` moves: the next deployment may run another image
    main/kept | not-deployed: main-kept:2 is registered, main-kept:1 is deployed: 1 revision behind
    main/old | image-missing: the registry has no 000000000000.dkr.ecr.us-east-1.amazonaws.com/web/old:1: no new task can pull it
    ");
    let page = in_fleet(REGISTRY, "specs show docs --details --jq '[.findings[].finding]'").well();
    assert_snapshot!(page, @r#"["tag-moved","mutable-tag"]"#);
}

const OLD: &str = r#"
name = "old"
summary = "An account that never opted in to long ARNs."
seed = 4

[[clusters]]
name = "old"
hosts = 2
short_arns = true

[[services]]
name = "api"
cluster = "old"
desired = 3
[[services.containers]]
name = "api"
image = "registry.example/api:1"
"#;

#[test]
fn short_arns_make_no_difference() {
    let long = OLD.replace("short_arns = true\n", "");
    for line in [
        "specs",
        "specs api --details",
        "specs tasks",
        "specs show old/api --jq 'del(.tasks)'",
        "specs diff time:19:00 now",
    ] {
        let (short, long) = (in_fleet(OLD, line).well(), in_fleet(&long, line).well());
        assert_eq!(short.stdout, long.stdout, "{line}");
    }
    let by_arn =
        in_fleet(OLD, "specs arn:aws:ecs:us-east-1:000000000000:service/api --jq .cluster");
    assert_eq!(by_arn.well().stdout, "old\n");
}

#[test]
fn the_instance_of_a_host_is_told_when_it_is_wanted() {
    let ids =
        |flags: &str| in_fleet(OLD, &format!("specs tasks {flags} --jq .instance")).well().stdout;
    assert_eq!(ids(""), "null\n".repeat(3));
    let ids = ids("--details");
    assert!(ids.lines().all(|id| id.starts_with("i-")), "{ids}");
}

#[test]
fn names_may_be_as_long_as_aws_allows() {
    let name = "n".repeat(255);
    let fleet = OLD.replace(r#"name = "api""#, &format!(r#"name = "{name}""#));
    let ran = in_fleet(&fleet, &format!("specs {name} --jq '.service | length'"));
    assert_eq!(ran.well().stdout, "255\n");
    let table = in_fleet(&fleet, "specs -o table").well().stdout;
    assert!(table.contains(&name), "off a terminal nothing is cut");
}

const TEN: &str = r#"
name = "ten"
summary = "Ten clusters, one of which is closed."
seed = 6
"#;

#[test]
fn a_closed_cluster_among_ten_is_missing_and_nine_are_shown() {
    let mut fleet = TEN.to_owned();
    for number in 0..10 {
        let denied = if number == 4 { "denied = true\n" } else { "" };
        fleet.push_str(&format!(
            "[[clusters]]\nname = \"c{number}\"\nhosts = 1\n{denied}\
             [[services]]\nname = \"web\"\ncluster = \"c{number}\"\ndesired = 1\n\
             [[services.containers]]\nname = \"web\"\nimage = \"registry.example/web:1\"\n"
        ));
    }
    for line in ["specs", "specs tasks", "specs web", "specs show web"] {
        let ran = in_fleet(&fleet, &format!("{line} --jq .cluster"));
        let nine =
            ["c0", "c1", "c2", "c3", "c5", "c6", "c7", "c8", "c9"].map(|name| format!("{name}\n"));
        assert_eq!((ran.code, ran.stdout.as_str()), (3, nine.concat().as_str()), "{line}: {ran}");
        assert_eq!(ran.stderr.matches("missing: ").count(), 1, "{line}: {ran}");
        assert!(
            ran.stderr.contains("c4") && ran.stderr.contains("hint: ask for the IAM action"),
            "{ran}"
        );
    }
    let alone = in_fleet(&fleet, "specs --cluster c4");
    assert_eq!((alone.code, alone.stdout.as_str()), (4, ""), "{alone}");
    let alone = in_fleet(&fleet, "specs tasks --cluster c4");
    assert_eq!((alone.code, alone.stdout.as_str()), (4, ""), "{alone}");
    let unknown = in_fleet(&fleet, "specs wbe");
    assert_eq!(unknown.code, 3, "it may be in the closed one: {unknown}");
}

const MANY: &str = r#"
name = "many"
summary = "Thirty services of one kind."
seed = 6
[[clusters]]
name = "main"
hosts = 4
[[services]]
name = "web"
cluster = "main"
desired = 4
copies = 30
[[services.containers]]
name = "web"
image = "registry.example/web-${copy}:1"
"#;

#[test]
fn no_task_is_asked_for_in_the_first_look() {
    let ran = in_fleet(MANY, "specs --debug");
    assert_eq!((ran.code, ran.records().len()), (0, 30));
    let asked = |operation: &str| {
        ran.stderr.lines().filter(|line| line.contains(&format!("\"{operation}\""))).count()
    };
    assert_eq!(
        [
            "ListClusters",
            "ListServices",
            "DescribeServices",
            "DescribeServiceRevisions",
            "ListTasks",
            "DescribeTaskDefinition"
        ]
        .map(asked),
        [1, 1, 3, 2, 0, 0],
        "{}",
        ran.stderr
    );
}
