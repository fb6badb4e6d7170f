//! GetAccountSummary: how much an account holds, and how much it may.

use super::operation;
use ::iam::operations::summary::account_summary;
use awswire::dto::iam::*;

operation! {
    "iam:GetAccountSummary"
    GetAccountSummary(GetAccountSummaryRequest) -> GetAccountSummaryResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), _, call) {
        let rows = account_summary(call.account()?);
        let rows = rows.into_iter().map(|(key, count)| (key.to_owned(), count));
        Ok(GetAccountSummaryResponse { summary_map: Some(rows.collect()) })
    }
}
