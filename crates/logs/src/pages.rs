//! The pages of one source.

use std::sync::{Mutex, PoisonError};

use aws::{Cause, Door, Operation, Turn};
use record::Time;

use crate::cloudwatch::{Api, First, StreamAsk, StreamPage};
use crate::cursor::{Ask, Page};
use crate::place::Streams;
use crate::plan::Source;
use crate::pushdown::FilterPattern;
use crate::shards::Lane;

/// Asks for a source's pages.
#[derive(Debug)]
pub(crate) struct Pages {
    api: Api,
    source: Source,
    /// Of the streams that are wanted, those that are there.
    present: Mutex<Streams>,
    pattern: Mutex<Option<FilterPattern>>,
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

impl PageError {
    fn of(error: aws::Error) -> Self {
        match &error.cause {
            Cause::Undecodable { .. } => Self::Undecodable,
            _ if is_token_refusal(&error) => Self::TokenRefused(error),
            _ => Self::Failed(error),
        }
    }
}

impl Pages {
    pub(crate) fn new(door: &Door, source: Source, pattern: Option<FilterPattern>) -> Self {
        let api = Api::new(door, &source.group.region);
        Self {
            api,
            present: Mutex::new(source.streams.clone()),
            source,
            pattern: Mutex::new(pattern),
        }
    }

    /// Whether a stream of the group is among those that are read.
    pub(crate) fn take(&self, stream: &str) -> bool {
        self.source.streams.contain(stream)
    }

    /// Waits until a page may be asked for in a lane.
    pub(crate) async fn turn(&self, lane: Lane) -> Turn {
        self.api
            .turn(match lane {
                Lane::Group => Operation::FilterLogEvents,
                Lane::Stream => Operation::GetLogEvents,
            })
            .await
    }

    /// Whether there is a second lane: for a single stream of which everything is wanted.
    pub(crate) fn has_stream_lane(&self) -> bool {
        let is_single = matches!(&self.source.streams, Streams::Named(names) if names.len() == 1);
        is_single && self.pattern().is_none()
    }

    /// A page.
    pub(crate) async fn get(&self, ask: &Ask) -> Result<Page, PageError> {
        self.get_in(self.turn(Lane::Group).await, ask, First::Oldest).await
    }

    /// A page whose turn in a lane has come.
    pub(crate) async fn get_by(
        &self,
        lane: Lane,
        turn: Turn,
        ask: &Ask,
    ) -> Result<Page, PageError> {
        match (lane, &self.source.streams) {
            (Lane::Stream, Streams::Named(names)) if names.len() == 1 => {
                let name = names.first().map_or("", String::as_str);
                self.get_of_stream(turn, name, ask).await
            }
            _ => self.get_in(turn, ask, First::Oldest).await,
        }
    }

    async fn get_of_stream(&self, turn: Turn, stream: &str, ask: &Ask) -> Result<Page, PageError> {
        let ask = StreamAsk {
            first: ask.first,
            last: ask.last,
            from_head: true,
            limit: ask.limit,
            token: ask.token.clone(),
        };
        match self.api.stream_events(turn, &self.source.group, stream, &ask).await {
            Ok(StreamPage { events, forward, .. }) => {
                // The end is where the same token comes back.
                let token = forward.filter(|forward| ask.token.as_ref() != Some(forward));
                Ok(Page { events, token })
            }
            // A container that never wrote has no stream.
            Err(error) if matches!(error.cause, Cause::NotFound { .. }) => Ok(Page::default()),
            Err(error) => Err(PageError::of(error)),
        }
    }

    /// A page of the group whose turn has come, from one end of the window or the other.
    pub(crate) async fn get_in(
        &self,
        turn: Turn,
        ask: &Ask,
        first: First,
    ) -> Result<Page, PageError> {
        let mut turn = Some(turn);
        loop {
            let present = self.present().clone();
            if matches!(&present, Streams::Named(names) if names.is_empty()) {
                return Ok(Page::default());
            }
            let pattern = self.pattern().clone();
            let turn = match turn.take() {
                Some(turn) => turn,
                None => self.turn(Lane::Group).await,
            };
            let group = &self.source.group;
            let text = pattern.as_ref().map(FilterPattern::text);
            match self.api.events(turn, group, &present, text, ask, first).await {
                Ok(page) => return Ok(page),
                Err(error) if self.drop_absent_streams(&error, &present).await => {}
                // What nobody asked for hinders nobody. A token is of the pattern that it came with.
                Err(error) if is_pattern_refusal(&error, pattern.as_ref()) => {
                    *self.pattern() = None;
                    if ask.token.is_some() {
                        return Err(PageError::TokenRefused(error));
                    }
                }
                Err(error) => return Err(PageError::of(error)),
            }
        }
    }

    /// Streams that were absent may have come to be.
    pub(crate) fn look_again(&self) {
        *self.present() = self.source.streams.clone();
    }

    fn pattern(&self) -> std::sync::MutexGuard<'_, Option<FilterPattern>> {
        self.pattern.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Whether a pattern of our own making is not taken.
fn is_pattern_refusal(error: &aws::Error, pattern: Option<&FilterPattern>) -> bool {
    let ours = matches!(pattern, Some(FilterPattern::Derived(_)));
    ours && matches!(&error.cause, Cause::Invalid { code, message }
        if code == "InvalidParameterException"
            && message.to_ascii_lowercase().contains("filter pattern"))
}

/// Tokens live for 24 hours; an old one is refused as an invalid parameter.
fn is_token_refusal(error: &aws::Error) -> bool {
    matches!(&error.cause, Cause::Invalid { code, message }
        if code == "InvalidParameterException" && message.to_ascii_lowercase().contains("token"))
}
