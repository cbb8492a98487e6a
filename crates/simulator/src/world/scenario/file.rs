//! The scenario file as it is written: names and shapes, nothing checked across them yet.
//!
//! Every table denies unknown keys, so that a slip of the pen is an error with a line and a column.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Deserialize;
use toml::Spanned;

use super::buckets::{WrittenBucket, WrittenDelete, WrittenPut};
use super::terraform::{WrittenOrganization, WrittenRun, WrittenWorkspace};
use super::tickets::{WrittenProject, WrittenTicket};
use crate::world::when::{Offset, Span};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) seed: u64,
    pub(super) region: Option<String>,
    pub(super) page_lead: Option<Span>,
    #[serde(default)]
    pub(super) waves: BTreeMap<String, Spanned<Wave>>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<Field>>,
    #[serde(default)]
    pub(super) clusters: Vec<Cluster>,
    #[serde(default)]
    pub(super) log_groups: Vec<LogGroup>,
    #[serde(default)]
    pub(super) services: Vec<Service>,
    #[serde(default)]
    pub(super) timeline: Vec<Spanned<Happening>>,
    #[serde(default)]
    pub(super) images: Vec<Image>,
    #[serde(default)]
    pub(super) organizations: Vec<WrittenOrganization>,
    #[serde(default)]
    pub(super) workspaces: Vec<WrittenWorkspace>,
    #[serde(default)]
    pub(super) buckets: Vec<WrittenBucket>,
    #[serde(default)]
    pub(super) projects: Vec<WrittenProject>,
    #[serde(default)]
    pub(super) tickets: Vec<WrittenTicket>,
    #[serde(default)]
    pub(super) faults: Faults,
    pub(super) page: Option<Page>,
    #[serde(default)]
    pub(super) hints: Vec<Hint>,
    #[serde(default)]
    pub(super) causes: Vec<Cause>,
    #[serde(default)]
    pub(super) decoys: Vec<Decoy>,
    #[serde(default)]
    pub(super) shortest: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) title: Spanned<String>,
    pub(super) severity: Option<Spanned<String>>,
    pub(super) service: Option<Spanned<String>>,
    pub(super) paged: Option<Spanned<String>>,
    pub(super) text: Option<Spanned<String>>,
    pub(super) runbook: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hint {
    pub(super) text: Spanned<String>,
}

/// One way to say something: groups of words, one of each group.
pub(super) type Way = Spanned<Vec<Spanned<Vec<Spanned<String>>>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cause {
    pub(super) name: Spanned<String>,
    pub(super) role: Spanned<String>,
    pub(super) says: Spanned<String>,
    pub(super) accepts: Spanned<Vec<Way>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decoy {
    pub(super) name: Spanned<String>,
    pub(super) says: Spanned<String>,
    pub(super) unless: Option<Spanned<String>>,
    pub(super) accepts: Spanned<Vec<Way>>,
}

/// What the flags of `drill serve` say, in their words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Faults {
    pub(super) latency: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) tps: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) fault: Vec<Spanned<String>>,
    pub(super) scan_limit: Option<NonZeroUsize>,
    pub(super) page_limit: Option<NonZeroUsize>,
    #[serde(default)]
    pub(super) without: Vec<Spanned<String>>,
    pub(super) live_sessions: Option<usize>,
    pub(super) live_limit: Option<Span>,
    pub(super) expire_after: Option<Span>,
    pub(super) expire_for: Option<Spanned<Span>>,
    pub(super) stop_after: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wave {
    pub(super) from: Offset,
    pub(super) to: Option<Offset>,
    pub(super) on: Span,
    pub(super) every: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) hosts: u32,
    #[serde(default)]
    pub(super) short_arns: bool,
    #[serde(default)]
    pub(super) denied: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Image {
    pub(super) name: Spanned<String>,
    pub(super) missing: Spanned<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Class {
    Standard,
    InfrequentAccess,
    Delivery,
    Essentials,
}

impl Class {
    pub(crate) const ALL: [Class; 4] =
        [Class::Standard, Class::InfrequentAccess, Class::Delivery, Class::Essentials];

    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Standard => "STANDARD",
            Class::InfrequentAccess => "INFREQUENT_ACCESS",
            Class::Delivery => "DELIVERY",
            Class::Essentials => "ESSENTIALS",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogGroup {
    pub(super) name: Spanned<String>,
    pub(super) region: Option<Spanned<String>>,
    pub(super) retention_days: Option<u32>,
    pub(super) class: Option<Class>,
    pub(super) created: Option<Offset>,
    pub(super) streams: Option<Streams>,
    pub(super) lag: Option<Spanned<[Span; 2]>>,
    pub(super) ahead: Option<Spanned<Span>>,
    pub(super) rate: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<Field>>,
    #[serde(default)]
    pub(super) templates: Vec<Spanned<Template>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Streams {
    pub(super) name: Spanned<String>,
    pub(super) rotate: Spanned<Span>,
    pub(super) count: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scheduling {
    Replica,
    Daemon,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum LaunchType {
    Ec2,
    Fargate,
}

/// ECS `DeploymentController.type`: who replaces a service's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Controller {
    Ecs,
    CodeDeploy,
    External,
}

impl Controller {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Controller::Ecs => "ECS",
            Controller::CodeDeploy => "CODE_DEPLOY",
            Controller::External => "EXTERNAL",
        }
    }
}

/// ECS `DeploymentConfiguration.strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Strategy {
    Rolling,
    BlueGreen,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CircuitBreaker {
    pub(super) enable: bool,
    pub(super) rollback: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alarms {
    pub(super) names: Vec<String>,
    pub(super) enable: Option<bool>,
    pub(super) rollback: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: Spanned<String>,
    pub(super) copies: Option<Spanned<u32>>,
    pub(super) cluster: Spanned<String>,
    pub(super) desired: Option<u32>,
    pub(super) scheduling: Option<Spanned<Scheduling>>,
    pub(super) launch_type: Option<LaunchType>,
    pub(super) controller: Option<Spanned<Controller>>,
    pub(super) strategy: Option<Spanned<Strategy>>,
    pub(super) bake: Option<Spanned<Span>>,
    pub(super) circuit_breaker: Option<Spanned<CircuitBreaker>>,
    pub(super) alarms: Option<Spanned<Alarms>>,
    pub(super) family: Option<String>,
    pub(super) revision: Option<u32>,
    pub(super) since: Option<Offset>,
    pub(super) created: Option<Offset>,
    pub(super) cpu: Option<u32>,
    pub(super) memory: Option<u32>,
    pub(super) registered_by: Option<String>,
    pub(super) load_balancer: Option<Spanned<LoadBalancer>>,
    pub(super) lag: Option<Spanned<[Span; 2]>>,
    pub(super) ahead: Option<Spanned<Span>>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<Field>>,
    #[serde(default)]
    pub(super) containers: Vec<Container>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadBalancer {
    pub(super) target_group: String,
    pub(super) container: Spanned<String>,
    pub(super) port: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Container {
    pub(super) name: Spanned<String>,
    pub(super) image: String,
    pub(super) essential: Option<bool>,
    pub(super) health_check: Option<bool>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) ports: Vec<Spanned<Port>>,
    pub(super) log: Option<Spanned<Log>>,
    pub(super) lag: Option<Spanned<[Span; 2]>>,
    pub(super) ahead: Option<Spanned<Span>>,
    pub(super) rate: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) templates: Vec<Spanned<Template>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Port {
    pub(super) port: u16,
    pub(super) name: Option<String>,
    pub(super) host_port: Option<u16>,
    pub(super) protocol: Option<Protocol>,
}

/// ECS `TransportProtocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// ECS `LogConfiguration.logDriver`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Driver {
    Awslogs,
    Awsfirelens,
    Splunk,
    JsonFile,
    Fluentd,
    Gelf,
    Journald,
    Syslog,
}

impl Driver {
    /// The driver's name in the ECS API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Driver::Awslogs => "awslogs",
            Driver::Awsfirelens => "awsfirelens",
            Driver::Splunk => "splunk",
            Driver::JsonFile => "json-file",
            Driver::Fluentd => "fluentd",
            Driver::Gelf => "gelf",
            Driver::Journald => "journald",
            Driver::Syslog => "syslog",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) driver: Driver,
    pub(super) group: Option<String>,
    pub(super) stream_prefix: Option<String>,
    #[serde(default)]
    pub(super) options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Notice,
    Warn,
    Error,
    Fatal,
}

/// The moment of a task's life at which a `once` template speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Moment {
    Start,
    Stop,
    Crash,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    pub(super) rate: Option<Spanned<f64>>,
    pub(super) weight: Option<Spanned<f64>>,
    pub(super) every: Option<Spanned<Span>>,
    pub(super) once: Option<Moment>,
    pub(super) after: Option<Spanned<Span>>,
    pub(super) level: Option<Level>,
    pub(super) message: Option<Spanned<String>>,
    pub(super) lines: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) from: Option<Spanned<Offset>>,
    pub(super) to: Option<Offset>,
    pub(super) wave: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Spanned<Field>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) pick: Option<Vec<String>>,
    pub(super) weights: Option<Spanned<Vec<f64>>>,
    pub(super) int: Option<Spanned<[i64; 2]>>,
    pub(super) latency: Option<Spanned<f64>>,
    pub(super) spread: Option<f64>,
    pub(super) hex: Option<Spanned<usize>>,
    pub(super) uuid: Option<bool>,
    pub(super) sequence: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Happening {
    pub(super) at: Offset,
    pub(super) deploy: Option<Deploy>,
    pub(super) stop: Option<Stop>,
    pub(super) scale: Option<Scale>,
    pub(super) hold: Option<Hold>,
    pub(super) push: Option<Push>,
    pub(super) register: Option<Register>,
    pub(super) sick: Option<Sick>,
    pub(super) run: Option<WrittenRun>,
    pub(super) put: Option<WrittenPut>,
    pub(super) delete: Option<WrittenDelete>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deploy {
    pub(super) service: Spanned<String>,
    #[serde(default)]
    pub(super) images: BTreeMap<Spanned<String>, String>,
    pub(super) over: Option<Span>,
    pub(super) settles: Option<Spanned<bool>>,
    pub(super) force: Option<Spanned<bool>>,
    pub(super) fail: Option<Spanned<Fail>>,
    pub(super) registered_by: Option<String>,
    pub(super) by: Option<String>,
}

/// How the tasks of a deployment fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fail {
    pub(super) stopped_reason: Option<String>,
    pub(super) container: Option<Spanned<String>>,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    pub(super) service: Spanned<String>,
    #[serde(default)]
    pub(super) images: BTreeMap<Spanned<String>, String>,
    pub(super) registered_by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sick {
    pub(super) service: Spanned<String>,
    pub(super) share: Spanned<f64>,
    pub(super) to: Offset,
    pub(super) container: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stop {
    pub(super) service: Spanned<String>,
    pub(super) reason: Option<String>,
    pub(super) exit_code: Option<i32>,
    pub(super) container: Option<Spanned<String>>,
    pub(super) stopped_reason: Option<String>,
    pub(super) share: Spanned<f64>,
    pub(super) wave: Option<Spanned<String>>,
    pub(super) to: Option<Offset>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scale {
    pub(super) service: Spanned<String>,
    pub(super) desired: u32,
    pub(super) by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hold {
    pub(super) service: Spanned<String>,
    pub(super) to: Offset,
    pub(super) message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Push {
    pub(super) image: Spanned<String>,
    pub(super) digest: Option<Spanned<String>>,
}
