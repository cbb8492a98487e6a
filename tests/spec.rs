//! Specs of the commands: given this system, when I type this, then this. They run the real binary
//! over the real protocols against a simulated cloud whose clock stands still.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, unreachable_pub)]

mod support;

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
