//! Which root a container's image name stands for.

mod layout;

use super::command::ImageConfig;
use super::problem::Problem;
use super::settings::Images;
use crate::sandbox::{DEFAULT_PATH, Root};
use std::path::Path;

/// Longest image name.
const NAME_CHARS_MAX: usize = 512;

/// An image that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) root: Root,
    pub(crate) config: ImageConfig,
    /// What the Pod's status says it is.
    pub(crate) id: String,
}

/// Finds an image by its name.
pub(crate) fn find(name: &str, images: &Images) -> Result<Image, Problem> {
    if !is_name(name) {
        let text = format!(
            "Failed to apply default image tag \"{name}\": couldn't parse image name \"{name}\": \
             invalid reference format"
        );
        return Err(Problem::Name(text));
    }
    if let Some(folder) = images.folders.get(name) {
        return here(folder, images)
            .map_err(|why| Problem::Image(format!("failed to pull image \"{name}\": {why}")));
    }
    if images.only_these {
        let text = format!("failed to pull image \"{name}\": {name}: not found");
        return Err(Problem::Image(text));
    }
    Ok(Image {
        root: Root::Host,
        config: bare(),
        id: "host://root".to_owned(),
    })
}

/// An image of a folder: a layout, which is unpacked, or a root file system as it is.
fn here(folder: &Path, images: &Images) -> Result<Image, String> {
    if layout::is_layout(folder) {
        let unpacked =
            layout::unpack(folder, &images.unpacked).map_err(|error| error.to_string())?;
        let mut config = unpacked.config;
        if !config.env.iter().any(|(name, _)| name == "PATH") {
            config.env.extend(bare().env);
        }
        return Ok(Image {
            root: Root::Folder(unpacked.root),
            config,
            id: unpacked.digest,
        });
    }
    if !folder.is_dir() {
        return Err(format!("no folder `{}`", folder.display()));
    }
    Ok(Image {
        root: Root::Folder(folder.to_owned()),
        config: bare(),
        id: format!("folder://{}", folder.display()),
    })
}

/// What holds for an image that says nothing.
fn bare() -> ImageConfig {
    ImageConfig {
        env: vec![("PATH".to_owned(), DEFAULT_PATH.to_owned())],
        ..ImageConfig::default()
    }
}

/// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`, lower case but for host and tag.
fn is_name(name: &str) -> bool {
    let (name, digest) = match name.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (name, None),
    };
    let is_digest = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        Some(_) | None => (name, "latest"),
    };
    let is_word = |text: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !text.is_empty() && text.bytes().all(known) && text.as_bytes()[0] != b'-'
    };
    let mut parts: Vec<_> = path.split('/').collect();
    let has_host = parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost");
    if has_host {
        let host = parts.remove(0);
        let (host, port) = host.split_once(':').unwrap_or((host, "0"));
        if !is_word(host) || port.parse::<u16>().is_err() {
            return false;
        }
    }
    let is_part = |part: &&str| {
        let ends = |at: Option<u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let bytes = part.as_bytes();
        let has_upper = part.bytes().any(|byte| byte.is_ascii_uppercase());
        is_word(part) && !has_upper && ends(bytes.first().copied()) && ends(bytes.last().copied())
    };
    name.len() <= NAME_CHARS_MAX
        && is_word(tag)
        && parts.iter().all(is_part)
        && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_name_is_a_reference_or_refused() {
        for name in [
            "nginx",
            "nginx:1.27",
            "library/nginx",
            "localhost:5000/a/b:tag",
            "111111111111.dkr.ecr.us-west-2.amazonaws.com/app:v1",
            &format!("a@sha256:{}", "0".repeat(64)),
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "Nginx",
            "a:",
            "a b",
            "/a",
            "a//b",
            "a:b:c",
            "-a",
            "a@sha256:12",
            "a/",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_name_or_not(name in ".*") {
            let _ = is_name(&name);
        }
    }

    #[test]
    fn an_unknown_image_is_the_host_unless_only_known_ones_are_wanted() {
        let host = find("nginx", &Images::default()).unwrap();
        assert_eq!((host.root, host.id.as_str()), (Root::Host, "host://root"));
        let strict = Images {
            only_these: true,
            ..Images::default()
        };
        assert_eq!(find("nginx", &strict).unwrap_err().reason(), "ErrImagePull");
        assert_eq!(
            find("NGINX", &strict).unwrap_err().reason(),
            "InvalidImageName"
        );
    }
}
