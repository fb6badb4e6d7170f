//! An explanation as a finding of the trail, and as IAM Toolbox tells it.

mod authorization;

pub(crate) use authorization::authorization;

use audit::{Finding, Hop};
use policy::{Explanation, Layer};

/// The refusing layer, with the statement that came nearest.
pub(crate) fn finding(explanation: &Explanation) -> Finding {
    let layer = match explanation.decision {
        policy::Decision::ExplicitDeny { by } => by.layer,
        policy::Decision::ImplicitDeny { layer } => layer,
        policy::Decision::Allow { .. } => return Finding::noted(Hop::Operation, "allowed"),
    };
    let summary = format!("no {} allows it", policy::layer_name(layer));
    let denied = format!("a statement of the {} denies it", policy::layer_name(layer));
    let explicit = matches!(explanation.decision, policy::Decision::ExplicitDeny { .. });
    let mut finding = Finding::refused(hop(layer), if explicit { denied } else { summary });
    let nearest = explanation
        .layers
        .iter()
        .filter(|one| one.layer == layer)
        .flat_map(|one| &one.statements)
        .find_map(|one| Some((one, one.failure.as_ref()?)));
    if let Some((statement, failure)) = nearest {
        finding = finding
            .fact("policy", &statement.policy)
            .fact("line", &failure.line.to_string())
            .fact("element", &failure.element)
            .fact("expected", &failure.expected)
            .fact("found", &failure.found)
            .fact("text", &failure.excerpt);
    }
    if let Some(change) = &explanation.smallest_change {
        finding = finding.change(change.clone());
    }
    finding.detail(explanation)
}

fn hop(layer: Layer) -> Hop {
    match layer {
        Layer::ResourceControl(_) => Hop::ResourceControl,
        Layer::ServiceControl(_) => Hop::ServiceControl,
        Layer::Resource => Hop::Resource,
        Layer::Trust => Hop::Trust,
        Layer::Identity => Hop::Identity,
        Layer::Boundary => Hop::Boundary,
        Layer::Session => Hop::SessionPolicy,
    }
}
