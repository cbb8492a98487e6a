//! `oncall changelog` prints no secret and keeps none of what S3, Jira, ECS and CloudTrail answer.
//!
//! What may be told, and is not planted: the fields of a ticket that are shown, Jira's own sentence
//! (`errorMessages`), S3's own message, and ECS's own words for why a task stopped.

use serde_json::{Value, json};

use crate::changelog_secrets::{FORMS, state};
use crate::support::cloud::{Answer, Cloud, Request};
use crate::support::planter::{Planter, kept};
use crate::support::states::{self, Version};
use crate::support::{Machine, Ran};

const WINDOW: &str = "--since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z";
const ECS: &str = "arn:aws:ecs:us-east-1:123456789012";
/// 19:30 of that day.
const DEPLOYED: f64 = 1_795_375_800.0;

/// Types a line in every form, and looks for what was planted in all that comes of it.
fn assert_nothing_comes_out(machine: &Machine, planter: &Planter, line: &str, code: i32) -> String {
    let mut said = String::new();
    for form in FORMS.into_iter().chain(["--summary json", "--rank --explain"]) {
        let ran: Ran = machine.types(&format!("{line} {WINDOW} {form}"));
        assert_eq!(ran.code, code, "{form}: {ran}");
        planter.assert_hidden(&ran.to_string(), "the output");
        said.push_str(&ran.to_string());
    }
    planter.assert_hidden(&kept(machine.home()), "what is kept");
    said
}

/// States one after the other, one of which was cut off, and one of which was never whole.
fn careless_states(planter: &mut Planter) -> Vec<Version> {
    let lineage = planter.secret();
    let texts: Vec<String> = (1..6).map(|serial| state(planter, &lineage, serial)).collect();
    let other = json!({ "version": 9, "resources": planter.tree() }).to_string();
    let cut = &texts[3][..texts[3].len() * 3 / 4];
    let broken = texts[4].replacen("\"instances\":[", "\"instances\":{", 1);
    let version = |key, id, written, body: &str| Version { key, id, written, body: body.into() };
    vec![
        version("app.tfstate", "3", "2026-11-22T19:30:00.000Z", &texts[2]),
        version("app.tfstate", "2", "2026-11-22T19:20:00.000Z", &texts[1]),
        version("app.tfstate", "1", "2026-11-22T18:20:00.000Z", &texts[0]),
        version("broken.tfstate", "1", "2026-11-22T19:31:00.000Z", &broken),
        version("cut.tfstate", "2", "2026-11-22T19:32:00.000Z", cut),
        version("cut.tfstate", "1", "2026-11-22T18:32:00.000Z", &texts[0]),
        version("gone.tfstate", "5", "2026-11-22T19:33:00.000Z", &texts[1]),
        version("later.tfstate", "1", "2026-11-22T19:34:00.000Z", &other),
    ]
}

#[test]
fn no_secret_of_a_state_in_s3_is_printed_or_kept() {
    let mut planter = Planter::default();
    let versions = careless_states(&mut planter);
    let (owner, key) = (planter.secret(), planter.secret());
    let denied = format!(
        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><HostId>{owner}</HostId>\
         <StringToSign>{owner}</StringToSign><AWSAccessKeyId>{owner}</AWSAccessKeyId></Error>"
    );
    let refuses = move |path: &str| {
        path.starts_with("/states/gone.tfstate").then(|| Answer {
            status: 403,
            content_type: "application/xml",
            ..Answer::json(denied.clone())
        })
    };
    let cloud = states::bucket_that(versions, owner, refuses);
    let mut machine = Machine::with_endpoint(&Cloud::nowhere());
    machine.set("AWS_SECRET_ACCESS_KEY", &key);
    states::are_at(&mut machine, &cloud);
    let said =
        assert_nothing_comes_out(&machine, &planter, "oncall changelog --source s3-state", 3);
    for told in
        ["aws_db_instance.ledger", "\"password\"", "cut.tfstate", "broken.tfstate", "s3:GetObject"]
    {
        assert!(said.contains(told), "{told} is told: {said}");
    }
    let read = |path: &str| cloud.requests().iter().any(|request| request.path().starts_with(path));
    assert!(read("/states/app.tfstate") && read("/states/cut.tfstate"), "they were read");
}

/// A ticket that is full of what nobody asked for.
fn careless_ticket(planter: &mut Planter, key: &str) -> Value {
    let person = |planter: &mut Planter, name: &str| {
        json!({ "displayName": name, "emailAddress": planter.secret(), "accountId": planter.secret(),
            "avatarUrls": { "48x48": planter.secret() }, "self": planter.secret() })
    };
    let document = json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "attrs": { "localId": planter.secret() }, "content": [
            { "type": "text", "text": "apply the old one", "marks": [{ "type": "link", "attrs": { "href": planter.secret() } }] },
            { "type": "inlineCard", "attrs": { "url": planter.secret() } } ] }] });
    json!({ "key": key, "id": planter.secret(), "self": planter.secret(),
        "renderedFields": planter.tree(), "names": planter.tree(), "properties": planter.tree(),
        "changelog": { "histories": [{ "items": [{ "fromString": planter.secret(), "toString": planter.secret() }] }] },
        "fields": {
            "summary": "Raise the pool", "description": planter.secret(), "environment": planter.secret(),
            "comment": { "comments": [{ "body": planter.secret(), "author": person(planter, "Sol") }] },
            "attachment": [{ "filename": planter.secret(), "content": planter.secret() }],
            "worklog": planter.tree(), "issuelinks": [planter.tree()], "votes": planter.tree(),
            "reporter": person(planter, "Mei"), "creator": person(planter, "Mei"),
            "assignee": person(planter, "Ada"),
            "status": { "name": "Done", "description": planter.secret(), "iconUrl": planter.secret(),
                "statusCategory": { "key": "done", "name": planter.secret() } },
            "issuetype": { "name": "Change", "description": planter.secret(), "self": planter.secret() },
            "priority": { "name": "High", "iconUrl": planter.secret() },
            "components": [{ "name": "ledger", "description": planter.secret() }], "labels": ["routine"],
            "resolutiondate": "2026-11-22T19:30:00.000+0000",
            "customfield_1": [person(planter, "Ada")],
            "customfield_2": document,
            "customfield_3": [{ "value": "None.", "self": planter.secret(), "id": planter.secret() }, person(planter, "Kim")],
            "customfield_77": planter.secret(), "customfield_78": planter.tree(),
            planter.secret(): planter.secret() } })
}

fn careless_jira(planter: &mut Planter) -> Cloud {
    let field = |planter: &mut Planter, id: &str, name: &str| {
        json!({ "id": id, "name": name, "clauseNames": [planter.secret()],
            "schema": { "custom": planter.secret() } })
    };
    let fields = json!([
        field(planter, "customfield_1", "Approvers"),
        field(planter, "customfield_2", "Rollback plan"),
        field(planter, "customfield_3", "Expected effect"),
        { "id": "customfield_77", "name": planter.secret() },
        field(planter, "customfield_78", "Root password"),
    ]);
    let issues = json!({ "isLast": true, "warningMessages": [planter.secret()], "names": planter.tree(),
        "issues": [careless_ticket(planter, "OPS-1"), careless_ticket(planter, "OPS-2")] });
    Cloud::that(move |request: &Request| {
        let answer = |value: &Value| Answer {
            content_type: "application/json",
            ..Answer::json(value.to_string())
        };
        match request.path().split('?').next().unwrap_or_default() {
            "/rest/api/3/field" => answer(&fields),
            "/rest/api/3/search/jql" | "/rest/api/3/issue/bulkfetch" => answer(&issues),
            _ => Answer { status: 404, ..answer(&json!({})) },
        }
    })
}

/// A machine whose Jira it is; what it sends to log in is planted, too.
fn machine_of_jira(cloud: &Cloud, planter: &mut Planter) -> Machine {
    let mut machine = Machine::new();
    machine.set("JIRA_BASE_URL", &cloud.url).set("JIRA_EMAIL", "ada@example.com");
    machine.set("JIRA_API_TOKEN", &planter.secret());
    machine
}

/// What was sent to log in, as it was sent.
fn logins(cloud: &Cloud) -> Vec<String> {
    let requests = cloud.requests();
    let of = |request: &Request| {
        let lines = request.headers.lines();
        let mut logins =
            lines.filter_map(|line| line.split_once(": Basic ").or(line.split_once(": Bearer ")));
        logins.next().map(|(_, login)| login.trim().to_owned())
    };
    requests.iter().filter_map(of).collect()
}

#[test]
fn no_secret_of_a_ticket_is_printed_or_kept() {
    let mut planter = Planter::default();
    let cloud = careless_jira(&mut planter);
    let machine = machine_of_jira(&cloud, &mut planter);
    let change =
        json!({ "time": "2026-11-22T19:40:00Z", "summary": "by hand", "tickets": ["OPS-1"] });
    machine.file("changes.jsonl", &format!("{change}\n"));
    let line = "oncall changelog --source jira --from changes.jsonl";
    let said = assert_nothing_comes_out(&machine, &planter, line, 0);
    for told in ["Raise the pool", "apply the old one", "None., Kim", "by hand"] {
        assert!(said.contains(told), "{told} is told: {said}");
    }
    let logins = logins(&cloud);
    assert!(!logins.is_empty());
    let kept = kept(machine.home());
    assert!(logins.iter().all(|login| !said.contains(login) && !kept.contains(login)));
}

#[test]
fn no_secret_of_an_answer_of_jira_that_is_none_is_printed() {
    let mut planter = Planter::default();
    let word = planter.secret();
    let refusal =
        json!({ "errorMessages": ["The login may not browse."], "errors": { "jql": word },
        "data": word, "stackTrace": word, "key": word })
        .to_string();
    let answers: [(u16, &'static str, String); 8] = [
        (400, "application/json", refusal.clone()),
        (401, "application/json", refusal.clone()),
        (401, "text/html", format!("<html>{word}</html>")),
        (403, "application/json", refusal.clone()),
        (404, "application/json", refusal),
        (200, "text/html", format!("<html>{word}</html>")),
        (200, "application/json", format!("[{{\"id\":[\"{word}\"]}}]")),
        (200, "application/json", format!("[{{\"id\":\"{word}")),
    ];
    for (status, content_type, body) in answers {
        let cloud =
            Cloud::that(move |_| Answer { status, content_type, ..Answer::json(body.clone()) });
        let machine = machine_of_jira(&cloud, &mut planter);
        for form in ["--debug", "--summary json"] {
            let ran = machine.types(&format!("oncall changelog --source jira {form}"));
            assert!([3, 4].contains(&ran.code), "{status} {content_type}: {ran}");
            planter.assert_hidden(&ran.to_string(), "the output");
        }
        planter.assert_hidden(&kept(machine.home()), "what is kept");
        assert!(!cloud.requests().is_empty());
    }
}

/// A service that was deployed, with secrets in all that ECS and CloudTrail say beside it.
fn careless_deployment(planter: &mut Planter) -> Cloud {
    let service_arn = format!("{ECS}:service/prod/shop");
    let definition_arn = |revision: u8| format!("{ECS}:task-definition/shop:{revision}");
    let definition = |planter: &mut Planter, revision: u8| {
        json!({ "taskDefinitionArn": definition_arn(revision), "family": "shop", "revision": revision,
            "containerDefinitions": [{ "name": "web", "image": format!("registry.example/web:{revision}"),
                "command": ["--flag", planter.secret()], "entryPoint": [planter.secret()],
                "environment": [{ "name": "DAY", "value": planter.secret() }],
                "secrets": [{ "name": "TOKEN", "valueFrom": planter.secret() }],
                "dockerLabels": { "team": planter.secret() }, "healthCheck": { "command": [planter.secret()] },
                "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": planter.secret() } } }],
            "tags": [{ "key": planter.secret(), "value": planter.secret() }] })
    };
    let definitions = [definition(planter, 1), definition(planter, 2)];
    let deployment_arn = format!("{ECS}:service-deployment/prod/shop/d2");
    let revision_arn = |revision: u8| format!("{ECS}:service-revision/prod/shop/{revision}");
    let service = json!({ "serviceArn": service_arn, "serviceName": "shop", "status": "ACTIVE",
        "clusterArn": format!("{ECS}:cluster/prod"), "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
        "taskDefinition": definition_arn(2), "createdAt": DEPLOYED - 90_000.0,
        "tags": [{ "key": planter.secret(), "value": planter.secret() }],
        "serviceRegistries": [{ "registryArn": planter.secret() }],
        "serviceConnectConfiguration": { "namespace": planter.secret() },
        "deployments": [{ "id": "ecs-svc/2", "status": "PRIMARY", "desiredCount": 1, "runningCount": 1,
            "createdAt": DEPLOYED, "updatedAt": DEPLOYED + 60.0, "rolloutState": "COMPLETED",
            "serviceConnectConfiguration": { "logConfiguration": { "logDriver": "awslogs", "options": { "token": planter.secret() } } },
            "taskDefinition": definition_arn(2) }],
        "currentServiceRevisions": [{ "arn": revision_arn(2) }],
        "events": [{ "id": planter.secret(), "createdAt": DEPLOYED, "message": planter.secret() }] });
    let deployment = json!({ "serviceDeploymentArn": deployment_arn, "serviceArn": service_arn,
        "clusterArn": format!("{ECS}:cluster/prod"), "status": "SUCCESSFUL", "createdAt": DEPLOYED,
        "startedAt": DEPLOYED, "finishedAt": DEPLOYED + 60.0, "updatedAt": DEPLOYED + 60.0,
        "sourceServiceRevisions": [{ "arn": revision_arn(1) }], "targetServiceRevision": { "arn": revision_arn(2) },
        "alarms": { "alarmNames": [planter.secret()], "triggeredAlarmNames": [] },
        "deploymentConfiguration": { "lifecycleHooks": [{ "hookTargetArn": planter.secret(), "hookDetails": planter.secret() }] } });
    let revision = |planter: &mut Planter, number: u8| {
        json!({ "serviceRevisionArn": revision_arn(number), "serviceArn": service_arn,
            "taskDefinition": definition_arn(number),
            "containerImages": [{ "containerName": "web", "image": format!("registry.example/web:{number}") }],
            "serviceConnectConfiguration": { "logConfiguration": { "logDriver": "awslogs", "options": { "token": planter.secret() },
                "secretOptions": [{ "name": planter.secret(), "valueFrom": planter.secret() }] } } })
    };
    let revisions = [revision(planter, 1), revision(planter, 2)];
    let task_arn = format!("{ECS}:task/prod/0f9de17a6465404e8b1b2356dc13c2f8");
    let task = json!({ "taskArn": task_arn, "group": "service:shop", "clusterArn": format!("{ECS}:cluster/prod"),
        "lastStatus": "STOPPED", "taskDefinitionArn": definition_arn(2), "startedBy": "ecs-svc/2",
        "createdAt": DEPLOYED + 5.0, "stoppingAt": DEPLOYED + 30.0, "stoppedAt": DEPLOYED + 31.0,
        "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
        "containers": [{ "name": "web", "exitCode": 3, "networkBindings": [{ "bindIP": planter.secret() }] }],
        "attachments": [{ "details": [{ "name": planter.secret(), "value": planter.secret() }] }],
        "tags": [{ "key": planter.secret(), "value": planter.secret() }],
        "overrides": { "containerOverrides": [{ "name": "web", "command": [planter.secret()],
            "environment": [{ "name": "DAY", "value": planter.secret() }] }] } });
    let event = |planter: &mut Planter, id: &str, parameters: Value| {
        let text = json!({ "eventTime": "2026-11-22T19:30:00Z", "eventSource": "ecs.amazonaws.com",
            "eventName": "UpdateService", "eventID": id, "sourceIPAddress": planter.secret(),
            "userAgent": planter.secret(), "errorMessage": planter.secret(), "additionalEventData": planter.tree(),
            "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/deploy/ada",
                "accessKeyId": planter.secret(), "principalId": planter.secret(),
                "sessionContext": { "attributes": { "creationDate": planter.secret() },
                    "sessionIssuer": { "userName": "deploy", "principalId": planter.secret() } } },
            "requestParameters": parameters,
            "responseElements": { "service": { "events": [planter.secret()], "tags": planter.tree() } } });
        json!({ "EventId": id, "EventName": "UpdateService", "EventTime": DEPLOYED, "Username": planter.secret(),
            "AccessKeyId": planter.secret(), "Resources": [{ "ResourceName": planter.secret() }],
            "CloudTrailEvent": text.to_string() })
    };
    let deploys = json!({ "service": "shop", "cluster": "prod", "taskDefinition": planter.secret(),
        "serviceConnectConfiguration": planter.tree(), "networkConfiguration": planter.tree() });
    let scales = json!({ "service": "cart", "cluster": "prod", "desiredCount": 4,
        "volumeConfigurations": [planter.tree()], "tags": [planter.tree()] });
    let odd = json!({ "service": { "odd": planter.secret() } });
    let events = json!({ "Events": [event(planter, "e1", deploys), event(planter, "e2", scales), event(planter, "e3", odd),
        { "EventId": "e4", "CloudTrailEvent": format!("{{\"eventTime\":\"{}", planter.secret()) }] });
    Cloud::that(move |request| {
        let answer = |value: Value| Answer::json(value.to_string());
        match request.operation.as_str() {
            "ListClusters" => answer(json!({ "clusterArns": [format!("{ECS}:cluster/prod")] })),
            "ListServices" => answer(json!({ "serviceArns": [service["serviceArn"]] })),
            "DescribeServices" => answer(json!({ "services": [service] })),
            "ListServiceDeployments" => answer(json!({ "serviceDeployments": [deployment] })),
            "DescribeServiceDeployments" => answer(json!({ "serviceDeployments": [deployment] })),
            "DescribeServiceRevisions" => answer(json!({ "serviceRevisions": revisions })),
            "DescribeTaskDefinition" => {
                let wants_first =
                    request.body["taskDefinition"].as_str().is_some_and(|it| it.ends_with(":1"));
                answer(json!({ "taskDefinition": definitions[usize::from(!wants_first)] }))
            }
            "ListTasks" => answer(json!({ "taskArns": [task["taskArn"]] })),
            "DescribeTasks" => answer(json!({ "tasks": [task] })),
            "LookupEvents" => answer(events.clone()),
            _ => Answer::refusal("UnknownOperationException", "not here"),
        }
    })
}

#[test]
fn no_secret_of_ecs_or_cloudtrail_is_printed_or_kept() {
    let mut planter = Planter::default();
    let cloud = careless_deployment(&mut planter);
    let (key, session) = (planter.secret(), planter.secret());
    let mut machine = Machine::with_endpoint(&cloud.url);
    machine.set("AWS_SECRET_ACCESS_KEY", &key).set("AWS_SESSION_TOKEN", &session);
    let said =
        assert_nothing_comes_out(&machine, &planter, "oncall changelog --source ecs --who", 0);
    for told in ["web 1 -> 2", "ada (deploy)", "Essential container in task exited"] {
        assert!(said.contains(told), "{told} is told: {said}");
    }
    let asked: Vec<String> =
        cloud.requests().into_iter().map(|request| request.operation).collect();
    for operation in ["LookupEvents", "DescribeServiceRevisions", "DescribeTasks"] {
        assert!(asked.iter().any(|it| it == operation), "{operation}: {asked:?}");
    }
}

/// Nothing of these specs is worth anything where what is planted does not reach the answers.
#[test]
fn what_is_planted_is_in_what_is_read() {
    let mut planter = Planter::default();
    let whole: String = (careless_states(&mut planter).iter())
        .map(|version| String::from_utf8_lossy(&version.body).into_owned())
        .collect();
    // Of the state that is cut off, only what is before the cut.
    let planted = planter.count_in(&whole);
    assert!(planted.0 * 10 >= planted.1 * 9, "{planted:?}");
    let mut planter = Planter::default();
    let ticket = careless_ticket(&mut planter, "OPS-1").to_string();
    planter.assert_planted(&ticket);
}
