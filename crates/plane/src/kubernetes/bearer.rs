//! Who shows a service account's token: the account, while all that the token speaks of exists.

use super::issuer::Issuer;
use crate::chance;
use apiserver::{Objects, Place};
use jiff::{SignedDuration, Timestamp};
use names::ServiceAccount;
use objects::{KubeUser, Object};
use oidc::{KubernetesClaims, ObjectRef, TokenBytes, UnverifiedToken, VerifiedToken};
use std::sync::Arc;

/// An object that is on its way out vouches this much longer.
const GRACE: SignedDuration = SignedDuration::from_secs(60);
const CREDENTIAL_ID: &str = "authentication.kubernetes.io/credential-id";

/// Verifies the tokens of one cluster.
pub(super) struct Bearer {
    pub(super) issuer: Arc<Issuer>,
    pub(super) objects: Arc<Objects>,
}

/// Who shows a token, and to whom of those asked it is addressed.
#[derive(Debug)]
pub(super) struct Vouched {
    pub(super) user: KubeUser,
    pub(super) audiences: Vec<String>,
}

impl Bearer {
    /// Who shows this token to one of these audiences; `None`: it is no token of this cluster.
    ///
    /// # Errors
    /// It is, and proves nothing.
    pub(super) async fn verify(
        &self,
        text: &str,
        audiences: &[String],
    ) -> Result<Option<Vouched>, String> {
        let mut bytes = TokenBytes::default();
        let Ok(token) = UnverifiedToken::parse(text, &mut bytes) else {
            return Ok(None);
        };
        if token.issuer() != self.issuer.url.as_str() {
            return Ok(None);
        }
        let now = chance::now();
        let keys = self.issuer.keys(now).ok_or("the cluster has no keys")?;
        let token = token.verify(&keys, now).map_err(|why| why.to_string())?;
        let meant: Vec<_> = audiences
            .iter()
            .filter(|one| token.audiences().iter().any(|there| **there == ***one))
            .cloned()
            .collect();
        if meant.is_empty() {
            let (found, wanted) = (token.audiences(), audiences);
            return Err(format!(
                "token audiences {found:?} is invalid for the target audiences {wanted:?}"
            ));
        }
        let account = token.subject().service_account();
        let (Some(account), Some(claims)) = (account, token.kubernetes()) else {
            return Err("the token names no service account".to_owned());
        };
        if *claims.namespace != *account.namespace.as_str()
            || *claims.service_account.name != *account.name.as_str()
        {
            return Err("the token names two service accounts".to_owned());
        }
        self.confirm(claims, now).await?;
        Ok(Some(Vouched {
            user: user(&account, claims, &token),
            audiences: meant,
        }))
    }

    /// All that the token speaks of is there, and is the same.
    async fn confirm(&self, claims: &KubernetesClaims, now: Timestamp) -> Result<(), String> {
        let home = &*claims.namespace;
        let node_home = match (&claims.pod, &claims.node) {
            // A pod's node is said and not asked for: the pod's end ends the token.
            (None, Some(node)) => Some(("nodes", "", node)),
            _ => None,
        };
        let named = [
            Some(("serviceaccounts", home, &claims.service_account)),
            claims.pod.as_ref().map(|pod| ("pods", home, pod)),
            claims.secret.as_ref().map(|it| ("secrets", home, it)),
            node_home,
        ];
        for (plural, namespace, meant) in named.into_iter().flatten() {
            let place = Place::new("", "v1", plural, namespace);
            let found = self.objects.get(&place, &meant.name).await;
            let found = found.map_err(|status| status.message)?;
            if !found.is_some_and(|found| is_alive(&found, meant, now)) {
                return Err(format!("{plural} {:?} is gone", meant.name));
            }
        }
        Ok(())
    }
}

fn is_alive(found: &Object, meant: &ObjectRef, now: Timestamp) -> bool {
    let ends = found.deletion_timestamp();
    let ended = ends.is_some_and(|ends| now.duration_since(ends) > GRACE);
    found.uid() == Some(&*meant.uid) && !ended
}

/// A service account as Kubernetes names it, with what its token says.
fn user(account: &ServiceAccount, claims: &KubernetesClaims, token: &VerifiedToken) -> KubeUser {
    let mut user = KubeUser {
        name: account.subject(),
        uid: claims.service_account.uid.to_string(),
        groups: vec![
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{}", account.namespace),
        ],
        ..KubeUser::default()
    };
    let mut say = |key: &str, value: &str| {
        user.extra.insert(key.to_owned(), vec![value.to_owned()]);
    };
    if let Some(id) = token.token_id() {
        say(CREDENTIAL_ID, &format!("JTI={id}"));
    }
    for (what, object) in [("pod", &claims.pod), ("node", &claims.node)] {
        if let Some(object) = object {
            say(
                &format!("authentication.kubernetes.io/{what}-name"),
                &object.name,
            );
            say(
                &format!("authentication.kubernetes.io/{what}-uid"),
                &object.uid,
            );
        }
    }
    user
}
