//! What holds for all bytes: parts of any size are read alike, and as a plain reading of the whole.

use super::{HeadFault, HeadScan, SeenHead};

/// Reads the bytes in parts and at once, and compares.
pub(super) fn holds(bytes: &[u8], part: usize) {
    let mut scan = HeadScan::default();
    bytes.chunks(part.max(1)).for_each(|part| scan.read(part));
    let heads: Vec<_> = std::iter::from_fn(|| scan.take()).collect();
    assert_eq!(heads, plain(bytes), "{:?}", String::from_utf8_lossy(bytes));
}

/// Every head, read from all the bytes at once.
fn plain(bytes: &[u8]) -> Vec<SeenHead> {
    let mut heads = Vec::new();
    let mut rest = bytes;
    while let Some((head, after)) = head(rest) {
        let named = |name: &str| {
            let lines = head.iter().map(|line| line.to_ascii_lowercase());
            let of =
                lines.filter_map(|line| line.strip_prefix(name.as_bytes()).map(<[u8]>::to_vec));
            of.collect::<Vec<_>>()
        };
        let (lengths, encodings) = (named("content-length:"), named("transfer-encoding:"));
        let fault = if head.iter().any(|line| !line.ends_with(b"\r")) {
            Some(HeadFault::BareLineFeed)
        } else if !lengths.is_empty() && !encodings.is_empty() {
            Some(HeadFault::TwoLengths)
        } else {
            None
        };
        let length = match (&*lengths, &*encodings) {
            ([], []) => Some(0),
            ([length], []) => number(length),
            _ => None,
        };
        let is_last = fault.is_some() || length.is_none();
        heads.push(SeenHead { fault, is_last });
        let body = length
            .filter(|_| !is_last)
            .and_then(|length| usize::try_from(length).ok());
        match body.and_then(|length| after.get(length..)) {
            Some(next) => rest = next,
            None => break,
        }
    }
    heads
}

/// The lines of the first head with what stands after it; empty lines before it count for their ends.
fn head(bytes: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let (mut lines, mut rest): (Vec<&[u8]>, _) = (Vec::new(), bytes);
    loop {
        let at = rest.iter().position(|byte| *byte == b'\n')?;
        let line = &rest[..at];
        rest = &rest[at + 1..];
        let is_empty = |line: &[u8]| matches!(line, b"" | b"\r");
        let is_over = is_empty(line) && lines.iter().any(|line| !is_empty(line));
        lines.push(line);
        if is_over {
            return Some((lines, rest));
        }
    }
}

fn number(value: &[u8]) -> Option<u64> {
    let within = value.len() + "content-length:".len() <= 64;
    let text = std::str::from_utf8(value).ok().filter(|_| within)?;
    let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
    text.parse().ok().filter(|_| !text.starts_with('+'))
}
