//! `oncall drill list`: which drills there are, and which are running.

use std::borrow::Cow;

use clap::Args;
use output::{Align, Cell, Column, Form, Line, Present, Role, Room, Row, Table};
use record::Time;
use serde::Serialize;

use super::prose::length;
use crate::cli::Global;
use crate::context::{Context, Stops};
use crate::drill::Listed;
use crate::exit::Exit;
use crate::failure::Failure;

/// List the drills, and which of them are running
///
/// Those that are built in, and with --drill=PATH a file of your own.
#[derive(Debug, Args)]
pub(crate) struct List {}

pub(crate) async fn run(_: List, global: Global) -> Result<Exit, Failure> {
    let context = Context::beside_drills(global)?;
    let mut output = context.output(Form::Table)?;
    let mut stops = Stops::of(&output)?;
    let now = context.now();
    let work = async {
        let drills = context.drills()?;
        let drills: Vec<Drill> =
            drills.iter().map(|l| Drill::of(l, now.timestamp().into())).collect();
        if output.form() == Form::Table {
            let row = |drill: &Drill| {
                let began = drill.began.map(|began| {
                    let clock = began.timestamp().to_zoned(now.time_zone().clone());
                    let ago = length(drill.time.millis() - began.millis());
                    format!("{}, {ago} ago", clock.strftime("%H:%M"))
                });
                let began = Cell::new(Role::Dim, began.unwrap_or_default());
                Row::Cells(vec![Cell::plain(&drill.scenario), began, Cell::plain(&drill.summary)])
            };
            let rows = drills.iter().map(row).collect();
            output.draw(&Table { columns: columns(), rows }).await?;
        } else {
            for drill in &drills {
                output.present(drill).await?;
            }
        }
        output.flush().await?;
        Ok(Exit::Done)
    };
    stops.or(work).await?
}

fn columns() -> Vec<Column> {
    let column = |heading, room| Column { heading, align: Align::Left, room };
    vec![
        column("DRILL", Room::Whole),
        column("BEGAN", Room::Whole),
        column("SUMMARY", Room::Cut { least: 20 }),
    ]
}

/// A drill that can be had, and when it began if it is running.
#[derive(Debug, Serialize)]
struct Drill {
    time: Time,
    kind: &'static str,
    region: String,
    scenario: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<Time>,
    causes: usize,
    hints: usize,
}

impl Drill {
    fn of(listed: &Listed, time: Time) -> Self {
        let exercise = listed.scenario.exercise();
        Self {
            time,
            kind: "drill",
            region: listed.scenario.region().to_owned(),
            scenario: listed.scenario.name().to_owned(),
            summary: listed.scenario.summary().to_owned(),
            began: listed.began.map(Time::from),
            causes: exercise.causes.len(),
            hints: exercise.hints.len(),
        }
    }
}

impl Present for Drill {
    fn json(&self, out: &mut Vec<u8>) {
        // Texts and numbers written to memory cannot fail.
        let _ = serde_json::to_writer(out, self);
    }

    fn raw(&self) -> Cow<'_, str> {
        (&self.scenario).into()
    }

    /// scenario, began, summary
    fn columns(&self) -> Vec<Cow<'_, str>> {
        let began = self.began.map_or_else(String::new, |time| time.to_string());
        vec![(&self.scenario).into(), began.into(), (&self.summary).into()]
    }

    fn line(&self, line: &mut Line<'_>) {
        line.push_word(Role::Plain, &self.scenario);
    }
}
