//! What a record is: its time, its kind, and what becomes of text from outside.
//!
//! A record is one line of JSON. `time` is its first key and `kind` its second, so
//! `LC_ALL=C sort -s -t, -k1,1` merges the output of any commands in time order. docs/records.md
//! documents every kind.

mod schema;
mod time;
pub mod untrusted;

pub use schema::{KINDS, Kind};
pub use time::Time;
