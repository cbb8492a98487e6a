//! `oncall logs [tail]`

use insta::assert_snapshot;

use crate::support::Machine;

#[test]
fn a_service_is_read_from_the_groups_of_its_containers() {
    let ran = Machine::new().types("oncall --drill logs api --since 1m").well();
    let records = ran.records();
    assert!(records.len() > 50);
    for record in &records {
        assert_eq!((&record["cluster"], &record["service"]), (&"prod".into(), &"api".into()));
        let place = (record["container"].as_str().unwrap(), record["group"].as_str().unwrap());
        assert!(
            matches!(place, ("api", "/ecs/prod-ingest") | ("envoy", "/ecs/prod-mesh")),
            "{place:?}"
        );
    }
    let times: Vec<&str> = records.iter().map(|record| record["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted());
}

#[test]
fn every_line_begins_with_time_and_kind() {
    let ran = Machine::new().types("oncall --drill logs '/ecs/*' --since 10s").well();
    assert!(ran.stdout.lines().count() > 100);
    for line in ran.stdout.lines() {
        assert!(line.starts_with(r#"{"time":"2026-11-22T19:59:"#), "{line}");
        assert_eq!(&line[34..47], r#","kind":"log""#);
    }
}

#[test]
fn a_record_as_it_is_documented() {
    let ran = Machine::new().types("oncall --drill logs prod/api/api -n 1").well();
    assert_snapshot!(ran, @r#"{"time":"2026-11-22T19:59:58.937Z","kind":"log","account":"000000000000","region":"us-east-1","group":"/ecs/prod-ingest","stream":"ingest/api/ccfa0929c76eaa2531d3e84720523a05","cluster":"prod","service":"api","task":"ccfa0929c76eaa2531d3e84720523a05","container":"api","level":"info","message":"request completed","fields":{"level":30,"time":1795377598937,"pid":1,"hostname":"ip-10-10-3-24","reqId":"18bd58ff-ea5f-47b8-9975-94a7ec9e775f","workspace":"acme","req":{"method":"POST","url":"/v1/track"},"res":{"statusCode":200},"responseTime":26,"msg":"request completed"},"ingested":"2026-11-22T19:59:59.543Z","id":"40038258369043741558487284123216359153724454044407754240"}"#);
}

#[test]
fn raw_is_the_exact_text() {
    let ran = Machine::new().types("oncall --drill logs prod/api/api -n 2 -o raw").well();
    assert_snapshot!(ran, @r#"
    {"level":30,"time":1795377598060,"pid":1,"hostname":"ip-10-10-24-5","reqId":"a78da4c6-b0fa-415c-8d53-c8be6e3eabb0","workspace":"globex","req":{"method":"POST","url":"/v1/track"},"res":{"statusCode":202},"responseTime":18,"msg":"request completed"}
    {"level":30,"time":1795377598937,"pid":1,"hostname":"ip-10-10-3-24","reqId":"18bd58ff-ea5f-47b8-9975-94a7ec9e775f","workspace":"acme","req":{"method":"POST","url":"/v1/track"},"res":{"statusCode":200},"responseTime":26,"msg":"request completed"}
    "#);
}

#[test]
fn text_in_a_pipe_is_tab_separated_and_one_line_a_record() {
    let ran = Machine::new()
        .types("oncall --drill logs service:billing --since 1h --level error -n 1 -o text");
    let columns: Vec<&str> = ran.stdout.trim_end_matches('\n').split('\t').collect();
    assert_eq!(columns.len(), 10, "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1);
    assert!(columns[8].contains(r"\n"), "a stack trace has escaped line breaks: {}", columns[8]);
}

#[test]
fn conditions_are_joined() {
    let machine = Machine::new();
    let ran = machine.types(
        "oncall --drill logs api --since 20m --level error --include timeout --exclude kafka",
    );
    let records = ran.records();
    assert!(!records.is_empty());
    for record in &records {
        assert_eq!(record["level"], "error");
        let text = record["fields"].to_string();
        assert!(text.contains("timeout") && !text.contains("kafka"), "{text}");
    }
}

#[test]
fn events_without_a_level_are_counted_when_a_level_is_asked_for() {
    let machine = Machine::new();
    let ran = machine.types("oncall --drill logs '/ecs/*' --since 15m --level error -o raw");
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains(" without a level left out, complete"), "{}", ran.stderr);
}

#[test]
fn one_task_is_one_stream_a_container() {
    let machine = Machine::new();
    let first = &machine.types("oncall --drill logs prod/api/api -n 1").well().records()[0];
    let task = first["task"].as_str().unwrap();
    let by_target = machine.types(&format!("oncall --drill logs task:{task} --since 10m")).well();
    let by_flag =
        machine.types(&format!("oncall --drill logs api --task {task} --since 10m")).well();
    assert_eq!(by_target.stdout, by_flag.stdout);
    assert!(by_target.records().iter().all(|record| record["task"] == task));
    let by_beginning =
        machine.types(&format!("oncall --drill logs api --task {} --since 10m", &task[..9]));
    assert_eq!(by_beginning.stdout, by_target.stdout);
}

#[test]
fn a_stream_is_chosen_by_prefix_or_glob() {
    let machine = Machine::new();
    let prefix = machine
        .types("oncall --drill logs /ecs/prod-outbound --since 1m --stream webhooks/")
        .well();
    let glob = machine
        .types("oncall --drill logs /ecs/prod-outbound --since 1m --stream 'web*/webhooks/*'")
        .well();
    assert!(!prefix.stdout.is_empty());
    assert_eq!(prefix.stdout, glob.stdout);
}

#[test]
fn two_services_in_one_group_are_told_apart() {
    let ran = Machine::new().types("oncall --drill logs webhooks --since 1m").well();
    let records = ran.records();
    assert!(!records.is_empty());
    for record in records {
        assert!(record["stream"].as_str().unwrap().starts_with("webhooks/webhooks/"), "{record}");
    }
}

#[test]
fn firelens_streams_are_found_by_their_tag() {
    let ran = Machine::new().types("oncall --drill logs prod/dedupe/dedupe -n 1").well();
    let record = &ran.records()[0];
    assert_eq!(record["group"], "/firelens/prod-pipeline");
    let stream = record["stream"].as_str().unwrap();
    assert_eq!(stream, format!("pipeline/dedupe-firelens-{}", record["task"].as_str().unwrap()));
}

#[test]
fn a_container_that_logs_elsewhere_is_named() {
    let ran = Machine::new().types("oncall --drill logs service:billing -n 0 -o raw");
    assert_snapshot!(ran, @"
    ------- stderr -------
    note: prod/billing: the container audit-forwarder logs elsewhere (the log driver splunk), not shown
    ");
}

#[test]
fn a_target_twice_is_read_once() {
    let machine = Machine::new();
    let once = machine.types("oncall --drill logs /ecs/prod-ingest --since 30s").well();
    let twice =
        machine.types("oncall --drill logs /ecs/prod-ingest '/ecs/prod-in*' --since 30s").well();
    assert_eq!(once.stdout, twice.stdout);
}

#[test]
fn the_newest_are_the_last_of_the_whole() {
    let machine = Machine::new();
    let all = machine.types("oncall --drill logs api --since 15m").records();
    let newest = machine.types("oncall --drill logs api --since 15m -n 40").well().records();
    assert_eq!(newest, all[all.len() - 40..]);
}

#[test]
fn a_filter_pattern_goes_to_the_server_as_it_is() {
    let machine = Machine::new();
    let ran = machine
        .types("oncall --drill logs prod/api/api --since 10m --filter-pattern '{ $.level = 50 }'");
    let records = ran.records();
    assert!(!records.is_empty());
    assert!(records.iter().all(|record| record["fields"]["level"] == 50));
}

#[test]
fn windows_that_touch_share_nothing_and_miss_nothing() {
    let machine = Machine::new();
    let whole = machine.types("oncall --drill logs api --since 19:50 --until 19:52");
    let first = machine.types("oncall --drill logs api --since 19:50 --until 19:51");
    let second = machine.types("oncall --drill logs api --since 19:51 --until 19:52");
    assert!(!first.stdout.is_empty());
    assert_eq!(format!("{}{}", first.stdout, second.stdout), whole.stdout);
}

#[test]
fn a_name_of_the_configuration_is_a_set() {
    let cloud = crate::support::cloud::with_one_group("/shop/web", |_| {
        crate::support::cloud::Answer::json(
            r#"{"events":[{"logStreamName":"s","timestamp":1795377590000,"message":"hello","eventId":"1"}]}"#,
        )
    });
    let machine = Machine::with_endpoint(&cloud.url);
    machine.file(".config/oncall/config.toml", "[target.shop]\ngroups = [\"/shop/web\"]\n");
    let ran = machine.types("oncall logs shop --since 1795377500 --until 1795377600").well();
    assert_eq!(ran.records()[0]["message"], "hello");
}

#[test]
fn a_drill_reads_no_profile_no_configuration_and_no_proxy() {
    let mut machine = Machine::new();
    machine.file(".config/oncall/config.toml", "this is not toml");
    machine.file(".aws/config", "[profile broken\n");
    machine.set("AWS_PROFILE", "nowhere").set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    machine.set("HTTP_PROXY", "http://127.0.0.1:1").set("ALL_PROXY", "http://127.0.0.1:1");
    assert_eq!(machine.types("oncall --drill logs api -n 1").well().records().len(), 1);
}

#[test]
fn a_frozen_drill_replays_byte_for_byte() {
    let (one, other) = (Machine::new(), Machine::new());
    let line = "oncall --drill logs '/ecs/*' --since 2m";
    assert_eq!(one.types(line).stdout, other.types(line).stdout);
}
