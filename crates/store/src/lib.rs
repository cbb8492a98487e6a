//! What is kept between runs: caches, checkpoints, the clock of the drill, and how far a person has come in it.
//!
//! A cache may be deleted at any time, and may be unreadable, from another version, or full of nonsense: then
//! it is not there. Every file is written whole or not at all, and only its owner can read it. Where the two
//! folders are is for the caller to say.

mod cache;
mod checkpoint;
mod component;
mod drill;
mod error;
mod file;

use std::path::PathBuf;

pub use cache::{Cache, Scope};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use drill::Progress;
pub use error::Error;

/// The two folders in which things are kept. Neither needs to exist before something is written.
#[derive(Debug, Clone)]
pub struct Store {
    cache: PathBuf,
    state: PathBuf,
}

impl Store {
    /// A store in these folders: `cache` for what can be found out again, `state` for what cannot.
    pub fn new(cache: PathBuf, state: PathBuf) -> Store {
        Store { cache, state }
    }

    /// What is remembered of one account in one region.
    pub fn cache(&self, scope: &Scope) -> Cache {
        Cache::below(&self.cache, scope)
    }

    /// Takes the checkpoint of this name, for as long as it is kept: no other run has it meanwhile. Nothing is
    /// written to it yet.
    ///
    /// # Errors
    /// Another run holds it, or the state folder cannot be written.
    pub fn checkpoint(&self, name: &str) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::hold(&self.state, name)
    }

    /// When the drill of this scenario began, in epoch milliseconds: `now_ms`, unless another command began it
    /// less than two hours ago. Commands that start together, such as both ends of a pipe, agree; one whose
    /// clock was read a moment before the other's can be told a start shortly after its own `now_ms` (up to a
    /// minute).
    ///
    /// `scenario` is a name or a path, and each spelling is a drill of its own.
    ///
    /// # Errors
    /// The state folder cannot be read, written or locked: a drill that begins now is still possible, but other
    /// commands will not know of it.
    pub fn drill_start(&self, scenario: &str, now_ms: i64) -> Result<i64, Error> {
        drill::start(&self.state, scenario, now_ms)
    }

    /// When the drill of this scenario began, if one is going on. It begins none.
    ///
    /// # Errors
    /// The state folder cannot be read.
    pub fn running_drill(&self, scenario: &str, now_ms: i64) -> Result<Option<i64>, Error> {
        drill::running(&self.state, scenario, now_ms)
    }

    /// Begins a drill of this scenario now, in place of the one that may be going on.
    ///
    /// # Errors
    /// The state folder cannot be written or locked.
    pub fn begin_drill(&self, scenario: &str, now_ms: i64) -> Result<(), Error> {
        drill::begin_anew(&self.state, scenario, now_ms)
    }

    /// How far a person has come in the drill of this scenario that began at `start_ms`.
    pub fn drill_progress(&self, scenario: &str, start_ms: i64) -> Progress {
        drill::progress(&self.state, scenario, start_ms)
    }

    /// Changes how far one has come, and returns what it is then. Commands that change it at once take turns.
    ///
    /// # Errors
    /// The state folder cannot be written or locked: nothing was kept.
    pub fn advance_drill(
        &self,
        scenario: &str,
        start_ms: i64,
        change: impl FnOnce(&mut Progress),
    ) -> Result<Progress, Error> {
        drill::advance(&self.state, scenario, start_ms, change)
    }
}
