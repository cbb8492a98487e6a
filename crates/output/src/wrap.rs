//! Where a long text breaks on a terminal. Pure.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One row on the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The part of the text that it shows.
    pub(crate) shown: Range<usize>,
    /// The column in which that begins.
    pub(crate) indent: usize,
}

/// The rows of a text on a terminal so many columns wide. All but the first begin under `hang`.
///
/// A row ends at a space where the word after it fits on a row of its own, else wherever the row is
/// full: a long word such as a blob of JSON leaves no holes. One space goes with each break, and
/// nothing else. The time is linear in the text's length.
pub(crate) fn rows(text: &str, width: usize, hang: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        let indent = if start == 0 { 0 } else { hang };
        rows_of_line(text, start..end, width, indent, hang, &mut rows);
        start = end + 1;
    }
    rows
}

fn rows_of_line(
    text: &str,
    line: Range<usize>,
    width: usize,
    mut indent: usize,
    hang: usize,
    rows: &mut Vec<Row>,
) {
    // What continues an indented line stands a little further in.
    let own_indent = text[line.clone()].bytes().take_while(|byte| *byte == b' ').count();
    let deeper = hang + own_indent + 2;
    let hang = if own_indent == 0 || deeper > width / 2 { hang } else { deeper };
    let mut start = line.start;
    loop {
        let (end, next) = row_end(&text[start..line.end], width, indent, hang);
        rows.push(Row { shown: start..start + end, indent });
        if start + next >= line.end {
            return;
        }
        start += next;
        indent = hang;
    }
}

/// How many bytes of the text a row takes, and where the next row begins.
fn row_end(text: &str, width: usize, indent: usize, hang: usize) -> (usize, usize) {
    let mut column = indent;
    let mut space = None;
    for (at, part) in parts(text) {
        let end = column + columns(part);
        let is_space = part == " ";
        if end > width && at > 0 {
            return match space {
                _ if is_space => (at, at + 1),
                Some(space) if word_fits(&text[space + 1..], width.saturating_sub(hang)) => {
                    (space, space + 1)
                }
                _ => (at, at),
            };
        }
        // Spaces at the beginning are an indent, and no place to break.
        if is_space && text.as_bytes()[..at].iter().any(|byte| *byte != b' ') {
            space = Some(at);
        }
        column = end;
    }
    (text.len(), text.len())
}

fn word_fits(text: &str, room: usize) -> bool {
    let mut column = 0;
    for (_, part) in parts(text) {
        if part == " " {
            return true;
        }
        column += columns(part);
        if column > room {
            return false;
        }
    }
    true
}

/// What a terminal shows in one piece: a letter with its accents, an emoji with its parts.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
}

/// As much of the text as fits into so many columns.
pub(crate) fn cut(text: &str, room: usize) -> &str {
    let mut column = 0;
    for (at, part) in parts(text) {
        column += columns(part);
        if column > room {
            return &text[..at];
        }
    }
    text
}

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    // Most text is ASCII, and what has passed `untrusted` has no control characters in it.
    if text.is_ascii() { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(text: &str, width: usize, hang: usize) -> String {
        let rows = rows(text, width, hang).into_iter();
        rows.map(|row| format!("{}{}\n", " ".repeat(row.indent), &text[row.shown])).collect()
    }

    #[test]
    fn a_row_ends_at_a_space() {
        assert_eq!(drawn("12:00 a stitch in time", 14, 6), "12:00 a stitch\n      in time\n");
        assert_eq!(drawn("12:00 stitches in time", 14, 6), "12:00 stitches\n      in time\n");
    }

    #[test]
    fn a_word_that_is_too_long_for_a_row_leaves_no_hole() {
        assert_eq!(drawn("id 0123456789abcdef", 10, 3), "id 0123456\n   789abcd\n   ef\n");
    }

    #[test]
    fn further_lines_keep_their_indent() {
        assert_eq!(
            drawn("12:00 boom\n  at a.rs and more\nend", 20, 6),
            "12:00 boom\n        at a.rs and\n          more\n      end\n"
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(drawn("日本語のログ", 8, 2), "日本語の\n  ログ\n");
        assert_eq!(drawn("👩‍🚀👩‍🚀👩‍🚀", 5, 0), "👩‍🚀👩‍🚀\n👩‍🚀\n");
        assert_eq!(drawn("cafe\u{301} noir", 4, 0), "cafe\u{301}\nnoir\n");
    }

    #[test]
    fn a_megabyte_in_one_line_takes_no_time() {
        // Quadratic, this would take minutes.
        assert_eq!(rows(&"x".repeat(1_000_000), 80, 30).len(), 1 + 999_920_usize.div_ceil(50));
        assert!(rows(&"word ".repeat(200_000), 80, 30).len() > 10_000);
        assert!(rows(&format!("a {}", "日".repeat(300_000)), 80, 30).len() > 10_000);
        assert!(rows(&"e\u{301}".repeat(300_000), 80, 30).len() > 5_000);
    }

    proptest! {
        #[test]
        fn all_text_is_shown_and_no_row_is_too_wide(
            text in "([a-c]{0,12}| {1,3}|日{1,9}|é{1,3}|👩‍🚀|\u{301}|\n){0,30}",
            width in 1..60usize,
            hang in 0..30usize,
        ) {
            let hang = hang.min(width.saturating_sub(1));
            let mut shown = 0;
            for row in rows(&text, width, hang) {
                // Between two rows nothing is left out but a space and the line break.
                prop_assert!(matches!(&text[shown..row.shown.start], "" | " " | "\n" | " \n"));
                shown = row.shown.end;
                let part = &text[row.shown];
                let wide = row.indent + part.graphemes(true).map(columns).sum::<usize>();
                prop_assert!(wide <= width || part.graphemes(true).count() <= 1, "{part:?}");
            }
            prop_assert!(matches!(&text[shown..], "" | " " | "\n" | " \n"));
        }
    }
}
