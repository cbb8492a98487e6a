//! From a Live Tail update to the sources that follow. Live Tail is a hint: what a source has no room
//! for is left to its polls.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::cursor::Event;
use crate::follow::identities::Session;
use crate::place::{Group, Streams};

/// What Live Tail has to say to a source.
#[derive(Debug)]
pub(crate) enum LiveNews {
    /// A session shows what is ingested from now on.
    Began,
    /// A session shows these.
    Shown { session: Session, events: Vec<Event> },
    /// Something was left out.
    Missed,
    /// No session shows anything any more.
    Ended,
}

/// So many updates wait for a source that is busy: two minutes' worth.
pub(crate) const INBOX: usize = 128;

/// The way to a source.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) group: Group,
    pub(crate) streams: Streams,
    /// Streams that another source of the group follows.
    pub(crate) except: Vec<Streams>,
    pub(crate) inbox: mpsc::Sender<LiveNews>,
    /// The inbox was full, which is yet to be said.
    pub(crate) missed: bool,
}

impl Route {
    /// Whether an event of a group, by ARN, by name or as `ACCOUNT:NAME`, and of a stream is this
    /// source's.
    fn takes(&self, group: &str, stream: &str) -> bool {
        let group = group.trim_end_matches(":*");
        let (owner, name) = group.rsplit_once(':').unwrap_or(("", group));
        let is_of = |account: &String| owner.is_empty() || owner.split(':').any(|p| p == account);
        name == self.group.name
            && self.group.account.as_ref().is_none_or(is_of)
            && self.streams.contain(stream)
            && !self.except.iter().any(|streams| streams.contain(stream))
    }

    fn send(&mut self, news: LiveNews) {
        if self.missed && self.inbox.try_send(LiveNews::Missed).is_ok() {
            self.missed = false;
        }
        // A source that is gone needs nothing.
        if let Err(mpsc::error::TrySendError::Full(_)) = self.inbox.try_send(news) {
            self.missed = true;
        }
    }
}

/// The ways to all sources of a region.
#[derive(Debug, Default)]
pub(crate) struct Routes(Mutex<Vec<Route>>);

impl Routes {
    pub(crate) fn add(&self, route: Route) {
        self.lock().push(route);
    }

    /// Hands each source what is its own.
    pub(crate) fn show(&self, session: Session, events: Vec<(String, Event)>) {
        let mut routes = self.lock();
        let mut shares: Vec<Vec<Event>> = routes.iter().map(|_| Vec::new()).collect();
        for (group, event) in events {
            if let Some(at) = routes.iter().position(|route| route.takes(&group, &event.stream)) {
                shares[at].push(event);
            }
        }
        for (route, events) in routes.iter_mut().zip(shares).filter(|(_, share)| !share.is_empty())
        {
            route.send(LiveNews::Shown { session, events });
        }
    }

    /// Tells all of them.
    pub(crate) fn tell(&self, news: impl Fn() -> LiveNews) {
        self.lock().iter_mut().for_each(|route| route.send(news()));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Route>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(account: Option<&str>, inbox: mpsc::Sender<LiveNews>) -> Route {
        let group = Group {
            profile: None,
            account: account.map(str::to_owned),
            region: "r".into(),
            name: "/g".into(),
            arn: None,
        };
        let except = vec![Streams::Prefix("a/b/".into())];
        Route { group, streams: Streams::Prefix("a/".into()), except, inbox, missed: false }
    }

    #[test]
    fn a_group_is_known_by_each_of_its_names() {
        let (inbox, _outbox) = mpsc::channel(1);
        let route = route(Some("1"), inbox);
        for group in
            ["/g", "1:/g", "arn:aws:logs:r:1:log-group:/g", "arn:aws:logs:r:1:log-group:/g:*"]
        {
            assert!(route.takes(group, "a/x"), "{group}");
        }
        for group in ["/h", "2:/g", "arn:aws:logs:r:2:log-group:/g"] {
            assert!(!route.takes(group, "a/x"), "{group}");
        }
        assert!(!route.takes("/g", "b/x"));
        assert!(!route.takes("/g", "a/b/x"));
    }

    #[test]
    fn what_finds_no_room_is_said_to_be_missed() {
        let (inbox, mut outbox) = mpsc::channel(1);
        let routes = Routes::default();
        routes.add(route(None, inbox));
        routes.tell(|| LiveNews::Began);
        routes.tell(|| LiveNews::Ended);
        assert!(matches!(outbox.try_recv(), Ok(LiveNews::Began)));
        routes.tell(|| LiveNews::Began);
        assert!(matches!(outbox.try_recv(), Ok(LiveNews::Missed)));
    }
}
