//! Sentences for people: folded to lines, and lengths of time in words. Pure.

/// Wider lines are hard to read, also where the terminal has room.
const WIDTH: usize = 80;

/// Folds a text to lines that can be read, each `indent` spaces in. Its own line breaks stay, and what a line
/// begins with is the indent of its continuation.
pub(super) fn folded(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.trim_start();
        let own = line.chars().count() - words.chars().count();
        let margin = " ".repeat(indent + own);
        let room = WIDTH.saturating_sub(margin.len()).max(20);
        let mut current = String::new();
        for word in words.split(' ') {
            let taken = current.chars().count();
            if taken > 0 && taken + 1 + word.chars().count() > room {
                lines.push(format!("{margin}{current}"));
                current.clear();
            } else if taken > 0 {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(format!("{margin}{current}").trim_end().to_owned());
    }
    lines.join("\n")
}

/// A length of time for people, in two units at the most: `4m`, `11m 40s`, `1h 5m`.
pub(super) fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = match (hours, minutes) {
        (0, 0) => vec![(seconds, "s")],
        (0, _) => vec![(minutes, "m"), (seconds, "s")],
        _ => vec![(hours, "h"), (minutes, "m")],
    };
    let first = parts[0];
    let rest = parts[1..].iter().filter(|(amount, _)| *amount > 0);
    let words = std::iter::once(&first).chain(rest).map(|(amount, unit)| format!("{amount}{unit}"));
    words.collect::<Vec<_>>().join(" ")
}

/// `1 hint`, `2 hints`, `no hint`.
pub(super) fn counted(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}"),
        1 => format!("1 {thing}"),
        more => format!("{more} {thing}s"),
    }
}

/// A word as a shell takes it.
pub(super) fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_have_two_units_at_the_most() {
        for (millis, text) in [
            (-5, "0s"),
            (999, "0s"),
            (40_000, "40s"),
            (240_000, "4m"),
            (700_000, "11m 40s"),
            (3_600_000, "1h"),
            (3_900_999, "1h 5m"),
        ] {
            assert_eq!(length(millis), text);
        }
    }

    #[test]
    fn lines_are_folded_under_their_beginning() {
        let text = format!("short\n  ana  {}", "word ".repeat(30));
        let folded = folded(&text, 2);
        let lines: Vec<&str> = folded.lines().collect();
        assert_eq!(lines[0], "  short");
        assert!(lines[1].starts_with("    ana  word word"));
        assert!(lines[2].starts_with("    word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{folded}");
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(shell_word("../our/outage.toml"), "../our/outage.toml");
        assert_eq!(shell_word("our outage's.toml"), r"'our outage'\''s.toml'");
        assert_eq!(shell_word(""), "''");
    }

    proptest! {
        #[test]
        fn folding_loses_no_word(words in proptest::collection::vec("[a-zé]{1,100}", 0..60), indent in 0_usize..12) {
            let text = words.join(" ");
            let folded = folded(&text, indent);
            prop_assert_eq!(folded.split_whitespace().collect::<Vec<_>>(), words);
        }
    }
}
