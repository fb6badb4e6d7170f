//! What is refused when a document is written, with AWS's own sentences.

use names::{Arn, Partition, UniqueId};
use policy::{PermissionsPolicy, PrincipalDirectory, ResourceControlPolicy, TrustPolicy};

/// One role is there, under a path, and one user.
struct Directory;

const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";
const ROLE_ID: &str = "AROAAAAAAAAAAAAAAAAAA";

impl PrincipalDirectory for Directory {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        (arn.as_str() == ROLE).then(|| ROLE_ID.parse().expect("an id"))
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        (*id == *ROLE_ID).then(|| ROLE.to_owned())
    }

    fn partition(&self) -> Option<Partition> {
        Some(Partition::Aws)
    }
}

/// The directory after the role was deleted.
struct Nobody;

impl PrincipalDirectory for Nobody {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

/// The answer to a document; `""`: it is taken.
fn check(document: &str, answer: &str) {
    let found =
        PermissionsPolicy::parse(document).map_or_else(|why| why.to_string(), |_| String::new());
    assert_eq!(found, answer, "{document}");
}

/// A document of one statement with these elements.
fn statement(elements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{elements}}}]}}"#)
}

fn check_statement(elements: &str, answer: &str) {
    check(&statement(elements), answer);
}

fn check_resource(resource: &str, answer: &str) {
    check_statement(
        &format!(r#""Effect":"Allow","Action":"s3:Get*","Resource":"{resource}""#),
        answer,
    );
}

fn check_action(action: &str, answer: &str) {
    check_statement(
        &format!(r#""Effect":"Allow","Action":"{action}","Resource":"*""#),
        answer,
    );
}

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const OLD: &str = "Policy document must be version 2012-10-17 or greater.";

#[test]
fn the_grammar_comes_first() {
    for document in [
        "",
        "[]",
        "{",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Version":"2012-10-17","Statement":"x"}"#,
        r#"{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":["2012-10-17"],"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Id":["a"],"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    ] {
        check(document, SYNTAX);
    }
    let named = r#"{"Version":"2012-10-17","Id":"a","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    check(named, "");
    for elements in [
        r#""Action":"*","Resource":"*""#,
        r#""Effect":"Perhaps","Action":"*","Resource":"*""#,
        r#""Effect":["Allow"],"Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"*","Resource":"*","NotResource":"*""#,
        r#""Effect":"Allow","Action":["*",1],"Resource":"*""#,
        r#""Effect":"Allow","Action":"*","Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Sid":["a"],"Action":"*","Resource":"*""#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true"},"Bool":{"b":"true"}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true","a":"true"}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":[["true"]]}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":[]"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"a"}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":null}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":{}}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Alike":{"a":"b"}}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Principal":{"aws":"*"}"#,
        r#""Effect":"Allow","Action":"*","Resource":"*","Comment":"x""#,
    ] {
        check_statement(elements, SYNTAX);
    }
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Alike":{},"Bool":{"a":[true,"x",1]}}"#,
        "",
    );
}

#[test]
fn the_first_failing_stage_gives_the_only_message() {
    let bad = r#""Effect":"allow","Principal":"*","Sid":"a","Action":[],"Resource":"x""#;
    check(&format!(r#"{{"Statement":{{{bad}}}}}"#), OLD);
    check(
        &format!(r#"{{"Version":"2008-10-17","Statement":{{{bad}}}}}"#),
        OLD,
    );
    check_statement(bad, "Policy document should not specify a principal.");
    check_statement(
        r#""Effect":"allow","Sid":"a-b","Action":[],"Resource":"x""#,
        LEGACY,
    );
    let two = |one: &str, other: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{{one}}},{{{other}}}]}}"#)
    };
    let same = r#""Effect":"Allow","Sid":"a","Action":[],"Resource":"x""#;
    check(
        &two(same, same),
        "Statement IDs (SID) in a single policy must be unique.",
    );
    let unnamed = r#""Effect":"Allow","Sid":"","Action":"a:b","Resource":"*""#;
    check(&two(unnamed, unnamed), "");
    check_statement(same, "Policy statement must contain actions.");
    check_statement(
        r#""Effect":"Allow","Resource":"x""#,
        "Policy statement must contain actions.",
    );
    check_statement(
        r#""Effect":"Allow","Action":"x","Resource":"x""#,
        "Resource x must be in ARN format or \"*\".",
    );
    check_statement(
        r#""Effect":"Allow","Action":"x","Resource":[]"#,
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    );
    check_statement(
        r#""Effect":"Allow","Action":"x:y""#,
        "Policy statement must contain resources.",
    );
    check_statement(
        r#""Effect":"Allow","Action":"x:y","Resource":[]"#,
        "Policy statement must contain resources.",
    );
}

#[test]
fn the_older_parser_wants_dates_and_services() {
    let dated = |date: &str| {
        statement(&format!(
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:CurrentTime":{date}}}}}"#
        ))
    };
    for (date, answer) in [
        (r#""2026-01-02T03:04:05Z""#, ""),
        (r#""2026-01-02""#, ""),
        ("1700000000", ""),
        (r#""tomorrow""#, LEGACY),
        (r#""-5""#, LEGACY),
        (r#""9223372036854775808""#, LEGACY),
    ] {
        check(&dated(date), answer);
    }
    check_resource("arn:aws::role", LEGACY);
}

#[test]
fn resources_are_arns() {
    check_resource("arn", "Resource arn must be in ARN format or \"*\".");
    check_resource("bucket", "Resource bucket must be in ARN format or \"*\".");
    check_resource(
        "arn:mars:s3:::b",
        "Partition \"mars\" is not valid for resource \"arn:mars:s3:::b\".",
    );
    check_resource(
        "arn:mars:s3",
        "Partition \"mars\" is not valid for resource \"arn:mars:s3:*:*:*\".",
    );
    check_resource(
        "arn:aws:s*:::b",
        "Resource vendor must be fully qualified and cannot contain regexes.",
    );
    check_resource(
        "arn:aws:s?:::b",
        "Resource vendor must be fully qualified and cannot contain regexes.",
    );
    check_resource(
        "arn:aws:iam:eu-west-1:111111111111:role/a",
        "IAM resource ARN cannot contain region information.",
    );
    check_resource(
        "arn:aws:s3:eu-west-1::b",
        "Resource ARN can not contain region information.",
    );
    check_resource(
        "arn:aws:iam::111111111111:roles/a",
        "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
         instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, \
         oidc-provider/, report/, access-report/.",
    );
    for fine in [
        "*",
        "arn:aws:s3*",
        "arn:aws:iam::*",
        "arn:aws:iam::111111111111:role/a",
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::111111111111:*",
        "arn:aws:iam::111111111111:${aws:username}",
        "arn:aws:iam:*:111111111111:role/a",
        "arn:aws-cn:iam::111111111111:role/a",
        "arn:*:s3:::b",
        "arn:aws:s3:*::b",
        "arn:aws:s3:::b/*",
    ] {
        check_resource(fine, "");
    }
}

#[test]
fn actions_have_one_vendor() {
    check_action(
        "GetRole",
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    );
    check_action("iam:a:b", "Actions/Condition can contain only one colon.");
    check_action("i*m:GetRole", "Vendor i*m is not valid");
    check_action("ia m:GetRole", "Vendor ia m is not valid");
    for fine in ["*", "iam:*", "iam:NoSuchThing", "execute-api:Invoke"] {
        check_action(fine, "");
    }
}

#[test]
fn sids_are_alphanumeric() {
    check_statement(
        r#""Sid":"a b","Effect":"Allow","Action":"*","Resource":"*""#,
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
}

#[test]
fn a_refusal_says_where_what_and_which_word_was_perhaps_meant() {
    let typo =
        |elements: &str| format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":{{{elements}}}}}");
    for (document, place, written, detail, nearest) in [
        (
            "{\n  \"Version\": \"2012-10-17\",\n  \"Statment\": []\n}".to_owned(),
            (3, 3),
            "\"Statment\"",
            "there is no element `Statment` here",
            Some("Statement"),
        ),
        (
            typo(
                r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"a":"b"}}"#,
            ),
            (2, 75),
            "\"StringEqual\"",
            "there is no condition operator `StringEqual`",
            Some("StringEquals"),
        ),
        (
            typo(r#""Effect":"Allow","Action":"ListClusters","Resource":"*""#),
            (2, 40),
            "\"ListClusters\"",
            "`ListClusters` is no action: write `service:Name`, or `*`",
            None,
        ),
        (
            typo(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"Aws":"*"}"#),
            (2, 75),
            "\"Aws\"",
            "there is no type of principal `Aws`",
            Some("AWS"),
        ),
        (
            "{\n,".to_owned(),
            (2, 1),
            "",
            "expected a name in double quotes",
            None,
        ),
    ] {
        let why = PermissionsPolicy::parse(&document).unwrap_err();
        assert_eq!(
            (why.place(), why.written(), why.detail(), why.nearest()),
            (place, written, detail, nearest),
            "{document}"
        );
    }
}

#[test]
fn a_refused_trust_says_what_was_wrong_with_it() {
    let statement = |elements: &str| format!("{{\"Statement\":{{{elements}}}}}");
    for (elements, written, detail) in [
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject""#,
            "\"s3:GetObject\"",
            "`s3:GetObject` is not of sts: what the role may do belongs in its permissions policies",
        ),
        (
            r#""Effect":"Allow","Principal":{"Serivce":"eks.amazonaws.com"},"Action":"sts:AssumeRole""#,
            "\"Serivce\"",
            "there is no type of principal `Serivce`",
        ),
        (
            r#""Effect":"Allow","Principal":{"Service":"eks"},"Action":"sts:AssumeRole""#,
            "\"eks\"",
            "a service is called `NAME.amazonaws.com`",
        ),
    ] {
        let why = TrustPolicy::parse(&statement(elements), &Directory).unwrap_err();
        assert_eq!(
            (why.written(), why.detail()),
            (written, detail),
            "{elements}"
        );
    }
}

#[test]
fn a_document_has_a_length_and_a_depth() {
    let padded = |length: usize| {
        let document = statement(r#""Effect":"Allow","Action":"*","Resource":"*""#);
        format!("{document}{}", " ".repeat(length - document.len()))
    };
    check(&padded(131_072), "");
    check(&padded(131_073), SYNTAX);
    // Characters, and not bytes, are counted.
    let document = statement(r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::""#);
    let named = |length: usize| {
        let name = "é".repeat(length - document.chars().count());
        document.replace(":::", &format!(":::{name}"))
    };
    check(&named(131_072), "");
    check(&named(131_073), SYNTAX);
    check(&"[".repeat(100_000), SYNTAX);
}

fn check_trust(document: &str, answer: &str) {
    let found = TrustPolicy::parse(document, &Directory)
        .map_or_else(|why| why.to_string(), |_| String::new());
    assert_eq!(found, answer, "{document}");
}

fn check_trust_statement(elements: &str, answer: &str) {
    check_trust(&statement(elements), answer);
}

fn check_trusted(principal: &str, answer: &str) {
    check_trust_statement(
        &format!(r#""Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole""#),
        answer,
    );
}

#[test]
fn a_trust_policy_is_refused_in_the_words_of_iam() {
    check_trust("{", "This policy contains invalid Json");
    check_trust(
        r#"{"Statement":[],"Statement":[]}"#,
        "This policy contains invalid Json",
    );
    check_trust(
        r#"{"Version":"1"}"#,
        "The policy must contain a valid version string",
    );
    check_trust("{}", "Could not parse the policy: Statement is empty!");
    check_trust(
        r#"{"Statement":[]}"#,
        "Could not parse the policy: Statement is empty!",
    );
    check_trust(
        r#"{"Statement":[{"Sid":"a"},{"Sid":"a"}]}"#,
        "The Statement Ids in the policy are not unique",
    );
    check_trust(r#"{"Statement":[{"Foo":"a"}]}"#, "Syntax error in policy.");
    for (elements, answer) in [
        (r#""Sid":"a""#, "Missing required field Effect"),
        (r#""Effect":"allow""#, "Invalid effect: allow"),
        (
            r#""Effect":"Allow","NotPrincipal":{"AWS":"*"}"#,
            "Allow with NotPrincipal is not allowed.",
        ),
        (
            r#""Effect":"Deny","NotPrincipal":{"AWS":"*"}"#,
            "AssumeRole policy must not contain NotPrincipal field.",
        ),
        (r#""Effect":"Allow""#, "Missing required field Principal"),
        (
            r#""Effect":"Allow","Principal":{}"#,
            "Missing required field Principal cannot be empty!",
        ),
        (
            r#""Effect":"Allow","Principal":"*""#,
            "Principal must be a JSON object.",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"}"#,
            "Missing required field Action",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"*""#,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","s3:Get"]"#,
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*","Resource":"*""#,
            "Has prohibited field Resource",
        ),
        (
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*""#,
            "",
        ),
    ] {
        check_trust_statement(elements, answer);
    }
}

#[test]
fn a_trust_policy_names_only_who_is_there() {
    let invalid =
        |kind: &str, name: &str| format!("Invalid principal in policy: \"{kind}\":\"{name}\"");
    for name in [
        "arn:aws:iam::111111111111:role/ci",
        "arn:aws:iam::111111111111:role/team/*",
        "arn:aws:iam::*:root",
        "arn:aws:iam::111111111111:group/g",
        "arn:aws:sts::111111111111:assumed-role/team/ci/s",
        "arn:aws:sts::111111111111:assumed-role/ci/*",
        "arn:aws-cn:iam::111111111111:root",
        "arn:aws-cn:sts::111111111111:assumed-role/ci/session",
        "11111111111",
        ROLE_ID,
        "",
    ] {
        check_trusted(&format!(r#"{{"AWS":"{name}"}}"#), &invalid("AWS", name));
    }
    check_trusted(r#"{"Service":"eks"}"#, &invalid("SERVICE", "eks"));
    check_trusted(
        r#"{"Federated":"x.example"}"#,
        &invalid("FEDERATED", "x.example"),
    );
    for fine in [
        r#"{"AWS":"*"}"#,
        r#"{"AWS":["111111111111","arn:aws:iam::222222222222:root"]}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role/team/ci"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/session"}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:federated-user/bob"}"#,
        r#"{"Service":"pods.eks.amazonaws.com"}"#,
        r#"{"Federated":"arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A"}"#,
    ] {
        check_trusted(fine, "");
    }
    check_trusted(
        r#"{"Federated":"cognito-identity.amazonaws.com"}"#,
        "A condition block must be present for the Cognito provider",
    );
}

#[test]
fn principals_are_shown_as_they_are_now() {
    let document = statement(
        r#""Effect":"Allow","Principal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/team/ci"]},"Action":"sts:AssumeRole""#,
    );
    let trust = TrustPolicy::parse(&document, &Directory).unwrap();
    let shown = document.replace("\"111111111111\"", "\"arn:aws:iam::111111111111:root\"");
    assert_eq!(trust.render(&Directory), shown);
    assert_eq!(trust.render(&Nobody), shown.replace(ROLE, ROLE_ID));
    assert!(
        TrustPolicy::parse(&trust.render(&Nobody), &Directory).is_err(),
        "an orphan is refused"
    );
    assert!(TrustPolicy::parse(&trust.render(&Directory), &Directory).is_ok());
}

/// A directory of another partition, in which nobody is.
struct China;

impl PrincipalDirectory for China {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }

    fn partition(&self) -> Option<Partition> {
        Some(Partition::AwsCn)
    }
}

#[test]
fn an_account_is_shown_in_the_partition_in_which_it_is() {
    let document = statement(
        r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole""#,
    );
    let trust = TrustPolicy::parse(&document, &China).unwrap();
    let shown = document.replace("\"111111111111\"", "\"arn:aws-cn:iam::111111111111:root\"");
    assert_eq!(trust.render(&China), shown);
    assert!(TrustPolicy::parse(&shown, &China).is_ok());
}

#[test]
fn a_resource_control_policy_denies_everybody_something() {
    let rows = [
        (
            r#""Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*""#,
            true,
        ),
        (
            r#""Effect":"Allow","Principal":"*","Action":"sts:*","Resource":"*""#,
            false,
        ),
        (
            r#""Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*","Resource":"*""#,
            false,
        ),
        (
            r#""Effect":"Deny","NotPrincipal":"*","Action":"sts:*","Resource":"*""#,
            false,
        ),
        (
            r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"*""#,
            false,
        ),
        (
            r#""Effect":"Deny","Principal":"*","NotAction":"sts:*","Resource":"*""#,
            false,
        ),
        (r#""Effect":"Deny","Principal":"*","Action":"sts:*""#, false),
    ];
    for (elements, taken) in rows {
        assert_eq!(
            ResourceControlPolicy::parse(&statement(elements)).is_ok(),
            taken,
            "{elements}"
        );
    }
    let old = statement(rows[0].0).replace("2012", "2008");
    assert!(ResourceControlPolicy::parse(&old).is_err(), "2012 only");
}
