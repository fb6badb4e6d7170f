//! Writes one service's static tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::{Corrections, Model, Operation, Reference, Shape, Type};
use crate::pattern;

/// The module text: `SERVICE`, `OPERATIONS`, and one static per shape that an operation reaches.
pub(crate) fn render(service: &str, model: &Model, corrections: &Corrections) -> String {
    let names = Names::of(model);
    let mut out = String::from("// Generated from models/ by build/tables.rs.\n");
    service_entry(&mut out, service, model);
    operations(&mut out, model, &names);
    for name in names.reachable.keys() {
        shape(&mut out, name, model, corrections, &names);
    }
    out
}

/// The static's identifier of a shape: `S12`, unique where model names differ only in case.
struct Names {
    reachable: BTreeMap<String, usize>,
}

impl Names {
    /// Numbers the shapes that inputs and outputs reach.
    fn of(model: &Model) -> Self {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = model
            .operations
            .values()
            .flat_map(|operation| [&operation.input, &operation.output])
            .flatten()
            .map(|reference| reference.shape.as_str())
            .collect();
        while let Some(name) = open.pop() {
            if reached.insert(name.to_owned()) {
                open.extend(references(model.shape(name)).map(|r| r.shape.as_str()));
            }
        }
        Self {
            reachable: reached
                .into_iter()
                .enumerate()
                .map(|(i, name)| (name, i))
                .collect(),
        }
    }

    /// `S12`
    fn get(&self, shape: &str) -> String {
        format!("S{}", self.reachable[shape])
    }
}

fn references(shape: &Shape) -> impl Iterator<Item = &Reference> {
    let members = shape.members.0.iter().map(|(_, reference)| reference);
    members.chain(
        [&shape.member, &shape.key, &shape.value]
            .into_iter()
            .flatten(),
    )
}

fn service_entry(out: &mut String, service: &str, model: &Model) {
    let metadata = &model.metadata;
    let protocol = match metadata.protocol.as_str() {
        "query" => "Query",
        "rest-json" => "RestJson",
        other => panic!("{service}: protocol `{other}` is not supported"),
    };
    let timestamps = if service == "cloudformation" {
        "Milliseconds"
    } else {
        "Seconds"
    };
    let violation_code = match service {
        "eks" | "eks-auth" => "InvalidParameterException",
        "iam-toolbox" => "ValidationException",
        _ => "ValidationError",
    };
    let signing_name = metadata
        .signing_name
        .as_ref()
        .unwrap_or(&metadata.endpoint_prefix);
    let _ = writeln!(
        out,
        "pub(crate) static SERVICE: Service = Service {{ name: {service:?}, \
         signing_name: {signing_name:?}, event_source: \"{service}.amazonaws.com\", \
         protocol: Protocol::{protocol}, api_version: {:?}, \
         xml_namespace: {:?}, timestamps: Timestamps::{timestamps}, \
         violation_code: {violation_code:?}, operations: &OPERATIONS, errors: &[{}] }};",
        metadata.api_version,
        metadata.xml_namespace,
        errors(model)
    );
}

fn errors(model: &Model) -> String {
    let mut out = String::new();
    for (name, shape) in &model.shapes {
        if let Some(error) = shape.error.as_ref().filter(|_| shape.exception) {
            let code = error.code.as_ref().unwrap_or(name);
            let status = error.http_status_code;
            let _ = write!(out, "ErrorModel {{ code: {code:?}, status: {status} }}, ");
        }
    }
    out
}

fn operations(out: &mut String, model: &Model, names: &Names) {
    let count = model.operations.len();
    let _ = writeln!(
        out,
        "pub(crate) static OPERATIONS: [Operation; {count}] = ["
    );
    for (name, operation) in &model.operations {
        let shape = |reference: &Option<Reference>| {
            reference
                .as_ref()
                .map_or("NOTHING".to_owned(), |r| names.get(&r.shape))
        };
        let wrapper = operation
            .output
            .as_ref()
            .and_then(|r| r.result_wrapper.as_deref());
        let _ = writeln!(
            out,
            "Operation {{ name: {name:?}, service: &SERVICE, method: {:?}, path: &[{}], \
             status: {}, input: &{}, output: &{}, result_wrapper: {wrapper:?}, unsigned: {} }},",
            operation.http.method,
            path(operation),
            operation.http.response_code.unwrap_or(200),
            shape(&operation.input),
            shape(&operation.output),
            operation.authtype.as_deref() == Some("none"),
        );
    }
    out.push_str("];\n");
}

fn path(operation: &Operation) -> String {
    let mut out = String::new();
    for part in operation
        .http
        .request_uri
        .split('/')
        .filter(|part| !part.is_empty())
    {
        let label = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
        let _ = match label {
            Some(label) => write!(out, "Segment::Label({label:?}), "),
            None => write!(out, "Segment::Literal({part:?}), "),
        };
    }
    out
}

fn shape(out: &mut String, name: &str, model: &Model, fixes: &Corrections, names: &Names) {
    let shape = model.shape(name);
    let id = names.get(name);
    let pattern = shape.pattern.as_ref().map_or("None".to_owned(), |source| {
        let better = fixes.patterns.get(name).map(String::as_str);
        let prose = fixes.prose.get(source).map(String::as_str);
        let pattern = pattern::render(source, better, prose);
        let _ = writeln!(out, "static P{id}: Pattern = {pattern};");
        format!("Some(&P{id})")
    });
    let _ = writeln!(
        out,
        "pub(crate) static {id}: Shape = Shape {{ name: {name:?}, kind: {}, min: {:?}, max: {:?}, \
         pattern: {pattern}, one_of: &{:?}, sensitive: {}, percent_encoded: {} }};",
        kind(shape, names),
        shape.min,
        shape.max,
        shape.one_of,
        shape.sensitive,
        fixes.percent_encoded.contains(name),
    );
}

fn kind(shape: &Shape, names: &Names) -> String {
    let of =
        |reference: &Option<Reference>| names.get(&reference.as_ref().expect("has a member").shape);
    match shape.kind {
        Type::Structure if shape.document => "Kind::Document".to_owned(),
        Type::Structure => format!("Kind::Structure(&[{}])", members(shape, names)),
        Type::List => {
            let item = shape
                .member
                .as_ref()
                .and_then(|m| m.location_name.as_deref());
            let item_name = item.unwrap_or("member");
            format!(
                "Kind::List {{ item: &{}, item_name: {item_name:?}, flattened: {} }}",
                of(&shape.member),
                shape.flattened
            )
        }
        Type::Map => format!(
            "Kind::Map {{ key: &{}, value: &{} }}",
            of(&shape.key),
            of(&shape.value)
        ),
        Type::String => "Kind::String".to_owned(),
        Type::Integer | Type::Long => "Kind::Integer".to_owned(),
        Type::Float | Type::Double => "Kind::Double".to_owned(),
        Type::Boolean => "Kind::Boolean".to_owned(),
        Type::Blob => "Kind::Blob".to_owned(),
        Type::Timestamp => "Kind::Timestamp".to_owned(),
    }
}

fn members(shape: &Shape, names: &Names) -> String {
    let mut out = String::new();
    for (name, reference) in &shape.members.0 {
        let place = match reference.location.as_deref() {
            Some("uri") => "Label",
            Some("querystring") => "Query",
            _ => "Body",
        };
        let _ = write!(
            out,
            "Member {{ name: {name:?}, wire_name: {:?}, shape: &{}, required: {}, place: Place::{place} }}, ",
            reference.location_name.as_deref().unwrap_or(name),
            names.get(&reference.shape),
            shape.required.contains(name),
        );
    }
    out
}
