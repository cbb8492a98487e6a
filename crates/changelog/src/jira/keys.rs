//! Ticket keys in commit messages, branches, tags and titles (pure).

use std::collections::BTreeSet;

/// Longer texts are read so far: a key that matters stands at the front of its message.
const LONGEST_TEXT: usize = 64 * 1024;
/// More keys than this are a list of something, and no tickets of one change.
const MOST_KEYS: usize = 50;

/// What is written like a key and is none: standards, ciphers, encodings and registers of weaknesses.
const NO_PROJECTS: &[&str] = &[
    "AES", "AL", "ARM", "BASE", "BCP", "BLAKE2", "CIS", "COVID", "CP", "CRC", "CVE", "CWE", "DES",
    "EC", "ECDSA", "ED", "EN", "ES", "FIPS", "GHSA", "GMT", "GPT", "H", "HMAC", "HTTP", "HTTPS",
    "IEC", "IEEE", "IPV", "ISO", "JSR", "KOI8", "LATIN", "MD", "MP", "NIST", "P", "PBKDF2", "PCI",
    "PEP", "PKCS", "PS", "RFC", "RHEL", "RHSA", "RS", "RSA", "SAML", "SHA", "SHA1", "SHA2", "SHA3",
    "SOC", "SP", "SSE", "SSL", "STD", "TLS", "TLSV1", "UCS", "USN", "UTC", "UTF", "WIN", "WINDOWS",
    "X",
];

/// The projects whose keys are tickets, as the configuration lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projects(BTreeSet<String>);

impl Projects {
    /// The projects of a list, whichever way they are spelled. An empty list knows no project, and then every
    /// key that looks like one may be a ticket.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().trim().to_ascii_uppercase());
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    /// Whether any project is listed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The ticket keys of a text in capitals, in their order, each once.
///
/// With listed projects, theirs only, in any spelling, also within the name of a branch (`ops-12-fix`).
/// Without, what is written in capitals and stands alone, except what is known to be none (`UTF-8`): whether
/// it is a ticket, Jira has to say.
pub fn ticket_keys(text: &str, projects: &Projects) -> Vec<String> {
    let end = (0..=LONGEST_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    let text = &text[..end.unwrap_or(0)];
    let mut keys: Vec<String> = Vec::new();
    for candidate in candidates(text) {
        if keys.len() == MOST_KEYS {
            break;
        }
        if let Some(key) = candidate.key(projects).filter(|key| !keys.contains(key)) {
            keys.push(key);
        }
    }
    keys
}

/// A word, a dash and a number.
struct Candidate<'a> {
    /// What stands before the word, where that is a dash.
    after_dash: bool,
    project: &'a str,
    number: &'a str,
    /// What stands behind the number.
    behind: &'a str,
}

fn candidates(text: &str) -> impl Iterator<Item = Candidate<'_>> {
    text.match_indices('-').map(move |(dash, _)| {
        let before = &text[..dash];
        let start = before
            .rfind(|c: char| !is_of_word(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        let after = &text[dash + 1..];
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        Candidate {
            after_dash: before[..start].ends_with('-'),
            project: &before[start..],
            number: &after[..digits],
            behind: &after[digits..],
        }
    })
}

/// Letters of all scripts: an `é` before a key is a part of its word.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Candidate<'_> {
    fn key(&self, projects: &Projects) -> Option<String> {
        let project = self.project.to_ascii_uppercase();
        let is_project = project.len() >= 2
            && project.starts_with(|c: char| c.is_ascii_uppercase())
            && project.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
        let is_number = (1..=10).contains(&self.number.len()) && !self.number.starts_with('0');
        // A version (`OPS-1.2`), a date or a range (`OPS-2024-11`), a longer word.
        let goes_on = self.behind.starts_with(is_of_word)
            || self.goes_on_behind('.')
            || self.goes_on_behind('-');
        if !is_project || !is_number || goes_on {
            return None;
        }
        let is_ticket = match projects.is_empty() {
            false => projects.0.contains(&project),
            true => {
                let stands_alone = !self.after_dash && !self.behind.starts_with('-');
                stands_alone && project == self.project && !NO_PROJECTS.contains(&project.as_str())
            }
        };
        is_ticket.then(|| format!("{project}-{}", self.number))
    }

    fn goes_on_behind(&self, sign: char) -> bool {
        let behind = self.behind.strip_prefix(sign);
        behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any(text: &str) -> Vec<String> {
        ticket_keys(text, &Projects::default())
    }

    fn of_ops(text: &str) -> Vec<String> {
        ticket_keys(text, &Projects::new(["ops", "DATA_1"]))
    }

    #[test]
    fn keys_are_found_where_people_write_them() {
        assert_eq!(any("OPS-12 raise pool size"), ["OPS-12"]);
        assert_eq!(any("[OPS-12][DATA_1-7]: x, see (OPS-12)."), ["OPS-12", "DATA_1-7"]);
        assert_eq!(any("Merge feature/OPS-12 into main"), ["OPS-12"]);
        assert_eq!(any("https://jira.example/browse/OPS-12?x"), ["OPS-12"]);
    }

    #[test]
    fn standards_and_ciphers_are_no_tickets() {
        let text =
            "UTF-8 SHA-256 CVE-2024-1234 CVE-2024 TLS-1 TLS-1.2 ISO-8859-1 RFC-7231 AES-128 X-1";
        assert_eq!(any(text), Vec::<String>::new());
        assert_eq!(of_ops(text), Vec::<String>::new());
        assert_eq!(ticket_keys("TLS-1", &Projects::new(["TLS"])), ["TLS-1"], "a list is believed");
    }

    #[test]
    fn what_only_looks_like_a_key_is_none() {
        for text in [
            "OPS-0",
            "OPS-012",
            "OPS-12345678901",
            "ops-12",
            "Ops-12",
            "1OPS-12",
            "O-1",
            "xOPS-12",
            "OPS-12x",
            "OPS-12_3",
            "OPS-12-fix",
            "fix-OPS-12",
            "OPS-1.2",
            "ÄOPS-12",
            "OPS--1",
            "OPS-",
        ] {
            assert_eq!(any(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn listed_projects_are_found_in_branches_and_in_small_letters() {
        assert_eq!(of_ops("feature/ops-12-raise-pool"), ["OPS-12"]);
        assert_eq!(of_ops("fix-OPS-12"), ["OPS-12"]);
        assert_eq!(of_ops("Ops-12, data_1-3"), ["OPS-12", "DATA_1-3"]);
        assert_eq!(of_ops("release-2024-11 v1-2 web-3 MY_OPS-4"), Vec::<String>::new());
        assert_eq!(of_ops("ops-2024-11-05"), Vec::<String>::new());
    }

    #[test]
    fn long_texts_and_long_lists_end() {
        let many: String = (1..100).map(|n| format!("OPS-{n} ")).collect();
        assert_eq!(any(&many).len(), MOST_KEYS);
        let late = format!("{}OPS-1", "é".repeat(LONGEST_TEXT));
        assert_eq!(any(&late), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn a_key_is_found_between_any_signs(
            project in "OPS|DATA_1",
            number in 1_u32..1_000_000,
            before in "([a-z ]{0,9}[ (\\[/:#,])?",
            after in "([ )\\]/:,!?][a-z ]{0,9})?",
        ) {
            let key = format!("{project}-{number}");
            let text = format!("{before}{key}{after}");
            prop_assert_eq!(any(&text), [key.clone()]);
            prop_assert_eq!(of_ops(&text), [key.clone()]);
            prop_assert_eq!(of_ops(&text.to_lowercase()), [key]);
        }

        #[test]
        fn no_text_panics_and_all_that_is_found_is_written_there(text in ".{0,80}") {
            for key in any(&text) {
                prop_assert!(text.contains(&key));
            }
            for key in of_ops(&text) {
                prop_assert!(text.to_ascii_uppercase().contains(&key));
            }
        }

        #[test]
        fn a_list_finds_no_other_projects_key(text in "([A-Za-z_0-9]{1,4}-[0-9]{1,3}[-. ]?){0,9}") {
            for key in of_ops(&text) {
                prop_assert!(key.starts_with("OPS-") || key.starts_with("DATA_1-"));
            }
        }
    }
}
