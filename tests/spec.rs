//! Specs of the commands: given this system, when I type this, then this. They run the real binary
//! over the real protocols against a simulated cloud whose clock stands still.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

mod support;

#[path = "changelog.rs"]
mod changelog;
#[path = "changelog_bad.rs"]
mod changelog_bad;
#[path = "changelog_pipes.rs"]
mod changelog_pipes;
#[path = "changelog_secrets.rs"]
mod changelog_secrets;
#[path = "changelog_secrets_elsewhere.rs"]
mod changelog_secrets_elsewhere;
#[path = "credentials.rs"]
mod credentials;
#[path = "drill.rs"]
mod drill;
#[path = "faults.rs"]
mod faults;
#[path = "logs.rs"]
mod logs;
#[path = "logs_grep.rs"]
mod logs_grep;
#[path = "logs_lists.rs"]
mod logs_lists;
#[path = "logs_places.rs"]
mod logs_places;
#[path = "logs_where.rs"]
mod logs_where;
#[path = "mistakes.rs"]
mod mistakes;
#[path = "never_rules.rs"]
mod never_rules;
#[path = "pages.rs"]
mod pages;
#[path = "pipes.rs"]
mod pipes;
#[path = "resume.rs"]
mod resume;
#[path = "schema.rs"]
mod schema;
#[path = "shape.rs"]
mod shape;
#[path = "specs.rs"]
mod specs;
#[path = "specs_conditions.rs"]
mod specs_conditions;
#[path = "specs_diff.rs"]
mod specs_diff;
#[path = "specs_fleets.rs"]
mod specs_fleets;
#[path = "specs_missing.rs"]
mod specs_missing;
#[path = "specs_names.rs"]
mod specs_names;
#[path = "specs_places.rs"]
mod specs_places;
#[path = "specs_releases.rs"]
mod specs_releases;
#[path = "specs_secrets.rs"]
mod specs_secrets;
#[path = "specs_show.rs"]
mod specs_show;
#[path = "specs_tasks.rs"]
mod specs_tasks;
#[path = "specs_watch.rs"]
mod specs_watch;
