//! A row per rule of spec/iam-evaluation.md 3.5, 3.6 and 3.8, and per error of 5.3 and 5.4.

mod callers;
mod roles;
mod session_tags;
mod user_tokens;
mod web_identity;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use jiff::Timestamp;
use names::secret::Secret;
use names::{
    AccessKeyId, AccountId, Arn, KeyKind, PolicyArn, ProviderName, RoleArn, ServiceAccount,
    UniqueId,
};
use oidc::{
    KeySet, Lifetime, RejectedToken, SigningKey, TokenBytes, TokenRequest, UnverifiedToken,
    VerifiedToken,
};
use policy::{
    Layers, Operation, PermissionsPolicy, Permit, PolicyKind, PolicySet, PolicySource, Principal,
    PrincipalDirectory, Refusal, RequestContext, Resource, ResourcePolicy, TrustPolicy,
};
use serde_json::json;
use sigv4::{BodyHash, Claim, DerivedKeys, Expectation, Family, RequestHead, Signer};

use super::assume_role::{AssumeRole, DeviceCode, assume_role, role_arn};
use super::assume_role_with_web_identity::{
    AssumeRoleWithWebIdentity, OpenedByToken, accept_thumbprint, assume_role_with_web_identity,
    trusted_issuer,
};
use super::get_caller_identity::{
    decode_authorization_message, get_access_key_info, get_caller_identity,
};
use super::get_federation_token::{GetFederationToken, get_federation_token};
use super::get_session_token::get_session_token;
use super::{Opened, PassedPolicies};
use crate::{
    Asker, Authority, Caller, DenialCause, Directory, EpochId, EpochKey, Instant, ProviderFacts,
    RefusedCredentials, RequestedTags, RoleFacts, SessionCredentials, SessionKeys, SessionRandom,
    StsError, TagReach, UserKey, authenticate,
};

const NOW: i64 = 1_795_500_000;
const CI: &str = "111111111111";
const ISSUER: &str = "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";

/// Every action that is asked for.
const ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:GetFederationToken",
    "sts:DecodeAuthorizationMessage",
];

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

    /// Everybody may do what is not refused.
    fn identity(&self) -> PolicySet {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{:?},"Resource":"*"}}}}"#,
            self.allowed()
        );
        let source = PolicySource {
            kind: PolicyKind::Identity,
            arn: None,
            name: "own".to_owned(),
            attached_to: None,
            text: text.as_str().into(),
        };
        let policy = PermissionsPolicy::parse(&text).unwrap();
        PolicySet::compile(vec![(source, policy.document().clone())])
    }

    /// Every role trusts everybody for what is not refused.
    fn trust(&self) -> TrustPolicy {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{:?},"Principal":{{"AWS":"*","Federated":"{}"}}}}}}"#,
            self.allowed(),
            provider().arn
        );
        TrustPolicy::parse(&text, &Nobody).unwrap()
    }

    fn allowed(&self) -> Vec<&'static str> {
        let mut all = ACTIONS.to_vec();
        all.retain(|action| !self.refused.contains(action));
        all
    }

    fn remember(&self, action: &str, keys: &RequestContext) {
        let keys = keys.iter();
        let keys = keys.map(|(key, values)| (key.to_owned(), values.all().join(",")));
        let asked = (action.to_owned(), keys.collect());
        self.asked.borrow_mut().push(asked);
    }

    fn actions(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        asked.iter().map(|(action, _)| action.clone()).collect()
    }

    fn key(&self, name: &str) -> Option<String> {
        self.asked.borrow().first()?.1.get(name).cloned()
    }
}

/// The trust policies here name no user and no role.
struct Nobody;

impl PrincipalDirectory for Nobody {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
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
}

impl Authority for World {
    fn authorise<Op: Operation>(
        &self,
        caller: &Caller,
        resource: Resource<Op::Target>,
        keys: &RequestContext,
    ) -> Result<Permit<Op>, Box<Refusal>> {
        let identity = self.identity();
        let layers = Layers {
            identity: Some(&identity),
            ..Layers::default()
        };
        self.remember(Op::ACTION, keys);
        policy::authorise(&caller.principal(), resource, keys, &layers)
    }

    fn authorise_by_trust<Op: Operation<Target = RoleArn>>(
        &self,
        asker: Asker<'_>,
        role: RoleArn,
        keys: &RequestContext,
        before: &[&'static str],
    ) -> Result<Permit<Op>, Box<Refusal>> {
        let principal = match asker {
            Asker::Caller(caller) => caller.principal(),
            Asker::WebIdentity(provider) => Principal::WebIdentity {
                provider: provider.clone(),
            },
        };
        let identity = self.identity();
        let trust = match self.role(&role) {
            Some(_) => self.trust(),
            None => TrustPolicy::of_nobody(),
        };
        let layers = Layers {
            identity: Some(&identity),
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        self.remember(Op::ACTION, keys);
        policy::authorise(&principal, role.into(), keys, &layers)
            .map_err(|refusal| refusal.after(before, &layers))
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
    let claim = Claim::of(head);
    let presented = claim.present(&body, &expectation).unwrap();
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
    assume_role(caller, asked, world, &world.keys, at(0))
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
        bound_to: None,
        lifetime: Lifetime::default(),
        now: at(0).now,
        jti: "0f3f7a0e-0000-4000-8000-000000000002".to_owned(),
    };
    let minted = oidc::mint(cluster_key(), &request);
    let keys = KeySet::of([cluster_key().public().clone()]);
    let text = minted.text().expose_str().unwrap();
    UnverifiedToken::parse(text, &mut TokenBytes::default())
        .unwrap()
        .verify(&keys, at(0).now)
        .unwrap()
}

/// The service account's token with more claims than the cluster mints, signed by its key.
fn token_claiming(more: &serde_json::Value) -> VerifiedToken {
    let mut claims = json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": ["sts.amazonaws.com"],
        "iat": NOW, "nbf": NOW, "exp": NOW + 3_600,
    });
    let more = more.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(more);
    let header = json!({ "alg": "RS256", "kid": cluster_key().key_id().as_str() });
    let [header, claims] = [header, claims].map(|part| encoded(part.to_string().as_bytes()));
    let signed = format!("{header}.{claims}");
    let text = format!("{signed}.{}", encoded(&signature_of(&signed)));
    UnverifiedToken::parse(&text, &mut TokenBytes::default())
        .unwrap()
        .verify(&KeySet::of([cluster_key().public().clone()]), at(0).now)
        .unwrap()
}

fn encoded(bytes: &[u8]) -> String {
    data_encoding::BASE64URL_NOPAD.encode(bytes)
}

fn signature_of(text: &str) -> Vec<u8> {
    let pair = RsaKeyPair::from_pkcs8(cluster_key().to_pkcs8().unwrap().expose()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .unwrap();
    signature
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
    let issuer = trusted_issuer(&asked.role, ISSUER, world)?;
    assume_role_with_web_identity(&issuer, token, &asked, world, &world.keys, at(0))
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
