//! The doors of a command: one for each profile, each to one region or several.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::call::Usage;
use crate::door::Door;
use crate::error::{Cause, Error};
use crate::regions;

/// An account, as a profile reaches it, in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The profile; `None` where none was said.
    pub profile: Option<String>,
    /// The region; empty where the profile could not be opened.
    pub region: String,
}

impl fmt::Display for Site {
    /// `prod/us-east-1`, `us-east-1` without a profile.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.profile.as_deref(), Some(self.region.as_str())];
        let parts: Vec<&str> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        f.write_str(&parts.join("/"))
    }
}

/// What became of a profile that was to be opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The profile, where one was said.
    pub profile: Option<String>,
    /// Its door, or why there is none.
    pub door: Result<Door, Error>,
}

/// The doors of a command. Cheap to clone; at least one is open.
#[derive(Clone, Debug)]
pub struct Doors {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// For what says no profile of its own.
    usual: Vec<Opened>,
    /// For what does.
    named: Vec<Opened>,
    first: Door,
}

impl Doors {
    /// The doors for what says no profile of its own, and for what does. Where none is open, the
    /// first error is the answer.
    pub fn new(usual: Vec<Opened>, named: Vec<Opened>) -> Result<Self, Error> {
        let mut all = usual.iter().chain(&named).map(|opened| opened.door.clone());
        let first = match all.next() {
            Some(Err(error)) => all.find_map(Result::ok).ok_or(error)?,
            Some(Ok(door)) => door,
            None => return Err(Error::setup(Cause::NoCredentials)),
        };
        Ok(Self { inner: Arc::new(Inner { usual, named, first }) })
    }

    /// The sites of a profile, or of what says none, each with its door or why it cannot be asked.
    pub fn sites(&self, profile: Option<&str>) -> Vec<(Site, Result<Door, Error>)> {
        let opened: Vec<&Opened> = match profile {
            None => self.inner.usual.iter().collect(),
            Some(name) => {
                let is_it = |opened: &&Opened| opened.profile.as_deref() == Some(name);
                self.all().find(is_it).into_iter().collect()
            }
        };
        opened.into_iter().flat_map(sites_of).collect()
    }

    /// The sites of all doors.
    pub fn all_sites(&self) -> Vec<(Site, Result<Door, Error>)> {
        self.all().flat_map(sites_of).collect()
    }

    /// The door of a profile, as a [`Site`] has it.
    pub fn of(&self, profile: Option<&str>) -> &Door {
        self.open().find(|door| door.profile() == profile).unwrap_or(&self.inner.first)
    }

    /// The door whose account this is, as far as that can be known.
    pub async fn of_account(&self, profile: Option<&str>, account: &str) -> Option<Door> {
        for (_, door) in self.sites(profile) {
            if let Ok(door) = door
                && door.account().await.as_deref() == Some(account)
            {
                return Some(door);
            }
        }
        None
    }

    /// The doors that are open.
    pub fn open(&self) -> impl Iterator<Item = &Door> {
        self.all().filter_map(|opened| opened.door.as_ref().ok())
    }

    /// The regions of all sites, each once.
    pub fn regions(&self) -> Vec<String> {
        let sites = self.all_sites().into_iter().map(|(site, _)| site.region);
        let mut regions: Vec<String> = sites.filter(|region| !region.is_empty()).collect();
        let mut seen = BTreeSet::new();
        regions.retain(|region| seen.insert(region.clone()));
        regions
    }

    /// The accounts of all doors, in the order of their names, with commas; `None` where one is not
    /// known.
    pub async fn accounts(&self) -> Option<String> {
        let mut accounts = BTreeSet::new();
        for opened in self.all() {
            accounts.insert(opened.door.as_ref().ok()?.account().await?);
        }
        Some(accounts.into_iter().collect::<Vec<_>>().join(","))
    }

    /// What has been asked so far, through all of them.
    pub fn usage(&self) -> Usage {
        let mut whole = Usage::default();
        for usage in self.open().map(Door::usage) {
            whole.requests += usage.requests;
            whole.throttled += usage.throttled;
            whole.retried += usage.retried;
        }
        whole
    }

    /// Doors of one account use one quota: from now on they keep one pace. Where the account is not
    /// known by now, nobody is asked for it.
    pub async fn share_quotas(&self) {
        let mut known: Vec<(String, &Door)> = Vec::new();
        for door in self.open() {
            let Some(account) = door.account_so_far().await else { continue };
            match known.iter().find(|(other, _)| *other == account) {
                Some((_, first)) => door.keep_pace_with(first),
                None => known.push((account, door)),
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &Opened> {
        let Inner { usual, named, .. } = &*self.inner;
        let again = |one: &&Opened| !usual.iter().any(|other| other.profile == one.profile);
        usual.iter().chain(named.iter().filter(again))
    }
}

fn sites_of(opened: &Opened) -> Vec<(Site, Result<Door, Error>)> {
    let site = |region: &str| Site { profile: opened.profile.clone(), region: region.to_owned() };
    let door = match &opened.door {
        Ok(door) => door,
        Err(error) => return vec![(site(""), Err(error.clone()))],
    };
    let each = door.regions().iter().map(|region| {
        let door = match regions::is_well_formed(region) {
            true => Ok(door.clone()),
            false => Err(Error::setup(Cause::unknown_region(region))),
        };
        (site(region), door)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::call::Verdict;
    use crate::{Budget, Environment, MfaPrompt, NoCode, Operation, Options};

    const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

    /// A door that asks nobody; all of them are of one account.
    fn opened(profile: &str, regions: &[&str]) -> Opened {
        let options = Options {
            profile: None,
            regions: Vec::new(),
            usual_profile: None,
            usual_region: None,
            budget: Budget::Usual,
            timeout: Duration::from_secs(1),
            environment: Environment::new(|_| None),
            mfa: MfaPrompt::new(|serial| Err(NoCode { serial: serial.to_owned() })),
            random: || 0.5,
            version: "0",
        };
        let regions = regions.iter().map(|region| (*region).to_owned()).collect();
        let door = Door::to_drill("http://127.0.0.1:9", regions, &options);
        Opened { profile: Some(profile.to_owned()), door }
    }

    fn closed(profile: &str) -> Opened {
        let error = Error::setup(Cause::UnknownProfile { name: profile.into(), nearest: None });
        Opened { profile: Some(profile.to_owned()), door: Err(error) }
    }

    fn names(sites: Vec<(Site, Result<Door, Error>)>) -> Vec<String> {
        let name = |(site, door): (Site, Result<Door, Error>)| match door {
            Ok(_) => site.to_string(),
            Err(error) => format!("{site}: {error}"),
        };
        sites.into_iter().map(name).collect()
    }

    fn rates(doors: &Doors) -> Vec<f64> {
        let rate = |door: &Door| door.rate(Operation::FilterLogEvents, REGIONS[0]);
        doors.open().map(rate).collect()
    }

    #[test]
    fn each_profile_is_at_each_region_and_what_is_named_stands_apart() {
        let usual = vec![opened("a", &["us-east-1", "no region"]), closed("b")];
        let doors = Doors::new(usual, vec![opened("c", &REGIONS)]).unwrap();
        let of_usual = [
            "a/us-east-1",
            "a/no region: there is no region `no region`",
            "b: the profile `b` does not exist",
        ];
        assert_eq!(names(doors.sites(None)), of_usual);
        assert_eq!(names(doors.sites(Some("c"))), ["c/us-east-1", "c/eu-west-1"]);
        assert_eq!(doors.all_sites().len(), 5);
        assert_eq!(doors.open().count(), 2);
    }

    #[test]
    fn without_an_open_door_the_first_reason_is_the_answer() {
        let error = Doors::new(vec![closed("a"), closed("b")], Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the profile `a` does not exist");
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_of_one_account_slows_no_other_until_they_are_known_to_be_one() {
        let both = vec![opened("a", &REGIONS), opened("b", &REGIONS)];
        let doors = Doors::new(both, Vec::new()).unwrap();
        let throttled = |doors: &Doors| {
            let first = doors.open().next().unwrap();
            first.tell_pace(Operation::FilterLogEvents, REGIONS[0], Verdict::Throttled);
        };
        let before = rates(&doors);
        throttled(&doors);
        let after = rates(&doors);
        assert!(after[0] < before[0], "{after:?}");
        assert_eq!(after[1], before[1]);

        doors.share_quotas().await;
        assert_eq!(rates(&doors), [after[0]; 2]);
    }
}
