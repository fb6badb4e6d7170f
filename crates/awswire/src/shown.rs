//! What a call asks for, as a record of it names things: CloudTrail's `requestParameters`.
//!
//! Nothing is checked here: a call that is refused is recorded as it came.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::form::decode_percent;
use crate::model::Operation;
use crate::route::{Call, Parameters};

/// What a Query request says beside its parameters.
const OF_THE_PROTOCOL: [&str; 2] = ["Action", "Version"];

/// The verbs of operations that change nothing.
const READING: [&str; 6] = ["Get", "List", "Describe", "Simulate", "Decode", "Assume"];

impl Operation {
    /// Whether it changes nothing, as CloudTrail's `readOnly` says it: opening a session counts as
    /// reading.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        READING.iter().any(|verb| self.name.starts_with(verb))
    }
}

impl Call<'_> {
    /// Its parameters, names as CloudTrail spells them (`roleArn`) and values as text. The secrets
    /// among them are in the clear: whoever keeps them hides them by their names.
    #[must_use]
    pub fn shown_parameters(&self) -> Vec<(String, Cow<'_, str>)> {
        match &self.parameters {
            Parameters::Form(form) => form
                .iter()
                .filter(|(name, _)| !OF_THE_PROTOCOL.contains(name))
                .map(|(name, value)| (in_lower_camel(name), Cow::Borrowed(value)))
                .collect(),
            Parameters::Rest {
                labels,
                query,
                body,
            } => {
                let labels = labels.iter().map(|(name, value)| (*name, *value));
                let query = query.split('&').filter_map(|part| part.split_once('='));
                let mut shown: Vec<_> = labels
                    .chain(query)
                    .map(|(name, value)| (in_lower_camel(name), decoded(value)))
                    .collect();
                let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
                shown.extend(body.into_iter().map(|(name, value)| {
                    let text = value.as_str().map(str::to_owned);
                    let text = text.unwrap_or_else(|| value.to_string());
                    (in_lower_camel(&name), Cow::Owned(text))
                }));
                shown
            }
        }
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    decode_percent(text).unwrap_or(Cow::Borrowed(text))
}

/// `RoleArn` is `roleArn`, and `OpenIDConnectProviderArn` is `openIDConnectProviderArn`.
fn in_lower_camel(name: &str) -> String {
    let mut camel = name.to_owned();
    if let Some(first) = camel.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    camel
}
