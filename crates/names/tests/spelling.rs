//! What is a name and what is not, one row per idea.

use std::fmt::Display;
use std::str::FromStr;

use names::*;

fn check<T>(spelt: &[&str], misspelt: &[&str])
where
    T: FromStr + Display,
    T::Err: Display,
{
    for text in spelt {
        match text.parse::<T>() {
            Ok(name) => assert_eq!(name.to_string(), *text),
            Err(refusal) => panic!("`{text}` was refused: {refusal}"),
        }
    }
    for text in misspelt {
        assert!(text.parse::<T>().is_err(), "`{text}` was accepted");
    }
}

fn letters(count: usize) -> String {
    "a".repeat(count)
}

#[test]
fn an_account_is_twelve_digits() {
    check::<AccountId>(
        &["111111111111", "000000000000", "999999999999"],
        &[
            "",
            "11111111111",
            "1111111111111",
            "11111111111a",
            "١١١١١١١١١١١١",
            " 11111111111",
        ],
    );
}

#[test]
fn an_alias_has_single_hyphens_inside() {
    check::<AccountAlias>(
        &["prod", "a1b", "my-prod-1", &letters(63)],
        &[
            "",
            "ab",
            "-prod",
            "prod-",
            "my--prod",
            "Prod",
            "my_prod",
            &letters(64),
        ],
    );
}

#[test]
fn a_partition_is_one_that_aws_has() {
    let all = Partition::ALL.map(|partition| partition.as_str());
    check::<Partition>(&all, &["", "AWS", "aws-", "gcp"]);
}

#[test]
fn a_region_ends_in_a_number() {
    check::<Region>(
        &[
            "us-west-2",
            "ap-southeast-5",
            "us-gov-west-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ],
        &[
            "",
            "us-west",
            "us-west-",
            "us--west-2",
            "US-west-2",
            "west-2",
            "us-west-123",
            "-us-2",
        ],
    );
}

#[test]
fn a_path_stands_between_slashes() {
    let longest = format!("/{}/", letters(510));
    let too_long = format!("/{}/", letters(511));
    check::<Path>(
        &["/", "/ci/", "/ci/runners/", "/!~/", "//x/", &longest],
        &[
            "",
            "ci",
            "/ci",
            "ci/",
            "//",
            "/c i/",
            "/ci\u{7f}/",
            "/é/",
            &too_long,
        ],
    );
}

#[test]
fn names_of_entities_use_iams_alphabet() {
    let odd = "_+=,.@-";
    let bad = ["", "a b", "a/b", "a:b", "ä", "a\n", "a*"];
    check::<RoleName>(&["ci-role", odd, &letters(64)], &bad);
    check::<RoleName>(&[], &[&letters(65)]);
    check::<UserName>(&["ada", odd, &letters(64)], &bad);
    check::<GroupName>(&["devs", odd, &letters(128)], &bad);
    check::<PolicyName>(&["list", odd, &letters(128)], &bad);
    check::<PolicyName>(&[], &[&letters(129)]);
    check::<InstanceProfileName>(&["node", odd, &letters(128)], &bad);
}

#[test]
fn sessions_are_named_in_bounds() {
    check::<SessionName>(&["ab", &letters(64)], &["", "a", "a b", &letters(65)]);
    check::<SourceIdentity>(&["ab", &letters(256)], &["a", "aws:ada", &letters(257)]);
    check::<ExternalId>(
        &["ab", "a:/b", &letters(1224)],
        &["a", "a b", &letters(1225)],
    );
    check::<FederatedUserName>(&["ab", &letters(32)], &["a", &letters(33)]);
}

#[test]
fn an_arn_has_six_parts() {
    let longest = format!("arn:aws:s3:::{}", letters(ARN_CHARS_MAX - 13));
    let too_long = format!("{longest}a");
    check::<Arn>(
        &[
            "arn:aws:iam::111111111111:role/ci/deploy",
            "arn:aws:s3:::bucket/key:with:colons",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws-cn:eks:cn-north-1:111111111111:cluster/a",
            "arn:aws:iam::111111111111:root",
            &longest,
        ],
        &[
            "",
            "arn",
            "arn:aws:iam::111111111111",
            "arn:aws:iam::111111111111:",
            "arn:aws::us-west-2:111111111111:x",
            "arn:amazon:iam::111111111111:role/x",
            "ARN:aws:iam::111111111111:role/x",
            "arn:aws:iam::11111111111:role/x",
            "arn:aws:iam::*:role/x",
            "arn:aws:i*m::111111111111:role/x",
            "arn:aws:eks:us west:111111111111:x",
            "arn:aws:iam::111111111111:role/x\n",
            &too_long,
        ],
    );
}

#[test]
fn an_entity_arn_is_of_its_kind() {
    check::<RoleArn>(
        &[
            "arn:aws:iam::111111111111:role/ci",
            "arn:aws-cn:iam::111111111111:role/a/b/ci",
        ],
        &[
            "arn:aws:iam::111111111111:user/ci",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::111111111111:role",
            "arn:aws:iam::111111111111:roles/ci",
            "arn:aws:iam:us-west-2:111111111111:role/ci",
            "arn:aws:sts::111111111111:role/ci",
            "arn:aws:iam::aws:role/ci",
            "arn:aws:iam::111111111111:role/*",
        ],
    );
    check::<UserArn>(&["arn:aws:iam::111111111111:user/ops/ada"], &["ada"]);
    check::<GroupArn>(&["arn:aws:iam::111111111111:group/devs"], &["devs"]);
    check::<InstanceProfileArn>(&["arn:aws:iam::111111111111:instance-profile/n"], &["n"]);
    check::<PolicyArn>(
        &[
            "arn:aws:iam::aws:policy/job-function/X",
            "arn:aws:iam::111111111111:policy/x",
        ],
        &["arn:aws:iam:::policy/x", "arn:aws:iam::azure:policy/x"],
    );
    check::<ClusterArn>(
        &["arn:aws:eks:us-west-2:111111111111:cluster/prod"],
        &[
            "arn:aws:eks::111111111111:cluster/prod",
            "arn:aws:eks:us-west-2:1:cluster/prod",
        ],
    );
}

#[test]
fn a_session_arn_has_no_role_path() {
    check::<SessionArn>(
        &["arn:aws:sts::111111111111:assumed-role/ci/run-1"],
        &[
            "arn:aws:sts::111111111111:assumed-role/path/ci/run-1",
            "arn:aws:sts::111111111111:assumed-role/ci",
            "arn:aws:sts::111111111111:assumed-role/ci/*",
            "arn:aws:iam::111111111111:assumed-role/ci/run-1",
        ],
    );
    check::<FederatedUserArn>(
        &["arn:aws:sts::111111111111:federated-user/ada"],
        &["arn:aws:sts::111111111111:federated-user/a/b"],
    );
}

#[test]
fn an_authorization_id_is_of_small_letters_and_digits() {
    check::<AuthorizationId>(
        &["0", "9vuh2s7k0m1c3pqd5n8e6r4t2b", &letters(256)],
        &["", "9VUH", "9-v", "é", &letters(257)],
    );
}

#[test]
fn ids_have_their_prefixes() {
    check::<UniqueId>(
        &[
            "AIDACKCEVSQ6C2EXAMPLE",
            "AROADBQP57FF2AEXAMPLE",
            "AROA123456789EXAMPLE",
        ],
        &[
            "",
            "AROA",
            "AKIAIOSFODNN7EXAMPLE",
            "aroadbqp57ff2aexample",
            "AROADBQP57FF2AEXAMPLES",
        ],
    );
    check::<AccessKeyId>(
        &["AKIAIOSFODNN7EXAMPLE", "ASIAQNZGKIQY56JQ7WML"],
        &[
            "",
            "AKIDEXAMPLE",
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLE1",
            "AKIAIOSFODNN1EXAMPLE",
        ],
    );
    check::<RequestId>(
        &["7a62c49f-347e-4fc4-9331-6e8eaa2e4d5b"],
        &[
            "",
            "7A62C49F-347E-4FC4-9331-6E8EAA2E4D5B",
            "7a62c49f347e4fc493316e8eaa2e4d5b",
        ],
    );
}

#[test]
fn an_issuer_is_a_bare_https_url() {
    let longest = format!("https://h/{}", letters(245));
    let too_long = format!("{longest}a");
    check::<IssuerUrl>(
        &[
            "https://oidc.eks.us-west-2.amazonaws.com/id/ABC",
            "https://127.0.0.1:4566/id/ABC",
            "https://Host/",
            "https://host",
            &longest,
        ],
        &[
            "",
            "http://host/id",
            "HTTPS://host/id",
            "host/id",
            "https://",
            "https:///id",
            "https://host?x",
            "https://host#x",
            "https://me@host/",
            "https://host:0/",
            "https://host:port/",
            "https://ho st/",
            "https://host/i d",
            "https://host..x/",
            &too_long,
        ],
    );
}

#[test]
fn an_audience_is_short_and_plain() {
    check::<Audience>(
        &[
            "sts.amazonaws.com",
            "https://kubernetes.default.svc",
            "é",
            &letters(255),
        ],
        &["", "a\0", "a\n", &letters(256)],
    );
}

#[test]
fn kubernetes_names_are_labels_and_subdomains() {
    check::<Namespace>(
        &["ci", "a-1", &letters(63)],
        &["", "-a", "a-", "A", "a.b", &letters(64)],
    );
    check::<ServiceAccountName>(
        &["ci.runner-1", &letters(253)],
        &["", "a..b", ".a", &letters(254)],
    );
    check::<ServiceAccount>(
        &["ci-namespace/ci-serviceaccount"],
        &["", "a", "a/b/c", "/a", "a/"],
    );
}

#[test]
fn a_group_may_be_empty_a_version_and_a_kind_may_not() {
    check::<ApiGroup>(
        &["", "apps", "rbac.authorization.k8s.io"],
        &["Apps", "a..b", "apps/v1"],
    );
    check::<ApiVersion>(
        &["v1", "v1beta1", "v2"],
        &["", "1", "V1", "v1-", &letters(64)],
    );
    check::<Kind>(
        &["ConfigMap", "CSIDriver", "pod"],
        &["", "1Pod", "Config Map", "Pod/exec", &letters(64)],
    );
    check::<DnsLabel>(&["a-1", &letters(63)], &["", "a.b", &letters(64)]);
    check::<DnsSubdomain>(&["a.b-1", &letters(253)], &["", "a_b", &letters(254)]);
}

#[test]
fn clusters_are_named_as_eks_names_them() {
    check::<ClusterName>(
        &["prod", "9_a-B", &letters(100)],
        &["", "-a", "_a", "a.b", &letters(101)],
    );
    check::<ClusterId>(
        &[
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef",
        ],
        &[
            "",
            "0123456789ABCDEF0123456789ABCDE",
            "G123456789ABCDEF0123456789ABCDEF",
        ],
    );
}

#[test]
fn a_refusal_says_what_would_be_right() {
    let refusal = "bad name!".parse::<RoleName>().unwrap_err();
    let taught = "`bad name!` is not a role name: 1 to 64 letters, digits or `_+=,.@-`";
    assert_eq!(refusal.to_string(), taught);
    let refusal = "arn:aws:iam::123:role/x".parse::<Arn>().unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "in `arn:aws:iam::123:role/x` the account is `123`"
    );
    let refusal = "http://x".parse::<IssuerUrl>().unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`http://x` is not an issuer: it must begin with `https://`"
    );
}
