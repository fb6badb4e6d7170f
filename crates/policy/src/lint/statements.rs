//! Warnings about the actions and resources of a statement.

use super::{Found, Holder};
use crate::document::{ActionElement, Effect, ResourceElement, Statement};
use crate::nearest::nearest;

/// Actions of the services that the plane speaks: a name, and `-` in front of it when the action has no
/// resource. The names are those of the services' models, `crates/awswire/models`; which have no
/// resource says AWS's Service Authorization Reference.
const ACTIONS: &str = include_str!("actions.txt");

impl Found<'_> {
    pub(super) fn statement(&mut self, statement: &Statement) {
        let action = &statement.action;
        if statement.effect == Effect::Allow && action.negated {
            let message = "everything but the listed is allowed";
            self.add("RC-SCOPE-001", action.span, message);
        }
        self.unknown_actions(action);
        let resource = statement.resource.as_ref().filter(|one| !one.negated);
        if let Some(resource) = resource {
            self.without_resource(action, resource);
            self.user_name(resource);
            if statement.effect == Effect::Allow && action.speaks_of("sts:AssumeRole") {
                self.missing_roles(resource);
            }
        }
    }

    fn unknown_actions(&mut self, action: &ActionElement) {
        for pattern in &action.patterns {
            let text = pattern.text.to_ascii_lowercase();
            let Some((service, name)) = text.split_once(':') else {
                continue;
            };
            let mut known = actions_of(service).peekable();
            if known.peek().is_none() || name.contains(['*', '?']) {
                continue;
            }
            let names: Vec<_> = known.map(|(known, _)| known).collect();
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                continue;
            }
            let meant = nearest(name, names.iter().copied());
            let meant = meant.map(|meant| format!(": did you mean `{service}:{meant}`?"));
            let message = format!(
                "there is no `{}`{}",
                pattern.text,
                meant.unwrap_or_default()
            );
            self.add("RC-ACTION-001", action.span, message);
        }
    }

    fn without_resource(&mut self, action: &ActionElement, resource: &ResourceElement) {
        if action.negated || resource.patterns.iter().any(|one| &*one.text == "*") {
            return;
        }
        for pattern in &action.patterns {
            let Some((service, name)) = pattern.text.split_once(':') else {
                continue;
            };
            let service = service.to_ascii_lowercase();
            if actions_of(&service).any(|(known, bare)| bare && known.eq_ignore_ascii_case(name)) {
                let message = format!("`{}` is decided on `*`, which no ARN is", pattern.text);
                self.add("RC-ACTION-002", resource.span, message);
            }
        }
    }

    fn user_name(&mut self, resource: &ResourceElement) {
        let named = |text: &str| text.to_ascii_lowercase().contains("${aws:username}");
        if self.holder == Holder::Role && resource.patterns.iter().any(|one| named(&one.text)) {
            let message = "`${aws:username}` has no value in a role's session";
            self.add("RC-ROLE-001", resource.span, message);
        }
    }

    fn missing_roles(&mut self, resource: &ResourceElement) {
        for pattern in &resource.patterns {
            let whole = !pattern.text.contains(['*', '?', '$']);
            let Ok(arn) = pattern.text.parse::<names::Arn>() else {
                continue;
            };
            let role = arn.service() == "iam" && arn.resource().starts_with("role/");
            if whole && role && self.directory.id_of(&arn).is_none() {
                let message = format!("there is no role `{arn}`");
                self.add("RC-ROLE-002", resource.span, message);
            }
        }
    }
}

/// The known actions of a service, and whether each has no resource; none: the service is not known.
fn actions_of(service: &str) -> impl Iterator<Item = (&'static str, bool)> {
    let lines = ACTIONS
        .lines()
        .skip_while(move |line| line.strip_suffix(':') != Some(service));
    let actions = lines.skip(1).take_while(|line| !line.ends_with(':'));
    actions.map(|line| match line.strip_prefix('-') {
        Some(name) => (name, true),
        None => (line, false),
    })
}
