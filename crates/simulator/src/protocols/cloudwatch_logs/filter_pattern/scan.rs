//! The small tokens that all kinds of pattern are made of.

/// A place in a pattern.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text.trim_start() }
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    /// Whether what was just read ends here.
    pub(super) fn at_gap(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(char::is_whitespace)
    }

    /// Whether this symbol is next.
    pub(super) fn is_next(&self, symbol: &str) -> bool {
        self.rest.starts_with(symbol)
    }

    /// Reads this symbol, if it is next.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads this symbol after any space.
    pub(super) fn eat_spaced(&mut self, symbol: &str) -> bool {
        self.rest = self.rest.trim_start();
        self.eat(symbol)
    }

    /// Reads characters of a kind; `None` when there is not one.
    pub(super) fn take(&mut self, kind: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.rest.find(|c| !kind(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!taken.is_empty()).then_some(taken)
    }

    /// Reads letters, digits and underscores.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.take(is_word)
    }

    /// Reads a phrase in double quotes, with `\"` and `\\` inside. Outer `None`: there is no quote here;
    /// inner `None`: it is never closed.
    #[allow(clippy::option_option, reason = "absent and broken are different")]
    pub(super) fn quoted(&mut self) -> Option<Option<String>> {
        let mut chars = self.rest.strip_prefix('"')?.char_indices();
        let mut phrase = String::new();
        while let Some((place, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[place + 2..];
                    return Some(Some(phrase));
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => phrase.push(escaped),
                    Some((_, other)) => {
                        phrase.push('\\');
                        phrase.push(other);
                    }
                    None => return Some(None),
                },
                other => phrase.push(other),
            }
        }
        Some(None)
    }
}
