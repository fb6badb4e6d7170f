//! OIDC providers: the issuers that an account trusts.

use super::{arn, named, new_keys, on, on_with, operation, tags_sent, tags_some};
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::All;
use ::iam::operations::providers::{self, NewProvider};
use awswire::AwsError;
use awswire::dto::iam::*;
use names::{Audience, ProviderArn};

fn of_provider(text: &str, call: &Call<'_>) -> Result<Asks<ProviderArn>, AwsError> {
    let arn: ProviderArn = arn(text)?;
    on(arn, call)
}

operation! {
    "iam:CreateOpenIDConnectProvider"
    CreateOpenIDConnectProvider(CreateOpenIDConnectProviderRequest) -> CreateOpenIDConnectProviderResponse,
    about NewProvider;
    asks(input, call) {
        let client_ids = input.client_id_list.iter().flatten();
        let new = NewProvider {
            url: input.url.clone(),
            client_ids: client_ids.map(|id| named(id)).collect::<Result<_, _>>()?,
            thumbprints: input.thumbprint_list.clone().unwrap_or_default(),
            tags: tags_sent(input.tags.clone()),
        };
        on_with(new, new_keys(input.tags.as_ref(), None), call)
    }
    run(new, _, call) {
        let (id, now) = (call.account_id(), chance::now());
        let provider = call
            .change(|world| {
                providers::create_provider(world.accounts.account(id)?, new.clone(), now)
            })
            .await?;
        Ok(CreateOpenIDConnectProviderResponse {
            open_id_connect_provider_arn: Some(call.account()?.provider_arn(&provider).to_string()),
            tags: tags_some(&provider.tags),
        })
    }
}

operation! {
    "iam:GetOpenIDConnectProvider"
    GetOpenIDConnectProvider(GetOpenIDConnectProviderRequest) -> GetOpenIDConnectProviderResponse,
    about ProviderArn;
    asks(input, call) { of_provider(&input.open_id_connect_provider_arn, call) }
    run(arn, _, call) {
        let provider = providers::get_provider(call.account()?, arn)
            .map_err(|refused| of_iam(&refused))?;
        let url = provider.url.to_string();
        Ok(GetOpenIDConnectProviderResponse {
            url: Some(url.strip_prefix("https://").unwrap_or(&url).to_owned()),
            client_id_list: Some(provider.client_ids.iter().map(ToString::to_string).collect()),
            thumbprint_list: Some(provider.thumbprints.clone()),
            create_date: Some(provider.created),
            tags: tags_some(&provider.tags),
        })
    }
}

operation! {
    "iam:ListOpenIDConnectProviders"
    ListOpenIDConnectProviders(ListOpenIDConnectProvidersRequest) -> ListOpenIDConnectProvidersResponse,
    about All;
    asks(_, call) { on(All("oidc-provider"), call) }
    run(_, _, call) {
        let account = call.account()?;
        let entries = providers::list_providers(account).map(|provider| {
            OpenIDConnectProviderListEntry { arn: Some(account.provider_arn(provider).to_string()) }
        });
        Ok(ListOpenIDConnectProvidersResponse {
            open_id_connect_provider_list: Some(entries.collect()),
        })
    }
}

operation! {
    "iam:DeleteOpenIDConnectProvider"
    DeleteOpenIDConnectProvider(DeleteOpenIDConnectProviderRequest) -> DeleteOpenIDConnectProviderResponse,
    about ProviderArn;
    asks(input, call) { of_provider(&input.open_id_connect_provider_arn, call) }
    run(arn, _, call) {
        let id = call.account_id();
        call.change(|world| providers::delete_provider(world.accounts.account(id)?, arn)).await?;
        Ok(DeleteOpenIDConnectProviderResponse::default())
    }
}

operation! {
    "iam:AddClientIDToOpenIDConnectProvider"
    AddClientIDToOpenIDConnectProvider(AddClientIDToOpenIDConnectProviderRequest)
        -> AddClientIDToOpenIDConnectProviderResponse, about ProviderArn;
    asks(input, call) { of_provider(&input.open_id_connect_provider_arn, call) }
    run(arn, input, call) {
        let (id, client_id) = (call.account_id(), named::<Audience>(&input.client_id)?);
        call.change(|world| providers::add_client_id(world.accounts.account(id)?, arn, client_id.clone())).await?;
        Ok(AddClientIDToOpenIDConnectProviderResponse::default())
    }
}

operation! {
    "iam:RemoveClientIDFromOpenIDConnectProvider"
    RemoveClientIDFromOpenIDConnectProvider(RemoveClientIDFromOpenIDConnectProviderRequest)
        -> RemoveClientIDFromOpenIDConnectProviderResponse, about ProviderArn;
    asks(input, call) { of_provider(&input.open_id_connect_provider_arn, call) }
    run(arn, input, call) {
        let (id, client_id) = (call.account_id(), named::<Audience>(&input.client_id)?);
        call.change(|world| providers::remove_client_id(world.accounts.account(id)?, arn, &client_id)).await?;
        Ok(RemoveClientIDFromOpenIDConnectProviderResponse::default())
    }
}

operation! {
    "iam:UpdateOpenIDConnectProviderThumbprint"
    UpdateOpenIDConnectProviderThumbprint(UpdateOpenIDConnectProviderThumbprintRequest)
        -> UpdateOpenIDConnectProviderThumbprintResponse, about ProviderArn;
    asks(input, call) { of_provider(&input.open_id_connect_provider_arn, call) }
    run(arn, input, call) {
        let id = call.account_id();
        call.change(|world| providers::update_thumbprints(world.accounts.account(id)?, arn, &input.thumbprint_list)).await?;
        Ok(UpdateOpenIDConnectProviderThumbprintResponse::default())
    }
}
