//! The service models as static tables: what AWS's services accept and answer.
//!
//! The values are written by the build script from `models/*.json`; nothing is parsed at run time.
//! Tables refer to each other by reference, so walking a shape costs what walking a struct costs.

use std::fmt;

use crate::pattern::Pattern;

/// One AWS service.
pub struct Service {
    /// Our name for it and the model's file name: `sts`, `eks-auth`.
    pub name: &'static str,
    /// The service in a credential scope: `sts`; `iam` for IAM Toolbox, too.
    pub signing_name: &'static str,
    /// CloudTrail's name for it, the service's principal: `sts.amazonaws.com`.
    pub event_source: &'static str,
    /// How its requests and answers are written.
    pub protocol: Protocol,
    /// `2011-06-15`
    pub api_version: &'static str,
    /// Namespace of XML answers; empty for JSON.
    pub xml_namespace: &'static str,
    /// Whether timestamps in answers carry milliseconds.
    pub timestamps: Timestamps,
    /// Error code of a request that breaks a constraint.
    pub violation_code: &'static str,
    /// Every operation of the service, by name in order.
    pub operations: &'static [Operation],
    /// Every error that the service declares.
    pub errors: &'static [ErrorModel],
}

/// A way of writing requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out.
    Query,
    /// Path, query string and JSON in, JSON out.
    RestJson,
}

/// The precision of timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamps {
    /// `2024-01-01T00:00:00Z`
    Seconds,
    /// `2024-01-01T00:00:00.000Z`
    Milliseconds,
}

/// One operation of a service.
pub struct Operation {
    /// `AssumeRole`
    pub name: &'static str,
    /// The service it belongs to.
    pub service: &'static Service,
    /// HTTP method; Query services accept GET as well.
    pub method: &'static str,
    /// The parts of its path.
    pub path: &'static [Segment],
    /// HTTP status of success.
    pub status: u16,
    /// What a request contains; a structure.
    pub input: &'static Shape,
    /// What an answer contains; a structure.
    pub output: &'static Shape,
    /// The element around the answer's members; absent when there is no answer but "done".
    pub result_wrapper: Option<&'static str>,
    /// Whether it is called without a signature (web identity and SAML).
    pub unsigned: bool,
}

/// One part of a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Text that must be there.
    Literal(&'static str),
    /// A place for the label of that name.
    Label(&'static str),
}

/// An error that a service declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorModel {
    /// The code on the wire: `NoSuchEntity`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
}

/// A named type with its constraints.
pub struct Shape {
    /// The model's name: `roleNameType`.
    pub name: &'static str,
    /// What values look like.
    pub kind: Kind,
    /// Least length, size or value.
    pub min: Option<i64>,
    /// Greatest length, size or value.
    pub max: Option<i64>,
    /// What the whole text must match.
    pub pattern: Option<&'static Pattern>,
    /// The permitted texts; empty when any is.
    pub one_of: &'static [&'static str],
    /// Whether the value is a secret, never to be shown.
    pub sensitive: bool,
    /// Whether answers carry it percent-encoded (policy documents of IAM).
    pub percent_encoded: bool,
}

/// What the values of a shape look like.
#[derive(Debug)]
pub enum Kind {
    /// Named members.
    Structure(&'static [Member]),
    /// Items of one shape.
    List {
        /// The shape of each item.
        item: &'static Shape,
        /// The element around each item: `member` unless the model says otherwise.
        item_name: &'static str,
        /// Whether items stand directly in the parent, without an element around the list.
        flattened: bool,
    },
    /// Texts to values of one shape.
    Map {
        /// The shape of each key.
        key: &'static Shape,
        /// The shape of each value.
        value: &'static Shape,
    },
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Double,
    /// True or false.
    Boolean,
    /// Bytes, in base64.
    Blob,
    /// A point in time.
    Timestamp,
    /// Any JSON.
    Document,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The model's name: `RoleName`.
    pub name: &'static str,
    /// The name on the wire; differs for some path labels.
    pub wire_name: &'static str,
    /// Its shape.
    pub shape: &'static Shape,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Where it stands in a request.
    pub place: Place,
}

/// Where a member stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the form or the JSON body.
    Body,
    /// In the path.
    Label,
    /// In the query string.
    Query,
}

impl Service {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let found = self
            .operations
            .binary_search_by(|operation| operation.name.cmp(name));
        found.ok().map(|index| &self.operations[index])
    }

    /// The status that the model gives to an error code.
    pub fn status_of(&self, code: &str) -> Option<u16> {
        self.errors
            .iter()
            .find(|error| error.code == code)
            .map(|error| error.status)
    }
}

impl Shape {
    /// The members of a structure; none for anything else.
    pub fn members(&self) -> &'static [Member] {
        if let Kind::Structure(members) = self.kind {
            members
        } else {
            &[]
        }
    }

    /// Whether values stand in one place as text.
    pub fn is_scalar(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. }
        )
    }
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.service == other.service && self.name == other.name
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.name, self.name)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The shape of "nothing": input or output of operations that have none.
pub(crate) static NOTHING: Shape = Shape {
    name: "Nothing",
    kind: Kind::Structure(&[]),
    min: None,
    max: None,
    pattern: None,
    one_of: &[],
    sensitive: false,
    percent_encoded: false,
};
