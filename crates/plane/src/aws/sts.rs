//! STS: the operations by which proof becomes a session. Its rules are in the crate `sts`, which
//! asks the request's standing itself.

mod wire;

use super::Call;
use crate::refused::{Denied, Refused, Wording};
use crate::standing::Standing;
use crate::world::World;
use crate::{Inner, chance};
use audit::{Finding, Hop, IdentityKind, Record, UserIdentity};
use awswire::dto::Request as _;
use awswire::dto::sts as dto;
use awswire::{AwsError, Call as Routed, Response};
use names::RequestId;
use oidc::UnverifiedToken;
use sts::operations::assume_role::{assume_role, role_arn};
use sts::operations::assume_role_with_web_identity::{
    OpenedByToken, assume_role_with_web_identity, provider_of,
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

/// An operation that a signed request asks for.
pub(super) fn signed(
    call: &Call<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
    record: &mut Record,
) -> Result<Response, Refused> {
    let (keys, standing) = (call.world.epochs.keys(), call.standing);
    match routed.operation.name {
        "GetCallerIdentity" => {
            let response = wire::caller_identity(get_caller_identity(call.caller));
            Ok(awswire::encode(response, request_id))
        }
        "GetAccessKeyInfo" => {
            let input: dto::GetAccessKeyInfoRequest = routed.input()?;
            let account =
                get_access_key_info(&input.access_key_id).map_err(|why| refused(why, record))?;
            let response = dto::GetAccessKeyInfoResponse {
                account: Some(account.to_string()),
            };
            Ok(awswire::encode(response, request_id))
        }
        "GetSessionToken" => {
            let input: dto::GetSessionTokenRequest = routed.input()?;
            let code = wire::device_code(input.serial_number.as_ref(), input.token_code.as_ref());
            let opened =
                get_session_token(call.caller, input.duration_seconds, code, keys, instant())
                    .map_err(|why| refused(why, record))?;
            Ok(awswire::encode(wire::session_token(opened), request_id))
        }
        "GetFederationToken" => {
            let asked = wire::get_federation_token(routed.input()?)?;
            let opened =
                get_federation_token(call.caller, &asked, standing, standing, keys, instant())
                    .map_err(|why| refused(why, record))?;
            Ok(awswire::encode(wire::federation_token(opened), request_id))
        }
        "DecodeAuthorizationMessage" => {
            let input: dto::DecodeAuthorizationMessageRequest = routed.input()?;
            let message =
                decode_authorization_message(call.caller, &input.encoded_message, standing, keys)
                    .map_err(|why| refused(why, record))?;
            let response = dto::DecodeAuthorizationMessageResponse {
                decoded_message: Some(message),
            };
            Ok(awswire::encode(response, request_id))
        }
        "AssumeRole" => {
            let input: dto::AssumeRoleRequest = routed.input()?;
            role_arn(&input.role_arn).map_err(|why| refused(why, record))?;
            let asked = wire::assume_role(input)?;
            let opened = assume_role(call.caller, &asked, standing, standing, keys, instant())
                .map_err(|why| refused(why, record))?;
            Ok(awswire::encode(wire::role_assumed(opened), request_id))
        }
        _ => Err(AwsError::not_built(routed.operation).into()),
    }
}

/// The keys of an issuer that is not of this plane, fetched from it.
async fn external_keys(
    plane: &Inner,
    world: &World,
    standing: &Standing<'_>,
    role: &names::RoleArn,
    text: &str,
) -> Result<Option<oidc::KeySet>, StsError> {
    let token = UnverifiedToken::parse(text)?;
    let provider = provider_of(role, token.issuer(), standing)?;
    let Ok(issuer) = token.issuer().parse::<names::IssuerUrl>() else {
        return Ok(None);
    };
    // Own issuers are never asked over the network.
    if world.clusters.own_issuer(provider.arn.provider()).is_some() {
        return Ok(None);
    }
    let pins = &provider.thumbprints;
    let fetched = plane
        .issuers
        .key_set(&issuer, pins, token.key_id(), chance::now());
    fetched.await.map(Some).map_err(|why| why.into_sts(pins))
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
    let input: dto::AssumeRoleWithWebIdentityRequest = routed.input()?;
    let token = input.web_identity_token.clone();
    let role = role_arn(&input.role_arn).map_err(|why| refused(why, record))?;
    let asked = wire::assume_role_with_web_identity(&input)?;
    let text = token.expose_str().unwrap_or_default().trim();
    let external = external_keys(plane, world, standing, &role, text)
        .await
        .map_err(|why| refused(why, record))?;
    let exchange = || -> Result<OpenedByToken, StsError> {
        let now = chance::now();
        let token = UnverifiedToken::parse(text)?;
        let provider = provider_of(&role, token.issuer(), standing)?;
        record
            .trail
            .push(Finding::passed(Hop::Provider, provider.arn.to_string()));
        let name = provider.arn.provider();
        let key_set = world
            .clusters
            .key_set(name, now)
            .or(external)
            .ok_or_else(|| StsError::NoVerificationKey {
                cause: format!("`{name}` is no issuer of this plane"),
            })?;
        let verified = token.verify(&key_set, now)?;
        let mut identity = UserIdentity::of(IdentityKind::WebIdentityUser);
        identity.principal_id = Some(audit::Text::new(verified.subject().as_str()));
        record.user_identity = identity;
        let said = format!(
            "{} vouches for {}",
            verified.issuer(),
            verified.subject().as_str()
        );
        record.trail.push(Finding::passed(Hop::Token, said));
        let keys = world.epochs.keys();
        assume_role_with_web_identity(
            &provider,
            &verified,
            &asked,
            standing,
            standing,
            keys,
            instant(),
        )
    };
    let opened = exchange().map_err(|why| refused(why, record))?;
    let arn = opened.opened.session.holder.arn();
    record
        .trail
        .push(Finding::passed(Hop::Trust, format!("opened {arn}")));
    Ok(awswire::encode(
        wire::role_assumed_with_web_identity(opened),
        request_id,
    ))
}

fn instant() -> Instant {
    let random = SessionRandom {
        access_key: chance::random(),
        nonce: chance::random(),
    };
    Instant {
        now: chance::now(),
        random,
    }
}

/// A refusal on the wire; the cause of what policies did not decide is in the trail.
fn refused(why: StsError, record: &mut Record) -> Refused {
    let StsError::Denied(denial) = why else {
        record.trail.push(undenied(&why));
        return wire::refused(why).into();
    };
    let (said, reason) = match &denial.cause {
        DenialCause::Policies(reason) => (None, Some(reason)),
        DenialCause::NoSuchRole(reason) => (
            Some(format!("there is no role `{}`", denial.resource)),
            reason.as_ref(),
        ),
        DenialCause::SessionKind => (
            Some("this kind of session may not assume roles".to_owned()),
            None,
        ),
    };
    if let Some(said) = said {
        record.trail.push(Finding::refused(Hop::Trust, said));
    }
    match reason.and_then(|reason| reason.refusal.as_ref()) {
        Some(refusal) => denied(refusal, denial.wording).into(),
        None => wire::refused(StsError::Denied(denial)).into(),
    }
}

fn denied(refusal: &policy::Refusal, wording: sts::Wording) -> Denied {
    Denied {
        refusal: Box::new(refusal.clone()),
        wording: match wording {
            sts::Wording::WithReason => Wording::WithReason {
                shown: refusal.resource.clone(),
            },
            sts::Wording::WithoutReason => Wording::WithoutReason,
            sts::Wording::OfToken => Wording::OfToken,
        },
    }
}

/// The finding of a refusal that no policy decided.
fn undenied(why: &StsError) -> Finding {
    if let StsError::MalformedPolicy(malformed) = why {
        return crate::notes::malformed(malformed);
    }
    Finding::refused(Hop::Token, cause(why))
}

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
        StsError::IssuerUnreachable { .. }
        | StsError::Denied(_)
        | StsError::RootMayNotAssume
        | StsError::SessionMayNotCall { .. }
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
