//! Whether somebody still reads what is written.

use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::Notify;

/// Tells when the reader of stdout has gone (`| head` has its lines), also while nothing is
/// written.
#[derive(Clone, Debug, Default)]
pub struct ReaderGone {
    gone: Arc<Notify>,
}

impl ReaderGone {
    /// Returns when the reader has gone; never, if it stays.
    pub async fn wait(&self) {
        self.gone.notified().await;
    }

    pub(crate) fn tell(&self) {
        self.gone.notify_one();
    }

    /// Begins to watch stdout, on a thread that ends with the process.
    #[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
    pub(crate) fn watch() -> Self {
        let watch = Self::default();
        let told = watch.clone();
        let watcher = std::thread::Builder::new().name("stdout-watch".to_owned());
        let spawned = watcher.spawn(move || {
            let stdout = std::io::stdout();
            // No events are asked for: the kernel reports errors and hang-ups all the same. A file
            // has neither, and the call lasts as long as the process.
            loop {
                let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
                match poll(&mut watched, None) {
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(_) => return,
                    Ok(_) => {
                        let ended = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
                        if watched[0].revents().intersects(ended) {
                            return told.tell();
                        }
                    }
                }
            }
        });
        // Without the thread a closed pipe is noticed at the next write.
        drop(spawned);
        watch
    }
}
