//! Files that are made from the code: docs/cli.md, docs/permissions.md and completions/. A test
//! fails when one of them drifts; `ONCALL_UPDATE_GENERATED=1 cargo test -p oncall` writes them anew.

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
    vec![("oncall logs [tail], grep, streams", logs), ("oncall logs groups", listing)]
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
         profile says so. Without the ECS actions, the name of a log group still works.\n",
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
    let files = [
        ("docs/cli.md", cli_page()),
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
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}
