//! The fleets that a command looks at, one a profile and region: opened, looked at side by side, and
//! what is missing told at the end.

use std::collections::BTreeSet;

use clap::Args;
use ecs::Fleet;
use futures_util::future::join_all;
use logs::Whose;
use output::{Notice, Talk};
use specs::{Depth, Observation, Seen, ServiceName, UnreadPart, Wanted, Why};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, exit_of};

/// Which services.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Services: NAME, CLUSTER/NAME, a glob such as 'api-*', an ARN, or a [target] of the
    /// configuration [default: all]
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
    /// Only this cluster: a name, a glob or an ARN (repeatable)
    #[arg(long = "cluster", value_name = "CLUSTER")]
    pub(super) clusters: Vec<String>,
}

impl Chosen {
    /// What they mean, with the names of the configuration looked up.
    pub(super) fn wanted(&self, context: &Context) -> Result<Wanted, Failure> {
        wanted(&self.services, &self.clusters, context)
    }
}

/// Services and clusters as they were typed, with the names of the configuration looked up.
pub(super) fn wanted(
    services: &[String],
    clusters: &[String],
    context: &Context,
) -> Result<Wanted, Failure> {
    let sets = &context.config().targets;
    let of = |name: &String| match sets.get(name) {
        Some(set) if set.services.is_empty() => Err(Failure::usage(
            format!("the target `{name}` has no services"),
            Some(format!("add `services = [\"cluster/name\"]` to [target.{name}]")),
        )),
        Some(set) => Ok(set.services.clone()),
        None => Ok(vec![name.clone()]),
    };
    let services: Vec<Vec<String>> = services.iter().map(of).collect::<Result<_, _>>()?;
    Ok(Wanted::parse(&services.concat(), clusters)?)
}

/// What was looked at.
#[derive(Debug)]
pub(super) struct Fleets {
    pub(super) doors: aws::Doors,
    pub(super) looked: Vec<Looked>,
    /// Where nothing could be read, and why.
    failures: Vec<(Option<String>, aws::Error)>,
}

/// One region's fleet, as a profile reaches it.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) door: aws::Door,
    pub(super) fleet: Fleet,
    pub(super) seen: Seen,
    pub(super) observation: Observation,
    /// Whose it is, where that has to be said.
    pub(super) word: Option<String>,
}

/// Opens the doors and looks at the services that are wanted, everywhere at once. An exact name that
/// no fleet has is an error.
pub(super) async fn look(
    wanted: &Wanted,
    depth: Depth,
    context: &Context,
) -> Result<Fleets, Failure> {
    let doors = context.doors(&[]).await?;
    look_through(doors, None, wanted, depth, context).await
}

/// The same, through doors that are open, and in one region where that is said.
pub(super) async fn look_through(
    doors: aws::Doors,
    region: Option<&str>,
    wanted: &Wanted,
    depth: Depth,
    context: &Context,
) -> Result<Fleets, Failure> {
    let whose = Whose::of(&doors, &[]);
    let (mut places, mut failures) = (Vec::new(), Vec::new());
    let mut foreign = None;
    for (site, door) in sites(&doors, region, wanted) {
        match door {
            Ok(door) => match of_account(&door, wanted.at(&site.region)).await {
                Ok(here) => places.push((site, door, here)),
                Err(failure) => foreign = foreign.or(Some(failure)),
            },
            Err(error) => {
                failures.push((whose.word_of(site.profile.as_deref(), &site.region), error));
            }
        }
    }
    if let Some(foreign) = foreign.filter(|_| places.is_empty() && failures.is_empty()) {
        return Err(foreign);
    }
    let looks = places.into_iter().map(|(site, door, here)| async move {
        let fleet = Fleet::new(&door, &site.region, context.store());
        let answer = specs::observe(&fleet, &here, depth).await;
        (site, door, fleet, answer)
    });
    let answers = join_all(looks).await;
    doors.share_quotas().await;
    let time = context.now().timestamp().into();
    let mut looked = Vec::new();
    for (site, door, fleet, answer) in answers {
        let account = door.account().await;
        let word = whose.word_of(site.profile.as_deref().or(account.as_deref()), &site.region);
        match answer {
            Ok(observation) => {
                let seen = Seen { time, account, region: site.region };
                looked.push(Looked { door, fleet, seen, observation, word });
            }
            Err(error) => failures.push((word, error)),
        }
    }
    let fleets = Fleets { doors, looked, failures };
    if fleets.looked.is_empty() {
        return Err(fleets.nothing());
    }
    context.say_where(&fleets.doors).await;
    fleets.refuse_unknown_cluster().await?;
    fleets.refuse_unknown(wanted).await?;
    fleets.say_empty(depth, context.talk());
    Ok(fleets)
}

/// The sites of the doors, and those that an ARN names beside them.
fn sites(
    doors: &aws::Doors,
    region: Option<&str>,
    wanted: &Wanted,
) -> Vec<(aws::Site, Result<aws::Door, aws::Error>)> {
    let mut all = doors.sites(None);
    if let Some(region) = region {
        // Each door once, whatever its own regions are.
        let mut seen = BTreeSet::new();
        all.retain(|(site, _)| seen.insert(site.profile.clone()));
        all.iter_mut().for_each(|(site, _)| region.clone_into(&mut site.region));
    }
    let homes: BTreeSet<&String> =
        wanted.names.iter().filter_map(|name| Some(&name.home.as_ref()?.1)).collect();
    let only_arns = !wanted.names.is_empty() && wanted.names.iter().all(|name| name.home.is_some());
    let mut sites: Vec<_> = all
        .iter()
        .filter(|(site, door)| door.is_err() || !only_arns || homes.contains(&site.region))
        .cloned()
        .collect();
    let open = all.iter().filter_map(|(site, door)| Some((&site.profile, door.as_ref().ok()?)));
    for (profile, door) in open {
        for home in &homes {
            let site = aws::Site { profile: profile.clone(), region: (*home).clone() };
            if !sites.iter().any(|(known, _)| *known == site) {
                sites.push((site, Ok(door.clone())));
            }
        }
    }
    sites
}

/// What of it may be of a door's account: an ARN says whose it is, and ECS answers for one's own
/// account only. Nobody is asked for the account where there is no ARN.
async fn of_account(door: &aws::Door, mut wanted: Wanted) -> Result<Wanted, Failure> {
    let first = wanted.names.iter().find(|name| name.home.is_some()).cloned();
    let Some((arn, (theirs, _))) = first.and_then(|name| Some((name.typed, name.home?))) else {
        return Ok(wanted);
    };
    let Some(ours) = door.account().await else { return Ok(wanted) };
    wanted.names.retain(|name| is_of(name, Some(&ours)));
    match wanted.names.is_empty() {
        false => Ok(wanted),
        true => Err(Failure::usage(
            format!("{arn} is of the account {theirs}, and these credentials are of {ours}"),
            Some("pass the --profile of that account".to_owned()),
        )),
    }
}

/// Whether a name may be of an account. What is not known is no reason against it.
fn is_of(name: &ServiceName, account: Option<&str>) -> bool {
    name.home.as_ref().zip(account).is_none_or(|((theirs, _), ours)| theirs == ours)
}

impl Fleets {
    /// Nothing at all could be read: the first failure is the answer, the others stand below it.
    fn nothing(&self) -> Failure {
        let mut failures = self.failures.iter();
        let Some((_, first)) = failures.next() else {
            return Failure::unavailable("there is nowhere to look", None);
        };
        let mut failure = Failure::from(first.clone());
        if let Failure::Told(told) = &mut failure {
            let others = failures.map(|(word, error)| match word {
                Some(word) => format!("{word}: {error}"),
                None => error.to_string(),
            });
            told.causes.extend(others);
        }
        failure
    }

    /// A cluster that is in no region is a mistake.
    async fn refuse_unknown_cluster(&self) -> Result<(), Failure> {
        let unknown = |cluster: &&String| {
            self.looked.iter().all(|looked| looked.observation.unknown_clusters.contains(cluster))
        };
        let mut all = self.looked.iter().flat_map(|looked| &looked.observation.unknown_clusters);
        let Some(cluster) = all.find(unknown) else { return Ok(()) };
        let mut known = Vec::new();
        for looked in &self.looked {
            known.extend(looked.fleet.clusters().await.unwrap_or_default());
        }
        let hint = match spelling::nearest(cluster, known.iter().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if known.is_empty() => "there are no clusters at all".to_owned(),
            None => format!("there are {}", known.join(", ")),
        };
        let message = format!("there is no cluster `{cluster}` in {}", self.regions());
        Err(Failure::usage(message, Some(hint)))
    }

    fn regions(&self) -> String {
        let regions: BTreeSet<&str> =
            self.looked.iter().map(|looked| looked.seen.region.as_str()).collect();
        regions.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// A name that no fleet has is a mistake, unless it may be where nothing could be read.
    async fn refuse_unknown(&self, wanted: &Wanted) -> Result<(), Failure> {
        let is_unknown = |typed: &str| {
            self.looked.iter().all(|looked| {
                let here = looked.observation.unknown.iter().any(|name| name.typed == typed);
                let asked = wanted.at(&looked.seen.region);
                let account = looked.seen.account.as_deref();
                let is_asked = |name: &ServiceName| name.typed == typed && is_of(name, account);
                here || !asked.names.iter().any(is_asked)
            })
        };
        let Some(unknown) = wanted.names.iter().find(|name| is_unknown(&name.typed)) else {
            return Ok(());
        };
        let unread: Vec<&UnreadPart> =
            self.looked.iter().flat_map(|looked| &looked.observation.unread).collect();
        if !unread.is_empty() || !self.failures.is_empty() {
            let mut failure = Failure::unavailable(
                format!("no service `{}` was found where there is an answer", unknown.typed),
                None,
            );
            if let Failure::Told(told) = &mut failure {
                told.causes
                    .extend(unread.iter().map(|part| format!("{}: {}", part.what, part.why)));
                told.causes.extend(self.failures.iter().map(|(word, error)| match word {
                    Some(word) => format!("{word}: {error}"),
                    None => error.to_string(),
                }));
                let of_failures = self.failures.iter().filter_map(|(_, error)| error.hint());
                let mut hints = unread.iter().filter_map(|part| part.hint()).chain(of_failures);
                told.hint = hints.next();
            }
            return Err(failure);
        }
        let mut known = Vec::new();
        for looked in &self.looked {
            known.extend(looked.fleet.service_paths().await.unwrap_or_default());
        }
        let names = known.iter().map(|path| path.rsplit('/').next().unwrap_or(path));
        let typed = unknown.typed.strip_prefix("service:").unwrap_or(&unknown.typed);
        let near = match typed.split_once('/') {
            Some((_, name)) => {
                // It is in another cluster sooner than it is called otherwise.
                let paths = known.iter().map(String::as_str);
                let elsewhere = paths.clone().filter(|path| path.rsplit('/').next() == Some(name));
                let elsewhere: Vec<&str> = elsewhere.take(3).collect();
                match elsewhere.is_empty() {
                    true => spelling::nearest_few(typed, paths, 3),
                    false => elsewhere,
                }
            }
            None => spelling::nearest_few(typed, names, 3),
        };
        let hint = match near.as_slice() {
            [] => "`oncall specs` lists all services".to_owned(),
            [one] => format!("did you mean `{one}`?"),
            several => format!("did you mean one of {}?", several.join(", ")),
        };
        let message = format!("there is no service `{typed}` in {}", self.regions());
        Err(Failure::usage(message, Some(hint)))
    }

    /// That there is nothing is an answer, and is said.
    fn say_empty(&self, depth: Depth, talk: Talk) {
        for looked in &self.looked {
            let Observation { clusters, services, unread, .. } = &looked.observation;
            let region = &looked.seen.region;
            // Where services were not looked for, only a region without clusters has nothing.
            let has_none = services.is_empty() && (depth > Depth::Clusters || clusters.is_empty());
            if !has_none || !unread.is_empty() {
                continue;
            }
            let text = match clusters.as_slice() {
                [] => format!("there are no clusters in {region}"),
                [one] => format!("the cluster {one} in {region} has no such services"),
                several => {
                    format!("{} clusters in {region}, none has such services", several.len())
                }
            };
            talk.say(Notice::Note, &text);
        }
    }

    /// Tells what could not be read, each hint once, and says how to exit.
    pub(super) fn conclude(&self, exit: Exit, talk: Talk) -> Exit {
        self.conclude_with(&[], exit, talk)
    }

    /// The same, with what could not be read later.
    pub(super) fn conclude_with(&self, later: &[UnreadPart], exit: Exit, talk: Talk) -> Exit {
        let is_read = self.looked.iter().any(|looked| !looked.observation.services.is_empty());
        self.conclude_after(is_read, later, exit, talk)
    }

    /// The same, where it is known whether anything that was asked for could be read.
    pub(super) fn conclude_after(
        &self,
        is_read: bool,
        later: &[UnreadPart],
        exit: Exit,
        talk: Talk,
    ) -> Exit {
        let mut hints = BTreeSet::new();
        for (word, error) in &self.failures {
            let word = word.as_ref().map(|word| format!("{word}: ")).unwrap_or_default();
            talk.say(Notice::Missing, &format!("{word}{error}"));
            hints.extend(error.hint());
        }
        let of_sites = self.looked.iter().flat_map(|looked| {
            looked.observation.unread.iter().map(|part| (looked.word.as_deref(), part))
        });
        let parts: Vec<_> = of_sites.chain(later.iter().map(|part| (None, part))).collect();
        for (word, part) in &parts {
            let word = word.map(|word| format!("{word}: ")).unwrap_or_default();
            talk.say(Notice::Missing, &format!("{word}{}: {}", part.what, part.why));
            hints.extend(part.hint());
        }
        for hint in hints {
            talk.say(Notice::Hint, &hint);
        }
        let exit = match parts.is_empty() && self.failures.is_empty() {
            true => exit,
            false if !is_read && self.is_all_denied(&parts) => Exit::Denied,
            false => Exit::Incomplete,
        };
        self.say_complete(exit, talk);
        exit
    }

    /// A long reading ends with what it took, and whether it is whole.
    fn say_complete(&self, exit: Exit, talk: Talk) {
        const LONG: u64 = 25;
        let usage = self.doors.usage();
        if usage.requests < LONG && usage.throttled == 0 {
            return;
        }
        let ended = match exit {
            Exit::Interrupted => "interrupted",
            Exit::Done | Exit::No => "complete",
            _ => "incomplete",
        };
        let throttles = if usage.throttled == 1 { "throttle" } else { "throttles" };
        let retries = if usage.retried == 1 { "retry" } else { "retries" };
        let text = format!(
            "{} requests, {} {throttles}, {} {retries}, {ended}",
            usage.requests, usage.throttled, usage.retried
        );
        talk.say(Notice::Summary, &text);
    }

    /// Whatever is missing is so for want of permissions alone.
    fn is_all_denied(&self, parts: &[(Option<&str>, &UnreadPart)]) -> bool {
        let is_denied = |error: &aws::Error| exit_of(error.gravity()) == Exit::Denied;
        self.failures.iter().all(|(_, error)| is_denied(error))
            && parts.iter().all(|(_, part)| matches!(&part.why, Why::Aws(e) if is_denied(e)))
    }
}
