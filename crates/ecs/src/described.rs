//! What a Describe gives: it answers 200 with what is there and with what it could not give.

use aws::Error;

/// What one answer holds.
#[derive(Clone, Debug)]
pub(crate) struct Answer<T> {
    pub(crate) items: Vec<T>,
    pub(crate) failures: Vec<Failed>,
}

/// What all answers to a question hold together.
#[derive(Clone, Debug)]
pub struct Described<T> {
    /// What is there.
    pub items: Vec<T>,
    /// What is not, as ECS says it.
    pub failures: Vec<Failed>,
    /// What could not be asked for.
    pub unread: Vec<Unread>,
}

/// Something that an answer does not give.
///
/// Source: "API failure reasons" in the ECS developer guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// What was asked for.
    pub arn: String,
    /// MISSING, …
    pub reason: String,
    /// Further words.
    pub detail: Option<String>,
}

impl Failed {
    /// Whether it is not there, rather than not to be had.
    pub fn is_missing(&self) -> bool {
        self.reason == "MISSING"
    }
}

/// What a request that failed had asked for.
#[derive(Clone, Debug)]
pub struct Unread {
    /// Names or ARNs.
    pub asked: Vec<String>,
    /// Why there is no answer.
    pub error: Error,
}

impl<T> Described<T> {
    /// The answers to these parts of a question, in their order.
    pub(crate) fn of(asked: &[&[String]], answers: Vec<Result<Answer<T>, Error>>) -> Self {
        let mut all = Self { items: Vec::new(), failures: Vec::new(), unread: Vec::new() };
        for (asked, answer) in asked.iter().zip(answers) {
            match answer {
                Ok(answer) => {
                    all.items.extend(answer.items);
                    all.failures.extend(answer.failures);
                }
                Err(error) => all.unread.push(Unread { asked: asked.to_vec(), error }),
            }
        }
        all
    }
}
