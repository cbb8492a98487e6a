//! Records on their way out.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use record::untrusted;
use tokio::sync::{mpsc, oneshot};

use crate::form::Form;
use crate::line::{Line, Role};
use crate::present::Present;
use crate::reader::ReaderGone;
use crate::settings::Settings;
use crate::shape::{Shape, Shaper};
use crate::table;
use crate::talk::Talk;

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
    links: bool,
    shape: Option<Shape>,
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
            links: false,
            shape: None,
            buffer: Vec::with_capacity(CHUNK),
            writer: None,
            failure: Arc::default(),
            gone,
        }
    }

    /// The same, with the page of each record that has one.
    pub fn with_links(self, links: bool) -> Self {
        Self { links, ..self }
    }

    /// The same, with what a shape makes of each record instead of the record.
    pub fn shaped(self, shape: Option<Shape>) -> Self {
        let form = if shape.is_some() { Form::Json } else { self.form };
        Self { form, shape, ..self }
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
        let terminal = self.settings.terminals.stdout;
        let talk = Talk::new(self.settings);
        let shaper = || self.shape.clone().map(|shape| Shaper::new(shape, talk, terminal));
        let writer = self
            .writer
            .get_or_insert_with(|| spawn_writer(gone.clone(), Arc::clone(failure), shaper()));
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
        let terminal = self.settings.terminals.stdout;
        let colored = self.settings.colored(terminal);
        let link = if self.links { record.link() } else { None };
        let out = &mut self.buffer;
        match self.form {
            // A shape takes the record as it is, and makes harmless what it makes of it.
            Form::Json if terminal && self.shape.is_none() => {
                let mut line = Vec::new();
                record.json(&mut line);
                add_link(link, &mut line);
                let line = String::from_utf8_lossy(&line);
                out.extend_from_slice(untrusted::visible_json(&line).as_bytes());
            }
            Form::Json => {
                record.json(out);
                add_link(link, out);
            }
            Form::Raw if terminal => {
                out.extend_from_slice(untrusted::visible(&record.raw()).as_bytes());
            }
            Form::Raw => out.extend_from_slice(record.raw().as_bytes()),
            Form::Text | Form::Table => {
                let mut line = Line::new(out, colored, terminal);
                record.line(&mut line);
                if let Some(link) = link {
                    line.push(Role::Dim, " link=").push_word(Role::Dim, &link);
                }
            }
            Form::Columns => {
                let mut columns = record.columns();
                if self.links {
                    columns.push(link.unwrap_or_default().into());
                }
                for (place, column) in columns.iter().enumerate() {
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

/// Adds the last key to a JSON object.
fn add_link(link: Option<String>, object: &mut Vec<u8>) {
    if let Some(link) = link {
        object.pop();
        object.extend_from_slice(b",\"link\":");
        // A text written to memory cannot fail.
        let _ = serde_json::to_writer(&mut *object, &link);
        object.push(b'}');
    }
}

/// Writes on a thread of its own: a reader that is slow then holds back the records, by the channel,
/// and not the runtime.
#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
fn spawn_writer(
    gone: ReaderGone,
    failure: Arc<Mutex<Option<io::Error>>>,
    mut shaper: Option<Shaper>,
) -> mpsc::Sender<Order> {
    let (sender, mut orders) = mpsc::channel(2);
    let mut thread = std::thread::Builder::new().name("stdout".to_owned());
    if shaper.is_some() {
        thread = thread.stack_size(Shaper::STACK);
    }
    let write = move || {
        let mut stdout = io::stdout().lock();
        while let Some(order) = orders.blocking_recv() {
            match order {
                Order::Write(chunk) => {
                    let written = match &mut shaper {
                        None => stdout.write_all(&chunk),
                        Some(shaper) => shaper.write(&chunk, &mut stdout),
                    };
                    if let Err(error) = written.and_then(|()| stdout.flush()) {
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
    drop(thread.spawn(write));
    sender
}
