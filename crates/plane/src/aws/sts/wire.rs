//! STS between the wire and the crate: what was asked, what is answered.

use super::Unanswered;
use awswire::AwsError;
use awswire::dto::sts as dto;
use names::{FederatedUserName, PolicyArn};
use sts::RequestedTags;
use sts::operations::assume_role::{AssumeRole, DeviceCode, role_arn};
use sts::operations::assume_role_with_web_identity::{AssumeRoleWithWebIdentity, OpenedByToken};
use sts::operations::get_caller_identity::CallerIdentity;
use sts::operations::get_federation_token::GetFederationToken;
use sts::operations::{Opened, PassedPolicies};

/// Reads AssumeRole. The model's constraints hold already; what is refused here is of no shape
/// that the model can say.
pub(crate) fn assume_role(asked: dto::AssumeRoleRequest) -> Result<AssumeRole, Unanswered> {
    let role = role_arn(&asked.role_arn)?;
    let transitive_keys = asked.transitive_tag_keys.unwrap_or_default();
    Ok(AssumeRole {
        role,
        session: parsed(&asked.role_session_name, "roleSessionName")?,
        duration: asked.duration_seconds,
        policies: policies(asked.policy, asked.policy_arns)?,
        tags: tags(asked.tags, transitive_keys),
        external_id: parsed_some(asked.external_id.as_deref(), "externalId")?,
        source_identity: parsed_some(asked.source_identity.as_deref(), "sourceIdentity")?,
        device_code: device_code(asked.serial_number.as_ref(), asked.token_code.as_ref()),
    })
}

/// Reads AssumeRoleWithWebIdentity, apart from the token.
pub(crate) fn assume_role_with_web_identity(
    asked: &dto::AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentity, Unanswered> {
    Ok(AssumeRoleWithWebIdentity {
        role: role_arn(&asked.role_arn)?,
        session: parsed(&asked.role_session_name, "roleSessionName")?,
        duration: asked.duration_seconds,
        policies: policies(asked.policy.clone(), asked.policy_arns.clone())?,
    })
}

/// Reads GetFederationToken.
pub(crate) fn get_federation_token(
    asked: dto::GetFederationTokenRequest,
) -> Result<GetFederationToken, AwsError> {
    Ok(GetFederationToken {
        name: parsed::<FederatedUserName>(&asked.name, "name")?,
        duration: asked.duration_seconds,
        policies: policies(asked.policy, asked.policy_arns)?,
        tags: tags(asked.tags, Vec::new()),
    })
}

/// Whether a code of an MFA device was given.
pub(crate) fn device_code(serial: Option<&String>, code: Option<&String>) -> Option<DeviceCode> {
    serial.or(code).map(|_| DeviceCode)
}

/// Answers AssumeRole.
pub(crate) fn role_assumed(opened: Opened) -> dto::AssumeRoleResponse {
    dto::AssumeRoleResponse {
        assumed_role_user: Some(assumed_role_user(&opened)),
        packed_policy_size: packed(&opened),
        source_identity: source_identity(&opened),
        credentials: Some(credentials(opened)),
        ..dto::AssumeRoleResponse::default()
    }
}

/// Answers AssumeRoleWithWebIdentity.
pub(crate) fn role_assumed_with_web_identity(
    by_token: OpenedByToken,
) -> dto::AssumeRoleWithWebIdentityResponse {
    let OpenedByToken { opened, identity } = by_token;
    let audience = identity.original_audience.unwrap_or(identity.audience);
    dto::AssumeRoleWithWebIdentityResponse {
        subject_from_web_identity_token: Some(identity.subject),
        audience: Some(audience),
        provider: Some(identity.provider.as_str().to_owned()),
        assumed_role_user: Some(assumed_role_user(&opened)),
        packed_policy_size: packed(&opened),
        source_identity: source_identity(&opened),
        credentials: Some(credentials(opened)),
        ..dto::AssumeRoleWithWebIdentityResponse::default()
    }
}

/// Answers GetSessionToken.
pub(crate) fn session_token(opened: Opened) -> dto::GetSessionTokenResponse {
    dto::GetSessionTokenResponse {
        credentials: Some(credentials(opened)),
        ..dto::GetSessionTokenResponse::default()
    }
}

/// Answers GetFederationToken.
pub(crate) fn federation_token(opened: Opened) -> dto::GetFederationTokenResponse {
    let holder = &opened.session.holder;
    dto::GetFederationTokenResponse {
        federated_user: Some(dto::FederatedUser {
            federated_user_id: holder.user_id(),
            arn: holder.arn(),
        }),
        packed_policy_size: packed(&opened),
        credentials: Some(credentials(opened)),
        ..dto::GetFederationTokenResponse::default()
    }
}

/// Answers GetCallerIdentity.
pub(crate) fn caller_identity(identity: CallerIdentity) -> dto::GetCallerIdentityResponse {
    dto::GetCallerIdentityResponse {
        user_id: Some(identity.user_id),
        account: Some(identity.account.as_str().to_owned()),
        arn: Some(identity.arn),
    }
}

fn credentials(opened: Opened) -> dto::Credentials {
    let credentials = opened.credentials;
    dto::Credentials {
        access_key_id: credentials.access_key_id.as_str().to_owned(),
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
        expiration: credentials.expiry,
    }
}

fn assumed_role_user(opened: &Opened) -> dto::AssumedRoleUser {
    let holder = &opened.session.holder;
    dto::AssumedRoleUser {
        assumed_role_id: holder.user_id(),
        arn: holder.arn(),
    }
}

fn packed(opened: &Opened) -> Option<i64> {
    let percent = opened.packed?;
    i64::try_from(percent.0).ok()
}

fn source_identity(opened: &Opened) -> Option<String> {
    let identity = opened.session.source_identity.as_ref();
    identity.map(ToString::to_string)
}

fn policies(
    inline: Option<String>,
    arns: Option<Vec<dto::PolicyDescriptorType>>,
) -> Result<PassedPolicies, AwsError> {
    let arns = arns.unwrap_or_default();
    let arns = arns.iter().filter_map(|policy| policy.arn.as_deref());
    let managed: Result<Vec<PolicyArn>, _> = arns.map(|arn| parsed(arn, "policyArns")).collect();
    Ok(PassedPolicies {
        inline,
        managed: managed?,
    })
}

fn tags(tags: Option<Vec<dto::Tag>>, transitive_keys: Vec<String>) -> RequestedTags {
    let tags = tags.unwrap_or_default().into_iter();
    RequestedTags {
        tags: tags.map(|tag| (tag.key, tag.value)).collect(),
        transitive_keys,
    }
}

/// A parameter that the model's pattern let through and that is still not what it must be.
fn parsed<T: std::str::FromStr>(text: &str, parameter: &str) -> Result<T, AwsError> {
    text.parse().map_err(|_| {
        let message = format!(
            "1 validation error detected: Value '{text}' at '{parameter}' failed to satisfy constraint: Member must be valid"
        );
        AwsError::new("ValidationError", 400, message)
    })
}

fn parsed_some<T: std::str::FromStr>(
    text: Option<&str>,
    parameter: &str,
) -> Result<Option<T>, AwsError> {
    text.map(|text| parsed(text, parameter)).transpose()
}
