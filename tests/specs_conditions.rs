//! `oncall specs` with conditions: only what is meant, in the order that is wanted.

use insta::assert_snapshot;

use crate::specs_releases::in_shop;
use crate::support::{Machine, Ran, Served};

/// `cluster/service` of each record, with its findings.
fn found(ran: &Ran) -> Vec<String> {
    let names = |record: &serde_json::Value| {
        let of = |value: &serde_json::Value| value["finding"].as_str().unwrap().to_owned();
        let all = record["findings"].as_array().into_iter().flatten().map(of);
        all.collect::<Vec<_>>().join(",")
    };
    let line = |record: &serde_json::Value| {
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        format!("{}/{} {}", text("cluster"), text("service"), names(record)).trim_end().to_owned()
    };
    ran.records().iter().map(line).collect()
}

fn in_drill(rest: &str) -> Ran {
    Machine::new().types(&format!("oncall --drill specs {rest}"))
}

#[test]
fn images_are_chosen_by_any_part_of_their_name() {
    let cart = ["edge/cart", "main/cart mixed-versions"];
    for glob in ["*/shop/cart*", "shop/cart", "registry.example:5000/*", "shop/cart:v?"] {
        assert_eq!(found(&in_shop(&format!("specs --image '{glob}'")).well()), cart, "{glob}");
    }
    assert_eq!(found(&in_shop("specs --image v2").well()), cart[1..]);
    assert_eq!(
        found(&in_shop("specs --image 'sha256:*' --image v2 --cluster edge").well()),
        ["edge/cart"]
    );
    assert_snapshot!(in_shop("specs --image nothing"), @"
    ------- stderr -------
    note: none of the 7 containers is one of those
    ");
}

#[test]
fn ages_are_those_of_deployments() {
    let old = in_shop("specs --older-than 8d").well();
    assert_eq!(found(&old).len(), 3, "{old}");
    let new = in_shop("specs --newer-than 1h").well();
    assert_eq!(found(&new), ["main/cart mixed-versions", "main/pay stuck-rollout"]);
    let between = in_shop("specs --older-than 1h --newer-than 1d").well();
    assert_eq!(found(&between), ["main/mail rolled-back"]);
    assert_snapshot!(in_shop("specs --older-than 7d --newer-than 1d"), @"
    ------- stderr -------
    error: nothing is older than --older-than and newer than --newer-than at once
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs --older-than soon"), @"
    ------- stderr -------
    error: `soon` is not a duration
    hint: durations look like 90s, 15m, 2h30m, 1d or 1w
    [exit 2]
    ");
}

#[test]
fn what_costs_nothing_is_found_without_being_asked_for() {
    let ran = in_drill("").well();
    let mut all: Vec<String> =
        found(&ran).iter().filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect();
    all.sort();
    all.dedup();
    assert_eq!(
        all,
        ["crash-loop", "crash-loop,stuck-rollout", "mutable-tag", "rolled-back", "under-desired"]
    );
}

#[test]
fn each_finding_can_be_asked_for() {
    let of = |finding: &str| found(&in_drill(&format!("--finding {finding}")));
    assert_eq!(
        of("crash-loop"),
        [
            "edge/coredns crash-loop",
            "prod/coredns crash-loop",
            "prod/txn-writer crash-loop,stuck-rollout"
        ]
    );
    assert_eq!(of("stuck-rollout"), ["prod/txn-writer crash-loop,stuck-rollout"]);
    assert_eq!(of("under-desired"), ["prod/destinations under-desired"; 2]);
    assert_eq!(of("unhealthy-tasks"), [""; 0]);
    assert_eq!(of("rolled-back"), ["prod/billing rolled-back"; 2]);
    assert_eq!(of("mixed-versions"), [""; 0]);
    assert_eq!(of("mutable-tag"), ["edge/docs mutable-tag"]);
    // It takes a call a family, so the ones before did not say it.
    assert_eq!(
        of("not-deployed"),
        [
            "prod/billing rolled-back,not-deployed",
            "prod/billing rolled-back,not-deployed",
            "prod/scheduler not-deployed"
        ]
    );
    let either = in_drill("--finding mutable-tag --finding under-desired");
    assert_eq!(found(&either).len(), 3);
    assert_snapshot!(in_drill("--finding latest"), @"
    ------- stderr -------
    error: invalid value 'latest' for '--finding <NAME>': the findings are crash-loop, image-missing, stuck-rollout, under-desired, unhealthy-tasks, rolled-back, mixed-versions, tag-moved, not-deployed, mutable-tag

    For more information, try '--help'.
    [exit 2]
    ");
}

const SICK: &str = r#"
name = "sick"
summary = "Half of the tasks fail their health checks."
seed = 2
[[clusters]]
name = "main"
hosts = 2
[[services]]
name = "web"
cluster = "main"
desired = 4
[[services.containers]]
name = "web"
image = "registry.example/web:1"
health_check = true
[[timeline]]
at = "-5m"
sick = { service = "web", share = 0.5, to = "+30m" }
"#;

#[test]
fn tasks_that_fail_health_checks_are_found_when_they_are_asked_for() {
    let machine = Machine::new();
    machine.file("sick.toml", SICK);
    let without = machine.types("oncall --drill=sick.toml specs").well();
    assert_eq!(found(&without), ["main/web"], "tasks are not asked about");
    let with = machine.types("oncall --drill=sick.toml specs --finding unhealthy-tasks -o table");
    assert_snapshot!(with.well(), @"
    SERVICE  CONTAINER  TASKS  VERSION  DIGEST        AGE  ROLLOUT    LAUNCH  DEFINITION  FINDINGS
    main: 1 service, 4 of 4 tasks run
    web      web          4/4  1        8e030b702078  30d  COMPLETED  EC2     main-web:1  unhealthy-tasks
      unhealthy-tasks: 2 of 4 tasks fail health checks
    ");
    let tasks = machine.types("oncall --drill=sick.toml specs tasks --jq .health").well();
    assert_eq!(tasks.stdout.matches("UNHEALTHY").count(), 2);
}

#[test]
fn orders_are_by_name_by_health_and_by_age() {
    let paths = |rest: &str| -> Vec<String> {
        let paths = found(&in_shop(rest).well());
        paths.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let by_name =
        ["edge/attic", "edge/cart", "main/batch", "main/cart", "main/mail", "main/pay", "main/web"];
    assert_eq!(paths("specs"), by_name);
    assert_eq!(paths("specs --sort name"), by_name);
    let by_health =
        ["main/pay", "main/mail", "main/cart", "main/web", "edge/attic", "edge/cart", "main/batch"];
    assert_eq!(paths("specs --sort health"), by_health);
    let by_age =
        ["main/cart", "main/pay", "main/mail", "edge/cart", "main/web", "edge/attic", "main/batch"];
    assert_eq!(paths("specs --sort age"), by_age);
}

#[test]
fn details_say_the_size_of_a_container_and_who_registered_it() {
    let quick = in_shop("specs main/cart").well().records().remove(0);
    assert_eq!(quick.get("cpu"), None, "it takes a call");
    let whole = in_shop("specs main/cart --details");
    let record = whole.records().remove(0);
    assert_eq!((&record["cpu"], &record["memory_mb"]), (&512.into(), &1024.into()), "{whole}");
    assert_eq!(record["registered_by"], "arn:aws:sts::000000000000:assumed-role/deploy/ci");
}

#[test]
fn what_was_learned_of_definitions_is_kept() {
    let here = Machine::new();
    here.file("shop.toml", crate::specs_releases::SHOP);
    let served = Served::by(&here, "oncall --drill=shop.toml drill serve");
    let machine = Machine::with_endpoint(&served.url);
    let cpu = |line: &str| machine.types(line).records().remove(0)["cpu"].clone();
    assert!(cpu("oncall specs main/cart").is_null());
    assert_eq!(cpu("oncall specs main/cart --details"), 512);
    assert_eq!(cpu("oncall specs main/cart"), 512, "without a call");
}
