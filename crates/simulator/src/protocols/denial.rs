//! What IAM says to whom no policy allows something.

use super::sts;

/// `action` is `ecs:ListTasks`, `resource` an ARN or `*`.
pub(super) fn sentence(action: &str, resource: &str) -> String {
    format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no \
         identity-based policy allows the {action} action",
        sts::caller()
    )
}
