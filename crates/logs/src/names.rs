//! Whose a stream is, by its name.

use std::collections::HashMap;
use std::sync::Arc;

use crate::event::Stream;
use crate::place::Writer;

/// Whose a stream is, by its name; remembered, since events share streams.
#[derive(Debug)]
pub(crate) struct StreamNames {
    writers: Vec<Writer>,
    known: HashMap<String, Arc<Stream>>,
}

impl StreamNames {
    pub(crate) fn new(writers: Vec<Writer>) -> Self {
        Self { writers, known: HashMap::new() }
    }

    pub(crate) fn stream(&mut self, name: &str) -> Arc<Stream> {
        /// A group may have millions of streams; only the recent ones come again.
        const REMEMBERED: usize = 10_000;
        if let Some(stream) = self.known.get(name) {
            return Arc::clone(stream);
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let stream = Arc::new(self.identify(name));
        self.known.insert(name.to_owned(), Arc::clone(&stream));
        stream
    }

    fn identify(&self, name: &str) -> Stream {
        for writer in &self.writers {
            if let Some(task) = writer.naming.task_of(name) {
                return Stream {
                    name: name.to_owned(),
                    cluster: Some(writer.cluster.clone()),
                    service: writer.service.clone(),
                    task: task.map(str::to_owned),
                    container: Some(writer.container.clone()),
                };
            }
        }
        let (container, task) = awslogs_name(name).unzip();
        Stream { name: name.to_owned(), cluster: None, service: None, task, container }
    }
}

/// Container and task of `prefix/container/task-id`, when the name has that shape with a real id.
fn awslogs_name(name: &str) -> Option<(String, String)> {
    let mut parts = name.rsplit('/');
    let task = parts.next().and_then(ecs::TaskId::parse)?;
    let container = parts.next().filter(|part| !part.is_empty())?;
    parts.next()?;
    Some((container.to_owned(), task.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Naming;

    const TASK: &str = "0f9de17a6465404e8b1b2356dc13c2f8";

    fn writer(prefix: &str) -> Writer {
        Writer {
            cluster: "prod".into(),
            service: Some("api".into()),
            container: "web".into(),
            naming: Naming::PrefixThenTask(prefix.into()),
        }
    }

    #[test]
    fn a_stream_is_known_by_its_writer() {
        let stream = StreamNames::new(vec![writer("in/web/")]).stream(&format!("in/web/{TASK}"));
        assert_eq!(stream.service.as_deref(), Some("api"));
        assert_eq!(stream.task.as_deref(), Some(TASK));
    }

    #[test]
    fn a_stream_of_an_unknown_writer_still_shows_its_task() {
        let mut names = StreamNames::new(Vec::new());
        let stream = names.stream(&format!("x/web/{TASK}"));
        assert_eq!(
            (stream.container.as_deref(), stream.task.as_deref()),
            (Some("web"), Some(TASK))
        );
        assert_eq!(names.stream("2026/11/22/[$LATEST]abc").task, None);
    }
}
