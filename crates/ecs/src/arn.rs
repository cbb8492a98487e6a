//! ECS ARNs, old and new: `…:task/0f9d…` and `…:task/prod/0f9d…`, `…:service/api` and
//! `…:service/prod/api`.
//!
//! The formats are those of "Resource types defined by Amazon ECS" in the service authorization
//! reference. The partition (`aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, …) is never looked at.

/// The last part of an ARN's resource: a cluster's or service's name, a task's id,
/// `family:revision`. A plain name is its own short name.
pub fn short_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The name of the cluster that an ARN says: of the resources in a cluster, when the ARN has the
/// new, long format (service, task and container instance had a short one until 2018), and of the
/// cluster itself.
pub fn cluster_of(arn: &str) -> Option<&str> {
    let (kind, path) = Fields::of(arn)?.resource.split_once('/')?;
    let parts = path.split('/').count();
    let says_it = match kind {
        "cluster" => parts == 1,
        "service" | "task" | "container-instance" => parts == 2,
        "service-deployment" | "service-revision" => parts == 3,
        // `task-set/CLUSTER/SERVICE/ecs-svc/ID`
        "task-set" => parts > 2,
        _ => false,
    };
    let cluster = path.split('/').next()?;
    (says_it && !cluster.is_empty()).then_some(cluster)
}

/// `family:7` of a task definition: the end of its ARN, or what was written plainly.
pub fn family_and_revision(task_definition: &str) -> &str {
    short_name(task_definition)
}

/// The revision of a task definition, an ARN or `family:7`. A family alone has none.
pub fn revision_of(task_definition: &str) -> Option<u32> {
    let name = match Fields::of(task_definition) {
        Some(fields) => fields.resource.strip_prefix("task-definition/")?,
        None => task_definition,
    };
    let (family, revision) = name.split_once(':')?;
    // `+7` is a number for Rust.
    let digits = revision.bytes().all(|b| b.is_ascii_digit());
    if family.is_empty() || !digits { None } else { revision.parse().ok() }
}

/// The account and the region of an ARN that has both.
pub fn account_and_region(arn: &str) -> Option<(&str, &str)> {
    let Fields { account, region, .. } = Fields::of(arn)?;
    (!account.is_empty() && !region.is_empty()).then_some((account, region))
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
struct Fields<'a> {
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Fields<'a> {
    fn of(arn: &'a str) -> Option<Self> {
        let mut rest = arn.strip_prefix("arn:")?.splitn(5, ':').skip(2);
        Some(Self { region: rest.next()?, account: rest.next()?, resource: rest.next()? })
    }
}

/// The id of a task: 32 hexadecimal digits, or a UUID as ECS made them until 2018.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId<'a>(&'a str);

impl<'a> TaskId<'a> {
    /// The id, when the text is a whole one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        let new = text.len() == 32 && hex(text);
        let old = text.len() == 36
            && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && text.split('-').all(hex);
        (new || old).then_some(Self(text))
    }

    /// The id as it was written.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_arns_have_the_same_short_name() {
        assert_eq!(short_name("arn:aws:ecs:us-east-1:1:service/prod/api"), "api");
        assert_eq!(short_name("arn:aws:ecs:us-east-1:1:service/api"), "api");
        assert_eq!(short_name("arn:aws:ecs:us-east-1:1:task-definition/api:7"), "api:7");
        assert_eq!(short_name("api"), "api");
    }

    /// What an ARN of ECS begins with, in each partition.
    const BEGINNINGS: [(&str, &str); 7] = [
        ("arn:aws:ecs:us-east-1", "us-east-1"),
        ("arn:aws-cn:ecs:cn-north-1", "cn-north-1"),
        ("arn:aws-us-gov:ecs:us-gov-west-1", "us-gov-west-1"),
        ("arn:aws-eusc:ecs:eusc-de-east-1", "eusc-de-east-1"),
        ("arn:aws-iso:ecs:us-iso-east-1", "us-iso-east-1"),
        ("arn:aws-iso-b:ecs:us-isob-east-1", "us-isob-east-1"),
        ("arn:aws-iso-f:ecs:us-isof-south-1", "us-isof-south-1"),
    ];
    const ACCOUNT: &str = "123456789012";

    #[test]
    fn long_arns_say_their_cluster_in_every_partition() {
        for (beginning, _) in BEGINNINGS {
            for resource in [
                "service/prod/api",
                "task/prod/0f9de17a6465404e8b1b2356dc13c2f8",
                "container-instance/prod/4c1b2356dc13c2f80f9de17a6465404e",
                "service-revision/prod/api/4980306466373577095",
                "service-deployment/prod/api/NCWGC2ZR-taawPAYrIaU5",
                "task-set/prod/api/ecs-svc/9223370526043414679",
                "cluster/prod",
            ] {
                let arn = format!("{beginning}:{ACCOUNT}:{resource}");
                assert_eq!(cluster_of(&arn), Some("prod"), "{arn}");
            }
        }
    }

    #[test]
    fn short_arns_and_what_is_in_no_cluster_say_none() {
        for (beginning, _) in BEGINNINGS {
            for resource in [
                "service/api",
                "task/1dc5c17a-422b-4dc4-b493-371970c6c4d6",
                "container-instance/1dc5c17a-422b-4dc4-b493-371970c6c4d6",
                "task-definition/api:7",
                "capacity-provider/spot",
                "service//api",
                "service",
                "",
            ] {
                let arn = format!("{beginning}:{ACCOUNT}:{resource}");
                assert_eq!(cluster_of(&arn), None, "{arn}");
            }
        }
        for text in ["", "api", "prod/api", "service/prod/api", "arn:aws:ecs", "arn:aws:ecs:r:1"] {
            assert_eq!(cluster_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_task_definitions_revision_is_after_its_family() {
        for (beginning, _) in BEGINNINGS {
            let arn = format!("{beginning}:{ACCOUNT}:task-definition/api:7");
            assert_eq!(revision_of(&arn), Some(7), "{arn}");
            assert_eq!(family_and_revision(&arn), "api:7");
            let family = format!("{beginning}:{ACCOUNT}:task-definition/api");
            assert_eq!(revision_of(&family), None, "{family}");
        }
        assert_eq!(revision_of("api:7"), Some(7));
        assert_eq!(family_and_revision("api:7"), "api:7");
        for text in ["api", "", "api:", ":7", "api:x", "api:+7", "api:7:8", "api:99999999999"] {
            assert_eq!(revision_of(text), None, "{text}");
        }
        // What ends in a number is no task definition for that.
        assert_eq!(revision_of("arn:aws:ecs:us-east-1:123456789012:service/prod/api:7"), None);
        assert_eq!(revision_of("arn:aws:ecs:us-east-1:1234"), None);
    }

    #[test]
    fn an_arn_says_its_account_and_region() {
        for (beginning, region) in BEGINNINGS {
            for resource in ["service/api", "service/prod/api", "task-definition/api:7", ""] {
                let arn = format!("{beginning}:{ACCOUNT}:{resource}");
                assert_eq!(account_and_region(&arn), Some((ACCOUNT, region)), "{arn}");
            }
        }
        for text in ["", "api", "arn:aws:ecs:us-east-1", "arn:aws:iam::123456789012:role/x"] {
            assert_eq!(account_and_region(text), None, "{text}");
        }
    }

    #[test]
    fn a_task_id_is_told_from_a_name() {
        assert!(TaskId::parse("0f9de17a6465404e8b1b2356dc13c2f8").is_some());
        assert!(TaskId::parse("1dc5c17a-422b-4dc4-b493-371970c6c4d6").is_some());
        assert!(TaskId::parse("deadbeef").is_none());
        assert!(TaskId::parse("0f9de17a6465404e8b1b2356dc13c2fz").is_none());
    }
}
