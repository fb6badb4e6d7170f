//! What happens to a Pod, told as Events. The same news again only raises the count.

use crate::api::{Api, Part, Pending, resources};
use crate::object;
use crate::pod::{Metadata, Pod};
use crate::runner::board::seconds;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// News that wait to be told; more are dropped.
const WAITING_MAX: usize = 4096;

/// News that are remembered to be counted.
const COUNTED_MAX: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Normal,
    Warning,
}

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct News {
    pub(crate) severity: Severity,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) at: Timestamp,
    /// The object that it is about: an `ObjectReference`.
    pub(crate) about: Value,
    pub(crate) component: &'static str,
    pub(crate) host: String,
}

/// Tells news in order.
#[derive(Debug, Clone)]
pub(crate) struct Teller(mpsc::Sender<News>);

impl Teller {
    pub(crate) fn start(api: Arc<dyn Api>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(tell(api, receiver));
        Self(sender)
    }

    pub(crate) fn tell(&self, news: News) {
        // Events are best effort: a flood must not hold up the Pods.
        let _ = self.0.try_send(news);
    }
}

/// How an event refers to a Pod, or to one of its containers.
pub(crate) fn about(pod: &Pod, container: Option<&str>) -> Value {
    let Metadata {
        namespace,
        name,
        uid,
        ..
    } = &pod.metadata;
    let mut about = reference(namespace, name, uid);
    if let Some(name) = container {
        about["fieldPath"] = json!(format!("spec.containers{{{name}}}"));
    }
    about
}

/// How an event refers to a Pod that cannot be read.
pub(crate) fn about_object(pod: &Value) -> Value {
    reference(object::namespace(pod), object::name(pod), object::uid(pod))
}

fn reference(namespace: &str, name: &str, uid: &str) -> Value {
    json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "namespace": namespace,
        "name": name,
        "uid": uid,
    })
}

async fn tell(api: Arc<dyn Api>, mut news: mpsc::Receiver<News>) {
    let mut told: BTreeMap<String, (String, u64)> = BTreeMap::new();
    while let Some(news) = news.recv().await {
        let key = format!(
            "{}{}{}{}",
            news.about, news.reason, news.message, news.component
        );
        if told.len() > COUNTED_MAX {
            told.clear();
        }
        let again = match told.get_mut(&key) {
            Some((name, count)) => {
                *count += 1;
                repeat(&*api, &news, name, *count).await
            }
            None => false,
        };
        if !again {
            let name = create(&*api, &news).await;
            told.extend(name.map(|name| (key, (name, 1))));
        }
    }
}

fn repeat<'a>(api: &'a dyn Api, news: &'a News, name: &'a str, count: u64) -> Pending<'a, bool> {
    let patch = json!({"count": count, "lastTimestamp": seconds(news.at)});
    let namespace = namespace_of(news);
    Box::pin(async move {
        let merged = api
            .merge(resources::EVENTS, namespace, name, Part::Main, patch)
            .await;
        merged.is_ok()
    })
}

async fn create(api: &dyn Api, news: &News) -> Option<String> {
    let about = news.about["name"].as_str().unwrap_or_default();
    let name = format!("{about}.{:016x}", news.at.as_nanosecond());
    let event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace_of(news)},
        "involvedObject": news.about,
        "type": if news.severity == Severity::Normal { "Normal" } else { "Warning" },
        "reason": news.reason,
        "message": news.message,
        "source": {"component": news.component, "host": news.host},
        "reportingComponent": news.component,
        "reportingInstance": news.host,
        "firstTimestamp": seconds(news.at),
        "lastTimestamp": seconds(news.at),
        "count": 1,
    });
    // An event of a namespace that is going is nobody's loss.
    api.create(resources::EVENTS, event)
        .await
        .ok()
        .map(|_| name)
}

fn namespace_of(news: &News) -> &str {
    match news.about["namespace"].as_str() {
        Some("") | None => "default",
        Some(namespace) => namespace,
    }
}
