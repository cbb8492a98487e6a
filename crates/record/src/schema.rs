//! The kinds of records, and the JSON Schema of each. They are written by hand, as docs/records.md is;
//! a test below holds one against the other, and tests/peers/test_schema.py holds them against what
//! the commands print.

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The value of `kind`.
    pub name: &'static str,
    /// The JSON Schema of its records.
    pub schema: &'static str,
}

/// Every kind, in the order of docs/records.md.
pub const KINDS: [Kind; 18] = [
    Kind { name: "log", schema: include_str!("schemas/log.json") },
    Kind { name: "task_stopped", schema: include_str!("schemas/task_stopped.json") },
    Kind { name: "log_group", schema: include_str!("schemas/log_group.json") },
    Kind { name: "log_stream", schema: include_str!("schemas/log_stream.json") },
    Kind { name: "count", schema: include_str!("schemas/count.json") },
    Kind { name: "service", schema: include_str!("schemas/service.json") },
    Kind { name: "task", schema: include_str!("schemas/task.json") },
    Kind { name: "difference", schema: include_str!("schemas/difference.json") },
    Kind { name: "service_change", schema: include_str!("schemas/service_change.json") },
    Kind { name: "service_page", schema: include_str!("schemas/service_page.json") },
    Kind { name: "change", schema: include_str!("schemas/change.json") },
    Kind { name: "changelog_summary", schema: include_str!("schemas/changelog_summary.json") },
    Kind { name: "summary", schema: include_str!("schemas/summary.json") },
    Kind { name: "endpoint", schema: include_str!("schemas/endpoint.json") },
    Kind { name: "drill", schema: include_str!("schemas/drill.json") },
    Kind { name: "page", schema: include_str!("schemas/page.json") },
    Kind { name: "hint", schema: include_str!("schemas/hint.json") },
    Kind { name: "answer", schema: include_str!("schemas/answer.json") },
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    const PAGE: &str = include_str!("../../../docs/records.md");

    /// The keys that the page lists for each kind that has a section with a table of keys.
    fn documented() -> Vec<(&'static str, BTreeSet<&'static str>)> {
        let sections = PAGE.split("\n## `").skip(1);
        let with_keys = sections.filter(|section| section.contains("\n| key | meaning |"));
        let kinds = with_keys.map(|section| {
            let (kind, rest) = section.split_once('`').unwrap();
            let (_, table) = rest.split_once("\n| key | meaning |").unwrap();
            let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
            let keys =
                rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
            (kind, keys.collect())
        });
        kinds.collect()
    }

    #[test]
    fn the_schemas_have_the_kinds_and_keys_that_the_page_has() {
        let documented = documented();
        let names: Vec<&str> = documented.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(names, KINDS.map(|kind| kind.name));
        for ((name, keys), kind) in documented.iter().zip(KINDS) {
            let schema: Value = serde_json::from_str(kind.schema).unwrap();
            let properties = schema["properties"].as_object().unwrap();
            // --link is documented once, for all whose link it adds.
            let of_flag = |key: &&str| *key != "link" || keys.contains("link");
            let properties = properties.keys().map(String::as_str).filter(of_flag);
            assert_eq!(properties.collect::<BTreeSet<_>>(), *keys, "{name}");
            assert_eq!(schema["properties"]["kind"]["const"], *name);
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
    }

    #[test]
    fn what_the_page_never_finds_absent_is_required() {
        for kind in KINDS {
            let schema: Value = serde_json::from_str(kind.schema).unwrap();
            let required = schema["required"].as_array().unwrap();
            let required: BTreeSet<&str> =
                required.iter().map(|key| key.as_str().unwrap()).collect();
            let section = PAGE.split(&format!("\n## `{}`\n", kind.name)).nth(1).unwrap();
            let section = section.split("\n## ").next().unwrap();
            let never = section.lines().filter(|line| line.ends_with("| never |"));
            for key in never.map(|row| row.split('`').nth(1).unwrap()) {
                assert!(required.contains(key), "{}: {key}", kind.name);
            }
        }
    }

    /// What records have inside, by name: the tables `| key of a `NAME` | meaning |`.
    fn documented_inside() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let tables = PAGE.split("\n| key of a").skip(1);
        let tables = tables.map(|table| {
            let name = table.split('`').nth(1).unwrap();
            let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
            let keys =
                rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
            (name, keys.collect())
        });
        tables.collect()
    }

    /// The `$defs` of all schemas, by name: each is closed, and the same wherever it stands.
    fn defined_inside() -> BTreeMap<String, Value> {
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for kind in KINDS {
            let schema: Value = serde_json::from_str(kind.schema).unwrap();
            let Some(inside) = schema.get("$defs") else { continue };
            for (name, inside) in inside.as_object().unwrap() {
                assert_eq!(inside["additionalProperties"], false, "{}: {name}", kind.name);
                let known = all.entry(name.clone()).or_insert_with(|| inside.clone());
                assert_eq!(known, inside, "{}: {name}", kind.name);
            }
        }
        all
    }

    #[test]
    fn what_records_have_inside_is_what_the_page_has() {
        let (mut defined, documented) = (defined_inside(), documented_inside());
        let task = defined.remove("task").unwrap();
        let names: Vec<&str> = defined.keys().map(String::as_str).collect();
        assert_eq!(names, documented.keys().copied().collect::<Vec<_>>());
        for (name, keys) in documented {
            let properties = defined[name]["properties"].as_object().unwrap();
            assert_eq!(
                properties.keys().map(String::as_str).collect::<BTreeSet<_>>(),
                keys,
                "{name}"
            );
        }
        // A task inside a page is a record of its own, but for the link.
        let kind = KINDS.iter().find(|kind| kind.name == "task").unwrap();
        let mut alone: Value = serde_json::from_str(kind.schema).unwrap();
        alone["properties"].as_object_mut().unwrap().remove("link").unwrap();
        assert_eq!(
            (&alone["properties"], &alone["required"]),
            (&task["properties"], &task["required"])
        );
    }
}
