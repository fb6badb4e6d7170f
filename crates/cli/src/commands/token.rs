//! `rolecall token`: mint and inspect service-account tokens.

use super::block_on;
use crate::args::{Global, ServiceAccountOfCluster, TokenCreate, TokenInspect};
use crate::client;
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::Read;

/// Longest text read as a token: STS takes 20,000 characters.
const TOKEN_LENGTH_MAX: u64 = 20_000;

pub(super) fn create(global: &Global, flags: &TokenCreate) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let minted = block_on(mint(
        &plane,
        &flags.service_account,
        &flags.audience,
        flags.duration,
    ))?;
    Ok(Outcome::Report(Report {
        data: json!({ "token": minted.token, "expires": minted.expires, "issuer": minted.issuer }),
        text: minted.token.clone(),
        names: vec![minted.token],
        refused: false,
    }))
}

pub(super) fn inspect(global: &Global, flags: &TokenInspect) -> Result<Outcome, Failure> {
    let token = match flags.token.as_str() {
        "-" => from_standard_input()?,
        token => token.to_owned(),
    };
    let plane = RunningPlane::of(global.state.as_deref())?;
    let data = block_on(inspection(&plane, token.trim()))?;
    let inspected = Inspected::of(&data)?;
    Ok(Outcome::Report(Report {
        text: inspected.describe(),
        names: inspected
            .roles
            .iter()
            .filter(|role| role.accepts())
            .map(|role| role.arn.clone())
            .collect(),
        refused: !inspected.roles.iter().any(Verdict::accepts),
        data,
    }))
}

/// A token, fresh from its cluster.
#[derive(Deserialize)]
pub(super) struct Minted {
    pub(super) token: String,
    pub(super) expires: i64,
    pub(super) issuer: String,
}

/// Has a cluster mint a token for one of its service accounts.
pub(super) async fn mint(
    plane: &RunningPlane,
    who: &ServiceAccountOfCluster,
    audiences: &[String],
    lifetime_seconds: u64,
) -> Result<Minted, Failure> {
    let cluster = plane.cluster(who.cluster.as_ref())?;
    let administrator = plane.administrator(&plane.account(Some(&cluster.account))?.alias)?;
    let body = json!({
        "cluster": cluster.name,
        "namespace": who.service_account.namespace,
        "service_account": who.service_account.name,
        "audiences": audiences,
        "duration_seconds": lifetime_seconds,
    });
    let body = body.to_string();
    let answer = client::admin(
        plane,
        &administrator,
        "POST",
        "/_rolecall/tokens",
        body.as_bytes(),
    )
    .await?;
    serde_json::from_value(answer.accepted()?.json()?)
        .map_err(|why| Failure::unanswered("internal", format!("minted token: {why}")))
}

/// What the plane says of a token.
#[derive(Debug, Deserialize)]
pub(super) struct Inspected {
    header: Value,
    claims: Value,
    signature: Judged,
    providers: Vec<Verdict>,
    pub(super) roles: Vec<Verdict>,
}

#[derive(Debug, Deserialize)]
struct Judged {
    verdict: String,
    detail: String,
}

/// One provider's or role's word on a token.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    pub(super) arn: String,
    verdict: String,
    detail: String,
}

impl Verdict {
    pub(super) fn accepts(&self) -> bool {
        self.verdict == "accepts"
    }
}

pub(super) async fn inspected(plane: &RunningPlane, token: &str) -> Result<Inspected, Failure> {
    Inspected::of(&inspection(plane, token).await?)
}

async fn inspection(plane: &RunningPlane, token: &str) -> Result<Value, Failure> {
    let administrator = plane.administrator(&plane.account(None)?.alias)?;
    let body = json!({ "token": token }).to_string();
    client::admin(
        plane,
        &administrator,
        "POST",
        "/_rolecall/tokens/inspect",
        body.as_bytes(),
    )
    .await?
    .accepted()?
    .json()
}

impl Inspected {
    fn of(data: &Value) -> Result<Self, Failure> {
        Self::deserialize(data)
            .map_err(|why| Failure::unanswered("internal", format!("inspection: {why}")))
    }

    fn describe(&self) -> String {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let mut text = format!(
            "header\n{}\nclaims\n{}\nsignature  {}  {}\n",
            pretty(&self.header),
            pretty(&self.claims),
            self.signature.verdict,
            self.signature.detail
        );
        let sections = [
            ("OIDC providers", &self.providers, self.without_provider()),
            ("roles", &self.roles, self.without_role().to_owned()),
        ];
        for (title, verdicts, without) in sections {
            // Writing to a string does not fail.
            let _ = writeln!(text, "\n{title}");
            for verdict in verdicts {
                let _ = writeln!(text, "  {:8} {}", verdict.verdict, verdict.arn);
                for line in verdict.detail.lines() {
                    let _ = writeln!(text, "           {line}");
                }
            }
            if verdicts.is_empty() {
                let _ = writeln!(text, "  {without}");
            }
        }
        text
    }

    /// What is said where no account has a provider for the token, with the way to one.
    fn without_provider(&self) -> String {
        let audience = self.claims.pointer("/aud/0").or(self.claims.get("aud"));
        let (issuer, audience) = (self.claims.get("iss"), audience);
        match (
            issuer.and_then(Value::as_str),
            audience.and_then(Value::as_str),
        ) {
            (Some(issuer), Some(audience)) if self.signature.verdict == "good" => format!(
                "none has this issuer; make one:\n    \
                 aws iam create-open-id-connect-provider --url {issuer} --client-id-list {audience}"
            ),
            _ => "none has this issuer".to_owned(),
        }
    }

    /// What is said where no role had a word.
    fn without_role(&self) -> &'static str {
        match self.providers.iter().any(Verdict::accepts) {
            true => "none trusts that provider",
            false => "none was asked: no provider accepts the token",
        }
    }
}

fn from_standard_input() -> Result<String, Failure> {
    let mut token = String::new();
    std::io::stdin()
        .take(TOKEN_LENGTH_MAX + 2)
        .read_to_string(&mut token)
        .map_err(|why| Failure::usage("unreadable-token", format!("standard input: {why}")))?;
    Ok(token)
}
