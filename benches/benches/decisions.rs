//! What a decision costs: medians, and ratios within one run.
//!
//! `cargo bench -p benches --bench decisions`.
#![expect(clippy::print_stdout, reason = "a benchmark speaks to the terminal")]

use benches::median;
use names::{Arn, UniqueId};
use policy::{
    Layers, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal, PrincipalDirectory,
    Question, RequestContext, ResourcePolicy, TrustPolicy, decide,
};
use std::fmt::Write as _;
use std::hint::black_box;

const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A"},
    "Action":"sts:AssumeRoleWithWebIdentity",
    "Condition":{"StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com",
        "oidc.example/id/A:sub":"system:serviceaccount:ci-namespace:ci-serviceaccount"}}}]}"#;

struct Nobody;

impl PrincipalDirectory for Nobody {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

fn main() {
    irsa();
    let one = among(1, literal);
    for count in [1_000, 10_000] {
        report(
            &format!("among {count} statements"),
            among(count, literal),
            one,
        );
    }
    let one = among(1, wildcard);
    for count in [1_000, 10_000] {
        let found = among(count, wildcard);
        report(
            &format!("among {count} statements with wildcards in their actions"),
            found,
            one,
        );
    }
    compile();
    globs();
}

fn irsa() {
    let trust = TrustPolicy::parse(TRUST, &Nobody).expect("a trust policy");
    let mut context = RequestContext::new();
    context
        .set("aws:CurrentTime", "2026-01-01T00:00:00Z")
        .set("aws:EpochTime", "1767225600")
        .set("aws:SecureTransport", "true")
        .set("aws:SourceIp", "10.0.0.1")
        .set("aws:UserAgent", "aws-cli/2")
        .set("aws:RequestedRegion", "us-west-2")
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set(
            "oidc.example/id/A:sub",
            "system:serviceaccount:ci-namespace:ci-serviceaccount",
        );
    let principal = Principal::WebIdentity {
        provider: PROVIDER.parse().expect("an ARN"),
    };
    let question = Question {
        principal: &principal,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: "arn:aws:iam::111111111111:role/ci",
        resource_account: "111111111111".parse().expect("an account"),
        context: &context,
    };
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(&trust)),
        ..Layers::default()
    };
    assert!(decide(&question, &layers).is_allowed());
    let cost = median(|| {
        black_box(decide(black_box(&question), black_box(&layers)));
    });
    println!("IRSA trust check: {cost:.0} ns");
}

/// A statement of another action for each number, the first of which allows the question.
fn literal(number: usize) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"s3:Get{number}","Resource":"arn:aws:s3:::bucket-{number}/*"}}"#
    )
}

fn wildcard(number: usize) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"s3:Get{number}*","Resource":"arn:aws:s3:::bucket-{number}/*"}}"#
    )
}

/// The cost of a decision that meets one statement among so many.
fn among(count: usize, statement: fn(usize) -> String) -> f64 {
    let numbers: Vec<_> = (0..count).collect();
    let documents = numbers.chunks(50).map(|numbers| {
        let statements: Vec<_> = numbers.iter().map(|number| statement(*number)).collect();
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        )
    });
    let (allowed, cost) = ask(documents, &RequestContext::new());
    assert!(allowed);
    cost
}

/// Whether a user may, and what it costs to decide that.
fn ask(documents: impl Iterator<Item = String>, context: &RequestContext) -> (bool, f64) {
    let documents = documents.map(|text| {
        let policy = PermissionsPolicy::parse(&text).expect("a policy");
        let source = PolicySource {
            kind: PolicyKind::Identity,
            arn: None,
            name: "p".to_owned(),
            attached_to: None,
            text: text.into(),
        };
        (source, policy.document().clone())
    });
    let set = PolicySet::compile(documents.collect());
    let principal = Principal::User {
        arn: "arn:aws:iam::111111111111:user/bob"
            .parse()
            .expect("an ARN"),
        id: "AIDAAAAAAAAAAAAAAAAAA".parse().expect("an id"),
    };
    let question = Question {
        principal: &principal,
        action: "s3:Get0",
        resource: "arn:aws:s3:::bucket-0/key",
        resource_account: "111111111111".parse().expect("an account"),
        context,
    };
    let layers = Layers {
        identity: Some(&set),
        ..Layers::default()
    };
    let cost = median(|| {
        black_box(decide(black_box(&question), black_box(&layers)));
    });
    (decide(&question, &layers).is_allowed(), cost)
}

fn report(what: &str, cost: f64, one: f64) {
    println!("{what}: {cost:.0} ns, {:.2} times one", cost / one);
}

fn compile() {
    let mut text = r#"{"Version":"2012-10-17","Statement":["#.to_owned();
    let mut number = 0;
    while text.len() < 6_144 - 120 {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"Effect":"Allow","Action":["s3:GetObject","s3:List*"],"Resource":"arn:aws:s3:::bucket-{number}/*"}}"#
        );
        number += 1;
    }
    text.push_str("]}");
    let cost = median(|| {
        black_box(PermissionsPolicy::parse(black_box(&text)).expect("a policy"));
    });
    println!(
        "reading and compiling {} bytes: {:.1} µs",
        text.len(),
        cost / 1_000.0
    );
}

/// Twice the text must not cost four times.
fn globs() {
    let patterns = [
        ("*a*a...b", "*a".repeat(100) + "b"),
        ("*aa...b", format!("*{}b", "a".repeat(200))),
    ];
    for (what, pattern) in patterns {
        let costs = [2_000, 4_000].map(|length| {
            let mut context = RequestContext::new();
            context.set("k", "a".repeat(length));
            let condition = format!(r#"{{"StringLike":{{"k":"{pattern}"}}}}"#);
            let document = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
            );
            let (allowed, cost) = ask(std::iter::once(document), &context);
            assert!(!allowed);
            cost
        });
        let what = format!("pattern {what} on 4,000 characters, against 2,000");
        report(&what, costs[1], costs[0]);
    }
}
