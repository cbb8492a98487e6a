//! Checking `fields`: the generators of values.

use std::collections::BTreeMap;

use toml::Spanned;

use super::check::{Checked, mistake};
use super::file::Field;
use crate::world::message::Generator;

/// Every field of one table.
pub(super) fn all(table: &BTreeMap<String, Spanned<Field>>) -> Checked<BTreeMap<&str, Generator>> {
    table.iter().map(|(name, field)| Ok((name.as_str(), generator(field)?))).collect()
}

fn generator(field: &Spanned<Field>) -> Checked<Generator> {
    let span = field.span();
    match field.get_ref() {
        Field {
            pick: Some(choices),
            weights,
            int: None,
            latency: None,
            spread: None,
            hex: None,
            uuid: None,
            sequence: None,
        } => {
            if choices.is_empty() {
                return mistake(span, "\"pick\" needs something to pick from");
            }
            let mut upto = Vec::new();
            if let Some(weights) = weights {
                if weights.get_ref().len() != choices.len() {
                    return mistake(weights.span(), "\"weights\" needs one weight for each choice");
                }
                let mut sum = 0.0;
                for weight in weights.get_ref() {
                    if !weight.is_finite() || *weight < 0.0 {
                        return mistake(
                            weights.span(),
                            "a weight is a number that is not negative",
                        );
                    }
                    sum += weight;
                    upto.push(sum);
                }
                if sum <= 0.0 {
                    return mistake(weights.span(), "at least one weight is more than 0");
                }
            }
            Ok(Generator::Pick { choices: choices.clone(), upto })
        }
        Field {
            pick: None,
            weights: None,
            int: Some(int),
            latency: None,
            spread: None,
            hex: None,
            uuid: None,
            sequence: None,
        } => {
            let [low, high] = *int.get_ref();
            if low > high {
                return mistake(int.span(), "the first number is the lower one");
            }
            Ok(Generator::Int { low, high })
        }
        Field {
            pick: None,
            weights: None,
            int: None,
            latency: Some(median),
            spread,
            hex: None,
            uuid: None,
            sequence: None,
        } => {
            if !(*median.get_ref() > 0.0 && median.get_ref().is_finite()) {
                return mistake(median.span(), "a latency's median is more than 0");
            }
            Ok(Generator::Latency { median: *median.get_ref(), spread: spread.unwrap_or(0.5) })
        }
        Field {
            pick: None,
            weights: None,
            int: None,
            latency: None,
            spread: None,
            hex: Some(digits),
            uuid: None,
            sequence: None,
        } => {
            if !(1..=1024).contains(digits.get_ref()) {
                return mistake(digits.span(), "\"hex\" has 1 to 1024 digits");
            }
            Ok(Generator::Hex(*digits.get_ref()))
        }
        Field {
            pick: None,
            weights: None,
            int: None,
            latency: None,
            spread: None,
            hex: None,
            uuid: Some(true),
            sequence: None,
        } => Ok(Generator::Uuid),
        Field {
            pick: None,
            weights: None,
            int: None,
            latency: None,
            spread: None,
            hex: None,
            uuid: None,
            sequence: Some(first),
        } => Ok(Generator::Sequence(*first)),
        _ => mistake(
            span,
            "a field has exactly one of \"pick\" (with \"weights\"), \"int\", \"latency\" (with \"spread\"), \"hex\", \"uuid\" and \"sequence\"",
        ),
    }
}
