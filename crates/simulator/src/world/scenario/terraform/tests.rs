//! Mistakes in what a scenario says of Terraform, its buckets and its tickets.

use crate::Scenario;

const HEAD: &str = r#"
name = "x"
summary = "x"
seed = 1
organizations = [{ name = "example" }]
buckets = [{ name = "states" }]
projects = [{ key = "OPS" }]

[[workspaces]]
name = "web"

[[workspaces]]
name = "auto"
auto_apply = true
repo = "example/auto"
"#;

/// What is wrong with the scenario that goes on like this.
fn problem(more: &str) -> String {
    match Scenario::parse("x", &format!("{HEAD}\n{more}")) {
        Err(error) => error.to_string(),
        Ok(_) => "nothing".to_owned(),
    }
}

fn run(keys: &str) -> String {
    problem(&format!("[[timeline]]\nat = \"-1h\"\n[timeline.run]\nactor = \"ana\"\n{keys}"))
}

#[test]
fn mistakes_of_workspaces_are_named() {
    for (more, says) in [
        ("[[workspaces]]\nname = \"web\"", "the workspace \"web\" is there twice"),
        ("[[workspaces]]\nname = \"a b\"", "a name here has letters"),
        (
            "[[workspaces]]\nname = \"x\"\norganization = \"nobody\"",
            "there is no organization \"nobody\"",
        ),
        (
            "[[workspaces]]\nname = \"x\"\nbackend = { bucket = \"nope\", key = \"k\" }",
            "there is no bucket \"nope\"",
        ),
        (
            "[[workspaces]]\nname = \"x\"\norganization = \"example\"\nbackend = { bucket = \"states\", key = \"k\" }",
            "not both",
        ),
        (
            "[[workspaces]]\nname = \"x\"\nresources = [{ address = \"nothing\" }]",
            "an address is written like",
        ),
        ("[[workspaces]]\nname = \"x\"\ncolour = \"red\"", "unknown field `colour`"),
    ] {
        assert!(problem(more).contains(says), "{more}: {}", problem(more));
    }
}

#[test]
fn mistakes_of_runs_are_named() {
    const SHA: &str = "commit = \"0123456789012345678901234567890123456789\"";
    for (keys, says) in [
        ("workspace = \"nope\"", "there is no workspace \"nope\""),
        ("workspace = \"web\"\nsource = \"vcs\"", "has a \"commit\""),
        (&*format!("workspace = \"web\"\n{SHA}"), "has no \"repo\""),
        ("workspace = \"auto\"\ncommit = \"0123\"", "40 hexadecimal digits"),
        ("workspace = \"web\"\nbranch = \"main\"", "\"branch\" is of a \"commit\""),
        ("workspace = \"auto\"\nconfirmed_by = \"mei\"", "nobody confirms"),
        ("workspace = \"auto\"\nconfirm = \"5m\"", "does not wait for anybody"),
        ("workspace = \"web\"\nends = \"waits\"\napply = \"5m\"", "never applies anything"),
        ("workspace = \"web\"\napplied = 1", "only an apply that fails"),
        (
            "workspace = \"web\"\nends = \"errored_in_apply\"\napplied = 1",
            "no more than its 0 changes",
        ),
        (
            "workspace = \"web\"\nchanges = [{ address = \"a.b\", action = \"move\" }]",
            "\"previous\" address",
        ),
        (
            "workspace = \"web\"\nchanges = [{ address = \"a.b\", action = \"delete\", attributes = [\"c\"] }]",
            "no attribute changes",
        ),
        (
            "workspace = \"web\"\nchanges = [{ address = \"a.b\", action = \"update\", unknown = [\"c\"] }]",
            "is among the \"attributes\"",
        ),
        (
            "workspace = \"web\"\nends = \"no_changes\"\nchanges = [{ address = \"a.b\", action = \"delete\" }]",
            "has no \"changes\"",
        ),
    ] {
        assert!(run(keys).contains(says), "{keys}: {}", run(keys));
    }
    assert_eq!(run("workspace = \"web\"\nconfirmed_by = \"mei\""), "nothing");
}

#[test]
fn mistakes_of_buckets_and_tickets_are_named() {
    let ticket = |key: &str, statuses: &str| {
        format!(
            "[[tickets]]\nkey = \"{key}\"\nsummary = \"x\"\nreporter = \"ana\"\nstatuses = {statuses}"
        )
    };
    let open = "[{ at = \"-1d\", name = \"To Do\" }]";
    for (more, says) in [
        (
            "[[timeline]]\nat = \"-1h\"\nput = { bucket = \"nope\", key = \"k\", body = \"\" }"
                .to_owned(),
            "there is no bucket",
        ),
        (
            "[[timeline]]\nat = \"-1h\"\ndelete = { bucket = \"states\", key = \"\" }".to_owned(),
            "1 to 1024 bytes",
        ),
        (
            "[[timeline]]\nat = \"-500d\"\ndelete = { bucket = \"states\", key = \"k\" }"
                .to_owned(),
            "before the bucket was made",
        ),
        (ticket("NET-1", open), "there is no project \"NET\""),
        (ticket("OPS-0", open), "a ticket's key is"),
        (ticket("OPS-1", "[]"), "at least one status"),
        (format!("{}\n{}", ticket("OPS-1", open), ticket("OPS-1", open)), "is there twice"),
        (format!("{}\nwindow = [\"0\", \"-1h\"]", ticket("OPS-1", open)), "ends after it begins"),
    ] {
        assert!(problem(&more).contains(says), "{more}: {}", problem(&more));
    }
    assert_eq!(problem(&ticket("OPS-1", open)), "nothing");
}
