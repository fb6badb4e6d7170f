//! ARNs of what an account contains: `arn:P:iam::ACCOUNT:KIND/PATH/NAME`.

use crate::arn::spelt;
use crate::{AccountId, Arn, GroupName, InstanceProfileName, Partition, Path, RoleName, UserName};

/// Defines the ARN of one kind of IAM entity.
macro_rules! entity_arn {
    ($(#[$doc:meta])* $name:ident, $error:ident, $entity_name:ident, $kind:literal, $noun:literal) => {
        arn_type! {
            $(#[$doc])*
            $name, $error, $noun, concat!("arn:aws:iam::111111111111:", $kind, "/PATH/NAME"),
            {
                /// The path, `/` unless told otherwise.
                path: Path,
                /// The name without the path.
                name: $entity_name,
            }
        }

        impl $name {
            /// Puts the parts together.
            #[must_use]
            pub fn new(
                partition: Partition,
                account: AccountId,
                path: &Path,
                name: &$entity_name,
            ) -> Self {
                let resource = [$kind, path.as_str(), name.as_str()];
                Self {
                    text: spelt(partition, "iam", "", account.as_str(), &resource).into(),
                    partition,
                    account,
                    path: path.clone(),
                    name: name.clone(),
                }
            }

            fn from_arn(arn: &Arn) -> Option<Self> {
                let (path, name) = path_and_name(arn, $kind)?;
                Some(Self {
                    text: arn.text(),
                    partition: arn.partition(),
                    account: arn.account_id()?,
                    path: path.parse().ok()?,
                    name: name.parse().ok()?,
                })
            }
        }
    };
}

entity_arn! {
    /// A role's ARN, path included.
    RoleArn, NotARoleArn, RoleName, "role", "a role ARN"
}

entity_arn! {
    /// An IAM user's ARN, path included.
    UserArn, NotAUserArn, UserName, "user", "a user ARN"
}

entity_arn! {
    /// An IAM group's ARN, path included.
    GroupArn, NotAGroupArn, GroupName, "group", "a group ARN"
}

entity_arn! {
    /// An instance profile's ARN, path included.
    InstanceProfileArn, NotAnInstanceProfileArn, InstanceProfileName, "instance-profile",
    "an instance profile ARN"
}

/// Splits `KIND/PATH/NAME` of a global IAM ARN after the kind and before the name.
pub(crate) fn path_and_name<'a>(arn: &'a Arn, kind: &str) -> Option<(&'a str, &'a str)> {
    if arn.service() != "iam" || !arn.region().is_empty() {
        return None;
    }
    let path_and_name = arn.resource().strip_prefix(kind)?;
    let name_at = path_and_name.rfind('/')? + 1;
    Some(path_and_name.split_at(name_at))
}
