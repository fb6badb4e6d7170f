//! One AWS request from its bytes to its answer.
//!
//! Route, authenticate, read, authorise, do, write. An operation is a `Handler`; without the
//! `Permit` that only authorisation gives it, it cannot run.

mod call;
mod eks;
mod iam;
mod pass_role;
mod registry;
mod sts;
mod toolbox;

pub(crate) use call::{Asks, Call, Handler, of_iam};
pub(crate) use eks::material::{authority as cluster_authority, key_material};
pub use registry::operations;

use crate::notes::Notes;
use crate::received::Received;
use crate::refused::Refused;
use crate::standing::Standing;
use crate::trail::{authorization, finding};
use crate::{Inner, chance};
use ::sts::Caller;
use audit::{ErrorAnswer, EventKind, Finding, Hop, IdentityKind, Record, UserIdentity};
use awswire::{AwsError, Call as Routed, Protocol, Response, RouteError, Service};
use jiff::Timestamp;
use names::{AuthorizationId, RequestId};
use policy::RequestContext;
use sigv4::{BodyHash, Expectation, Family, Presented};

/// Tells the client of a denial the id to ask IAM Toolbox with, also where AWS's sentence does not.
const AUTHORIZATION_ID_HEADER: &str = "x-rolecall-authorization-id";

/// Answers one AWS request. `None`: it is none.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Response> {
    let now = chance::now();
    let request_id = RequestId::from_random(chance::random());
    let mut record = Record::new(request_id.clone(), now, received.peer.ip());
    record.aws_region = Some(plane.config.region.clone());
    record.user_agent = received.header("user-agent").map(audit::Text::new);
    let headers = received.header_slices();
    let head = sigv4::RequestHead {
        method: received.method(),
        raw_path: received.path(),
        raw_query: received.query(),
        headers: &headers,
    };
    let claimed = sigv4::claimed_scope(&head);
    let wire_head = awswire::Head {
        method: received.method(),
        path: received.path(),
        query: received.query(),
        host: received.header("host").unwrap_or_default(),
        content_type: received.header("content-type").unwrap_or_default(),
        target: received.header("x-amz-target"),
        signed_for: claimed.as_ref().map(|scope| scope.service.as_str()),
        ..awswire::Head::default()
    };
    let mut response = match awswire::route(&wire_head, &received.body) {
        Err(RouteError::NotAws) => return None,
        Err(RouteError::Refused { service, error }) => {
            record
                .trail
                .push(Finding::refused(Hop::Route, error.message.clone()));
            let error = refuse(plane, &mut record, service, error.into());
            awswire::encode_error(service, &error, &request_id)
        }
        Ok(routed) => {
            record.event_source =
                audit::Text::new(&format!("{}.amazonaws.com", routed.service.name));
            record.event_name = audit::Text::new(routed.operation.name);
            record.event_type = EventKind::AwsApiCall;
            record.read_only = routed.operation.is_read_only();
            let parameters = routed.shown_parameters();
            record.request_parameters =
                audit::Parameters::new(parameters.iter().map(|(name, value)| (&**name, &**value)));
            match work(
                plane,
                received,
                &head,
                &routed,
                &request_id,
                &mut record,
                now,
            )
            .await
            {
                Ok(response) => response,
                Err(refused) => {
                    let error = refuse(plane, &mut record, routed.service, refused);
                    awswire::encode_error(routed.service, &error, &request_id)
                }
            }
        }
    };
    if let Some(id) = &record.authorization_id {
        let header = (AUTHORIZATION_ID_HEADER, id.to_string());
        response.headers.push(header);
    }
    record.status = response.status;
    record.duration_micros = micros(now, chance::now());
    plane.remember(&record).await;
    Some(response)
}

/// Writes a refusal into the record; of a denial, keeps all.
fn refuse(plane: &Inner, record: &mut Record, service: &Service, refused: Refused) -> AwsError {
    let error = match refused {
        Refused::Error(error) => error,
        Refused::Denied(denied) => {
            let id = AuthorizationId::from_random(chance::random());
            record.trail.push(finding(&denied.refusal.explanation));
            record.authorization_id = Some(id.clone());
            let code = match service.protocol {
                Protocol::Query => "AccessDenied",
                Protocol::RestJson => "AccessDeniedException",
            };
            let region = record.aws_region.as_ref().unwrap_or(&plane.config.region);
            let error = AwsError::new(code, 403, denied.text(&id, region));
            plane.denials().keep(authorization(id, &denied.refusal));
            error
        }
    };
    // What no layer explained, the operation itself refused.
    if record.trail.refusal().is_none() {
        record
            .trail
            .push(Finding::refused(Hop::Operation, error.message.as_str()));
    }
    record.error = Some(ErrorAnswer {
        code: audit::Text::new(&error.code),
        message: audit::Text::new(&error.message),
    });
    error
}

/// From one moment to a later one; a clock that was set back took no time.
fn micros(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_micros()).unwrap_or_default()
}

/// From the signature on.
async fn work(
    plane: &Inner,
    received: &Received,
    head: &sigv4::RequestHead<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
    record: &mut Record,
    now: Timestamp,
) -> Result<Response, Refused> {
    let world = plane.worlds.now();
    let standing = Standing {
        accounts: &world.accounts,
        keyring: plane.worlds.keyring(),
        request_keys: &|| request_keys(plane, received, now),
    };
    if routed.operation.unsigned {
        return sts::unsigned(plane, &world, &standing, routed, request_id, record).await;
    }
    let family = match routed.service.name {
        "sts" | "iam" | "cloudformation" => Family::Query,
        _ => Family::Json,
    };
    let expectation = Expectation {
        services: &[routed.service.signing_name],
        now,
    };
    let presented =
        Presented::parse(head, &BodyHash::of(&received.body), &expectation).map_err(|refused| {
            let mut finding = Finding::refused(Hop::Signature, refused.to_string());
            if let Some(advice) = refused.advice() {
                finding = finding.change(advice);
            }
            record.trail.push(finding);
            AwsError::new(
                refused.code(family),
                refused.status(family),
                refused.to_string(),
            )
        })?;
    let region = presented
        .region()
        .parse()
        .unwrap_or_else(|_| plane.config.region.clone());
    record.aws_region = Some(region.clone());
    let caller = ::sts::authenticate(
        presented,
        &standing,
        world.epochs.keys(),
        &plane.derived,
        now,
    )
    .map_err(|refused| {
        let cause = match &refused {
            ::sts::RefusedCredentials::Invalid(cause) => cause.to_string(),
            ::sts::RefusedCredentials::Expired { .. } | ::sts::RefusedCredentials::Signature(_) => {
                refused.to_string()
            }
        };
        record.trail.push(Finding::refused(Hop::Signature, cause));
        AwsError::new(
            refused.code(family),
            refused.status(family),
            refused.to_string(),
        )
    })?;
    record.user_identity = identity_of(&caller);
    record.recipient_account_id = Some(caller.account());
    record.trail.push(Finding::passed(
        Hop::Signature,
        format!("signed by {}", caller.arn()),
    ));
    let call = Call {
        plane,
        world: &world,
        caller: &caller,
        region,
        standing: &standing,
        notes: Notes::default(),
    };
    let answered = match routed.service.name {
        "sts" => sts::signed(&call, routed, request_id, record),
        _ => registry::dispatch(routed, &call, request_id).await,
    };
    call.notes
        .take()
        .into_iter()
        .for_each(|finding| record.trail.push(finding));
    if answered.is_ok() {
        record.trail.push(Finding::passed(Hop::Operation, "done"));
    }
    answered
}

fn identity_of(caller: &Caller) -> UserIdentity {
    let kind = if caller.session().is_some() {
        IdentityKind::AssumedRole
    } else {
        IdentityKind::User
    };
    let mut identity = UserIdentity::of(kind);
    identity.principal_id = Some(audit::Text::new(&caller.user_id()));
    identity.arn = Some(audit::Text::new(&caller.arn()));
    identity.account_id = Some(caller.account());
    identity.access_key_id = Some(caller.access_key_id().clone());
    identity
}

/// The keys that every request has.
fn request_keys(plane: &Inner, received: &Received, now: Timestamp) -> RequestContext {
    let mut context = RequestContext::new();
    context
        .set(
            "aws:CurrentTime",
            now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
        .set("aws:EpochTime", now.as_second().to_string())
        .set(
            "aws:SecureTransport",
            if received.over_tls { "true" } else { "false" },
        )
        .set(
            "aws:SourceIp",
            received.peer.ip().to_canonical().to_string(),
        )
        .set("aws:RequestedRegion", plane.config.region.as_str())
        .set("aws:ViaAWSService", "false")
        .set("aws:PrincipalIsAWSService", "false");
    if let Some(agent) = received.header("user-agent") {
        context.set("aws:UserAgent", agent);
    }
    context
}
