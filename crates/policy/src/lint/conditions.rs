//! Warnings about one condition.

use super::{Found, Holder};
use crate::condition::{Base, Condition, Family, Quantifier};
use crate::document::{Effect, Statement};

impl Found<'_> {
    pub(super) fn condition(&mut self, condition: &Condition, statement: &Statement) {
        let key = condition.key.as_str().to_ascii_lowercase();
        self.values(condition);
        self.kind(condition, &key);
        self.sessions(condition, &key);
        self.second_factor(condition, &key, statement.effect);
        if self.holder == Holder::Role && key == "aws:username" {
            let message = "no session of a role has `aws:username`";
            self.add("RC-ROLE-001", condition.span, message);
        }
        self.claim(condition, &key, statement.effect);
    }

    fn values(&mut self, condition: &Condition) {
        let name = &condition.operator.name;
        let literal = matches!(
            condition.operator.base,
            Base::Text {
                family: Family::Equals | Family::EqualsIgnoreCase,
                ..
            }
        );
        let mut values = condition.values.iter();
        let wild = values.find(|one| one.text.contains(['*', '?']) && !one.text.contains("${"));
        if let (true, Some(value)) = (literal, wild) {
            let message = format!("`{}` in {name} is taken literally", value.text);
            self.add("RC-COND-001", condition.span, message);
        }
        let mut values = condition.values.iter();
        if let Some(value) = values.find(|value| !value.wanted.is_usable()) {
            let message = format!("`{}` is no value for {name}", value.text);
            self.add("RC-COND-002", condition.span, message);
        }
        if condition.values.is_empty() {
            let message = format!("{name} compares `{}` with nothing", condition.key_text);
            self.add("RC-COND-005", condition.span, message);
        }
    }

    /// Keys whose kind is fixed, compared as texts.
    fn kind(&mut self, condition: &Condition, key: &str) {
        let textual = matches!(condition.operator.base, Base::Text { .. });
        let fitting = match key {
            "aws:sourceip" | "aws:vpcsourceip" => "IpAddress",
            "aws:currenttime" | "aws:tokenissuetime" => "DateLessThan",
            "aws:epochtime" | "aws:multifactorauthage" => "NumericLessThan",
            "aws:securetransport" | "aws:multifactorauthpresent" | "aws:viaawsservice" => "Bool",
            _ => return,
        };
        if textual {
            let message = format!(
                "{} compares `{}` as a text: say {fitting} or its like",
                condition.operator.name, condition.key_text
            );
            self.add("RC-COND-006", condition.span, message);
        }
    }

    /// Values that speak of a role's sessions.
    fn sessions(&mut self, condition: &Condition, key: &str) {
        for value in &condition.values {
            let Some((_, session)) = value.text.split_once(":assumed-role/") else {
                continue;
            };
            if key == "aws:principalarn" {
                let message = format!("`{}` is never the value of aws:PrincipalArn", value.text);
                self.add("RC-COND-004", condition.span, message);
            } else if session.split('/').count() > 2 {
                let message = format!("`{}` has more than ROLE/SESSION", value.text);
                self.add("RC-COND-003", condition.span, message);
            }
        }
    }

    fn second_factor(&mut self, condition: &Condition, key: &str, effect: Effect) {
        if key != "aws:multifactorauthpresent" || condition.operator.base != Base::Bool {
            return;
        }
        let says = |wanted: &str| {
            let mut values = condition.values.iter();
            values.any(|value| value.text.eq_ignore_ascii_case(wanted))
        };
        let message = match (effect, condition.operator.if_exists) {
            (Effect::Deny, false) if says("false") => "a long-term access key passes this Deny",
            (Effect::Allow, true) if says("true") => "a long-term access key passes without MFA",
            (Effect::Deny | Effect::Allow, _) => return,
        };
        self.add("RC-MFA-001", condition.span, message);
    }

    /// Conditions on a token's claims.
    fn claim(&mut self, condition: &Condition, key: &str, effect: Effect) {
        let claim = key
            .rsplit_once(':')
            .filter(|(provider, _)| provider.contains('.'));
        let Some((provider, claim)) = claim else {
            return;
        };
        if !matches!(claim, "aud" | "sub" | "amr" | "oaud") && provider.contains("/id/") {
            let message = format!("`{}` is not in any request", condition.key_text);
            self.add("RC-TRUST-001", condition.span, message);
        }
        if effect == Effect::Deny {
            return;
        }
        let operator = &condition.operator;
        let lenient = operator.if_exists || operator.quantifier == Quantifier::ForAll;
        if lenient && matches!(claim, "aud" | "sub") {
            let message = format!("{} accepts a token without `{claim}`", operator.name);
            self.add("RC-TRUST-002", condition.span, message);
        }
        let mut values = condition.values.iter();
        let namespace = |text: &str| {
            let rest = text.strip_prefix("system:serviceaccount:")?;
            Some(rest.split(':').next().unwrap_or_default().contains('*'))
        };
        let wild = values
            .find(|value| namespace(&value.text).unwrap_or_else(|| value.text.starts_with('*')));
        let globs = matches!(
            operator.base,
            Base::Text {
                family: Family::Like,
                negated: false
            }
        );
        if let (true, "sub", Some(value)) = (globs, claim, wild) {
            let message = format!("`{}` is of any namespace", value.text);
            self.add("RC-TRUST-008", condition.span, message);
        }
    }
}
