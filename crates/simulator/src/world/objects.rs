//! The objects of the world's buckets: states and their locks, and what a scenario puts there by hand.

use super::scenario::Scenario;
use super::scenario::buckets::Versioning;
use super::scenario::terraform::Home;
use super::terraform::{History, state_document};
use super::{World, hash};

/// Something is put, or deleted.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// In milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) key: String,
    pub(crate) what: What,
    /// As the bucket names it while it keeps versions.
    pub(crate) version: String,
}

/// What an event leaves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// The state of a workspace, by its place among its states.
    State {
        workspace: usize,
        state: usize,
    },
    Text(String),
    /// Nothing: it was deleted.
    Nothing,
}

/// A version of an object, as a bucket shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'w> {
    pub(crate) event: &'w Event,
    pub(crate) is_latest: bool,
    /// `null` where the bucket keeps none.
    pub(crate) id: &'w str,
}

/// Everything that happens in each bucket, in order.
pub(crate) fn all(scenario: &Scenario, page: i64, terraform: &History) -> Vec<Vec<Event>> {
    let mut buckets: Vec<Vec<Event>> = scenario.buckets.iter().map(|_| Vec::new()).collect();
    let event =
        |at, key: &str, what| Event { at, key: key.to_owned(), what, version: String::new() };
    for (workspace, spec) in scenario.terraform.workspaces.iter().enumerate() {
        let Home::Bucket { bucket, key, locks } = &spec.home else { continue };
        for (state, made) in terraform.states[workspace].iter().enumerate() {
            buckets[*bucket].push(event(made.at, key, What::State { workspace, state }));
        }
        if !locks {
            continue;
        }
        for run in terraform.runs_of[workspace].iter().copied() {
            let played = &terraform.runs[run];
            let Some([began, ended]) = played.applying else { continue };
            let lock = format!("{key}.tflock");
            let who = &scenario.terraform.runs[run].actor;
            let text = serde_json::json!({
                "ID": hash::uuid(hash::of_text(5, &played.id)), "Operation": "OperationTypeApply", "Info": "",
                "Who": format!("{who}@laptop"), "Version": spec.terraform_version, "Path": key,
            });
            buckets[*bucket].push(event(began, &lock, What::Text(text.to_string())));
            buckets[*bucket].push(event(ended, &lock, What::Nothing));
        }
    }
    for deed in &scenario.deeds {
        let what = deed.body.clone().map_or(What::Nothing, What::Text);
        buckets[deed.bucket].push(event(page + deed.at, &deed.key, what));
    }
    for (bucket, events) in buckets.iter_mut().enumerate() {
        events.sort_by_key(|event| event.at);
        let seed = hash::of_text(scenario.seed, &scenario.buckets[bucket].name);
        for (nth, event) in events.iter_mut().enumerate() {
            let seed = hash::combine(hash::of_text(seed, &event.key), nth as u64);
            event.version = hash::letters(seed, 32);
        }
    }
    buckets
}

impl World {
    /// The versions of a bucket's objects at a moment: by key, and the newest of a key first.
    pub(crate) fn versions(&self, bucket: usize, now: i64) -> Vec<Version<'_>> {
        let keeps = self.scenario.buckets[bucket].versioning == Versioning::Enabled;
        let past = self.objects[bucket].iter().filter(|event| event.at <= now);
        // A stable order: what happened in the same millisecond stays in its order.
        let mut events: Vec<&Event> = past.collect();
        events.reverse();
        events.sort_by(|one, other| one.key.cmp(&other.key));
        let mut versions: Vec<Version<'_>> = Vec::new();
        for event in events {
            let is_latest = versions.last().is_none_or(|last| last.event.key != event.key);
            if keeps {
                versions.push(Version { event, is_latest, id: &event.version });
            } else if is_latest {
                versions.push(Version { event, is_latest, id: "null" });
            }
        }
        // Where no version is kept, nothing is left of what was deleted.
        versions.retain(|version| keeps || version.event.what != What::Nothing);
        versions
    }

    /// What an event left in the bucket.
    pub(crate) fn content(&self, event: &Event) -> String {
        match &event.what {
            What::State { workspace, state } => state_document(
                &self.scenario.terraform.workspaces[*workspace],
                &self.terraform.states[*workspace][*state],
            ),
            What::Text(text) => text.clone(),
            What::Nothing => String::new(),
        }
    }
}
