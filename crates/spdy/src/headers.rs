//! The headers of a stream, and the dictionary with which they are compressed.

use bytes::{Buf, BufMut};

/// The words that the compression of headers begins with: a constant of the protocol.
pub(crate) const DICTIONARY: &[u8] = include_bytes!("dictionary.bin");

/// Longest header block, once it is inflated.
pub const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// Names, in lower case, and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Reads an inflated block; `None` when it is none.
    pub(crate) fn read(mut block: &[u8]) -> Option<Self> {
        let text = |block: &mut &[u8]| {
            let length = usize::try_from(block.try_get_u32().ok()?).ok()?;
            let (text, rest) = block.split_at_checked(length)?;
            *block = rest;
            String::from_utf8(text.to_vec()).ok()
        };
        let count = block.try_get_u32().ok()?;
        let mut headers = Vec::new();
        for _ in 0..count {
            let name = text(&mut block)?.to_ascii_lowercase();
            headers.push((name, text(&mut block)?));
        }
        block.is_empty().then_some(Self(headers))
    }

    /// The block, not yet deflated.
    pub(crate) fn block(&self) -> Vec<u8> {
        let length = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
        let mut block = Vec::new();
        block.put_u32(length(self.0.len()));
        for text in self.0.iter().flat_map(|(name, value)| [name, value]) {
            block.put_u32(length(text.len()));
            block.put_slice(text.as_bytes());
        }
        block
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let lower = |name: N| name.into().to_ascii_lowercase();
        let pairs = pairs.into_iter();
        Self(
            pairs
                .map(|(name, value)| (lower(name), value.into()))
                .collect(),
        )
    }
}
