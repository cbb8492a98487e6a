//! Which services are wanted: what the user typed, as far as spelling allows. Pure.

use globset::{GlobBuilder, GlobMatcher};

/// The services that are wanted. Without a name, all of them.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names; a service that any of them means is wanted.
    pub names: Vec<ServiceName>,
    /// Clusters, by name or glob; all of the region without one.
    pub clusters: Vec<Pattern>,
}

/// `[service:]NAME`, `CLUSTER/NAME`, a glob of either part, or a service's ARN.
#[derive(Clone, Debug)]
pub struct ServiceName {
    /// As it was typed.
    pub typed: String,
    /// The cluster, where one is said.
    pub cluster: Option<Pattern>,
    /// The name.
    pub name: Pattern,
    /// The account and region, of an ARN.
    pub home: Option<(String, String)>,
}

/// A name, exactly or as a glob.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// This name.
    Exact(String),
    /// All names that match.
    Glob(GlobMatcher),
}

/// A name that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Nothing was typed.
    #[error("a service's name is empty")]
    Empty,
    /// More than two parts, or an empty one.
    #[error("`{0}` is not a service: it is NAME, CLUSTER/NAME or an ARN")]
    NotAService(String),
    /// An ARN of something else.
    #[error("the ARN `{0}` is not of a service")]
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

impl Wanted {
    /// Reads what was typed: services, and clusters by name, glob or ARN.
    pub fn parse(services: &[String], clusters: &[String]) -> Result<Self, SelectionError> {
        let cluster = |text: &String| match text.starts_with("arn:") {
            true => Ok(Pattern::Exact(ecs::short_name(text).to_owned())),
            false => Pattern::parse(text),
        };
        Ok(Self {
            names: services
                .iter()
                .map(|text| ServiceName::parse(text))
                .collect::<Result<_, _>>()?,
            clusters: clusters.iter().map(cluster).collect::<Result<_, _>>()?,
        })
    }

    /// The clusters that need not be listed, when that is known from the names alone.
    pub(crate) fn exact_clusters(&self) -> Option<Vec<String>> {
        let patterns: Vec<&Pattern> = match self.clusters.is_empty() {
            false => self.clusters.iter().collect(),
            true if self.names.is_empty() => return None,
            true => self.names.iter().map(|name| name.cluster.as_ref()).collect::<Option<_>>()?,
        };
        let mut names: Vec<String> = patterns
            .into_iter()
            .map(|pattern| pattern.exact().map(str::to_owned))
            .collect::<Option<_>>()?;
        names.sort();
        names.dedup();
        Some(names)
    }

    /// Whether anything in this cluster may be wanted.
    pub(crate) fn wants_cluster(&self, cluster: &str) -> bool {
        let is_one = self.clusters.is_empty()
            || self.clusters.iter().any(|pattern| pattern.is_match(cluster));
        is_one && (self.names.is_empty() || self.names.iter().any(|name| name.may_be_in(cluster)))
    }

    /// The names to describe in a cluster without listing it, when all of them are exact.
    pub(crate) fn exact_names(&self, cluster: &str) -> Option<Vec<String>> {
        if self.names.is_empty() {
            return None;
        }
        let here = self.names.iter().filter(|name| name.may_be_in(cluster));
        let mut names: Vec<String> =
            here.map(|name| name.name.exact().map(str::to_owned)).collect::<Option<_>>()?;
        names.sort();
        names.dedup();
        Some(names)
    }

    /// What of it may be in a region: an ARN says where it is.
    pub fn at(&self, region: &str) -> Self {
        let here = self.names.iter().filter(|name| name.is_at(region)).cloned();
        Self { names: here.collect(), clusters: self.clusters.clone() }
    }

    /// Whether a service is wanted.
    pub fn wants(&self, cluster: &str, service: &str) -> bool {
        self.wants_cluster(cluster)
            && (self.names.is_empty() || self.names.iter().any(|name| name.means(cluster, service)))
    }
}

impl ServiceName {
    /// Reads `[service:]NAME`, `CLUSTER/NAME` or an ARN.
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        let typed = text.to_owned();
        let name = text.strip_prefix("service:").unwrap_or(text);
        if name.trim().is_empty() {
            return Err(SelectionError::Empty);
        }
        if name.starts_with("arn:") {
            return Self::parse_arn(typed, name);
        }
        let parts: Vec<&str> = name.split('/').collect();
        let (cluster, name) = match parts.as_slice() {
            [name] => (None, *name),
            [cluster, name] if !cluster.is_empty() && !name.is_empty() => (Some(*cluster), *name),
            _ => return Err(SelectionError::NotAService(typed)),
        };
        Ok(Self {
            cluster: cluster.map(Pattern::parse).transpose()?,
            name: Pattern::parse(name)?,
            home: None,
            typed,
        })
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:service/[CLUSTER/]NAME`
    fn parse_arn(typed: String, arn: &str) -> Result<Self, SelectionError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, "ecs", region, account, resource] = parts.as_slice() else {
            return Err(SelectionError::OtherArn(typed));
        };
        let names: Vec<&str> = resource.split('/').collect();
        let (cluster, name) = match names.as_slice() {
            ["service", name] => (None, *name),
            ["service", cluster, name] => (Some(*cluster), *name),
            _ => return Err(SelectionError::OtherArn(typed)),
        };
        Ok(Self {
            cluster: cluster.map(|name| Pattern::Exact(name.to_owned())),
            name: Pattern::Exact(name.to_owned()),
            home: Some(((*account).to_owned(), (*region).to_owned())),
            typed,
        })
    }

    fn may_be_in(&self, cluster: &str) -> bool {
        self.cluster.as_ref().is_none_or(|pattern| pattern.is_match(cluster))
    }

    /// Whether this service is meant.
    pub(crate) fn means(&self, cluster: &str, service: &str) -> bool {
        self.may_be_in(cluster) && self.name.is_match(service)
    }

    /// Whether it may be in a region: an ARN says where it is.
    pub fn is_at(&self, region: &str) -> bool {
        self.home.as_ref().is_none_or(|(_, home)| home == region)
    }
}

impl Pattern {
    /// A glob where there is a `*`, `?`, `[` or `{`; else exactly this name.
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Self::Exact(text.to_owned()));
        }
        match GlobBuilder::new(text).build() {
            Ok(glob) => Ok(Self::Glob(glob.compile_matcher())),
            Err(error) => Err(SelectionError::Glob {
                glob: text.to_owned(),
                problem: error.kind().to_string(),
            }),
        }
    }

    /// Whether the name is meant.
    pub fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Glob(glob) => glob.is_match(name),
        }
    }

    fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(exact) => Some(exact),
            Self::Glob(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wanted(services: &[&str], clusters: &[&str]) -> Wanted {
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Wanted::parse(&owned(services), &owned(clusters)).unwrap()
    }

    #[test]
    fn without_names_everything_is_wanted() {
        let all = wanted(&[], &[]);
        assert!(all.wants("prod", "api") && all.exact_clusters().is_none());
        let prod = wanted(&[], &["prod"]);
        assert!(prod.wants("prod", "api") && !prod.wants("edge", "api"));
        assert_eq!(prod.exact_clusters(), Some(vec!["prod".to_owned()]));
        assert_eq!(wanted(&[], &["pr*"]).exact_clusters(), None);
        assert_eq!(
            wanted(&[], &["arn:aws:ecs:us-east-1:1:cluster/prod"]).exact_clusters(),
            Some(vec!["prod".to_owned()])
        );
    }

    #[test]
    fn names_paths_globs_and_arns_are_read() {
        for text in ["api", "service:api", "prod/api", "service:prod/api", "a*", "pr?d/a*"] {
            assert!(wanted(&[text], &[]).wants("prod", "api"), "{text}");
            assert!(!wanted(&[text], &[]).wants("prod", "billing"), "{text}");
        }
        for arn in
            ["arn:aws:ecs:eu-west-1:1:service/api", "arn:aws:ecs:eu-west-1:1:service/prod/api"]
        {
            let wanted = wanted(&[arn], &[]);
            assert!(wanted.wants("prod", "api"));
            assert!(wanted.names[0].is_at("eu-west-1") && !wanted.names[0].is_at("us-east-1"));
        }
    }

    #[test]
    fn what_is_exact_needs_no_list() {
        let names = wanted(&["prod/api", "edge/api", "prod/billing"], &[]);
        assert_eq!(names.exact_clusters(), Some(vec!["edge".to_owned(), "prod".to_owned()]));
        assert_eq!(names.exact_names("prod"), Some(vec!["api".to_owned(), "billing".to_owned()]));
        assert_eq!(wanted(&["api"], &[]).exact_clusters(), None);
        assert_eq!(wanted(&["api", "b*"], &[]).exact_names("prod"), None);
    }

    #[test]
    fn what_is_no_service_is_refused() {
        let refused = |text: &str| ServiceName::parse(text).unwrap_err();
        assert_eq!(refused(""), SelectionError::Empty);
        assert_eq!(refused("service:"), SelectionError::Empty);
        assert!(matches!(refused("a/b/c"), SelectionError::NotAService(_)));
        assert!(matches!(refused("/b"), SelectionError::NotAService(_)));
        assert!(matches!(refused("arn:aws:ecs:r:1:task/prod/1"), SelectionError::OtherArn(_)));
        assert!(matches!(refused("a[b"), SelectionError::Glob { .. }));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*", cluster in ".{0,8}", service in ".{0,8}") {
            if let Ok(name) = ServiceName::parse(&text) {
                name.means(&cluster, &service);
            }
        }

        #[test]
        fn a_plain_name_means_itself(cluster in "[a-zA-Z0-9_-]{1,255}", service in "[a-zA-Z0-9_-]{1,255}") {
            let path = format!("{cluster}/{service}");
            prop_assert!(ServiceName::parse(&path).unwrap().means(&cluster, &service));
            prop_assert!(ServiceName::parse(&service).unwrap().means(&cluster, &service));
        }
    }
}
