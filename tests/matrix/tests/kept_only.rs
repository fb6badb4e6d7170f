//! The kinds on which nothing acts are listed with what does not happen.

use std::collections::BTreeSet;

#[test]
fn every_kind_on_which_nothing_acts_is_listed_with_what_does_not_happen() {
    let registry = apiserver::Registry::builtin();
    let served: BTreeSet<String> = registry
        .iter()
        .filter_map(|of| {
            Some(format!(
                "\"{}\" = \"{}\"",
                of.gvk.kind, of.strategy.kept_only?
            ))
        })
        .collect();
    let text = include_str!("../kept_only.toml");
    let listed: BTreeSet<String> = text
        .lines()
        .filter(|line| line.starts_with('"'))
        .map(str::to_owned)
        .collect();
    assert_eq!(served, listed);
}
