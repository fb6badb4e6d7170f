//! Java's regular expressions to ours.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Characters above ASCII that a class admits, as ranges.
type Ranges = Vec<(u32, u32)>;

/// The Rust expression that makes the `Pattern`.
pub(crate) fn render(source: &str, better: Option<&str>, prose: Option<&str>) -> String {
    if better.is_none()
        && let Some((ascii, above, may_be_empty)) = one_class(source)
    {
        return format!(
            "Pattern::class({source:?}, {prose:?}, {ascii:#x}, &{above:?}, {may_be_empty})"
        );
    }
    let translated = better.map_or_else(|| translate(source), str::to_owned);
    let whole = format!(r"\A(?:{translated})\z");
    format!("Pattern::regex({source:?}, {prose:?}, {whole:?})")
}

/// Java's `\uXXXX` is `\x{XXXX}`, its `\w`, `\d`, `\s` know ASCII only, and the model's
/// `\u10000-\u10FFFF` means the astral planes. Surrogates are no characters here.
fn translate(source: &str) -> String {
    let source = source
        .replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\/", "/")
        .replace("A-Za-z0-9-_=", r"A-Za-z0-9\-_=");
    let mut out = String::new();
    let mut rest = source.as_str();
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let (written, used) = match (c, rest.get(1..2)) {
            ('\\', Some("u")) => (format!(r"\x{{{}}}", &rest[2..6]), 6),
            ('\\', Some("w")) => (bracketed("0-9A-Za-z_", in_class), 2),
            ('\\', Some("d")) => (bracketed("0-9", in_class), 2),
            ('\\', Some("s")) => (bracketed(r"\t\n\x0B\x0C\r\x20", in_class), 2),
            ('\\', Some("b")) => (r"(?-u:\b)".to_owned(), 2),
            ('\\', Some(_)) => (rest[..2].to_owned(), 2),
            _ => (c.to_string(), c.len_utf8()),
        };
        in_class = match c {
            '[' => true,
            ']' => false,
            _ => in_class,
        };
        let _ = write!(out, "{written}");
        rest = &rest[used..];
    }
    out
}

fn bracketed(class: &str, in_class: bool) -> String {
    if in_class {
        class.to_owned()
    } else {
        format!("[{class}]")
    }
}

/// `[...]+` or `[...]*` of literals, ranges, `\w` and `\d`: what a bit set can say.
fn one_class(source: &str) -> Option<(u128, Ranges, bool)> {
    let (inner, repeat) = source
        .strip_prefix('[')?
        .split_at(source.len().checked_sub(3)?);
    let may_be_empty = match repeat {
        "]*" => true,
        "]+" => false,
        _ => return None,
    };
    let mut ranges = Ranges::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.peek().copied() {
        if matches!(c, '[' | ']' | '^' | '&') {
            return None;
        }
        let item = item(&mut chars)?;
        ranges.extend(item);
    }
    Some((ascii_bits(&ranges), above_ascii(&ranges), may_be_empty))
}

fn item(chars: &mut Peekable<Chars<'_>>) -> Option<Ranges> {
    let first = match character(chars)? {
        Item::Class(ranges) => return Some(ranges),
        Item::Character(first) => first,
    };
    let mut ahead = chars.clone();
    if ahead.next() != Some('-') || ahead.peek().is_none() {
        return Some(vec![(first, first)]);
    }
    chars.next();
    match character(chars)? {
        Item::Class(_) => None,
        Item::Character(last) => (first <= last).then(|| vec![(first, last)]),
    }
}

enum Item {
    Class(Ranges),
    Character(u32),
}

fn character(chars: &mut Peekable<Chars<'_>>) -> Option<Item> {
    let c = chars.next()?;
    if c != '\\' {
        return Some(Item::Character(c.into()));
    }
    let word = || vec![(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
    match chars.next()? {
        'w' => Some(Item::Class(word())),
        'd' => Some(Item::Class(vec![(0x30, 0x39)])),
        'u' => {
            let digits: String = chars.by_ref().take(4).collect();
            let mut code = u32::from_str_radix(&digits, 16).ok()?;
            // The models write `\u10000` and `\u10FFFF` for the astral planes.
            if digits == "1000" && chars.next_if_eq(&'0').is_some() {
                code = 0x10000;
            } else if digits == "10FF" && chars.peek() == Some(&'F') {
                chars.next();
                chars.next();
                code = 0x0010_FFFF;
            }
            Some(Item::Character(code))
        }
        escaped if escaped.is_ascii_punctuation() => Some(Item::Character(escaped.into())),
        _ => None,
    }
}

fn ascii_bits(ranges: &Ranges) -> u128 {
    let codes = ranges
        .iter()
        .flat_map(|&(first, last)| first..=last.min(127));
    codes
        .filter(|code| *code < 128)
        .fold(0, |bits, code| bits | 1 << code)
}

fn above_ascii(ranges: &Ranges) -> Ranges {
    let above = ranges.iter().filter(|(_, last)| *last > 127);
    above.map(|&(first, last)| (first.max(128), last)).collect()
}
