//! Globs over the names of groups and streams.

use globset::{GlobBuilder, GlobMatcher};

use crate::target::TargetError;

/// A glob: `*` and `?` match any character, `/` too, since a slash in these names is only a habit.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    literal: String,
    matcher: GlobMatcher,
}

impl Glob {
    pub(crate) fn new(pattern: &str) -> Result<Self, TargetError> {
        let matcher = GlobBuilder::new(pattern)
            .literal_separator(false)
            .build()
            .map_err(|error| TargetError::Glob {
                glob: pattern.to_owned(),
                problem: error.kind().to_string(),
            })?
            .compile_matcher();
        let end = pattern.find(['*', '?', '[', '{', '\\']).unwrap_or(pattern.len());
        Ok(Self { literal: pattern[..end].to_owned(), matcher })
    }

    /// A glob in which only `*` and `?` are special.
    pub(crate) fn with_literal_brackets(pattern: &str) -> Result<Self, TargetError> {
        let mut escaped = String::with_capacity(pattern.len());
        for c in pattern.chars() {
            match c {
                '[' | ']' | '{' | '}' | '\\' => escaped.extend(['[', c, ']']),
                _ => escaped.push(c),
            }
        }
        let literal = pattern.find(['*', '?']).map_or(pattern, |end| &pattern[..end]).to_owned();
        Ok(Self { literal, ..Self::new(&escaped)? })
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }

    /// What every match begins with: what a server can be asked for.
    pub(crate) fn literal_prefix(&self) -> &str {
        &self.literal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_crosses_slashes() {
        let glob = Glob::new("/ecs/*").unwrap();
        assert!(glob.matches("/ecs/prod/api"));
        assert!(!glob.matches("/aws/ecs/api"));
        assert_eq!(glob.literal_prefix(), "/ecs/");
    }

    #[test]
    fn a_broken_glob_says_what_is_wrong() {
        let error = Glob::new("/ecs/[a").unwrap_err();
        assert!(error.to_string().starts_with("the glob `/ecs/[a` cannot be read"), "{error}");
    }

    proptest! {
        #[test]
        fn every_match_begins_with_the_literal_prefix(
            pattern in "[a-c/]{0,4}[*?]?[a-c/]{0,3}",
            name in "[a-c/]{0,8}",
        ) {
            let glob = Glob::new(&pattern).unwrap();
            if glob.matches(&name) {
                prop_assert!(name.starts_with(glob.literal_prefix()));
            }
        }
    }
}
