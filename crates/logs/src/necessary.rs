//! What stands in every text that a regular expression matches. Pure.
//!
//! The answer is a *necessary* condition: one of some [`Run`]s of characters is a part of each match.
//! It may say less than the expression does, never more.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Characters in a row.
pub(crate) type Run = Vec<Place>;

/// The characters that may stand at a place: ASCII, at least one, in order.
pub(crate) type Place = Vec<u8>;

/// What a run may be made of.
pub(crate) type Carried = fn(u8) -> bool;

/// So many alternatives arise from what is one expression.
const MOST: usize = 8;

/// Longer runs are no more telling.
pub(crate) const LONGEST: usize = 48;

/// A class of more characters says next to nothing.
const WIDEST: usize = 10;

/// Runs of characters that `carried` takes, one of which stands in each text that one of the
/// expressions matches. `None` where nothing is certain.
pub(crate) fn runs_of_any(
    patterns: &[String],
    ignore_case: bool,
    carried: Carried,
) -> Option<Vec<Run>> {
    let mut all = Vec::new();
    for pattern in patterns {
        let hir = ParserBuilder::new().case_insensitive(ignore_case).build().parse(pattern).ok()?;
        all.extend(Row::of(&hir, carried).necessary()?);
    }
    (!all.is_empty()).then(|| without_longer(all))
}

/// How much a run tells: four for a certain character, three for one of two, one for a class.
pub(crate) fn weight(run: &[Place]) -> usize {
    let of_place = |place: &Place| match place.len() {
        1 => 4,
        2 => 3,
        _ => 1,
    };
    run.iter().map(of_place).sum()
}

/// The least that is worth asking for: three characters in either case.
pub(crate) const LEAST_WEIGHT: usize = 9;

/// How much alternatives tell: as much as the poorest of them, and less the more there are.
pub(crate) fn weight_of_any<R: AsRef<[Place]>>(runs: &[R]) -> usize {
    let poorest = runs.iter().map(|run| weight(run.as_ref())).min().unwrap_or(0);
    poorest.saturating_sub(2 * runs.len().max(1).ilog2() as usize)
}

/// A run that holds another one says nothing beside it.
fn without_longer(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by_key(Vec::len);
    let mut kept: Vec<Run> = Vec::new();
    for run in runs {
        if !kept.iter().any(|shorter| holds(&run, shorter)) {
            kept.push(run);
        }
    }
    kept
}

fn holds(run: &[Place], part: &[Place]) -> bool {
    let admits = |(place, wider): (&Place, &Place)| place.iter().all(|c| wider.contains(c));
    part.is_empty() || run.windows(part.len()).any(|window| window.iter().zip(part).all(admits))
}

/// A concatenation, read from left to right.
struct Row {
    carried: Carried,
    /// What was read since the last gap is one of these.
    current: Vec<Run>,
    /// Whether there was no gap.
    is_whole: bool,
    /// The most telling alternatives so far.
    best: Option<Vec<Run>>,
}

impl Row {
    fn of(hir: &Hir, carried: Carried) -> Self {
        let mut row = Self { carried, current: vec![Run::new()], is_whole: true, best: None };
        row.read(hir);
        row
    }

    fn necessary(mut self) -> Option<Vec<Run>> {
        self.gap();
        self.best
    }

    fn read(&mut self, hir: &Hir) {
        match hir.kind() {
            // Without a width: what stands on both sides of it stands side by side.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                for byte in &literal.0 {
                    match (self.carried)(*byte) {
                        true => self.push(vec![vec![vec![*byte]]]),
                        false => self.gap(),
                    }
                }
            }
            HirKind::Class(class) => match place(class, self.carried) {
                Some(place) => self.push(vec![vec![place]]),
                None => self.gap(),
            },
            HirKind::Capture(capture) => self.read(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.read(part)),
            HirKind::Repetition(repetition) => self.read_repetition(repetition),
            HirKind::Alternation(branches) => self.read_branches(branches),
        }
    }

    fn read_repetition(&mut self, Repetition { min, max, sub, .. }: &Repetition) {
        if *min == 0 {
            let row = Self::of(sub, self.carried);
            match (*max, row.is_whole) {
                (Some(0), _) => {}
                (Some(1), true) => {
                    let mut runs = row.current;
                    runs.push(Run::new());
                    self.push(runs);
                }
                _ => self.gap(),
            }
            return;
        }
        let times = (*min as usize).min(LONGEST);
        (0..times).for_each(|_| self.read(sub));
        if *max != Some(*min) || times < *min as usize {
            self.gap();
            self.read(sub);
        }
    }

    fn read_branches(&mut self, branches: &[Hir]) {
        let rows: Vec<Self> = branches.iter().map(|hir| Self::of(hir, self.carried)).collect();
        if rows.iter().all(|row| row.is_whole) {
            let runs: Vec<Run> = rows.into_iter().flat_map(|row| row.current).collect();
            self.push(runs);
            return;
        }
        self.gap();
        let necessary: Option<Vec<Vec<Run>>> = rows.into_iter().map(Self::necessary).collect();
        if let Some(runs) = necessary {
            self.offer(runs.concat());
        }
    }

    /// What comes next is one of these runs.
    fn push(&mut self, runs: Vec<Run>) {
        let longest = |runs: &[Run]| runs.iter().map(Vec::len).max().unwrap_or(0);
        let fits = self.current.len() * runs.len() <= MOST
            && longest(&self.current) + longest(&runs) <= LONGEST;
        if !fits {
            self.gap();
            // More branches than one row can carry on stand for themselves.
            match runs.len() <= MOST {
                true => self.current = runs,
                false => self.offer(runs),
            }
            return;
        }
        let join = |run: &Run, next: &Run| [run.as_slice(), next.as_slice()].concat();
        let joined = |run: &Run| runs.iter().map(|next| join(run, next)).collect::<Vec<Run>>();
        self.current = self.current.iter().flat_map(joined).collect();
    }

    /// What comes next is not known.
    fn gap(&mut self) {
        let runs = std::mem::replace(&mut self.current, vec![Run::new()]);
        self.offer(runs);
        self.is_whole = false;
    }

    fn offer(&mut self, runs: Vec<Run>) {
        let runs = without_longer(runs);
        let is_better =
            self.best.as_ref().is_none_or(|best| weight_of_any(best) < weight_of_any(&runs));
        if weight_of_any(&runs) >= LEAST_WEIGHT && is_better {
            self.best = Some(runs);
        }
    }
}

/// A class of a few characters: each of them is carried, and several are letters or digits.
///
/// In any case, `k` is also the Kelvin sign and `s` also the long s: such a class is none of these.
fn place(class: &Class, carried: Carried) -> Option<Place> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect()
        }
        Class::Bytes(class) => {
            class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect()
        }
    };
    let mut place = Place::new();
    for (first, last) in ranges {
        if last >= 0x80 || place.len() + (last - first) as usize >= WIDEST {
            return None;
        }
        place.extend((first..=last).filter_map(|c| u8::try_from(c).ok()));
    }
    let fits = |c: &u8| carried(*c) && (place.len() == 1 || c.is_ascii_alphanumeric());
    (!place.is_empty() && place.iter().all(fits)).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(run: &Run) -> String {
        let place = |place: &Place| match std::str::from_utf8(place).unwrap() {
            one if one.len() == 1 => one.to_owned(),
            several => format!("[{several}]"),
        };
        run.iter().map(place).collect()
    }

    fn runs(pattern: &str, ignore_case: bool) -> Vec<String> {
        let carried = |c: u8| c.is_ascii_graphic() || c == b' ';
        let runs = runs_of_any(&[pattern.to_owned()], ignore_case, carried);
        runs.unwrap_or_default().iter().map(shown).collect()
    }

    #[test]
    fn the_longest_certain_text_is_found() {
        for (pattern, expected) in [
            ("timeout", &["timeout"][..]),
            ("time.?out", &["time"]),
            ("a.*connection refused", &["connection refused"]),
            ("colou?r", &["color", "colour"]),
            ("timeout|refused", &["timeout", "refused"]),
            ("(timeout|refused) by peer", &["timeout by peer", "refused by peer"]),
            ("(?:dial|read) tcp|EOF here", &["dial tcp", "read tcp", "EOF here"]),
            (r"\btimeout\b", &["timeout"]),
            ("^panic: ", &["panic: "]),
            ("ab+c{3}d", &["bcccd"]),
            ("(abc){2,}", &["abcabc"]),
            ("status=5[0-9][0-9]", &["status=5[0123456789][0123456789]"]),
            ("foo(?:bar)?baz", &["foobaz", "foobarbaz"]),
            ("(foo)?foobar", &["foobar"]),
            ("ERR: (a|bc)", &["ERR: a", "ERR: bc"]),
            ("overflow é underflow", &[" underflow"]),
        ] {
            assert_eq!(runs(pattern, false), expected, "{pattern}");
        }
    }

    #[test]
    fn what_is_certain_of_nothing_says_nothing() {
        for pattern in
            ["", ".*", "a|b", "ab", "x*", "(timeout)?", "timeout|.", "[a-z]+", "(a|)", r"\d\d", "é"]
        {
            assert!(runs(pattern, false).is_empty(), "{pattern}: {:?}", runs(pattern, false));
        }
    }

    #[test]
    fn in_any_case_letters_with_a_third_form_are_gaps() {
        assert_eq!(runs("time", true), ["[Tt][Ii][Mm][Ee]"]);
        assert_eq!(runs("lookup", true), ["[Ll][Oo][Oo]"]);
        assert!(runs("sks", true).is_empty());
        assert_eq!(runs("404 not", true), ["404 [Nn][Oo][Tt]"]);
    }

    #[test]
    fn one_of_several_expressions() {
        let all = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
            runs_of_any(&patterns, false, |c| c.is_ascii_graphic()).map(|runs| runs.len())
        };
        assert_eq!(all(&["timeout", "refused", "timeouts"]), Some(2));
        assert_eq!(all(&["timeout", ".*"]), None);
        assert_eq!(all(&[]), None);
    }

    #[test]
    fn large_expressions_end() {
        let many: Vec<String> = (0..500).map(|n| format!("word{n}")).collect();
        assert!(runs(&many.join("|"), false).len() > 1);
        assert_eq!(runs("x{1000}", false)[0].len(), LONGEST);
        assert!(!runs("((ab|cd)(ef|gh)(ij|kl)(mn|op)){3}", false).is_empty());
    }
}
