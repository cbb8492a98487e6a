//! Page tokens: opaque to the caller, and of no use for anything but the request that they came from.

use crate::protocols::aws_json::Refusal;
use crate::world::events::{Direction, Position};
use crate::world::hash;

/// A FilterLogEvents token expires after 24 hours.
const LIFETIME: i64 = 24 * 3_600_000;

pub(super) fn invalid() -> Refusal {
    Refusal::invalid_parameter("The specified nextToken is invalid.")
}

/// Which way a FilterLogEvents read goes, and where its page ended.
pub(super) fn write(request: u64, issued: i64, direction: Direction, at: Position) -> String {
    let issued = (issued as u64) << 1 | u64::from(direction == Direction::Backward);
    let words = [request, issued, at.time as u64, at.ingestion as u64, at.sequence];
    let seal = words.iter().fold(request, |seal, word| hash::combine(seal, *word));
    let mut mask = seal;
    let mut token = format!("{seal:016x}");
    for word in words {
        mask = hash::mix(mask);
        token.push_str(&format!("{:016x}", word ^ mask));
    }
    token
}

/// Reads a token back; only one that belongs to this request and has not expired is any good.
pub(super) fn read(token: &str, request: u64, now: i64) -> Result<(Direction, Position), Refusal> {
    if token.len() != 96 || !token.is_ascii() {
        return Err(invalid());
    }
    let word = |place: usize| {
        u64::from_str_radix(&token[place * 16..place * 16 + 16], 16).map_err(|_| invalid())
    };
    let seal = word(0)?;
    let mut mask = seal;
    let mut words = [0u64; 5];
    for (place, slot) in words.iter_mut().enumerate() {
        mask = hash::mix(mask);
        *slot = word(place + 1)? ^ mask;
    }
    let expected = words.iter().fold(request, |seal, word| hash::combine(seal, *word));
    let issued = (words[1] >> 1) as i64;
    let backward = words[1] & 1 == 1;
    if expected != seal || words[0] != request || now - issued > LIFETIME {
        return Err(invalid());
    }
    let direction = if backward { Direction::Backward } else { Direction::Forward };
    let at = Position { time: words[2] as i64, ingestion: words[3] as i64, sequence: words[4] };
    Ok((direction, at))
}

/// A token of a listing: the last name that was listed.
pub(super) fn after_name(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The name in a listing's token.
pub(super) fn read_name(token: &str) -> Result<String, Refusal> {
    if !token.len().is_multiple_of(2) || !token.is_ascii() {
        return Err(invalid());
    }
    let bytes: Result<Vec<u8>, _> = (0..token.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&token[place..place + 2], 16))
        .collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Position =
        Position { time: 1_795_379_818_123, ingestion: 1_795_379_819_000, sequence: 77 };

    #[test]
    fn a_token_is_read_back_by_its_own_request() {
        for direction in [Direction::Forward, Direction::Backward] {
            let token = write(5, 1_000, direction, AT);
            assert_eq!(read(&token, 5, 2_000), Ok((direction, AT)));
        }
    }

    #[test]
    fn another_request_garbage_and_age_are_refused() {
        let token = write(5, 1_000, Direction::Forward, AT);
        assert!(read(&token, 6, 2_000).is_err());
        assert!(read("garbage", 5, 2_000).is_err());
        assert!(read(&"é".repeat(48), 5, 2_000).is_err());
        assert!(read(&token.replace(&token[40..44], "0000"), 5, 2_000).is_err());
        assert!(read(&token, 5, 1_000 + LIFETIME).is_ok());
        assert!(read(&token, 5, 1_001 + LIFETIME).is_err());
    }

    #[test]
    fn names_are_read_back() {
        assert_eq!(read_name(&after_name("/ecs/prod")), Ok("/ecs/prod".to_owned()));
        assert!(read_name("zz").is_err());
        assert!(read_name("abc").is_err());
    }
}
