//! A row per rule of spec/iam-evaluation.md 3.5, 3.6 and 3.8, and per error of 5.3 and 5.4.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use names::secret::Secret;
use names::{
    AccessKeyId, AccountId, KeyKind, PolicyArn, ProviderName, RoleArn, ServiceAccount, UniqueId,
};
use oidc::{
    KeySet, Lifetime, RejectedToken, SigningKey, TokenRequest, UnverifiedToken, VerifiedToken,
};
use sigv4::{BodyHash, DerivedKeys, Expectation, Family, Presented, RequestHead, Signer};

use super::assume_role::{AssumeRole, DeviceCode, assume_role, role_arn};
use super::assume_role_with_web_identity::{
    AssumeRoleWithWebIdentity, OpenedByToken, accept_thumbprint, assume_role_with_web_identity,
    provider_of,
};
use super::get_caller_identity::{
    decode_authorization_message, get_access_key_info, get_caller_identity,
};
use super::get_federation_token::{GetFederationToken, get_federation_token};
use super::get_session_token::get_session_token;
use super::{Opened, PassedPolicies};
use crate::{
    Asker, Authority, Caller, DenialCause, DenialReason, Directory, EpochId, EpochKey, Instant,
    KeyValue, ProviderFacts, Question, RefusedCredentials, RequestedTags, RoleFacts,
    SessionCredentials, SessionKeys, SessionRandom, StsError, TagReach, UserKey, authenticate,
};

const NOW: i64 = 1_795_500_000;
const CI: &str = "111111111111";
const ISSUER: &str = "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";

/// Two accounts: a user and a role in one, a role in the other, an issuer trusted by the first.
struct World {
    is_role_there: bool,
    is_key_active: bool,
    /// Actions that the policies refuse.
    refused: Vec<&'static str>,
    /// What was asked: action, and condition keys.
    asked: RefCell<Vec<(String, BTreeMap<String, String>)>>,
    keys: SessionKeys,
}

impl World {
    fn new() -> Self {
        let epoch = EpochKey {
            id: EpochId(1),
            active_from: Timestamp::UNIX_EPOCH,
            key: Secret::new(vec![1; 32]),
        };
        Self {
            is_role_there: true,
            is_key_active: true,
            refused: Vec::new(),
            asked: RefCell::default(),
            keys: SessionKeys::new(&[epoch]).unwrap(),
        }
    }

    fn refusing(action: &'static str) -> Self {
        Self {
            refused: vec![action],
            ..Self::new()
        }
    }

    fn actions(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        asked.iter().map(|(action, _)| action.clone()).collect()
    }

    fn key(&self, name: &str) -> Option<String> {
        self.asked.borrow().first()?.1.get(name).cloned()
    }
}

impl Directory for World {
    fn access_key(&self, id: &AccessKeyId) -> Option<UserKey> {
        (*id == user_key()).then(|| UserKey {
            user: format!("arn:aws:iam::{CI}:user/team/ann").parse().unwrap(),
            user_id: "AIDAABCDEFGHIJKLMNOPQ".parse().unwrap(),
            secret: Secret::from("secret"),
            is_active: self.is_key_active,
        })
    }

    fn role(&self, arn: &RoleArn) -> Option<RoleFacts> {
        let max = match arn.as_str() {
            "arn:aws:iam::111111111111:role/app/ci-role" => 7_200,
            "arn:aws:iam::444444444444:role/prod-role" => 43_200,
            _ => return None,
        };
        Some(RoleFacts {
            id: role_id(arn),
            session_seconds_max: max,
            tags: BTreeMap::from([("team".to_owned(), "red".to_owned())]),
        })
    }

    fn is_alive(&self, _: AccountId, id: &UniqueId) -> bool {
        self.is_role_there || id.kind() != names::IdKind::Role
    }

    fn provider(&self, account: AccountId, name: &ProviderName) -> Option<ProviderFacts> {
        let known: names::IssuerUrl = ISSUER.parse().unwrap();
        let is_known = account == CI && name == known.as_provider_name();
        is_known.then(provider)
    }

    fn has_policy(&self, arn: &PolicyArn) -> bool {
        *arn.name() == "ReadOnlyAccess"
    }

    fn malformed_policy(&self, text: &str) -> Option<String> {
        (!text.starts_with('{')).then(|| "Syntax errors in policy.".to_owned())
    }
}

impl Authority for World {
    fn decide(&self, question: &Question<'_>) -> Result<(), DenialReason> {
        let keys = question.keys.iter().map(|(key, value)| {
            let value = match value {
                KeyValue::One(value) => value.clone(),
                KeyValue::Many(values) => values.join(","),
            };
            (key.to_owned(), value)
        });
        let action = question.action.to_owned();
        self.asked.borrow_mut().push((action, keys.collect()));
        if !self.refused.contains(&question.action) {
            return Ok(());
        }
        Err(DenialReason {
            wire: format!(
                "because no identity-based policy allows the {} action",
                question.action
            ),
            detail: String::new(),
            explanation: None,
        })
    }
}

fn provider() -> ProviderFacts {
    let name: names::IssuerUrl = ISSUER.parse().unwrap();
    ProviderFacts {
        arn: names::ProviderArn::new(
            names::Partition::Aws,
            CI.parse().unwrap(),
            name.as_provider_name(),
        ),
        client_ids: vec!["sts.amazonaws.com".parse().unwrap()],
        thumbprints: vec!["aa".repeat(20)],
    }
}

fn role_id(arn: &RoleArn) -> UniqueId {
    let fill = u8::try_from(arn.as_str().len()).unwrap();
    UniqueId::from_random(names::IdKind::Role, [fill; 11])
}

fn user_key() -> AccessKeyId {
    AccessKeyId::new(KeyKind::LongTerm, CI.parse().unwrap(), [1; 5])
}

fn at(seconds: i64) -> Instant {
    Instant {
        now: Timestamp::from_second(NOW + seconds).unwrap(),
        random: SessionRandom {
            access_key: [2; 5],
            nonce: [3; 12],
        },
    }
}

fn ci_role() -> RoleArn {
    "arn:aws:iam::111111111111:role/app/ci-role"
        .parse()
        .unwrap()
}

fn prod_role() -> RoleArn {
    "arn:aws:iam::444444444444:role/prod-role".parse().unwrap()
}

/// Signs a request with these credentials and has its sender recognised.
fn signed(
    world: &World,
    id: &str,
    secret: &Secret,
    token: Option<&str>,
    seconds: i64,
) -> Result<Caller, RefusedCredentials> {
    let now = at(seconds).now;
    let signer = Signer {
        access_key_id: id,
        secret_key: secret,
        session_token: token,
        region: "us-west-2",
        service: "sts",
    };
    let host: &[(&str, &[u8])] = &[("host", b"localhost:4566")];
    let head = RequestHead {
        method: "POST",
        raw_path: "/",
        raw_query: "",
        headers: host,
    };
    let body = BodyHash::empty();
    let added = sigv4::sign(&signer, &head, &body, now).unwrap();
    let added = added.iter().map(|(name, value)| (*name, value.as_bytes()));
    let mut headers: Vec<(&str, &[u8])> = added.collect();
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        headers.extend(host);
    }
    let head = RequestHead {
        headers: &headers,
        ..head
    };
    let expectation = Expectation {
        services: &["sts"],
        now,
    };
    let presented = Presented::parse(&head, &body, &expectation).unwrap();
    authenticate(presented, world, &world.keys, &DerivedKeys::new(), now)
}

fn user(world: &World) -> Caller {
    signed(world, user_key().as_str(), &Secret::from("secret"), None, 0).unwrap()
}

fn session(world: &World, credentials: &SessionCredentials) -> Caller {
    session_at(world, credentials, 1).unwrap()
}

fn session_at(
    world: &World,
    credentials: &SessionCredentials,
    seconds: i64,
) -> Result<Caller, RefusedCredentials> {
    let id = credentials.access_key_id.as_str();
    let token = credentials.session_token.expose_str();
    signed(world, id, &credentials.secret_access_key, token, seconds)
}

fn request(role: RoleArn) -> AssumeRole {
    AssumeRole {
        role,
        session: "worker".parse().unwrap(),
        duration: None,
        policies: PassedPolicies::default(),
        tags: RequestedTags::default(),
        external_id: None,
        source_identity: None,
        device_code: None,
    }
}

fn assume(world: &World, caller: &Caller, asked: &AssumeRole) -> Result<Opened, StsError> {
    assume_role(caller, asked, world, world, &world.keys, at(0))
}

const SUBJECT: &str = "system:serviceaccount:ci-namespace:ci-serviceaccount";

/// The cluster's key; made once, since making one takes a while.
fn cluster_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap())
}

/// The service account's token for these audiences, as the cluster mints it.
fn token(issuer: &str, audiences: &[&str]) -> VerifiedToken {
    let request = TokenRequest {
        issuer: issuer.parse().unwrap(),
        service_account: ServiceAccount::from_subject(SUBJECT).unwrap(),
        uid: "0f3f7a0e-0000-4000-8000-000000000001".to_owned(),
        audiences: audiences.iter().map(|text| text.parse().unwrap()).collect(),
        pod: None,
        lifetime: Lifetime::default(),
        now: at(0).now,
        jti: "0f3f7a0e-0000-4000-8000-000000000002".to_owned(),
    };
    let minted = oidc::mint(cluster_key(), &request);
    let keys = KeySet::of([cluster_key().public().clone()]);
    let text = minted.text().expose_str().unwrap();
    UnverifiedToken::parse(text)
        .unwrap()
        .verify(&keys, at(0).now)
        .unwrap()
}

fn seed_token() -> VerifiedToken {
    token(ISSUER, &["sts.amazonaws.com"])
}

fn web_identity(world: &World, token: &VerifiedToken) -> Result<OpenedByToken, StsError> {
    let asked = AssumeRoleWithWebIdentity {
        role: ci_role(),
        session: "worker".parse().unwrap(),
        duration: None,
        policies: PassedPolicies::default(),
    };
    let provider = provider();
    assume_role_with_web_identity(&provider, token, &asked, world, world, &world.keys, at(0))
}

#[track_caller]
fn check(error: &StsError, code: &str, status: u16, text: &str) {
    assert_eq!(
        (error.code(), error.status(), error.to_string().as_str()),
        (code, status, text)
    );
}

#[track_caller]
fn check_refused(refused: Result<Caller, RefusedCredentials>, query: &str, json: &str, text: &str) {
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(Family::Query), query);
    assert_eq!(refused.code(Family::Json), json);
    assert_eq!(refused.status(Family::Query), 403);
    assert_eq!(refused.to_string(), text);
}

const INVALID: &str = "The security token included in the request is invalid.";
const NO_ROLE: &str = "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: sts:AssumeRole on resource: ";

#[test]
fn the_seeds_chain_reaches_the_other_account() {
    let world = World::new();
    let first = web_identity(&world, &seed_token()).unwrap();
    let pod = session(&world, &first.opened.credentials);
    assert_eq!(
        pod.arn(),
        "arn:aws:sts::111111111111:assumed-role/ci-role/worker"
    );
    let second = assume(&world, &pod, &request(prod_role())).unwrap();
    let prod = session(&world, &second.credentials);
    let identity = get_caller_identity(&prod);
    assert_eq!(identity.account, "444444444444");
    assert_eq!(
        identity.arn,
        "arn:aws:sts::444444444444:assumed-role/prod-role/worker"
    );
    assert_eq!(
        identity.user_id,
        format!("{}:worker", role_id(&prod_role()))
    );
    assert_eq!(second.session.chain_depth(), 1);
    assert_eq!(second.packed, None);
}

#[test]
fn a_key_that_nobody_has_is_invalid() {
    let world = World::new();
    let unknown = AccessKeyId::new(KeyKind::LongTerm, CI.parse().unwrap(), [9; 5]);
    let secret = Secret::from("secret");
    for id in [unknown.as_str(), "nonsense"] {
        let refused = signed(&world, id, &secret, None, 0);
        check_refused(
            refused,
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            INVALID,
        );
    }
}

#[test]
fn an_inactive_key_answers_like_an_unknown_one_whatever_signed() {
    let world = World {
        is_key_active: false,
        ..World::new()
    };
    let refused = signed(&world, user_key().as_str(), &Secret::from("wrong"), None, 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_token_with_a_users_key_or_a_session_without_one_is_invalid() {
    let world = World::new();
    let secret = Secret::from("secret");
    let refused = signed(&world, user_key().as_str(), &secret, Some("x"), 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    let id = opened.access_key_id.as_str();
    let refused = signed(&world, id, &opened.secret_access_key, None, 0);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_session_ends_at_its_second() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    assert!(session_at(&world, &opened, 3_599).is_ok());
    let text = "The security token included in the request is expired";
    let refused = session_at(&world, &opened, 3_600);
    check_refused(refused, "ExpiredToken", "ExpiredTokenException", text);
}

#[test]
fn a_deleted_role_ends_its_sessions_at_once() {
    let mut world = World::new();
    let opened = web_identity(&world, &seed_token())
        .unwrap()
        .opened
        .credentials;
    world.is_role_there = false;
    let refused = session_at(&world, &opened, 1);
    check_refused(
        refused,
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        INVALID,
    );
}

#[test]
fn a_wrong_secret_is_seen_last() {
    let world = World::new();
    let refused = signed(&world, user_key().as_str(), &Secret::from("wrong"), None, 0);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(Family::Query), "SignatureDoesNotMatch");
    assert_eq!(refused.code(Family::Json), "InvalidSignatureException");
}

#[test]
fn a_missing_role_and_a_refusing_one_read_the_same() {
    let asked = request(prod_role());
    let refusing = World::refusing("sts:AssumeRole");
    let error = assume(&refusing, &user(&refusing), &asked).unwrap_err();
    let cause = &error.denial().unwrap().cause;
    assert!(matches!(cause, DenialCause::Policies(_)));
    check(
        &error,
        "AccessDenied",
        403,
        &format!("{NO_ROLE}{}", asked.role),
    );

    let world = World::new();
    let asked = request("arn:aws:iam::444444444444:role/nobody".parse().unwrap());
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    assert_eq!(error.denial().unwrap().cause, DenialCause::NoSuchRole);
    check(
        &error,
        "AccessDenied",
        403,
        &format!("{NO_ROLE}{}", asked.role),
    );
}

#[test]
fn what_is_no_role_arn_is_one_sentence() {
    for text in [
        "arn:aws:iam::111111111111:user/ann",
        "nonsense-of-twenty-chars",
    ] {
        check(
            &role_arn(text).unwrap_err(),
            "ValidationError",
            400,
            "Request ARN is invalid",
        );
    }
}

#[test]
fn a_session_is_no_longer_than_its_role_allows() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.duration = Some(7_200);
    let opened = assume(&world, &user(&world), &asked).unwrap();
    assert_eq!(opened.session.expiry.as_second(), NOW + 7_200);
    asked.duration = Some(7_201);
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    check(
        &assume(&world, &user(&world), &asked).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

#[test]
fn a_chained_session_is_at_most_an_hour() {
    let world = World::new();
    let first = web_identity(&world, &seed_token()).unwrap();
    let pod = session(&world, &first.opened.credentials);
    let mut asked = request(prod_role());
    asked.duration = Some(3_600);
    assert!(assume(&world, &pod, &asked).is_ok());
    asked.duration = Some(3_601);
    let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    check(
        &assume(&world, &pod, &asked).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

#[test]
fn tags_and_source_identity_need_their_own_permissions() {
    let mut asked = request(ci_role());
    asked.tags.tags = vec![("team".to_owned(), "blue".to_owned())];
    asked.source_identity = Some("ann".parse().unwrap());
    let world = World::new();
    assume(&world, &user(&world), &asked).unwrap();
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    assert_eq!(world.actions(), actions);
    for action in &actions[1..] {
        let world = World::refusing(action);
        let error = assume(&world, &user(&world), &asked).unwrap_err();
        assert_eq!(error.denial().unwrap().action, *action);
    }
}

#[test]
fn policies_see_what_the_call_says() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.external_id = Some("ticket:42".parse().unwrap());
    asked.source_identity = Some("ann".parse().unwrap());
    asked.tags.tags = vec![("team".to_owned(), "blue".to_owned())];
    asked.tags.transitive_keys = vec!["team".to_owned()];
    assume(&world, &user(&world), &asked).unwrap();
    let rows = [
        ("sts:RoleSessionName", "worker"),
        ("sts:ExternalId", "ticket:42"),
        ("sts:SourceIdentity", "ann"),
        ("aws:RequestTag/team", "blue"),
        ("aws:TagKeys", "team"),
        ("sts:TransitiveTagKeys", "team"),
        ("aws:ResourceTag/team", "red"),
        ("iam:ResourceTag/team", "red"),
        ("aws:ResourceAccount", CI),
    ];
    for (key, value) in rows {
        assert_eq!(world.key(key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn a_transitive_tag_and_a_source_identity_are_for_good() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.tags.tags = vec![
        ("team".to_owned(), "blue".to_owned()),
        ("task".to_owned(), "build".to_owned()),
    ];
    asked.tags.transitive_keys = vec!["team".to_owned()];
    asked.source_identity = Some("ann".parse().unwrap());
    let first = assume(&world, &user(&world), &asked).unwrap();
    let caller = session(&world, &first.credentials);

    let chained = assume(&world, &caller, &request(prod_role()))
        .unwrap()
        .session;
    assert_eq!(chained.tags.len(), 1);
    assert_eq!(chained.tags["team"].reach, TagReach::Transitive);
    assert_eq!(chained.source_identity, asked.source_identity);

    let mut changed = request(prod_role());
    changed.tags.tags = vec![("Team".to_owned(), "red".to_owned())];
    let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    check(
        &assume(&world, &caller, &changed).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
    let mut changed = request(prod_role());
    changed.source_identity = Some("bob".parse().unwrap());
    let text = "The source identity is already set for this assume role session";
    check(
        &assume(&world, &caller, &changed).unwrap_err(),
        "ValidationError",
        400,
        text,
    );
}

#[test]
fn session_policies_are_refused_by_kind() {
    let world = World::new();
    let with = |policies| AssumeRole {
        policies,
        ..request(ci_role())
    };
    let inline = |text: String| PassedPolicies {
        inline: Some(text),
        managed: Vec::new(),
    };
    let refused = |policies| assume(&world, &user(&world), &with(policies)).unwrap_err();
    let malformed = refused(inline("nonsense".to_owned()));
    check(
        &malformed,
        "MalformedPolicyDocument",
        400,
        "Syntax errors in policy.",
    );
    assert_eq!(
        refused(inline(format!("{{{}", "x".repeat(2_048)))).code(),
        "ValidationError"
    );
    for arn in [
        "arn:aws:iam::444444444444:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/Nonsense",
    ] {
        let managed = vec![arn.parse().unwrap()];
        let error = refused(PassedPolicies {
            inline: None,
            managed,
        });
        assert_eq!(error.code(), "ValidationError", "{arn}");
    }
    let opened = assume(&world, &user(&world), &with(inline("{ }".to_owned()))).unwrap();
    assert_eq!(opened.session.policies.inline.as_deref(), Some("{}"));
    assert!(opened.packed.is_some());
}

#[test]
fn tags_that_do_not_fit_are_told_in_percent_of_the_space() {
    let world = World::new();
    let mut asked = request(ci_role());
    let tag = |n: usize| (format!("key{n}"), "v".repeat(256));
    asked.tags.tags = (0..40).map(tag).collect();
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    assert_eq!(error.code(), "PackedPolicyTooLarge");
    let text = error.to_string();
    assert!(
        text.starts_with("Packed size of session tags consumes 4"),
        "{text}"
    );
}

#[test]
fn a_device_code_is_never_right() {
    let world = World::new();
    let mut asked = request(ci_role());
    asked.device_code = Some(DeviceCode);
    let error = assume(&world, &user(&world), &asked).unwrap_err();
    assert_eq!((error.code(), error.status()), ("AccessDenied", 403));
}

#[test]
fn a_provider_must_be_in_the_roles_own_account() {
    let world = World::new();
    let other: RoleArn = "arn:aws:iam::444444444444:role/prod-role".parse().unwrap();
    let text = format!("No OpenIDConnect provider found in your account for {ISSUER}");
    let error = provider_of(&other, ISSUER, &world).unwrap_err();
    check(&error, "InvalidIdentityToken", 400, &text);
    let stranger = "https://example.com";
    let error = provider_of(&ci_role(), stranger, &world).unwrap_err();
    assert_eq!(error.code(), "InvalidIdentityToken");
}

#[test]
fn a_token_is_for_one_of_the_providers_client_ids() {
    let world = World::new();
    let refused: [&[&str]; 3] = [
        &["kubernetes.default.svc"],
        &["sts.amazonaws.com", "kubernetes.default.svc"],
        &["STS.amazonaws.com"],
    ];
    for audiences in refused {
        let error = web_identity(&world, &token(ISSUER, audiences)).unwrap_err();
        check(
            &error,
            "InvalidIdentityToken",
            400,
            "Incorrect token audience",
        );
    }
}

#[test]
fn a_token_of_another_issuer_is_not_the_providers() {
    let world = World::new();
    let stranger = token("https://example.com/id/1", &["sts.amazonaws.com"]);
    let text = "No OpenIDConnect provider found in your account for https://example.com/id/1";
    check(
        &web_identity(&world, &stranger).unwrap_err(),
        "InvalidIdentityToken",
        400,
        text,
    );
}

#[test]
fn tokens_are_rejected_in_awss_words() {
    let now = at(3_601).now;
    let expired = RejectedToken::Expired {
        expiry: at(3_600).now,
        now,
    };
    let text = format!(
        "Token expired: current date/time {} must be before the expiration date/time {}",
        NOW + 3_601,
        NOW + 3_600
    );
    check(&expired.into(), "ExpiredTokenException", 400, &text);
    let missing = RejectedToken::MissingClaim("aud");
    let text = "Missing a required claim: aud";
    check(&missing.into(), "InvalidIdentityToken", 400, text);
    let forged = RejectedToken::BadSignature { key_id: None };
    let text = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
    check(&forged.into(), "InvalidIdentityToken", 400, text);
    let none = UnverifiedToken::parse("access-token").unwrap_err();
    let text = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    check(&none.into(), "InvalidIdentityToken", 400, text);
}

#[test]
fn trust_policies_see_subject_and_audience_under_the_providers_name() {
    let world = World::new();
    web_identity(&world, &seed_token()).unwrap();
    let name = ISSUER.trim_start_matches("https://");
    assert_eq!(world.key(&format!("{name}:sub")), Some(SUBJECT.to_owned()));
    assert_eq!(
        world.key(&format!("{name}:aud")).as_deref(),
        Some("sts.amazonaws.com")
    );
    assert_eq!(world.key(&format!("{name}:oaud")), None);
    assert_eq!(
        world.key("aws:FederatedProvider"),
        Some(provider().arn.to_string())
    );
    assert_eq!(world.key("aws:PrincipalArn"), None);
}

#[test]
fn a_role_that_does_not_trust_the_subject_refuses_without_a_reason() {
    let world = World::refusing("sts:AssumeRoleWithWebIdentity");
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    check(
        &web_identity(&world, &seed_token()).unwrap_err(),
        "AccessDenied",
        403,
        text,
    );
}

#[test]
fn a_certificate_that_is_not_pinned_is_refused() {
    assert!(accept_thumbprint(&provider(), &"AA".repeat(20)).is_ok());
    let text = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
    let error = accept_thumbprint(&provider(), &"bb".repeat(20)).unwrap_err();
    check(&error, "InvalidIdentityToken", 400, text);
}

#[test]
fn role_sessions_may_not_ask_for_tokens_of_users() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token()).unwrap().opened;
    let pod = session(&world, &opened.credentials);
    let error = get_session_token(&pod, None, None, &world.keys, at(0)).unwrap_err();
    let text = "Cannot call GetSessionToken with session credentials";
    check(&error, "AccessDenied", 403, text);
    let error = federation(&world, &pod).unwrap_err();
    let text = "Cannot call GetFederationToken with session credentials";
    check(&error, "AccessDenied", 403, text);
}

fn federation(world: &World, caller: &Caller) -> Result<Opened, StsError> {
    let asked = GetFederationToken {
        name: "guest".parse().unwrap(),
        duration: None,
        policies: PassedPolicies::default(),
        tags: RequestedTags::default(),
    };
    get_federation_token(caller, &asked, world, world, &world.keys, at(0))
}

#[test]
fn a_users_session_is_the_same_user_for_twelve_hours() {
    let world = World::new();
    let opened = get_session_token(&user(&world), None, None, &world.keys, at(0)).unwrap();
    assert_eq!(opened.session.expiry.as_second(), NOW + 43_200);
    let caller = session(&world, &opened.credentials);
    assert_eq!(caller.arn(), "arn:aws:iam::111111111111:user/team/ann");
    assert!(caller.role_session().is_none());
}

#[test]
fn a_federated_user_may_ask_who_it_is_and_nothing_else() {
    let world = World::new();
    let opened = federation(&world, &user(&world)).unwrap();
    let guest = session(&world, &opened.credentials);
    let identity = get_caller_identity(&guest);
    assert_eq!(
        identity.arn,
        "arn:aws:sts::111111111111:federated-user/guest"
    );
    assert_eq!(identity.user_id, "111111111111:guest");
    let error = assume(&world, &guest, &request(ci_role())).unwrap_err();
    assert_eq!(error.denial().unwrap().cause, DenialCause::SessionKind);
}

#[test]
fn federation_needs_permission_and_says_which() {
    let world = World::refusing("sts:GetFederationToken");
    let error = federation(&world, &user(&world)).unwrap_err();
    let text = "User: arn:aws:iam::111111111111:user/team/ann is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111111111111:federated-user/guest because no identity-based policy allows the sts:GetFederationToken action";
    check(&error, "AccessDenied", 403, text);
}

#[test]
fn an_access_key_id_tells_its_account() {
    let account = get_access_key_info(user_key().as_str()).unwrap();
    assert_eq!(account, CI);
    assert_eq!(
        get_access_key_info("AKIANONSENSE1234").unwrap_err().code(),
        "ValidationError"
    );
}

#[test]
fn a_message_is_decoded_for_who_may_and_only_if_it_is_ours() {
    let world = World::new();
    let message = world
        .keys
        .seal_message("{\"allowed\":false}", at(0).now, [4; 12]);
    let decode = |world: &World, message: &str| {
        decode_authorization_message(&user(world), message, world, &world.keys)
    };
    let message = message.unwrap();
    assert_eq!(decode(&world, &message).unwrap(), "{\"allowed\":false}");
    let error = decode(&world, "bm9uc2Vuc2U=").unwrap_err();
    assert_eq!(error.code(), "InvalidAuthorizationMessageException");
    let refusing = World::refusing("sts:DecodeAuthorizationMessage");
    assert_eq!(
        decode(&refusing, &message).unwrap_err().code(),
        "AccessDenied"
    );
}

#[test]
fn a_chained_question_is_asked_by_the_session_and_knows_its_login() {
    let world = World::new();
    let opened = web_identity(&world, &seed_token()).unwrap().opened;
    let pod = session(&world, &opened.credentials);
    let mut keys = crate::ConditionKeys::default();
    pod.set_keys(&mut keys);
    let one = |key: &str| match keys.get(key) {
        Some(KeyValue::One(value)) => Some(value.clone()),
        Some(KeyValue::Many(_)) | None => None,
    };
    assert_eq!(one("aws:principalarn"), Some(ci_role().to_string()));
    assert_eq!(one("aws:PrincipalType").as_deref(), Some("AssumedRole"));
    assert_eq!(
        one("aws:FederatedProvider"),
        Some(provider().arn.to_string())
    );
    assert_eq!(one("aws:username"), None);
    let name = ISSUER.trim_start_matches("https://");
    assert_eq!(one(&format!("{name}:sub")), Some(SUBJECT.to_owned()));
    let question = Asker::Caller(&pod);
    assert!(matches!(question, Asker::Caller(_)));
}
