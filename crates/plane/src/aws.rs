//! One AWS request from its bytes to its answer.
//!
//! Route, authenticate, read, authorise, do, write. An operation is a `Handler`; without the
//! `Permit` that only authorisation gives it, it cannot run.

mod call;
mod eks;
mod iam;
mod operation;
mod pass_role;
mod registry;
mod sts;
mod toolbox;

pub(crate) use call::{Asks, Call, Handler, of_iam};
pub(crate) use eks::material::{authority as cluster_authority, key_material};
use operation::operation;
pub use registry::operations;

use crate::Inner;
use crate::handling::{Handling, request_keys};
use crate::notes::Notes;
use crate::received::Received;
use crate::refused::Refused;
use crate::requested_region::requested_region;
use crate::standing::Standing;
use audit::{EventKind, Finding, Hop, Parameters, Text};
use awswire::{Call as Routed, Protocol, Response, RouteError, Service};
use hyper::header::{CONTENT_TYPE, HOST, HeaderName};
use sigv4::{Claim, Family};

/// Names an operation in AWS's JSON protocols, which no service here speaks.
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Tells the client of a denial the id to ask IAM Toolbox with, also where AWS's sentence does not.
const AUTHORIZATION_ID_HEADER: &str = "x-rolecall-authorization-id";

/// Answers one AWS request. `None`: it is none.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Response> {
    let mut handling = Handling::begin(plane, received);
    let headers = received.header_slices();
    let claim = Claim::of(received.signed_head(&headers));
    let claimed = claim.scope();
    let head = awswire::Head {
        method: received.method(),
        path: received.path(),
        query: received.query(),
        host: received.header(HOST).unwrap_or_default(),
        content_type: received.header(CONTENT_TYPE).unwrap_or_default(),
        target: received.header(TARGET),
        signed_for: claimed.map(|scope| scope.service),
        ..awswire::Head::default()
    };
    let (service, answered) = match awswire::route(&head, &received.body) {
        Err(RouteError::NotAws) => return None,
        Err(RouteError::Refused { service, error }) => {
            let finding = Finding::refused(Hop::Route, error.message.clone());
            handling.record.trail.push(finding);
            (service, Err(error.into()))
        }
        Ok(routed) => {
            let signed_for = claimed.map(|scope| scope.region);
            let (service, own) = (routed.service.name, &plane.config.region);
            handling.region = requested_region(service, signed_for, head.host, own);
            let source = Text::fixed(routed.service.event_source);
            handling.is_about(EventKind::AwsApiCall, source, routed.operation.name);
            handling.record.read_only = routed.operation.is_read_only();
            handling.record.request_parameters = Parameters::new(routed.shown_parameters());
            (routed.service, work(&mut handling, &claim, &routed).await)
        }
    };
    let response = answered.unwrap_or_else(|refused| {
        let error = handling.refuse(refused, family(service));
        let mut response = awswire::encode_error(service, &error, &handling.record.request_id);
        if let Some(id) = &handling.record.authorization_id {
            let header = (AUTHORIZATION_ID_HEADER, id.to_string());
            response.headers.push(header);
        }
        response
    });
    plane.remember(&handling.end(response.status)).await;
    Some(response)
}

/// From the signature on.
async fn work(
    handling: &mut Handling<'_>,
    claim: &Claim<'_>,
    routed: &Routed<'_>,
) -> Result<Response, Refused> {
    let (plane, received, now) = (handling.plane, handling.received, handling.now);
    let region = handling.region.clone();
    let world = plane.worlds.now();
    let standing = Standing {
        accounts: &world.accounts,
        keyring: plane.worlds.keyring(),
        request_keys: &|| request_keys(received, &region, now),
    };
    let record = &mut handling.record;
    let request_id = record.request_id.clone();
    if routed.operation.unsigned {
        return sts::unsigned(plane, &world, &standing, routed, &request_id, record).await;
    }
    let (keys, service) = (world.epochs.keys(), routed.service);
    let caller = handling.caller(
        claim,
        &standing,
        keys,
        service.signing_name,
        family(service),
    )?;
    let call = Call {
        plane,
        world: &world,
        caller: &caller,
        region: &region,
        standing: &standing,
        notes: Notes::default(),
    };
    let answered = match routed.service.name {
        "sts" => sts::signed(&call, routed, &request_id, &mut handling.record),
        _ => registry::dispatch(routed, &call, &request_id).await,
    };
    handling.ended(&answered, &call.notes);
    answered
}

/// Which words a service has for a refused signature and a denial.
fn family(service: &Service) -> Family {
    match service.protocol {
        Protocol::Query => Family::Query,
        Protocol::RestJson => Family::Json,
    }
}
