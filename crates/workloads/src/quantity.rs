//! Amounts as Kubernetes writes them: `250m`, `64Mi`, `1e3`.

use serde_json::Value;

/// An amount in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

impl Quantity {
    pub(crate) const ONE: Self = Self(1000);

    /// An amount of an object's field; `None` if it is misspelt.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'));
        let (number, suffix) = text.split_at(digits.unwrap_or(text.len()));
        let thousandths = thousandths_of(suffix)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let is_negative = whole.starts_with('-');
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let mut amount = whole.checked_mul(thousandths)?;
        if !fraction.is_empty() {
            let fraction = &fraction[..fraction.len().min(9)];
            let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            let part = fraction.parse::<i128>().ok()?.checked_mul(thousandths)? / scale;
            amount += if is_negative { -part } else { part };
        }
        Some(Self(amount))
    }

    /// How often another amount fits, rounded up.
    pub(crate) fn divided_by(self, other: Self) -> i128 {
        if other.0 == 0 {
            return 0;
        }
        let (quotient, rest) = (self.0 / other.0, self.0 % other.0);
        if rest > 0 { quotient + 1 } else { quotient }
    }
}

fn thousandths_of(suffix: &str) -> Option<i128> {
    let power = |base: i128, times: u32| base.pow(times) * 1000;
    Some(match suffix {
        "m" => 1,
        "" => 1000,
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
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            10_i128.checked_pow(exponent)?.checked_mul(1000)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, divisor: &str, expected: i128) {
        let read = |text: &str| Quantity::parse(text).unwrap();
        assert_eq!(
            read(text).divided_by(read(divisor)),
            expected,
            "{text} in {divisor}"
        );
    }

    #[test]
    fn amounts_are_counted_in_units_and_rounded_up() {
        check("64Mi", "1", 67_108_864);
        check("1.5Gi", "1Mi", 1536);
        check("250m", "1", 1);
        check("250m", "1m", 250);
        check("2", "1m", 2000);
        check("1e3", "1", 1000);
        check("0.5", "1m", 500);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_amount_or_not(text in ".*|[0-9.+-]{0,40}[kKMGTPEim]{0,2}e?[0-9]{0,4}") {
            if let Some(amount) = Quantity::parse(&text) {
                let _ = amount.divided_by(Quantity::ONE);
            }
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "x", "1x", "1.2.3", "--1", "1e99999"] {
            assert!(text.is_empty() || Quantity::parse(text).is_none(), "{text}");
        }
    }
}
