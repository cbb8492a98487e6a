//! What an input is, by how it begins.

use super::{Document, ReadError};

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether an input may be JSON, by its first bytes: all of them, where there are few.
pub(super) fn expect_json(beginning: &[u8], wanted: Document) -> Result<(), ReadError> {
    let text = without_mark(beginning).trim_ascii_start();
    match text {
        [] => Err(ReadError::Empty { wanted }),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Err(ReadError::BinaryPlan { wanted }),
        [0x1f, 0x8b, ..] => Err(ReadError::Compressed { wanted }),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(ReadError::Utf16 { wanted }),
        [b'<', ..] => Err(ReadError::Html { wanted }),
        [b'{' | b'[', ..] => Ok(()),
        _ => Err(ReadError::NotJson { wanted }),
    }
}

/// The text without the mark that some editors put before it.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(UTF8_MARK).unwrap_or(text)
}
