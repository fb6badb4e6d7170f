//! Who asks: the users and groups that every cluster knows.

use objects::KubeUser;

/// The group that may do everything.
pub const MASTERS: &str = "system:masters";
/// The group of everybody who said who they are.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";
/// The group of everybody else.
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";
/// Whoever shows nothing.
pub(crate) const ANONYMOUS: &str = "system:anonymous";

/// A user of that name in those groups.
#[must_use]
pub fn user(name: &str, groups: &[&str]) -> KubeUser {
    KubeUser {
        name: name.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..KubeUser::default()
    }
}
