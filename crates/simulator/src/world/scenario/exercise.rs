//! What a person has to find out: the page, hints, causes, and what is easily taken for a cause.

pub(super) mod check;
mod words;

use words::Way;

/// The human side of a scenario. All of it may be absent: a scenario is also good without questions.
#[derive(Debug, Clone, Default)]
pub struct Exercise {
    /// What the pager shows.
    pub page: Option<Page>,
    /// From gentle to plain.
    pub hints: Vec<String>,
    /// What is to be found. An answer has the full score when all of them are.
    pub causes: Vec<Cause>,
    /// What is easily taken for a cause.
    pub decoys: Vec<Decoy>,
    /// The commands that lead there with the least typing.
    pub shortest: Vec<String>,
}

/// A page, as a pager shows it.
#[derive(Debug, Clone)]
pub struct Page {
    /// One sentence on what is wrong.
    pub title: String,
    /// How bad it is, in the team's own words.
    pub severity: Option<String>,
    /// The system that it is about.
    pub service: Option<String>,
    /// Who is paged.
    pub paged: Option<String>,
    /// What the alarm says; it may have several lines.
    pub text: Option<String>,
    /// Where the runbook is, and what it says first.
    pub runbook: Option<String>,
}

/// Something that an answer should name.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its name in records.
    pub name: String,
    /// What it is in the story, such as "what began it". It is told before the cause is found.
    pub role: String,
    /// What is told once it is found.
    pub says: String,
    accepts: Vec<Way>,
}

/// Something true, or half of the truth, that explains nothing.
#[derive(Debug, Clone)]
pub struct Decoy {
    /// Its name in records.
    pub name: String,
    /// What is told to whoever answers with it.
    pub says: String,
    /// A cause; once that is found, the decoy is no news.
    pub unless: Option<String>,
    accepts: Vec<Way>,
}

/// What an answer is worth.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// The causes found, by this answer and by earlier ones, in the order of the scenario.
    pub found: Vec<&'a Cause>,
    /// The causes still to find.
    pub missing: Vec<&'a Cause>,
    /// The decoys that this answer names.
    pub decoys: Vec<&'a Decoy>,
    /// Whether this answer itself names a cause.
    pub hit: bool,
}

impl Verdict<'_> {
    /// Whether everything is found.
    pub fn is_full(&self) -> bool {
        self.missing.is_empty()
    }
}

impl Exercise {
    /// Judges an answer by its words. `before` are the names of causes that earlier answers have found.
    pub fn judge(&self, answer: &str, before: &[String]) -> Verdict<'_> {
        let words = words::of(answer);
        let says = |ways: &[Way]| ways.iter().any(|way| way.is_in(&words));
        let named: Vec<&str> = self
            .causes
            .iter()
            .filter(|cause| says(&cause.accepts))
            .map(|cause| cause.name.as_str())
            .collect();
        let is_found =
            |name: &str| named.contains(&name) || before.iter().any(|earlier| earlier == name);
        let (found, missing) = self.causes.iter().partition(|cause| is_found(&cause.name));
        let is_news = |decoy: &&Decoy| !decoy.unless.as_deref().is_some_and(is_found);
        let decoys = self.decoys.iter().filter(|decoy| says(&decoy.accepts));
        Verdict { found, missing, decoys: decoys.filter(is_news).collect(), hit: !named.is_empty() }
    }
}

#[cfg(test)]
mod tests;
