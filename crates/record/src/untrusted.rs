//! Text from outside: log lines, names, messages. It may hold escape sequences that move the
//! cursor, retitle the window or hide what follows, so it reaches a terminal only through here.

use std::borrow::Cow;
use std::fmt::Write;

/// The text as a terminal may show it: control characters become their pictures (`␛`, `␀`),
/// C1 controls, bidirectional overrides and other invisible marks become `<U+202E>`.
/// Tabs and newlines stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(
        text,
        |c| matches!(c, '\t' | '\n'),
        |c, out| match c {
            '\u{0}'..='\u{1f}' => out.push(picture(c)),
            '\u{7f}' => out.push('\u{2421}'),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        },
    )
}

/// The same for one line of a table or a header: tabs and newlines become pictures too.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escape(
        text,
        |_| false,
        |c, out| match c {
            '\u{0}'..='\u{1f}' => out.push(picture(c)),
            '\u{7f}' => out.push('\u{2421}'),
            _ => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        },
    )
}

/// A line of JSON as a terminal may show it: the same value, with the characters that
/// [`visible`] would change written as `\u` escapes (which lose nothing).
///
/// JSON itself escapes what is below U+0020, and everything else that is touched here can only
/// stand inside a string.
pub fn visible_json(line: &str) -> Cow<'_, str> {
    escape(
        line,
        |c| c < ' ',
        |c, out| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// A cell of tab-separated text: backslash, tab, newline and carriage return as `\\ \t \n \r`, so
/// that one record is one line and `cut` counts its columns.
pub fn tab_separated(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(['\\', '\t', '\n', '\r']) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn escape(
    text: &str,
    kept: impl Fn(char) -> bool,
    mut replace: impl FnMut(char, &mut String),
) -> Cow<'_, str> {
    let suspicious = |c: char| is_hidden(c) && !kept(c);
    let Some(first) = text.find(suspicious) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if suspicious(c) {
            replace(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal would act on a character, or show nothing or something else for it.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, Arabic letter mark, zero-width space, left-to-right and right-to-left marks.
        // (Zero-width joiners stay: emoji and several scripts need them.)
        | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        // Line and paragraph separators, embeddings and overrides, isolates, invisible operators.
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Byte-order mark, interlinear annotations, tags.
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// U+2400 to U+241F are the pictures of U+0000 to U+001F.
fn picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_escape_sequence_is_shown_not_obeyed() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "␛[31mred␛[0m");
        assert_eq!(visible("\u{9b}2J"), "<U+009B>2J");
    }

    #[test]
    fn nul_delete_and_carriage_return_are_shown() {
        assert_eq!(visible("a\0b\u{7f}c\rd"), "a␀b␡c␍d");
    }

    #[test]
    fn a_bidirectional_override_is_shown() {
        assert_eq!(visible("user\u{202e}nimda"), "user<U+202E>nimda");
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(visible("naïve 日本 👩‍🚀\tx\n"), Cow::Borrowed(_)));
        assert_eq!(visible_line("a\tb\nc"), "a␉b␊c");
    }

    #[test]
    fn a_cell_never_breaks_its_row() {
        assert_eq!(tab_separated("a\tb\\c\r\nd"), r"a\tb\\c\r\nd");
    }

    proptest! {
        #[test]
        fn nothing_hidden_reaches_a_terminal(text in any::<String>()) {
            prop_assert!(!visible_line(&text).chars().any(is_hidden));
            let multi_line = visible(&text);
            prop_assert!(!multi_line.chars().any(|c| is_hidden(c) && c != '\t' && c != '\n'));
        }

        #[test]
        fn json_for_a_terminal_is_the_same_value(text in any::<String>()) {
            let line = serde_json::to_string(&text).unwrap();
            let shown = visible_json(&line);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }

        #[test]
        fn a_cell_can_be_read_back(text in any::<String>()) {
            let cell = tab_separated(&text);
            let fits = !cell.contains(['\t', '\n', '\r']);
            prop_assert!(fits);
            let mut back = String::new();
            let mut chars = cell.chars();
            while let Some(c) = chars.next() {
                back.push(match c {
                    '\\' => match chars.next() {
                        Some('t') => '\t',
                        Some('n') => '\n',
                        Some('r') => '\r',
                        Some(other) => other,
                        None => panic!("a lone backslash"),
                    },
                    other => other,
                });
            }
            prop_assert_eq!(back, text);
        }
    }
}
