//! ECS ARNs, old and new: `…:task/0f9d…` and `…:task/prod/0f9d…`, `…:service/api` and
//! `…:service/prod/api`.

/// The last part of an ARN's resource: a cluster's or service's name, a task's id,
/// `family:revision`. A plain name is its own short name.
pub fn short_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
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

    #[test]
    fn a_task_id_is_told_from_a_name() {
        assert!(TaskId::parse("0f9de17a6465404e8b1b2356dc13c2f8").is_some());
        assert!(TaskId::parse("1dc5c17a-422b-4dc4-b493-371970c6c4d6").is_some());
        assert!(TaskId::parse("deadbeef").is_none());
        assert!(TaskId::parse("0f9de17a6465404e8b1b2356dc13c2fz").is_none());
    }
}
