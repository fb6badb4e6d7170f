use super::*;
use crate::authority::new_authority;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const DAY: i64 = 24 * 60 * 60;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(20_000 * DAY + day * DAY).unwrap()
}

fn certificates() -> Certificates {
    let authority = new_authority("a test's authority", at(0)).unwrap();
    Certificates::new(authority::issuer(&authority, "a test's authority").unwrap())
}

/// The certificate of a day, for one region.
fn current(all: &Certificates, day: i64, revision: u64, region: &str) -> Arc<Shown> {
    let regions = || [region.parse().unwrap()].into();
    all.current(at(day), Revision::new(revision), regions)
        .unwrap()
}

fn names(shown: &Shown) -> Vec<String> {
    let (_, read) = X509Certificate::from_der(&shown.key.cert[0]).unwrap();
    let names = read.subject_alternative_name().unwrap().unwrap();
    let names = names.value.general_names.iter();
    names
        .filter_map(|name| {
            let GeneralName::DNSName(name) = name else {
                return None;
            };
            Some((*name).to_owned())
        })
        .collect()
}

#[test]
fn a_certificate_is_for_servers_and_has_the_regions_in_use() {
    let shown = current(&certificates(), 0, 1, "eu-west-1");
    let names = names(&shown);
    for name in [
        "localhost",
        "*.eu-west-1.amazonaws.com",
        "*.eks.eu-west-1.amazonaws.com",
    ] {
        assert!(names.iter().any(|there| there == name), "{name}: {names:?}");
    }
    assert!(
        !names.iter().any(|name| name.contains("us-west-2")),
        "{names:?}"
    );
    let (_, read) = X509Certificate::from_der(&shown.key.cert[0]).unwrap();
    let usage = read.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.server_auth && !usage.client_auth && !usage.any);
    let life = read.validity.not_after.timestamp() - at(0).as_second();
    assert_eq!(life, 90 * DAY);
    assert!(read.validity.not_before.timestamp() < at(0).as_second());
}

#[test]
fn a_certificate_serves_until_its_renewal_and_then_a_new_one_does() {
    let all = certificates();
    let first = current(&all, 0, 1, "us-west-2");
    let same = current(&all, 59, 1, "us-west-2");
    assert!(Arc::ptr_eq(&first.key, &same.key));
    let next = current(&all, 60, 1, "us-west-2");
    assert!(!Arc::ptr_eq(&first.key, &next.key));
}

#[test]
fn a_change_of_the_world_keeps_the_certificate_while_its_names_do() {
    let all = certificates();
    let first = current(&all, 0, 1, "us-west-2");
    let same = current(&all, 1, 2, "us-west-2");
    assert!(Arc::ptr_eq(&first.key, &same.key));
    let elsewhere = current(&all, 1, 3, "eu-west-1");
    assert!(!Arc::ptr_eq(&first.key, &elsewhere.key));
}
