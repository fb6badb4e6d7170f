//! A record as one line of JSON, and back.

use crate::Record;

/// Longest line that is read back.
pub const LINE_BYTES_MAX: usize = 256 * 1024;

/// Why a line gives no record. Never holds a part of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// Longer than any record.
    #[error("the line is longer than 256 KiB")]
    Long,
    /// Not JSON, or JSON that is no record.
    #[error("no audit record stands at column {column}")]
    Shape {
        /// Where reading ended.
        column: usize,
    },
}

/// Appends the record's line, with its line end, to a buffer that the caller keeps.
pub fn encode(record: &Record, line: &mut Vec<u8>) {
    let start = line.len();
    // Every member has a JSON form and a buffer takes every byte; half a line must not stay all the same.
    if serde_json::to_writer(&mut *line, record).is_err() {
        line.truncate(start);
        return;
    }
    line.push(b'\n');
}

/// The record of a line, with or without its line end.
///
/// # Errors
/// [`NotARecord`] says where reading ended.
pub fn decode(line: &[u8]) -> Result<Record, NotARecord> {
    if line.len() > LINE_BYTES_MAX {
        return Err(NotARecord::Long);
    }
    serde_json::from_slice(line).map_err(|why| NotARecord::Shape {
        column: why.column(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorAnswer, Excerpt, Finding, Hop, Parameters, Span, Text};
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn record() -> Record {
        let id = names::RequestId::from_random([7; 16]);
        Record::new(id, jiff::Timestamp::UNIX_EPOCH, Ipv4Addr::LOCALHOST.into())
    }

    fn line(record: &Record) -> String {
        let mut line = Vec::new();
        encode(record, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn a_line_has_cloudtrails_members() {
        let value: serde_json::Value = serde_json::from_str(&line(&record())).unwrap();
        for member in [
            "eventVersion",
            "eventTime",
            "sourceIPAddress",
            "requestID",
            "userIdentity",
        ] {
            assert!(value.get(member).is_some(), "{member}");
        }
        assert_eq!(value["eventTime"], "1970-01-01T00:00:00Z");
        assert_eq!(value["userIdentity"]["type"], "Unknown");
        assert!(value.get("errorCode").is_none());
        let mut refused = record();
        refused.error = Some(ErrorAnswer {
            code: Text::fixed("AccessDenied"),
            message: Text::fixed("no"),
        });
        let value: serde_json::Value = serde_json::from_str(&line(&refused)).unwrap();
        assert_eq!(
            (&value["errorCode"], &value["errorMessage"]),
            (&"AccessDenied".into(), &"no".into())
        );
    }

    #[test]
    fn strangers_lines_are_refused() {
        for text in ["", "{}", "null", "[", "{\"eventVersion\":1}"] {
            assert!(decode(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(
            decode(&vec![b' '; LINE_BYTES_MAX + 1]),
            Err(NotARecord::Long)
        );
        assert!(decode("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn no_token_reaches_a_line() {
        let jwt = format!(
            "eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl",
            "eyJpc3MiOiJ4In0".repeat(9)
        );
        let mut record = record();
        record.user_agent = Some(jwt.as_str().into());
        record.request_parameters = Parameters::new([("WebIdentityToken", jwt.as_str())]);
        let detail =
            serde_json::json!({ "text": jwt, "sessionToken": "short", "password": ["a1b2c3"] });
        let finding = Finding::refused(Hop::Token, jwt.as_str())
            .fact("found", &jwt)
            .detail(&detail);
        record.trail.push(finding);
        let line = line(&record);
        for secret in [jwt.as_str(), "c2lnbmF0dXJl", "\"short\"", "a1b2c3"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(agent: String, name: String, value: String, policy: String) {
            let mut record = record();
            record.user_agent = Some(Text::new(&agent));
            record.request_parameters = Parameters::new([(name.as_str(), value.as_str())]);
            record.error = Some(ErrorAnswer { code: Text::new(&name), message: Text::new(&value) });
            let span = Span { line: 1, column: 1, length: 1 };
            record.trail.push(
                Finding::refused(Hop::Trust, value.as_str())
                    .fact("expected", &value)
                    .excerpt(Excerpt::around(&name, &policy, span, &value))
                    .detail(&serde_json::json!({ "claim": value })),
            );
            let line = line(&record);
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert_eq!(decode(line.as_bytes()).unwrap(), record);
        }

        #[test]
        fn no_bytes_cause_harm(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
