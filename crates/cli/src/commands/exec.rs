//! `rolecall exec`: a command as an administrator, a role, or a service account.

use super::{block_on, token};
use crate::args::{Exec, Global, Identity, ServiceAccountOfCluster};
use crate::client::{self, Credentials};
use crate::environment::Environment;
use crate::output::{Failure, Outcome};
use crate::running::RunningPlane;
use awswire::dto::sts::AssumeRoleRequest;
use std::path::Path;
use std::time::Duration;

/// Lifetime of a service account's token, in seconds: what the pod identity webhook asks for.
const TOKEN_LIFETIME: u64 = 86_400;

pub(super) fn run(global: &Global, flags: &Exec) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    block_on(async {
        match &flags.identity {
            None => {
                let account = plane.account(flags.account.as_deref())?;
                let environment = Environment::of_account(&plane, &account.alias)?;
                crate::processes::run(&flags.command, &environment).await
            }
            Some(Identity::Role(role)) => as_role(&plane, role, flags).await,
            Some(Identity::ServiceAccount(who)) => as_service_account(&plane, who, flags).await,
        }
    })
}

/// The administrator of the role's account assumes it; the role's trust policy must allow that.
async fn as_role(
    plane: &RunningPlane,
    role: &names::RoleArn,
    flags: &Exec,
) -> Result<Outcome, Failure> {
    let account = plane.account(Some(role.account().as_str()))?;
    let administrator = plane.administrator(&account.alias)?;
    let session = assume(plane, &administrator, role).await?;
    let environment = Environment::of_session(plane, &session)?;
    crate::processes::run(&flags.command, &environment).await
}

/// Assumes a role for one command.
async fn assume(
    plane: &RunningPlane,
    caller: &Credentials,
    role: &names::RoleArn,
) -> Result<Credentials, Failure> {
    let input = AssumeRoleRequest {
        role_arn: role.to_string(),
        role_session_name: "rolecall-exec".to_owned(),
        ..AssumeRoleRequest::default()
    };
    let session = client::call(plane, Some(caller), input).await?.credentials;
    let session = session.ok_or_else(|| {
        Failure::unanswered("unreadable-answer", "AssumeRole gave no credentials")
    })?;
    Ok(Credentials {
        access_key_id: session.access_key_id,
        secret_access_key: session.secret_access_key,
        session_token: Some(session.session_token),
    })
}

/// A token file stands where AWS_WEB_IDENTITY_TOKEN_FILE names it, and is renewed while the command
/// runs, at 80 % of its life, as the kubelet does.
async fn as_service_account(
    plane: &RunningPlane,
    who: &ServiceAccountOfCluster,
    flags: &Exec,
) -> Result<Outcome, Failure> {
    let folder = tempfile::Builder::new()
        .prefix("rolecall-token-")
        .tempdir()
        .map_err(|why| Failure::unanswered("cannot-write", format!("token folder: {why}")))?;
    let file = folder.path().join("token");
    let minted = renew(plane, who, &file).await?;
    let role = match &flags.role_arn {
        Some(role) => role.to_string(),
        None => only_role(plane, who, &minted).await?,
    };
    let environment = Environment::of_web_identity(plane, &role, &file)?;
    let mut command = std::pin::pin!(crate::processes::run(&flags.command, &environment));
    loop {
        tokio::select! {
            ended = &mut command => return ended,
            () = tokio::time::sleep(Duration::from_secs(TOKEN_LIFETIME * 4 / 5)) => {
                renew(plane, who, &file).await?;
            }
        }
    }
}

async fn renew(
    plane: &RunningPlane,
    who: &ServiceAccountOfCluster,
    file: &Path,
) -> Result<String, Failure> {
    let audiences = ["sts.amazonaws.com".to_owned()];
    let minted = token::mint(plane, who, &audiences, TOKEN_LIFETIME).await?;
    write_private(file, minted.token.as_bytes())
        .map_err(|why| Failure::unanswered("cannot-write", format!("token file: {why}")))?;
    Ok(minted.token)
}

/// Replaces a file as a whole; only its owner may read it.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let fresh = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

/// The one role that would accept the token; anything else must be named.
async fn only_role(
    plane: &RunningPlane,
    who: &ServiceAccountOfCluster,
    minted: &str,
) -> Result<String, Failure> {
    let inspected = token::inspected(plane, minted).await?;
    let accepting: Vec<_> = inspected
        .roles
        .iter()
        .filter(|role| role.accepts())
        .map(|role| role.arn.as_str())
        .collect();
    match accepting.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(Failure::no(
            "no-role",
            "no role's trust policy accepts this service account",
        )
        .help(format!(
            "see why: rolecall token create {who} | rolecall token inspect"
        ))
        .help("or name the role all the same: --role-arn ARN")),
        several => Err(Failure::usage(
            "several-roles",
            format!(
                "several roles accept this service account: {}",
                several.join(", ")
            ),
        )
        .help("name one: --role-arn ARN")),
    }
}
