//! Who sent a request: from a signature and a session token to a caller.
//!
//! The order is that of spec/iam-evaluation.md 5.4: is the key known and the token its own, has
//! the token ended, does what it was issued for still exist, and only then the signature.

use jiff::Timestamp;
use names::secret::Secret;
use names::{AccessKeyId, AccountId, KeyKind, Partition, UniqueId, UserArn};
use policy::Principal;
use sigv4::{DerivedKeys, Family, Presented, SignatureRefusal};

use crate::directory::Directory;
use crate::error::StsError;
use crate::session::{Holder, Session};
use crate::session_keys::{SessionKeys, UnopenedToken};

/// The authenticated sender of a request. Only [`authenticate`] makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    access_key_id: AccessKeyId,
    credential: Credential,
}

/// By what a caller was recognised.
#[derive(Debug, Clone)]
enum Credential {
    User { user: UserArn, id: UniqueId },
    Session(Box<Session>),
}

/// Why a request's sender is not known. `Display` is the text on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedCredentials {
    /// The key is unknown, or the token not its own; AWS does not say which.
    #[error("The security token included in the request is invalid.")]
    Invalid(InvalidToken),
    /// The session has ended.
    #[error("The security token included in the request is expired")]
    Expired {
        /// When it did.
        expiry: Timestamp,
        /// When it was presented.
        now: Timestamp,
    },
    /// The signature is wrong.
    #[error("{0}")]
    Signature(SignatureRefusal),
}

/// What AWS answers alike and the trail tells apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// The text is not an access key id.
    #[error("`{0}` is not an access key id")]
    NotAKeyId(String),
    /// No user has this key.
    #[error("no user has the access key `{0}`")]
    NoSuchKey(AccessKeyId),
    /// The key is switched off.
    #[error("the access key `{0}` of `{1}` is inactive")]
    Inactive(AccessKeyId, UserArn),
    /// A user's key came with a session token.
    #[error("the long-term access key `{0}` came with a session token; unset AWS_SESSION_TOKEN")]
    StrayToken(AccessKeyId),
    /// A session's key came without its token.
    #[error("the temporary access key `{0}` came without its session token")]
    NoToken(AccessKeyId),
    /// The token does not open.
    #[error("{0}")]
    Unopened(UnopenedToken),
    /// Credentials of GetSessionToken and GetFederationToken, which may not call IAM.
    #[error(
        "`{arn}` asks IAM with credentials of GetSessionToken or GetFederationToken: these may not, unless an MFA device vouched; use the user's own key, or a role"
    )]
    BarredFromIam {
        /// The session's ARN.
        arn: String,
    },
    /// The role or user behind the session was deleted.
    #[error("`{arn}` was deleted (`{id}` is no more); its sessions ended with it")]
    Gone {
        /// The session's ARN.
        arn: String,
        /// The unique id that is gone.
        id: UniqueId,
    },
}

/// Proves who signed a request.
pub fn authenticate(
    presented: Presented<'_>,
    directory: &dyn Directory,
    keys: &SessionKeys,
    derived: &DerivedKeys,
    now: Timestamp,
) -> Result<Caller, RefusedCredentials> {
    let token = presented.session_token();
    match recognise(presented.access_key_id(), token, directory, keys, now) {
        Ok((caller, secret)) => {
            let proven = presented.verify(&secret, derived);
            proven.map_err(RefusedCredentials::Signature)?;
            Ok(caller)
        }
        Err(refused) => {
            // An unknown key costs what a wrong secret costs, so that time does not tell.
            presented.spend_a_verification(derived);
            Err(refused)
        }
    }
}

/// Whom a key id and a token claim to be, and the secret that must have signed.
fn recognise(
    access_key_id: &str,
    token: Option<&str>,
    directory: &dyn Directory,
    keys: &SessionKeys,
    now: Timestamp,
) -> Result<(Caller, Secret), RefusedCredentials> {
    let id = access_key_id
        .parse::<AccessKeyId>()
        .map_err(|_| InvalidToken::NotAKeyId(access_key_id.to_owned()))?;
    let (credential, secret) = match (id.kind(), token) {
        (KeyKind::LongTerm, Some(_)) => return Err(InvalidToken::StrayToken(id).into()),
        (KeyKind::LongTerm, None) => recognise_user(&id, directory)?,
        (KeyKind::Temporary, None) => return Err(InvalidToken::NoToken(id).into()),
        (KeyKind::Temporary, Some(token)) => recognise_session(&id, token, directory, keys, now)?,
    };
    let caller = Caller {
        access_key_id: id,
        credential,
    };
    Ok((caller, secret))
}

fn recognise_user(
    id: &AccessKeyId,
    directory: &dyn Directory,
) -> Result<(Credential, Secret), InvalidToken> {
    let key = directory.access_key(id);
    let key = key.ok_or_else(|| InvalidToken::NoSuchKey(id.clone()))?;
    if !key.is_active {
        return Err(InvalidToken::Inactive(id.clone(), key.user));
    }
    let credential = Credential::User {
        user: key.user,
        id: key.user_id,
    };
    Ok((credential, key.secret))
}

fn recognise_session(
    id: &AccessKeyId,
    token: &str,
    directory: &dyn Directory,
    keys: &SessionKeys,
    now: Timestamp,
) -> Result<(Credential, Secret), RefusedCredentials> {
    let opened = keys.open(id, token);
    let (session, secret) = opened.map_err(InvalidToken::Unopened)?;
    if now >= session.expiry {
        let expiry = session.expiry;
        return Err(RefusedCredentials::Expired { expiry, now });
    }
    let entity = session.holder.entity_id();
    if !directory.is_alive(session.account(), entity) {
        return Err(InvalidToken::Gone {
            arn: session.holder.arn(),
            id: entity.clone(),
        }
        .into());
    }
    Ok((Credential::Session(Box::new(session)), secret))
}

impl Caller {
    /// The caller, if it may call that service at all, whatever policies say. AWS answers the others as
    /// if it did not know them; an MFA device, which would let some of them in, nobody has here.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html>
    pub fn admitted_to(self, service: &str) -> Result<Self, RefusedCredentials> {
        let holder = self.session().map(|session| &session.holder);
        match holder {
            Some(Holder::User { .. } | Holder::Federated { .. }) if service == "iam" => {
                Err(InvalidToken::BarredFromIam { arn: self.arn() }.into())
            }
            Some(Holder::Role { .. } | Holder::User { .. } | Holder::Federated { .. }) | None => {
                Ok(self)
            }
        }
    }

    /// Whether a call is open to the caller that STS opens to users' own keys and to roles only,
    /// whatever policies say.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
    pub(crate) fn may_call(&self, operation: &'static str) -> Result<(), StsError> {
        match self.session().map(|session| &session.holder) {
            Some(Holder::User { .. } | Holder::Federated { .. }) => Err(self.barred(operation)),
            Some(Holder::Role { .. }) | None => Ok(()),
        }
    }

    /// The user, if its own key signed: no session may call what asks for one.
    pub(crate) fn own_user(
        &self,
        operation: &'static str,
    ) -> Result<(&UserArn, &UniqueId), StsError> {
        match &self.credential {
            Credential::User { user, id } => Ok((user, id)),
            Credential::Session(_) => Err(self.barred(operation)),
        }
    }

    fn barred(&self, operation: &'static str) -> StsError {
        let session = self.arn();
        StsError::SessionMayNotCall { operation, session }
    }

    /// The key that signed.
    #[must_use]
    pub fn access_key_id(&self) -> &AccessKeyId {
        &self.access_key_id
    }

    /// The session, if the caller acts by one.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match &self.credential {
            Credential::User { .. } => None,
            Credential::Session(session) => Some(session),
        }
    }

    /// The role session, if the caller acts by one: its next role is chained.
    #[must_use]
    pub fn role_session(&self) -> Option<&Session> {
        self.session()
            .filter(|session| matches!(session.holder, Holder::Role { .. }))
    }

    /// The user, if the caller is one, by its own key or by GetSessionToken.
    #[must_use]
    pub fn user(&self) -> Option<(&UserArn, &UniqueId)> {
        match &self.credential {
            Credential::User { user, id } => Some((user, id)),
            Credential::Session(session) => match &session.holder {
                Holder::User { user, id } => Some((user, id)),
                Holder::Role { .. } | Holder::Federated { .. } => None,
            },
        }
    }

    /// The caller as policies name it.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match &self.credential {
            Credential::User { user, id } => Principal::User {
                arn: user.clone(),
                id: id.clone(),
            },
            Credential::Session(session) => session.holder.principal(),
        }
    }

    /// The unique id of the user or role by whose right the caller acts.
    #[must_use]
    pub fn entity_id(&self) -> &UniqueId {
        match &self.credential {
            Credential::User { id, .. } => id,
            Credential::Session(session) => session.holder.entity_id(),
        }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        match &self.credential {
            Credential::User { user, .. } => user.account(),
            Credential::Session(session) => session.account(),
        }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        match &self.credential {
            Credential::User { user, .. } => user.partition(),
            Credential::Session(session) => session.holder.partition(),
        }
    }

    /// `Arn` of GetCallerIdentity, and the caller's name in AccessDenied.
    #[must_use]
    pub fn arn(&self) -> String {
        match &self.credential {
            Credential::User { user, .. } => user.as_str().to_owned(),
            Credential::Session(session) => session.holder.arn(),
        }
    }

    /// `UserId` of GetCallerIdentity.
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.credential {
            Credential::User { id, .. } => id.as_str().to_owned(),
            Credential::Session(session) => session.holder.user_id(),
        }
    }
}

impl RefusedCredentials {
    /// What the trail says of it: more than the text on the wire, where AWS is silent.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Invalid(cause) => cause.to_string(),
            Self::Signature(SignatureRefusal::Mismatch) => {
                "the signature was not made with the secret of its access key".to_owned()
            }
            Self::Expired { .. } | Self::Signature(_) => self.to_string(),
        }
    }

    /// What to change, for the trail.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Signature(refusal) => refusal.advice(),
            Self::Invalid(InvalidToken::NoSuchKey(_)) => Some(
                "use a key of this plane: `rolecall env` prints those of an account's administrator, \
                 `aws iam list-access-keys` lists those of a user; a key that was deleted is gone"
                    .to_owned(),
            ),
            Self::Invalid(_) | Self::Expired { .. } => None,
        }
    }

    /// The code, as the family of services spells it.
    #[must_use]
    pub fn code(&self, family: Family) -> &'static str {
        match (self, family) {
            (Self::Invalid(_), Family::Query) => "InvalidClientTokenId",
            (Self::Invalid(_), Family::Json) => "UnrecognizedClientException",
            (Self::Expired { .. }, Family::Query) => "ExpiredToken",
            (Self::Expired { .. }, Family::Json) => "ExpiredTokenException",
            (Self::Signature(refusal), family) => refusal.code(family),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self, family: Family) -> u16 {
        match self {
            Self::Invalid(_) | Self::Expired { .. } => 403,
            Self::Signature(refusal) => refusal.status(family),
        }
    }
}

impl From<InvalidToken> for RefusedCredentials {
    fn from(cause: InvalidToken) -> Self {
        Self::Invalid(cause)
    }
}
