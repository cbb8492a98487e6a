//! One revision of a task definition.

use std::collections::BTreeMap;

use record::Time;
use serde::{Deserialize, Serialize};

/// One revision of a task definition. It never changes, so it may be kept.
///
/// Of its environment only the names are read, and the values of [`HARMLESS`] names; of log options
/// only those that name a place. Nothing else that may be a secret gets here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// CPU units of the whole task, 1,024 a virtual CPU.
    pub cpu: Option<u32>,
    /// Memory of the whole task, in MiB.
    pub memory_mb: Option<u32>,
    /// Who registered it (ARN of the principal).
    pub registered_by: Option<String>,
    /// When.
    pub registered: Option<Time>,
    /// Its containers.
    pub containers: Vec<Container>,
}

/// A container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// The image, as it was written.
    pub image: Option<String>,
    /// Whether the task ends with it.
    pub essential: bool,
    /// CPU units.
    pub cpu: Option<u32>,
    /// The hard limit of its memory, else the soft one, in MiB.
    pub memory_mb: Option<u32>,
    /// The ports that it listens on.
    pub ports: Vec<Port>,
    /// Its environment by name; the value only where the name is a [`HARMLESS`] one.
    pub environment: BTreeMap<String, Option<String>>,
    /// The names of what is put into its environment from Secrets Manager and Parameter Store.
    pub secrets: Vec<String>,
    /// Where its output goes; `None` when nowhere is said.
    pub log: Option<LogConfiguration>,
}

/// A port of a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Its number inside.
    pub container: u16,
    /// Its name, as Service Connect uses it.
    pub name: Option<String>,
}

/// Where a container's output goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogConfiguration {
    /// awslogs, awsfirelens, splunk, fluentd, json-file, …
    pub driver: String,
    /// The driver's options that say a place in CloudWatch Logs. Others (they may hold tokens) are
    /// not kept.
    pub options: BTreeMap<String, String>,
}

/// The environment variables whose values are shown: they say which version runs where and how, and
/// nobody keeps a secret in them.
pub const HARMLESS: [&str; 27] = [
    "APP_ENV",
    "APP_VERSION",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "DD_ENV",
    "DD_SERVICE",
    "DD_VERSION",
    "DEPLOY_ENV",
    "ENV",
    "ENVIRONMENT",
    "GIT_COMMIT",
    "GIT_SHA",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GO_ENV",
    "LANG",
    "LOG_LEVEL",
    "NODE_ENV",
    "OTEL_SERVICE_NAME",
    "PORT",
    "RACK_ENV",
    "RAILS_ENV",
    "SERVICE_NAME",
    "STAGE",
    "TZ",
    "VERSION",
];

/// The value of an environment variable, where it may be shown: the name is a [`HARMLESS`] one, and the
/// value looks like a word or a number, not like a key or a URL with a password.
pub(crate) fn shown_value(name: &str, value: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+/:".contains(c);
    let looks_harmless = value.len() <= 48 && value.chars().all(is_plain) && !value.contains("://");
    (HARMLESS.contains(&name) && looks_harmless).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_values_are_shown() {
        assert_eq!(shown_value("NODE_ENV", "production").as_deref(), Some("production"));
        assert_eq!(shown_value("AWS_REGION", "eu-west-1").as_deref(), Some("eu-west-1"));
        assert_eq!(shown_value("DB_PASSWORD", "hunter2"), None);
        assert_eq!(shown_value("ENV", "postgres://u:hunter2@db/x"), None);
        assert_eq!(shown_value("VERSION", &"a".repeat(49)), None);
    }

    #[test]
    fn the_harmless_names_are_in_order_and_say_nothing_of_secrets() {
        assert!(HARMLESS.is_sorted());
        let words = ["KEY", "SECRET", "TOKEN", "PASS", "URL", "DSN", "CREDENTIAL", "AUTH"];
        assert!(HARMLESS.iter().all(|name| words.iter().all(|word| !name.contains(word))));
    }
}
