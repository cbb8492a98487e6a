//! Checking `templates`: what is said, how often, and while what.

use std::collections::BTreeMap;

use toml::Spanned;

use super::check::{Checked, Known, mistake};
use super::file::{self, Field, Level};
use super::model::{Template, Timing};
use crate::world::message::Message;
use crate::world::when::Span;

const SECOND_US: f64 = 1_000_000.0;

/// The templates of one container or group. Those with a `weight` share `rate`.
pub(super) fn all(
    templates: &[Spanned<file::Template>],
    rate: Option<&Spanned<f64>>,
    outer: &[&BTreeMap<String, Spanned<Field>>],
    known: &Known<'_>,
) -> Checked<Vec<Template>> {
    let mut total = 0.0;
    for template in templates {
        if let Some(weight) = &template.get_ref().weight {
            total += positive(weight, "a weight")?;
            if rate.is_none() {
                return mistake(
                    weight.span(),
                    "a \"weight\" is a share of a \"rate\", and there is none beside \"templates\"",
                );
            }
        }
    }
    let rate = rate.map(|rate| positive(rate, "a rate")).transpose()?.unwrap_or(0.0);
    templates
        .iter()
        .map(|template| {
            let per_second =
                template.get_ref().weight.as_ref().map(|weight| rate * weight.get_ref() / total);
            self::template(template, per_second, outer, known)
        })
        .collect()
}

fn positive(number: &Spanned<f64>, what: &str) -> Checked<f64> {
    let value = *number.get_ref();
    if value.is_finite() && value > 0.0 && value <= SECOND_US {
        return Ok(value);
    }
    mistake(number.span(), format!("{what} is more than 0 and at most 1000000"))
}

fn template(
    template: &Spanned<file::Template>,
    weighted: Option<f64>,
    outer: &[&BTreeMap<String, Spanned<Field>>],
    known: &Known<'_>,
) -> Checked<Template> {
    let (span, template) = (template.span(), template.get_ref());
    let spread = |per_second: f64| Timing::Spread {
        interval_us: ((SECOND_US / per_second).round() as i64).max(1),
    };
    let timing = match (weighted, &template.rate, &template.every, template.once) {
        (Some(per_second), None, None, None) => spread(per_second),
        (None, Some(rate), None, None) => spread(positive(rate, "a rate")?),
        (None, None, Some(every), None) => {
            if every.get_ref().0 < 1 {
                return mistake(every.span(), "an interval is at least \"1us\"");
            }
            Timing::Every { interval_us: every.get_ref().0 }
        }
        (None, None, None, Some(moment)) => {
            let after_ms =
                template.after.as_ref().map_or(0, |after| Span::millis(*after.get_ref()));
            Timing::Once { moment, after_ms }
        }
        _ => {
            return mistake(
                span,
                "a template has exactly one of \"weight\", \"rate\", \"every\" and \"once\"",
            );
        }
    };
    if let (Some(after), None) = (&template.after, template.once) {
        return mistake(after.span(), "\"after\" needs \"once\"");
    }
    let from = template.from.as_ref().map_or(i64::MIN, |from| from.get_ref().0);
    let to = template.to.map_or(i64::MAX, |to| to.0);
    if let (Some(at), true) = (&template.from, from >= to) {
        return mistake(at.span(), "\"from\" is before \"to\"");
    }

    let mut tables = outer.to_vec();
    tables.push(&template.fields);
    let fields = known.reach(&tables)?;
    let level = level_name(template.level.unwrap_or(Level::Info));
    let compile = |text: &Spanned<String>| {
        Message::compile(text.get_ref(), level, &fields)
            .or_else(|problem| mistake(text.span(), problem))
    };
    let lines = match (&template.message, &template.lines) {
        (Some(message), None) => vec![compile(message)?],
        (None, Some(lines)) => {
            // The event id keeps eight bits for the line.
            if !(1..=256).contains(&lines.get_ref().len()) {
                return mistake(lines.span(), "\"lines\" has 1 to 256 lines");
            }
            lines.get_ref().iter().map(compile).collect::<Checked<_>>()?
        }
        _ => return mistake(span, "a template has either a \"message\" or \"lines\""),
    };
    Ok(Template { timing, from, to, wave: known.wave(&template.wave)?, lines })
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Notice => "notice",
        Level::Warn => "warn",
        Level::Error => "error",
        Level::Fatal => "fatal",
    }
}
