//! Services.

use super::SPEC;
use super::container::PROTOCOLS;
use super::faults::{Faults, is_set, items, text};
use super::{metadata, probe};
use crate::spelling;
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn check(spec: &Value, faults: &mut Faults) {
    let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    faults.one_of(SPEC.child("type"), &spec["type"], &types);
    let is_external = text(&spec["type"]) == "ExternalName";
    if is_external {
        faults.named(
            SPEC.child("externalName"),
            &spec["externalName"],
            spelling::dns_subdomain,
        );
    }
    let is_headless = text(&spec["clusterIP"]) == "None";
    if items(&spec["ports"]).is_empty() && !is_external && !is_headless {
        faults.required(SPEC.child("ports"), "");
    }
    ports(spec, faults);
    metadata::labels(SPEC.child("selector"), &spec["selector"], faults);
    faults.one_of(
        SPEC.child("sessionAffinity"),
        &spec["sessionAffinity"],
        &["ClientIP", "None"],
    );
    for field in ["internalTrafficPolicy", "externalTrafficPolicy"] {
        faults.one_of(SPEC.child(field), &spec[field], &["Cluster", "Local"]);
    }
    let address = text(&spec["clusterIP"]);
    if !address.is_empty() && !is_headless && address.parse::<std::net::IpAddr>().is_err() {
        let complaint = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        let addresses = SPEC.child("clusterIPs");
        faults.invalid(addresses.index(0), &spec["clusterIP"], complaint);
    }
}

fn ports(spec: &Value, faults: &mut Faults) {
    let list = SPEC.child("ports");
    let ports = items(&spec["ports"]);
    let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
    for (index, port) in ports.iter().enumerate() {
        let item = list.index(index);
        match text(&port["name"]) {
            "" if ports.len() > 1 => faults.required(item.child("name"), ""),
            "" => {}
            name => {
                faults.misspelt(item.child("name"), name, &spelling::dns_label(name));
                faults.once(&mut names, item.child("name"), &port["name"]);
            }
        }
        if is_set(&port["port"]) {
            faults.port(item.child("port"), &port["port"]);
        } else {
            faults.invalid(
                item.child("port"),
                &Value::from(0),
                &spelling::out_of_range(1, 65_535),
            );
        }
        faults.one_of(item.child("protocol"), &port["protocol"], &PROTOCOLS);
        if is_set(&port["targetPort"]) {
            probe::port(item.child("targetPort"), &port["targetPort"], faults);
        }
        if !numbers.insert((port["port"].as_i64(), text(&port["protocol"]))) {
            faults.duplicate(item, port);
        }
    }
}
