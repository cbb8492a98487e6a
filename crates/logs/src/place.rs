//! Where logs are: a group, which of its streams, and whose they are.

use std::collections::BTreeSet;

use aws::{Doors, Site};

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The profile that it is read with, where one was said. Groups of one name that different
    /// profiles reach are different.
    pub profile: Option<String>,
    /// The account, where it is known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub name: String,
    /// The ARN, when only that reaches the group (it is in another account).
    pub arn: Option<String>,
}

impl Group {
    pub(crate) fn site(&self) -> Site {
        Site { profile: self.profile.clone(), region: self.region.clone() }
    }
}

/// What has to be said of a group, a stream or an event so that it is clear whose it is: nothing
/// where all are of one account and region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    accounts: bool,
    regions: bool,
}

impl Whose {
    /// What tells the sites of the doors, and these places, apart.
    pub fn of(doors: &Doors, places: &[Place]) -> Self {
        let sites =
            doors.all_sites().into_iter().map(|(site, _)| (site.profile, None, site.region));
        let places = places.iter().map(|Place { group, .. }| {
            let foreign = group.arn.as_ref().and(group.account.clone());
            (group.profile.clone(), foreign, group.region.clone())
        });
        let all: BTreeSet<_> = sites.chain(places).collect();
        let accounts: BTreeSet<_> =
            all.iter().map(|(profile, foreign, _)| (profile, foreign)).collect();
        let regions = all.iter().map(|(_, _, region)| region).filter(|region| !region.is_empty());
        let regions: BTreeSet<_> = regions.collect();
        Self { accounts: accounts.len() > 1, regions: regions.len() > 1 }
    }

    /// `prod/us-east-1`, or the part of it that differs: a profile, or else an account, and a region.
    pub fn word(self, group: &Group) -> Option<String> {
        let account = match &group.arn {
            Some(_) => group.account.as_deref(),
            None => group.profile.as_deref().or(group.account.as_deref()),
        };
        self.word_of(account, &group.region)
    }

    /// The same, of a profile or an account, and a region (empty where it is not known).
    pub fn word_of(self, account: Option<&str>, region: &str) -> Option<String> {
        let account = account.filter(|_| self.accounts);
        let region = Some(region).filter(|region| self.regions && !region.is_empty());
        let parts: Vec<&str> = account.into_iter().chain(region).collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }

    /// Whether something has to be said at all.
    pub fn is_said(self) -> bool {
        self.accounts || self.regions
    }
}

/// Which streams of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Streams {
    /// All of them.
    All,
    /// Those whose names begin so.
    Prefix(String),
    /// Exactly these.
    Named(BTreeSet<String>),
}

impl Streams {
    /// Whether a stream of this name is among them.
    pub fn contain(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Named(names) => names.contains(name),
        }
    }

    /// Whether every stream of `other` is among them.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (_, Self::All) => false,
            (Self::Prefix(wide), Self::Prefix(narrow)) => narrow.starts_with(wide.as_str()),
            (Self::Named(_), Self::Prefix(_)) => false,
            (wide, Self::Named(names)) => names.iter().all(|name| wide.contain(name)),
        }
    }
}

/// Who writes to a place: a container of a service or of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name; a task may have none.
    pub service: Option<String>,
    /// The container's name.
    pub container: String,
    /// How the streams are named.
    pub naming: Naming,
}

/// How a writer's streams are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// This, then the task's id (awslogs with a stream prefix, FireLens).
    PrefixThenTask(String),
    /// Exactly this stream; the task, where it is known (awslogs without a prefix names the stream
    /// after the container's runtime id; FireLens may have a fixed name).
    Exactly {
        /// The stream's name.
        stream: String,
        /// The task's id.
        task: Option<String>,
    },
}

impl Naming {
    /// The streams that are named so.
    pub(crate) fn streams(&self) -> Streams {
        match self {
            Self::PrefixThenTask(prefix) => Streams::Prefix(prefix.clone()),
            Self::Exactly { stream, .. } => Streams::Named(BTreeSet::from([stream.clone()])),
        }
    }

    /// Whether a stream is one of them, and the id of its task.
    pub(crate) fn task_of<'a>(&'a self, name: &'a str) -> Option<Option<&'a str>> {
        match self {
            Self::PrefixThenTask(prefix) => {
                let rest = name.strip_prefix(prefix.as_str())?;
                ecs::TaskId::parse(rest).map(|id| Some(id.as_str()))
            }
            Self::Exactly { stream, task } => (name == stream).then_some(task.as_deref()),
        }
    }
}

/// Streams of a group that are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The group.
    pub group: Group,
    /// Which of its streams.
    pub streams: Streams,
    /// Who writes there, as far as ECS says.
    pub writers: Vec<Writer>,
    /// The service that was asked for, when it was one. Others may write under the same prefix.
    pub owner: Option<Owner>,
    /// Ids of tasks that are known to be the owner's.
    pub own_tasks: BTreeSet<String>,
}

/// A service that logs are read for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The region of its cluster.
    pub region: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its name.
    pub service: String,
}

impl Place {
    /// A whole group, of which nothing more is known.
    pub(crate) fn whole(group: Group) -> Self {
        Self {
            group,
            streams: Streams::All,
            writers: Vec::new(),
            owner: None,
            own_tasks: BTreeSet::new(),
        }
    }
}
