//! STS: the operations by which proof becomes a session. Its rules are in the crate `sts`, which
//! asks the request's standing itself.

mod wire;

use super::Call;
use crate::refused::{Denied, Refused};
use crate::standing::Standing;
use crate::world::World;
use crate::{Inner, chance};
use audit::{Finding, Hop, IdentityKind, Record, UserIdentity};
use awswire::dto::Request as _;
use awswire::dto::sts as dto;
use awswire::{AwsError, Call as Routed, Response};
use names::RequestId;
use oidc::{KeySet, RejectedToken, TokenBytes, UnverifiedToken};
use sts::operations::assume_role::assume_role;
use sts::operations::assume_role_with_web_identity::{
    OpenedByToken, TrustedIssuer, assume_role_with_web_identity, trusted_issuer,
};
use sts::operations::get_caller_identity::{
    decode_authorization_message, get_access_key_info, get_caller_identity,
};
use sts::operations::get_federation_token::get_federation_token;
use sts::operations::get_session_token::get_session_token;
use sts::{DenialCause, Instant, SessionRandom, StsError};

/// The operations built here.
pub(super) fn built() -> Vec<&'static awswire::Operation> {
    vec![
        dto::AssumeRoleRequest::OPERATION,
        dto::AssumeRoleWithWebIdentityRequest::OPERATION,
        dto::DecodeAuthorizationMessageRequest::OPERATION,
        dto::GetAccessKeyInfoRequest::OPERATION,
        dto::GetCallerIdentityRequest::OPERATION,
        dto::GetFederationTokenRequest::OPERATION,
        dto::GetSessionTokenRequest::OPERATION,
    ]
}

/// Why STS does not answer: the wire says so, or STS does.
enum Unanswered {
    Wire(AwsError),
    Sts(StsError),
}

/// An operation that a signed request asks for.
pub(super) fn signed(
    call: &Call<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
    record: &mut Record,
) -> Result<Response, Refused> {
    work(call, routed, request_id).map_err(|why| refused(why, record))
}

fn work(
    call: &Call<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
) -> Result<Response, Unanswered> {
    let (caller, standing, keys) = (call.caller, call.standing, call.world.epochs.keys());
    match routed.operation.name {
        "GetCallerIdentity" => {
            let response = wire::caller_identity(get_caller_identity(caller));
            Ok(awswire::encode(response, request_id))
        }
        "GetAccessKeyInfo" => {
            let input: dto::GetAccessKeyInfoRequest = routed.input()?;
            let account = get_access_key_info(caller, &input.access_key_id)?;
            let response = dto::GetAccessKeyInfoResponse {
                account: Some(account.to_string()),
            };
            Ok(awswire::encode(response, request_id))
        }
        "GetSessionToken" => {
            let input: dto::GetSessionTokenRequest = routed.input()?;
            let code = wire::device_code(input.serial_number.as_ref(), input.token_code.as_ref());
            let seconds = input.duration_seconds;
            let opened = get_session_token(caller, seconds, code, standing, keys, instant())?;
            Ok(awswire::encode(wire::session_token(opened), request_id))
        }
        "GetFederationToken" => {
            let asked = wire::get_federation_token(routed.input()?)?;
            let opened = get_federation_token(caller, &asked, standing, keys, instant())?;
            Ok(awswire::encode(wire::federation_token(opened), request_id))
        }
        "DecodeAuthorizationMessage" => {
            let input: dto::DecodeAuthorizationMessageRequest = routed.input()?;
            let message = &input.encoded_message;
            let decoded = decode_authorization_message(caller, message, standing, keys)?;
            let response = dto::DecodeAuthorizationMessageResponse {
                decoded_message: Some(decoded),
            };
            Ok(awswire::encode(response, request_id))
        }
        "AssumeRole" => {
            let asked = wire::assume_role(routed.input()?)?;
            let opened = assume_role(caller, &asked, standing, keys, instant())?;
            Ok(awswire::encode(wire::role_assumed(opened), request_id))
        }
        _ => Err(AwsError::not_built(routed.operation).into()),
    }
}

/// An operation that needs no signature: the token is the proof.
pub(super) async fn unsigned(
    plane: &Inner,
    world: &World,
    standing: &Standing<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
    record: &mut Record,
) -> Result<Response, Refused> {
    if !std::ptr::eq(
        routed.operation,
        dto::AssumeRoleWithWebIdentityRequest::OPERATION,
    ) {
        return Err(AwsError::not_built(routed.operation).into());
    }
    let exchanged = exchange(plane, world, standing, routed.input()?, record).await;
    let opened = exchanged.map_err(|why| refused(why, record))?;
    let said = ["opened ", &opened.opened.session.holder.arn()].concat();
    record.trail.push(Finding::passed(Hop::Trust, said));
    let response = wire::role_assumed_with_web_identity(opened);
    Ok(awswire::encode(response, request_id))
}

/// A token becomes a session; each proof on the way leaves a finding.
async fn exchange(
    plane: &Inner,
    world: &World,
    standing: &Standing<'_>,
    input: dto::AssumeRoleWithWebIdentityRequest,
    record: &mut Record,
) -> Result<OpenedByToken, Unanswered> {
    let asked = wire::assume_role_with_web_identity(&input)?;
    let text = input.web_identity_token.expose_str();
    let mut bytes = TokenBytes::default();
    let token = UnverifiedToken::parse(text.unwrap_or_default().trim(), &mut bytes)?;
    let issuer = trusted_issuer(&asked.role, token.issuer(), standing)?;
    let found = Finding::passed(Hop::Provider, issuer.provider().arn.as_str());
    record.trail.push(found);
    let key_set = key_set(plane, world, &issuer, token.key_id()).await?;
    let verified = token.verify(&key_set, chance::now())?;
    let subject = verified.subject().as_str();
    let mut identity = UserIdentity::of(IdentityKind::WebIdentityUser);
    identity.principal_id = Some(audit::Text::new(subject));
    record.user_identity = identity;
    let said = [verified.issuer(), " vouches for ", subject].concat();
    record.trail.push(Finding::passed(Hop::Token, said));
    let keys = world.epochs.keys();
    let opened =
        assume_role_with_web_identity(&issuer, &verified, &asked, standing, keys, instant())?;
    Ok(opened)
}

/// The keys of a token's issuer. Own issuers are never asked over the network.
async fn key_set(
    plane: &Inner,
    world: &World,
    issuer: &TrustedIssuer,
    key_id: Option<&str>,
) -> Result<KeySet, StsError> {
    let (name, now) = (issuer.url().as_provider_name(), chance::now());
    if world.clusters.own_issuer(name).is_some() {
        let none = || StsError::NoVerificationKey {
            cause: format!("`{name}` is no issuer of this plane"),
        };
        return world.clusters.key_set(name, now).ok_or_else(none);
    }
    let (url, pins) = (issuer.url(), &issuer.provider().thumbprints);
    // In a box: the way over the network is long, and rare.
    let fetched = Box::pin(plane.issuers.key_set(url, pins, key_id, now));
    fetched.await.map_err(|why| why.into_sts(pins))
}

fn instant() -> Instant {
    Instant {
        now: chance::now(),
        random: SessionRandom::of(chance::nonce()),
    }
}

/// A refusal on the wire; the cause of what policies did not decide is in the trail.
fn refused(why: Unanswered, record: &mut Record) -> Refused {
    let why = match why {
        Unanswered::Wire(error) => return error.into(),
        Unanswered::Sts(why) => why,
    };
    let StsError::Denied(denial) = &why else {
        record.trail.push(undenied(&why));
        return on_wire(&why).into();
    };
    if let Some(finding) = unasked(&denial.cause) {
        record.trail.push(finding);
    }
    match denial.refusal() {
        Some(refusal) => Refused::from(Denied {
            refusal: Box::new(refusal.clone()),
            wording: denial.wording,
        }),
        None => on_wire(&why).into(),
    }
}

fn on_wire(error: &StsError) -> AwsError {
    AwsError::new(error.code(), error.status(), error.to_string())
}

/// The finding of a denial that holds whatever policies say.
fn unasked(cause: &DenialCause) -> Option<Finding> {
    match cause {
        DenialCause::Policies(_) => None,
        DenialCause::NoSuchRole { role, .. } => {
            let said = format!("there is no role `{role}`");
            let change = format!("create `{role}`, with a trust policy that names who asks");
            Some(Finding::refused(Hop::Trust, said).change(change))
        }
        DenialCause::SessionKind => {
            let said = format!("AssumeRole is not for this session: {WHOSE_SESSIONS_MAY}");
            Some(Finding::refused(Hop::Trust, said))
        }
    }
}

/// The finding of a refusal that no policy decided.
fn undenied(why: &StsError) -> Finding {
    if let StsError::MalformedPolicy(malformed) = why {
        return crate::notes::malformed(malformed);
    }
    Finding::refused(Hop::Token, cause(why))
}

/// Which session may call what of STS.
const WHOSE_SESSIONS_MAY: &str = "that of a role may call all but GetSessionToken and GetFederationToken, that of GetSessionToken only AssumeRole and GetCallerIdentity, that of GetFederationToken only GetCallerIdentity; use a user's own key";

/// What AWS's sentence does not say.
fn cause(why: &StsError) -> String {
    match why {
        StsError::Token(rejected) => rejected.to_string(),
        StsError::NoProvider { issuer, account } => {
            format!("account {account} has no OIDC provider for the token's `iss`, `{issuer}`")
        }
        StsError::NoVerificationKey { cause } => cause.clone(),
        StsError::WrongThumbprint { found, pinned } => {
            format!(
                "the issuer's host shows {found}, the provider pins {}",
                pinned.join(", ")
            )
        }
        StsError::NotARoleArn { found } => format!("`{found}` is not a role's ARN"),
        StsError::LongerThanRoleAllows { asked, max } => {
            format!("{asked} seconds were asked, the role's MaxSessionDuration is {max}")
        }
        StsError::LongerThanChainAllows { asked } => {
            format!("{asked} seconds were asked, a chained session has at most 3600")
        }
        StsError::SessionMayNotCall { operation, session } => {
            format!("{operation} is not for the session `{session}`: {WHOSE_SESSIONS_MAY}")
        }
        StsError::IssuerUnreachable { .. }
        | StsError::Denied(_)
        | StsError::NoSuchDevice
        | StsError::SourceIdentitySet { .. }
        | StsError::Tags(_)
        | StsError::MalformedPolicy(_)
        | StsError::PolicyTooLong { .. }
        | StsError::TooManyPolicyArns { .. }
        | StsError::NoSuchPolicy(_)
        | StsError::PackedPolicyTooLarge(_)
        | StsError::PackedTagsTooLarge(_)
        | StsError::TokenTooLarge
        | StsError::NotAnAuthorizationMessage { .. }
        | StsError::NotAnAccessKeyId(_) => why.to_string(),
    }
}

impl From<AwsError> for Unanswered {
    fn from(error: AwsError) -> Self {
        Self::Wire(error)
    }
}

impl From<StsError> for Unanswered {
    fn from(why: StsError) -> Self {
        Self::Sts(why)
    }
}

impl From<RejectedToken> for Unanswered {
    fn from(rejected: RejectedToken) -> Self {
        Self::Sts(rejected.into())
    }
}
