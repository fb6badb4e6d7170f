//! What STS asks the policies, with the condition keys of its calls.

use names::{AccountId, ExternalId, ProviderArn, RoleArn, SessionName, SourceIdentity};

use crate::caller::Caller;
use crate::directory::RoleFacts;
use crate::session::WebIdentity;
use crate::tags::RequestedTags;

/// One question to the policies.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who asks.
    pub asker: Asker<'a>,
    /// The action: `sts:AssumeRole`.
    pub action: &'static str,
    /// The ARN of what it is about.
    pub resource: String,
    /// Whose resource that is.
    pub resource_account: AccountId,
    /// The role whose trust policy must allow, if the resource is one.
    pub trust: Option<&'a RoleArn>,
    /// The condition keys of this call; those of the caller and of the request are added by who
    /// decides.
    pub keys: ConditionKeys,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// A signed request's caller.
    Caller(&'a Caller),
    /// A token's bearer, vouched for by a provider; no principal of any account.
    WebIdentity(&'a ProviderArn),
}

/// Condition keys and their values; keys compare ignoring case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConditionKeys(Vec<(String, KeyValue)>);

/// One value, or a list that may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// A single-valued key.
    One(String),
    /// A multi-valued key.
    Many(Vec<String>),
}

impl ConditionKeys {
    /// Adds a single-valued key.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.0.push((key.into(), KeyValue::One(value.into())));
    }

    /// Adds a multi-valued key, unless it has no value: then it is absent.
    pub fn set_list(&mut self, key: impl Into<String>, values: Vec<String>) {
        if !values.is_empty() {
            self.0.push((key.into(), KeyValue::Many(values)));
        }
    }

    /// Adds a single-valued key if it has a value.
    pub fn set_some(&mut self, key: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.set(key, value.to_string());
        }
    }

    /// A key's value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&KeyValue> {
        let mut keys = self.0.iter();
        let found = keys.find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value)
    }

    /// Every key and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &KeyValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Adds the keys of tags that a call asks for: `aws:RequestTag/k`, `aws:TagKeys`,
    /// `sts:TransitiveTagKeys`.
    pub(crate) fn set_requested_tags(&mut self, tags: &RequestedTags) {
        for (key, value) in &tags.tags {
            self.set(format!("aws:RequestTag/{key}"), value);
        }
        let keys = tags.tags.iter().map(|(key, _)| key.clone());
        self.set_list("aws:TagKeys", keys.collect());
        self.set_list("sts:TransitiveTagKeys", tags.transitive_keys.clone());
    }

    /// Adds the keys of the role that is to be assumed.
    pub(crate) fn set_role(&mut self, arn: &RoleArn, role: &RoleFacts) {
        self.set("aws:ResourceAccount", arn.account().to_string());
        for (key, value) in &role.tags {
            self.set(format!("aws:ResourceTag/{key}"), value);
            self.set(format!("iam:ResourceTag/{key}"), value);
        }
    }

    /// Adds what the caller says about the session that it asks for.
    pub(crate) fn set_session_request(
        &mut self,
        session: &SessionName,
        source_identity: Option<&SourceIdentity>,
        external_id: Option<&ExternalId>,
    ) {
        self.set("sts:RoleSessionName", session.as_str());
        self.set_some("sts:SourceIdentity", source_identity);
        self.set_some("sts:ExternalId", external_id);
    }

    /// Adds the claims of a web identity, under the provider's name.
    ///
    /// A token that names an authorised party shows it as `:aud`, and its audience as `:oaud`.
    /// No other claim of a generic provider is available to policies.
    pub fn set_web_identity(&mut self, identity: &WebIdentity) {
        let name = identity.provider.provider();
        self.set(format!("{name}:aud"), &identity.audience);
        self.set(format!("{name}:sub"), &identity.subject);
        if let Some(audience) = &identity.original_audience {
            self.set(format!("{name}:oaud"), audience);
        }
        self.set_list(format!("{name}:amr"), identity.methods.clone());
    }
}
