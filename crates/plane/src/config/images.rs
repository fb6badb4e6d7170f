//! The images of Pods, by the names that Pods call them by.

use super::Misfit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most images of one plane.
const IMAGES_MAX: usize = 1_000;

/// The images of Pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImagesConfig {
    /// An image's name, as Pods write it, and its folder: an OCI image layout, or an unpacked root
    /// file system. A relative one is found from the folder of plane.yaml.
    pub folders: BTreeMap<String, PathBuf>,
    /// What becomes of a Pod that names another image.
    pub others: OtherImages,
}

/// What becomes of a Pod whose image is not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OtherImages {
    /// It sees the host's root file system and runs the host's programs.
    #[default]
    Host,
    /// It waits with ErrImagePull.
    Refused,
}

impl ImagesConfig {
    /// Finds relative folders from another one.
    pub fn stand_in(&mut self, folder: &Path) {
        for path in self.folders.values_mut() {
            *path = folder.join(&path);
        }
    }

    /// Checks that there is a folder for each image.
    pub(super) fn validate(&self) -> Result<(), Misfit> {
        let misfit = |why: String| Misfit::new(why).under("folders");
        if self.folders.len() > IMAGES_MAX {
            return Err(misfit(format!("a plane has at most {IMAGES_MAX} images")));
        }
        for (name, folder) in &self.folders {
            if !folder.is_dir() {
                let none = format!("image `{name}` is no folder: `{}`", folder.display());
                return Err(Misfit::new(none).under(name).under("folders"));
            }
        }
        Ok(())
    }

    /// Names and folders.
    pub(crate) fn folders(&self) -> BTreeMap<String, PathBuf> {
        // A plane that is started elsewhere must find them, too.
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let all = self.folders.iter();
        all.map(|(name, path)| (name.clone(), absolute(path)))
            .collect()
    }

    pub(crate) fn are_only_these(&self) -> bool {
        self.others == OtherImages::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("app")).unwrap();
        let mut images = ImagesConfig::default();
        images.folders.insert("app:1".to_owned(), "app".into());
        images.stand_in(folder.path());
        assert_eq!(images.validate(), Ok(()));
        images.folders.insert("app:2".to_owned(), "gone".into());
        let misfit = images.validate().unwrap_err();
        assert_eq!(misfit.sentence, "image `app:2` is no folder: `gone`");
        assert_eq!(misfit.at, ["folders", "app:2"]);
    }
}
