//! How long a token lives, as people write it.

/// Seconds of a token's lifetime, as `3600`, `3600s`, `60m` or `1h`.
pub(super) fn lifetime(text: &str) -> Result<u64, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600)];
    let with_unit = units.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?;
        Some((number, *seconds))
    });
    let (number, unit) = with_unit.unwrap_or((text, 1));
    let seconds = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    match seconds {
        Some(seconds) if (600..=86_400).contains(&seconds) => Ok(seconds),
        Some(_) => Err("a token lives from 10m to 24h".to_owned()),
        None => Err("write seconds, or a number with s, m or h: `1h`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_in_seconds_or_has_a_unit() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(lifetime(text).ok(), seconds, "{text}");
        };
        check("3600", Some(3_600));
        check("3600s", Some(3_600));
        check("90m", Some(5_400));
        check("24h", Some(86_400));
        check("25h", None);
        check("1s", None);
        check("h", None);
        check("1d", None);
        check("-1h", None);
        check("99999999999999999999h", None);
        check("9999999999999999999h", None);
    }
}
