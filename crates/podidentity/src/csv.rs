//! One record of comma-separated values, RFC 4180, as the annotation `skip-containers` holds it.

/// The fields of the first record; spaces belong to them. `None`: a quote stands where none may.
pub(crate) fn record(text: &str) -> Option<Vec<String>> {
    let line = text.trim_start_matches(['\n', '\r']);
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => bare_field(rest)?,
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() || after.starts_with(['\n', '\r']) => return Some(fields),
            None => return None,
        }
    }
}

/// Up to the closing quote; two quotes are one.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

fn bare_field(text: &str) -> Option<(String, &str)> {
    let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
    let (field, after) = text.split_at(end);
    (!field.contains('"')).then(|| (field.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::record;

    #[test]
    fn a_record_splits_at_commas_that_stand_outside_quotes() {
        let rows: [(&str, &[&str]); 6] = [
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            ("a, b", &["a", " b"]),
            (r#""a,b",c"#, &["a,b", "c"]),
            (r#""say ""hi""",b"#, &[r#"say "hi""#, "b"]),
            ("a,\nb", &["a", ""]),
        ];
        for (text, wanted) in rows {
            assert_eq!(record(text).unwrap(), wanted, "{text}");
        }
        for text in [r#"a"b"#, r#""a"#, r#""a"b"#] {
            assert_eq!(record(text), None, "{text}");
        }
    }
}
