use data_encoding::BASE64;
use proptest::prelude::*;

use super::*;
use crate::session::{
    Holder, SessionOrigin, SessionPolicies, SessionTag, SessionTags, TagReach, WebIdentity,
};

const NOW: i64 = 1_795_500_000;

fn keys(epochs: &[(u32, i64)]) -> SessionKeys {
    let epochs: Vec<_> = epochs.iter().map(|(id, from)| epoch(*id, *from)).collect();
    SessionKeys::new(&epochs).unwrap()
}

fn epoch(id: u32, active_from: i64) -> EpochKey {
    EpochKey {
        id: EpochId(id),
        active_from: Timestamp::from_second(active_from).unwrap(),
        key: Secret::new(vec![u8::try_from(id).unwrap(); 32]),
    }
}

fn random(n: u8) -> SessionRandom {
    SessionRandom {
        access_key: [n; 5],
        nonce: [n; NONCE_LEN],
    }
}

/// The session that a service account of the seed gets.
pub(crate) fn irsa_session() -> Session {
    let issuer = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    Session {
        holder: Holder::Role {
            role: "arn:aws:iam::111111111111:role/ci-role".parse().unwrap(),
            id: "AROAABCDEFGHIJKLMNOPQ".parse().unwrap(),
            session: "botocore-session-1795500000".parse().unwrap(),
        },
        origin: SessionOrigin::WebIdentity(WebIdentity {
            provider: format!("arn:aws:iam::111111111111:oidc-provider/{issuer}")
                .parse()
                .unwrap(),
            subject: "system:serviceaccount:ci-namespace:ci-serviceaccount".to_owned(),
            audience: "sts.amazonaws.com".to_owned(),
            original_audience: None,
            methods: Vec::new(),
        }),
        issued: Timestamp::from_second(NOW).unwrap(),
        expiry: Timestamp::from_second(NOW + 3600).unwrap(),
        policies: SessionPolicies::default(),
        tags: SessionTags::new(),
        source_identity: None,
    }
}

#[test]
fn an_ordinary_session_token_is_under_half_a_kilobyte() {
    let credentials = keys(&[(1, 0)]).issue(&irsa_session(), random(1));
    let token = credentials.session_token.expose().len();
    assert!(token < 512, "{token} characters");
    assert_eq!(credentials.secret_access_key.expose().len(), 40);
    assert_eq!(
        credentials.access_key_id.account(),
        Some("111111111111".parse().unwrap())
    );
}

#[test]
fn the_secret_comes_out_of_the_token_as_it_went_to_the_caller() {
    let keys = keys(&[(1, 0)]);
    let issued = keys.issue(&irsa_session(), random(1));
    let token = issued.session_token.expose_str().unwrap();
    let (session, secret) = keys.open(&issued.access_key_id, token).unwrap();
    assert_eq!(session, irsa_session());
    assert_eq!(secret, issued.secret_access_key);
}

/// What the first version of the format, and its keys, made of a session: it must stay so, since
/// what was issued before an update is used after it.
#[test]
fn a_session_is_issued_as_it_always_was() {
    let issued = keys(&[(1, 0)]).issue(&irsa_session(), random(1));
    let (token, secret) = (&issued.session_token, &issued.secret_access_key);
    let expected = [
        "AQAAAAEBAQEBAQEBAQEBAQG6707QYH8RL5DZYHHlrfmwNZYlWjgTgM4naK19c+xsq0ajnsEBTl8t1GJz",
        "oitBfjYNruh7MFQumXoZdED42LhLIXlLlOzri8wQvcFoK+NUISgGL4T39yQQ5Y12sOIF5/zMNe85aNWj",
        "bsPpikPlkm83mmRzqFhtXd+iK1WGjTeUABvW5OyAu+GqoDMCXsmB5GqQgR229chrdrc3ibGn9OZFcXXx",
        "B1Z3cKEndTBK0Er0EltLGubhBnacyeA8KRfbOYNWA+94YwZx0J7CgEmjbRRE7nB4KmsPwrgyNA/C3u+d",
        "lD0LfA055MZm5wFS1AlA26ixk1XjXUNaS+HRRF6oQSLMmERyeMCm5iLPxL40YPJE3ivC7dJ5YXTLWCjB",
        "v1Yj7EC0iY40xrPWH8FuypHm",
    ];
    assert_eq!(token.expose_str(), Some(&*expected.concat()));
    assert_eq!(
        secret.expose_str(),
        Some("biiQCnYJgMjd7NLvcFKKrWjFdaOjI5wE06lZma4d")
    );
}

#[test]
fn two_sessions_that_share_an_access_key_id_do_not_share_a_secret() {
    let keys = keys(&[(1, 0)]);
    let one = keys.issue(&irsa_session(), random(1));
    let nonce = random(2).nonce;
    let two = keys.issue(&irsa_session(), SessionRandom { nonce, ..random(1) });
    assert_eq!(one.access_key_id, two.access_key_id);
    assert_ne!(one.secret_access_key, two.secret_access_key);
}

#[test]
fn a_token_opens_only_with_its_own_access_key_id() {
    let keys = keys(&[(1, 0)]);
    let one = keys.issue(&irsa_session(), random(1));
    let two = keys.issue(&irsa_session(), random(2));
    let opened = keys.open(&two.access_key_id, one.session_token.expose_str().unwrap());
    assert_eq!(opened.unwrap_err(), UnopenedToken::Seal);
}

#[test]
fn a_message_is_not_a_session_and_a_session_not_a_message() {
    let keys = keys(&[(1, 0)]);
    let issued = keys.issue(&irsa_session(), random(1));
    let token = issued.session_token.expose_str().unwrap();
    let now = irsa_session().issued;
    let message = keys.seal_message("{}", now, [7; NONCE_LEN]).unwrap();
    assert_eq!(keys.open_message(&message).unwrap(), "{}");
    assert_eq!(keys.open_message(token), Err(UnopenedToken::Shape));
    let opened = keys.open(&issued.access_key_id, &message);
    assert_eq!(opened.unwrap_err(), UnopenedToken::Shape);
}

#[test]
fn a_message_beyond_the_models_limit_is_not_sealed() {
    let keys = keys(&[(1, 0)]);
    let now = irsa_session().issued;
    let fits = "x".repeat(MESSAGE_CHARS_MAX / 4 * 3 - HEADER_LEN - NONCE_LEN - 16);
    assert!(keys.seal_message(&fits, now, [7; NONCE_LEN]).is_some());
    assert!(
        keys.seal_message(&format!("{fits}x"), now, [7; NONCE_LEN])
            .is_none()
    );
}

#[test]
fn another_planes_token_does_not_open() {
    let issued = keys(&[(1, 0)]).issue(&irsa_session(), random(1));
    let token = issued.session_token.expose_str().unwrap();
    let other = SessionKeys::new(&[EpochKey {
        key: Secret::new(vec![9; 32]),
        ..epoch(1, 0)
    }]);
    let opened = other.unwrap().open(&issued.access_key_id, token);
    assert_eq!(opened.unwrap_err(), UnopenedToken::Seal);
    let opened = keys(&[(2, 0)]).open(&issued.access_key_id, token);
    assert_eq!(opened.unwrap_err(), UnopenedToken::Epoch(EpochId(1)));
}

#[test]
fn the_newest_epoch_that_has_begun_seals() {
    let keys = keys(&[(1, 0), (2, NOW)]);
    let mut session = irsa_session();
    assert_eq!(token_epoch(&keys.issue(&session, random(1))), EpochId(2));
    session.issued = Timestamp::from_second(NOW - 1).unwrap();
    assert_eq!(token_epoch(&keys.issue(&session, random(2))), EpochId(1));
}

fn token_epoch(credentials: &SessionCredentials) -> EpochId {
    let token = credentials.session_token.expose_str().unwrap();
    TokenParts::of(token, VERSION_SESSION, TOKEN_CHARS_MAX)
        .map(|parts| parts.epoch)
        .unwrap()
}

#[test]
fn keys_need_an_epoch_and_thirty_two_bytes() {
    assert_eq!(SessionKeys::new(&[]).unwrap_err(), NotSessionKeys::Empty);
    let short = EpochKey {
        key: Secret::new(vec![1; 31]),
        ..epoch(1, 0)
    };
    assert!(matches!(
        SessionKeys::new(&[short]),
        Err(NotSessionKeys::KeyLength { found: 31, .. })
    ));
}

fn any_session() -> impl Strategy<Value = Session> {
    let tag = ("[a-z]{0,20}", any::<bool>()).prop_map(|(value, is_transitive)| SessionTag {
        value,
        reach: match is_transitive {
            true => TagReach::Transitive,
            false => TagReach::Session,
        },
    });
    let tags = prop::collection::btree_map("[a-z]{1,12}", tag, 0..5);
    let origin = prop_oneof![
        Just(SessionOrigin::User),
        any::<u16>().prop_map(|depth| SessionOrigin::Chained { depth }),
        Just(irsa_session().origin),
    ];
    let holder = prop_oneof![
        Just(irsa_session().holder),
        Just(Holder::User {
            user: "arn:aws:iam::111111111111:user/a/b".parse().unwrap(),
            id: "AIDAABCDEFGHIJKLMNOPQ".parse().unwrap(),
        }),
        Just(Holder::Federated {
            name: "guest".parse().unwrap(),
            user: "arn:aws:iam::111111111111:user/b".parse().unwrap(),
            id: "AIDAABCDEFGHIJKLMNOPQ".parse().unwrap(),
        }),
    ];
    let inline = prop::option::of("[ -~]{0,300}");
    let source = prop::option::of("[a-z]{2,64}");
    (
        holder,
        origin,
        tags,
        inline,
        source,
        0..4_000_000_000_i64,
        0..129_600_i64,
    )
        .prop_map(
            |(holder, origin, tags, inline, source, issued, lifetime)| Session {
                holder,
                origin,
                issued: Timestamp::from_second(issued).unwrap(),
                expiry: Timestamp::from_second(issued + lifetime).unwrap(),
                policies: SessionPolicies {
                    inline: inline.map(Into::into),
                    managed: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap()],
                },
                tags,
                source_identity: source.map(|text| text.parse().unwrap()),
            },
        )
}

proptest! {
    #[test]
    fn opening_gives_back_what_was_sealed(
        session in any_session(),
        access_key in any::<[u8; 5]>(),
        nonce in any::<[u8; 12]>(),
    ) {
        let keys = keys(&[(1, 0), (2, NOW)]);
        let issued = keys.issue(&session, SessionRandom { access_key, nonce });
        let token = issued.session_token.expose_str().unwrap();
        let (opened, secret) = keys.open(&issued.access_key_id, token).unwrap();
        prop_assert_eq!(opened, session);
        prop_assert_eq!(secret, issued.secret_access_key);
    }

    #[test]
    fn a_token_with_one_bit_flipped_does_not_open(
        session in any_session(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let keys = keys(&[(1, 0)]);
        let issued = keys.issue(&session, random(3));
        let mut bytes = BASE64.decode(issued.session_token.expose()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(keys.open(&issued.access_key_id, &BASE64.encode(&bytes)).is_err());
    }

    #[test]
    fn what_strangers_send_does_not_open_and_does_not_panic(token in ".{0,400}") {
        let keys = keys(&[(1, 0)]);
        let access_key_id = AccessKeyId::new(KeyKind::Temporary, "111111111111".parse().unwrap(), [0; 5]);
        prop_assert!(keys.open(&access_key_id, &token).is_err());
        prop_assert!(keys.open_message(&token).is_err());
    }

    #[test]
    fn bytes_inside_the_seal_are_read_whole_or_not_at_all(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Some(session) = sealed::read(&bytes) {
            prop_assert_eq!(sealed::read(&sealed::write(&session)), Some(session));
        }
    }
}
