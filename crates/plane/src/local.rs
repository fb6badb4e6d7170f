//! The plane's own paths: health, metrics, issuers, and the signed admin API.

mod keys;

use crate::received::Received;
use crate::server::{plain, typed};
use crate::standing::Standing;
use crate::{Inner, chance};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode};
use names::{Audience, ClusterName, RequestId, ServiceAccount};
use policy::RequestContext;
use serde::Deserialize;
use serde_json::{Value, json};
use sigv4::{BodyHash, Expectation, Family, Presented};

type Answer = Response<Full<Bytes>>;

/// What the admin API does, once its caller may.
#[derive(Clone, Copy)]
enum Work {
    CreateToken,
    InspectToken,
    ExplainRequest,
    ListKeys,
    RotateKeys,
}

/// Answers a path of the plane's own; `None`: it is not one.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Answer> {
    let segments: Vec<&str> = received.path().split('/').skip(1).collect();
    Some(match (received.method(), segments.as_slice()) {
        ("GET", ["livez"]) => plain(StatusCode::OK, "ok"),
        ("GET", ["readyz"]) => readyz(plane),
        ("GET", ["metrics"]) => typed(
            StatusCode::OK,
            "text/plain; version=0.0.4",
            plane.counters.render(plane.audit.unwritten()),
        ),
        ("GET" | "HEAD", ["_localstack", "health"]) => json_of(&json!({
            "services": { "sts": "available", "iam": "available", "eks": "available" },
            "edition": "rolecall",
            "version": env!("CARGO_PKG_VERSION"),
        })),
        ("GET", ["_rolecall", "ca.pem"]) => typed(
            StatusCode::OK,
            "application/x-pem-file",
            plane.authority_pem.clone(),
        ),
        ("GET", ["id", id, ".well-known", "openid-configuration"]) => discovery(plane, id),
        ("GET", ["id", id, "keys"]) => key_set(plane, id),
        (_, ["_rolecall", rest @ ..]) => admin(plane, received, rest).await,
        _ => return None,
    })
}

/// Ready while the audit file keeps up.
fn readyz(plane: &Inner) -> Answer {
    match plane.audit.failure() {
        Some(why) => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!("[-]audit failed: {why}\nreadyz check failed"),
        ),
        None if plane.audit.is_behind() => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "[-]audit failed: many records wait for the disk\nreadyz check failed",
        ),
        None => plain(StatusCode::OK, "[+]audit ok\nreadyz check passed"),
    }
}

fn json_of(value: &Value) -> Answer {
    typed(StatusCode::OK, "application/json", value.to_string())
}

fn refused(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({ "code": code, "message": message }).to_string();
    typed(status, "application/json", body)
}

fn discovery(plane: &Inner, id: &str) -> Answer {
    let world = plane.worlds.now();
    match world
        .clusters
        .iter()
        .find(|cluster| cluster.issuer.url().path().ends_with(id))
    {
        Some(cluster) => typed(
            StatusCode::OK,
            "application/json",
            oidc::Discovery::of(cluster.issuer.url()).to_json(),
        ),
        None => plain(StatusCode::NOT_FOUND, "no cluster has that issuer"),
    }
}

fn key_set(plane: &Inner, id: &str) -> Answer {
    let world = plane.worlds.now();
    let cluster = world
        .clusters
        .iter()
        .find(|one| one.issuer.url().path().ends_with(id));
    let set = cluster.and_then(|one| {
        world
            .clusters
            .key_set(one.issuer.url().as_provider_name(), chance::now())
    });
    match set {
        Some(set) => typed(StatusCode::OK, "application/json", set.to_json()),
        None => plain(
            StatusCode::NOT_FOUND,
            "no cluster of this plane has that issuer",
        ),
    }
}

/// Everything that reveals or mints needs the signature of somebody who may.
async fn admin(plane: &Inner, received: &Received, path: &[&str]) -> Answer {
    let work = match (received.method(), path) {
        ("POST", ["tokens"]) => Work::CreateToken,
        ("POST", ["tokens", "inspect"]) => Work::InspectToken,
        ("GET", ["why", ..]) => Work::ExplainRequest,
        ("GET", ["keys"]) => Work::ListKeys,
        ("POST", ["keys", "rotate"]) => Work::RotateKeys,
        _ => return plain(StatusCode::NOT_FOUND, "the admin API has no such path"),
    };
    if let Err(refusal) = authorise(plane, received, work.action()) {
        return *refusal;
    }
    match work {
        Work::CreateToken => create_token(plane, received),
        Work::InspectToken => inspect_token(plane, received),
        Work::ExplainRequest => why(plane, path),
        Work::ListKeys => keys::list(plane),
        Work::RotateKeys => keys::rotate(plane, &received.body).await,
    }
}

impl Work {
    /// The action that its caller must be allowed.
    fn action(self) -> &'static str {
        match self {
            Self::CreateToken => "rolecall:CreateToken",
            Self::InspectToken => "rolecall:InspectToken",
            Self::ExplainRequest => "rolecall:ExplainRequest",
            Self::ListKeys => "rolecall:ListKeys",
            Self::RotateKeys => "rolecall:RotateKeys",
        }
    }
}

fn authorise(plane: &Inner, received: &Received, action: &str) -> Result<(), Box<Answer>> {
    let now = chance::now();
    let headers = received.header_slices();
    let head = sigv4::RequestHead {
        method: received.method(),
        raw_path: received.path(),
        raw_query: received.query(),
        headers: &headers,
    };
    let no = |code: &str, message: String| Box::new(refused(StatusCode::FORBIDDEN, code, &message));
    let expectation = Expectation {
        services: &["rolecall"],
        now,
    };
    let presented = Presented::parse(&head, &BodyHash::of(&received.body), &expectation)
        .map_err(|why| no(why.code(Family::Json), why.to_string()))?;
    let world = plane.worlds.now();
    let standing = Standing {
        accounts: &world.accounts,
        keyring: plane.worlds.keyring(),
        request_keys: &RequestContext::new,
    };
    let caller = sts::authenticate(
        presented,
        &standing,
        world.epochs.keys(),
        &plane.derived,
        now,
    )
    .map_err(|why| no(why.code(Family::Json), why.to_string()))?;
    let context = standing.context(
        Some(&caller),
        caller.account(),
        &sts::ConditionKeys::default(),
    );
    let principal = caller.principal();
    let session = standing.session_policies(&caller);
    let layers = standing.caller_layers(&principal, session.as_ref());
    let question = policy::Question {
        principal: &principal,
        action,
        resource: "*",
        resource_account: caller.account(),
        context: &context,
    };
    if policy::decide(&question, &layers).is_allowed() {
        return Ok(());
    }
    Err(no(
        "AccessDenied",
        format!(
            "User: {} is not authorized to perform: {action}",
            caller.arn()
        ),
    ))
}

/// What a token is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenAsked {
    cluster: ClusterName,
    #[serde(flatten)]
    service_account: ServiceAccountAsked,
    audiences: Vec<Audience>,
    duration_seconds: i64,
}

#[derive(Deserialize)]
struct ServiceAccountAsked {
    namespace: names::Namespace,
    service_account: names::ServiceAccountName,
}

fn create_token(plane: &Inner, received: &Received) -> Answer {
    let asked: TokenAsked = match serde_json::from_slice(&received.body) {
        Ok(asked) => asked,
        Err(why) => return refused(StatusCode::BAD_REQUEST, "BadRequest", &why.to_string()),
    };
    let world = plane.worlds.now();
    let now = chance::now();
    let cluster = world
        .clusters
        .iter()
        .find(|cluster| *cluster.name() == asked.cluster);
    let signer = cluster.and_then(|one| Some((one, world.clusters.signer(&one.arn, now)?)));
    let Some((cluster, key)) = signer else {
        let why = format!("no cluster `{}` of this plane mints tokens", asked.cluster);
        return refused(StatusCode::NOT_FOUND, "NoSuchCluster", &why);
    };
    let lifetime = match oidc::Lifetime::from_seconds(asked.duration_seconds) {
        Ok(lifetime) => lifetime,
        Err(why) => return refused(StatusCode::BAD_REQUEST, "BadRequest", &why.to_string()),
    };
    let service_account = ServiceAccount {
        namespace: asked.service_account.namespace,
        name: asked.service_account.service_account,
    };
    let minted = oidc::mint(
        key,
        &oidc::TokenRequest {
            issuer: cluster.issuer.url().clone(),
            service_account,
            uid: RequestId::from_random(chance::random()).to_string(),
            audiences: asked.audiences,
            pod: None,
            lifetime,
            now,
            jti: RequestId::from_random(chance::random()).to_string(),
        },
    );
    json_of(&json!({
        "token": minted.text().expose_str(),
        "expires": minted.expiry().as_second(),
        "issuer": cluster.issuer.url().as_str(),
    }))
}

/// A token to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenShown {
    token: String,
}

fn inspect_token(plane: &Inner, received: &Received) -> Answer {
    let shown: TokenShown = match serde_json::from_slice(&received.body) {
        Ok(shown) => shown,
        Err(why) => return refused(StatusCode::BAD_REQUEST, "BadRequest", &why.to_string()),
    };
    match crate::inspect::inspect(plane, &shown.token, chance::now()) {
        Ok(inspection) => json_of(&inspection),
        Err(why) => refused(StatusCode::BAD_REQUEST, "NotAToken", &why.to_string()),
    }
}

fn why(plane: &Inner, path: &[&str]) -> Answer {
    let ring = plane.audit.ring();
    let record = match path {
        [_, id] => match (id.parse(), id.parse()) {
            (Ok(id), _) => ring.find(&id),
            (Err(_), Ok(id)) => ring.find_denial(&id),
            (Err(_), Err(_)) => None,
        },
        _ => ring.latest(),
    };
    match record.map(|record| serde_json::to_string(&record)) {
        Some(Ok(text)) => typed(StatusCode::OK, "application/json", text),
        Some(Err(why)) => refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalFailure",
            &why.to_string(),
        ),
        None => refused(
            StatusCode::NOT_FOUND,
            "NoSuchRequest",
            "no record of that request",
        ),
    }
}
