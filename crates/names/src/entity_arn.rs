//! ARNs of what an account contains: `arn:P:iam::ACCOUNT:KIND/PATH/NAME`.

use crate::{AccountId, Arn, GroupName, InstanceProfileName, Partition, Path, RoleName, UserName};

/// Defines the ARN of one kind of IAM entity.
macro_rules! entity_arn {
    ($(#[$doc:meta])* $name:ident, $error:ident, $entity_name:ident, $kind:literal, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            text: std::sync::Arc<str>,
            partition: Partition,
            account: AccountId,
            path: Path,
            name: $entity_name,
        }

        #[doc = concat!("The text is not ", $noun, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("`{0}` is not {noun}: `arn:aws:iam::111111111111:{kind}/PATH/NAME`", noun = $noun, kind = $kind)]
        pub struct $error(pub String);

        impl $name {
            /// Puts the parts together.
            #[must_use]
            pub fn new(
                partition: Partition,
                account: AccountId,
                path: &Path,
                name: &$entity_name,
            ) -> Self {
                Self {
                    text: format!(concat!("arn:{}:iam::{}:", $kind, "{}{}"), partition, account, path, name).into(),
                    partition,
                    account,
                    path: path.clone(),
                    name: name.clone(),
                }
            }

            /// The partition.
            #[must_use]
            pub fn partition(&self) -> Partition {
                self.partition
            }

            /// The account that owns the entity.
            #[must_use]
            pub fn account(&self) -> AccountId {
                self.account
            }

            /// The path, `/` unless told otherwise.
            #[must_use]
            pub fn path(&self) -> &Path {
                &self.path
            }

            /// The name without the path.
            #[must_use]
            pub fn name(&self) -> &$entity_name {
                &self.name
            }

            /// The whole text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.text
            }

            fn from_arn(arn: &Arn) -> Option<Self> {
                let (path, name) = path_and_name(arn, $kind)?;
                Some(Self {
                    text: arn.as_str().into(),
                    partition: arn.partition(),
                    account: arn.account_id()?,
                    path: path.parse().ok()?,
                    name: name.parse().ok()?,
                })
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let arn = text.parse::<Arn>().ok();
                arn.and_then(|arn| Self::from_arn(&arn)).ok_or_else(|| $error(text.to_owned()))
            }
        }

        text_traits!($name);
        compare_by_text!($name);
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
