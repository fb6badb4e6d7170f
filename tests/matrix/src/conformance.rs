//! The conformance tests of Kubernetes, and what of ours restates each.

use std::path::Path;

/// One conformance test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restated {
    /// As upstream calls it.
    pub title: String,
    /// `FILE:NAME` of our test, or `open: ` and why there is none.
    by: String,
}

/// All that are ours to pass.
pub fn conformance() -> Vec<Restated> {
    read(include_str!("../conformance.toml"))
}

impl Restated {
    /// What is wrong with this row; `crates` is the folder below which its file lies.
    pub fn fault(&self, crates: &Path) -> Option<String> {
        if let Some(reason) = self.by.strip_prefix("open:") {
            return reason
                .trim()
                .is_empty()
                .then(|| "open without a reason".to_owned());
        }
        let Some((file, name)) = self.by.split_once(':') else {
            return Some("neither a test nor open".to_owned());
        };
        match std::fs::read_to_string(crates.join(file)) {
            Ok(text) if has_test(&text, name) => None,
            Ok(_) => Some(format!("`{file}` has no test `{name}`")),
            Err(why) => Some(format!("`{file}` cannot be read: {why}")),
        }
    }
}

/// Whether a Rust file has a test of that name that is run.
fn has_test(text: &str, name: &str) -> bool {
    let mut above = "";
    text.lines().map(str::trim).any(|line| {
        let is_marked =
            matches!(above, "#[test]" | "#[tokio::test]") || above.starts_with("#[tokio::test(");
        above = line;
        let declared = line.strip_prefix("async ").unwrap_or(line);
        let declared = declared.strip_prefix("fn ");
        is_marked && declared.is_some_and(|rest| rest.split('(').next() == Some(name))
    })
}

/// `["group"]` and `"title" = "value"`: all of TOML that the list uses.
fn read(text: &str) -> Vec<Restated> {
    let mut group = "";
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("[\"") {
            group = name.strip_suffix("\"]").unwrap_or(name);
        } else if let Some((title, by)) = line.split_once("\" = \"") {
            rows.push(Restated {
                title: format!("{group} {}", title.trim_start_matches('"')),
                by: by.trim_end_matches('"').to_owned(),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_test_that_runs_or_a_reason() {
        let rows = [
            ("open: later", None),
            ("open: ", Some("open without a reason")),
            ("soon", Some("neither a test nor open")),
            ("matrix/none.rs:x", Some("cannot be read")),
        ];
        for (by, wanted) in rows {
            let row = Restated {
                title: "t".to_owned(),
                by: by.to_owned(),
            };
            let fault = row.fault(Path::new("."));
            match wanted {
                None => assert_eq!(fault, None),
                Some(wanted) => assert!(fault.is_some_and(|fault| fault.contains(wanted)), "{by}"),
            }
        }
    }

    #[test]
    fn a_test_that_does_not_run_does_not_count() {
        let text =
            "#[test]\nfn a() {}\n#[tokio::test]\nasync fn b() {}\nfn c() {}\n#[ignore]\nfn d() {}";
        let found = ["a", "b", "c", "d"].map(|name| has_test(text, name));
        assert_eq!(found, [true, true, false, false]);
    }
}
