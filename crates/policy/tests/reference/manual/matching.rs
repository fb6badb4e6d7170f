//! Principals, actions, resources, and what `*`, `?` and variables mean.

use super::{BY_ACCOUNT, DIRECT, Kind, VIA_ROLE, VIA_USER, list};
use crate::case::{ACCOUNT, Case, GUEST, PROVIDER, ROLE, SERVICE, SESSION, USER};
use serde_json::Value;

/// How directly a Principal element names a caller; 0: it does not.
pub(super) fn strength(caller: &str, principal: &Value) -> u8 {
    let mut strongest = 0;
    for (kind, names) in principal.as_object().into_iter().flatten() {
        for name in list(names) {
            let one = match (kind.as_str(), name.as_str(), caller) {
                ("AWS", "*", "web") => 0,
                ("AWS", "*", _) => DIRECT,
                ("AWS", ACCOUNT, "user" | "session" | "guest" | "root") => BY_ACCOUNT,
                ("AWS", USER, "user") => DIRECT,
                ("AWS", USER, "guest") => VIA_USER,
                ("AWS", ROLE, "session") => VIA_ROLE,
                ("AWS", SESSION, "session") | ("AWS", GUEST, "guest") => DIRECT,
                ("Service", SERVICE, "service") | ("Federated", PROVIDER, "web") => DIRECT,
                _ => 0,
            };
            strongest = strongest.max(one);
        }
    }
    strongest
}

pub(super) fn action(case: &Case, statement: &Value) -> bool {
    let fits = |pattern: &String| {
        let Some((service, name)) = pattern.split_once(':') else {
            return pattern == "*";
        };
        let (asked_service, asked_name) = case.action.split_once(':').expect("an action");
        service.eq_ignore_ascii_case(asked_service)
            && glob(&symbols(&name.to_lowercase()), &asked_name.to_lowercase())
    };
    let not = &statement["NotAction"];
    if not.is_null() {
        return list(&statement["Action"]).iter().any(fits);
    }
    !list(not).iter().any(fits)
}

pub(super) fn resource(case: &Case, statement: &Value, kind: Kind, variables: bool) -> bool {
    let fit = |patterns: &Value| -> Vec<Option<bool>> {
        list(patterns)
            .iter()
            .map(|pattern| resource_fits(case, pattern, kind, variables))
            .collect()
    };
    match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, Value::Null) => true,
        (Value::Null, not) => fit(not).iter().all(|fits| *fits == Some(false)),
        (patterns, _) => fit(patterns).contains(&Some(true)),
    }
}

/// `None`: a variable has no value.
fn resource_fits(case: &Case, pattern: &str, kind: Kind, variables: bool) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    let mut wanted: Vec<_> = pattern.splitn(6, ':').collect();
    let short_is_fine = match kind {
        Kind::Own => true,
        Kind::ServiceControl => pattern.ends_with('*'),
        Kind::ResourceControl => false,
        Kind::Resource => pattern.contains(['*', '?']),
    };
    if wanted.len() < 6 && !short_is_fine {
        return Some(false);
    }
    wanted.resize(6, "*");
    let rest = expand(case, wanted[5], variables)?;
    let found: Vec<_> = case.resource.splitn(6, ':').collect();
    if found.len() < 6 {
        return Some(false);
    }
    let first = (0..5).all(|at| {
        glob(
            &symbols(&wanted[at].to_lowercase()),
            &found[at].to_lowercase(),
        )
    });
    Some(first && glob(&rest, found[5]))
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Symbol {
    /// A character of the policy's text.
    Is(char),
    /// A character that a variable brought.
    Brought(char),
    Any,
    Star,
}

pub(super) fn symbols(pattern: &str) -> Vec<Symbol> {
    let symbol = |one| match one {
        '*' => Symbol::Star,
        '?' => Symbol::Any,
        other => Symbol::Is(other),
    };
    pattern.chars().map(symbol).collect()
}

/// The text of symbols.
pub(super) fn plain(symbols: &[Symbol]) -> String {
    let text = |symbol: &Symbol| match symbol {
        Symbol::Is(one) | Symbol::Brought(one) => *one,
        Symbol::Any => '?',
        Symbol::Star => '*',
    };
    symbols.iter().map(text).collect()
}

/// Puts values in place of variables; `None`: one has none.
pub(super) fn expand(case: &Case, pattern: &str, variables: bool) -> Option<Vec<Symbol>> {
    let Some((before, rest)) = pattern.split_once("${").filter(|_| variables) else {
        return Some(symbols(pattern));
    };
    let (name, after) = rest.split_once('}')?;
    let (name, default) = name
        .split_once(", ")
        .map_or((name, None), |(name, default)| (name, Some(default)));
    let values = case
        .context
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, values)| values.as_slice());
    let value = match (name, values, default) {
        ("*" | "?" | "$", _, None) => name,
        (_, Some([one]), _) => one,
        (_, None | Some([]), Some(default)) => default.trim_matches('\''),
        _ => return None,
    };
    let mut expanded = symbols(before);
    expanded.extend(value.chars().map(Symbol::Brought));
    expanded.extend(expand(case, after, variables)?);
    Some(expanded)
}

pub(super) fn glob(pattern: &[Symbol], text: &str) -> bool {
    let mut rest = text.chars();
    match pattern.first() {
        None => text.is_empty(),
        Some(Symbol::Star) => {
            glob(&pattern[1..], text) || (rest.next().is_some() && glob(pattern, rest.as_str()))
        }
        Some(Symbol::Any) => rest.next().is_some() && glob(&pattern[1..], rest.as_str()),
        Some(Symbol::Is(one) | Symbol::Brought(one)) => {
            rest.next() == Some(*one) && glob(&pattern[1..], rest.as_str())
        }
    }
}
