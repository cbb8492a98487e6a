//! Checking Terraform: every name has somebody, every address can be read, and no key is without effect.

use toml::Spanned;

use super::file;
use super::{
    Action, Change, Commit, End, Execution, Home, Organization, Output, PlanJson, PullRequest,
    Resource, Run, Source, Workspace,
};
use crate::world::address::Address;
use crate::world::scenario::buckets::Bucket;
use crate::world::scenario::check::{Checked, mistake};
use crate::world::when::Span;

const DAY: i64 = 86_400_000;

/// What a workspace refers to.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Known<'a> {
    pub(in super::super) buckets: &'a [Bucket],
}

/// The organisations and workspaces of a scenario.
pub(in super::super) fn workspaces(
    organizations: &[file::Organization],
    workspaces: &[file::Workspace],
    known: Known<'_>,
) -> Checked<(Vec<Organization>, Vec<Workspace>)> {
    let mut checked: Vec<Organization> = Vec::new();
    for organization in organizations {
        let name = organization.name.get_ref();
        if name.is_empty() || !name.chars().all(is_of_a_name) {
            return mistake(organization.name.span(), NAME);
        }
        if checked.iter().any(|other| other.name == *name) {
            return mistake(
                organization.name.span(),
                format!("the organization \"{name}\" is there twice"),
            );
        }
        checked.push(Organization { name: name.clone(), denied: organization.denied });
    }
    let mut all: Vec<Workspace> = Vec::new();
    for workspace in workspaces {
        let made = self::workspace(workspace, &checked, known)?;
        if all.iter().any(|other| other.name == made.name) {
            return mistake(
                workspace.name.span(),
                format!("the workspace \"{}\" is there twice", made.name),
            );
        }
        all.push(made);
    }
    Ok((checked, all))
}

const NAME: &str = "a name here has letters, digits, \"-\" and \"_\", and nothing else";

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

fn workspace(
    workspace: &file::Workspace,
    organizations: &[Organization],
    known: Known<'_>,
) -> Checked<Workspace> {
    let name = workspace.name.get_ref();
    if name.is_empty() || !name.chars().all(is_of_a_name) {
        return mistake(workspace.name.span(), NAME);
    }
    let resources = workspace
        .resources
        .iter()
        .map(|resource| {
            Ok(Resource {
                address: address(&resource.address)?,
                values: resource.values.clone(),
                sensitive: resource.sensitive.clone(),
            })
        })
        .collect::<Checked<Vec<_>>>()?;
    let outputs = workspace.outputs.iter().map(|(name, output)| {
        let file::Output { value, sensitive } = output;
        (name.clone(), Output { value: value.clone(), sensitive: *sensitive })
    });
    Ok(Workspace {
        name: name.clone(),
        home: home(workspace, organizations, known)?,
        project: workspace.project.clone().unwrap_or_else(|| "Default Project".to_owned()),
        tags: workspace.tags.clone(),
        repo: workspace.repo.clone(),
        branch: workspace.branch.clone().unwrap_or_else(|| "main".to_owned()),
        directory: workspace.directory.clone(),
        execution: workspace.execution.unwrap_or(Execution::Remote),
        auto_apply: workspace.auto_apply,
        structured: workspace.structured.unwrap_or(true),
        plan_json: workspace.plan_json.unwrap_or(PlanJson::Both),
        terraform_version: workspace
            .terraform_version
            .clone()
            .unwrap_or_else(|| "1.14.4".to_owned()),
        denied: workspace.denied,
        created: workspace.created.map_or(-400 * DAY, |created| created.0),
        resources,
        variables: workspace.variables.clone(),
        outputs: outputs.collect(),
    })
}

/// An organisation, the only one if none is named, or a bucket.
fn home(
    workspace: &file::Workspace,
    organizations: &[Organization],
    known: Known<'_>,
) -> Checked<Home> {
    match (&workspace.organization, &workspace.backend) {
        (Some(_), Some(backend)) => mistake(
            backend.span(),
            "a workspace is in an \"organization\" or has a \"backend\", not both",
        ),
        (None, Some(backend)) => {
            let backend = backend.get_ref();
            let bucket = known.bucket(&backend.bucket)?;
            // Where the S3 backend keeps the states of workspaces that are not the default one.
            let key = match &backend.workspace {
                Some(workspace) => format!("env:/{workspace}/{}", backend.key),
                None => backend.key.clone(),
            };
            Ok(Home::Bucket { bucket, key, locks: backend.locks })
        }
        (Some(named), None) => {
            let found = organizations.iter().position(|org| org.name == *named.get_ref());
            found.map(Home::Organization).map_or_else(
                || {
                    mistake(
                        named.span(),
                        format!("there is no organization \"{}\"", named.get_ref()),
                    )
                },
                Ok,
            )
        }
        (None, None) if organizations.len() == 1 => Ok(Home::Organization(0)),
        (None, None) => mistake(
            workspace.name.span(),
            "a workspace is in an \"organization\", or has a \"backend\"",
        ),
    }
}

impl Known<'_> {
    fn bucket(&self, name: &Spanned<String>) -> Checked<usize> {
        match self.buckets.iter().position(|bucket| bucket.name == *name.get_ref()) {
            Some(found) => Ok(found),
            None => mistake(name.span(), format!("there is no bucket \"{}\"", name.get_ref())),
        }
    }
}

/// The runs of a timeline, in the order in which they were made.
pub(in super::super) fn runs<'f>(
    written: impl Iterator<Item = (i64, &'f file::Run)>,
    workspaces: &[Workspace],
) -> Checked<Vec<Run>> {
    let mut runs =
        written.map(|(at, run)| self::run(at, run, workspaces)).collect::<Checked<Vec<Run>>>()?;
    runs.sort_by_key(|run| run.at);
    Ok(runs)
}

fn run(at: i64, run: &file::Run, workspaces: &[Workspace]) -> Checked<Run> {
    let named = &run.workspace;
    let Some(index) = workspaces.iter().position(|other| other.name == *named.get_ref()) else {
        return mistake(named.span(), format!("there is no workspace \"{}\"", named.get_ref()));
    };
    let workspace = &workspaces[index];
    if at <= workspace.created {
        return mistake(
            named.span(),
            format!("this is before \"{}\" was made: see its \"created\"", workspace.name),
        );
    }
    let commit = commit(run, workspace)?;
    let source = match &run.source {
        Some(source) if *source.get_ref() == Source::Vcs && commit.is_none() => {
            return mistake(source.span(), "a run of the source vcs has a \"commit\"");
        }
        Some(source) => *source.get_ref(),
        None if commit.is_some() => Source::Vcs,
        None => Source::Cli,
    };
    let end = run.ends.as_ref().map_or(End::Applied, |end| *end.get_ref());
    if let Some(apply) = &run.apply
        && !end.is_after_apply_began()
    {
        return mistake(apply.span(), "a run that ends so never applies anything");
    }
    let confirms = end.is_after_apply_began() && !workspace.auto_apply;
    if let Some(confirmed_by) = &run.confirmed_by
        && !confirms
    {
        return mistake(
            confirmed_by.span(),
            "nobody confirms a run of a workspace with auto_apply, or one that is never applied",
        );
    }
    let waits = confirms || end == End::Discarded;
    if let Some(confirm) = &run.confirm
        && !waits
    {
        return mistake(confirm.span(), "this run does not wait for anybody");
    }
    let changes = run.changes.iter().map(change).collect::<Checked<Vec<_>>>()?;
    let planned = changes.iter().filter(|change| !change.drift).count();
    let applied = match (&run.applied, end) {
        (Some(applied), End::ErroredInApply | End::CanceledInApply | End::ForceCanceled) => {
            if *applied.get_ref() > planned {
                return mistake(
                    applied.span(),
                    format!("no more than its {planned} changes can be applied"),
                );
            }
            *applied.get_ref()
        }
        (Some(applied), _) => {
            return mistake(applied.span(), "only an apply that fails stops in between");
        }
        (None, End::Applied) => planned,
        (None, End::ErroredInApply | End::CanceledInApply | End::ForceCanceled) => planned / 2,
        (None, _) => 0,
    };
    if end == End::NoChanges && planned > 0 {
        return mistake(run.changes[0].span(), "a run without changes has no \"changes\"");
    }
    let millis = |span: Option<Span>, default: i64| span.map_or(default, Span::millis).max(1);
    Ok(Run {
        at,
        workspace: index,
        message: run.message.clone().unwrap_or_else(|| default_message(source, commit.as_ref())),
        source,
        trigger: run.trigger.clone().unwrap_or_else(|| "manual".to_owned()),
        actor: run.actor.clone(),
        confirmed_by: confirms.then(|| {
            run.confirmed_by.as_ref().map_or_else(|| run.actor.clone(), |by| by.get_ref().clone())
        }),
        commit,
        is_destroy: run.is_destroy,
        plan_only: run.plan_only,
        refresh_only: run.refresh_only,
        targets: run.target_addrs.clone(),
        replaces: run.replace_addrs.clone(),
        auto_apply: workspace.auto_apply,
        queued_ms: millis(run.queued, 4_000),
        plan_ms: millis(run.plan, 40_000),
        confirm_ms: match &run.confirm {
            Some(confirm) => confirm.get_ref().millis().max(1),
            None if waits => 120_000,
            None => 0,
        },
        apply_ms: millis(run.apply.as_ref().map(|apply| *apply.get_ref()), 60_000),
        end,
        status: run.status.clone(),
        changes,
        applied,
        comments: run.comments.clone(),
    })
}

/// What HCP Terraform writes when nobody wrote anything.
fn default_message(source: Source, commit: Option<&Commit>) -> String {
    match (source, commit) {
        (Source::Vcs, Some(commit)) => commit.message.lines().next().unwrap_or_default().to_owned(),
        (Source::Cli, _) => "Triggered via CLI".to_owned(),
        (Source::Api, _) => "Triggered via API".to_owned(),
        _ => "Triggered via UI".to_owned(),
    }
}

fn commit(run: &file::Run, workspace: &Workspace) -> Checked<Option<Commit>> {
    let Some(sha) = &run.commit else {
        let only = [
            (run.commit_message.as_ref().map(Spanned::span), "commit_message"),
            (run.branch.as_ref().map(Spanned::span), "branch"),
            (run.pull_request.as_ref().map(Spanned::span), "pull_request"),
        ];
        for (span, key) in only {
            if let Some(span) = span {
                return mistake(span, format!("\"{key}\" is of a \"commit\""));
            }
        }
        return Ok(None);
    };
    if workspace.repo.is_none() {
        return mistake(
            sha.span(),
            format!("the workspace \"{}\" has no \"repo\"", workspace.name),
        );
    }
    let text = sha.get_ref();
    if text.len() != 40 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return mistake(sha.span(), "a commit is 40 hexadecimal digits in lower case");
    }
    let pull_request = run.pull_request.as_ref().map(|request| {
        let file::PullRequest { number, title, body } = request.get_ref();
        PullRequest { number: *number, title: title.clone(), body: body.clone() }
    });
    let said = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
    Ok(Some(Commit {
        sha: text.clone(),
        message: said(&run.commit_message).or_else(|| run.message.clone()).unwrap_or_default(),
        branch: said(&run.branch).unwrap_or_else(|| workspace.branch.clone()),
        pull_request,
    }))
}

fn change(change: &Spanned<file::Change>) -> Checked<Change> {
    let (span, change) = (change.span(), change.get_ref());
    let moves = change.action == Action::Move;
    if moves != change.previous.is_some() {
        return mistake(span, "what moves, and nothing else, has a \"previous\" address");
    }
    if matches!(change.action, Action::Delete | Action::Forget | Action::NoOp)
        && !(change.attributes.is_empty() && change.values.is_empty())
    {
        return mistake(span, "no attribute changes by this action");
    }
    let unknown = change.unknown.as_ref();
    let is_changed =
        |name: &String| change.attributes.contains(name) || change.values.contains_key(name);
    if let Some(unknown) = unknown
        && !unknown.get_ref().iter().all(is_changed)
    {
        return mistake(
            unknown.span(),
            "what is \"unknown\" until the apply is among the \"attributes\" or \"values\"",
        );
    }
    Ok(Change {
        address: address(&change.address)?,
        previous: change.previous.as_ref().map(address).transpose()?,
        action: change.action,
        reason: change.reason.clone(),
        attributes: change.attributes.clone(),
        values: change.values.clone(),
        unknown: unknown.map_or_else(Vec::new, |names| names.get_ref().clone()),
        sensitive: change.sensitive.clone(),
        drift: change.drift,
    })
}

fn address(text: &Spanned<String>) -> Checked<Address> {
    match Address::parse(text.get_ref()) {
        Some(address) => Ok(address),
        None => mistake(
            text.span(),
            "an address is written like \"aws_ecs_service.api\" or \"module.web[0].aws_s3_object.files[\\\"a\\\"]\"",
        ),
    }
}
