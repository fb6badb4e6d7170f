//! The same question, answered by the plainest code there is: an interpreter of the manual's sentences
//! over JSON, without index, types or cache. Where it and `decide` differ, one of them is wrong.

use names::{Arn, UniqueId};
use policy::{
    Decision, Layer, Layers, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal,
    PrincipalDirectory, Question, RequestContext, ResourcePolicy, TrustPolicy, decide, explain,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111111111111:role/ci";
const USER: &str = "arn:aws:iam::111111111111:user/bob";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build";
const GUEST: &str = "arn:aws:sts::111111111111:federated-user/guest";
const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";
const SERVICE: &str = "pods.eks.amazonaws.com";

struct Directory;

impl PrincipalDirectory for Directory {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        let id = match arn.as_str() {
            ROLE => "AROAAAAAAAAAAAAAAAAAA",
            USER => "AIDAAAAAAAAAAAAAAAAAA",
            _ => return None,
        };
        id.parse().ok()
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

/// Everything a decision depends on, as plain data.
#[derive(Debug, Clone)]
struct Case {
    caller: &'static str,
    action: &'static str,
    resource: &'static str,
    owner: &'static str,
    context: Vec<(&'static str, Vec<&'static str>)>,
    identity: Option<Vec<Value>>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    service_control: Option<Vec<Vec<Value>>>,
    resource_policy: Option<Vec<Value>>,
    is_trust: bool,
}

// The reference.

/// `None`: the layer is absent. Otherwise whether it denies, and the strongest of its allows.
type Said = Option<(bool, Option<u8>)>;

const DIRECT: u8 = 4;
const VIA_USER: u8 = 3;
const VIA_ROLE: u8 = 2;
const ACCOUNT: u8 = 1;

fn reference(case: &Case) -> String {
    let has_account = matches!(case.caller, "user" | "session" | "guest" | "root");
    let has_policies = has_account && case.caller != "root";
    let own = |layer: &Option<Vec<Value>>| -> Said {
        layer
            .as_ref()
            .filter(|_| has_policies)
            .map(|statements| ask(case, statements, false))
    };
    let (identity, boundary, session) =
        (own(&case.identity), own(&case.boundary), own(&case.session));
    let levels: Vec<_> = case
        .service_control
        .iter()
        .filter(|_| has_account)
        .flatten()
        .map(|level| ask(case, level, false))
        .collect();
    let resource: Said = case
        .resource_policy
        .as_ref()
        .map(|statements| ask(case, statements, true));
    let resource_name = if case.is_trust && case.resource_policy.is_some() {
        "Trust"
    } else {
        "Resource"
    };

    for (level, said) in levels.iter().enumerate() {
        if said.0 {
            return format!("ServiceControl({level}) denies");
        }
    }
    for (name, said) in [
        (resource_name, resource),
        ("Identity", identity),
        ("Boundary", boundary),
        ("Session", session),
    ] {
        if said.is_some_and(|said| said.0) {
            return format!("{name} denies");
        }
    }
    for (level, said) in levels.iter().enumerate() {
        if said.1.is_none() {
            return format!("ServiceControl({level}) is silent");
        }
    }
    let strength = resource.and_then(|said| said.1).unwrap_or(0);
    let same_account = has_account && case.owner == "111111111111";
    let trust_required = resource_name == "Trust";
    let allows = |said: Said| said.is_some_and(|said| said.1.is_some());

    let (mut needs_resource, mut needs_identity, mut needs_narrowing) = (false, false, false);
    if !has_account {
        needs_resource = true;
    } else if case.caller == "root" {
        needs_resource = !same_account || trust_required;
    } else if !same_account {
        (needs_resource, needs_identity, needs_narrowing) = (true, true, true);
    } else if strength == DIRECT {
    } else if strength == VIA_ROLE || strength == VIA_USER {
        needs_narrowing = true;
    } else {
        (needs_resource, needs_identity, needs_narrowing) = (trust_required, true, true);
    }
    if needs_resource && strength == 0 {
        return format!("{resource_name} is silent");
    }
    if needs_identity && !allows(identity) {
        return "Identity is silent".to_owned();
    }
    if needs_narrowing && boundary.is_some() && !allows(boundary) {
        return "Boundary is silent".to_owned();
    }
    let session_missing = case.caller == "guest" && needs_identity && session.is_none();
    if needs_narrowing && (session_missing || (session.is_some() && !allows(session))) {
        return "Session is silent".to_owned();
    }
    "allow".to_owned()
}

fn ask(case: &Case, statements: &[Value], names_principals: bool) -> (bool, Option<u8>) {
    let mut said = (false, None);
    for statement in statements {
        let strength = if names_principals {
            strength(case.caller, &statement["Principal"])
        } else {
            DIRECT
        };
        if strength == 0
            || !action(case, statement)
            || !resource(case, statement)
            || !conditions(case, statement)
        {
            continue;
        }
        if statement["Effect"] == "Deny" {
            said.0 = true;
        } else {
            said.1 = said.1.max(Some(strength));
        }
    }
    said
}

fn list(value: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    if value.is_null() {
        return Vec::new();
    }
    value.as_array().map_or_else(
        || vec![text(value)],
        |items| items.iter().map(text).collect(),
    )
}

fn strength(caller: &str, principal: &Value) -> u8 {
    let mut strongest = 0;
    for (kind, names) in principal.as_object().into_iter().flatten() {
        for name in list(names) {
            let one = match (kind.as_str(), name.as_str(), caller) {
                ("AWS", "*", "web") => 0,
                ("AWS", "*", _) => DIRECT,
                ("AWS", "111111111111", "user" | "session" | "guest" | "root") => ACCOUNT,
                ("AWS", USER, "user") => DIRECT,
                ("AWS", USER, "guest") => VIA_USER,
                ("AWS", ROLE, "session") => VIA_ROLE,
                ("AWS", SESSION, "session") | ("AWS", GUEST, "guest") => DIRECT,
                ("Service", SERVICE, "service") | ("Federated", PROVIDER, "web") => DIRECT,
                _ => 0,
            };
            strongest = strongest.max(one);
        }
    }
    strongest
}

fn action(case: &Case, statement: &Value) -> bool {
    let fits = |pattern: &String| {
        pattern == "*"
            || glob(
                &symbols(&pattern.to_lowercase()),
                &case.action.to_lowercase(),
            )
    };
    let not = &statement["NotAction"];
    if not.is_null() {
        return list(&statement["Action"]).iter().any(fits);
    }
    !list(not).iter().any(fits)
}

fn resource(case: &Case, statement: &Value) -> bool {
    let fit = |patterns: &Value| -> Vec<Option<bool>> {
        list(patterns)
            .iter()
            .map(|pattern| resource_fits(case, pattern))
            .collect()
    };
    match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, Value::Null) => true,
        (Value::Null, not) => fit(not).iter().all(|fits| *fits == Some(false)),
        (patterns, _) => fit(patterns).contains(&Some(true)),
    }
}

/// `None`: a variable has no value.
fn resource_fits(case: &Case, pattern: &str) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    let mut wanted: Vec<_> = pattern.splitn(6, ':').collect();
    wanted.resize(6, "*");
    let rest = expand(case, wanted[5])?;
    let found: Vec<_> = case.resource.splitn(6, ':').collect();
    if found.len() < 6 {
        return Some(false);
    }
    let first = (0..5).all(|at| {
        glob(
            &symbols(&wanted[at].to_lowercase()),
            &found[at].to_lowercase(),
        )
    });
    Some(first && glob(&rest, found[5]))
}

fn conditions(case: &Case, statement: &Value) -> bool {
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            if !condition(case, operator, key, &list(wanted)) {
                return false;
            }
        }
    }
    true
}

fn condition(case: &Case, operator: &str, key: &str, wanted: &[String]) -> bool {
    let mut found: Vec<&str> = Vec::new();
    for (name, values) in &case.context {
        if name.eq_ignore_ascii_case(key) {
            found.clone_from(values);
        }
    }
    if operator == "Null" {
        let absent = found.is_empty().to_string();
        return wanted.iter().any(|one| one.to_lowercase() == absent);
    }
    let (set, name) = operator.split_once(':').unwrap_or(("", operator));
    let (base, if_exists) = name
        .strip_suffix("IfExists")
        .map_or((name, false), |base| (base, true));
    let negated = base.contains("Not");
    if !set.is_empty() && found == [""] {
        found.clear();
    }
    let satisfies = |value: &&str| {
        let results: Vec<_> = wanted
            .iter()
            .map(|one| compare(case, base, value, one))
            .collect();
        if negated {
            results.iter().all(|result| *result == Some(false))
        } else {
            results.contains(&Some(true))
        }
    };
    match (set, found.len()) {
        ("ForAllValues", _) => found.iter().all(satisfies),
        ("ForAnyValue", _) => found.iter().any(satisfies),
        (_, 0) => if_exists || negated,
        (_, 1) => satisfies(&found[0]),
        (_, _) => false,
    }
}

/// Whether the positive comparison holds; `None`: one side is not of the operator's kind.
fn compare(case: &Case, base: &str, found: &str, wanted: &str) -> Option<bool> {
    let expanded = expand(case, wanted);
    let plain = |symbols: Vec<Symbol>| -> String {
        let text = |symbol: &Symbol| match symbol {
            Symbol::Is(one) => *one,
            Symbol::Any => '?',
            Symbol::Star => '*',
        };
        symbols.iter().map(text).collect()
    };
    let number = |text: &str| -> Option<i64> {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())?
    };
    let address =
        |text: &str| -> Option<u32> { Some(text.parse::<std::net::Ipv4Addr>().ok()?.into()) };
    match base.replace("Not", "").as_str() {
        "StringEquals" => Some(expanded.is_some_and(|wanted| plain(wanted) == found)),
        "StringEqualsIgnoreCase" => {
            Some(expanded.is_some_and(|wanted| plain(wanted).eq_ignore_ascii_case(found)))
        }
        "StringLike" => Some(expanded.is_some_and(|wanted| glob(&wanted, found))),
        "NumericEquals" => Some(number(found)? == number(wanted)?),
        "NumericLessThan" => Some(number(found)? < number(wanted)?),
        "NumericGreaterThanEquals" => Some(number(found)? >= number(wanted)?),
        "IpAddress" => {
            let (network, length) = wanted.split_once('/').unwrap_or((wanted, "32"));
            let shift = 32 - length.parse::<u32>().ok()?;
            Some(address(found)?.checked_shr(shift) == address(network)?.checked_shr(shift))
        }
        "Bool" => {
            let truth = |text: &str| text.to_lowercase().parse::<bool>().ok();
            Some(truth(found)? == truth(&plain(expanded?))?)
        }
        other => panic!("the reference has no {other}"),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Symbol {
    Is(char),
    Any,
    Star,
}

fn symbols(pattern: &str) -> Vec<Symbol> {
    let symbol = |one| match one {
        '*' => Symbol::Star,
        '?' => Symbol::Any,
        other => Symbol::Is(other),
    };
    pattern.chars().map(symbol).collect()
}

/// Puts values in place of variables; `None`: one has none.
fn expand(case: &Case, pattern: &str) -> Option<Vec<Symbol>> {
    let Some((before, rest)) = pattern.split_once("${") else {
        return Some(symbols(pattern));
    };
    let (name, after) = rest.split_once('}')?;
    let (name, default) = name
        .split_once(", ")
        .map_or((name, None), |(name, default)| (name, Some(default)));
    let values = case
        .context
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, values)| values);
    let value = match (values.map(Vec::as_slice), default) {
        (Some([one]), _) => *one,
        (None | Some([]), Some(default)) => default.trim_matches('\''),
        _ => return None,
    };
    let mut expanded = symbols(before);
    expanded.extend(value.chars().map(Symbol::Is));
    expanded.extend(expand(case, after)?);
    Some(expanded)
}

fn glob(pattern: &[Symbol], text: &str) -> bool {
    let mut rest = text.chars();
    match pattern.first() {
        None => text.is_empty(),
        Some(Symbol::Star) => {
            glob(&pattern[1..], text) || (rest.next().is_some() && glob(pattern, rest.as_str()))
        }
        Some(Symbol::Any) => rest.next().is_some() && glob(&pattern[1..], rest.as_str()),
        Some(Symbol::Is(one)) => rest.next() == Some(*one) && glob(&pattern[1..], rest.as_str()),
    }
}

// The engine, asked the same.

fn caller(name: &str) -> Principal {
    let id = |text: &str| text.parse().expect("an id");
    match name {
        "user" => Principal::User {
            arn: USER.parse().expect("an ARN"),
            id: id("AIDAAAAAAAAAAAAAAAAAA"),
        },
        "session" => Principal::RoleSession {
            role: ROLE.parse().expect("an ARN"),
            role_id: id("AROAAAAAAAAAAAAAAAAAA"),
            session: "build".parse().expect("a name"),
        },
        "guest" => Principal::FederatedUser {
            name: "guest".parse().expect("a name"),
            user: USER.parse().expect("an ARN"),
            user_id: id("AIDAAAAAAAAAAAAAAAAAA"),
        },
        "root" => Principal::Root {
            partition: names::Partition::Aws,
            account: "111111111111".parse().expect("an account"),
        },
        "service" => Principal::Service {
            name: SERVICE.to_owned(),
        },
        "web" => Principal::WebIdentity {
            provider: PROVIDER.parse().expect("an ARN"),
        },
        _ => Principal::Anonymous,
    }
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A document of no statements does not exist; a layer may have none.
fn set(kind: PolicyKind, statements: &[Value]) -> PolicySet {
    if statements.is_empty() {
        return PolicySet::default();
    }
    let text = document(statements);
    let policy = PermissionsPolicy::parse(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let source = PolicySource {
        kind,
        arn: None,
        name: "p".to_owned(),
        attached_to: None,
        text: text.into(),
    };
    PolicySet::compile(vec![(source, policy.document().clone())])
}

fn engine(case: &Case) -> String {
    let one =
        |kind, layer: &Option<Vec<Value>>| layer.as_ref().map(|statements| set(kind, statements));
    let identity = one(PolicyKind::Identity, &case.identity);
    let boundary = one(PolicyKind::Boundary, &case.boundary);
    let session = one(PolicyKind::Session, &case.session);
    let levels: Option<Vec<_>> = case.service_control.as_ref().map(|levels| {
        levels
            .iter()
            .map(|level| set(PolicyKind::ServiceControl, level))
            .collect()
    });
    let trust = case.resource_policy.as_ref().map(|statements| {
        let text = document(statements);
        TrustPolicy::parse(&text, &Directory).unwrap_or_else(|why| panic!("{why}: {text}"))
    });
    let mut context = RequestContext::new();
    for (key, values) in &case.context {
        match values.as_slice() {
            [only] => context.set(key, *only),
            several => context.set_list(key, several.iter().copied()),
        };
    }
    let layers = Layers {
        identity: identity.as_ref(),
        boundary: boundary.as_ref(),
        session: session.as_ref(),
        service_control: levels.as_deref(),
        resource_control: None,
        resource: trust.as_ref().map(|trust| match case.is_trust {
            true => ResourcePolicy::Trust(trust),
            false => ResourcePolicy::Ordinary(trust.set()),
        }),
    };
    let principal = caller(case.caller);
    let question = Question {
        principal: &principal,
        action: case.action,
        resource: case.resource,
        resource_account: Some(case.owner.parse().expect("an account")),
        context: &context,
    };
    let decision = decide(&question, &layers);
    let explanation = explain(&question, &layers);
    assert_eq!(
        explanation.decision, decision,
        "explaining decides otherwise"
    );
    if let Decision::ExplicitDeny { by } = decision {
        let named = explanation
            .layers
            .iter()
            .filter(|one| one.layer == by.layer)
            .flat_map(|one| &one.statements);
        assert!(
            named.into_iter().any(|one| one.failure.is_none()),
            "no statement explains the deny"
        );
    }
    match decision {
        Decision::Allow { .. } => "allow".to_owned(),
        Decision::ExplicitDeny { by } => format!("{:?} denies", by.layer),
        Decision::ImplicitDeny { layer } => {
            assert!(!matches!(layer, Layer::ResourceControl(_)));
            format!("{layer:?} is silent")
        }
    }
}

// The generator: small alphabets, so that things match often.

const KEYS: [&str; 4] = ["k:one", "k:two", "K:Three", "k:four"];

fn effect() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("Allow"), 1 => Just("Deny")]
}

fn operator() -> impl Strategy<Value = String> {
    let bases = [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericGreaterThanEquals",
        "Bool",
        "IpAddress",
        "NotIpAddress",
    ];
    let plain = (
        select(vec!["", "", "ForAllValues:", "ForAnyValue:"]),
        select(bases.to_vec()),
        select(vec!["", "", "IfExists"]),
    )
        .prop_map(|(set, base, suffix)| format!("{set}{base}{suffix}"));
    prop_oneof![8 => plain, 1 => Just("Null".to_owned())]
}

fn value() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a",
        "A",
        "ab",
        "a*",
        "?",
        "*",
        "1",
        "2",
        "true",
        "False",
        "",
        "${k:one}",
        "${k:two}",
        "${k:none, 'a'}x",
        "10.0.0.1",
        "10.0.0.0/8",
    ])
}

fn conditions_of() -> impl Strategy<Value = Value> {
    let one = (
        operator(),
        select(KEYS.to_vec()),
        prop::collection::vec(value(), 0..3),
    );
    prop::collection::vec(one, 0..3).prop_map(|lines| {
        let mut conditions = json!({});
        for (operator, key, values) in lines {
            conditions[operator][key] = json!(values);
        }
        conditions
    })
}

fn permission() -> impl Strategy<Value = Value> {
    let actions = select(vec![
        "*",
        "sts:*",
        "STS:assumerole",
        "sts:Assume*",
        "sts:TagSession",
        "s3:*",
    ]);
    let resources = select(vec![
        "*",
        "arn:aws:iam::*",
        "arn:aws:iam::111111111111:role/a",
        "arn:aws:iam::*:role/a?",
        "arn:aws:IAM::222222222222:role/*",
        "arn:aws:iam::111111111111:role/${k:one}",
        "arn:aws:s3:::b",
        "arn:aws:iam::111111111111:role/ab",
    ]);
    let actions = prop::collection::vec(actions, 1..3);
    let resources = prop::collection::vec(resources, 1..3);
    let names = (
        prop_oneof![5 => Just("Action"), 1 => Just("NotAction")],
        prop_oneof![5 => Just("Resource"), 1 => Just("NotResource")],
    );
    (effect(), names, actions, resources, conditions_of()).prop_map(|(effect, (action, resource), actions, resources, conditions)| {
        json!({"Effect": effect, action: actions, resource: resources, "Condition": conditions})
    })
}

fn trust_statement() -> impl Strategy<Value = Value> {
    let principals = select(vec![
        json!({"AWS": "*"}),
        json!({"AWS": "111111111111"}),
        json!({"AWS": ["222222222222", ROLE]}),
        json!({"AWS": USER}),
        json!({"AWS": SESSION}),
        json!({"AWS": GUEST}),
        json!({"Service": SERVICE}),
        json!({"Federated": PROVIDER}),
        json!({"AWS": [ROLE, "111111111111"], "Service": SERVICE}),
    ]);
    let actions = select(vec![
        "sts:*",
        "sts:AssumeRole",
        "sts:Assume*",
        "sts:TagSession",
    ]);
    (effect(), principals, prop::collection::vec(actions, 1..3), conditions_of()).prop_map(|(effect, principal, actions, conditions)| {
        json!({"Effect": effect, "Principal": principal, "Action": actions, "Condition": conditions})
    })
}

fn case() -> impl Strategy<Value = Case> {
    let layer = |most| prop::option::of(prop::collection::vec(permission(), 0..most));
    let found = prop::collection::vec(
        select(vec![
            "a", "A", "ab", "b", "1", "2", "true", "*", "", "10.0.0.1",
        ]),
        0..3,
    );
    let question = (
        select(vec![
            "user",
            "session",
            "session",
            "guest",
            "root",
            "service",
            "web",
            "anonymous",
        ]),
        select(vec!["sts:AssumeRole", "sts:TagSession"]),
        select(vec![
            "arn:aws:iam::111111111111:role/a",
            "arn:aws:iam::111111111111:role/ab",
            "arn:aws:iam::222222222222:role/a",
            "*",
        ]),
        select(vec!["111111111111", "111111111111", "222222222222"]),
        prop::collection::vec(found, 3),
    );
    let levels = prop::option::weighted(
        0.3,
        prop::collection::vec(prop::collection::vec(permission(), 0..3), 1..3),
    );
    let resource = prop::option::weighted(0.8, prop::collection::vec(trust_statement(), 1..7));
    (
        question,
        layer(9),
        layer(3),
        layer(3),
        levels,
        resource,
        any::<bool>(),
    )
        .prop_map(
            |(
                (caller, action, resource, owner, found),
                identity,
                boundary,
                session,
                service_control,
                resource_policy,
                is_trust,
            )| Case {
                caller,
                action,
                resource,
                owner,
                context: KEYS.into_iter().zip(found).collect(),
                identity,
                boundary,
                session,
                service_control,
                resource_policy,
                is_trust,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_decides_as_the_manual_reads(case in case()) {
        prop_assert_eq!(engine(&case), reference(&case));
    }

    #[test]
    fn the_order_of_statements_is_irrelevant(case in case()) {
        let mut turned = case.clone();
        let layers = [&mut turned.identity, &mut turned.boundary, &mut turned.session, &mut turned.resource_policy];
        layers.into_iter().flatten().for_each(|statements| statements.reverse());
        prop_assert_eq!(engine(&turned), engine(&case));
    }

    #[test]
    fn adding_a_deny_never_allows_and_adding_an_allow_never_denies(case in case(), deny in permission(), at in 0..3_usize) {
        let with = |effect: &str| {
            let mut more = case.clone();
            let mut statement = deny.clone();
            statement["Effect"] = json!(effect);
            let layers = [&mut more.identity, &mut more.boundary, &mut more.session];
            if let Some(Some(statements)) = layers.into_iter().nth(at) {
                statements.push(statement);
            }
            engine(&more)
        };
        let before = engine(&case);
        prop_assert!(before == "allow" || with("Deny") != "allow");
        prop_assert!(before != "allow" || with("Allow") == "allow");
    }

    #[test]
    fn without_an_organisation_nothing_is_lost(case in case()) {
        let mut alone = case.clone();
        alone.service_control = None;
        prop_assert!(engine(&case) != "allow" || engine(&alone) == "allow");
    }

    #[test]
    fn for_all_values_is_not_for_any_value_not(
        case in case(),
        family in select(vec![("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike")]),
        wanted in prop::collection::vec(value(), 0..3),
    ) {
        let with = |operator: String| {
            let mut one = case.clone();
            let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"k:one": wanted}}});
            one.caller = "user";
            one.owner = "111111111111";
            (one.identity, one.boundary, one.session, one.service_control, one.resource_policy) = (Some(vec![statement]), None, None, None, None);
            engine(&one) == "allow"
        };
        prop_assert_ne!(with(format!("ForAllValues:{}", family.0)), with(format!("ForAnyValue:{}", family.1)));
    }
}

#[test]
fn many_statements_of_many_lengths_are_found() {
    let arn = |number: usize| {
        format!(
            "arn:aws:iam::111111111111:role/{}{number}",
            "x".repeat(number * 3)
        )
    };
    let statements: Vec<_> =
        (0..60).map(|number| json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn(number)})).collect();
    let identity = set(PolicyKind::Identity, &statements);
    let layers = Layers {
        identity: Some(&identity),
        ..Layers::default()
    };
    let (principal, context) = (caller("user"), RequestContext::new());
    for number in 0..70 {
        let resource = arn(number);
        let question = Question {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: &resource,
            resource_account: None,
            context: &context,
        };
        assert_eq!(
            decide(&question, &layers).is_allowed(),
            number < 60,
            "{number}"
        );
    }
}
