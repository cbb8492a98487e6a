//! `{ $.field = "value" && … }`: conditions on a JSON message. `()` binds before `&&`, that before `||`.

use serde_json::Value;

use super::comparison::Comparison;
use super::expression;
use super::scan::Scanner;

#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test { path: Vec<Step>, test: Test },
}

#[derive(Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
    /// `*` or `[*]`: any field or element.
    Each,
}

#[derive(Debug)]
pub(super) enum Test {
    Compare(Comparison),
    Is(Value),
    NotExists,
}

/// So many wildcard selectors in all, and one in a path.
const MOST_WILDCARDS: usize = 3;

pub(super) fn parse(text: &str) -> Option<Condition> {
    let mut scanner = Scanner::new(text);
    let condition = any(&mut scanner, 0)?;
    let within = condition.count(&|path, _| wildcards(path)) <= MOST_WILDCARDS
        && condition.count(&|_, test| usize::from(test.is_regex())) <= expression::MOST;
    (scanner.at_end() && within).then_some(condition)
}

fn any(scanner: &mut Scanner<'_>, depth: usize) -> Option<Condition> {
    let mut conditions = vec![all(scanner, depth)?];
    while scanner.eat_spaced("||") {
        conditions.push(all(scanner, depth)?);
    }
    Some(Condition::Any(conditions))
}

fn all(scanner: &mut Scanner<'_>, depth: usize) -> Option<Condition> {
    let mut conditions = vec![one(scanner, depth)?];
    while scanner.eat_spaced("&&") {
        conditions.push(one(scanner, depth)?);
    }
    Some(Condition::All(conditions))
}

fn one(scanner: &mut Scanner<'_>, depth: usize) -> Option<Condition> {
    // A pattern has at most 1,024 characters; a parser that recurses needs a floor all the same.
    if scanner.eat_spaced("(") {
        let inner = (depth < 64).then(|| any(scanner, depth + 1))??;
        return scanner.eat_spaced(")").then_some(inner);
    }
    let path = path(scanner)?;
    Some(Condition::Test { path, test: test(scanner)? })
}

fn path(scanner: &mut Scanner<'_>) -> Option<Vec<Step>> {
    if !scanner.eat_spaced("$") {
        return None;
    }
    let mut path = Vec::new();
    loop {
        if scanner.eat("[") || scanner.eat(".[") {
            if scanner.eat("*") {
                path.push(Step::Each);
            } else if scanner.eat("'") {
                path.push(Step::Key(scanner.take(|c| c != '\'')?.to_owned()));
                if !scanner.eat("'") {
                    return None;
                }
            } else {
                path.push(Step::Index(scanner.take(|c| c.is_ascii_digit())?.parse().ok()?));
            }
            if !scanner.eat("]") {
                return None;
            }
        } else if scanner.eat(".") {
            if scanner.eat("*") {
                path.push(Step::Each);
            } else {
                path.push(Step::Key(
                    scanner.take(|c| c.is_alphanumeric() || c == '_' || c == '-')?.to_owned(),
                ));
            }
        } else {
            break;
        }
    }
    (!path.is_empty() && wildcards(&path) <= 1).then_some(path)
}

fn wildcards(path: &[Step]) -> usize {
    path.iter().filter(|step| matches!(step, Step::Each)).count()
}

fn test(scanner: &mut Scanner<'_>) -> Option<Test> {
    if scanner.eat_spaced("NOT EXISTS") {
        return Some(Test::NotExists);
    }
    if scanner.eat_spaced("IS ") {
        return Some(Test::Is(match () {
            () if scanner.eat_spaced("NULL") => Value::Null,
            () if scanner.eat_spaced("TRUE") => Value::Bool(true),
            () if scanner.eat_spaced("FALSE") => Value::Bool(false),
            () => return None,
        }));
    }
    Comparison::read(scanner).map(Test::Compare)
}

impl Condition {
    fn count(&self, of: &impl Fn(&[Step], &Test) -> usize) -> usize {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().map(|part| part.count(of)).sum()
            }
            Condition::Test { path, test } => of(path, test),
        }
    }

    pub(super) fn holds(&self, message: &Value) -> bool {
        match self {
            Condition::All(conditions) => {
                conditions.iter().all(|condition| condition.holds(message))
            }
            Condition::Any(conditions) => {
                conditions.iter().any(|condition| condition.holds(message))
            }
            Condition::Test { path, test: Test::NotExists } => found(message, path).is_empty(),
            Condition::Test { path, test } => {
                found(message, path).into_iter().any(|value| test.holds(value))
            }
        }
    }
}

fn found<'v>(message: &'v Value, path: &[Step]) -> Vec<&'v Value> {
    let mut values = vec![message];
    for step in path {
        values = values
            .into_iter()
            .flat_map(|value| -> Vec<&'v Value> {
                match (step, value) {
                    (Step::Key(key), Value::Object(object)) => {
                        object.get(key).into_iter().collect()
                    }
                    (Step::Index(index), Value::Array(array)) => {
                        array.get(*index).into_iter().collect()
                    }
                    (Step::Each, Value::Object(object)) => object.values().collect(),
                    (Step::Each, Value::Array(array)) => array.iter().collect(),
                    _ => Vec::new(),
                }
            })
            .collect();
    }
    values
}

impl Test {
    fn is_regex(&self) -> bool {
        matches!(self, Test::Compare(comparison) if comparison.is_regex())
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Test::NotExists => false,
            Test::Is(expected) => value == expected,
            // An array or an object never matches: the selector points at a value.
            Test::Compare(comparison) => match value {
                Value::String(text) => comparison.holds_for_text(text),
                Value::Number(number) => number
                    .as_f64()
                    .is_some_and(|value| comparison.holds_for_number(value, &number.to_string())),
                Value::Bool(truth) => {
                    comparison.holds_for_text(if *truth { "true" } else { "false" })
                }
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            },
        }
    }
}
