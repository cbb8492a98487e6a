//! Decimal numbers, compared exactly. Pure.

use std::cmp::Ordering;

/// A decimal number of any size. As `f64`, two identifiers of 64 bits may be one, and
/// `499.99999999999999999` is 500.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Without zeros at either end; zero has none.
    digits: String,
    /// Where the point stands: the number is `0.digits` times ten to this power.
    point: i64,
}

impl Number {
    /// Reads `500`, `-1.50`, `+7`, `.5` and `1e3`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !is_digits(&all) {
            return None;
        }
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, point: 0 });
        }
        let leading_zeros = length(&all) - length(significant);
        let point = exponent.saturating_add(length(whole) - leading_zeros);
        Some(Self { negative, digits, point })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => {
                self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits))
            }
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// An exponent beyond all use stands for the greatest one.
fn read_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    const GREATEST: i64 = i64::MAX / 4;
    let exponent = || digits.parse().unwrap_or(GREATEST).min(GREATEST);
    (!digits.is_empty() && is_digits(digits)).then(|| sign * exponent())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn one_number_is_written_in_many_ways() {
        for (one, other) in [
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("0.001", "1E-3"),
            ("+7", "7"),
            (".5", "0.5"),
            ("-0", "0e9"),
            ("12.5e1", "125.0"),
        ] {
            assert_eq!(number(one), number(other), "{one} {other}");
        }
    }

    #[test]
    fn no_digit_is_lost() {
        let rising = [
            "-1e400",
            "-12",
            "-1.5",
            "-0.001",
            "0",
            "1e-400",
            "0.5",
            "499.99999999999999999",
            "500",
            "9007199254740992",
            "9007199254740993",
            "123456789012345678901234567890",
            "1e400",
        ];
        for (place, one) in rising.iter().enumerate() {
            for (other_place, other) in rising.iter().enumerate() {
                let order = number(one).cmp(&number(other));
                assert_eq!(order, place.cmp(&other_place), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in ["", "-", ".", "e3", "1e", "1e+", "1.2.3", "0x10", "1 ", "NaN", "inf", "--1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_are_in_the_order_of_integers(one in any::<i64>(), other in any::<i64>()) {
            let order = number(&one.to_string()).cmp(&number(&other.to_string()));
            prop_assert_eq!(order, one.cmp(&other));
        }

        #[test]
        fn doubles_are_in_the_order_of_doubles(one in -1e9..1e9f64, other in -1e9..1e9f64) {
            let order = number(&one.to_string()).cmp(&number(&format!("{other:e}")));
            prop_assert_eq!(Some(order), one.partial_cmp(&other));
        }
    }
}
