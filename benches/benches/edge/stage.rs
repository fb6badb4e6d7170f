//! A plane in which a pod may assume a role.

use crate::client::{Connection, Key, Sent};
use benches::clock::now;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::net::SocketAddr;
use std::path::Path;

/// The role of every exchange.
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/bench";

/// The access key of the first account's administrator.
pub(crate) fn administrator(folder: &Path) -> Key {
    let file = std::fs::read_to_string(folder.join("aws/credentials")).expect("credentials");
    let value = |name: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(name));
        line.expect("a setting")
            .trim_start_matches(" = ")
            .to_owned()
    };
    Key {
        id: value("aws_access_key_id"),
        secret: value("aws_secret_access_key"),
    }
}

/// Creates provider and role, mints a token, and gives the request that exchanges it.
pub(crate) async fn exchange(address: SocketAddr, key: &Key) -> Sent {
    let mut connection = Connection::open(address).await;
    let wanted = serde_json::json!({
        "cluster": "ci", "namespace": "ns", "service_account": "sa",
        "audiences": ["sts.amazonaws.com"], "duration_seconds": 86_400,
    });
    let asked = Sent {
        path: "/_rolecall/tokens",
        content_type: "application/json",
        body: wanted.to_string().into(),
        ..Sent::form(address, String::new())
    };
    let minted = connection.done(&asked.sign("rolecall", key)).await;
    let minted: serde_json::Value = serde_json::from_str(&minted).expect("an object");
    let (token, issuer) = (minted["token"].as_str(), minted["issuer"].as_str());
    let (token, issuer) = (token.expect("a token"), issuer.expect("an issuer"));
    let provider = issuer.trim_start_matches("https://");
    let trust = serde_json::json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::111111111111:oidc-provider/{provider}") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": {
            format!("{provider}:aud"): "sts.amazonaws.com",
            format!("{provider}:sub"): "system:serviceaccount:ns:sa",
        } },
    }] });
    for body in [
        format!(
            "Action=CreateOpenIDConnectProvider&Version=2010-05-08&Url={}&ClientIDList.member.1=sts.amazonaws.com",
            escaped(issuer)
        ),
        format!(
            "Action=CreateRole&Version=2010-05-08&RoleName=bench&AssumeRolePolicyDocument={}",
            escaped(&trust.to_string())
        ),
    ] {
        connection
            .done(&Sent::form(address, body).sign("iam", key))
            .await;
    }
    let body = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={}&RoleSessionName=bench-{}&WebIdentityToken={}",
        escaped(ROLE),
        now().as_second(),
        escaped(token)
    );
    Sent::form(address, body)
}

/// A signed GetCallerIdentity.
pub(crate) fn who_am_i(address: SocketAddr, key: &Key) -> Sent {
    let body = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
    Sent::form(address, body).sign("sts", key)
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
