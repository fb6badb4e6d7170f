//! What the ARNs of all kinds share.

/// Defines the ARN of what an account owns: its text, and the parts that it was put together from.
///
/// The type has `new` of its own, and `from_arn`, by which it is read.
macro_rules! arn_type {
    (
        $(#[$doc:meta])*
        $name:ident, $error:ident, $noun:literal, $form:expr,
        { $($(#[$part_doc:meta])* $part:ident: $part_type:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            text: std::sync::Arc<str>,
            partition: $crate::Partition,
            account: $crate::AccountId,
            $($part: $part_type,)*
        }

        #[doc = concat!("The text is not ", $noun, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("`{0}` is not {noun}: `{form}`", noun = $noun, form = $form)]
        pub struct $error(pub String);

        impl $name {
            /// The partition.
            #[must_use]
            pub fn partition(&self) -> $crate::Partition {
                self.partition
            }

            /// The account that owns it.
            #[must_use]
            pub fn account(&self) -> $crate::AccountId {
                self.account
            }

            $(
                $(#[$part_doc])*
                #[must_use]
                pub fn $part(&self) -> &$part_type {
                    &self.$part
                }
            )*

            /// The whole text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let arn = text.parse::<$crate::Arn>().ok();
                arn.and_then(|arn| Self::from_arn(&arn)).ok_or_else(|| $error(text.to_owned()))
            }
        }

        text_traits!($name);
        compare_by_text!($name);
    };
}
