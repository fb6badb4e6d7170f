//! The operations that are built, and the way of a request to its own.

use super::call::{Call, Handler};
use super::{eks, iam, sts, toolbox};
use crate::refused::Refused;
use awswire::{AwsError, Call as Routed, Response, dto};
use names::RequestId;
use std::pin::Pin;

/// An operation under way. In a box: else every request, also one to STS, would carry room for the
/// largest of them.
type Served<'a> = Pin<Box<dyn Future<Output = Result<Response, Refused>> + Send + 'a>>;

/// Reads, authorises, does and writes one operation.
async fn serve<H: Handler>(
    routed: &Routed<'_>,
    call: &Call<'_>,
    request_id: &RequestId,
) -> Result<Response, Refused> {
    let input: H::Input = routed.input()?;
    let permit = call.authorise::<H>(H::asks(&input, call)?)?;
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

        pub(super) fn dispatch<'a>(
            routed: &'a Routed<'_>,
            call: &'a Call<'_>,
            request_id: &'a RequestId,
        ) -> Served<'a> {
            $(if std::ptr::eq(routed.operation, <<$handler as Handler>::Input as dto::Request>::OPERATION) {
                return Box::pin(serve::<$handler>(routed, call, request_id));
            })*
            let not_built = AwsError::not_built(routed.operation);
            Box::pin(std::future::ready(Err(not_built.into())))
        }
    };
}

registry! {
    eks::clusters::ListClusters,
    eks::clusters::DescribeCluster,
    eks::clusters::CreateCluster,
    eks::clusters::DeleteCluster,
    eks::clusters::UpdateClusterConfig,
    eks::updates::DescribeUpdate,
    eks::updates::ListUpdates,
    eks::versions::DescribeClusterVersions,
    eks::tags::TagResource,
    eks::tags::UntagResource,
    eks::tags::ListTagsForResource,
    iam::absent::ListMFADevices,
    iam::absent::ListSigningCertificates,
    iam::absent::ListSSHPublicKeys,
    iam::absent::ListServiceSpecificCredentials,
    iam::absent::ListVirtualMFADevices,
    iam::absent::ListServerCertificates,
    iam::absent::ListSAMLProviders,
    iam::absent::GetLoginProfile,
    iam::absent::DeleteLoginProfile,
    iam::absent::GetAccountPasswordPolicy,
    iam::access_keys::CreateAccessKey,
    iam::access_keys::ListAccessKeys,
    iam::access_keys::UpdateAccessKey,
    iam::access_keys::DeleteAccessKey,
    iam::access_reports::GenerateServiceLastAccessedDetails,
    iam::access_reports::GetServiceLastAccessedDetails,
    iam::access_reports::GetServiceLastAccessedDetailsWithEntities,
    iam::access_reports::ListPoliciesGrantingServiceAccess,
    iam::aliases::CreateAccountAlias,
    iam::aliases::DeleteAccountAlias,
    iam::aliases::ListAccountAliases,
    iam::authorization_details::GetAccountAuthorizationDetails,
    iam::credential_report::GenerateCredentialReport,
    iam::credential_report::GetCredentialReport,
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
    iam::last_use::GetAccessKeyLastUsed,
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
    iam::simulate::SimulateCustomPolicy,
    iam::simulate::SimulatePrincipalPolicy,
    iam::simulate::GetContextKeysForCustomPolicy,
    iam::simulate::GetContextKeysForPrincipalPolicy,
    iam::summary::GetAccountSummary,
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
    toolbox::GetRequestAuthorizationDetails,
    toolbox::GetRequestAuthorizationPolicy,
}

/// Every operation that this plane answers.
#[must_use]
pub fn operations() -> Vec<&'static awswire::Operation> {
    let mut all = handled();
    all.extend(sts::built());
    all
}
