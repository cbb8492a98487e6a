//! `--who`: the deployments of a region with who made them, and what only scaled a service.

use changelog::ecs_deployments::{self, Ask};
use changelog::{ChangeRecord, Ended, Found, Sink, SourceRead, cloudtrail, sinks};
use futures_util::future::join;
use output::{Notice, Talk};

use super::open::FleetPlace;

/// Reads the deployments of a region, and hands them over once CloudTrail was asked about them.
pub(super) async fn read(
    place: &FleetPlace,
    ask: &Ask<'_>,
    sink: &Sink,
    talk: Talk,
) -> Vec<SourceRead> {
    let (mut reads, mut changes) = deployments(place, ask).await;
    let region = place.fleet.region();
    let who = cloudtrail::who(&place.door, region, ask.now, &mut changes).await;
    let (scalings, of_scalings) =
        cloudtrail::scalings(&place.door, region, ask.account, ask.window).await;
    for said in [&who, &of_scalings] {
        let is_missing = said.failed.is_some() || said.cut_short;
        for remark in said.remarks() {
            match is_missing {
                true => note_missing(&mut reads, remark),
                false => talk.say(Notice::Note, &remark),
            }
        }
    }
    if let Some(read) = reads.first_mut() {
        read.changes += scalings.len() as u64;
    }
    for change in changes.into_iter().chain(scalings) {
        sink.change(change).await;
    }
    reads
}

/// All deployments of the region.
async fn deployments(place: &FleetPlace, ask: &Ask<'_>) -> (Vec<SourceRead>, Vec<ChangeRecord>) {
    let (own, mut found) = sinks(1);
    let reading = async {
        let mut reads = Vec::new();
        for sink in own {
            reads.extend(ecs_deployments::read(&place.fleet, ask, &sink).await);
        }
        reads
    };
    let collecting = async {
        let mut changes = Vec::new();
        while let Some((_, finding)) = found.recv().await {
            if let Found::Change(change) = finding {
                changes.push(*change);
            }
        }
        changes
    };
    join(reading, collecting).await
}

/// What was asked for and could not be had makes the answer incomplete.
fn note_missing(reads: &mut [SourceRead], remark: String) {
    let Some(read) = reads.first_mut() else { return };
    match &mut read.ended {
        Ended::Partly { why } if why.contains(&remark) => {}
        Ended::Partly { why } => *why = format!("{why}; {remark}"),
        ended @ Ended::Complete { .. } => *ended = Ended::Partly { why: remark },
        Ended::CutShort { .. } | Ended::Failed { .. } | Ended::Denied { .. } => {}
    }
}
