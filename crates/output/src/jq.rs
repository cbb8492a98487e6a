//! `--jq`: a jq program that is applied to each record, by jaq.
//!
//! A program sees its record and nothing else: no files, no environment (where secrets are), no
//! other record; and the clock and the zone are those that it is given. What it may do is use time
//! and memory, so it runs on the thread that writes, where Ctrl-C and a reader's leaving are
//! noticed in spite of it.

use std::fmt::Display;
use std::io::{self, Write};

use jaq_core::data::{DataT, HasLut};
use jaq_core::load::{self, Arena, File, Loader, lex};
use jaq_core::native::{self, bome, v};
use jaq_core::{Compiler, Ctx, Exn, Lut, Vars, compile};
use jaq_json::{Num, Val};
use jaq_std::ValT;
use jiff::Timestamp;
use jiff::fmt::strtime;
use record::untrusted;

use crate::shape::{Moment, ShapeError, Trouble, position};

/// What jq has and jaq's library leaves to the program around it; and `del`, since jaq's moves the
/// last key of an object into the gap.
const PRELUDE: &str = r#"
def halt_error: error;
def halt_error($exit_code): error;
def localtime: . + zone_offset | gmtime;
def strflocaltime($format): if isnumber then strflocal($format) else strftime($format) end;
def cell(text):
  if . == null then "" elif isstring then text elif isarray or isobject
  then error("\(type) is no cell of a row") else tostring end;
def @tsv: [.[] | cell(split("\\") | join("\\\\") | split("\t") | join("\\t")
  | split("\n") | join("\\n") | split("\r") | join("\\r"))] | join("\t");
def @csv: [.[] | cell("\"" + (split("\"") | join("\"\"")) + "\"")] | join(",");
def delete_at($path):
  if $path == [] or . == null then null
  elif isobject and (has($path[0]) | not) then .
  elif ($path | length) > 1 then .[$path[0]] |= delete_at($path[1:])
  elif isobject then with_entries(select(.key != $path[0]))
  else .[$path[0]] |= empty end;
def delpaths($paths): reduce ($paths | unique | reverse[]) as $path (.; delete_at($path));
def del(f): delpaths([path(f)]);
def IN(values): any(values == .; .);
def IN(source; values): any(source == values; .);
def INDEX(rows; key): reduce rows as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);
def leaf_paths: paths(scalars);
def ascii: [.] | implode;
def toarray: if isarray then . else [.] end;
"#;

/// What jaq has and a program may not reach: secrets, the wall clock and the machine's zone (there
/// are our own), and messages that nobody would see.
const WITHHELD: [&str; 6] =
    ["env", "now", "localtime", "strflocaltime", "debug_empty", "stderr_empty"];
const WITHHELD_DEFINITIONS: [&str; 3] = ["debug", "stderr", "halt_error"];

/// A program that was compiled.
pub(crate) struct Program {
    filter: jaq_core::Filter<World>,
}

/// What the native filters of a program stand on.
struct World;

#[derive(Clone)]
struct Sight<'a> {
    lut: &'a Lut<World>,
    moment: &'a Moment,
}

impl DataT for World {
    type V<'a> = Val;
    type Data<'a> = Sight<'a>;
}

impl<'a> HasLut<'a, World> for Sight<'a> {
    fn lut(&self) -> &'a Lut<World> {
        self.lut
    }
}

impl Program {
    /// Compiles a program.
    pub(crate) fn compile(code: &str) -> Result<Self, ShapeError> {
        let ours = load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
        let theirs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let definitions =
            theirs.filter(|definition| !WITHHELD_DEFINITIONS.contains(&definition.name));
        let natives = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let natives =
            natives.filter(|(name, ..)| !WITHHELD.contains(name)).chain(natives_of_ours());

        let arena = Arena::default();
        let modules = Loader::new(definitions.chain(ours))
            .load(&arena, File { code, path: () })
            .map_err(|errors| not_loaded(code, &errors))?;
        load::import(&modules, |_| Err("there are no files".to_owned()))
            .map_err(|errors| not_loaded(code, &errors))?;
        let filter = Compiler::default()
            .with_funs(natives)
            .compile(modules)
            .map_err(|errors| not_compiled(code, &errors))?;
        Ok(Self { filter })
    }

    /// Writes what the program makes of a record: a line for each of its outputs, as `jq -r` does.
    /// Outputs before a failure are written, as jq does.
    pub(crate) fn apply(
        &self,
        record: &[u8],
        moment: &Moment,
        terminal: bool,
        out: &mut impl Write,
    ) -> Result<(), Trouble> {
        let record = jaq_json::read::parse_single(record)
            .map_err(|error| Trouble::OfRecord(format!("the record cannot be read: {error}")))?;
        let sight = Sight { lut: &self.filter.lut, moment };
        for output in self.filter.id.run((Ctx::<World>::new(sight, Vars::new([])), record)) {
            let value = output.map_err(|exception| Trouble::OfRecord(said_of(exception)))?;
            write_line(&value, terminal, out)?;
        }
        Ok(())
    }
}

/// The clock and the zone that a program sees.
fn natives_of_ours() -> impl Iterator<Item = native::Fun<World>> {
    let natives: [native::Filter<jaq_core::RunPtr<World>>; 3] = [
        ("now", v(0), |cv| {
            let now = cv.0.data().moment.now;
            bome(Ok(Val::from(now.as_microsecond() as f64 / 1e6)))
        }),
        ("zone_offset", v(0), |cv| {
            let offset = |time: Timestamp| cv.0.data().moment.zone.to_offset(time).seconds();
            bome(instant(&cv.1).map(|time| Val::from(offset(time) as isize)))
        }),
        ("strflocal", v(1), |mut cv| {
            let format = cv.0.pop_var();
            let zone = cv.0.data().moment.zone.clone();
            bome(instant(&cv.1).and_then(|time| {
                let format = format.try_as_utf8_bytes()?;
                let format = String::from_utf8_lossy(format).into_owned();
                let text = strtime::format(format, &time.to_zoned(zone));
                text.map(Val::from).map_err(jaq_json::Error::str)
            }))
        }),
    ];
    natives.into_iter().map(|(name, arity, run)| native::run::<World>((name, arity, run)))
}

/// The instant so many seconds after the epoch.
fn instant(value: &Val) -> Result<Timestamp, jaq_json::Error> {
    let seconds = value.as_f64().ok_or_else(|| jaq_json::Error::typ(value.clone(), "number"))?;
    Timestamp::from_microsecond((seconds * 1e6) as i64).map_err(jaq_json::Error::str)
}

/// A text as it is, anything else as compact JSON; harmless on a terminal.
fn write_line(value: &Val, terminal: bool, out: &mut impl Write) -> Result<(), Trouble> {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let text = if terminal { untrusted::visible(&text) } else { text };
            out.write_all(text.as_bytes())?;
        }
        _ => {
            let mut json = Vec::new();
            write_json(value, &mut json)?;
            match terminal {
                true => {
                    let json = String::from_utf8_lossy(&json);
                    out.write_all(untrusted::visible_json(&json).as_bytes())?;
                }
                false => out.write_all(&json)?,
            }
        }
    }
    Ok(out.write_all(b"\n")?)
}

/// jaq's values are more than JSON: keys that are no texts, bytes, NaN. What is written is JSON.
fn write_json(value: &Val, out: &mut Vec<u8>) -> Result<(), Trouble> {
    match value {
        Val::Null => out.extend_from_slice(b"null"),
        Val::Bool(value) => write!(out, "{value}")?,
        // As jq writes them.
        Val::Num(Num::Float(number)) if number.is_nan() => out.extend_from_slice(b"null"),
        Val::Num(Num::Float(number)) if number.is_infinite() => {
            write!(out, "{:e}", f64::MAX.copysign(*number))?;
        }
        // 3.0 is 3, as in jq; what came from the record keeps its spelling.
        Val::Num(Num::Float(number)) if number.fract() == 0.0 && number.abs() < 1e17 => {
            write!(out, "{number}")?;
        }
        Val::Num(number) => write!(out, "{number}")?,
        Val::TStr(bytes) | Val::BStr(bytes) => write_text(bytes, out)?,
        Val::Arr(values) => {
            out.push(b'[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_json(value, out)?;
            }
            out.push(b']');
        }
        Val::Obj(pairs) => {
            out.push(b'{');
            for (place, (key, value)) in pairs.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let Val::TStr(key) = key else {
                    let key = kind_of(key);
                    return Err(Trouble::OfRecord(format!("{key} cannot be the key of an object")));
                };
                write_text(key, out)?;
                out.push(b':');
                write_json(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Trouble> {
    let text = String::from_utf8_lossy(bytes);
    serde_json::to_writer(out, &*text).map_err(|error| Trouble::Write(error.into()))
}

fn kind_of(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "a boolean",
        Val::Num(_) => "a number",
        Val::BStr(_) => "bytes",
        Val::TStr(_) => "a text",
        Val::Arr(_) => "an array",
        Val::Obj(_) => "an object",
    }
}

/// What is said of a program that failed.
fn said_of(exception: Exn<'_, Val>) -> String {
    match exception.get_err() {
        // A text that the program itself raised stands without quotes.
        Ok(error) => match error.into_val() {
            Val::TStr(text) => without_values(&String::from_utf8_lossy(&text)),
            value => value.to_string(),
        },
        Err(exception) => match exception.get_halt() {
            Ok(_) => "it called halt".to_owned(),
            Err(_) => "it broke out of itself".to_owned(),
        },
    }
}

/// jaq quotes the values that it could not use, whole records among them. The message with their
/// kinds instead is readable, and the same for all records that fail in the same way.
fn without_values(message: &str) -> String {
    const LEADS: [&str; 4] = [
        "cannot index ",
        "cannot use ",
        "cannot calculate ",
        "invalid path expression with input ",
    ];
    let Some(lead) = LEADS.into_iter().find(|lead| message.starts_with(lead)) else {
        return message.to_owned();
    };
    let rest = &message[lead.len()..];
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
    let Some(Ok(first)) = values.next() else { return message.to_owned() };
    let after = &rest[values.byte_offset()..];
    let kind = match first {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a text",
        serde_json::Value::Array(_) => "an array",
        serde_json::Value::Object(_) => "an object",
    };
    format!("{lead}{kind}{after}")
}

type Errors<'s, E> = load::Errors<&'s str, (), E>;

/// Tells the first thing that is wrong with a program's spelling.
fn not_loaded(code: &str, errors: &Errors<'_, load::Error<&str>>) -> ShapeError {
    let first = errors.first().map(|(_, error)| error);
    let (part, problem) = match first {
        Some(load::Error::Io(errors)) => match errors.first() {
            Some((path, _)) => (*path, "it cannot import or include anything".to_owned()),
            None => (code, "it cannot be read".to_owned()),
        },
        Some(load::Error::Lex(errors)) => match errors.first() {
            Some((lex::Expect::Delim(open), _)) => (*open, format!("`{open}` is not closed")),
            Some((expected, part)) => (*part, expected_but(expected.as_str(), part)),
            None => (code, "it cannot be read".to_owned()),
        },
        Some(load::Error::Parse(errors)) => match errors.first() {
            Some((expected, part)) => (*part, expected_but(expected.as_str(), part)),
            None => (code, "it cannot be read".to_owned()),
        },
        None => (code, "it cannot be read".to_owned()),
    };
    wrong(code, part, problem)
}

fn expected_but(expected: impl Display, found: &str) -> String {
    let found: String = found.chars().take_while(|c| !c.is_whitespace()).take(20).collect();
    match found.is_empty() {
        true => format!("{expected} expected, but it ends"),
        false => format!("{expected} expected, but there is `{found}`"),
    }
}

/// Tells the first name of a program that is not known.
fn not_compiled(code: &str, errors: &Errors<'_, Vec<compile::Error<&str>>>) -> ShapeError {
    let first = errors.first().and_then(|(_, errors)| errors.first());
    let Some((name, undefined)) = first else {
        return wrong(code, code, "it cannot be compiled".to_owned());
    };
    let problem = match undefined {
        compile::Undefined::Filter(arity) => format!("there is no filter {name}/{arity}"),
        other => format!("there is no {} {name}", other.as_str()),
    };
    let hint = match *name {
        "env" | "$ENV" => "a program does not see the environment, where secrets are",
        "input" | "inputs" | "input_line_number" | "input_filename" => {
            "a program sees one record at a time; pipe into jq for more"
        }
        "debug" | "stderr" => "a program has only its outputs to speak with",
        _ => USUAL_HINT,
    };
    ShapeError { hint: hint.to_owned(), ..wrong(code, name, problem) }
}

const USUAL_HINT: &str = "--jq takes what jq takes, as in --jq .message or \
    --jq 'select(.level == \"error\") | .fields'; docs/records.md says where they differ";

fn wrong(code: &str, part: &str, problem: String) -> ShapeError {
    let within = code.as_bytes().as_ptr_range().contains(&part.as_ptr());
    let at = if within { load::span(code, part).start } else { code.len() };
    let place = position(code, at);
    ShapeError {
        message: format!("the jq program is wrong at {place}: {problem}"),
        hint: USUAL_HINT.to_owned(),
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shape::tests::{RECORD, moment};

    fn jq_of(record: &str, code: &str, terminal: bool) -> String {
        let mut out = Vec::new();
        let ended =
            Program::compile(code).unwrap().apply(record.as_bytes(), &moment(), terminal, &mut out);
        let mut text = String::from_utf8(out).unwrap();
        if let Err(trouble) = ended {
            text.push_str(&format!("[{trouble}]"));
        }
        text
    }

    fn jq(code: &str) -> String {
        jq_of(RECORD, code, false)
    }

    fn mistake(code: &str) -> String {
        let error = Program::compile(code).err().unwrap();
        format!("{} ({})", error, error.hint())
    }

    #[test]
    fn texts_are_written_raw_and_the_rest_as_json() {
        assert_eq!(jq(".message"), "two\nlines\n");
        assert_eq!(jq("[.message, null]"), "[\"two\\nlines\",null]\n");
        assert_eq!(jq(".nothing"), "null\n");
        assert_eq!(jq("empty"), "");
        assert_eq!(jq(".level, .fields.n"), "error\n1.50\n");
    }

    #[test]
    fn numbers_keep_their_spelling_and_sums_are_written_as_jq_does() {
        let record = r#"{"big":12345678901234567890123,"n":1.50,"e":1E5}"#;
        assert_eq!(jq_of(record, ".", false), format!("{record}\n"));
        assert_eq!(
            jq("1.5 * 2, 1 / 3, nan, infinite, -infinite"),
            "3\n0.3333333333333333\nnull\n1.7976931348623157e308\n-1.7976931348623157e308\n"
        );
    }

    #[test]
    fn what_it_writes_is_always_json() {
        assert_eq!(jq("{(0): 1}"), "[a number cannot be the key of an object]");
        assert_eq!(jq("[\"\\u0000\\u007f\" | tobytes]"), "[\"\\u0000\u{7f}\"]\n");
    }

    #[test]
    fn on_a_terminal_it_is_harmless() {
        let record = r#"{"m":"\u001b[2J\u202e"}"#;
        assert_eq!(jq_of(record, ".m", true), "␛[2J<U+202E>\n");
        assert_eq!(jq_of(record, ".", true), "{\"m\":\"\\u001b[2J\\u202e\"}\n");
        assert_eq!(jq_of(record, ".m", false), "\u{1b}[2J\u{202e}\n");
    }

    #[test]
    fn rows_are_written_as_jq_does() {
        let row = r#"["a\tb\\c\nd\r", null, true, 1.5, "q\"q"]"#;
        assert_eq!(jq(&format!("{row} | @tsv")), "a\\tb\\\\c\\nd\\r\t\ttrue\t1.5\tq\"q\n");
        assert_eq!(
            jq(r#"["a,b", null, false, 1, "q\"q"] | @csv"#),
            "\"a,b\",,false,1,\"q\"\"q\"\n"
        );
    }

    #[test]
    fn deleting_a_key_leaves_the_others_in_their_order() {
        assert_eq!(
            jq("{a: 1, b: {c: 2, d: 3, e: 4}, f: 5} | del(.b.c, .x.y, .a)"),
            "{\"b\":{\"d\":3,\"e\":4},\"f\":5}\n"
        );
        assert_eq!(
            jq("[0, 1, 2, 3, 4] | del(.[1, 3]), del(.[1:3]), del(.[] | select(. > 1))"),
            "[0,2,4]\n[0,3,4]\n[0,1]\n"
        );
        assert_eq!(
            jq(".fields.o | del(.z[0]), del(..), delpaths([[\"a\"]])"),
            "{\"z\":[null],\"a\":true}\nnull\n{\"z\":[1,null]}\n"
        );
    }

    #[test]
    fn its_clock_and_zone_are_ours() {
        assert_eq!(jq("now | todate"), "2026-11-22T20:00:00Z\n");
        assert_eq!(jq("now | strflocaltime(\"%H:%M %z\")"), "21:00 +0100\n");
        assert_eq!(jq("now | localtime | strftime(\"%H:%M\")"), "21:00\n");
        assert_eq!(jq(".time | fromdate"), "1795377600.5\n");
    }

    #[test]
    fn a_mistake_is_shown_where_it_stands() {
        let place = |code: &str| mistake(code).split(" (").next().unwrap().to_owned();
        assert_eq!(place(".a | (.b"), "the jq program is wrong at column 6: `(` is not closed");
        assert_eq!(
            place(".a |"),
            "the jq program is wrong at column 5: term expected, but it ends"
        );
        assert_eq!(
            place(".a\n| foo(1)"),
            "the jq program is wrong at line 2, column 3: there is no filter foo/1"
        );
        assert_eq!(
            place("ü §"),
            "the jq program is wrong at column 1: token expected, but there is `ü`"
        );
        assert_eq!(place("$x"), "the jq program is wrong at column 1: there is no variable $x");
    }

    #[test]
    fn secrets_files_and_other_records_are_out_of_reach() {
        assert!(mistake("env").contains("secrets"));
        assert!(mistake("$ENV.HOME").contains("secrets"));
        assert!(mistake("[inputs]").contains("one record at a time"));
        assert!(mistake("debug").contains("only its outputs"));
        assert!(mistake("include \"a\"; .").contains("cannot import"));
        assert!(mistake("import \"a\" as $a; $a").contains("cannot import"));
    }

    #[test]
    fn a_failure_names_kinds_and_not_values() {
        assert_eq!(jq(".message.x"), "[cannot index a text with \"x\"]");
        assert_eq!(jq(". + 1"), "[cannot calculate an object + 1]");
        assert_eq!(jq("1, error(\"mine\"), 2"), "1\n[mine]");
        assert_eq!(jq("halt"), "[it called halt]");
        assert_eq!(jq("\"x\" | halt_error"), "[x]");
    }

    proptest! {
        #[test]
        fn a_record_comes_out_as_it_went_in(key in any::<String>(), text in any::<String>(), number in any::<i64>()) {
            let record = serde_json::json!({ "k": { key: [text, number, null, true] } }).to_string();
            prop_assert_eq!(jq_of(&record, ".", false), format!("{record}\n"));
        }

        #[test]
        fn a_text_reaches_a_terminal_harmless(text in any::<String>()) {
            let record = serde_json::json!({ "m": text }).to_string();
            let shown = untrusted::visible(&text);
            prop_assert_eq!(jq_of(&record, ".m", true), format!("{shown}\n"));
            prop_assert_eq!(jq_of(&record, ".m", false), format!("{text}\n"));
        }

        #[test]
        fn a_program_is_right_or_told_to_be_wrong(code in "[\\PC\\n]{0,40}|[.a-z|()\\[\\]{}$@\"\\\\;, 0-9é-]{0,20}") {
            if let Err(error) = Program::compile(&code) {
                prop_assert!(error.to_string().starts_with("the jq program is wrong at "));
            }
        }
    }
}
