//! A record as one line of JSON, and back.

use crate::{Finding, Record, UserIdentity};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;

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
///
/// It is the line that [`Serialize`] gives, which a test holds; every request writes one, and by hand
/// it costs a third.
pub fn encode(record: &Record, line: &mut Vec<u8>) {
    let mut line = Line(line);
    line.text("{\"eventVersion\":", record.event_version.as_str());
    line.user_identity(&record.user_identity);
    line.time(",\"eventTime\":", record.event_time);
    line.text(",\"eventSource\":", record.event_source.as_str());
    line.text(",\"eventName\":", record.event_name.as_str());
    line.some_text(",\"awsRegion\":", record.aws_region.as_ref());
    line.json(",\"sourceIPAddress\":", &record.source_ip_address);
    line.some_text(",\"userAgent\":", record.user_agent.as_ref());
    if let Some(error) = &record.error {
        line.text(",\"errorCode\":", error.code.as_str());
        line.text(",\"errorMessage\":", error.message.as_str());
    }
    line.put(",\"requestParameters\":{");
    for (index, (name, value)) in record.request_parameters.iter().enumerate() {
        line.text(if index == 0 { "" } else { "," }, name);
        line.text(":", value);
    }
    line.text("},\"requestID\":", record.request_id.as_str());
    line.some_text(",\"authorizationID\":", record.authorization_id.as_ref());
    line.json(",\"readOnly\":", &record.read_only);
    line.json(",\"eventType\":", &record.event_type);
    line.some_text(
        ",\"recipientAccountId\":",
        record.recipient_account_id.as_ref(),
    );
    line.json(",\"status\":", &record.status);
    line.json(",\"durationMicros\":", &record.duration_micros);
    line.put(",\"trail\":{\"findings\":[");
    for (index, finding) in record.trail.findings.iter().enumerate() {
        line.finding(if index == 0 { "{" } else { ",{" }, finding);
    }
    line.put("]}}\n");
}

/// A line that is being written. Each method writes the words before a value, then the value.
struct Line<'a>(&'a mut Vec<u8>);

impl Line<'_> {
    fn user_identity(&mut self, identity: &UserIdentity) {
        self.json(",\"userIdentity\":{\"type\":", &identity.kind);
        self.some_text(",\"principalId\":", identity.principal_id.as_ref());
        self.some_text(",\"arn\":", identity.arn.as_ref());
        self.some_text(",\"accountId\":", identity.account_id.as_ref());
        self.some_text(",\"accessKeyId\":", identity.access_key_id.as_ref());
        self.some_text(",\"userName\":", identity.user_name.as_ref());
        self.some_text(
            ",\"identityProvider\":",
            identity.identity_provider.as_ref(),
        );
        self.put("}");
    }

    fn finding(&mut self, before: &'static str, finding: &Finding) {
        self.put(before);
        self.json("\"hop\":", &finding.hop);
        self.json(",\"verdict\":", &finding.verdict);
        self.text(",\"summary\":", finding.summary.as_str());
        if !finding.facts.is_empty() {
            self.json(",\"facts\":", &finding.facts);
        }
        if let Some(excerpt) = &finding.excerpt {
            self.json(",\"excerpt\":", excerpt);
        }
        self.some_text(",\"change\":", finding.change.as_ref());
        if let Some(detail) = &finding.detail {
            self.json(",\"detail\":", detail);
        }
        self.put("}");
    }

    fn some_text(&mut self, before: &'static str, text: Option<&impl AsRef<str>>) {
        if let Some(text) = text {
            self.text(before, text.as_ref());
        }
    }

    fn text(&mut self, before: &'static str, text: &str) {
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        // All bytes are looked at, for then the processor looks at many at once.
        let bytes = text.bytes();
        if !bytes.fold(true, |so_far, byte| so_far & is_plain(byte)) {
            return self.json(before, text);
        }
        self.0.reserve(before.len() + text.len() + 2);
        self.put(before);
        self.put("\"");
        self.put(text);
        self.put("\"");
    }

    fn time(&mut self, before: &'static str, time: Timestamp) {
        self.put(before);
        self.put("\"");
        // A buffer takes every byte.
        let _ = DateTimePrinter::new().print_timestamp(&time, &mut *self.0);
        self.put("\"");
    }

    fn json<T: Serialize + ?Sized>(&mut self, before: &'static str, value: &T) {
        self.put(before);
        let start = self.0.len();
        // Every value of a record has a JSON form; half of one must not stay all the same.
        if serde_json::to_writer(&mut *self.0, value).is_err() {
            self.0.truncate(start);
            self.put("null");
        }
    }

    fn put(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }
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
    use crate::{ErrorAnswer, Excerpt, Hop, Parameters, Span, Text};
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn record() -> Record {
        let id = names::RequestId::from_random([7; 16]);
        Record::new(id, Timestamp::UNIX_EPOCH, Ipv4Addr::LOCALHOST.into())
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
        fn a_line_is_what_serde_writes(text: String, some: bool, number: u64) {
            let mut record = record();
            let text = Text::new(&text);
            let identity = &mut record.user_identity;
            for member in [&mut identity.principal_id, &mut identity.arn, &mut identity.user_name, &mut identity.identity_provider, &mut record.user_agent] {
                *member = some.then(|| text.clone());
            }
            identity.account_id = "111111111111".parse().ok().filter(|_| some);
            identity.access_key_id = "AKIAIOSFODNN7EXAMPLE".parse().ok().filter(|_| some);
            record.aws_region = "us-west-2".parse().ok().filter(|_| some);
            record.recipient_account_id = "222222222222".parse().ok().filter(|_| some);
            record.authorization_id = some.then(|| names::AuthorizationId::from_random([1; 16]));
            record.error = some.then(|| ErrorAnswer { code: text.clone(), message: text.clone() });
            record.request_parameters = Parameters::new([("a", text.as_str()), (text.as_str(), "b")]);
            (record.event_source, record.duration_micros) = (text.clone(), number);
            let mut finding = Finding::noted(Hop::ServiceControl, text.clone());
            finding.change = some.then(|| text.clone());
            record.trail.push(finding);
            let span = Span { line: 1, column: 1, length: 1 };
            let finding = Finding::passed(Hop::Trust, "s").fact("found", text.as_str());
            let finding = finding.excerpt(Excerpt::around("a", text.as_str(), span, "b"));
            record.trail.push(finding.detail(&number));
            let wanted = serde_json::to_string(&record).unwrap() + "\n";
            prop_assert_eq!(line(&record), wanted);
        }

        #[test]
        fn no_bytes_cause_harm(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
