//! What keeps logs from being read at all.

use crate::target::TargetError;

/// Why a target leads nowhere, or its logs cannot be asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The target cannot be read.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No service and no group is called so.
    #[error("there is no service and no log group called `{name}` in {region}")]
    UnknownName {
        /// As it was typed.
        name: String,
        /// Where it was looked for.
        region: String,
        /// Targets with names like it, as they can be typed.
        nearest: Vec<String>,
    },
    /// No service is called so.
    #[error("there is no service called `{name}` in {region}")]
    UnknownService {
        /// As it was typed.
        name: String,
        /// Where it was looked for.
        region: String,
        /// Services with names like it.
        nearest: Vec<String>,
    },
    /// The service has no such container.
    #[error("the service {service} has no container called `{container}`")]
    UnknownContainer {
        /// `cluster/name`.
        service: String,
        /// As it was typed.
        container: String,
        /// The containers that it has.
        known: Vec<String>,
    },
    /// No group is called so.
    #[error("there is no log group called `{name}` in {region}")]
    UnknownGroup {
        /// As it was typed.
        name: String,
        /// Where it was looked for.
        region: String,
        /// Groups with names like it.
        nearest: Vec<String>,
    },
    /// No group matches the glob.
    #[error("no log group in {region} matches `{glob}`")]
    NoMatch {
        /// As it was typed.
        glob: String,
        /// Where it was looked for.
        region: String,
        /// Groups with names like it.
        nearest: Vec<String>,
    },
    /// ECS knows no such task (any more).
    #[error("ECS does not know the task {id}: it forgets a stopped task after about an hour")]
    UnknownTask {
        /// As it was typed.
        id: String,
    },
    /// The ARN is of an account that these credentials are not of.
    #[error("{arn} is of the account {theirs}, and these credentials are of {ours}")]
    OtherAccount {
        /// What the ARN names.
        arn: String,
        /// Its account.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// It is nowhere that could be asked, and not every site could.
    #[error("{}", unreached_text(name, absent))]
    Unreached {
        /// As it was typed.
        name: String,
        /// Where it is not.
        absent: Vec<aws::Site>,
        /// Where it could not be looked for, and why; at least one.
        unread: Vec<(aws::Site, aws::Error)>,
    },
    /// The name leads to different groups.
    #[error("`{name}` can mean different things")]
    Ambiguous {
        /// As it was typed.
        name: String,
        /// Each meaning, as it can be typed.
        choices: Vec<String>,
    },
    /// Nothing that the service or task writes can be read here.
    #[error("{name} writes no logs to CloudWatch: {elsewhere}")]
    NoLogs {
        /// The service or task.
        name: String,
        /// Where its containers write.
        elsewhere: String,
    },
    /// A request failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
}

/// `a, b`
pub(crate) fn sites_text(sites: &[aws::Site]) -> String {
    let texts: Vec<String> = sites.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

fn unreached_text(name: &str, absent: &[aws::Site]) -> String {
    match absent {
        [] => format!("`{name}` could not be looked for"),
        sites => {
            format!(
                "`{name}` is not in {}, and elsewhere it could not be looked for",
                sites_text(sites)
            )
        }
    }
}

impl Error {
    /// Whether nothing of that name, or nothing to read of it, is there; it may be elsewhere.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::UnknownName { .. }
                | Self::UnknownService { .. }
                | Self::UnknownContainer { .. }
                | Self::UnknownGroup { .. }
                | Self::NoMatch { .. }
                | Self::UnknownTask { .. }
                | Self::NoLogs { .. }
        )
    }

    /// The next thing to type.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownName { nearest, .. }
            | Self::UnknownService { nearest, .. }
            | Self::UnknownGroup { nearest, .. }
            | Self::NoMatch { nearest, .. } => Some(match nearest.as_slice() {
                [] => "`oncall logs groups` lists what there is; --region and --profile look elsewhere".to_owned(),
                names => format!("did you mean {}?", list(names, "or")),
            }),
            Self::UnknownContainer { known, .. } => {
                Some(format!("its containers are {}", list(known, "and")))
            }
            Self::UnknownTask { id } => {
                Some(format!("its lines may still be there: `oncall logs SERVICE --task {id}`"))
            }
            Self::OtherAccount { .. } => {
                Some("pass the --profile of that account; only log groups can be read across accounts".to_owned())
            }
            Self::Ambiguous { choices, .. } => Some(format!("say which: {}", list(choices, "or"))),
            Self::Target(TargetError::NotAService(name)) => {
                Some(format!("a log group of that name is `group:{name}`"))
            }
            Self::Target(TargetError::NotATask(_)) => {
                Some("with the beginning of an id: `oncall logs SERVICE --task BEGINNING`".to_owned())
            }
            Self::Target(TargetError::Colon(_)) => Some(
                "with a profile: `PROFILE:TARGET`, as in `prod:api` or `prod:group:/ecs/api`".to_owned(),
            ),
            Self::Target(_) => Some(
                "a target is a service, CLUSTER/SERVICE, a task id, a log group, a glob or an ARN"
                    .to_owned(),
            ),
            Self::NoLogs { .. } => None,
            Self::Unreached { unread, .. } => {
                let mut hints: Vec<String> = unread.iter().filter_map(|(_, e)| e.hint()).collect();
                hints.dedup();
                (!hints.is_empty()).then(|| hints.join("; "))
            }
            Self::Aws(error) => error.hint(),
        }
    }
}

/// `a`, `b` or `c`
fn list(names: &[String], conjunction: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}
