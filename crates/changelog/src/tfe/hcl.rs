//! The blocks of credentials in Terraform's own configuration file, out of just as much HCL as that takes
//! (pure).

use http::Secret;

/// What the file is made of, as far as it matters here.
#[derive(Debug, PartialEq)]
enum Piece {
    Word(String),
    Text(String),
    Sign(char),
}

/// The hosts and tokens of `credentials "HOST" { token = "…" }`, in their order.
pub(super) fn credentials(text: &str) -> Vec<(String, Secret)> {
    let pieces = pieces(text);
    let mut found = Vec::new();
    let mut depth = 0_u32;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Sign('{') => depth += 1,
            Piece::Sign('}') => depth = depth.saturating_sub(1),
            Piece::Word(word) if word == "credentials" && depth == 0 => {
                found.extend(block(&pieces[at + 1..]));
            }
            _ => {}
        }
    }
    found
}

/// The host and the token of the block that begins here.
fn block(pieces: &[Piece]) -> Option<(String, Secret)> {
    let [Piece::Text(host), Piece::Sign('{'), rest @ ..] = pieces else { return None };
    let end = rest.iter().position(|piece| *piece == Piece::Sign('}')).unwrap_or(rest.len());
    let token = rest[..end].windows(3).find_map(|window| match window {
        [Piece::Word(key) | Piece::Text(key), Piece::Sign('='), Piece::Text(token)]
            if key == "token" =>
        {
            Some(token)
        }
        _ => None,
    })?;
    Some((host.clone(), Secret::new(token)))
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '#' => after_line(after),
            '/' if after.starts_with('/') => after_line(after),
            '/' if after.starts_with('*') => {
                after.split_once("*/").map_or("", |(_, behind)| behind)
            }
            '"' => {
                let (text, behind) = quoted(after);
                pieces.push(Piece::Text(text));
                behind
            }
            letter if is_of_word(letter) => {
                let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
                pieces.push(Piece::Word(rest[..end].to_owned()));
                &rest[end..]
            }
            space if space.is_whitespace() => after,
            sign => {
                pieces.push(Piece::Sign(sign));
                after
            }
        };
    }
    pieces
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn after_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, behind)| behind)
}

/// The text up to the closing quote, and what stands behind it.
fn quoted(text: &str) -> (String, &str) {
    let mut read = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (read, &text[at + 1..]),
            '\\' => read.extend(characters.next().map(|(_, escaped)| escaped)),
            other => read.push(other),
        }
    }
    (read, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_found_between_comments_and_other_settings() {
        let text = r#"
            # credentials "no.example" { token = "no" }
            plugin_cache_dir = "$HOME/.terraform.d" // credentials
            provider_installation { credentials "inner.example" { token = "no" } }
            /* credentials "no.example" { token = "no" } */
            credentials "one.example" { token = "a\"b" }
            credentials "two.example" {
              other = "x"
              token = "c" # the token
            }
            credentials "three.example" { }
        "#;
        let found = credentials(text);
        assert_eq!(
            found,
            [
                ("one.example".to_owned(), Secret::new("a\"b")),
                ("two.example".to_owned(), Secret::new("c")),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(credentials|\"|\\{|\\}|token|=|/\\*|\\\\|é|\n|.){0,40}") {
            credentials(&text);
        }
    }
}
