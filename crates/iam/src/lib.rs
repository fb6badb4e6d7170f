//! What an account contains: OIDC providers, roles, policies, users, groups, access keys and
//! instance profiles.
//!
//! [`Accounts`] is the immutable picture of all accounts that requests decide against: built from
//! the store's range under [`PREFIX`], kept up to date by [`Accounts::apply`]. Every operation is a
//! function from that picture, its input, the time and some randomness to a [`Written`]: the
//! transaction that would make it so, and the answer. Nothing here runs a transaction.
//!
//! INVARIANT (one writer an account): every transaction compares and rewrites its account's own
//! record, so whatever was checked on the snapshot (quotas, free names, nothing attached) still holds
//! when it commits; a writer that lost the race decides again on the newer snapshot. Last uses,
//! accesses and reports alone are written beside it: nothing is decided on them.

mod accesses;
mod account;
mod accounts;
mod directory;
mod draft;
mod entity;
mod error;
mod last_use;
mod layers;
mod managed;
mod organisation;
mod page;
mod quotas;
mod records;
mod seconds;
mod target;

pub mod operations;

pub use accesses::{Access, Accesses, write_accesses};
pub use account::Account;
pub use accounts::{Accounts, PREFIX, Unreadable};
pub use directory::PinnedTrust;
pub use draft::Written;
pub use entity::{Entity, Holder, Kept};
pub use error::{IamError, InTheWay};
pub use last_use::{LastUse, write_last_uses};
pub use layers::IdentityLayers;
pub use managed::{ManagedPolicy, managed_policies, managed_policy};
pub use organisation::{
    Organisation, OrganisationNode, OrganisationPolicy, declare_organisation, retract_organisation,
};
pub use page::{Page, PageRequest};
pub use records::{
    AccessKey, AccountRecord, Group, InstanceProfile, KeyStatus, OidcProvider, Permissions, Policy,
    PolicyVersion, Role, Tag, User,
};
pub use target::{All, New};
