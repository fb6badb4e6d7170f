//! A row per rule and per error, on a snapshot that follows the transactions as the store would.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use names::secret::Secret;
use names::{ClusterArn, ClusterId, IssuerUrl, ProviderName};
use oidc::SigningKey;
use store::{Change, Entry, Epoch, Event, Keyring, Revision, RootKey, Transaction};

use super::*;
use crate::settings::{AuthenticationMode, LogSetup};
use crate::{
    Cluster, Clusters, EksError, Issuer, KeyPhase, PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE, Page,
    Settings, UPDATES_MAX, UpdateKind,
};

const NOW: &str = "2026-11-24T00:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn place() -> Place {
    Place {
        account: "111111111111".parse().unwrap(),
        region: "us-west-2".parse().unwrap(),
    }
}

fn keyring() -> Keyring {
    Keyring::new(Epoch(1), &RootKey::from_bytes([7; 32]))
}

fn keys() -> &'static [Arc<SigningKey>; 2] {
    static KEYS: OnceLock<[Arc<SigningKey>; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [(); 2].map(|()| Arc::new(SigningKey::generate().unwrap())))
}

fn material() -> KeyMaterial {
    KeyMaterial {
        id: ClusterId::from_random([0xab; 16]),
        signing: Arc::clone(&keys()[0]),
        authority_pem: "-----BEGIN CERTIFICATE-----\n".to_owned(),
        authority_key: Secret::from("authority"),
        nonce: [1; 12],
    }
}

fn new_cluster(name: &str) -> NewCluster {
    NewCluster {
        name: name.parse().unwrap(),
        version: None,
        role: Some("arn:aws:iam::111111111111:role/eks".parse().unwrap()),
        settings: Settings::default(),
        tags: BTreeMap::new(),
        client_request_token: None,
        issuer: None,
        endpoint: None,
    }
}

/// A snapshot and the revision it is at.
#[derive(Default)]
struct World {
    clusters: Clusters,
    revision: u64,
}

impl World {
    fn with(names: &[&str]) -> Self {
        let mut world = Self::default();
        for name in names {
            world.create(new_cluster(name)).unwrap();
        }
        world
    }

    fn create(&mut self, asked: NewCluster) -> Result<Cluster, EksError> {
        let (material, keyring) = (material(), keyring());
        let made = create_cluster(&self.clusters, &place(), asked, &material, &keyring, now());
        let (cluster, transaction) = made?;
        self.commit(transaction);
        Ok(cluster)
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
            self.clusters.apply(&event, &keyring()).unwrap();
        }
    }

    fn update(&mut self, change: &ConfigChange) -> Result<crate::Update, EksError> {
        let id = names::RequestId::from_random([u8::try_from(self.revision % 256).unwrap(); 16]);
        let made = update_cluster_config(&self.clusters, &arn("ci"), change, &id, now());
        let (update, transaction) = made?;
        self.commit(transaction);
        Ok(update)
    }

    fn ci(&self) -> &Cluster {
        describe_cluster(&self.clusters, &arn("ci")).unwrap()
    }
}

fn arn(name: &str) -> ClusterArn {
    let place = place();
    ClusterArn::new(&place.region, place.account, &name.parse().unwrap())
}

#[track_caller]
fn check(error: &EksError, code: &str, status: u16, text: &str) {
    assert_eq!(
        (error.code(), error.status(), error.to_string().as_str()),
        (code, status, text)
    );
}

#[test]
fn a_new_cluster_has_an_issuer_and_an_endpoint_shaped_as_ekss() {
    let world = World::with(&["ci"]);
    let cluster = world.ci();
    let id = "AB".repeat(16);
    let issuer = format!("https://oidc.eks.us-west-2.amazonaws.com/id/{id}");
    assert_eq!(cluster.issuer.url(), &issuer.as_str());
    assert_eq!(
        cluster.endpoint,
        format!("https://{id}.gr7.us-west-2.eks.amazonaws.com")
    );
    assert_eq!(cluster.arn, "arn:aws:eks:us-west-2:111111111111:cluster/ci");
    assert_eq!(cluster.version.to_string(), "1.35");
    assert!(cluster.authority_data().starts_with("LS0tLS1CRUdJTi"));
}

#[test]
fn private_keys_reach_the_store_sealed_only() {
    let made = create_cluster(
        &Clusters::default(),
        &place(),
        new_cluster("ci"),
        &material(),
        &keyring(),
        now(),
    );
    let (_, transaction) = made.unwrap();
    let pkcs8 = keys()[0].to_pkcs8().unwrap();
    for change in transaction.changes {
        let Change::Put(_, value) = change else {
            continue;
        };
        let text = data_encoding::BASE64.encode(pkcs8.expose());
        let holds = |needle: &[u8]| value.windows(needle.len()).any(|bytes| bytes == needle);
        assert!(!holds(&text.as_bytes()[..40]) && !holds(&pkcs8.expose()[..40]));
        assert!(!holds(b"authority\""));
    }
}

#[test]
fn a_cluster_is_found_by_its_issuer_whatever_the_port_and_signs_for_it() {
    let world = World::with(&["ci"]);
    let id = "AB".repeat(16);
    let name: ProviderName = format!("OIDC.eks.us-west-2.amazonaws.com:443/id/{id}")
        .parse()
        .unwrap();
    assert_eq!(world.clusters.by_issuer(&name).unwrap().name(), &"ci");
    let signer = world.clusters.signer(&arn("ci"), now()).unwrap();
    let published = world.clusters.key_set(&name, now()).unwrap();
    assert!(published.publishes(signer.key_id().as_str()));
}

#[test]
fn an_external_issuer_has_no_keys_here() {
    let mut world = World::default();
    let url: IssuerUrl = "https://kind.example.com".parse().unwrap();
    let mut asked = new_cluster("ci");
    asked.issuer = Some(Issuer::External(url.clone()));
    world.create(asked).unwrap();
    assert!(world.clusters.signer(&arn("ci"), now()).is_none());
    assert!(
        world
            .clusters
            .key_set(url.as_provider_name(), now())
            .is_none()
    );
    assert!(world.clusters.own_issuer(url.as_provider_name()).is_none());
    assert!(world.clusters.by_issuer(url.as_provider_name()).is_some());
}

#[test]
fn a_name_is_taken_once_unless_the_call_is_the_same_one() {
    let mut world = World::default();
    let mut asked = new_cluster("ci");
    asked.client_request_token = Some("once".to_owned());
    let first = world.create(asked.clone()).unwrap();
    assert_eq!(world.create(asked.clone()).unwrap(), first);
    asked.client_request_token = Some("twice".to_owned());
    let text = "Cluster already exists with name: ci";
    check(
        &world.create(asked).unwrap_err(),
        "ResourceInUseException",
        409,
        text,
    );
}

#[test]
fn versions_out_of_support_make_no_cluster() {
    let mut world = World::default();
    for (version, is_offered) in [
        ("1.31", true),
        ("1.30", false),
        ("1.99", false),
        ("x", false),
    ] {
        let mut asked = new_cluster(&format!("v{}", version.replace('.', "-")));
        asked.version = Some(version.to_owned());
        let made = world.create(asked);
        assert_eq!(made.is_ok(), is_offered, "{version}");
        if let Err(error) = made {
            let text = format!("unsupported Kubernetes version {version}");
            check(&error, "InvalidParameterException", 400, &text);
        }
    }
}

#[test]
fn an_unknown_cluster_is_named() {
    let world = World::default();
    let text = "No cluster found for name: ci.";
    let code = "ResourceNotFoundException";
    let clusters = &world.clusters;
    check(
        &describe_cluster(clusters, &arn("ci")).unwrap_err(),
        code,
        404,
        text,
    );
    check(
        &delete_cluster(clusters, &arn("ci")).unwrap_err(),
        code,
        404,
        text,
    );
    check(
        &describe_update(clusters, &arn("ci"), "x").unwrap_err(),
        code,
        404,
        text,
    );
}

#[test]
fn clusters_are_listed_by_place_in_pages() {
    let world = World::with(&["c", "a", "b"]);
    let page = |rows, next_token| Page {
        rows: Some(rows),
        next_token,
    };
    let (names, next) = list_clusters(&world.clusters, &place(), &page(2, None)).unwrap();
    assert_eq!(names, ["a", "b"]);
    let (names, next) = list_clusters(&world.clusters, &place(), &page(2, next)).unwrap();
    assert_eq!((names.len(), next), (1, None));
    let elsewhere = Place {
        region: "eu-west-1".parse().unwrap(),
        ..place()
    };
    let (names, _) = list_clusters(&world.clusters, &elsewhere, &Page::default()).unwrap();
    assert!(names.is_empty());
    let error = list_clusters(&world.clusters, &place(), &page(1, Some("?".to_owned())));
    assert_eq!(error.unwrap_err().code(), "InvalidParameterException");
}

#[test]
fn a_deleted_cluster_takes_its_issuer_and_keys_along() {
    let mut world = World::with(&["ci"]);
    let issuer = world.ci().issuer.url().as_provider_name().clone();
    let (_, transaction) = delete_cluster(&world.clusters, &arn("ci")).unwrap();
    world.commit(transaction);
    assert!(world.clusters.by_issuer(&issuer).is_none());
    assert!(world.clusters.keys(&arn("ci")).is_none());
}

#[test]
fn deletion_protection_holds_until_it_is_taken_off() {
    let mut world = World::with(&["ci"]);
    let protect = |on| ConfigChange {
        deletion_protection: Some(on),
        ..ConfigChange::default()
    };
    world.update(&protect(true)).unwrap();
    let error = delete_cluster(&world.clusters, &arn("ci")).unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        ("InvalidRequestException", 400)
    );
    world.update(&protect(false)).unwrap();
    assert!(delete_cluster(&world.clusters, &arn("ci")).is_ok());
}

#[test]
fn one_call_changes_one_kind_of_thing() {
    let mut world = World::with(&["ci"]);
    let code = "InvalidParameterException";
    let nothing = world.update(&ConfigChange::default()).unwrap_err();
    check(
        &nothing,
        code,
        400,
        "The type for cluster update was not provided.",
    );
    let two = ConfigChange {
        deletion_protection: Some(true),
        support_type: Some("STANDARD".to_owned()),
        ..ConfigChange::default()
    };
    let two = world.update(&two).unwrap_err();
    check(&two, code, 400, "Only one type of update can be allowed.");
    let same = ConfigChange {
        endpoint_public_access: Some(true),
        ..ConfigChange::default()
    };
    let text = "Cluster is already at the desired configuration with endpointPrivateAccess: false , endpointPublicAccess: true, and Public Endpoint Restrictions: [0.0.0.0/0]";
    check(&world.update(&same).unwrap_err(), code, 400, text);
    let back = ConfigChange {
        authentication_mode: Some(AuthenticationMode::Api),
        ..ConfigChange::default()
    };
    let text = "Unsupported authentication mode update from CONFIG_MAP to API";
    check(&world.update(&back).unwrap_err(), code, 400, text);
}

#[test]
fn an_update_is_done_when_it_is_answered_and_can_be_described() {
    let mut world = World::with(&["ci"]);
    let change = ConfigChange {
        logging: Some(vec![LogSetup {
            types: vec!["audit".to_owned()],
            enabled: true,
        }]),
        ..ConfigChange::default()
    };
    let update = world.update(&change).unwrap();
    assert_eq!(update.kind, UpdateKind::Logging);
    assert!(world.ci().settings.logging.is_on("audit"));
    let described = describe_update(&world.clusters, &arn("ci"), &update.id);
    assert_eq!(described.unwrap(), &update);
    let text = "No update found for ID: x";
    let error = describe_update(&world.clusters, &arn("ci"), "x").unwrap_err();
    check(&error, "ResourceNotFoundException", 404, text);
    let again = world.update(&change).unwrap_err();
    let text = "No changes needed for the logging config provided";
    check(&again, "InvalidParameterException", 400, text);
}

#[test]
fn only_the_last_updates_are_remembered() {
    let mut world = World::with(&["ci"]);
    for n in 0..=UPDATES_MAX {
        let change = ConfigChange {
            deletion_protection: Some(n % 2 == 0),
            ..ConfigChange::default()
        };
        world.update(&change).unwrap();
    }
    assert_eq!(world.ci().updates.len(), UPDATES_MAX);
}

#[test]
fn the_updates_of_a_cluster_are_listed_in_pages_as_they_were_made() {
    let mut world = World::with(&["ci"]);
    let made = [true, false, true].map(|deletion_protection| {
        let change = ConfigChange {
            deletion_protection: Some(deletion_protection),
            ..ConfigChange::default()
        };
        world.update(&change).unwrap().id
    });
    let page = |next_token| Page {
        rows: Some(2),
        next_token,
    };
    let list = |name, page| list_updates(&world.clusters, &arn(name), &page);
    let (first, next) = list("ci", page(None)).unwrap();
    assert_eq!(first, made[..2]);
    assert!(next.is_some());
    assert_eq!(list("ci", page(next)).unwrap(), (made[2..].to_vec(), None));
    let text = "No cluster found for name: other.";
    let error = list("other", page(None)).unwrap_err();
    check(&error, "ResourceNotFoundException", 404, text);
}

#[test]
fn settings_without_machinery_are_given_back_as_they_came() {
    let mut world = World::with(&["ci"]);
    let kept = serde_json::json!({"enabled": true});
    let change = ConfigChange {
        kept: vec![("zonalShiftConfig".to_owned(), kept.clone())],
        ..ConfigChange::default()
    };
    assert_eq!(
        world.update(&change).unwrap().kind,
        UpdateKind::ZonalShiftConfig
    );
    assert_eq!(world.ci().settings.kept["zonalShiftConfig"], kept);
}

#[test]
fn tags_come_and_go() {
    let mut world = World::with(&["ci"]);
    let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    };
    let arn = tagged_cluster(&place(), arn("ci").as_str()).unwrap();
    let put = tag_resource(&world.clusters, &arn, &tags(&[("a", "1"), ("b", "2")]));
    world.commit(put.unwrap());
    world.commit(untag_resource(&world.clusters, &arn, &["a".to_owned()]).unwrap());
    let left = list_tags_for_resource(&world.clusters, &arn).unwrap();
    assert_eq!(left, &tags(&[("b", "2")]));

    let refused = [
        ("aws:x", "1".to_owned()),
        ("", "1".to_owned()),
        ("k", "v".repeat(257)),
    ];
    for (key, value) in refused {
        let error = tag_resource(&world.clusters, &arn, &tags(&[(key, &value)])).unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            ("BadRequestException", 400),
            "{key}"
        );
    }
    let many = (0..=TAGS_MAX)
        .map(|n| (format!("k{n}"), String::new()))
        .collect();
    let error = tag_resource(&world.clusters, &arn, &many).unwrap_err();
    assert!(matches!(error, EksError::TooManyTags { .. }));
}

#[test]
fn tags_of_what_is_elsewhere_or_nothing_are_refused() {
    let world = World::default();
    for text in [
        "nonsense",
        "arn:aws:eks:us-west-2:222222222222:cluster/ci",
        "arn:aws:eks:eu-west-1:111111111111:cluster/ci",
    ] {
        let error = tagged_cluster(&place(), text).unwrap_err();
        assert_eq!(error.code(), "BadRequestException", "{text}");
    }
    let error = list_tags_for_resource(&world.clusters, &arn("ci")).unwrap_err();
    assert_eq!((error.code(), error.status()), ("NotFoundException", 404));
}

#[test]
fn a_rotation_publishes_first_signs_then_and_keeps_the_old_key_for_its_tokens() {
    let mut world = World::with(&["ci"]);
    let next = Arc::clone(&keys()[1]);
    let rotated = rotate_signing_key(
        &world.clusters,
        &arn("ci"),
        next,
        &keyring(),
        [2; 12],
        now(),
    );
    world.commit(rotated.unwrap());
    let kept = world.clusters.keys(&arn("ci")).unwrap().clone();
    let ring = kept.value.issuer.as_ref().unwrap();
    let phases = |at: Timestamp| ring.phases(at).map(|(_, phase)| phase).collect::<Vec<_>>();
    let signs = now() + PUBLISHED_BEFORE_USE;
    let second = SignedDuration::from_secs(1);
    assert_eq!(phases(now()), [KeyPhase::Active, KeyPhase::Next]);
    assert_eq!(phases(signs - second), [KeyPhase::Active, KeyPhase::Next]);
    assert_eq!(phases(signs), [KeyPhase::Retiring, KeyPhase::Active]);
    let gone = signs + PUBLISHED_AFTER_USE;
    assert_eq!(
        phases(gone - second),
        [KeyPhase::Retiring, KeyPhase::Active]
    );
    assert_eq!(phases(gone), [KeyPhase::Gone, KeyPhase::Active]);
    assert_eq!(ring.signer(signs - second).key_id(), keys()[0].key_id());
    assert_eq!(ring.signer(signs).key_id(), keys()[1].key_id());
    assert_eq!(ring.published(gone).count(), 1);
}

#[test]
fn supported_versions_are_listed_and_never_none() {
    let all = |filter: &VersionFilter| {
        let (rows, _) = describe_cluster_versions(filter, &Page::default(), now()).unwrap();
        rows.iter()
            .map(|row| row.version.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        all(&VersionFilter::default()),
        ["1.35", "1.34", "1.33", "1.32", "1.31"]
    );
    let only_default = VersionFilter {
        default_only: true,
        ..VersionFilter::default()
    };
    assert_eq!(all(&only_default), ["1.35"]);
    let every = VersionFilter {
        include_all: true,
        ..VersionFilter::default()
    };
    assert_eq!(all(&every).last().map(String::as_str), Some("1.29"));
}

#[test]
fn an_endpoint_is_written_where_it_changed_and_only_there() {
    let mut world = World::default();
    let arn = world.create(new_cluster("ci")).unwrap().arn;
    let moved = set_endpoint(&world.clusters, &arn, "https://127.0.0.1:6443").unwrap();
    world.commit(moved);
    let cluster = &world.clusters.by_arn(&arn).unwrap().value;
    assert_eq!(cluster.endpoint, "https://127.0.0.1:6443");
    let same = set_endpoint(&world.clusters, &arn, "https://127.0.0.1:6443").unwrap();
    assert!(same.is_empty());
}
