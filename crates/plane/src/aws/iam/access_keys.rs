//! Users' access keys.

use super::{on, operation, page, user_or_caller};
use crate::aws::{Asks, Call, of_iam};
use crate::chance;
use ::iam::KeyStatus;
use ::iam::operations::access_keys::{self, KeyRandom};
use awswire::AwsError;
use awswire::dto::iam::*;
use names::secret::Secret;
use names::{AccessKeyId, UserName};

fn of_user(name: Option<&str>, call: &Call<'_>) -> Result<Asks<UserName>, AwsError> {
    let name = user_or_caller(name, call)?;
    on(name, call)
}

/// An access key's secret: 40 characters of base64, as AWS's are.
fn secret() -> Secret {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random: [u8; 40] = chance::random();
    // 64 divides 256: every character is as likely as any other.
    let characters = random
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 64)));
    Secret::new(characters.copied().collect())
}

fn id_of(text: &str) -> Result<AccessKeyId, AwsError> {
    let text_of = |_| format!("The Access Key with id {text} cannot be found.");
    text.parse()
        .map_err(|why| AwsError::new("NoSuchEntity", 404, text_of(why)))
}

operation! {
    "iam:CreateAccessKey"
    CreateAccessKey(CreateAccessKeyRequest) -> CreateAccessKeyResponse, about UserName;
    asks(input, call) { of_user(input.user_name.as_deref(), call) }
    run(name, _, call) {
        let (id, now) = (call.account_id(), chance::now());
        let secret = secret();
        let (keyring, drawn) = (call.plane.worlds.keyring(), secret.clone());
        let key = call
            .change(move |world| {
                // Drawn anew for every try: no nonce seals twice.
                let random = KeyRandom {
                    id: chance::random(),
                    secret: drawn.clone(),
                    nonce: chance::random(),
                };
                let account = world.accounts.account(id)?;
                access_keys::create_access_key(account, name, keyring, &random, now)
            })
            .await?;
        Ok(CreateAccessKeyResponse {
            access_key: AccessKey {
                user_name: name.to_string(),
                access_key_id: key.id.to_string(),
                status: key.status.as_str().to_owned(),
                secret_access_key: secret,
                create_date: Some(key.created),
            },
        })
    }
}

operation! {
    "iam:ListAccessKeys"
    ListAccessKeys(ListAccessKeysRequest) -> ListAccessKeysResponse, about UserName;
    asks(input, call) { of_user(input.user_name.as_deref(), call) }
    run(name, input, call) {
        let keys = access_keys::list_access_keys(call.account()?, name)
            .map_err(|refused| of_iam(&refused))?;
        let shown = keys.iter().enumerate().map(|(place, key)| {
            let shown = AccessKeyMetadata {
                user_name: Some(name.to_string()),
                access_key_id: Some(key.id.to_string()),
                status: Some(key.status.as_str().to_owned()),
                create_date: Some(key.created),
            };
            (place.to_string(), shown)
        });
        let wanted = page(input.marker, input.max_items);
        let found = wanted.cut(shown).map_err(|refused| of_iam(&refused))?;
        Ok(ListAccessKeysResponse {
            access_key_metadata: found.items,
            is_truncated: Some(found.marker.is_some()),
            marker: found.marker,
        })
    }
}

operation! {
    "iam:UpdateAccessKey"
    UpdateAccessKey(UpdateAccessKeyRequest) -> UpdateAccessKeyResponse, about UserName;
    asks(input, call) { of_user(input.user_name.as_deref(), call) }
    run(name, input, call) {
        let (id, key) = (call.account_id(), id_of(&input.access_key_id)?);
        let status = match input.status.as_str() {
            "Active" => KeyStatus::Active,
            "Inactive" => KeyStatus::Inactive,
            other => {
                let text = format!("An access key cannot be set to {other}.");
                return Err(AwsError::new("ValidationError", 400, text).into());
            }
        };
        call.change(|world| {
            access_keys::update_access_key(world.accounts.account(id)?, name, &key, status)
        })
        .await?;
        Ok(UpdateAccessKeyResponse::default())
    }
}

operation! {
    "iam:DeleteAccessKey"
    DeleteAccessKey(DeleteAccessKeyRequest) -> DeleteAccessKeyResponse, about UserName;
    asks(input, call) { of_user(input.user_name.as_deref(), call) }
    run(name, input, call) {
        let (id, key) = (call.account_id(), id_of(&input.access_key_id)?);
        call.change(|world| {
            access_keys::delete_access_key(world.accounts.account(id)?, name, &key)
        })
        .await?;
        Ok(DeleteAccessKeyResponse::default())
    }
}
