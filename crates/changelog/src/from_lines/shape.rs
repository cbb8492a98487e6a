//! A change out of an object of somebody else's.

use ::record::Time;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::LineFault;
use crate::record::{
    Action, ChangeRecord, Counts, Flag, ResourceChange, Source, Status, Step, Ticket,
};

/// A number below it is one of seconds, from it on one of milliseconds: 5138 in seconds, 1973 in
/// milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// Nothing, where it is a record of ours that is no change.
pub(super) fn change(value: Value) -> Result<Option<ChangeRecord>, LineFault> {
    let Value::Object(object) = value else { return Err(LineFault::NoObject) };
    let mut keys = Keys(object);
    if keys.0.get("kind").is_some_and(is_another_kind) {
        return Ok(None);
    }
    let time = keys.moment("time")?.ok_or(LineFault::Missing("time"))?;
    let summary = keys.text("summary")?.ok_or(LineFault::Missing("summary"))?;
    let status = keys.text("status")?.map_or(Status::Applied, status);
    let source = keys.text("source")?.and_then(|word| source(&word)).unwrap_or(Source::File);

    let mut change = ChangeRecord::new(time, source, status, summary);
    change.began = keys.moment("began")?;
    change.account = keys.text("account")?;
    change.region = keys.text("region")?;
    change.cluster = keys.text("cluster")?;
    change.system = keys.text("system")?;
    change.environment = keys.text("environment")?;
    change.project = keys.text("project")?;
    change.tags = keys.texts("tags")?;
    change.task_definition = keys.text("task_definition")?;
    change.actor = keys.text("actor")?;
    change.commit = keys.text("commit")?;
    change.branch = keys.text("branch")?;
    change.link = keys.text("link")?.or(keys.text("url")?);
    change.id = keys.text("id")?;
    change.tickets = keys.list("tickets", "a list of tickets", ticket)?;
    for flag in keys.list("flags", "a list of flags", flag)? {
        change.flag(flag);
    }
    change.reach = keys.object("reach")?;
    change.aftermath = keys.object("aftermath")?;
    change.steps = keys.list("steps", "a list of steps", step)?;
    resources(&mut change, keys.list("resources", "a list of resources", resource)?);
    if let Some(counts) = keys.object::<Counted>("counts")? {
        change.counts = counts.into();
    }
    Ok(Some(change))
}

/// Whether a kind is one of our records, and not that of a change. Others may call theirs what they
/// like.
fn is_another_kind(kind: &Value) -> bool {
    ::record::KINDS.iter().any(|known| known.name != "change" && kind == known.name)
}

/// The keys of an object that were not taken yet. `null` is a key that is not there.
struct Keys(Map<String, Value>);

impl Keys {
    fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &'static str) -> Result<Option<String>, LineFault> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(LineFault::Shape { key, wanted: "text" }),
        }
    }

    fn moment(&mut self, key: &'static str) -> Result<Option<Time>, LineFault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let read = match value.as_f64() {
            Some(number) if number.abs() < MILLISECONDS_FROM => Some(Time::from_seconds(number)),
            Some(number) => Some(Time::from_millis(number as i64)),
            None => value.as_str().and_then(crate::moment::moment),
        };
        read.map(Some).ok_or(LineFault::Shape {
            key,
            wanted: "RFC 3339, or a number of seconds or milliseconds",
        })
    }

    fn texts(&mut self, key: &'static str) -> Result<Vec<String>, LineFault> {
        self.list(key, "a list of texts", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    fn object<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, LineFault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        serde_json::from_value(value)
            .map(Some)
            .map_err(|_| LineFault::Shape { key, wanted: "an object of ours" })
    }

    fn list<T>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        read: impl Fn(Value) -> Option<T>,
    ) -> Result<Vec<T>, LineFault> {
        let list = match self.take(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list.into_iter().map(read).collect(),
            Some(_) => None,
        };
        list.ok_or(LineFault::Shape { key, wanted })
    }
}

fn status(word: String) -> Status {
    let known = [
        Status::Applied,
        Status::Partial,
        Status::InFlight,
        Status::AwaitingConfirmation,
        Status::Failed,
        Status::RolledBack,
        Status::Planned,
    ];
    known.into_iter().find(|status| status.as_str() == word).unwrap_or(Status::Unknown(word))
}

fn source(word: &str) -> Option<Source> {
    Source::ALL.into_iter().find(|source| source.as_str() == word)
}

fn flag(value: Value) -> Option<Flag> {
    value.as_str()?.parse().ok()
}

/// `"OPS-12"`, or an object with a `key`.
fn ticket(value: Value) -> Option<Ticket> {
    let mut keys = match value {
        Value::String(key) => return Some(Ticket { key, ..Ticket::default() }),
        Value::Object(object) => Keys(object),
        _ => return None,
    };
    Some(Ticket {
        key: keys.text("key").ok()??,
        summary: keys.text("summary").ok()?,
        status: keys.text("status").ok()?,
        ticket_type: keys.text("type").ok()?,
        approved: match keys.take("approved") {
            None => None,
            Some(approved) => Some(approved.as_bool()?),
        },
        window_start: keys.moment("window_start").ok()?,
        window_end: keys.moment("window_end").ok()?,
        effect: keys.text("effect").ok()?,
        rollback: keys.text("rollback").ok()?,
        link: keys.text("link").ok()?,
    })
}

fn step(value: Value) -> Option<Step> {
    let Value::Object(object) = value else { return None };
    let mut keys = Keys(object);
    Some(Step {
        source: keys.text("source").ok()?.and_then(|word| source(&word)).unwrap_or(Source::File),
        time: keys.moment("time").ok()??,
        account: keys.text("account").ok()?,
        region: keys.text("region").ok()?,
        cluster: keys.text("cluster").ok()?,
        system: keys.text("system").ok()?,
        actor: keys.text("actor").ok()?,
        summary: keys.text("summary").ok()??,
        status: keys.text("status").ok()?.map_or(Status::Applied, status),
        id: keys.text("id").ok()?,
        link: keys.text("link").ok()?,
    })
}

/// [`Counts`] as they are written.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Counted {
    add: u64,
    change: u64,
    destroy: u64,
    replace: u64,
    import: u64,
    forget: u64,
    #[serde(rename = "move")]
    moved: u64,
    drift: u64,
}

impl From<Counted> for Counts {
    fn from(counted: Counted) -> Self {
        let Counted { add, change, destroy, replace, import, forget, moved, drift } = counted;
        Self { add, change, destroy, replace, import, forget, moved, drift }
    }
}

/// An address and what becomes of it. Values are not read: nobody knows whose they are.
fn resource(value: Value) -> Option<ResourceChange> {
    let Value::Object(object) = value else { return None };
    let mut keys = Keys(object);
    let action = action(&keys.text("action").ok()?.unwrap_or_default());
    let mut resource = ResourceChange::new(keys.text("address").ok()??, action);
    resource.resource_type = keys.text("type").ok()?;
    resource.attributes = keys.texts("attributes").ok()?;
    resource.time = keys.moment("time").ok()?;
    Some(resource)
}

fn action(word: &str) -> Action {
    match word {
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "replace" => Action::Replace,
        "read" => Action::Read,
        "forget" => Action::Forget,
        "move" => Action::Move,
        "import" => Action::Import,
        "depose" => Action::Depose,
        _ => Action::Unknown,
    }
}

/// Keeps as many resources as a record has, and counts all of them.
fn resources(change: &mut ChangeRecord, mut resources: Vec<ResourceChange>) {
    for resource in &resources {
        change.counts.count(resource.action);
    }
    change.resources_left_out = resources.len().saturating_sub(ResourceChange::MOST) as u64;
    resources.truncate(ResourceChange::MOST);
    change.resources = resources;
}
