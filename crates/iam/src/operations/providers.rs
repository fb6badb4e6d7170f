//! OIDC providers: CreateOpenIDConnectProvider, GetOpenIDConnectProvider,
//! ListOpenIDConnectProviders, DeleteOpenIDConnectProvider, AddClientIDToOpenIDConnectProvider,
//! RemoveClientIDFromOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint.

use crate::account::Account;
use crate::draft::{Draft, Written, create, update};
use crate::entity::Kept;
use crate::error::IamError;
use crate::quotas::{CLIENT_IDS, OIDC_PROVIDERS, THUMBPRINTS, at_most};
use crate::records::{OidcProvider, Tag};
use jiff::Timestamp;
use names::{AccountId, Audience, IssuerUrl, ProviderArn};
use policy::Target;
use std::sync::Arc;

/// What CreateOpenIDConnectProvider is asked for.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// The issuer, as sent.
    pub url: String,
    /// The audiences to accept.
    pub client_ids: Vec<Audience>,
    /// Certificates to trust; where none are given, what the edge found.
    pub thumbprints: Vec<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// It is decided on the ARN that the provider would have. A URL that is no issuer has none, and is
/// refused by the operation in its own words.
impl Target<Account> for NewProvider {
    fn arn(&self, account: &Account) -> String {
        let name = self.url.strip_prefix("https://").unwrap_or(&self.url);
        name.parse().map_or_else(
            |_| "*".to_owned(),
            |name| ProviderArn::new(account.partition(), account.id(), &name).to_string(),
        )
    }

    fn owner(&self, account: &Account) -> AccountId {
        account.id()
    }
}

/// Creates a provider.
///
/// # Errors
/// A URL that is no issuer, one that is taken, a bad thumbprint, bad tags, a quota.
pub fn create_provider(
    account: &Account,
    new: NewProvider,
    now: Timestamp,
) -> Result<Written<OidcProvider>, IamError> {
    let url = issuer(&new.url)?;
    at_most(
        CLIENT_IDS,
        new.client_ids.len(),
        "ClientIdsPerOpenIdConnectProvider",
    )?;
    let mut client_ids = Vec::new();
    for client_id in new.client_ids {
        if !client_ids.contains(&client_id) {
            client_ids.push(client_id);
        }
    }
    let thumbprints = thumbprints(&new.thumbprints)?;
    let tags = super::tags::fresh(new.tags)?;
    let provider = OidcProvider {
        url: url.clone(),
        created: now,
        client_ids,
        thumbprints,
        tags,
    };
    create(
        account,
        provider,
        |_| IamError::ProviderExists(url),
        ("OpenIdConnectProvidersPerAccount", OIDC_PROVIDERS),
    )
}

/// The provider with that ARN.
///
/// # Errors
/// [`IamError::NoProvider`].
pub fn get_provider<'a>(
    account: &'a Account,
    arn: &ProviderArn,
) -> Result<&'a Arc<Kept<OidcProvider>>, IamError> {
    let provider = account.find::<OidcProvider>(arn.provider())?;
    if account.provider_arn(provider) == *arn {
        Ok(provider)
    } else {
        Err(IamError::NoProvider(arn.clone()))
    }
}

/// The provider that the account has for an issuer, which must be the same to the letter.
#[must_use]
pub fn provider_of<'a>(
    account: &'a Account,
    issuer: &IssuerUrl,
) -> Option<&'a Arc<Kept<OidcProvider>>> {
    let provider = account
        .find::<OidcProvider>(issuer.as_provider_name())
        .ok()?;
    (provider.url == *issuer).then_some(provider)
}

/// All providers; this list has no pages.
pub fn list_providers(account: &Account) -> impl Iterator<Item = &Arc<Kept<OidcProvider>>> {
    account.all::<OidcProvider>()
}

/// Deletes a provider. Roles that trust it stay, and trust nobody through it.
///
/// # Errors
/// [`IamError::NoProvider`].
pub fn delete_provider(account: &Account, arn: &ProviderArn) -> Result<Written, IamError> {
    get_provider(account, arn)?;
    Ok(Draft::of(account)?
        .delete::<OidcProvider>(account, arn.provider())
        .answer(()))
}

/// Accepts one more audience; nothing happens when it is accepted already.
///
/// # Errors
/// [`IamError::NoProvider`], a quota.
pub fn add_client_id(
    account: &Account,
    arn: &ProviderArn,
    client_id: Audience,
) -> Result<Written, IamError> {
    change(account, arn, |provider| {
        if !provider.client_ids.contains(&client_id) {
            provider.client_ids.push(client_id);
        }
        at_most(
            CLIENT_IDS,
            provider.client_ids.len(),
            "ClientIdsPerOpenIdConnectProvider",
        )
    })
}

/// Accepts an audience no longer; nothing happens when it was not accepted.
///
/// # Errors
/// [`IamError::NoProvider`].
pub fn remove_client_id(
    account: &Account,
    arn: &ProviderArn,
    client_id: &Audience,
) -> Result<Written, IamError> {
    change(account, arn, |provider| {
        provider.client_ids.retain(|known| known != client_id);
        Ok(())
    })
}

/// Replaces the certificates trusted.
///
/// # Errors
/// [`IamError::NoProvider`], a bad thumbprint, a quota.
pub fn update_thumbprints(
    account: &Account,
    arn: &ProviderArn,
    new: &[String],
) -> Result<Written, IamError> {
    change(account, arn, |provider| {
        provider.thumbprints = thumbprints(new)?;
        Ok(())
    })
}

/// Changes the provider with that ARN.
fn change(
    account: &Account,
    arn: &ProviderArn,
    how: impl FnOnce(&mut OidcProvider) -> Result<(), IamError>,
) -> Result<Written, IamError> {
    get_provider(account, arn)?;
    update(account, arn.provider(), how)
}

fn issuer(url: &str) -> Result<IssuerUrl, IamError> {
    if !url.starts_with("https://") {
        let text = "Invalid Open ID Connect Provider URL. The URL must begin with https://.";
        return Err(IamError::InvalidInput(text.into()));
    }
    url.parse()
        .map_err(|_| IamError::Validation("Invalid Open ID Connect Provider URL".into()))
}

fn thumbprints(sent: &[String]) -> Result<Vec<String>, IamError> {
    at_most(
        THUMBPRINTS,
        sent.len(),
        "ThumbprintsPerOpenIdConnectProvider",
    )?;
    if sent
        .iter()
        .any(|text| text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        return Err(IamError::Validation(
            "Thumbprint must be exactly 40 characters.".into(),
        ));
    }
    Ok(sent.iter().map(|text| text.to_ascii_lowercase()).collect())
}
