//! What a person should know of a decision about a Pod.

use std::fmt;

/// One thing that was done otherwise than one might expect, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The Pod's label excludes it.
    SkippedByLabel,
    /// The service account is not annotated: nothing was asked for.
    NoRole {
        /// The service account's namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// There is no such service account (yet).
    NoServiceAccount {
        /// The namespace looked in.
        namespace: String,
        /// The name looked for.
        name: String,
    },
    /// What is annotated is no role's ARN.
    RoleNotAnArn {
        /// What is annotated.
        value: String,
    },
    /// An association beats the annotation.
    PodIdentityWins {
        /// The annotated role, which is not used.
        role: String,
    },
    /// A container brings one of two variables that mean something only together.
    HalfDefined {
        /// The container.
        container: String,
        /// The variable it brings.
        present: &'static str,
        /// The one it does not.
        missing: &'static str,
    },
    /// Another volume is mounted where the token belongs.
    MountPathTaken {
        /// The container.
        container: String,
        /// The path.
        path: String,
        /// The volume that is there.
        volume: String,
    },
    /// A volume of our name holds something else.
    VolumeTaken {
        /// The name.
        name: String,
    },
    /// A lifetime is no whole number of seconds.
    ExpirationUnreadable {
        /// What is annotated.
        value: String,
    },
    /// A lifetime lies outside of what is given.
    ExpirationMoved {
        /// What was asked for, in seconds.
        asked: i64,
        /// What is given, in seconds.
        given: i64,
    },
    /// The list of containers to leave alone cannot be read.
    SkipContainersUnreadable {
        /// What is annotated.
        value: String,
    },
    /// The list names a container that the Pod does not have.
    SkippedContainerUnknown {
        /// The name.
        name: String,
    },
}

/// Codes and what they mean; the first line is the title.
const CODES: &[(&str, &str)] = &[
    (
        "RC-POD-001",
        "the Pod is excluded by its label\nThe label `eks.amazonaws.com/skip-pod-identity-webhook` keeps the webhook away from a Pod, whatever its\nvalue. Take the label off if the Pod needs AWS.",
    ),
    (
        "RC-POD-002",
        "the service account asks for no role\nAnnotate it: `kubectl annotate serviceaccount -n NAMESPACE NAME eks.amazonaws.com/role-arn=ARN`, then\nstart the Pod anew; a Pod that runs is not changed.",
    ),
    (
        "RC-POD-003",
        "there is no such service account\nPods that are made before their service account get no role. Make the service account first, or start\nthe Pod anew.",
    ),
    (
        "RC-POD-004",
        "what is annotated is no role's ARN\nA role's ARN reads `arn:aws:iam::ACCOUNT:role/NAME`, with twelve digits. The value is given to the Pod as\nit stands, and STS will refuse it.",
    ),
    (
        "RC-POD-005",
        "an EKS Pod Identity association beats the annotation\nThe service account has both. The Pod gets the association's role; the annotated one is not used.",
    ),
    (
        "RC-POD-006",
        "half of a pair of variables is preset\nAWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE (or the two of the container credentials) mean something\nonly together, so the webhook adds neither when the manifest has one. Take it out of the manifest.",
    ),
    (
        "RC-POD-007",
        "another volume is mounted where the token belongs\nTwo mounts at one path are refused by the API server, so the container is left alone. Mount the other\nvolume elsewhere.",
    ),
    (
        "RC-POD-008",
        "a volume of the token's name holds something else\nThe containers mount it as it is. Rename it in the manifest.",
    ),
    (
        "RC-POD-009",
        "the token's lifetime cannot be read\nThe annotation `token-expiration` is a whole number of seconds, such as `3600`.",
    ),
    (
        "RC-POD-010",
        "the token's lifetime was moved into its bounds\nA token lives from 600 to 86400 seconds.",
    ),
    (
        "RC-POD-011",
        "the list of containers to skip cannot be read\n`skip-containers` is one line of comma-separated names. No container is skipped.",
    ),
    (
        "RC-POD-012",
        "a container to skip is not in the Pod\n`skip-containers` takes names to the letter: in `a, b` the second one begins with a space.",
    ),
];

/// Every code.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|(code, _)| *code)
}

/// What a code means; its first line is a title.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    let found = CODES.iter().find(|(known, _)| *known == code);
    found.map(|(_, text)| *text)
}

impl Reason {
    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SkippedByLabel => "RC-POD-001",
            Self::NoRole { .. } => "RC-POD-002",
            Self::NoServiceAccount { .. } => "RC-POD-003",
            Self::RoleNotAnArn { .. } => "RC-POD-004",
            Self::PodIdentityWins { .. } => "RC-POD-005",
            Self::HalfDefined { .. } => "RC-POD-006",
            Self::MountPathTaken { .. } => "RC-POD-007",
            Self::VolumeTaken { .. } => "RC-POD-008",
            Self::ExpirationUnreadable { .. } => "RC-POD-009",
            Self::ExpirationMoved { .. } => "RC-POD-010",
            Self::SkipContainersUnreadable { .. } => "RC-POD-011",
            Self::SkippedContainerUnknown { .. } => "RC-POD-012",
        }
    }

    /// Whether whoever makes the Pod should be told; the others are how most Pods are.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        match self {
            Self::SkippedByLabel | Self::NoRole { .. } => false,
            Self::NoServiceAccount { .. }
            | Self::RoleNotAnArn { .. }
            | Self::PodIdentityWins { .. }
            | Self::HalfDefined { .. }
            | Self::MountPathTaken { .. }
            | Self::VolumeTaken { .. }
            | Self::ExpirationUnreadable { .. }
            | Self::ExpirationMoved { .. }
            | Self::SkipContainersUnreadable { .. }
            | Self::SkippedContainerUnknown { .. } => true,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SkippedByLabel => out.write_str("the pod's label keeps the webhook away"),
            Self::NoRole { namespace, name } => {
                write!(out, "service account `{namespace}/{name}` asks for no role")
            }
            Self::NoServiceAccount { namespace, name } => {
                write!(
                    out,
                    "there is no service account `{namespace}/{name}`, so the pod gets no role"
                )
            }
            Self::RoleNotAnArn { value } => write!(out, "`{value}` is not the ARN of a role"),
            Self::PodIdentityWins { role } => write!(
                out,
                "the service account has an EKS Pod Identity association, so its annotated role `{role}` is not used"
            ),
            Self::HalfDefined {
                container,
                present,
                missing,
            } => write!(
                out,
                "container `{container}` presets {present} without {missing}, so neither is added"
            ),
            Self::MountPathTaken {
                container,
                path,
                volume,
            } => write!(
                out,
                "container `{container}` mounts volume `{volume}` at {path}, where the token belongs, so it gets no role"
            ),
            Self::VolumeTaken { name } => {
                write!(
                    out,
                    "volume `{name}` of the manifest does not hold the token that the role needs"
                )
            }
            Self::ExpirationUnreadable { value } => {
                write!(
                    out,
                    "token-expiration `{value}` is not a whole number of seconds"
                )
            }
            Self::ExpirationMoved { asked, given } => {
                write!(out, "the token lives {given} seconds instead of {asked}")
            }
            Self::SkipContainersUnreadable { value } => {
                write!(
                    out,
                    "skip-containers `{value}` cannot be read, so no container is skipped"
                )
            }
            Self::SkippedContainerUnknown { name } => {
                write!(
                    out,
                    "skip-containers names `{name}`, and the pod has no such container"
                )
            }
        }
    }
}
