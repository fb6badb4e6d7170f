//! Amounts with a unit, as Kubernetes writes them: `100m`, `64Mi`, `1e3`.

use serde_json::Value;

/// An amount, in thousandths of a millionth: what is finer is rounded up. Beyond some eight trillion
/// million either way an amount is the largest there is, as in Kubernetes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

const NANO: i128 = 1_000_000_000;
/// The largest amount: as many as a signed number of 64 bits counts.
const MAX: i128 = 9_223_372_036_854_775_807 * NANO;

impl Quantity {
    /// The amount of one.
    pub const ONE: Self = Self(NANO);

    /// The amount that a JSON value says; none: it says no amount.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The amount that the text says: a sign, digits with at most one point, and a suffix of either
    /// family or an exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_negative = text.starts_with('-');
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let scale = scale_of(suffix)?;
        let amount = whole_of(whole)
            .saturating_mul(scale)
            .saturating_add(part_of(fraction, scale))
            .min(MAX);
        Some(Self(if is_negative { -amount } else { amount }))
    }

    /// Whether it is below nothing.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Both amounts together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).clamp(-MAX, MAX))
    }

    /// What is left when another amount goes; nothing, if that was more.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// As Kubernetes writes it, with a suffix of the family that another text has: as few digits as it
    /// takes without a point.
    #[must_use]
    pub fn written_like(self, text: &str) -> String {
        let is_binary = text.ends_with('i') && self.0.abs() >= 1024 * NANO;
        let suffixes: &[&str] = match is_binary {
            true => &["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"],
            false => &["E", "P", "T", "G", "M", "k", "", "m", "u"],
        };
        let fits = |suffix: &&&str| scale_of(suffix).is_some_and(|scale| self.0 % scale == 0);
        let is_whole = self.0 == 0 || (is_binary && self.0 % scale_of("Ki").unwrap_or(NANO) != 0);
        let suffix = match is_whole {
            true => "",
            false => suffixes.iter().find(fits).copied().unwrap_or("n"),
        };
        let scale = scale_of(suffix).unwrap_or(NANO);
        format!("{}{suffix}", self.0 / scale)
    }

    /// As a number, as near as one comes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio is told, not counted")]
    pub fn in_units(self) -> f64 {
        self.0 as f64 / NANO as f64
    }

    /// How often another amount fits, rounded up.
    #[must_use]
    pub fn divided_by(self, other: Self) -> i128 {
        if other.0 == 0 {
            return 0;
        }
        let (quotient, rest) = (self.0 / other.0, self.0 % other.0);
        if rest > 0 { quotient + 1 } else { quotient }
    }
}

/// Digits as a number; more of them than it holds are as many as it holds.
fn whole_of(digits: &str) -> i128 {
    match digits {
        "" => 0,
        digits => digits.parse().unwrap_or(i128::MAX),
    }
}

/// The decimals, rounded up.
fn part_of(fraction: &str, scale: i128) -> i128 {
    let fraction = &fraction[..fraction.len().min(18)];
    let digits = u32::try_from(fraction.len()).unwrap_or_default();
    let divisor = 10_i128.saturating_pow(digits);
    let product = whole_of(fraction).saturating_mul(scale);
    product / divisor + i128::from(product % divisor != 0)
}

/// How many thousandths of a millionth one of the unit is.
fn scale_of(suffix: &str) -> Option<i128> {
    let power = |base: i128, exponent: u32| base.saturating_pow(exponent).saturating_mul(NANO);
    Some(match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => NANO,
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
                Err(_) => NANO / 10_i128.saturating_pow(exponent.unsigned_abs()),
            }
        }
    })
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
            ("5.", "5"),
            ("+2", "2"),
            ("1E", "1000P"),
            ("5e-1", "500m"),
            ("1E-3", "1m"),
            ("1u", "1000n"),
            ("-1", "-1000m"),
        ];
        for (one, other) in rows {
            assert_eq!(
                Quantity::parse(one),
                Quantity::parse(other),
                "{one} {other}"
            );
            assert!(Quantity::parse(one).is_some(), "{one}");
        }
        assert!(Quantity::parse("100m") < Quantity::parse("1"));
    }

    #[test]
    fn an_amount_beyond_all_is_the_largest() {
        for text in [
            "1e99",
            "9999999999999999999999999999999999E",
            "99e2147483647",
        ] {
            assert_eq!(Quantity::parse(text), Some(Quantity(MAX)), "{text}");
            let negative = format!("-{text}");
            assert_eq!(Quantity::parse(&negative), Some(Quantity(-MAX)), "{text}");
        }
    }

    #[test]
    fn an_amount_is_written_with_the_largest_suffix_of_a_family_that_needs_no_point() {
        for (text, like, expected) in [
            ("1500m", "1", "1500m"),
            ("2000m", "500m", "2"),
            ("1000", "1", "1k"),
            ("1024", "1", "1024"),
            ("1024", "1Gi", "1Ki"),
            ("1536Mi", "1Gi", "1536Mi"),
            ("2048Mi", "64Mi", "2Gi"),
            ("1025", "1Gi", "1025"),
            ("512", "1Gi", "512"),
            ("0", "1Gi", "0"),
            ("0", "1", "0"),
            ("1n", "1", "1n"),
        ] {
            let amount = Quantity::parse(text).unwrap();
            assert_eq!(amount.written_like(like), expected, "{text} {like}");
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in [
            "", "m", ".", "1x", "1.2.3", "--1", "1 ", "1 Gi", "1K", "1ki", "1e", "e3", "1GiB", "-",
            "1-1",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_counted_in_units_and_rounded_up() {
        for (text, divisor, expected) in [
            ("64Mi", "1", 67_108_864),
            ("1.5Gi", "1Mi", 1536),
            ("250m", "1", 1),
            ("250m", "1m", 250),
            ("2", "1m", 2000),
            ("1e3", "1", 1000),
            ("0.5", "1m", 500),
            ("1", "0", 0),
        ] {
            let read = |text: &str| Quantity::parse(text).unwrap();
            let found = read(text).divided_by(read(divisor));
            assert_eq!(found, expected, "{text} in {divisor}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_none(text in "[0-9.+eEkKMi m-]{0,12}|[0-9.+-]{0,40}[kKMGTPEim]{0,2}e?[0-9]{0,4}|\\PC{0,8}") {
            if let Some(amount) = Quantity::parse(&text) {
                let _ = amount.divided_by(Quantity::ONE);
                for like in ["1", "1Gi"] {
                    let written = amount.written_like(like);
                    prop_assert_eq!(Quantity::parse(&written), Some(amount), "{}", written);
                }
            }
        }
    }
}
