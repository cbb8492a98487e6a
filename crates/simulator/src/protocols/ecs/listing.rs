//! Paging of ECS listings: a token is the last ARN that was listed.

use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;

fn invalid() -> Refusal {
    Refusal::invalid_parameter("Invalid token.")
}

/// One page of ARNs, sorted, as `{ KEY: [..], "nextToken": .. }`.
pub(super) fn page(
    key: &str,
    mut arns: Vec<String>,
    token: Option<&str>,
    max_results: Option<i64>,
    default: usize,
) -> Result<Value, Refusal> {
    arns.sort();
    let after = token.map(|token| read(token).ok_or_else(invalid)).transpose()?;
    let start = after.map_or(0, |after| arns.partition_point(|arn| *arn <= after));
    cut(key, &arns, start, max_results, default)
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
    let limit = match max_results {
        None => default,
        Some(asked @ 1..=100) => asked as usize,
        Some(_) => return Err(Refusal::invalid_parameter("MaxResults must be between 1 and 100.")),
    };
    let end = (start + limit).min(arns.len());
    let mut answer = json!({ key: arns[start..end] });
    if end < arns.len() {
        answer["nextToken"] = json!(write(&arns[end - 1]));
    }
    Ok(answer)
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
        let arns: Vec<String> = (0..23).map(|n| format!("arn:{n:02}")).collect();
        let mut seen = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let answer = page("arns", arns.clone(), token.as_deref(), Some(5), 10).unwrap();
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
        assert!(page("arns", arns.clone(), Some("zz"), None, 10).is_err());
        assert!(page("arns", arns, None, Some(101), 10).is_err());
    }
}
