//! What a new plane begins with: accounts, their administrators, clusters, session keys.
//!
//! All of it is idempotent: a plane that starts again finds what is there and adds what is missing.
//! With a changed file: what the file adds is made; what it does not name any more stays in the
//! state; an entity that is there is never changed. A cluster whose issuer the file gives otherwise
//! is refused. The organisation alone is always what the file says.

mod nodes;
mod organisation;

use crate::authority::{Authority, new_authority};
use crate::aws::key_material;
use crate::config::{ClusterConfig, PlaneConfig};
use crate::folder::Folder;
use crate::world::{Unchanged, Worlds};
use crate::{StartError, chance};
use data_encoding::BASE64;
use eks::Issuer;
use eks::operations::{NewCluster, Place, create_cluster};
use iam::operations::access_keys::{KeyRandom, create_access_key};
use iam::operations::accounts::declare_account;
use iam::operations::attachments::attach_policy;
use iam::operations::users::create_user;
use names::secret::Secret;
use names::{AccountId, PolicyArn, UserName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use store::{CommitRefused, Key, Keyring, Range, Sealed, Store, Transaction};
use sts::{EPOCHS_PREFIX, EpochRandom};

/// The user that each account begins with.
const ADMINISTRATOR: &str = "administrator";
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const AUTHORITY: &str = "plane/authority";

/// The name in the authority's certificate.
pub(crate) const AUTHORITY_NAME: &str = "rolecall authority";

/// A sealed secret with what is public of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    public: String,
    secret: Sealed,
}

/// Declares accounts and clusters, and writes the files by which clients speak to them.
pub(crate) async fn settle(
    worlds: &Worlds,
    config: &PlaneConfig,
    folder: &Folder,
) -> Result<(), StartError> {
    for account in &config.accounts {
        let partition = config.region.partition();
        changed(
            worlds
                .change(|world| {
                    let written = declare_account(
                        &world.accounts,
                        account.id,
                        partition,
                        account.alias.as_str().parse().ok(),
                        chance::now(),
                    )?;
                    Ok::<_, iam::IamError>((written.transaction, written.output))
                })
                .await,
            folder,
        )?;
        administrator(worlds, account.id, folder).await?;
    }
    organisation::settle(worlds, config, folder).await?;
    clusters(worlds, config, folder).await?;
    client_files(worlds, config, folder)
}

async fn administrator(worlds: &Worlds, id: AccountId, folder: &Folder) -> Result<(), StartError> {
    let name: UserName = ADMINISTRATOR.parse().map_err(|why| folder.failed(&why))?;
    let policy: PolicyArn = ADMINISTRATOR_ACCESS
        .parse()
        .map_err(|why| folder.failed(&why))?;
    let world = worlds.now();
    let account = world
        .accounts
        .account(id)
        .map_err(|why| folder.failed(&why))?;
    // The key comes last: a plane that was killed in between goes on where it was.
    if account
        .find::<iam::User>(&name)
        .is_ok_and(|user| !user.access_keys.is_empty())
    {
        return Ok(());
    }
    let (now, random) = (chance::now(), chance::random());
    changed(
        worlds
            .change(|world| {
                if world.accounts.account(id)?.find::<iam::User>(&name).is_ok() {
                    return Ok((Transaction::new(), ()));
                }
                let new = iam::operations::users::NewUser {
                    path: names::Path::root(),
                    name: name.clone(),
                    boundary: None,
                    tags: Vec::new(),
                };
                let written = create_user(world.accounts.account(id)?, new, now, random)?;
                Ok::<_, iam::IamError>((written.transaction, ()))
            })
            .await,
        folder,
    )?;
    changed(
        worlds
            .change(|world| {
                let written =
                    attach_policy::<iam::User>(world.accounts.account(id)?, &name, &policy)?;
                Ok::<_, iam::IamError>((written.transaction, ()))
            })
            .await,
        folder,
    )?;
    let random = KeyRandom {
        id: chance::random(),
        secret: new_secret(),
        nonce: chance::random(),
    };
    changed(
        worlds
            .change(|world| {
                let account = world.accounts.account(id)?;
                let written = create_access_key(account, &name, worlds.keyring(), &random, now)?;
                Ok::<_, iam::IamError>((written.transaction, ()))
            })
            .await,
        folder,
    )
}

/// Forty characters, as AWS's.
fn new_secret() -> Secret {
    Secret::from(BASE64.encode(&chance::random::<30>()))
}

async fn clusters(
    worlds: &Worlds,
    config: &PlaneConfig,
    folder: &Folder,
) -> Result<(), StartError> {
    for declared in config.clusters() {
        let account = config
            .accounts
            .iter()
            .find(|account| account.alias == declared.account);
        let Some(account) = account else { continue };
        let region = declared
            .region
            .clone()
            .unwrap_or_else(|| config.region.clone());
        nodes::settle(
            worlds,
            account.id,
            &declared,
            config.region.partition(),
            folder,
        )
        .await?;
        if let Some(there) = worlds
            .now()
            .clusters
            .get(account.id, &region, &declared.name)
        {
            must_agree(&declared, &there.value)?;
            continue;
        }
        let material = key_material().await;
        let material = material.map_err(|why| folder.failed(&why.message))?;
        let place = Place {
            account: account.id,
            region,
        };
        let now = chance::now();
        changed(
            worlds
                .change(|world| {
                    let new = NewCluster {
                        name: declared.name.clone(),
                        version: None,
                        role: None,
                        settings: eks::Settings::default(),
                        tags: BTreeMap::new(),
                        client_request_token: None,
                        issuer: declared.issuer.clone().map(Issuer::External),
                        endpoint: None,
                    };
                    let (_, transaction) = create_cluster(
                        &world.clusters,
                        &place,
                        new,
                        &material,
                        worlds.keyring(),
                        now,
                    )?;
                    Ok::<_, eks::EksError>((transaction, ()))
                })
                .await,
            folder,
        )?;
    }
    Ok(())
}

/// Tokens and trust policies hold on to an issuer, so that a file cannot exchange it in passing.
fn must_agree(declared: &ClusterConfig, there: &eks::Cluster) -> Result<(), StartError> {
    let agrees = match (&declared.issuer, &there.issuer) {
        (None, Issuer::Own(_)) => true,
        (Some(wanted), Issuer::External(url)) => wanted == url,
        (None, Issuer::External(_)) | (Some(_), Issuer::Own(_)) => false,
    };
    if agrees {
        return Ok(());
    }
    let wanted = declared.issuer.as_ref().map_or_else(
        || "one of the plane's own".to_owned(),
        |url| format!("`{url}`"),
    );
    Err(StartError::Config(format!(
        "cluster `{}` has the issuer `{}` in the state, and {wanted} in the file; delete the cluster \
         first (aws eks delete-cluster), or give it another name",
        declared.name,
        there.issuer.url()
    )))
}

/// `aws/credentials` and `aws/config`: a profile per account, its administrator.
fn client_files(worlds: &Worlds, config: &PlaneConfig, folder: &Folder) -> Result<(), StartError> {
    let world = worlds.now();
    let name: UserName = ADMINISTRATOR.parse().map_err(|why| folder.failed(&why))?;
    let (mut credentials, mut profiles) = (String::new(), String::new());
    for declared in &config.accounts {
        let account = world
            .accounts
            .account(declared.id)
            .map_err(|why| folder.failed(&why))?;
        let alias = &declared.alias;
        // Writing to a string does not fail.
        let _ = writeln!(profiles, "[profile {alias}]\nregion = {}\n", config.region);
        let Ok(user) = account.find::<iam::User>(&name) else {
            continue;
        };
        let Some(key) = user.access_keys.first() else {
            continue;
        };
        let secret = key
            .open(worlds.keyring())
            .map_err(|why| folder.failed(&why))?;
        let _ = writeln!(
            credentials,
            "[{alias}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.id,
            secret.expose_str().unwrap_or_default()
        );
    }
    folder.write("aws/credentials", credentials.as_bytes())?;
    folder.write("aws/config", profiles.as_bytes())
}

/// Begins the first epoch of session keys, without which there is no world.
pub(crate) async fn first_epoch(
    store: &dyn Store,
    keyring: &Keyring,
    folder: &Folder,
) -> Result<(), StartError> {
    let there = store.range(Range::prefix(EPOCHS_PREFIX), None).await;
    if !there.map_err(|why| folder.failed(&why))?.entries.is_empty() {
        return Ok(());
    }
    let random = EpochRandom {
        key: chance::random(),
        nonce: chance::random(),
    };
    let begun = store.commit(sts::begin_epochs(keyring, random, chance::now()));
    match begun.await {
        // Another replica began it at the same moment.
        Ok(_) | Err(CommitRefused::Conflict { .. }) => Ok(()),
        Err(why) => Err(folder.failed(&why)),
    }
}

/// The plane's certificate authority.
pub(crate) async fn authority(worlds: &Worlds, folder: &Folder) -> Result<Authority, StartError> {
    let (pem, key) = keep(worlds, AUTHORITY, folder, || {
        let made = new_authority(AUTHORITY_NAME, chance::now()).map_err(|why| why.to_string())?;
        Ok((made.pem, made.key))
    })
    .await?;
    Ok(Authority { pem, key })
}

/// Finds a secret in the store, or makes it and keeps it there, sealed.
async fn keep(
    worlds: &Worlds,
    at: &str,
    folder: &Folder,
    make: impl FnOnce() -> Result<(String, Secret), String>,
) -> Result<(String, Secret), StartError> {
    let listing = worlds.store().range(Range::One(Key::new(at)), None).await;
    let listing = listing.map_err(|why| folder.failed(&why))?;
    if let Some(entry) = listing.entries.first() {
        let kept: Kept = serde_json::from_slice(&entry.value).map_err(|why| folder.failed(&why))?;
        let opened = worlds
            .keyring()
            .open(at, &kept.secret)
            .map_err(|why| folder.failed(&why))?;
        return Ok((kept.public, Secret::new(opened.to_vec())));
    }
    let (public, secret) = make().map_err(|why| folder.failed(&why))?;
    let sealed = worlds.keyring().seal(at, secret.expose(), chance::random());
    let kept = Kept {
        version: 1,
        public: public.clone(),
        secret: sealed,
    };
    let record = serde_json::to_vec(&kept).map_err(|why| folder.failed(&why))?;
    let key = Key::new(at);
    let transaction = Transaction::new().if_absent(key.clone()).put(key, record);
    worlds
        .store()
        .commit(transaction)
        .await
        .map_err(|why| folder.failed(&why))?;
    Ok((public, secret))
}

fn changed<T, E: std::fmt::Display>(
    changed: Result<T, Unchanged<E>>,
    folder: &Folder,
) -> Result<T, StartError> {
    changed.map_err(|unchanged| match unchanged {
        Unchanged::Refused(why) => StartError::Config(why.to_string()),
        Unchanged::Store(why) => folder.failed(&why),
        Unchanged::Unreadable(why) => folder.failed(&why),
    })
}
