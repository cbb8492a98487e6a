//! The judge is the simulator's own reading of filter patterns, which knows nothing of this crate.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::*;
use crate::condition::Condition;
use crate::message::Message;
use crate::select::GrepPattern;

fn grep(pattern: &str, flags: &str) -> Result<Selection, crate::PatternError> {
    let flag = |name| flags.contains(name);
    let pattern =
        GrepPattern::new(&[pattern.to_owned()], flag('F'), flag('w'), flag('i'), flag('v'))?;
    Ok(Selection::everything().grep(Some(pattern)))
}

fn of_grep(pattern: &str, flags: &str) -> Option<String> {
    filter_pattern(&grep(pattern, flags).unwrap())
}

fn only_where(conditions: &[&str]) -> Selection {
    let conditions = conditions.iter().map(|condition| Condition::parse(condition).unwrap());
    Selection::everything().conditions(conditions.collect())
}

fn of_where(condition: &str) -> Option<String> {
    filter_pattern(&only_where(&[condition]))
}

/// What the documentation allows between the percent signs, and how long all of it may be.
fn is_documented(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || ":_#=@/;,-".contains(c) || r"^$?[]{}|\*+.".contains(c)
    };
    pattern.len() <= 1024
        && inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(allowed))
}

#[test]
fn a_search_becomes_what_is_certain_of_it() {
    for (pattern, flags, expected) in [
        ("timeout", "", "%timeout%"),
        ("connection refused", "", r"%connection\x20refused%"),
        ("10.10.0.1:80", "F", r"%10\.10\.0\.1:80%"),
        ("(E|e)rror.*database", "", "%database%"),
        ("timeout|refused", "", "%timeout|refused%"),
        ("timeout", "i", "%[Tt][Ii][Mm][Ee][Oo][Uu][Tt]%"),
        ("deadlock", "i", "%[Dd][Ee][Aa][Dd][Ll][Oo][Cc]%"),
        ("panic", "w", "%panic%"),
        (r#""level":"error""#, "", r"%\x22level\x22:\x22error\x22%"),
        ("50% (full)", "F", r"%50\x25\x20\x28full\x29%"),
        ("naïve café timeout", "", r"%\x20timeout%"),
        ("***secret***", "F", "%secret%"),
        (r"a\nlong line", "", r"%long\x20line%"),
        (r"^\d{4}-.*ERROR ", "", r"%ERROR\x20%"),
    ] {
        assert_eq!(of_grep(pattern, flags).as_deref(), Some(expected), "{pattern} {flags}");
    }
}

#[test]
fn what_is_not_certain_is_not_asked_for() {
    for (pattern, flags) in [
        ("timeout", "v"),
        ("ab", ""),
        ("", ""),
        (".*", ""),
        ("sks", "i"),
        ("日本語", ""),
        ("***", "F"),
    ] {
        assert_eq!(of_grep(pattern, flags), None, "{pattern} {flags}");
    }
    let level = Selection::everything().level(Some(crate::Level::Error));
    assert_eq!(filter_pattern(&level), None);
    assert_eq!(filter_pattern(&Selection::everything()), None);
    let exclude = Selection::everything().exclude(&["timeout".to_owned()]).unwrap();
    assert_eq!(filter_pattern(&exclude), None);
}

#[test]
fn conditions_are_looked_for_in_the_text_of_the_object() {
    for (condition, expected) in [
        ("trace_id", r"%\x22trace_id\x22|\\u005[Ff]|\\u006[13459]|\\u007[24]%"),
        ("trace_id!=7", r"%\x22trace_id\x22|\\u005[Ff]|\\u006[13459]|\\u007[24]%"),
        ("err.code=EAI_*", r"%EAI_|\\u004[159]|\\u005[Ff]%"),
        ("path~^/v1/", r"%\x22path\x22|\\u006[18]|\\u007[04]%"),
        ("path~^/search/v1", r"%search|\\u006[1358]|\\u007[23]%"),
        (
            "id=7",
            r"%\x22id\x22\D*\d+\.?\d*[eE]|\x22id\x22\D*7|\\u002[BbDdEe]|\\u003[0123456789]|\\u004[5]|\\u006[459]%",
        ),
        (
            "http.n>=500",
            r"%n\x22\D*\d+\.?\d*[eE]|n\x22\D*[5-9]\d\d|n\x22\D*\d\d\d\d|\\u002[BbDdEe]|\\u003[0123456789]|\\u004[5]|\\u006[5Ee]%",
        ),
    ] {
        assert_eq!(of_where(condition).as_deref(), Some(expected), "{condition}");
    }
}

#[test]
fn conditions_that_nothing_is_certain_of() {
    for condition in ["!trace_id", "level=error", "level>=warn", "!level", "level", "é=é", "é.100"]
    {
        assert_eq!(of_where(condition), None, "{condition}");
    }
}

#[test]
fn the_most_telling_condition_is_asked_for() {
    let selection = only_where(&["status>=500", "trace_id=4bf92f3577b34da6", "user"]);
    assert!(filter_pattern(&selection).unwrap().starts_with("%4bf92f3577b34da6|"));
    let selection = only_where(&["status>=500"]).include(&["timeout".to_owned()]).unwrap();
    assert_eq!(filter_pattern(&selection).unwrap(), "%timeout%");
    let selection = grep("short", "").unwrap().include(&["much longer".to_owned()]).unwrap();
    assert_eq!(filter_pattern(&selection).unwrap(), r"%much\x20longer%");
}

#[test]
fn much_is_left_out() {
    let pattern = of_where("status>=500").unwrap();
    let holds = |text: &str| simulator::matches(&pattern, text).unwrap();
    for text in
        [r#"{"status":500}"#, r#"{"status": 1200}"#, r#"{"status":"503"}"#, r#"{"status":5e2}"#]
    {
        assert!(holds(text), "{text}");
    }
    for text in [r#"{"status":200,"n":500}"#, r#"{"status":404}"#, r#"{"n":500}"#, "status 500"] {
        assert!(!holds(text), "{text}");
    }
    // Go writes `<`, `>` and `&` as escapes: those are no reason to look.
    let pattern = of_where("err.code=EAI_*").unwrap();
    let holds = |text: &str| simulator::matches(&pattern, text).unwrap();
    assert!(holds(r#"{"err":{"code":"EAI_AGAIN"}}"#));
    assert!(holds(r#"{"err":{"code":"\u0045AI_AGAIN"}}"#));
    assert!(!holds(r#"{"err":{"code":"ENOTFOUND"},"url":"?a=1\u0026b=2","c":"\u001b[31m\u003c"}"#));
}

#[test]
fn a_pattern_is_never_too_long() {
    let many: Vec<String> = (0..40).map(|n| format!("{n}{}", "long words ".repeat(20))).collect();
    let grep = GrepPattern::new(&many, true, false, true, false).unwrap();
    let pattern = filter_pattern(&Selection::everything().grep(Some(grep))).unwrap();
    assert!(is_documented(&pattern), "{pattern}");
    let long = format!("{}=x", "field".repeat(400));
    assert_eq!(of_where(&long), None);
}

/// The choices that the making of a text takes, over and over.
struct Choices<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.place += 1;
        let byte = self.bytes.get(self.place % self.bytes.len().max(1)).copied().unwrap_or(0);
        (usize::from(byte) ^ self.place) % end
    }
}

/// A text that an expression matches, its anchors and borders aside.
fn a_match(hir: &Hir, choices: &mut Choices<'_>, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).unwrap_or("")),
        HirKind::Class(Class::Unicode(class)) => {
            let Some(range) = class.ranges().get(choices.below(class.ranges().len().max(1))) else {
                return;
            };
            let (first, last) = (u32::from(range.start()), u32::from(range.end()));
            let place = choices.below(((last - first) as usize + 1).min(96)) as u32;
            text.extend(char::from_u32(first + place));
        }
        HirKind::Class(Class::Bytes(class)) => {
            text.extend(class.ranges().first().map(|range| char::from(range.start())));
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min + 2).min(repetition.min + 2);
            let times =
                repetition.min as usize + choices.below((most - repetition.min) as usize + 1);
            (0..times.min(40)).for_each(|_| a_match(&repetition.sub, choices, text));
        }
        HirKind::Capture(capture) => a_match(&capture.sub, choices, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| a_match(part, choices, text)),
        HirKind::Alternation(branches) => {
            a_match(&branches[choices.below(branches.len())], choices, text);
        }
    }
}

/// The kinds of expressions that people type.
fn typed() -> impl Strategy<Value = String> {
    let words = select(vec![
        "timeout",
        "connection refused",
        "ECONNRESET",
        "k",
        "disk",
        "S3 é",
        "100%",
        "a/b",
        r"10\.0\.0\.1",
        r#""code":"#,
        r"\*\*",
        "503",
        "error",
        "naïve",
        r"C:\\tmp",
        "<b>",
        "~!&'`",
    ]);
    let glue = select(vec![
        ".*",
        ".?",
        ".+?",
        r"\d+",
        "[a-f0-9]{4}",
        r"\s",
        r"\s*",
        r"\b",
        "^",
        "$",
        "[eE]rror",
        r"\w+",
        " ",
        "[-_ ]",
        "x{3}",
        "(?i:Task)",
        "(?m)^",
        "[^ ]*",
        r"\pL",
        "ab?",
        "(?s:.)",
        r"\B",
    ]);
    let leaf = prop_oneof![3 => words, 2 => glue].prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
            1 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join("|")),
            1 => (inner, select(vec!["?", "+", "*", "{2}", "{2,}", "{1,3}?"]))
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

const HOSTILE: &str = r#"[abkKsSE059éſK .*+?|()\[\]{},^$\\dwbnxu"%!/:-]{0,14}"#;

fn flags() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", "i", "i", "w", "iw", "F", "iF", "Fw", "v"])
}

/// Holds the pattern of a selection against texts that it wants.
fn check_text(
    selection: &Selection,
    is_wanted: bool,
    text: &str,
    pushed: &Cell<u32>,
) -> Result<(), TestCaseError> {
    let Some(pattern) = filter_pattern(selection) else { return Ok(()) };
    prop_assert!(is_documented(&pattern), "{}", pattern);
    let verdict = simulator::matches(&pattern, text);
    prop_assert!(verdict.is_some(), "refused: {}", pattern);
    if is_wanted {
        pushed.set(pushed.get() + 1);
        prop_assert_eq!(verdict, Some(true), "{} loses {:?}", pattern, text);
    }
    Ok(())
}

fn no_search_loses_an_event(
    expressions: impl Strategy<Value = String>,
    least_matched: u32,
    least_pushed: u32,
) {
    let (cases, matched, pushed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let strategy = (
        expressions,
        flags(),
        prop::collection::vec(any::<u8>(), 1..64),
        any::<bool>(),
        prop_oneof![2 => Just(String::new()), 1 => r"[ a-z\n.é]{0,6}"],
        prop_oneof![2 => Just(String::new()), 1 => r"[ a-z\n.é]{0,6}"],
    );
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(1_500) });
    let run = runner.run(&strategy, |(expression, flags, bytes, by_include, before, after)| {
        let flag = |name| flags.contains(name);
        let Ok(pattern) = GrepPattern::new(
            std::slice::from_ref(&expression),
            flag('F'),
            flag('w'),
            flag('i'),
            flag('v'),
        ) else {
            return Ok(());
        };
        cases.set(cases.get() + 1);
        let read = if flag('F') { regex_syntax::escape(&expression) } else { expression.clone() };
        let hir = ParserBuilder::new().case_insensitive(flag('i')).build().parse(&read).unwrap();
        let mut text = before;
        a_match(&hir, &mut Choices { bytes: &bytes, place: 0 }, &mut text);
        text.push_str(&after);
        let is_found = pattern.matches(&text);
        matched.set(matched.get() + u32::from(is_found));
        check_text(&Selection::everything().grep(Some(pattern)), is_found, &text, &pushed)?;
        if by_include && !flag('F') {
            let is_found = regex::Regex::new(&expression).is_ok_and(|regex| regex.is_match(&text));
            let selection = Selection::everything().include(&[expression]).unwrap();
            check_text(&selection, is_found, &text, &Cell::new(0))?;
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    let (cases, matched, pushed) = (cases.get(), matched.get(), pushed.get());
    assert!(matched * 100 >= cases * least_matched, "{matched} of {cases} matched");
    assert!(pushed * 100 >= cases * least_pushed, "{pushed} of {cases} pushed");
}

#[test]
fn no_search_that_people_type_loses_an_event() {
    no_search_loses_an_event(typed(), 60, 30);
}

#[test]
fn no_hostile_search_loses_an_event() {
    no_search_loses_an_event(HOSTILE.prop_map(String::from), 60, 10);
}

#[derive(Clone, Debug)]
enum Json {
    Verbatim(&'static str),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

fn json() -> impl Strategy<Value = Json> {
    let verbatim = select(vec![
        "500",
        "5e2",
        "500.0",
        "499.99999999999999999",
        "0.5",
        "-7",
        "1E3",
        "12345678901234567890",
        "7",
        "70",
        "-0",
        "9e-1",
        "true",
        "false",
        "null",
        "0.05e+4",
        "1000",
    ]);
    let text = prop_oneof![
        select(vec![
            "EAI_AGAIN",
            "/v1/track",
            "500",
            "5.0e2",
            "+750",
            ".5e4",
            "0600",
            "-3",
            "***",
            "a*b",
            "café",
            "tab\there",
            "\"quoted\"",
            "true",
            "4bf92f3577b34da6",
            "",
            "a\\b",
            "K S ſ",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9_:. -]{0,10}",
    ];
    let leaf = prop_oneof![verbatim.prop_map(Json::Verbatim), text.prop_map(Json::Text)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::List),
            prop::collection::vec((key(), inner), 1..5).prop_map(Json::Object),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    select(vec![
        "latency_ms",
        "id",
        "err",
        "code",
        "user",
        "a.b",
        "http.status",
        "x/y",
        "é",
        "0",
        "status",
        "trace-id",
        "naïve key",
        "7",
    ])
    .prop_map(str::to_owned)
}

/// Writes JSON in the many ways in which it can be written.
fn write(json: &Json, choices: &mut Choices<'_>, out: &mut String) {
    let space = |choices: &mut Choices<'_>, out: &mut String| {
        out.push_str(["", "", "", " ", "\n", "\t\r\n  "][choices.below(6)]);
    };
    match json {
        Json::Verbatim(written) => out.push_str(written),
        Json::Text(text) => write_text(text, choices, out),
        Json::List(elements) => {
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                space(choices, out);
                write(element, choices, out);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (place, (key, value)) in fields.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                space(choices, out);
                write_text(key, choices, out);
                space(choices, out);
                out.push(':');
                space(choices, out);
                write(value, choices, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, choices: &mut Choices<'_>, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        let escapes = choices.below(16);
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '/' if escapes > 8 => out.push_str("\\/"),
            c if c < ' ' || escapes == 0 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if escapes == 1 => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A path that leads somewhere, and what stands there.
fn some_path<'j>(json: &'j Json, choices: &mut Choices<'_>) -> (String, &'j Json) {
    let (step, next) = match json {
        Json::Object(fields) if !fields.is_empty() => {
            let (key, value) = &fields[choices.below(fields.len())];
            (key.clone(), value)
        }
        Json::List(elements) if !elements.is_empty() => {
            let place = choices.below(elements.len());
            (place.to_string(), &elements[place])
        }
        _ => return (String::new(), json),
    };
    let (rest, end) = some_path(next, choices);
    let path = if rest.is_empty() { step } else { format!("{step}.{rest}") };
    (path, end)
}

/// A condition that may well hold of it.
fn condition_on(json: &Json, choices: &mut Choices<'_>) -> String {
    let (path, value) = some_path(json, choices);
    let text = match value {
        Json::Verbatim(written) => (*written).to_owned(),
        Json::Text(text) => text.clone(),
        Json::List(_) | Json::Object(_) => return path,
    };
    let part: String = text.chars().skip(choices.below(3)).collect();
    match choices.below(12) {
        0 => path,
        1 | 2 => format!("{path}={text}"),
        3 => format!("{path}=*{part}"),
        4 => format!("{path}~{}", regex_syntax::escape(&part)),
        5 => format!("{path}~(?i){}|x{{9}}", regex_syntax::escape(&part)),
        6 => format!("{path}!=other"),
        7 => format!("{path}!~other"),
        8 => format!("{path}={}", ["500", "7", "0", "1000", "750", "70.0"][choices.below(6)]),
        9 | 10 => {
            let operator = [">", ">="][choices.below(2)];
            let limit = ["500", "499.9", "7", "0", "50", "999", "-8", "1e2", "600", "4999", "9"];
            format!("{path}{operator}{}", limit[choices.below(limit.len())])
        }
        _ => format!("{path}<={text}"),
    }
}

#[test]
fn no_condition_loses_an_event() {
    let (cases, held, pushed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let strategy = (
        prop::collection::vec((key(), json()), 1..5),
        prop::collection::vec(any::<u8>(), 1..64),
        any::<Index>(),
    );
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(3_000) });
    let run = runner.run(&strategy, |(fields, bytes, start)| {
        let object = Json::Object(fields);
        let mut choices = Choices { bytes: &bytes, place: start.index(64) };
        let mut text = String::new();
        write(&object, &mut choices, &mut text);
        let Ok(condition) = Condition::parse(&condition_on(&object, &mut choices)) else {
            return Ok(());
        };
        cases.set(cases.get() + 1);
        let holds = condition.holds(&Message::read(&text));
        held.set(held.get() + u32::from(holds));
        check_text(&Selection::everything().conditions(vec![condition]), holds, &text, &pushed)
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    let (cases, held, pushed) = (cases.get(), held.get(), pushed.get());
    assert!(cases > 1_500, "{cases}");
    assert!(held * 100 >= cases * 50, "{held} of {cases} held");
    assert!(pushed * 100 >= cases * 40, "{pushed} of {cases} pushed");
}

/// A number as JSON writes it, or as some write it in a string.
fn written_number() -> impl Strategy<Value = (String, bool)> {
    let plain = r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?([eE][+-]?[0-3])?";
    let quoted = r"[+-]?0{0,2}[0-9]{0,4}(\.[0-9]{0,2})?([eE][+-]?[0-3])?";
    prop_oneof![plain.prop_map(|number| (number, false)), quoted.prop_map(|number| (number, true)),]
}

#[test]
fn no_comparison_of_numbers_loses_an_event() {
    let (held, pushed) = (Cell::new(0), Cell::new(0));
    let limits = prop_oneof![
        6 => r"[1-9][0-9]{0,2}",
        2 => r"[1-9][0-9]{0,2}\.[0-9]",
        1 => "0|-[0-9]|[1-9]e2|0[1-9]{2}",
    ];
    let strategy = (
        written_number(),
        limits,
        select(vec![">", ">=", "="]),
        prop::option::of(any::<Index>()),
        select(vec!["", " ", "\r\n\t"]),
        any::<bool>(),
    );
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(3_000) });
    let run =
        runner.run(&strategy, |((number, is_quoted), limit, operator, escaped, space, is_same)| {
            let digits: String =
                number.chars().take_while(|c| !matches!(c, 'e' | 'E' | '.')).collect();
            let digits = digits.trim_start_matches(['+', '-', '0']);
            let limit = if is_same && !digits.is_empty() { digits.to_owned() } else { limit };
            let mut written = number.clone();
            if let Some(place) = escaped.filter(|_| is_quoted && !number.is_empty()) {
                let place = place.index(number.len());
                let escape = format!("\\u{:04x}", number.as_bytes()[place]);
                written.replace_range(place..=place, &escape);
            }
            let value = if is_quoted { format!("\"{written}\"") } else { written };
            let text = format!(r#"{{"n":1,"x":{{"n"{space}:{space}{value}{space}}}}}"#);
            let Ok(condition) = Condition::parse(&format!("x.n{operator}{limit}")) else {
                return Ok(());
            };
            let holds = condition.holds(&Message::read(&text));
            held.set(held.get() + u32::from(holds));
            check_text(&Selection::everything().conditions(vec![condition]), holds, &text, &pushed)
        });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(held.get() > 450, "{} held", held.get());
    assert!(pushed.get() > 300, "{} pushed", pushed.get());
}
