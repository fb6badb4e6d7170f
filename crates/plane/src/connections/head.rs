//! Looks at requests' heads for what two readers could take for two different requests.
//!
//! The HTTP library takes a lone line feed for a line end, and lets `Transfer-Encoding` win over
//! `Content-Length`; a proxy before the plane may do neither (RFC 9112 sections 2.2 and 6.3). A body
//! whose length the head tells is passed over, so that the head of a request that follows without
//! waiting is looked at as well; after any other body the connection has to end.

#[cfg(test)]
mod holds;

use std::collections::VecDeque;

/// The longest line of which more than its end is looked at: `Content-Length` and any number.
const LINE_BYTES_MAX: usize = 64;
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

/// A head that is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeenHead {
    /// What is wrong with it.
    pub(super) fault: Option<HeadFault>,
    /// Whether nobody can tell from it where the next request begins.
    pub(super) is_last: bool,
}

/// Reads the requests of a connection as they come, in parts of any size.
#[derive(Debug, Default)]
pub(super) struct HeadScan {
    place: Place,
    line: Line,
    head: Head,
    complete: VecDeque<SeenHead>,
}

/// Where in a request the next byte stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Head,
    /// In a body, of which so many bytes are to come.
    Body(u64),
    /// After a head that does not tell.
    Beyond,
}

/// What is known of the head that is being read.
#[derive(Debug, Default)]
struct Head {
    has_request_line: bool,
    has_content_length: bool,
    has_transfer_encoding: bool,
    has_bare_line_feed: bool,
    body: Framing,
}

/// How long the body is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Framing {
    #[default]
    None,
    Length(u64),
    Unclear,
}

/// How the line that is being read begins, and the last byte of it.
#[derive(Debug)]
struct Line {
    begun: [u8; LINE_BYTES_MAX],
    length: usize,
    last: u8,
}

impl HeadScan {
    /// Reads the next part.
    pub(super) fn read(&mut self, mut part: &[u8]) {
        while !part.is_empty() {
            match self.place {
                Place::Beyond => return,
                Place::Body(left) => {
                    let here =
                        usize::try_from(left).map_or(part.len(), |left| left.min(part.len()));
                    part = &part[here..];
                    self.place = match left - here as u64 {
                        0 => Place::Head,
                        left => Place::Body(left),
                    };
                }
                Place::Head => part = self.read_line(part),
            }
        }
    }

    /// The next head that is complete.
    pub(super) fn take(&mut self) -> Option<SeenHead> {
        self.complete.pop_front()
    }

    /// Whether a request has begun whose end has not come.
    pub(super) fn is_within(&self) -> bool {
        self.place != Place::Head || self.is_within_head()
    }

    /// Whether a head has begun whose end has not come.
    pub(super) fn is_within_head(&self) -> bool {
        self.place == Place::Head && (self.head.has_request_line || self.line.length > 0)
    }

    /// Reads to the end of the line, if it is there; what comes after it is left.
    fn read_line<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let Some(at) = memchr::memchr(b'\n', part) else {
            self.line.add(part);
            return &[];
        };
        self.line.add(&part[..at]);
        let is_over = self.head.end_line(&self.line);
        self.line = Line::default();
        if is_over {
            self.end_head();
        }
        &part[at + 1..]
    }

    fn end_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        let fault = head.fault();
        let is_last = fault.is_some() || head.body == Framing::Unclear;
        self.complete.push_back(SeenHead { fault, is_last });
        self.place = match head.body {
            Framing::Length(length) if !is_last && length > 0 => Place::Body(length),
            Framing::None | Framing::Length(_) if !is_last => Place::Head,
            Framing::None | Framing::Length(_) | Framing::Unclear => Place::Beyond,
        };
    }
}

impl Head {
    /// Takes in a line without its line feed; says whether it was the last.
    fn end_line(&mut self, line: &Line) -> bool {
        let begun = line.begun();
        if begun.starts_with(CONTENT_LENGTH) {
            self.body = match (self.body, line.number_after(CONTENT_LENGTH)) {
                (Framing::None, Some(length)) => Framing::Length(length),
                _ => Framing::Unclear,
            };
            self.has_content_length = true;
        } else if begun.starts_with(TRANSFER_ENCODING) {
            self.body = Framing::Unclear;
            self.has_transfer_encoding = true;
        }
        self.has_bare_line_feed |= !line.ends_in_return();
        // Empty lines before the request line are passed over (RFC 9112 section 2.2).
        let is_over = line.is_empty() && self.has_request_line;
        self.has_request_line |= !line.is_empty();
        is_over
    }

    fn fault(&self) -> Option<HeadFault> {
        if self.has_bare_line_feed {
            return Some(HeadFault::BareLineFeed);
        }
        let has_both = self.has_content_length && self.has_transfer_encoding;
        has_both.then_some(HeadFault::TwoLengths)
    }
}

impl Line {
    fn add(&mut self, part: &[u8]) {
        let at = self.length.min(LINE_BYTES_MAX);
        for (to, from) in self.begun[at..].iter_mut().zip(part) {
            *to = from.to_ascii_lowercase();
        }
        self.length += part.len();
        self.last = part.last().copied().unwrap_or(self.last);
    }

    fn begun(&self) -> &[u8] {
        &self.begun[..self.length.min(LINE_BYTES_MAX)]
    }

    fn ends_in_return(&self) -> bool {
        self.length > 0 && self.last == b'\r'
    }

    fn is_empty(&self) -> bool {
        self.length == usize::from(self.ends_in_return())
    }

    /// The number that follows a name; `None` for anything but digits, or a line that is too long.
    fn number_after(&self, name: &[u8]) -> Option<u64> {
        let whole = self.begun().get(name.len()..self.length)?;
        let value = whole.trim_ascii();
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let digits = std::str::from_utf8(value).ok().filter(|_| is_number)?;
        digits.parse().ok()
    }
}

impl Default for Line {
    fn default() -> Self {
        Self {
            begun: [0; LINE_BYTES_MAX],
            length: 0,
            last: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heads(bytes: &[u8], part: usize) -> Vec<SeenHead> {
        let mut scan = HeadScan::default();
        bytes.chunks(part).for_each(|part| scan.read(part));
        std::iter::from_fn(|| scan.take()).collect()
    }

    /// The faults of the heads, and whether the last of them tells where the next request begins.
    fn check(requests: &str, faults: &[Option<HeadFault>], is_last: bool) {
        for part in [1, 2, 7, 4_096] {
            let heads = heads(requests.as_bytes(), part);
            let found: Vec<_> = heads.iter().map(|head| head.fault).collect();
            assert_eq!(found, faults, "{requests:?} in parts of {part}");
            let ends = heads.last().is_some_and(|head| head.is_last);
            assert_eq!(ends, is_last, "{requests:?} in parts of {part}");
        }
    }

    const TWO: Option<HeadFault> = Some(HeadFault::TwoLengths);
    const BARE: Option<HeadFault> = Some(HeadFault::BareLineFeed);

    #[test]
    fn two_lengths_are_seen_in_any_order_and_case() {
        let first = "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(first, &[TWO], true);
        let first =
            "POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\nA: b\r\nCONTENT-LENGTH:1\r\n\r\n";
        check(first, &[TWO], true);
    }

    #[test]
    fn a_lone_line_feed_is_seen_wherever_it_stands() {
        check("GET / HTTP/1.1\nHost: a\r\n\r\n", &[BARE], true);
        check("GET / HTTP/1.1\r\nHost: a\n\r\n", &[BARE], true);
        check("GET / HTTP/1.1\r\nHost: a\r\n\n", &[BARE], true);
    }

    #[test]
    fn a_request_behind_another_is_looked_at_as_the_first() {
        let two = "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(&format!("GET / HTTP/1.1\r\n\r\n{two}"), &[None, TWO], true);
        let first =
            "POST / HTTP/1.1\r\nContent-Length: 9\r\nX: Transfer-Encoding:\r\n\r\na\r\n\r\nb\n\n";
        check(&format!("\r\n{first}x"), &[None], false);
        check(&format!("{first}\n\n{two}"), &[None, BARE], true);
        check(&format!("{first}c{two}"), &[None, TWO], true);
        check(&format!("{first}c{first}"), &[None, None], false);
    }

    #[test]
    fn a_body_of_unclear_length_is_the_connections_last() {
        let row = |header: &str| {
            let head = format!("POST / HTTP/1.1\r\n{header}\r\n\r\n");
            check(&format!("{head}GET / HTTP/1.1\r\n\r\n"), &[None], true);
        };
        row("Transfer-Encoding: chunked");
        row("Content-Length: 1\r\nContent-Length: 1");
        row("Content-Length: 1, 1");
        row("Content-Length: -1");
        row("Content-Length:");
        row("Content-Length: 99999999999999999999");
        row(&format!("Content-Length: {}1", " ".repeat(LINE_BYTES_MAX)));
    }

    proptest! {
        #[test]
        fn parts_do_not_matter_and_a_plain_reading_agrees(bytes in "(GET / HTTP/1.1\r\n)?[\r\n: 0-2a-z-]{0,20}((content-length: [0-3]|transfer-encoding: x|a: b)\r\n){0,3}(\r\n)?[\r\n: a-z-]{0,40}", part in 1..50usize) {
            holds::holds(bytes.as_bytes(), part);
        }
    }
}
