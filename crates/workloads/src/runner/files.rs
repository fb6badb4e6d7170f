//! Which files a volume holds. Pure: tokens are minted before, and given.

use super::downward::{Downward, resource_value};
use super::env::{Kind, Sources, bytes_of};
use super::problem::Problem;
use crate::pod::{
    Container, DownwardFiles, FilesFrom, KeyToPath, Projected, Source, TokenFile, Volume,
};
use std::collections::BTreeMap;

/// A file of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileContent {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

/// The files of a volume, by their path in it.
pub(crate) type Files = BTreeMap<String, FileContent>;

/// The tokens of a Pod, as text.
pub(crate) type Tokens = BTreeMap<TokenFile, String>;

/// The mode of a file that says nothing: readable for all.
const MODE: u32 = 0o644;

/// The token files of a volume.
pub(crate) fn token_files(volume: &Volume) -> impl Iterator<Item = &TokenFile> {
    let sources = volume
        .projected
        .iter()
        .flat_map(|projected| &projected.sources);
    sources.filter_map(|source| source.service_account_token.as_ref())
}

/// The files of a volume made of data; `None` for other volumes.
pub(crate) fn files(
    volume: &Volume,
    downward: &Downward<'_>,
    sources: &Sources,
    tokens: &Tokens,
) -> Result<Option<Files>, Problem> {
    let reading = Reading {
        downward,
        sources,
        tokens,
    };
    let mut files = Files::new();
    if let Some(from) = &volume.config_map {
        reading.keys(
            Kind::ConfigMap,
            &from.name,
            from,
            from.default_mode,
            &mut files,
        )?;
    } else if let Some(from) = &volume.secret {
        reading.keys(
            Kind::Secret,
            &from.secret_name,
            from,
            from.default_mode,
            &mut files,
        )?;
    } else if let Some(from) = &volume.downward_api {
        reading.downward(from, from.default_mode, &mut files)?;
    } else if let Some(projected) = &volume.projected {
        reading.projected(projected, &mut files)?;
    } else {
        return Ok(None);
    }
    Ok(Some(files))
}

struct Reading<'a> {
    downward: &'a Downward<'a>,
    sources: &'a Sources,
    tokens: &'a Tokens,
}

impl Reading<'_> {
    fn projected(&self, projected: &Projected, files: &mut Files) -> Result<(), Problem> {
        let mode = projected.default_mode;
        for source in &projected.sources {
            let Source {
                service_account_token,
                config_map,
                secret,
                downward_api,
            } = source;
            if let Some(wanted) = service_account_token {
                let token = self.tokens.get(wanted).ok_or_else(|| {
                    Problem::Volume(format!("no token for audience \"{}\"", wanted.audience))
                })?;
                add(files, &wanted.path, token.as_bytes().to_vec(), mode)?;
            }
            if let Some(from) = config_map {
                self.keys(Kind::ConfigMap, &from.name, from, mode, files)?;
            }
            if let Some(from) = secret {
                self.keys(Kind::Secret, &from.name, from, mode, files)?;
            }
            if let Some(from) = downward_api {
                self.downward(from, mode, files)?;
            }
        }
        Ok(())
    }

    fn keys(
        &self,
        kind: Kind,
        name: &str,
        from: &FilesFrom,
        mode: Option<u32>,
        files: &mut Files,
    ) -> Result<(), Problem> {
        let objects = match kind {
            Kind::ConfigMap => &self.sources.config_maps,
            Kind::Secret => &self.sources.secrets,
        };
        let found = match objects.get(name) {
            Some(object) => bytes_of(kind, object),
            None if from.optional => return Ok(()),
            None => {
                let plural = kind.plural();
                return Err(Problem::Volume(format!("{plural} \"{name}\" not found")));
            }
        };
        if from.items.is_empty() {
            for (key, bytes) in found {
                add(files, &key, bytes, mode)?;
            }
            return Ok(());
        }
        for item in &from.items {
            self.key(item, &found, from.optional, mode, files)?;
        }
        Ok(())
    }

    fn key(
        &self,
        item: &KeyToPath,
        found: &BTreeMap<String, Vec<u8>>,
        is_optional: bool,
        mode: Option<u32>,
        files: &mut Files,
    ) -> Result<(), Problem> {
        match found.get(&item.key) {
            Some(bytes) => add(files, &item.path, bytes.clone(), item.mode.or(mode)),
            None if is_optional => Ok(()),
            None => Err(Problem::Volume(format!(
                "references non-existent config key: {}",
                item.key
            ))),
        }
    }

    fn downward(
        &self,
        from: &DownwardFiles,
        mode: Option<u32>,
        files: &mut Files,
    ) -> Result<(), Problem> {
        for item in &from.items {
            let value = match (&item.field_ref, &item.resource_field_ref) {
                (Some(field), _) => self.downward.field(&field.field_path)?,
                (None, Some(field)) => {
                    resource_value(self.downward.pod, &Container::default(), field)?
                }
                (None, None) => String::new(),
            };
            add(files, &item.path, value.into_bytes(), item.mode.or(mode))?;
        }
        Ok(())
    }
}

fn add(files: &mut Files, path: &str, bytes: Vec<u8>, mode: Option<u32>) -> Result<(), Problem> {
    if !stays_inside(path) {
        let text = format!("invalid path \"{path}\": must be a relative path without '..'");
        return Err(Problem::Volume(text));
    }
    let mode = mode.unwrap_or(MODE) & 0o777;
    files.insert(path.to_owned(), FileContent { bytes, mode });
    Ok(())
}

/// Whether a path names a file beneath the volume, and none of the links that swap its content.
fn stays_inside(path: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
    !path.starts_with("..") && path.split('/').all(is_part) && !path.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::Pod;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    fn files_of(volume: Value) -> Result<Vec<(String, String, u32)>, Problem> {
        let pod = json!({
            "metadata": {"name": "web-0", "labels": {"a": "1", "b": "x\"y"}},
            "spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "2"}}}]},
        });
        let pod = Pod::read(&pod).unwrap();
        let volume = Volume::deserialize(volume).unwrap();
        let downward = Downward {
            pod: &pod,
            hostname: "",
            pod_ip: "",
            host_ip: "",
        };
        let config = json!({"data": {"one": "1", "two": "2"}, "binaryData": {"bin": "AAE="}});
        let secret = json!({"data": {"pin": "MTIzNA=="}});
        let sources = Sources {
            config_maps: [("app".to_owned(), config.into())].into(),
            secrets: [("keys".to_owned(), secret.into())].into(),
            ..Sources::default()
        };
        let tokens = token_files(&volume)
            .map(|file| (file.clone(), "jwt".to_owned()))
            .collect();
        let found = files(&volume, &downward, &sources, &tokens)?.unwrap_or_default();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let rows = found
            .into_iter()
            .map(|(path, file)| (path, text(file.bytes), file.mode));
        Ok(rows.collect())
    }

    #[track_caller]
    fn check(volume: Value, expected: &[(&str, &str, u32)]) {
        let found = files_of(volume).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|(path, text, mode)| (path.as_str(), text.as_str(), *mode))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_config_map_is_a_file_for_each_key_or_for_those_it_lists() {
        let all = json!({"configMap": {"name": "app", "defaultMode": 0o600}});
        check(
            all,
            &[
                ("bin", "\0\u{1}", 0o600),
                ("one", "1", 0o600),
                ("two", "2", 0o600),
            ],
        );
        let items = json!([{"key": "one", "path": "a/b", "mode": 0o400}]);
        check(
            json!({"configMap": {"name": "app", "items": items}}),
            &[("a/b", "1", 0o400)],
        );
    }

    #[test]
    fn a_secret_volume_names_its_secret_differently_from_a_projected_one() {
        check(
            json!({"secret": {"secretName": "keys"}}),
            &[("pin", "1234", 0o644)],
        );
        let projected = json!({"projected": {"sources": [{"secret": {"name": "keys"}}]}});
        check(projected, &[("pin", "1234", 0o644)]);
    }

    #[test]
    fn what_is_optional_may_be_missing_and_nothing_else() {
        check(
            json!({"configMap": {"name": "none", "optional": true}}),
            &[],
        );
        let refused = |volume| files_of(volume).unwrap_err().to_string();
        assert_eq!(
            refused(json!({"configMap": {"name": "no"}})),
            "configmap \"no\" not found"
        );
        let items = json!([{"key": "three", "path": "x"}]);
        let missing = refused(json!({"configMap": {"name": "app", "items": items}}));
        assert_eq!(missing, "references non-existent config key: three");
    }

    #[test]
    fn a_projected_volume_gathers_tokens_keys_and_fields() {
        let sources = json!([
            {"serviceAccountToken": {"audience": "sts.amazonaws.com", "path": "token"}},
            {"configMap": {"name": "app", "items": [{"key": "two", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [
                {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                {"path": "cpu", "resourceFieldRef": {
                    "containerName": "c", "resource": "limits.cpu"}},
            ]}},
        ]);
        check(
            json!({"projected": {"sources": sources, "defaultMode": 0o640}}),
            &[
                ("ca.crt", "2", 0o640),
                ("cpu", "2", 0o640),
                ("labels", "a=\"1\"\nb=\"x\\\"y\"", 0o640),
                ("token", "jwt", 0o640),
            ],
        );
    }

    #[test]
    fn a_path_cannot_leave_the_volume() {
        for path in [
            "../x",
            "a/../../x",
            "/x",
            "",
            "a//b",
            ".",
            "..data",
            "a/./b",
            "a\0",
        ] {
            let items = json!([{"key": "one", "path": path}]);
            let volume = json!({"configMap": {"name": "app", "items": items}});
            assert!(files_of(volume).is_err(), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn a_path_that_is_taken_lies_beneath_the_volume(path in "[a./\\\\]{0,12}") {
            if stays_inside(&path) {
                let whole = std::path::Path::new("/v").join(&path);
                let has_up = whole.components().any(|part| part == std::path::Component::ParentDir);
                prop_assert!(whole.starts_with("/v") && whole != std::path::Path::new("/v"));
                prop_assert!(!has_up);
            }
        }
    }
}
