//! A request whose sender is known, and what an operation makes of it.

use crate::Inner;
use crate::notes::{self, Notes};
use crate::refused::{Denied, Refused};
use crate::standing::Standing;
use crate::world::{Unchanged, World};
use ::sts::{Authority as _, Caller};
use audit::Finding;
use awswire::{AwsError, dto};
use names::{AccountId, Region};
use policy::{Operation, Permit, RequestContext, Resource};
use std::sync::Arc;

/// A request whose sender is known.
pub(crate) struct Call<'a> {
    pub(crate) plane: &'a Inner,
    pub(crate) world: &'a Arc<World>,
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a Region,
    pub(crate) standing: &'a Standing<'a>,
    /// What is found out while it runs.
    pub(crate) notes: Notes,
}

/// An operation on what an account holds: what it needs, and what it does once it may.
pub(crate) trait Handler: Operation + Sized + Send {
    /// The request, as the service's model has it.
    type Input: dto::Request + Send;

    /// What the operation is about, read from the request alone.
    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<Self::Target>, AwsError>;

    /// Does it.
    fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> impl Future<Output = Result<<Self::Input as dto::Request>::Response, Refused>> + Send;
}

/// What an operation is about.
pub(crate) struct Asks<T> {
    /// What the permit will hold, and what it is to policies.
    pub(crate) resource: Resource<T>,
    /// The condition keys of the call itself.
    pub(crate) keys: RequestContext,
}

impl<T> Asks<T> {
    /// A call that gives conditions nothing to read.
    pub(crate) fn about(resource: Resource<T>) -> Self {
        let keys = RequestContext::new();
        Self { resource, keys }
    }

    /// The same, with the condition keys that the call gives.
    pub(crate) fn with(self, keys: RequestContext) -> Self {
        Self { keys, ..self }
    }

    /// The same, named like this when it is denied.
    pub(crate) fn shown_as(self, text: String) -> Self {
        let resource = self.resource.shown_as(text);
        Self { resource, ..self }
    }
}

impl Call<'_> {
    /// The caller's account.
    pub(crate) fn account(&self) -> Result<&::iam::Account, AwsError> {
        self.world
            .accounts
            .account(self.caller.account())
            .map_err(|refused| of_iam(&refused))
    }

    pub(crate) fn account_id(&self) -> AccountId {
        self.caller.account()
    }

    /// A question about what policies know no resource for.
    pub(crate) fn unnamed<T>(&self, target: T) -> Asks<T> {
        Asks::about(Resource::unnamed(target, self.account_id()))
    }

    /// Asks whether the caller may do an operation.
    pub(crate) fn authorise<Op: Operation>(
        &self,
        asks: Asks<Op::Target>,
    ) -> Result<Permit<Op>, Refused> {
        let permit = self
            .standing
            .authorise(self.caller, asks.resource, &asks.keys);
        permit.map_err(|refusal| Denied::with_reason(refusal).into())
    }

    /// Keeps warnings for the trail.
    pub(crate) fn note(&self, findings: Vec<Finding>) {
        findings
            .into_iter()
            .for_each(|finding| self.notes.add(finding));
    }

    /// Changes what accounts hold.
    pub(crate) async fn change<T>(
        &self,
        decide: impl Fn(&World) -> Result<::iam::Written<T>, ::iam::IamError> + Send,
    ) -> Result<T, AwsError> {
        let changed = self
            .plane
            .worlds
            .change(|world| decide(world).map(|written| (written.transaction, written.output)));
        changed.await.map_err(|unchanged| match unchanged {
            Unchanged::Refused(refused) => {
                let left_out = notes::refusal(&refused);
                left_out
                    .into_iter()
                    .for_each(|finding| self.notes.add(finding));
                of_iam(&refused)
            }
            Unchanged::Store(refused) => {
                AwsError::new("ServiceUnavailable", 503, refused.to_string())
            }
            Unchanged::Unreadable(why) => AwsError::new("InternalFailure", 500, why),
        })
    }
}

/// An IAM refusal on the wire.
pub(crate) fn of_iam(refused: &::iam::IamError) -> AwsError {
    AwsError::new(refused.code(), refused.status(), refused.to_string())
}
