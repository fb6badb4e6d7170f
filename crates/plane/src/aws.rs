//! One AWS request from its bytes to its answer.
//!
//! Route, authenticate, read, authorise, do, write. An operation is a `Handler`; without the
//! [`Permit`] that only authorisation gives it, it cannot run.

mod eks;
mod iam;
mod sts;

use crate::received::Received;
use crate::standing::Standing;
use crate::world::{Unchanged, World};
use crate::{Inner, chance};
use ::sts::{Caller, ConditionKeys};
use audit::{ErrorAnswer, EventKind, Finding, Hop, IdentityKind, Record, Trail, UserIdentity};
use awswire::dto;
use awswire::{AwsError, Call as Routed, Response, RouteError};
use jiff::Timestamp;
use names::{AccountId, Region, RequestId};
use policy::{Operation, Permit, RequestContext};
use sigv4::{BodyHash, Expectation, Family, Presented};
use std::sync::Arc;

/// A request whose sender is known.
pub(crate) struct Call<'a> {
    pub(crate) plane: &'a Inner,
    pub(crate) world: &'a Arc<World>,
    pub(crate) caller: &'a Caller,
    pub(crate) region: Region,
    pub(crate) standing: &'a Standing<'a>,
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
    ) -> impl Future<Output = Result<<Self::Input as dto::Request>::Response, AwsError>> + Send;
}

/// What an operation is about.
pub(crate) struct Asks<T> {
    /// What the permit will hold.
    pub(crate) target: T,
    /// The ARN that is decided on, or `*`.
    pub(crate) resource: String,
    /// The resource as AWS's denial names it.
    pub(crate) shown: String,
    /// The condition keys of this operation and resource.
    pub(crate) keys: ConditionKeys,
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
            Unchanged::Refused(refused) => of_iam(&refused),
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

/// Reads, authorises, does and writes one operation.
async fn serve<H: Handler>(
    routed: &Routed<'_>,
    call: &Call<'_>,
    request_id: &RequestId,
    trail: &mut Trail,
) -> Result<Response, AwsError> {
    let input: H::Input = routed.input()?;
    let asks = H::asks(&input, call)?;
    let context = call
        .standing
        .context(Some(call.caller), call.account_id(), &asks.keys);
    let principal = call.caller.principal();
    let session = call.standing.session_policies(call.caller);
    let layers = call.standing.caller_layers(&principal, session.as_ref());
    let question = policy::Question {
        principal: &principal,
        action: H::ACTION,
        resource: &asks.resource,
        resource_account: Some(call.account_id()),
        context: &context,
    };
    let permit = policy::authorise::<H>(asks.target, &question, &layers).map_err(|refusal| {
        trail.push(crate::trail::finding(&refusal.explanation));
        let code = match routed.service.name {
            "iam" | "sts" => "AccessDenied",
            _ => "AccessDeniedException",
        };
        AwsError::new(code, 403, refusal.wire_text(&asks.shown))
    })?;
    let response = H::run(permit, input, call).await?;
    Ok(awswire::encode(response, request_id))
}

/// Lists the operations that are built, and sends each request to its own.
macro_rules! registry {
    ($($handler:path),* $(,)?) => {
        /// The operations that go by [`Handler`].
        fn handled() -> Vec<&'static awswire::Operation> {
            vec![$(<<$handler as Handler>::Input as dto::Request>::OPERATION),*]
        }

        async fn dispatch(
            routed: &Routed<'_>,
            call: &Call<'_>,
            request_id: &RequestId,
            trail: &mut Trail,
        ) -> Result<Response, AwsError> {
            $(if std::ptr::eq(routed.operation, <<$handler as Handler>::Input as dto::Request>::OPERATION) {
                return serve::<$handler>(routed, call, request_id, trail).await;
            })*
            Err(AwsError::not_built(routed.operation))
        }
    };
}

registry! {
    eks::ListClusters,
    eks::DescribeCluster,
    eks::CreateCluster,
    eks::DeleteCluster,
    eks::UpdateClusterConfig,
    eks::DescribeUpdate,
    eks::DescribeClusterVersions,
    eks::TagResource,
    eks::UntagResource,
    eks::ListTagsForResource,
    iam::access_keys::CreateAccessKey,
    iam::access_keys::ListAccessKeys,
    iam::access_keys::UpdateAccessKey,
    iam::access_keys::DeleteAccessKey,
    iam::aliases::CreateAccountAlias,
    iam::aliases::DeleteAccountAlias,
    iam::aliases::ListAccountAliases,
    iam::groups::CreateGroup,
    iam::groups::GetGroup,
    iam::groups::ListGroups,
    iam::groups::ListGroupsForUser,
    iam::groups::UpdateGroup,
    iam::groups::DeleteGroup,
    iam::groups::AddUserToGroup,
    iam::groups::RemoveUserFromGroup,
    iam::groups::AttachGroupPolicy,
    iam::groups::DetachGroupPolicy,
    iam::groups::ListAttachedGroupPolicies,
    iam::inline::PutRolePolicy,
    iam::inline::GetRolePolicy,
    iam::inline::ListRolePolicies,
    iam::inline::DeleteRolePolicy,
    iam::inline::PutUserPolicy,
    iam::inline::GetUserPolicy,
    iam::inline::ListUserPolicies,
    iam::inline::DeleteUserPolicy,
    iam::inline::PutGroupPolicy,
    iam::inline::GetGroupPolicy,
    iam::inline::ListGroupPolicies,
    iam::inline::DeleteGroupPolicy,
    iam::instance_profiles::CreateInstanceProfile,
    iam::instance_profiles::GetInstanceProfile,
    iam::instance_profiles::ListInstanceProfiles,
    iam::instance_profiles::ListInstanceProfilesForRole,
    iam::instance_profiles::AddRoleToInstanceProfile,
    iam::instance_profiles::RemoveRoleFromInstanceProfile,
    iam::instance_profiles::DeleteInstanceProfile,
    iam::policies::CreatePolicy,
    iam::policies::GetPolicy,
    iam::policies::GetPolicyVersion,
    iam::policies::ListPolicies,
    iam::policies::DeletePolicy,
    iam::policies::CreatePolicyVersion,
    iam::policies::ListPolicyVersions,
    iam::policies::SetDefaultPolicyVersion,
    iam::policies::DeletePolicyVersion,
    iam::policies::ListEntitiesForPolicy,
    iam::providers::CreateOpenIDConnectProvider,
    iam::providers::GetOpenIDConnectProvider,
    iam::providers::ListOpenIDConnectProviders,
    iam::providers::DeleteOpenIDConnectProvider,
    iam::providers::AddClientIDToOpenIDConnectProvider,
    iam::providers::RemoveClientIDFromOpenIDConnectProvider,
    iam::providers::UpdateOpenIDConnectProviderThumbprint,
    iam::roles::CreateRole,
    iam::roles::GetRole,
    iam::roles::ListRoles,
    iam::roles::UpdateRole,
    iam::roles::UpdateRoleDescription,
    iam::roles::DeleteRole,
    iam::roles::UpdateAssumeRolePolicy,
    iam::roles::AttachRolePolicy,
    iam::roles::DetachRolePolicy,
    iam::roles::ListAttachedRolePolicies,
    iam::roles::PutRolePermissionsBoundary,
    iam::roles::DeleteRolePermissionsBoundary,
    iam::tags::TagRole,
    iam::tags::UntagRole,
    iam::tags::ListRoleTags,
    iam::tags::TagUser,
    iam::tags::UntagUser,
    iam::tags::ListUserTags,
    iam::tags::TagInstanceProfile,
    iam::tags::UntagInstanceProfile,
    iam::tags::ListInstanceProfileTags,
    iam::tags::TagPolicy,
    iam::tags::UntagPolicy,
    iam::tags::ListPolicyTags,
    iam::tags::TagOpenIDConnectProvider,
    iam::tags::UntagOpenIDConnectProvider,
    iam::tags::ListOpenIDConnectProviderTags,
    iam::users::CreateUser,
    iam::users::GetUser,
    iam::users::ListUsers,
    iam::users::UpdateUser,
    iam::users::DeleteUser,
    iam::users::AttachUserPolicy,
    iam::users::DetachUserPolicy,
    iam::users::ListAttachedUserPolicies,
    iam::users::PutUserPermissionsBoundary,
    iam::users::DeleteUserPermissionsBoundary,
}

/// Every operation that this plane answers.
#[must_use]
pub fn operations() -> Vec<&'static awswire::Operation> {
    let mut all = handled();
    all.extend(sts::built());
    all
}

/// Answers one AWS request. `None`: it is none.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Response> {
    let now = chance::now();
    let request_id = RequestId::from_random(chance::random());
    let mut record = Record::new(request_id.clone(), now, received.peer.ip());
    let headers = received.header_slices();
    let head = sigv4::RequestHead {
        method: received.method(),
        raw_path: received.path(),
        raw_query: received.query(),
        headers: &headers,
    };
    let claimed = sigv4::claimed_scope(&head);
    let wire_head = awswire::Head {
        method: received.method(),
        path: received.path(),
        query: received.query(),
        host: received.header("host").unwrap_or_default(),
        content_type: received.header("content-type").unwrap_or_default(),
        target: received.header("x-amz-target"),
        signed_for: claimed.as_ref().map(|scope| scope.service.as_str()),
        ..awswire::Head::default()
    };
    let response = match awswire::route(&wire_head, &received.body) {
        Err(RouteError::NotAws) => return None,
        Err(RouteError::Refused { service, error }) => {
            record
                .trail
                .push(Finding::refused(Hop::Route, error.message.clone()));
            refuse(&mut record, &error);
            awswire::encode_error(service, &error, &request_id)
        }
        Ok(routed) => {
            record.event_source =
                audit::Text::new(&format!("{}.amazonaws.com", routed.service.name));
            record.event_name = audit::Text::new(routed.operation.name);
            record.event_type = EventKind::AwsApiCall;
            match work(
                plane,
                received,
                &head,
                &routed,
                &request_id,
                &mut record,
                now,
            )
            .await
            {
                Ok(response) => response,
                Err(error) => {
                    refuse(&mut record, &error);
                    awswire::encode_error(routed.service, &error, &request_id)
                }
            }
        }
    };
    record.status = response.status;
    plane.remember(&record).await;
    Some(response)
}

fn refuse(record: &mut Record, error: &AwsError) {
    // What no layer explained, the operation itself refused.
    if record.trail.refusal().is_none() {
        record
            .trail
            .push(Finding::refused(Hop::Operation, error.message.as_str()));
    }
    record.error = Some(ErrorAnswer {
        code: audit::Text::new(&error.code),
        message: audit::Text::new(&error.message),
    });
}

/// From the signature on.
async fn work(
    plane: &Inner,
    received: &Received,
    head: &sigv4::RequestHead<'_>,
    routed: &Routed<'_>,
    request_id: &RequestId,
    record: &mut Record,
    now: Timestamp,
) -> Result<Response, AwsError> {
    let world = plane.worlds.now();
    let standing = Standing {
        accounts: &world.accounts,
        keyring: plane.worlds.keyring(),
        request_keys: &|| request_keys(plane, received, now),
    };
    if routed.operation.unsigned {
        return sts::unsigned(plane, &world, &standing, routed, request_id, record).await;
    }
    let family = match routed.service.name {
        "sts" | "iam" | "cloudformation" => Family::Query,
        _ => Family::Json,
    };
    let expectation = Expectation {
        services: &[routed.service.signing_name],
        now,
    };
    let presented =
        Presented::parse(head, &BodyHash::of(&received.body), &expectation).map_err(|refused| {
            let mut finding = Finding::refused(Hop::Signature, refused.to_string());
            if let Some(advice) = refused.advice() {
                finding = finding.change(advice);
            }
            record.trail.push(finding);
            AwsError::new(
                refused.code(family),
                refused.status(family),
                refused.to_string(),
            )
        })?;
    let region = presented
        .region()
        .parse()
        .unwrap_or_else(|_| plane.config.region.clone());
    let caller = ::sts::authenticate(presented, &standing, &plane.sessions, &plane.derived, now)
        .map_err(|refused| {
            let cause = match &refused {
                ::sts::RefusedCredentials::Invalid(cause) => cause.to_string(),
                ::sts::RefusedCredentials::Expired { .. }
                | ::sts::RefusedCredentials::Signature(_) => refused.to_string(),
            };
            record.trail.push(Finding::refused(Hop::Signature, cause));
            AwsError::new(
                refused.code(family),
                refused.status(family),
                refused.to_string(),
            )
        })?;
    record.user_identity = identity_of(&caller);
    record.trail.push(Finding::passed(
        Hop::Signature,
        format!("signed by {}", caller.arn()),
    ));
    let call = Call {
        plane,
        world: &world,
        caller: &caller,
        region,
        standing: &standing,
    };
    let answered = match routed.service.name {
        "sts" => sts::signed(&call, routed, request_id, record),
        _ => dispatch(routed, &call, request_id, &mut record.trail).await,
    };
    if answered.is_ok() {
        record.trail.push(Finding::passed(Hop::Operation, "done"));
    }
    answered
}

fn identity_of(caller: &Caller) -> UserIdentity {
    let kind = if caller.session().is_some() {
        IdentityKind::AssumedRole
    } else {
        IdentityKind::User
    };
    let mut identity = UserIdentity::of(kind);
    identity.principal_id = Some(audit::Text::new(&caller.user_id()));
    identity.arn = Some(audit::Text::new(&caller.arn()));
    identity.account_id = Some(caller.account());
    identity.access_key_id = Some(caller.access_key_id().clone());
    identity
}

/// The keys that every request has.
fn request_keys(plane: &Inner, received: &Received, now: Timestamp) -> RequestContext {
    let mut context = RequestContext::new();
    context
        .set(
            "aws:CurrentTime",
            now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
        .set("aws:EpochTime", now.as_second().to_string())
        .set(
            "aws:SecureTransport",
            if received.over_tls { "true" } else { "false" },
        )
        .set(
            "aws:SourceIp",
            received.peer.ip().to_canonical().to_string(),
        )
        .set("aws:RequestedRegion", plane.config.region.as_str())
        .set("aws:ViaAWSService", "false")
        .set("aws:PrincipalIsAWSService", "false");
    if let Some(agent) = received.header("user-agent") {
        context.set("aws:UserAgent", agent);
    }
    context
}
