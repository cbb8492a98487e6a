//! `oncall specs` where something cannot be read: the rest is shown, and what is missing is said.

use insta::assert_snapshot;
use serde_json::json;

use crate::specs_releases::SHOP;
use crate::support::cloud::{Answer, Cloud, denied, three_clusters};
use crate::support::{Machine, Ran, Served};

/// Types `oncall REST` at the shop in bad weather.
fn in_weather(weather: &str, rest: &str) -> Ran {
    let machine = Machine::new();
    machine.file("shop.toml", SHOP);
    let served = Served::by(&machine, &format!("oncall --drill=shop.toml drill serve {weather}"));
    let mut reader = Machine::with_endpoint(&served.url);
    reader.set("ONCALL_DRILL_NOW", "");
    reader.types(&format!("oncall {rest}"))
}

const SHORT: &str =
    r#"--jq '"\(.cluster)/\(.service) \(.running)/\(.desired) \(.tag) \(.digest != null)"'"#;

#[test]
fn throttles_errors_and_cut_answers_cost_no_service() {
    let good = in_weather("--latency 1ms", &format!("specs {SHORT}")).well();
    let bad =
        in_weather("--fault throttle:3 --fault error:5 --fault cut:7", &format!("specs {SHORT}"));
    assert_eq!((bad.code, &bad.stdout), (0, &good.stdout), "{bad}");
    assert_eq!(good.stdout.lines().count(), 7);
}

#[test]
fn without_permission_for_revisions_versions_are_told_by_task_definitions() {
    let line = format!("specs {SHORT}");
    let ran = in_weather("--fault deny@DescribeServiceRevisions", &line);
    assert_snapshot!(ran, @"
    edge/attic 1/1 0.9 false
    edge/cart 1/1 v1 false
    main/batch 0/0 null false
    main/cart 4/4 v2 false
    main/mail 2/2 7 false
    main/pay 2/2 4 false
    main/web 4/2 null false
    ------- stderr -------
    missing: the digests of 1 service revision of edge: DescribeServiceRevisions in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:DescribeServiceRevisions on resource: * because no identity-based policy allows the ecs:DescribeServiceRevisions action
    missing: the digests of 5 service revisions of main: DescribeServiceRevisions in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:DescribeServiceRevisions on resource: * because no identity-based policy allows the ecs:DescribeServiceRevisions action
    hint: ask for the IAM action ecs:DescribeServiceRevisions; docs/permissions.md has the least policy
    [exit 3]
    ");
}

#[test]
fn without_permission_to_list_clusters_there_is_nothing() {
    assert_snapshot!(in_weather("--fault deny@ListClusters", "specs"), @"
    ------- stderr -------
    error: ListClusters in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListClusters on resource: * because no identity-based policy allows the ecs:ListClusters action
    hint: ask for the IAM action ecs:ListClusters; docs/permissions.md has the least policy
    [exit 4]
    ");
    let named = in_weather("--fault deny@ListClusters", &format!("specs main/pay {SHORT}"));
    assert_snapshot!(named.well(), @"main/pay 2/2 4 true");
}

#[test]
fn without_permission_to_describe_services_there_is_nothing() {
    assert_snapshot!(in_weather("--fault deny@DescribeServices", "specs"), @"
    ------- stderr -------
    error: DescribeServices in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:DescribeServices on resource: * because no identity-based policy allows the ecs:DescribeServices action
    hint: ask for the IAM action ecs:DescribeServices; docs/permissions.md has the least policy
    [exit 4]
    ");
}

#[test]
fn without_permission_for_tasks_a_page_has_the_rest() {
    let line =
        "specs show pay --jq '[.service, .running, (.tasks | length), (.deployments | length)]'";
    let ran = in_weather("--fault deny@ListTasks", line);
    assert_snapshot!(ran, @r#"
    ["pay",2,0,2]
    ------- stderr -------
    missing: the running tasks of main: ListTasks in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action
    missing: the stopped tasks of main: ListTasks in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action
    hint: ask for the IAM action ecs:ListTasks; docs/permissions.md has the least policy
    [exit 3]
    "#);
    let ran = in_weather("--fault deny@ListTasks", "specs tasks");
    assert_snapshot!(ran, @"
    ------- stderr -------
    missing: tasks of the cluster edge: ListTasks in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action
    missing: tasks of the cluster main: ListTasks in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action
    hint: ask for the IAM action ecs:ListTasks; docs/permissions.md has the least policy
    [exit 4]
    ");
    let ran = in_weather("--fault deny@ListTasks", "specs tasks pay");
    assert_snapshot!(ran, @"
    ------- stderr -------
    missing: the running tasks of main: ListTasks in us-east-1: no permission: User: arn:aws:sts::000000000000:assumed-role/drill/oncall is not authorized to perform: ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action
    hint: ask for the IAM action ecs:ListTasks; docs/permissions.md has the least policy
    [exit 4]
    ");
}

#[test]
fn without_permission_for_the_past_a_comparison_says_what_it_lacks() {
    let ran =
        in_weather("--fault deny@ListServiceDeployments", "specs diff time:19:00 now pay mail");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (3, ""),
        "what is not known does not differ: {ran}"
    );
    assert!(
        ran.stderr.contains("hint: ask for the IAM action ecs:ListServiceDeployments"),
        "{ran}"
    );
}

#[test]
fn one_cluster_without_permission_costs_the_others_nothing() {
    let cloud = three_clusters(|_, cluster| (cluster == "b").then(denied));
    let machine = Machine::with_endpoint(&cloud.url);
    assert_snapshot!(machine.types("oncall specs --jq .cluster"), @"
    a
    c
    ------- stderr -------
    missing: cluster b: ListServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:ListServices; docs/permissions.md has the least policy
    [exit 3]
    ");
    assert_snapshot!(machine.types("oncall specs tasks --jq .cluster"), @"
    a
    c
    ------- stderr -------
    missing: tasks of the cluster b: ListTasks in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:ListTasks; docs/permissions.md has the least policy
    [exit 3]
    ");
    assert_snapshot!(machine.types("oncall specs web --jq .cluster"), @"
    a
    c
    ------- stderr -------
    missing: cluster b: DescribeServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:DescribeServices; docs/permissions.md has the least policy
    [exit 3]
    ");
    assert_snapshot!(machine.types("oncall specs wob"), @"
    ------- stderr -------
    error: no service `wob` was found where there is an answer
    caused by: cluster b: DescribeServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:DescribeServices; docs/permissions.md has the least policy
    [exit 3]
    ");
    assert_snapshot!(machine.types("oncall specs --cluster b"), @"
    ------- stderr -------
    error: ListServices in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action ecs:ListServices; docs/permissions.md has the least policy
    [exit 4]
    ");
}

#[test]
fn a_cluster_that_cannot_be_read_is_not_one_that_is_gone() {
    let whole = three_clusters(|_, _| None);
    let then = Machine::with_endpoint(&whole.url).types("oncall specs").well().stdout;
    let cloud = three_clusters(|_, cluster| (cluster == "b").then(denied));
    let machine = Machine::with_endpoint(&cloud.url);
    machine.file("then.jsonl", &then);
    let ran = machine.types("oncall specs diff file:then.jsonl now");
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran}");
}

#[test]
fn what_an_answer_says_that_it_lacks_is_missing() {
    let cloud = three_clusters(|request, cluster| {
        (request.operation == "DescribeServices" && cluster == "b").then(|| {
            let failure = json!({ "arn": "arn:aws:ecs:us-east-1:123456789012:service/b/web", "reason": "ACCESS_DENIED", "detail": "by policy" });
            Answer::json(json!({ "services": [], "failures": [failure] }).to_string())
        })
    });
    let machine = Machine::with_endpoint(&cloud.url);
    assert_snapshot!(machine.types("oncall specs --jq .cluster"), @"
    a
    c
    ------- stderr -------
    missing: service b/web: ACCESS_DENIED: by policy
    [exit 3]
    ");
}

#[test]
fn a_service_that_went_away_meanwhile_is_no_failure() {
    let cloud = three_clusters(|request, cluster| {
        (request.operation == "DescribeServices" && cluster == "b").then(|| {
            let failure = json!({ "arn": "arn:aws:ecs:us-east-1:123456789012:service/b/web", "reason": "MISSING" });
            Answer::json(json!({ "services": [], "failures": [failure] }).to_string())
        })
    });
    let ran = Machine::with_endpoint(&cloud.url).types("oncall specs --jq .cluster");
    assert_eq!(ran.well().stdout, "a\nc\n");
}

#[test]
fn a_refusal_without_words_is_told_by_its_code() {
    let cloud = Cloud::that(|_| Answer::refusal("UnsupportedFeatureException", ""));
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types("oncall specs"), @"
    ------- stderr -------
    error: ListClusters in us-east-1: UnsupportedFeatureException
    [exit 2]
    ");
}

#[test]
fn credentials_that_have_expired() {
    let cloud = Cloud::that(|_| Answer::refusal("ExpiredTokenException", "expired"));
    for verb in ["list", "show api", "tasks", "diff now time:1h", "watch"] {
        let ran = Machine::with_endpoint(&cloud.url).types(&format!("oncall specs {verb}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
        assert!(ran.stderr.starts_with("error: the AWS credentials have expired"), "{ran}");
    }
}

#[test]
fn where_stopped_tasks_cannot_be_read_what_events_say_still_counts() {
    let incident = include_str!("../crates/simulator/scenarios/incident-8.toml");
    let closed = format!("{incident}\n[faults]\nfault = [\"deny@ListTasks\"]\n");
    let machine = Machine::new();
    machine.file("closed.toml", &closed);
    for flag in ["--unhealthy", "--finding crash-loop"] {
        let line = format!("oncall --drill=closed.toml specs prod/coredns {flag}");
        let ran = machine.types(&line);
        assert_eq!(ran.code, 3, "{ran}");
        assert_eq!(ran.records()[0]["findings"][0]["finding"], "crash-loop", "{ran}");
        assert!(ran.stderr.contains("the stopped tasks of prod"), "{ran}");
    }
}
