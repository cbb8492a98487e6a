//! Paging of ECS listings: a token is the last ARN that was listed, and so is still good when a task has come or gone.

use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;

fn invalid() -> Refusal {
    Refusal::invalid_parameter("Invalid token.")
}

/// Where a page of a listing begins, and how long it is.
#[derive(Debug)]
pub(super) struct Paging {
    after: Option<String>,
    limit: usize,
}

impl Paging {
    pub(super) fn new(
        token: Option<&str>,
        max_results: Option<i64>,
        default: usize,
    ) -> Result<Paging, Refusal> {
        let after = token.map(|token| read(token).ok_or_else(invalid)).transpose()?;
        Ok(Paging { after, limit: limit(max_results, default)? })
    }

    /// The name or id that the last page ended with: the last part of its ARN.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref().map(|arn| arn.rsplit('/').next().unwrap_or_default())
    }

    /// The page of what comes behind [`Paging::after`], as `{ KEY: [..], "nextToken": .. }`. No more is looked at
    /// than the page takes.
    pub(super) fn page<T>(
        &self,
        key: &str,
        mut behind: impl Iterator<Item = T>,
        arn: impl Fn(T) -> String,
    ) -> Value {
        let arns: Vec<String> = behind.by_ref().take(self.limit).map(arn).collect();
        let mut answer = json!({ key: arns });
        if let (Some(last), Some(_)) = (arns.last(), behind.next()) {
            answer["nextToken"] = json!(write(last));
        }
        answer
    }
}

/// One page of ARNs in an order of their own.
pub(super) fn ordered_page(
    key: &str,
    arns: &[String],
    token: Option<&str>,
    max_results: Option<i64>,
    default: usize,
) -> Result<Value, Refusal> {
    let after = token.map(|token| read(token).ok_or_else(invalid)).transpose()?;
    let start = match after {
        None => 0,
        Some(after) => arns.iter().position(|arn| *arn == after).ok_or_else(invalid)? + 1,
    };
    cut(key, arns, start, max_results, default)
}

fn cut(
    key: &str,
    arns: &[String],
    start: usize,
    max_results: Option<i64>,
    default: usize,
) -> Result<Value, Refusal> {
    let end = (start + limit(max_results, default)?).min(arns.len());
    let mut answer = json!({ key: arns[start..end] });
    if end < arns.len() {
        answer["nextToken"] = json!(write(&arns[end - 1]));
    }
    Ok(answer)
}

fn limit(max_results: Option<i64>, default: usize) -> Result<usize, Refusal> {
    match max_results {
        None => Ok(default),
        Some(asked @ 1..=100) => Ok(asked as usize),
        Some(_) => Err(Refusal::invalid_parameter("MaxResults must be between 1 and 100.")),
    }
}

fn write(arn: &str) -> String {
    arn.bytes().map(|byte| format!("{:02x}", byte ^ 0x5A)).collect()
}

fn read(token: &str) -> Option<String> {
    if token.is_empty() || !token.is_ascii() || !token.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Result<Vec<u8>, _> = (0..token.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&token[place..place + 2], 16).map(|byte| byte ^ 0x5A))
        .collect();
    String::from_utf8(bytes.ok()?).ok().filter(|arn| arn.starts_with("arn:"))
}

/// What Describe operations say of something that is not there.
pub(super) fn missing(arn: String) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_up() {
        let arns: Vec<String> = (0..23).map(|n| format!("arn:aws:x/{n:02}")).collect();
        let mut seen = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let paging = Paging::new(token.as_deref(), Some(5), 10).unwrap();
            let behind = arns.iter().filter(|arn| {
                paging
                    .after()
                    .is_none_or(|after| arn.as_str() > format!("arn:aws:x/{after}").as_str())
            });
            let answer = paging.page("arns", behind, String::clone);
            seen.extend(
                answer["arns"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|arn| arn.as_str().unwrap().to_owned()),
            );
            token = answer["nextToken"].as_str().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, arns);
        assert!(Paging::new(Some("zz"), None, 10).is_err());
        assert!(Paging::new(None, Some(101), 10).is_err());
    }
}
