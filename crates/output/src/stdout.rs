//! Records on their way out.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use record::untrusted;
use tokio::sync::{mpsc, oneshot};

use crate::form::Form;
use crate::line::Line;
use crate::present::Present;
use crate::reader::ReaderGone;
use crate::settings::Settings;
use crate::table;

/// So much is gathered before it is handed to the writing thread.
const CHUNK: usize = 64 * 1024;

/// Why nothing more can be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The reader of the pipe has gone. Not a failure.
    #[error("the reader has gone")]
    ReaderGone,
    /// Writing failed: the disk is full, say.
    #[error("stdout cannot be written: {0}")]
    Failed(io::Error),
}

/// Where records go.
#[derive(Debug)]
pub struct Output {
    form: Form,
    settings: Settings,
    buffer: Vec<u8>,
    writer: Option<mpsc::Sender<Order>>,
    /// Why the writing thread ended.
    failure: Arc<Mutex<Option<io::Error>>>,
    gone: ReaderGone,
}

#[derive(Debug)]
enum Order {
    Write(Vec<u8>),
    /// Answers once everything before it is written.
    Settle(oneshot::Sender<()>),
}

impl Output {
    /// Opens stdout for records of a form.
    pub fn open(form: Form, settings: Settings) -> Self {
        let gone = ReaderGone::watch();
        Self {
            form,
            settings,
            buffer: Vec::with_capacity(CHUNK),
            writer: None,
            failure: Arc::default(),
            gone,
        }
    }

    /// The form that is written.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Tells when the reader has gone.
    pub fn reader_gone(&self) -> ReaderGone {
        self.gone.clone()
    }

    /// Writes a record.
    pub async fn present(&mut self, record: &impl Present) -> Result<(), WriteError> {
        self.render(record);
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK {
            self.pass_on().await?;
        }
        Ok(())
    }

    /// Writes text of our own making, such as help or a completion script, as it is.
    pub async fn verbatim(&mut self, text: &str) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(text.as_bytes());
        self.flush().await
    }

    /// Writes a table.
    pub async fn table(
        &mut self,
        headings: &[&str],
        rows: &[Vec<String>],
    ) -> Result<(), WriteError> {
        let drawn = table::draw(headings, rows, self.settings.terminals.width);
        self.buffer.extend_from_slice(drawn.as_bytes());
        self.flush().await
    }

    /// Hands on what is gathered, and waits until it is written.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        self.pass_on().await?;
        let Some(writer) = &self.writer else { return Ok(()) };
        let (settled, written) = oneshot::channel();
        // The thread ends where it cannot write, and then takes and answers nothing. An order that is
        // not taken comes back and must be dropped: the answer to it would be waited for.
        if writer.send(Order::Settle(settled)).await.is_err() {
            return Err(self.failed());
        }
        written.await.map_err(|_| self.failed())
    }

    /// Hands what is gathered to the writing thread; waits while the reader is slow.
    pub async fn pass_on(&mut self) -> Result<(), WriteError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let (gone, failure) = (&self.gone, &self.failure);
        let writer =
            self.writer.get_or_insert_with(|| spawn_writer(gone.clone(), Arc::clone(failure)));
        writer.send(Order::Write(chunk)).await.map_err(|_| self.failed())
    }

    /// Why the writing thread ended.
    fn failed(&self) -> WriteError {
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => WriteError::Failed(error),
            _ => WriteError::ReaderGone,
        }
    }

    fn render(&mut self, record: &impl Present) {
        let terminals = self.settings.terminals;
        let terminal = terminals.stdout;
        let colored = self.settings.colored(terminal);
        let out = &mut self.buffer;
        match self.form {
            Form::Json if terminal => {
                let mut line = Vec::new();
                record.json(&mut line);
                let line = String::from_utf8_lossy(&line);
                out.extend_from_slice(untrusted::visible_json(&line).as_bytes());
            }
            Form::Json => record.json(out),
            Form::Raw if terminal => {
                out.extend_from_slice(untrusted::visible(&record.raw()).as_bytes());
            }
            Form::Raw => out.extend_from_slice(record.raw().as_bytes()),
            Form::Text | Form::Table => draw(record, colored, terminals.columns_of_stdout(), out),
            Form::Columns => {
                for (place, column) in record.columns().iter().enumerate() {
                    if place > 0 {
                        out.push(b'\t');
                    }
                    let cell = untrusted::tab_separated(column);
                    let cell = if terminal { untrusted::visible_line(&cell) } else { cell };
                    out.extend_from_slice(cell.as_bytes());
                }
            }
        }
    }
}

/// The record as a terminal of so many columns shows it.
pub fn drawn(record: &impl Present, colored: bool, columns: usize) -> String {
    let mut out = Vec::new();
    draw(record, colored, Some(columns), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn draw(record: &impl Present, colored: bool, columns: Option<usize>, out: &mut Vec<u8>) {
    let mut line = match columns {
        Some(columns) => Line::wrapped(out, colored, columns),
        None => Line::new(out, colored, false),
    };
    record.line(&mut line);
    line.end();
}

/// Writes on a thread of its own: a reader that is slow then holds back the records, by the channel,
/// and not the runtime.
#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
fn spawn_writer(gone: ReaderGone, failure: Arc<Mutex<Option<io::Error>>>) -> mpsc::Sender<Order> {
    let (sender, mut orders) = mpsc::channel(2);
    let write = move || {
        let mut stdout = io::stdout().lock();
        while let Some(order) = orders.blocking_recv() {
            match order {
                Order::Write(chunk) => {
                    if let Err(error) = stdout.write_all(&chunk).and_then(|()| stdout.flush()) {
                        if error.kind() == io::ErrorKind::BrokenPipe {
                            gone.tell();
                        }
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        return;
                    }
                }
                Order::Settle(settled) => {
                    // Nobody waits any more when the command was interrupted.
                    let _ = settled.send(());
                }
            }
        }
    };
    // Without a thread nothing can be written, which the closed channel says.
    drop(std::thread::Builder::new().name("stdout".to_owned()).spawn(write));
    sender
}
