//! Probes and hooks of a container.

use super::faults::{Faults, is_set, items, text};
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;

pub(super) fn check_all(container: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = &container[name];
        if is_set(probe) {
            check(probe, path.child(name), faults);
            let once = &probe["successThreshold"];
            if name != "readinessProbe" && once.as_i64().is_some_and(|count| count != 1) {
                let place = path.child(name);
                faults.invalid(place.child("successThreshold"), once, "must be 1");
            }
        }
    }
    let lifecycle = path.child("lifecycle");
    for moment in ["postStart", "preStop"] {
        let hook = &container["lifecycle"][moment];
        if is_set(hook) {
            handler(
                hook,
                &["exec", "httpGet", "tcpSocket", "sleep"],
                lifecycle.child(moment),
                faults,
            );
        }
    }
}

fn check(probe: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    handler(
        probe,
        &["exec", "httpGet", "tcpSocket", "grpc"],
        path,
        faults,
    );
    let counts = [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ];
    for field in counts {
        faults.not_negative(path.child(field), &probe[field]);
    }
}

fn handler(probe: &Value, sorts: &[&str], path: FieldPath<'_>, faults: &mut Faults) {
    let found: Vec<_> = sorts.iter().filter(|sort| is_set(&probe[**sort])).collect();
    let Some((first, others)) = found.split_first() else {
        faults.required(path, "must specify a handler type");
        return;
    };
    for other in others {
        faults.forbidden(
            path.child(other),
            "may not specify more than 1 handler type",
        );
    }
    let (handler, place) = (&probe[**first], path.child(first));
    match **first {
        "exec" if items(&handler["command"]).is_empty() => {
            faults.required(place.child("command"), "");
        }
        "httpGet" => {
            if text(&handler["path"]).is_empty() {
                faults.required(place.child("path"), "");
            }
            faults.one_of(
                place.child("scheme"),
                &handler["scheme"],
                &["HTTP", "HTTPS"],
            );
            port(place.child("port"), &handler["port"], faults);
        }
        "tcpSocket" | "grpc" => port(place.child("port"), &handler["port"], faults),
        _ => {}
    }
}

/// A port by number or by name.
pub(super) fn port(path: FieldPath<'_>, port: &Value, faults: &mut Faults) {
    if let Value::String(name) = port {
        faults.misspelt(path, name, &spelling::port_name(name));
    } else {
        let number = if port.is_null() {
            &Value::from(0)
        } else {
            port
        };
        faults.port(path, number);
    }
}
