//! Images as the Open Container Initiative lays them out on disk: unpacked once, layer over layer.

use super::super::command::ImageConfig;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Entry};

/// Largest index, manifest or config.
const DOCUMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Most bytes that the layers of an image come to.
const IMAGE_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;

/// How deep an index may name other indexes.
const INDEXES_MAX: usize = 4;

/// Before the name of a file that an upper layer takes away.
const WHITEOUT: &str = ".wh.";

/// In a folder whose lower content an upper layer hides.
const OPAQUE: &str = ".wh..wh..opq";

/// An image that is unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) root: PathBuf,
    pub(crate) config: ImageConfig,
    pub(crate) digest: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

#[derive(Debug, Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

/// Whether a folder is an image layout.
pub(crate) fn is_layout(folder: &Path) -> bool {
    folder.join("oci-layout").is_file()
}

/// Unpacks the image of a layout beneath a folder, unless it is there already.
pub(crate) fn unpack(layout: &Path, beneath: &Path) -> io::Result<Unpacked> {
    let (digest, manifest) = manifest_of(layout)?;
    let config: Value = read(layout, &manifest.config.digest)?;
    let root = beneath.join(digest.replace(':', "-"));
    if !root.exists() {
        let unfinished = root.with_extension("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        fs::create_dir_all(&unfinished)?;
        let mut left = IMAGE_BYTES_MAX;
        for layer in &manifest.layers {
            apply(layout, layer, &unfinished, &mut left)?;
        }
        fs::rename(&unfinished, &root)?;
    }
    Ok(Unpacked {
        config: config_of(&config),
        root,
        digest,
    })
}

/// The manifest for this machine.
fn manifest_of(layout: &Path) -> io::Result<(String, Manifest)> {
    let bytes = limited(&layout.join("index.json"))?;
    let mut index: Index = serde_json::from_slice(&bytes)?;
    for _ in 0..INDEXES_MAX {
        let fits = |one: &&Descriptor| one.platform.as_ref().is_none_or(Platform::is_ours);
        let chosen = index.manifests.iter().find(fits);
        let chosen = chosen.ok_or_else(|| invalid("no image for this machine"))?;
        if chosen.media_type.ends_with("index.v1+json")
            || chosen.media_type.ends_with("list.v2+json")
        {
            index = read(layout, &chosen.digest)?;
        } else {
            return Ok((chosen.digest.clone(), read(layout, &chosen.digest)?));
        }
    }
    Err(invalid("indexes that name indexes"))
}

impl Platform {
    fn is_ours(&self) -> bool {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        self.os == "linux" && self.architecture == architecture
    }
}

fn read<T: for<'de> Deserialize<'de>>(layout: &Path, digest: &str) -> io::Result<T> {
    Ok(serde_json::from_slice(&limited(&blob(layout, digest)?)?)?)
}

fn limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(DOCUMENT_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where a blob lies. A digest that is none names no file.
fn blob(layout: &Path, digest: &str) -> io::Result<PathBuf> {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid("a digest that is not sha256"));
    }
    Ok(layout.join("blobs/sha256").join(hex))
}

fn apply(layout: &Path, layer: &Descriptor, root: &Path, left: &mut u64) -> io::Result<()> {
    let file = BufReader::new(File::open(blob(layout, &layer.digest)?)?);
    let kind = &layer.media_type;
    let content: Box<dyn Read> = if kind.ends_with("gzip") {
        Box::new(GzDecoder::new(file))
    } else if kind.ends_with("tar") || kind.is_empty() {
        Box::new(file)
    } else {
        return Err(invalid(&format!("layers of type `{kind}` are not built")));
    };
    let mut archive = Archive::new(content);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(rustix::process::geteuid().is_root());
    archive.set_overwrite(true);
    for entry in archive.entries()? {
        let entry = entry?;
        *left = left
            .checked_sub(entry.size())
            .ok_or_else(|| invalid("an image that is too large"))?;
        lay(entry, root)?;
    }
    Ok(())
}

/// Adds an entry to the root, or takes away what it says. `unpack_in` follows no link out of the root.
fn lay<R: Read>(mut entry: Entry<'_, R>, root: &Path) -> io::Result<()> {
    let path = entry.path()?.into_owned();
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let Some(parent) = inside(root, path.parent().unwrap_or(Path::new("")))? else {
        return Ok(());
    };
    if name == OPAQUE {
        return empty(&parent);
    }
    if let Some(gone) = name.strip_prefix(WHITEOUT) {
        return remove(&parent.join(gone));
    }
    if entry.header().entry_type().is_dir() {
        entry.unpack_in(root)?;
        return Ok(());
    }
    // What is a folder below is replaced by what is a file above, and the other way round.
    if parent.join(&name).is_dir() && !name.is_empty() && !parent.join(&name).is_symlink() {
        fs::remove_dir_all(parent.join(&name))?;
    }
    entry.unpack_in(root)?;
    Ok(())
}

/// A folder beneath the root; `None` for a path that climbs, or leads through a link.
fn inside(root: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    let mut folder = root.to_owned();
    for part in path.components() {
        match part {
            Component::Normal(name) => folder.push(name),
            Component::CurDir | Component::RootDir => continue,
            Component::ParentDir | Component::Prefix(_) => return Ok(None),
        }
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_symlink() => {
                let real = fs::canonicalize(&folder)?;
                if !real.starts_with(fs::canonicalize(root)?) {
                    return Ok(None);
                }
                folder = real;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&folder)?,
            Err(error) => return Err(error),
        }
    }
    Ok(Some(folder))
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        remove(&entry?.path())?;
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

fn config_of(document: &Value) -> ImageConfig {
    let config = &document["config"];
    let words = |field: &str| -> Vec<String> {
        let all = config[field].as_array().into_iter().flatten();
        all.filter_map(|word| word.as_str().map(str::to_owned))
            .collect()
    };
    let env = words("Env");
    let env = env.iter().filter_map(|line| line.split_once('='));
    let user = config["User"].as_str().unwrap_or_default();
    let (uid, gid) = user.split_once(':').unwrap_or((user, ""));
    ImageConfig {
        entrypoint: words("Entrypoint"),
        cmd: words("Cmd"),
        env: env
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        working_dir: config["WorkingDir"].as_str().unwrap_or_default().to_owned(),
        uid: uid.parse().ok(),
        gid: gid.parse().ok(),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;
    use std::io::Write;

    struct Layout {
        folder: tempfile::TempDir,
        blobs: usize,
    }

    impl Layout {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
            fs::write(folder.path().join("oci-layout"), "{}").unwrap();
            Self { folder, blobs: 0 }
        }

        /// Digests are only names here.
        fn blob(&mut self, bytes: &[u8]) -> String {
            self.blobs += 1;
            let hex = format!("{:064x}", self.blobs);
            fs::write(self.folder.path().join("blobs/sha256").join(&hex), bytes).unwrap();
            format!("sha256:{hex}")
        }

        fn layer(&mut self, files: &[(&str, &str)]) -> Value {
            let mut builder = tar::Builder::new(Vec::new());
            for (path, text) in files {
                let mut header = tar::Header::new_gnu();
                header.set_size(text.len() as u64);
                header.set_mode(0o644);
                header.set_uid(0);
                header.set_gid(0);
                header.set_mtime(0);
                // As an enemy would write it: the checked way refuses `..`.
                header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                builder.append(&header, text.as_bytes()).unwrap();
            }
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&builder.into_inner().unwrap()).unwrap();
            let digest = self.blob(&gzip.finish().unwrap());
            json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest})
        }

        fn finish(&mut self, config: &Value, layers: &[Value]) {
            let config = self.blob(config.to_string().as_bytes());
            let manifest = json!({"config": {"digest": config}, "layers": layers});
            let manifest = self.blob(manifest.to_string().as_bytes());
            let index = json!({"manifests": [{"digest": manifest}]});
            fs::write(self.folder.path().join("index.json"), index.to_string()).unwrap();
        }
    }

    #[test]
    fn an_image_is_its_layers_one_over_the_other() {
        let mut layout = Layout::new();
        let lower = layout.layer(&[
            ("etc/a", "1"),
            ("etc/b", "2"),
            ("opt/x", "3"),
            ("opt/y", "4"),
        ]);
        let upper = layout.layer(&[("etc/.wh.a", ""), ("etc/b", "5"), ("opt/.wh..wh..opq", "")]);
        let config = json!({"config": {
            "Entrypoint": ["/bin/app"], "Cmd": ["run"], "Env": ["A=1"], "User": "7:8",
            "WorkingDir": "/srv",
        }});
        layout.finish(&config, &[lower, upper]);
        let beneath = tempfile::tempdir().unwrap();
        let image = unpack(layout.folder.path(), beneath.path()).unwrap();
        let read = |path: &str| fs::read_to_string(image.root.join(path)).ok();
        assert_eq!(read("etc/a"), None);
        assert_eq!(read("etc/b").as_deref(), Some("5"));
        assert_eq!(read("opt/x"), None);
        assert_eq!(image.config.entrypoint, ["/bin/app"]);
        assert_eq!(image.config.env, [("A".to_owned(), "1".to_owned())]);
        assert_eq!((image.config.uid, image.config.gid), (Some(7), Some(8)));
        assert_eq!(image, unpack(layout.folder.path(), beneath.path()).unwrap());
    }

    #[test]
    fn a_layer_cannot_write_outside_its_root() {
        let mut layout = Layout::new();
        let layer = layout.layer(&[
            ("../../out", "1"),
            ("a/../../out", "1"),
            ("../.wh.kept", ""),
        ]);
        layout.finish(&json!({}), &[layer]);
        let beneath = tempfile::tempdir().unwrap();
        fs::write(beneath.path().join("kept"), "").unwrap();
        unpack(layout.folder.path(), beneath.path()).unwrap();
        let names = fs::read_dir(beneath.path()).unwrap().count();
        assert_eq!(names, 2, "the image, and what was there");
    }

    #[test]
    fn a_digest_that_is_a_path_names_no_file() {
        for digest in ["", "sha256:../../etc/passwd", "sha512:00", "sha256:zz"] {
            assert!(blob(Path::new("/l"), digest).is_err(), "{digest}");
        }
    }
}
