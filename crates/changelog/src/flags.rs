//! What is to be noticed about a change: which flags its facts raise, what each means, and what it
//! weighs in the ranking.

use std::fmt;
use std::str::FromStr;

use ::record::Time;

use crate::record::{Action, ChangeRecord, Counts, Flag, Outcome, ResourceChange, Status, Ticket};

impl Flag {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 12] = [
        Self::Partial,
        Self::Destroys,
        Self::Replaces,
        Self::Ticketless,
        Self::TicketNotApproved,
        Self::OutsideWindow,
        Self::Targeted,
        Self::NotDefaultBranch,
        Self::SelfConfirmed,
        Self::CliDriven,
        Self::Rollback,
        Self::AutoApply,
    ];

    /// Its name: `TICKET-NOT-APPROVED`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partial => "PARTIAL",
            Self::Destroys => "DESTROYS",
            Self::Replaces => "REPLACES",
            Self::Ticketless => "TICKETLESS",
            Self::TicketNotApproved => "TICKET-NOT-APPROVED",
            Self::OutsideWindow => "OUTSIDE-WINDOW",
            Self::Targeted => "TARGETED",
            Self::NotDefaultBranch => "NOT-DEFAULT-BRANCH",
            Self::SelfConfirmed => "SELF-CONFIRMED",
            Self::CliDriven => "CLI-DRIVEN",
            Self::Rollback => "ROLLBACK",
            Self::AutoApply => "AUTO-APPLY",
        }
    }

    /// What it says about a change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Partial => "it began, and did not come to its end",
            Self::Destroys => "it destroys what it does not make anew",
            Self::Replaces => "it destroys something and makes it anew",
            Self::Ticketless => "it names no ticket",
            Self::TicketNotApproved => "no ticket that it names is approved",
            Self::OutsideWindow => "it was made outside the window of its ticket",
            Self::Targeted => "it was made for some resources only (-target, -replace)",
            Self::NotDefaultBranch => "it was made from another branch than the default one",
            Self::SelfConfirmed => "who made it confirmed it, too",
            Self::CliDriven => "it was made from somebody's machine, without a commit",
            Self::Rollback => "it undoes another change",
            Self::AutoApply => "nobody was asked to confirm it",
        }
    }

    /// What it adds to the score of a change, in points. All flags of a change together weigh no
    /// more than [`crate::rank::MOST_FOR_FLAGS`].
    pub const fn weight(self) -> f64 {
        match self {
            Self::Ticketless | Self::NotDefaultBranch => 4.0,
            Self::Partial
            | Self::Destroys
            | Self::TicketNotApproved
            | Self::OutsideWindow
            | Self::Targeted
            | Self::Rollback => 3.0,
            Self::Replaces | Self::SelfConfirmed | Self::CliDriven => 2.0,
            Self::AutoApply => 1.0,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no flag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no flag {0}")]
pub struct UnknownFlag(pub String);

/// In capitals or not, with `-` or `_`.
impl FromStr for Flag {
    type Err = UnknownFlag;

    fn from_str(text: &str) -> Result<Self, UnknownFlag> {
        let name = text.trim().to_ascii_uppercase().replace('_', "-");
        let found = Self::ALL.into_iter().find(|flag| flag.name() == name);
        found.ok_or_else(|| UnknownFlag(text.to_owned()))
    }
}

/// From where a change was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MadeFrom {
    /// The source does not say.
    #[default]
    Unknown,
    /// A commit that somebody pushed.
    Commit,
    /// The pages of the service, or its API.
    Service,
    /// A command on somebody's machine, which uploaded what lay there.
    CommandLine,
}

/// What is known of a change, as far as flags go. What a source cannot tell stays at its default,
/// and raises no flag: a flag says what is known, never what is feared.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// When it took effect.
    pub time: Time,
    /// How it stands.
    pub status: &'a Status,
    /// How much it changes.
    pub counts: Counts,
    /// What it touches; empty where that was not read.
    pub resources: &'a [ResourceChange],
    /// Whether its source has a place to name a ticket in, and all of it was read. The versions of
    /// a state have none.
    pub can_name_tickets: bool,
    /// The tickets that it names.
    pub tickets: &'a [Ticket],
    /// Whether it was made for some resources only.
    pub targeted: bool,
    /// Whether its commit is on the default branch, where the source says so.
    pub on_default_branch: Option<bool>,
    /// Its branch, and the default one: where the source says only these.
    pub branch: Option<&'a str>,
    /// The default branch of its repository.
    pub default_branch: Option<&'a str>,
    /// Who made it.
    pub created_by: Option<&'a str>,
    /// Who confirmed it.
    pub confirmed_by: Option<&'a str>,
    /// From where it was made.
    pub made_from: MadeFrom,
    /// Whether it undoes another change.
    pub rollback: bool,
    /// Whether it was applied without a question.
    pub auto_apply: bool,
    /// Whether what its source says of it ends in the middle.
    pub cut_short: bool,
}

impl<'a> Facts<'a> {
    /// The facts that every change has.
    pub fn new(time: Time, status: &'a Status) -> Self {
        Self {
            time,
            status,
            counts: Counts::default(),
            resources: &[],
            can_name_tickets: false,
            tickets: &[],
            targeted: false,
            on_default_branch: None,
            branch: None,
            default_branch: None,
            created_by: None,
            confirmed_by: None,
            made_from: MadeFrom::Unknown,
            rollback: false,
            auto_apply: false,
            cut_short: false,
        }
    }

    /// The facts that stand in a record already.
    pub fn of(change: &'a ChangeRecord) -> Self {
        Self {
            counts: change.counts,
            resources: &change.resources,
            tickets: &change.tickets,
            branch: change.branch.as_deref(),
            ..Self::new(change.time, &change.status)
        }
    }

    fn raises(&self, flag: Flag) -> bool {
        match flag {
            Flag::Partial => self.cut_short || *self.status == Status::Partial,
            Flag::Destroys => self.destroys(),
            Flag::Replaces => self.replaces(),
            Flag::Ticketless => self.can_name_tickets && self.tickets.is_empty(),
            Flag::TicketNotApproved => self.is_not_approved(),
            Flag::OutsideWindow => self.is_outside_window(),
            Flag::Targeted => self.targeted,
            Flag::NotDefaultBranch => self.is_on_default_branch() == Some(false),
            Flag::SelfConfirmed => {
                self.confirmed_by.is_some() && self.confirmed_by == self.created_by
            }
            Flag::CliDriven => self.made_from == MadeFrom::CommandLine,
            Flag::Rollback => self.rollback,
            Flag::AutoApply => self.auto_apply && self.confirmed_by.is_none(),
        }
    }

    /// The resources without those that it never came to.
    fn touched(&self) -> impl Iterator<Item = &'a ResourceChange> {
        let came_to_it = |resource: &&ResourceChange| {
            *self.status != Status::Failed && resource.outcome != Some(Outcome::NotStarted)
        };
        self.resources.iter().filter(came_to_it)
    }

    fn destroys(&self) -> bool {
        let deletes = |resource: &ResourceChange| resource.action == Action::Delete;
        self.counts.destroy > self.counts.replace || self.touched().any(deletes)
    }

    /// A new revision is a replacement in Terraform's words only: those are left out where the
    /// resources are known.
    fn replaces(&self) -> bool {
        if self.resources.is_empty() {
            return self.counts.replace > 0;
        }
        self.touched().any(|resource| {
            resource.action == Action::Replace && !crate::rank::is_made_of_revisions(resource)
        })
    }

    /// One approved ticket is enough; a ticket of which nobody knows whether it is approved is no
    /// proof of the contrary.
    fn is_not_approved(&self) -> bool {
        let approved = |answer| self.tickets.iter().any(|ticket| ticket.approved == answer);
        approved(Some(false)) && !approved(Some(true)) && !approved(None)
    }

    /// It has a window, and was in none of those that it has.
    fn is_outside_window(&self) -> bool {
        let has_window =
            |ticket: &&Ticket| ticket.window_start.is_some() || ticket.window_end.is_some();
        let mut windows = self.tickets.iter().filter(has_window).peekable();
        windows.peek().is_some()
            && !windows.any(|ticket| {
                ticket.window_start.is_none_or(|start| start <= self.time)
                    && ticket.window_end.is_none_or(|end| self.time <= end)
            })
    }

    fn is_on_default_branch(&self) -> Option<bool> {
        self.on_default_branch.or_else(|| Some(self.branch? == self.default_branch?))
    }
}

/// The flags that the facts raise, in the order of [`Flag::ALL`].
pub fn flags(facts: &Facts<'_>) -> Vec<Flag> {
    Flag::ALL.into_iter().filter(|flag| facts.raises(*flag)).collect()
}

/// Whether a commit or a run says of itself that it undoes another one, in the words that Git and
/// its hosts write: `Revert "raise the pool size"`.
pub fn reverts(message: &str) -> bool {
    let first_word = message.split_whitespace().next().unwrap_or_default();
    let word = first_word.trim_end_matches([':', '!']).to_ascii_lowercase();
    word == "revert" || word == "rollback" || word.starts_with("revert(")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Source;

    fn raised(change: impl FnOnce(&mut Facts<'_>)) -> Vec<Flag> {
        let status = Status::Applied;
        let mut facts = Facts::new(Time::from_millis(1_000), &status);
        change(&mut facts);
        flags(&facts)
    }

    fn ticket(approved: Option<bool>, start: Option<i64>, end: Option<i64>) -> Ticket {
        Ticket {
            key: "OPS-1".to_owned(),
            approved,
            window_start: start.map(Time::from_millis),
            window_end: end.map(Time::from_millis),
            ..Ticket::default()
        }
    }

    fn with_tickets(tickets: &[Ticket]) -> Vec<Flag> {
        let status = Status::Applied;
        let mut facts = Facts::new(Time::from_millis(1_000), &status);
        facts.can_name_tickets = true;
        facts.tickets = tickets;
        flags(&facts)
    }

    #[test]
    fn a_change_of_which_nothing_is_known_has_no_flag() {
        assert_eq!(raised(|_| {}), []);
    }

    #[test]
    fn every_flag_has_the_name_of_its_record_and_reads_back() {
        for flag in Flag::ALL {
            assert_eq!(serde_json::to_string(&flag).unwrap(), format!("\"{flag}\""));
            assert_eq!(flag.name().parse(), Ok(flag));
            assert_eq!(flag.name().to_lowercase().replace('-', "_").parse(), Ok(flag));
            assert!(flag.weight() > 0.0);
        }
        assert_eq!("TICKETS".parse::<Flag>(), Err(UnknownFlag("TICKETS".to_owned())));
    }

    #[test]
    fn only_a_source_that_can_name_a_ticket_can_leave_it_out() {
        assert_eq!(with_tickets(&[]), [Flag::Ticketless]);
        assert_eq!(raised(|facts| facts.tickets = &[]), []);
    }

    #[test]
    fn one_approved_ticket_is_enough_and_an_unknown_one_is_no_proof() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        let asked = |answers: &[Option<bool>]| {
            let tickets: Vec<Ticket> =
                answers.iter().map(|answer| ticket(*answer, None, None)).collect();
            with_tickets(&tickets).contains(&Flag::TicketNotApproved)
        };
        assert!(asked(&[no]) && asked(&[no, no]));
        assert!(
            !asked(&[yes]) && !asked(&[no, yes]) && !asked(&[unknown]) && !asked(&[no, unknown])
        );
    }

    #[test]
    fn a_change_is_outside_its_window_when_it_is_in_none_of_them() {
        let asked = |windows: &[(Option<i64>, Option<i64>)]| {
            let tickets: Vec<Ticket> =
                windows.iter().map(|(start, end)| ticket(None, *start, *end)).collect();
            with_tickets(&tickets).contains(&Flag::OutsideWindow)
        };
        assert!(!asked(&[(None, None)]), "no window is no rule");
        assert!(!asked(&[(Some(1_000), Some(1_000))]), "both ends are in it");
        assert!(asked(&[(Some(1_001), None)]) && asked(&[(None, Some(999))]));
        assert!(!asked(&[(Some(5_000), None), (Some(0), None)]));
        assert!(asked(&[(Some(5_000), None), (None, None)]));
    }

    #[test]
    fn a_new_revision_is_no_replacement() {
        let replaced = |kind: &str| {
            let mut resource = ResourceChange::new(format!("{kind}.x"), Action::Replace);
            resource.resource_type = Some(kind.to_owned());
            let resources = [resource];
            let status = Status::Applied;
            let mut facts = Facts::new(Time::from_millis(0), &status);
            facts.resources = &resources;
            flags(&facts)
        };
        assert_eq!(replaced("aws_ecs_task_definition"), []);
        assert_eq!(replaced("aws_lb_listener"), [Flag::Replaces]);
        let counted = Counts { add: 1, destroy: 1, replace: 1, ..Counts::default() };
        assert_eq!(raised(|facts| facts.counts = counted), [Flag::Replaces]);
    }

    #[test]
    fn what_is_destroyed_and_not_made_anew_is_destroyed() {
        let counts = Counts { add: 1, destroy: 2, replace: 1, ..Counts::default() };
        assert_eq!(raised(|facts| facts.counts = counts), [Flag::Destroys, Flag::Replaces]);
    }

    #[test]
    fn what_was_never_begun_is_not_destroyed() {
        let status = Status::Partial;
        let flags_of = |outcome| {
            let mut change =
                ChangeRecord::new(Time::from_millis(0), Source::Apply, status.clone(), "x");
            change.resources = vec![ResourceChange::new("aws_lb.x", Action::Delete)];
            change.resources[0].outcome = outcome;
            flags(&Facts::of(&change))
        };
        assert_eq!(flags_of(Some(Outcome::NotStarted)), [Flag::Partial]);
        for outcome in [None, Some(Outcome::Unfinished), Some(Outcome::Errored)] {
            assert_eq!(flags_of(outcome), [Flag::Partial, Flag::Destroys]);
        }
    }

    #[test]
    fn a_change_that_failed_before_it_began_destroys_and_replaces_nothing() {
        let actions = [Action::Delete, Action::Replace];
        let resources = actions.map(|action| ResourceChange::new("aws_lb.x", action));
        let flags_of = |status| {
            flags(&Facts { resources: &resources, ..Facts::new(Time::from_millis(0), status) })
        };
        assert_eq!(flags_of(&Status::Failed), []);
        assert_eq!(flags_of(&Status::Planned), [Flag::Destroys, Flag::Replaces]);
    }

    #[test]
    fn a_record_brings_its_own_facts() {
        let mut change =
            ChangeRecord::new(Time::from_millis(5_000), Source::File, Status::Partial, "x");
        change.counts = Counts { destroy: 1, ..Counts::default() };
        change.tickets = vec![ticket(Some(false), None, Some(4_999))];
        change.branch = Some("fix".to_owned());
        let facts = Facts { default_branch: Some("main"), ..Facts::of(&change) };
        let expected = [
            Flag::Partial,
            Flag::Destroys,
            Flag::TicketNotApproved,
            Flag::OutsideWindow,
            Flag::NotDefaultBranch,
        ];
        assert_eq!(flags(&facts), expected);
    }

    #[test]
    fn what_is_told_only_to_its_middle_is_partial() {
        assert_eq!(raised(|facts| facts.cut_short = true), [Flag::Partial]);
    }

    #[test]
    fn who_confirms_what_they_made_is_seen_and_auto_apply_is_when_nobody_does() {
        assert_eq!(
            raised(|facts| (facts.created_by, facts.confirmed_by) = (Some("ana"), Some("ana"))),
            [Flag::SelfConfirmed]
        );
        assert_eq!(
            raised(|facts| (facts.created_by, facts.confirmed_by) = (Some("ana"), Some("mei"))),
            []
        );
        assert_eq!(raised(|facts| facts.created_by = Some("ana")), []);
        assert_eq!(raised(|facts| facts.auto_apply = true), [Flag::AutoApply]);
        assert_eq!(
            raised(|facts| (facts.auto_apply, facts.confirmed_by) = (true, Some("mei"))),
            []
        );
    }

    #[test]
    fn the_branch_counts_where_it_can_be_compared() {
        assert_eq!(raised(|facts| facts.branch = Some("fix")), []);
        assert_eq!(
            raised(|facts| (facts.branch, facts.default_branch) = (Some("fix"), Some("main"))),
            [Flag::NotDefaultBranch]
        );
        assert_eq!(raised(|facts| facts.on_default_branch = Some(false)), [Flag::NotDefaultBranch]);
    }

    #[test]
    fn the_rest_is_as_the_source_says() {
        let all = raised(|facts| {
            facts.status = &Status::Partial;
            facts.targeted = true;
            facts.made_from = MadeFrom::CommandLine;
            facts.rollback = true;
        });
        assert_eq!(all, [Flag::Partial, Flag::Targeted, Flag::CliDriven, Flag::Rollback]);
    }

    #[test]
    fn a_revert_says_so_first() {
        assert!(reverts("Revert \"raise the pool size\"") && reverts("revert: OPS-12"));
        assert!(!reverts("raise the pool size (do not revert)") && !reverts(""));
    }
}
