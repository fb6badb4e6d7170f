//! The addresses and node ports of Services, each given to one of them at a time.
//!
//! What is taken is what the Services themselves say. No packet reaches such an address; it is there for
//! those who wait for it, and names the Service.

use crate::ledger::Ledger;
use crate::published::is_published;
use crate::registry::ResourceDef;
use crate::server::ApiServer;
use objects::status::FieldError;
use objects::{Object, Status};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// From here on addresses are drawn; the first ones are for those who ask for one by name.
const DRAWN_FROM: u32 = 256;
/// Ports of nodes that Services may have.
const NODE_PORTS: RangeInclusive<u16> = 30_000..=32_767;
/// The address of the API itself, counted from the network's.
const OF_THE_API: u32 = 1;

/// The addresses that a cluster's Services may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceNetwork {
    first: u32,
    bits: u32,
}

/// A text that is no such network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network of addresses, as `10.100.0.0/16`, of 12 to 24 bits")]
pub struct NotANetwork(String);

impl Default for ServiceNetwork {
    /// `10.100.0.0/16`, which EKS chooses.
    fn default() -> Self {
        let first = Ipv4Addr::new(10, 100, 0, 0);
        Self {
            first: u32::from(first),
            bits: 16,
        }
    }
}

impl FromStr for ServiceNetwork {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let refuse = || NotANetwork(text.to_owned());
        let (address, bits) = text.split_once('/').ok_or_else(refuse)?;
        let address: Ipv4Addr = address.parse().map_err(|_| refuse())?;
        let bits: u32 = bits.parse().map_err(|_| refuse())?;
        if !(12..=24).contains(&bits) {
            return Err(refuse());
        }
        let first = u32::from(address) & (u32::MAX << (32 - bits));
        Ok(Self { first, bits })
    }
}

impl fmt::Display for ServiceNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.first), self.bits)
    }
}

impl ServiceNetwork {
    fn size(self) -> u32 {
        1 << (32 - self.bits)
    }

    fn has(self, address: Ipv4Addr) -> bool {
        u32::from(address)
            .checked_sub(self.first)
            .is_some_and(|at| at >= OF_THE_API && at < self.size() - 1)
    }

    /// The address that the Service of the API itself has.
    pub(crate) fn of_the_api(self) -> Ipv4Addr {
        Ipv4Addr::from(self.first + OF_THE_API)
    }

    /// A free address, looked for from a chance place on.
    fn free(self, taken: &BTreeSet<Ipv4Addr>, chance: u32) -> Option<Ipv4Addr> {
        let low = DRAWN_FROM.min(self.size() / 2);
        let drawn = low..self.size() - 1;
        let count = drawn.end - drawn.start;
        let start = chance % count;
        let in_turn = (0..count).map(|step| drawn.start + (start + step) % count);
        let asked_for = OF_THE_API + 1..low;
        in_turn
            .chain(asked_for)
            .map(|at| Ipv4Addr::from(self.first + at))
            .find(|address| !taken.contains(address))
    }
}

/// What other Services have.
#[derive(Debug, Default)]
struct Taken {
    addresses: BTreeSet<Ipv4Addr>,
    ports: BTreeSet<u16>,
}

impl Taken {
    fn add(&mut self, service: &Object) {
        let address = service.text(&["spec", "clusterIP"]);
        self.addresses
            .extend(address.and_then(|text| text.parse::<Ipv4Addr>().ok()));
        let ports = service.items(&["spec", "ports"]).iter();
        self.ports.extend(ports.filter_map(node_port));
    }
}

impl ApiServer {
    /// Gives a Service the address and the node ports that it needs; none: nothing was to be given.
    pub(crate) async fn give_addresses(
        &self,
        of: &ResourceDef,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<Option<Ledger>, Status> {
        if !is_service(of) {
            return Ok(None);
        }
        if let Some(old) = old {
            keep(object, old);
        }
        if old.is_some_and(|old| wants(object) == wants(old)) || wants(object).is_nothing() {
            return Ok(None);
        }
        let ledger = self.ledger(self.records.ledger()).await?;
        let taken = self.taken(of, object).await?;
        let chance = self.parts.surroundings.random();
        give(object, &taken, self.parts.services, chance).map_err(|fault| {
            Status::invalid(&of.gvk, object.name().unwrap_or_default(), &[fault])
        })?;
        Ok(Some(ledger))
    }

    async fn taken(&self, of: &ResourceDef, but: &Object) -> Result<Taken, Status> {
        let range = self.records.range(of, "");
        let found = self.records.list(of, &range, None).await;
        let found = found.map_err(|why| Status::internal_error(&why.to_string()))?;
        let mut taken = Taken::default();
        if !is_published(but) {
            taken.addresses.insert(self.parts.services.of_the_api());
        }
        for (_, record) in found.records {
            let service = record.read(of);
            if (service.namespace(), service.name()) != (but.namespace(), but.name()) {
                taken.add(&service);
            }
        }
        Ok(taken)
    }
}

fn is_service(of: &ResourceDef) -> bool {
    of.group().is_empty() && of.plural() == "services"
}

/// What a Service wants of its cluster.
#[derive(Debug, PartialEq, Eq)]
struct Wants {
    /// Its address, the empty one if any will do; none: it wants none.
    address: Option<String>,
    /// For each of its ports the same.
    ports: Vec<Option<u16>>,
}

impl Wants {
    fn is_nothing(&self) -> bool {
        self.address.is_none() && self.ports.is_empty()
    }
}

fn wants(service: &Object) -> Wants {
    let address = service.text(&["spec", "clusterIP"]).unwrap_or_default();
    let sort = sort_of(service);
    let is_addressed = sort != "ExternalName" && address != "None";
    let ports = service.items(&["spec", "ports"]).iter();
    Wants {
        address: is_addressed.then(|| address.to_owned()),
        ports: match sort {
            "NodePort" | "LoadBalancer" => ports.map(node_port).collect(),
            _ => Vec::new(),
        },
    }
}

fn sort_of(service: &Object) -> &str {
    service.text(&["spec", "type"]).unwrap_or("ClusterIP")
}

fn node_port(port: &Value) -> Option<u16> {
    let port = port["nodePort"].as_u64().filter(|port| *port > 0)?;
    u16::try_from(port).ok()
}

/// Who leaves out what was given keeps it; who no longer can have it loses it.
fn keep(service: &mut Object, old: &Object) {
    let sort = sort_of(service).to_owned();
    let is_external = sort == "ExternalName";
    let has_node_ports = matches!(sort.as_str(), "NodePort" | "LoadBalancer");
    let before: Vec<Value> = old.items(&["spec", "ports"]).to_vec();
    let Some(spec) = spec_of(service) else {
        return;
    };
    for field in ["clusterIP", "clusterIPs"] {
        let was = old.get(&["spec", field]);
        let is_left_out = spec.get(field).is_none_or(is_blank);
        match was {
            Some(was) if is_external && spec.get(field) == Some(was) => drop(spec.remove(field)),
            Some(was) if !is_external && is_left_out => {
                spec.insert(field.to_owned(), was.clone());
            }
            _ => {}
        }
    }
    for port in ports_of(spec) {
        let same =
            |one: &&Value| one["port"] == port["port"] && one["protocol"] == port["protocol"];
        let was = before.iter().find(same).and_then(node_port);
        let is_kept = node_port(&Value::Object(port.clone())).or(was);
        match is_kept {
            Some(kept) if has_node_ports => drop(port.insert("nodePort".to_owned(), kept.into())),
            Some(kept) if was == Some(kept) => drop(port.remove("nodePort")),
            _ => {}
        }
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

fn spec_of(service: &mut Object) -> Option<&mut Map<String, Value>> {
    service.as_map_mut().get_mut("spec")?.as_object_mut()
}

fn ports_of(spec: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    ports.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn give(
    service: &mut Object,
    taken: &Taken,
    network: ServiceNetwork,
    chance: [u8; 16],
) -> Result<(), FieldError> {
    let wants = wants(service);
    let Some(spec) = spec_of(service) else {
        return Ok(());
    };
    let [a, b, c, d, e, f, ..] = chance;
    if let Some(asked) = wants.address {
        let address = address(&asked, taken, network, u32::from_le_bytes([a, b, c, d]))?;
        spec.insert("clusterIP".to_owned(), json!(address));
        spec.insert("clusterIPs".to_owned(), json!([address]));
    }
    let mut ports = taken.ports.clone();
    let mut chance = u16::from_le_bytes([e, f]);
    for ((index, port), asked) in ports_of(spec).enumerate().zip(wants.ports) {
        let given = node_port_of(index, asked, &ports, chance)?;
        ports.insert(given);
        chance = chance.wrapping_add(given);
        port.insert("nodePort".to_owned(), given.into());
    }
    Ok(())
}

fn address(
    asked: &str,
    taken: &Taken,
    network: ServiceNetwork,
    chance: u32,
) -> Result<String, FieldError> {
    let refuse = |why: String| {
        let why = format!("failed to allocate IP {asked}: {why}");
        Err(FieldError::invalid("spec.clusterIPs", json!([asked]), why))
    };
    if asked.is_empty() {
        let free = network.free(&taken.addresses, chance);
        let none = || {
            FieldError::invalid(
                "spec.clusterIPs",
                json!([]),
                "failed to allocate an IP: range is full",
            )
        };
        return free.map(|free| free.to_string()).ok_or_else(none);
    }
    match asked.parse() {
        Ok(address) if !network.has(address) => refuse(format!(
            "the provided IP ({asked}) is not in the valid range. The range of valid IPs is {network}"
        )),
        Ok(address) if taken.addresses.contains(&address) => {
            refuse("provided IP is already allocated".to_owned())
        }
        // What is no address is said by its kind's own check.
        Ok(_) | Err(_) => Ok(asked.to_owned()),
    }
}

fn node_port_of(
    index: usize,
    asked: Option<u16>,
    taken: &BTreeSet<u16>,
    chance: u16,
) -> Result<u16, FieldError> {
    let refuse = |port: u16, why: &str| {
        let field = format!("spec.ports[{index}].nodePort");
        Err(FieldError::invalid(field, port, why))
    };
    let (first, last) = (*NODE_PORTS.start(), *NODE_PORTS.end());
    match asked {
        Some(port) if !NODE_PORTS.contains(&port) => refuse(
            port,
            &format!(
                "provided port is not in the valid range. The range of valid ports is {first}-{last}"
            ),
        ),
        Some(port) if taken.contains(&port) => refuse(port, "provided port is already allocated"),
        Some(port) => Ok(port),
        None => {
            let count = last - first + 1;
            let in_turn = (0..count).map(|step| first + (chance % count + step) % count);
            let free = in_turn.into_iter().find(|port| !taken.contains(port));
            match free {
                Some(free) => Ok(free),
                None => refuse(0, "failed to allocate a nodePort: range is full"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> ServiceNetwork {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_is_read_and_written() {
        assert_eq!(network("10.100.7.9/16").to_string(), "10.100.0.0/16");
        for text in [
            "10.100.0.0",
            "10.100.0.0/8",
            "10.100.0.0/30",
            "x/16",
            "10.1.1.1/x",
        ] {
            assert!(text.parse::<ServiceNetwork>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_address_but_the_edges_and_that_of_the_api_is_given_once() {
        let network = network("10.0.0.0/24");
        let mut taken = BTreeSet::new();
        while let Some(free) = network.free(&taken, 77) {
            assert!(network.has(free), "{free}");
            assert!(taken.insert(free), "{free}");
        }
        assert_eq!(taken.len(), 253);
        assert!(!taken.contains(&network.of_the_api()));
        for edge in ["10.0.0.0", "10.0.0.255", "10.0.1.2"] {
            assert!(!network.has(edge.parse().unwrap()), "{edge}");
        }
    }

    #[test]
    fn the_first_addresses_are_left_to_those_who_ask_for_them() {
        let network = network("10.100.0.0/16");
        for chance in [0, 1, 65_278, u32::MAX] {
            let free = network.free(&BTreeSet::new(), chance).unwrap();
            assert!(u32::from(free) - network.first >= DRAWN_FROM, "{free}");
        }
    }
}
