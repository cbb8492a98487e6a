//! Whose credentials a request carries, and where tokens go.

use crate::support::cloud::{Answer, Cloud, Request, with_one_group};
use crate::support::{Machine, Ran};

const LINE: &str = "oncall logs group:/shop/web --since 1795377500 --until 1795377600 -o raw";
const EVENT: &str =
    r#"{"events":[{"logStreamName":"s","timestamp":1795377590000,"message":"hi","eventId":"1"}]}"#;

fn logs() -> Cloud {
    with_one_group("/shop/web", |_| Answer::json(EVENT))
}

fn machine_for(cloud: &Cloud) -> Machine {
    let mut machine = Machine::new();
    machine.set("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", &cloud.url).set("AWS_REGION", "us-east-1");
    machine
}

/// The access key ids that requests were signed with.
fn keys_of(cloud: &Cloud) -> Vec<String> {
    let key = |request: Request| {
        let (_, after) = request.headers.split_once("Credential=").expect("a signature");
        after.split('/').next().unwrap_or_default().to_owned()
    };
    let mut keys: Vec<String> = cloud.requests().into_iter().map(key).collect();
    keys.dedup();
    keys
}

fn said_hi(ran: Ran) {
    assert_eq!(ran.well().stdout, "hi\n");
}

#[test]
fn a_credential_process_is_run_once() {
    let cloud = logs();
    let machine = machine_for(&cloud);
    let script = machine.file(
        "process.sh",
        "echo run >> runs\n\
         echo '{\"Version\":1,\"AccessKeyId\":\"AKIDPROCESS\",\"SecretAccessKey\":\"s\"}'\n",
    );
    let config = format!("[profile p]\ncredential_process = sh {}\n", script.display());
    machine.file(".aws/config", &config);
    said_hi(machine.types(&format!("{LINE} --profile p")));
    assert_eq!(keys_of(&cloud), ["AKIDPROCESS"]);
    let runs = std::fs::read_to_string(machine.home().join("runs")).unwrap();
    assert_eq!(runs, "run\n", "it runs once, whatever its credentials are used for");
}

#[test]
fn a_profile_by_flag_wins_over_keys_in_the_environment() {
    let cloud = logs();
    let mut machine = machine_for(&cloud);
    machine.set("AWS_ACCESS_KEY_ID", "AKIDENV").set("AWS_SECRET_ACCESS_KEY", "s");
    machine
        .file(".aws/credentials", "[p]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n");
    said_hi(machine.types(LINE));
    said_hi(machine.types(&format!("{LINE} --profile p")));
    assert_eq!(keys_of(&cloud), ["AKIDENV", "AKIDFILE"]);
}

#[test]
fn an_sso_token_goes_to_the_portal_and_nowhere_else() {
    let portal = Cloud::that(|_| {
        Answer::json(
            r#"{"roleCredentials":{"accessKeyId":"AKIDSSO","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#,
        )
    });
    let cloud = logs();
    let mut machine = machine_for(&cloud);
    machine.set("AWS_ENDPOINT_URL_SSO", &portal.url);
    machine.file(
        ".aws/config",
        "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n",
    );
    let sha1 = machine.sso_token_name("corp");
    machine.file(
        &format!(".aws/sso/cache/{sha1}.json"),
        r#"{"accessToken":"sso-token-example","expiresAt":"2099-01-01T00:00:00Z"}"#,
    );
    said_hi(machine.types(&format!("{LINE} --profile work")));
    assert_eq!(keys_of(&cloud), ["AKIDSSO"]);
    assert!(portal.requests()[0].headers.contains("sso-token-example"));
    let leaked =
        cloud.requests().iter().any(|request| request.headers.contains("sso-token-example"));
    assert!(!leaked);
}

#[test]
fn a_web_identity_is_exchanged_for_a_role() {
    let sts = Cloud::that(|_| Answer {
        content_type: "text/xml",
        ..Answer::json(
            r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDWEB</AccessKeyId>
            <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
            </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"#,
        )
    });
    let cloud = logs();
    let mut machine = machine_for(&cloud);
    let token = machine.file("token", "web-identity-example");
    machine.set("AWS_ENDPOINT_URL_STS", &sts.url);
    machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token.display().to_string());
    machine.set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
    said_hi(machine.types(LINE));
    assert_eq!(keys_of(&cloud), ["AKIDWEB"]);
}

#[test]
fn a_proxy_is_used_unless_no_proxy_says_otherwise() {
    let proxy = logs();
    let mut machine = Machine::with_endpoint("http://logs.example.invalid");
    machine.set("HTTP_PROXY", &proxy.url);
    said_hi(machine.types(LINE));
    assert!(proxy.requests()[0].headers.starts_with("POST http://logs.example.invalid"));

    let cloud = logs();
    let mut machine = Machine::with_endpoint(&cloud.url);
    machine.set("HTTP_PROXY", &Cloud::nowhere()).set("NO_PROXY", "127.0.0.1");
    said_hi(machine.types(LINE));
}

#[test]
fn a_certificate_bundle_that_cannot_be_used_is_named() {
    let mut machine = Machine::with_endpoint(&logs().url);
    machine.set("AWS_CA_BUNDLE", "/nowhere/bundle.pem");
    let ran = machine.types(LINE);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .starts_with("error: the certificate bundle /nowhere/bundle.pem cannot be used: "),
        "{ran}"
    );
}

#[test]
fn what_is_kept_between_runs_holds_no_secret_and_is_the_owners() {
    use std::os::unix::fs::PermissionsExt;

    let definition = r#"{"taskDefinition":{"containerDefinitions":[{"name":"web",
        "environment":[{"name":"PASSWORD","value":"plain-secret"}],
        "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/shop/web",
        "awslogs-stream-prefix":"p","splunk-token":"token-secret"}}}]}}"#;
    let cloud = Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => {
            Answer::json(r#"{"clusterArns":["arn:aws:ecs:us-east-1:123456789012:cluster/prod"]}"#)
        }
        "DescribeServices" => Answer::json(
            r#"{"services":[{"serviceArn":"arn:aws:ecs:us-east-1:123456789012:service/prod/shop",
            "clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/prod","serviceName":"shop","status":"ACTIVE",
            "taskDefinition":"arn:aws:ecs:us-east-1:123456789012:task-definition/shop:1"}]}"#,
        ),
        "ListTasks" => Answer::json(r#"{"taskArns":[]}"#),
        "DescribeTaskDefinition" => Answer::json(definition),
        "DescribeLogGroups" => Answer::json(r#"{"logGroups":[]}"#),
        "FilterLogEvents" => Answer::json(EVENT.replace(r#""s""#, r#""p/web/0""#)),
        _ => Answer::refusal("AccessDenied", "no"),
    });
    let machine = Machine::with_endpoint(&cloud.url);
    let line = "oncall logs shop --since 1795377500 --until 1795377600 -o raw";
    said_hi(machine.types(line));
    said_hi(machine.types(line));
    let read = cloud.requests().iter().filter(|r| r.operation == "DescribeTaskDefinition").count();
    assert_eq!(read, 1, "a task definition never changes, so it is asked for once");

    let mut folders = vec![machine.home().join(".cache")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            // The word itself is there, before the names of what is put in from a store.
            for value in ["plain-secret", "token-secret"] {
                assert!(!text.contains(value), "{text}");
            }
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    assert!(files > 0);
}
