//! Inline policies of roles, users and groups: Put…Policy, Get…Policy, List…Policies, Delete…Policy.

use crate::account::Account;
use crate::draft::{Written, update};
use crate::entity::Holder;
use crate::error::IamError;
use crate::page::{Page, PageRequest};
use crate::quotas::characters;
use names::PolicyName;

/// Puts a policy, in place of the one of that name.
///
/// # Errors
/// The kind's `NoSuchEntity`, [`IamError::MalformedPolicy`], or all policies together are too long.
pub fn put_policy<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    policy: PolicyName,
    document: String,
) -> Result<Written, IamError> {
    update(account, name, |holder: &mut E| {
        super::policies::must_parse(&document)?;
        let inline = &mut holder.permissions_mut().inline;
        inline.insert(policy, document);
        let total: usize = inline.values().map(|document| characters(document)).sum();
        if total > E::INLINE_CHARACTERS_MAX {
            let max = E::INLINE_CHARACTERS_MAX;
            return Err(IamError::InlinePoliciesTooLong {
                max,
                holder: E::WORD,
                name: holder.name_text(),
            });
        }
        Ok(())
    })
}

/// The document of a policy, as sent.
///
/// # Errors
/// The kind's `NoSuchEntity`, [`IamError::NoInlinePolicy`].
pub fn get_policy<'a, E: Holder + 'static>(
    account: &'a Account,
    name: &E::Name,
    policy: &PolicyName,
) -> Result<&'a str, IamError> {
    let document = account.find::<E>(name)?.permissions().inline.get(policy);
    document
        .map(String::as_str)
        .ok_or_else(|| missing::<E>(policy))
}

/// The names of the policies.
///
/// # Errors
/// The kind's `NoSuchEntity`, a bad marker.
pub fn list_policies<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    page: &PageRequest,
) -> Result<Page<PolicyName>, IamError> {
    let inline = &account.find::<E>(name)?.permissions().inline;
    page.cut(
        inline
            .keys()
            .map(|policy| (policy.to_string(), policy.clone())),
    )
}

/// Deletes a policy.
///
/// # Errors
/// The kind's `NoSuchEntity`, [`IamError::NoInlinePolicy`].
pub fn delete_policy<E: Holder + 'static>(
    account: &Account,
    name: &E::Name,
    policy: &PolicyName,
) -> Result<Written, IamError> {
    update(account, name, |holder: &mut E| {
        let gone = holder.permissions_mut().inline.remove(policy);
        gone.map(drop).ok_or_else(|| missing::<E>(policy))
    })
}

fn missing<E: Holder>(policy: &PolicyName) -> IamError {
    IamError::NoInlinePolicy {
        holder: E::WORD,
        policy: policy.clone(),
    }
}
