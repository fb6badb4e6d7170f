//! Finds the operation of a method and a raw path.

use crate::model::{Operation, Segment, Service};

/// The labels of a matched path, still percent-encoded.
pub(crate) type Labels<'a> = Vec<(&'static str, &'a str)>;

/// The operation, and what stands in the places of its path. The path is matched before it is
/// decoded: a `%2F` inside a label (an ARN) must not split it.
pub(crate) fn find<'a>(
    service: &'static Service,
    method: &str,
    raw_path: &'a str,
) -> Option<(&'static Operation, Labels<'a>)> {
    let parts: Vec<&str> = raw_path.trim_start_matches('/').split('/').collect();
    let candidates = service
        .operations
        .iter()
        .filter(|operation| operation.method == method);
    candidates
        .filter_map(|operation| Some((operation, labels(operation.path, &parts)?)))
        .max_by_key(|(operation, _)| literals(operation.path))
}

fn labels<'a>(template: &[Segment], parts: &[&'a str]) -> Option<Labels<'a>> {
    if template.len() != parts.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (segment, part) in template.iter().zip(parts) {
        match segment {
            Segment::Literal(text) if text == part => {}
            Segment::Label(name) if !part.is_empty() => labels.push((*name, *part)),
            Segment::Literal(_) | Segment::Label(_) => return None,
        }
    }
    Some(labels)
}

/// A literal is a better match than a label.
fn literals(template: &[Segment]) -> usize {
    template
        .iter()
        .filter(|segment| matches!(segment, Segment::Literal(_)))
        .count()
}
