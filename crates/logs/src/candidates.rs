//! What there is to read, for whoever has named nothing.

use aws::{Door, Error};
use ecs::Fleet;
use record::Time;
use serde::{Deserialize, Serialize};
use store::{Cache, Scope, Store};

use crate::cloudwatch::Api;
use crate::target::Target;

/// Under this name the cache has them.
const NAME: &str = "candidates";

/// The services and groups of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// `cluster/name`
    pub services: Vec<String>,
    /// Names of the groups that can be read by events.
    pub groups: Vec<String>,
}

impl Candidates {
    /// What was found last time.
    pub async fn known(door: &Door, store: Option<&Store>) -> Option<Self> {
        cache(door, store).await?.read(NAME)
    }

    /// Asks ECS and CloudWatch Logs, and keeps the answer. Where one of them may not be asked, the
    /// other's answer is all there is.
    pub async fn find(door: &Door, store: Option<&Store>, observed: Time) -> Result<Self, Error> {
        let fleet = Fleet::new(door, door.region(), store);
        let (services, groups) =
            futures_util::future::join(fleet.service_paths(), groups(door, observed)).await;
        let mut found = match (services, groups) {
            (Err(error), Err(_)) => return Err(error),
            (services, groups) => {
                Self { services: services.unwrap_or_default(), groups: groups.unwrap_or_default() }
            }
        };
        found.services.sort();
        if let Some(cache) = cache(door, store).await {
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

async fn cache(door: &Door, store: Option<&Store>) -> Option<Cache> {
    let owner = door.cache_key().await?;
    Some(store?.cache(&Scope::new(owner, door.region())))
}

/// The groups whose events can be read.
async fn groups(door: &Door, observed: Time) -> Result<Vec<String>, Error> {
    let api = Api::new(door, door.region());
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
