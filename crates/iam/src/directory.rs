//! Principals in trust policies, pinned to unique ids.
//!
//! AWS resolves a user's or role's ARN to its unique id when the document is saved and shows the ARN
//! that the id has when it is read
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>):
//! deleting a role and creating it anew breaks the trust in it until the document is saved again.

use crate::accounts::Accounts;
use crate::error::IamError;
use names::{Arn, Partition, UniqueId};
use policy::{PrincipalDirectory, TrustPolicy};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A trust policy as sent, and who its principals were when it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedTrust {
    text: String,
    pins: BTreeMap<String, UniqueId>,
}

impl PinnedTrust {
    /// Reads a document and finds its principals among all accounts.
    ///
    /// # Errors
    /// [`IamError::MalformedPolicy`], also for a principal that does not exist.
    pub fn save(text: &str, accounts: &Accounts) -> Result<Self, IamError> {
        let recorder = Recorder {
            accounts,
            pins: RefCell::default(),
        };
        TrustPolicy::parse(text, &recorder).map_err(Box::new)?;
        Ok(Self {
            text: text.to_owned(),
            pins: recorder.pins.into_inner(),
        })
    }

    /// The document with the principals of the day it was saved; `None` only when a newer program
    /// wrote it, and then nobody is trusted.
    #[must_use]
    pub fn policy(&self) -> Option<TrustPolicy> {
        TrustPolicy::parse(&self.text, &Pinned(&self.pins)).ok()
    }

    /// The document as IAM shows it: each principal by the ARN that it has now, or by its bare id
    /// when it is gone.
    #[must_use]
    pub fn shown(&self, accounts: &Accounts) -> String {
        self.policy()
            .map_or_else(|| self.text.clone(), |policy| policy.render(accounts))
    }

    /// The document as sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PrincipalDirectory for Accounts {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        let account = self.get(arn.account_id()?)?;
        if arn.service() != "iam" || arn.partition() != account.partition() {
            return None;
        }
        account.id_of(arn.as_str(), arn.resource())
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        self.iter().find_map(|account| account.arn_of(id))
    }

    /// All accounts of a plane are in one.
    fn partition(&self) -> Option<Partition> {
        Some(self.iter().next()?.partition())
    }
}

/// Answers as the accounts do, and remembers what it answered.
struct Recorder<'a> {
    accounts: &'a Accounts,
    pins: RefCell<BTreeMap<String, UniqueId>>,
}

impl PrincipalDirectory for Recorder<'_> {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        let id = self.accounts.id_of(arn)?;
        self.pins
            .borrow_mut()
            .insert(arn.as_str().to_owned(), id.clone());
        Some(id)
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        self.accounts.arn_of(id)
    }

    fn partition(&self) -> Option<Partition> {
        self.accounts.partition()
    }
}

/// Answers as on the day the document was saved.
struct Pinned<'a>(&'a BTreeMap<String, UniqueId>);

impl PrincipalDirectory for Pinned<'_> {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        self.0.get(arn.as_str()).cloned()
    }

    fn arn_of(&self, id: &UniqueId) -> Option<String> {
        self.0
            .iter()
            .find(|(_, pinned)| *pinned == id)
            .map(|(arn, _)| arn.clone())
    }
}
