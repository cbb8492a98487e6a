//! `oncall specs`: which services are meant, and what is said when there are none.

use insta::assert_snapshot;

use crate::specs_releases::in_shop;
use crate::support::cloud::{Answer, Cloud};
use crate::support::{Machine, Ran};

/// `cluster/service` of each record.
fn paths(ran: &Ran) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let path = |record: &serde_json::Value| {
        format!("{}/{}", text(&record["cluster"]), text(&record["service"]))
    };
    ran.records().iter().map(path).collect()
}

#[test]
fn a_name_means_the_services_of_that_name_in_every_cluster() {
    assert_eq!(paths(&in_shop("specs cart").well()), ["edge/cart", "main/cart"]);
    assert_eq!(paths(&in_shop("specs service:cart").well()), ["edge/cart", "main/cart"]);
}

#[test]
fn a_path_means_one_of_them() {
    assert_eq!(paths(&in_shop("specs edge/cart").well()), ["edge/cart"]);
    assert_eq!(paths(&in_shop("specs cart --cluster edge").well()), ["edge/cart"]);
    assert_eq!(paths(&in_shop("specs show main/cart").well()), ["main/cart"]);
}

#[test]
fn the_page_of_a_name_in_two_clusters_is_two_pages() {
    assert_eq!(paths(&in_shop("specs show cart").well()), ["edge/cart", "main/cart"]);
}

#[test]
fn globs_mean_what_matches() {
    assert_eq!(
        paths(&in_shop("specs 'ma*/*a*'").well()),
        ["main/batch", "main/cart", "main/mail", "main/pay"]
    );
    assert_eq!(paths(&in_shop("specs --cluster 'ed?e'").well()), ["edge/attic", "edge/cart"]);
}

#[test]
fn arns_old_and_new_mean_the_service() {
    let new = "specs arn:aws:ecs:us-east-1:000000000000:service/edge/cart";
    assert_eq!(paths(&in_shop(new).well()), ["edge/cart"]);
    let old = "specs arn:aws:ecs:us-east-1:000000000000:service/attic";
    assert_eq!(paths(&in_shop(old).well()), ["edge/attic"]);
    let cluster = "specs cart --cluster arn:aws:ecs:us-east-1:000000000000:cluster/main";
    assert_eq!(paths(&in_shop(cluster).well()), ["main/cart"]);
}

#[test]
fn what_is_named_twice_is_shown_once() {
    assert_eq!(paths(&in_shop("specs pay main/pay 'p*'").well()), ["main/pay"]);
}

#[test]
fn a_wrong_name_gets_the_nearest() {
    assert_snapshot!(in_shop("specs card"), @"
    ------- stderr -------
    error: there is no service `card` in us-east-1
    hint: did you mean `cart`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs show card"), @"
    ------- stderr -------
    error: there is no service `card` in us-east-1
    hint: did you mean `cart`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs tasks card"), @"
    ------- stderr -------
    error: there is no service `card` in us-east-1
    hint: did you mean `cart`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs watch card"), @"
    ------- stderr -------
    error: there is no service `card` in us-east-1
    hint: did you mean `cart`?
    [exit 2]
    ");
}

#[test]
fn a_name_in_the_wrong_cluster_is_told_where_it_is() {
    assert_snapshot!(in_shop("specs edge/pay"), @"
    ------- stderr -------
    error: there is no service `edge/pay` in us-east-1
    hint: did you mean `main/pay`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs mian/pay"), @"
    ------- stderr -------
    error: there is no service `mian/pay` in us-east-1
    hint: did you mean `main/pay`?
    [exit 2]
    ");
}

#[test]
fn a_wrong_cluster_gets_the_nearest() {
    assert_snapshot!(in_shop("specs --cluster mian"), @"
    ------- stderr -------
    error: there is no cluster `mian` in us-east-1
    hint: did you mean `main`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs tasks --cluster mian"), @"
    ------- stderr -------
    error: there is no cluster `mian` in us-east-1
    hint: did you mean `main`?
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs cart --cluster production"), @"
    ------- stderr -------
    error: there is no cluster `production` in us-east-1
    hint: there are edge, main
    [exit 2]
    ");
}

#[test]
fn what_is_no_service_is_refused() {
    assert_snapshot!(in_shop("specs a/b/c"), @"
    ------- stderr -------
    error: `a/b/c` is not a service: it is NAME, CLUSTER/NAME or an ARN
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs arn:aws:s3:::bucket"), @"
    ------- stderr -------
    error: the ARN `arn:aws:s3:::bucket` is not of a service
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs '[a'"), @"
    ------- stderr -------
    error: the glob `[a` cannot be read: unclosed character class; missing ']'
    [exit 2]
    ");
    assert_snapshot!(in_shop("specs ''"), @"
    ------- stderr -------
    error: a service's name is empty
    [exit 2]
    ");
}

#[test]
fn a_glob_that_nothing_matches_is_a_mistake() {
    assert_snapshot!(in_shop("specs 'zz*'"), @"
    ------- stderr -------
    error: there is no service `zz*` in us-east-1
    hint: `oncall specs` lists all services
    [exit 2]
    ");
}

#[test]
fn no_clusters_at_all_is_an_answer() {
    let cloud = Cloud::that(|request| match request.operation.as_str() {
        "ListClusters" => Answer::json(r#"{"clusterArns":[]}"#),
        "ListServices" => Answer::refusal("ClusterNotFoundException", "Cluster not found."),
        _ => Answer::refusal("UnknownOperationException", "not here"),
    });
    let machine = Machine::with_endpoint(&cloud.url);
    assert_snapshot!(machine.types("oncall specs"), @"
    ------- stderr -------
    note: there are no clusters in us-east-1
    ");
    assert_snapshot!(machine.types("oncall specs tasks"), @"
    ------- stderr -------
    note: there are no clusters in us-east-1
    ");
    assert_snapshot!(machine.types("oncall specs api"), @"
    ------- stderr -------
    error: there is no service `api` in us-east-1
    hint: `oncall specs` lists all services
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall specs --cluster prod"), @"
    ------- stderr -------
    error: there is no cluster `prod` in us-east-1
    hint: there are no clusters at all
    [exit 2]
    ");
}

#[test]
fn a_set_of_the_configuration_names_services() {
    let cloud =
        crate::support::cloud::fleet_of_one_task("0f9de17a6465404e8b1b2356dc13c2f8", |_| {
            Answer::json("{}")
        });
    let machine = Machine::with_endpoint(&cloud.url);
    machine.file(
        ".config/oncall/config.toml",
        "[target.front]\nservices = [\"prod/shop\"]\n[target.back]\ngroups = [\"/x\"]\n",
    );
    assert_eq!(
        paths(&machine.types("oncall specs front")),
        ["prod/shop", "prod/shop"],
        "two containers"
    );
    assert_snapshot!(machine.types("oncall specs back"), @r#"
    ------- stderr -------
    error: the target `back` has no services
    hint: add `services = ["cluster/name"]` to [target.back]
    [exit 2]
    "#);
}
