//! A log message as a scenario writes it: text with `${placeholders}`, compiled once, rendered often.

use std::collections::BTreeMap;
use std::io::Write;

use super::clock_face::{self, TimeForm};
use super::hash;

/// Who is speaking: what the subject placeholders of a message stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Speaker {
    pub(crate) service: String,
    pub(crate) cluster: String,
    pub(crate) container: String,
    pub(crate) task: String,
    pub(crate) host: String,
    pub(crate) address: String,
    pub(crate) version: String,
    pub(crate) revision: String,
    pub(crate) region: String,
    pub(crate) stream: String,
}

/// One thing said: when, and the hash that all of its generated values come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Utterance {
    pub(crate) time_ms: i64,
    pub(crate) hash: u64,
    /// How many times this template has spoken in this stream before.
    pub(crate) ordinal: i64,
}

/// A generator of values.
#[derive(Debug, Clone)]
pub(crate) enum Generator {
    Pick { choices: Vec<String>, upto: Vec<f64> },
    Int { low: i64, high: i64 },
    Latency { median: f64, spread: f64 },
    Hex(usize),
    Uuid,
    Sequence(i64),
}

#[derive(Debug, Clone, Copy)]
enum Subject {
    Service,
    Cluster,
    Container,
    Task,
    TaskShort,
    Host,
    Address,
    Version,
    Revision,
    Region,
    Stream,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Vec<u8>),
    Field(Generator, u64),
    Time(TimeForm),
    Subject(Subject),
}

/// A compiled message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    parts: Vec<Part>,
}

impl Message {
    /// Compiles a message. `level` stands for `${level}`; the error is what is wrong, in words.
    pub(crate) fn compile(
        text: &str,
        level: &str,
        fields: &BTreeMap<&str, Generator>,
    ) -> Result<Message, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            literal.push_str(&rest[..start]);
            let inside = &rest[start + 2..];
            let end = inside.find('}').ok_or("\"${\" is never closed by \"}\"")?;
            let name = &inside[..end];
            rest = &inside[end + 1..];
            let part = match name {
                "level" => {
                    literal.push_str(level);
                    continue;
                }
                "LEVEL" => {
                    literal.push_str(&level.to_uppercase());
                    continue;
                }
                "service" => Part::Subject(Subject::Service),
                "cluster" => Part::Subject(Subject::Cluster),
                "container" => Part::Subject(Subject::Container),
                "task" => Part::Subject(Subject::Task),
                "task_short" => Part::Subject(Subject::TaskShort),
                "host" => Part::Subject(Subject::Host),
                "address" => Part::Subject(Subject::Address),
                "version" => Part::Subject(Subject::Version),
                "revision" => Part::Subject(Subject::Revision),
                "region" => Part::Subject(Subject::Region),
                "stream" => Part::Subject(Subject::Stream),
                _ => {
                    if let Some(form) = TimeForm::named(name) {
                        Part::Time(form)
                    } else if let Some(generator) = fields.get(name) {
                        Part::Field(generator.clone(), hash::of_text(0, name))
                    } else {
                        return Err(format!(
                            "\"${{{name}}}\" is neither a field nor a built-in placeholder"
                        ));
                    }
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal).into_bytes()));
            }
            parts.push(part);
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal.into_bytes()));
        }
        if parts.is_empty() {
            // PutLogEvents refuses an empty message, so no scenario may hold one.
            return Err("a message cannot be empty".to_owned());
        }
        Ok(Message { parts })
    }

    /// Appends the message to `out`.
    pub(crate) fn render(&self, out: &mut Vec<u8>, said: Utterance, speaker: &Speaker) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Field(generator, salt) => {
                    generator.write(out, hash::combine(said.hash, *salt), said.ordinal)
                }
                Part::Time(form) => clock_face::write(out, said.time_ms, *form),
                Part::Subject(subject) => out.extend_from_slice(speaker.text(*subject).as_bytes()),
            }
        }
    }
}

impl Speaker {
    fn text(&self, subject: Subject) -> &str {
        match subject {
            Subject::Service => &self.service,
            Subject::Cluster => &self.cluster,
            Subject::Container => &self.container,
            Subject::Task => &self.task,
            Subject::TaskShort => self.task.get(..8).unwrap_or(&self.task),
            Subject::Host => &self.host,
            Subject::Address => &self.address,
            Subject::Version => &self.version,
            Subject::Revision => &self.revision,
            Subject::Region => &self.region,
            Subject::Stream => &self.stream,
        }
    }
}

impl Generator {
    fn write(&self, out: &mut Vec<u8>, hash: u64, ordinal: i64) {
        match self {
            Generator::Pick { choices, upto } => {
                let choice = if upto.is_empty() {
                    hash::below(hash, choices.len() as u64) as usize
                } else {
                    let point = hash::unit(hash) * upto.last().copied().unwrap_or(1.0);
                    upto.iter().position(|edge| point < *edge).unwrap_or(upto.len() - 1)
                };
                out.extend_from_slice(choices[choice].as_bytes());
            }
            Generator::Int { low, high } => {
                write_int(out, low + hash::below(hash, (high - low) as u64 + 1) as i64);
            }
            Generator::Latency { median, spread } => {
                // The sum of four uniform numbers is close enough to a bell for a log file.
                let bell: f64 = (0..4).map(|part| hash::unit(hash::mix(hash ^ part)) - 0.5).sum();
                write_int(out, (median * (spread * bell * 1.73).exp()).round().max(1.0) as i64);
            }
            Generator::Hex(digits) => hash::write_hex(out, hash, *digits),
            Generator::Uuid => write_uuid(out, hash),
            Generator::Sequence(first) => write_int(out, first + ordinal),
        }
    }
}

pub(super) fn write_int(out: &mut Vec<u8>, number: i64) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{number}");
}

fn write_uuid(out: &mut Vec<u8>, hash: u64) {
    let start = out.len();
    hash::write_hex(out, hash, 32);
    // Version 4, variant 1 (RFC 9562).
    out[start + 12] = b'4';
    out[start + 16] = b"89ab"[(hash & 3) as usize];
    for place in [20, 16, 12, 8] {
        out.insert(start + place, b'-');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Utterance {
        Utterance { time_ms: 1_795_379_818_123, hash: 7, ordinal: 41 }
    }

    fn rendered(text: &str, fields: &BTreeMap<&str, Generator>) -> String {
        let speaker = Speaker {
            task: "0123456789abcdef".into(),
            service: "api".into(),
            ..Speaker::default()
        };
        let mut out = Vec::new();
        Message::compile(text, "warn", fields).unwrap().render(&mut out, said(), &speaker);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn placeholders_are_replaced() {
        let fields = BTreeMap::from([("n", Generator::Sequence(1))]);
        assert_eq!(
            rendered("${time} ${LEVEL} ${service}/${task_short} {\"n\":${n}} $5", &fields),
            "2026-11-22T20:36:58.123Z WARN api/01234567 {\"n\":42} $5",
        );
    }

    #[test]
    fn a_uuid_looks_like_one() {
        let uuid = rendered("${u}", &BTreeMap::from([("u", Generator::Uuid)]));
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'4');
    }

    #[test]
    fn mistakes_are_named() {
        let none = BTreeMap::new();
        assert!(Message::compile("${nobody}", "info", &none).unwrap_err().contains("${nobody}"));
        assert!(Message::compile("${time", "info", &none).unwrap_err().contains("never closed"));
        assert!(Message::compile("", "info", &none).unwrap_err().contains("empty"));
    }
}
