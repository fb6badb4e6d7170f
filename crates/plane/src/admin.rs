//! The signed admin API: what reveals or mints needs the signature of somebody who may.
//!
//! Its requests go the way of AWS's: proved, decided, and kept in a record with a trail.

mod explain;
mod keys;
mod tokens;

use crate::Inner;
use crate::aws::Call;
use crate::handling::{Handling, request_keys};
use crate::local::{Answer, json_of};
use crate::notes::Notes;
use crate::received::Received;
use crate::refused::Refused;
use crate::requested_region::requested_region;
use crate::server::{plain, typed};
use crate::standing::Standing;
use audit::{EventKind, Text};
use awswire::AwsError;
use hyper::StatusCode;
use jiff::Timestamp;
use policy::{Operation, Permit};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sigv4::{Claim, Family};

/// What requests to the admin API are signed for.
const SERVICE: &str = "rolecall";

/// Answers a path below `/_rolecall`.
pub(crate) async fn answer(plane: &Inner, received: &Received, path: &[&str]) -> Answer {
    let mut handling = Handling::begin(plane, received);
    let answered = match (received.method(), path) {
        ("POST", ["tokens"]) => serve::<tokens::CreateToken>(&mut handling, path).await,
        ("POST", ["tokens", "inspect"]) => serve::<tokens::InspectToken>(&mut handling, path).await,
        ("GET", ["why"] | ["why", _]) => {
            serve::<explain::ExplainRequest>(&mut handling, path).await
        }
        ("GET", ["keys"]) => serve::<keys::ListKeys>(&mut handling, path).await,
        ("POST", ["keys", "rotate"]) => serve::<keys::RotateKeys>(&mut handling, path).await,
        _ => return plain(StatusCode::NOT_FOUND, "the admin API has no such path"),
    };
    let answer = match answered {
        Ok(value) => json_of(&value),
        Err(refused) => told(&handling.refuse(refused, Family::Json)),
    };
    let record = handling.end(answer.status().as_u16());
    plane.remember(&record).await;
    answer
}

fn told(error: &AwsError) -> Answer {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "code": error.code, "message": error.message }).to_string();
    typed(status, "application/json", body)
}

/// An operation of the admin API, in the plane as a whole: it has no resource.
trait AdminOperation: Operation<Target = ()> {
    /// Does it.
    async fn run(permit: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError>
    where
        Self: Sized;
}

/// A request to the admin API whose sender is known.
struct AdminRequest<'a> {
    call: Call<'a>,
    path: &'a [&'a str],
    body: &'a [u8],
    now: Timestamp,
}

impl AdminRequest<'_> {
    fn input<T: DeserializeOwned>(&self) -> Result<T, AwsError> {
        serde_json::from_slice(self.body).map_err(|why| bad("BadRequest", &why))
    }
}

/// Authenticates, authorises and does one operation.
async fn serve<Op: AdminOperation>(
    handling: &mut Handling<'_>,
    path: &[&str],
) -> Result<Value, Refused> {
    let name = Op::ACTION.rsplit(':').next().unwrap_or_default();
    handling.is_about(EventKind::RolecallApiCall, Text::fixed(SERVICE), name);
    let (plane, received, now) = (handling.plane, handling.received, handling.now);
    let headers = received.header_slices();
    let claim = Claim::of(received.signed_head(&headers));
    let signed_for = claim.scope().map(|scope| scope.region);
    let region = requested_region(SERVICE, signed_for, "", &plane.config.region);
    handling.region = region.clone();
    let world = plane.worlds.now();
    let standing = Standing {
        accounts: &world.accounts,
        keyring: plane.worlds.keyring(),
        request_keys: &|| request_keys(received, &region, now),
    };
    let caller = handling.caller(
        &claim,
        &standing,
        world.epochs.keys(),
        SERVICE,
        Family::Json,
    )?;
    let request = AdminRequest {
        call: Call {
            plane,
            world: &world,
            caller: &caller,
            region: &region,
            standing: &standing,
            notes: Notes::default(),
        },
        path,
        body: &received.body,
        now,
    };
    let asks = request.call.unnamed(());
    let permit = request.call.authorise::<Op>(asks)?;
    let answered = Op::run(permit, &request).await.map_err(Refused::from);
    handling.ended(&answered, &request.call.notes);
    answered
}

/// The types of operations, named as their actions.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        pub(super) struct $name;

        impl policy::Operation for $name {
            const ACTION: &'static str = concat!("rolecall:", stringify!($name));
            type Target = ();
        })*
    };
}
use operations;

fn bad(code: &'static str, why: &dyn std::fmt::Display) -> AwsError {
    AwsError::new(code, 400, why.to_string())
}
