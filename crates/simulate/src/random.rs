//! Streams of random numbers: one for each replication and purpose, derived from the seed by hashing.
//!
//! Two systems that are compared draw the same numbers for the same purposes (common random numbers), because
//! a purpose is known by its name and not by the order in which things happen.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// A stream of random numbers. The generator is named, so that its numbers stay the same between versions.
pub(crate) type Stream = Pcg64Mcg;

/// The stream of a purpose (such as `service at db`) in a replication.
pub(crate) fn stream(seed: u64, replication: u64, purpose: &str) -> Stream {
    let mut state = mixed(seed ^ mixed(replication.wrapping_add(0x5851_f42d_4c95_7f2d)));
    for byte in purpose.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let (high, low) = (mixed(state), mixed(state ^ 0x9e37_79b9_7f4a_7c15));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_le_bytes());
    bytes[8..].copy_from_slice(&low.to_le_bytes());
    Pcg64Mcg::from_seed(bytes)
}

/// A number whose bits all depend on all bits of `x` (the finaliser of SplitMix64: Steele, Lea and Flood,
/// Fast splittable pseudorandom number generators, 2014).
const fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::stream;

    #[test]
    fn streams_differ_by_seed_replication_and_purpose_and_repeat() {
        let first = |seed, replication, purpose| stream(seed, replication, purpose).next_u64();
        let all = [first(1, 0, "a"), first(2, 0, "a"), first(1, 1, "a"), first(1, 0, "b"), first(1, 0, "ab")];
        for (i, x) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|y| x != y), "{all:?}");
        }
        assert_eq!(first(1, 0, "a"), first(1, 0, "a"));
    }
}
