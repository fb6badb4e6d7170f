//! One record per request: who asked what, what was decided, and why, hop by hop.
//!
//! A [`Record`] has CloudTrail's shape
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>)
//! and the [`Trail`] beside it. Nothing secret fits into one: every text in it is a [`Text`], which
//! lets no token pass, and every parameter goes through [`Parameters`], which goes by its name.
//! A record is [`encode`]d once, as a JSON line: the newest lines stay in a bounded [`Ring`], all go
//! to a [`Journal`]; [`render`] tells a person what happened. [`Authorizations`] keeps the newest
//! denials in full, for IAM Toolbox.

mod text;

mod excerpt;
mod identity;
mod parameters;
mod record;
mod trail;

mod authorization;
mod authorizations;

mod journal;
mod line;
mod ring;
mod rotation;

mod render;

pub use authorization::{
    Authorization, Check, CheckKind, ContextKey, ContextValue, Effect, EvaluatedPolicy, Evaluation,
    MatchedStatement, Party,
};
pub use authorizations::{AUTHORIZATIONS_BYTES_MAX, Authorizations};
pub use excerpt::{EXCERPT_LINES_AROUND, Excerpt, Span};
pub use identity::{IdentityKind, UserIdentity};
pub use journal::{Journal, Sink};
pub use line::{LINE_BYTES_MAX, NotARecord, decode, encode};
pub use parameters::{PARAMETERS_MAX, Parameters};
pub use record::{ErrorAnswer, EventKind, Record};
pub use render::render;
pub use ring::{RING_BYTES_MAX, Ring};
pub use rotation::{Rotation, Step, Written};
pub use text::{TEXT_BYTES_MAX, Text};
pub use trail::{Detail, Fact, Finding, Hop, Trail, Verdict};
