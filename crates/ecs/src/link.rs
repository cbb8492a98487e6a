//! The pages of services and tasks in the ECS console.

/// A service's page. `None` where the region's console is not known.
pub fn service_link(region: &str, cluster: &str, service: &str) -> Option<String> {
    let clusters = clusters_page(region)?;
    Some(format!("{clusters}/{cluster}/services/{service}/health?region={region}"))
}

/// The page of a service's deployments.
pub fn deployments_link(region: &str, cluster: &str, service: &str) -> Option<String> {
    let clusters = clusters_page(region)?;
    Some(format!("{clusters}/{cluster}/services/{service}/deployments?region={region}"))
}

/// A task's page.
pub fn task_link(region: &str, cluster: &str, task: &str) -> Option<String> {
    let clusters = clusters_page(region)?;
    Some(format!("{clusters}/{cluster}/tasks/{task}/configuration?region={region}"))
}

/// A task definition's page, of `family:revision`.
pub fn definition_link(region: &str, definition: &str) -> Option<String> {
    let (family, revision) = definition.rsplit_once(':')?;
    let host = aws::console(region)?;
    Some(format!(
        "https://{region}.{host}/ecs/v2/task-definitions/{family}/{revision}?region={region}"
    ))
}

/// Names of clusters and services have letters, digits, `-` and `_` only: nothing is to be encoded.
fn clusters_page(region: &str) -> Option<String> {
    let host = aws::console(region)?;
    Some(format!("https://{region}.{host}/ecs/v2/clusters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_own_console() {
        assert_eq!(
            service_link("eu-west-1", "prod", "api").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/api/health?region=eu-west-1"
        );
        assert_eq!(
            definition_link("cn-north-1", "api:7").unwrap(),
            "https://cn-north-1.console.amazonaws.cn/ecs/v2/task-definitions/api/7?region=cn-north-1"
        );
        assert_eq!(task_link("us-iso-east-1", "prod", "0f9d"), None);
    }
}
