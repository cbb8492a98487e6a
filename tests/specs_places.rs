//! `oncall specs` over several profiles and regions.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::Machine;
use crate::support::cloud::{Answer, Cloud};

/// An account with the service prod/web of one image. What is in which region nobody asks here.
fn account(id: &'static str, image: &'static str) -> Cloud {
    Cloud::that(move |request| {
        let (_, credential) = request.headers.split_once("Credential=").expect("a signature");
        let region = credential.split('/').nth(2).unwrap_or_default();
        let ecs = format!("arn:aws:ecs:{region}:{id}");
        let definition = format!("{ecs}:task-definition/web:1");
        match request.operation.as_str() {
            "ListClusters" => Answer::json(format!(r#"{{"clusterArns":["{ecs}:cluster/prod"]}}"#)),
            "ListServices" => Answer::json(format!(r#"{{"serviceArns":["{ecs}:service/prod/web"]}}"#)),
            "DescribeServices" => {
                let deployment = json!({ "id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": definition,
                    "desiredCount": 1, "runningCount": 1 });
                let service = json!({
                    "serviceArn": format!("{ecs}:service/prod/web"), "serviceName": "web", "status": "ACTIVE",
                    "clusterArn": format!("{ecs}:cluster/prod"), "desiredCount": 1, "runningCount": 1,
                    "pendingCount": 0, "taskDefinition": definition, "deployments": [deployment],
                });
                Answer::json(json!({ "services": [service] }).to_string())
            }
            "DescribeTaskDefinition" => Answer::json(json!({ "taskDefinition": {
                "taskDefinitionArn": definition, "containerDefinitions": [{ "name": "web", "image": image }] } }).to_string()),
            _ => Answer::refusal("UnknownOperationException", "not here"),
        }
    })
}

fn machine(profiles: &[(&str, &str)]) -> Machine {
    let machine = Machine::new();
    let profile = |(name, url): &(&str, &str)| {
        format!(
            "[profile {name}]\nregion = us-east-1\nendpoint_url = {url}\n\
             aws_access_key_id = {name}\naws_secret_access_key = s\n"
        )
    };
    let config: String = profiles.iter().map(profile).collect();
    machine.file(".aws/config", &config);
    machine
}

const WHERE: &str = r#"--jq '"\(.account) \(.region) \(.tag)"'"#;

#[test]
fn each_profile_is_looked_at_in_each_region() {
    let prod = account("111111111111", "registry.example/web:2");
    let staging = account("222222222222", "registry.example/web:3");
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    let line = format!("oncall specs --profile prod,staging --region us-east-1,eu-west-1 {WHERE}");
    assert_snapshot!(machine.types(&line).well(), @"
    111111111111 us-east-1 2
    111111111111 eu-west-1 2
    222222222222 us-east-1 3
    222222222222 eu-west-1 3
    ");
    let table = machine.types("oncall specs --profile prod,staging -o table").well();
    assert_snapshot!(table, @"
    SERVICE  CONTAINER  TASKS  VERSION  DEFINITION
    prod prod: 1 service, 1 of 1 tasks run
    web      web          1/1  2        web:1
    staging prod: 1 service, 1 of 1 tasks run
    web      web          1/1  3        web:1
    ");
}

#[test]
fn two_accounts_are_compared() {
    let prod = account("111111111111", "registry.example/web:2");
    let staging = account("222222222222", "registry.example/web:3");
    let machine = machine(&[("prod", &prod.url), ("staging", &staging.url)]);
    assert_snapshot!(machine.types("oncall specs diff profile:prod profile:staging -o text"), @"
    changed	prod	web	web	tag	2	3
    [exit 1]
    ");
    assert_snapshot!(machine.types("oncall specs diff profile:prod profile:prd"), @"
    ------- stderr -------
    error: the profile `prd` does not exist
    hint: did you mean `--profile prod`?
    [exit 2]
    ");
    let same = machine
        .types("oncall specs diff profile:prod,region:us-east-1 profile:prod,region:eu-west-1");
    assert_eq!(same.well().stdout, "");
}

#[test]
fn who_cannot_be_asked_is_missing_and_the_others_are_shown() {
    let prod = account("111111111111", "registry.example/web:2");
    let expired = Cloud::that(|_| Answer::refusal("ExpiredTokenException", "expired"));
    let machine = machine(&[("prod", &prod.url), ("old", &expired.url)]);
    assert_snapshot!(machine.types(&format!("oncall specs --profile prod,old {WHERE}")), @"
    111111111111 us-east-1 2
    ------- stderr -------
    missing: old: the AWS credentials have expired
    hint: log in again with the tool that gave you these credentials, or pass --profile
    [exit 3]
    ");
    assert_snapshot!(machine.types("oncall specs wob --profile prod,old"), @"
    ------- stderr -------
    error: no service `wob` was found where there is an answer
    caused by: old: the AWS credentials have expired
    hint: log in again with the tool that gave you these credentials, or pass --profile
    [exit 3]
    ");
}

#[test]
fn an_empty_region_is_said() {
    let line = format!("oncall --drill specs edge/docs --region us-east-1,ap-south-1 {WHERE}");
    assert_snapshot!(Machine::new().types(&line), @"
    000000000000 us-east-1 latest
    ------- stderr -------
    note: the cluster edge in ap-south-1 has no such services
    ");
    let line = "oncall --drill specs --region ap-south-1";
    assert_snapshot!(Machine::new().types(line), @"
    ------- stderr -------
    note: there are no clusters in ap-south-1
    ");
}
