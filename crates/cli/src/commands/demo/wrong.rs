//! The wrong variants of the journey, and how AWS refuses each.

use super::forgery::Forgery;
use super::journey::{CROSS, EXCHANGE, POD, STS, call};
use super::{Call, Step, Token, Who, Wrong};

/// One sentence for every token whose signature does not hold.
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider";

/// One sentence for everything that is not a signed token.
const NO_TOKEN: &str = "The ID Token provided is not a valid JWT";

/// One sentence for every token that the role does not trust.
const NOT_TRUSTED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

pub(super) const VARIANTS: &[Wrong] = &[
    exchange(
        "Another service account of the same namespace",
        token("ci-namespace/default@ci", STS, Forgery::None),
        "AccessDenied",
        NOT_TRUSTED,
    ),
    exchange(
        "A service account of that name in another namespace",
        token("other-namespace/ci-serviceaccount@ci", STS, Forgery::None),
        "AccessDenied",
        NOT_TRUSTED,
    ),
    exchange(
        "A token for Kubernetes' own API",
        token(POD, "https://kubernetes.default.svc", Forgery::None),
        "InvalidIdentityToken",
        "Incorrect token audience",
    ),
    exchange(
        "The same service account, vouched for by another cluster",
        token("ci-namespace/ci-serviceaccount@dev", STS, Forgery::None),
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for ",
    ),
    exchange(
        "Another's token with the subject written over",
        token(
            "ci-namespace/default@ci",
            STS,
            Forgery::Subject("system:serviceaccount:ci-namespace:ci-serviceaccount"),
        ),
        "InvalidIdentityToken",
        NO_KEY,
    ),
    exchange(
        "A token that names a key its issuer never had",
        token(POD, STS, Forgery::OtherKey),
        "InvalidIdentityToken",
        NO_KEY,
    ),
    exchange(
        "A token without signature (`alg: none`)",
        token(POD, STS, Forgery::NoAlgorithm),
        "InvalidIdentityToken",
        NO_TOKEN,
    ),
    exchange(
        "A token that takes the public key for a shared secret (`alg: HS256`)",
        token(POD, STS, Forgery::Hmac),
        "InvalidIdentityToken",
        NO_TOKEN,
    ),
    exchange(
        "No token at all",
        token(POD, STS, Forgery::NoToken),
        "InvalidIdentityToken",
        NO_TOKEN,
    ),
    with_token(
        "A role that does not exist",
        call(
            Who::Nobody,
            "sts",
            "AssumeRoleWithWebIdentity",
            r#"{ "RoleArn": "arn:aws:iam::111111111111:role/no-such-role", "RoleSessionName": "demo", "WebIdentityToken": "${token}" }"#,
        ),
        "AccessDenied",
        NOT_TRUSTED,
    ),
    with_token(
        "A session longer than the role allows",
        call(
            Who::Nobody,
            "sts",
            "AssumeRoleWithWebIdentity",
            r#"{ "RoleArn": "arn:aws:iam::111111111111:role/ci-account-iam-role", "RoleSessionName": "demo", "WebIdentityToken": "${token}", "DurationSeconds": 7200 }"#,
        ),
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ),
    plain(
        "A chained session longer than one hour",
        call(
            Who::Session("ci"),
            "sts",
            "AssumeRole",
            r#"{ "RoleArn": "arn:aws:iam::444444444444:role/target-account-iam-role", "RoleSessionName": "demo", "DurationSeconds": 3601 }"#,
        ),
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    ),
    plain(
        "A caller whom the role in `prod` does not trust",
        call(Who::Administrator("dev"), "sts", "AssumeRole", CROSS),
        "AccessDenied",
        "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444444444444:role/target-account-iam-role",
    ),
    plain(
        "The session in `ci` lists clusters, which no policy there allows",
        call(Who::Session("ci"), "eks", "ListClusters", "{}"),
        "AccessDeniedException",
        "is not authorized to perform: eks:ListClusters",
    ),
    plain(
        "The session in `prod` deletes a cluster",
        call(
            Who::Session("prod"),
            "eks",
            "DeleteCluster",
            r#"{ "name": "prod" }"#,
        ),
        "AccessDeniedException",
        "is not authorized to perform: eks:DeleteCluster",
    ),
    plain(
        "A wrong secret",
        call(Who::WrongSecret("ci"), "sts", "GetCallerIdentity", "{}"),
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
    ),
    plain(
        "A key that nobody was given",
        call(Who::UnknownKey, "sts", "GetCallerIdentity", "{}"),
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    ),
    plain(
        "A session token that was changed",
        call(Who::ChangedToken("prod"), "sts", "GetCallerIdentity", "{}"),
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    ),
    plain(
        "No signature",
        call(Who::Nobody, "sts", "GetCallerIdentity", "{}"),
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    ),
    plain(
        "A trust policy for a role that does not exist",
        call(
            Who::Administrator("prod"),
            "iam",
            "CreateRole",
            r#"{
              "RoleName": "wrong",
              "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Principal": { "AWS": "arn:aws:iam::111111111111:role/no-such-role" },
                  "Action": "sts:AssumeRole"
                }]
              }
            }"#,
        ),
        "MalformedPolicyDocument",
        "Invalid principal in policy",
    ),
    plain(
        "A condition operator with a typing error",
        call(
            Who::Administrator("ci"),
            "iam",
            "CreatePolicy",
            r#"{
              "PolicyName": "wrong",
              "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                  "Effect": "Allow",
                  "Action": "sts:AssumeRole",
                  "Resource": "*",
                  "Condition": { "StringEqual": { "aws:PrincipalAccount": "111111111111" } }
                }]
              }
            }"#,
        ),
        "MalformedPolicyDocument",
        "Syntax errors in policy.",
    ),
    plain(
        "A provider without TLS",
        call(
            Who::Administrator("ci"),
            "iam",
            "CreateOpenIDConnectProvider",
            r#"{ "Url": "http://issuer.example.com", "ClientIDList": ["sts.amazonaws.com"] }"#,
        ),
        "InvalidInput",
        "The URL must begin with https://",
    ),
];

const fn token(
    service_account: &'static str,
    audience: &'static str,
    forgery: Forgery,
) -> Option<Token> {
    Some(Token {
        service_account,
        audience,
        forgery,
    })
}

/// The exchange, with another token.
const fn exchange(
    title: &'static str,
    token: Option<Token>,
    code: &'static str,
    text: &'static str,
) -> Wrong {
    let call = call(Who::Nobody, "sts", "AssumeRoleWithWebIdentity", EXCHANGE);
    wrong(title, token, call, code, text)
}

/// Another call, with the right token.
const fn with_token(
    title: &'static str,
    call: Call,
    code: &'static str,
    text: &'static str,
) -> Wrong {
    wrong(title, token(POD, STS, Forgery::None), call, code, text)
}

/// A call without token.
const fn plain(title: &'static str, call: Call, code: &'static str, text: &'static str) -> Wrong {
    wrong(title, None, call, code, text)
}

const fn wrong(
    title: &'static str,
    token: Option<Token>,
    call: Call,
    code: &'static str,
    text: &'static str,
) -> Wrong {
    let proves = "what is not meant is refused";
    Wrong {
        step: Step {
            title,
            proves,
            token,
            call: Some(call),
            shows: "",
            keeps: None,
        },
        code,
        text,
    }
}
