//! The body of an answer: whole, cut in the middle, or live.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::protocols::LiveBody;

/// A connection that ends on purpose. hyper closes it when it meets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Severed {
    /// The peer sees the end of the connection.
    #[error("the simulator cut the connection")]
    Closed,
    /// The peer sees a reset.
    #[error("the simulator reset the connection")]
    Reset,
}

/// What an answer carries.
#[derive(Debug)]
pub(crate) enum Body {
    Whole(Option<Bytes>),
    Cut(Cut),
    Live(LiveBody),
}

/// A body that announces its length and ends half way.
#[derive(Debug)]
pub(crate) struct Cut {
    half: Option<Bytes>,
    announced: u64,
    end: End,
}

/// The end of a connection in mid-body. What was said before it is let out first.
#[derive(Debug, Default)]
pub(crate) struct End {
    flushed: bool,
}

impl End {
    /// Pending once, so that hyper flushes what it holds; then the end.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Severed> {
        if self.flushed {
            return Poll::Ready(Severed::Closed);
        }
        self.flushed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body {
    pub(crate) fn whole(bytes: Vec<u8>) -> Body {
        Body::Whole(Some(Bytes::from(bytes)))
    }

    /// The same body, but the connection closes in the middle of it.
    pub(crate) fn cut(self) -> Body {
        match self {
            Body::Whole(bytes) => {
                let bytes = bytes.unwrap_or_default();
                let half = bytes.slice(..bytes.len() / 2);
                // A body of nothing has no middle: one byte is announced that never comes.
                let announced = (bytes.len() as u64).max(1);
                Body::Cut(Cut { half: Some(half), announced, end: End::default() })
            }
            Body::Live(live) => Body::Live(live.cut()),
            cut @ Body::Cut(_) => cut,
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Severed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Severed>>> {
        match self.get_mut() {
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Body::Cut(cut) => match cut.half.take().filter(|half| !half.is_empty()) {
                Some(half) => Poll::Ready(Some(Ok(Frame::data(half)))),
                None => cut.end.poll(context).map(|severed| Some(Err(severed))),
            },
            Body::Live(live) => {
                live.poll(context).map(|frame| frame.map(|said| said.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Body::Cut(_) | Body::Live(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Body::Cut(cut) => SizeHint::with_exact(cut.announced),
            Body::Live(_) => SizeHint::default(),
        }
    }
}
