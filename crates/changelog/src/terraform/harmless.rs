//! The values that may be told: which they are, and how they are found.
//!
//! Three things have to hold. The name is on the list, and so are the names of all that it stands in: a
//! map with keys of somebody's own choice (environment variables, tags) is on no list. No mask stands on
//! the path or above it. And the value looks as such a value does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::value::RawValue;

use super::mask::{Closed, append};
use super::resource::{Fields, fields};
use crate::record::ValueChange;

/// The longest list of values that is told in full.
const MOST_VALUES: usize = 20;

/// What may be told.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    /// The scalars, and how each looks.
    pub(super) scalars: &'a [Scalar<'a>],
    /// What such a scalar may stand in.
    pub(super) blocks: &'a [&'a str],
    /// Those of them that are JSON in a string.
    pub(super) texts: &'a [&'a str],
    /// Whether a mask forbids a path.
    pub(super) forbids: fn(&Closed, &str) -> bool,
}

/// A scalar that may be told.
#[derive(Clone, Copy)]
pub(super) struct Scalar<'a> {
    /// The name of the attribute, whatever the resource.
    pub(super) name: &'a str,
    /// Whether a value looks as one of these does.
    pub(super) fits: fn(&str) -> bool,
}

/// The one rule; tests break it to see what it holds back.
pub(super) const RULE: Rule<'static> = Rule {
    scalars: &[
        Scalar { name: "image", fits: is_image },
        Scalar { name: "image_uri", fits: is_image },
        Scalar { name: "image_tag", fits: is_word },
        Scalar { name: "desired_count", fits: is_number },
        Scalar { name: "instance_type", fits: is_word },
        Scalar { name: "engine_version", fits: is_word },
        Scalar { name: "min_capacity", fits: is_number },
        Scalar { name: "max_capacity", fits: is_number },
        Scalar { name: "desired_capacity", fits: is_number },
        Scalar { name: "min_size", fits: is_number },
        Scalar { name: "max_size", fits: is_number },
        Scalar { name: "desired_size", fits: is_number },
        Scalar { name: "memory", fits: is_number },
        Scalar { name: "memory_size", fits: is_number },
        Scalar { name: "cpu", fits: is_number },
        Scalar { name: "port", fits: is_number },
        Scalar { name: "from_port", fits: is_number },
        Scalar { name: "to_port", fits: is_number },
        Scalar { name: "priority", fits: is_number },
        Scalar { name: "weight", fits: is_number },
        Scalar { name: "cidr_block", fits: is_network },
        Scalar { name: "cidr_blocks", fits: is_network },
        Scalar { name: "ipv6_cidr_block", fits: is_network },
        Scalar { name: "ipv6_cidr_blocks", fits: is_network },
    ],
    // `output` of a terraform_data is none of these: it repeats `input` without its masks.
    blocks: &[
        "input",
        "container_definitions",
        "ingress",
        "egress",
        "scaling_config",
        "default_action",
        "action",
        "forward",
        "target_group",
        "spec",
        "template",
        "container",
        "init_container",
    ],
    texts: &["container_definitions"],
    forbids: Closed::covers,
};

impl Rule<'_> {
    /// The harmless values among some top-level attributes that differ.
    pub(super) fn values(
        &self,
        before: &Fields<'_>,
        after: &Fields<'_>,
        names: &BTreeSet<&str>,
        closed: &Closed,
    ) -> Vec<ValueChange> {
        let mut before = self.leaves(before, names, closed);
        let mut after = self.leaves(after, names, closed);
        let paths: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let changes = paths.into_iter().filter_map(|path| {
            let (old, new) = (before.remove(&path), after.remove(&path));
            let (old, new) = without_common(old.unwrap_or_default(), new.unwrap_or_default());
            let changed = !old.is_empty() || !new.is_empty();
            changed.then(|| ValueChange { path, before: listed(&old), after: listed(&new) })
        });
        changes.collect()
    }

    /// Whether a top-level attribute of this name may hold anything to tell.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.scalar(name).is_some() || self.blocks.contains(&name)
    }

    fn scalar(&self, name: &str) -> Option<&Scalar<'_>> {
        self.scalars.iter().find(|scalar| scalar.name == name)
    }

    fn leaves(
        &self,
        fields: &Fields<'_>,
        names: &BTreeSet<&str>,
        closed: &Closed,
    ) -> BTreeMap<String, Vec<String>> {
        let mut walk = Walk { rule: self, closed, path: String::new(), leaves: BTreeMap::new() };
        for (name, value) in fields.iter().filter(|(name, _)| names.contains(name.as_ref())) {
            walk.named(name, value);
        }
        walk.leaves
    }
}

struct Walk<'a> {
    rule: &'a Rule<'a>,
    closed: &'a Closed,
    path: String,
    leaves: BTreeMap<String, Vec<String>>,
}

impl Walk<'_> {
    fn named(&mut self, name: &str, value: &RawValue) {
        let above = self.path.len();
        append(&mut self.path, Some(name));
        if let Some(scalar) = self.rule.scalar(name) {
            self.scalar(scalar.fits, value);
        } else if self.rule.blocks.contains(&name) {
            self.block(value.get());
            if self.rule.texts.contains(&name)
                && let Ok(text) = serde_json::from_str::<String>(value.get())
            {
                self.block(text.trim_start());
            }
        }
        self.path.truncate(above);
    }

    /// A scalar, or a list of such.
    fn scalar(&mut self, fits: fn(&str) -> bool, value: &RawValue) {
        let above = self.path.len();
        if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            append(&mut self.path, None);
            elements.iter().for_each(|element| self.leaf(fits, element));
            self.path.truncate(above);
        } else {
            self.leaf(fits, value);
        }
    }

    fn leaf(&mut self, fits: fn(&str) -> bool, value: &RawValue) {
        let text = match value.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(value.get()).map(Cow::Owned).ok(),
            Some(b'-' | b'0'..=b'9') => Some(Cow::Borrowed(value.get())),
            _ => None,
        };
        let text = text.filter(|text| fits(text));
        if let Some(text) = text.filter(|_| !(self.rule.forbids)(self.closed, &self.path)) {
            self.leaves.entry(self.path.clone()).or_default().push(text.into_owned());
        }
    }

    /// What stands in an object, or in the objects of a list.
    fn block(&mut self, value: &str) {
        let above = self.path.len();
        match value.as_bytes().first() {
            Some(b'{') => {
                let fields = fields(Some(value));
                // An attribute without a fixed type, as a state wraps it.
                if let [(kind, _), (wrapped, inner)] = fields.as_slice()
                    && (kind.as_ref(), wrapped.as_ref()) == ("type", "value")
                {
                    return self.block(inner.get());
                }
                fields.iter().for_each(|(name, value)| self.named(name, value));
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
                append(&mut self.path, None);
                elements.iter().for_each(|element| self.block(element.get()));
                self.path.truncate(above);
            }
            _ => {}
        }
    }
}

/// Two lists without what is in both: the elements of a set have no place of their own, and those of a list
/// move when one is put before them.
fn without_common(mut old: Vec<String>, mut new: Vec<String>) -> (Vec<String>, Vec<String>) {
    old.retain(|text| match new.iter().position(|other| other == text) {
        Some(same) => {
            new.remove(same);
            false
        }
        None => true,
    });
    (old, new)
}

fn listed(texts: &[String]) -> Option<String> {
    let (first, rest) = texts.split_at(texts.len().min(MOST_VALUES));
    let more = if rest.is_empty() { String::new() } else { format!(", … {} more", rest.len()) };
    (!texts.is_empty()).then(|| first.join(", ") + &more)
}

/// `2`, `0.5`, `-1`: twelve characters are more than any of these need.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=12).contains(&text.len())
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `db.r6g.large`, `16.3-R2`.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// `registry:5000/team/web:1.4@sha256:…`. Nothing else may follow an `@`: `user:password@host` is none.
fn is_image(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let is_digest = |digest: &str| {
        digest
            .strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte))
        && !name.contains("//")
        && digest.is_none_or(is_digest)
}

/// `10.0.0.0/8`, `::/0`.
fn is_network(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok_and(|length| length <= 128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        before: &str,
        after: &str,
        mask: &str,
    ) -> Vec<(String, Option<String>, Option<String>)> {
        let (before, after) = (fields(Some(before)), fields(Some(after)));
        let names = before.iter().chain(&after).map(|(name, _)| name.as_ref()).collect();
        let mut closed = Closed::default();
        closed.add_mask(Some(mask));
        let values = RULE.values(&before, &after, &names, &closed);
        values.into_iter().map(|value| (value.path, value.before, value.after)).collect()
    }

    fn one(
        path: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Vec<(String, Option<String>, Option<String>)> {
        vec![(path.to_owned(), before.map(str::to_owned), after.map(str::to_owned))]
    }

    #[test]
    fn a_harmless_scalar_is_told_before_and_after() {
        let expected = one("desired_count", Some("2"), Some("4"));
        assert_eq!(told(r#"{"desired_count":2}"#, r#"{"desired_count":4}"#, "{}"), expected);
        assert_eq!(told(r#"{"desired_count":"2"}"#, r#"{"desired_count":4}"#, "{}"), expected);
        assert_eq!(told("{}", r#"{"port":80}"#, "{}"), one("port", None, Some("80")));
    }

    #[test]
    fn a_mask_on_the_path_or_above_it_holds_it_back() {
        let (before, after) =
            (r#"{"input":{"image":"a:1","port":1}}"#, r#"{"input":{"image":"a:2","port":1}}"#);
        assert_eq!(told(before, after, "{}"), one("input.image", Some("a:1"), Some("a:2")));
        for mask in [r#"{"input":{"image":true}}"#, r#"{"input":true}"#, "true"] {
            assert_eq!(told(before, after, mask), [], "{mask}");
        }
    }

    #[test]
    fn a_mask_on_one_element_holds_back_all() {
        let before = r#"{"ingress":[{"from_port":1},{"from_port":2}]}"#;
        let after = r#"{"ingress":[{"from_port":2},{"from_port":3}]}"#;
        assert_eq!(told(before, after, "{}"), one("ingress[].from_port", Some("1"), Some("3")));
        assert_eq!(told(before, after, r#"{"ingress":[{},{"from_port":true}]}"#), []);
    }

    #[test]
    fn a_map_with_keys_of_somebodys_choice_is_not_looked_into() {
        let secret = r#"{"environment":[{"variables":{"port":"1","image":"hunter2"}}],"tags":{"image":"x"}}"#;
        assert_eq!(told("{}", secret, "{}"), []);
        assert_eq!(told("{}", r#"{"input":{"variables":{"image":"hunter2"}}}"#, "{}"), []);
        assert_eq!(told("{}", r#"{"output":{"image":"hunter2"}}"#, "{}"), []);
    }

    #[test]
    fn the_images_of_container_definitions_are_told_and_their_environment_is_not() {
        let definition = |image: &str| {
            let containers = format!(
                r#"[{{"name":"web","image":"{image}","environment":[{{"name":"image","value":"hunter2"}}],"cpu":256}}]"#
            );
            serde_json::json!({"container_definitions": containers}).to_string()
        };
        assert_eq!(
            told(&definition("r/web:1"), &definition("r/web:2"), "{}"),
            one("container_definitions[].image", Some("r/web:1"), Some("r/web:2"))
        );
        let masked = told(
            &definition("r/web:1"),
            &definition("r/web:2"),
            r#"{"container_definitions":true}"#,
        );
        assert_eq!(masked, []);
    }

    #[test]
    fn what_does_not_look_like_such_a_value_is_held_back() {
        for strange in [
            r#"{"image":"https://user:hunter2@host/x"}"#,
            r#"{"image":"user:hunter2@host/x"}"#,
            r#"{"port":"hunter2"}"#,
            r#"{"port":1234567890123}"#,
            r#"{"cidr_blocks":["hunter2/8"]}"#,
            r#"{"instance_type":"hunter 2"}"#,
            r#"{"engine_version":{"port":"hunter2"}}"#,
            r#"{"memory":true}"#,
        ] {
            assert_eq!(told("{}", strange, "{}"), [], "{strange}");
        }
        let networks = r#"{"cidr_blocks":["10.0.0.0/8","::/0"]}"#;
        assert_eq!(
            told("{}", networks, "{}"),
            one("cidr_blocks[]", None, Some("10.0.0.0/8, ::/0"))
        );
        let digest = format!("r:5000/web:1@sha256:{}", "0a".repeat(32));
        assert_eq!(
            told("{}", &format!(r#"{{"image":"{digest}"}}"#), "{}"),
            one("image", None, Some(&digest))
        );
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let networks: Vec<String> = (0..25).map(|n| format!("10.{n}.0.0/16")).collect();
        let after = serde_json::json!({"cidr_blocks": networks}).to_string();
        assert!(
            told("{}", &after, "{}")[0].2.as_ref().unwrap().ends_with("10.19.0.0/16, … 5 more")
        );
    }
}
