//! A hash that ignores ASCII letter case and can be read at every prefix: FNV-1a.
//!
//! It only narrows a search; what it finds is compared in full, so a collision costs time alone.

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Hashes a text as if it were in small letters.
pub(crate) fn folded(text: &str) -> u64 {
    Hash::new().text(text).finish()
}

/// A hash under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(OFFSET)
    }

    pub(crate) fn text(self, text: &str) -> Self {
        text.bytes().fold(self, Self::byte)
    }

    pub(crate) fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME))
    }

    /// Sets two parts of a hashed whole apart.
    pub(crate) fn then(self) -> Self {
        self.byte(0)
    }

    pub(crate) fn finish(self) -> u64 {
        // FNV's low bits mix best; the table below uses them.
        self.0 ^ (self.0 >> 32)
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
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
