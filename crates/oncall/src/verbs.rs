//! The verb of a command may stand anywhere among its flags: `logs --since 1h grep timeout api`.
//! Before clap parses, the verb is moved to where clap wants it, directly behind the command; a
//! command line without one gets the default verb. Flags that may be repeated and stand before the command
//! are moved behind the verb: clap would forget them when there are more. Pure.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

/// Moves the verb of a command that has verbs to its place, or puts the command's default verb there.
///
/// The first positional that is a verb is the verb. Which words are positionals depends on which
/// flags take a value; short flags may differ between verbs (`-i` takes a pattern, except in grep),
/// so a verb counts when its own flags make it the first positional, and after that the default's.
pub(crate) fn place_verb(
    args: Vec<OsString>,
    cli: &Command,
    defaults: &[(&str, &str)],
) -> Vec<OsString> {
    let Some(command_at) = first_positional(&args, 1, |flag| takes_value(cli, None, flag)) else {
        return args;
    };
    let is_it = |(command, _): &&(&str, &str)| args[command_at] == *command;
    let Some((command, default_verb)) = defaults.iter().find(is_it) else { return args };
    let Some(subcommand) = cli.find_subcommand(command) else { return args };
    let from = command_at + 1;
    let positional_for =
        |verb: &Command| first_positional(&args, from, |flag| takes_value(cli, Some(verb), flag));
    // Short flags differ between verbs: one that a verb does not know speaks against it.
    let knows_shorts = |verb: &Command, at: usize| {
        shorts(&args[from..at]).all(|short| find(cli, Some(verb), short).is_some())
    };
    let own = subcommand.get_subcommands().find_map(|verb| {
        positional_for(verb).filter(|at| args[*at] == verb.get_name() && knows_shorts(verb, *at))
    });
    let first = subcommand.find_subcommand(default_verb).and_then(positional_for);
    let wants_help = |arg: &OsString| arg == "--help" || arg == "-h";
    let mut placed = args.clone();
    let mut has_verb = true;
    match (own, first) {
        (Some(at), _) => {
            let verb = placed.remove(at);
            placed.insert(from, verb);
        }
        // `oncall logs --help` is about all verbs.
        (None, None) if args[from..].iter().any(wants_help) => has_verb = false,
        (None, _) => placed.insert(from, default_verb.into()),
    }
    if has_verb {
        move_repeatable(&mut placed, command_at, cli);
    }
    placed
}

/// Moves the repeatable flags before the command, which stands at `command_at`, behind its verb.
fn move_repeatable(args: &mut Vec<OsString>, command_at: usize, cli: &Command) {
    let (mut moved, mut at) = (Vec::new(), 1);
    let mut end = command_at;
    while at < end {
        let text = args[at].to_str().unwrap_or_default();
        let long = text.strip_prefix("--").unwrap_or_default();
        let name = long.split_once('=').map_or(long, |(name, _)| name);
        let words = match takes_value(cli, None, Flag::Long(name)) && !long.contains('=') {
            true => 2.min(end - at),
            false => 1,
        };
        if is_repeatable(cli, name) {
            moved.extend(args.drain(at..at + words));
            end -= words;
        } else {
            at += words;
        }
    }
    let behind_verb = end + 2;
    args.splice(behind_verb..behind_verb, moved);
}

fn is_repeatable(cli: &Command, name: &str) -> bool {
    let flag = find(cli, None, Flag::Long(name));
    flag.is_some_and(|flag| matches!(flag.get_action(), ArgAction::Append))
}

/// Where the first word stands, from `from` on, that is neither a flag nor a flag's value.
fn first_positional(
    args: &[OsString],
    from: usize,
    takes_value: impl Fn(Flag<'_>) -> bool,
) -> Option<usize> {
    let mut at = from;
    while at < args.len() {
        let Some(text) = args[at].to_str() else { return Some(at) };
        if text == "--" {
            return None;
        }
        if let Some(long) = text.strip_prefix("--") {
            let separate = !long.contains('=') && takes_value(Flag::Long(long));
            at += if separate { 2 } else { 1 };
        } else if let Some(shorts) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            at += if value_follows(shorts, &takes_value) { 2 } else { 1 };
        } else {
            return Some(at);
        }
    }
    None
}

/// Of a cluster such as `-in5`, whether its value is the next word: when the first flag that takes
/// one stands last.
fn value_follows(shorts: &str, takes_value: impl Fn(Flag<'_>) -> bool) -> bool {
    let mut rest = shorts.chars();
    while let Some(short) = rest.next() {
        if takes_value(Flag::Short(short)) {
            return rest.as_str().is_empty();
        }
    }
    false
}

#[derive(Clone, Copy)]
enum Flag<'a> {
    Short(char),
    Long(&'a str),
}

/// The short flags among words; of a cluster, the first.
fn shorts(words: &[OsString]) -> impl Iterator<Item = Flag<'_>> {
    let flags = words.iter().filter_map(|word| word.to_str()?.strip_prefix('-'));
    flags
        .filter(|flag| !flag.starts_with('-'))
        .filter_map(|flag| flag.chars().next())
        .map(Flag::Short)
}

fn takes_value(cli: &Command, verb: Option<&Command>, flag: Flag<'_>) -> bool {
    find(cli, verb, flag)
        .is_some_and(|arg| arg.get_action().takes_values() && !arg.is_require_equals_set())
}

fn find<'a>(cli: &'a Command, verb: Option<&'a Command>, flag: Flag<'_>) -> Option<&'a Arg> {
    let of_verb = verb.into_iter().flat_map(Command::get_arguments);
    of_verb.chain(cli.get_arguments()).find(|arg| match flag {
        Flag::Short(short) => arg.get_short() == Some(short),
        Flag::Long(long) => arg.get_long() == Some(long),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use proptest::prelude::*;

    fn placed(line: &str) -> String {
        let cli = crate::cli::Cli::command();
        let words = line.split_whitespace().map(OsString::from).collect();
        let words = place_verb(words, &cli, &crate::cli::DEFAULT_VERBS);
        words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_verb_may_stand_behind_flags() {
        assert_eq!(
            placed("oncall logs --since 1h grep timeout api"),
            "oncall logs grep --since 1h timeout api"
        );
        assert_eq!(
            placed("oncall logs grep timeout api --since 1h"),
            "oncall logs grep timeout api --since 1h"
        );
        assert_eq!(placed("oncall logs --since=1h groups"), "oncall logs groups --since=1h");
    }

    #[test]
    fn without_a_verb_it_is_the_default_one() {
        assert_eq!(placed("oncall logs api"), "oncall logs tail api");
        assert_eq!(placed("oncall --drill logs api -n 5"), "oncall --drill logs tail api -n 5");
        assert_eq!(placed("oncall --timeout 5s logs api"), "oncall --timeout 5s logs tail api");
        assert_eq!(placed("oncall logs"), "oncall logs tail");
        assert_eq!(placed("oncall logs -- grep"), "oncall logs tail -- grep");
    }

    #[test]
    fn a_service_called_like_a_verb_can_be_reached() {
        assert_eq!(placed("oncall logs tail grep"), "oncall logs tail grep");
        assert_eq!(placed("oncall logs service:grep"), "oncall logs tail service:grep");
        assert_eq!(placed("oncall logs api grep"), "oncall logs tail api grep");
    }

    #[test]
    fn what_may_be_repeated_is_repeated_on_both_sides_of_the_command() {
        assert_eq!(
            placed("oncall --profile a -q --region=x --jq . logs grep y api --profile b"),
            "oncall -q --jq . logs grep --profile a --region=x y api --profile b"
        );
        assert_eq!(placed("oncall --profile p logs api"), "oncall logs tail --profile p api");
        assert_eq!(placed("oncall --profile p logs --help"), "oncall --profile p logs --help");
    }

    #[test]
    fn each_command_has_its_own_verbs() {
        assert_eq!(placed("oncall specs"), "oncall specs list");
        assert_eq!(
            placed("oncall specs --cluster prod api"),
            "oncall specs list --cluster prod api"
        );
        assert_eq!(
            placed("oncall specs --cluster show show api"),
            "oncall specs show --cluster show api"
        );
        assert_eq!(placed("oncall --drill specs diff a b"), "oncall --drill specs diff a b");
        assert_eq!(placed("oncall specs tail"), "oncall specs list tail");
    }

    #[test]
    fn a_value_is_not_a_verb() {
        assert_eq!(placed("oncall logs --include grep api"), "oncall logs tail --include grep api");
        assert_eq!(placed("oncall logs -n 5 grep x api"), "oncall logs grep -n 5 x api");
        assert_eq!(placed("oncall logs -n5 grep x api"), "oncall logs grep -n5 x api");
    }

    #[test]
    fn short_flags_are_greps_where_grep_is_the_verb() {
        assert_eq!(placed("oncall logs -i grep x api"), "oncall logs grep -i x api");
        assert_eq!(placed("oncall logs -i boom api"), "oncall logs tail -i boom api");
        assert_eq!(placed("oncall logs -i streams api"), "oncall logs tail -i streams api");
    }

    #[test]
    fn other_commands_and_help_are_left_alone() {
        assert_eq!(placed("oncall drill serve"), "oncall drill serve");
        assert_eq!(placed("oncall logs --help"), "oncall logs --help");
        assert_eq!(placed("oncall logs api --help"), "oncall logs tail api --help");
        assert_eq!(placed("oncall --version"), "oncall --version");
    }

    proptest! {
        #[test]
        fn the_verb_is_found_wherever_the_flags_stand(
            before in proptest::collection::vec(prop_oneof![
                Just("--since 1h"), Just("-n 3"), Just("--stream x"), Just("-q"), Just("--utc"),
            ], 0..4),
            verb in prop_oneof![Just("grep"), Just("streams"), Just("tail")],
        ) {
            let line = format!("oncall logs {} {verb} api", before.join(" "));
            let placed = placed(&line);
            let expected = format!("oncall logs {verb} {}", before.join(" "));
            prop_assert!(placed.starts_with(expected.trim_end()), "{}", placed);
        }
    }
}
