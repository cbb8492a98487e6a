//! Checking `page`, `hints`, `causes`, `decoys` and `shortest`: what is asked, and what is an answer.

use std::ops::Range;

use toml::Spanned;

use super::words::Way;
use super::{Cause, Decoy, Exercise, Page};
use crate::world::scenario::check::{Checked, mistake};
use crate::world::scenario::file;

pub(in crate::world::scenario) fn exercise(file: &file::File) -> Checked<Exercise> {
    let mut causes: Vec<Cause> = Vec::new();
    for cause in &file.causes {
        let name = text(&cause.name, "a name")?;
        if causes.iter().any(|other| other.name == name) {
            return mistake(cause.name.span(), format!("the cause \"{name}\" is there twice"));
        }
        causes.push(Cause {
            name,
            role: text(&cause.role, "a role")?,
            says: text(&cause.says, "what is said")?,
            accepts: ways(&cause.accepts)?,
        });
    }

    let mut decoys: Vec<Decoy> = Vec::new();
    for decoy in &file.decoys {
        let name = text(&decoy.name, "a name")?;
        if decoys.iter().any(|other| other.name == name) {
            return mistake(decoy.name.span(), format!("the decoy \"{name}\" is there twice"));
        }
        if let Some(unless) = &decoy.unless
            && !causes.iter().any(|cause| cause.name == *unless.get_ref())
        {
            let problem = format!("there is no cause \"{}\"", unless.get_ref());
            return mistake(unless.span(), problem);
        }
        decoys.push(Decoy {
            name,
            says: text(&decoy.says, "what is said")?,
            unless: decoy.unless.as_ref().map(|name| name.get_ref().clone()),
            accepts: ways(&decoy.accepts)?,
        });
    }

    let hints = file.hints.iter().map(|hint| text(&hint.text, "a hint"));
    let shortest = file.shortest.iter().map(|command| text(command, "a command"));
    Ok(Exercise {
        page: file.page.as_ref().map(page).transpose()?,
        hints: hints.collect::<Checked<_>>()?,
        causes,
        decoys,
        shortest: shortest.collect::<Checked<_>>()?,
    })
}

fn page(page: &file::Page) -> Checked<Page> {
    let optional = |field: &Option<Spanned<String>>, what| -> Checked<Option<String>> {
        field.as_ref().map(|field| text(field, what)).transpose()
    };
    Ok(Page {
        title: text(&page.title, "a title")?,
        severity: optional(&page.severity, "a severity")?,
        service: optional(&page.service, "a service")?,
        paged: optional(&page.paged, "who is paged")?,
        text: optional(&page.text, "a text")?,
        runbook: optional(&page.runbook, "a runbook")?,
    })
}

/// A text that says something; what surrounds it goes.
fn text(text: &Spanned<String>, what: &str) -> Checked<String> {
    match text.get_ref().trim() {
        "" => mistake(text.span(), format!("{what} is not empty")),
        trimmed => Ok(trimmed.to_owned()),
    }
}

fn ways(accepts: &Spanned<Vec<file::Way>>) -> Checked<Vec<Way>> {
    let nothing = |at: Range<usize>| mistake(at, "an empty list accepts nothing");
    if accepts.get_ref().is_empty() {
        return nothing(accepts.span());
    }
    for way in accepts.get_ref() {
        if way.get_ref().is_empty() {
            return nothing(way.span());
        }
        for group in way.get_ref() {
            if group.get_ref().is_empty() {
                return nothing(group.span());
            }
            for term in group.get_ref() {
                if Way::read([[term.get_ref().as_str()]]).is_none() {
                    return mistake(term.span(), "a word has a letter or a digit");
                }
            }
        }
    }
    let read = |way: &file::Way| {
        let groups = way.get_ref().iter();
        Way::read(groups.map(|group| group.get_ref().iter().map(|term| term.get_ref().as_str())))
    };
    // Each of them has just been looked at, so none is lost here.
    Ok(accepts.get_ref().iter().filter_map(read).collect())
}
