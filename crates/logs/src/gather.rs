//! What several sites answer to one target, as one answer. Pure.

use aws::Site;

use crate::error::{Error, sites_text};
use crate::place::Place;
use crate::resolve::{Notice, Resolution, Unread, nearest};

/// What the sites answered. `several`: what is said names its site.
///
/// What one site has is enough: where it is not, and where nobody could look, is told beside it. What
/// is nowhere is an error, with the nearest names of all sites.
pub(crate) fn gather(
    target: &str,
    mut answers: Vec<(Site, Result<Resolution, Error>)>,
    several: bool,
) -> Result<Resolution, Error> {
    if !several && let Some((_, answer)) = answers.pop() {
        return answer;
    }
    let (mut whole, mut found) = (Resolution::default(), false);
    let (mut absent, mut absences, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for (site, answer) in answers {
        match answer {
            Ok(part) => {
                found = true;
                whole.add(at(&site, part));
            }
            Err(Error::Aws(error)) => unread.push((site, error)),
            Err(error) if error.is_absence() => {
                absent.push(site);
                absences.push(error);
            }
            // A name that means two things at one site has to be said in another way.
            Err(error) => return Err(error),
        }
    }
    if found {
        let target = target.to_owned();
        if !absent.is_empty() {
            whole.notices.push(Notice::NotThere { target: target.clone(), sites: absent });
        }
        let of_target = |(site, error)| Unread { target: target.clone(), site, error };
        whole.unread.extend(unread.into_iter().map(of_target));
        return Ok(whole);
    }
    match unread.is_empty() {
        true => Err(nowhere(target, &absent, absences)),
        false => Err(Error::Unreached { name: target.to_owned(), absent, unread }),
    }
}

/// The answers to all targets, as one. A target that could not be looked for is missing, where another one
/// is there to be read.
pub(crate) fn together(
    answers: impl IntoIterator<Item = Result<Resolution, Error>>,
) -> Result<Resolution, Error> {
    let (mut whole, mut unreached, mut found) = (Resolution::default(), Vec::new(), false);
    for answer in answers {
        match answer {
            Ok(part) => {
                found = true;
                whole.add(part);
            }
            Err(error @ Error::Unreached { .. }) => unreached.push(error),
            Err(error) => return Err(error),
        }
    }
    for error in unreached {
        match error {
            Error::Unreached { name: target, absent: sites, unread } if found => {
                let of_target = |(site, error)| Unread { target: target.clone(), site, error };
                whole.unread.extend(unread.into_iter().map(of_target));
                if !sites.is_empty() {
                    whole.notices.push(Notice::NotThere { target, sites });
                }
            }
            error => return Err(error),
        }
    }
    through_one_profile(&mut whole.places);
    Ok(whole)
}

/// Says where a part of the answer is from.
fn at(site: &Site, part: Resolution) -> Resolution {
    let at = |notice| Notice::At { site: site.clone(), notice: Box::new(notice) };
    Resolution {
        notices: part.notices.into_iter().map(at).collect(),
        members: part.members.at(site),
        ..part
    }
}

/// The absence that says most, of all sites.
fn nowhere(target: &str, sites: &[Site], absences: Vec<Error>) -> Error {
    let mut names = Vec::new();
    for error in &absences {
        if let Error::UnknownName { nearest, .. }
        | Error::UnknownService { nearest, .. }
        | Error::UnknownGroup { nearest, .. }
        | Error::NoMatch { nearest, .. } = error
        {
            names.extend(nearest.iter().cloned());
        }
    }
    names.sort();
    names.dedup();
    let is_half_found =
        |error: &Error| matches!(error, Error::NoLogs { .. } | Error::UnknownContainer { .. });
    let says_most = absences.iter().position(is_half_found).unwrap_or_default();
    let mut error = absences.into_iter().nth(says_most).unwrap_or(Error::UnknownName {
        name: target.to_owned(),
        region: String::new(),
        nearest: Vec::new(),
    });
    if let Error::UnknownName { name, region, nearest: few }
    | Error::UnknownService { name, region, nearest: few }
    | Error::UnknownGroup { name, region, nearest: few }
    | Error::NoMatch { glob: name, region, nearest: few } = &mut error
    {
        *region = sites_text(sites);
        *few = nearest(name, &names);
    }
    error
}

/// A group that two profiles of one account reach is one group: it is read through the first.
fn through_one_profile(places: &mut [Place]) {
    for number in 1..places.len() {
        let (before, rest) = places.split_at_mut(number);
        let group = &mut rest[0].group;
        let is_same = |place: &&Place| {
            let known = &place.group;
            known.account.is_some()
                && (&known.account, &known.region, &known.name, &known.arn)
                    == (&group.account, &group.region, &group.name, &group.arn)
        };
        if let Some(first) = before.iter().find(is_same) {
            group.profile.clone_from(&first.group.profile);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Group;
    use crate::plan;

    fn site(profile: &str) -> Site {
        Site { profile: Some(profile.into()), region: "eu-west-1".into() }
    }

    fn place(profile: &str, account: Option<&str>) -> Place {
        Place::whole(Group {
            profile: Some(profile.into()),
            account: account.map(str::to_owned),
            region: "eu-west-1".into(),
            name: "/g".into(),
            arn: None,
        })
    }

    fn found(profile: &str) -> Result<Resolution, Error> {
        let mut found = Resolution { places: vec![place(profile, None)], ..Resolution::default() };
        found.members.add_group("/g");
        Ok(found)
    }

    fn unknown(nearest: &[&str]) -> Result<Resolution, Error> {
        Err(Error::UnknownGroup {
            name: "/ecs/apj".into(),
            region: "eu-west-1".into(),
            nearest: nearest.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    fn expired(profile: &str) -> Result<Resolution, Error> {
        Err(Error::Aws(aws::Error {
            operation: None,
            region: None,
            profile: Some(profile.into()),
            cause: aws::Cause::SsoLogin { detail: "expired".into() },
        }))
    }

    fn gathered(answers: Vec<(Site, Result<Resolution, Error>)>) -> Result<Resolution, Error> {
        gather("/ecs/apj", answers, true)
    }

    #[test]
    fn what_one_site_has_is_enough_and_the_others_are_told() {
        let answers = vec![
            (site("prod"), found("prod")),
            (site("staging"), unknown(&[])),
            (site("dev"), expired("dev")),
        ];
        let whole = gathered(answers).unwrap();
        assert_eq!(whole.places.len(), 1);
        let notices: Vec<String> = whole.notices.iter().map(ToString::to_string).collect();
        assert_eq!(notices, ["`/ecs/apj` is not in staging/eu-west-1"]);
        let unread: Vec<String> =
            whole.unread.iter().map(|unread| unread.site.to_string()).collect();
        assert_eq!(unread, ["dev/eu-west-1"]);
    }

    #[test]
    fn what_is_nowhere_has_the_nearest_names_of_all_sites() {
        let answers =
            vec![(site("prod"), unknown(&["/ecs/xyz"])), (site("staging"), unknown(&["/ecs/api"]))];
        let error = gathered(answers).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no log group called `/ecs/apj` in prod/eu-west-1, staging/eu-west-1"
        );
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("did you mean `/ecs/api`"), "{hint}");
    }

    #[test]
    fn what_may_be_where_nobody_can_look_is_not_said_to_be_nowhere() {
        let answers = vec![(site("prod"), unknown(&[])), (site("dev"), expired("dev"))];
        let error = gathered(answers).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`/ecs/apj` is not in prod/eu-west-1, and elsewhere it could not be looked for"
        );
        assert_eq!(error.hint().as_deref(), Some("aws sso login --profile dev"));
    }

    #[test]
    fn a_target_that_nobody_can_look_for_leaves_the_others() {
        let nowhere =
            || gathered(vec![(site("prod"), unknown(&[])), (site("dev"), expired("dev"))]);
        let whole = together([nowhere(), found("prod")]).unwrap();
        assert_eq!((whole.places.len(), whole.unread.len(), whole.notices.len()), (1, 1, 1));
        assert!(matches!(together([nowhere(), nowhere()]), Err(Error::Unreached { .. })));
        assert!(matches!(together([found("prod"), unknown(&[])]), Err(Error::UnknownGroup { .. })));
    }

    #[test]
    fn who_left_is_told_by_sites_that_answer_only() {
        let both = |second| gathered(vec![(site("prod"), found("prod")), (site("dev"), second)]);
        let (before, mut now) = (both(found("dev")).unwrap(), both(expired("dev")).unwrap());
        let left: Vec<String> =
            before.members.changes(&now.members).iter().map(ToString::to_string).collect();
        assert_eq!(left, ["dev/eu-west-1 /g"]);
        now.members.keep(&before.members, &now.unread[0].site);
        assert_eq!(before.members.changes(&now.members), []);
    }

    #[test]
    fn a_group_of_one_name_in_two_accounts_is_two_and_through_two_profiles_one() {
        let sources = |mut places: Vec<Place>| {
            through_one_profile(&mut places);
            plan::sources(places).len()
        };
        assert_eq!(sources(vec![place("a", Some("1")), place("b", Some("2"))]), 2);
        assert_eq!(sources(vec![place("a", Some("1")), place("b", Some("1"))]), 1);
        assert_eq!(sources(vec![place("a", None), place("b", None)]), 2, "nobody knows");
    }
}
