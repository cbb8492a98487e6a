//! Every AWS operation that oncall may use: one list, all of it reading.
//!
//! The guard refuses what is not here, docs/permissions.md is generated from it, and a test holds
//! it against the code.

use pace::Quota;

use crate::regions;

/// An AWS operation that oncall uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// CloudWatch Logs: events of a group, in order of time.
    FilterLogEvents,
    /// CloudWatch Logs: events of one stream, forwards or backwards.
    GetLogEvents,
    /// CloudWatch Logs: events as they are ingested, for as long as it is listened to.
    StartLiveTail,
    /// CloudWatch Logs: the groups of a region.
    DescribeLogGroups,
    /// CloudWatch Logs: the streams of a group.
    DescribeLogStreams,
    /// ECS: the clusters of a region.
    ListClusters,
    /// ECS: the services of a cluster.
    ListServices,
    /// ECS: up to ten services, with deployments and task sets.
    DescribeServices,
    /// ECS: what up to twenty revisions of services run, by digest.
    DescribeServiceRevisions,
    /// ECS: the deployments of a service in the last 90 days.
    ListServiceDeployments,
    /// ECS: up to twenty deployments of services.
    DescribeServiceDeployments,
    /// ECS: task ARNs of a cluster.
    ListTasks,
    /// ECS: up to a hundred tasks.
    DescribeTasks,
    /// ECS: up to a hundred hosts.
    DescribeContainerInstances,
    /// ECS: one revision of a task definition.
    DescribeTaskDefinition,
    /// ECR: up to a hundred images of a repository, by their tags.
    DescribeImages,
    /// S3: the versions of the objects under a prefix.
    ListObjectVersions,
    /// S3: one version of an object; the latest one where a bucket keeps no others.
    GetObject,
    /// S3: whether a bucket keeps versions.
    GetBucketVersioning,
    /// CloudTrail: who called what, of the last 90 days.
    LookupEvents,
    /// STS: whose credentials these are.
    GetCallerIdentity,
    /// STS: the role of a profile; changes nothing but who we are.
    AssumeRole,
    /// STS: the role of a web identity token.
    AssumeRoleWithWebIdentity,
}

/// The calls that share one bucket of the service's own throttling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    FilterLogEvents,
    GetLogEvents,
    StartLiveTail,
    DescribeLogGroups,
    DescribeLogStreams,
    EcsClusterRead,
    EcsServiceRead,
    EcsServiceRevisionRead,
    EcsServiceDeploymentRead,
    EcsClusterResourceRead,
    EcsTaskDefinitionRead,
    EcrDescribeImages,
    S3Read,
    CloudTrailLookup,
    Sts,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::FilterLogEvents,
        Self::GetLogEvents,
        Self::StartLiveTail,
        Self::DescribeLogGroups,
        Self::DescribeLogStreams,
        Self::ListClusters,
        Self::ListServices,
        Self::DescribeServices,
        Self::DescribeServiceRevisions,
        Self::ListServiceDeployments,
        Self::DescribeServiceDeployments,
        Self::ListTasks,
        Self::DescribeTasks,
        Self::DescribeContainerInstances,
        Self::DescribeTaskDefinition,
        Self::DescribeImages,
        Self::ListObjectVersions,
        Self::GetObject,
        Self::GetBucketVersioning,
        Self::LookupEvents,
        Self::GetCallerIdentity,
        Self::AssumeRole,
        Self::AssumeRoleWithWebIdentity,
    ];

    /// The operation's name in the API, such as `FilterLogEvents`.
    pub fn name(self) -> &'static str {
        match self {
            // The actions of S3 have names of their own.
            Self::ListObjectVersions => "ListObjectVersions",
            Self::GetObject => "GetObject",
            _ => {
                let action = self.action();
                action.split_once(':').map_or(action, |(_, name)| name)
            }
        }
    }

    /// The IAM action that allows it, such as `logs:FilterLogEvents`.
    pub fn action(self) -> &'static str {
        match self {
            Self::FilterLogEvents => "logs:FilterLogEvents",
            Self::GetLogEvents => "logs:GetLogEvents",
            Self::StartLiveTail => "logs:StartLiveTail",
            Self::DescribeLogGroups => "logs:DescribeLogGroups",
            Self::DescribeLogStreams => "logs:DescribeLogStreams",
            Self::ListClusters => "ecs:ListClusters",
            Self::ListServices => "ecs:ListServices",
            Self::DescribeServices => "ecs:DescribeServices",
            Self::DescribeServiceRevisions => "ecs:DescribeServiceRevisions",
            Self::ListServiceDeployments => "ecs:ListServiceDeployments",
            Self::DescribeServiceDeployments => "ecs:DescribeServiceDeployments",
            Self::ListTasks => "ecs:ListTasks",
            Self::DescribeTasks => "ecs:DescribeTasks",
            Self::DescribeContainerInstances => "ecs:DescribeContainerInstances",
            Self::DescribeTaskDefinition => "ecs:DescribeTaskDefinition",
            Self::DescribeImages => "ecr:DescribeImages",
            Self::ListObjectVersions => "s3:ListBucketVersions",
            // `s3:GetObject` is another action: it allows the latest version only, asked for without an id.
            Self::GetObject => "s3:GetObjectVersion",
            Self::GetBucketVersioning => "s3:GetBucketVersioning",
            Self::LookupEvents => "cloudtrail:LookupEvents",
            Self::GetCallerIdentity => "sts:GetCallerIdentity",
            Self::AssumeRole => "sts:AssumeRole",
            Self::AssumeRoleWithWebIdentity => "sts:AssumeRoleWithWebIdentity",
        }
    }

    /// The service as people name it.
    pub fn service(self) -> &'static str {
        match self.action().split_once(':').map(|(prefix, _)| prefix) {
            Some("logs") => "CloudWatch Logs",
            Some("ecs") => "ECS",
            Some("ecr") => "ECR",
            Some("s3") => "S3",
            Some("cloudtrail") => "CloudTrail",
            _ => "STS",
        }
    }

    /// The operation of that name, if oncall may use it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    pub(crate) fn lane(self) -> Lane {
        match self {
            Self::FilterLogEvents => Lane::FilterLogEvents,
            Self::GetLogEvents => Lane::GetLogEvents,
            Self::StartLiveTail => Lane::StartLiveTail,
            Self::DescribeLogGroups => Lane::DescribeLogGroups,
            Self::DescribeLogStreams => Lane::DescribeLogStreams,
            Self::ListClusters => Lane::EcsClusterRead,
            Self::ListServices | Self::DescribeServices => Lane::EcsServiceRead,
            Self::DescribeServiceRevisions => Lane::EcsServiceRevisionRead,
            Self::ListServiceDeployments | Self::DescribeServiceDeployments => {
                Lane::EcsServiceDeploymentRead
            }
            Self::ListTasks | Self::DescribeTasks | Self::DescribeContainerInstances => {
                Lane::EcsClusterResourceRead
            }
            Self::DescribeTaskDefinition => Lane::EcsTaskDefinitionRead,
            Self::DescribeImages => Lane::EcrDescribeImages,
            Self::ListObjectVersions | Self::GetObject | Self::GetBucketVersioning => Lane::S3Read,
            Self::LookupEvents => Lane::CloudTrailLookup,
            Self::GetCallerIdentity | Self::AssumeRole | Self::AssumeRoleWithWebIdentity => {
                Lane::Sts
            }
        }
    }
}

impl Lane {
    /// The published ceiling for an account and region.
    ///
    /// Sources: "CloudWatch Logs quotas" in the CloudWatch Logs user guide, "Request throttling
    /// for the Amazon ECS API" in the ECS API reference. The log quotas name no burst; a fifth of
    /// a second's worth lets a first page and its neighbours start together.
    pub(crate) fn published(self, region: &str) -> Quota {
        let sustained = |per_second: f64| Quota { per_second, burst: (per_second / 5.0).max(1.0) };
        match self {
            Self::FilterLogEvents => sustained(regions::filter_log_events_per_second(region)),
            Self::GetLogEvents => sustained(regions::get_log_events_per_second(region)),
            Self::StartLiveTail => sustained(5.0),
            Self::DescribeLogGroups => sustained(10.0),
            Self::DescribeLogStreams => sustained(25.0),
            Self::EcsServiceRead | Self::EcsClusterResourceRead => {
                Quota { per_second: 20.0, burst: 100.0 }
            }
            Self::EcsClusterRead
            | Self::EcsServiceRevisionRead
            | Self::EcsServiceDeploymentRead
            | Self::EcsTaskDefinitionRead => Quota { per_second: 20.0, burst: 50.0 },
            // ECR publishes the rates of pushing and pulling only ("Amazon ECR service quotas"), a
            // thousand a second and more, and none for this one, which users see throttled at far
            // less. We take what ECS gives its reads.
            Self::EcrDescribeImages => sustained(20.0),
            // S3 serves 5,500 reads a second and prefix, and the key of an encrypted bucket as many
            // decryptions a second in all. States are read by every run of Terraform in the account:
            // less than a twentieth of that is enough, and is nothing to them.
            Self::S3Read => Quota { per_second: 200.0, burst: 40.0 },
            // "Quotas in AWS CloudTrail": two a second for an account and region, and no burst.
            Self::CloudTrailLookup => sustained(2.0),
            Self::Sts => sustained(10.0),
        }
    }

    /// The part of the published ceiling that is ours by default: no deploy needs the log reads,
    /// but the deploy that may be fixing the outage needs ECS.
    pub(crate) fn default_share(self) -> f64 {
        match self {
            Self::FilterLogEvents
            | Self::GetLogEvents
            | Self::StartLiveTail
            | Self::DescribeLogGroups
            | Self::DescribeLogStreams => 0.9,
            _ => 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_reads() {
        for operation in Operation::ALL {
            let name = operation.name();
            let reads = [
                "Get",
                "List",
                "Describe",
                "Filter",
                "StartLiveTail",
                "Lookup",
                "AssumeRole",
                "LookupEvents",
            ];
            assert!(reads.iter().any(|verb| name.starts_with(verb)), "{name} is not a read");
            assert_eq!(Operation::named(name), Some(operation));
        }
    }

    #[test]
    fn log_reads_follow_the_regions_own_quota() {
        assert_eq!(Lane::FilterLogEvents.published("us-east-1").per_second, 25.0);
        assert_eq!(Lane::FilterLogEvents.published("eu-central-1").per_second, 5.0);
        assert_eq!(Lane::FilterLogEvents.published("eu-west-1").per_second, 10.0);
        assert_eq!(Lane::GetLogEvents.published("us-east-1").per_second, 25.0);
        assert_eq!(Lane::GetLogEvents.published("eu-west-1").per_second, 10.0);
        assert_eq!(Lane::GetLogEvents.published("eu-west-3").per_second, 30.0);
    }
}
