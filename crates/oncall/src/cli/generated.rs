//! Files that are made from the code: docs/cli.md, docs/permissions.md, completions/, and the lists in
//! docs/findings.md and docs/specs.md. A test fails when one of them drifts;
//! `ONCALL_UPDATE_GENERATED=1 cargo test -p oncall` writes them anew.

use std::fmt::Write;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use crate::commands::completions::script;

/// The operations of each command, for its least IAM policy.
fn operations() -> Vec<(&'static str, Vec<aws::Operation>)> {
    let mut logs = logs::OPERATIONS.to_vec();
    logs.extend(ecs::OPERATIONS);
    let listing = vec![aws::Operation::DescribeLogGroups];
    let mut commands =
        vec![("oncall logs [tail], grep, streams", logs), ("oncall logs groups", listing)];
    commands.extend(operations_of_specs());
    commands.extend(operations_of_changelog());
    commands
}

/// Each source alone, so that a policy can be put together of those that are used.
fn operations_of_changelog() -> Vec<(&'static str, Vec<aws::Operation>)> {
    let who = [&changelog::ecs_deployments::OPERATIONS[..], &changelog::cloudtrail::OPERATIONS];
    vec![
        ("oncall changelog --source ecs", changelog::ecs_deployments::OPERATIONS.to_vec()),
        ("oncall changelog --source ecs --who", who.concat()),
        ("oncall changelog --source s3-state", changelog::s3_state::OPERATIONS.to_vec()),
    ]
}

fn operations_of_specs() -> Vec<(&'static str, Vec<aws::Operation>)> {
    use aws::Operation::{
        DescribeContainerInstances, DescribeImages, DescribeServiceDeployments,
        DescribeServiceRevisions, DescribeServices, DescribeTaskDefinition, DescribeTasks,
        ListClusters, ListServiceDeployments, ListServices, ListTasks,
    };
    let with = |base: &[aws::Operation], more: &[aws::Operation]| [base, more].concat();
    let services = [ListClusters, ListServices, DescribeServices];
    let versions = with(&services, &[DescribeServiceRevisions, DescribeTaskDefinition]);
    let tasks = [ListTasks, DescribeTasks];
    let history = [ListServiceDeployments, DescribeServiceDeployments];
    let page = [&tasks[..], &history[..], &[DescribeContainerInstances]].concat();
    vec![
        ("oncall specs [list]", versions.clone()),
        (
            "oncall specs --unhealthy, --finding unhealthy-tasks, --finding crash-loop",
            with(&versions, &tasks),
        ),
        (
            "oncall specs --finding tag-moved, --finding image-missing",
            with(&versions, &[DescribeImages]),
        ),
        ("oncall specs --details", [&versions[..], &tasks[..], &[DescribeImages]].concat()),
        ("oncall specs show", with(&versions, &page)),
        ("oncall specs show --details", [&versions[..], &page[..], &[DescribeImages]].concat()),
        ("oncall specs tasks", with(&services, &tasks)),
        (
            "oncall specs tasks --details",
            [&services[..], &tasks[..], &[DescribeContainerInstances]].concat(),
        ),
        ("oncall specs diff", versions.clone()),
        ("oncall specs diff time:WHEN", with(&versions, &history)),
        ("oncall specs watch", with(&versions, &tasks)),
    ]
}

#[test]
fn what_specs_may_do_is_what_its_crate_says() {
    let said: std::collections::BTreeSet<_> =
        ecs::OPERATIONS.into_iter().chain(specs::OPERATIONS).collect();
    let mine = operations_of_specs().into_iter().flat_map(|(_, operations)| operations);
    assert_eq!(mine.collect::<std::collections::BTreeSet<_>>(), said);
}

fn permissions() -> String {
    let mut page = "# Permissions\n\n\
        <!-- Generated from the code; see crates/oncall/src/cli/generated.rs. -->\n\n\
        oncall only reads. These are all the AWS operations that it may use; a guard in the program\n\
        refuses any other before it is sent.\n\n\
        | service | operation | IAM action |\n| --- | --- | --- |\n"
        .to_owned();
    for operation in aws::Operation::ALL {
        let (service, name, action) = (operation.service(), operation.name(), operation.action());
        writeln!(page, "| {service} | {name} | `{action}` |").unwrap();
    }
    page.push_str(
        "\n`sts:GetCallerIdentity` needs no permission and is asked for only when nothing else says\n\
         the account. `sts:AssumeRole` and `sts:AssumeRoleWithWebIdentity` are asked for only when a\n\
         profile says so. Without the ECS actions, the name of a log group still works. Without\n\
         `ecs:DescribeServiceRevisions`, `oncall specs` shows what task definitions say, without digests,\n\
         and says what is missing. A registry of another account has to allow `ecr:DescribeImages` itself.\n\
         `cloudtrail:LookupEvents` is for `oncall changelog --who` alone; CloudTrail gives an account two calls a\n\
         second and region, of which one is ours. `s3:GetObjectVersion` may be limited to the buckets of the\n\
         states. Terraform and Jira need a token that may read, and nothing of AWS.\n",
    );
    for (command, operations) in operations() {
        let mut actions: Vec<&str> = operations.iter().map(|o| o.action()).collect();
        actions.sort_unstable();
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
        });
        let policy = serde_json::to_string_pretty(&policy).unwrap();
        write!(page, "\n## `{command}`\n\n```json\n{policy}\n```\n").unwrap();
    }
    page
}

/// A page of prose, and what is made from the code in it: what stands between `<!-- NAME -->` and
/// `<!-- end of NAME -->`.
fn with_generated(page: &str, name: &str, list: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{list}\n{end}{after}")
}

/// The findings, the worst first, each with its meaning.
fn findings() -> String {
    let mut table = "| finding | what it means | `--unhealthy` |\n| --- | --- | --- |\n".to_owned();
    for finding in specs::Finding::ALL {
        let (name, meaning) = (finding.name(), finding.meaning());
        let unhealthy = if finding.is_unhealthy() { "yes" } else { "" };
        writeln!(table, "| [`{name}`](#{name}) | {meaning} | {unhealthy} |").unwrap();
    }
    table
}

/// The environment variables whose values are shown.
fn harmless() -> String {
    let names = ecs::HARMLESS.map(|name| format!("`{name}`")).join(", ");
    let mut list = String::new();
    let mut column = 0;
    for word in names.split_inclusive(' ') {
        if column + word.trim_end().len() > 120 {
            list.truncate(list.trim_end().len());
            list.push('\n');
            column = 0;
        }
        list.push_str(word);
        column += word.len();
    }
    list.push('\n');
    list
}

fn cli_page() -> String {
    let mut page = "# The command line\n\n\
        <!-- Generated from the code; see crates/oncall/src/cli/generated.rs. -->\n"
        .to_owned();
    let mut cli = Cli::command().term_width(100);
    cli.build();
    describe(&mut cli, "##", &mut page);
    page
}

fn describe(command: &mut Command, heading: &str, page: &mut String) {
    let name = command.get_bin_name().unwrap_or("oncall").to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    write!(page, "\n{heading} `{name}`\n\n```text\n{}\n```\n", lines.join("\n").trim_end())
        .unwrap();
    for subcommand in command.get_subcommands_mut() {
        describe(subcommand, &format!("{heading}#"), page);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for developers")]
fn generated_files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let update = std::env::var_os("ONCALL_UPDATE_GENERATED").is_some();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let files = [
        ("docs/cli.md", cli_page()),
        ("docs/findings.md", with_generated(&read("docs/findings.md"), "findings", &findings())),
        (
            "docs/specs.md",
            with_generated(&read("docs/specs.md"), "environment variables", &harmless()),
        ),
        ("docs/permissions.md", permissions()),
        ("completions/oncall.bash", script(Shell::Bash)),
        ("completions/_oncall", script(Shell::Zsh)),
        ("completions/oncall.fish", script(Shell::Fish)),
    ];
    for (path, text) in files {
        let path = root.join(path);
        if update {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let path = path.display();
        assert!(found == text, "{path} has drifted: ONCALL_UPDATE_GENERATED=1 writes it anew");
    }
}

#[test]
fn each_finding_has_a_section_of_its_own() {
    let page = include_str!("../../../../docs/findings.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    for finding in specs::Finding::ALL {
        let title = format!("`{}`", finding.name());
        assert!(sections.contains(&title.as_str()), "{title}");
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}
