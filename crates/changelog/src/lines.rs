//! Lines of a bounded length.

use std::io::{self, BufRead, ErrorKind};

/// The lines of a text, of each no more than so many bytes.
pub(crate) struct Lines<R> {
    input: R,
    longest: usize,
    line: Vec<u8>,
    read: u64,
}

/// A line, without its end.
pub(crate) enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The beginning of one that is longer than the longest.
    TooLong(&'a [u8]),
}

impl<R: BufRead> Lines<R> {
    /// The lines of a text, where one of `longest` bytes is not yet too long.
    pub(crate) fn new(input: R, longest: usize) -> Self {
        Self { input, longest, line: Vec::new(), read: 0 }
    }

    /// How many bytes were read, ends of lines among them.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// The next line; none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let before = self.read;
        let mut is_too_long = false;
        loop {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            let end = memchr::memchr(b'\n', buffer);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let fits = part.len().min(self.longest - self.line.len());
            is_too_long |= fits < part.len();
            self.line.extend_from_slice(&part[..fits]);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            self.read += used as u64;
            if end.is_some() || used == 0 {
                break;
            }
        }
        Ok((self.read > before).then(|| match is_too_long {
            true => Line::TooLong(&self.line),
            false => Line::Whole(&self.line),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8], longest: usize, buffer: usize) -> (Vec<(bool, Vec<u8>)>, u64) {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, text), longest);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(match line {
                Line::Whole(line) => (true, line.to_vec()),
                Line::TooLong(line) => (false, line.to_vec()),
            });
        }
        (found, lines.bytes_read())
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_text_each_cut_at_the_longest(
            text in "[a-c\n]{0,60}", longest in 1usize..9, buffer in 1usize..20,
        ) {
            let expected = text.split_terminator('\n').map(|line| {
                (line.len() <= longest, line.as_bytes()[..line.len().min(longest)].to_vec())
            });
            let (lines, read) = all(text.as_bytes(), longest, buffer);
            prop_assert_eq!(lines, expected.collect::<Vec<_>>());
            prop_assert_eq!(read, text.len() as u64);
        }
    }
}
