//! `oncall logs groups` and `oncall logs streams`

use insta::assert_snapshot;

use crate::support::Machine;

#[test]
fn groups_are_listed_by_name() {
    assert_snapshot!(Machine::new().types("oncall --drill logs groups -o raw").well(), @"
    /archive/audit
    /aws/lambda/invoice-mailer
    /aws/lambda/thumbnails
    /ecs/edge-web
    /ecs/platform/dns
    /ecs/platform/log-router
    /ecs/prod-control
    /ecs/prod-finance
    /ecs/prod-ingest
    /ecs/prod-ledger
    /ecs/prod-mesh
    /ecs/prod-outbound
    /ecs/static-sites
    /firelens/prod-pipeline
    billing
    ");
}

#[test]
fn a_group_as_a_record() {
    assert_snapshot!(Machine::new().types("oncall --drill logs groups '/ecs/prod-i*'").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"log_group","account":"000000000000","region":"us-east-1","group":"/ecs/prod-ingest","class":"standard","retention_days":30,"stored_bytes":80789859401,"created":"2025-10-18T19:56:00.000Z","arn":"arn:aws:logs:us-east-1:000000000000:log-group:/ecs/prod-ingest"}"#);
}

#[test]
fn a_part_of_a_name_finds_groups_too() {
    assert_snapshot!(Machine::new().types("oncall --drill logs groups lambda -o text").well(), @"
    /aws/lambda/invoice-mailer	standard	30	3105176074	2025-10-18T19:56:00.000Z
    /aws/lambda/thumbnails	standard		0	2026-08-24T19:56:00.000Z
    ");
}

#[test]
fn a_table_in_a_pipe_has_its_full_width_and_no_colours() {
    assert_snapshot!(Machine::new().types("oncall --drill logs groups lambda -o table").well(), @"
    GROUP                       CLASS     DAYS  STORED  CREATED
    /aws/lambda/invoice-mailer  standard    30  3.1 GB  2025-10-18
    /aws/lambda/thumbnails      standard  ever     0 B  2026-08-24
    ");
    let streams = "oncall --drill logs streams prod/scheduler -n 1 -o table";
    assert_snapshot!(Machine::new().types(streams).well(), @"
    STREAM                                         GROUP              LAST EVENT (+00:00)  CREATED (+00:00)
    cp/scheduler/0b19f94a084e06f89c61c129cf7744a1  /ecs/prod-control  2026-11-22 19:58:21  2026-11-02 19:56:12
    ");
}

#[test]
fn the_streams_of_a_service_say_whose_they_are() {
    let ran = Machine::new().types("oncall --drill logs streams prod/webhooks").well();
    let streams = ran.records();
    assert!(streams.len() >= 16);
    for stream in &streams {
        assert_eq!(
            (&stream["kind"], &stream["service"]),
            (&"log_stream".into(), &"webhooks".into())
        );
        assert!(stream["stream"].as_str().unwrap().ends_with(stream["task"].as_str().unwrap()));
    }
}

#[test]
fn the_newest_streams_come_first() {
    let ran = Machine::new().types("oncall --drill logs streams /ecs/prod-ingest -n 5").well();
    let streams = ran.records();
    assert_eq!(streams.len(), 5);
    let times: Vec<&str> = streams.iter().map(|s| s["last_event"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}
