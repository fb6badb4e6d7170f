//! Why a container waits: the kubelet's reason and message.

use crate::sandbox::StartFailure;

/// Why a container cannot be started now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// What the container refers to is missing or wrong.
    #[error("{0}")]
    Config(String),
    /// The image's name is misspelt.
    #[error("{0}")]
    Name(String),
    /// There is no such image here.
    #[error("{0}")]
    Image(String),
    /// A volume cannot be set up.
    #[error("{0}")]
    Volume(String),
    /// The container was made, but not started.
    #[error("{0}")]
    Start(StartFailure),
}

impl Problem {
    /// The kubelet's reason.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Start(StartFailure::SubPath { .. }) => {
                "CreateContainerConfigError"
            }
            Self::Name(_) => "InvalidImageName",
            Self::Image(_) => "ErrImagePull",
            Self::Volume(_) => "ContainerCreating",
            Self::Start(StartFailure::Program(_)) => "RunContainerError",
            Self::Start(StartFailure::Sandbox(_) | StartFailure::Helper(_)) => {
                "CreateContainerError"
            }
        }
    }
}
