//! Lone surrogates in a page of log events.
//!
//! A producer may log half of a UTF-16 pair, and CloudWatch Logs passes the escape on (`"\ud83d"`).
//! The SDK's JSON reader refuses it, and with it the whole page of up to 10,000 events. So the raw
//! body is repaired first: the escape becomes `\ufffd`, and the caller learns which events it was.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body::{Body, Frame};
use memchr::{memchr, memmem};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The largest answer that is read: a page is 1 MB of messages, each byte of which JSON may write
/// as six.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// An interceptor for one FilterLogEvents request: repairs its answer and remembers where.
#[derive(Clone, Debug, Default)]
pub struct RepairSurrogates {
    repaired: Arc<Mutex<Vec<usize>>>,
}

impl RepairSurrogates {
    /// The places in the page's `events` whose text was repaired.
    pub fn take(&self) -> Vec<usize> {
        std::mem::take(&mut self.repaired.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for RepairSurrogates {
    fn name(&self) -> &'static str {
        "RepairSurrogates"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let inner = std::mem::replace(body, SdkBody::taken());
        let repaired = Arc::clone(&self.repaired);
        *body =
            SdkBody::from_body_1_x(Repairing { inner, read: Vec::new(), repaired, done: false });
        Ok(())
    }
}

/// A body that is read whole, repaired, and handed on in one piece.
struct Repairing {
    inner: SdkBody,
    read: Vec<u8>,
    repaired: Arc<Mutex<Vec<usize>>>,
    done: bool,
}

impl Body for Repairing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.done {
            return Poll::Ready(None);
        }
        loop {
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.read.extend_from_slice(&data);
                    }
                    if self.read.len() > LARGEST_BODY {
                        return Poll::Ready(Some(Err("the answer is larger than 64 MiB".into())));
                    }
                }
                Poll::Ready(None) => break,
            }
        }
        self.done = true;
        let read = std::mem::take(&mut self.read);
        let body = match repaired(&read) {
            Cow::Borrowed(_) => read,
            Cow::Owned(body) => {
                *self.repaired.lock().unwrap_or_else(PoisonError::into_inner) = events_with(&read);
                body
            }
        };
        Poll::Ready(Some(Ok(Frame::data(body.into()))))
    }
}

/// A JSON text with each lone surrogate escape written as `\ufffd`: the same length, so that
/// `Content-Length` stays true.
pub fn repaired(body: &[u8]) -> Cow<'_, [u8]> {
    // Messages that are JSON themselves are full of backslashes; surrogates are rare.
    let may_hold_surrogates =
        [b"\\ud", b"\\uD"].iter().any(|start| memmem::find(body, *start).is_some());
    if !may_hold_surrogates {
        return Cow::Borrowed(body);
    }
    let mut whole = Cow::Borrowed(body);
    for at in lone_surrogates(body) {
        whole.to_mut()[at..at + 6].copy_from_slice(b"\\ufffd");
    }
    whole
}

/// Which of the page's `events` hold a lone surrogate.
fn events_with(body: &[u8]) -> Vec<usize> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow, default)]
        events: Vec<&'a RawValue>,
    }
    let page: Page<'_> = serde_json::from_slice(body).unwrap_or(Page { events: Vec::new() });
    let texts = page.events.iter().enumerate();
    texts
        .filter(|(_, event)| lone_surrogates(event.get().as_bytes()).next().is_some())
        .map(|(place, _)| place)
        .collect()
}

/// Where the backslashes of lone surrogate escapes stand in a JSON text. Strict readers refuse
/// them.
fn lone_surrogates(json: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + memchr(b'\\', json.get(from..)?)?;
            match code_unit(json, at) {
                Some(0xd800..=0xdbff) => {
                    if matches!(code_unit(json, at + 6), Some(0xdc00..=0xdfff)) {
                        from = at + 12;
                        continue;
                    }
                    from = at + 6;
                    return Some(at);
                }
                Some(0xdc00..=0xdfff) => {
                    from = at + 6;
                    return Some(at);
                }
                Some(_) => from = at + 6,
                // Another escape: its second character may be a backslash too.
                None => from = at + 2,
            }
        }
    })
}

/// The code unit that a `\uXXXX` escape at this place writes.
fn code_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(json: &str) -> String {
        String::from_utf8(super::repaired(json.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn half_a_pair_is_replaced_and_a_whole_one_is_not() {
        assert_eq!(repaired(r#""a\ud83db""#), r#""a\ufffdb""#);
        assert_eq!(repaired(r#""\udc00""#), r#""\ufffd""#);
        assert_eq!(repaired(r#""\ud83d\ude00""#), r#""\ud83d\ude00""#);
        assert_eq!(repaired(r#""\ud83d\ud83d\ude00""#), r#""\ufffd\ud83d\ude00""#);
        assert_eq!(repaired(r#""\uD83D\uDE00\uD83D""#), r#""\uD83D\uDE00\ufffd""#);
    }

    #[test]
    fn an_escaped_backslash_is_not_an_escape() {
        assert_eq!(repaired(r#""\\ud83d""#), r#""\\ud83d""#);
        assert_eq!(repaired(r#""\\\ud83d""#), r#""\\\ufffd""#);
    }

    #[test]
    fn an_escape_at_the_very_end_is_not_read_past() {
        assert_eq!(repaired(r#""\ud8"#), r#""\ud8"#);
        assert_eq!(repaired("\\"), "\\");
    }

    #[test]
    fn the_events_that_were_repaired_are_known() {
        let body = r#"{"events":[{"message":"ok"},{"message":"\ud800"},{"message":"\\ud800"}]}"#;
        assert_eq!(events_with(body.as_bytes()), [1]);
    }
}
