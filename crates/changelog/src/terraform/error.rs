//! Why a document could not be read: where, and what to type instead, but never what stands in it.

use std::fmt;
use std::io;

/// What is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// `terraform show -json plan.bin`.
    Plan,
    /// `terraform apply -json`.
    Apply,
    /// A state file.
    State,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plan => "a plan in JSON",
            Self::Apply => "the JSON output of an apply",
            Self::State => "a Terraform state",
        })
    }
}

/// Why a document could not be read. Nothing of its content is in here but a version.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing.
    #[error("expected {wanted}, and the input is empty")]
    Empty {
        /// What was expected.
        wanted: Document,
    },
    /// A plan as `terraform plan -out` writes it: a zip archive.
    #[error("expected {wanted}, and this is a plan file as `terraform plan -out` writes it")]
    BinaryPlan {
        /// What was expected.
        wanted: Document,
    },
    /// A compressed file.
    #[error("expected {wanted}, and this is compressed with gzip")]
    Compressed {
        /// What was expected.
        wanted: Document,
    },
    /// A page, as a proxy or a sign-in puts it in the way.
    #[error("expected {wanted}, and this is a page of HTML")]
    Html {
        /// What was expected.
        wanted: Document,
    },
    /// What older versions of PowerShell write with `>`.
    #[error("expected {wanted} in UTF-8, and this is UTF-16")]
    Utf16 {
        /// What was expected.
        wanted: Document,
    },
    /// Text, for instance what Terraform prints for people.
    #[error("expected {wanted}, and this is not JSON")]
    NotJson {
        /// What was expected.
        wanted: Document,
    },
    /// JSON of another kind.
    #[error("expected {wanted}, and this is {found}")]
    Other {
        /// What was expected.
        wanted: Document,
        /// What it is.
        found: Document,
    },
    /// JSON of no kind that is known.
    #[error("expected {wanted}, and this is some other JSON")]
    Strange {
        /// What was expected.
        wanted: Document,
    },
    /// A version that this program does not know.
    #[error("{document} of version {version} cannot be read: this program knows version {known}")]
    Version {
        /// What it is.
        document: Document,
        /// Its version.
        version: String,
        /// The versions that can be read.
        known: &'static str,
    },
    /// A state that OpenTofu encrypted.
    #[error("the state is encrypted")]
    Encrypted,
    /// It ends in the middle.
    #[error("{document} ends in the middle, at byte {at}")]
    Truncated {
        /// What it is.
        document: Document,
        /// Where, counted from 0.
        at: u64,
    },
    /// It is not JSON all the way, or a part of it has another shape than Terraform gives it.
    #[error("{document} cannot be understood at byte {at}")]
    Malformed {
        /// What it is.
        document: Document,
        /// Where, counted from 0: the byte, or the beginning of the resource or line.
        at: u64,
    },
    /// One resource is too large, or nested too deep, to be true.
    #[error("{document} has a part that is too large to read, at byte {at}")]
    TooLarge {
        /// What it is.
        document: Document,
        /// Where, counted from 0.
        at: u64,
    },
    /// The input failed.
    #[error("the input cannot be read")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// The next thing to type or to try, where one is known.
    pub fn hint(&self) -> Option<&'static str> {
        const SHOW: &str = "terraform show -json plan.bin | oncall changelog plan -";
        const APPLY: &str = "terraform apply -json | oncall changelog apply -";
        let wanted = match self {
            Self::Empty { wanted }
            | Self::BinaryPlan { wanted }
            | Self::NotJson { wanted }
            | Self::Strange { wanted } => *wanted,
            Self::Other { found: Document::Plan, .. } => return Some(SHOW),
            Self::Other { found: Document::Apply, .. } => return Some(APPLY),
            Self::Other { wanted, .. } => *wanted,
            Self::Compressed { .. } => return Some("unpack it first: gunzip -c FILE | …"),
            Self::Html { .. } => {
                return Some("a proxy or a sign-in page answered in place of Terraform");
            }
            Self::Utf16 { .. } => {
                return Some("pipe Terraform's output, or write it with `Out-File -Encoding utf8`");
            }
            Self::Version { document: Document::State, .. } => {
                return Some("any `terraform apply` of 0.12 or later writes version 4");
            }
            Self::Encrypted => return Some("OpenTofu encrypts it; `tofu show -json` reads it"),
            Self::Truncated { .. } => {
                return Some("did the command that wrote it fail, or the disk fill up?");
            }
            Self::Version { .. } | Self::Malformed { .. } | Self::TooLarge { .. } | Self::Io(_) => {
                return None;
            }
        };
        match wanted {
            Document::Plan => Some(SHOW),
            Document::Apply => Some(APPLY),
            Document::State => None,
        }
    }
}
