//! YAML as Kubernetes reads it: version 1.1, with its yes and no and its octal numbers, and then as
//! if it were JSON.

use serde_json::Value;
use serde_saphyr::options::{AliasLimits, DuplicateKeyPolicy};
use serde_saphyr::{Budget, Options};

use super::{DEPTH_MAX, Findings, reader};

/// How many nodes aliases may stand for, all together.
const REPLAYED_NODES_MAX: usize = 10_000;

/// Reads one document.
pub(crate) fn read(text: &[u8]) -> Result<(Value, Findings), String> {
    serde_saphyr::with_deserializer_from_slice_with_options(text, options(), |deserializer| {
        reader::read(deserializer, None)
    })
    .map_err(|fault| format!("error converting YAML to JSON: yaml: {fault}"))
}

fn options() -> Options {
    let mut aliases = AliasLimits::default();
    aliases.max_total_replayed_events = REPLAYED_NODES_MAX;
    let mut budget = Budget::default();
    budget.max_depth = DEPTH_MAX;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.alias_limits = aliases;
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.legacy_octal_numbers = true;
    options.with_snippet = false;
    options
}
