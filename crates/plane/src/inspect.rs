//! What the accounts would say of a token, without exchanging it.

use crate::aws::Call;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use names::{IssuerUrl, ProviderArn};
use oidc::{RejectedToken, TokenBytes, UnverifiedToken, VerifiedToken};
use policy::{Decision, Explanation, Layers, Principal, Question, RequestContext, ResourcePolicy};
use serde_json::{Map, Value, json};
use sts::WebIdentity;

/// Decodes a token, and asks every provider of its issuer and every role that trusts one of these,
/// as if it were exchanged by whoever calls: at this time, from there, in this region.
pub(crate) fn inspect(call: &Call<'_>, text: &str, now: Timestamp) -> Result<Value, RejectedToken> {
    let mut bytes = TokenBytes::default();
    let token = match UnverifiedToken::parse(text, &mut bytes) {
        Ok(token) => token,
        Err(why) => return decoded(text, why),
    };
    let world = call.world;
    let issuer = token.issuer().parse::<IssuerUrl>().ok();
    let keys = issuer
        .as_ref()
        .and_then(|issuer| world.clusters.key_set(issuer.as_provider_name(), now));
    let proof = keys.map(|keys| token.verify(&keys, now));
    let (mut providers, mut roles) = (Vec::new(), Vec::new());
    for account in world.accounts.iter() {
        for provider in account.all::<iam::OidcProvider>() {
            let arn = account.provider_arn(provider);
            if issuer
                .as_ref()
                .is_none_or(|issuer| issuer.as_provider_name() != arn.provider())
            {
                continue;
            }
            let Some(Ok(verified)) = &proof else {
                providers.push(verdict(arn.as_str(), false, "the token's proof fails"));
                continue;
            };
            match verified.verify_audience(&provider.client_ids) {
                Err(why) => providers.push(verdict(arn.as_str(), false, &why.to_string())),
                Ok(audience) => {
                    let detail = format!("audience `{audience}` is one of its client ids");
                    providers.push(verdict(arn.as_str(), true, &detail));
                    let asked = Asked {
                        arn: &arn,
                        audience,
                        verified,
                    };
                    roles.extend(asked.of_roles(call, account));
                }
            }
        }
    }
    let signature = match &proof {
        Some(Ok(verified)) => {
            json!({ "verdict": "good", "detail": format!("until {}", verified.expiry()) })
        }
        Some(Err(why)) => json!({ "verdict": "bad", "detail": why.to_string() }),
        None => json!({ "verdict": "unknown", "detail": "its issuer is not of this plane" }),
    };
    Ok(json!({
        "header": token.header(),
        "claims": token.claims(),
        "signature": signature,
        "providers": providers,
        "roles": roles,
    }))
}

/// What no verifier takes for a token, decoded all the same where it looks like one.
fn decoded(text: &str, why: RejectedToken) -> Result<Value, RejectedToken> {
    let mut parts = text.split('.').map(object);
    let (Some(Some(header)), Some(Some(claims))) = (parts.next(), parts.next()) else {
        return Err(why);
    };
    Ok(json!({
        "header": header,
        "claims": claims,
        "signature": { "verdict": "bad", "detail": why.to_string() },
        "providers": [],
        "roles": [],
    }))
}

/// The JSON object in one part of a token.
fn object(part: &str) -> Option<Map<String, Value>> {
    let json = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A token that a provider accepts.
struct Asked<'a> {
    arn: &'a ProviderArn,
    audience: &'a str,
    verified: &'a VerifiedToken,
}

impl Asked<'_> {
    /// What the roles of the provider's account say; those that do not name it are passed over.
    fn of_roles(&self, call: &Call<'_>, account: &iam::Account) -> Vec<Value> {
        let mut keys = RequestContext::new();
        let identity = WebIdentity {
            provider: self.arn.clone(),
            subject: self.verified.subject().as_str().to_owned(),
            audience: self.audience.to_owned(),
            original_audience: None,
            methods: self
                .verified
                .amr()
                .iter()
                .map(ToString::to_string)
                .collect(),
        };
        identity.set_keys(&mut keys);
        let context = call.standing.context(None, account.id(), &keys);
        let principal = Principal::WebIdentity {
            provider: self.arn.clone(),
        };
        account
            .all::<iam::Role>()
            .filter_map(|role| {
                let trust = account.trust_of(role)?;
                let arn = account.role_arn(role).to_string();
                let question = Question {
                    principal: &principal,
                    action: "sts:AssumeRoleWithWebIdentity",
                    resource: &arn,
                    resource_account: account.id(),
                    context: &context,
                };
                let layers = Layers {
                    resource: Some(ResourcePolicy::Trust(trust)),
                    ..Layers::default()
                };
                let explanation = policy::explain(&question, &layers);
                said(&arn, &explanation)
            })
            .collect()
    }
}

/// A role's verdict; `None`: its trust policy does not speak of the provider at all.
fn said(arn: &str, explanation: &Explanation) -> Option<Value> {
    match explanation.decision {
        Decision::Allow { .. } => Some(verdict(arn, true, "its trust policy allows this token")),
        Decision::ExplicitDeny { .. } => {
            Some(verdict(arn, false, "its trust policy denies this token"))
        }
        Decision::ImplicitDeny { .. } => {
            let statements = explanation
                .layers
                .iter()
                .flat_map(|layer| &layer.statements);
            let nearest = statements.filter_map(|one| one.failure.as_ref()).next()?;
            let detail = format!(
                "line {}: {} wants {}, the token has {}",
                nearest.line, nearest.element, nearest.expected, nearest.found
            );
            (nearest.element != "Principal").then(|| verdict(arn, false, &detail))
        }
    }
}

fn verdict(arn: &str, accepts: bool, detail: &str) -> Value {
    let word = if accepts { "accepts" } else { "refuses" };
    json!({ "arn": arn, "verdict": word, "detail": detail })
}
