//! What is known about regions: their names, and the quotas that differ between them.

/// Commercial, China and GovCloud regions that existed in November 2026. New ones work without
/// being listed: the list serves spelling hints only.
const KNOWN: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The partition that a region is in, as its ARNs name it ("Amazon Resource Names" in the IAM user
/// guide; `partitions.json` of the SDKs).
pub fn partition(region: &str) -> &'static str {
    const BY_PREFIX: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let known = BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix));
    known.map_or("aws", |(_, partition)| partition)
}

/// The host of a region's console, behind the region's name: each partition has one of its own. Those of the isolated ones are not public.
pub fn console(region: &str) -> Option<&'static str> {
    match partition(region) {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        "aws-eusc" => Some("console.amazonaws-eusc.eu"),
        _ => None,
    }
}

pub(crate) fn is_known(region: &str) -> bool {
    KNOWN.contains(&region)
}

/// The known region whose name is closest, if one is close.
pub(crate) fn nearest(region: &str) -> Option<&'static str> {
    spelling::nearest(region, KNOWN.iter().copied())
}

/// Whether the name can stand in a host name, as every region's does.
pub(crate) fn is_well_formed(region: &str) -> bool {
    !region.is_empty()
        && region.len() <= 63
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
}

/// FilterLogEvents' calls a second for an account: not adjustable ("CloudWatch Logs quotas").
pub(crate) fn filter_log_events_per_second(region: &str) -> f64 {
    match region {
        "us-east-1" => 25.0,
        "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1" | "il-central-1" => 5.0,
        _ => 10.0,
    }
}

/// GetLogEvents a second for an account: not adjustable ("CloudWatch Logs quotas").
pub(crate) fn get_log_events_per_second(region: &str) -> f64 {
    match region {
        "eu-west-3" => 30.0,
        "us-west-2" | "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1"
        | "eu-west-1" | "il-central-1" => 10.0,
        _ => 25.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_a_partition() {
        let regions =
            ["eu-west-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"];
        assert_eq!(
            regions.map(partition),
            ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"]
        );
    }

    #[test]
    fn a_region_is_a_host_label() {
        assert!(is_well_formed("us-east-1"));
        assert!(!is_well_formed("us east 1"));
        assert!(!is_well_formed("us-east-1."));
        assert!(!is_well_formed(""));
    }
}
