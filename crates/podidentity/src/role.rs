//! The role an annotation names.

use crate::Reason;
use crate::settings::Compose;

/// The annotation's value as a role ARN; a name or a path is completed where the operator allows it.
///
/// What is no role ARN is used all the same, as the upstream webhook does: STS will refuse it, and the
/// reason stands with the Pod.
pub(crate) fn role(written: &str, compose: Option<&Compose>, reasons: &mut Vec<Reason>) -> String {
    let arn = match compose {
        Some(compose) if !written.contains("arn:") => format!(
            "arn:{}:iam::{}:role/{written}",
            compose.partition, compose.account
        ),
        _ => written.to_owned(),
    };
    if !is_role_arn(&arn) {
        reasons.push(Reason::RoleNotAnArn { value: arn.clone() });
    }
    arn
}

/// `arn:aws*:iam::<12 digits>:role/<path and name>`.
fn is_role_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut part = || parts.next().unwrap_or_default();
    let is_partition = |text: &str| {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        text.starts_with("aws") && text.bytes().all(is_letter)
    };
    let is_name = |text: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.@+=,".contains(&byte);
        !text.is_empty() && !text.ends_with('/') && text.bytes().all(is_letter)
    };
    let (arn, partition, service, region) = (part(), part(), part(), part());
    let (account, resource) = (part(), part());
    arn == "arn"
        && is_partition(partition)
        && service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && resource.strip_prefix("role/").is_some_and(is_name)
}
