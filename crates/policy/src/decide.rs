//! The decision.
//!
//! Source: IAM User Guide, "Policy evaluation logic", and for roles "Roles: who can assume". A deny in
//! any layer wins; then every layer that applies must allow, where a resource's policy can stand in
//! for the caller's own when it names the caller directly in the same account.

use crate::document::Effect;
use crate::matching::{Nobody, matches};
use crate::principal::Principal;
use crate::principal_element::Strength;
use crate::question::{Layers, Question, ResourcePolicy};
use crate::set::PolicySet;

/// A layer of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Layer {
    /// Resource control policies, with the level from the root down.
    ResourceControl(u32),
    /// Service control policies, with the level from the root down.
    ServiceControl(u32),
    /// The resource's policy.
    Resource,
    /// A role's trust policy.
    Trust,
    /// The caller's own policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
}

/// A statement that decided, by layer, document and statement, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct StatementRef {
    /// Where it holds.
    pub layer: Layer,
    /// Which of the layer's documents.
    pub document: u32,
    /// Which of its statements.
    pub statement: u32,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Allowed; by this statement, or as the account's root user.
    Allow {
        /// The statement that gave it.
        by: Option<StatementRef>,
    },
    /// A statement denies it.
    ExplicitDeny {
        /// That statement.
        by: StatementRef,
    },
    /// Nothing allows it in the first layer that had to.
    ImplicitDeny {
        /// That layer.
        layer: Layer,
    },
}

impl Decision {
    /// Whether it allows.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Allow { .. } => true,
            Self::ExplicitDeny { .. } | Self::ImplicitDeny { .. } => false,
        }
    }
}

/// Decides a question. Allocates nothing unless a statement that could match has variables.
#[must_use]
pub fn decide(question: &Question<'_>, layers: &Layers<'_>) -> Decision {
    let layers = &layers.that_apply_to(question.principal);
    weigh(question, &Outcomes::of(question, layers), layers)
}

/// What one layer says.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    denied_by: Option<StatementRef>,
    allowed_by: Option<StatementRef>,
    strength: Option<Strength>,
}

/// What each layer says; an absent one is `None`.
struct Outcomes {
    resource_control: Option<Said>,
    service_control: Option<Said>,
    resource: Option<Said>,
    identity: Option<Said>,
    boundary: Option<Said>,
    session: Option<Said>,
    /// The first of its levels that does not allow.
    service_control_level: u32,
}

impl Outcomes {
    fn of(question: &Question<'_>, layers: &Layers<'_>) -> Self {
        let one = |set: Option<&PolicySet>, layer| set.map(|set| ask(set, layer, question));
        let (resource_control, _) =
            levels(layers.resource_control, Layer::ResourceControl, question);
        let (service_control, service_control_level) =
            levels(layers.service_control, Layer::ServiceControl, question);
        Self {
            resource_control,
            service_control,
            resource: layers.resource.map(|policy| match policy {
                ResourcePolicy::Ordinary(set) => ask(set, Layer::Resource, question),
                ResourcePolicy::Trust(trust) => ask(trust.set(), Layer::Trust, question),
            }),
            identity: one(layers.identity, Layer::Identity),
            boundary: one(layers.boundary, Layer::Boundary),
            session: one(layers.session, Layer::Session),
            service_control_level,
        }
    }

    /// The first deny, in the order in which AWS reports layers.
    fn denied_by(&self) -> Option<StatementRef> {
        let layers = [
            self.resource_control,
            self.service_control,
            self.resource,
            self.identity,
            self.boundary,
            self.session,
        ];
        layers.into_iter().flatten().find_map(|said| said.denied_by)
    }
}

/// The rule, read from above.
fn weigh(question: &Question<'_>, said: &Outcomes, layers: &Layers<'_>) -> Decision {
    if let Some(by) = said.denied_by() {
        return Decision::ExplicitDeny { by };
    }
    // Resource control policies deny; what none of them denies, the implicit full one allows.
    let implicit = |layer| Decision::ImplicitDeny { layer };
    if let Some(control) = said.service_control
        && control.allowed_by.is_none()
    {
        return implicit(Layer::ServiceControl(said.service_control_level));
    }
    let resource = said.resource.unwrap_or_default();
    let resource_layer = match layers.resource {
        Some(ResourcePolicy::Trust(_)) => Layer::Trust,
        Some(ResourcePolicy::Ordinary(_)) | None => Layer::Resource,
    };
    let granted = Decision::Allow {
        by: resource.allowed_by,
    };
    let same_account = question.principal.account() == Some(question.resource_account);
    match question.principal {
        Principal::Service { .. } | Principal::WebIdentity { .. } | Principal::Anonymous => {
            match resource.strength {
                Some(Strength::Direct) => granted,
                Some(Strength::ViaUser | Strength::ViaRole | Strength::Account) | None => {
                    implicit(resource_layer)
                }
            }
        }
        Principal::Root { .. } => match (same_account, resource_layer, resource.strength) {
            (true, Layer::Trust, None) | (false, _, None) => implicit(resource_layer),
            (true, _, _) => Decision::Allow {
                by: resource.allowed_by,
            },
            (false, _, Some(_)) => granted,
        },
        Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. } => {
            if same_account {
                within(question, said, resource, resource_layer)
            } else if resource.strength.is_none() {
                implicit(resource_layer)
            } else {
                own(question, said)
            }
        }
    }
}

/// In one account a resource that names the caller itself needs nothing else; one that names its role
/// or user needs what narrows the session; one that names the account, the caller's own policies.
fn within(
    question: &Question<'_>,
    said: &Outcomes,
    resource: Said,
    resource_layer: Layer,
) -> Decision {
    let granted = Decision::Allow {
        by: resource.allowed_by,
    };
    match (resource.strength, resource_layer) {
        (Some(Strength::Direct), _) => granted,
        (Some(Strength::ViaRole | Strength::ViaUser), _) => narrowed(said).unwrap_or(granted),
        (None, Layer::Trust) => Decision::ImplicitDeny {
            layer: Layer::Trust,
        },
        (Some(Strength::Account) | None, _) => own(question, said),
    }
}

/// The caller's own side: its policies, narrowed by boundary and session.
fn own(question: &Question<'_>, said: &Outcomes) -> Decision {
    let identity = said.identity.unwrap_or_default();
    if identity.allowed_by.is_none() {
        return Decision::ImplicitDeny {
            layer: Layer::Identity,
        };
    }
    if let Some(withheld) = narrowed(said) {
        return withheld;
    }
    // A federated user has what its session policy gives it of the user's permissions.
    let federated = matches!(question.principal, Principal::FederatedUser { .. });
    if federated && said.session.is_none() {
        return Decision::ImplicitDeny {
            layer: Layer::Session,
        };
    }
    Decision::Allow {
        by: identity.allowed_by,
    }
}

/// The first layer that narrows and does not allow.
fn narrowed(said: &Outcomes) -> Option<Decision> {
    let withholds = |said: Option<Said>| said.is_some_and(|said| said.allowed_by.is_none());
    if withholds(said.boundary) {
        return Some(Decision::ImplicitDeny {
            layer: Layer::Boundary,
        });
    }
    withholds(said.session).then_some(Decision::ImplicitDeny {
        layer: Layer::Session,
    })
}

/// Levels: each must allow, any may deny. Gives the first level that does not allow.
fn levels(
    levels: Option<&[PolicySet]>,
    layer: fn(u32) -> Layer,
    question: &Question<'_>,
) -> (Option<Said>, u32) {
    let Some(levels) = levels else {
        return (None, 0);
    };
    let mut all = Said::default();
    let mut withheld_at = None;
    for (level, set) in (0..).zip(levels) {
        let said = ask(set, layer(level), question);
        all.denied_by = all.denied_by.or(said.denied_by);
        all.allowed_by = all.allowed_by.or(said.allowed_by);
        if said.allowed_by.is_none() && withheld_at.is_none() {
            withheld_at = Some(level);
        }
    }
    if withheld_at.is_some() {
        all.allowed_by = None;
    }
    (Some(all), withheld_at.unwrap_or(0))
}

/// Asks one set: its first deny, and its strongest allow, the first of these.
fn ask(set: &PolicySet, layer: Layer, question: &Question<'_>) -> Said {
    let (mut denied, mut allowed): (Option<u32>, Option<(Strength, u32)>) = (None, None);
    set.candidates(question.action, question.resource, |place| {
        let (_, _, statement) = set.statement(place);
        let Some(strength) = matches(statement, layer, question, &mut Nobody) else {
            return;
        };
        match statement.effect {
            Effect::Deny => denied = Some(denied.map_or(place, |first| first.min(place))),
            Effect::Allow => {
                let better = allowed.is_none_or(|(strongest, first)| {
                    strength > strongest || (strength == strongest && place < first)
                });
                if better {
                    allowed = Some((strength, place));
                }
            }
        }
    });
    let named = |place| {
        let (document, statement) = set.numbers(place);
        StatementRef {
            layer,
            document,
            statement,
        }
    };
    Said {
        denied_by: denied.map(named),
        allowed_by: allowed.map(|(_, place)| named(place)),
        strength: allowed.map(|(strength, _)| strength),
    }
}
