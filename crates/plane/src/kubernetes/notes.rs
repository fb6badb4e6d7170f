//! Events on objects, from those who decide and do not write: they note, and a task writes.

use crate::chance;
use apiserver::{Client, Place};
use objects::Object;
use serde_json::json;
use tokio::sync::mpsc;

/// Notes that wait to be written; what comes beyond is dropped, as events may be.
const NOTES_MAX: usize = 1_024;

/// Takes notes.
#[derive(Debug, Clone)]
pub(super) struct Notes(mpsc::Sender<Note>);

/// Writes them.
pub(super) struct Writing(mpsc::Receiver<Note>);

/// What happened to a pod.
#[derive(Debug)]
pub(super) struct Note {
    /// Where the pod lies.
    pub(super) namespace: String,
    /// Its name.
    pub(super) name: String,
    /// Its identity.
    pub(super) uid: String,
    /// In one word.
    pub(super) reason: &'static str,
    /// In a sentence.
    pub(super) message: String,
}

pub(super) fn channel() -> (Notes, Writing) {
    let (sender, receiver) = mpsc::channel(NOTES_MAX);
    (Notes(sender), Writing(receiver))
}

impl Notes {
    pub(super) fn take(&self, note: Note) {
        let _ = self.0.try_send(note);
    }
}

impl Writing {
    /// Writes what is noted until nobody notes any more.
    pub(super) async fn keep(mut self, client: Client) {
        while let Some(note) = self.0.recv().await {
            let events = Place::new("", "v1", "events", &note.namespace);
            if let Ok(event) = Object::from_value(note.event()) {
                // An event that is not written is lost: nothing depends on it.
                let _ = client.create(&events, event).await;
            }
        }
    }
}

impl Note {
    fn event(&self) -> serde_json::Value {
        let now = chance::now();
        let seconds = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": format!("{}.{:x}", self.name, now.as_nanosecond()),
                "namespace": self.namespace,
            },
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Pod",
                "namespace": self.namespace,
                "name": self.name,
                "uid": self.uid,
            },
            "type": "Warning",
            "reason": self.reason,
            "message": self.message,
            "source": { "component": "pod-identity-webhook" },
            "firstTimestamp": seconds.to_string(),
            "lastTimestamp": seconds.to_string(),
            "count": 1,
        })
    }
}
