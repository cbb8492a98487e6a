//! Which events are wanted, as far as it is decided here and not by the server. Pure.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::condition::{Claim, Condition};
use crate::event::LogRecord;
use crate::glob::Glob;
use crate::level::Level;
use crate::target::TargetError;

/// A regular expression that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the regular expression `{pattern}` cannot be read at character {position}: {problem}")]
pub struct PatternError {
    /// As it was typed.
    pub pattern: String,
    /// The character at which reading stopped, counted from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
}

/// What `grep` looks for: any of its patterns, in the exact text of an event.
#[derive(Clone, Debug)]
pub struct GrepPattern {
    patterns: RegexSet,
    ignore_case: bool,
    invert: bool,
}

impl GrepPattern {
    /// Patterns with grep's flags: `fixed` (-F), `words` (-w), `ignore_case` (-i), `invert` (-v).
    pub fn new(
        patterns: &[String],
        fixed: bool,
        words: bool,
        ignore_case: bool,
        invert: bool,
    ) -> Result<Self, PatternError> {
        let expression = |pattern: &String| {
            let inner = if fixed { regex::escape(pattern) } else { pattern.clone() };
            if words { format!(r"\b{{start-half}}(?:{inner})\b{{end-half}}") } else { inner }
        };
        if !fixed {
            patterns.iter().try_for_each(|pattern| check(pattern))?;
        }
        let expressions: Vec<String> = patterns.iter().map(expression).collect();
        let patterns = set(&expressions, ignore_case)?;
        Ok(Self { patterns, ignore_case, invert })
    }

    /// Whether the text is one of the wanted ones.
    pub fn matches(&self, text: &str) -> bool {
        self.patterns.is_match(text) != self.invert
    }

    /// The expressions one of which must match, and whether in any case; `None` with -v.
    pub(crate) fn one_of(&self) -> Option<(&[String], bool)> {
        (!self.invert).then(|| (self.patterns.patterns(), self.ignore_case))
    }

    /// Where a match stands, for highlighting.
    pub fn highlights(&self) -> Vec<Regex> {
        if self.invert {
            return Vec::new();
        }
        let regex = |pattern: &String| {
            RegexBuilder::new(pattern).case_insensitive(self.ignore_case).build().ok()
        };
        self.patterns.patterns().iter().filter_map(regex).collect()
    }
}

/// Reads a regular expression.
pub(crate) fn check(pattern: &str) -> Result<(), PatternError> {
    // The `regex` crate's error is a drawing; its parser says the position.
    match regex_syntax::Parser::new().parse(pattern) {
        Ok(_) => Ok(()),
        Err(error) => Err(pattern_error(pattern, &error)),
    }
}

/// Compiles a regular expression.
pub(crate) fn regex(pattern: &str) -> Result<Regex, PatternError> {
    check(pattern)?;
    Regex::new(pattern).map_err(|error| PatternError {
        pattern: pattern.to_owned(),
        position: 1,
        problem: error.to_string(),
    })
}

fn pattern_error(pattern: &str, error: &regex_syntax::Error) -> PatternError {
    let (offset, problem) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => {
            (error.span().start.offset, error.kind().to_string())
        }
        other => (0, other.to_string()),
    };
    let position = pattern.get(..offset).map_or(1, |before| before.chars().count() + 1);
    PatternError { pattern: pattern.to_owned(), position, problem }
}

fn set(patterns: &[String], ignore_case: bool) -> Result<RegexSet, PatternError> {
    patterns.iter().try_for_each(|pattern| check(pattern))?;
    RegexSetBuilder::new(patterns).case_insensitive(ignore_case).build().map_err(|error| {
        PatternError { pattern: patterns.join("|"), position: 1, problem: error.to_string() }
    })
}

/// Which streams of the targets are wanted: a prefix, or a glob.
#[derive(Clone, Debug)]
pub struct StreamChoice {
    prefix: String,
    glob: Option<Glob>,
}

impl StreamChoice {
    /// Reads `--stream`: a glob when it has `*` or `?`, else a prefix. Brackets are themselves: each
    /// stream of a Lambda function has `[$LATEST]` in its name.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if !text.contains(['*', '?']) {
            return Ok(Self { prefix: text.to_owned(), glob: None });
        }
        let glob = Glob::with_literal_brackets(text)?;
        Ok(Self { prefix: glob.literal_prefix().to_owned(), glob: Some(glob) })
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn matches(&self, stream: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.matches(stream),
            None => stream.starts_with(&self.prefix),
        }
    }
}

/// The conditions that an event must meet. Patterns look at its exact text.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    include: Option<RegexSet>,
    exclude: Option<RegexSet>,
    grep: Option<GrepPattern>,
    conditions: Vec<Condition>,
    level: Option<Level>,
    task: Option<String>,
    stream: Option<StreamChoice>,
}

impl Selection {
    /// Everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Only events that match one of these.
    pub fn include(mut self, patterns: &[String]) -> Result<Self, PatternError> {
        self.include = (!patterns.is_empty()).then(|| set(patterns, false)).transpose()?;
        Ok(self)
    }

    /// No events that match one of these.
    pub fn exclude(mut self, patterns: &[String]) -> Result<Self, PatternError> {
        self.exclude = (!patterns.is_empty()).then(|| set(patterns, false)).transpose()?;
        Ok(self)
    }

    /// Only what grep finds.
    pub fn grep(mut self, pattern: Option<GrepPattern>) -> Self {
        self.grep = pattern;
        self
    }

    /// Only events of which all of these hold.
    pub fn conditions(mut self, conditions: Vec<Condition>) -> Self {
        self.conditions = conditions;
        self
    }

    /// Only events of this level and louder; those that say none are left out.
    pub fn level(mut self, level: Option<Level>) -> Self {
        self.level = level;
        self
    }

    /// Only events of the task whose id begins so.
    pub fn task(mut self, task: Option<String>) -> Self {
        self.task = task;
        self
    }

    /// Only events of these streams.
    pub fn stream(mut self, stream: Option<StreamChoice>) -> Self {
        self.stream = stream;
        self
    }

    /// Whether it wants every event.
    pub(crate) fn is_everything(&self) -> bool {
        let Self { include, exclude, grep, level, task, stream, conditions } = self;
        include.is_none()
            && exclude.is_none()
            && grep.is_none()
            && level.is_none()
            && task.is_none()
            && stream.is_none()
            && conditions.is_empty()
    }

    pub(crate) fn stream_choice(&self) -> Option<&StreamChoice> {
        self.stream.as_ref()
    }

    pub(crate) fn task_choice(&self) -> Option<&str> {
        self.task.as_deref()
    }

    /// The expressions of `include`.
    pub(crate) fn included(&self) -> Option<&[String]> {
        self.include.as_ref().map(RegexSet::patterns)
    }

    pub(crate) fn grep_pattern(&self) -> Option<&GrepPattern> {
        self.grep.as_ref()
    }

    pub(crate) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.conditions.iter().map(|Condition(claim)| claim)
    }

    /// The verdict on an event.
    pub(crate) fn judge(&self, record: &LogRecord) -> Verdict {
        let text = record.text.as_str();
        let wanted = self.stream.as_ref().is_none_or(|stream| stream.matches(&record.stream.name))
            && self.task.as_deref().is_none_or(|task| {
                record.stream.task.as_deref().is_some_and(|id| id.starts_with(task))
            })
            && self.include.as_ref().is_none_or(|set| set.is_match(text))
            && !self.exclude.as_ref().is_some_and(|set| set.is_match(text))
            && self.grep.as_ref().is_none_or(|grep| grep.matches(text));
        if !wanted {
            return Verdict::Unwanted;
        }
        if self.level.is_none() && self.conditions.is_empty() {
            return Verdict::Wanted;
        }
        let message = record.message();
        if !self.conditions.iter().all(|condition| condition.holds(&message)) {
            return Verdict::Unwanted;
        }
        match (self.level, message.level) {
            (None, _) => Verdict::Wanted,
            (Some(least), Some(level)) if level >= least => Verdict::Wanted,
            (Some(_), Some(_)) => Verdict::Unwanted,
            (Some(_), None) => Verdict::WithoutLevel,
        }
    }
}

/// Whether an event is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wanted,
    Unwanted,
    /// Left out by `--level` because it says none.
    WithoutLevel,
}

/// The expressions that `--highlight` marks.
pub fn highlight(patterns: &[String]) -> Result<Vec<Regex>, PatternError> {
    patterns.iter().map(|pattern| regex(pattern)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grep(patterns: &[&str], flags: &str) -> GrepPattern {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        let flag = |name| flags.contains(name);
        GrepPattern::new(&patterns, flag('F'), flag('w'), flag('i'), flag('v')).unwrap()
    }

    #[test]
    fn grep_has_greps_flags() {
        assert!(grep(&["time.?out"], "").matches("a timeout here"));
        assert!(!grep(&["TIMEOUT"], "").matches("a timeout here"));
        assert!(grep(&["TIMEOUT"], "i").matches("a timeout here"));
        assert!(grep(&["timeout"], "v").matches("all is well"));
        assert!(!grep(&["a.c"], "F").matches("abc"));
        assert!(grep(&["a.c"], "F").matches("x a.c"));
        assert!(!grep(&["time"], "w").matches("timeout"));
        assert!(grep(&["-x"], "Fw").matches("cmd -x y"));
        assert!(grep(&["one", "two"], "").matches("two"));
    }

    #[test]
    fn what_was_found_is_marked_as_it_was_found() {
        let marks = grep(&["TIMEOUT"], "i").highlights();
        assert!(marks.iter().all(|mark| mark.is_match("a timeout here")));
        assert!(grep(&["timeout"], "v").highlights().is_empty());
    }

    #[test]
    fn a_bad_pattern_says_where() {
        let error = GrepPattern::new(&["é(a".to_owned()], false, false, false, false).unwrap_err();
        assert_eq!(error.position, 2);
        assert_eq!(
            error.to_string(),
            "the regular expression `é(a` cannot be read at character 2: unclosed group"
        );
    }

    #[test]
    fn a_stream_is_chosen_by_prefix_or_glob() {
        let prefix = StreamChoice::parse("web/").unwrap();
        assert!(prefix.matches("web/1") && !prefix.matches("x/web/1"));
        let glob = StreamChoice::parse("*/web/*").unwrap();
        assert!(glob.matches("x/web/1") && !glob.matches("web/1"));
        assert_eq!(glob.prefix(), "");
        let lambda = "2026/11/22/[$LATEST]0f9d";
        assert!(StreamChoice::parse("2026/11/22/[$LATEST]").unwrap().matches(lambda));
        let glob = StreamChoice::parse("2026/*/[$LATEST]{0f?d").unwrap();
        assert!(glob.matches("2026/11/22/[$LATEST]{0f9d") && !glob.matches(lambda));
        assert_eq!(glob.prefix(), "2026/");
    }
}
