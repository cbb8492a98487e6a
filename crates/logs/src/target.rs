//! What the user typed: a service, a task, a group, a glob, an ARN, and the profile to read it with. Pure.

use ecs::TaskId;

/// A target, and the profile that it is read with where it says one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The profile; whatever is usual where none is said.
    pub profile: Option<String>,
    /// The target.
    pub target: Target,
    /// The target as it was typed, without the profile.
    pub typed: String,
}

/// A target as it was typed, read as far as spelling allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name that may be a service or a group: decided by what exists.
    Bare(String),
    /// `service:api`, `service:prod/api`, `service:prod/api/web`, or a service's ARN.
    Service(ServiceName),
    /// `task:ID`, a bare task id, or a task's ARN.
    Task {
        /// The id, in lower case, as ECS writes it.
        id: String,
        /// Where an ARN says that it is.
        home: Option<Home>,
    },
    /// `group:NAME`, or a name that can only be a group.
    Group(String),
    /// A glob over group names.
    Glob(String),
    /// The ARN of a group, perhaps of another account or region.
    GroupArn(GroupArn),
}

/// A service's name, with as much of its path as was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// Where an ARN says that it is.
    pub home: Option<Home>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The service's name.
    pub service: String,
    /// The container's name.
    pub container: Option<String>,
}

/// The account and region of an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
}

/// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupArn {
    /// The ARN without a trailing `:*`, as FilterLogEvents takes it.
    pub arn: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account: String,
    /// The group's name.
    pub name: String,
}

/// A target that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was typed.
    #[error("a target is empty")]
    Empty,
    /// A colon where no name has one.
    #[error("`{0}` is no target: before a `:` stands a profile, or service, task, group or arn")]
    Colon(String),
    /// `service:` with more than three parts, or an empty one.
    #[error("`{0}` is not a service: it is NAME, CLUSTER/NAME or CLUSTER/NAME/CONTAINER")]
    NotAService(String),
    /// `task:` with something that is no task id.
    #[error("`{0}` is not a task id: one has 32 hexadecimal digits")]
    NotATask(String),
    /// An ARN of something that has no logs of its own.
    #[error("the ARN `{0}` is not of a log group, a service or a task")]
    OtherArn(String),
    /// A glob that cannot be read.
    #[error("the glob `{glob}` cannot be read: {problem}")]
    Glob {
        /// As it was typed.
        glob: String,
        /// What is wrong.
        problem: String,
    },
}

/// The profile before a target, and the target: `prod:/ecs/api`, `prod:service:api`.
///
/// What may be read has no colon in its name (log groups: "CreateLogGroup" in the API reference), and
/// the kinds of target are no profiles.
pub fn split_profile(text: &str) -> (Option<&str>, &str) {
    const KINDS: [&str; 4] = ["service", "task", "group", "arn"];
    match text.split_once(':') {
        Some((profile, rest)) if !KINDS.contains(&profile) => (Some(profile), rest),
        _ => (None, text),
    }
}

impl Address {
    /// Reads `[PROFILE:]TARGET`.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let (profile, typed) = split_profile(text);
        if profile.is_some_and(|profile| profile.trim().is_empty()) {
            return Err(TargetError::Colon(text.to_owned()));
        }
        let target = Target::parse(typed)?;
        Ok(Self { profile: profile.map(str::to_owned), target, typed: typed.to_owned() })
    }
}

impl Target {
    /// Reads a target: `[service:|task:|group:|arn:]NAME`.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if text.trim().is_empty() {
            return Err(TargetError::Empty);
        }
        if let Some(arn) = text.strip_prefix("arn:") {
            // Both `arn:aws:logs:…` and `arn:arn:aws:logs:…`.
            return Self::parse_arn(if arn.starts_with("arn:") { arn } else { text });
        }
        if let Some(name) = text.strip_prefix("service:") {
            return ServiceName::parse(name)
                .map(Self::Service)
                .ok_or_else(|| TargetError::NotAService(name.to_owned()));
        }
        if let Some(id) = text.strip_prefix("task:") {
            return match TaskId::parse(id) {
                Some(id) => Ok(Self::Task { id: id.as_str().to_ascii_lowercase(), home: None }),
                None => Err(TargetError::NotATask(id.to_owned())),
            };
        }
        if let Some(name) = text.strip_prefix("group:") {
            return match name {
                "" => Err(TargetError::Empty),
                glob if is_glob(glob) => Ok(Self::Glob(glob.to_owned())),
                name => Ok(Self::Group(name.to_owned())),
            };
        }
        if text.contains(':') {
            return Err(TargetError::Colon(text.to_owned()));
        }
        Ok(if is_glob(text) {
            Self::Glob(text.to_owned())
        } else if TaskId::parse(text).is_some() {
            Self::Task { id: text.to_ascii_lowercase(), home: None }
        } else if ServiceName::parse(text).is_some() {
            Self::Bare(text.to_owned())
        } else {
            Self::Group(text.to_owned())
        })
    }

    /// The account and region of an ARN: wherever else is read, it is there.
    pub(crate) fn home(&self) -> Option<Home> {
        match self {
            Self::Service(ServiceName { home, .. }) | Self::Task { home, .. } => home.clone(),
            Self::GroupArn(GroupArn { account, region, .. }) => {
                Some(Home { account: account.clone(), region: region.clone() })
            }
            Self::Bare(_) | Self::Group(_) | Self::Glob(_) => None,
        }
    }

    fn parse_arn(arn: &str) -> Result<Self, TargetError> {
        let other = || TargetError::OtherArn(arn.to_owned());
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (Some("arn"), Some(_), Some(service), Some(region), Some(account), Some(resource)) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(other());
        };
        let region = region.to_owned();
        match service {
            "logs" => {
                let name = resource.strip_prefix("log-group:").ok_or_else(other)?;
                let name =
                    name.split(':').next().filter(|name| !name.is_empty()).ok_or_else(other)?;
                let end = arn.len() - resource.len() + "log-group:".len() + name.len();
                Ok(Self::GroupArn(GroupArn {
                    arn: arn[..end].to_owned(),
                    region,
                    account: account.to_owned(),
                    name: name.to_owned(),
                }))
            }
            "ecs" => match resource.split_once('/') {
                Some(("service", path)) => {
                    let mut name = ServiceName::parse(path).ok_or_else(other)?;
                    name.home = Some(Home { account: account.to_owned(), region });
                    Ok(Self::Service(name))
                }
                Some(("task", path)) => {
                    let id = TaskId::parse(ecs::short_name(path)).ok_or_else(other)?;
                    let id = id.as_str().to_ascii_lowercase();
                    Ok(Self::Task { id, home: Some(Home { account: account.to_owned(), region }) })
                }
                _ => Err(other()),
            },
            _ => Err(other()),
        }
    }
}

impl ServiceName {
    /// Reads `NAME`, `CLUSTER/NAME` or `CLUSTER/NAME/CONTAINER`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        // What ECS allows in the names of clusters, services and containers.
        let named = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !parts.iter().all(named) {
            return None;
        }
        let (cluster, service, container) = match *parts.as_slice() {
            [service] => (None, service, None),
            [cluster, service] => (Some(cluster), service, None),
            [cluster, service, container] => (Some(cluster), service, Some(container)),
            _ => return None,
        };
        Some(Self {
            home: None,
            cluster: cluster.map(str::to_owned),
            service: service.to_owned(),
            container: container.map(str::to_owned),
        })
    }
}

/// None of these can stand in the name of a log group.
fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bare(name: &str) -> Target {
        Target::Bare(name.into())
    }

    #[test]
    fn a_name_alone_may_be_a_service_or_a_group() {
        for name in ["api", "prod/api", "prod/api/web"] {
            assert_eq!(Target::parse(name), Ok(bare(name)));
        }
    }

    #[test]
    fn what_only_a_group_can_be_called_is_a_group() {
        for name in ["/ecs/api", "/aws/lambda/x", "a.b", "a/b/c/d", "a#b"] {
            assert_eq!(Target::parse(name), Ok(Target::Group(name.into())));
        }
    }

    #[test]
    fn a_prefix_decides() {
        assert!(matches!(Target::parse("service:grep"), Ok(Target::Service(_))));
        assert_eq!(Target::parse("group:api"), Ok(Target::Group("api".into())));
        assert_eq!(Target::parse("group:/ecs/*"), Ok(Target::Glob("/ecs/*".into())));
        assert_eq!(Target::parse("task:nope"), Err(TargetError::NotATask("nope".into())));
        assert_eq!(
            Target::parse("service:a/b/c/d"),
            Err(TargetError::NotAService("a/b/c/d".into()))
        );
    }

    #[test]
    fn the_arn_of_a_group_keeps_no_star() {
        let expected = GroupArn {
            arn: "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/api".into(),
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            name: "/ecs/api".into(),
        };
        for tail in ["", ":*", ":log-stream:web/1"] {
            let text = format!("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/api{tail}");
            assert_eq!(Target::parse(&text), Ok(Target::GroupArn(expected.clone())));
            assert_eq!(
                Target::parse(&format!("arn:{text}")),
                Ok(Target::GroupArn(expected.clone()))
            );
        }
    }

    #[test]
    fn ecs_arns_short_and_long() {
        let long = Target::parse("arn:aws:ecs:us-east-1:1:service/prod/api");
        let Ok(Target::Service(name)) = long else { panic!("{long:?}") };
        assert_eq!((name.cluster.as_deref(), name.service.as_str()), (Some("prod"), "api"));
        let id = "0f9de17a6465404e8b1b2356dc13c2f8";
        for path in [format!("task/prod/{id}"), format!("task/{id}")] {
            let target = Target::parse(&format!("arn:aws:ecs:us-east-1:1:{path}"));
            assert_eq!(
                target,
                Ok(Target::Task {
                    id: id.into(),
                    home: Some(Home { account: "1".into(), region: "us-east-1".into() }),
                })
            );
        }
        assert!(matches!(Target::parse("arn:aws:s3:::bucket"), Err(TargetError::OtherArn(_))));
    }

    #[test]
    fn a_profile_may_stand_before_a_target() {
        let read =
            |text: &str| Address::parse(text).map(|address| (address.profile, address.target));
        let prod = || Some("prod".to_owned());
        assert_eq!(read("prod:api"), Ok((prod(), bare("api"))));
        assert_eq!(read("prod:/ecs/api"), Ok((prod(), Target::Group("/ecs/api".into()))));
        assert_eq!(read("prod:group:api"), Ok((prod(), Target::Group("api".into()))));
        assert_eq!(read("group:api"), Ok((None, Target::Group("api".into()))));
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/api";
        assert_eq!(read(&format!("prod:{arn}")), Ok((prod(), Target::parse(arn).unwrap())));
        assert_eq!(read(":api"), Err(TargetError::Colon(":api".into())));
        assert_eq!(read("prod:staging:api"), Err(TargetError::Colon("staging:api".into())));
        assert_eq!(read("prod:"), Err(TargetError::Empty));
    }

    proptest! {
        #[test]
        fn a_profile_takes_nothing_from_the_target(
            profile in "[a-zA-Z0-9_./@+-]{1,12}",
            kind in prop_oneof![Just(""), Just("service:"), Just("group:")],
            name in "[a-z0-9_-]{1,12}(/[a-z0-9_-]{1,12}){0,2}",
        ) {
            prop_assume!(!["service", "task", "group", "arn"].contains(&profile.as_str()));
            let alone = format!("{kind}{name}");
            let read = Address::parse(&format!("{profile}:{alone}")).unwrap();
            prop_assert_eq!(&read.target, &Target::parse(&alone).unwrap());
            prop_assert_eq!(read.profile.as_deref(), Some(profile.as_str()));
            let without = Address::parse(&alone).unwrap();
            prop_assert_eq!((without.profile, without.target), (None, read.target));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Address::parse(&text);
            let _ = Target::parse(&text);
            let _ = Target::parse(&format!("arn:{text}"));
            let _ = Target::parse(&format!("service:{text}"));
        }

        #[test]
        fn a_path_of_names_reads_back(
            parts in proptest::collection::vec("[a-zA-Z0-9_-]{1,12}", 1..=3),
        ) {
            let text = parts.join("/");
            prop_assume!(TaskId::parse(&text).is_none());
            prop_assert_eq!(Target::parse(&text), Ok(bare(&text)));
            let name = ServiceName::parse(&text).unwrap();
            let back: Vec<_> = [name.cluster, Some(name.service), name.container].into_iter().flatten().collect();
            prop_assert_eq!(back, parts);
        }
    }
}
