//! The seed's journey and its wrong variants, decided by real policies (spec/iam-evaluation.md
//! 3.4 and 3.9).

mod resource_control;

use std::sync::OnceLock;

use iam::operations::{accounts, inline, providers, roles};
use jiff::Timestamp;
use names::secret::Secret;
use names::{Partition, Path, ServiceAccount};
use oidc::{
    KeySet, Lifetime, SigningKey, TokenBytes, TokenRequest, UnverifiedToken, VerifiedToken,
};
use sigv4::{BodyHash, Claim, DerivedKeys, Expectation, RequestHead, Signer};
use store::{Change, Entry, Epoch, Event, Revision, RootKey, Transaction};
use sts::operations::assume_role::{AssumeRole, assume_role};
use sts::operations::assume_role_with_web_identity::{
    AssumeRoleWithWebIdentity, assume_role_with_web_identity, trusted_issuer,
};
use sts::operations::{Opened, PassedPolicies};
use sts::{
    DenialCause, EpochId, EpochKey, Instant, RequestedTags, SessionKeys, SessionRandom, StsError,
    authenticate,
};

use super::*;

const CI: &str = "111111111111";
const PROD: &str = "444444444444";
const ISSUER: &str = "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const CALL_PROD: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::444444444444:role/prod-role"}}"#;

struct World {
    accounts: Accounts,
    keyring: Keyring,
    keys: SessionKeys,
    revision: u64,
}

impl World {
    /// The seed: the `ci` cluster's provider and role in one account, a role in the other.
    fn of_the_seed(subject: &str, prod_trusts: &str, ci_may: Option<&str>) -> Self {
        let epoch = EpochKey {
            id: EpochId(1),
            active_from: Timestamp::UNIX_EPOCH,
            key: Secret::new(vec![1; 32]),
        };
        let mut world = Self {
            accounts: Accounts::default(),
            keyring: Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32])),
            keys: SessionKeys::new(&[epoch]).unwrap(),
            revision: 0,
        };
        for id in [CI, PROD] {
            let id = id.parse().unwrap();
            let made = accounts::declare_account(&world.accounts, id, Partition::Aws, None, now());
            world.commit(made.unwrap().transaction);
        }
        let ci = world.accounts.account(CI.parse().unwrap()).unwrap();
        let provider = providers::NewProvider {
            url: ISSUER.to_owned(),
            client_ids: vec!["sts.amazonaws.com".parse().unwrap()],
            thumbprints: vec!["a".repeat(40)],
            tags: Vec::new(),
        };
        let made = providers::create_provider(ci, provider, now()).unwrap();
        world.commit(made.transaction);
        world.role(CI, "ci-role", &irsa_trust(subject));
        world.role(PROD, "prod-role", prod_trusts);
        if let Some(document) = ci_may {
            let ci = world.accounts.account(CI.parse().unwrap()).unwrap();
            let role = "ci-role".parse().unwrap();
            let name = "reach-prod".parse().unwrap();
            let made = inline::put_policy::<iam::Role>(ci, &role, name, document.to_owned());
            world.commit(made.unwrap().transaction);
        }
        world
    }

    fn role(&mut self, account: &str, name: &str, trust: &str) {
        let new = roles::NewRole {
            path: Path::root(),
            name: name.parse().unwrap(),
            trust: trust.to_owned(),
            description: None,
            session_seconds_max: None,
            boundary: None,
            tags: Vec::new(),
        };
        let random = [u8::try_from(self.revision).unwrap(); 11];
        let account = account.parse().unwrap();
        let made = roles::create_role(&self.accounts, account, new, now(), random).unwrap();
        self.commit(made.transaction);
    }

    fn commit(&mut self, transaction: Transaction) {
        self.revision += 1;
        let modified = Revision::new(self.revision);
        for change in transaction.changes {
            let event = match change {
                Change::Put(key, value) => Event::Put(Entry {
                    key,
                    value,
                    created: modified,
                    modified,
                }),
                Change::Delete(key) => Event::Deleted { key, modified },
            };
            self.accounts.apply(&event).unwrap();
        }
    }

    fn standing(&self) -> Standing<'_> {
        Standing {
            accounts: &self.accounts,
            keyring: &self.keyring,
            request_keys: &RequestContext::new,
        }
    }

    /// Token to session in `ci`.
    fn first(&self, policies: PassedPolicies) -> Result<Opened, StsError> {
        let standing = self.standing();
        let asked = AssumeRoleWithWebIdentity {
            role: "arn:aws:iam::111111111111:role/ci-role".parse().unwrap(),
            session: "worker".parse().unwrap(),
            duration: None,
            policies,
        };
        let issuer = trusted_issuer(&asked.role, ISSUER, &standing)?;
        let token = token();
        let (keys, at) = (&self.keys, at(1));
        assume_role_with_web_identity(&issuer, &token, &asked, &standing, keys, at)
            .map(|by_token| by_token.opened)
    }

    /// Session in `ci`, narrowed by these policies, to session in `prod`.
    fn second(&self, policies: PassedPolicies) -> Result<Opened, StsError> {
        let first = self.first(policies)?;
        let caller = self.caller(&first);
        let asked = AssumeRole {
            role: "arn:aws:iam::444444444444:role/prod-role".parse().unwrap(),
            session: "worker".parse().unwrap(),
            duration: None,
            policies: PassedPolicies::default(),
            tags: RequestedTags::default(),
            external_id: None,
            source_identity: None,
            device_code: None,
        };
        let standing = self.standing();
        assume_role(&caller, &asked, &standing, &self.keys, at(2))
    }

    fn caller(&self, opened: &Opened) -> Caller {
        let credentials = &opened.credentials;
        let signer = Signer {
            access_key_id: credentials.access_key_id.as_str(),
            secret_key: &credentials.secret_access_key,
            session_token: credentials.session_token.expose_str(),
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
        let added = sigv4::sign(&signer, &head, &body, now()).unwrap();
        let added = added.iter().map(|(name, value)| (*name, value.as_bytes()));
        let headers: Vec<(&str, &[u8])> = added.chain(host.iter().copied()).collect();
        let head = RequestHead {
            headers: &headers,
            ..head
        };
        let expectation = Expectation {
            services: &["sts"],
            now: now(),
        };
        let claim = Claim::of(head);
        let presented = claim.present(&body, &expectation).unwrap();
        let derived = DerivedKeys::new();
        authenticate(presented, &self.standing(), &self.keys, &derived, now()).unwrap()
    }
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn at(n: u8) -> Instant {
    Instant {
        now: now(),
        random: SessionRandom {
            access_key: [n; 5],
            nonce: [n; 12],
        },
    }
}

fn token() -> VerifiedToken {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    let key = KEY.get_or_init(|| SigningKey::generate().unwrap());
    let request = TokenRequest {
        issuer: ISSUER.parse().unwrap(),
        service_account: "ci-namespace/ci-serviceaccount"
            .parse::<ServiceAccount>()
            .unwrap(),
        uid: "u".to_owned(),
        audiences: vec!["sts.amazonaws.com".parse().unwrap()],
        bound_to: None,
        lifetime: Lifetime::default(),
        now: now(),
        jti: "j".to_owned(),
    };
    let minted = oidc::mint(key, &request);
    let keys = KeySet::of([key.public().clone()]);
    let text = minted.text().expose_str().unwrap();
    let mut bytes = TokenBytes::default();
    let unverified = UnverifiedToken::parse(text, &mut bytes).unwrap();
    unverified.verify(&keys, now()).unwrap()
}

fn irsa_trust(subject: &str) -> String {
    let name = ISSUER.trim_start_matches("https://");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{CI}:oidc-provider/{name}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{{"{name}:sub":"{subject}","{name}:aud":"sts.amazonaws.com"}}}}}}]}}"#
    )
}

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

const SUBJECT: &str = "system:serviceaccount:ci-namespace:ci-serviceaccount";
const CI_ROLE: &str = "arn:aws:iam::111111111111:role/ci-role";

#[track_caller]
fn check_denied(result: Result<Opened, StsError>, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "AccessDenied");
    assert_eq!(error.to_string(), text);
    let cause = &error.denial().unwrap().cause;
    assert!(matches!(cause, DenialCause::Policies(_)), "{cause:?}");
}

const PROD_REFUSES: &str = "User: arn:aws:sts::111111111111:assumed-role/ci-role/worker is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444444444444:role/prod-role";

#[test]
fn a_service_account_reaches_the_other_account() {
    let world = World::of_the_seed(SUBJECT, &trust(CI_ROLE), Some(CALL_PROD));
    let second = world.second(PassedPolicies::default()).unwrap();
    let caller = world.caller(&second);
    assert_eq!(
        caller.arn(),
        "arn:aws:sts::444444444444:assumed-role/prod-role/worker"
    );
}

#[test]
fn another_service_account_does_not() {
    let other = "system:serviceaccount:ci-namespace:other";
    let world = World::of_the_seed(other, &trust(CI_ROLE), Some(CALL_PROD));
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    check_denied(world.first(PassedPolicies::default()), text);
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let account = trust(&format!("arn:aws:iam::{CI}:root"));
    for trust in [trust(CI_ROLE), account, trust("*")] {
        let world = World::of_the_seed(SUBJECT, &trust, Some(CALL_PROD));
        assert!(world.second(PassedPolicies::default()).is_ok(), "{trust}");
        let world = World::of_the_seed(SUBJECT, &trust, None);
        check_denied(world.second(PassedPolicies::default()), PROD_REFUSES);
    }
    let elsewhere = trust(&format!("arn:aws:iam::{PROD}:root"));
    let world = World::of_the_seed(SUBJECT, &elsewhere, Some(CALL_PROD));
    check_denied(world.second(PassedPolicies::default()), PROD_REFUSES);
}

#[test]
fn a_session_policy_narrows_what_the_session_may() {
    let world = World::of_the_seed(SUBJECT, &trust(CI_ROLE), Some(CALL_PROD));
    let narrowed = |document: &str| {
        world.second(PassedPolicies {
            inline: Some(document.to_owned()),
            managed: Vec::new(),
        })
    };
    assert!(narrowed(CALL_PROD).is_ok());
    let reads = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
    check_denied(narrowed(reads), PROD_REFUSES);
    let by_arn = world.second(PassedPolicies {
        inline: None,
        managed: vec![
            "arn:aws:iam::aws:policy/AdministratorAccess"
                .parse()
                .unwrap(),
        ],
    });
    assert!(by_arn.is_ok());
}

#[test]
fn a_recreated_role_is_another_role_to_those_who_trusted_it() {
    let mut world = World::of_the_seed(SUBJECT, &trust(CI_ROLE), Some(CALL_PROD));
    let ci = world.accounts.account(CI.parse().unwrap()).unwrap();
    let (role, policy) = ("ci-role".parse().unwrap(), "reach-prod".parse().unwrap());
    let made = inline::delete_policy::<iam::Role>(ci, &role, &policy).unwrap();
    world.commit(made.transaction);
    let ci = world.accounts.account(CI.parse().unwrap()).unwrap();
    let gone = roles::delete_role(ci, &role).unwrap();
    world.commit(gone.transaction);
    world.role(CI, "ci-role", &irsa_trust(SUBJECT));
    let ci = world.accounts.account(CI.parse().unwrap()).unwrap();
    let made = inline::put_policy::<iam::Role>(ci, &role, policy, CALL_PROD.to_owned()).unwrap();
    world.commit(made.transaction);
    check_denied(world.second(PassedPolicies::default()), PROD_REFUSES);
}
