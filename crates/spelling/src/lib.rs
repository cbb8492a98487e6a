//! The existing names that a mistyped one may have meant. Every error about an unknown name shows
//! them: profiles, regions, services, groups, keys of the configuration.

/// As alike as a slip of the finger makes two names, on Jaro and Winkler's scale from 0 to 1.
const ALIKE: f64 = 0.8;
/// On the same scale.
const MUCH_WORSE: f64 = 0.05;

/// The known name that is most like the typed one, if one is alike.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_few(typed, known, 1).into_iter().next()
}

/// The known names that are alike, the likest first, `most` of them at the most.
///
/// A name that is contained in the other counts as alike: `api` for `prod/api`.
pub fn nearest_few<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    let mut ranked: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (likeness(&typed, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    ranked.dedup_by(|a, b| a.1 == b.1);
    // Beside a name that is nearly right, one that is merely alike is noise.
    let best = ranked.first().map_or(0.0, |(likeness, _)| *likeness);
    ranked.retain(|(likeness, _)| *likeness >= best - MUCH_WORSE);
    ranked.into_iter().take(most).map(|(_, name)| name).collect()
}

fn likeness(typed: &str, known: &str) -> f64 {
    const SHORTEST_PART: usize = 3;
    let last_part = known.rsplit('/').next().unwrap_or(known);
    let spelled = strsim::jaro_winkler(typed, known).max(strsim::jaro_winkler(typed, last_part));
    let contained = typed.len() >= SHORTEST_PART && known.contains(typed);
    if contained { spelled.max(ALIKE) } else { spelled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_found() {
        assert_eq!(nearest("us-esat-1", ["eu-west-1", "us-east-1"]), Some("us-east-1"));
        assert_eq!(nearest("prodution", ["staging", "production"]), Some("production"));
        assert_eq!(nearest("mars", ["us-east-1"]), None);
    }

    #[test]
    fn a_part_of_a_path_is_found() {
        assert_eq!(nearest("apii", ["prod/api", "prod/billing"]), Some("prod/api"));
        assert_eq!(nearest_few("ingest", ["/ecs/prod-ingest", "/ecs/x"], 3), ["/ecs/prod-ingest"]);
    }

    #[test]
    fn the_likest_comes_first_and_the_merely_alike_stay_away() {
        let known = ["/ecs/prod-mesh", "/ecs/prod-ingest", "/ecs/prod-ingests"];
        let nearest = nearest_few("/ecs/prod-ingets", known, 3);
        assert_eq!(nearest, ["/ecs/prod-ingest", "/ecs/prod-ingests"]);
    }
}
