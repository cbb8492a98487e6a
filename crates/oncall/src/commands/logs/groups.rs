//! `oncall logs groups`: which groups there are.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use logs::{LogGroup, LogGroupListing, Whose};
use output::{Align, Cell, Column, Form, Line, Present, Role, Room, Row, Table};

use super::reading;
use crate::context::{Context, Stops};
use crate::exit::Exit;
use crate::failure::Failure;

/// List log groups
#[derive(Debug, Args)]
pub(crate) struct Groups {
    /// A glob, or a part of the name
    glob: Option<String>,
}

pub(crate) async fn run(verb: Groups, context: &Context) -> Result<Exit, Failure> {
    let mut output = context.paged_output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let listed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&listed);
    let progress =
        context.progress(move || format!("{} log groups so far", counted.load(Ordering::Relaxed)));
    let work = async {
        let doors = context.doors(&[]).await?;
        let whose = Whose::of(&doors, &[]);
        let observed = context.now().timestamp().into();
        let (mut rows, mut failures, mut answered) = (Vec::new(), Vec::new(), false);
        for (site, door) in doors.all_sites() {
            let word = |account: Option<&str>| {
                whose.word_of(site.profile.as_deref().or(account), &site.region)
            };
            let mut listing = match door {
                Ok(door) => {
                    LogGroupListing::new(&door, &site.region, verb.glob.as_deref(), observed)?
                }
                Err(error) => {
                    failures.push((word(None), error));
                    continue;
                }
            };
            loop {
                let groups = match listing.next_page().await {
                    Ok(Some(groups)) => groups,
                    Ok(None) => break,
                    // The other sites are listed all the same.
                    Err(error) => {
                        failures.push((word(None), error));
                        break;
                    }
                };
                answered = true;
                context.say_where(&doors).await;
                listed.fetch_add(groups.len(), Ordering::Relaxed);
                for group in &groups {
                    let word = word(group.account.as_deref());
                    match output.form() {
                        Form::Table => rows.push(row(group, word)),
                        _ => output.present(&GroupLine { group, word }).await?,
                    }
                }
                output.pass_on().await?;
            }
        }
        Ok::<_, Failure>((rows, failures, answered))
    };
    let (rows, failures, answered) = stops.or(work).await??;
    drop(progress);
    if output.form() == Form::Table {
        output.draw(&Table { columns: columns(), rows }).await?;
    }
    output.flush().await?;
    reading::conclude_list(failures, answered, context.talk())
}

/// The day of a group's creation goes first where its name would be cut, then the class.
fn columns() -> Vec<Column> {
    const DAY: usize = "2026-11-22".len();
    const CLASS: usize = "infrequent_access".len();
    let column = |heading, align, room| Column { heading, align, room };
    vec![
        column("WHERE", Align::Left, Room::Whole),
        column("GROUP", Align::Left, Room::Cut { least: 40 }),
        column("CLASS", Align::Left, Room::CutThenYields { least: CLASS, order: 1 }),
        column("DAYS", Align::Right, Room::Whole),
        column("STORED", Align::Right, Room::Whole),
        column("CREATED", Align::Left, Room::CutThenYields { least: DAY, order: 2 }),
    ]
}

fn row(group: &LogGroup, word: Option<String>) -> Row {
    let days = group.retention_days.map_or_else(|| "ever".to_owned(), |days| days.to_string());
    let created = group.created.map_or_else(String::new, |time| time.to_string()[..10].to_owned());
    Row::Cells(vec![
        Cell::new(Role::Dim, word.unwrap_or_default()),
        Cell::plain(&group.group),
        Cell::new(Role::Dim, group.class.as_deref().unwrap_or_default()),
        Cell::plain(days),
        Cell::plain(group.stored_bytes.map_or_else(String::new, size)),
        Cell::new(Role::Dim, created),
    ])
}

/// Bytes for people: 1.5 GB.
fn size(bytes: i64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut amount, mut unit) = (bytes as f64, 0);
    while amount >= 1000.0 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{amount:.1} {}", UNITS[unit]) }
}

struct GroupLine<'a> {
    group: &'a LogGroup,
    /// Whose it is, where that has to be said.
    word: Option<String>,
}

impl Present for GroupLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.group);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.group.group).into()
    }

    /// group, class, retention_days, stored_bytes, created
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let group = self.group;
        let number = |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string());
        vec![
            (&group.group).into(),
            group.class.as_deref().unwrap_or_default().into(),
            number(group.retention_days.map(i64::from)).into(),
            number(group.stored_bytes).into(),
            group.created.map_or_else(String::new, |time| time.to_string()).into(),
        ]
    }

    fn line(&self, line: &mut Line<'_>) {
        if let Some(word) = &self.word {
            line.push_word(Role::Dim, word).push(Role::Plain, " ");
        }
        line.push(Role::Plain, &self.group.group);
    }

    fn link(&self) -> Option<String> {
        self.group.link()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_536_000_000), "1.5 GB");
    }
}
