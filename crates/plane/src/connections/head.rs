//! Looks at a request's head for what two readers could take for two different requests.
//!
//! The HTTP library takes a lone line feed for a line end, and lets `Transfer-Encoding` win over
//! `Content-Length`; a proxy before the plane may do neither (RFC 9112 sections 2.2 and 6.3).

/// The longest header name looked for, with its colon.
const NAME_BYTES_MAX: usize = TRANSFER_ENCODING.len();
const CONTENT_LENGTH: &[u8] = b"content-length:";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding:";

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadFault {
    /// A line ends in a line feed alone.
    BareLineFeed,
    /// The body's length is given twice, in two ways.
    TwoLengths,
}

/// Reads a head as it comes, in parts of any size.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    /// How the line begins.
    begun: [u8; NAME_BYTES_MAX],
    length: usize,
    last: u8,
    has_request_line: bool,
    has_content_length: bool,
    has_transfer_encoding: bool,
    has_bare_line_feed: bool,
    is_over: bool,
}

impl HeadScan {
    /// Reads the next part; what comes after the head is not looked at.
    pub(super) fn read(&mut self, mut part: &[u8]) {
        while !self.is_over
            && let Some(at) = memchr::memchr(b'\n', part)
        {
            self.read_within_line(&part[..at]);
            self.end_line();
            part = &part[at + 1..];
        }
        if !self.is_over {
            self.read_within_line(part);
        }
    }

    /// What is wrong with what was read.
    pub(super) fn fault(&self) -> Option<HeadFault> {
        if self.has_bare_line_feed {
            return Some(HeadFault::BareLineFeed);
        }
        let has_both = self.has_content_length && self.has_transfer_encoding;
        has_both.then_some(HeadFault::TwoLengths)
    }

    fn read_within_line(&mut self, part: &[u8]) {
        let room = NAME_BYTES_MAX.saturating_sub(self.length);
        for (to, from) in self.begun[NAME_BYTES_MAX - room..].iter_mut().zip(part) {
            *to = from.to_ascii_lowercase();
        }
        self.length += part.len();
        self.last = part.last().copied().unwrap_or(self.last);
    }

    fn end_line(&mut self) {
        let begun = &self.begun[..self.length.min(NAME_BYTES_MAX)];
        self.has_content_length |= begun.starts_with(CONTENT_LENGTH);
        self.has_transfer_encoding |= begun.starts_with(TRANSFER_ENCODING);
        let ends_in_return = self.length > 0 && self.last == b'\r';
        self.has_bare_line_feed |= !ends_in_return;
        let is_empty = self.length == usize::from(ends_in_return);
        // Empty lines before the request line are passed over (RFC 9112 section 2.2).
        self.is_over = is_empty && self.has_request_line;
        self.has_request_line |= !is_empty;
        self.length = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scanned(head: &str, part: usize) -> Option<HeadFault> {
        let mut scan = HeadScan::default();
        head.as_bytes()
            .chunks(part)
            .for_each(|part| scan.read(part));
        scan.fault()
    }

    fn check(head: &str, fault: Option<HeadFault>) {
        for part in [1, 2, 7, 4_096] {
            assert_eq!(scanned(head, part), fault, "{head:?} in parts of {part}");
        }
    }

    #[test]
    fn two_lengths_are_seen_in_any_order_and_case() {
        let two = Some(HeadFault::TwoLengths);
        check(
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            two,
        );
        check(
            "POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\nA: b\r\nCONTENT-LENGTH:1\r\n\r\n",
            two,
        );
    }

    #[test]
    fn a_lone_line_feed_is_seen_wherever_it_stands() {
        let bare = Some(HeadFault::BareLineFeed);
        check("GET / HTTP/1.1\nHost: a\r\n\r\n", bare);
        check("GET / HTTP/1.1\r\nHost: a\n\r\n", bare);
        check("GET / HTTP/1.1\r\nHost: a\r\n\n", bare);
    }

    #[test]
    fn an_ordinary_head_and_any_body_pass() {
        check(
            "\r\nPOST / HTTP/1.1\r\nContent-Length: 9\r\nX: Transfer-Encoding:\r\n\r\na\nb",
            None,
        );
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(&format!("{head}Content-Length: 1\r\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_cause_harm_and_parts_do_not_matter(bytes in "[\r\n: a-z-]{0,40}(content-length:|transfer-encoding:)?[\r\n: a-z-]{0,40}", part in 1..50usize) {
            prop_assert_eq!(scanned(&bytes, part), scanned(&bytes, 4_096));
        }
    }
}
