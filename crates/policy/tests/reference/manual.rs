//! The manual, sentence by sentence. Source: IAM User Guide, "Policy evaluation logic".

mod conditions;
mod matching;

use crate::case::{ACCOUNT, Case};
use serde_json::Value;

/// Which grammar and which reach the documents of a layer have.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Own,
    ServiceControl,
    ResourceControl,
    Resource,
}

pub(crate) struct Layer<'a> {
    /// As the engine's `Debug` names it.
    pub(crate) name: String,
    kind: Kind,
    documents: &'a [Value],
}

/// Document and statement, from 0.
pub(crate) type Place = (usize, usize);

const DIRECT: u8 = 4;
const VIA_USER: u8 = 3;
const VIA_ROLE: u8 = 2;
const BY_ACCOUNT: u8 = 1;

/// Who decides, and by which statement: `allow by Identity 0.1`, `Trust denies by 0.0`,
/// `Boundary is silent`.
pub(crate) fn answer(case: &Case) -> String {
    let layers = layers(case);
    let said: Vec<_> = layers.iter().map(|layer| ask(case, layer)).collect();
    for (layer, said) in layers.iter().zip(&said) {
        if let Some((document, statement)) = said.denies {
            return format!("{} denies by {document}.{statement}", layer.name);
        }
    }
    for (layer, said) in layers.iter().zip(&said) {
        if layer.kind == Kind::ServiceControl && said.allows.is_none() {
            return format!("{} is silent", layer.name);
        }
    }
    let of = |name: &str| {
        let at = layers.iter().position(|layer| layer.name == name)?;
        Some(said[at])
    };
    let silent = |name: &str| format!("{name} is silent");
    let allowed = |name: &str| match of(name).and_then(|said| said.allows) {
        Some((_, (document, statement))) => format!("allow by {name} {document}.{statement}"),
        None => "allow by nobody".to_owned(),
    };
    let allows = |name: &str| of(name).is_some_and(|said| said.allows.is_some());

    let trust = case.is_trust && case.resource_policy.is_some();
    let resource = if trust { "Trust" } else { "Resource" };
    let strength = of(resource)
        .and_then(|said| said.allows)
        .map_or(0, |(strength, _)| strength);
    let same_account = case.owner == ACCOUNT;

    // A principal without an account has what resources give it.
    if matches!(&*case.caller, "service" | "web" | "anonymous") {
        return match strength {
            DIRECT => allowed(resource),
            _ => silent(resource),
        };
    }
    // Root has everything in its account but roles that do not trust it.
    if case.caller == "root" {
        return match (same_account && !trust, strength) {
            (false, 0) => silent(resource),
            _ => allowed(resource),
        };
    }
    // Elsewhere, and where a role is assumed, the resource must say something.
    if strength == 0 && (!same_account || trust) {
        return silent(resource);
    }
    // At home, a resource that names the caller itself stands in for everything of the caller's.
    if same_account && strength == DIRECT {
        return allowed(resource);
    }
    // One that names the caller's role or user stands in for the identity's policies alone.
    let stands_in = same_account && strength > BY_ACCOUNT;
    if !stands_in && !allows("Identity") {
        return silent("Identity");
    }
    for layer in ["Boundary", "Session"] {
        if of(layer).is_some() && !allows(layer) {
            return silent(layer);
        }
    }
    // A federated user without session policy has none of its user's permissions.
    if case.caller == "guest" && !stands_in && of("Session").is_none() {
        return silent("Session");
    }
    allowed(if stands_in { resource } else { "Identity" })
}

/// The layers that apply, in the order in which AWS reports them.
pub(crate) fn layers<'a>(case: &'a Case) -> Vec<Layer<'a>> {
    let has_account = matches!(&*case.caller, "user" | "session" | "guest" | "root");
    let has_policies = has_account && case.caller != "root";
    let mut layers = Vec::new();
    let mut add = |applies: bool, name: String, kind, documents: Option<&'a [Value]>| {
        if let (true, Some(documents)) = (applies, documents) {
            layers.push(Layer {
                name,
                kind,
                documents,
            });
        }
    };
    for (level, documents) in case.resource_control.iter().flatten().enumerate() {
        let name = format!("ResourceControl({level})");
        add(true, name, Kind::ResourceControl, Some(&documents[..]));
    }
    for (level, documents) in case.service_control.iter().flatten().enumerate() {
        let name = format!("ServiceControl({level})");
        add(
            has_account,
            name,
            Kind::ServiceControl,
            Some(&documents[..]),
        );
    }
    let resource = if case.is_trust { "Trust" } else { "Resource" };
    let policy = case.resource_policy.as_ref().map(std::slice::from_ref);
    add(true, resource.to_owned(), Kind::Resource, policy);
    for (name, documents) in [
        ("Identity", &case.identity),
        ("Boundary", &case.boundary),
        ("Session", &case.session),
    ] {
        add(
            has_policies,
            name.to_owned(),
            Kind::Own,
            documents.as_deref(),
        );
    }
    layers
}

/// The statements of a layer that match.
pub(crate) fn matched(case: &Case, layer: &Layer<'_>) -> Vec<(Place, u8)> {
    let mut matched = Vec::new();
    for (d, document) in layer.documents.iter().enumerate() {
        let variables = document["Version"] == "2012-10-17";
        for (s, statement) in document["Statement"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let strength = match layer.kind {
                Kind::Resource => matching::strength(&case.caller, &statement["Principal"]),
                Kind::Own | Kind::ServiceControl | Kind::ResourceControl => DIRECT,
            };
            if strength > 0
                && matching::action(case, statement)
                && matching::resource(case, statement, layer.kind, variables)
                && conditions::all_hold(case, statement, variables)
            {
                matched.push(((d, s), strength));
            }
        }
    }
    matched
}

/// The first statement that denies, and the first of the strongest that allow.
#[derive(Clone, Copy, Default)]
struct Said {
    denies: Option<Place>,
    allows: Option<(u8, Place)>,
}

fn ask(case: &Case, layer: &Layer<'_>) -> Said {
    let mut said = Said::default();
    for ((document, statement), strength) in matched(case, layer) {
        let place = (document, statement);
        let effect = &layer.documents[document]["Statement"][statement]["Effect"];
        if effect == "Deny" {
            said.denies.get_or_insert(place);
        } else if said
            .allows
            .is_none_or(|(strongest, _)| strength > strongest)
        {
            said.allows = Some((strength, place));
        }
    }
    said
}

/// A value, or a list of them, as texts.
fn list(value: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    if value.is_null() {
        return Vec::new();
    }
    value.as_array().map_or_else(
        || vec![text(value)],
        |items| items.iter().map(text).collect(),
    )
}
