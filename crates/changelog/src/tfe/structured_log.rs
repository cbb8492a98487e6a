//! The log of a plan or an apply as the archivist gives it: framed by STX and ETX (pure).

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// A log, taken in pieces. Its text is that of Terraform's own JSON lines, or of its words for people.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StructuredLog {
    text: Vec<u8>,
    /// Bytes that came, marks included: where the next piece begins.
    offset: u64,
    is_whole: bool,
}

impl StructuredLog {
    /// A further piece came. What stands behind the end of the log is none of it.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.offset += piece.len() as u64;
        if self.is_whole {
            return;
        }
        let end = piece.iter().position(|byte| *byte == ETX);
        self.is_whole = end.is_some();
        let text = &piece[..end.unwrap_or(piece.len())];
        self.text.extend(text.iter().filter(|byte| **byte != STX));
    }

    /// Where the next piece begins, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The text without its marks.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the end was there: a log without it is still being written, or was cut.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

impl std::fmt::Debug for StructuredLog {
    /// Without its text: provisioners and diagnostics may say secrets in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StructuredLog({} bytes, whole: {})", self.text.len(), self.is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_log_without_its_end_is_not_whole() {
        let mut log = StructuredLog::default();
        log.push(b"\x02{\"a\":1}\n");
        assert!(!log.is_whole());
        log.push(b"{\"b\":2}\n\x03");
        assert!(log.is_whole());
        assert_eq!(log.text(), b"{\"a\":1}\n{\"b\":2}\n");
        assert_eq!(log.offset(), 18);
        assert!(!format!("{log:?}").contains('a'), "{log:?}");
    }

    proptest! {
        #[test]
        fn a_log_is_the_same_however_it_is_cut(text in "[a-z\n]{0,60}", size in 1_usize..9) {
            let framed = format!("\x02{text}\x03");
            let mut log = StructuredLog::default();
            framed.as_bytes().chunks(size).for_each(|piece| log.push(piece));
            prop_assert_eq!(log.text(), text.as_bytes());
            prop_assert!(log.is_whole());
        }
    }
}
