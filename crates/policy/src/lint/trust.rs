//! Warnings about whom a trust policy lets in.

use super::Found;
use crate::document::{Effect, Statement};
use crate::principal_element::NamedPrincipal;

/// The service that hands roles to pods.
const POD_IDENTITY: &str = "pods.eks.amazonaws.com";

impl Found<'_> {
    pub(super) fn trust(&mut self, statement: &Statement) {
        self.gone(statement);
        let web = statement.action.speaks_of("sts:AssumeRoleWithWebIdentity");
        if statement.effect == Effect::Allow && web && statement.principal.is_some() {
            self.narrowed(statement);
            self.other_provider(statement);
        }
    }

    fn narrowed(&mut self, statement: &Statement) {
        let narrows = |claim: &str| {
            let mut conditions = statement.conditions.iter();
            conditions.any(|one| one.key_text.to_ascii_lowercase().ends_with(claim))
        };
        if !narrows(":sub") {
            self.add("RC-TRUST-003", statement.span, "no condition on `sub`");
        }
        if !narrows(":aud") {
            self.add("RC-TRUST-004", statement.span, "no condition on `aud`");
        }
    }

    /// Conditions on the claims of a provider that the statement does not trust.
    fn other_provider(&mut self, statement: &Statement) {
        let trusted: Vec<_> = entries(statement)
            .filter_map(|entry| match entry {
                NamedPrincipal::Provider(arn) => Some(arn.to_string()),
                NamedPrincipal::Anyone
                | NamedPrincipal::Account(..)
                | NamedPrincipal::Entity(_)
                | NamedPrincipal::Exact(_)
                | NamedPrincipal::Service(_)
                | NamedPrincipal::Other => None,
            })
            .collect();
        for condition in &statement.conditions {
            let claim = condition.key_text.rsplit_once(':');
            let Some((provider, _)) = claim.filter(|(name, _)| name.contains('.')) else {
                continue;
            };
            let end = format!(":oidc-provider/{provider}").to_ascii_lowercase();
            let of_trusted = |arn: &String| arn.to_ascii_lowercase().ends_with(&end);
            if !trusted.is_empty() && !trusted.iter().any(of_trusted) {
                let message = format!("`{provider}` is not the provider that is trusted");
                self.add("RC-TRUST-005", condition.span, message);
            }
        }
    }

    fn gone(&mut self, statement: &Statement) {
        let Some(element) = &statement.principal else {
            return;
        };
        for entry in &element.entries {
            if let NamedPrincipal::Entity(id) = &entry.named
                && self.directory.arn_of(id).is_none()
            {
                let message = format!("`{}` was {id}, which is gone", entry.written);
                self.add("RC-TRUST-007", entry.span, message);
            }
        }
    }

    /// Both actions must be allowed to the service; they may stand in two statements.
    pub(super) fn pod_identity(&mut self) {
        let allows = |action: &str| {
            let mut statements = self.document.statements.iter();
            statements.find(|one| {
                let served = entries(one)
                    .any(|entry| matches!(entry, NamedPrincipal::Service(name) if &**name == POD_IDENTITY));
                one.effect == Effect::Allow && served && one.action.speaks_of(action)
            })
        };
        if let (Some(statement), None) = (allows("sts:AssumeRole"), allows("sts:TagSession")) {
            let (span, message) = (statement.action.span, "sts:TagSession is missing");
            self.add("RC-TRUST-006", span, message);
        }
    }
}

fn entries(statement: &Statement) -> impl Iterator<Item = &NamedPrincipal> {
    let elements = statement.principal.iter();
    elements.flat_map(|element| element.entries.iter().map(|entry| &entry.named))
}
