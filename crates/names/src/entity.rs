//! Names of IAM's entities: unique in an account ignoring case, stored and compared with case.

use crate::spelling::is_iam_word;

name! {
    /// A role's name, without its path.
    RoleName, NotARoleName, "a role name",
    "1 to 64 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 1, 64)
}

name! {
    /// A user's name, without its path.
    UserName, NotAUserName, "a user name",
    "1 to 64 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 1, 64)
}

name! {
    /// An IAM group's name, without its path.
    GroupName, NotAGroupName, "a group name",
    "1 to 128 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 1, 128)
}

name! {
    /// The name of a managed or inline policy.
    PolicyName, NotAPolicyName, "a policy name",
    "1 to 128 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 1, 128)
}

name! {
    /// An instance profile's name, without its path.
    InstanceProfileName, NotAnInstanceProfileName, "an instance profile name",
    "1 to 128 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 1, 128)
}

/// Gives a name the spelling under which it must be unique in its account.
macro_rules! unique_ignoring_case {
    ($($name:ident),*) => {$(
        impl $name {
            /// The lower-case spelling: two entities of an account may not share it.
            #[must_use]
            pub fn folded(&self) -> std::borrow::Cow<'_, str> {
                crate::in_lower_case(self.as_str())
            }
        }
    )*};
}

unique_ignoring_case!(
    RoleName,
    UserName,
    GroupName,
    PolicyName,
    InstanceProfileName
);
