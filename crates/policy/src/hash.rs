//! A hash that ignores ASCII letter case, read eight bytes at a time.
//!
//! It only narrows a search; what it finds is compared in full, so a collision costs time alone.

/// Sets the bit that tells small letters from capitals, in each byte.
const SMALL: u64 = 0x2020_2020_2020_2020;
/// The golden ratio, odd.
const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes a text as if it were in small letters.
pub(crate) fn folded(text: &str) -> u64 {
    Hash::new().bytes(text.as_bytes()).finish()
}

/// A hash under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(MIXER)
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words
            .iter()
            .fold(self, |hash, word| hash.word(u64::from_le_bytes(*word)));
        if rest.is_empty() {
            return hash;
        }
        let last = rest
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash.word(last)
    }

    /// The hash of two things together.
    pub(crate) fn with(self, other: Self) -> Self {
        self.word(other.0)
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }

    fn word(self, word: u64) -> Self {
        let mixed = (self.0 ^ (word | SMALL)).wrapping_mul(MIXER);
        Self(mixed ^ (mixed >> 32))
    }
}

/// A map by hashes that are mixed already.
pub(crate) type HashedMap<V> =
    std::collections::HashMap<u64, V, std::hash::BuildHasherDefault<AsIs>>;

/// Takes a hash as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = Hash(self.0).bytes(bytes).finish();
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
