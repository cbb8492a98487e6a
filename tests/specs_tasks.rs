//! `oncall specs tasks`

use insta::assert_snapshot;

use crate::specs_releases::in_shop;
use crate::support::Machine;

#[test]
fn tasks_of_all_clusters_in_a_table() {
    assert_snapshot!(in_shop("specs tasks -o table").well(), @"
    CLUSTER  SERVICE  TASK          STATUS         SINCE  VERSION       WHERE                             ZONE        DEFINITION
    edge     attic    2aa17fc4a1b9  RUNNING   2024-06-05  0.9           a4687504a9b1cb967c5d73ad7fde2a74  us-east-1a  edge-attic:1
    edge     cart     fd0b10f81aa0  RUNNING  11-13 19:56  v1            a4687504a9b1cb967c5d73ad7fde2a74  us-east-1a  edge-cart:1
    main     cart     d87deaa2a385  RUNNING  11-13 19:56  v1            172.16.0.3                        us-east-1c  main-cart:1
    main     cart     20bce4f7758e  RUNNING  11-13 19:56  v1            172.16.0.4                        us-east-1a  main-cart:1
    main     cart     f3a44e43ae77  RUNNING  11-13 19:56  v1            172.16.0.2                        us-east-1b  main-cart:1
    main     cart     c2f90508f6d8  RUNNING     19:59:14  v2            172.16.0.5                        us-east-1a  main-cart:2
    main     mail     a120853fa1b7  RUNNING  11-13 19:56  7             c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-mail:1
    main     mail     5f967bffafb1  RUNNING  11-13 19:56  7             c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-mail:1
    main     pay      e10bea61cea0  RUNNING  11-13 19:56  3             c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-pay:1
    main     pay      a3c452515da1  RUNNING  11-13 19:56  3             48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-pay:1
    main     web      38d67b8c1dd1  RUNNING  11-13 19:56  9bd6e895a6a9  48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-web:1
    main     web      323f569f5c4c  RUNNING  11-13 19:56  9bd6e895a6a9  c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-web:1
    main     web      65d624f82760  RUNNING     19:58:15  1.29          48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-web:2
    main     web      1b6efe7ce767  RUNNING     19:58:58  1.29          48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-web:2
    ");
}

#[test]
fn a_task_as_a_record() {
    assert_snapshot!(in_shop("specs tasks attic").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"task","account":"000000000000","region":"us-east-1","cluster":"edge","service":"attic","task":"2aa17fc4a1b98d3eb03829f9938f45f6","task_definition":"edge-attic:1","started_by":"ecs-svc/4753942146565343085","status":"RUNNING","desired_status":"RUNNING","created":"2024-06-05T19:56:01.000Z","started":"2024-06-05T19:56:08.324Z","containers":[{"container":"attic","image":"registry.example/shop/attic:0.9","tag":"0.9","digest":"sha256:6a76a56049d422c6d57acf8a38c4991d4ae8aaa068278ed934da576bc031dbf0","status":"RUNNING"}],"launch_type":"EC2","zone":"us-east-1a","container_instance":"a4687504a9b1cb967c5d73ad7fde2a74","cpu":512,"memory_mb":1024}"#);
}

#[test]
fn stopped_ones_come_when_they_are_asked_for() {
    let running = in_shop("specs tasks pay").well();
    assert!(running.records().iter().all(|task| task["status"] == "RUNNING"));
    let all = in_shop("specs tasks pay --stopped -o table").well();
    assert_snapshot!(all, @"
    CLUSTER  SERVICE  TASK          STATUS         SINCE  VERSION  WHERE                             ZONE        DEFINITION  REASON
    main     pay      8ba6be5e37bc  STOPPED     19:27:37  4        c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-pay:2  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    main     pay      4c4f11479625  STOPPED     19:26:35  4        48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-pay:2  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    main     pay      9285157b1e0e  STOPPED     19:26:32  4        c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-pay:2  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    main     pay      e10bea61cea0  RUNNING  11-13 19:56  3        c6ab8af9b66f4181f320a6806a8e40d9  us-east-1a  main-pay:1
    main     pay      a3c452515da1  RUNNING  11-13 19:56  3        48ca9159b960559a3cdb2d0efbd37669  us-east-1b  main-pay:1
    ");
}

#[test]
fn the_drills_tasks_say_how_they_ended() {
    let line = r#"oncall --drill specs tasks --stopped --jq 'select(.status=="STOPPED") | "\(.service) \(.stop_code) \(.exit_code) \(.reason)"'"#;
    let ran = Machine::new().types(line).well();
    let mut lines: Vec<&str> =
        ran.stdout.lines().filter(|line| !line.contains("Scaling activity")).collect();
    lines.sort_unstable();
    lines.dedup();
    assert_snapshot!(lines.join("\n"), @"
    coredns EssentialContainerExited 137 OutOfMemoryError: Container killed due to memory usage
    txn-writer EssentialContainerExited 2 Essential container in task exited
    ");
}

#[test]
fn a_glob_chooses_among_services_and_clusters() {
    let services = |rest: &str| in_shop(&format!("specs tasks {rest} --jq .service")).well().stdout;
    assert_eq!(services("'*a*' --cluster main").lines().count(), 4 + 2 + 2);
    assert_eq!(services("--cluster edge").lines().count(), 2);
}

#[test]
fn as_text_and_raw() {
    assert_snapshot!(in_shop("specs tasks mail -o text").well(), @"
    main	mail	5f967bffafb17c9fb242e6c51b85ea33	RUNNING		2026-11-13T19:56:13.054Z		7	main-mail:1		
    main	mail	a120853fa1b74f76b9d21e408550cb79	RUNNING		2026-11-13T19:56:06.654Z		7	main-mail:1
    ");
    assert_snapshot!(in_shop("specs tasks mail -o raw").well(), @"
    5f967bffafb17c9fb242e6c51b85ea33
    a120853fa1b74f76b9d21e408550cb79
    ");
}

#[test]
fn a_task_has_its_page_in_the_console() {
    assert_snapshot!(in_shop("specs tasks attic --link --jq .link").well(), @"https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/edge/tasks/2aa17fc4a1b98d3eb03829f9938f45f6/configuration?region=us-east-1");
}
