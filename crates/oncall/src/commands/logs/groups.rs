//! `oncall logs groups`: which groups there are.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use logs::{LogGroup, LogGroupListing};
use output::{Form, Line, Present, Role};

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
        let door = context.aws().await?;
        let observed = context.now().timestamp().into();
        let mut listing =
            LogGroupListing::new(&door, door.region(), verb.glob.as_deref(), observed)?;
        let mut rows = Vec::new();
        let mut said_where = false;
        while let Some(groups) = listing.next_page().await? {
            if !std::mem::replace(&mut said_where, true) {
                context.say_where(&door).await;
            }
            listed.fetch_add(groups.len(), Ordering::Relaxed);
            for group in &groups {
                match output.form() {
                    Form::Table => rows.push(row(group)),
                    _ => output.present(&GroupLine(group)).await?,
                }
            }
            output.pass_on().await?;
        }
        Ok::<_, Failure>(rows)
    };
    let rows = stops.or(work).await??;
    drop(progress);
    if output.form() == Form::Table {
        output.table(&["GROUP", "CLASS", "DAYS", "STORED", "CREATED"], &rows).await?;
    }
    output.flush().await?;
    Ok(Exit::Done)
}

fn row(group: &LogGroup) -> Vec<String> {
    vec![
        group.group.clone(),
        group.class.clone().unwrap_or_default(),
        group.retention_days.map_or_else(|| "ever".to_owned(), |days| days.to_string()),
        group.stored_bytes.map_or_else(String::new, size),
        group.created.map_or_else(String::new, |time| time.to_string()[..10].to_owned()),
    ]
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

struct GroupLine<'a>(&'a LogGroup);

impl Present for GroupLine<'_> {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self.0);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.0.group).into()
    }

    /// group, class, retention_days, stored_bytes, created
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let group = self.0;
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
        line.push(Role::Plain, &self.0.group);
    }

    fn link(&self) -> Option<String> {
        self.0.link()
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
