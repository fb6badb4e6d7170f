//! What the names say once they are read.

use names::secret::Secret;
use names::*;

fn account() -> AccountId {
    "029608264753".parse().expect("twelve digits")
}

#[test]
fn parts_of_an_arn_are_read_where_they_stand() {
    let arn: Arn = "arn:aws-cn:eks:cn-north-1:111111111111:cluster/a:b"
        .parse()
        .unwrap();
    assert_eq!(arn.partition(), Partition::AwsCn);
    assert_eq!(arn.service(), "eks");
    assert_eq!(arn.region(), "cn-north-1");
    assert_eq!(arn.account(), "111111111111");
    assert_eq!(arn.resource(), "cluster/a:b");
}

#[test]
fn the_path_is_not_part_of_a_role_name() {
    let arn: RoleArn = "arn:aws:iam::111111111111:role/ci/runners/deploy"
        .parse()
        .unwrap();
    assert_eq!(arn.path(), &"/ci/runners/");
    assert_eq!(arn.name(), &"deploy");
    let session = SessionArn::new(
        arn.partition(),
        arn.account(),
        arn.name(),
        &"run-1".parse::<SessionName>().unwrap(),
    );
    assert_eq!(
        session.as_str(),
        "arn:aws:sts::111111111111:assumed-role/deploy/run-1"
    );
}

#[test]
fn aws_owns_its_managed_policies() {
    let arn: PolicyArn = "arn:aws:iam::aws:policy/job-function/Billing"
        .parse()
        .unwrap();
    assert_eq!((arn.owner(), arn.account()), (PolicyOwner::Aws, None));
    assert_eq!(
        (arn.path().as_str(), arn.name().as_str()),
        ("/job-function/", "Billing")
    );
}

#[test]
fn a_region_lies_in_its_partition() {
    let rows = [
        ("us-west-2", Partition::Aws),
        ("eu-central-2", Partition::Aws),
        ("cn-northwest-1", Partition::AwsCn),
        ("us-gov-west-1", Partition::AwsUsGov),
        ("eusc-de-east-1", Partition::AwsEusc),
        ("us-iso-east-1", Partition::AwsIso),
        ("us-isob-east-1", Partition::AwsIsoB),
        ("eu-isoe-west-1", Partition::AwsIsoE),
        ("us-isof-south-1", Partition::AwsIsoF),
    ];
    for (region, partition) in rows {
        assert_eq!(
            region.parse::<Region>().unwrap().partition(),
            partition,
            "{region}"
        );
    }
}

#[test]
fn every_partition_is_at_home_in_a_region_of_its_own() {
    for partition in Partition::ALL {
        let home = Region::home(partition);
        assert_eq!(home.as_str().parse(), Ok(home.clone()));
        assert_eq!(home.partition(), partition, "{home}");
    }
}

#[test]
fn a_key_id_of_awss_own_tells_its_account() {
    let key: AccessKeyId = "ASIAQNZGKIQY56JQ7WML".parse().unwrap();
    assert_eq!(key.kind(), KeyKind::Temporary);
    assert_eq!(key.account(), Some(account()));
}

#[test]
fn a_key_id_from_before_2019_tells_no_account() {
    let key: AccessKeyId = "AKIAIOSFODNN7EXAMPLE".parse().unwrap();
    assert_eq!(key.kind(), KeyKind::LongTerm);
    assert_eq!(key.account(), None);
}

#[test]
fn ids_look_as_awss_do() {
    let role = UniqueId::from_random(IdKind::Role, [0xff; 11]);
    assert_eq!(role.as_str(), "AROA77777777777777777");
    let key = AccessKeyId::new(KeyKind::LongTerm, account(), [0; 5]);
    assert_eq!(key.as_str(), "AKIAQNZGKIQYQAAAAAAA");
    let request = RequestId::from_random([0xff; 16]);
    assert_eq!(request.as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

#[test]
fn a_provider_has_no_port_and_no_closing_slash() {
    let rows = [
        ("https://HOST.example:443/id/ABC", "host.example/id/ABC"),
        ("https://host.example/id/ABC/", "host.example/id/ABC"),
        ("https://host.example:8443", "host.example"),
        ("https://host.example/", "host.example"),
    ];
    for (issuer, provider) in rows {
        let issuer: IssuerUrl = issuer.parse().unwrap();
        assert_eq!(issuer.as_provider_name(), &provider);
    }
}

#[test]
fn an_issuer_keeps_what_was_written() {
    let issuer: IssuerUrl = "https://Host:8443/id/ABC/".parse().unwrap();
    assert_eq!(issuer.as_str(), "https://Host:8443/id/ABC/");
    assert_eq!(
        (issuer.authority(), issuer.path()),
        ("Host:8443", "/id/ABC")
    );
}

#[test]
fn a_provider_arn_with_a_port_means_the_one_without() {
    let arn: ProviderArn = "arn:aws:iam::111111111111:oidc-provider/host:8443/id/ABC"
        .parse()
        .unwrap();
    assert_eq!(
        arn.as_str(),
        "arn:aws:iam::111111111111:oidc-provider/host/id/ABC"
    );
    assert_eq!(arn.provider(), &"host/id/ABC");
}

#[test]
fn a_subject_names_a_service_account() {
    let subject = "system:serviceaccount:ci-namespace:ci-serviceaccount";
    let account = ServiceAccount::from_subject(subject).unwrap();
    assert_eq!(account.to_string(), "ci-namespace/ci-serviceaccount");
    assert_eq!(account.subject(), subject);
    for other in [
        "",
        "system:node:a",
        "system:serviceaccount:a",
        "system:serviceaccount:a:b:c",
    ] {
        assert!(ServiceAccount::from_subject(other).is_err(), "{other}");
    }
}

#[test]
fn two_spellings_of_a_name_fold_to_one() {
    let names = ["Deploy", "dePLOY"].map(|name| name.parse::<RoleName>().unwrap());
    assert_ne!(names[0], names[1]);
    assert_eq!(names[0].folded(), names[1].folded());
}

#[test]
fn serde_refuses_what_parsing_refuses() {
    let arn: Result<RoleArn, _> = serde_json::from_str("\"arn:aws:iam::1:role/x\"");
    assert!(arn.unwrap_err().to_string().contains("is not a role ARN"));
    let account: AccountId = serde_json::from_str("\"111111111111\"").unwrap();
    assert_eq!(serde_json::to_string(&account).unwrap(), "\"111111111111\"");
}

#[test]
fn a_secret_does_not_print() {
    let secret = Secret::from("hunter2");
    assert_eq!(format!("{secret:?}"), "[secret]");
    assert_eq!(secret, Secret::from("hunter2".to_owned()));
    assert_ne!(secret, Secret::from("hunter3"));
    assert_ne!(secret, Secret::from("hunter"));
    assert_eq!(secret.expose_str(), Some("hunter2"));
}

#[test]
fn a_type_is_read_from_its_api_version_and_kind() {
    let rows = [
        ("v1", "Pod", "", "/v1, Kind=Pod"),
        ("apps/v1", "Deployment", "apps", "apps/v1, Kind=Deployment"),
    ];
    for (api_version, kind, group, printed) in rows {
        let gvk = Gvk::parse_api_version(api_version, kind).unwrap();
        assert_eq!(gvk.group, group);
        assert_eq!(gvk.group.is_core(), group.is_empty());
        assert_eq!(gvk.api_version(), api_version);
        assert_eq!(gvk.to_string(), printed);
    }
    assert!(Gvk::parse_api_version("apps/v1/x", "Deployment").is_err());
}
