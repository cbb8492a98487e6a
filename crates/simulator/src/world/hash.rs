//! Seeded hashing: the world's only source of variety.
//!
//! The finaliser is splitmix64's. It is not random: the same words give the same number on every
//! machine, which is what lets a drill replay byte for byte.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Spreads the bits of one word.
#[inline]
pub(crate) fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A word that depends on both words and their order.
#[inline]
pub(crate) fn combine(seed: u64, word: u64) -> u64 {
    mix(seed.rotate_left(23) ^ word.wrapping_mul(GOLDEN))
}

/// A word that depends on the seed and the text.
pub(crate) fn of_text(seed: u64, text: &str) -> u64 {
    text.bytes().fold(combine(seed, text.len() as u64), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// A number in `0.0..1.0`.
#[inline]
pub(crate) fn unit(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

/// A number in `0..bound`; 0 when the bound is 0.
#[inline]
pub(crate) fn below(hash: u64, bound: u64) -> u64 {
    ((u128::from(hash) * u128::from(bound)) >> 64) as u64
}

/// Writes `digits` hexadecimal digits that depend on the hash.
pub(crate) fn write_hex(out: &mut Vec<u8>, hash: u64, digits: usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut word = mix(hash);
    for place in 0..digits {
        if place > 0 && place % 16 == 0 {
            word = mix(word);
        }
        out.push(DIGITS[(word >> (60 - 4 * (place % 16))) as usize & 15]);
    }
}

/// `digits` hexadecimal digits that depend on the hash.
pub(crate) fn hex(hash: u64, digits: usize) -> String {
    let mut out = Vec::with_capacity(digits);
    write_hex(&mut out, hash, digits);
    String::from_utf8_lossy(&out).into_owned()
}

/// `count` letters and digits that depend on the hash.
pub(crate) fn letters(hash: u64, count: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (0..count as u64)
        .map(|place| char::from(LETTERS[below(combine(hash, place), 62) as usize]))
        .collect()
}

/// A UUID in form, as request ids are.
pub(crate) fn uuid(hash: u64) -> String {
    let id = hex(hash, 32);
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_is_the_same_on_every_machine() {
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(hex(of_text(8, "prod"), 32).len(), 32);
        assert_ne!(of_text(8, "ab"), of_text(8, "ba"));
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        assert_eq!(below(u64::MAX, 10), 9);
        assert_eq!(below(u64::MAX, 0), 0);
        assert!(unit(u64::MAX) < 1.0);
    }
}
