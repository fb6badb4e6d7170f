//! Tags on roles, users, policies, providers and instance profiles: Tag…, Untag…, List…Tags.

use crate::account::Account;
use crate::draft::{Written, update};
use crate::entity::Entity;
use crate::error::IamError;
use crate::page::{Page, PageRequest};
use crate::quotas::{TAGS, at_most};
use crate::records::Tag;
use std::collections::BTreeSet;

/// Adds tags, or gives them new values.
///
/// # Errors
/// The kind's `NoSuchEntity`, a key given twice, a fifty-first tag.
pub fn tag<E: Entity + 'static>(
    account: &Account,
    name: &E::Name,
    new: Vec<Tag>,
) -> Result<Written, IamError> {
    must_differ(&new)?;
    update(account, name, |entity: &mut E| {
        let Some(tags) = entity.tags_mut() else {
            return Ok(());
        };
        tags.retain(|old| !new.iter().any(|tag| tag.key.eq_ignore_ascii_case(&old.key)));
        tags.extend(new);
        at_most(TAGS, tags.len(), "TagsPerResource")
    })
}

/// Takes tags away; keys that are not there do not matter.
///
/// # Errors
/// The kind's `NoSuchEntity`.
pub fn untag<E: Entity + 'static>(
    account: &Account,
    name: &E::Name,
    keys: &[String],
) -> Result<Written, IamError> {
    update(account, name, |entity: &mut E| {
        if let Some(tags) = entity.tags_mut() {
            tags.retain(|tag| !keys.iter().any(|key| key.eq_ignore_ascii_case(&tag.key)));
        }
        Ok(())
    })
}

/// The tags, by key.
///
/// # Errors
/// The kind's `NoSuchEntity`, a bad marker.
pub fn list_tags<E: Entity + 'static>(
    account: &Account,
    name: &E::Name,
    page: &PageRequest,
) -> Result<Page<Tag>, IamError> {
    let mut tags = account.find::<E>(name)?.tags().to_vec();
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    page.cut(tags.into_iter().map(|tag| (tag.key.clone(), tag)))
}

/// The tags of a new entity.
pub(super) fn fresh(tags: Vec<Tag>) -> Result<Vec<Tag>, IamError> {
    must_differ(&tags)?;
    at_most(TAGS, tags.len(), "TagsPerResource")?;
    Ok(tags)
}

fn must_differ(tags: &[Tag]) -> Result<(), IamError> {
    let mut seen = BTreeSet::new();
    if tags.iter().all(|tag| seen.insert(tag.key.to_lowercase())) {
        return Ok(());
    }
    Err(IamError::InvalidInput(
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.".into(),
    ))
}
