//! Which moments are meant? `30m`, `yesterday 14:05` or RFC 3339 become two instants.
//!
//! Everything here is pure: the present moment, and with it the zone in which local times are read, is
//! passed in. What cannot be understood, or can be understood in two ways, is an [`Error`] that shows how
//! it was read and what to type instead.
//!
//! ```
//! let now: jiff::Zoned = "2026-11-22T20:40:00+01:00[Europe/Paris]".parse()?;
//! let asked = timerange::Asked { since: Some("14:05"), until: Some("30m"), ..Default::default() };
//! let window = timerange::window(&asked, jiff::SignedDuration::from_mins(15), &now)?;
//! assert_eq!(window.start.to_string(), "2026-11-22T13:05:00Z");
//! assert_eq!(window.end.to_string(), "2026-11-22T19:10:00Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod civil;
mod error;
mod instant;
mod local;
mod span;
mod window;

pub use error::Error;
pub use instant::instant;
pub use span::duration;
pub use window::{Asked, Window, window};
