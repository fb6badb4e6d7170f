//! Events under their two names: of the core group, in which they are kept, and of `events.k8s.io`.

use super::KeptAs;
use objects::Object;

pub(super) const IN_CORE: KeptAs = KeptAs {
    group: "",
    keep,
    show,
};

/// What the core group calls a field, and what the other one does.
const NAMES: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

fn keep(event: &mut Object) {
    NAMES
        .iter()
        .for_each(|(core, other)| rename(event, other, core));
}

fn show(event: &mut Object) {
    NAMES
        .iter()
        .for_each(|(core, other)| rename(event, core, other));
}

fn rename(event: &mut Object, from: &str, to: &str) {
    let fields = event.as_map_mut();
    if let Some(value) = fields.remove(from) {
        fields.insert(to.to_owned(), value);
    }
}
