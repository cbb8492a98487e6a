//! A run as a change: what it is in a line, how it stands, and what is to be noticed about it (pure).

use ::record::Time;

use super::shapes::{ApplyCounts, Effect, Ingress, Run, StateVersion, Workspace};
use crate::cut::cut;
use crate::flags::{Facts, MadeFrom, flags, reverts};
use crate::jira::{Projects, ticket_keys};
use crate::record::{Action, ChangeRecord, Counts, ResourceChange, Source, Status, Ticket};

/// How much of a message is told: its first line, and so much of that.
const LONGEST_SUMMARY: usize = 200;
/// A name, a branch, a status: what is longer is none.
const LONGEST_WORD: usize = 200;

/// How the messages begin that Terraform writes where nobody wrote one.
const NOBODY_WROTE: [&str; 2] = ["queued manually", "triggered via"];

/// The run as a record, without its resources: they cost a call of their own, and [`settle`] raises
/// the flags once they are there or cannot be had.
///
/// `link` makes the page for people of a run in a workspace of that name.
pub(super) fn change(
    run: &Run,
    projects: &Projects,
    link: impl FnOnce(&str) -> String,
) -> ChangeRecord {
    // A run that says no time at all is at the beginning of all of them: it is shown, and sorts last.
    let time = run.took_effect_at().unwrap_or(Time::from_millis(0));
    let mut record =
        ChangeRecord::new(time, Source::Terraform, status(run), summary(run, &counts(run)));
    record.began = run.time_of("applying").filter(|began| *began < time);
    if let Some(workspace) = run.workspace.as_ref().filter(|workspace| !workspace.name.is_empty()) {
        record.link = Some(link(&workspace.name));
        describe(&mut record, workspace);
    }
    record.actor = actor(run);
    record.counts = counts(run);
    record.tickets = tickets(run, projects);
    record.commit = commit(run).and_then(|commit| word(commit.commit_sha.as_deref()));
    record.branch = commit(run).and_then(|commit| word(commit.branch.as_deref()));
    record.id = Some(run.id.clone());
    record
}

/// Raises the flags of a run, now that as much is known of it as will be.
pub(super) fn settle(record: &mut ChangeRecord, run: &Run) {
    let raised = flags(&Facts {
        can_name_tickets: run.knows_commit,
        targeted: !run.target_addrs.is_empty() || !run.replace_addrs.is_empty(),
        on_default_branch: is_on_default_branch(run),
        created_by: run.created_by_id.as_deref(),
        confirmed_by: run.confirmed_by_id.as_deref(),
        made_from: made_from(run),
        rollback: texts(run).any(reverts),
        auto_apply: run.auto_apply,
        ..Facts::of(record)
    });
    record.flags = raised;
}

/// A version of the state of a workspace whose runs are made elsewhere, compared with the one before
/// it by how many of each resource there are. What changed in place cannot be seen so.
pub(super) fn of_version(
    version: &StateVersion,
    before: Option<&StateVersion>,
    workspace: &Workspace,
    time: Time,
) -> ChangeRecord {
    let number = version.serial.map_or(String::new(), |serial| format!(" {serial}"));
    let mut record = ChangeRecord::new(time, Source::Terraform, Status::Applied, "");
    let counted = before.filter(|before| !before.is_uncounted && !version.is_uncounted);
    let what = match counted {
        None => "what it changed is not known".to_owned(),
        Some(before) => {
            compare(&mut record, before, version);
            match record.counts.is_nothing() {
                true => "nothing added or removed, what changed in place is not known".to_owned(),
                false => format!("{}, what changed in place is not known", record.counts),
            }
        }
    };
    record.summary = format!("state version{number}, made from a laptop or elsewhere: {what}");
    describe(&mut record, workspace);
    record.commit = word(version.commit.as_deref());
    record.id = Some(version.id.clone());
    let made_from = if record.commit.is_none() { MadeFrom::CommandLine } else { MadeFrom::Unknown };
    let raised = flags(&Facts { made_from, ..Facts::of(&record) });
    record.flags = raised;
    record
}

fn compare(record: &mut ChangeRecord, before: &StateVersion, after: &StateVersion) {
    let names = before.resources.keys().chain(after.resources.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let count = |version: &StateVersion| version.resources.get(name).copied().unwrap_or(0);
        let (was, is) = (count(before), count(after));
        let action = match is.cmp(&was) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => Action::Create,
            std::cmp::Ordering::Less => Action::Delete,
        };
        let count = is.abs_diff(was);
        match action {
            Action::Create => record.counts.add += count,
            _ => record.counts.destroy += count,
        }
        if record.resources.len() == ResourceChange::MOST {
            record.resources_left_out += 1;
            continue;
        }
        let (address, kind) = address_of(name);
        let mut resource = ResourceChange::new(address, action);
        resource.resource_type = kind;
        record.resources.push(resource);
    }
}

/// `root.network.aws_subnet.private` as Terraform writes it, and its type:
/// `module.network.aws_subnet.private`.
fn address_of(name: &str) -> (String, Option<String>) {
    let mut parts: Vec<&str> = name.split('.').collect();
    let (Some(own), Some(kind)) = (parts.pop(), parts.pop()) else {
        return (cut(name, LONGEST_WORD), None);
    };
    let modules = parts.iter().filter(|module| !matches!(**module, "" | "root"));
    let mut address: String = modules.map(|module| format!("module.{module}.")).collect();
    address.push_str(&format!("{kind}.{own}"));
    (cut(&address, LONGEST_WORD), Some(cut(kind, LONGEST_WORD)))
}

fn describe(record: &mut ChangeRecord, workspace: &Workspace) {
    record.system = Some(workspace.name.clone());
    record.project.clone_from(&workspace.project);
    record.tags.clone_from(&workspace.tags);
}

fn status(run: &Run) -> Status {
    match run.effect() {
        Effect::Applied => Status::Applied,
        Effect::Partial => Status::Partial,
        Effect::Applying | Effect::OnItsWay => Status::InFlight,
        Effect::Awaiting => Status::AwaitingConfirmation,
        Effect::None | Effect::Unknown => Status::Unknown(cut(run.status.as_str(), LONGEST_WORD)),
    }
}

/// What it is in a line: what somebody wrote of it, behind what is out of the ordinary about it.
fn summary(run: &Run, counts: &Counts) -> String {
    let title = title(run);
    let prefix = match run.effect() {
        Effect::Partial if run.status.as_str() == "errored" => "failed while it was applied: ",
        Effect::Partial => "cancelled while it was applied: ",
        _ if run.refresh_only => "only refreshes the state: ",
        Effect::Applied if counts.is_nothing() && has_counts(run) => "changed no resource: ",
        _ if run.is_destroy => "destroys the whole workspace: ",
        _ => "",
    };
    format!("{prefix}{title}")
}

/// The message; where nobody wrote one, the title of the pull request or of the commit.
fn title(run: &Run) -> String {
    let own = first_line(&run.message);
    let lower = own.to_ascii_lowercase();
    if !own.is_empty() && !NOBODY_WROTE.iter().any(|start| lower.starts_with(start)) {
        return own;
    }
    let commit = commit(run);
    let of_commit = [
        commit.and_then(|commit| commit.pull_request_title.as_deref()),
        commit.and_then(|commit| commit.commit_message.as_deref()),
    ];
    let found = of_commit.into_iter().flatten().map(first_line).find(|line| !line.is_empty());
    found.unwrap_or(if own.is_empty() { "a run without a message".to_owned() } else { own })
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    cut(line, LONGEST_SUMMARY)
}

/// What was done before what was planned: a run that failed did less. Of one that is not over,
/// what it is about to do.
fn counts(run: &Run) -> Counts {
    let apply = run.apply.as_ref().map(|apply| apply.counts);
    let plan = run.plan.as_ref().map(|plan| plan.counts);
    let in_order = if run.is_final() { [apply, plan] } else { [plan, apply] };
    let said = in_order.into_iter().flatten().find(|counts| *counts != ApplyCounts::default());
    let said = said.unwrap_or_default();
    Counts {
        add: said.additions.unwrap_or(0),
        change: said.changes.unwrap_or(0),
        destroy: said.destructions.unwrap_or(0),
        import: said.imports.unwrap_or(0),
        ..Counts::default()
    }
}

/// Whether the server said how much it changes: nothing said is not nothing changed.
pub(super) fn has_counts(run: &Run) -> bool {
    let of_apply = run.apply.as_ref().map(|apply| apply.counts);
    let of_plan = run.plan.as_ref().map(|plan| plan.counts);
    [of_apply, of_plan].into_iter().flatten().any(|counts| counts != ApplyCounts::default())
}

/// Who began it. Behind an account of a service stands who pushed the commit.
fn actor(run: &Run) -> Option<String> {
    let person = run.created_by.as_ref().filter(|user| !user.is_service_account);
    let sender = commit(run).and_then(|commit| commit.sender.as_deref());
    let name = person.map(|user| user.username.as_str()).or(sender);
    word(name.or(run.created_by.as_ref().map(|user| user.username.as_str())))
}

fn tickets(run: &Run, projects: &Projects) -> Vec<Ticket> {
    let mut tickets: Vec<Ticket> = Vec::new();
    for key in texts(run).flat_map(|text| ticket_keys(text, projects)) {
        if !tickets.iter().any(|ticket| ticket.key == key) {
            tickets.push(Ticket { key, ..Ticket::default() });
        }
    }
    tickets
}

/// Every text in which somebody may have named a ticket.
fn texts(run: &Run) -> impl Iterator<Item = &str> {
    let of_commit = commit(run).into_iter().flat_map(|commit| {
        [
            &commit.commit_message,
            &commit.branch,
            &commit.pull_request_title,
            &commit.pull_request_body,
            &commit.tag,
        ]
    });
    std::iter::once(run.message.as_str()).chain(of_commit.flatten().map(String::as_str))
}

fn commit(run: &Run) -> Option<&Ingress> {
    run.ingress.as_ref()
}

/// The branch that a workspace was told to follow is its default one, whatever its repository's is.
fn is_on_default_branch(run: &Run) -> Option<bool> {
    let commit = commit(run)?;
    let followed = run.workspace.as_ref().and_then(|workspace| workspace.branch.as_deref());
    match (followed.filter(|branch| !branch.is_empty()), commit.branch.as_deref()) {
        (Some(followed), Some(branch)) => Some(followed == branch),
        _ => commit.on_default_branch,
    }
}

fn made_from(run: &Run) -> MadeFrom {
    let by_command_line = |source: &str| source.starts_with("terraform");
    if run.ingress.is_some() {
        MadeFrom::Commit
    } else if run.configuration_source.as_deref().is_some_and(by_command_line)
        || by_command_line(&run.source)
    {
        MadeFrom::CommandLine
    } else if run.knows_commit && matches!(run.source.as_str(), "tfe-ui" | "tfe-api") {
        MadeFrom::Service
    } else {
        MadeFrom::Unknown
    }
}

fn word(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| cut(text, LONGEST_WORD))
}

#[cfg(test)]
mod tests;
