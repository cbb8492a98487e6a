//! `%regex%`: the small language of regular expressions that filter patterns have.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html>
//!
//! ASCII letters and digits, the space (an example has it), the symbols `: _ # = @ / ; , -`, and the operators
//! `^ $ ? [ ] { } | \ * + .`. A `\` stands before an operator, or is one of `\d \D \s \S \w \W \xhh`. No parentheses, and
//! nothing else: what is not documented is refused, so that nobody comes to rely on it here.

use regex::bytes::{Regex, RegexBuilder};

use super::scan::Scanner;

/// A pattern holds at most so many.
pub(super) const MOST: usize = 2;

const SYMBOLS: &str = ":_#=@/;,- ";
const OPERATORS: &str = "^$?[]{}|\\*+.";
const CLASSES: &str = "dDsSwW";

/// Reads an expression between its percent signs. Outer `None`: there is none here; inner `None`: it is not one.
#[allow(clippy::option_option, reason = "absent and broken are different")]
pub(super) fn between_percents(scanner: &mut Scanner<'_>) -> Option<Option<Regex>> {
    if !scanner.eat("%") {
        return None;
    }
    let text = scanner.take(|c| c != '%');
    Some(text.filter(|_| scanner.eat("%")).and_then(compile))
}

fn compile(text: &str) -> Option<Regex> {
    RegexBuilder::new(&translated(text)?).unicode(false).build().ok()
}

/// What may be repeated, and whether it was.
#[derive(PartialEq)]
enum Before {
    Nothing,
    Term,
    Repeated,
}

/// The same expression in the language of the `regex` crate, which knows more.
fn translated(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    let mut before = Before::Nothing;
    while let Some(c) = rest.next() {
        before = match c {
            '\\' => escape(&mut rest, &mut out)?,
            '[' => class(&mut rest, &mut out)?,
            '^' | '$' | '|' => {
                out.push(c);
                Before::Nothing
            }
            '*' | '+' | '?' if before == Before::Term => {
                out.push(c);
                Before::Repeated
            }
            '{' if before == Before::Term => {
                let (bounds, left) = rest.as_str().split_once('}')?;
                out.push_str(&repetition(bounds)?);
                rest = left.chars();
                Before::Repeated
            }
            '.' => {
                out.push(c);
                Before::Term
            }
            _ if c.is_ascii_alphanumeric() || SYMBOLS.contains(c) => {
                out.push(c);
                Before::Term
            }
            _ => return None,
        };
    }
    Some(out)
}

fn escape(rest: &mut std::str::Chars<'_>, out: &mut String) -> Option<Before> {
    out.push('\\');
    match rest.next()? {
        'x' => {
            let digits = rest.as_str().get(..2)?;
            let is_digit = |c: u8| c.is_ascii_digit() || (b'A'..=b'F').contains(&c);
            if !digits.bytes().all(is_digit) || digits > "7F" {
                return None;
            }
            out.push('x');
            out.push_str(digits);
            *rest = rest.as_str()[2..].chars();
        }
        c if CLASSES.contains(c) || OPERATORS.contains(c) => out.push(c),
        _ => return None,
    }
    Some(Before::Term)
}

/// A class: characters and ranges, all of them if it does not begin with `^`.
fn class(rest: &mut std::str::Chars<'_>, out: &mut String) -> Option<Before> {
    out.push('[');
    if let Some(left) = rest.as_str().strip_prefix('^') {
        out.push('^');
        *rest = left.chars();
    }
    let start = out.len();
    loop {
        match rest.next()? {
            ']' if out.len() > start => break,
            '\\' => {
                escape(rest, out)?;
            }
            // In the crate's language these stand for more than themselves.
            '-' if rest.as_str().starts_with('-') => return None,
            c if "[^".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_alphanumeric() || SYMBOLS.contains(c) || "$?{}|*+.".contains(c) => {
                out.push(c);
            }
            _ => return None,
        }
    }
    out.push(']');
    Some(Before::Term)
}

/// `{m,n}`, of which either may be left out, or `{m}`.
fn repetition(bounds: &str) -> Option<String> {
    let number = |text: &str| text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit());
    match bounds.split_once(',') {
        Some((low, high)) if number(low) && number(high) && bounds != "," => {
            Some(format!("{{{},{high}}}", if low.is_empty() { "0" } else { low }))
        }
        None if number(bounds) && !bounds.is_empty() => Some(format!("{{{bounds}}}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(text: &str, message: &str) -> bool {
        compile(text).unwrap().is_match(message.as_bytes())
    }

    #[test]
    fn operators_as_documented() {
        for (text, yes, no) in [
            (
                "AUTHORIZED",
                &["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST"][..],
                &["authorized"][..],
            ),
            (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", &["from 10.2.33.144"], &["10.2.33"]),
            ("[Ee]rror|[Ff]ail", &["Error", "an error", "Failed", "fail"], &["ERROR"]),
            ("^[hc]at", &["hat", "cat"], &["that", "a cat"]),
            ("[hc]at$", &["hat", "that", "a cat"], &["hats"]),
            ("colou?r", &["color", "colour"], &["colouur"]),
            ("[abc]", &["a", "b", "c"], &["d"]),
            ("[a-z]", &["a", "m", "z"], &["A", "0"]),
            ("[abcx-z]", &["a", "b", "c", "x", "y", "z"], &["d", "w"]),
            ("^a{3,5}$", &["aaa", "aaaa", "aaaaa"], &["aa", "aaaaaa"]),
            ("^a{3,}$", &["aaa", "aaaaaa"], &["aa"]),
            ("^a{,2}$", &["", "aa"], &["aaa"]),
            ("gra|ey", &["gray", "grey"], &["grow"]),
            (
                "^starting|^initializing|^shutting down",
                &["starting ...", "initializing ...", "shutting down"],
                &["skipping initializing ..."],
            ),
            ("abcc|ab[^c]$", &["abcc ...", "aba"], &["aac ..."]),
            (r"\[.\]", &["[a]", "[b]", "[7]", "[@]", "[]]", "[ ]"], &["[]", "a"]),
            (r"10\.10\.0\.1", &["10.10.0.1"], &["10010,051"]),
            ("10.10.0.1", &["10.10.0.1", "10010,051"], &["10.10.0"]),
            ("ab*c", &["ac", "abc", "abbbc"], &["ab"]),
            ("^ab[0-9]*$", &["ab", "ab0", "ab129"], &["abc"]),
            ("ab+c", &["abc", "abbc", "abbbc"], &["ac"]),
            (".at", &["hat", "cat", "bat", "4at", "#at", " at"], &["at"]),
            (r"^\d$", &["0", "9"], &["a"]),
            (r"^\D$", &["a", " "], &["0"]),
            (r"^\s$", &["\t", " ", "\n"], &["x"]),
            (r"^\S$", &["x"], &["\t", " ", "\n"]),
            (r"^\w$", &["a", "Z", "_", "0"], &["-", " "]),
            (r"^\W$", &["-", " "], &["a", "Z", "_", "0"]),
            (r"\x3A", &["a:b"], &["a;b"]),
            (r"\x28", &["f(x)"], &["f"]),
        ] {
            for message in yes {
                assert!(matches(text, message), "{text} matches {message}");
            }
            for message in no {
                assert!(!matches(text, message), "{text} does not match {message}");
            }
        }
    }

    #[test]
    fn a_class_holds_operators_as_they_are() {
        assert!(matches(r"^[.*+?|${}\[\]^-]+$", ".*+?|${}[]^-"));
        assert!(matches("^[[]$", "["));
        assert!(!matches("[^a-f0-9:]", "00:ff"));
        assert!(matches(r"^[\w\x28]$", "("));
    }

    #[test]
    fn a_dash_in_a_class_may_stand_at_either_end() {
        assert!(matches("^[-a]{2}$", "a-") && matches("^[a-]{2}$", "a-"));
    }

    #[test]
    fn what_is_not_documented_is_refused() {
        for text in [
            "something!",
            "(a)",
            r"\(",
            "a&b",
            "a<b",
            "\"",
            "é",
            "日",
            "a~",
            "'",
            r"\b",
            r"\n",
            r"\t",
            r"\-",
            r"\p",
            r"\x3",
            r"\x3a",
            r"\x80",
            r"\xG0",
            "\\",
            "*",
            "+a",
            "?",
            "a**",
            "a*?",
            "a++",
            "a{2}{3}",
            "^*",
            "|+",
            "{2}",
            "a{",
            "a{}",
            "a{,}",
            "a{x}",
            "a{1",
            "a{3,2}",
            "a{1, 2}",
            "a]",
            "a}",
            "[",
            "[]",
            "[a",
            "[^]",
            "[]a]",
            "[a--b]",
            "[z-a]",
            "[a&&b]",
            "[(]",
            "[[:alpha:]](",
            "[a-z]{1000}[a-z]{1000}{1000}",
        ] {
            assert!(compile(text).is_none(), "{text}");
        }
    }

    proptest! {
        /// Whatever is taken means what it says: a text is found by itself, its operators escaped.
        #[test]
        fn a_text_is_found_by_itself(text in "[a-zA-Z0-9:_#=@/;,^$?\\[\\]{}|\\\\*+. -]{1,40}") {
            let escaped: String = text
                .chars()
                .flat_map(|c| OPERATORS.contains(c).then_some('\\').into_iter().chain([c]))
                .collect();
            let found = matches(&escaped, &format!("before {text} after"));
            let whole = matches(&format!("^{escaped}$"), &format!("{text}."));
            prop_assert!(found && !whole);
        }

        /// Only ASCII and no parenthesis ever comes through.
        #[test]
        fn nothing_else_is_taken(text in "\\PC{0,24}") {
            if compile(&text).is_some() {
                let known = |c: char| c.is_ascii_alphanumeric() || SYMBOLS.contains(c) || OPERATORS.contains(c);
                prop_assert!(text.chars().all(known), "{}", text);
            }
        }
    }
}
