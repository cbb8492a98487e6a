//! The audit: which changes have a flag that nobody wants to see.

use crate::record::{ChangeRecord, Flag};

/// What an audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The changes with a forbidden flag, in the order in which they came, as they came.
    pub offenders: Vec<ChangeRecord>,
    /// How many changes were looked at.
    pub changes: usize,
    /// What follows from it.
    pub verdict: Verdict,
}

/// What follows from an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was read, and no change has a forbidden flag.
    Clean,
    /// Everything was read, and some change has one.
    Offended,
    /// Something could not be read: there may be more offenders than were found.
    Incomplete,
}

impl Verdict {
    /// The exit code: 0, 1, or 3, which wins over 1.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Offended => 1,
            Self::Incomplete => 3,
        }
    }
}

/// Looks for forbidden flags. `complete` says whether every source was read to its end, details and
/// tickets among it: a change without its details may lack a flag.
pub fn audit(changes: Vec<ChangeRecord>, forbidden: &[Flag], complete: bool) -> Audit {
    let looked_at = changes.len();
    let offends = |change: &ChangeRecord| change.flags.iter().any(|flag| forbidden.contains(flag));
    let offenders: Vec<ChangeRecord> = changes.into_iter().filter(offends).collect();
    let verdict = match (complete, offenders.is_empty()) {
        (false, _) => Verdict::Incomplete,
        (true, true) => Verdict::Clean,
        (true, false) => Verdict::Offended,
    };
    Audit { offenders, changes: looked_at, verdict }
}

impl Audit {
    /// `2 of 14 changes are TICKETLESS.`, with what it does not know.
    pub fn sentence(&self, forbidden: &[Flag]) -> String {
        let flags: Vec<&str> = forbidden.iter().map(|flag| flag.name()).collect();
        let flags = flags.join(" or ");
        let said = match (self.changes, self.offenders.len()) {
            (0, _) => "There was no change to check".to_owned(),
            (1, 0) => format!("The one change is not {flags}"),
            (1, _) => format!("The one change is {flags}"),
            (all, 0) => format!("None of {all} changes is {flags}"),
            (all, 1) => format!("1 of {all} changes is {flags}"),
            (all, some) => format!("{some} of {all} changes are {flags}"),
        };
        match self.verdict {
            Verdict::Incomplete => format!("{said}; not everything could be read."),
            _ => format!("{said}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::record::Time;
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Source, Status};

    fn with(flags: &[Flag]) -> ChangeRecord {
        let time = Time::from_millis(0);
        let mut change = ChangeRecord::new(time, Source::Terraform, Status::Applied, "x");
        change.flags = flags.to_vec();
        change
    }

    #[test]
    fn offenders_are_found_and_the_exit_is_1() {
        let changes = vec![with(&[Flag::Ticketless]), with(&[Flag::Destroys]), with(&[])];
        let audit = audit(changes.clone(), &[Flag::Ticketless], true);
        assert_eq!(audit.offenders, changes[..1]);
        assert_eq!(audit.verdict.exit_code(), 1);
        assert_eq!(audit.sentence(&[Flag::Ticketless]), "1 of 3 changes is TICKETLESS.");
    }

    #[test]
    fn a_clean_audit_is_one_of_everything() {
        let clean = audit(vec![with(&[]); 2], &[Flag::Ticketless], true);
        assert_eq!(clean.verdict.exit_code(), 0);
        assert_eq!(clean.sentence(&[Flag::Ticketless]), "None of 2 changes is TICKETLESS.");
        let partly = audit(vec![with(&[])], &[Flag::Ticketless, Flag::Targeted], false);
        assert_eq!(partly.verdict.exit_code(), 3);
        assert_eq!(
            partly.sentence(&[Flag::Ticketless, Flag::Targeted]),
            "The one change is not TICKETLESS or TARGETED; not everything could be read."
        );
    }

    #[test]
    fn an_incomplete_one_is_incomplete_whatever_it_found() {
        let partly = audit(vec![with(&[Flag::Ticketless])], &[Flag::Ticketless], false);
        assert_eq!((partly.offenders.len(), partly.verdict.exit_code()), (1, 3));
    }

    #[test]
    fn no_change_is_clean() {
        let none = audit(Vec::new(), &Flag::ALL, true);
        assert_eq!(none.verdict, Verdict::Clean);
        assert_eq!(none.sentence(&Flag::ALL), "There was no change to check.");
    }

    proptest! {
        #[test]
        fn who_forbids_more_finds_no_less(
            drawn in proptest::collection::vec(proptest::collection::vec(0usize..12, 0..4), 0..8),
            few in proptest::collection::vec(0usize..12, 0..3),
            more in proptest::collection::vec(0usize..12, 0..3),
        ) {
            let flags = |places: &[usize]| places.iter().map(|at| Flag::ALL[*at]).collect::<Vec<_>>();
            let changes: Vec<ChangeRecord> = drawn.iter().map(|places| with(&flags(places))).collect();
            let found = |forbidden: &[Flag]| audit(changes.clone(), forbidden, true).offenders.len();
            let all: Vec<usize> = few.iter().chain(&more).copied().collect();
            prop_assert!(found(&flags(&few)) <= found(&flags(&all)));
            prop_assert_eq!(found(&[]), 0);
        }
    }
}
