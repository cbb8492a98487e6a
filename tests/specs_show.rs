//! `oncall specs show`: one service on one page.

use insta::assert_snapshot;

use crate::specs_releases::in_shop;
use crate::support::Machine;

#[test]
fn a_release_that_failed_on_one_page() {
    assert_snapshot!(in_shop("specs show pay -o table").well(), @"
    main/pay
      2 of 2 tasks run, 0 pending
      ECS, REPLICA, EC2, ACTIVE
      main-pay:2, registered by ci at 19:25:15

    Findings
      stuck-rollout: failed 32 minutes ago, 3 tasks failed: ECS deployment circuit breaker: tasks failed to start.

    Deployments
    STATUS   VERSION  TASKS  FAILED  ROLLOUT    BEGAN        DEFINITION  DEPLOYMENT                   WHY
    PRIMARY  4          0/2       3  FAILED     19:26:00     main-pay:2  ecs-svc/3582700206412931753  ECS deployment circuit breaker: tasks failed to start.
    ACTIVE   3          2/2          COMPLETED  11-13 19:56  main-pay:1  ecs-svc/5327015198742750397  ECS deployment ecs-svc/5327015198742750397 completed.

    Last deployments
    BEGAN        ENDED        STATUS      VERSION  DEFINITION  WHY
    19:26:00     19:27:42     STOPPED     4        main-pay:2  Service deployment stopped because the circuit breaker threshold was exceeded.
    11-13 19:56  11-13 19:59  SUCCESSFUL  3        main-pay:1

    Containers
    CONTAINER  IMAGE                        DIGEST        CPU   MIB
    pay        registry.example/shop/pay:4  2dd7d4a43266  512  1024

    Stopped within the hour
      3 × CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    TASK          STATUS   SINCE     VERSION  WHERE                ZONE        REASON
    8ba6be5e37bc  STOPPED  19:27:37  4        i-09fe92f4a07532d42  us-east-1a  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    4c4f11479625  STOPPED  19:26:35  4        i-09021fca4bd3536c7  us-east-1b  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found
    9285157b1e0e  STOPPED  19:26:32  4        i-09fe92f4a07532d42  us-east-1a  CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/shop/pay:4: registry.example/shop/pay:4: not found

    Tasks
    TASK          STATUS   SINCE        VERSION  WHERE                ZONE
    e10bea61cea0  RUNNING  11-13 19:56  3        i-09fe92f4a07532d42  us-east-1a
    a3c452515da1  RUNNING  11-13 19:56  3        i-09021fca4bd3536c7  us-east-1b

    Events
    TIME         TIMES  EVENT
    19:27:42            (service pay) (deployment ecs-svc/3582700206412931753) deployment failed: tasks failed to start.
    19:27:37            (service pay) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
    19:27:04        2×  (service pay) has started 1 tasks: (task 8ba6be5e37bcc7b872165c4995696f12).
    11-13 19:59         (service pay) has reached a steady state.
    11-13 19:58         (service pay) (deployment ecs-svc/5327015198742750397) deployment completed.
    11-13 19:56         (service pay) has started 2 tasks: (task a3c452515da1848c95746fbaa33546eb) (task e10bea61cea0913bbbda906e247c6abb).

    Next
      oncall specs tasks main/pay --stopped
      oncall specs diff time:1h now main/pay
      oncall specs watch main/pay
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/pay/deployments?region=us-east-1
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/pay/health?region=us-east-1
      https://us-east-1.console.aws.amazon.com/ecs/v2/task-definitions/main-pay/2?region=us-east-1
    ");
}

#[test]
fn blue_and_green_on_one_page() {
    assert_snapshot!(in_shop("specs show web -o table").well(), @"
    main/web
      4 of 2 tasks run, 0 pending
      CODE_DEPLOY, REPLICA, EC2, ACTIVE
      main-web:1, registered by ci at 11-13 19:55

    Findings
      mixed-versions: 2 versions run: 2 tasks run sha256:9bd6e895a6a9…, 2 tasks run 1.29
      mutable-tag: nginx has no tag, so `latest` is pulled, whatever that is

    Deployments
    STATUS   VERSION  TASKS  BEGAN        DEFINITION  DEPLOYMENT
    PRIMARY  nginx      2/2  11-13 19:56  main-web:1  ecs-svc/3612291069516394099
    ACTIVE   1.29       2/2  19:58:00     main-web:2  ecs-svc/2958013126621186542

    Containers
    CONTAINER  IMAGE  DIGEST        CPU   MIB
    nginx      nginx  9bd6e895a6a9  512  1024

    Tasks
    TASK          STATUS   SINCE        VERSION       WHERE                ZONE
    38d67b8c1dd1  RUNNING  11-13 19:56  9bd6e895a6a9  i-09021fca4bd3536c7  us-east-1b
    323f569f5c4c  RUNNING  11-13 19:56  9bd6e895a6a9  i-09fe92f4a07532d42  us-east-1a
    65d624f82760  RUNNING  19:58:15     1.29          i-09021fca4bd3536c7  us-east-1b
    1b6efe7ce767  RUNNING  19:58:58     1.29          i-09021fca4bd3536c7  us-east-1b

    Events
    TIME         TIMES  EVENT
    19:58:49        2×  (service web) has started 1 tasks: (task 1b6efe7ce767b1071dd2e8959c940851).
    11-13 19:59         (service web) has reached a steady state.
    11-13 19:56         (service web) has started 2 tasks: (task 38d67b8c1dd1055e497da06ab0349ae5) (task 323f569f5c4cbdf5bfe7793fec9b7ae4).

    Next
      oncall specs diff time:1h now main/web
      oncall specs watch main/web
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/web/deployments?region=us-east-1
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/web/health?region=us-east-1
      https://us-east-1.console.aws.amazon.com/ecs/v2/task-definitions/main-web/1?region=us-east-1
    ");
}

#[test]
fn where_nothing_was_ever_deployed_the_page_is_short() {
    assert_snapshot!(in_shop("specs show batch -o table").well(), @"
    main/batch
      0 of 0 tasks run, 0 pending
      EXTERNAL, REPLICA, ACTIVE

    Next
      oncall logs main/batch --since 15m
      oncall specs diff time:1h now main/batch
      oncall specs watch main/batch
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/batch/deployments?region=us-east-1
      https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/main/services/batch/health?region=us-east-1
    ");
}

#[test]
fn off_a_terminal_the_page_is_one_object() {
    let ran = in_shop("specs show mail").well();
    let page = ran.records().remove(0);
    assert_eq!(page["history"][0]["status"], "ROLLBACK_SUCCESSFUL", "{ran}");
    assert_eq!(page["containers"][0]["image"], "registry.example/shop/mail:7");
    assert_eq!(page["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(page["tasks"].as_array().unwrap().len(), 2);
    assert_snapshot!(in_shop("specs show mail --jq .next").well(), @r#"["oncall specs diff time:1h now main/mail","oncall specs watch main/mail"]"#);
    assert_snapshot!(in_shop("specs show mail -o text").well(), @"main	mail	2	2	0	main-mail:1	rolled-back");
    assert_snapshot!(in_shop("specs show mail -o raw").well(), @"main/mail");
}

#[test]
fn events_that_say_the_same_are_said_once() {
    let ran = Machine::new().types("oncall --drill specs show prod/coredns");
    let page = ran.records().remove(0);
    let events = page["events"].as_array().unwrap();
    assert_eq!(events[0]["count"], 54, "{}", events[0]);
    let times: Vec<&str> = events.iter().map(|event| event["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "the newest first");
}

#[test]
fn a_page_needs_a_service() {
    assert_snapshot!(in_shop("specs show"), @"
    ------- stderr -------
    error: no service is named
      edge/attic
      edge/cart
      main/batch
      main/cart
      main/mail
      main/pay
      main/web
    hint: `oncall specs show api` shows a service, `oncall specs` lists all
    [exit 2]
    ");
}
