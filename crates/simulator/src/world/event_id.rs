//! Event ids: 56 decimal digits that sort as the events do.
//!
//! The layout is undocumented; it is read off public samples, the one in the FilterLogEvents reference among
//! them: 185 bits, of which the top 41 are the event's time and 41 more, 80 bits from the end, the time of
//! ingestion (`31132629274945519779805322857203735586714454643391594505` is 1396035378988, 1396035394997).

use super::events::Position;

const CHUNK: u64 = 10_000_000_000_000_000_000;

/// Appends the id of the event at `position`.
pub(crate) fn write(out: &mut Vec<u8>, position: Position) {
    let (time, ingestion) = (position.time as u64, position.ingestion as u64);
    // 192 bits, most significant word first: time at bit 144, ingestion at bit 80.
    let mut words = [time << 16, ingestion << 16, position.sequence];
    let start = out.len();
    out.resize(start + 56, b'0');
    let mut end = start + 56;
    while end > start {
        let mut chunk = 0u64;
        for word in &mut words {
            let dividend = u128::from(chunk) << 64 | u128::from(*word);
            *word = (dividend / u128::from(CHUNK)) as u64;
            chunk = (dividend % u128::from(CHUNK)) as u64;
        }
        let width = 19.min(end - start);
        for place in (end - width..end).rev() {
            out[place] = b'0' + (chunk % 10) as u8;
            chunk /= 10;
        }
        end -= width;
    }
}

/// The position that an id stands for; `None` when it is no id.
pub(crate) fn parse(id: &str) -> Option<Position> {
    if id.len() != 56 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut words = [0u64; 3];
    for digit in id.bytes() {
        let mut carry = u128::from(digit - b'0');
        for word in words.iter_mut().rev() {
            let product = u128::from(*word) * 10 + carry;
            *word = product as u64;
            carry = product >> 64;
        }
        if carry != 0 {
            return None;
        }
    }
    // The bits between the two times are zero.
    let (time, ingestion) = (words[0] >> 16, words[1] >> 16);
    let plain = words[0] & 0xFFFF == 0 && ingestion >> 41 == 0;
    plain.then_some(Position { time: time as i64, ingestion: ingestion as i64, sequence: words[2] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_of_the_api_reference_is_read_as_its_event() {
        let sample = parse("31132629274945519779805322857203735586714454643391594505").unwrap();
        assert_eq!(sample.time, 1_396_035_378_988);
        assert_eq!(sample.ingestion, 1_396_035_394_997);
    }

    #[test]
    fn an_id_is_read_back() {
        let position = Position {
            time: 1_795_379_818_123,
            ingestion: 1_795_379_820_000,
            sequence: u64::MAX - 5,
        };
        let mut id = Vec::new();
        write(&mut id, position);
        assert_eq!(id.len(), 56);
        assert_eq!(parse(std::str::from_utf8(&id).unwrap()), Some(position));
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        assert_eq!(parse("31"), None);
        assert_eq!(parse(&"9".repeat(56)), None);
        assert_eq!(parse(&"x".repeat(56)), None);
    }
}
