//! What the server can be asked to leave out. Pure.

use crate::place::{Naming, Streams};
use crate::plan::Source;
use crate::select::Selection;

/// Lets the server leave out what `--stream` and `--task` do not want, where that is certain.
pub(crate) fn narrowed(source: Source, selection: &Selection) -> Source {
    let prefix = selection.stream_choice().map_or("", |choice| choice.prefix());
    let task = selection.task_choice().and_then(ecs::TaskId::parse);
    let streams = match (&source.streams, task) {
        // A whole id, and every writer names its streams so: exactly that stream.
        (Streams::Prefix(known), Some(task)) if is_only_naming(&source, known) => {
            Streams::Named([format!("{known}{}", task.as_str())].into())
        }
        (Streams::All, _) if !prefix.is_empty() => Streams::Prefix(prefix.to_owned()),
        (Streams::Prefix(known), _) if prefix.starts_with(known.as_str()) => {
            Streams::Prefix(prefix.to_owned())
        }
        (streams, _) => streams.clone(),
    };
    Source { streams, ..source }
}

/// Whether no writer under this prefix has a longer one of its own.
fn is_only_naming(source: &Source, prefix: &str) -> bool {
    let mut under_it = source.writers.iter().filter_map(|writer| match &writer.naming {
        Naming::PrefixThenTask(own) if own.starts_with(prefix) => Some(own == prefix),
        Naming::Exactly { stream, .. } if stream.starts_with(prefix) => Some(false),
        _ => None,
    });
    under_it.all(|same| same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Group;
    use std::collections::BTreeSet;

    const TASK: &str = "0f9de17a6465404e8b1b2356dc13c2f8";

    #[test]
    fn the_server_is_asked_for_no_more_than_the_choice_needs() {
        let source = |streams| Source {
            group: Group {
                profile: None,
                account: None,
                region: "r".into(),
                name: "/g".into(),
                arn: None,
            },
            streams,
            writers: Vec::new(),
            owners: BTreeSet::new(),
            own_tasks: BTreeSet::new(),
        };
        let choose = |selection: &Selection, streams| narrowed(source(streams), selection).streams;
        let prefix = |text: &str| Streams::Prefix(text.into());

        let task = Selection::everything().task(Some(TASK.into()));
        let exactly = Streams::Named([format!("in/web/{TASK}")].into());
        assert_eq!(choose(&task, prefix("in/web/")), exactly);

        let part = Selection::everything().task(Some("0f9d".into()));
        assert_eq!(choose(&part, prefix("in/web/")), prefix("in/web/"));

        let glob = crate::select::StreamChoice::parse("in/web/0*").ok();
        let glob = Selection::everything().stream(glob);
        assert_eq!(choose(&glob, Streams::All), prefix("in/web/0"));
        assert_eq!(choose(&glob, prefix("in/")), prefix("in/web/0"));
        assert_eq!(choose(&glob, prefix("other/")), prefix("other/"));
    }
}
