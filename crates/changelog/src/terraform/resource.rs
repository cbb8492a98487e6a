//! What may be told of one resource: of its address, of the word for the reason, of the attributes that
//! differ.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::harmless::Rule;
use super::mask::Closed;
use crate::cut::cut;
use crate::record::{Action, ActionReason, Counts, ResourceChange};

/// The longest index key that is told in full, in characters.
const LONGEST_KEY: usize = 80;
/// The longest address.
const LONGEST_ADDRESS: usize = 1_000;
/// The longest name of a type or an attribute.
const LONGEST_NAME: usize = 80;
/// How many attributes are named.
const MOST_ATTRIBUTES: usize = 200;

/// The attributes of a resource, by name; their values as the text has them. It has no
/// `Debug`: the values are secrets.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The members of an object; none, where it is no object.
pub(super) fn fields(value: Option<&str>) -> Fields<'_> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Fields<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::with_capacity(32);
            while let Some(Name(name)) = map.next_key()? {
                fields.push((name, map.next_value()?));
            }
            Ok(fields)
        }
    }

    let Some(value) = value else { return Vec::new() };
    let mut fields =
        serde_json::Deserializer::from_str(value).deserialize_map(Members).unwrap_or_default();
    // Terraform writes them in this order.
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    fields
}

/// A key that is copied only where it has an escape in it.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// What a resource was and will be, and the masks over both.
pub(super) struct Sides<'a> {
    pub(super) before: Fields<'a>,
    pub(super) after: Fields<'a>,
    /// Where either side is sensitive, or not known.
    pub(super) closed: Closed,
    /// Where the new side is not known yet: it counts as changing.
    pub(super) unknown: Closed,
}

impl Sides<'_> {
    /// The names of the attributes that differ. An attribute that is null and one that is absent are
    /// the same.
    pub(super) fn differing(&self) -> BTreeSet<&str> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for (side, other) in [(&self.before, &self.after), (&self.after, &self.before)] {
            let differ = side.iter().filter(|(name, value)| value.get() != text(other, name));
            names.extend(differ.map(|(name, _)| name.as_ref()));
        }
        match self.unknown.attributes() {
            Some(unknown) => names.extend(unknown),
            None => names.extend(self.after.iter().map(|(name, _)| name.as_ref())),
        }
        names
    }

    /// Every attribute that may hold something to tell: for what is made or destroyed as a whole.
    pub(super) fn told(&self, rule: &Rule<'_>) -> BTreeSet<&str> {
        let names = self.before.iter().chain(&self.after).map(|(name, _)| name.as_ref());
        names.filter(|name| rule.knows(name)).collect()
    }
}

/// The text of an attribute's value.
fn text<'a>(fields: &Fields<'a>, name: &str) -> &'a str {
    let found = fields.binary_search_by(|(other, _)| other.as_ref().cmp(name));
    found.map_or("null", |at| fields[at].1.get())
}

/// Resources, as many as a record may have, and all of them counted.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) kept: Vec<ResourceChange>,
    pub(super) left_out: u64,
    pub(super) counts: Counts,
}

impl Resources {
    /// Counts a resource, and makes its change where there is room for it.
    pub(super) fn add(&mut self, action: Action, change: impl FnOnce() -> ResourceChange) {
        self.counts.count(action);
        if self.kept.len() < ResourceChange::MOST {
            self.kept.push(change());
        } else {
            self.left_out += 1;
        }
    }
}

/// Names of attributes as a record has them.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().take(MOST_ATTRIBUTES).map(name).collect()
}

/// The name of a type or of an attribute, cut.
pub(super) fn name(name: &str) -> String {
    cut(name, LONGEST_NAME)
}

/// The address of a resource, with its index keys cut.
pub(super) fn address(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    // How many characters of a key were seen, inside of one.
    let mut key: Option<usize> = None;
    let mut escaped = false;
    for c in address.chars() {
        let Some(length) = &mut key else {
            if c == '"' {
                key = Some(0);
            }
            out.push(c);
            continue;
        };
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        if ends {
            key = None;
            out.push(c);
            continue;
        }
        *length += 1;
        match (*length).cmp(&(LONGEST_KEY + 1)) {
            std::cmp::Ordering::Less => out.push(c),
            std::cmp::Ordering::Equal => out.push('…'),
            std::cmp::Ordering::Greater => {}
        }
    }
    cut(&out, LONGEST_ADDRESS)
}

/// A version as it may be told: `1.2`, `1.11.4`, `1.12.0-beta1`. Anything else is none.
pub(super) fn version(text: &str) -> Option<String> {
    let is_number =
        |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = text.splitn(3, '.');
    let (major, minor, rest) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    let fits = is_number(major)
        && is_number(minor)
        && rest.len() <= 24
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    fits.then(|| text.to_owned())
}

/// Terraform's word for why it does something: that of a plan, or the shorter one of its JSON lines.
/// What it is not known to say is not repeated.
pub(super) fn reason(word: &str) -> Option<ActionReason> {
    Some(match word {
        "replace_because_tainted" | "tainted" => ActionReason::ReplaceBecauseTainted,
        "replace_because_cannot_update" | "cannot_update" => {
            ActionReason::ReplaceBecauseCannotUpdate
        }
        "replace_by_request" | "requested" => ActionReason::ReplaceByRequest,
        "replace_by_triggers" | "replace_triggered_by" => ActionReason::ReplaceByTriggers,
        "delete_because_no_resource_config" => ActionReason::DeleteBecauseNoResourceConfig,
        "delete_because_no_module" => ActionReason::DeleteBecauseNoModule,
        "delete_because_wrong_repetition" => ActionReason::DeleteBecauseWrongRepetition,
        "delete_because_count_index" => ActionReason::DeleteBecauseCountIndex,
        "delete_because_each_key" => ActionReason::DeleteBecauseEachKey,
        "delete_because_no_move_target" => ActionReason::DeleteBecauseNoMoveTarget,
        "read_because_config_unknown" => ActionReason::ReadBecauseConfigUnknown,
        "read_because_dependency_pending" => ActionReason::ReadBecauseDependencyPending,
        "read_because_check_nested" => ActionReason::ReadBecauseCheckNested,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn differing(before: &str, after: &str, unknown: &str) -> Vec<String> {
        let mut sides = Sides {
            before: fields(Some(before)),
            after: fields(Some(after)),
            closed: Closed::default(),
            unknown: Closed::default(),
        };
        sides.unknown.add_mask(Some(unknown));
        names(sides.differing())
    }

    #[test]
    fn attributes_differ_by_their_text() {
        assert_eq!(
            differing(r#"{"a":1,"b":[1],"c":"x"}"#, r#"{"a":1,"b":[2],"d":"x"}"#, "{}"),
            ["b", "c", "d"]
        );
    }

    #[test]
    fn null_and_absent_are_the_same() {
        assert!(differing(r#"{"a":null,"b":1}"#, r#"{"b":1,"c":null}"#, "{}").is_empty());
    }

    #[test]
    fn what_is_not_known_yet_counts_as_changing() {
        let unknown = r#"{"id":true,"triggers":[false],"tags":{"x":true}}"#;
        assert_eq!(differing(r#"{"id":"i"}"#, "{}", unknown), ["id", "tags"]);
        assert_eq!(differing("null", r#"{"a":1}"#, "true"), ["a"]);
    }

    #[test]
    fn index_keys_are_cut_wherever_they_stand() {
        assert_eq!(address(r#"module.m["a"].aws_x.y[0]"#), r#"module.m["a"].aws_x.y[0]"#);
        let long = "k".repeat(81);
        assert_eq!(
            address(&format!(r#"m["{long}"].y["b"]"#)),
            format!(r#"m["{}…"].y["b"]"#, "k".repeat(80))
        );
        let quoted = format!(r#"y["\"{}"]"#, "k".repeat(100));
        assert_eq!(address(&quoted), format!(r#"y["\"{}…"]"#, "k".repeat(78)));
    }

    #[test]
    fn only_words_that_terraform_is_known_to_say_are_reasons() {
        assert_eq!(reason("cannot_update"), Some(ActionReason::ReplaceBecauseCannotUpdate));
        assert_eq!(reason("because the password is hunter2"), None);
    }

    #[test]
    fn only_what_looks_like_a_version_is_one() {
        for text in ["1.2", "1.11.4", "1.12.0-beta1", "1.15.0-alpha20251119"] {
            assert_eq!(version(text).as_deref(), Some(text));
        }
        for text in ["", "700100434", "hunter2", "1", "12345.1", "1.2 hunter", "1.x"] {
            assert_eq!(version(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_of_the_reasons_is_read_back_as_itself(at in 0usize..13) {
            use ActionReason as R;
            let all = [R::ReplaceBecauseTainted, R::ReplaceBecauseCannotUpdate, R::ReplaceByRequest, R::ReplaceByTriggers,
                R::DeleteBecauseNoResourceConfig, R::DeleteBecauseNoModule, R::DeleteBecauseWrongRepetition,
                R::DeleteBecauseCountIndex, R::DeleteBecauseEachKey, R::DeleteBecauseNoMoveTarget,
                R::ReadBecauseConfigUnknown, R::ReadBecauseDependencyPending, R::ReadBecauseCheckNested];
            let word = serde_json::to_string(&all[at]).unwrap();
            prop_assert_eq!(reason(word.trim_matches('"')), Some(all[at]));
        }

        #[test]
        fn no_key_comes_through_in_full_when_it_is_long(key in r"[a-z]{81,200}", text in any::<String>()) {
            let cut = address(&format!("a.b[\"{key}\"]"));
            prop_assert!(!cut.contains(&key), "{}", cut);
            prop_assert!(address(&text).chars().count() <= LONGEST_ADDRESS + 1);
        }
    }
}
