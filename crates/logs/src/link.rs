//! The page of an event, a stream or a group in the CloudWatch console.
//!
//! The console keeps its place behind the `#` in a spelling of its own: names are percent-encoded
//! twice and every `%` becomes `$`, while the `?`, `=` and `&` in front of the parameters are encoded
//! once. These are the links that the console itself copies.

use crate::event::LogRecord;
use crate::listing::{LogGroup, LogStreamInfo};

impl LogRecord {
    /// The stream in the console, at this event: its time is absolute, and where the API gave an id
    /// the console marks the event. `None` where the region's console is not known.
    pub fn link(&self) -> Option<String> {
        // In another account, only the ARN says which group it is.
        let group = self.group.arn.as_deref().unwrap_or(&self.group.name);
        let mut link = stream_page(&self.group.region, group, &self.stream.name)?;
        link.push_str(&format!("$3Fstart$3D{}", self.time.millis()));
        if let Some(id) = &self.id {
            link.push_str(&format!("$26refEventId$3D{}", encoded(id)));
        }
        Some(link)
    }
}

impl LogGroup {
    /// The group in the console.
    pub fn link(&self) -> Option<String> {
        group_page(&self.region, &self.group)
    }
}

impl LogStreamInfo {
    /// The stream in the console.
    pub fn link(&self) -> Option<String> {
        stream_page(&self.region, &self.group, &self.stream)
    }
}

fn stream_page(region: &str, group: &str, stream: &str) -> Option<String> {
    let group = group_page(region, group)?;
    Some(format!("{group}/log-events/{}", encoded(stream)))
}

fn group_page(region: &str, group: &str) -> Option<String> {
    let host = aws::console(region)?;
    let group = encoded(group);
    Some(format!(
        "https://{region}.{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}"
    ))
}

/// Percent-encoded twice, with `$` for `%`: `/` is `$252F`.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 16);
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("$25{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::Stream;
    use crate::place::Group;
    use record::Time;

    fn event(region: &str, group: &str, stream: &str) -> LogRecord {
        LogRecord {
            time: Time::from_millis(1_715_096_155_156),
            ingested: None,
            group: Arc::new(Group {
                profile: None,
                account: None,
                region: region.into(),
                name: group.into(),
                arn: None,
            }),
            stream: Arc::new(Stream {
                name: stream.into(),
                cluster: None,
                service: None,
                task: None,
                container: None,
            }),
            id: Some("38247922349343574172".into()),
            text: String::new(),
            repaired: false,
            late: false,
        }
    }

    #[test]
    fn an_event_has_the_link_that_the_console_copies() {
        let stream = "2024/05/07/[$LATEST]ee0d7bef";
        assert_eq!(
            event("us-east-1", "/aws/lambda/patient", stream).link().unwrap(),
            "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1\
             #logsV2:log-groups/log-group/$252Faws$252Flambda$252Fpatient/log-events/\
             2024$252F05$252F07$252F$255B$2524LATEST$255Dee0d7bef\
             $3Fstart$3D1715096155156$26refEventId$3D38247922349343574172"
        );
    }

    #[test]
    fn an_event_without_an_id_has_its_time() {
        let event = LogRecord { id: None, ..event("eu-west-1", "g", "s") };
        assert!(event.link().unwrap().ends_with("/log-events/s$3Fstart$3D1715096155156"));
    }

    #[test]
    fn a_group_of_another_account_is_named_by_its_arn() {
        let mut event = event("eu-west-1", "/g", "s");
        Arc::make_mut(&mut event.group).arn =
            Some("arn:aws:logs:eu-west-1:111122223333:log-group:/g".into());
        let expected = "log-group/arn$253Aaws$253Alogs$253Aeu-west-1$253A111122223333\
                        $253Alog-group$253A$252Fg/log-events/s$3F";
        assert!(event.link().unwrap().contains(expected), "{:?}", event.link());
    }

    #[test]
    fn each_partition_has_its_own_console() {
        let link = |region| event(region, "g", "s").link();
        let begins = |region, begin: &str| link(region).unwrap().starts_with(begin);
        assert!(begins("cn-north-1", "https://cn-north-1.console.amazonaws.cn/cloudwatch/"));
        assert!(begins(
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/"
        ));
        assert!(begins("eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/"));
        assert!(begins("eu-north-1", "https://eu-north-1.console.aws.amazon.com/cloudwatch/"));
        assert_eq!(link("us-iso-east-1"), None);
        assert_eq!(link("eu-isoe-west-1"), None);
    }

    #[test]
    fn names_that_are_no_ascii_are_encoded_byte_by_byte() {
        assert_eq!(encoded("a b%é"), "a$2520b$2525$25C3$25A9");
    }
}
