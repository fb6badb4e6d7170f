//! What an account here never has: multi-factor devices, signing certificates, SSH keys, credentials of
//! other services, server certificates, SAML providers, login profiles, a password policy.
//!
//! None of these can be made, so that an empty list, and "there is none", are the truth. Clients read
//! them on their way: Terraform does before it deletes a user.

use super::{on, operation, user_or_caller};
use crate::aws::of_iam;
use crate::refused::Refused;
use ::iam::operations::users;
use awswire::AwsError;
use awswire::dto::iam::*;
use names::UserName;

/// A list of what a user never has. The user must be there.
macro_rules! nothing_of_a_user {
    ($($action:literal $name:ident($request:ident) -> $response:ident, $field:ident;)*) => {$(
        operation! {
            $action
            $name($request) -> $response, about UserName;
            asks(input, call) {
                let name = user_or_caller(input.user_name.as_deref(), call)?;
                on(name, call)
            }
            run(name, _, call) {
                users::get_user(call.account()?, name).map_err(|refused| of_iam(&refused))?;
                Ok($response { $field: Vec::new().into(), ..$response::default() })
            }
        }
    )*};
}

nothing_of_a_user! {
    "iam:ListMFADevices" ListMFADevices(ListMFADevicesRequest) -> ListMFADevicesResponse, mfa_devices;
    "iam:ListSigningCertificates" ListSigningCertificates(ListSigningCertificatesRequest) -> ListSigningCertificatesResponse, certificates;
    "iam:ListSSHPublicKeys" ListSSHPublicKeys(ListSSHPublicKeysRequest) -> ListSSHPublicKeysResponse, ssh_public_keys;
    "iam:ListServiceSpecificCredentials" ListServiceSpecificCredentials(ListServiceSpecificCredentialsRequest) -> ListServiceSpecificCredentialsResponse, service_specific_credentials;
}

/// A list of what an account never has.
macro_rules! nothing_of_an_account {
    ($($action:literal $name:ident($request:ident) -> $response:ident, $field:ident;)*) => {$(
        operation! {
            $action
            $name($request) -> $response, about ();
            asks(_, call) { Ok(call.unnamed(())) }
            run((), _, _) {
                Ok($response { $field: Vec::new().into(), ..$response::default() })
            }
        }
    )*};
}

nothing_of_an_account! {
    "iam:ListVirtualMFADevices" ListVirtualMFADevices(ListVirtualMFADevicesRequest) -> ListVirtualMFADevicesResponse, virtual_mfa_devices;
    "iam:ListServerCertificates" ListServerCertificates(ListServerCertificatesRequest) -> ListServerCertificatesResponse, server_certificate_metadata_list;
}

operation! {
    "iam:ListSAMLProviders"
    ListSAMLProviders(ListSAMLProvidersRequest) -> ListSAMLProvidersResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), _, _) {
        Ok(ListSAMLProvidersResponse { saml_provider_list: Some(Vec::new()) })
    }
}

operation! {
    "iam:GetLoginProfile"
    GetLoginProfile(GetLoginProfileRequest) -> GetLoginProfileResponse, about UserName;
    asks(input, call) {
        let name = user_or_caller(input.user_name.as_deref(), call)?;
        on(name, call)
    }
    run(name, _, call) {
        users::get_user(call.account()?, name).map_err(|refused| of_iam(&refused))?;
        Err(no_login_profile(name))
    }
}

operation! {
    "iam:DeleteLoginProfile"
    DeleteLoginProfile(DeleteLoginProfileRequest) -> DeleteLoginProfileResponse, about UserName;
    asks(input, call) {
        let name = user_or_caller(input.user_name.as_deref(), call)?;
        on(name, call)
    }
    run(name, _, call) {
        users::get_user(call.account()?, name).map_err(|refused| of_iam(&refused))?;
        Err(no_login_profile(name))
    }
}

operation! {
    "iam:GetAccountPasswordPolicy"
    GetAccountPasswordPolicy(GetAccountPasswordPolicyRequest) -> GetAccountPasswordPolicyResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), _, call) {
        let account = call.account_id();
        let text = format!("The Password Policy with domain name {account} cannot be found.");
        Err(AwsError::new("NoSuchEntity", 404, text).into())
    }
}

fn no_login_profile(name: &UserName) -> Refused {
    let text = format!("Login Profile for User {name} cannot be found.");
    AwsError::new("NoSuchEntity", 404, text).into()
}
