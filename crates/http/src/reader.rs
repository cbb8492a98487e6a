//! An answer for whoever reads it with `std::io::Read`, on a thread of its own.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use tokio::sync::mpsc;

use crate::client::Stream;
use crate::error::Error;

/// Pieces of a body that wait for their reader: enough that neither side stands still.
const WAITING: usize = 8;

/// Reads a body as it comes, and blocks while there is none. Not for a thread that runs async tasks.
///
/// The error of a broken body is an [`Error`] inside of the `io::Error`.
#[derive(Debug)]
pub struct Reader {
    pieces: mpsc::Receiver<Result<Bytes, Error>>,
    piece: Bytes,
}

impl Reader {
    pub(crate) fn of(mut stream: Stream) -> Self {
        let (give, pieces) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Some(piece) = stream.chunk().await.transpose() {
                let is_last = piece.is_err();
                // A reader that is gone wants no more; the connection ends with the stream.
                if give.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Self { pieces, piece: Bytes::new() }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(error)) => return Err(io::Error::other(error)),
            }
        }
        let length = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
