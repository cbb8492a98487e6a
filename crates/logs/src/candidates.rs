//! What there is to read, for whoever has named nothing.

use aws::{Door, Doors, Error};
use ecs::Fleet;
use futures_util::future::join_all;
use record::Time;
use serde::{Deserialize, Serialize};
use store::{Cache, Scope, Store};

use crate::cloudwatch::Api;
use crate::target::Target;

/// Under this name the cache has them.
const NAME: &str = "candidates";

/// The services and groups of the sites that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// `cluster/name`
    pub services: Vec<String>,
    /// Names of the groups that can be read by events.
    pub groups: Vec<String>,
}

impl Candidates {
    /// What was found last time; nothing where a site was never asked.
    pub async fn known(doors: &Doors, store: Option<&Store>) -> Option<Self> {
        let mut known = Vec::new();
        for (site, door) in doors.all_sites() {
            known.push(cache(&door.ok()?, &site.region, store).await?.read(NAME)?);
        }
        Some(Self::together(known))
    }

    /// Asks ECS and CloudWatch Logs at each site, and keeps the answers. Where one of them may not be
    /// asked, the others' answers are all there is.
    pub async fn find(doors: &Doors, store: Option<&Store>, observed: Time) -> Result<Self, Error> {
        let answers = doors
            .all_sites()
            .into_iter()
            .map(async |(site, door)| Self::find_at(&door?, &site.region, store, observed).await);
        let (mut found, mut refusal) = (Vec::new(), None);
        for answer in join_all(answers).await {
            match answer {
                Ok(some) => found.push(some),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        match refusal {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(Self::together(found)),
        }
    }

    fn together(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        for Self { services, groups } in parts {
            whole.services.extend(services);
            whole.groups.extend(groups);
        }
        for names in [&mut whole.services, &mut whole.groups] {
            names.sort();
            names.dedup();
        }
        whole
    }

    async fn find_at(
        door: &Door,
        region: &str,
        store: Option<&Store>,
        observed: Time,
    ) -> Result<Self, Error> {
        let fleet = Fleet::new(door, region, store);
        let (services, groups) =
            futures_util::future::join(fleet.service_paths(), groups(door, region, observed)).await;
        let mut found = match (services, groups) {
            (Err(error), Err(_)) => return Err(error),
            (services, groups) => {
                Self { services: services.unwrap_or_default(), groups: groups.unwrap_or_default() }
            }
        };
        found.services.sort();
        if let Some(cache) = cache(door, region, store).await {
            // A cache that cannot be written costs the wait next time, nothing more.
            let _ = cache.write(NAME, &found);
        }
        Ok(found)
    }

    /// Each as it is typed, the services first. A prefix stands where the bare name means more.
    pub fn targets(&self) -> Vec<String> {
        let service = |name: &String| match self.groups.contains(name) {
            true => format!("service:{name}"),
            false => name.clone(),
        };
        let group = |name: &String| match Target::parse(name) {
            Ok(Target::Group(_)) => name.clone(),
            _ => format!("group:{name}"),
        };
        self.services.iter().map(service).chain(self.groups.iter().map(group)).collect()
    }
}

async fn cache(door: &Door, region: &str, store: Option<&Store>) -> Option<Cache> {
    let owner = door.cache_key().await?;
    Some(store?.cache(&Scope::new(owner, region)))
}

/// The groups whose events can be read.
async fn groups(door: &Door, region: &str, observed: Time) -> Result<Vec<String>, Error> {
    let api = Api::new(door, region);
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let page = api.groups("", observed, token).await?;
        let readable = page
            .items
            .into_iter()
            .filter(|group| matches!(group.class.as_deref(), None | Some("standard")));
        names.extend(readable.map(|group| group.group));
        token = page.token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_typed_so_that_it_means_one_thing() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let candidates = Candidates {
            services: names(&["prod/api", "prod/billing"]),
            groups: names(&["/ecs/prod", "billing", "prod/api"]),
        };
        assert_eq!(
            candidates.targets(),
            ["service:prod/api", "prod/billing", "/ecs/prod", "group:billing", "group:prod/api"]
        );
    }
}
