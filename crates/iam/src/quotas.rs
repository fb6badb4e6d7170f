//! The quotas of an account, as a new account has them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use crate::error::IamError;

pub(crate) const ROLES: usize = 1_000;
pub(crate) const USERS: usize = 5_000;
pub(crate) const GROUPS: usize = 300;
pub(crate) const POLICIES: usize = 1_500;
pub(crate) const INSTANCE_PROFILES: usize = 1_000;
pub(crate) const OIDC_PROVIDERS: usize = 100;
pub(crate) const CLIENT_IDS: usize = 100;
pub(crate) const THUMBPRINTS: usize = 5;
pub(crate) const POLICY_VERSIONS: usize = 5;
pub(crate) const MANAGED_POLICY_CHARACTERS: usize = 6_144;
pub(crate) const TRUST_POLICY_CHARACTERS: usize = 2_048;
pub(crate) const ACCESS_KEYS: usize = 2;
pub(crate) const GROUPS_OF_A_USER: usize = 10;
pub(crate) const TAGS: usize = 50;

/// Refuses when there would be more than the quota.
pub(crate) fn at_most(max: usize, found: usize, quota: &'static str) -> Result<(), IamError> {
    if found > max {
        return Err(IamError::QuotaExceeded { quota, max });
    }
    Ok(())
}

/// How long a document is for its quota: white space between its parts does not count.
pub(crate) fn characters(document: &str) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for character in document.chars() {
        if !in_string && character.is_ascii_whitespace() {
            continue;
        }
        count += 1;
        if !escaped && character == '"' {
            in_string = !in_string;
        }
        escaped = in_string && !escaped && character == '\\';
    }
    count
}

#[cfg(test)]
mod tests {
    use super::characters;

    #[test]
    fn white_space_counts_inside_strings_alone() {
        let check = |document, count| assert_eq!(characters(document), count, "{document}");
        check(r#"{ "a" : 1 }"#, 7);
        check(r#"{"a b": 1}"#, 9);
        check("{\n\t\"a\\\" b\" : 1\n}", 11);
    }
}
