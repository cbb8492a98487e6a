//! A periodic fault: what befalls every Nth call.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::failure::{self, FaultError};

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Throttle,
    Error,
    Cut,
    Reset,
    Hang,
    Deny,
    Absent,
    Drop,
    Lose,
    Stall,
}

const KINDS: [(&str, Kind); 10] = [
    ("throttle", Kind::Throttle),
    ("error", Kind::Error),
    ("cut", Kind::Cut),
    ("reset", Kind::Reset),
    ("hang", Kind::Hang),
    ("deny", Kind::Deny),
    ("absent", Kind::Absent),
    ("drop", Kind::Drop),
    ("lose", Kind::Lose),
    ("stall", Kind::Stall),
];

const LIVE_TAIL: &str = "StartLiveTail";

/// Something that befalls every Nth call, of some operations or of all: `throttle:7`, `cut:13@FilterLogEvents`,
/// `deny@StartLiveTail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    every: NonZeroU64,
    /// All, when none is named.
    operations: Vec<String>,
}

impl Kind {
    /// Whether it befalls a Live Tail session, and no call.
    pub(crate) fn is_of_sessions(self) -> bool {
        matches!(self, Kind::Drop | Kind::Lose | Kind::Stall)
    }

    /// Whether it is rather a state than an accident: then every call is meant, unless a number is said.
    fn is_a_state(self) -> bool {
        matches!(self, Kind::Deny | Kind::Absent)
    }
}

impl Fault {
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn every(&self) -> NonZeroU64 {
        self.every
    }

    /// Whether it may befall a call of this operation.
    pub(super) fn concerns(&self, operation: &str) -> bool {
        self.operations.is_empty() || self.operations.iter().any(|name| name == operation)
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let expected = || {
            let kinds: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            FaultError::new(format!(
                "\"{text}\" is not a fault: expected KIND:N or KIND:N@OPERATION, like \"throttle:7\", \
                 \"cut:13@FilterLogEvents\" or \"deny@StartLiveTail\"; the kinds are {}",
                kinds.join(", ")
            ))
        };
        let (what, operations) = match text.split_once('@') {
            Some((what, operations)) => (what, Some(operations)),
            None => (text, None),
        };
        let (name, every) = match what.split_once(':') {
            Some((name, every)) => (name, Some(every)),
            None => (what, None),
        };
        let kind = KINDS.iter().find(|(kind, _)| *kind == name).ok_or_else(expected)?.1;
        let every = match every {
            Some(every) => every.parse().map_err(|_| expected())?,
            None if kind.is_a_state() => NonZeroU64::MIN,
            None => return Err(expected()),
        };
        let operations: Vec<String> = match operations {
            Some(names) => names.split(',').map(failure::operation).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        if kind.is_of_sessions() && operations.iter().any(|name| name != LIVE_TAIL) {
            return Err(FaultError::new(format!(
                "\"{text}\": only {LIVE_TAIL} has updates that could be lost; expected \"{name}:N\""
            )));
        }
        Ok(Fault { kind, every, operations })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name);
        f.write_str(name)?;
        if !(self.kind.is_a_state() && self.every == NonZeroU64::MIN) {
            write!(f, ":{}", self.every)?;
        }
        if !self.operations.is_empty() {
            write!(f, "@{}", self.operations.join(","))?;
        }
        Ok(())
    }
}
