//! Names from outside, as names of files.

use sha2::{Digest, Sha256};

/// The name of a file that stands for `name` and for no other name, wherever it comes from.
///
/// Lower-case letters, digits, `-` and `_` stay, every other byte is written as `%XX`. So the result is never a
/// path (`/`, `\`), never `.` or `..`, never hidden, and two names do not meet in one file on a disk that
/// does not tell upper case from lower. The empty name is a lone `%`. A name that would be too long for a disk is
/// its beginning, `%%` and a hash of all of it.
pub(crate) fn component(name: &str) -> String {
    if name.is_empty() {
        return "%".into();
    }
    let whole: String = name.bytes().map(escaped).collect();
    if whole.len() <= LONGEST {
        return whole;
    }
    let hash = Sha256::digest(name.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}%%{hex}", &whole[..BEGINNING])
}

/// Names of files have at most 255 bytes; an ending may follow.
const LONGEST: usize = 200;
/// What people may know a long name by.
const BEGINNING: usize = 100;

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).into(),
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["000000000000", "eu-west-1", "incident-8", "log_groups"] {
            assert_eq!(component(name), name);
        }
    }

    #[test]
    fn no_name_leads_anywhere_else() {
        assert_eq!(component(".."), "%2E%2E");
        assert_eq!(component("/etc/passwd"), "%2Fetc%2Fpasswd");
        assert_eq!(component("a\\b\0"), "a%5Cb%00");
        assert_eq!(component(""), "%");
    }

    #[test]
    fn long_names_are_short_files_of_their_own() {
        let long = "A".repeat(255);
        let other = format!("{}b", "A".repeat(254));
        let [one, two] = [component(&long), component(&other)];
        assert!(one.len() <= LONGEST && one != two && one.starts_with("%41%41"), "{one}");
        assert_eq!(component(&"a".repeat(200)).len(), 200);
    }

    proptest! {
        #[test]
        fn every_name_is_one_plain_file_name(name: String) {
            let component = component(&name);
            prop_assert!(!component.is_empty());
            prop_assert!(component.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_%".contains(&byte)));
        }

        #[test]
        fn different_names_are_different_files_on_any_disk(one in "[a-bA-B%./]{0,4}", other in "[a-bA-B%./]{0,4}") {
            let same = component(&one).eq_ignore_ascii_case(&component(&other));
            prop_assert_eq!(same, one == other);
        }
    }
}
