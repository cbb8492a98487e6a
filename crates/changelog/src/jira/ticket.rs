//! What a ticket says of a change (pure): the change card's parts, whether it is approved, and its window.

use ::record::Time;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::shapes::{Field, Issue, Resolved, resolve};
use crate::moment::moment;
use crate::record::Ticket;

/// The length of a day in milliseconds, less one: the last moment of a date.
const REST_OF_A_DAY: i64 = 86_400_000 - 1;

/// How this Jira's tickets are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketRules {
    /// Which fields hold the parts of a change.
    pub fields: FieldNames,
    /// Statuses that only an approved ticket has. `Approved` is one where none is listed; then, another
    /// status says nothing.
    pub approved_statuses: Vec<String>,
    /// The types of tickets that are changes. Where none is listed, those with "change" in their name.
    pub types: Vec<String>,
}

/// The names of fields, as people see them, or their ids. One that is not set has the name that Jira Service
/// Management gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// When the change may begin.
    pub window_start: Option<String>,
    /// By when it is to be done.
    pub window_end: Option<String>,
    /// Who approved it, or whether it is approved.
    pub approval: Option<String>,
    /// What is expected of it.
    pub effect: Option<String>,
    /// How it is undone.
    pub rollback: Option<String>,
}

#[derive(Clone, Copy)]
enum Part {
    WindowStart,
    WindowEnd,
    Approval,
    Effect,
    Rollback,
}

const PARTS: [Part; 5] =
    [Part::WindowStart, Part::WindowEnd, Part::Approval, Part::Effect, Part::Rollback];

impl Part {
    /// The names that Jira Service Management and its templates give such a field.
    const fn usual(self) -> &'static [&'static str] {
        match self {
            Self::WindowStart => &["Change start date", "Planned start"],
            Self::WindowEnd => &["Change completion date", "Planned end"],
            Self::Approval => &["Approval status", "Approvers"],
            Self::Effect => &["Expected effect", "Impact assessment"],
            Self::Rollback => &["Rollback plan", "Backout plan"],
        }
    }
}

impl FieldNames {
    fn set(&self, part: Part) -> Option<&str> {
        let name = match part {
            Part::WindowStart => &self.window_start,
            Part::WindowEnd => &self.window_end,
            Part::Approval => &self.approval,
            Part::Effect => &self.effect,
            Part::Rollback => &self.rollback,
        };
        name.as_deref()
    }

    fn names(&self, part: Part) -> Vec<&str> {
        self.set(part).map_or_else(|| part.usual().to_vec(), |name| vec![name])
    }

    /// The fields of this Jira that hold the parts. Of those that it does not have, only the ones that were
    /// set are told as unknown.
    pub fn resolve(&self, fields: &[Field]) -> Resolved {
        let names: Vec<String> =
            PARTS.iter().flat_map(|part| self.names(*part)).map(str::to_owned).collect();
        let mut resolved = resolve(&names, fields);
        resolved.unknown.retain(|name| PARTS.iter().any(|part| self.set(*part) == Some(name)));
        resolved
    }

    /// The ids of the fields for the beginning and the end of the window, the first of each.
    pub(super) fn window_ids<'r>(
        &self,
        resolved: &'r Resolved,
    ) -> (Option<&'r str>, Option<&'r str>) {
        let id = |part| {
            let names = self.names(part);
            let ids = names.into_iter().find_map(|name| resolved.ids.get(name)?.first());
            ids.map(String::as_str)
        };
        (id(Part::WindowStart), id(Part::WindowEnd))
    }

    fn text<'i>(&self, issue: &'i Issue, part: Part) -> Option<&'i str> {
        self.names(part).into_iter().find_map(|name| issue.fields.get(name)).map(String::as_str)
    }
}

impl TicketRules {
    /// The ticket that an issue is, with the page for people that `link` gives it.
    pub fn ticket(&self, issue: &Issue, resolved: &Resolved, link: String) -> Ticket {
        let text = |part| self.fields.text(issue, part).map(str::to_owned);
        let date = |part| self.fields.text(issue, part).and_then(date);
        Ticket {
            key: issue.key.clone(),
            summary: Some(issue.summary.clone()).filter(|summary| !summary.is_empty()),
            status: issue.status.clone(),
            ticket_type: issue.kind.clone(),
            approved: self.approved(issue, resolved),
            window_start: date(Part::WindowStart).map(|(first, _)| first),
            window_end: date(Part::WindowEnd).map(|(_, last)| last),
            effect: text(Part::Effect),
            rollback: text(Part::Rollback),
            link: Some(link),
        }
    }

    /// Whether an issue is a change: of a listed type, or, where none is listed, of one that is called so, or
    /// with a window.
    pub(super) fn is_change(&self, issue: &Issue) -> bool {
        match self.types.is_empty() {
            true => {
                self.is_called_a_change(issue)
                    || self.fields.text(issue, Part::WindowStart).is_some()
            }
            false => self.is_called_a_change(issue),
        }
    }

    fn is_called_a_change(&self, issue: &Issue) -> bool {
        let Some(kind) = issue.kind.as_deref().map(|kind| kind.trim().to_lowercase()) else {
            return false;
        };
        match self.types.is_empty() {
            true => kind.contains("change"),
            false => self.types.iter().any(|listed| listed.trim().to_lowercase() == kind),
        }
    }

    /// One proof is enough. An empty field is a proof of the contrary where somebody said that this field
    /// holds the approval, or where the issue is a change and this Jira has the usual field; a status is one
    /// where the approved ones are listed.
    fn approved(&self, issue: &Issue, resolved: &Resolved) -> Option<bool> {
        let by_field = match self.fields.text(issue, Part::Approval) {
            Some(said) => Some(says_yes(said)),
            None => {
                let mut names = self.fields.names(Part::Approval).into_iter();
                let has_field = names.any(|name| resolved.ids.contains_key(name));
                let is_expected =
                    self.fields.set(Part::Approval).is_some() || self.is_called_a_change(issue);
                (has_field && is_expected).then_some(false)
            }
        };
        let by_status = match (issue.status.as_deref(), self.approved_statuses.is_empty()) {
            (None, _) => None,
            (Some(status), true) => status.trim().eq_ignore_ascii_case("approved").then_some(true),
            (Some(status), false) => {
                let status = status.trim().to_lowercase();
                let listed = |one: &String| one.trim().to_lowercase() == status;
                Some(self.approved_statuses.iter().any(listed))
            }
        };
        match (by_field, by_status) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (None, None) => None,
            _ => Some(false),
        }
    }
}

/// Names of people say yes, and so does any word that does not say no.
fn says_yes(said: &str) -> bool {
    let said = said.trim().to_lowercase();
    let first = said.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let no = [
        "no",
        "none",
        "not",
        "unapproved",
        "declined",
        "rejected",
        "denied",
        "pending",
        "waiting",
        "awaiting",
        "requested",
        "cancelled",
        "canceled",
        "false",
    ];
    !said.is_empty() && !no.contains(&first)
}

/// The first and the last moment of what a field says: of a date, the whole day in UTC.
fn date(text: &str) -> Option<(Time, Time)> {
    let text = text.trim();
    if let Some(time) = moment(text) {
        return Some((time, time));
    }
    let midnight = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
    let first = Time::from(midnight.timestamp());
    Some((first, Time::from_millis(first.millis().checked_add(REST_OF_A_DAY)?)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn field(id: &str, name: &str) -> Field {
        Field { id: id.to_owned(), name: name.to_owned() }
    }

    fn issue(kind: &str, status: &str, fields: &[(&str, &str)]) -> Issue {
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Issue {
            key: "OPS-1".to_owned(),
            summary: "Raise the pool".to_owned(),
            status: Some(status.to_owned()),
            kind: Some(kind.to_owned()),
            fields: fields.collect(),
            ..Issue::default()
        }
    }

    fn approved(rules: &TicketRules, issue: &Issue, fields: &[Field]) -> Option<bool> {
        rules.ticket(issue, &rules.fields.resolve(fields), String::new()).approved
    }

    #[test]
    fn the_card_has_its_parts_from_the_usual_fields() {
        let issue = issue(
            "Change",
            "Implementing",
            &[
                ("Change start date", "2026-11-22T20:46:35.000+0000"),
                ("Planned end", "2026-11-22"),
                ("Approvers", "Ada, Sol"),
                ("Expected effect", "None."),
                ("Rollback plan", "Apply v1."),
            ],
        );
        let rules = TicketRules::default();
        let ticket = rules.ticket(&issue, &Resolved::default(), "https://j/OPS-1".to_owned());
        assert_eq!(ticket.window_start, Some(Time::from_millis(1_795_380_395_000)));
        assert_eq!(ticket.window_end, Some(Time::from_millis(1_795_391_999_999)), "all the day");
        assert_eq!(ticket.approved, Some(true));
        assert_eq!(ticket.effect.as_deref(), Some("None."));
        assert_eq!(ticket.rollback.as_deref(), Some("Apply v1."));
        assert_eq!(ticket.link.as_deref(), Some("https://j/OPS-1"));
    }

    #[test]
    fn only_names_that_were_set_are_told_as_unknown() {
        let names = FieldNames { rollback: Some("Back-out".to_owned()), ..FieldNames::default() };
        let resolved = names.resolve(&[field("customfield_1", "Approvers")]);
        assert_eq!(resolved.unknown, ["Back-out"]);
        assert_eq!(
            resolved.ids,
            BTreeMap::from([("Approvers".to_owned(), vec!["customfield_1".to_owned()])])
        );
    }

    #[test]
    fn an_approval_is_known_only_where_something_says_it() {
        let rules = TicketRules::default();
        let approvers = [field("customfield_1", "Approvers")];
        let ask = |kind, status, said: &[(&str, &str)], fields: &[Field]| {
            approved(&rules, &issue(kind, status, said), fields)
        };
        assert_eq!(ask("Change", "To Do", &[], &[]), None, "this Jira has no such field");
        assert_eq!(ask("Change", "To Do", &[], &approvers), Some(false));
        assert_eq!(ask("Story", "To Do", &[], &approvers), None, "nobody approves stories");
        assert_eq!(ask("Change", "Approved", &[], &approvers), Some(true));
        assert_eq!(ask("Story", "Done", &[("Approvers", "Ada")], &approvers), Some(true));
        let declined = [("Approval status", "Declined")];
        assert_eq!(ask("Change", "Done", &declined, &approvers), Some(false));
    }

    #[test]
    fn listed_statuses_and_a_set_field_decide_for_every_type() {
        let rules = TicketRules {
            approved_statuses: vec!["Ready".to_owned(), "Done".to_owned()],
            ..TicketRules::default()
        };
        assert_eq!(approved(&rules, &issue("Story", "ready", &[]), &[]), Some(true));
        assert_eq!(approved(&rules, &issue("Story", "Draft", &[]), &[]), Some(false));
        let mut rules = TicketRules::default();
        rules.fields.approval = Some("CAB".to_owned());
        let cab = [field("customfield_9", "CAB")];
        assert_eq!(approved(&rules, &issue("Story", "To Do", &[]), &cab), Some(false));
        assert_eq!(approved(&rules, &issue("Story", "To Do", &[("CAB", "yes")]), &cab), Some(true));
        assert_eq!(approved(&rules, &issue("Story", "To Do", &[]), &[]), None, "it has no CAB");
    }

    proptest! {
        #[test]
        fn a_date_is_a_day_and_no_text_panics(text in ".{0,40}", day in 0i64..30_000) {
            let _ = date(&text);
            let first = Time::from_millis(day * 86_400_000);
            let written = first.timestamp().strftime("%Y-%m-%d").to_string();
            let last = Time::from_millis(first.millis() + REST_OF_A_DAY);
            prop_assert_eq!(date(&written), Some((first, last)));
        }
    }
}
