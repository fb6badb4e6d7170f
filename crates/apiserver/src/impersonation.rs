//! Acting as somebody else, by the headers of `kubectl --as`.

use crate::parts::Authorizer;
use crate::path::Attributes;
use crate::permit::{Denied, Permit};
use crate::service::header;
use crate::user::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED};
use http::HeaderMap;
use objects::KubeUser;
use objects::Status;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

const USER: &str = "impersonate-user";
const GROUP: &str = "impersonate-group";
const UID: &str = "impersonate-uid";
const EXTRA: &str = "impersonate-extra-";
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// Who a request is from in the end: the caller, or whom it may act as.
pub(crate) async fn user(
    authorizer: &dyn Authorizer,
    caller: KubeUser,
    headers: &HeaderMap,
) -> Result<KubeUser, Denied> {
    let Some(wanted) = wanted(headers)? else {
        return Ok(caller);
    };
    for asked in questions(&wanted) {
        Permit::ask(authorizer, caller.clone(), asked).await?;
    }
    Ok(settled(wanted))
}

/// Whom the headers name; none: nobody.
fn wanted(headers: &HeaderMap) -> Result<Option<KubeUser>, Status> {
    let groups = headers.get_all(GROUP).iter();
    let groups: Vec<_> = groups
        .filter_map(|value| value.to_str().ok().map(str::to_owned))
        .collect();
    let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        if let Some(key) = name.as_str().strip_prefix(EXTRA) {
            let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
            let value = value.to_str().unwrap_or_default().to_owned();
            extra.entry(key).or_default().push(value);
        }
    }
    let (username, uid) = (header(headers, USER), header(headers, UID));
    if username.is_empty() {
        if groups.is_empty() && extra.is_empty() && uid.is_empty() {
            return Ok(None);
        }
        let why = "requested impersonation of groups, a uid or extra without impersonating a user";
        return Err(Status::internal_error(why));
    }
    Ok(Some(KubeUser {
        name: username.to_owned(),
        uid: uid.to_owned(),
        groups,
        extra,
    }))
}

/// What the caller must be allowed, each by itself.
fn questions(wanted: &KubeUser) -> Vec<Attributes> {
    let ask = |group: &str, plural: &str, below: &str, namespace: &str, name: &str| Attributes {
        verb: "impersonate".to_owned(),
        is_resource: true,
        group: group.to_owned(),
        version: "v1".to_owned(),
        plural: plural.to_owned(),
        subresource: below.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    };
    let account = wanted.name.strip_prefix(SERVICE_ACCOUNT);
    let user = match account.and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => ask("", "serviceaccounts", "", namespace, name),
        None => ask("", "users", "", "", &wanted.name),
    };
    let identity = "authentication.k8s.io";
    let groups = wanted
        .groups
        .iter()
        .map(|group| ask("", "groups", "", "", group));
    let uid = (!wanted.uid.is_empty()).then(|| ask(identity, "uids", "", "", &wanted.uid));
    let extra = wanted.extra.iter().flat_map(|(key, values)| {
        values
            .iter()
            .map(move |value| ask(identity, "userextras", key, "", value))
    });
    std::iter::once(user)
        .chain(groups)
        .chain(uid)
        .chain(extra)
        .collect()
}

/// A service account is in the groups of its namespace; everybody named is authenticated.
fn settled(mut wanted: KubeUser) -> KubeUser {
    let account = wanted.name.strip_prefix(SERVICE_ACCOUNT);
    if let Some((namespace, _)) = account.and_then(|account| account.split_once(':'))
        && wanted.groups.is_empty()
    {
        let all = "system:serviceaccounts".to_owned();
        let own = format!("{all}:{namespace}");
        wanted.groups = vec![all, own];
    }
    let group = match wanted.name.as_str() {
        ANONYMOUS => UNAUTHENTICATED,
        _ => AUTHENTICATED,
    };
    if !wanted.is_in(group) {
        wanted.groups.push(group.to_owned());
    }
    wanted
}
