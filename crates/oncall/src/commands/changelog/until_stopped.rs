//! A reader that can be told that it is at its end, while it waits for more.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};

/// How much is read at a time, and how many times before the reader has to take it.
const CHUNK: usize = 64 * 1024;
const AHEAD: usize = 4;

/// What comes to the reader.
enum Piece {
    Text(Vec<u8>),
    Failed(io::Error),
    Stop,
}

/// What comes of an input until its end, or until the reading is stopped.
pub(super) struct Stoppable {
    pieces: Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
    stopped: Arc<AtomicBool>,
}

/// Ends the reading.
pub(super) struct Stopper {
    pieces: SyncSender<Piece>,
    stopped: Arc<AtomicBool>,
}

/// Reads on a thread of its own, which is left to itself when the reading is stopped: nothing can wake
/// a thread that waits for a pipe.
pub(super) fn stoppable(input: impl Read + Send + 'static) -> io::Result<(Stoppable, Stopper)> {
    let (sender, pieces) = mpsc::sync_channel(AHEAD);
    let stopped = Arc::new(AtomicBool::new(false));
    let stopper = Stopper { pieces: sender.clone(), stopped: Arc::clone(&stopped) };
    std::thread::Builder::new().name("input".to_owned()).spawn(move || hand_on(input, &sender))?;
    Ok((Stoppable { pieces, piece: Vec::new(), at: 0, ended: false, stopped }, stopper))
}

fn hand_on(mut input: impl Read, pieces: &SyncSender<Piece>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let piece = match input.read(&mut buffer) {
            Ok(0) => Piece::Stop,
            Ok(length) => Piece::Text(buffer[..length].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Piece::Failed(error),
        };
        let goes_on = matches!(piece, Piece::Text(_));
        // A reader that is gone wants no more.
        if pieces.send(piece).is_err() || !goes_on {
            return;
        }
    }
}

impl Stopper {
    /// The reader is at its end once it has read what came before.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It wakes a reader that waits. Where there is no room, the reader does not wait, and looks.
        let _ = self.pieces.try_send(Piece::Stop);
    }
}

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.ended {
            let piece = match self.stopped.load(Ordering::SeqCst) {
                true => self.pieces.try_recv(),
                false => self.pieces.recv().map_err(|_| TryRecvError::Disconnected),
            };
            match piece {
                Ok(Piece::Text(text)) => (self.piece, self.at) = (text, 0),
                Ok(Piece::Failed(error)) => return Err(error),
                Ok(Piece::Stop) | Err(_) => self.ended = true,
            }
        }
        let length = (&self.piece[self.at..]).read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says something, and then waits until the test is over.
    struct Stuck(Option<&'static [u8]>, Receiver<()>);

    impl Read for Stuck {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.take() {
                Some(mut text) => text.read(buffer),
                None => {
                    let _ = self.1.recv();
                    Ok(0)
                }
            }
        }
    }

    #[test]
    fn what_came_is_read_to_its_end() {
        let text: Vec<u8> = (0..CHUNK * 7 + 3).map(|at| at as u8).collect();
        let (mut reader, _stopper) = stoppable(io::Cursor::new(text.clone())).unwrap();
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn one_that_is_behind_reads_what_came_before_it_was_stopped() {
        let (_keep, until) = mpsc::channel();
        let text = vec![7; CHUNK * 2];
        let input = io::Cursor::new(text).chain(Stuck(None, until));
        let (mut reader, stopper) = stoppable(input).unwrap();
        let mut first = vec![0; CHUNK + 1];
        reader.read_exact(&mut first).unwrap();
        stopper.stop();
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest.len(), CHUNK - 1);
    }

    #[test]
    fn one_that_waits_is_at_its_end_when_it_is_stopped() {
        let (_keep, until) = mpsc::channel();
        let (mut reader, stopper) = stoppable(Stuck(Some(b"some"), until)).unwrap();
        let mut four = [0; 4];
        reader.read_exact(&mut four).unwrap();
        stopper.stop();
        assert_eq!((&four, reader.read(&mut [0; 9]).unwrap()), (b"some", 0));
        assert_eq!(reader.read(&mut [0; 9]).unwrap(), 0);
    }
}
