//! The account's alias.

use super::{named, operation, page};
use crate::aws::of_iam;
use ::iam::operations::aliases;
use awswire::dto::iam::*;
use names::AccountAlias;

operation! {
    "iam:CreateAccountAlias"
    CreateAccountAlias(CreateAccountAliasRequest) -> CreateAccountAliasResponse, about AccountAlias;
    asks(input, call) { Ok(call.unnamed(named(&input.account_alias)?)) }
    run(alias, _, call) {
        let id = call.account_id();
        call.change(|world| aliases::create_account_alias(&world.accounts, id, alias.clone()))
            .await?;
        Ok(CreateAccountAliasResponse::default())
    }
}

operation! {
    "iam:DeleteAccountAlias"
    DeleteAccountAlias(DeleteAccountAliasRequest) -> DeleteAccountAliasResponse, about AccountAlias;
    asks(input, call) { Ok(call.unnamed(named(&input.account_alias)?)) }
    run(alias, _, call) {
        let id = call.account_id();
        call.change(|world| aliases::delete_account_alias(world.accounts.account(id)?, alias))
            .await?;
        Ok(DeleteAccountAliasResponse::default())
    }
}

operation! {
    "iam:ListAccountAliases"
    ListAccountAliases(ListAccountAliasesRequest) -> ListAccountAliasesResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, call) {
        let found = aliases::list_account_aliases(call.account()?);
        let rows = found.iter().map(|alias| (alias.to_string(), alias.to_string()));
        let found = page(input.marker, input.max_items)
            .cut(rows)
            .map_err(|refused| of_iam(&refused))?;
        Ok(ListAccountAliasesResponse {
            account_aliases: found.items,
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}
