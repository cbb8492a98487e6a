//! `--template`: a minijinja template that is filled in with each record.
//!
//! A template sees its record and nothing else. Its work is bounded: a loop that goes on for ever
//! fails.

use std::borrow::Cow;
use std::fmt::{Debug, Formatter, Result as FmtResult};
use std::io::Write;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::fmt::strtime;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use record::untrusted;

use crate::shape::{Moment, ShapeError, Trouble, position};

/// Steps that one record may take: far more than a line needs, and less than a second.
const FUEL: u64 = 5_000_000;

const NAME: &str = "template";

/// A template that was compiled.
pub(crate) struct Template {
    environment: Environment<'static>,
    moment: Arc<OnceLock<Moment>>,
}

impl Template {
    /// Compiles a template.
    pub(crate) fn compile(text: &str) -> Result<Self, ShapeError> {
        let moment = Arc::new(OnceLock::new());
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment
            .set_formatter(|out, _, value| out.write_str(&text_of(value)?).map_err(Error::from));
        environment.set_fuel(Some(FUEL));
        // It shows the insides of the program.
        environment.remove_global("debug");
        // The usual one escapes for HTML.
        environment.add_filter("tojson", |value: &Value| json_of(value));
        environment.add_filter("truncate", truncate);
        environment.add_filter("pad", pad);
        let zone = Arc::clone(&moment);
        environment.add_filter("clock", move |time: &Value| local(time, "%H:%M:%S%.3f", &zone));
        let zone = Arc::clone(&moment);
        environment.add_filter("datetime", move |time: &Value, format: Option<&str>| {
            local(time, format.unwrap_or("%Y-%m-%d %H:%M:%S"), &zone)
        });
        let compiled = environment.add_template_owned(NAME, text.to_owned());
        compiled.map_err(|error| wrong(text, &error))?;
        let template = Self { environment, moment };
        // An unknown filter is noticed where it is used: a record without anything shows most.
        match template.render(Value::from_iter(std::iter::empty::<(String, Value)>())) {
            Err(error) if is_of_the_template(&error) => Err(wrong(text, &error)),
            _ => Ok(template),
        }
    }

    /// Writes what the template makes of a record, and ends the line.
    pub(crate) fn apply(
        &self,
        record: &[u8],
        moment: &Moment,
        terminal: bool,
        out: &mut impl Write,
    ) -> Result<(), Trouble> {
        self.moment.get_or_init(|| moment.clone());
        let record: Value = serde_json::from_slice(record)
            .map_err(|error| Trouble::OfRecord(format!("the record cannot be read: {error}")))?;
        let text = self.render(record).map_err(|error| Trouble::OfRecord(said_of(&error)))?;
        let text = if terminal { untrusted::visible(&text) } else { text.into() };
        out.write_all(text.as_bytes())?;
        Ok(out.write_all(b"\n")?)
    }

    fn render(&self, record: Value) -> Result<String, Error> {
        self.environment.get_template(NAME)?.render(record)
    }
}

/// A text as it is, what is absent as nothing, and anything else as JSON.
fn text_of(value: &Value) -> Result<Cow<'_, str>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(text.into());
    }
    if value.is_undefined() {
        return Ok("".into());
    }
    json_of(value).map(Cow::from)
}

fn json_of(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// The text as a line of so many characters at most.
fn truncate(text: &Value, most: usize) -> Result<String, Error> {
    let text = text_of(text)?;
    if text.chars().count() <= most {
        return Ok(text.into_owned());
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    if most > 0 {
        short.push('…');
    }
    Ok(short)
}

/// The text with spaces behind it, or, with a negative width, before it.
fn pad(text: &Value, width: i64) -> Result<String, Error> {
    /// More is no column.
    const WIDEST: u64 = 1000;
    let text = text_of(text)?;
    let wanted = usize::try_from(width.unsigned_abs().min(WIDEST)).unwrap_or_default();
    let spaces = " ".repeat(wanted.saturating_sub(text.chars().count()));
    Ok(if width < 0 { spaces + &text } else { text.into_owned() + &spaces })
}

/// A time of a record, or epoch seconds, in the user's zone.
fn local(time: &Value, format: &str, moment: &OnceLock<Moment>) -> Result<String, Error> {
    if time.is_undefined() {
        return Ok(String::new());
    }
    let bad = |what: String| Error::new(ErrorKind::InvalidOperation, what);
    let instant = match (time.as_str(), f64::try_from(time.clone())) {
        (Some(text), _) => text.parse().ok(),
        (None, Ok(seconds)) => Timestamp::from_microsecond((seconds * 1e6) as i64).ok(),
        (None, Err(_)) => None,
    };
    let instant: Timestamp = instant.ok_or_else(|| bad(format!("{time} is no time")))?;
    let zone = moment.get().map_or(jiff::tz::TimeZone::UTC, |moment| moment.zone.clone());
    strtime::format(format, &instant.to_zoned(zone))
        .map_err(|error| bad(format!("`{format}` is no form of a time: {error}")))
}

/// Whether the template is to blame, whatever the record.
fn is_of_the_template(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::SyntaxError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::TemplateNotFound
            | ErrorKind::OutOfFuel
    )
}

fn said_of(error: &Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!(" (line {line})"));
    format!("{}{line}", problem_of(error))
}

fn problem_of(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too long".to_owned(),
        (ErrorKind::SyntaxError, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

fn wrong(text: &str, error: &Error) -> ShapeError {
    let place = match (error.range(), error.line()) {
        (Some(range), _) => position(text, range.start),
        (None, Some(line)) => format!("line {line}"),
        (None, None) => "its end".to_owned(),
    };
    ShapeError {
        message: format!("the template is wrong at {place}: {}", problem_of(error)),
        hint: "--template takes minijinja, as in --template '{{ time | clock }} {{ message }}'; \
            docs/records.md has the filters"
            .to_owned(),
    }
}

impl Debug for Template {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        f.write_str("Template")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::{RECORD, moment};

    fn filled_on(text: &str, record: &str, terminal: bool) -> String {
        let mut out = Vec::new();
        let template = Template::compile(text).unwrap();
        let ended = template.apply(record.as_bytes(), &moment(), terminal, &mut out);
        let mut written = String::from_utf8(out).unwrap();
        if let Err(trouble) = ended {
            written.push_str(&format!("[{trouble}]"));
        }
        written
    }

    fn filled(text: &str) -> String {
        filled_on(text, RECORD, false)
    }

    fn mistake(text: &str) -> String {
        Template::compile(text).err().unwrap().to_string()
    }

    #[test]
    fn what_a_record_has_stands_where_it_is_named() {
        assert_eq!(
            filled("{{ level }}: {{ fields.user }} {{ message }}"),
            "error: ann two\nlines\n"
        );
    }

    #[test]
    fn what_is_absent_is_nothing_and_objects_are_json() {
        assert_eq!(filled("<{{ nothing }}{{ fields.a.b.c }}{{ nothing | truncate(3) }}>"), "<>\n");
        assert_eq!(filled("{{ fields.o }}"), "{\"z\":[1,null],\"a\":true}\n");
        assert_eq!(filled("{{ fields.o.z[1] }} {{ fields.o.a }}"), "null true\n");
        assert_eq!(filled("{{ fields.o | tojson }}"), "{\"z\":[1,null],\"a\":true}\n");
    }

    #[test]
    fn columns_can_be_made() {
        assert_eq!(filled("{{ level | pad(7) }}|{{ level | pad(-7) }}|"), "error  |  error|\n");
        assert_eq!(
            filled("{{ 'ünïcode' | truncate(4) }}|{{ 'four' | truncate(4) }}"),
            "ünï…|four\n"
        );
    }

    #[test]
    fn times_are_local() {
        assert_eq!(filled("{{ time | clock }}"), "21:00:00.500\n");
        assert_eq!(filled("{{ time | datetime }}"), "2026-11-22 21:00:00\n");
        assert_eq!(filled("{{ 0 | datetime('%d.%m.%y %Z') }}"), "01.01.70 CET\n");
        assert_eq!(filled("{{ level | clock }}"), "[invalid operation: error is no time (line 1)]");
    }

    #[test]
    fn nothing_is_escaped_but_for_a_terminal() {
        let record = r#"{"m":"<a> & \u001b[2J"}"#;
        assert_eq!(filled_on("{{ m }}", record, false), "<a> & \u{1b}[2J\n");
        assert_eq!(filled_on("{{ m }}", record, true), "<a> & ␛[2J\n");
    }

    #[test]
    fn a_mistake_is_shown_where_it_stands() {
        assert_eq!(
            mistake("{{ time }"),
            "the template is wrong at column 9: unexpected `}`, expected end of variable block"
        );
        assert_eq!(
            mistake("a\n{{ time | shout }}"),
            "the template is wrong at line 2, column 11: unknown filter: filter shout is unknown"
        );
        assert!(
            mistake("{% include 'x' %}").contains("wrong at column 4"),
            "{}",
            mistake("{% include 'x' %}")
        );
    }

    #[test]
    fn it_cannot_go_on_for_ever() {
        let text = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        assert!(mistake(text).ends_with("it takes too long"), "{}", mistake(text));
    }
}
