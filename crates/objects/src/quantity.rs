//! Amounts with a unit, as `100m`, `1Gi` or `5e3`.

use serde_json::Value;

/// An amount, in thousandths of a millionth: finer than that, Kubernetes rounds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

const NANO: i128 = 1_000_000_000;

impl Quantity {
    /// The amount that a JSON value says.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The amount that the text says.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '+' | '-');
        let end = text.find(|letter| !is_number(letter)).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let negative = whole.starts_with('-');
        let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        if digits.is_empty() && fraction.is_empty() || !all_digits(digits) || !all_digits(fraction)
        {
            return None;
        }
        let scale = scale_of(suffix)?;
        let whole: i128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        let amount = whole
            .checked_mul(scale)?
            .checked_add(part_of(fraction, scale)?)?;
        Some(Self(if negative { -amount } else { amount }))
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 < 0
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The decimals, rounded up.
fn part_of(fraction: &str, scale: i128) -> Option<i128> {
    if fraction.is_empty() {
        return Some(0);
    }
    let fraction = &fraction[..fraction.len().min(18)];
    let digits: i128 = fraction.parse().ok()?;
    let divisor = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let product = digits.checked_mul(scale)?;
    Some(product / divisor + i128::from(product % divisor != 0))
}

/// How many thousandths of a millionth one of the unit is.
fn scale_of(suffix: &str) -> Option<i128> {
    let power = |base: i128, exponent: u32| base.checked_pow(exponent)?.checked_mul(NANO);
    match suffix {
        "n" => Some(1),
        "u" => Some(1_000),
        "m" => Some(1_000_000),
        "" => Some(NANO),
        "k" => power(1000, 1),
        "M" => power(1000, 2),
        "G" => power(1000, 3),
        "T" => power(1000, 4),
        "P" => power(1000, 5),
        "E" => power(1000, 6),
        "Ki" => power(1024, 1),
        "Mi" => power(1024, 2),
        "Gi" => power(1024, 3),
        "Ti" => power(1024, 4),
        "Pi" => power(1024, 5),
        "Ei" => power(1024, 6),
        exponent => {
            let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            match u32::try_from(exponent) {
                Ok(exponent) => power(10, exponent),
                Err(_) => NANO.checked_div(10_i128.checked_pow(exponent.unsigned_abs())?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_compare_across_units() {
        let rows = [
            ("1", "1000m"),
            ("1Ki", "1024"),
            ("1k", "1e3"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            (".5", "500m"),
            ("1E", "1000P"),
            ("5e-1", "500m"),
        ];
        for (one, other) in rows {
            assert_eq!(
                Quantity::parse(one),
                Quantity::parse(other),
                "{one} {other}"
            );
            assert!(Quantity::parse(one).is_some());
        }
        assert!(Quantity::parse("100m") < Quantity::parse("1"));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in [
            "",
            "m",
            "1x",
            "1.2.3",
            "--1",
            "1 ",
            "1e",
            "e3",
            "1e99",
            "9999999999999999999999999999999999E",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_none(text in "[0-9.+eEkKMi m-]{0,12}|\\PC{0,8}") {
            let _ = Quantity::parse(&text);
        }
    }
}
