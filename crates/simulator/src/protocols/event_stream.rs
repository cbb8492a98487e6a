//! `application/vnd.amazon.eventstream`: messages in frames, each with its own checksums.
//!
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | length of the whole message |
//! | 4 | length of the headers |
//! | 4 | CRC-32 of these eight |
//! | | headers: length of the name (1), name, type 7 for a text (1), length of the value (2), value |
//! | | payload |
//! | 4 | CRC-32 of everything before |

use super::aws_json;

pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

const TEXT: u8 = 7;

/// A message that is an event.
pub(super) fn event(kind: &str, payload: &[u8]) -> Vec<u8> {
    message([(":event-type", kind), (":message-type", "event")], payload)
}

/// A message that is a modelled error.
pub(super) fn exception(kind: &str, payload: &[u8]) -> Vec<u8> {
    message([(":exception-type", kind), (":message-type", "exception")], payload)
}

fn message(kind: [(&str, &str); 2], payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::with_capacity(96);
    let [what, message] = kind;
    for (name, value) in [what, (":content-type", aws_json::CONTENT_TYPE), message] {
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(TEXT);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let whole = 12 + headers.len() + payload.len() + 4;
    let mut frame = Vec::with_capacity(whole);
    frame.extend_from_slice(&(whole as u32).to_be_bytes());
    frame.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    seal(&mut frame);
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload);
    seal(&mut frame);
    frame
}

/// Appends the checksum of what is there.
fn seal(frame: &mut Vec<u8>) {
    let sum = crc32(frame);
    frame.extend_from_slice(&sum.to_be_bytes());
}

/// One byte through the polynomial of IEEE 802.3, reflected.
const TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut word = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            word = if word & 1 == 1 { (word >> 1) ^ 0xEDB8_8320 } else { word >> 1 };
            bit += 1;
        }
        table[byte] = word;
        byte += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| (sum >> 8) ^ TABLE[usize::from(*byte ^ sum as u8)])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A frame taken apart: its headers and its payload, the checksums verified.
    pub(crate) fn read(frame: &[u8]) -> (Vec<(String, String)>, Vec<u8>, &[u8]) {
        let word = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
        let (whole, headers) = (word(0) as usize, word(4) as usize);
        assert_eq!(word(8), crc32(&frame[..8]));
        assert_eq!(word(whole - 4), crc32(&frame[..whole - 4]));
        let (mut at, mut found) = (12, Vec::new());
        while at < 12 + headers {
            let name = usize::from(frame[at]);
            let value_at = at + 1 + name + 3;
            assert_eq!(frame[at + 1 + name], TEXT);
            let length =
                usize::from(u16::from_be_bytes([frame[value_at - 2], frame[value_at - 1]]));
            let text = |from: usize, length: usize| {
                String::from_utf8(frame[from..from + length].to_vec()).unwrap()
            };
            found.push((text(at + 1, name), text(value_at, length)));
            at = value_at + length;
        }
        (found, frame[12 + headers..whole - 4].to_vec(), &frame[whole..])
    }

    #[test]
    fn the_checksum_is_the_well_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    /// A recording of the service (February 2025, us-west-2), as the AWS SDK for Rust has it in its tests.
    #[test]
    fn frames_are_those_of_the_service() {
        let empty = br#"{"sessionMetadata":{"sampled":false},"sessionResults":[]}"#;
        for (frame, length, prelude, message) in [
            (event("initial-response", b"{}"), 114, 0xAB82_0D9E_u32, 0xACAE_6B7D_u32),
            (event("sessionUpdate", empty), 166, 0x8F9F_9816, 0x760F_8A77),
        ] {
            assert_eq!(frame.len(), length);
            assert_eq!(frame[8..12], prelude.to_be_bytes());
            assert_eq!(frame[length - 4..], message.to_be_bytes());
        }
    }

    #[test]
    fn a_frame_is_read_back() {
        let frame = event("sessionUpdate", b"{}");
        let (headers, payload, rest) = read(&frame);
        assert_eq!(headers[0], (":event-type".to_owned(), "sessionUpdate".to_owned()));
        assert_eq!(headers[1].0, ":content-type");
        assert_eq!(headers[2], (":message-type".to_owned(), "event".to_owned()));
        assert_eq!((payload.as_slice(), rest.len()), (b"{}".as_slice(), 0));
        let frame = exception("SessionTimeoutException", b"{}");
        let (headers, ..) = read(&frame);
        assert_eq!(headers[0].0, ":exception-type");
    }
}
