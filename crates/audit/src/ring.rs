//! The newest records, in a bounded part of the memory.

use crate::{Record, decode};
use names::{AuthorizationId, RequestId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of the lines that a ring keeps by default.
pub const RING_BYTES_MAX: usize = 1024 * 1024;

/// Keeps the newest lines; refused requests have a half of their own, so that a flood of allowed
/// ones does not wash away the one that a person asks about.
#[derive(Debug)]
pub struct Ring {
    next: u64,
    allowed: Lines,
    refused: Lines,
}

impl Ring {
    /// A ring for lines of so many bytes altogether.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        let lines = || Lines {
            kept: VecDeque::new(),
            bytes: 0,
            bytes_max: bytes_max / 2,
        };
        Self {
            next: 0,
            allowed: lines(),
            refused: lines(),
        }
    }

    /// Keeps the line of a record, which may be on its way to a file as well.
    pub fn push(&mut self, record: &Record, line: Arc<[u8]>) {
        let lines = if record.is_refused() {
            &mut self.refused
        } else {
            &mut self.allowed
        };
        lines.push(Kept {
            number: self.next,
            id: record.request_id.clone(),
            authorization_id: record.authorization_id.clone(),
            line,
        });
        self.next += 1;
    }

    /// The record of a request.
    #[must_use]
    pub fn find(&self, id: &RequestId) -> Option<Record> {
        let newest_first = self
            .refused
            .kept
            .iter()
            .rev()
            .chain(self.allowed.kept.iter().rev());
        newest_first
            .filter(|kept| kept.id == *id)
            .find_map(Kept::record)
    }

    /// The record of a request that policies denied.
    #[must_use]
    pub fn find_denial(&self, id: &AuthorizationId) -> Option<Record> {
        let newest_first = self.refused.kept.iter().rev();
        newest_first
            .filter(|kept| kept.authorization_id.as_ref() == Some(id))
            .find_map(Kept::record)
    }

    /// What `rolecall why` shows when it is not told which: the newest refusal, else the newest;
    /// what asked for a record is passed over.
    #[must_use]
    pub fn latest(&self) -> Option<Record> {
        let newest = |lines: &Lines| {
            let mut records = lines.kept.iter().rev().filter_map(Kept::record);
            records.find(|record| !record.asks_why())
        };
        newest(&self.refused).or_else(|| newest(&self.allowed))
    }

    /// The newest records, oldest first, at most so many.
    #[must_use]
    pub fn newest(&self, count_max: usize) -> Vec<Record> {
        let mut kept: Vec<_> = self.refused.kept.iter().chain(&self.allowed.kept).collect();
        kept.sort_unstable_by_key(|kept| kept.number);
        let surplus = kept.len().saturating_sub(count_max);
        kept[surplus..]
            .iter()
            .filter_map(|kept| kept.record())
            .collect()
    }

    /// How many records are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.refused.kept.len() + self.allowed.kept.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new(RING_BYTES_MAX)
    }
}

#[derive(Debug)]
struct Lines {
    kept: VecDeque<Kept>,
    bytes: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    id: RequestId,
    authorization_id: Option<AuthorizationId>,
    line: Arc<[u8]>,
}

impl Lines {
    fn push(&mut self, kept: Kept) {
        self.bytes += kept.cost();
        self.kept.push_back(kept);
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.cost();
        }
    }
}

impl Kept {
    /// The line, the id, and what the allocator adds.
    fn cost(&self) -> usize {
        self.line.len() + size_of::<Self>() + 64
    }

    fn record(&self) -> Option<Record> {
        decode(&self.line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorAnswer, Text, encode};
    use std::net::Ipv4Addr;

    fn push(ring: &mut Ring, number: u16, code: Option<&'static str>) -> RequestId {
        let [high, low] = number.to_be_bytes();
        let mut random = [0; 16];
        (random[0], random[1]) = (high, low);
        let id = RequestId::from_random(random);
        let mut record = Record::new(
            id.clone(),
            jiff::Timestamp::UNIX_EPOCH,
            Ipv4Addr::LOCALHOST.into(),
        );
        let error = |code| ErrorAnswer {
            code: Text::fixed(code),
            message: Text::fixed(""),
        };
        record.error = code.map(error);
        let mut line = Vec::new();
        encode(&record, &mut line);
        ring.push(&record, line.into());
        id
    }

    #[test]
    fn a_request_is_found_by_its_id() {
        let mut ring = Ring::default();
        let wanted = push(&mut ring, 1, None);
        push(&mut ring, 2, None);
        assert_eq!(ring.find(&wanted).unwrap().request_id, wanted);
        assert!(ring.find(&RequestId::from_random([9; 16])).is_none());
    }

    #[test]
    fn a_denial_is_found_by_its_authorization_id() {
        let id = AuthorizationId::from_random([3; 16]);
        let mut ring = Ring::default();
        let mut record = Record::new(
            RequestId::from_random([1; 16]),
            jiff::Timestamp::UNIX_EPOCH,
            Ipv4Addr::LOCALHOST.into(),
        );
        record.authorization_id = Some(id.clone());
        record.error = Some(ErrorAnswer {
            code: Text::fixed("AccessDenied"),
            message: Text::fixed(""),
        });
        let mut line = Vec::new();
        encode(&record, &mut line);
        ring.push(&record, line.into());
        assert_eq!(ring.find_denial(&id), Some(record));
        let other = AuthorizationId::from_random([4; 16]);
        assert_eq!(ring.find_denial(&other), None);
    }

    #[test]
    fn who_asks_why_is_not_shown_its_own_question() {
        let mut ring = Ring::default();
        let wanted = push(&mut ring, 1, None);
        for code in [None, Some("NoSuchRequest")] {
            let mut record = ring.find(&wanted).unwrap();
            record.request_id = RequestId::from_random([8; 16]);
            record.event_type = crate::EventKind::RolecallApiCall;
            record.event_name = Text::fixed("ExplainRequest");
            record.error = code.map(|code| ErrorAnswer {
                code: Text::fixed(code),
                message: Text::fixed(""),
            });
            let mut line = Vec::new();
            encode(&record, &mut line);
            ring.push(&record, line.into());
        }
        assert_eq!(ring.latest().unwrap().request_id, wanted);
    }

    #[test]
    fn a_flood_of_allowed_requests_leaves_the_refused_one() {
        let mut ring = Ring::new(64 * 1024);
        let refused = push(&mut ring, 0, Some("AccessDenied"));
        let allowed = push(&mut ring, 1, None);
        for number in 2..1_000 {
            push(&mut ring, number, None);
        }
        assert!(ring.find(&refused).is_some());
        assert!(ring.find(&allowed).is_none());
        assert_eq!(ring.latest().unwrap().request_id, refused);
        assert!(ring.allowed.bytes <= 32 * 1024 && ring.len() > 20);
        let newest = ring.newest(2);
        assert_eq!((newest.len(), newest[1].error.is_none()), (2, true));
    }
}
