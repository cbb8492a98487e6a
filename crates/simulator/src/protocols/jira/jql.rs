//! JQL, as far as a reader of change tickets needs it: `key`, `project` and moments, joined with `AND`.
//!
//! <https://support.atlassian.com/jira-software-cloud/docs/jql-fields/>

use crate::world::clock_face::{self, TimeForm};

/// What has to hold of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    Key(Vec<String>),
    Project(Vec<String>),
    /// `updated >= -180m`, `cf[10201] <= 30m`. A ticket without the moment never holds.
    At {
        moment: Moment,
        order: Order,
        than: Than,
    },
}

/// A field that holds a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Updated,
    Resolved,
    WindowStart,
    WindowEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    NotBefore,
    After,
    NotAfter,
    Before,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Than {
    /// Milliseconds from now on.
    FromNow(i64),
    /// `2026-11-22 20:40`, to the minute, in UTC: whoever asks here has that time zone.
    Minute(String),
}

impl Moment {
    /// A custom field goes by its number or its name.
    fn of_field(name: &str) -> Option<Moment> {
        match name {
            "updated" | "updateddate" => Some(Moment::Updated),
            "resolved" | "resolutiondate" => Some(Moment::Resolved),
            "cf[10201]" | "change start date" => Some(Moment::WindowStart),
            "cf[10202]" | "change completion date" => Some(Moment::WindowEnd),
            _ => None,
        }
    }
}

impl Order {
    fn of_operator(operator: &str) -> Option<Order> {
        match operator {
            ">=" => Some(Order::NotBefore),
            ">" => Some(Order::After),
            "<=" => Some(Order::NotAfter),
            "<" => Some(Order::Before),
            _ => None,
        }
    }

    fn holds<T: Ord>(self, one: &T, other: &T) -> bool {
        match self {
            Order::NotBefore => one >= other,
            Order::After => one > other,
            Order::NotAfter => one <= other,
            Order::Before => one < other,
        }
    }
}

/// A query whose clauses hold all at once. Its order is not heeded: the newest come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query(Vec<Clause>);

impl Query {
    /// Reads a query; the error is in the words of the API.
    pub(super) fn parse(text: &str) -> Result<Query, String> {
        let words = words(text)?;
        let end =
            words.iter().position(|word| word.eq_ignore_ascii_case("order")).unwrap_or(words.len());
        let mut clauses = Vec::new();
        let mut rest = &words[..end];
        while let [first, ..] = rest {
            if !clauses.is_empty() {
                if !first.eq_ignore_ascii_case("and") {
                    return Err(format!(
                        "Error in the JQL Query: Expecting 'AND' or end of query but got '{first}'."
                    ));
                }
                rest = &rest[1..];
            }
            let (clause, tail) = clause(rest)?;
            clauses.push(clause);
            rest = tail;
        }
        Ok(Query(clauses))
    }

    /// Every key that it names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|clause| match clause {
            Clause::Key(keys) => keys.iter().map(String::as_str).collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    }

    /// Whether it holds of a ticket.
    pub(super) fn holds_of(
        &self,
        has_key: impl Fn(&str) -> bool,
        project: &str,
        moment_of: impl Fn(Moment) -> Option<i64>,
        now: i64,
    ) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::Key(keys) => keys.iter().any(|key| has_key(key)),
            Clause::Project(projects) => {
                projects.iter().any(|other| other.eq_ignore_ascii_case(project))
            }
            Clause::At { moment, order, than } => {
                moment_of(*moment).is_some_and(|time| match than {
                    Than::FromNow(length) => order.holds(&time, &(now + length)),
                    Than::Minute(minute) => {
                        let time = clock_face::text(time, TimeForm::Iso).replace('T', " ");
                        order.holds(&&time[..16], &minute.as_str())
                    }
                })
            }
        })
    }
}

fn clause(words: &[String]) -> Result<(Clause, &[String]), String> {
    let [field, operator, rest @ ..] = words else {
        return Err(
            "Error in the JQL Query: Expecting a field, an operator and a value.".to_owned()
        );
    };
    let field = field.to_ascii_lowercase();
    let (values, tail) = values(operator, rest)?;
    if let (Some(moment), Some(order)) = (Moment::of_field(&field), Order::of_operator(operator)) {
        return Ok((Clause::At { moment, order, than: than(&field, &values[0])? }, tail));
    }
    let clause = match (field.as_str(), operator.as_str()) {
        ("key" | "issuekey" | "issue", "=" | "in" | "IN") => Clause::Key(values),
        ("project", "=" | "in" | "IN") => Clause::Project(values),
        (other, _) => {
            return Err(format!(
                "Field '{other}' does not exist or you do not have permission to view it."
            ));
        }
    };
    Ok((clause, tail))
}

fn values<'w>(operator: &str, words: &'w [String]) -> Result<(Vec<String>, &'w [String]), String> {
    let missing = || "Error in the JQL Query: Expecting a value.".to_owned();
    if !operator.eq_ignore_ascii_case("in") {
        let (first, rest) = words.split_first().ok_or_else(missing)?;
        return Ok((vec![first.clone()], rest));
    }
    let end = words.iter().position(|word| word == ")").ok_or_else(missing)?;
    match &words[..end] {
        [open, values @ ..] if open == "(" => {
            let values: Vec<String> = values.iter().filter(|word| *word != ",").cloned().collect();
            if values.is_empty() { Err(missing()) } else { Ok((values, &words[end + 1..])) }
        }
        _ => Err(missing()),
    }
}

/// A length of time before or after now, or a minute.
fn than(field: &str, text: &str) -> Result<Than, String> {
    let wrong = || {
        format!(
            "Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', \
             'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )
    };
    let minute = text.replace('/', "-");
    let is_minute = minute.len() == 16
        && minute.char_indices().all(|(place, character)| match place {
            4 | 7 => character == '-',
            10 => character == ' ',
            13 => character == ':',
            _ => character.is_ascii_digit(),
        });
    if is_minute {
        return Ok(Than::Minute(minute));
    }
    let (sign, length) = match text.strip_prefix('-') {
        Some(length) => (-1, length),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = length.trim_end_matches(|last: char| last.is_ascii_alphabetic());
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    let unit = match &length[digits.len()..] {
        "m" | "" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return Err(wrong()),
    };
    Ok(Than::FromNow(sign * i64::from(number) * unit))
}

/// The words, marks and quoted texts of a query.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let end = rest[1..].find(first).ok_or_else(|| {
                    format!(
                        "Error in the JQL Query: The quoted string '{}' has not been completed.",
                        &rest[1..]
                    )
                })?;
                words.push(rest[1..=end].to_owned());
                rest = rest[end + 2..].trim_start();
                continue;
            }
            '(' | ')' | ',' => 1,
            '>' | '<' | '=' | '!' => rest.find(|c: char| !"><=!".contains(c)).unwrap_or(rest.len()),
            _ => rest
                .find(|c: char| c.is_whitespace() || "(),><=!".contains(c))
                .unwrap_or(rest.len()),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clauses_are_read() {
        let query =
            Query::parse("key in (OPS-1, \"OPS-2\") AND updated >= -180m ORDER BY updated DESC")
                .unwrap();
        assert_eq!(
            query.0,
            [
                Clause::Key(vec!["OPS-1".to_owned(), "OPS-2".to_owned()]),
                Clause::At {
                    moment: Moment::Updated,
                    order: Order::NotBefore,
                    than: Than::FromNow(-180 * 60_000),
                },
            ]
        );
        assert_eq!(
            Query::parse("project = OPS and updated >= \"2026/11/22 20:40\"").unwrap().0[1],
            Clause::At {
                moment: Moment::Updated,
                order: Order::NotBefore,
                than: Than::Minute("2026-11-22 20:40".to_owned()),
            }
        );
        assert_eq!(
            Query::parse("cf[10201] <= 30m ORDER BY cf[10201] DESC").unwrap().0,
            [Clause::At {
                moment: Moment::WindowStart,
                order: Order::NotAfter,
                than: Than::FromNow(30 * 60_000),
            }]
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in [
            "key",
            "key in (",
            "key = A-1 or key = A-2",
            "text ~ x",
            "updated >= soon",
            "updated = -3h",
            "cf[999] >= -3h",
            "resolved >= ",
            "key = \"A-1",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text: String) {
            let _ = Query::parse(&text);
        }
    }
}
