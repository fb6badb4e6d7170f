//! What the steps share: issuers, the token in hand, sessions; and the plane's own word on a refusal.

use super::Who;
use super::forgery::Forgery;
use crate::client::{self, Credentials};
use crate::commands::token;
use crate::output::Failure;
use crate::running::RunningPlane;
use names::IssuerUrl;
use names::secret::Secret;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lifetime of the demo's tokens, in seconds.
const TOKEN_LIFETIME: u64 = 3600;

/// Members whose value is a policy; the steps write them as objects, AWS takes them as text.
const DOCUMENTS: &[&str] = &["AssumeRolePolicyDocument", "PolicyDocument", "Policy"];

/// A token to mint, and what to do to it.
#[derive(Debug)]
pub(super) struct Token {
    /// `NAMESPACE/NAME@CLUSTER`.
    pub(super) service_account: &'static str,
    pub(super) audience: &'static str,
    pub(super) forgery: Forgery,
}

/// What is known so far.
pub(super) struct Stage<'a> {
    plane: &'a RunningPlane,
    texts: BTreeMap<String, String>,
    sessions: BTreeMap<&'static str, Credentials>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(plane: &'a RunningPlane) -> Result<Self, Failure> {
        let mut texts = BTreeMap::new();
        for cluster in &plane.written().clusters {
            let issuer: IssuerUrl = cluster
                .issuer
                .parse()
                .map_err(|why| Failure::unanswered("state-unreadable", format!("{why}")))?;
            texts.insert(
                format!("provider.{}", cluster.name),
                issuer.as_provider_name().to_string(),
            );
            texts.insert(format!("issuer.{}", cluster.name), cluster.issuer.clone());
        }
        Ok(Self {
            plane,
            texts,
            sessions: BTreeMap::new(),
        })
    }

    /// Mints a token, forges it if told so, and holds it for the next call.
    pub(super) async fn mint(&mut self, wanted: &Token) -> Result<(), Failure> {
        let who = wanted
            .service_account
            .parse()
            .map_err(|why: String| Failure::unanswered("internal", why))?;
        let audience = [wanted.audience.to_owned()];
        let minted = token::mint(self.plane, &who, &audience, TOKEN_LIFETIME).await?;
        self.texts
            .insert("token".to_owned(), wanted.forgery.applied(&minted.token)?);
        self.texts.insert("token.issuer".to_owned(), minted.issuer);
        Ok(())
    }

    /// What may be told of the token in hand.
    pub(super) fn token_facts(&self) -> Value {
        json!({ "issuer": self.texts.get("token.issuer") })
    }

    /// A step's input: `${NAME}` is replaced, policies are turned into text.
    pub(super) fn input(&self, template: &str) -> Result<Value, Failure> {
        let mut text = template.to_owned();
        for (name, value) in &self.texts {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        serde_json::from_str(&text)
            .map(documents_as_text)
            .map_err(|why| Failure::unanswered("internal", format!("a step's input: {why}")))
    }

    pub(super) fn caller(&self, who: Who) -> Result<Option<Credentials>, Failure> {
        match who {
            Who::Nobody => Ok(None),
            Who::Administrator(alias) => self.plane.administrator(alias).map(Some),
            Who::Session(name) => self.session(name).map(Some),
            Who::WrongSecret(alias) => {
                let mut caller = self.plane.administrator(alias)?;
                caller.secret_access_key = Secret::from("not the secret of this key");
                Ok(Some(caller))
            }
            Who::UnknownKey => Ok(Some(Credentials {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_access_key: Secret::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                session_token: None,
            })),
            Who::ChangedToken(name) => {
                let mut caller = self.session(name)?;
                caller.session_token = caller.session_token.as_ref().map(changed);
                Ok(Some(caller))
            }
        }
    }

    fn session(&self, name: &str) -> Result<Credentials, Failure> {
        let missing = || Failure::unanswered("internal", format!("no session `{name}` was kept"));
        self.sessions.get(name).cloned().ok_or_else(missing)
    }

    /// Keeps the credentials of an answer.
    pub(super) fn keep(&mut self, name: &'static str, answer: &Value) -> Result<(), Failure> {
        let text = |member: &str| {
            answer["Credentials"][member].as_str().ok_or_else(|| {
                Failure::unanswered("unreadable-answer", format!("no credentials: no {member}"))
            })
        };
        let session = Credentials {
            access_key_id: text("AccessKeyId")?.to_owned(),
            secret_access_key: text("SecretAccessKey")?.into(),
            session_token: Some(text("SessionToken")?.into()),
        };
        self.sessions.insert(name, session);
        Ok(())
    }

    /// Why a request was refused, from the plane's records; without an id, the newest refusal.
    pub(super) async fn why(&self, request_id: Option<&str>) -> Result<String, Failure> {
        let administrator = self.plane.administrator(&self.plane.account(None)?.alias)?;
        let path = match request_id {
            Some(id) => format!("/_rolecall/why/{id}"),
            None => "/_rolecall/why".to_owned(),
        };
        let record = client::admin(self.plane, &administrator, "GET", &path, b"")
            .await?
            .accepted()?
            .json()?;
        let record: audit::Record = serde_json::from_value(record).map_err(|why| {
            Failure::unanswered("unreadable-answer", format!("audit record: {why}"))
        })?;
        Ok(reason(&record))
    }
}

/// The finding that refused, where it stands, and what would change it.
fn reason(record: &audit::Record) -> String {
    let Some(finding) = record.trail.refusal() else {
        return "the trail names no reason".to_owned();
    };
    let mut lines = vec![finding.summary.to_string()];
    if let Some(excerpt) = &finding.excerpt {
        lines.push(format!(
            "{}:{}: {}",
            excerpt.policy,
            excerpt.span.line,
            excerpt.line().trim()
        ));
    }
    if let Some(change) = &finding.change {
        lines.push(format!("would change it: {change}"));
    }
    lines.join("\n")
}

/// A session token with its last letter but three changed: its length and alphabet stay right.
fn changed(token: &Secret) -> Secret {
    let mut bytes = token.expose().to_vec();
    if let Some(letter) = bytes.iter_mut().rev().nth(3) {
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    Secret::new(bytes)
}

/// Policies as the text that AWS takes.
pub(super) fn documents_as_text(mut input: Value) -> Value {
    for name in DOCUMENTS {
        if let Some(document) = input.get_mut(name)
            && document.is_object()
        {
            let pretty = serde_json::to_string_pretty(document).unwrap_or_default();
            *document = Value::String(pretty);
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_sent_as_text_and_all_else_as_it_is() {
        let input = documents_as_text(json!({ "Policy": { "Version": "x" }, "Name": "n" }));
        assert_eq!(input["Policy"], "{\n  \"Version\": \"x\"\n}");
        assert_eq!(input["Name"], "n");
    }

    #[test]
    fn a_changed_token_keeps_its_length() {
        let token = Secret::from("abcdefgh");
        assert_eq!(changed(&token).expose(), b"abcdAfgh");
    }
}
