//! The groups of a region and the streams of a target, as records, page by page.

use aws::{Door, Error};
use record::Time;
use serde::Serialize;

use crate::cloudwatch::{Api, Listed, StreamsBy};
use crate::glob::Glob;
use crate::names::StreamNames;
use crate::place::{Group, Place, Streams};
use crate::select::StreamChoice;
use crate::target::TargetError;

/// A log group, as a record of kind `log_group`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogGroup {
    /// When it was looked at.
    pub time: Time,
    /// The kind of record.
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub group: String,
    /// `standard`, `infrequent_access`, `delivery`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// How long events are kept; absent where for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<i32>,
    /// What is stored and paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_bytes: Option<i64>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// The ARN, without the `:*` that some APIs want.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

/// A log stream, as a record of kind `log_stream`. Its times may lag by an hour and more, says the
/// API: an event can be newer than `last_event`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogStreamInfo {
    /// When it was looked at.
    pub time: Time,
    /// The kind of record.
    pub kind: &'static str,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The group.
    pub group: String,
    /// The name.
    pub stream: String,
    /// The cluster of its task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The service of its task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The task's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The container's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// The time of its first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_event: Option<Time>,
    /// The time of its last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event: Option<Time>,
    /// When something last arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ingested: Option<Time>,
}

impl LogStreamInfo {
    /// Whether the stream may have events in a half-open window, as far as its times tell: they may
    /// be an hour and more behind, so a stream is left out only when it surely has none.
    pub fn may_be_active(&self, start: Time, end: Time) -> bool {
        const BEHIND_MS: i64 = 2 * 3_600_000;
        let last = self.last_event.max(self.last_ingested).max(self.created);
        let ended = last.is_some_and(|last| last.millis() + BEHIND_MS < start.millis());
        let begins_later = self.first_event.is_some_and(|first| first >= end);
        !ended && !begins_later
    }
}

/// A list that is asked for page by page.
#[derive(Debug)]
enum Next {
    Page(Option<String>),
    End,
}

impl Next {
    fn after(token: Option<String>) -> Self {
        token.map_or(Self::End, |token| Self::Page(Some(token)))
    }
}

/// The groups of a region, as the API gives them: by name.
#[derive(Debug)]
pub struct LogGroupListing {
    api: Api,
    glob: Option<Glob>,
    observed: Time,
    next: Next,
}

impl LogGroupListing {
    /// The groups that match the glob (all without one). A glob without a `*` or `?` means names
    /// that contain it.
    pub fn new(
        door: &Door,
        region: &str,
        glob: Option<&str>,
        observed: Time,
    ) -> Result<Self, TargetError> {
        let glob = glob.map(|glob| match glob.contains(['*', '?', '[', '{']) {
            true => Glob::new(glob),
            false => Glob::new(&format!("*{glob}*")),
        });
        let api = Api::new(door, region);
        Ok(Self { api, glob: glob.transpose()?, observed, next: Next::Page(None) })
    }

    /// The next page's groups; `None` at the end.
    pub async fn next_page(&mut self) -> Result<Option<Vec<LogGroup>>, Error> {
        let Next::Page(token) = std::mem::replace(&mut self.next, Next::End) else {
            return Ok(None);
        };
        let prefix = self.glob.as_ref().map_or("", Glob::literal_prefix);
        let Listed { mut items, token } = self.api.groups(prefix, self.observed, token).await?;
        self.next = Next::after(token);
        items.retain(|group| self.glob.as_ref().is_none_or(|glob| glob.matches(&group.group)));
        Ok(Some(items))
    }
}

/// How many days a group keeps its events; `None` where for ever, and where nobody says: the group is another
/// account's, or groups may not be listed.
pub async fn retention_days(door: &Door, group: &Group, observed: Time) -> Option<i32> {
    if group.arn.is_some() {
        return None;
    }
    // In the order of names, the exact one comes first of those that begin so.
    let page = Api::new(door, &group.region).groups(&group.name, observed, None).await.ok()?;
    page.items.into_iter().find(|listed| listed.group == group.name)?.retention_days
}

/// The streams of a place.
#[derive(Debug)]
pub struct LogStreamListing {
    api: Api,
    place: Place,
    names: StreamNames,
    choice: Option<StreamChoice>,
    by: StreamsBy,
    observed: Time,
    next: Next,
}

impl LogStreamListing {
    /// The streams of a place, by name, or the newest first.
    pub fn new(
        door: &Door,
        place: Place,
        choice: Option<StreamChoice>,
        newest_first: bool,
        observed: Time,
    ) -> Self {
        let wanted = choice.as_ref().map_or("", StreamChoice::prefix);
        let by = match &place.streams {
            _ if newest_first => StreamsBy::LastEvent,
            Streams::Prefix(prefix) if !wanted.starts_with(prefix.as_str()) => {
                StreamsBy::Prefix(prefix.clone())
            }
            _ => StreamsBy::Prefix(wanted.to_owned()),
        };
        let api = Api::new(door, &place.group.region);
        let names = StreamNames::new(place.writers.clone());
        Self { api, place, names, choice, by, observed, next: Next::Page(None) }
    }

    /// The next page's streams; `None` at the end.
    pub async fn next_page(&mut self) -> Result<Option<Vec<LogStreamInfo>>, Error> {
        let Next::Page(token) = std::mem::replace(&mut self.next, Next::End) else {
            return Ok(None);
        };
        let Listed { items, token } =
            self.api.streams(&self.place.group, &self.by, self.observed, token).await?;
        self.next = Next::after(token);
        let wanted = items.into_iter().filter(|info| {
            self.place.streams.contain(&info.stream)
                && self.choice.as_ref().is_none_or(|choice| choice.matches(&info.stream))
        });
        let mut found = Vec::new();
        for info in wanted {
            let stream = self.names.stream(&info.stream);
            found.push(LogStreamInfo {
                cluster: stream.cluster.clone(),
                service: stream.service.clone(),
                task: stream.task.clone(),
                container: stream.container.clone(),
                ..info
            });
        }
        Ok(Some(found))
    }
}
