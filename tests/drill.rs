//! `oncall drill list`, `start`, `hint` and `answer`

use insta::assert_snapshot;

use crate::support::{Machine, NOW, Ran};

/// A machine whose drill began at 20:00, and whose clock stands at another time of that evening.
fn at(machine: &mut Machine, clock: &str) {
    machine.set("ONCALL_DRILL_START", NOW);
    machine.set("ONCALL_DRILL_NOW", &format!("2026-11-22T{clock}Z"));
}

/// A machine whose drills have the wall's clock, and begin when they are begun.
fn live() -> Machine {
    let mut machine = Machine::new();
    machine.set("ONCALL_DRILL_NOW", "");
    machine
}

/// The one record that was printed.
fn record(ran: &Ran) -> serde_json::Value {
    let mut records = ran.records();
    assert_eq!(records.len(), 1, "{ran}");
    records.remove(0)
}

#[test]
fn the_page_rings() {
    assert_snapshot!(Machine::new().types("oncall drill start").well(), @r#"{"time":"2026-11-22T19:56:00.000Z","kind":"page","region":"us-east-1","scenario":"incident-8","severity":"SEV-2","service":"delivery","title":"End-to-end delivery takes over three minutes","text":"p95 from ingest to destination: 3m 38s. Threshold: 3m, for five minutes.\nEvents arrive late; none is known to be lost. Two customers have written.\n\nIn the channel, before you came:\n  ana    long queues in destinations. scaled it to 180, 90, now 140\n  mei    dashboard is out since 12 minutes. noisy, but it is only frontend\n  jonas  does anybody know this certificate warning in docs?\n  jonas  and webhooks has errors, too","paged":"pipeline on call (primary)","runbook":"https://runbooks.example.com/delivery (first: who is late, and since when? then: what changed before that?)","began":"2026-11-22T20:00:00.000Z","causes":2,"hints":6,"next":["oncall --drill logs groups","oncall drill hint","oncall drill answer '…'"]}"#);
    assert_snapshot!(Machine::new().types("oncall drill start -o text").well(), @"2026-11-22T19:56:00.000Z	SEV-2	delivery	End-to-end delivery takes over three minutes	https://runbooks.example.com/delivery (first: who is late, and since when? then: what changed before that?)");
    assert_snapshot!(Machine::new().types("oncall drill start -o raw").well(), @"
    p95 from ingest to destination: 3m 38s. Threshold: 3m, for five minutes.
    Events arrive late; none is known to be lost. Two customers have written.

    In the channel, before you came:
      ana    long queues in destinations. scaled it to 180, 90, now 140
      mei    dashboard is out since 12 minutes. noisy, but it is only frontend
      jonas  does anybody know this certificate warning in docs?
      jonas  and webhooks has errors, too
    ");
}

#[test]
fn drills_are_listed() {
    assert_snapshot!(Machine::new().types("oncall drill list").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"drill","region":"us-east-1","scenario":"incident-8","summary":"End-to-end delivery takes over three minutes, and three people are already changing things.","began":"2026-11-22T20:00:00.000Z","causes":2,"hints":6}"#);
    assert_snapshot!(Machine::new().types("oncall drill list -o text").well(), @"incident-8	2026-11-22T20:00:00.000Z	End-to-end delivery takes over three minutes, and three people are already changing things.");
}

#[test]
fn looking_at_the_list_begins_nothing() {
    let machine = live();
    let drill = record(&machine.types("oncall drill list").well());
    assert_eq!(drill["began"], serde_json::Value::Null);
    let page = record(&machine.types("oncall drill start").well());
    let drill = record(&machine.types("oncall drill list").well());
    assert_eq!(drill["began"], page["began"]);
}

#[test]
fn the_list_reads_no_configuration_and_needs_no_state() {
    let mut machine = Machine::new();
    machine.file(".config/oncall/config.toml", "nonsense = [");
    machine.file("state", "a file where a folder should be");
    machine.set("XDG_STATE_HOME", &machine.home().join("state").display().to_string());
    let _ = machine.types("oncall drill list").well();
}

#[test]
fn every_command_shares_the_clock_that_start_began() {
    let machine = live();
    let page = record(&machine.types("oncall drill start").well());
    let again = machine.types("oncall drill start");
    assert_eq!(record(&again)["began"], page["began"]);
    assert!(again.stderr.starts_with("note: this drill is running: it began at "), "{again}");
    assert!(again.stderr.ends_with(" ago; --again begins it anew\n"), "{again}");
    let logs = machine.types("oncall --drill logs groups -o raw").well();
    assert!(logs.stdout.contains("/ecs/prod-ingest"));
    assert_eq!(record(&machine.types("oncall drill list").well())["began"], page["began"]);
}

#[test]
fn start_again_begins_the_clock_the_hints_and_the_answers_anew() {
    let machine = live();
    let first = record(&machine.types("oncall drill start").well());
    assert_eq!(record(&machine.types("oncall drill hint").well())["number"], 1);
    let _ = machine.types("oncall drill answer the release of txn-writer");
    let anew = record(&machine.types("oncall drill start --again").well());
    assert!(anew["began"].as_str() > first["began"].as_str());
    assert_eq!(record(&machine.types("oncall drill hint").well())["number"], 1);
    let answer = record(&machine.types("oncall drill answer the rollout of coredns"));
    assert_eq!((&answer["score"], &answer["answers"]), (&1.into(), &1.into()));
}

#[test]
fn a_pinned_beginning_stays_and_hints_begin_anew() {
    let machine = Machine::new();
    let _ = machine.types("oncall drill hint").well();
    let again = machine.types("oncall drill start --again -o raw");
    assert_snapshot!(again.stderr, @"note: the beginning is pinned to 20:00 by ONCALL_DRILL_START or ONCALL_DRILL_NOW; hints and answers begin anew");
    assert_eq!(record(&machine.types("oncall drill hint").well())["number"], 1);
}

#[test]
fn a_hint_without_a_drill_begins_one_and_says_so() {
    let machine = live();
    let hint = machine.types("oncall drill hint -o raw");
    assert_snapshot!(hint.stderr, @"note: no drill was running: one begins now; `oncall drill start` shows its page");
    let _ = machine.types("oncall drill hint -o raw").well();
}

#[test]
fn hints_go_from_gentle_to_plain() {
    let machine = Machine::new();
    assert_snapshot!(machine.types("oncall drill hint").well(), @r#"{"time":"2026-11-22T20:00:00.000Z","kind":"hint","scenario":"incident-8","number":1,"of":6,"text":"Many complain at once. Before you ask which of them is broken, ask what they have in common: read the errors of two services that share no code, such as api and destinations."}"#);
    assert_eq!(record(&machine.types("oncall drill hint").well())["number"], 2);
    for _ in 3..=6 {
        let _ = machine.types("oncall drill hint").well();
    }
    let last = machine.types("oncall drill hint");
    assert_eq!(record(&last)["number"], 6);
    assert_snapshot!(last.stderr, @"note: this is the last hint once more; there are no others");
}

#[test]
fn all_hints_count_as_shown() {
    let machine = Machine::new();
    let numbers: Vec<_> = machine.types("oncall drill hint --all").well().records();
    assert_eq!(numbers.len(), 6);
    let ran = machine.types("oncall drill answer the rollouts of coredns and txn-writer").well();
    assert_eq!(record(&ran)["hints"], 6);
}

#[test]
fn a_wrong_answer_is_told_what_speaks_against_it() {
    assert_snapshot!(Machine::new().types("oncall drill answer 'the dashboard deploy'"), @r#"
    {"time":"2026-11-22T20:00:00.000Z","kind":"answer","scenario":"incident-8","answer":"the dashboard deploy","score":0,"of":2,"found":[],"missing":["what began it","what keeps it from recovering"],"decoys":[{"name":"dashboard","says":"The dashboard was deployed 12 minutes before the page, with loud warnings. Nothing in the pipeline calls it, and the first lookups failed 18 minutes earlier."}],"answers":1,"hints":0}
    ------- stderr -------
    note: `oncall drill hint` shows the next of 6 hints
    [exit 1]
    "#);
}

#[test]
fn half_an_answer_gives_nothing_else_away() {
    let ran = Machine::new().types("oncall drill answer 'the release of txn-writer'");
    assert_snapshot!(ran, @r#"
    {"time":"2026-11-22T20:00:00.000Z","kind":"answer","scenario":"incident-8","answer":"the release of txn-writer","score":1,"of":2,"found":[{"name":"txn-writer-release","role":"what keeps it from recovering","says":"The release of txn-writer v1.23.0, 10 minutes before the page. Every task runs CREATE TABLE IF NOT EXISTS at its start, and the waves restart them again and again: transactions wait for the metadata lock, and ranges are committed in 40 seconds instead of 20 milliseconds."}],"missing":["what began it"],"decoys":[],"answers":1,"hints":0}
    ------- stderr -------
    note: `oncall drill hint` shows the next of 6 hints
    [exit 1]
    "#);
    assert!(!ran.stdout.to_lowercase().contains("coredns"));
}

#[test]
fn answers_add_up_and_the_last_one_stops_the_clock() {
    let mut machine = Machine::new();
    at(&mut machine, "20:03:00");
    assert_eq!(machine.types("oncall drill answer dns").code, 1);
    let _ = machine.types("oncall drill hint").well();
    at(&mut machine, "20:07:30");
    assert_eq!(machine.types("oncall drill answer the coredns rollout").code, 1);
    at(&mut machine, "20:11:40");
    assert_snapshot!(machine.types("oncall drill answer txn-writer was deployed").well(), @r#"{"time":"2026-11-22T20:11:40.000Z","kind":"answer","scenario":"incident-8","answer":"txn-writer was deployed","score":2,"of":2,"found":[{"name":"coredns-rollout","role":"what began it","says":"The rollout of coredns v1.12.0, from 45 minutes before the page. It leaks memory: since 30 minutes before the page the daemons are killed on host after host, in waves, and every service loses name lookups while it lasts."},{"name":"txn-writer-release","role":"what keeps it from recovering","says":"The release of txn-writer v1.23.0, 10 minutes before the page. Every task runs CREATE TABLE IF NOT EXISTS at its start, and the waves restart them again and again: transactions wait for the metadata lock, and ranges are committed in 40 seconds instead of 20 milliseconds."}],"missing":[],"decoys":[],"answers":3,"hints":1,"took_ms":700000,"shortest":["oncall --drill logs grep 'lookup ' api dedupe destinations --since 3h | jq -r '.time[11:16]' | uniq -c","oncall --drill specs diff time:3h now","oncall --drill specs --unhealthy","oncall --drill logs grep -w -e starting -e migrate txn-writer --since 3h | jq -r '[.time[11:19], .message, .fields.version // .fields.sql] | @tsv'"]}"#);
    at(&mut machine, "20:40:00");
    let later = record(&machine.types("oncall drill answer txn-writer was deployed").well());
    assert_eq!((&later["took_ms"], &later["answers"]), (&700_000.into(), &3.into()));
}

#[test]
fn an_answer_in_columns() {
    let ran = Machine::new().types("oncall drill answer 'rollouts: coredns, txn-writer' -o text");
    assert_snapshot!(ran.well(), @"2	2	1	0	0	coredns-rollout,txn-writer-release");
}

#[test]
fn the_shortest_commands_work() {
    let machine = Machine::new();
    let ran = machine.types("oncall drill answer coredns and txn-writer were both rolled out");
    let answer = record(&ran.well());
    for command in answer["shortest"].as_array().unwrap() {
        let reading = command.as_str().unwrap().split(" | jq ").next().unwrap();
        let ran = machine.types(reading);
        // What differs is an answer with code 1. Services are few, log records are many.
        let (code, least) = match reading {
            _ if reading.contains(" specs diff ") => (1, 4),
            _ if reading.contains(" specs ") => (0, 4),
            _ => (0, 10),
        };
        assert_eq!(ran.code, code, "{command}: {}", ran.stderr);
        assert!(ran.records().len() >= least, "{command}");
    }
}

const OUTAGE: &str = r#"
name = "outage"
summary = "Nobody can pay."
seed = 1
shortest = ["oncall --drill='our outage.toml' logs shop"]
[[hints]]
text = "Look at the shop."
[[causes]]
name = "bank"
role = "what it was"
says = "The bank was closed."
accepts = [[["bank"], ["closed", "holiday*"]]]
[[clusters]]
name = "shop"
"#;

#[test]
fn a_scenario_of_ones_own_is_played_the_same_way() {
    let machine = Machine::new();
    machine.file("our outage.toml", OUTAGE);
    assert_snapshot!(machine.types("oncall drill start 'our outage.toml'").well(), @r#"{"time":"2026-11-22T19:56:00.000Z","kind":"page","region":"us-east-1","scenario":"outage","title":"Nobody can pay.","began":"2026-11-22T20:00:00.000Z","causes":1,"hints":1,"next":["oncall --drill='our outage.toml' logs groups","oncall --drill='our outage.toml' drill hint","oncall --drill='our outage.toml' drill answer '…'"]}"#);
    assert_snapshot!(machine.types("oncall '--drill=our outage.toml' drill hint -o raw").well(), @"Look at the shop.");
    assert_snapshot!(machine.types("oncall '--drill=our outage.toml' drill answer bank"), @r#"
    {"time":"2026-11-22T20:00:00.000Z","kind":"answer","scenario":"outage","answer":"bank","score":0,"of":1,"found":[],"missing":["what it was"],"decoys":[],"answers":1,"hints":1}
    [exit 1]
    "#);
    let ran = machine.types("oncall '--drill=our outage.toml' drill answer a bank holiday");
    assert_eq!(record(&ran.well())["score"], 1);
    let listed = machine.types("oncall '--drill=our outage.toml' drill list -o raw").well();
    assert_eq!(listed.stdout, "incident-8\noutage\n");
}

#[test]
fn mistakes_of_the_exercise_have_a_line_and_a_column() {
    let machine = Machine::new();
    machine.file("a.toml", &OUTAGE.replace("accepts = [[[\"bank\"]", "accepts = [[[\"!\"]"));
    assert_snapshot!(machine.types("oncall drill start a.toml"), @"
    ------- stderr -------
    error: a.toml:12:14: a word has a letter or a digit
    [exit 2]
    ");
    machine.file("b.toml", &OUTAGE.replace("role = \"what it was\"\n", ""));
    assert_snapshot!(machine.types("oncall drill start b.toml"), @"
    ------- stderr -------
    error: b.toml:8:1: missing field `role`
    [exit 2]
    ");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let machine = Machine::new();
    let (bare, _) = OUTAGE.split_once("shortest").unwrap();
    machine.file("bare.toml", bare);
    assert_snapshot!(machine.types("oncall --drill=bare.toml drill hint"), @"
    ------- stderr -------
    error: the scenario outage has no hints
    hint: docs/drills.md says how to write some
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall --drill=bare.toml drill answer bank"), @"
    ------- stderr -------
    error: the scenario outage has no causes to hold an answer against
    hint: docs/drills.md says how to write some
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall drill answer '?'"), @"
    ------- stderr -------
    error: the answer is empty
    hint: `oncall drill answer 'the release of api'`
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall drill start incident-9"), @"
    ------- stderr -------
    error: there is no drill called `incident-9`
    hint: did you mean `--drill=incident-8`? A file of your own is --drill=PATH
    [exit 2]
    ");
    assert_snapshot!(machine.types("oncall --drill=bare.toml drill start incident-8"), @"
    ------- stderr -------
    error: two drills are named: `incident-8` and `bare.toml`
    hint: one is begun at a time; leave out --drill
    [exit 2]
    ");
}

#[test]
fn a_drill_has_no_profiles_whatever_the_verb() {
    for verb in ["list", "start", "hint", "answer x"] {
        let ran = Machine::new().types(&format!("oncall --profile prod drill {verb}"));
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.starts_with("error: a drill has no profiles\n"), "{ran}");
    }
}

#[test]
fn without_a_place_to_keep_it_nothing_is_counted_and_the_answer_is_judged() {
    let mut machine = Machine::new();
    machine.file("state", "a file where a folder should be");
    machine.set("XDG_STATE_HOME", &machine.home().join("state").display().to_string());
    assert_eq!(record(&machine.types("oncall drill hint"))["number"], 1);
    let ran = machine.types("oncall drill answer the rollouts of coredns and txn-writer");
    assert_eq!((ran.code, &record(&ran)["score"]), (0, &2.into()));
    assert_snapshot!(ran.stderr, @"note: hints and answers are not counted: cannot keep HOME/state/oncall/drills/incident-8.progress.json");
}
