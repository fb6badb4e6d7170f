//! A record as a person reads it: what was asked, hop by hop, and what to change.

use crate::{Excerpt, Finding, Record, Text, Verdict};
use std::fmt::Write;

/// Tells what happened to a request, in plain text.
#[must_use]
pub fn render(record: &Record) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = head(record, &mut out)
        .and_then(|()| hops(record, &mut out))
        .and_then(|()| end(record, &mut out));
    out
}

fn head(record: &Record, out: &mut String) -> std::fmt::Result {
    let Record {
        event_name,
        event_source,
        ..
    } = record;
    match &record.error {
        Some(error) => {
            writeln!(
                out,
                "{event_name} at {event_source} was refused: {} ({})",
                error.code, record.status
            )?;
        }
        None => writeln!(
            out,
            "{event_name} at {event_source} was answered ({})",
            record.status
        )?,
    }
    let time = record.event_time;
    writeln!(
        out,
        "  request   {}, {time}, from {}",
        record.request_id, record.source_ip_address
    )?;
    if let Some(id) = &record.authorization_id {
        writeln!(out, "  denial    {id}")?;
    }
    writeln!(out, "  caller    {}", caller(record))?;
    for (name, value) in record.request_parameters.iter() {
        writeln!(out, "  asked     {name} = {}", on_one_line(value))?;
    }
    Ok(())
}

fn hops(record: &Record, out: &mut String) -> std::fmt::Result {
    writeln!(out)?;
    for (at, finding) in record.trail.findings.iter().enumerate() {
        hop(at + 1, finding, out)?;
    }
    Ok(())
}

fn hop(number: usize, finding: &Finding, out: &mut String) -> std::fmt::Result {
    let verdict = match finding.verdict {
        Verdict::Passed => "ok",
        Verdict::Refused => "REFUSED",
        Verdict::Noted => "note",
    };
    let summary = on_one_line(finding.summary.as_str());
    writeln!(
        out,
        "{number:>3}. {verdict:<8}{:<16}{summary}",
        finding.hop.as_str()
    )?;
    for fact in &finding.facts {
        writeln!(
            out,
            "{:13}{:<16}{}",
            "",
            fact.name.as_str(),
            on_one_line(fact.value.as_str())
        )?;
    }
    finding
        .excerpt
        .as_ref()
        .map_or(Ok(()), |excerpt| lines(excerpt, out))
}

/// The policy's lines with their numbers, and carets under the place.
fn lines(excerpt: &Excerpt, out: &mut String) -> std::fmt::Result {
    let span = excerpt.span;
    writeln!(
        out,
        "       --> {}:{}:{}",
        excerpt.policy, span.line, span.column
    )?;
    writeln!(out, "        |")?;
    // A record that was read back may say anything of its place.
    let numbers = (0..).map(|at| excerpt.first_line.saturating_add(at));
    for (number, line) in numbers.zip(&excerpt.lines) {
        writeln!(out, "  {number:>5} | {}", on_one_line(line.as_str()))?;
        if number == span.line {
            let (before, count) = carets(excerpt);
            let (before, carets) = (" ".repeat(before), "^".repeat(count));
            writeln!(
                out,
                "        | {before}{carets} {}",
                on_one_line(excerpt.label.as_str())
            )?;
        }
    }
    writeln!(out, "        |")
}

/// Where the carets begin and how many they are, both within the line.
fn carets(excerpt: &Excerpt) -> (usize, usize) {
    let line = excerpt.line().chars().count();
    let before = (excerpt.span.column.saturating_sub(1) as usize).min(line);
    let count = (excerpt.span.length as usize).min(line - before).max(1);
    (before, count)
}

fn end(record: &Record, out: &mut String) -> std::fmt::Result {
    if let Some(error) = &record.error {
        writeln!(out, "\n  answer    {}", on_one_line(error.message.as_str()))?;
    }
    match record
        .trail
        .refusal()
        .and_then(|finding| finding.change.as_ref())
    {
        Some(change) => writeln!(out, "  change    {change}"),
        None => Ok(()),
    }
}

fn caller(record: &Record) -> String {
    let identity = &record.user_identity;
    let name = identity
        .arn
        .as_ref()
        .or(identity.user_name.as_ref())
        .map(Text::as_str);
    match (name, &identity.access_key_id) {
        (Some(name), Some(key)) => format!("{name}, with {key}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(key)) => format!("not proved; {key} was presented"),
        (None, None) => "nobody was proved".to_owned(),
    }
}

/// Control characters of strangers do not reach a terminal.
fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorAnswer, Hop, Parameters, Span};
    use std::net::Ipv4Addr;

    const TRUST: &str = r#"{
  "Statement": [{
    "Effect": "Allow",
    "Condition": { "StringEquals": { "host:sub": "system:serviceaccount:ci:other" } }
  }]
}"#;

    fn refused() -> Record {
        let id = names::RequestId::from_random([0; 16]);
        let mut record = Record::new(id, jiff::Timestamp::UNIX_EPOCH, Ipv4Addr::LOCALHOST.into());
        record.event_name = Text::fixed("AssumeRoleWithWebIdentity");
        record.event_source = Text::fixed("sts.amazonaws.com");
        record.status = 403;
        record.request_parameters =
            Parameters::new([("RoleArn", "arn:aws:iam::111111111111:role/ci")]);
        record.error = Some(ErrorAnswer {
            code: Text::fixed("AccessDenied"),
            message: Text::fixed("Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        });
        record
            .trail
            .push(Finding::passed(Hop::Token, "signed by the cluster `ci`"));
        let span = Span {
            line: 4,
            column: 38,
            length: 42,
        };
        record.trail.push(
            Finding::refused(Hop::Trust, "no statement allows it")
                .fact("found", "system:serviceaccount:ci:ci")
                .excerpt(Excerpt::around(
                    "trust policy of role/ci",
                    TRUST,
                    span,
                    "does not match",
                ))
                .change("let `host:sub` be `system:serviceaccount:ci:ci`"),
        );
        record
    }

    #[test]
    fn a_refusal_is_told_hop_by_hop_with_its_line_and_its_change() {
        let told = render(&refused());
        let expected = r#"AssumeRoleWithWebIdentity at sts.amazonaws.com was refused: AccessDenied (403)
  request   00000000-0000-4000-8000-000000000000, 1970-01-01T00:00:00Z, from 127.0.0.1
  caller    nobody was proved
  asked     RoleArn = arn:aws:iam::111111111111:role/ci

  1. ok      token           signed by the cluster `ci`
  2. REFUSED trust policy    no statement allows it
             found           system:serviceaccount:ci:ci
       --> trust policy of role/ci:4:38
        |
      2 |   "Statement": [{
      3 |     "Effect": "Allow",
      4 |     "Condition": { "StringEquals": { "host:sub": "system:serviceaccount:ci:other" } }
        |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ does not match
      5 |   }]
      6 | }
        |

  answer    Not authorized to perform sts:AssumeRoleWithWebIdentity
  change    let `host:sub` be `system:serviceaccount:ci:ci`
"#;
        assert_eq!(told, expected, "\n{told}");
    }

    #[test]
    fn a_place_out_of_its_excerpt_is_told_all_the_same() {
        for number in [0, u32::MAX] {
            let mut record = refused();
            let finding = record.trail.findings.last_mut().unwrap();
            let excerpt = finding.excerpt.as_mut().unwrap();
            excerpt.first_line = number;
            excerpt.span = Span {
                line: number,
                column: number,
                length: number,
            };
            assert!(render(&record).len() < 4_096);
        }
    }

    #[test]
    fn a_strangers_escape_sequence_does_not_reach_the_terminal() {
        let mut record = refused();
        record.trail.push(Finding::noted(Hop::Route, "\u{1b}[2J"));
        assert!(!render(&record).contains('\u{1b}'));
    }
}
