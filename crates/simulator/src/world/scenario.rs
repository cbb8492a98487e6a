//! The scenario: a data file that says what the world is, what ordinary life in it looks like, and what happens.
//!
//! A scenario is TOML. Every table refuses keys that it does not know, and every mistake is reported
//! with its line and column. Moments are relative to the page (`"-45m"`, `"+2h"`, `"0"`, `"-6d"`);
//! lengths of time are `"90s"`, `"1h30m"`, `"250ms"`, `"14400us"`.
//!
//! ## Top level
//!
//! | key | meaning |
//! | --- | --- |
//! | `name` | the scenario's name |
//! | `summary` | one sentence, for `drill list` |
//! | `seed` | a number; every generated value depends on it |
//! | `region` | the region that the world is in (default `us-east-1`); elsewhere there is nothing but the log groups that say so |
//! | `page_lead` | how long before the drill began the page rang (default `4m`) |
//! | `[waves.NAME]` | a rhythm that templates and stops can share |
//! | `[fields.NAME]` | generated values that every message may use |
//! | `[[clusters]]` | ECS clusters |
//! | `[[log_groups]]` | log groups with something to say about them (the others are made as containers name them) |
//! | `[[services]]` | ECS services, their containers and what those log |
//! | `[[timeline]]` | what happens, in any order |
//! | `[[images]]` | images that are gone from their registry |
//! | `[[organizations]]`, `[[workspaces]]` | HCP Terraform, and states in S3 |
//! | `[[buckets]]` | S3 buckets |
//! | `[[projects]]`, `[[tickets]]` | Jira |
//! | `[faults]` | what goes wrong between the cloud and its readers |
//! | `[page]`, `[[hints]]`, `[[causes]]`, `[[decoys]]`, `shortest` | what a person is asked to find out |
//!
//! ## `[waves.NAME]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `from`, `to` | when the rhythm begins and ends (`to` may be left out) |
//! | `every`, `on` | it is on for `on`, once in each `every` |
//!
//! ## `[fields.NAME]` (also under a service, a log group, and a template; the nearest wins)
//!
//! | key | the value |
//! | --- | --- |
//! | `pick = [..]` | one of the texts, evenly, or as often as `weights = [..]` says |
//! | `int = [low, high]` | a whole number, both ends included |
//! | `latency = MEDIAN` | a whole number, log-normal around the median; `spread` (default 0.5) is its sigma |
//! | `hex = N` | N hexadecimal digits |
//! | `uuid = true` | a version 4 UUID |
//! | `sequence = FIRST` | counts up, per stream and template |
//!
//! ## `[[clusters]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name` | the cluster's name |
//! | `hosts` | how many container instances it has; a daemon runs once on each |
//! | `short_arns` | with `true`, the ARNs of what is in it lack its name (`service/NAME`), as in an account that never opted in to long ones |
//! | `denied` | with `true`, ListClusters lists it, and whatever else names it is refused with `AccessDeniedException` |
//!
//! ## `[[log_groups]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name` | the group's name |
//! | `region` | the region that it is in (default: the scenario's); a name may be used once in each. A container writes to the group at home, if there is one |
//! | `retention_days` | events older than this are gone (default: kept) |
//! | `class` | `STANDARD` (default), `INFREQUENT_ACCESS`, `ESSENTIALS`, `DELIVERY` |
//! | `created` | when the group was made (default: 400 days before the page) |
//! | `streams` | for groups that no container writes to: `{ name, rotate, count }`; every `rotate` a new set of `count` (1) streams begins. `name` is a message: `"${time:day}/[$LATEST]${id}"` |
//! | `lag` | `["500ms", "8s"]`: its events are at least and at most so long on their way before they can be read (default: 0.2 to 2.8 s) |
//! | `ahead` | `"3s"`: the clock of its writers is so far ahead (at most `2h`), so that its events are from the future |
//! | `rate`, `fields`, `templates` | what those streams say, as under a container |
//!
//! ## `[[services]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name`, `cluster` | the service, and the cluster that it runs in; a name may be used once per cluster |
//! | `copies` | so many services instead of one: `NAME-001`, `NAME-002` and so on, each with a family of its own. `${copy}` in `family`, an `image` (in a deployment's, too), a log `group`, a `stream_prefix` or a `target_group` is the copy's number; what does not have it is shared |
//! | `desired` | how many tasks (a daemon has one on each host, and no `desired`) |
//! | `scheduling` | `replica` (default) or `daemon` |
//! | `launch_type` | `EC2` (default) or `FARGATE` |
//! | `controller` | `ECS` (default), `CODE_DEPLOY` (needs a `load_balancer`) or `EXTERNAL`: the latter two have task sets instead of deployments. An `EXTERNAL` service with no container and `desired = 0` has no task set |
//! | `strategy`, `bake` | `ROLLING` (default), or `BLUE_GREEN`: all new tasks are made first, and the old ones stay for `bake` (default `5m`) after the traffic has moved. So it is with `CODE_DEPLOY`, too |
//! | `circuit_breaker` | `{ enable, rollback }`: whether a deployment whose tasks fail is given up, and whether the service then goes back |
//! | `alarms` | `{ names, enable, rollback }`: the alarms that watch deployments (`enable` is true, `rollback` false by default); none ever goes off |
//! | `family`, `revision` | the task definition at `since` (default: `CLUSTER-NAME`, 1) |
//! | `since` | when the deployment that the world begins with was made (default `-30d`) |
//! | `created` | when the service was made (default `-400d`) |
//! | `cpu`, `memory` | task size, in CPU units and MiB (default 512, 1024) |
//! | `registered_by` | the principal who registered the first task definition |
//! | `load_balancer` | `{ target_group, container, port }` |
//! | `lag`, `ahead` | as under a log group, for all its containers |
//! | `fields` | generated values for all its containers |
//! | `[[services.containers]]` | at least one |
//!
//! ## `[[services.containers]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name`, `image` | the container; the digest of a tag is made from its text, so that the same image has the same digest everywhere, until something is pushed to it |
//! | `essential` | default true |
//! | `health_check` | whether the definition has one (default false: health is `UNKNOWN`) |
//! | `environment` | a table of texts |
//! | `ports` | a list of `{ port, name, host_port, protocol }`, at most 8 in a service; only `port` must be there, `protocol` is `tcp` (default) or `udp`. On a host, the port is bound to `host_port`, or to another one for each task |
//! | `log` | `{ driver, group, stream_prefix, options }`. With `awslogs`, streams are `PREFIX/CONTAINER/TASK`. With `awsfirelens` and a `group`, they are `PREFIXCONTAINER-firelens-TASK`, as Fluent Bit's cloudwatch_logs output names them; without a group, the logs go elsewhere (`options` says where) and no stream exists. Other drivers never make a stream |
//! | `lag`, `ahead` | as under a log group; the container's own wins, then the service's, then the group's |
//! | `rate` | events per second and task that the templates with a `weight` share |
//! | `[[services.containers.templates]]` | what it logs |
//!
//! ## `templates`
//!
//! | key | meaning |
//! | --- | --- |
//! | `weight` \| `rate` \| `every` \| `once` | exactly one: a share of the container's `rate`; events per second and task; a fixed interval (exact counts for benchmarks); once in a task's life, at its `start`, its `stop`, or its `crash` (a stop with an exit code other than 0) |
//! | `after` | with `once`: so long after the start, or before the end |
//! | `message` | the text, with `${placeholders}`; it may have several lines |
//! | `lines` | instead of `message`: several events of the same instant, in order |
//! | `level` | `trace`, `debug`, `info` (default), `notice`, `warn`, `error`, `fatal`: what `${level}` and `${LEVEL}` say |
//! | `from`, `to` | the template speaks only in between |
//! | `wave` | it speaks only while this wave is on |
//! | `fields` | generated values |
//!
//! Placeholders besides the fields: `${time}` (RFC 3339, milliseconds), `${time:seconds}`, `${time:epoch_ms}`,
//! `${time:epoch}`, `${time:clf}`, `${time:log4j}`, `${time:go}`, `${time:clock}`, `${time:day}`, `${level}`, `${LEVEL}`,
//! `${service}`, `${cluster}`, `${container}`, `${task}`, `${task_short}`, `${host}`, `${address}`, `${version}`
//! (the image's tag), `${revision}`, `${region}`, `${stream}`.
//!
//! ## `[[timeline]]`
//!
//! Each entry has `at` and exactly one of these. A service is `NAME`, or `CLUSTER/NAME` where two clusters have one.
//!
//! | key | meaning |
//! | --- | --- |
//! | `deploy = { service, images, over, settles, force, fail, registered_by, by }` | a new revision with these images (a table: container to image) is rolled out over `over` (default `90s`); with `settles = false` the deployment stays in progress; with `force = true` it is of the definition that is there already, and its tags are looked up anew; with `fail` no task of it starts. `by` is who updates the service, as CloudTrail has it: a session of the role `deploy`, or `ROLE/SESSION` (default: `registered_by`) |
//! | `deploy.fail = { stopped_reason, container, exit_code, reason }` | how they fail: with an `exit_code` that container ends a moment after its start, else the image cannot be pulled, or what `stopped_reason` says. Half of the desired count (3 at least, 200 at most) trips the circuit breaker, if it is on |
//! | `register = { service, images, registered_by }` | a new revision of the task definition, which is not deployed |
//! | `sick = { service, share, to, container }` | until `to`, the health check of this share of the tasks fails (of `container`, or of the first one that has a check). They are not replaced for it |
//! | `stop = { service, share, reason, exit_code, container, stopped_reason, wave, to }` | this share (0 to 1) of the tasks stops and is replaced; with a `wave`, again each time it comes, until `to`. `reason` is the container's |
//! | `scale = { service, desired, by }` | someone, `by`, changes the desired count |
//! | `push = { image, digest }` | from this moment on the tag of `image` stands for another digest (`digest` may be left out: a new one is made). What runs keeps its own; a deployment made later gets the new one |
//! | `hold = { service, to, message }` | until `to`, no task of the service is placed, and `message` is among its events |
//! | `run = { workspace, actor, message, source, trigger, commit, commit_message, branch, pull_request, confirmed_by, queued, plan, confirm, apply, ends, applied, status, is_destroy, plan_only, refresh_only, target_addrs, replace_addrs, comments, changes }` | a Terraform run is made, and goes its way |
//! | `run.changes = [{ address, action, attributes, values, unknown, sensitive, reason, previous, drift }]` | what it does; the plan, the logs and the states follow from it |
//! | `put = { bucket, key, body }`, `delete = { bucket, key }` | what is done to an object in S3 by hand |
//!
//! ## `[[images]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name` | an image of a private registry of AWS: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` |
//! | `missing` | `true`: the registry does not have it, though it was deployed |
//!
//! ## `[[organizations]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name`, `denied` | an organisation of HCP Terraform, and whether the token may see nothing of it |
//!
//! ## `[[workspaces]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name` | unique in the scenario |
//! | `organization` | where it is; the only one, if there is one |
//! | `backend = { bucket, key, workspace, locks }` | instead: its state is an object in S3, and there are no runs in any API |
//! | `project`, `tags`, `repo`, `branch`, `directory`, `execution`, `auto_apply`, `terraform_version`, `created` | as HCP Terraform has them |
//! | `structured` | whether logs are JSON Lines (default) |
//! | `plan_json` | which JSON of a plan can be read: `both` (default), `redacted`, `full`, `none` |
//! | `denied` | whether the token cannot see it |
//! | `resources = [{ address, values, sensitive }]` | what its first state holds |
//! | `variables`, `outputs` | a table of values; a table of `{ value, sensitive }` |
//!
//! ## `[[buckets]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `name`, `created` | the bucket, and when it was made (default `-400d`) |
//! | `versioning` | `enabled` (default), `suspended`, `never` |
//! | `denied` | whether nobody may look into it |
//!
//! ## `[[projects]]`, `[[tickets]]`
//!
//! | key | meaning |
//! | --- | --- |
//! | `key`, `name` | a project |
//! | `key`, `summary`, `type`, `priority`, `reporter`, `assignee`, `labels` | a ticket |
//! | `statuses = [{ at, name, category }]` | its statuses over time; the first is when it was made |
//! | `window`, `approvals`, `effect`, `rollback` | the custom fields of a change |
//! | `moved_from`, `hidden` | the keys that it had before, and whether nobody may see it |
//!
//! ## `[faults]`
//!
//! In the words of the flags of `drill serve`; [`crate::Faults`] says what they mean.
//!
//! | key | meaning |
//! | --- | --- |
//! | `latency` | `"80ms"`, `"80ms+40ms"` |
//! | `tps` | a list: `["25", "FilterLogEvents=10,burst=50"]`, or `["published"]` |
//! | `fault` | a list: `["throttle:7", "error:11@FilterLogEvents"]` |
//! | `scan_limit`, `page_limit` | how many events a page looks at, and how many it has, at most |
//! | `without` | a list: `["newest-first"]` |
//! | `expire_after`, `expire_for` | after how long the keys in use expire, and for how long |
//! | `live_sessions`, `live_limit` | how many Live Tail sessions at once, and how long each may last |
//! | `stop_after` | the writers stop so long after the drill's start |
//!
//! ## The exercise
//!
//! | key | meaning |
//! | --- | --- |
//! | `page = { title, severity, service, paged, text, runbook }` | what `drill start` shows; only `title` must be there |
//! | `[[hints]]` | each a `text`, from gentle to plain |
//! | `[[causes]]` | `name`, `role` ("what began it"), `says` (told once it is found), `accepts` |
//! | `[[decoys]]` | `name`, `says` (told to whoever answers with it), `accepts`, and `unless`: a cause, after which it is not told |
//! | `shortest` | the commands that lead there with the least typing |
//!
//! `accepts` is a list of ways to say it; a way is a list of groups, and an answer says it when it has a term of each
//! group: `[[["coredns"], ["rollout", "leak*"]]]`. Case, punctuation and order do not matter; a `*` takes any ending.

pub(crate) mod buckets;
mod check;
mod copies;
mod exercise;
mod failure;
mod file;
mod generators;
mod happenings;
mod model;
mod templates;
pub(crate) mod terraform;
pub(crate) mod tickets;

pub(crate) use check::MOST_PORTS;
pub use exercise::{Cause, Decoy, Exercise, Page, Verdict};
pub use failure::ScenarioError;
pub(crate) use file::{Class, Controller, Driver, Moment, Protocol};
pub use model::Scenario;
pub(crate) use model::{
    Action, Container, Failing, Lag, Port, Push, Service, Stopping, Template, Timing, Wave,
};

use std::time::Duration;

use crate::faults::Faults;

const BUILTIN: [(&str, &str); 1] =
    [("incident-8", include_str!("../../scenarios/incident-8.toml"))];
const BUILTIN_NAMES: [&str; 1] = ["incident-8"];

impl Scenario {
    /// A scenario that is part of the program.
    pub fn builtin(name: &str) -> Option<Scenario> {
        let (name, text) = BUILTIN.iter().find(|(builtin, _)| *builtin == name)?;
        // A test reads every one of them, so a broken one never leaves this repository.
        Scenario::parse(name, text).ok()
    }

    /// The names of the scenarios that are part of the program.
    pub fn builtin_names() -> &'static [&'static str] {
        &BUILTIN_NAMES
    }

    /// Reads and checks a scenario. `origin` is what its mistakes are reported against: a path, as a rule.
    ///
    /// # Errors
    ///
    /// The first mistake, with its line and column.
    pub fn parse(origin: &str, text: &str) -> Result<Scenario, ScenarioError> {
        check::scenario(origin, text)
    }

    /// The scenario's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One sentence on what it is about.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The region that the world is in. Log groups may be elsewhere.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The organisations of HCP Terraform that a drill's token may see.
    pub fn organizations(&self) -> impl Iterator<Item = &str> {
        let all = self.terraform.organizations.iter();
        all.filter(|organization| !organization.denied)
            .map(|organization| organization.name.as_str())
    }

    /// The S3 buckets.
    pub fn buckets(&self) -> impl Iterator<Item = &str> {
        self.buckets.iter().map(|bucket| bucket.name.as_str())
    }

    /// The S3 buckets that keep versions.
    pub fn versioned_buckets(&self) -> impl Iterator<Item = &str> {
        let all = self.buckets.iter();
        all.filter(|bucket| bucket.versioning == buckets::Versioning::Enabled)
            .map(|bucket| bucket.name.as_str())
    }

    /// The keys of the Jira projects.
    pub fn projects(&self) -> impl Iterator<Item = &str> {
        self.projects.iter().map(|project| project.key.as_str())
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What a person is asked to find out.
    pub fn exercise(&self) -> &Exercise {
        &self.exercise
    }

    /// How long before the drill began the page rang.
    pub fn page_lead(&self) -> Duration {
        Duration::from_millis(self.page_lead_ms.unsigned_abs())
    }
}

#[cfg(test)]
mod tests;
