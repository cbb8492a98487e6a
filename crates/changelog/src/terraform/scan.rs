//! A reader of JSON that holds one buffer and one part of the document at a time.
//!
//! It passes over what nobody asked for, and hands out the text of what somebody did. What it passes over
//! is checked for its strings and brackets only.

use std::io::Read;

use super::opening;
use super::{Document, ReadError};

/// How much is read at a time.
const BUFFER: usize = 256 * 1024;
/// The largest part that is ever held: one resource, with everything that it is and will be.
const LARGEST: usize = 32 * 1024 * 1024;
/// The deepest nesting that is followed.
const DEEPEST: usize = 1024;

/// The bytes that end a piece of text: between strings, and in one.
const BETWEEN: &[bool; 256] = &table(b"\"[]{}");
const IN_STRING: &[bool; 256] = &table(b"\"\\");

const fn table(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
}

/// Where the first of some bytes stands.
fn find(marks: &[bool; 256], text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| marks[usize::from(*byte)])
}

pub(super) struct Scanner<R> {
    input: R,
    document: Document,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// How many bytes came before the buffer.
    before: u64,
    /// The brackets that are open within the value at hand.
    open: Vec<u8>,
}

impl<R: Read> Scanner<R> {
    /// Begins to read; what cannot be JSON is refused here.
    pub(super) fn new(input: R, document: Document) -> Result<Self, ReadError> {
        let mut scanner = Self {
            input,
            document,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            at: 0,
            end: 0,
            before: 0,
            open: Vec::new(),
        };
        // A pipe may bring the first bytes one by one: enough of them are waited for to tell.
        while scanner.end < 64 && scanner.read_more()? {}
        let beginning = &scanner.buffer[..scanner.end];
        opening::expect_json(beginning, document)?;
        scanner.at = beginning.len() - opening::without_mark(beginning).len();
        Ok(scanner)
    }

    /// Where the next byte stands in the input.
    pub(super) fn offset(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Calls `each` with each key of an object; it has to take the value.
    pub(super) fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut key = Vec::new();
        self.between(b'{', b'}', |scanner| {
            let at = scanner.offset();
            scanner.take(&mut key)?;
            let name: String =
                serde_json::from_slice(&key).map_err(|_| scanner.malformed_at(at))?;
            scanner.expect(b':')?;
            each(scanner, &name)
        })
    }

    /// Calls `each` before each element of an array; it has to take the element.
    pub(super) fn array(
        &mut self,
        each: impl FnMut(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.between(b'[', b']', each)
    }

    /// The first byte of the value that comes next.
    pub(super) fn first_byte(&mut self) -> Result<u8, ReadError> {
        self.peek()?.ok_or_else(|| self.truncated())
    }

    /// The text of the next value, in place of what `text` held.
    pub(super) fn take(&mut self, text: &mut Vec<u8>) -> Result<(), ReadError> {
        text.clear();
        self.value(Some(text))
    }

    /// Passes over the next value.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        self.value(None)
    }

    /// Makes sure that nothing but blanks is left.
    pub(super) fn finish(mut self) -> Result<(), ReadError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.malformed_at(self.offset())),
        }
    }

    /// That the part at this place has another shape than it should.
    pub(super) fn malformed_at(&self, at: u64) -> ReadError {
        ReadError::Malformed { document: self.document, at }
    }

    fn truncated(&self) -> ReadError {
        ReadError::Truncated { document: self.document, at: self.offset() }
    }

    fn between(
        &mut self,
        opens: u8,
        closes: u8,
        mut each: impl FnMut(&mut Self) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.expect(opens)?;
        if self.first_byte()? == closes {
            self.at += 1;
            return Ok(());
        }
        loop {
            each(self)?;
            let next = self.first_byte()?;
            if next == closes {
                self.at += 1;
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), ReadError> {
        if self.first_byte()? != byte {
            return Err(self.malformed_at(self.offset()));
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no blank, which stays where it is.
    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            while self.at < self.end {
                let byte = self.buffer[self.at];
                if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                    return Ok(Some(byte));
                }
                self.at += 1;
            }
            if !self.refill()? {
                return Ok(None);
            }
        }
    }

    fn value(&mut self, mut kept: Option<&mut Vec<u8>>) -> Result<(), ReadError> {
        match self.first_byte()? {
            b'"' | b'{' | b'[' => self.nested(&mut kept),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.word(&mut kept),
            _ => Err(self.malformed_at(self.offset())),
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self, kept: &mut Option<&mut Vec<u8>>) -> Result<(), ReadError> {
        loop {
            let rest = &self.buffer[self.at..self.end];
            let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            let length = rest.iter().position(|byte| !belongs(byte));
            self.consume(length.unwrap_or(rest.len()), kept)?;
            if length.is_some() || !self.refill()? {
                return Ok(());
            }
        }
    }

    /// A string, an object or an array, with all that is in it.
    ///
    /// It goes through the buffer byte by byte and takes over once a buffer, not once a mark: the text of
    /// container definitions is full of quotes, each with a backslash before it.
    fn nested(&mut self, kept: &mut Option<&mut Vec<u8>>) -> Result<(), ReadError> {
        self.open.clear();
        let (mut in_string, mut escaped) = (false, false);
        loop {
            let rest = &self.buffer[self.at..self.end];
            // The byte behind a backslash that was the last of the buffer before.
            let mut next = usize::from(escaped);
            escaped = false;
            let mut ends = false;
            while next < rest.len() && !ends {
                if in_string {
                    let Some(mark) = find(IN_STRING, &rest[next..]) else { break };
                    next += mark + 1;
                    if rest[next - 1] == b'"' {
                        in_string = false;
                        ends = self.open.is_empty();
                    } else {
                        escaped = next == rest.len();
                        next += usize::from(!escaped);
                    }
                    continue;
                }
                let Some(mark) = find(BETWEEN, &rest[next..]) else { break };
                next += mark + 1;
                let at = self.before + (self.at + next - 1) as u64;
                match rest[next - 1] {
                    b'"' => in_string = true,
                    b'{' => self.open.push(b'}'),
                    b'[' => self.open.push(b']'),
                    closes if self.open.pop() == Some(closes) => ends = self.open.is_empty(),
                    _ => return Err(self.malformed_at(at)),
                }
                if self.open.len() > DEEPEST {
                    return Err(ReadError::TooLarge { document: self.document, at });
                }
            }
            if ends {
                return self.consume(next, kept);
            }
            self.consume(self.end - self.at, kept)?;
            if !self.refill()? {
                return Err(self.truncated());
            }
        }
    }

    fn consume(&mut self, length: usize, kept: &mut Option<&mut Vec<u8>>) -> Result<(), ReadError> {
        if let Some(kept) = kept {
            if kept.len() + length > LARGEST {
                return Err(ReadError::TooLarge { document: self.document, at: self.offset() });
            }
            kept.extend_from_slice(&self.buffer[self.at..self.at + length]);
        }
        self.at += length;
        Ok(())
    }

    /// Reads into an empty buffer; whether there was anything.
    fn refill(&mut self) -> Result<bool, ReadError> {
        self.before += self.at as u64;
        self.at = 0;
        self.end = 0;
        self.read_more()
    }

    /// Reads behind what the buffer has; whether there was anything.
    fn read_more(&mut self) -> Result<bool, ReadError> {
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(length) => {
                    self.end += length;
                    return Ok(length > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Hands out a text in pieces of one size, as a pipe may.
    pub(in crate::terraform) struct Pieces<'a> {
        pub(in crate::terraform) text: &'a [u8],
        pub(in crate::terraform) size: usize,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.size.min(self.text.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.text[..length]);
            self.text = &self.text[length..];
            Ok(length)
        }
    }

    /// Any JSON, strings with quotes and backslashes in them among it.
    pub(in crate::terraform) fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            r#"[\\"{}\[\],:a]{0,12}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(r#"[\\"a-c]{0,4}"#, inner, 0..5)
                    .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
            ]
        })
    }

    /// What stands under `wanted`, everything else passed over.
    fn pick(text: &[u8], size: usize) -> Result<Vec<String>, ReadError> {
        let mut scanner = Scanner::new(Pieces { text, size }, Document::Plan)?;
        let mut picked = Vec::new();
        scanner.object(|scanner, key| match key {
            "wanted" => scanner.array(|scanner| {
                let mut text = Vec::new();
                scanner.take(&mut text)?;
                picked.push(String::from_utf8_lossy(&text).into_owned());
                Ok(())
            }),
            _ => scanner.skip(),
        })?;
        scanner.finish()?;
        Ok(picked)
    }

    proptest! {
        #[test]
        fn what_is_wanted_is_handed_out_and_the_rest_passed_over(
            before in any_json(), after in any_json(),
            wanted in proptest::collection::vec(any_json(), 0..4),
            size in 1usize..40, pretty in any::<bool>(),
        ) {
            let document = json!({"a": before, "wanted": wanted, "z": after});
            let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
            let picked = pick(text.unwrap().as_bytes(), size).unwrap();
            let picked: Vec<Value> = picked.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(picked, wanted);
        }

        #[test]
        fn a_document_that_is_cut_short_is_never_taken_for_a_whole_one(
            value in any_json(), wanted in any_json(), cut in 0.0..1.0f64, size in 1usize..40,
        ) {
            let text = json!({"a": value, "wanted": [wanted]}).to_string();
            let kept = (text.len() as f64 * cut) as usize;
            let error = pick(&text.as_bytes()[..kept], size).unwrap_err();
            let at_its_end = matches!(error, ReadError::Truncated { at, .. } if at == kept as u64);
            prop_assert!(at_its_end || (kept == 0 && matches!(error, ReadError::Empty { .. })), "{:?}", error);
        }

        #[test]
        fn no_text_is_a_panic(text in proptest::collection::vec(any::<u8>(), 0..200), size in 1usize..40) {
            let _ = pick(&text, size);
            let _ = pick(&[b"{\"wanted\":[", &text[..]].concat(), size);
        }
    }

    #[test]
    fn brackets_that_do_not_match_are_found_where_they_stand() {
        let error = pick(br#"{"a":[{"b":1]}]}"#, 3).unwrap_err();
        assert!(matches!(error, ReadError::Malformed { at: 12, .. }), "{error:?}");
    }

    #[test]
    fn what_follows_the_document_is_an_error() {
        assert!(pick(b"{\"a\":1}\n \n", 4).is_ok());
        let error = pick(b"{\"a\":1}\n{}", 4).unwrap_err();
        assert!(matches!(error, ReadError::Malformed { at: 8, .. }), "{error:?}");
    }

    #[test]
    fn nesting_without_an_end_is_refused() {
        let text = format!("{{\"a\":{}", "[".repeat(5_000));
        assert!(matches!(pick(text.as_bytes(), 100), Err(ReadError::TooLarge { .. })));
    }

    #[test]
    fn a_part_without_an_end_is_not_held() {
        let endless = std::io::repeat(b'x');
        let mut scanner = Scanner::new(b"[\"".chain(endless), Document::Plan).unwrap();
        let error = scanner.array(|scanner| scanner.take(&mut Vec::new())).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. }), "{error:?}");
    }

    #[test]
    fn the_mark_of_an_editor_is_passed_over() {
        assert_eq!(pick(b"\xef\xbb\xbf {\"wanted\":[1]}", 1).unwrap(), ["1"]);
    }
}
