//! `oncall specs diff A B`: how two fleets, or one at two moments, differ.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};

use clap::Args;
use output::{Form, Line, Notice, Present, Role};
use record::Time;
use specs::{
    Depth, Difference, DifferenceRecord, Extras, Key, ServiceRecord, Side, UnreadPart, Wanted,
};

use super::fleets::{self, Fleets};
use super::operand::{Operand, Source};
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::short_time::clock;

/// A line of a file is no longer than this.
const LONGEST_LINE: usize = 1 << 20;

/// Compare what runs in two places, or at two moments: exit 1 when it differs
///
/// A and B are cluster:NAME, profile:NAME, region:NAME, time:WHEN (from the last 90 days), file:PATH
/// (what `oncall specs` wrote; - is stdin) or now. Commas join them: profile:staging,cluster:main.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// One side
    #[arg(value_name = "A", allow_hyphen_values = true)]
    a: String,
    /// The other side
    #[arg(value_name = "B", default_value = "now", allow_hyphen_values = true)]
    b: String,
    /// Only these services: NAME, CLUSTER/NAME or a glob
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

pub(crate) async fn run(verb: Diff, context: &Context) -> Result<Exit, Failure> {
    let now = context.now();
    let a = Operand::parse(&verb.a, &now)?;
    let b = Operand::parse(&verb.b, &now)?;
    if a.file == Some(Source::Stdin) && b.file == Some(Source::Stdin) {
        return Err(Failure::usage("both sides cannot be stdin", None));
    }
    let mut output = context.paged_output(Form::Text)?;
    let mut stops = Stops::of(&output)?;
    let (a_typed, b_typed) = (a.typed.clone(), b.typed.clone());
    let progress = context.progress(move || format!("comparing {a_typed} with {b_typed}"));
    let work = async {
        let looks = Looks { services: &verb.services, context };
        if a.is_at_the_place_of(&b) {
            // One look does for two moments.
            let fleets = looks.fleets(&a).await?;
            let (mut of_a, of_b) = (of_moment(&fleets, &a).await, of_moment(&fleets, &b).await);
            of_a.fleets = Some(fleets);
            return Ok::<_, Failure>((of_a, of_b));
        }
        Ok((looks.side(&a).await?, looks.side(&b).await?))
    };
    let (mut of_a, mut of_b) = stops.or(work).await??;
    drop(progress);
    of_a.leave_out_what_is_unread_in(&of_b);
    of_b.leave_out_what_is_unread_in(&of_a);
    let key = match (&a.cluster, &b.cluster) {
        (None, None) => Key::of(&of_a.rows, &of_b.rows),
        _ => Key::WithinCluster,
    };
    let differences = specs::differences(&of_a.rows, &of_b.rows, key);
    for difference in &differences {
        let line = DifferenceLine { difference, a: &a, b: &b, now: &now };
        output.present(&line).await?;
    }
    output.flush().await?;
    let talk = context.talk();
    if talk.is_terminal() {
        let text = match differences.len() {
            0 => format!("no difference between {} and {}", a.typed, b.typed),
            1 => "1 difference".to_owned(),
            many => format!("{many} differences"),
        };
        talk.say(Notice::Summary, &text);
    }
    let exit = if differences.is_empty() { Exit::Done } else { Exit::No };
    let mut concluded = exit;
    for side in [&of_a, &of_b] {
        let Some(fleets) = &side.fleets else { continue };
        let unread: Vec<UnreadPart> = match of_b.fleets {
            Some(_) => side.unread.clone(),
            // Both sides are of one look.
            None => of_a.unread.iter().chain(&of_b.unread).cloned().collect(),
        };
        let exit_of_side = fleets.conclude_with(&unread, exit, talk);
        concluded = if concluded == exit { exit_of_side } else { concluded };
    }
    Ok(concluded)
}

/// What one side runs, and what of it could not be read.
#[derive(Default)]
struct SideRead {
    rows: Vec<ServiceRecord>,
    fleets: Option<Fleets>,
    unread: Vec<UnreadPart>,
}

impl SideRead {
    /// Of a cluster that could not be read whole, the other side's services are not "only here".
    fn leave_out_what_is_unread_in(&mut self, other: &Self) {
        let looked = other.fleets.iter().flat_map(|fleets| &fleets.looked);
        let incomplete: BTreeSet<&String> =
            looked.flat_map(|looked| &looked.observation.incomplete).collect();
        if incomplete.is_empty() {
            return;
        }
        let key = |row: &ServiceRecord| (row.cluster.clone(), row.service.clone());
        let seen: BTreeSet<_> = other.rows.iter().map(key).collect();
        self.rows.retain(|row| !incomplete.contains(&row.cluster) || seen.contains(&key(row)));
    }
}

/// Reads sides.
struct Looks<'a> {
    services: &'a [String],
    context: &'a Context,
}

impl Looks<'_> {
    async fn side(&self, operand: &Operand) -> Result<SideRead, Failure> {
        let wanted = self.wanted(operand)?;
        if let Some(source) = &operand.file {
            let mut rows = records(source)?;
            rows.retain(|row| wanted.wants(&row.cluster, &row.service));
            return Ok(SideRead { rows, ..SideRead::default() });
        }
        let fleets = self.fleets(operand).await?;
        let mut read = of_moment(&fleets, operand).await;
        read.fleets = Some(fleets);
        Ok(read)
    }

    fn wanted(&self, operand: &Operand) -> Result<Wanted, Failure> {
        let clusters: Vec<String> = operand.cluster.iter().cloned().collect();
        fleets::wanted(self.services, &clusters, self.context)
    }

    async fn fleets(&self, operand: &Operand) -> Result<Fleets, Failure> {
        let wanted = self.wanted(operand)?;
        let doors = match &operand.profile {
            Some(profile) => self.context.doors_of(profile).await?,
            None => self.context.doors(&[]).await?,
        };
        let region = operand.region.as_deref();
        fleets::look_through(doors, region, &wanted, Depth::Versions, self.context).await
    }
}

/// What ran at the moment of an operand.
async fn of_moment(fleets: &Fleets, operand: &Operand) -> SideRead {
    let (mut rows, mut unread) = (Vec::new(), Vec::new());
    for looked in &fleets.looked {
        let now = specs::rows(&looked.seen, &looked.observation, &Extras::default());
        match operand.time {
            None => rows.extend(now),
            Some(time) => {
                let time = Time::from(time);
                let (fleet, seen) = (&looked.fleet, &looked.observation);
                rows.extend(specs::rows_at(fleet, time, seen, &now, &mut unread).await);
            }
        }
    }
    SideRead { rows, fleets: None, unread }
}

/// The records of services in a file; other kinds are passed over.
fn records(source: &Source) -> Result<Vec<ServiceRecord>, Failure> {
    match source {
        Source::Stdin => records_of("stdin", std::io::stdin().lock()),
        Source::File(path) => {
            let name = path.display().to_string();
            let file = std::fs::File::open(path)
                .map_err(|error| Failure::usage(format!("{name} cannot be read: {error}"), None))?;
            records_of(&name, BufReader::new(file))
        }
    }
}

fn records_of(name: &str, mut input: impl BufRead) -> Result<Vec<ServiceRecord>, Failure> {
    let wrong = |line: usize, problem: &str| {
        let message = format!("line {line} of {name} is no record: {problem}");
        Failure::usage(message, Some("a side is what `oncall specs` writes into a pipe".to_owned()))
    };
    let (mut rows, mut buffer) = (Vec::new(), Vec::new());
    for number in 1.. {
        buffer.clear();
        let mut limited = std::io::Read::take(&mut input, LONGEST_LINE as u64);
        let length = limited.read_until(b'\n', &mut buffer).map_err(|error| {
            Failure::unavailable(format!("{name} cannot be read: {error}"), None)
        })?;
        if length == 0 {
            break;
        }
        if length == LONGEST_LINE {
            return Err(wrong(number, "it is too long"));
        }
        if buffer.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let value: serde_json::Value =
            serde_json::from_slice(&buffer).map_err(|error| wrong(number, &error.to_string()))?;
        match value.get("kind").and_then(serde_json::Value::as_str) {
            Some("service") => {}
            Some(_) => continue,
            None => return Err(wrong(number, "it has no kind")),
        }
        let row: ServiceRecord =
            serde_json::from_value(value).map_err(|error| wrong(number, &error.to_string()))?;
        if row.time.is_none() {
            return Err(wrong(number, "it has no time"));
        }
        rows.push(row);
    }
    Ok(rows)
}

struct DifferenceLine<'a> {
    difference: &'a DifferenceRecord,
    a: &'a Operand,
    b: &'a Operand,
    now: &'a jiff::Zoned,
}

impl DifferenceLine<'_> {
    fn path(&self) -> String {
        let DifferenceRecord { cluster, service, container, .. } = self.difference;
        let parts = [cluster.as_deref(), Some(service.as_str()), container.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }
}

impl Present for DifferenceLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.difference);
    }

    fn raw(&self) -> Cow<'_, str> {
        self.path().into()
    }

    /// difference, cluster, service, container, fields, a, b
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let DifferenceRecord { cluster, service, container, fields, a, b, .. } = self.difference;
        let text = |text: &'_ Option<String>| Cow::from(text.clone().unwrap_or_default());
        vec![
            word(self.difference.difference).into(),
            text(cluster),
            service.into(),
            text(container),
            fields.join(",").into(),
            a.as_ref().map(side).unwrap_or_default().into(),
            b.as_ref().map(side).unwrap_or_default().into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        let DifferenceRecord { difference, a, b, deployed, .. } = self.difference;
        let (sign, role) = match difference {
            Difference::OnlyInA => ("-", Role::Bad),
            Difference::OnlyInB => ("+", Role::Good),
            Difference::Changed => ("~", Role::Warning),
        };
        line.push(role, sign).push(Role::Plain, " ");
        line.push_word(Role::Heading, &self.path()).push(Role::Plain, "  ").stop();
        let said = |of: &Option<Side>| of.as_ref().map(side).unwrap_or_default();
        match difference {
            Difference::OnlyInA => {
                line.push_word(Role::Plain, &said(a));
                line.push_word(Role::Dim, &format!(" only in {}", self.a.typed));
            }
            Difference::OnlyInB => {
                line.push_word(Role::Plain, &said(b));
                line.push_word(Role::Dim, &format!(" only in {}", self.b.typed));
            }
            Difference::Changed => {
                line.push_word(Role::Plain, &said(a));
                line.push(Role::Dim, " -> ");
                line.push_word(Role::Plain, &said(b));
            }
        }
        if let Some(at) = deployed.filter(|_| *difference != Difference::OnlyInA) {
            line.push(Role::Dim, &format!("  deployed {}", clock(at, self.now)));
        }
    }
}

fn word(difference: Difference) -> &'static str {
    match difference {
        Difference::OnlyInA => "only_in_a",
        Difference::OnlyInB => "only_in_b",
        Difference::Changed => "changed",
    }
}

/// The fields of a side that differ: `v1.22.4 (ledger-writer:57, 12 desired)`.
fn side(side: &Side) -> String {
    let image = match (&side.repository, &side.tag) {
        (Some(repository), Some(tag)) => Some(format!("{repository}:{tag}")),
        (repository, tag) => tag.as_ref().or(repository.as_ref()).cloned(),
    };
    let digest = side.digest.as_deref().map(super::render::short_digest);
    let desired = side.desired.map(|desired| format!("{desired} desired"));
    let name = image.or_else(|| digest.clone()).or_else(|| side.registry.clone());
    let mut rest: Vec<String> = Vec::new();
    rest.extend(digest.filter(|digest| Some(digest) != name.as_ref()));
    rest.extend(side.task_definition.clone());
    rest.extend(desired);
    match (name, rest.is_empty()) {
        (Some(name), true) => name,
        (Some(name), false) => format!("{name} ({})", rest.join(", ")),
        (None, _) => rest.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_records_and_what_is_none_is_said_with_its_line() {
        let lines = "{\"time\":\"2026-11-22T20:00:00.000Z\",\"kind\":\"service\",\"cluster\":\"prod\",\"service\":\"api\"}\n\n{\"kind\":\"log\"}\n";
        let rows = records_of("x", lines.as_bytes()).unwrap();
        assert_eq!((rows.len(), rows[0].service.as_str()), (1, "api"));
        for (text, line) in [
            ("{}\n", 1),
            ("\n[1]\n", 2),
            ("{\"kind\":\"service\",\"desired\":-1}", 1),
            ("{\"kind\":\"service\"}", 1),
        ] {
            let Err(Failure::Told(told)) = records_of("x", text.as_bytes()) else {
                panic!("{text}")
            };
            assert!(told.message.contains(&format!("line {line} of x")), "{}", told.message);
        }
    }

    #[test]
    fn a_side_says_what_differs() {
        let tag = Side { tag: Some("v1".into()), ..Side::default() };
        assert_eq!(side(&tag), "v1");
        let all = Side {
            repository: Some("ledger/writer".into()),
            digest: Some(format!("sha256:{}", "ab".repeat(32))),
            task_definition: Some("writer:7".into()),
            desired: Some(3),
            ..tag
        };
        assert_eq!(side(&all), "ledger/writer:v1 (abababababab, writer:7, 3 desired)");
    }
}
