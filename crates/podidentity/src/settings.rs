//! What the operator of the webhook decides for all Pods.

/// The webhook's settings; the default is what EKS runs with, but for the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The domain of the annotations.
    pub annotation_prefix: String,
    /// Where the token for STS stands.
    pub web_identity: TokenPlace,
    /// Where the token for EKS Pod Identity stands.
    pub pod_identity: ContainerCredentials,
    /// A token's lifetime where nobody says otherwise, in seconds.
    pub expiration_seconds: i64,
    /// Set as AWS_REGION and AWS_DEFAULT_REGION.
    pub region: Option<String>,
    /// Whether AWS_STS_REGIONAL_ENDPOINTS is set where nobody says otherwise.
    pub regional_sts: bool,
    /// Lets annotations hold a role's name instead of its ARN.
    pub compose: Option<Compose>,
}

/// A projected token: what it is for, and where it is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPlace {
    /// The audience where nobody says otherwise.
    pub audience: String,
    /// The folder in the container.
    pub mount_path: String,
    /// The volume's name.
    pub volume: String,
    /// The file's name in the folder.
    pub file: String,
}

impl TokenPlace {
    /// The token's file.
    #[must_use]
    pub fn file_path(&self) -> String {
        format!("{}/{}", self.mount_path.trim_end_matches('/'), self.file)
    }
}

/// EKS Pod Identity: a token, and the agent that takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCredentials {
    /// Its token.
    pub token: TokenPlace,
    /// Where the agent answers.
    pub full_uri: String,
}

/// What makes a role's name an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose {
    /// `aws`, `aws-cn`, ...
    pub partition: String,
    /// Twelve digits.
    pub account: String,
}

/// The shortest lifetime that Kubernetes gives a token, in seconds.
pub(crate) const EXPIRATION_SECONDS_MIN: i64 = 600;
/// The longest one that EKS gives, in seconds.
pub(crate) const EXPIRATION_SECONDS_MAX: i64 = 86_400;

impl Default for Settings {
    fn default() -> Self {
        Self {
            annotation_prefix: "eks.amazonaws.com".to_owned(),
            web_identity: TokenPlace {
                audience: "sts.amazonaws.com".to_owned(),
                mount_path: "/var/run/secrets/eks.amazonaws.com/serviceaccount".to_owned(),
                volume: "aws-iam-token".to_owned(),
                file: "token".to_owned(),
            },
            pod_identity: ContainerCredentials {
                token: TokenPlace {
                    audience: "pods.eks.amazonaws.com".to_owned(),
                    mount_path: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount".to_owned(),
                    volume: "eks-pod-identity-token".to_owned(),
                    file: "eks-pod-identity-token".to_owned(),
                },
                full_uri: "http://169.254.170.23/v1/credentials".to_owned(),
            },
            expiration_seconds: EXPIRATION_SECONDS_MAX,
            region: None,
            regional_sts: false,
            compose: None,
        }
    }
}
