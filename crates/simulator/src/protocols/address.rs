//! What a request's address asks for: the parts of its path, and the pairs of its query.

use hyper::Uri;

/// Both, with nothing percent-encoded any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The path's parts, without the slash that it begins with.
    pub(super) path: Vec<String>,
    query: Vec<(String, String)>,
}

impl Address {
    pub(super) fn of(uri: &Uri) -> Address {
        let path = uri.path().trim_start_matches('/');
        let path = match path {
            "" => Vec::new(),
            path => path.split('/').map(|part| decoded(part, false)).collect(),
        };
        let query = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        };
        Address { path, query: query.map(pair).collect() }
    }

    /// The path's parts as texts.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// What the query says of this name, if it says anything.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether the query has this name at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// What it says of this name, taken apart at its commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let said = self.get(name).unwrap_or_default();
        said.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
    }
}

fn decoded(text: &str, plus_is_space: bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let hexadecimal = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = tail;
        match (byte, hexadecimal) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                rest = &tail[2..];
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            (other, _) => out.push(*other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A text as it stands in a query: everything but letters, digits and `-._~` is percent-encoded.
pub(super) fn encoded(text: &str, keep: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(character) || keep.contains(character) {
            out.push(character);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_taken_to_its_parts() {
        let uri =
            "/state/env%3A/a%2Fb/x.tfstate?page%5Bsize%5D=5&versions&include=plan%2Capply&q=a+b%";
        let address = Address::of(&uri.parse().unwrap());
        assert_eq!(address.parts(), ["state", "env:", "a/b", "x.tfstate"]);
        assert_eq!(address.get("page[size]"), Some("5"));
        assert!(address.has("versions") && !address.has("version"));
        assert_eq!(address.list("include"), ["plan", "apply"]);
        assert_eq!(address.get("q"), Some("a b%"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(text: String) {
            prop_assert_eq!(decoded(&encoded(&text, ""), true), text);
        }
    }
}
