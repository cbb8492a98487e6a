//! Names as people write them: `txn-writer`, `txn_writer` and `TxnWriter-prod` are about one system.

/// The words of a name, in lower case: `aws_ecs_service.txn-writer` has five.
pub(crate) fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !c.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
}

/// Whether two names are one, however their words are joined.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let one = words(one);
    !one.is_empty() && one == words(other)
}

/// Whether a text has the words of a name, one after the other. A part of a word is none.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    let name = words(name);
    !name.is_empty() && words(text).windows(name.len()).any(|window| window == name)
}

/// What somebody called a resource in its address: the names of its modules, its own name, and the
/// keys of `for_each`. Its type is nobody's name for it: `aws_api_gateway_stage.web` is no `api`.
pub(crate) fn given_names(address: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut segments = Segments { rest: address }.peekable();
    let mut after_type = false;
    while let Some((name, keys)) = segments.next() {
        match name {
            "module" if !after_type => {
                if let Some((module, keys)) = segments.next() {
                    names.push(module.to_owned());
                    names.extend(keys);
                }
            }
            "data" if !after_type => {}
            // The type; a lone segment is taken for a name.
            _ if !after_type && segments.peek().is_some() => after_type = true,
            _ => {
                names.push(name.to_owned());
                names.extend(keys);
            }
        }
    }
    names
}

/// The type in the address of a resource: what stands before its name.
pub(crate) fn type_in(address: &str) -> Option<&str> {
    let names: Vec<&str> = Segments { rest: address }.map(|(name, _)| name).collect();
    names.len().checked_sub(2).map(|at| names[at])
}

/// The parts of an address between its dots, each with its keys: `web["eu.1"]` is one, with `eu.1`.
struct Segments<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Segments<'a> {
    type Item = (&'a str, Vec<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (segment, rest) = split_outside_brackets(self.rest);
        self.rest = rest;
        let (name, keys) = match segment.find('[') {
            Some(at) => (&segment[..at], keys(&segment[at..])),
            None => (segment, Vec::new()),
        };
        Some((name, keys))
    }
}

/// What stands before the first dot that is in no bracket and no quotes, and what after it.
fn split_outside_brackets(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            '.' if !quoted && !bracketed => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// The text keys of `["a"][0]`; numbers name nothing.
fn keys(brackets: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut open: Option<String> = None;
    let mut characters = brackets.chars();
    while let Some(c) = characters.next() {
        match (&mut open, c) {
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
            (Some(_), '"') => keys.extend(open.take()),
            (Some(key), '\\') => key.extend(characters.next()),
            (Some(key), _) => key.push(c),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_joint_between_words_does_not_matter() {
        assert!(same("txn-writer", "Txn_Writer"));
        assert!(!same("txn-writer", "txn"));
        assert!(!same("", "-"));
    }

    #[test]
    fn a_part_of_a_word_is_no_mention() {
        assert!(mentions("roll out txn_writer v2", "txn-writer"));
        assert!(!mentions("a rapid fix", "api"));
        assert!(!mentions("anything", ""));
    }

    #[test]
    fn a_type_is_no_name() {
        assert_eq!(given_names("aws_api_gateway_stage.web"), ["web"]);
        assert_eq!(given_names("data.aws_ami.host"), ["host"]);
        assert_eq!(
            given_names(r#"module.service["txn.writer"].module.ecs.aws_ecs_service.this[0]"#),
            ["service", "txn.writer", "ecs", "this"]
        );
        assert_eq!(given_names("service/prod/web"), ["service/prod/web"]);
    }

    #[test]
    fn a_quote_in_a_key_does_not_end_it() {
        assert_eq!(given_names(r#"aws_x.y["a\".b"].z"#), ["y", "a\".b", "z"]);
        assert_eq!(type_in(r#"aws_x.y["a\".b"]"#), Some("aws_x"));
    }

    proptest! {
        #[test]
        fn any_text_has_names(address in "\\PC{0,60}") {
            given_names(&address);
        }

        #[test]
        fn a_name_mentions_itself(name in "[a-z][a-z0-9_-]{0,20}") {
            prop_assert!(mentions(&name, &name) && same(&name, &name));
        }
    }
}
