//! Kubernetes versions that EKS offers, and until when.
//!
//! Dates are those of the release calendar in the [EKS user guide]; they are data, and what a
//! version's support is follows from them and the time of asking.
//!
//! [EKS user guide]: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A minor version of Kubernetes, as `1.34`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KubernetesVersion {
    major: u16,
    minor: u16,
}

/// The text is not two numbers joined by a dot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a Kubernetes version: two numbers joined by a dot, as `1.34`")]
pub struct NotAKubernetesVersion(pub String);

/// One row of the release calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferedVersion {
    /// The version.
    pub version: KubernetesVersion,
    /// When EKS released it.
    pub release: Timestamp,
    /// When standard support ends.
    pub standard_support_end: Timestamp,
    /// When extended support ends; no cluster can be created from then on.
    pub extended_support_end: Timestamp,
}

/// What EKS does for a version at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// Fourteen months from its release.
    Standard,
    /// Twelve months more.
    Extended,
    /// None.
    Unsupported,
}

/// The version of a cluster for which none was asked.
pub const DEFAULT: KubernetesVersion = KubernetesVersion {
    major: 1,
    minor: 35,
};

/// `platformVersion` of every cluster here.
pub const PLATFORM_VERSION: &str = "eks.1";

/// Version, release, end of standard and of extended support; newest first.
const CALENDAR: [(u16, &str, &str, &str); 7] = [
    (35, "2026-01-27", "2027-03-27", "2028-03-27"),
    (34, "2025-10-02", "2026-12-02", "2027-12-02"),
    (33, "2025-05-29", "2026-07-29", "2027-07-29"),
    (32, "2025-01-23", "2026-03-23", "2027-03-23"),
    (31, "2024-09-26", "2025-11-26", "2026-11-26"),
    (30, "2024-05-23", "2025-07-23", "2026-07-23"),
    (29, "2024-01-23", "2025-03-23", "2026-03-23"),
];

/// Every version of the calendar, newest first.
pub fn offered() -> impl Iterator<Item = OfferedVersion> {
    CALENDAR
        .into_iter()
        .filter_map(|(minor, release, standard, extended)| {
            Some(OfferedVersion {
                version: KubernetesVersion { major: 1, minor },
                release: midnight(release)?,
                standard_support_end: midnight(standard)?,
                extended_support_end: midnight(extended)?,
            })
        })
}

impl OfferedVersion {
    /// What EKS does for it at this time.
    #[must_use]
    pub fn support(&self, now: Timestamp) -> Support {
        if now < self.standard_support_end {
            Support::Standard
        } else if now < self.extended_support_end {
            Support::Extended
        } else {
            Support::Unsupported
        }
    }

    /// Whether a cluster gets it when none was asked.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.version == DEFAULT
    }
}

impl Support {
    /// `versionStatus`: `STANDARD_SUPPORT`.
    #[must_use]
    pub fn version_status(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD_SUPPORT",
            Self::Extended => "EXTENDED_SUPPORT",
            Self::Unsupported => "UNSUPPORTED",
        }
    }

    /// The older member `status`: `standard-support`.
    #[must_use]
    pub fn status(self) -> &'static str {
        match self {
            Self::Standard => "standard-support",
            Self::Extended => "extended-support",
            Self::Unsupported => "unsupported",
        }
    }
}

fn midnight(date: &str) -> Option<Timestamp> {
    format!("{date}T00:00:00Z").parse().ok()
}

impl FromStr for KubernetesVersion {
    type Err = NotAKubernetesVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_plain)
        };
        let halves = text.split_once('.');
        let version = halves.and_then(|(major, minor)| {
            Some(Self {
                major: number(major)?,
                minor: number(minor)?,
            })
        });
        version.ok_or_else(|| NotAKubernetesVersion(text.to_owned()))
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Debug for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl TryFrom<String> for KubernetesVersion {
    type Error = NotAKubernetesVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<KubernetesVersion> for String {
    fn from(version: KubernetesVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(version: &str, at: &str, expected: Support) {
        let version = version.parse().unwrap();
        let row = offered().find(|row| row.version == version).unwrap();
        assert_eq!(row.support(midnight(at).unwrap()), expected);
    }

    #[test]
    fn support_ends_at_the_calendars_midnight() {
        check("1.34", "2026-12-01", Support::Standard);
        check("1.34", "2026-12-02", Support::Extended);
        check("1.34", "2027-12-01", Support::Extended);
        check("1.34", "2027-12-02", Support::Unsupported);
    }

    #[test]
    fn every_row_of_the_calendar_is_a_date_and_the_default_is_among_them() {
        assert_eq!(offered().count(), CALENDAR.len());
        assert_eq!(offered().filter(OfferedVersion::is_default).count(), 1);
    }

    #[test]
    fn versions_order_by_number_and_not_by_text() {
        let version = |text: &str| text.parse::<KubernetesVersion>().unwrap();
        assert!(version("1.9") < version("1.30"));
        assert!("1.30.1".parse::<KubernetesVersion>().is_err());
        assert!("1.+30".parse::<KubernetesVersion>().is_err());
    }
}
