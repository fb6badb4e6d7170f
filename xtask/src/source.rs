//! Where a Python package's files come from: a wheel, or a folder in which one was unpacked.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

/// A wheel or an unpacked one.
pub(crate) enum Wheel {
    /// `botocore-1.44.5-py3-none-any.whl`
    Packed(Box<ZipArchive<File>>),
    /// A folder that contains `botocore/data`.
    Unpacked(PathBuf),
}

impl Wheel {
    /// Opens `from`, whichever of the two it is.
    pub(crate) fn open(from: &Path) -> Result<Self, String> {
        if from.is_dir() {
            return Ok(Self::Unpacked(from.to_owned()));
        }
        let file =
            File::open(from).map_err(|e| format!("cannot open `{}`: {e}", from.display()))?;
        let archive = ZipArchive::new(file).map_err(|e| format!("not a wheel: {e}"))?;
        Ok(Self::Packed(Box::new(archive)))
    }

    /// The `__version__` that the Python module at `path` states.
    pub(crate) fn version(&mut self, path: &str) -> Result<String, String> {
        let text = self.read(path)?;
        let text = String::from_utf8_lossy(&text);
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("__version__ = "));
        line.map(|v| v.trim_matches(['\'', '"']).to_owned())
            .ok_or_else(|| format!("`{path}` names no version"))
    }

    /// A gzipped file, unpacked.
    pub(crate) fn read_gzipped(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let packed = self.read(path)?;
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut bytes)
            .map_err(|e| format!("`{path}` is not gzip: {e}"))?;
        Ok(bytes)
    }

    /// A file as it is.
    pub(crate) fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Unpacked(folder) => {
                fs::read(folder.join(path)).map_err(|e| format!("`{path}`: {e}"))
            }
            Self::Packed(archive) => {
                let mut entry = archive
                    .by_name(path)
                    .map_err(|e| format!("`{path}`: {e}"))?;
                let mut bytes = Vec::new();
                entry
                    .read_to_end(&mut bytes)
                    .map_err(|e| format!("`{path}`: {e}"))?;
                Ok(bytes)
            }
        }
    }
}
