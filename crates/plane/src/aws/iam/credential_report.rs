//! GenerateCredentialReport and GetCredentialReport.

use super::operation;
use crate::aws::of_iam;
use crate::chance;
use ::iam::operations::credential_report::{
    CredentialReportState, generate_credential_report, get_credential_report,
};
use awswire::dto::iam::*;

operation! {
    "iam:GenerateCredentialReport"
    GenerateCredentialReport(GenerateCredentialReportRequest) -> GenerateCredentialReportResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), _, call) {
        let (id, now) = (call.account_id(), chance::now());
        let state = call.change(|world| {
            let account = world.accounts.account(id)?;
            let last_use = |key: &str| call.plane.uses.last(account, key);
            generate_credential_report(account, last_use, now)
        });
        let (state, description) = match state.await? {
            CredentialReportState::Started => {
                let text = "No report exists. Starting a new report generation task";
                ("STARTED", Some(text.to_owned()))
            }
            CredentialReportState::Complete => ("COMPLETE", None),
        };
        Ok(GenerateCredentialReportResponse { state: Some(state.to_owned()), description })
    }
}

operation! {
    "iam:GetCredentialReport"
    GetCredentialReport(GetCredentialReportRequest) -> GetCredentialReportResponse, about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), _, call) {
        let report = get_credential_report(call.account()?, chance::now());
        let report = report.map_err(|refused| of_iam(&refused))?;
        Ok(GetCredentialReportResponse {
            content: Some(report.csv.clone().into_bytes()),
            report_format: Some("text/csv".to_owned()),
            generated_time: Some(report.generated),
        })
    }
}
