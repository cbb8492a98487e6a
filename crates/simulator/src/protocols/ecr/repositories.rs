//! DescribeRepositories.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{account, invalid, named, no_repository, page, paging, repository_arn};
use crate::protocols::aws_json::{self, Refusal};
use crate::world::Regional;
use crate::world::registry::Place;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    registry_id: Option<String>,
    repository_names: Option<Vec<String>>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn answer(here: Regional<'_>, now: i64, body: &[u8]) -> Result<Value, Refusal> {
    let input: Input = aws_json::input(body)?;
    let account = account(input.registry_id)?;
    let made: Vec<(&Place, i64)> = here.world.repositories(here.region, &account, now).collect();
    let Some(names) = input.repository_names else {
        let paging = paging(input.next_token.as_deref(), input.max_results)?;
        let (some, token) = page(&made, paging);
        let mut answer = json!({ "repositories": some.iter().map(shown).collect::<Vec<_>>() });
        if let Some(token) = token {
            answer["nextToken"] = json!(token);
        }
        return Ok(answer);
    };
    named("repositoryNames", names.len())?;
    if input.next_token.is_some() || input.max_results.is_some() {
        return Err(invalid("repositoryNames", "cannot be combined with nextToken or maxResults"));
    }
    let found: Result<Vec<Value>, Refusal> = names
        .iter()
        .map(|name| {
            let repository = made.iter().find(|(place, _)| place.repository == *name);
            repository.map(shown).ok_or_else(|| no_repository(&account, name))
        })
        .collect();
    Ok(json!({ "repositories": found? }))
}

fn shown((place, made): &(&Place, i64)) -> Value {
    let Place { region, account, repository } = place;
    json!({
        "repositoryArn": repository_arn(region, account, repository),
        "registryId": account,
        "repositoryName": repository,
        "repositoryUri": format!("{account}.dkr.ecr.{region}.amazonaws.com/{repository}"),
        "createdAt": *made as f64 / 1000.0,
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}
