//! The record of one request.

use crate::{IdentityKind, Parameters, Text, Trail, UserIdentity, Verdict};
use jiff::Timestamp;
use names::{AccountId, AuthorizationId, Region, RequestId};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// CloudTrail's version of the shape.
const EVENT_VERSION: Text = Text::fixed("1.11");

/// Who asked what, what was answered, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The version of CloudTrail's shape.
    pub event_version: Text,
    /// Who asked.
    pub user_identity: UserIdentity,
    /// When the request came.
    pub event_time: Timestamp,
    /// The service's host name: `sts.amazonaws.com`.
    pub event_source: Text,
    /// The operation: `AssumeRole`.
    pub event_name: Text,
    /// The region asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<Region>,
    /// Where it came from.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: IpAddr,
    /// What the client says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Text>,
    /// What was refused: CloudTrail's `errorCode` and `errorMessage`; nothing when it was answered.
    #[serde(flatten)]
    pub error: Option<ErrorAnswer>,
    /// What was asked.
    #[serde(default)]
    pub request_parameters: Parameters,
    /// The id that the client saw.
    #[serde(rename = "requestID")]
    pub request_id: RequestId,
    /// The id under which IAM Toolbox explains it, when policies denied it. Not CloudTrail's.
    #[serde(
        rename = "authorizationID",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub authorization_id: Option<AuthorizationId>,
    /// Whether the operation could not have changed anything.
    pub read_only: bool,
    /// What kind of event.
    pub event_type: EventKind,
    /// The account asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_account_id: Option<AccountId>,
    /// The HTTP status answered. Not CloudTrail's; so below.
    pub status: u16,
    /// From the first byte to the answer.
    pub duration_micros: u64,
    /// The hops, in order.
    pub trail: Trail,
}

/// An error as the client saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// AWS's code: `AccessDenied`.
    #[serde(rename = "errorCode")]
    pub code: Text,
    /// AWS's sentence.
    #[serde(rename = "errorMessage")]
    pub message: Text,
}

/// What kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// An AWS operation.
    AwsApiCall,
    /// One of rolecall's own.
    RolecallApiCall,
}

impl Record {
    /// A record of an operation by nobody who was proved yet; the fields are filled as they are known.
    #[must_use]
    pub fn new(request_id: RequestId, time: Timestamp, from: IpAddr) -> Self {
        Self {
            event_version: EVENT_VERSION,
            user_identity: UserIdentity::of(IdentityKind::Unknown),
            event_time: time,
            event_source: Text::fixed("unknown"),
            event_name: Text::fixed("unknown"),
            aws_region: None,
            source_ip_address: from,
            user_agent: None,
            error: None,
            request_parameters: Parameters::default(),
            request_id,
            authorization_id: None,
            read_only: true,
            event_type: EventKind::AwsApiCall,
            recipient_account_id: None,
            status: 0,
            duration_micros: 0,
            trail: Trail::default(),
        }
    }

    /// Whether it asked for a record itself.
    #[must_use]
    pub fn asks_why(&self) -> bool {
        self.event_type == EventKind::RolecallApiCall
            && self.event_name.as_str() == "ExplainRequest"
    }

    /// Whether it was refused: by an error answered, or by a hop.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.error.is_some() || self.trail.verdict() == Verdict::Refused
    }
}
