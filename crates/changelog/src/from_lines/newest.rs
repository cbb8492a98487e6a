//! The newest changes of a text, and how far it could be read.

use std::io::BufRead;

use ::record::Time;

use super::{LineError, LineFault, from_lines};
use crate::record::ChangeRecord;
use crate::sources::Ended;
use crate::window::Window;

/// So many changes of a text are kept, the newest.
const MOST: usize = 50_000;
/// So many lines that are no change are told with their number.
const TOLD: usize = 3;

/// Reads a text to its end: its changes of a window, the newest first, and how the reading ended.
/// `now` is the moment of the reading.
pub fn newest(reader: impl BufRead, window: Window, now: Time) -> (Vec<ChangeRecord>, Ended) {
    newest_of(MOST, reader, window, now)
}

fn newest_of(
    most: usize,
    reader: impl BufRead,
    window: Window,
    now: Time,
) -> (Vec<ChangeRecord>, Ended) {
    let (mut kept, mut was_cut) = (Vec::new(), false);
    let mut faults = Faults::default();
    for read in from_lines(reader) {
        match read {
            Ok(change) if window.has_effect_of(&change) => kept.push(change),
            Ok(_) => {}
            Err(error) => faults.add(&error),
        }
        if kept.len() == most.saturating_mul(2) {
            keep_newest(&mut kept, most);
            was_cut = true;
        }
    }
    was_cut |= kept.len() > most;
    keep_newest(&mut kept, most);
    let cut_at = kept.last().filter(|_| was_cut).map(|oldest| oldest.time);
    (kept, faults.ended(cut_at, most, now))
}

/// Those of one moment stay in the order of the text.
fn keep_newest(changes: &mut Vec<ChangeRecord>, most: usize) {
    changes.sort_by_key(|change| std::cmp::Reverse(change.time));
    changes.truncate(most);
}

/// The lines that are no change.
#[derive(Default)]
struct Faults {
    count: u64,
    /// The first of them.
    told: Vec<String>,
    /// Why nothing more could be read.
    unreadable: Option<String>,
}

impl Faults {
    fn add(&mut self, error: &LineError) {
        if let LineFault::Unreadable(_) = error.what {
            self.unreadable = Some(error.to_string());
            return;
        }
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(error.to_string());
        }
    }

    fn ended(self, cut_at: Option<Time>, most: usize, now: Time) -> Ended {
        let mut why = Vec::new();
        match self.count {
            0 => {}
            1 => why.push(format!("a line is no change: {}", self.told.join("; "))),
            count => {
                let more = if count > TOLD as u64 { "; …" } else { "" };
                why.push(format!("{count} lines are no change: {}{more}", self.told.join("; ")));
            }
        }
        why.extend(self.unreadable);
        match (cut_at, why.is_empty()) {
            (None, true) => Ended::Complete { until: now },
            (None, false) => Ended::Partly { why: why.join("; ") },
            (Some(at), _) => {
                why.insert(0, format!("only the newest {most} changes are kept"));
                Ended::CutShort { at, why: why.join("; ") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time::from_millis(9_000);
    const ALWAYS: Window = Window { since: Time::from_millis(i64::MIN), until: NOW };

    fn line(seconds: i64) -> String {
        format!("{{\"time\":{seconds},\"summary\":\"at {seconds}\"}}\n")
    }

    fn seconds(changes: &[ChangeRecord]) -> Vec<i64> {
        changes.iter().map(|change| change.time.millis() / 1_000).collect()
    }

    #[test]
    fn changes_outside_the_window_are_left_out() {
        let text = [line(1), line(4), line(3), line(2)].concat();
        let window = Window { since: Time::from_millis(2_000), until: Time::from_millis(4_000) };
        let (changes, ended) = newest(text.as_bytes(), window, NOW);
        assert_eq!(seconds(&changes), [3, 2]);
        assert_eq!(ended, Ended::Complete { until: NOW });
    }

    #[test]
    fn lines_that_are_no_change_are_counted_and_the_first_three_told() {
        let text = format!("{}x\n[]\n\n{{}}\nnull\n{}", line(1), line(2));
        let (changes, ended) = newest(text.as_bytes(), ALWAYS, NOW);
        assert_eq!(seconds(&changes), [2, 1]);
        let why = "4 lines are no change: line 2: it is no JSON (column 1); line 3: it is no JSON \
                   object; line 5: it has no time; …";
        assert_eq!(ended, Ended::Partly { why: why.to_owned() });
        let (_, ended) = newest(&b"null"[..], ALWAYS, NOW);
        let why = "a line is no change: line 1: it is no JSON object".to_owned();
        assert_eq!(ended, Ended::Partly { why });
    }

    #[test]
    fn what_is_in_flight_counts_however_long_ago_it_began() {
        let text = "{\"time\":1,\"summary\":\"x\",\"status\":\"in_flight\"}";
        let window = Window { since: Time::from_millis(8_000), until: NOW };
        assert_eq!(newest(text.as_bytes(), window, NOW).0.len(), 1);
    }

    proptest! {
        #[test]
        fn the_newest_are_kept_and_where_it_was_cut_is_said(
            times in proptest::collection::vec(0i64..8, 0..40), most in 1usize..12,
        ) {
            let text: String = times.iter().copied().map(line).collect();
            let (changes, ended) = newest_of(most, text.as_bytes(), ALWAYS, NOW);
            let mut expected = times.clone();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            expected.truncate(most);
            prop_assert_eq!(seconds(&changes), &expected[..]);
            match ended {
                Ended::Complete { until } => {
                    prop_assert!(times.len() <= most);
                    prop_assert_eq!(until, NOW);
                }
                Ended::CutShort { at, .. } => {
                    prop_assert!(times.len() > most);
                    prop_assert_eq!(Some(at), changes.last().map(|change| change.time));
                }
                ended => prop_assert!(false, "{:?}", ended),
            }
        }
    }
}
