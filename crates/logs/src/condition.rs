//! `--where`: conditions on the fields of an event, and on its level. Pure.

use std::cmp::Ordering;

use regex::Regex;

use crate::field::{Scalar, value_at};
use crate::level::Level;
use crate::message::Message;
use crate::number::Number;
use crate::select;

/// A condition that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the condition `{condition}` cannot be read at character {position}: {problem}")]
pub struct ConditionError {
    /// As it was typed.
    pub condition: String,
    /// The character at which reading stopped, counted from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
}

impl ConditionError {
    /// The next thing to type.
    pub fn hint(&self) -> &'static str {
        "--where takes level>=warn, latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id or !trace_id, in quotes"
    }
}

/// What must hold of an event: `latency_ms>500`, `err.code=EAI_*`, `trace_id`.
#[derive(Clone, Debug)]
pub struct Condition(pub(crate) Claim);

/// What a condition says. A path is dotted, see [`value_at`].
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    /// `level`, or `!level`.
    SaysLevel(bool),
    /// `level>=warn`
    Level(Comparison, Level),
    /// `trace_id`, or `!trace_id`.
    Present { path: String, present: bool },
    /// `latency_ms>500`
    Compare { path: String, comparison: Comparison, value: Value },
    /// `path~^/v1/`, or `path!~^/v1/`.
    Matches { path: String, regex: Regex, wanted: bool },
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Greater,
    AtLeast,
    Less,
    AtMost,
}

/// What a field is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// The same, when it is a number.
    pub(crate) number: Option<Number>,
}

#[derive(Clone, Copy)]
enum Operator {
    Compare(Comparison),
    Match { wanted: bool },
}

/// The longer ones first, since the shorter ones begin them.
const OPERATORS: [(&str, Operator); 8] = [
    ("!=", Operator::Compare(Comparison::Unequal)),
    ("!~", Operator::Match { wanted: false }),
    (">=", Operator::Compare(Comparison::AtLeast)),
    ("<=", Operator::Compare(Comparison::AtMost)),
    ("=", Operator::Compare(Comparison::Equal)),
    (">", Operator::Compare(Comparison::Greater)),
    ("<", Operator::Compare(Comparison::Less)),
    ("~", Operator::Match { wanted: true }),
];

const KNOWN_OPERATORS: &str = "they are = != > >= < <= ~ and !~";

impl Condition {
    /// Reads `FIELD`, `!FIELD` or `FIELD OP VALUE`. Space around the three does not count.
    pub fn parse(condition: &str) -> Result<Self, ConditionError> {
        let error = |offset: usize, problem: String| ConditionError {
            condition: condition.to_owned(),
            position: characters(condition, offset) + 1,
            problem,
        };
        let start = condition.len() - condition.trim_start().len();
        if let Some(rest) = condition[start..].strip_prefix('!')
            && !rest.starts_with(['=', '~'])
        {
            let path =
                path(condition, start + 1, condition.len()).map_err(|(at, p)| error(at, p))?;
            let claim = match path.as_str() {
                "level" => Claim::SaysLevel(false),
                _ => Claim::Present { path, present: false },
            };
            return Ok(Self(claim));
        }
        let end = condition.find(['=', '!', '>', '<', '~']).unwrap_or(condition.len());
        let path = path(condition, start, end).map_err(|(at, problem)| error(at, problem))?;
        if end == condition.len() {
            return Ok(Self(match path.as_str() {
                "level" => Claim::SaysLevel(true),
                _ => Claim::Present { path, present: true },
            }));
        }
        let rest = &condition[end..];
        let Some((symbol, operator)) =
            OPERATORS.into_iter().find(|(symbol, _)| rest.starts_with(symbol))
        else {
            return Err(error(end, format!("`!` is no operator; {KNOWN_OPERATORS}")));
        };
        let after = end + symbol.len();
        // `==` and `=~` are other languages' operators, and would be values that nobody means.
        if let Some(more) = condition[after..].chars().next()
            && matches!((operator, more), (_, '=' | '~') | (Operator::Compare(_), '<' | '>'))
        {
            return Err(error(end, format!("`{symbol}{more}` is no operator; {KNOWN_OPERATORS}")));
        }
        let value = condition[after..].trim();
        let value_at = condition.len() - condition[after..].trim_start().len();
        if value.is_empty() {
            let problem = "a value must stand here; `~^$` asks for an empty text".to_owned();
            return Err(error(value_at, problem));
        }
        let claim = match operator {
            _ if path == "level" => match operator {
                Operator::Compare(comparison) => Level::from_word(value)
                    .map(|level| Claim::Level(comparison, level))
                    .ok_or_else(|| error(value_at, Level::choices()))?,
                Operator::Match { .. } => {
                    let problem = "levels are compared with = != > >= < and <=".to_owned();
                    return Err(error(end, problem));
                }
            },
            Operator::Compare(comparison) => {
                let value = Value { text: value.to_owned(), number: Number::parse(value) };
                Claim::Compare { path, comparison, value }
            }
            Operator::Match { wanted } => {
                let regex = select::regex(value).map_err(|of_regex| ConditionError {
                    condition: condition.to_owned(),
                    position: characters(condition, value_at) + of_regex.position,
                    problem: of_regex.problem,
                })?;
                Claim::Matches { path, regex, wanted }
            }
        };
        Ok(Self(claim))
    }

    /// Whether it holds. Of what is no JSON object, no claim about a field does.
    pub(crate) fn holds(&self, message: &Message<'_>) -> bool {
        match &self.0 {
            Claim::SaysLevel(wanted) => message.level.is_some() == *wanted,
            Claim::Level(comparison, level) => {
                message.level.is_some_and(|said| comparison.admits(said.cmp(level)))
            }
            Claim::Present { path, present } => {
                let fields = message.fields.as_deref();
                fields.is_some_and(|fields| value_at(fields, path).is_some() == *present)
            }
            Claim::Compare { path, comparison, value } => {
                scalar(message, path).is_some_and(|scalar| value.compares(*comparison, &scalar))
            }
            Claim::Matches { path, regex, wanted } => {
                scalar(message, path).is_some_and(|scalar| regex.is_match(scalar.text()) == *wanted)
            }
        }
    }
}

fn scalar<'m>(message: &'m Message<'_>, path: &str) -> Option<Scalar<'m>> {
    Scalar::read(value_at(message.fields.as_deref()?, path)?)
}

/// The path between two offsets, or where it goes wrong.
fn path(condition: &str, start: usize, end: usize) -> Result<String, (usize, String)> {
    let typed = &condition[start..end];
    let path = typed.trim();
    let start = start + (typed.len() - typed.trim_start().len());
    let no_name = |at| Err((at, "the name of a field must stand here".to_owned()));
    let mut at = start;
    for name in path.split('.') {
        if name.is_empty() {
            return no_name(at);
        }
        at += name.len() + 1;
    }
    let is_alone = end == condition.len();
    match path.find(|c: char| c.is_whitespace() || "=!<>~".contains(c)) {
        Some(gap) if is_alone => {
            let problem = match condition.trim_start().starts_with('!') {
                true => "`!FIELD` asks that the field is not there, and takes no value".to_owned(),
                false => format!("an operator must stand here; {KNOWN_OPERATORS}"),
            };
            Err((start + gap, problem))
        }
        _ => Ok(path.to_owned()),
    }
}

fn characters(text: &str, end: usize) -> usize {
    text[..end].chars().count()
}

impl Comparison {
    fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}

impl Value {
    fn compares(&self, comparison: Comparison, scalar: &Scalar<'_>) -> bool {
        match (comparison, scalar, &self.number) {
            (Comparison::Equal, ..) => self.equals(scalar),
            (Comparison::Unequal, ..) => !self.equals(scalar),
            // Many loggers write each value as a text.
            (_, Scalar::Number(text), Some(number)) => order(text, number, comparison),
            (_, Scalar::Text(text), Some(number)) => order(text, number, comparison),
            (_, Scalar::Text(text), None) => comparison.admits((**text).cmp(&*self.text)),
            (_, Scalar::Number(_), None) | (_, Scalar::Word(_), _) => false,
        }
    }

    fn equals(&self, scalar: &Scalar<'_>) -> bool {
        match (scalar, &self.number) {
            (Scalar::Number(written), Some(number)) => {
                Number::parse(written).as_ref() == Some(number)
            }
            _ => fits(scalar.text(), &self.text),
        }
    }
}

fn order(text: &str, number: &Number, comparison: Comparison) -> bool {
    Number::parse(text).is_some_and(|field| comparison.admits(field.cmp(number)))
}

/// Whether a text is as a pattern has it, where `*` is any text.
fn fits(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.find(part) {
            Some(place) => text = &text[place + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(condition: &str, text: &str) -> bool {
        let condition = Condition::parse(condition).unwrap_or_else(|error| panic!("{error}"));
        condition.holds(&Message::read(text))
    }

    const EVENT: &str = r#"{"level":50,"msg":"boom","latency_ms":750.5,"user":{"id":7},
        "err":{"code":"EAI_AGAIN"},"path":"/v1/track","ok":true,"none":null,"tags":["a","b"],
        "status":"503","started":"2026-11-22T14:05:00Z","snowflake":9007199254740993}"#;

    #[test]
    fn what_holds() {
        for condition in [
            "level=error",
            "level>=warn",
            "level != info",
            "latency_ms>500",
            "latency_ms <= 750.50",
            "latency_ms=7505e-1",
            "user.id!=8",
            "user.id=7",
            "err.code=EAI_*",
            "err.code=*_*AI*",
            "err.code!=ENOTFOUND",
            "path~^/v1/",
            "path!~^/v2/",
            "path~[=]|track",
            "ok=true",
            "none=null",
            "none",
            "tags",
            "tags.1=b",
            "status>=500",
            "status=503",
            "started>=2026-11-22T14",
            "snowflake=9007199254740993",
            "!trace_id",
            "level",
        ] {
            assert!(holds(condition, EVENT), "{condition}");
        }
    }

    #[test]
    fn what_does_not_hold() {
        for condition in [
            "level=fatal",
            "level<error",
            "!level",
            "latency_ms>750.5",
            "latency_ms>fast",
            "user.id=7.5",
            "user.id!=7.0",
            "user=7",
            "user!=7",
            "err.code=EAI",
            "err.code=EAI_*X",
            "err.code>500",
            "path~^/v2/",
            "tags=a",
            "tags!=a",
            "status<500",
            "snowflake=9007199254740992",
            "trace_id",
            "trace_id!=x",
            "trace_id!~x",
            "!none",
        ] {
            assert!(!holds(condition, EVENT), "{condition}");
        }
    }

    #[test]
    fn the_level_is_the_one_that_any_logger_says() {
        assert!(holds("level>=error", "2026-11-22 14:05:01 ERROR it broke"));
        assert!(holds("level=warn", "level=warning msg=hot"));
        assert!(holds("!level", "plain words"));
        assert!(!holds("level!=info", "plain words"));
        assert!(holds("level>=error", r#"{"severity":"CRITICAL","message":"down"}"#));
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for condition in ["user", "!user", "user!=7", "user!~7", "user=*"] {
            assert!(!holds(condition, "user=7 plain"), "{condition}");
            assert!(!holds(condition, "[1]"), "{condition}");
        }
    }

    #[test]
    fn a_bad_condition_says_where() {
        for (condition, position, problem) in [
            ("", 1, "the name of a field must stand here"),
            ("  =x", 3, "the name of a field must stand here"),
            ("a..b=1", 3, "the name of a field must stand here"),
            (".a=1", 1, "the name of a field must stand here"),
            ("a.", 3, "the name of a field must stand here"),
            ("!", 2, "the name of a field must stand here"),
            ("a b", 2, "an operator must stand here"),
            ("!a=1", 3, "`!FIELD` asks that the field is not there"),
            ("é!a", 2, "`!` is no operator"),
            ("a==1", 2, "`==` is no operator"),
            ("a =~ x", 3, "`=~` is no operator"),
            ("a=>1", 2, "`=>` is no operator"),
            ("a<>1", 2, "`<>` is no operator"),
            ("a!==1", 2, "`!==` is no operator"),
            ("a>", 3, "a value must stand here"),
            ("a = ", 5, "a value must stand here"),
            ("a~(b", 3, "unclosed group"),
            ("é ~ x(b", 6, "unclosed group"),
            ("level=loud", 7, "a level is one of trace, debug"),
            ("level>=40", 8, "a level is one of trace, debug"),
            ("level~err", 6, "levels are compared with"),
        ] {
            let error = Condition::parse(condition).expect_err(condition);
            assert_eq!(error.position, position, "{error}");
            assert!(error.problem.starts_with(problem), "{error}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(condition in "[a!=<>~. é(*]{0,12}") {
            if let Ok(condition) = Condition::parse(&condition) {
                condition.holds(&Message::read(r#"{"a":{"a":"a"}}"#));
            }
        }

        #[test]
        fn a_star_is_any_text(text in "[ab*]{0,8}", pattern in "[ab*]{0,5}") {
            let regex = format!("^{}$", regex::escape(&pattern).replace(r"\*", "(?s).*"));
            prop_assert_eq!(fits(&text, &pattern), Regex::new(&regex).unwrap().is_match(&text));
        }

        #[test]
        fn a_number_is_found_however_it_is_written(number in -100_000..100_000i64, limit in -100_000..100_000i64) {
            let text = format!(r#"{{"n":{number}.0e0}}"#);
            prop_assert_eq!(holds(&format!("n>{limit}"), &text), number > limit);
            prop_assert_eq!(holds(&format!("n<={limit}"), &text), number <= limit);
            let same = format!("n={number}");
            prop_assert!(holds(&same, &text), "{}", same);
        }
    }
}
