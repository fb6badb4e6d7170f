//! How a resource and an action must be spelt, in IAM's words.

/// Refuses what is no resource of a policy.
pub(crate) fn resource(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") || parts.clone().next().is_none() {
        return Err(format!("Resource {text} must be in ARN format or \"*\"."));
    }
    let mut next = || parts.next().unwrap_or("*");
    let (partition, service, region, account, rest) = (next(), next(), next(), next(), next());
    let known = names::Partition::ALL
        .iter()
        .any(|known| known.as_str() == partition);
    if !known && !partition.contains('*') {
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{service}:{region}:{account}:{rest}\"."
        ));
    }
    if service.contains(['*', '?']) && text.split(':').count() >= 6 {
        return Err(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned(),
        );
    }
    match service {
        "iam" if !matches!(region, "" | "*") => {
            Err("IAM resource ARN cannot contain region information.".to_owned())
        }
        "s3" if !matches!(region, "" | "*") => {
            Err("Resource ARN can not contain region information.".to_owned())
        }
        "iam" if text.split(':').count() >= 6 && !is_iam_resource(rest) => Err(format!(
            "IAM resource path must either be \"*\" or start with {}.",
            IAM_RESOURCES.join(", ")
        )),
        _ => Ok(()),
    }
}

const IAM_RESOURCES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

fn is_iam_resource(rest: &str) -> bool {
    rest.starts_with(['*', '$'])
        || rest == "root"
        || IAM_RESOURCES.iter().any(|kind| rest.starts_with(kind))
}

/// Refuses what is no action of a policy.
pub(crate) fn action(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = text.split_once(':') else {
        return Err(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
        );
    };
    if name.contains(':') {
        return Err("Actions/Condition can contain only one colon.".to_owned());
    }
    let valid = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    if vendor.is_empty() || !vendor.chars().all(valid) {
        return Err(format!("Vendor {vendor} is not valid"));
    }
    Ok(())
}
