//! Records on their way out.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use record::untrusted;
use tokio::sync::{mpsc, oneshot};

use crate::file::RecordFile;
use crate::form::Form;
use crate::line::{Line, Role};
use crate::pager::{Pager, PagerCommand};
use crate::present::Present;
use crate::reader::ReaderGone;
use crate::screen;
use crate::settings::{Settings, Terminals};
use crate::shape::{Shape, Shaper};
use crate::table::{self, Table};
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
    /// The same of a file.
    #[error("{} cannot be written: {source}", path.display())]
    File {
        /// As it was typed.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such pager.
    #[error("the pager `{0}` cannot be started")]
    NoPager(String),
}

/// Why the writing ended, once it has.
type Failure = Arc<Mutex<Option<WriteError>>>;

/// Where records go.
#[derive(Debug)]
pub struct Output {
    form: Form,
    settings: Settings,
    links: bool,
    shape: Option<Shape>,
    /// Where records go instead of stdout.
    file: Option<RecordFile>,
    buffer: Vec<u8>,
    writer: Option<mpsc::Sender<Order>>,
    /// To be started once there is more than a screen.
    paged_by: Option<PagerCommand>,
    pager: Option<Arc<Pager>>,
    /// Why the writing thread ended.
    failure: Failure,
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
        Self::to(None, form, settings, ReaderGone::watch())
    }

    /// Records of a form go to a file, which gets what a pipe would get.
    pub fn to_file(file: RecordFile, form: Form, settings: Settings) -> Self {
        let terminals = Terminals { stdout: false, ..settings.terminals };
        // A file has no reader that could go.
        Self::to(Some(file), form, Settings { terminals, ..settings }, ReaderGone::default())
    }

    fn to(file: Option<RecordFile>, form: Form, settings: Settings, gone: ReaderGone) -> Self {
        Self {
            form,
            settings,
            links: false,
            shape: None,
            file,
            buffer: Vec::with_capacity(CHUNK),
            writer: None,
            paged_by: None,
            pager: None,
            failure: Arc::default(),
            gone,
        }
    }

    /// The same, with the page of each record that has one.
    pub fn with_links(mut self, links: bool) -> Self {
        self.links = links;
        self
    }

    /// The same, with what a shape makes of each record instead of the record.
    pub fn shaped(mut self, shape: Option<Shape>) -> Self {
        if shape.is_some() {
            self.form = Form::Json;
        }
        self.shape = shape;
        self
    }

    /// What is longer than a screen is shown by a pager. Until there is so much, nothing is written.
    /// How long what a shape makes is, nobody knows: it goes without.
    pub fn paged_by(mut self, pager: Option<PagerCommand>) -> Self {
        self.paged_by = pager.filter(|_| self.shape.is_none());
        self
    }

    /// The file that is written, where it is no stdout.
    pub fn file(&mut self) -> Option<&mut RecordFile> {
        self.file.as_mut()
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

    /// Writes a table, no wider than the terminal; off a terminal as wide as it is. Like a record it is
    /// on its way once it is flushed, so that a page may hold several.
    pub async fn draw<H: AsRef<str>>(&mut self, table: &Table<H>) -> Result<(), WriteError> {
        let terminals = self.settings.terminals;
        let colored = self.settings.colored(terminals.stdout);
        table::draw(table, terminals.columns_of_stdout(), colored, &mut self.buffer);
        self.pass_on().await
    }

    /// Hands on what is gathered, and waits until it is written; with a pager, until that is left.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        if self.waits_for_a_screen() {
            self.paged_by = None;
        }
        self.pass_on().await?;
        let Some(writer) = &self.writer else { return Ok(()) };
        let (settled, written) = oneshot::channel();
        // The thread ends where it cannot write, and then takes and answers nothing. An order that is
        // not taken comes back and must be dropped: the answer to it would be waited for.
        if writer.send(Order::Settle(settled)).await.is_err() {
            return Err(self.failed());
        }
        written.await.map_err(|_| self.failed())?;
        self.pager_left().await
    }

    /// Hands on what is gathered, and waits until it is written: in a file, until it is on the disk. How long the
    /// file is then, in bytes.
    pub async fn settle(&mut self) -> Result<Option<u64>, WriteError> {
        self.flush().await?;
        self.file.as_ref().map(RecordFile::settle).transpose()
    }

    /// Hands what is gathered to the writing thread; waits while the reader is slow.
    pub async fn pass_on(&mut self) -> Result<(), WriteError> {
        if self.buffer.is_empty() || self.waits_for_a_screen() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let writer = match &self.writer {
            Some(writer) => writer,
            None => {
                let writer = self.begin()?;
                self.writer.insert(writer)
            }
        };
        writer.send(Order::Write(chunk)).await.map_err(|_| self.failed())
    }

    /// Opens the way out: a file, a pager, or stdout itself.
    fn begin(&mut self) -> Result<mpsc::Sender<Order>, WriteError> {
        let (gone, failure) = (self.gone.clone(), Arc::clone(&self.failure));
        let terminal = self.settings.terminals.stdout;
        let talk = Talk::new(self.settings);
        let shaper = self.shape.clone().map(|shape| Shaper::new(shape, talk, terminal));
        if let Some(file) = &self.file {
            return Ok(spawn_writer(file.writer()?, gone, failure, None, shaper));
        }
        if let Some(command) = self.paged_by.take() {
            let (told, failed) = (gone.clone(), Arc::clone(&failure));
            let line = command.line.clone();
            let when_ended = move |began| match began {
                true => told.tell(),
                false => fail(&failed, WriteError::NoPager(line)),
            };
            // Without `sh` there is no pager, and no harm.
            if let Ok((pager, stdin)) = Pager::start(&command, when_ended) {
                screen::hold();
                let pager = self.pager.insert(Arc::new(pager));
                let pager = Some(Arc::clone(pager));
                return Ok(spawn_writer(stdin, gone, failure, pager, None));
            }
        }
        if records_may_meet_progress() {
            screen::take();
        }
        Ok(spawn_writer(stdout(), gone, failure, None, shaper))
    }

    /// Whether a pager is not needed yet, and may never be.
    fn waits_for_a_screen(&self) -> bool {
        self.writer.is_none() && self.paged_by.is_some() && self.fits_on_a_screen()
    }

    fn fits_on_a_screen(&self) -> bool {
        const USUAL_ROWS: usize = 24;
        let columns = self.settings.terminals.columns_of_stdout().unwrap_or(1);
        // The last row is the prompt's.
        let rows = Terminals::rows().unwrap_or(USUAL_ROWS).saturating_sub(1);
        let rows_of = |line: &[u8]| match self.form {
            // Our own lines are broken at the terminal's width; their colours are no columns.
            Form::Text | Form::Table => 1,
            Form::Json | Form::Raw | Form::Columns => line.len().div_ceil(columns).max(1),
        };
        let lines = self.buffer.split_inclusive(|byte| *byte == b'\n').map(rows_of);
        lines.take(rows + 1).sum::<usize>() <= rows
    }

    /// Waits until the pager is left, which has all there is.
    /// Whether a pager shows the records: it listens to Ctrl-C itself.
    pub fn is_paged(&self) -> bool {
        self.pager.is_some()
    }

    async fn pager_left(&mut self) -> Result<(), WriteError> {
        let Some(pager) = self.pager.clone() else { return Ok(()) };
        self.writer = None;
        // The wait is on a thread of its own; without one there is none.
        let _ = tokio::task::spawn_blocking(move || pager.wait()).await;
        screen::release();
        self.pager = None;
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        failure.map_or(Ok(()), Err)
    }

    /// Why the writing thread ended.
    fn failed(&self) -> WriteError {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (failure.unwrap_or(WriteError::ReaderGone), &self.file) {
            (WriteError::Failed(error), Some(file)) => file.failed(error),
            (failure, _) => failure,
        }
    }

    fn render(&mut self, record: &impl Present) {
        let terminals = self.settings.terminals;
        let terminal = terminals.stdout;
        let colored = self.settings.colored(terminal);
        let link = if self.links { record.link() } else { None };
        let in_json = || link.clone().filter(|_| !record.json_has_link());
        let out = &mut self.buffer;
        match self.form {
            // A shape takes the record as it is, and makes harmless what it makes of it.
            Form::Json if terminal && self.shape.is_none() => {
                let mut line = Vec::new();
                record.json(&mut line);
                add_link(in_json(), &mut line);
                let line = String::from_utf8_lossy(&line);
                out.extend_from_slice(untrusted::visible_json(&line).as_bytes());
            }
            Form::Json => {
                record.json(out);
                add_link(in_json(), out);
            }
            Form::Raw if terminal => {
                out.extend_from_slice(untrusted::visible(&record.raw()).as_bytes());
            }
            Form::Raw => out.extend_from_slice(record.raw().as_bytes()),
            Form::Text | Form::Table => {
                draw(record, link, colored, terminals.columns_of_stdout(), out);
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

/// The record as a terminal of so many columns shows it.
pub fn drawn(record: &impl Present, colored: bool, columns: usize) -> String {
    let mut out = Vec::new();
    draw(record, None, colored, Some(columns), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn draw(
    record: &impl Present,
    link: Option<String>,
    colored: bool,
    columns: Option<usize>,
    out: &mut Vec<u8>,
) {
    let mut line = match columns {
        Some(columns) => Line::wrapped(out, colored, columns),
        None => Line::new(out, colored, false),
    };
    record.line(&mut line);
    if let Some(link) = link {
        line.push(Role::Dim, " link=").push_word(Role::Dim, &link);
    }
    line.end();
}

/// A pager keeps the terminal until it is left, however the command ended.
impl Drop for Output {
    fn drop(&mut self) {
        if let Some(pager) = self.pager.take() {
            self.writer = None;
            pager.wait();
            screen::release();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate is the door to the terminal")]
fn stdout() -> io::Stdout {
    io::stdout()
}

/// Whether records and stderr can end on the same terminal. Of a pipe nobody knows where it leads.
fn records_may_meet_progress() -> bool {
    let file = stdout().as_fd().try_clone_to_owned().map(File::from);
    let is_file = file.and_then(|file| file.metadata()).map(|data| data.is_file());
    !is_file.unwrap_or(false)
}

fn fail(failure: &Failure, error: WriteError) {
    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// Writes on a thread of its own: a reader that is slow then holds back the records, by the channel,
/// and not the runtime.
fn spawn_writer(
    mut to: impl Write + Send + 'static,
    gone: ReaderGone,
    failure: Failure,
    pager: Option<Arc<Pager>>,
    mut shaper: Option<Shaper>,
) -> mpsc::Sender<Order> {
    let (sender, mut orders) = mpsc::channel(2);
    let mut thread = std::thread::Builder::new().name("stdout".to_owned());
    if shaper.is_some() {
        thread = thread.stack_size(Shaper::STACK);
    }
    let write = move || {
        while let Some(order) = orders.blocking_recv() {
            match order {
                Order::Write(chunk) => {
                    let written = match &mut shaper {
                        None => to.write_all(&chunk),
                        Some(shaper) => shaper.write(&chunk, &mut to),
                    };
                    if let Err(error) = written.and_then(|()| to.flush()) {
                        let has_gone = error.kind() == io::ErrorKind::BrokenPipe;
                        match &pager {
                            // Why it ended is known before that it did.
                            Some(pager) => pager.wait(),
                            None if has_gone => gone.tell(),
                            None => {}
                        }
                        let failed = WriteError::Failed(error);
                        return fail(
                            &failure,
                            if has_gone { WriteError::ReaderGone } else { failed },
                        );
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
