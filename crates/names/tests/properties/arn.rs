//! What holds for every text that may be an ARN.

use std::fmt::Display;
use std::str::FromStr;

use names::{
    Arn, ClusterArn, FederatedUserArn, GroupArn, InstanceProfileArn, IssuerUrl, PolicyArn,
    ProviderArn, ProviderName, RoleArn, SessionArn, UserArn,
};

/// No parser panics, an ARN's parts put together are the ARN, and a special ARN is an ARN.
pub(crate) fn holds(text: &str) {
    if let Ok(arn) = text.parse::<Arn>() {
        let parts = [arn.service(), arn.region(), arn.account(), arn.resource()].join(":");
        assert_eq!(format!("arn:{}:{parts}", arn.partition()), text);
    }
    is_arn_and_prints_alike::<RoleArn>(text);
    is_arn_and_prints_alike::<UserArn>(text);
    is_arn_and_prints_alike::<GroupArn>(text);
    is_arn_and_prints_alike::<PolicyArn>(text);
    is_arn_and_prints_alike::<InstanceProfileArn>(text);
    is_arn_and_prints_alike::<SessionArn>(text);
    is_arn_and_prints_alike::<FederatedUserArn>(text);
    is_arn_and_prints_alike::<ClusterArn>(text);
    is_stable::<ProviderArn>(text);
    is_stable::<ProviderName>(text);
    if let Ok(issuer) = format!("https://{text}").parse::<IssuerUrl>() {
        assert_eq!(
            text.parse::<ProviderName>().as_ref(),
            Ok(issuer.as_provider_name())
        );
    }
}

fn is_arn_and_prints_alike<T: FromStr + Display>(text: &str) {
    if let Ok(special) = text.parse::<T>() {
        assert_eq!(special.to_string(), text);
        assert!(text.parse::<Arn>().is_ok());
    }
}

/// Reading a canonical spelling again changes nothing.
fn is_stable<T: FromStr + Display>(text: &str) {
    if let Ok(canonical) = text.parse::<T>() {
        let again = canonical
            .to_string()
            .parse::<T>()
            .map(|again| again.to_string());
        assert_eq!(again.ok(), Some(canonical.to_string()));
    }
}
