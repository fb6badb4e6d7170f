use super::*;
use crate::PlaneConfig;
use serde_json::{Value, json};

/// A plane of the four accounts with this organisation.
fn plane(organisation: Value) -> PlaneConfig {
    PlaneConfig {
        organisation: Some(serde_json::from_value(organisation).unwrap()),
        ..PlaneConfig::default()
    }
}

fn declared(organisation: Value) -> Organisation {
    plane(organisation).organisation().unwrap().unwrap()
}

fn deny(action: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Deny", "Action": action, "Resource": "*" },
    })
}

fn account(digit: u64) -> AccountId {
    AccountId::from_number(digit * 111_111_111_111).unwrap()
}

#[test]
fn a_member_is_bound_by_each_level_above_it_and_the_management_account_by_none() {
    let tree = declared(json!({
        "management": "ci",
        "root": { "units": { "workloads": {
            "service_control": { "no-eks": { "document": deny("eks:*") } },
            "accounts": [{ "alias": "prod" }],
        } } },
    }));
    assert_eq!(tree.service_control(account(4)).unwrap().len(), 3);
    assert_eq!(tree.resource_control(account(4)).unwrap().len(), 3);
    assert!(tree.service_control(account(1)).is_none());
    assert!(
        tree.path_of(account(1)).is_some(),
        "it is a member all the same"
    );
    assert!(tree.path_of(account(2)).is_none(), "dev stands in no tree");
}

#[test]
fn ids_follow_from_the_names_unless_they_are_given() {
    let made = json!({ "management": "ci", "root": { "units": { "a": {
        "accounts": [{ "alias": "prod" }] } } } });
    let path = declared(made.clone())
        .path_of(account(4))
        .unwrap()
        .to_owned();
    assert_eq!(declared(made).path_of(account(4)).unwrap(), path);
    let given = declared(json!({
        "id": "o-exampleorg",
        "management": "ci",
        "root": { "id": "r-ab12", "units": { "a": {
            "id": "ou-ab12-0123abcd",
            "accounts": [{ "alias": "prod" }],
        } } },
    }));
    assert_eq!(
        given.path_of(account(4)).unwrap(),
        "o-exampleorg/r-ab12/ou-ab12-0123abcd/"
    );
}

#[test]
fn a_place_without_full_access_allows_what_its_own_policies_allow() {
    let tree = declared(json!({
        "management": "ci",
        "root": { "full_aws_access": false, "accounts": [{ "alias": "prod" }] },
    }));
    assert!(tree.root().service_control.is_empty());
}

#[test]
fn what_cannot_be_is_named_with_the_way_to_it() {
    let tangled = deny("eks:*");
    let broken = json!("{\n  \"Version\": \"2012-10-17\",\n  \"Statment\": []\n}");
    let deep = (0..6).fold(
        json!({}),
        |below, level| json!({ "units": { format!("u{level}"): below } }),
    );
    let rows = [
        (
            json!({ "management": "nobody" }),
            "management",
            "no account is called `nobody`",
        ),
        (
            json!({ "management": "ci", "id": "x" }),
            "id",
            "`x` is not o-",
        ),
        (
            json!({ "management": "ci", "root": { "accounts": [{ "alias": "dev" }, { "alias": "dev" }] } }),
            "root.accounts.1.alias",
            "account `dev` stands in the tree twice",
        ),
        (
            json!({ "management": "ci", "root": { "service_control": { "p": {} } } }),
            "root.service_control.p",
            "a policy has a `document` or a `file`",
        ),
        (
            json!({ "management": "ci", "root": { "service_control": { "p": { "document": broken } } } }),
            "root.service_control.p.document",
            "Syntax errors in policy.",
        ),
        (
            json!({ "management": "ci", "root": {
                "service_control": { "p": { "document": tangled } },
                "units": { "u": { "service_control": { "p": { "document": deny("sts:*") } } } },
            } }),
            "root.units.u.service_control.p.document",
            "`p` hangs elsewhere with another document",
        ),
        (
            json!({ "management": "ci", "root": deep }),
            "root.units.u5.units.u4.units.u3.units.u2.units.u1.units.u0",
            "units are at most 5 below each other",
        ),
    ];
    for (organisation, at, sentence) in rows {
        let misfit = plane(organisation).validate().unwrap_err();
        assert_eq!(misfit.at.join("."), format!("organisation.{at}"));
        assert!(misfit.sentence.starts_with(sentence), "{misfit}");
    }
}

#[test]
fn a_malformed_document_is_named_with_the_line_in_it() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statment\": []\n}";
    let misfit = plane(json!({
        "management": "ci",
        "root": { "service_control": { "p": { "document": text } } },
    }));
    assert_eq!(misfit.validate().unwrap_err().inside.unwrap().0, 3);
}

#[test]
fn files_are_read_into_their_places() {
    let mut config = plane(json!({
        "management": "ci",
        "root": { "units": { "u": { "accounts": [{
            "alias": "prod",
            "service_control": { "p": { "file": "p.json" } },
        }] } } },
    }));
    let organisation = config.organisation.as_mut().unwrap();
    let read = |path: &Path| match path.to_str() {
        Some("p.json") => Ok(deny("eks:*").to_string()),
        _ => Err("no such file".to_owned()),
    };
    organisation.read_files(&read).unwrap();
    config.validate().unwrap();
    let gone = |_: &Path| Err("no such file".to_owned());
    let mut config = plane(json!({
        "management": "ci",
        "root": { "resource_control": { "p": { "file": "q.json" } } },
    }));
    let misfit = config.organisation.as_mut().unwrap().read_files(&gone);
    assert_eq!(
        misfit.unwrap_err().at.join("."),
        "organisation.root.resource_control.p.file"
    );
}
