//! Bad input and bad weather: one sentence, a hint, the right exit code.

use insta::assert_snapshot;

use crate::support::Machine;
use crate::support::cloud::{Answer, Cloud, with_one_group};

fn in_drill(line: &str) -> String {
    Machine::new().types(line).to_string()
}

#[test]
fn an_unknown_name_shows_the_nearest() {
    assert_snapshot!(in_drill("oncall --drill logs apii"), @"
    ------- stderr -------
    error: there is no service and no log group called `apii` in us-east-1
    hint: did you mean `prod/api`?
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs service:webhook"), @"
    ------- stderr -------
    error: there is no service called `webhook` in us-east-1
    hint: did you mean `prod/webhooks`?
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs /ecs/prod-ingets"), @"
    ------- stderr -------
    error: there is no log group called `/ecs/prod-ingets` in us-east-1
    hint: did you mean `/ecs/prod-ingest`?
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs '/nowhere/*'"), @"
    ------- stderr -------
    error: no log group in us-east-1 matches `/nowhere/*`
    hint: `oncall logs groups` lists what there is; --region and --profile look elsewhere
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs prod/api/wbe"), @"
    ------- stderr -------
    error: the service prod/api has no container called `wbe`
    hint: its containers are `api` and `envoy`
    [exit 2]
    ");
}

#[test]
fn a_name_with_two_meanings_shows_both_spellings() {
    assert_snapshot!(in_drill("oncall --drill logs billing"), @"
    ------- stderr -------
    error: `billing` can mean different things
    hint: say which: `service:prod/billing` or `group:billing`
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs docs"), @"
    ------- stderr -------
    error: `docs` can mean different things
    hint: say which: `edge/docs` or `prod/docs`
    [exit 2]
    ");
}

#[test]
fn a_group_of_another_class_says_so() {
    assert_snapshot!(in_drill("oncall --drill logs /archive/audit"), @"
    ------- stderr -------
    error: the log group /archive/audit could not be read
    caused by: FilterLogEvents in us-east-1: /archive/audit is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not supported for this log class.
    hint: only Logs Insights reads this class: `aws logs start-query`, or the console
    [exit 2]
    ");
}

#[test]
fn a_bad_expression_says_where() {
    assert_snapshot!(in_drill("oncall --drill logs grep 'time(out' api"), @"
    ------- stderr -------
    error: the regular expression `time(out` cannot be read at character 5: unclosed group
    hint: -F (with grep) takes a text as it is; a backslash takes a character as it is
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --include '[a'"), @"
    ------- stderr -------
    error: the regular expression `[a` cannot be read at character 1: unclosed character class
    hint: -F (with grep) takes a text as it is; a backslash takes a character as it is
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --filter-pattern '{ $.level ='"), @r#"
    ------- stderr -------
    missing: /ecs/prod-mesh from 2026-11-22T19:45:00.000Z to 2026-11-22T19:59:59.999Z: FilterLogEvents in us-east-1: Invalid filter pattern
    hint: in a filter pattern, a term with more than letters, digits and _ wants quotes: --filter-pattern '"a-b"'
    error: the log group /ecs/prod-ingest could not be read
    caused by: FilterLogEvents in us-east-1: Invalid filter pattern
    hint: in a filter pattern, a term with more than letters, digits and _ wants quotes: --filter-pattern '"a-b"'
    [exit 2]
    "#);
}

#[test]
fn a_bad_condition_says_where() {
    assert_snapshot!(in_drill("oncall --drill logs api --where 'latency_ms=>500'"), @"
    ------- stderr -------
    error: the condition `latency_ms=>500` cannot be read at character 11: `=>` is no operator; they are = != > >= < <= ~ and !~
    hint: --where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --where 'status = '"), @"
    ------- stderr -------
    error: the condition `status = ` cannot be read at character 10: a value must stand here; `~^$` asks for an empty text
    hint: --where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs grep timeout api --where 'path~/v(1'"), @"
    ------- stderr -------
    error: the condition `path~/v(1` cannot be read at character 8: unclosed group
    hint: --where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --where 'level>=loud'"), @"
    ------- stderr -------
    error: the condition `level>=loud` cannot be read at character 8: a level is one of trace, debug, info, notice, warn, error, fatal
    hint: --where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs -f api --where ''"), @"
    ------- stderr -------
    error: the condition `` cannot be read at character 1: the name of a field must stand here
    hint: --where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes
    [exit 2]
    ");
}

#[test]
fn a_window_that_cannot_be() {
    assert_snapshot!(in_drill("oncall --drill logs api --since 10m --until 1h --utc"), @"
    ------- stderr -------
    error: the window must end after it begins: it begins at 2026-11-22T19:50:00+00:00 (--since 10m) and ends at 2026-11-22T19:00:00+00:00 (--until 1h)
    hint: a time of day is the latest one that has passed; another day's is written `yesterday 14:05`
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --since soon --utc"), @"
    ------- stderr -------
    error: `soon` is not a time
    hint: times look like 15m, 14:05, `yesterday 14:05`, `2026-11-22 14:05`, 2026-11-22T14:05:06Z or now
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --around 14:00 --since 1h"), @"
    ------- stderr -------
    error: --around and --since cannot be used together
    hint: type --around 14:05 --window 30m, or --since 13:50 --until 14:20
    [exit 2]
    ");
}

#[test]
fn targets_that_cannot_be() {
    assert_snapshot!(in_drill("oncall --drill logs"), @"
    ------- stderr -------
    error: no target is named
      edge/coredns
      edge/dashboard
      edge/docs
      prod/api
      prod/billing
      prod/coredns
      prod/dedupe
      prod/destinations
      prod/docs
      prod/scheduler
      prod/txn-writer
      prod/webhooks
      /aws/lambda/invoice-mailer
      /aws/lambda/thumbnails
      /ecs/edge-web
      /ecs/platform/dns
      /ecs/platform/log-router
      /ecs/prod-control
      /ecs/prod-finance
      /ecs/prod-ingest
      and 6 more
    hint: `oncall logs api` reads a service, `oncall logs groups` lists what there is
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs task:123"), @"
    ------- stderr -------
    error: `123` is not a task id: one has 32 hexadecimal digits
    hint: with the beginning of an id: `oncall logs SERVICE --task BEGINNING`
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs arn:aws:s3:::bucket"), @"
    ------- stderr -------
    error: the ARN `arn:aws:s3:::bucket` is not of a log group, a service or a task
    hint: a target is a service, CLUSTER/SERVICE, a task id, a log group, a glob or an ARN
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs 0f9de17a6465404e8b1b2356dc13c2f8"), @"
    ------- stderr -------
    error: ECS does not know the task 0f9de17a6465404e8b1b2356dc13c2f8: it forgets a stopped task after about an hour
    hint: its lines may still be there: `oncall logs SERVICE --task 0f9de17a6465404e8b1b2356dc13c2f8`
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs '/ecs/[a'"), @"
    ------- stderr -------
    error: the glob `/ecs/[a` cannot be read: unclosed character class; missing ']'
    hint: a target is a service, CLUSTER/SERVICE, a task id, a log group, a glob or an ARN
    [exit 2]
    ");
}

#[test]
fn flags_that_cannot_be() {
    assert_snapshot!(in_drill("oncall --drill logs api --budget lots"), @"
    ------- stderr -------
    error: `lots` is not a budget
    hint: --budget takes a percentage of the account's quota (1 to 100) or `unlimited`
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --timezone Mars/Olympus"), @"
    ------- stderr -------
    error: there is no time zone `Mars/Olympus`
    hint: a time zone has a name such as Europe/Berlin; --utc is UTC
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill=incident-9 logs api"), @"
    ------- stderr -------
    error: there is no drill called `incident-9`
    hint: did you mean `--drill=incident-8`? A file of your own is --drill=PATH
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --profile prod"), @r"
    ------- stderr -------
    error: a drill has no profiles
    hint: leave out --profile, or --drill
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs api --level loud"), @"
    ------- stderr -------
    error: invalid value 'loud' for '--level <LEVEL>': a level is one of trace, debug, info, notice, warn, error, fatal

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn what_stands_around_a_match_where_it_cannot_be_had() {
    assert_snapshot!(in_drill("oncall --drill logs grep -f -C 3 timeout api"), @"
    ------- stderr -------
    error: -f hands on what comes and does not wait for what stands around it (-A, -B, -C)
    hint: leave out -f; `oncall logs -f TARGET --stream STREAM` follows a match's stream
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs grep -A 20000 timeout api"), @"
    ------- stderr -------
    error: invalid value '20000' for '--after-context <N>': 20000 is not in 0..=10000

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(in_drill("oncall --drill logs grep -B 2 timeout api --resume job"), @"
    ------- stderr -------
    error: the argument '--before-context <N>' cannot be used with '--resume <NAME>'

    Usage: oncall logs grep --before-context <N> <PATTERN> <TARGET>...

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn without_permission_for_what_stands_around_them_there_are_matches() {
    let events: Vec<serde_json::Value> = (0..40)
        .map(|number| {
            serde_json::json!({ "logStreamName": format!("s{}", number % 7), "message": "boom",
                "timestamp": 1_795_377_500_000_i64 + number * 1_000, "eventId": number.to_string() })
        })
        .collect();
    let page = serde_json::json!({ "events": events }).to_string();
    let cloud = Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => Answer::json(r#"{"clusterArns":[]}"#),
        "DescribeLogGroups" => Answer::json(r#"{"logGroups":[{"logGroupName":"/shop/web"}]}"#),
        "FilterLogEvents" => Answer::json(page.clone()),
        _ => Answer::refusal(
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/me is not authorized",
        ),
    });
    let line = "oncall logs grep -C 2 boom /shop/web --since 1795377500 --until 1795377600 -o raw";
    let ran = Machine::with_endpoint(&cloud.url).types(line);
    assert_eq!(ran.stdout, "boom\n".repeat(40));
    assert_snapshot!(ran.stderr, @"
    missing: /shop/web from 2026-11-22T19:58:20.000Z to 2026-11-22T19:58:59.000Z: what stands around 40 of the matches: GetLogEvents in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action logs:GetLogEvents; docs/permissions.md has the least policy
    40 records, 1 page, 0 throttles, 0 retries, incomplete
    ");
    assert_eq!(ran.code, 3);
    let asked = cloud.requests().into_iter().filter(|r| r.operation == "GetLogEvents").count();
    assert!(asked <= 9, "asked {asked} times for what is refused");
}

#[test]
fn a_broken_configuration() {
    let machine = Machine::with_endpoint("http://127.0.0.1:1");
    machine.file(".config/oncall/config.toml", "reigon = \"x\"\n");
    assert_snapshot!(machine.types("oncall logs api"), @"
    ------- stderr -------
    error: the configuration HOME/.config/oncall/config.toml has an unknown key `reigon`
    hint: did you mean `region`?
    [exit 2]
    ");
}

#[test]
fn no_credentials() {
    let mut machine = Machine::new();
    machine.set("AWS_REGION", "us-east-1");
    assert_snapshot!(machine.types("oncall logs api"), @"
    ------- stderr -------
    error: no AWS credentials were found
    hint: set up a profile with `aws configure sso`, or try `oncall --drill logs api`, which needs no account
    [exit 4]
    ");
}

#[test]
fn no_region() {
    let mut machine = Machine::new();
    machine.set("AWS_ACCESS_KEY_ID", "a").set("AWS_SECRET_ACCESS_KEY", "b");
    assert_snapshot!(machine.types("oncall logs api"), @"
    ------- stderr -------
    error: no AWS region is set
    hint: pass --region, or set AWS_REGION or `region` in the profile
    [exit 2]
    ");
}

#[test]
fn an_unknown_profile() {
    let machine = Machine::with_endpoint("http://127.0.0.1:1");
    machine.file(".aws/config", "[profile production]\nregion = us-east-1\n");
    assert_snapshot!(machine.types("oncall logs api --profile prodution"), @"
    ------- stderr -------
    error: the profile `prodution` does not exist
    hint: did you mean `--profile production`?
    [exit 2]
    ");
}

#[test]
fn an_unknown_region() {
    let mut machine = Machine::new();
    machine.set("AWS_ACCESS_KEY_ID", "a").set("AWS_SECRET_ACCESS_KEY", "b");
    assert_snapshot!(machine.types("oncall logs api --region us-esat-1"), @"
    ------- stderr -------
    error: there is no region `us-esat-1`
    hint: did you mean `--region us-east-1`?
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall logs api --region 'us east'"), @"
    ------- stderr -------
    error: there is no region `us east`
    hint: did you mean `--region us-east-1`?
    [exit 2]
    ");
}

const SSO: &str = "[profile work]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ReadOnly
region = us-east-1
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
";

#[test]
fn an_sso_session_that_is_missing_or_over() {
    let machine = Machine::new();
    machine.file(".aws/config", SSO);
    assert_snapshot!(machine.types("oncall logs api --profile work"), @"
    ------- stderr -------
    error: the SSO session is missing or has expired
    caused by: an error occurred while loading credentials: an error occurred while loading an access token: failed to load the cached SSO token
    hint: aws sso login --profile work
    [exit 4]
    ");

    let token = r#"{"accessToken":"t","expiresAt":"2020-01-01T00:00:00Z"}"#;
    let name = machine.sso_token_name("corp");
    machine.file(&format!(".aws/sso/cache/{name}.json"), token);
    let ran = machine.types("oncall logs api --profile work");
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.stderr.contains("hint: aws sso login --profile work"), "{ran}");
    assert!(ran.stderr.contains("the SSO token has expired"), "{ran}");
}

#[test]
fn tokens_are_not_sent_to_a_generic_endpoint() {
    let machine = Machine::with_endpoint("http://127.0.0.1:1");
    machine.file(".aws/config", SSO);
    assert_snapshot!(machine.types("oncall logs api --profile work"), @"
    ------- stderr -------
    error: the generic endpoint URL would also receive the tokens of this profile (it sets `sso_session`)
    hint: unset AWS_ENDPOINT_URL (or `endpoint_url`) and set AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, AWS_ENDPOINT_URL_ECS and AWS_ENDPOINT_URL_ECR instead
    [exit 2]
    ");
}

#[test]
fn an_mfa_role_without_a_terminal() {
    let mut machine = Machine::new();
    machine.set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1");
    machine.file(
        ".aws/config",
        "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\n\
         mfa_serial = arn:aws:iam::123456789012:mfa/me\nsource_profile = keys\nregion = us-east-1\n\
         [profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n",
    );
    assert_snapshot!(machine.types("oncall logs api --profile admin"), @"
    ------- stderr -------
    error: no code was given for the MFA device arn:aws:iam::123456789012:mfa/me
    hint: run it on a terminal, which asks for the code, or set `credential_process` in the profile
    [exit 4]
    ");
}

#[test]
fn a_group_without_permission() {
    let cloud = with_one_group("/shop/web", |_| {
        Answer::refusal("AccessDeniedException", "User: arn:aws:iam::1:user/me is not authorized")
    });
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types("oncall logs /shop/web"), @"
    ------- stderr -------
    error: the log group /shop/web could not be read
    caused by: FilterLogEvents in us-east-1: no permission: User: arn:aws:iam::1:user/me is not authorized
    hint: ask for the IAM action logs:FilterLogEvents; docs/permissions.md has the least policy
    [exit 4]
    ");
}

#[test]
fn without_ecs_permission_a_name_is_a_group() {
    let event = r#"{"events":[{"logStreamName":"s","timestamp":1795377590000,"message":"hi","eventId":"1"}]}"#;
    let cloud = Cloud::that(move |request| match request.operation.as_str() {
        "ListClusters" => Answer::refusal("AccessDeniedException", "no"),
        "DescribeLogGroups" => Answer::json(r#"{"logGroups":[{"logGroupName":"web"}]}"#),
        "FilterLogEvents" => Answer::json(event),
        _ => Answer::refusal("AccessDenied", "no"),
    });
    let line = "oncall logs web --since 1795377500 --until 1795377600 -o raw";
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types(line), @"
    hi
    ------- stderr -------
    note: no permission to ask ECS (ecs:ListClusters), so `web` is read as a log group
    ");
}

#[test]
fn credentials_that_have_expired() {
    let cloud = Cloud::that(|_| {
        Answer::refusal(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
    });
    assert_snapshot!(Machine::with_endpoint(&cloud.url).types("oncall logs /shop/web"), @"
    ------- stderr -------
    error: the AWS credentials have expired
    hint: log in again with the tool that gave you these credentials, or pass --profile
    [exit 4]
    ");
}

#[test]
fn an_endpoint_that_refuses_hangs_or_is_a_proxy() {
    let refused = Machine::with_endpoint(&Cloud::nowhere()).types("oncall logs /shop/web");
    assert_snapshot!(refused, @"
    ------- stderr -------
    error: DescribeLogGroups in us-east-1: the connection to CloudWatch Logs was refused
    hint: check AWS_ENDPOINT_URL, or whether a proxy or VPN is needed
    [exit 3]
    ");
    let hung = Machine::with_endpoint(&Cloud::that_hangs().url)
        .types("oncall logs /shop/web --timeout 200ms");
    assert_snapshot!(hung, @"
    ------- stderr -------
    error: DescribeLogGroups in us-east-1: no answer in time
    hint: check the network, the VPN and HTTPS_PROXY; --timeout waits longer
    [exit 3]
    ");
    for status in [200, 403] {
        let cloud = Cloud::that(move |_| Answer::html(status));
        let ran = Machine::with_endpoint(&cloud.url).types("oncall logs /shop/web");
        assert_eq!(ran.code, 3, "{ran}");
        let sentence = format!("the answer is not from AWS (HTTP {status}, text/html)");
        assert!(ran.stderr.contains(&sentence), "{ran}");
    }
}

#[test]
fn an_endpoint_that_is_no_url() {
    assert_snapshot!(Machine::with_endpoint("not a url").types("oncall logs /shop/web"), @"
    ------- stderr -------
    error: the AWS configuration cannot be used: the endpoint URL is not a URL
    hint: check AWS_ENDPOINT_URL and the AWS configuration files
    [exit 2]
    ");
}
