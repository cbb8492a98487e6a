//! The pages of one source.

use std::sync::{Mutex, PoisonError};

use aws::{Cause, Door, Operation, Turn};
use record::Time;

use crate::cloudwatch::Api;
use crate::cursor::{Ask, Page};
use crate::place::Streams;
use crate::plan::Source;

/// Asks for a source's pages.
#[derive(Debug)]
pub(crate) struct Pages {
    api: Api,
    source: Source,
    /// Of the streams that are wanted, those that are there.
    present: Mutex<Streams>,
    pattern: Option<String>,
}

/// Why a page could not be had.
#[derive(Debug)]
pub(crate) enum PageError {
    /// It arrived and cannot be decoded.
    Undecodable,
    /// The token is not accepted (any more).
    TokenRefused(aws::Error),
    /// The request failed.
    Failed(aws::Error),
}

impl Pages {
    pub(crate) fn new(door: &Door, source: Source, pattern: Option<String>) -> Self {
        let api = Api::new(door, &source.group.region);
        Self { api, present: Mutex::new(source.streams.clone()), source, pattern }
    }

    /// Whether a stream of the group is among those that are read.
    pub(crate) fn take(&self, stream: &str) -> bool {
        self.source.streams.contain(stream)
    }

    /// Waits until a page may be asked for.
    pub(crate) async fn turn(&self) -> Turn {
        self.api.turn(Operation::FilterLogEvents).await
    }

    /// A page.
    pub(crate) async fn get(&self, ask: &Ask) -> Result<Page, PageError> {
        self.get_in(self.turn().await, ask).await
    }

    /// A page whose turn has come.
    pub(crate) async fn get_in(&self, turn: Turn, ask: &Ask) -> Result<Page, PageError> {
        let mut turn = Some(turn);
        loop {
            let present = self.present().clone();
            if matches!(&present, Streams::Named(names) if names.is_empty()) {
                return Ok(Page::default());
            }
            let pattern = self.pattern.as_deref();
            let turn = match turn.take() {
                Some(turn) => turn,
                None => self.turn().await,
            };
            let answer = self.api.events(turn, &self.source.group, &present, pattern, ask).await;
            return match answer {
                Ok(page) => Ok(page),
                Err(error) if matches!(error.cause, Cause::Undecodable { .. }) => {
                    Err(PageError::Undecodable)
                }
                Err(error) if is_token_refusal(&error) => Err(PageError::TokenRefused(error)),
                Err(error) if self.drop_absent_streams(&error, &present).await => continue,
                Err(error) => Err(PageError::Failed(error)),
            };
        }
    }

    /// Streams that were absent may have come to be.
    pub(crate) fn look_again(&self) {
        *self.present() = self.source.streams.clone();
    }

    fn present(&self) -> std::sync::MutexGuard<'_, Streams> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A list of names is refused when one of them is absent: a container that never wrote has no
    /// stream. True when the list became shorter, so that asking again makes sense.
    async fn drop_absent_streams(&self, error: &aws::Error, asked: &Streams) -> bool {
        let (Cause::NotFound { .. }, Streams::Named(names)) = (&error.cause, asked) else {
            return false;
        };
        let observed = Time::from_millis(0);
        match self.api.existing(&self.source.group, names, observed).await {
            Ok(existing) if existing.len() < names.len() => {
                *self.present() = Streams::Named(existing);
                true
            }
            _ => false,
        }
    }
}

/// Tokens live for 24 hours; an old one is refused as an invalid parameter.
fn is_token_refusal(error: &aws::Error) -> bool {
    matches!(&error.cause, Cause::Invalid { code, message }
        if code == "InvalidParameterException" && message.to_ascii_lowercase().contains("token"))
}
