//! What `specs diff` compares: a place, a moment, or a file. Pure.

use std::path::PathBuf;

use jiff::{Timestamp, Zoned};

use crate::failure::Failure;

/// One side of a comparison, as it was typed: parts with commas between, `profile:b,cluster:prod`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Operand {
    /// As it was typed.
    pub(super) typed: String,
    /// The profile; the usual one where none is said.
    pub(super) profile: Option<String>,
    /// The region, likewise.
    pub(super) region: Option<String>,
    /// The cluster: then services are compared by their names, whatever their clusters are called.
    pub(super) cluster: Option<String>,
    /// The moment; the present where none is said.
    pub(super) time: Option<Timestamp>,
    /// A file that `oncall specs` wrote; nothing else can be said beside it.
    pub(super) file: Option<Source>,
}

/// Where records are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `-`
    Stdin,
    /// A path.
    File(PathBuf),
}

impl Operand {
    /// Whether both are of one place, at whatever moments.
    pub(super) fn is_at_the_place_of(&self, other: &Self) -> bool {
        let place = |of: &Self| (of.profile.clone(), of.region.clone(), of.cluster.clone());
        self.file.is_none() && other.file.is_none() && place(self) == place(other)
    }
}

const HINT: &str = "it is cluster:NAME, profile:NAME, region:NAME, time:WHEN, file:PATH, file:- or now; \
                    commas join them, as in profile:staging,cluster:main";

impl Operand {
    /// Reads what was typed.
    pub(super) fn parse(typed: &str, now: &Zoned) -> Result<Self, Failure> {
        let mut operand = Self { typed: typed.to_owned(), ..Self::default() };
        // A path may have commas.
        if let Some(path) = typed.strip_prefix("file:") {
            operand.file = Some(match path {
                "" => return Err(wrong(typed)),
                "-" => Source::Stdin,
                path => Source::File(path.into()),
            });
            return Ok(operand);
        }
        for part in typed.split(',') {
            let (key, value) = part.split_once(':').unwrap_or((part, ""));
            let place = match (key, value.is_empty()) {
                ("now", true) => continue,
                ("time", false) => {
                    operand.time = Some(timerange::instant(value, now)?);
                    continue;
                }
                ("cluster", false) => &mut operand.cluster,
                ("profile", false) => &mut operand.profile,
                ("region", false) => &mut operand.region,
                _ => return Err(wrong(typed)),
            };
            if place.replace(value.to_owned()).is_some() {
                return Err(Failure::usage(format!("`{typed}` says its {key} twice"), None));
            }
        }
        if operand.time.is_some_and(|time| time > now.timestamp()) {
            let message = format!("`{typed}` is in the future");
            return Err(Failure::usage(message, Some("what runs then nobody knows".to_owned())));
        }
        Ok(operand)
    }
}

fn wrong(typed: &str) -> Failure {
    let message = format!("`{typed}` is nothing that can be compared");
    let is_a_name = !typed.is_empty() && !typed.contains([':', ',']);
    let hint = match is_a_name {
        true => format!("did you mean `cluster:{typed}`? {HINT}"),
        false => HINT.to_owned(),
    };
    Failure::usage(message, Some(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-22T20:00:00Z[UTC]".parse().unwrap()
    }

    fn parsed(text: &str) -> Operand {
        Operand::parse(text, &now()).unwrap()
    }

    #[test]
    fn places_moments_and_files_are_read() {
        assert_eq!(parsed("cluster:prod").cluster.as_deref(), Some("prod"));
        let both = parsed("profile:b,cluster:prod");
        assert_eq!((both.profile.as_deref(), both.cluster.as_deref()), (Some("b"), Some("prod")));
        assert_eq!(parsed("now"), Operand { typed: "now".into(), ..Operand::default() });
        let moment = "2026-11-22T14:05:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(parsed("time:14:05").time, Some(moment));
        assert_eq!(parsed("cluster:edge,time:14:05").time, Some(moment));
        assert_eq!(parsed("file:-").file, Some(Source::Stdin));
        assert_eq!(parsed("file:a,b.jsonl").file, Some(Source::File("a,b.jsonl".into())));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        for text in ["", "prod", "cluster:", "file:", "cluster:a,cluster:b", "time:25:00", "now:x"]
        {
            assert!(Operand::parse(text, &now()).is_err(), "{text}");
        }
        assert!(Operand::parse("time:2026-11-23", &now()).is_err());
    }
}
