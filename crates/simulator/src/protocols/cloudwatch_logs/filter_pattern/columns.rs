//! `[w1 = ERROR, ..., status = 4*]`: conditions on the columns of a message that is divided by spaces.
//!
//! What stands between `[]` or between double quotes is one column. A pattern has a field for each column; `...` stands
//! for any number of them. That a last field without a condition (the documentation's "blank indicator")
//! takes all that is left follows from its example `[w1=ERROR, w2]`, which finds a line of seven words.

use super::comparison::Comparison;
use super::expression;
use super::scan::Scanner;

#[derive(Debug)]
pub(super) struct Columns {
    fields: Vec<Field>,
    /// How many fields are before the ellipsis.
    ellipsis: Option<usize>,
}

/// One of these holds, each of which is several that all hold. Without any, everything does.
#[derive(Debug, Default)]
struct Field(Vec<Vec<Comparison>>);

pub(super) fn parse(text: &str) -> Option<Columns> {
    let mut scanner = Scanner::new(text);
    let mut columns = Columns { fields: Vec::new(), ellipsis: None };
    loop {
        if !scanner.eat_spaced("...") {
            columns.fields.push(field(&mut scanner)?);
        } else if columns.ellipsis.replace(columns.fields.len()).is_some() {
            return None;
        }
        if scanner.at_end() {
            break;
        }
        if !scanner.eat(",") {
            return None;
        }
    }
    let comparisons = columns.fields.iter().flat_map(|field| &field.0).flatten();
    let regexes = comparisons.filter(|comparison| comparison.is_regex()).count();
    (regexes <= expression::MOST).then_some(columns)
}

/// `name`, or `name = value`, and more of them with `&&` and `||`. The name is the same in all.
fn field(scanner: &mut Scanner<'_>) -> Option<Field> {
    scanner.at_end();
    let name = scanner.word()?;
    if scanner.at_end() || scanner.is_next(",") {
        return Some(Field::default());
    }
    let mut any = vec![vec![Comparison::read(scanner)?]];
    loop {
        let comparisons = if scanner.eat_spaced("&&") {
            any.last_mut()?
        } else if scanner.eat_spaced("||") {
            any.push(Vec::new());
            any.last_mut()?
        } else {
            return Some(Field(any));
        };
        scanner.at_end();
        if scanner.word()? != name {
            return None;
        }
        comparisons.push(Comparison::read(scanner)?);
    }
}

impl Columns {
    pub(super) fn match_message(&self, message: &str) -> bool {
        let columns = split(message);
        let more = columns.len().checked_sub(self.fields.len());
        let (head, tail) = match (self.ellipsis, more) {
            (Some(head), Some(more)) => (head, head + more),
            (None, Some(0)) => (self.fields.len(), 0),
            (None, Some(_)) if self.fields.last().is_some_and(Field::is_blank) => {
                (self.fields.len(), 0)
            }
            _ => return false,
        };
        let all = |fields: &[Field], columns: &[&str]| {
            fields.iter().zip(columns).all(|(field, column)| field.holds(column))
        };
        all(&self.fields[..head], &columns) && all(&self.fields[head..], &columns[tail..])
    }
}

impl Field {
    fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, column: &str) -> bool {
        let number = column.parse::<f64>().ok();
        let holds = |comparison: &Comparison| match number {
            Some(number) => comparison.holds_for_number(number, column),
            None => comparison.holds_for_text(column) || comparison.is_unequal_to_a_number(),
        };
        self.is_blank() || self.0.iter().any(|all| all.iter().all(holds))
    }
}

fn split(message: &str) -> Vec<&str> {
    let mut columns = Vec::new();
    let mut rest = message.trim_start();
    while !rest.is_empty() {
        let closing = match rest.as_bytes()[0] {
            b'[' => rest.find(']'),
            b'"' => rest[1..].find('"').map(|place| place + 1),
            _ => None,
        };
        let (column, left) = match closing {
            Some(closing) => (&rest[1..closing], &rest[closing + 1..]),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        columns.push(column);
        rest = left.trim_start();
    }
    columns
}
