//! AWS bytes to operations, results and errors back to bytes: Query/XML and REST-JSON.
//!
//! The service models are data (`models/`), turned into static tables when this crate is built.
//! One codec reads and writes both protocols in both directions: [`route`] and [`Call::input`]
//! read a request as a server, [`encode`] and [`encode_error`] answer it; [`client`] does the
//! opposite. Handlers see the typed structures of [`dto`], never bytes.
//!
//! ```
//! use awswire::dto::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};
//!
//! let head = awswire::Head { method: "POST", path: "/", signed_for: Some("sts"), ..Default::default() };
//! let call = awswire::route(&head, b"Action=GetCallerIdentity&Version=2011-06-15").unwrap();
//! let _: GetCallerIdentityRequest = call.input().unwrap();
//! let answer = GetCallerIdentityResponse {
//!     account: Some("111111111111".to_owned()),
//!     ..Default::default()
//! };
//! let response = awswire::encode(answer, &names::RequestId::from_random([7; 16]));
//! assert_eq!(response.status, 200);
//! ```

mod route;

pub mod dto;

mod error;
mod response;
mod shown;

pub mod client;

mod query;
mod rest;

mod validate;

mod form;
pub mod limits;
mod model;
mod pattern;
mod tables;
mod time;
mod value;

pub use error::{AwsError, Fault, encode_error};
pub use model::{
    ErrorModel, Kind, Member, Operation, Place, Protocol, Segment, Service, Shape, Timestamps,
};
pub use pattern::Pattern;
pub use response::{Response, encode, encode_value};
pub use route::{Call, Head, RouteError, route};
pub use tables::{service, services};
pub use validate::violations;
pub use value::{Mismatch, Value};
