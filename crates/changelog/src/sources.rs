//! What was read, and how far: without it, "nothing changed" is no answer.

use std::fmt;

use ::record::Time;
use serde::{Serialize, Serializer};

use crate::record::Source;

/// One source, and how far it was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRead {
    /// Which.
    pub source: Source,
    /// Which one of its kind: the organisation, the bucket, the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many changes were found in it.
    pub changes: u64,
    /// How the reading ended.
    #[serde(flatten)]
    pub ended: Ended,
}

/// How the reading of a source ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// At the beginning of the window.
    Complete {
        /// It is complete until then: the moment of the reading.
        until: Time,
    },
    /// Before: a limit was reached, and older changes are missing.
    CutShort {
        /// It is complete from then on.
        at: Time,
        /// Which limit.
        why: String,
    },
    /// It could be read in part: some details, pages or places are missing.
    Partly {
        /// What is missing.
        why: String,
    },
    /// It could not be read.
    Failed {
        /// Why, in a clause.
        why: String,
    },
    /// It may not be read, with these credentials or without any.
    Denied {
        /// Why, in a clause.
        why: String,
    },
}

impl Ended {
    /// Of a source that could not be read at all.
    pub(crate) fn unread(why: String, is_denied: bool) -> Self {
        if is_denied { Self::Denied { why } } else { Self::Failed { why } }
    }
}

/// What the sources had to say together: a record of kind `changelog_summary`.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// When it was read.
    pub time: Time,
    /// The beginning of the window.
    pub since: Time,
    /// Its end.
    pub until: Time,
    /// How many changes were printed, after those that belong together were put together.
    pub changes: u64,
    /// The sources, in the order in which they were asked.
    pub sources: Vec<SourceRead>,
}

/// What a summary comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything was read, and something changed.
    Changed,
    /// Everything was read, and nothing changed.
    NothingChanged,
    /// Something could not be read.
    Incomplete,
    /// Credentials or permissions left nothing that could be read.
    Denied,
}

impl Answer {
    /// The exit code: 0, 1, or 3, which wins over both; 4 where there was nothing to read.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Changed => 0,
            Self::NothingChanged => 1,
            Self::Incomplete => 3,
            Self::Denied => 4,
        }
    }
}

impl Summary {
    /// Whether every source was read to its end. No source is nothing read.
    pub fn is_complete(&self) -> bool {
        let complete = |read: &SourceRead| matches!(read.ended, Ended::Complete { .. });
        !self.sources.is_empty() && self.sources.iter().all(complete)
    }

    /// Whether nothing could be read at all, and some of it because it may not be.
    fn is_denied(&self) -> bool {
        let unread =
            |read: &SourceRead| matches!(read.ended, Ended::Failed { .. } | Ended::Denied { .. });
        let is_denied = |read: &SourceRead| matches!(read.ended, Ended::Denied { .. });
        self.sources.iter().all(unread) && self.sources.iter().any(is_denied)
    }

    /// What it comes to.
    pub fn answer(&self) -> Answer {
        match (self.is_complete(), self.changes) {
            (false, 0) if self.is_denied() => Answer::Denied,
            (false, _) => Answer::Incomplete,
            (true, 0) => Answer::NothingChanged,
            (true, _) => Answer::Changed,
        }
    }

    /// The answer in a sentence, with its times as `time` shows them:
    /// `Nothing changed: terraform acme, ecs prod read until 20:36.`
    pub fn sentence(&self, time: impl Fn(Time) -> String) -> String {
        let found = match (self.changes, self.is_complete()) {
            (0, true) => "Nothing changed".to_owned(),
            (0, false) => "No change was found, and not everything could be read".to_owned(),
            (1, complete) => format!("1 change{}", but(complete)),
            (many, complete) => format!("{many} changes{}", but(complete)),
        };
        // What is missing first: it is what has to be read.
        let mut clauses: Vec<String> =
            self.sources.iter().filter_map(|read| read.shortcoming(&time)).collect();
        if let Some((names, until)) = self.whole() {
            clauses.push(format!("{names} read until {}", time(until)));
        }
        if clauses.is_empty() {
            clauses.push("no source was read".to_owned());
        }
        format!("{found}: {}.", clauses.join("; "))
    }

    /// The sources that were read to their end, and the earliest of their moments: until then all
    /// of them are known.
    fn whole(&self) -> Option<(String, Time)> {
        let mut names: Vec<String> = Vec::new();
        let mut untils = Vec::new();
        let mut before = None;
        for read in &self.sources {
            let Ended::Complete { until } = read.ended else { continue };
            // `ecs us-east-1/edge, us-east-1/prod`: the source is said once.
            names.push(match &read.name {
                Some(name) if before == Some(read.source) => name.clone(),
                _ => read.to_string(),
            });
            before = Some(read.source);
            untils.push(until);
        }
        Some((names.join(", "), untils.into_iter().min()?))
    }
}

fn but(complete: bool) -> &'static str {
    if complete { "" } else { ", and not everything could be read" }
}

impl SourceRead {
    fn shortcoming(&self, time: impl Fn(Time) -> String) -> Option<String> {
        match &self.ended {
            Ended::Complete { .. } => None,
            Ended::CutShort { at, why } => {
                Some(format!("{self} only back to {} ({why})", time(*at)))
            }
            Ended::Partly { why } => Some(format!("{self} in part ({why})")),
            Ended::Failed { why } | Ended::Denied { why } => {
                Some(format!("{self} not at all ({why})"))
            }
        }
    }
}

/// `terraform acme`
impl fmt::Display for SourceRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.as_str())?;
        match &self.name {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Terraform,
        Self::S3State,
        Self::Ecs,
        Self::Jira,
        Self::Plan,
        Self::Apply,
        Self::File,
    ];

    /// The word of the record, and of `--source`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::S3State => "s3-state",
            Self::Ecs => "ecs",
            Self::Jira => "jira",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::File => "file",
        }
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            time: Time,
            kind: &'static str,
            since: Time,
            until: Time,
            changes: u64,
            complete: bool,
            sources: &'a [SourceRead],
        }
        Written {
            time: self.time,
            kind: "changelog_summary",
            since: self.since,
            until: self.until,
            changes: self.changes,
            complete: self.is_complete(),
            sources: &self.sources,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(millis: i64) -> Time {
        Time::from_millis(millis)
    }

    fn read(source: Source, name: Option<&str>, ended: Ended) -> SourceRead {
        SourceRead { source, name: name.map(str::to_owned), changes: 0, ended }
    }

    fn summary(changes: u64, sources: Vec<SourceRead>) -> Summary {
        Summary { time: time(100), since: time(10), until: time(100), changes, sources }
    }

    fn sentence(summary: &Summary) -> String {
        summary.sentence(|time| format!("{}ms", time.millis()))
    }

    #[test]
    fn nothing_changed_is_an_answer_with_what_was_read_and_until_when() {
        let nothing = summary(
            0,
            vec![
                read(Source::Terraform, Some("acme"), Ended::Complete { until: time(100) }),
                read(Source::Ecs, None, Ended::Complete { until: time(98) }),
            ],
        );
        assert_eq!(sentence(&nothing), "Nothing changed: terraform acme, ecs read until 98ms.");
        assert_eq!(nothing.answer().exit_code(), 1);
    }

    #[test]
    fn what_failed_or_was_cut_short_is_said() {
        let partly = summary(
            3,
            vec![
                read(Source::Ecs, None, Ended::Complete { until: time(100) }),
                read(
                    Source::Terraform,
                    Some("acme"),
                    Ended::CutShort { at: time(40), why: "5 pages".to_owned() },
                ),
                read(Source::Jira, None, Ended::Failed { why: "401".to_owned() }),
                read(Source::S3State, Some("b"), Ended::Partly { why: "1 of 2".to_owned() }),
            ],
        );
        assert_eq!(
            sentence(&partly),
            "3 changes, and not everything could be read: terraform acme only back to 40ms (5 pages); \
             jira not at all (401); s3-state b in part (1 of 2); ecs read until 100ms."
        );
        assert_eq!(partly.answer().exit_code(), 3);
    }

    #[test]
    fn where_credentials_left_nothing_to_read_that_is_the_answer() {
        let why = || "401".to_owned();
        let denied = || read(Source::Jira, None, Ended::Denied { why: why() });
        let failed = || read(Source::Ecs, None, Ended::Failed { why: why() });
        let whole = || read(Source::Ecs, None, Ended::Complete { until: time(5) });
        assert_eq!(summary(0, vec![denied(), failed()]).answer().exit_code(), 4);
        assert_eq!(summary(0, vec![failed()]).answer(), Answer::Incomplete);
        assert_eq!(summary(0, vec![denied(), whole()]).answer(), Answer::Incomplete);
    }

    #[test]
    fn no_source_is_no_answer() {
        let nobody = summary(0, Vec::new());
        assert_eq!(nobody.answer(), Answer::Incomplete);
        assert_eq!(
            sentence(&nobody),
            "No change was found, and not everything could be read: no source was read."
        );
    }

    #[test]
    fn the_record_has_each_source_with_its_end() {
        let partly = summary(
            1,
            vec![
                read(Source::Ecs, None, Ended::Complete { until: time(0) }),
                read(Source::Jira, None, Ended::Failed { why: "401".to_owned() }),
            ],
        );
        assert_eq!(
            serde_json::to_string(&partly).unwrap(),
            concat!(
                r#"{"time":"1970-01-01T00:00:00.100Z","kind":"changelog_summary","#,
                r#""since":"1970-01-01T00:00:00.010Z","until":"1970-01-01T00:00:00.100Z","#,
                r#""changes":1,"complete":false,"sources":["#,
                r#"{"source":"ecs","changes":0,"ended":"complete","until":"1970-01-01T00:00:00.000Z"},"#,
                r#"{"source":"jira","changes":0,"ended":"failed","why":"401"}]}"#
            )
        );
    }

    #[test]
    fn a_source_has_one_word() {
        for source in Source::ALL {
            let written = serde_json::to_string(&source).unwrap();
            assert_eq!(written, format!("\"{}\"", source.as_str()));
        }
    }

    proptest! {
        #[test]
        fn one_source_less_than_complete_makes_the_answer_incomplete(
            ends in proptest::collection::vec(0u8..4, 1..6), changes in 0u64..3,
        ) {
            let reads = ends.iter().map(|end| {
                let why = String::from("x");
                read(Source::Ecs, None, match end {
                    0 => Ended::Complete { until: time(5) },
                    1 => Ended::CutShort { at: time(5), why },
                    2 => Ended::Partly { why },
                    _ => Ended::Failed { why },
                })
            });
            let answer = summary(changes, reads.collect()).answer();
            let whole = ends.iter().all(|end| *end == 0);
            prop_assert_eq!(answer == Answer::Incomplete, !whole);
        }
    }
}
