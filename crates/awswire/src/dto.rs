//! Typed structures of the operations that the plane builds, written from the models.
//!
//! For every operation there is `<Operation>Request` and `<Operation>Response`; nested structures
//! keep the model's name. A required member is a plain field, any other an `Option`. What an
//! operation is asked has passed every constraint of the model when a handler sees it.

use crate::model::Operation;
use crate::value::Typed;

/// What one operation is asked.
#[expect(private_bounds, reason = "only the generated structures are requests")]
pub trait Request: Typed {
    /// What the operation answers.
    type Response: Response;
    /// The operation.
    const OPERATION: &'static Operation;
}

/// What one operation answers.
#[expect(private_bounds, reason = "only the generated structures are responses")]
pub trait Response: Typed {
    /// The operation.
    const OPERATION: &'static Operation;
}

macro_rules! structure {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $index:literal $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self::absent()
            }
        }

        impl Typed for $name {
            fn absent() -> Self {
                Self { $($field: <$type as Typed>::absent(),)* }
            }

            fn from_value(value: Value) -> Result<Self, Mismatch> {
                let Value::Structure(members) = value else { return Err(Mismatch) };
                $(let mut $field = None;)*
                for (index, value) in members {
                    match index {
                        $($index => $field = Some(Typed::from_value(value)?),)*
                        _ => return Err(drop_value(value)),
                    }
                }
                Ok(Self { $($field: $field.unwrap_or_else(<$type as Typed>::absent),)* })
            }

            fn into_value(self) -> Option<Value> {
                const INDICES: &[usize] = &[$($index,)*];
                #[allow(unused_mut, clippy::allow_attributes, reason = "a structure may be empty")]
                let mut members: Vec<(usize, Value)> = Vec::with_capacity(INDICES.len());
                $(members.extend(self.$field.into_value().map(|value| ($index, value)));)*
                Some(Value::Structure(members))
            }
        }
    };
}

macro_rules! operation {
    ($request:ident => $response:ident, $operation:expr) => {
        impl Request for $request {
            type Response = $response;
            const OPERATION: &'static Operation = $operation;
        }

        impl Response for $response {
            const OPERATION: &'static Operation = $operation;
        }
    };
}

macro_rules! services {
    ($($(#[$doc:meta])* $module:ident)+) => {$(
        $(#[$doc])*
        #[allow(unused_imports, clippy::allow_attributes, reason = "generated; not every service uses every type")]
        pub mod $module {
            use std::collections::BTreeMap;

            use jiff::Timestamp;
            use names::secret::Secret;

            use super::{Request, Response, drop_value};
            use crate::model::Operation;
            use crate::value::{Mismatch, Typed, Value};

            include!(concat!(env!("OUT_DIR"), "/dto_", stringify!($module), ".rs"));
        }
    )+};
}

services! {
    /// AWS Security Token Service.
    sts
    /// AWS Identity and Access Management.
    iam
    /// Amazon Elastic Kubernetes Service.
    eks
    /// Amazon EKS Auth, which serves EKS Pod Identity.
    eks_auth
    /// IAM Toolbox, which explains denials.
    iam_toolbox
}

/// A member that the structure does not have.
fn drop_value(_: crate::Value) -> crate::Mismatch {
    crate::Mismatch
}
