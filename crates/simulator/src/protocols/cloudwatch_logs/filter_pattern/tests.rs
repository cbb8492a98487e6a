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
        "%regex%",
        "[ip, user]",
        "[w1=ERROR, w2]",
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
        "{ $.a = %x% }",
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
