//! `oncall specs` in the drill: the first look after a page.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Machine;

/// How many tasks run the versions of a record.
fn running_versions(record: &Value) -> u64 {
    let versions = record["versions"].as_array().unwrap();
    versions.iter().map(|version| version["running"].as_u64().unwrap()).sum()
}

#[test]
fn each_container_of_each_service_is_one_record_whose_versions_add_up() {
    let ran = Machine::new().types("oncall --drill specs").well();
    for (line, record) in ran.stdout.lines().zip(ran.records()) {
        let beginning = r#"{"time":"2026-11-22T20:00:00.000Z","kind":"service","account":"#;
        assert!(line.starts_with(beginning), "{line}");
        assert_eq!(running_versions(&record), record["running"].as_u64().unwrap(), "{line}");
    }
    let names = r#"--jq '"\(.cluster)/\(.service)/\(.container) \(.running)/\(.desired) \(.tag)"'"#;
    assert_snapshot!(Machine::new().types(&format!("oncall --drill specs {names}")).well(), @"
    edge/coredns/coredns 14/14 v1.12.0
    edge/dashboard/web 6/6 pr-4502
    edge/docs/nginx 6/6 latest
    prod/api/api 24/24 2026.11.20-7c1f9ae
    prod/api/envoy 24/24 v1.29.12.0-prod
    prod/billing/audit-forwarder 4/4 1.3.0
    prod/billing/billing 4/4 4.1.9
    prod/coredns/coredns 48/48 v1.12.0
    prod/dedupe/dedupe 36/36 v3.18.2
    prod/dedupe/log_router 36/36 2.32.5
    prod/destinations/datadog-agent 90/140 7.71.2
    prod/destinations/worker 90/140 build-5512
    prod/docs/nginx 3/3 2026-11-11
    prod/scheduler/scheduler 2/2 0.44.1
    prod/txn-writer/writer 12/12 v1.23.0
    prod/webhooks/webhooks 16/16 v2.7.0
    ");
}

#[test]
fn a_service_as_a_record() {
    assert_snapshot!(Machine::new().types("oncall --drill specs edge/docs").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"service","account":"000000000000","region":"us-east-1","cluster":"edge","service":"docs","container":"nginx","image":"000000000000.dkr.ecr.us-east-1.amazonaws.com/web/docs:latest","registry":"000000000000.dkr.ecr.us-east-1.amazonaws.com","repository":"web/docs","tag":"latest","digest":"sha256:c22d660a2fc469af06590f7cd0b1989a1296aa4088a32479f3d624a1268f2655","desired":6,"running":6,"pending":0,"versions":[{"task_definition":"edge-docs:64","image":"000000000000.dkr.ecr.us-east-1.amazonaws.com/web/docs:latest","tag":"latest","digest":"sha256:c22d660a2fc469af06590f7cd0b1989a1296aa4088a32479f3d624a1268f2655","desired":6,"running":6,"pending":0}],"status":"ACTIVE","rollout":"COMPLETED","rollout_reason":"ECS deployment ecs-svc/8036248653250024317 completed.","circuit_breaker":{"enabled":false,"rollback":false},"deployment":"ecs-svc/8036248653250024317","deployed":"2026-10-20T19:56:00.000Z","deployment_age_seconds":2851440,"launch_type":"EC2","scheduling":"REPLICA","controller":"ECS","task_definition":"edge-docs:64","findings":[{"finding":"mutable-tag","says":"the tag `latest` moves: the next deployment may run another image"}]}"#);
}

#[test]
fn as_text_it_has_columns() {
    assert_snapshot!(Machine::new().types("oncall --drill specs billing destinations -o text").well(), @"
    prod	billing	audit-forwarder	4	4	0	1.3.0	sha256:0898ae38448e7fec556cb67c94eb78f73de4f44991114590387d5435837513b2	COMPLETED	2026-11-22T12:56:33.957Z	finance-billing:203	rolled-back
    prod	billing	billing	4	4	0	4.1.9	sha256:7075a6afc582926bcc153401e718f098b4c2b7326e4a10695e4d0d981e110c9c	COMPLETED	2026-11-22T12:56:33.957Z	finance-billing:203	rolled-back
    prod	destinations	datadog-agent	90	140	0	7.71.2	sha256:0d31b7449f40780d5fbb9c19e2943dffbed09cf975df7ffb7dd961ec6f914956	COMPLETED	2026-11-21T17:56:00.000Z	outbound-destinations:1208	under-desired
    prod	destinations	worker	90	140	0	build-5512	sha256:633b942bb7ec4dd95f3a0b1c602424b2e3be1c665d5079306edd9db87a341c05	COMPLETED	2026-11-21T17:56:00.000Z	outbound-destinations:1208	under-desired
    ");
}

#[test]
fn as_raw_text_it_is_images() {
    assert_snapshot!(Machine::new().types("oncall --drill specs api -o raw").well(), @"
    000000000000.dkr.ecr.us-east-1.amazonaws.com/ingest/api:2026.11.20-7c1f9ae
    public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.0-prod
    ");
}

#[test]
fn as_a_table_it_goes_cluster_by_cluster() {
    assert_snapshot!(Machine::new().types("oncall --drill specs -o table").well(), @"
    SERVICE       CONTAINER         TASKS  VERSION             DIGEST        AGE  ROLLOUT      LAUNCH   DEFINITION                  FINDINGS
    edge: 3 services, 26 of 26 tasks run
    coredns       coredns           14/14  v1.12.0             6297d50001d3  47m  COMPLETED    EC2      platform-coredns-edge:13    crash-loop
    dashboard     web                 6/6  pr-4502             6704ced56624  16m  COMPLETED    EC2      web-frontend:919
    docs          nginx               6/6  latest              c22d660a2fc4  33d  COMPLETED    EC2      edge-docs:64                mutable-tag
    prod: 9 services, 235 of 285 tasks run
    api           api               24/24  2026.11.20-7c1f9ae  c1cf44b02f88   2d  COMPLETED    EC2      ingest-api:411
                  envoy                    v1.29.12.0-prod     28b8b9bbb1a0
    billing       audit-forwarder     4/4  1.3.0               0898ae38448e   7h  COMPLETED    FARGATE  finance-billing:203         rolled-back
                  billing                  4.1.9               7075a6afc582
    coredns       coredns           48/48  v1.12.0             6297d50001d3  49m  COMPLETED    EC2      platform-coredns:20         crash-loop
    dedupe        dedupe            36/36  v3.18.2             5ba44281d768   5d  COMPLETED    EC2      prod-dedupe:88
                  log_router               2.32.5              407e0252725c
    destinations  datadog-agent    90/140  7.71.2              0d31b7449f40  26h  COMPLETED    EC2      outbound-destinations:1208  under-desired
                  worker                   build-5512          633b942bb7ec
    docs          nginx               3/3  2026-11-11                        33d               EC2      prod-docs:31
    scheduler     scheduler           2/2  0.44.1              bc42a8e873a4  20d  COMPLETED    EC2      control-plane:77
    txn-writer    writer            12/12  v1.23.0             a19c32d02703  14m  IN_PROGRESS  EC2      ledger-writer:58            crash-loop, stuck-rollout
    webhooks      webhooks          16/16  v2.7.0              e3c47f28c491   8d  COMPLETED    EC2      outbound-webhooks:340
    ");
}

#[test]
fn in_another_order_the_cluster_is_a_column() {
    let ran = Machine::new()
        .types("oncall --drill specs coredns billing dashboard --sort health -o table");
    assert_snapshot!(ran.well(), @"
    CLUSTER  SERVICE    CONTAINER        TASKS  VERSION  DIGEST        AGE  ROLLOUT    LAUNCH   DEFINITION                FINDINGS
    edge     coredns    coredns          14/14  v1.12.0  6297d50001d3  47m  COMPLETED  EC2      platform-coredns-edge:13  crash-loop
    prod     coredns    coredns          48/48  v1.12.0  6297d50001d3  49m  COMPLETED  EC2      platform-coredns:20       crash-loop
    prod     billing    audit-forwarder    4/4  1.3.0    0898ae38448e   7h  COMPLETED  FARGATE  finance-billing:203       rolled-back
                        billing                 4.1.9    7075a6afc582
    edge     dashboard  web                6/6  pr-4502  6704ced56624  16m  COMPLETED  EC2      web-frontend:919
    ");
}

#[test]
fn what_is_unhealthy_comes_with_the_reasons() {
    assert_snapshot!(Machine::new().types("oncall --drill specs --unhealthy -o table").well(), @"
    SERVICE       CONTAINER         TASKS  VERSION     DIGEST        AGE  ROLLOUT      LAUNCH   DEFINITION                  FINDINGS
    edge: 1 service, 14 of 14 tasks run
    coredns       coredns           14/14  v1.12.0     6297d50001d3  47m  COMPLETED    EC2      platform-coredns-edge:13    crash-loop
      crash-loop: 29 tasks failed in the last hour: OutOfMemoryError: Container killed due to memory usage (exit code 137); the last at 19:57:00
    prod: 4 services, 154 of 204 tasks run
    billing       audit-forwarder     4/4  1.3.0       0898ae38448e   7h  COMPLETED    FARGATE  finance-billing:203         rolled-back
                  billing                  4.1.9       7075a6afc582
      rolled-back: rolled back 7 hours ago: deployment failed: tasks failed to start.
    coredns       coredns           48/48  v1.12.0     6297d50001d3  49m  COMPLETED    EC2      platform-coredns:20         crash-loop
      crash-loop: 114 tasks failed in the last hour: OutOfMemoryError: Container killed due to memory usage (exit code 137); the last at 19:57:30
    destinations  datadog-agent    90/140  7.71.2      0d31b7449f40  26h  COMPLETED    EC2      outbound-destinations:1208  under-desired
                  worker                   build-5512  633b942bb7ec
      under-desired: 90 of 140 tasks run
    txn-writer    writer            12/12  v1.23.0     a19c32d02703  14m  IN_PROGRESS  EC2      ledger-writer:58            crash-loop, stuck-rollout
      crash-loop: 16 tasks failed in the last hour: Essential container in task exited (exit code 2); the last at 19:57:24
      stuck-rollout: in progress for 14 minutes, 16 tasks failed: ECS deployment ecs-svc/9564569453497592507 in progress.
    ");
}

#[test]
fn the_page_of_a_service_gives_the_reason_why_its_tasks_stop() {
    let ran = Machine::new().types("oncall --drill specs show prod/coredns");
    let page = &ran.records()[0];
    assert_eq!(page["kind"], "service_page");
    let says = page["findings"][0]["says"].as_str().unwrap();
    assert_snapshot!(says, @"114 tasks failed in the last hour: OutOfMemoryError: Container killed due to memory usage (exit code 137)");
    assert_snapshot!(page["stops"][0], @r#"{"exit_code":137,"latest":"2026-11-22T19:57:30.393Z","reason":"OutOfMemoryError: Container killed due to memory usage","tasks":114}"#);
}

#[test]
fn since_before_the_page_two_rollouts_are_guilty_and_one_was_deployed_beside_them() {
    let line = "oncall --drill specs diff time:19:00 now -o text";
    assert_snapshot!(Machine::new().types(line), @"
    changed	edge	coredns	coredns	tag,digest,task_definition	v1.11.4 (80ee72471b9f, platform-coredns-edge:12)	v1.12.0 (6297d50001d3, platform-coredns-edge:13)
    changed	edge	dashboard	web	tag,digest,task_definition	pr-4471 (0b6e13bb550a, web-frontend:918)	pr-4502 (6704ced56624, web-frontend:919)
    changed	prod	coredns	coredns	tag,digest,task_definition	v1.11.4 (80ee72471b9f, platform-coredns:19)	v1.12.0 (6297d50001d3, platform-coredns:20)
    changed	prod	txn-writer	writer	tag,digest,task_definition	v1.22.4 (09b10663c953, ledger-writer:57)	v1.23.0 (a19c32d02703, ledger-writer:58)
    [exit 1]
    ");
}

#[test]
fn a_template_and_a_filter_shape_the_records() {
    let machine = Machine::new();
    let template =
        "oncall --drill specs txn-writer --template '{{ service }} {{ tag }} {{ rollout }}'";
    assert_snapshot!(machine.types(template).well(), @"txn-writer v1.23.0 IN_PROGRESS");
    let filter = "oncall --drill specs txn-writer --jq '[.findings[].finding]'";
    assert_snapshot!(machine.types(filter).well(), @r#"["crash-loop","stuck-rollout"]"#);
}

#[test]
fn a_link_leads_to_the_console() {
    let ran = Machine::new().types("oncall --drill specs edge/docs --link --jq .link").well();
    assert_snapshot!(ran, @"https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/edge/services/docs/health?region=us-east-1");
    let ran = Machine::new().types("oncall --drill specs edge/docs -o raw --link");
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn who_asks_for_quiet_gets_no_word_but_what_is_missing() {
    let ran = Machine::new().types("oncall --drill specs -q --finding mixed-versions");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let ran = Machine::new().types("oncall --drill specs --finding mixed-versions");
    assert_snapshot!(ran, @"
    ------- stderr -------
    note: none of the 16 containers is one of those
    ");
}
