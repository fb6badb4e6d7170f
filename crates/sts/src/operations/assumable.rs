//! Whether a role may be assumed, by a caller or by the bearer of a token.

use std::marker::PhantomData;

use names::RoleArn;
use policy::{Operation, Permit, RequestContext};

use crate::denial::{Denial, DenialCause};
use crate::directory::{Asker, Authority, RoleFacts};
use crate::error::StsError;

/// `sts:TagSession`, which tags imply, of a role's session or of a federated user's.
#[derive(Debug)]
pub struct TagSession<Target>(PhantomData<Target>);

impl<Target> Operation for TagSession<Target> {
    const ACTION: &'static str = "sts:TagSession";
    type Target = Target;
}

/// `sts:SetSourceIdentity`, which a source identity implies.
#[derive(Debug)]
pub struct SetSourceIdentity;

impl Operation for SetSourceIdentity {
    const ACTION: &'static str = "sts:SetSourceIdentity";
    type Target = RoleArn;
}

/// What a call does besides assuming a role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Implied {
    /// It gives the session tags.
    pub(super) tags: bool,
    /// It says who is behind the session.
    pub(super) source_identity: bool,
}

/// Asks for the role, under these condition keys of the call, and for what the call implies.
///
/// A missing role answers as one that does not trust.
pub(super) fn may_assume<Op: Operation<Target = RoleArn>>(
    asker: Asker<'_>,
    role: &RoleArn,
    implied: Implied,
    mut keys: RequestContext,
    authority: &impl Authority,
) -> Result<(Permit<Op>, RoleFacts), StsError> {
    let Some(facts) = authority.role(role) else {
        let asked = authority.authorise_by_trust::<Op>(asker, role.clone(), &keys, &[]);
        let cause = DenialCause::NoSuchRole {
            role: role.clone(),
            refusal: asked.err(),
        };
        return Err(denied::<Op>(asker, role, cause));
    };
    facts.set_keys(&mut keys);
    let permit = may::<Op>(asker, role, &keys, authority, &[])?;
    let mut before = vec![Op::ACTION];
    if implied.tags {
        may::<TagSession<RoleArn>>(asker, role, &keys, authority, &before)?;
        before.push(TagSession::<RoleArn>::ACTION);
    }
    if implied.source_identity {
        may::<SetSourceIdentity>(asker, role, &keys, authority, &before)?;
    }
    Ok((permit, facts))
}

fn may<Op: Operation<Target = RoleArn>>(
    asker: Asker<'_>,
    role: &RoleArn,
    keys: &RequestContext,
    authority: &impl Authority,
    before: &[&'static str],
) -> Result<Permit<Op>, StsError> {
    let permit = authority.authorise_by_trust(asker, role.clone(), keys, before);
    permit.map_err(|refusal| denied::<Op>(asker, role, DenialCause::Policies(refusal)))
}

fn denied<Op: Operation>(asker: Asker<'_>, role: &RoleArn, cause: DenialCause) -> StsError {
    StsError::Denied(Denial::of_role(asker, Op::ACTION, role, cause))
}
