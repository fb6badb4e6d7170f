//! GenerateCredentialReport and GetCredentialReport: one line for each user and its keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use crate::account::Account;
use crate::accounts::{PREFIX, written};
use crate::draft::Written;
use crate::error::IamError;
use crate::last_use::LastUse;
use crate::records::{AccessKey, KeyStatus, User};
use crate::seconds;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Key, Transaction};

/// A report is used for so long, and then made anew.
pub const CREDENTIAL_REPORT_LIFETIME: SignedDuration = SignedDuration::from_hours(4);

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
     password_last_changed,password_next_rotation,mfa_active,\
     access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
     access_key_1_last_used_region,access_key_1_last_used_service,\
     access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
     access_key_2_last_used_region,access_key_2_last_used_service,\
     cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// What stands in a column that does not apply.
const ABSENT: &str = "N/A";

/// A report as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When.
    #[serde(with = "seconds")]
    pub generated: Timestamp,
    /// Comma-separated values, a line each for the account itself and its users.
    pub csv: String,
}

impl CredentialReport {
    /// Its part of the store key.
    pub(crate) const KIND: &'static str = "credential-report";

    fn is_valid(&self, now: Timestamp) -> bool {
        now.duration_since(self.generated) <= CREDENTIAL_REPORT_LIFETIME
    }
}

/// What became of the wish for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialReportState {
    /// There was none; now one is made.
    Started,
    /// There is one that is young enough.
    Complete,
}

/// Makes a report, unless the last one is young enough.
///
/// # Errors
/// [`IamError::ServiceFailure`].
pub fn generate_credential_report(
    account: &Account,
    last_use: impl Fn(&str) -> Option<LastUse>,
    now: Timestamp,
) -> Result<Written<CredentialReportState>, IamError> {
    let known = account.credential_report.as_ref();
    if known.is_some_and(|report| report.is_valid(now)) {
        return Ok(Written {
            transaction: Transaction::new(),
            output: CredentialReportState::Complete,
        });
    }
    let report = CredentialReport {
        generated: now,
        csv: csv(account, last_use),
    };
    let key = format!("{PREFIX}{}/{}", account.id(), CredentialReport::KIND);
    Ok(Written {
        transaction: Transaction::new().put(Key::new(key), written(&report)?),
        output: CredentialReportState::Started,
    })
}

/// The last report, if it is young enough.
///
/// # Errors
/// [`IamError::NoCredentialReport`], [`IamError::CredentialReportExpired`].
pub fn get_credential_report(
    account: &Account,
    now: Timestamp,
) -> Result<&Arc<CredentialReport>, IamError> {
    let report = account.credential_report.as_ref();
    let report = report.ok_or(IamError::NoCredentialReport)?;
    match report.is_valid(now) {
        true => Ok(report),
        false => Err(IamError::CredentialReportExpired),
    }
}

fn csv(account: &Account, last_use: impl Fn(&str) -> Option<LastUse>) -> String {
    let users = account.all::<User>();
    let rows = users.map(|user| row(account, user, &last_use));
    let lines = [COLUMNS.to_owned(), root(account)].into_iter().chain(rows);
    lines.collect::<Vec<_>>().join("\n")
}

/// The account itself: nobody has a password or a key of it here.
fn root(account: &Account) -> String {
    let arn = format!("arn:{}:iam::{}:root", account.partition(), account.id());
    let created = time(account.record().created);
    let password = [
        "not_supported",
        "no_information",
        "not_supported",
        "not_supported",
    ];
    let columns = [&["<root_account>", &arn, &created][..], &password].concat();
    line(columns.into_iter().map(str::to_owned), [&[], &[]])
}

fn row(account: &Account, user: &User, last_use: impl Fn(&str) -> Option<LastUse>) -> String {
    let mut keys: Vec<_> = user.access_keys.iter().collect();
    keys.sort_by(|one, other| one.id.cmp(&other.id));
    let mut keys = keys.into_iter().map(|key| columns_of(key, &last_use));
    let [first, second] = [keys.next(), keys.next()];
    let (name, arn) = (user.name.to_string(), account.user_arn(user).to_string());
    let password = ["false", ABSENT, ABSENT, ABSENT].map(str::to_owned);
    let columns = [name, arn, time(user.created)].into_iter().chain(password);
    let columns_of = |key: &Option<[String; 5]>| key.as_ref().map_or_else(Vec::new, Vec::from);
    line(columns, [&columns_of(&first), &columns_of(&second)])
}

/// A line of the columns up to `mfa_active`, and those of two keys; there are no certificates.
fn line(columns: impl Iterator<Item = String>, keys: [&[String]; 2]) -> String {
    let none = ["false", ABSENT, ABSENT, ABSENT, ABSENT].map(str::to_owned);
    let keys = keys.map(|key| if key.is_empty() { &none[..] } else { key });
    let certificates = ["false", ABSENT, "false", ABSENT].map(str::to_owned);
    let columns = columns
        .chain(["false".to_owned()])
        .chain(keys.concat())
        .chain(certificates);
    columns.map(quoted).collect::<Vec<_>>().join(",")
}

fn columns_of(key: &AccessKey, last_use: impl Fn(&str) -> Option<LastUse>) -> [String; 5] {
    let last = last_use(key.id.as_str());
    let of_use = |show: fn(&LastUse) -> String| {
        let last = last.as_ref();
        last.map_or_else(|| ABSENT.to_owned(), show)
    };
    [
        (key.status == KeyStatus::Active).to_string(),
        time(key.created),
        of_use(|last| time(last.at)),
        of_use(|last| last.region.to_string()),
        of_use(|last| last.service.to_string()),
    ]
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Names of users may hold a comma.
fn quoted(column: String) -> String {
    match column.contains(',') {
        true => format!("\"{column}\""),
        false => column,
    }
}
