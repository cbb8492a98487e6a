//! The examples of the documentation, and what it says is refused.

use super::FilterPattern;

const REQUESTS: [&str; 5] = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
    "[ERROR 500] INTERNAL SERVER ERROR",
];

fn matching(pattern: &str) -> Vec<usize> {
    let pattern = FilterPattern::parse(pattern).unwrap();
    (0..REQUESTS.len()).filter(|place| pattern.matches(REQUESTS[*place].as_bytes())).collect()
}

#[test]
fn terms_as_documented() {
    assert_eq!(matching("ERROR"), [0, 1, 2, 3, 4]);
    assert!(matching("error").is_empty());
    assert_eq!(matching("ERROR ARGUMENTS"), [2, 3]);
    assert_eq!(matching("?REQUEST ?ARGUMENTS"), [0, 1, 2, 3]);
    assert_eq!(matching("?ERROR ?ARGUMENTS"), [0, 1, 2, 3, 4]);
    assert_eq!(matching("\"INTERNAL SERVER ERROR\""), [4]);
    assert_eq!(matching("ERROR -ARGUMENTS"), [0, 1, 4]);
    assert!(matching("-ERROR").is_empty());
    assert_eq!(matching("-\"BAD REQUEST\""), [1, 2, 3, 4]);
    assert_eq!(matching(""), [0, 1, 2, 3, 4]);
    assert_eq!(matching("\" \""), [0, 1, 2, 3, 4]);
}

#[test]
fn optional_terms_are_ignored_beside_others() {
    assert_eq!(matching("?INVALID ?ARGUMENTS REQUEST"), [0, 1]);
    assert_eq!(matching("?INVALID -ARGUMENTS"), [0, 1, 4]);
    for message in
        ["[INFO] REQUEST FAILED", "[WARN] UNAUTHORIZED REQUEST", "[ERROR] 400 BAD REQUEST"]
    {
        assert!(holds("?ERROR ?ARGUMENTS REQUEST", message), "{message}");
    }
    assert!(!holds("?ERROR ?ARGUMENTS REQUEST", "[ERROR 419] MISSING ARGUMENTS"));
}

#[test]
fn a_phrase_may_hold_a_quote() {
    let pattern = FilterPattern::parse(r#""\"level\":\"error\"""#).unwrap();
    assert!(pattern.matches(br#"{"level":"error"}"#));
}

const TRAIL: &str = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
    "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c"}"#;
const USERS: &str = r#"{"user":{"id":1,"email":"John.Stiles@example.com"},
    "users":[{"id":2,"email":"John.Doe@example.com"},{"id":3,"email":"Jane.Doe@example.com"}],
    "actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}"#;

fn holds(pattern: &str, message: &str) -> bool {
    FilterPattern::parse(pattern).unwrap().matches(message.as_bytes())
}

#[test]
fn json_selectors_as_documented() {
    assert!(holds(r#"{ $.eventType = "UpdateTrail" }"#, TRAIL));
    assert!(!holds(r#"{ $.eventType != "UpdateTrail" }"#, TRAIL));
    assert!(holds("{ $.sourceIPAddress != 123.123.* }", TRAIL));
    assert!(holds("{ $.sourceIPAddress = 111.* }", TRAIL));
    assert!(holds(r#"{ $.arrayKey[0] = "value" }"#, TRAIL));
    assert!(holds(r#"{ $.arrayKey[*] = "another*" }"#, TRAIL));
    assert!(holds("{ $.objectList[1].id = 2 }", TRAIL));
    assert!(holds(r#"{ $.['cluster.name'] = "c" }"#, TRAIL));
    assert!(holds("{ $.SomeObject IS NULL }", TRAIL));
    assert!(holds("{ $.SomeOtherObject NOT EXISTS }", TRAIL));
    assert!(!holds("{ $.SomeObject NOT EXISTS }", TRAIL));
    assert!(!holds("{ $.missing != 1 }", TRAIL));
    assert!(!holds(r#"{ $.arrayKey = "value" }"#, TRAIL));
}

#[test]
fn compound_conditions_as_documented() {
    assert!(!holds(r#"{ ($.user.id = 1) && ($.users[0].email = "nonmatch") }"#, USERS));
    assert!(holds(r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, USERS));
    assert!(holds(
        r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }"#,
        USERS,
    ));
    assert!(!holds(
        r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }"#,
        USERS,
    ));
    assert!(!holds(
        r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#,
        USERS,
    ));
}

#[test]
fn regular_expressions_as_documented() {
    let requests = ["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST"];
    assert!(requests.iter().all(|request| holds("%AUTHORIZED%", request)));
    assert_eq!(matching(" %4[01]\\d% "), [0, 1, 2]);
    assert!(holds("{ $.eventType = %Trail% }", TRAIL));
    assert!(!holds("{ $.eventType != %Trail% }", TRAIL));
    assert!(holds("{ $.eventType != %^Trail% }", TRAIL));
    assert!(holds("{ $.arrayKey[*] = %val.{2}% }", TRAIL));
    assert!(holds(r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", TRAIL));
    assert!(!holds(r"{ $.* = %112\.111\.111\.1[0-9]{1,2}% }", TRAIL));
    assert!(holds(r"{ $.user.email = %@example\.com$% && $.actions[0] = %G|P% }", USERS));
    assert!(
        !holds("{ $.missing != %a% }", TRAIL),
        "a field that is not there differs from nothing"
    );
    assert!(holds("{ $.code = %^4% }", r#"{"code":404}"#));
}

#[test]
fn wildcards_select_any_element_or_field() {
    assert!(holds("{ $.users[*].id = 3 }", USERS));
    assert!(holds("{ $.user.* = 1 && $.users[*].id = 2 && $.coordinates[*][2] = 9 }", USERS));
    assert!(!holds("{ $.coordinates[0][*] = 9 }", USERS));
}

#[test]
fn is_knows_three_values() {
    let message = r#"{"a":true,"b":false,"c":null}"#;
    assert!(holds("{ $.a IS TRUE && $.b IS FALSE && $.c IS NULL && $.d NOT EXISTS }", message));
    for pattern in ["{ $.a IS FALSE }", "{ $.b IS NULL }", "{ $.d IS NULL }", "{ $.c NOT EXISTS }"]
    {
        assert!(!holds(pattern, message), "{pattern}");
    }
}

#[test]
fn numeric_operators_as_documented() {
    let message = r#"{"bandwidth":76,"latency":49,"refreshRate":60,"responseTime":5,"errorCode":400,"number":[1000,0.001]}"#;
    for pattern in [
        "{ $.bandwidth > 75 }",
        "{ $.latency < 50 }",
        "{ $.refreshRate >= 60 }",
        "{ $.responseTime <= 5 }",
        "{ $.errorCode = 400}",
        "{ $.errorCode = 4*}",
        "{ $.errorCode != 500 }",
        "{ $.number[0] = 1e+3 }",
        "{ $.number[0] != 1e-3 }",
    ] {
        assert!(holds(pattern, message), "{pattern}");
    }
    assert!(!holds("{ $.number[1] != 1e-3 }", message));
}

const ACCESS: &str =
    r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

#[test]
fn columns_as_documented() {
    for pattern in [
        r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
        "[..., request =*.html*, status_code = 4*, bytes]",
        "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
        "[ip, ..., bytes > 1500]",
        "[ip, user = Prod && user != Test, ...]",
        "[...]",
        "[a, b, c, time = \"10/Oct/2000:13:25:15 -0700\", request = \"GET /index.html HTTP/1.0\", ...]",
        "[ip, user != 7, ...]",
    ] {
        assert!(holds(pattern, ACCESS), "{pattern}");
    }
    for pattern in [
        r"[ip=%127\.0\.0\.[2-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
        "[..., request =*.html*, status_code = 5*, bytes]",
        "[ip, user, username, timestamp, request, status_code = 403 || status_code = 410, bytes]",
        "[ip, user, username, timestamp, request, status_code != 404, bytes]",
        "[a, b, c, d, e, f, g, h]",
        "[a, b, c, d, e, f = 404]",
        "[a, b, c, d, e, f, g, ..., h]",
        "[ip, user > 5, ...]",
    ] {
        assert!(!holds(pattern, ACCESS), "{pattern}");
    }
}

const LINES: [&str; 4] = [
    "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
    "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
    "WARNING 09/25/2014 12:00:02 Invalid user request",
    "ERROR 09/25/2014 12:00:02 Failed to process request",
];

#[test]
fn terms_in_order_as_documented() {
    let lines = |pattern: &str| -> Vec<usize> {
        (0..LINES.len()).filter(|line| holds(pattern, LINES[*line])).collect()
    };
    assert_eq!(lines("[w1=ERROR, w2]"), [3]);
    assert_eq!(lines("[w1=ERROR || w1=WARNING, w2]"), [2, 3]);
    assert_eq!(lines("[w1!=ERROR && w1!=WARNING, w2]"), [0, 1]);
    assert_eq!(
        lines("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]"),
        [0]
    );
    assert_eq!(
        lines(
            "[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]"
        ),
        [1]
    );
}

#[test]
fn numbers_are_compared() {
    let message = r#"{"latency":49,"code":4e2,"ratio":0.001}"#;
    assert!(holds("{ $.latency < 50 }", message));
    assert!(holds("{ $.latency >= 49 && $.latency <= 49 }", message));
    assert!(!holds("{ $.latency > 49 }", message));
    assert!(holds("{ $.code = 400}", message));
    assert!(holds("{ $.ratio = 1e-3 }", message));
    assert!(!holds("{ $.latency = 49 }", "not json"));
}

#[test]
fn what_is_not_supported_is_refused() {
    for pattern in [
        "%",
        "%%",
        "%open",
        "%something!%",
        "%(a|b)%",
        "%a% b",
        "ERROR %a%",
        "%a% %b%",
        "?%a%",
        "-%a%",
        "%a%b",
        "email@example.com",
        "a/b",
        "foo:bar",
        "\"open",
        "\"a\"b",
        "?",
        "-",
        "{ $.a = 1",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a > %x% }",
        "{ $.a = %x }",
        "{ $.a = %!% }",
        "{ $.a = %x%y }",
        "{ $.a = %x% && $.b = %y% && $.c = %z% }",
        "{ $.*.a = 1 || $.b.* = 1 || $.c[*] = 1 || $.* = 1 }",
        "[]",
        "[a",
        "[a, ]",
        "[a, , b]",
        "[..., a, ...]",
        "[a = ]",
        "[a = 1 || b = 1]",
        "[a = 1 ||]",
        "[a > text]",
        "[a = %x%, b = %y%, c = %z%]",
        "[a] b",
        "[ip user]",
        "{ $.a > \"text\" }",
        "{ $.a EXISTS }",
        "{ $.a IS NOT NULL }",
        "{ $.*.*  = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = 1 && }",
        "{}",
    ] {
        assert!(FilterPattern::parse(pattern).is_none(), "{pattern}");
    }
}
