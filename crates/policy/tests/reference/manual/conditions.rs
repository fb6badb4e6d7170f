//! Conditions: first whether the key is there, then the comparison.

use super::list;
use super::matching::{Symbol, expand, glob, plain};
use crate::case::Case;
use serde_json::Value;
use std::cmp::Ordering;
use std::net::IpAddr;

pub(super) fn all_hold(case: &Case, statement: &Value, variables: bool) -> bool {
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            if !holds(case, operator, key, &list(wanted), variables) {
                return false;
            }
        }
    }
    true
}

fn holds(case: &Case, operator: &str, key: &str, wanted: &[String], variables: bool) -> bool {
    let mut found = Vec::new();
    for (name, values) in &case.context {
        if name.eq_ignore_ascii_case(key) {
            found.clone_from(values);
        }
    }
    if operator == "Null" {
        let absent = found.is_empty().to_string();
        return wanted.iter().any(|one| one.to_lowercase() == absent);
    }
    let (set, name) = operator.split_once(':').unwrap_or(("", operator));
    let (base, if_exists) = name
        .strip_suffix("IfExists")
        .map_or((name, false), |base| (base, true));
    let negated = base.contains("Not");
    // To a set operator the empty text is no value.
    if !set.is_empty() && found == [""] {
        found.clear();
    }
    let satisfies = |value: &String| {
        let results: Vec<_> = wanted
            .iter()
            .map(|one| compare(case, base, value, one, variables))
            .collect();
        if negated {
            results.iter().all(|result| *result == Some(false))
        } else {
            results.contains(&Some(true))
        }
    };
    match (set, found.len()) {
        ("ForAllValues", _) => found.iter().all(satisfies),
        ("ForAnyValue", _) => found.iter().any(satisfies),
        (_, 0) => if_exists || negated,
        (_, 1) => satisfies(&found[0]),
        (_, _) => false,
    }
}

/// Whether the positive comparison holds; `None`: one side is not of the operator's kind.
fn compare(case: &Case, base: &str, found: &str, wanted: &str, variables: bool) -> Option<bool> {
    let expanded = expand(case, wanted, variables);
    let base = base.replace("Not", "");
    if let Some(comparison) = base.strip_prefix("Numeric") {
        return Some(stands(comparison, number(found)?.cmp(&number(wanted)?)));
    }
    if let Some(comparison) = base.strip_prefix("Date") {
        return Some(stands(comparison, instant(found)?.cmp(&instant(wanted)?)));
    }
    match &*base {
        "StringEquals" => Some(expanded.is_some_and(|wanted| plain(&wanted) == found)),
        "StringEqualsIgnoreCase" => {
            Some(expanded.is_some_and(|wanted| plain(&wanted).eq_ignore_ascii_case(found)))
        }
        "StringLike" => Some(expanded.is_some_and(|wanted| glob(&wanted, found))),
        "ArnEquals" | "ArnLike" => match expanded {
            None => Some(false),
            Some(wanted) => {
                let (wanted, found) = (arn(&wanted)?, arn(&plain_symbols(found))?);
                Some((0..6).all(|at| glob(&wanted[at], &plain(&found[at]))))
            }
        },
        "IpAddress" => in_network(found, wanted),
        "Bool" => Some(truth(found)? == truth(&plain(&expanded?))?),
        "BinaryEquals" => Some(base64(found)? == base64(wanted)?),
        other => panic!("the manual has no {other}"),
    }
}

fn stands(comparison: &str, order: Ordering) -> bool {
    match comparison {
        "Equals" => order == Ordering::Equal,
        "LessThan" => order == Ordering::Less,
        "LessThanEquals" => order != Ordering::Greater,
        "GreaterThan" => order == Ordering::Greater,
        "GreaterThanEquals" => order != Ordering::Less,
        other => panic!("the manual has no {other}"),
    }
}

/// In millionths.
fn number(text: &str) -> Option<i128> {
    let digits = text.trim_start_matches(['+', '-']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() - digits.len() > 1 || digits.is_empty() || digits.ends_with('.') {
        return None;
    }
    if !sound(whole) || !sound(fraction) {
        return None;
    }
    let size: i128 = format!("0{whole}{fraction:0<6}").parse().ok()?;
    Some(if text.starts_with('-') { -size } else { size })
}

/// Nanoseconds since 1970.
fn instant(text: &str) -> Option<i128> {
    if text.len() != 4
        && let Ok(seconds) = text.parse::<i64>()
    {
        return Some(i128::from(seconds) * 1_000_000_000);
    }
    let full = match text.len() {
        _ if text.contains('T') => text.to_owned(),
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        _ => format!("{text}T00:00:00Z"),
    };
    Some(full.parse::<jiff::Timestamp>().ok()?.as_nanosecond())
}

fn truth(text: &str) -> Option<bool> {
    text.to_lowercase().parse().ok()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.len() - text.trim_end_matches('=').len();
    let mut bits = String::new();
    for letter in text.trim_end_matches('=').chars() {
        bits += &format!("{:06b}", LETTERS.find(letter)?);
    }
    bits.truncate(bits.len() - padding * 2);
    let bytes = bits.as_bytes().chunks(8);
    bytes
        .map(|byte| u8::from_str_radix(str::from_utf8(byte).ok()?, 2).ok())
        .collect()
}

/// Whether an address is of a range; an IPv4 address in IPv6 clothes is the IPv4 address.
fn in_network(found: &str, wanted: &str) -> Option<bool> {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => format!("{:032b}", u32::from(address)),
        IpAddr::V6(address) => format!("{:0128b}", u128::from(address)),
    };
    let found = bits(found.parse::<IpAddr>().ok()?.to_canonical());
    let (address, length) = wanted.split_once('/').unwrap_or((wanted, ""));
    let address = address.parse::<IpAddr>().ok()?;
    let whole = bits(address);
    let length: usize = match length {
        "" => whole.len(),
        length => length
            .parse()
            .ok()
            .filter(|length| *length <= whole.len())?,
    };
    // The last 32 bits of an IPv4 address in IPv6 clothes, when the range speaks of them alone.
    let dressed = address.is_ipv6() && address.to_canonical().is_ipv4() && length >= 96;
    let prefix = if dressed {
        &whole[96..length]
    } else {
        &whole[..length]
    };
    let same_family = found.len() == if dressed { 32 } else { whole.len() };
    Some(same_family && found.starts_with(prefix))
}

fn plain_symbols(text: &str) -> Vec<Symbol> {
    text.chars().map(Symbol::Is).collect()
}

/// Six segments, split at the first five colons that the policy wrote itself.
fn arn(symbols: &[Symbol]) -> Option<Vec<Vec<Symbol>>> {
    let mut segments = vec![Vec::new()];
    for symbol in symbols {
        if *symbol == Symbol::Is(':') && segments.len() < 6 {
            segments.push(Vec::new());
        } else {
            segments.last_mut()?.push(*symbol);
        }
    }
    (segments.len() == 6).then_some(segments)
}
