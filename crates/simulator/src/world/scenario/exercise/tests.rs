//! What the built-in scenarios accept, and what they do not.

use std::collections::HashSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::world::scenario::Scenario;

static INCIDENT_8: LazyLock<Scenario> = LazyLock::new(|| Scenario::builtin("incident-8").unwrap());

/// The names of the causes that an answer finds, and of the decoys that it names.
fn judged(answer: &str) -> (Vec<String>, Vec<String>) {
    let verdict = INCIDENT_8.exercise().judge(answer, &[]);
    let causes = verdict.found.iter().map(|cause| cause.name.clone()).collect();
    (causes, verdict.decoys.iter().map(|decoy| decoy.name.clone()).collect())
}

fn found(answer: &str) -> Vec<String> {
    judged(answer).0
}

const COREDNS: &str = "coredns-rollout";
const WRITER: &str = "txn-writer-release";

#[test]
fn people_say_it_in_many_ways() {
    for answer in [
        "the coredns rollout",
        "CoreDNS v1.12.0",
        "new core-dns image on the hosts",
        "Somebody upgraded coredns, and it OOMs.",
        "coredns is leaking memory",
        "terraform rolled out a host image whose DNS daemon runs out of memory",
        "the nameservers were deployed at 19:11",
        "DNS: memory leak",
    ] {
        assert_eq!(found(answer), [COREDNS], "{answer}");
    }
    for answer in [
        "txn-writer release",
        "txn-writer v1.23.0",
        "TXNWRITER WAS DEPLOYED",
        "the new txn writer migrates at boot",
        "CREATE TABLE at every start",
        "the rollout of the ledger-writer",
        "metadata lock because of the txn-writer",
    ] {
        assert!(found(answer).contains(&WRITER.to_owned()), "{answer}: {:?}", found(answer));
    }
    for answer in [
        "the rollouts of coredns and txn-writer",
        "coredns 1.12 leaks; txn-writer 1.23 creates its table at boot and waits for the lock",
        "It began with the deploy of coredns. The release of txn-writer keeps it going.",
    ] {
        assert_eq!(found(answer), [COREDNS, WRITER], "{answer}");
    }
}

#[test]
fn a_symptom_is_no_cause() {
    for answer in [
        "dns",
        "DNS!",
        "coredns",
        "coredns is down",
        "lookups time out",
        "name resolution fails in waves",
        "txn-writer",
        "lock wait timeout",
        "the database is slow",
        "the writer waits for a lock",
        "memory",
        "a rollout",
        "a deploy",
        "a new version",
        "terraform",
        "the release at 19:46",
        "",
        "…",
    ] {
        assert!(found(answer).is_empty(), "{answer}: {:?}", found(answer));
    }
}

#[test]
fn a_decoy_is_told_and_never_accepted() {
    for (answer, decoy) in [
        ("the dashboard deploy", "dashboard"),
        ("docs has an expired certificate", "docs-certificate"),
        ("webhooks errors", "webhooks"),
        ("ana scaled destinations", "scaling"),
        ("the scheduler is throttled: Rate exceeded", "scaling"),
        ("a new release of destinations", "destinations"),
        ("kafka", "kafka"),
        ("dns", "lookups"),
        ("the database", "waiting"),
    ] {
        let (causes, decoys) = judged(answer);
        assert!(causes.is_empty(), "{answer}: {causes:?}");
        assert!(decoys.iter().any(|name| name == decoy), "{answer}: {decoys:?}");
    }
}

#[test]
fn half_of_the_truth_is_no_news_once_the_whole_is_found() {
    assert_eq!(judged("coredns").1, ["lookups"]);
    assert_eq!(judged("the coredns rollout").1, [""; 0]);
    let verdict = INCIDENT_8.exercise().judge("dns", &[COREDNS.to_owned()]);
    assert!(verdict.decoys.is_empty() && !verdict.hit);
}

#[test]
fn answers_add_up() {
    let exercise = INCIDENT_8.exercise();
    let first = exercise.judge("txn-writer release", &[]);
    assert!(!first.is_full());
    assert_eq!(first.missing[0].name, COREDNS);
    let second = exercise.judge("coredns rollout", &[WRITER.to_owned()]);
    assert!(second.is_full());
}

#[test]
fn every_builtin_is_a_whole_exercise() {
    for name in Scenario::builtin_names() {
        let scenario = Scenario::builtin(name).unwrap();
        let exercise = scenario.exercise();
        assert!(exercise.page.is_some(), "{name} has no page");
        assert!(exercise.hints.len() >= 3, "{name} has few hints");
        assert!(!exercise.causes.is_empty() && !exercise.shortest.is_empty(), "{name}");
        for decoy in &exercise.decoys {
            let verdict = exercise.judge(&decoy.says, &[]);
            assert!(!verdict.hit, "{name}: what is said of {} gives a cause away", decoy.name);
        }
        // What is shown to everybody is no answer.
        let page = exercise.page.as_ref().unwrap();
        let shown = [&page.title, page.text.as_ref().unwrap(), page.runbook.as_ref().unwrap()];
        let roles = exercise.causes.iter().map(|cause| &cause.role);
        for text in shown.into_iter().chain(roles).chain(&exercise.hints[..1]) {
            assert!(!exercise.judge(text, &[]).hit, "{name}: this gives a cause away: {text}");
        }
        let last = exercise.hints.last().unwrap();
        assert!(exercise.judge(last, &[]).is_full(), "{name}: the last hint is plain");
    }
}

/// Words of ordinary talk on that evening, none of which names what changed.
const TALK: [&str; 24] = [
    "dns",
    "lookup",
    "timeout",
    "dashboard",
    "docs",
    "certificate",
    "webhooks",
    "scheduler",
    "scaling",
    "destinations",
    "throttled",
    "kafka",
    "billing",
    "api",
    "dedupe",
    "deploy",
    "release",
    "rollout",
    "new",
    "version",
    "image",
    "the",
    "and",
    "because",
];

proptest! {
    #[test]
    fn talk_of_symptoms_and_decoys_is_never_accepted(
        words in proptest::collection::vec(proptest::sample::select(TALK.to_vec()), 0..12),
    ) {
        let answer = words.join(" ");
        prop_assert!(found(&answer).is_empty(), "{}", answer);
    }

    #[test]
    fn the_score_never_falls_with_more_words(
        words in proptest::collection::vec(proptest::sample::select(TALK.to_vec()), 0..12),
        at in 0_usize..12,
    ) {
        let mut words = words;
        words.insert(at.min(words.len()), "coredns rollout");
        let found: HashSet<String> = found(&words.join(" ")).into_iter().collect();
        prop_assert!(found.contains(COREDNS));
    }
}
