//! What objects take of a ResourceQuota, and whether there is enough left.
//!
//! Names of what is counted are Kubernetes' own: `pods`, `requests.cpu`, `services.nodeports`,
//! `count/deployments.apps`.

mod pods;

pub use pods::sum;

use crate::quantity::Quantity;
use names::GroupResource;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How much of each thing that is counted.
pub type Usage = BTreeMap<String, Quantity>;

/// A ResourceQuota.
#[derive(Debug)]
pub struct Quota<'q> {
    name: &'q str,
    /// What may be used, each amount as it is written.
    hard: BTreeMap<&'q str, String>,
    spec: &'q Value,
}

impl<'q> Quota<'q> {
    /// Reads one.
    #[must_use]
    pub fn of(quota: &'q Value) -> Self {
        let hard = quota.pointer("/spec/hard").and_then(Value::as_object);
        let hard = hard.into_iter().flatten();
        let text = |amount: &Value| match amount.as_str() {
            Some(text) => text.to_owned(),
            None => amount.to_string(),
        };
        let hard = hard.map(|(name, amount)| (name.as_str(), text(amount)));
        Self {
            name: quota["metadata"]["name"].as_str().unwrap_or_default(),
            hard: hard.collect(),
            spec: &quota["spec"],
        }
    }

    /// What is counted, each with what may be used of it.
    pub fn hard(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hard
            .iter()
            .map(|(name, amount)| (*name, amount.as_str()))
    }

    /// What an object takes of what this one counts; of an object that it does not choose, nothing.
    #[must_use]
    pub fn usage(&self, resource: &GroupResource, object: &Value) -> Usage {
        if !self.chooses(resource, object) {
            return Usage::new();
        }
        let mut usage = usage(resource, object);
        usage.retain(|name, _| self.hard.contains_key(name.as_str()));
        usage
    }

    /// Whether there is room for what an object takes beside what is used; if not, why, as the API says it.
    ///
    /// # Errors
    /// What is exceeded, or what the object must say so that it can be counted.
    pub fn admit(
        &self,
        resource: &GroupResource,
        object: &Value,
        more: &Usage,
        used: &Usage,
    ) -> Result<(), String> {
        if is_pods(resource) && self.chooses(resource, object) {
            let unsaid = pods::unsaid(object, |name| self.hard.contains_key(name));
            if !unsaid.is_empty() {
                return Err(format!(
                    "failed quota: {}: must specify {unsaid}",
                    self.name
                ));
            }
        }
        let hard = |name: &str| self.hard.get(name).map(String::as_str).unwrap_or_default();
        let in_use = |name: &str| used.get(name).copied().unwrap_or_default();
        let is_exceeded = |(name, more): &(&String, &Quantity)| {
            let limit = Quantity::parse(hard(name)).unwrap_or_default();
            **more > Quantity::default() && in_use(name).plus(**more) > limit
        };
        let exceeded: Vec<_> = more.iter().filter(is_exceeded).collect();
        if exceeded.is_empty() {
            return Ok(());
        }
        let list = |amount: &dyn Fn(&str, Quantity) -> String| {
            let all = exceeded.iter();
            let all = all.map(|(name, more)| format!("{name}={}", amount(name, **more)));
            all.collect::<Vec<_>>().join(",")
        };
        Err(format!(
            "exceeded quota: {}, requested: {}, used: {}, limited: {}",
            self.name,
            list(&|name, more| more.written_like(hard(name))),
            list(&|name, _| in_use(name).written_like(hard(name))),
            list(&|name, _| hard(name).to_owned()),
        ))
    }

    /// Whether it counts an object: one with scopes counts only Pods that are of all of them.
    fn chooses(&self, resource: &GroupResource, object: &Value) -> bool {
        let scopes = self.spec["scopes"].as_array().into_iter().flatten();
        let mut scopes = scopes.filter_map(Value::as_str);
        let terms = self.spec.pointer("/scopeSelector/matchExpressions");
        let mut terms = terms.and_then(Value::as_array).into_iter().flatten();
        let is_pod = is_pods(resource);
        scopes.all(|scope| is_pod && pods::is_of_scope(object, scope))
            && terms.all(|term| is_pod && pods::fits_term(object, term))
    }
}

/// Adds an object's usage to what was used before.
pub fn add(used: &mut Usage, more: &Usage) {
    for (name, amount) in more {
        let before = used.entry(name.clone()).or_default();
        *before = before.plus(*amount);
    }
}

/// What a change takes more than what was there.
#[must_use]
pub fn growth(now: &Usage, before: &Usage) -> Usage {
    let grown = now.iter().map(|(name, amount)| {
        let was = before.get(name).copied().unwrap_or_default();
        (name.clone(), amount.minus(was))
    });
    grown
        .filter(|(_, more)| *more > Quantity::default())
        .collect()
}

/// The resource of which a quota counts something under a name, as group and plural.
#[must_use]
pub fn counted_by(name: &str) -> (String, String) {
    if let Some(counted) = name.strip_prefix("count/") {
        let (plural, group) = counted.split_once('.').unwrap_or((counted, ""));
        return (group.to_owned(), plural.to_owned());
    }
    let is_of_claims = name == "requests.storage" || name.contains(".storageclass.storage.k8s.io/");
    let plural = match name {
        "configmaps"
        | "secrets"
        | "replicationcontrollers"
        | "resourcequotas"
        | "persistentvolumeclaims"
        | "services" => name,
        "services.loadbalancers" | "services.nodeports" => "services",
        _ if is_of_claims => "persistentvolumeclaims",
        _ => "pods",
    };
    (String::new(), plural.to_owned())
}

fn is_pods(resource: &GroupResource) -> bool {
    resource.group.as_str().is_empty() && resource.plural.as_str() == "pods"
}

/// All that an object takes, under all names.
fn usage(resource: &GroupResource, object: &Value) -> Usage {
    let (group, plural) = (resource.group.as_str(), resource.plural.as_str());
    let count = match group {
        "" => format!("count/{plural}"),
        group => format!("count/{plural}.{group}"),
    };
    let mut usage = Usage::from([(count, Quantity::ONE)]);
    match (group, plural) {
        ("", "pods") => usage.extend(pods::usage(object)),
        ("", "services") => usage.extend(of_service(object)),
        ("", "persistentvolumeclaims") => usage.extend(of_claim(object)),
        ("", "configmaps" | "secrets" | "replicationcontrollers" | "resourcequotas") => {
            usage.insert(plural.to_owned(), Quantity::ONE);
        }
        _ => {}
    }
    usage
}

fn of_service(service: &Value) -> Usage {
    let sort = service.pointer("/spec/type").and_then(Value::as_str);
    let ports = service.pointer("/spec/ports").and_then(Value::as_array);
    let ports = ports.map_or(0, Vec::len);
    let ports = Quantity::parse(&ports.to_string()).unwrap_or_default();
    let mut usage = Usage::from([("services".to_owned(), Quantity::ONE)]);
    let allocates =
        service.pointer("/spec/allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
    if sort == Some("LoadBalancer") {
        usage.insert("services.loadbalancers".to_owned(), Quantity::ONE);
    }
    if sort == Some("NodePort") || (sort == Some("LoadBalancer") && allocates) {
        usage.insert("services.nodeports".to_owned(), ports);
    }
    usage
}

fn of_claim(claim: &Value) -> Usage {
    let wanted = claim.pointer("/spec/resources/requests/storage");
    let wanted = wanted.and_then(Quantity::of).unwrap_or_default();
    let mut usage = Usage::from([
        ("persistentvolumeclaims".to_owned(), Quantity::ONE),
        ("requests.storage".to_owned(), wanted),
    ]);
    let class = claim
        .pointer("/spec/storageClassName")
        .and_then(Value::as_str);
    if let Some(class) = class.filter(|class| !class.is_empty()) {
        let of_class = |what: &str| format!("{class}.storageclass.storage.k8s.io/{what}");
        usage.insert(of_class("persistentvolumeclaims"), Quantity::ONE);
        usage.insert(of_class("requests.storage"), wanted);
    }
    usage
}

/// Containers' names by what they do not say, in the order of both.
type Unsaid = BTreeMap<&'static str, BTreeSet<String>>;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resource(text: &str) -> GroupResource {
        let (group, plural) = text.split_once('/').unwrap_or(("", text));
        GroupResource {
            group: group.parse().unwrap(),
            plural: plural.parse().unwrap(),
        }
    }

    fn quota(hard: &Value) -> Value {
        json!({"metadata": {"name": "q"}, "spec": {"hard": hard}})
    }

    #[track_caller]
    fn check(hard: &Value, of: &str, object: &Value, used: &Value, expected: Result<(), &str>) {
        let quota = quota(hard);
        let quota = Quota::of(&quota);
        let resource = resource(of);
        let amount =
            |(name, amount): (&String, &Value)| (name.clone(), Quantity::of(amount).unwrap());
        let used = used.as_object().unwrap().iter().map(amount).collect();
        let more = quota.usage(&resource, object);
        let admitted = quota.admit(&resource, object, &more, &used);
        assert_eq!(admitted.as_ref().map_err(String::as_str).copied(), expected);
    }

    #[test]
    fn objects_are_counted_up_to_what_is_allowed() {
        let hard = json!({"configmaps": "2", "count/deployments.apps": "1", "count/secrets": "0"});
        check(
            &hard,
            "configmaps",
            &json!({}),
            &json!({"configmaps": 1}),
            Ok(()),
        );
        check(
            &hard,
            "configmaps",
            &json!({}),
            &json!({"configmaps": 2}),
            Err(
                "exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2",
            ),
        );
        check(
            &hard,
            "apps/deployments",
            &json!({}),
            &json!({"count/deployments.apps": 1}),
            Err(
                "exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1",
            ),
        );
        check(
            &hard,
            "secrets",
            &json!({}),
            &json!({}),
            Err(
                "exceeded quota: q, requested: count/secrets=1, used: count/secrets=0, limited: count/secrets=0",
            ),
        );
        check(&hard, "services", &json!({}), &json!({}), Ok(()));
    }

    #[test]
    fn services_and_claims_take_more_than_one_thing() {
        let service = json!({"spec": {"type": "LoadBalancer", "ports": [{}, {}]}});
        check(
            &json!({"services": 9, "services.nodeports": "1", "services.loadbalancers": "1"}),
            "services",
            &service,
            &json!({}),
            Err(
                "exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1",
            ),
        );
        let claim = json!({"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "3Gi"}}}});
        check(
            &json!({"requests.storage": "4Gi", "fast.storageclass.storage.k8s.io/requests.storage": "9Gi"}),
            "persistentvolumeclaims",
            &claim,
            &json!({"requests.storage": "2Gi"}),
            Err(
                "exceeded quota: q, requested: requests.storage=3Gi, used: requests.storage=2Gi, limited: requests.storage=4Gi",
            ),
        );
    }

    #[test]
    fn only_what_grows_is_asked_for() {
        let usage = |text: &str| Usage::from([("pods".to_owned(), Quantity::parse(text).unwrap())]);
        assert_eq!(growth(&usage("3"), &usage("1")), usage("2"));
        assert_eq!(growth(&usage("1"), &usage("3")), Usage::new());
    }

    #[test]
    fn each_name_says_what_it_counts() {
        for (name, group, plural) in [
            ("pods", "", "pods"),
            ("requests.cpu", "", "pods"),
            ("limits.memory", "", "pods"),
            ("services.nodeports", "", "services"),
            ("requests.storage", "", "persistentvolumeclaims"),
            (
                "fast.storageclass.storage.k8s.io/requests.storage",
                "",
                "persistentvolumeclaims",
            ),
            ("count/deployments.apps", "apps", "deployments"),
            (
                "count/ingresses.networking.k8s.io",
                "networking.k8s.io",
                "ingresses",
            ),
            ("count/pods", "", "pods"),
        ] {
            let expected = (group.to_owned(), plural.to_owned());
            assert_eq!(counted_by(name), expected, "{name}");
        }
    }
}
