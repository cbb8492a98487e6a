//! What a resource is, by the name of its type: what breaks when it is changed.

use crate::names::type_in;
use crate::record::ResourceChange;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Who may reach whom: security groups, routes, subnets, gateways.
    Network,
    /// Who may do what: roles, policies, keys, secrets.
    Access,
    /// Which name leads where.
    Names,
    /// What keeps data, or carries it.
    Data,
    /// What everything else runs on.
    Hosts,
    /// What spreads requests.
    LoadBalancing,
}

impl Kind {
    /// What a change of it weighs, in points.
    pub(super) const fn weight(self) -> f64 {
        match self {
            Self::Network | Self::Access | Self::Names | Self::Data => 7.0,
            Self::Hosts | Self::LoadBalancing => 6.0,
        }
    }

    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Network => "it changes who may reach whom",
            Self::Access => "it changes who may do what",
            Self::Names => "it changes where names lead",
            Self::Data => "it changes what keeps or carries data",
            Self::Hosts => "it changes the hosts that others run on",
            Self::LoadBalancing => "it changes how requests are spread",
        }
    }
}

/// Parts of type names, of any provider, and what they mean. The first that fits counts, so what is
/// narrower stands above: a Route 53 zone is no route, a database's subnet group no subnet.
const PARTS: [(&str, Kind); 56] = [
    ("route53", Kind::Names),
    ("_dns_", Kind::Names),
    ("dns_record", Kind::Names),
    ("cloudflare_record", Kind::Names),
    ("service_discovery", Kind::Names),
    ("_lb", Kind::LoadBalancing),
    ("_alb", Kind::LoadBalancing),
    ("_elb", Kind::LoadBalancing),
    ("load_balancer", Kind::LoadBalancing),
    ("forwarding_rule", Kind::LoadBalancing),
    ("cloudfront", Kind::LoadBalancing),
    ("_iam_", Kind::Access),
    ("_kms_", Kind::Access),
    ("_secret", Kind::Access),
    ("role_assignment", Kind::Access),
    ("key_vault", Kind::Access),
    ("_acm_", Kind::Access),
    ("_policy", Kind::Access),
    ("aws_db_", Kind::Data),
    ("_rds_", Kind::Data),
    ("dynamodb", Kind::Data),
    ("elasticache", Kind::Data),
    ("redis", Kind::Data),
    ("redshift", Kind::Data),
    ("_docdb_", Kind::Data),
    ("_neptune_", Kind::Data),
    ("_msk_", Kind::Data),
    ("kafka", Kind::Data),
    ("kinesis", Kind::Data),
    ("_sqs_", Kind::Data),
    ("opensearch", Kind::Data),
    ("elasticsearch", Kind::Data),
    ("_sql_", Kind::Data),
    ("mysql", Kind::Data),
    ("postgresql", Kind::Data),
    ("_s3_bucket", Kind::Data),
    ("storage_bucket", Kind::Data),
    ("_efs_", Kind::Data),
    ("security_group", Kind::Network),
    ("network_acl", Kind::Network),
    ("_route", Kind::Network),
    ("_subnet", Kind::Network),
    ("_vpc", Kind::Network),
    ("_gateway", Kind::Network),
    ("_eip", Kind::Network),
    ("firewall", Kind::Network),
    ("_network", Kind::Network),
    ("prefix_list", Kind::Network),
    ("launch_template", Kind::Hosts),
    ("launch_configuration", Kind::Hosts),
    ("autoscaling_group", Kind::Hosts),
    ("aws_instance", Kind::Hosts),
    ("aws_ami", Kind::Hosts),
    ("capacity_provider", Kind::Hosts),
    ("node_group", Kind::Hosts),
    ("compute_instance", Kind::Hosts),
];

/// `_gateway` would have these too, and they are somebody's API.
const NONE_OF_THEM: [&str; 2] = ["api_gateway", "apigatewayv2"];

pub(super) fn kind(resource: &ResourceChange) -> Option<Kind> {
    let kind = resource_type(resource)?;
    if NONE_OF_THEM.iter().any(|part| kind.contains(part)) {
        return None;
    }
    PARTS.into_iter().find(|(part, _)| kind.contains(part)).map(|(_, kind)| kind)
}

/// Types of which every change is a new revision beside the old one: Terraform calls it a
/// replacement, and nothing is lost by it.
const REVISIONS: [&str; 9] = [
    "aws_ecs_task_definition",
    "aws_launch_configuration",
    "aws_lambda_layer_version",
    "aws_batch_job_definition",
    "aws_api_gateway_deployment",
    "aws_imagebuilder_image",
    "aws_imagebuilder_image_recipe",
    "null_resource",
    "terraform_data",
];

/// Whether its type is one of those.
pub(crate) fn is_made_of_revisions(resource: &ResourceChange) -> bool {
    resource_type(resource).is_some_and(|kind| REVISIONS.contains(&kind))
}

/// Types whose new revision is new code, and attributes that say which code runs.
const CODE_TYPES: [&str; 3] =
    ["aws_ecs_task_definition", "aws_batch_job_definition", "aws_lambda_layer_version"];
const CODE_ATTRIBUTES: [&str; 13] = [
    "ami",
    "container_definitions",
    "engine_version",
    "filename",
    "image",
    "image_id",
    "image_uri",
    "launch_template",
    "s3_key",
    "source_code_hash",
    "task_definition",
    "user_data",
    "user_data_base64",
];

/// Whether other code runs after it.
pub(super) fn brings_code(resource: &ResourceChange) -> bool {
    resource_type(resource).is_some_and(|kind| CODE_TYPES.contains(&kind))
        || resource.attributes.iter().any(|name| CODE_ATTRIBUTES.contains(&name.as_str()))
}

const NUMBERS: [&str; 7] = [
    "desired_capacity",
    "desired_count",
    "max_capacity",
    "max_size",
    "min_capacity",
    "min_size",
    "scaling_config",
];

/// Whether only the number of tasks or hosts changes: how many run, not what.
pub(crate) fn scales_only(resource: &ResourceChange) -> bool {
    !resource.attributes.is_empty()
        && resource.attributes.iter().all(|name| NUMBERS.contains(&name.as_str()))
}

/// Its type; out of its address where that is all there is.
pub(crate) fn resource_type(resource: &ResourceChange) -> Option<&str> {
    resource.resource_type.as_deref().or_else(|| type_in(&resource.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Action;

    fn of(address: &str) -> ResourceChange {
        ResourceChange::new(address, Action::Update)
    }

    #[test]
    fn a_type_says_what_breaks() {
        let asked = [
            "aws_security_group_rule.db",
            "aws_route.out",
            "aws_route53_record.api",
            "aws_db_subnet_group.x",
            "aws_iam_role_policy.x",
            "aws_lb_listener.x",
            "module.hosts.aws_autoscaling_group.x",
            "aws_api_gateway_stage.x",
            "aws_ecs_service.web[\"aws_iam_role.x\"]",
            "google_compute_firewall.x",
        ];
        let kinds = asked.map(|address| kind(&of(address)));
        let expected = [
            Some(Kind::Network),
            Some(Kind::Network),
            Some(Kind::Names),
            Some(Kind::Data),
            Some(Kind::Access),
            Some(Kind::LoadBalancing),
            Some(Kind::Hosts),
            None,
            None,
            Some(Kind::Network),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn how_many_is_not_what() {
        let mut service = of("aws_ecs_service.web");
        assert!(!scales_only(&service), "nobody knows what changes");
        service.attributes = vec!["desired_count".to_owned()];
        assert!(scales_only(&service) && !brings_code(&service));
        service.attributes.push("task_definition".to_owned());
        assert!(!scales_only(&service) && brings_code(&service));
    }
}
