//! What a message of ECS says but for the ids in it: two that differ in nothing else say the same. Pure.

use std::net::{IpAddr, SocketAddr};

/// A message in which ARNs, ids, digests, deployment numbers and addresses are `…`. Names, tags, and
/// exit codes stay.
pub fn without_ids(message: &str) -> String {
    let ends_word = |c: char| c.is_whitespace() || "()[]{},;\"'<>".contains(c);
    let mut said = String::with_capacity(message.len());
    for piece in message.split_inclusive(ends_word) {
        let word = piece.trim_end_matches(ends_word);
        let stop = word.trim_end_matches(['.', ':', '-', '!']);
        said.push_str(&masked(stop));
        said.push_str(&piece[stop.len()..]);
    }
    said
}

/// The same, and every number is `…` too: `has started 3 tasks: (task 0f9d…)` says what
/// `has started 1 tasks: (task 11aa…)` says. Several tasks in a row are one.
pub fn without_numbers(message: &str) -> String {
    const TWO: &str = "(task …) (task …)";
    let said = without_ids(message);
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let words = said.split_whitespace().map(|word| if is_number(word) { "…" } else { word });
    let mut said = words.collect::<Vec<_>>().join(" ");
    while said.contains(TWO) {
        said = said.replace(TWO, "(task …)");
    }
    said
}

/// One word without its ids.
fn masked(word: &str) -> String {
    let is_address = word.parse::<IpAddr>().is_ok() || word.parse::<SocketAddr>().is_ok();
    if word.starts_with("arn:") || is_address {
        return "…".to_owned();
    }
    let ends_part = ['/', '@', '=', ':'];
    let mut said = String::with_capacity(word.len());
    for piece in word.split_inclusive(ends_part) {
        let part = piece.trim_end_matches(ends_part);
        let is_deployment = said.ends_with("ecs-svc/") && !part.is_empty();
        said.push_str(if is_deployment || is_id(part) { "…" } else { part });
        said.push_str(&piece[part.len()..]);
    }
    said
}

/// A task's id, a UUID, a digest, a number too long to be a count, `i-0a1b…`, `eni-0a1b…`.
fn is_id(part: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let has_digit = part.bytes().any(|b| b.is_ascii_digit());
    let is_long = part.len() >= 12 && is_hex(part) && has_digit;
    let is_uuid = part.len() == 36
        && part.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && part.split('-').all(is_hex);
    let is_resource = part.split_once('-').is_some_and(|(kind, id)| {
        (1..=6).contains(&kind.len())
            && kind.bytes().all(|b| b.is_ascii_lowercase())
            && matches!(id.len(), 8 | 17)
            && is_hex(id)
            && id.bytes().any(|b| b.is_ascii_digit())
    });
    is_long || is_uuid || is_resource
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_taken_out_and_names_stay() {
        let said = [
            (
                "Scaling activity initiated by (deployment ecs-svc/4135006185409410497)",
                "Scaling activity initiated by (deployment ecs-svc/…)",
            ),
            (
                "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:r:1:targetgroup/a/0f)",
                "Task failed ELB health checks in (target-group …)",
            ),
            ("dial tcp 10.0.0.1:443: i/o timeout", "dial tcp …: i/o timeout"),
            (
                "Host EC2 (instance i-0a1b2c3d4e5f60718) terminated.",
                "Host EC2 (instance …) terminated.",
            ),
            (
                "CannotPullContainerError: 1.dkr.ecr.r.amazonaws.com/api:v1@sha256:0f9de17a6465404e8b1b: not found",
                "CannotPullContainerError: 1.dkr.ecr.r.amazonaws.com/api:v1@sha256:…: not found",
            ),
            ("request id: 1dc5c17a-422b-4dc4-b493-371970c6c4d6.", "request id: …."),
            ("Essential container in task exited", "Essential container in task exited"),
            ("exit status 137 of front-end", "exit status 137 of front-end"),
        ];
        for (message, expected) in said {
            assert_eq!(without_ids(message), expected);
        }
    }

    #[test]
    fn counts_and_lists_of_tasks_make_no_difference() {
        let one = "(service api) has started 1 tasks: (task 0f9de17a6465404e8b1b2356dc13c2f8).";
        let two = "(service api) has started 2 tasks: (task 0f9de17a6465404e8b1b2356dc13c2f8) \
                   (task 1f9de17a6465404e8b1b2356dc13c2f8).";
        let three = "(service api) has started 3 tasks: (task 0f9de17a6465404e8b1b2356dc13c2f8) \
                     (task 1f9de17a6465404e8b1b2356dc13c2f8) (task 2f9de17a6465404e8b1b2356dc13c2f8).";
        assert_eq!(without_numbers(one), "(service api) has started … tasks: (task …).");
        assert_eq!(without_numbers(one), without_numbers(two));
        assert_eq!(without_numbers(one), without_numbers(three));
        assert_ne!(
            without_numbers(one),
            without_numbers("(service api) has reached a steady state.")
        );
    }

    proptest! {
        #[test]
        fn no_text_panics_and_a_second_time_changes_nothing(text in ".*") {
            let once = without_ids(&text);
            prop_assert_eq!(without_ids(&once), once);
            without_numbers(&text);
        }

        #[test]
        fn the_id_of_a_task_makes_no_difference(a in "[0-9a-f]{31}1", b in "[0-9a-f]{31}2") {
            let message = |id: &str| format!("(task {id}) failed container health checks.");
            prop_assert_eq!(without_ids(&message(&a)), without_ids(&message(&b)));
        }
    }
}
