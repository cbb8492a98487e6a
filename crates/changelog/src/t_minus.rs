//! `T-45m`: how long before the page.

/// Minutes before the moment asked about (negative after it), as people count down: `T-45m`,
/// `T-2h05m`, `T-3d04h`, `T+3m`, `T-30s`.
pub fn t_minus(before_minutes: f64) -> String {
    let sign = if before_minutes < 0.0 { '+' } else { '-' };
    // A float that is no number becomes 0, one that is too big the biggest integer.
    let seconds = (before_minutes.abs() * 60.0).round() as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if seconds < 60 {
        format!("T{sign}{seconds}s")
    } else if hours == 0 {
        format!("T{sign}{minutes}m")
    } else if days == 0 {
        format!("T{sign}{hours}h{:02}m", minutes % 60)
    } else {
        format!("T{sign}{days}d{:02}h", hours % 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_in_the_two_units_that_matter() {
        let said = [0.0, 0.5, 45.0, 125.0, 4_560.0, -3.0, -0.2].map(t_minus);
        assert_eq!(said, ["T-0s", "T-30s", "T-45m", "T-2h05m", "T-3d04h", "T+3m", "T+12s"]);
    }
}
