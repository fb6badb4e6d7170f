//! The codes and what they mean. A code is never given a second meaning.

/// Codes and what they mean; the first line is the title.
const CODES: &[(&str, &str)] = &[
    (
        "RC-TRUST-001",
        "the token claim is no condition key\nOf a generic OIDC provider's token only `aud`, `sub` and `amr` (and `oaud`, when the token\nhas `azp`) become condition keys. A condition on any other claim never holds, or, with IfExists\nor ForAllValues, always does.",
    ),
    (
        "RC-TRUST-002",
        "a missing claim is accepted\nForAllValues and IfExists are true when the key is absent. On `sub` or `aud` of an Allow they\nlet in tokens without that claim. Use the plain operator.",
    ),
    (
        "RC-TRUST-003",
        "any service account of the cluster is accepted\nNothing in the statement narrows `sub`, so every token that the cluster mints for the audience\ncan assume the role. Add StringEquals on `sub`.",
    ),
    (
        "RC-TRUST-004",
        "the audience is not checked\nNothing in the statement narrows `aud`. Add StringEquals on `aud` with `sts.amazonaws.com`.",
    ),
    (
        "RC-TRUST-005",
        "the condition asks about another provider\nThe statement trusts one OIDC provider and has a condition on a claim of another, which no token\nof the trusted one has. The prefix of the key is the provider's ARN behind `oidc-provider/`.",
    ),
    (
        "RC-TRUST-006",
        "EKS Pod Identity needs sts:TagSession, too\nThe service `pods.eks.amazonaws.com` opens every session with tags. A role that lets it do\n`sts:AssumeRole` alone cannot be assumed by any pod. Add `sts:TagSession` to the same statement.",
    ),
    (
        "RC-TRUST-007",
        "a trusted user or role is gone\nA principal is kept by its unique id. The user or role of this id was deleted, and one that is\nmade anew under its name has another id: it is not trusted until the document is saved again.",
    ),
    (
        "RC-TRUST-008",
        "service accounts of every namespace are accepted\nThe value for `sub` has a wildcard in the place of the namespace, so whoever may make a service\naccount in any namespace can assume the role. Name the namespace.",
    ),
    (
        "RC-ROLE-001",
        "a role's session has no user name\n`aws:username` is set for users alone. In a role's policy a condition on it does not hold, a\nnegated one always does, and a pattern with `${aws:username}` matches nothing. Sessions have\n`aws:userid` and `aws:PrincipalTag/…`.",
    ),
    (
        "RC-ROLE-002",
        "the role to be assumed is not there\nNo role of a known account has this ARN. The path is part of a role's ARN, but not of its name\nor of its sessions' ARNs; names are compared with their letter case.",
    ),
    (
        "RC-MFA-001",
        "long-term access keys have no aws:MultiFactorAuthPresent\nThe key is absent, not `false`, when a user signs with an access key of its own. So Deny with\nBool `false` does not stop it (say BoolIfExists), and Allow with BoolIfExists `true` lets it in\n(say Bool).",
    ),
    (
        "RC-COND-001",
        "StringEquals takes wildcards literally\n`*` and `?` are wildcards for StringLike; StringEquals compares them as characters, so the\ncondition never holds.",
    ),
    (
        "RC-COND-002",
        "the value is not of the operator's kind\nA number, date, address, ARN or boolean was expected. The condition never holds.",
    ),
    (
        "RC-COND-003",
        "a session's ARN has no path\n`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` has the role's name without its path. With the\npath in it the ARN names nobody.",
    ),
    (
        "RC-COND-004",
        "aws:PrincipalArn of a session is its role's ARN\nFor a session of a role the key holds `arn:aws:iam::ACCOUNT:role/PATH/NAME`, never the session's\nARN. To tell sessions apart, use `aws:userid` (`AROA…:SESSION`).",
    ),
    (
        "RC-COND-005",
        "a list without values\nNothing equals one of no values: the condition never holds, or, negated, always does.",
    ),
    (
        "RC-COND-006",
        "the operator is not of the key's kind\nValues are compared as texts then: an address range, a date or a number written otherwise is not\nrecognised. Use the operator of the key's kind.",
    ),
    (
        "RC-ACTION-001",
        "there is no such action\nIAM takes any name behind a known prefix, so a misspelt action is saved and never matches.",
    ),
    (
        "RC-ACTION-002",
        "the action has no resource\nThis action is decided on the resource `*`. A statement that names ARNs alone neither allows nor\ndenies it.",
    ),
    (
        "RC-LANG-001",
        "variables need language version 2012-10-17\nWithout that Version, `${…}` is literal text, and the statement silently never matches.",
    ),
    (
        "RC-SCOPE-001",
        "Allow with NotAction\nIt allows every action there is but those listed, also those that AWS adds tomorrow.",
    ),
];

/// Every code.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|(code, _)| *code)
}

/// What a code means; its first line is a title.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}
