//! What an endpoint does not know: an older one, or one that only resembles AWS.

use std::str::FromStr;

use super::failure::FaultError;

/// A part of the API that an endpoint may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// `startFromHead = false` of FilterLogEvents (`newest-first`): refused with `InvalidParameterException`.
    NewestFirst,
}

const FEATURES: [(&str, Feature); 1] = [("newest-first", Feature::NewestFirst)];

impl FromStr for Feature {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Feature, FaultError> {
        FEATURES.iter().find(|(name, _)| *name == text).map(|(_, feature)| *feature).ok_or_else(
            || {
                let known: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).collect();
                FaultError::new(format!(
                    "\"{text}\" is nothing that an endpoint may lack; there is {}",
                    known.join(", ")
                ))
            },
        )
    }
}
