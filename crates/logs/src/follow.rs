//! Following: what is ingested from now on, each event once.
//!
//! [`machine`] decides, without a socket: when to ask, and what of an answer is new. Around it,
//! [`source`] asks for the pages of one source, [`live`] keeps a Live Tail session, and [`feed`] puts
//! all of it together.

mod feed;
mod happening;
mod identities;
mod lag;
mod live;
mod machine;
#[cfg(test)]
mod random_worlds;
mod route;
mod source;
mod stopped;

pub use feed::FollowStream;
pub use happening::{Clock, FollowNotice, FollowQuery, Happening, Live};
pub use live::NoLiveTail;
pub use stopped::{TaskStopped, UntilStopped};
