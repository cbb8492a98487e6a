//! `{ $.field = "value" && … }`: conditions on a JSON message. `()` binds before `&&`, that before `||`.

use serde_json::Value;

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
    Text { equal: bool, wildcard: Vec<String> },
    Number { operator: Operator, number: f64 },
    Is(Value),
    NotExists,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

pub(super) fn parse(text: &str) -> Option<Condition> {
    let mut scanner = Scanner::new(text);
    let condition = any(&mut scanner, 0)?;
    scanner.at_end().then_some(condition)
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
    let wildcards = path.iter().filter(|step| matches!(step, Step::Each)).count();
    (!path.is_empty() && wildcards <= 1).then_some(path)
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
    let operator = [
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ]
    .into_iter()
    .find(|(symbol, _)| scanner.eat_spaced(symbol))?
    .1;
    scanner.at_end();
    let text = match scanner.quoted() {
        Some(phrase) => phrase?,
        None => {
            let bare = scanner.take(|c| c.is_alphanumeric() || "_.*+-".contains(c))?;
            if let Ok(number) = bare.parse() {
                return Some(Test::Number { operator, number });
            }
            // Without quotes, only letters, digits and `_` are text; addresses with a wildcard are documented too.
            bare.to_owned()
        }
    };
    let equal = match operator {
        Operator::Equal => true,
        Operator::NotEqual => false,
        _ => return None,
    };
    Some(Test::Text { equal, wildcard: text.split('*').map(str::to_owned).collect() })
}

impl Condition {
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
    fn holds(&self, value: &Value) -> bool {
        match self {
            Test::NotExists => false,
            Test::Is(expected) => value == expected,
            Test::Number { operator, number } => {
                value.as_f64().is_some_and(|value| operator.holds(value, *number))
            }
            // An array or an object never matches: the selector points at a value.
            Test::Text { equal, wildcard } => match value {
                Value::String(text) => fits(text, wildcard) == *equal,
                Value::Number(number) => fits(&number.to_string(), wildcard) == *equal,
                Value::Bool(truth) => {
                    fits(if *truth { "true" } else { "false" }, wildcard) == *equal
                }
                _ => false,
            },
        }
    }
}

impl Operator {
    fn holds(self, value: f64, number: f64) -> bool {
        match self {
            Operator::Equal => value == number,
            Operator::NotEqual => value != number,
            Operator::Less => value < number,
            Operator::LessOrEqual => value <= number,
            Operator::Greater => value > number,
            Operator::GreaterOrEqual => value >= number,
        }
    }
}

/// Whether the text is these parts with anything between them.
fn fits(text: &str, parts: &[String]) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}
