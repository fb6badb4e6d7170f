//! The wire by example: what a client sends, what it gets.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use awswire::dto::{eks, iam, sts};
use awswire::{AwsError, Head, RouteError, encode, encode_error, route, service};
use names::RequestId;

fn id() -> RequestId {
    RequestId::from_random([7; 16])
}

fn signed(service: &'static str) -> Head<'static> {
    Head {
        method: "POST",
        path: "/",
        signed_for: Some(service),
        ..Head::default()
    }
}

fn refusal(service: &'static str, body: &str) -> AwsError {
    let call = route(&signed(service), body.as_bytes()).unwrap();
    call.value().unwrap_err()
}

fn check_refused(service: &'static str, body: &str, code: &str, message: &str) {
    let error = refusal(service, body);
    assert_eq!((&*error.code, error.message.as_str()), (code, message));
}

#[test]
fn a_role_is_created_as_the_cli_sends_it() {
    let body = "Action=CreateRole&Version=2010-05-08&RoleName=reader&Path=%2Fteam%2F\
                &AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=3600\
                &Tags.member.2.Key=b&Tags.member.2.Value=&Tags.member.1.Key=a+c&Tags.member.1.Value=1";
    let call = route(&signed("iam"), body.as_bytes()).unwrap();
    let input: iam::CreateRoleRequest = call.input().unwrap();
    assert_eq!(input.role_name, "reader");
    assert_eq!(input.path.as_deref(), Some("/team/"));
    assert_eq!(input.assume_role_policy_document, "{}");
    assert_eq!(input.max_session_duration, Some(3600));
    let tags: Vec<_> = input
        .tags
        .unwrap()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect();
    assert_eq!(
        tags,
        [
            ("a c".to_owned(), "1".to_owned()),
            ("b".to_owned(), String::new())
        ]
    );
}

#[test]
fn an_empty_parameter_is_an_empty_list() {
    let body = "Action=CreateOpenIDConnectProvider&Url=https%3A%2F%2Fx.example&ClientIDList=";
    let call = route(&signed("iam"), body.as_bytes()).unwrap();
    let input: iam::CreateOpenIDConnectProviderRequest = call.input().unwrap();
    assert_eq!(input.client_id_list, Some(Vec::new()));
    assert_eq!(input.thumbprint_list, None);
}

#[test]
fn all_violations_are_in_one_sentence() {
    check_refused(
        "iam",
        "Action=CreateRole&RoleName=r&MaxSessionDuration=60&Tags.member.1.Key=a%3Cb&Tags.member.1.Value=x",
        "ValidationError",
        "3 validation errors detected: Value null at 'assumeRolePolicyDocument' failed to satisfy \
         constraint: Member must not be null; Value '60' at 'maxSessionDuration' failed to satisfy \
         constraint: Member must have value greater than or equal to 3600; Value 'a<b' at \
         'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    );
}

#[test]
fn the_pattern_is_named_before_the_length() {
    let arn = "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fr";
    check_refused(
        "sts",
        &format!("Action=AssumeRole&{arn}&RoleSessionName=%21"),
        "ValidationError",
        "2 validation errors detected: Value '!' at 'roleSessionName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value '!' at \
         'roleSessionName' failed to satisfy constraint: Member must have length greater than or \
         equal to 2",
    );
}

#[test]
fn iam_refuses_names_in_its_own_prose() {
    check_refused(
        "iam",
        "Action=GetRole&RoleName=bad+name%21",
        "ValidationError",
        "The specified value for roleName is invalid. It must contain only alphanumeric characters \
         and/or the following: +=,.@_-",
    );
}

#[test]
fn a_list_of_plain_items_is_shown_whole() {
    check_refused(
        "iam",
        "Action=CreateOpenIDConnectProvider&Url=https%3A%2F%2Fx&ThumbprintList.member.1=ab",
        "ValidationError",
        "1 validation error detected: Value '[ab]' at 'thumbprintList' failed to satisfy \
         constraint: Member must satisfy constraint: [Member must have length less than or equal \
         to 40, Member must have length greater than or equal to 40]",
    );
}

#[test]
fn a_secret_is_never_shown() {
    let body = "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fr\
                &RoleSessionName=ab&WebIdentityToken=abc";
    check_refused(
        "sts",
        body,
        "ValidationError",
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: \
         Member must have length greater than or equal to 4",
    );
}

#[test]
fn numbers_that_are_none_are_malformed_input() {
    let body = "Action=GetSessionToken&DurationSeconds=";
    check_refused(
        "sts",
        body,
        "MalformedInput",
        "missing value for decimal type",
    );
    check_refused("sts", &format!("{body}soon"), "MalformedInput", "");
}

#[test]
fn an_account_alias_has_single_inner_hyphens() {
    for alias in ["abc", "a-b-c", "1-2"] {
        let body = format!("Action=CreateAccountAlias&AccountAlias={alias}");
        route(&signed("iam"), body.as_bytes())
            .unwrap()
            .value()
            .unwrap();
    }
    for alias in ["a--b", "-ab", "ab-", "Abc"] {
        let error = refusal(
            "iam",
            &format!("Action=CreateAccountAlias&AccountAlias={alias}"),
        );
        assert!(
            error
                .message
                .contains("Member must satisfy regular expression"),
            "{error}"
        );
    }
}

fn check_not_routed(head: &Head<'_>, body: &str, code: &str, message: &str) {
    let RouteError::Refused { error, .. } = route(head, body.as_bytes()).unwrap_err() else {
        panic!("is for AWS");
    };
    assert_eq!((&*error.code, error.message.as_str()), (code, message));
}

#[test]
fn an_unknown_action_is_named() {
    let sts = signed("sts");
    let unknown = "Could not find operation Fly for version 2011-06-15";
    check_not_routed(
        &sts,
        "Action=Fly&Version=2011-06-15",
        "InvalidAction",
        unknown,
    );
    let version = "Could not find operation GetCallerIdentity for version 1999";
    check_not_routed(
        &sts,
        "Action=GetCallerIdentity&Version=1999",
        "InvalidAction",
        version,
    );
    check_not_routed(
        &sts,
        "Version=2011-06-15",
        "MissingAction",
        "Missing Action",
    );
}

fn check_routed(head: &Head<'_>, body: &str, expected: &str) {
    let call = route(head, body.as_bytes()).unwrap();
    assert_eq!(format!("{:?}", call.operation), expected);
}

#[test]
fn every_clue_leads_to_the_service() {
    let unsigned = Head {
        method: "POST",
        path: "/",
        ..Head::default()
    };
    check_routed(
        &unsigned,
        "Action=GetCallerIdentity&Version=2011-06-15",
        "sts:GetCallerIdentity",
    );
    check_routed(
        &unsigned,
        "Action=GetRole&Version=2010-05-08",
        "iam:GetRole",
    );
    let host = Head {
        host: "iam.amazonaws.com",
        ..unsigned
    };
    check_routed(&host, "Action=GetRole", "iam:GetRole");
    let get = Head {
        method: "GET",
        ..signed("sts")
    };
    let presigned = Head {
        query: "Action=GetCallerIdentity&X-Amz-Expires=60",
        ..get
    };
    check_routed(&presigned, "", "sts:GetCallerIdentity");
    let eks = Head {
        method: "GET",
        path: "/clusters/demo",
        signed_for: Some("eks"),
        ..get
    };
    check_routed(&eks, "", "eks:DescribeCluster");
    check_routed(
        &Head {
            signed_for: None,
            ..eks
        },
        "",
        "eks:DescribeCluster",
    );
    let arn = "/clusters/demo/access-entries/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fp%2Fx";
    check_routed(&Head { path: arn, ..eks }, "", "eks:DescribeAccessEntry");
    let toolbox = Head {
        path: "/authorization-details/ab/policy",
        signed_for: Some("iam"),
        ..get
    };
    check_routed(&toolbox, "", "iam-toolbox:GetRequestAuthorizationPolicy");
    let nothing = Head {
        method: "GET",
        path: "/livez",
        ..Head::default()
    };
    assert_eq!(route(&nothing, b"").unwrap_err(), RouteError::NotAws);
}

#[test]
fn labels_are_decoded_after_matching_and_lists_come_from_the_query() {
    let head = Head {
        method: "DELETE",
        path: "/tags/arn%3Aaws%3Aeks%3Ar%3A1%3Acluster%2Fdemo",
        query: "tagKeys=a&tagKeys=b%20c",
        signed_for: Some("eks"),
        ..Head::default()
    };
    let input: eks::UntagResourceRequest = route(&head, b"").unwrap().input().unwrap();
    assert_eq!(input.resource_arn, "arn:aws:eks:r:1:cluster/demo");
    assert_eq!(input.tag_keys, ["a", "b c"]);
}

#[test]
fn a_wrong_json_type_is_a_serialization_error() {
    let head = Head {
        path: "/tags/x",
        ..signed("eks")
    };
    let call = route(&head, br#"{"tags":"x"}"#).unwrap();
    let error = call.value().unwrap_err();
    assert_eq!(&*error.code, "SerializationException");
    assert_eq!(
        error.message,
        "STRING_VALUE can not be converted to a structure or map"
    );
}

#[test]
fn caller_identity_is_answered_as_aws_does() {
    let answer = sts::GetCallerIdentityResponse {
        account: Some("111111111111".to_owned()),
        arn: Some("arn:aws:iam::111111111111:user/a&b".to_owned()),
        ..Default::default()
    };
    let response = encode(answer, &id());
    assert_eq!(
        String::from_utf8(response.body).unwrap(),
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Account>111111111111</Account>\
             <Arn>arn:aws:iam::111111111111:user/a&amp;b</Arn></GetCallerIdentityResult>\
             <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
             </GetCallerIdentityResponse>",
            id()
        )
    );
}

#[test]
fn policy_documents_are_percent_encoded_in_answers() {
    let answer = iam::GetRolePolicyResponse {
        policy_document: "{\"a b\": \"+~\"}".to_owned(),
        ..Default::default()
    };
    let body = String::from_utf8(encode(answer, &id()).body).unwrap();
    assert!(body.contains("<PolicyDocument>%7B%22a%20b%22%3A%20%22%2B~%22%7D</PolicyDocument>"));
}

#[test]
fn both_families_write_their_errors() {
    let iam = service("iam").unwrap();
    let error = AwsError::of(
        iam,
        "NoSuchEntity",
        "The role with name <x> cannot be found.",
    );
    let response = encode_error(iam, &error, &id());
    assert_eq!(response.status, 404);
    assert_eq!(
        String::from_utf8(response.body).unwrap(),
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
             <Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>The role with name &lt;x&gt; cannot be found.</Message></Error>\
             <RequestId>{}</RequestId></ErrorResponse>",
            id()
        )
    );
    let eks = service("eks").unwrap();
    let error = AwsError::of(
        eks,
        "ResourceNotFoundException",
        "No cluster found for name: X.",
    );
    let response = encode_error(eks, &error.with_detail("clusterName", "X"), &id());
    assert_eq!(response.status, 404);
    assert_eq!(
        String::from_utf8(response.body).unwrap(),
        "{\"message\":\"No cluster found for name: X.\",\"clusterName\":\"X\"}"
    );
    let header = ("x-amzn-errortype", "ResourceNotFoundException".to_owned());
    assert!(response.headers.contains(&header));
}

#[test]
fn a_record_names_parameters_as_cloudtrail_does() {
    let body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fx\
                &Tags.member.1.Key=a&DurationSeconds=not+a+number";
    let call = route(&signed("sts"), body.as_bytes()).unwrap();
    assert!(call.operation.is_read_only());
    let shown = call.shown_parameters();
    let shown: Vec<_> = shown
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(
        shown,
        [
            ("durationSeconds", "not a number"),
            ("roleArn", "arn:aws:iam::111111111111:role/x"),
            ("tags.member.1.Key", "a"),
        ]
    );
    let head = Head {
        path: "/clusters/a%2Fb/update-config",
        ..signed("eks")
    };
    let call = route(
        &head,
        br#"{"clientRequestToken":"t","logging":{"clusterLogging":[]}}"#,
    )
    .unwrap();
    assert!(!call.operation.is_read_only());
    let shown = call.shown_parameters();
    let shown: Vec<_> = shown
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(
        shown,
        [
            ("name", "a/b"),
            ("clientRequestToken", "t"),
            ("logging", r#"{"clusterLogging":[]}"#),
        ]
    );
}
