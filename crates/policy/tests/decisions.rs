//! Who may do what, as rows: matching, conditions, variables, layers, and what is said of a denial.

use names::{AccountId, Arn, UniqueId};
use policy::{
    Decision, Layers, Operation, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal,
    PrincipalDirectory, Question, RequestContext, ResourcePolicy, TrustPolicy, authorise, decide,
    explain,
};

const CI: &str = "111111111111";
const DEV: &str = "222222222222";
const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";
const USER: &str = "arn:aws:iam::111111111111:user/bob";
const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";
const OTHER_PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/B";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build";
const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/guest";
const TARGET: &str = "arn:aws:iam::222222222222:role/dev-role";
const OWN_TARGET: &str = "arn:aws:iam::111111111111:role/dev-role";

fn id_of_role() -> UniqueId {
    "AROAAAAAAAAAAAAAAAAAA".parse().expect("an id")
}

fn id_of_user() -> UniqueId {
    "AIDAAAAAAAAAAAAAAAAAA".parse().expect("an id")
}

struct Directory;

impl PrincipalDirectory for Directory {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        match arn.as_str() {
            ROLE => Some(id_of_role()),
            USER => Some(id_of_user()),
            _ => None,
        }
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

fn user() -> Principal {
    Principal::User {
        arn: USER.parse().expect("an ARN"),
        id: id_of_user(),
    }
}

fn session() -> Principal {
    Principal::RoleSession {
        role: ROLE.parse().expect("an ARN"),
        role_id: id_of_role(),
        session: "build".parse().expect("a name"),
    }
}

fn federated() -> Principal {
    Principal::FederatedUser {
        name: "guest".parse().expect("a name"),
        user: USER.parse().expect("an ARN"),
        user_id: id_of_user(),
    }
}

fn root() -> Principal {
    Principal::Root {
        partition: names::Partition::Aws,
        account: account(CI),
    }
}

fn service() -> Principal {
    Principal::Service {
        name: "pods.eks.amazonaws.com".to_owned(),
    }
}

fn web() -> Principal {
    Principal::WebIdentity {
        provider: PROVIDER.parse().expect("an ARN"),
    }
}

fn account(digits: &str) -> AccountId {
    digits.parse().expect("an account")
}

/// A set of one document with one statement.
fn set(kind: PolicyKind, elements: &str) -> PolicySet {
    let text = format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{{{elements}}}]}}");
    let policy = PermissionsPolicy::parse(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let source = PolicySource {
        kind,
        arn: (kind == PolicyKind::Boundary)
            .then(|| "arn:aws:iam::111111111111:policy/edge".to_owned()),
        name: "inline".to_owned(),
        attached_to: None,
        text: text.into(),
    };
    PolicySet::compile(vec![(source, policy.document().clone())])
}

fn trust(elements: &str) -> TrustPolicy {
    let text = format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[{{{elements}}}]}}");
    TrustPolicy::parse(&text, &Directory).unwrap_or_else(|why| panic!("{why}: {text}"))
}

fn trusting(principal: &str) -> TrustPolicy {
    trust(&format!(
        r#""Effect":"Allow","Principal":{principal},"Action":"sts:*""#
    ))
}

/// Whether an identity's one Allow with these elements allows.
fn allows(elements: &str, action: &str, resource: &str, context: &RequestContext) -> bool {
    let identity = set(
        PolicyKind::Identity,
        &format!(r#""Effect":"Allow",{elements}"#),
    );
    let layers = Layers {
        identity: Some(&identity),
        ..Layers::default()
    };
    let question = Question {
        principal: &user(),
        action,
        resource,
        resource_account: None,
        context,
    };
    let decision = decide(&question, &layers);
    assert_eq!(explain(&question, &layers).decision, decision);
    decision.is_allowed()
}

#[test]
fn actions_match_by_service_and_pattern() {
    for (elements, action, wanted) in [
        (r#""Action":"*""#, "iam:GetRole", true),
        (r#""Action":"IAM:getrole""#, "iam:GetRole", true),
        (r#""Action":"iam:Get*""#, "iam:GetRole", true),
        (r#""Action":"iam:Get?ole""#, "iam:GetRole", true),
        (r#""Action":"iam:Get*""#, "iam:ListRoles", false),
        (r#""Action":"iam:*""#, "sts:AssumeRole", false),
        (r#""Action":"iam:Get Role""#, "iam:Get Role", false),
        (
            r#""Action":["iam:GetUser","iam:GetRole"]"#,
            "iam:GetRole",
            true,
        ),
        (r#""NotAction":"iam:*""#, "iam:GetRole", false),
        (r#""NotAction":"iam:*""#, "sts:AssumeRole", true),
        (r#""NotAction":"iam:Get,Role""#, "iam:GetRole", true),
    ] {
        let elements = format!(r#"{elements},"Resource":"*""#);
        assert_eq!(
            allows(&elements, action, "*", &RequestContext::new()),
            wanted,
            "{elements} {action}"
        );
    }
}

#[test]
fn resources_match_segment_by_segment() {
    let role = "arn:aws:iam::111111111111:role/a/b";
    for (elements, resource, wanted) in [
        (r#""Resource":"*""#, "*", true),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/*""#,
            "*",
            false,
        ),
        (r#""Resource":"arn:aws:iam::*""#, role, true),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/*""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/A/b""#,
            role,
            false,
        ),
        (r#""Resource":"arn:aws:IAM::1*:role/?/b""#, role, true),
        (r#""Resource":"arn:aws:iam::2*:role/a/b""#, role, false),
        (
            r#""NotResource":"arn:aws:iam::111111111111:role/*""#,
            role,
            false,
        ),
        (
            r#""NotResource":"arn:aws:iam::111111111111:user/*""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:username}/b""#,
            role,
            true,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:none}/b""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${aws:none,'a'}/b""#,
            role,
            true,
        ),
        (
            r#""NotResource":"arn:aws:iam::111111111111:role/${aws:none}/b""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${tag:star}""#,
            role,
            false,
        ),
        (
            r#""Resource":"arn:aws:iam::111111111111:role/${tag:star}""#,
            "arn:aws:iam::111111111111:role/*",
            true,
        ),
    ] {
        let mut context = RequestContext::new();
        context.set("aws:username", "a").set("tag:star", "*");
        let elements = format!(r#""Action":"iam:*",{elements}"#);
        assert_eq!(
            allows(&elements, "iam:GetRole", resource, &context),
            wanted,
            "{elements} {resource}"
        );
    }
}

/// Whether `{operator: {k: wanted}}` holds when `k` has these values.
fn holds(operator: &str, wanted: &str, found: &[&str]) -> bool {
    let mut context = RequestContext::new();
    match found {
        [one] => context.set("K", *one),
        several => context.set_list("K", several.iter().copied()),
    };
    context
        .set("aws:username", "bob")
        .set("tag:star", "b*")
        .set_list("many", ["a", "b"]);
    let elements =
        format!(r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"k":{wanted}}}}}"#);
    allows(&elements, "iam:GetRole", "*", &context)
}

#[test]
fn presence_is_decided_before_anything_is_compared() {
    // Operator, and what it says of: an absent key, an equal value, another value, several values.
    for (operator, absent, equal, other, several) in [
        ("StringEquals", false, true, false, false),
        ("StringNotEquals", true, false, true, false),
        ("StringEqualsIfExists", true, true, false, false),
        ("StringNotEqualsIfExists", true, false, true, false),
        ("ForAllValues:StringEquals", true, true, false, false),
        ("ForAllValues:StringNotEquals", true, false, true, false),
        ("ForAnyValue:StringEquals", false, true, false, true),
        ("ForAnyValue:StringNotEquals", false, false, true, true),
        (
            "ForAllValues:StringEqualsIfExists",
            true,
            true,
            false,
            false,
        ),
        ("ForAnyValue:StringEqualsIfExists", false, true, false, true),
        ("forallvalues:stringlike", true, true, false, false),
    ] {
        let said =
            [&[][..], &["a"], &["b"], &["a", "b"]].map(|found| holds(operator, r#""a""#, found));
        assert_eq!(said, [absent, equal, other, several], "{operator}");
    }
    for (wanted, said) in [
        (r#""true""#, [true, false, false]),
        ("false", [false, true, true]),
        (r#""x""#, [false; 3]),
    ] {
        assert_eq!(
            [&[][..], &[""], &["a", "b"]].map(|found| holds("Null", wanted, found)),
            said,
            "Null {wanted}"
        );
    }
    assert!(
        holds("StringNotEquals", r#""a""#, &[""]),
        "an empty text is a value"
    );
    assert!(
        holds("ForAllValues:StringEquals", r#""a""#, &[""]),
        "but not to a set operator"
    );
    assert!(
        !holds("ForAnyValue:StringNotEquals", r#""a""#, &[""]),
        "nor to the other"
    );
    assert!(!holds("StringEquals", "[]", &["a"]));
    assert!(holds("StringNotEquals", "[]", &["a"]));
}

#[test]
fn every_operator_compares_as_the_manual_says() {
    for (operator, wanted, found, said) in [
        ("StringEquals", r#""a*""#, "abc", false),
        ("StringEquals", r#"["x","abc"]"#, "abc", true),
        ("StringEquals", r#""ABC""#, "abc", false),
        ("StringNotEquals", r#"["x","abc"]"#, "abc", false),
        ("StringEqualsIgnoreCase", r#""ABC""#, "abc", true),
        ("StringNotEqualsIgnoreCase", r#""ABC""#, "abc", false),
        ("StringLike", r#""a*:/?""#, "abc:/d", true),
        ("StringLike", r#""A*""#, "abc", false),
        ("StringNotLike", r#""a*""#, "abc", false),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "10.0", false),
        ("NumericNotEquals", r#""ten""#, "10", false),
        ("NumericNotEquals", "10", "ten", false),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "-1", "0", true),
        ("NumericGreaterThanEquals", "0", "-1", false),
        ("NumericEquals", r#""1e1""#, "10", false),
        (
            "DateEquals",
            r#""2026-01-01""#,
            "2026-01-01T00:00:00Z",
            true,
        ),
        (
            "DateNotEquals",
            r#""2026-01-01""#,
            "2026-01-01T00:00:00Z",
            false,
        ),
        ("DateNotEquals", r#""2026-01-01""#, "never", false),
        (
            "DateLessThan",
            r#""2026-01-01T01:00:00+01:00""#,
            "2025-12-31T23:59:59Z",
            true,
        ),
        (
            "DateLessThanEquals",
            "1700000000",
            "2023-11-14T22:13:20Z",
            true,
        ),
        ("DateGreaterThan", "1700000000", "1700000001", true),
        ("DateGreaterThanEquals", "1700000000", "1699999999", false),
        ("Bool", "true", "TRUE", true),
        ("Bool", r#""False""#, "false", true),
        ("Bool", r#""yes""#, "true", false),
        ("Bool", "true", "yes", false),
        ("BinaryEquals", r#""AQI=""#, "AQI=", true),
        ("BinaryEquals", r#""AQI""#, "AQI", false),
        ("IpAddress", r#""10.1.2.3/8""#, "10.9.9.9", true),
        ("IpAddress", r#""10.1.2.3""#, "10.1.2.3", true),
        ("IpAddress", r#""10.1.2.3""#, "::ffff:10.1.2.3", true),
        ("IpAddress", r#""::ffff:10.0.0.0/104""#, "10.1.2.3", true),
        ("IpAddress", r#""fd00::/8""#, "fd00::1", true),
        ("IpAddress", r#""::/0""#, "10.1.2.3", false),
        ("NotIpAddress", r#""::/0""#, "10.1.2.3", true),
        ("NotIpAddress", r#""10.0.0.0/8""#, "10.1.2.3", false),
        ("NotIpAddress", r#""home""#, "10.1.2.3", false),
        ("NotIpAddress", r#""10.0.0.0/8""#, "home", false),
        ("ArnEquals", r#""arn:aws:iam::*:role/*""#, ROLE, true),
        ("ArnLike", r#""arn:aws:*:role/*""#, ROLE, false),
        ("ArnLike", r#""arn:aws:iam::*:ROLE/*""#, ROLE, false),
        ("ArnNotEquals", r#""arn:aws:iam::*:user/*""#, ROLE, true),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, ROLE, false),
        ("ArnNotLike", r#""arn:aws:iam""#, ROLE, false),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, "bob", false),
        ("StringEquals", r#""${aws:username}""#, "bob", true),
        ("StringEquals", r#""${AWS:UserName}""#, "bob", true),
        ("StringEquals", r#""${aws:none}""#, "bob", false),
        ("StringNotEquals", r#""${aws:none}""#, "bob", true),
        ("StringNotEquals", r#""${many}""#, "a", true),
        ("StringEquals", r#""${aws:none, 'bob'}""#, "bob", true),
        ("StringLike", r#""${tag:star}""#, "bob", false),
        ("StringLike", r#""${tag:star}""#, "b*", true),
        ("StringLike", r#""${*}${?}${$}*""#, "*?$x", true),
        ("StringLike", r#""${*}""#, "x", false),
        ("StringEquals", r#""${open""#, "${open", false),
        (
            "ArnLike",
            r#""arn:aws:iam::*:user/${aws:username}""#,
            USER,
            true,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:iam::*:user/${aws:none}""#,
            USER,
            true,
        ),
        ("NumericEquals", r#""${aws:none, '1'}""#, "1", false),
    ] {
        assert_eq!(
            holds(operator, wanted, &[found]),
            said,
            "{operator} {wanted} {found}"
        );
    }
}

#[test]
fn the_old_language_has_no_variables() {
    let document = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"k":"${aws:username}"}}}]}"#;
    let trust = TrustPolicy::parse(document, &Directory).unwrap();
    for (value, allowed) in [("bob", false), ("${aws:username}", true)] {
        let mut context = RequestContext::new();
        context.set("k", value).set("aws:username", "bob");
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        assert_eq!(
            decide(&assume(&user(), OWN_TARGET, &context), &layers).is_allowed(),
            allowed,
            "{value}"
        );
    }
}

fn assume<'a>(
    principal: &'a Principal,
    target: &'a str,
    context: &'a RequestContext,
) -> Question<'a> {
    let owner = if target == TARGET { DEV } else { CI };
    Question {
        principal,
        action: "sts:AssumeRole",
        resource: target,
        resource_account: Some(account(owner)),
        context,
    }
}

/// The answer in a word or two.
fn said(decision: Decision) -> String {
    match decision {
        Decision::Allow { .. } => "allow".to_owned(),
        Decision::ExplicitDeny { by } => format!("{:?} denies", by.layer),
        Decision::ImplicitDeny { layer } => format!("{layer:?} is silent"),
    }
}

#[test]
fn entries_name_callers_more_or_less_directly() {
    // With a trust policy alone: Direct, ViaRole and ViaUser suffice, Account leaves it to the caller.
    let (nothing, by_account) = ("Trust is silent", "Identity is silent");
    let callers = [
        user(),
        session(),
        federated(),
        root(),
        service(),
        web(),
        Principal::Anonymous,
    ];
    for (entry, answers) in [
        (
            r#"{"AWS":"*"}"#,
            [
                "allow", "allow", "allow", "allow", "allow", nothing, "allow",
            ],
        ),
        (
            r#"{"AWS":"111111111111"}"#,
            [
                by_account, by_account, by_account, "allow", nothing, nothing, nothing,
            ],
        ),
        (r#"{"AWS":"222222222222"}"#, [nothing; 7]),
        (
            &format!(r#"{{"AWS":"{USER}"}}"#),
            [
                "allow", nothing, "allow", nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{ROLE}"}}"#),
            [
                nothing, "allow", nothing, nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{SESSION}"}}"#),
            [
                nothing, "allow", nothing, nothing, nothing, nothing, nothing,
            ],
        ),
        (
            &format!(r#"{{"AWS":"{FEDERATED}"}}"#),
            [
                nothing, nothing, "allow", nothing, nothing, nothing, nothing,
            ],
        ),
        (
            r#"{"Service":"pods.eks.amazonaws.com"}"#,
            [
                nothing, nothing, nothing, nothing, "allow", nothing, nothing,
            ],
        ),
        (r#"{"Service":"eks.amazonaws.com"}"#, [nothing; 7]),
        (
            &format!(r#"{{"Federated":"{PROVIDER}"}}"#),
            [
                nothing, nothing, nothing, nothing, nothing, "allow", nothing,
            ],
        ),
        (
            &format!(r#"{{"Federated":"{OTHER_PROVIDER}"}}"#),
            [nothing; 7],
        ),
    ] {
        let trust = trusting(entry);
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        let context = RequestContext::new();
        let found = callers
            .each_ref()
            .map(|caller| said(decide(&assume(caller, OWN_TARGET, &context), &layers)));
        assert_eq!(found, answers, "{entry}");
    }
}

const ALLOW: &str = r#""Effect":"Allow","Action":"sts:*","Resource":"*""#;
const DENY: &str = r#""Effect":"Deny","Action":"sts:*","Resource":"*""#;
const SILENT: &str = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;

/// Trust entry, target, identity, boundary, session; `""`: no such layer.
fn check_role(caller: &Principal, entry: &str, target: &str, own: [&str; 3], answer: &str) {
    let trust = trusting(entry);
    check_layers(caller, ResourcePolicy::Trust(&trust), target, own, answer);
}

fn check_layers(
    caller: &Principal,
    resource: ResourcePolicy<'_>,
    target: &str,
    own: [&str; 3],
    answer: &str,
) {
    let kinds = [
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
    ];
    let sets: Vec<_> = kinds
        .into_iter()
        .zip(own)
        .map(|(kind, elements)| (!elements.is_empty()).then(|| set(kind, elements)))
        .collect();
    let layers = Layers {
        identity: sets[0].as_ref(),
        boundary: sets[1].as_ref(),
        session: sets[2].as_ref(),
        resource: Some(resource),
        ..Layers::default()
    };
    let context = RequestContext::new();
    let question = assume(caller, target, &context);
    assert_eq!(
        said(decide(&question, &layers)),
        answer,
        "{} {target} {own:?}",
        caller.shown_arn()
    );
}

#[test]
fn a_role_is_assumed_only_by_whom_it_trusts() {
    let (any, own_account) = (r#"{"AWS":"*"}"#, r#"{"AWS":"111111111111"}"#);
    let (role, stranger) = (
        format!(r#"{{"AWS":"{ROLE}"}}"#),
        r#"{"AWS":"333333333333"}"#,
    );
    let session = session();
    for (entry, target, own, answer) in [
        (any, OWN_TARGET, ["", SILENT, SILENT], "allow"),
        (any, OWN_TARGET, [DENY, "", ""], "Identity denies"),
        (any, OWN_TARGET, ["", DENY, ""], "Boundary denies"),
        (&role, OWN_TARGET, ["", "", ""], "allow"),
        (&role, OWN_TARGET, ["", SILENT, ""], "Boundary is silent"),
        (&role, OWN_TARGET, ["", ALLOW, SILENT], "Session is silent"),
        (own_account, OWN_TARGET, ["", "", ""], "Identity is silent"),
        (
            own_account,
            OWN_TARGET,
            [SILENT, "", ""],
            "Identity is silent",
        ),
        (own_account, OWN_TARGET, [ALLOW, "", ""], "allow"),
        (
            own_account,
            OWN_TARGET,
            [ALLOW, SILENT, ""],
            "Boundary is silent",
        ),
        (
            own_account,
            OWN_TARGET,
            [ALLOW, ALLOW, SILENT],
            "Session is silent",
        ),
        (stranger, OWN_TARGET, [ALLOW, "", ""], "Trust is silent"),
        (any, TARGET, ["", "", ""], "Identity is silent"),
        (any, TARGET, [ALLOW, "", ""], "allow"),
        (&role, TARGET, [ALLOW, SILENT, ""], "Boundary is silent"),
        (&role, TARGET, [ALLOW, ALLOW, ALLOW], "allow"),
        (stranger, TARGET, [ALLOW, "", ""], "Trust is silent"),
    ] {
        check_role(&session, entry, target, own, answer);
    }
    check_role(
        &root(),
        own_account,
        OWN_TARGET,
        [DENY, DENY, DENY],
        "allow",
    );
    check_role(&root(), own_account, TARGET, ["", "", ""], "allow");
    check_role(
        &federated(),
        own_account,
        OWN_TARGET,
        [ALLOW, "", ""],
        "Session is silent",
    );
    check_role(
        &federated(),
        own_account,
        OWN_TARGET,
        [ALLOW, "", ALLOW],
        "allow",
    );
}

#[test]
fn an_ordinary_resource_needs_no_policy_in_its_own_account() {
    let (stranger, any) = (
        trusting(r#"{"AWS":"333333333333"}"#),
        trusting(r#"{"AWS":"*"}"#),
    );
    let (stranger, any) = (
        ResourcePolicy::Ordinary(stranger.set()),
        ResourcePolicy::Ordinary(any.set()),
    );
    check_layers(&user(), stranger, OWN_TARGET, [ALLOW, "", ""], "allow");
    check_layers(
        &user(),
        stranger,
        OWN_TARGET,
        [SILENT, "", ""],
        "Identity is silent",
    );
    check_layers(&user(), any, OWN_TARGET, ["", SILENT, ""], "allow");
    check_layers(
        &user(),
        stranger,
        TARGET,
        [ALLOW, "", ""],
        "Resource is silent",
    );
    check_layers(&user(), any, TARGET, [ALLOW, "", ""], "allow");
    check_layers(&root(), stranger, OWN_TARGET, ["", "", ""], "allow");
    check_layers(
        &root(),
        stranger,
        TARGET,
        ["", "", ""],
        "Resource is silent",
    );
    let nameless = set(PolicyKind::Identity, ALLOW);
    check_layers(
        &user(),
        ResourcePolicy::Ordinary(&nameless),
        TARGET,
        [ALLOW, "", ""],
        "Resource is silent",
    );
}

#[test]
fn every_level_of_an_organisation_must_allow() {
    let level = |elements: &str| set(PolicyKind::ServiceControl, elements);
    let trust = trusting(r#"{"AWS":"*","Service":"pods.eks.amazonaws.com"}"#);
    let check = |caller: &Principal, levels: &[PolicySet], answer: &str| {
        let layers = Layers {
            service_control: Some(levels),
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        let context = RequestContext::new();
        assert_eq!(
            said(decide(&assume(caller, OWN_TARGET, &context), &layers)),
            answer
        );
    };
    check(&user(), &[level(ALLOW), level(ALLOW)], "allow");
    check(
        &user(),
        &[level(ALLOW), level(SILENT)],
        "ServiceControl(1) is silent",
    );
    check(
        &user(),
        &[level(ALLOW), PolicySet::default()],
        "ServiceControl(1) is silent",
    );
    check(
        &user(),
        &[level(SILENT), level(DENY)],
        "ServiceControl(1) denies",
    );
    check(&root(), &[level(DENY)], "ServiceControl(0) denies");
    check(&service(), &[level(DENY)], "allow");
}

#[test]
fn a_pod_chains_from_its_own_account_into_another() {
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let pod = irsa(
        r#""oidc.example/id/A:aud":"sts.amazonaws.com","oidc.example/id/A:sub":"system:serviceaccount:ci:build""#,
    );
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(&pod)),
        ..Layers::default()
    };
    let web_question = |principal| Question {
        action: "sts:AssumeRoleWithWebIdentity",
        ..assume(principal, ROLE, &context)
    };
    assert_eq!(said(decide(&web_question(&web()), &layers)), "allow");

    let narrow = format!(r#""Effect":"Allow","Action":"sts:AssumeRole","Resource":"{TARGET}""#);
    let elsewhere = narrow.replace("dev-role", "ops-role");
    let role = format!(r#"{{"AWS":"{ROLE}"}}"#);
    for (entry, identity, answer) in [
        (&*role, &*narrow, "allow"),
        (r#"{"AWS":"111111111111"}"#, &narrow, "allow"),
        (r#"{"AWS":"*"}"#, &narrow, "allow"),
        (&role, &elsewhere, "Identity is silent"),
        (r#"{"AWS":"333333333333"}"#, &narrow, "Trust is silent"),
    ] {
        check_role(&session(), entry, TARGET, [identity, "", ""], answer);
    }
    assert_eq!(session().shown_arn(), SESSION);
}

fn irsa(conditions: &str) -> TrustPolicy {
    trust(&format!(
        "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{PROVIDER}\"}},\n\"Action\":\"sts:AssumeRoleWithWebIdentity\",\n\"Condition\":{{\"StringEquals\":{{{conditions}}}}}"
    ))
}

#[test]
fn the_usual_mistakes_of_irsa_are_named_with_their_fix() {
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let check = |trust: &TrustPolicy, element: &str, found: &str, change: &str| {
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(trust)),
            ..Layers::default()
        };
        let principal = web();
        let question = Question {
            action: "sts:AssumeRoleWithWebIdentity",
            ..assume(&principal, ROLE, &context)
        };
        let explanation = explain(&question, &layers);
        let failure = explanation.layers[0].statements[0]
            .failure
            .as_ref()
            .unwrap();
        assert_eq!((&*failure.element, &*failure.found), (element, found));
        assert_eq!(explanation.smallest_change.as_deref(), Some(change));
    };
    check(
        &irsa(r#""oidc.example/id/A:sub":"system:serviceaccount:prod:build""#),
        "Condition StringEquals oidc.example/id/A:sub",
        "`system:serviceaccount:ci:build`",
        "line 6 of trust policy: let StringEquals oidc.example/id/A:sub accept `system:serviceaccount:ci:build` (it wants `system:serviceaccount:prod:build`)",
    );
    check(
        &irsa(r#""oidc.example/id/A:iss":"https://oidc.example/id/A""#),
        "Condition StringEquals oidc.example/id/A:iss",
        "the key is not in the request",
        "line 6 of trust policy: StringEquals oidc.example/id/A:iss cannot hold, since the key is not in the request: take it out or send it",
    );
    check(
        &trust(&format!(
            "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{PROVIDER}\"}},\n\"Action\":\"sts:AssumeRole\""
        )),
        "Action",
        "sts:AssumeRoleWithWebIdentity",
        "line 5 of trust policy: add `sts:AssumeRoleWithWebIdentity` to Action",
    );
    check(
        &trust(&format!(
            "\n\"Effect\":\"Allow\",\n\"Principal\":{{\"Federated\":\"{OTHER_PROVIDER}\"}},\n\"Action\":\"sts:AssumeRoleWithWebIdentity\""
        )),
        "Principal",
        PROVIDER,
        "line 4 of trust policy: add `arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A` to Principal",
    );
}

struct AssumeRole;

impl Operation for AssumeRole {
    const ACTION: &'static str = "sts:AssumeRole";
    type Target = ();
}

#[test]
fn a_denial_reads_as_awss_own() {
    let check = |caller: &Principal,
                 own: [&str; 3],
                 service_control: Option<&str>,
                 trusted: Option<&str>,
                 reason: &str| {
        let kinds = [
            PolicyKind::Identity,
            PolicyKind::Boundary,
            PolicyKind::Session,
        ];
        let sets: Vec<_> = kinds
            .into_iter()
            .zip(own)
            .map(|(kind, text)| (!text.is_empty()).then(|| set(kind, text)))
            .collect();
        let levels = service_control.map(|text| [set(PolicyKind::ServiceControl, text)]);
        let trust = trusted.map(trust);
        let layers = Layers {
            identity: sets[0].as_ref(),
            boundary: sets[1].as_ref(),
            session: sets[2].as_ref(),
            service_control: levels.as_ref().map(|levels| &levels[..]),
            resource: trust.as_ref().map(ResourcePolicy::Trust),
            ..Layers::default()
        };
        let context = RequestContext::new();
        let refusal = authorise::<AssumeRole>((), &assume(caller, OWN_TARGET, &context), &layers)
            .unwrap_err();
        let start = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: role dev-role",
            caller.shown_arn()
        );
        assert_eq!(
            refusal.wire_text("role dev-role"),
            format!("{start} {reason}")
        );
        assert_eq!(refusal.wire_text_without_reason("role dev-role"), start);
    };
    check(
        &session(),
        ["", "", ""],
        None,
        None,
        "because no identity-based policy allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, SILENT, ""],
        None,
        None,
        "because no permissions boundary allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, "", SILENT],
        None,
        None,
        "because no session policy allows the sts:AssumeRole action",
    );
    check(
        &session(),
        [ALLOW, "", ""],
        Some(SILENT),
        None,
        "with an explicit deny in a service control policy",
    );
    check(
        &session(),
        [DENY, "", ""],
        None,
        None,
        "with an explicit deny in an identity-based policy",
    );
    check(
        &session(),
        ["", "", DENY],
        None,
        None,
        "with an explicit deny in a session policy",
    );
    check(
        &session(),
        ["", DENY, ""],
        None,
        None,
        "with an explicit deny in a permissions boundary: arn:aws:iam::111111111111:policy/edge",
    );
    let service =
        r#""Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:*""#;
    check(
        &user(),
        [ALLOW, "", ""],
        None,
        Some(service),
        "because no role trust policy allows the sts:AssumeRole action",
    );
    let denying = r#""Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*""#;
    check(
        &user(),
        [ALLOW, "", ""],
        None,
        Some(denying),
        "with an explicit deny in the role trust policy",
    );
    check(
        &Principal::Anonymous,
        ["", "", ""],
        None,
        Some(service),
        "because no role trust policy allows the sts:AssumeRole action",
    );
}
