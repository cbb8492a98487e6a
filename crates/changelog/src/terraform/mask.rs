//! The paths of a resource at which a mask stands: `before_sensitive`, `after_sensitive` and
//! `after_unknown` of a plan, `sensitive_attributes` of a state.
//!
//! A path is written as `ingress[].cidr_blocks`: the elements of a list or a set share one path, so that
//! a mask on one of them stands on all. (The elements of a set have no lasting place.) What cannot be
//! understood is a mask, and so is a mask that is not there.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Paths, each closed with all that is below it.
#[derive(Default)]
pub(super) struct Closed(BTreeSet<String>);

impl Closed {
    /// Adds a mask of a plan: `true`, or a structure that has `true` in the place of what it masks. What
    /// it does not mention is open.
    pub(super) fn add_mask(&mut self, mask: Option<&str>) {
        // The attributes of a resource are no list: such a mask is for something else.
        let of_resource = mask.filter(|mask| !mask.starts_with('['));
        let understood = of_resource.is_some_and(|mask| {
            let walk = Walk { path: String::new(), closed: &mut self.0 };
            walk.deserialize(&mut serde_json::Deserializer::from_str(mask)).is_ok()
        });
        if !understood {
            self.0.insert(String::new());
        }
    }

    /// Adds the masks of an instance in a state: a list of paths.
    ///
    /// The value of an attribute without a fixed type is wrapped as `{"value": …, "type": …}`, and the paths do
    /// not say so; one with a step `value` in it may mean either, so it closes both.
    pub(super) fn add_paths(&mut self, paths: Option<&RawValue>) {
        let paths =
            paths.and_then(|paths| serde_json::from_str::<Vec<&RawValue>>(paths.get()).ok());
        let Some(paths) = paths else {
            self.0.insert(String::new());
            return;
        };
        for path in paths {
            // A step that is not understood ends the path: it closes more then, never less.
            let steps: Vec<&RawValue> = serde_json::from_str(path.get()).unwrap_or_default();
            let steps =
                steps.iter().map_while(|step| serde_json::from_str::<PathStep>(step.get()).ok());
            let (mut literal, mut unwrapped) = (String::new(), String::new());
            for PathStep(step) in steps {
                append(&mut literal, step.as_deref());
                if step.as_deref() != Some("value") {
                    append(&mut unwrapped, step.as_deref());
                }
            }
            self.0.extend([literal, unwrapped]);
        }
    }

    /// Whether a mask stands on a path or above it.
    pub(super) fn covers(&self, path: &str) -> bool {
        let ends = path.match_indices(['.', '[']).map(|(at, _)| at);
        self.0.contains("")
            || self.0.contains(path)
            || ends.into_iter().any(|end| self.0.contains(&path[..end]))
    }

    /// Whether a mask stands on a path itself: a broken rule for the tests to tell from the right one.
    #[cfg(test)]
    pub(super) fn covers_exactly(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// The top-level attributes that have a mask on them or within; `None` where it stands on the whole.
    pub(super) fn attributes(&self) -> Option<BTreeSet<&str>> {
        let names = self.0.iter().map(|path| path.split(['.', '[']).next().unwrap_or_default());
        (!self.0.contains("")).then(|| names.collect())
    }
}

/// Adds a step to a path: the name of an attribute or a key, or an element of a list or a set.
pub(super) fn append(path: &mut String, name: Option<&str>) {
    match name {
        Some(name) => {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(name);
        }
        None => path.push_str("[]"),
    }
}

/// Walks a mask and writes down where it is closed.
struct Walk<'a> {
    path: String,
    closed: &'a mut BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a mask")
    }

    fn visit_bool<E: Error>(self, closed: bool) -> Result<(), E> {
        if closed {
            self.closed.insert(self.path);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let mut path = self.path.clone();
            append(&mut path, Some(&key));
            map.next_value_seed(Walk { path, closed: self.closed })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut path = self.path;
        append(&mut path, None);
        while seq.next_element_seed(Walk { path: path.clone(), closed: self.closed })?.is_some() {}
        Ok(())
    }

    // What is no mask at all closes the place where it stands.
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.visit_bool(true)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.visit_bool(true)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.visit_bool(true)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_bool(true)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_bool(true)
    }
}

/// One step of a path in a state: a name, or `None` for an element.
/// `{"type":"get_attr","value":"input"}`, `{"type":"index","value":{"value":0,"type":"number"}}`.
struct PathStep(Option<String>);

impl<'de> Deserialize<'de> for PathStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Step<'a> {
            #[serde(rename = "type")]
            kind: String,
            #[serde(borrow)]
            value: &'a RawValue,
        }
        #[derive(Deserialize)]
        struct Index<'a> {
            #[serde(borrow)]
            value: &'a RawValue,
        }
        let step = Step::deserialize(deserializer)?;
        let value = match step.kind.as_str() {
            "get_attr" => step.value,
            "index" => {
                // Older versions wrote the key itself.
                match serde_json::from_str::<Index<'_>>(step.value.get()) {
                    Ok(index) => index.value,
                    Err(_) => step.value,
                }
            }
            _ => return Err(Error::custom("an unknown step")),
        };
        if let Ok(name) = serde_json::from_str::<String>(value.get()) {
            return Ok(Self(Some(name)));
        }
        match serde_json::from_str::<f64>(value.get()) {
            Ok(_) if step.kind == "index" => Ok(Self(None)),
            _ => Err(Error::custom("an unknown step")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(text: &str) -> Closed {
        let mut closed = Closed::default();
        closed.add_mask(Some(text));
        closed
    }

    fn paths(text: &str) -> Closed {
        let mut closed = Closed::default();
        closed.add_paths(Some(serde_json::from_str(text).unwrap()));
        closed
    }

    #[test]
    fn a_mask_covers_its_path_and_what_is_below() {
        let closed = mask(r#"{"input":{"password":true,"image":false},"rule":[{},{"port":true}]}"#);
        assert!(closed.covers("input.password"));
        assert!(closed.covers("input.password.port"));
        assert!(closed.covers("rule[].port"));
        assert!(!closed.covers("input.image"));
        assert!(!closed.covers("input"));
        assert!(!closed.covers("rule[].weight"));
        assert!(!closed.covers("input.password_length"));
        assert_eq!(closed.attributes().unwrap(), BTreeSet::from(["input", "rule"]));
    }

    #[test]
    fn a_mask_on_the_whole_covers_everything() {
        assert!(mask("true").covers("port"));
        assert!(mask("true").attributes().is_none());
        assert!(!mask("false").covers("port"));
        assert!(mask("{\"listener\":true}").covers("listener[].port"));
    }

    #[test]
    fn what_is_no_mask_closes_the_place() {
        for strange in ["\"false\"", "0", "1.5", "null", "-3"] {
            assert!(mask(&format!("{{\"port\":{strange}}}")).covers("port"), "{strange}");
        }
        assert!(mask(r#"[{"port":false}]"#).covers("port"));
        let mut absent = Closed::default();
        absent.add_mask(None);
        assert!(absent.covers("port"));
        let deep = format!("{}true{}", "[".repeat(500), "]".repeat(500));
        assert!(mask(&deep).covers("port"));
    }

    #[test]
    fn the_paths_of_a_state_are_read_as_terraform_writes_them() {
        let closed = paths(
            r#"[[{"type":"get_attr","value":"input"},{"type":"get_attr","value":"password"}],
                [{"type":"get_attr","value":"rule"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"port"}],
                [{"type":"get_attr","value":"tags"},{"type":"index","value":{"value":"key","type":"string"}}]]"#,
        );
        assert!(closed.covers("input.password"));
        assert!(closed.covers("rule[].port"));
        assert!(closed.covers("tags.key"));
        assert!(!closed.covers("input.image"));
        assert!(!closed.covers("rule[].weight"));
        assert!(!paths("[]").covers("port"));
    }

    #[test]
    fn a_step_named_value_may_be_the_wrapping_of_an_untyped_attribute() {
        let step = |name: &str| format!(r#"{{"type":"get_attr","value":"{name}"}}"#);
        let closed = paths(&format!("[[{},{},{}]]", step("input"), step("value"), step("image")));
        assert!(closed.covers("input.image"));
        assert!(closed.covers("input.value.image"));
    }

    #[test]
    fn a_path_that_is_not_understood_closes_all_that_it_may_mean() {
        assert!(
            paths(r#"[[{"type":"get_attr","value":"rule"},{"type":"splat"}]]"#)
                .covers("rule[].port")
        );
        assert!(paths(r#"["input.password"]"#).covers("port"));
        assert!(paths(r#"{"input":true}"#).covers("port"));
        let mut absent = Closed::default();
        absent.add_paths(None);
        assert!(absent.covers("port"));
    }
}
