//! The one file that speaks to CloudWatch Logs.

use std::collections::BTreeSet;

use aws::{Cause, Door, Error, NoHostPrefixOnLoopback, Operation, RepairSurrogates, Turn};
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::operation::start_live_tail::StartLiveTailOutput;
use aws_sdk_cloudwatchlogs::types::error::StartLiveTailResponseStreamError as StreamError;
use aws_sdk_cloudwatchlogs::types::{self, StartLiveTailResponseStream as StreamItem};
use record::Time;

use crate::cursor::{Ask, Event, Page};
use crate::listing::{LogGroup, LogStreamInfo};
use crate::place::{Group, Streams};

/// DescribeLogGroups and DescribeLogStreams give fifty a page at most.
const LISTED_A_PAGE: i32 = 50;

/// CloudWatch Logs of one region.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    door: Door,
    region: String,
    client: Client,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) token: Option<String>,
}

impl Api {
    pub(crate) fn new(door: &Door, region: &str) -> Self {
        let client = Client::new(&door.sdk_config(region));
        Self { door: door.clone(), region: region.to_owned(), client }
    }

    /// Waits until a request may be sent.
    pub(crate) async fn turn(&self, operation: Operation) -> Turn {
        self.door.turn(operation, &self.region).await
    }

    /// A page of events: FilterLogEvents over the wanted streams of a group.
    pub(crate) async fn events(
        &self,
        turn: Turn,
        group: &Group,
        streams: &Streams,
        pattern: Option<&str>,
        ask: &Ask,
        first: First,
    ) -> Result<Page, Error> {
        let repair = RepairSurrogates::default();
        let (name, arn) = name_or_arn(group);
        let (names, prefix) = match streams {
            Streams::All => (None, None),
            Streams::Prefix(prefix) => (None, Some(prefix.clone())),
            // A name that is absent would be refused; as a prefix it finds nothing.
            Streams::Named(names) if names.len() == 1 => (None, names.first().cloned()),
            Streams::Named(names) => (Some(names.iter().cloned().collect::<Vec<_>>()), None),
        };
        let answer = self
            .door
            .call_in(turn, &self.region, || {
                let request = self
                    .client
                    .filter_log_events()
                    .set_log_group_name(name.clone())
                    .set_log_group_identifier(arn.clone())
                    .set_log_stream_names(names.clone())
                    .set_log_stream_name_prefix(prefix.clone())
                    .set_filter_pattern(pattern.map(str::to_owned))
                    .start_time(ask.first)
                    .end_time(ask.last)
                    .limit(ask.limit)
                    .set_next_token(ask.token.clone());
                // What does not know the parameter is not bothered with its default.
                let request = match first {
                    First::Oldest => request,
                    First::Newest => request.start_from_head(false),
                };
                // AWS has always merged the streams since 2019; other implementations ask.
                #[expect(deprecated)]
                let request = request.interleaved(true);
                request.customize().interceptor(repair.clone()).send()
            })
            .await?;
        let mut events: Vec<Event> =
            answer.events.unwrap_or_default().into_iter().map(event).collect();
        mark_repaired(&mut events, &repair);
        // Not every implementation heeds the prefix, and shards must not share an event.
        let asked = ask.first..=ask.last;
        events.retain(|event| streams.contain(&event.stream) && asked.contains(&event.time));
        Ok(Page { events, token: answer.next_token })
    }

    /// Whether a filter pattern with a regular expression that AWS does not take (it has parentheses) is
    /// refused: then those it takes are understood.
    pub(crate) async fn refuses_broken_regex(&self, group: &Group) -> bool {
        let ask = Ask { first: 1, last: 1, limit: 1, token: None };
        let turn = self.turn(Operation::FilterLogEvents).await;
        let pattern = Some("%(a)%");
        let answer = self.events(turn, group, &Streams::All, pattern, &ask, First::Oldest).await;
        let code = "InvalidParameterException";
        matches!(answer, Err(error) if matches!(&error.cause, Cause::Invalid { code: of, .. } if of == code))
    }

    /// A page of one stream: GetLogEvents, which has a quota of its own and gives no ids.
    pub(crate) async fn stream_events(
        &self,
        turn: Turn,
        group: &Group,
        stream: &str,
        ask: &StreamAsk,
    ) -> Result<StreamPage, Error> {
        let repair = RepairSurrogates::default();
        let (name, arn) = name_or_arn(group);
        let answer = self
            .door
            .call_in(turn, &self.region, || {
                let request = self
                    .client
                    .get_log_events()
                    .set_log_group_name(name.clone())
                    .set_log_group_identifier(arn.clone())
                    .log_stream_name(stream)
                    .start_time(ask.first)
                    // Its end is excluded, unlike FilterLogEvents'.
                    .end_time(ask.last.saturating_add(1))
                    .start_from_head(ask.from_head)
                    .limit(ask.limit)
                    .set_next_token(ask.token.clone());
                request.customize().interceptor(repair.clone()).send()
            })
            .await?;
        let of_stream = |event: types::OutputLogEvent| Event {
            stream: stream.to_owned(),
            time: event.timestamp.unwrap_or_default(),
            ingested: event.ingestion_time,
            id: None,
            text: event.message.unwrap_or_default(),
            repaired: false,
        };
        let mut events: Vec<Event> =
            answer.events.unwrap_or_default().into_iter().map(of_stream).collect();
        mark_repaired(&mut events, &repair);
        // Not every implementation excludes the end.
        events.retain(|event| (ask.first..=ask.last).contains(&event.time));
        let (forward, backward) = (answer.next_forward_token, answer.next_backward_token);
        Ok(StreamPage { events, forward, backward })
    }

    /// Begins a Live Tail session over groups, given by ARN. Streams can be chosen in a single group
    /// only.
    pub(crate) async fn live_tail(
        &self,
        arns: &[String],
        streams: Option<&Streams>,
        pattern: Option<&str>,
    ) -> Result<LiveSession, Error> {
        /// StartLiveTail takes a hundred names.
        const MOST_NAMES: usize = 100;
        let (names, prefixes) = match streams {
            Some(Streams::Prefix(prefix)) => (None, Some(vec![prefix.clone()])),
            Some(Streams::Named(names)) if names.len() <= MOST_NAMES => {
                (Some(names.iter().cloned().collect::<Vec<_>>()), None)
            }
            _ => (None, None),
        };
        let output = self
            .door
            .call(Operation::StartLiveTail, &self.region, || {
                self.client
                    .start_live_tail()
                    .set_log_group_identifiers(Some(arns.to_vec()))
                    .set_log_stream_names(names.clone())
                    .set_log_stream_name_prefixes(prefixes.clone())
                    .set_log_event_filter_pattern(pattern.map(str::to_owned))
                    .customize()
                    .interceptor(NoHostPrefixOnLoopback)
                    .send()
            })
            .await?;
        Ok(LiveSession { output })
    }

    /// Which of these streams there are: FilterLogEvents refuses a list with one that is not.
    pub(crate) async fn existing(
        &self,
        group: &Group,
        names: &BTreeSet<String>,
        observed: Time,
    ) -> Result<BTreeSet<String>, Error> {
        let mut existing = BTreeSet::new();
        for name in names {
            // In the order of names, the exact one comes first of those that begin so.
            let by = StreamsBy::Prefix(name.clone());
            let page = self.streams(group, &by, observed, None).await?;
            existing.extend(page.items.into_iter().map(|found| found.stream).filter(|s| s == name));
        }
        Ok(existing)
    }

    /// A page of the region's groups.
    pub(crate) async fn groups(
        &self,
        prefix: &str,
        observed: Time,
        token: Option<String>,
    ) -> Result<Listed<LogGroup>, Error> {
        let prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
        let page = self
            .door
            .call(Operation::DescribeLogGroups, &self.region, || {
                self.client
                    .describe_log_groups()
                    .set_log_group_name_prefix(prefix.clone())
                    .limit(LISTED_A_PAGE)
                    .set_next_token(token.clone())
                    .send()
            })
            .await?;
        let groups = page.log_groups.unwrap_or_default();
        if let Some(arn) = groups.iter().find_map(|group| group.arn()) {
            self.door.learn_account(arn);
        }
        let items = groups.into_iter().filter_map(|group| self.group(group, observed)).collect();
        Ok(Listed { items, token: page.next_token })
    }

    fn group(&self, group: types::LogGroup, observed: Time) -> Option<LogGroup> {
        let arn = group
            .log_group_arn
            .or_else(|| group.arn.map(|arn| arn.trim_end_matches(":*").to_owned()));
        let account = arn.as_deref().and_then(|arn| arn.split(':').nth(4)).map(str::to_owned);
        Some(LogGroup {
            time: observed,
            kind: "log_group",
            account,
            region: self.region.clone(),
            group: group.log_group_name?,
            class: group.log_group_class.map(|class| class.as_str().to_ascii_lowercase()),
            retention_days: group.retention_in_days,
            stored_bytes: group.stored_bytes,
            created: group.creation_time.map(Time::from_millis),
            arn,
        })
    }

    /// A page of a group's streams, by name.
    pub(crate) async fn streams(
        &self,
        group: &Group,
        choice: &StreamsBy,
        observed: Time,
        token: Option<String>,
    ) -> Result<Listed<LogStreamInfo>, Error> {
        let (name, arn) = name_or_arn(group);
        let prefix = match choice {
            StreamsBy::Prefix(prefix) if !prefix.is_empty() => Some(prefix.clone()),
            _ => None,
        };
        let newest = matches!(choice, StreamsBy::LastEvent);
        let page = self
            .door
            .call(Operation::DescribeLogStreams, &self.region, || {
                let request = self
                    .client
                    .describe_log_streams()
                    .set_log_group_name(name.clone())
                    .set_log_group_identifier(arn.clone())
                    .set_log_stream_name_prefix(prefix.clone())
                    .limit(LISTED_A_PAGE)
                    .set_next_token(token.clone());
                if newest {
                    request.order_by(types::OrderBy::LastEventTime).descending(true).send()
                } else {
                    request.send()
                }
            })
            .await?;
        let time = |millis: Option<i64>| millis.map(Time::from_millis);
        let items = page.log_streams.unwrap_or_default().into_iter().filter_map(|stream| {
            Some(LogStreamInfo {
                time: observed,
                kind: "log_stream",
                account: group.account.clone(),
                region: self.region.clone(),
                group: group.name.clone(),
                stream: stream.log_stream_name?,
                cluster: None,
                service: None,
                task: None,
                container: None,
                created: time(stream.creation_time),
                first_event: time(stream.first_event_timestamp),
                last_event: time(stream.last_event_timestamp),
                last_ingested: time(stream.last_ingestion_time),
            })
        });
        Ok(Listed { items: items.collect(), token: page.next_token })
    }
}

/// Which end of a window FilterLogEvents begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Oldest,
    /// Since 2026, for windows that begin in 2024 or later.
    Newest,
}

/// What is asked of one stream. Both ends are included, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StreamAsk {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// From the oldest on; else the page has the newest events, in order of time all the same.
    pub(crate) from_head: bool,
    pub(crate) limit: i32,
    pub(crate) token: Option<String>,
}

/// A page of one stream, in order of time. The tokens are never absent: the end is where the same
/// one comes back.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamPage {
    pub(crate) events: Vec<Event>,
    pub(crate) forward: Option<String>,
    pub(crate) backward: Option<String>,
}

/// A Live Tail session.
#[derive(Debug)]
pub(crate) struct LiveSession {
    output: StartLiveTailOutput,
}

/// What a session says, every second.
#[derive(Debug, Default)]
pub(crate) struct LiveUpdate {
    /// More than 500 events were ingested in this second, and some are left out.
    pub(crate) sampled: bool,
    /// The events, each with what names its group: an ARN, a name, or `ACCOUNT:NAME`.
    pub(crate) events: Vec<(String, Event)>,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LiveEnd {
    /// Its three hours are over.
    TimeLimit,
    /// The connection ended or broke.
    Lost {
        /// The library's words.
        problem: String,
    },
}

impl LiveSession {
    /// The next update. Not to be called again after an end.
    pub(crate) async fn next(&mut self) -> Result<LiveUpdate, LiveEnd> {
        loop {
            match self.output.response_stream.recv().await {
                Ok(Some(StreamItem::SessionUpdate(update))) => {
                    let metadata = update.session_metadata.as_ref();
                    let events = update.session_results.unwrap_or_default();
                    return Ok(LiveUpdate {
                        sampled: metadata.is_some_and(|metadata| metadata.sampled()),
                        events: events.into_iter().map(live_event).collect(),
                    });
                }
                // A session starts without an event.
                Ok(Some(_)) => {}
                Ok(None) => return Err(LiveEnd::Lost { problem: "it was closed".to_owned() }),
                Err(error) => {
                    return Err(match error.as_service_error() {
                        Some(StreamError::SessionTimeoutException(_)) => LiveEnd::TimeLimit,
                        Some(refusal) => {
                            let message = refusal.message().unwrap_or("it was ended");
                            LiveEnd::Lost { problem: message.to_owned() }
                        }
                        None => LiveEnd::Lost { problem: aws::chain_text(&error) },
                    });
                }
            }
        }
    }
}

fn live_event(event: types::LiveTailSessionLogEvent) -> (String, Event) {
    let group = event.log_group_identifier.unwrap_or_default();
    let event = Event {
        stream: event.log_stream_name.unwrap_or_default(),
        time: event.timestamp.unwrap_or_default(),
        ingested: event.ingestion_time,
        id: None,
        text: event.message.unwrap_or_default(),
        repaired: false,
    };
    (group, event)
}

/// The order in which streams are listed. The API has no prefix together with the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StreamsBy {
    Prefix(String),
    LastEvent,
}

/// Only a group of another account is asked for by its ARN: every implementation knows the name.
fn name_or_arn(group: &Group) -> (Option<String>, Option<String>) {
    match &group.arn {
        Some(arn) => (None, Some(arn.clone())),
        None => (Some(group.name.clone()), None),
    }
}

/// Some texts had half of a surrogate pair.
fn mark_repaired(events: &mut [Event], repair: &RepairSurrogates) {
    for place in repair.take() {
        if let Some(event) = events.get_mut(place) {
            event.repaired = true;
        }
    }
}

fn event(event: types::FilteredLogEvent) -> Event {
    Event {
        stream: event.log_stream_name.unwrap_or_default(),
        time: event.timestamp.unwrap_or_default(),
        ingested: event.ingestion_time,
        id: event.event_id,
        text: event.message.unwrap_or_default(),
        repaired: false,
    }
}
