//! A volume's folder, whose files change all at once.
//!
//! As the kubelet does it: the files lie in a folder of their own, `..data` links to it, and what the
//! container opens are links through `..data`. Renaming a new link over `..data` is the swap: a reader
//! sees all of the old files or all of the new ones.

use super::files::Files;
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

const DATA: &str = "..data";
const NEXT: &str = "..data_tmp";

/// Makes a folder hold these files; false if it does already. `generation` names the new folder.
pub(crate) fn write(folder: &Path, files: &Files, generation: &str) -> io::Result<bool> {
    if holds(folder, files) {
        return Ok(false);
    }
    let fresh = format!("..{generation}");
    let stale = fs::read_link(folder.join(DATA)).ok();
    lay_out(&folder.join(&fresh), files)?;
    let next = folder.join(NEXT);
    if next.symlink_metadata().is_ok() {
        fs::remove_file(&next)?;
    }
    symlink(&fresh, &next)?;
    fs::rename(&next, folder.join(DATA))?;
    link_names(folder, files)?;
    if let Some(stale) = stale.filter(|stale| *stale != Path::new(&fresh)) {
        fs::remove_dir_all(folder.join(stale))?;
    }
    Ok(true)
}

fn holds(folder: &Path, files: &Files) -> bool {
    let data = folder.join(DATA);
    let Ok(found) = listed(&data, Path::new("")) else {
        return false;
    };
    let wanted: BTreeSet<_> = files.keys().map(PathBuf::from).collect();
    let is_same = |(path, file): (&String, &super::files::FileContent)| {
        let path = data.join(path);
        let mode = path
            .metadata()
            .map(|found| found.permissions().mode() & 0o777);
        mode.is_ok_and(|mode| mode == file.mode) && fs::read(path).is_ok_and(|b| b == file.bytes)
    };
    found == wanted && files.iter().all(is_same)
}

fn listed(folder: &Path, beneath: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder.join(beneath))? {
        let entry = entry?;
        let path = beneath.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            found.extend(listed(folder, &path)?);
        } else {
            found.insert(path);
        }
    }
    Ok(found)
}

fn lay_out(folder: &Path, files: &Files) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    DirBuilder::new().mode(0o755).create(folder)?;
    // Whatever the operator's umask says: the container's user must be able to enter.
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    for (path, file) in files {
        let path = folder.join(path);
        make_parents(folder, &path)?;
        let mut out: File = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        out.write_all(&file.bytes)?;
        out.set_permissions(Permissions::from_mode(file.mode))?;
    }
    Ok(())
}

fn make_parents(folder: &Path, path: &Path) -> io::Result<()> {
    let parents: Vec<_> = path
        .ancestors()
        .skip(1)
        .take_while(|up| *up != folder)
        .collect();
    for parent in parents.into_iter().rev() {
        if !parent.exists() {
            fs::create_dir(parent)?;
            fs::set_permissions(parent, Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

/// The names that the container sees: links through `..data`, one for each first part of a path.
fn link_names(folder: &Path, files: &Files) -> io::Result<()> {
    let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
    let wanted: BTreeSet<_> = files.keys().map(first).collect();
    for name in &wanted {
        let link = folder.join(name);
        if link.symlink_metadata().is_err() {
            symlink(Path::new(DATA).join(name), link)?;
        }
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("..") && !wanted.contains(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::files::FileContent;
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn files_of(rows: &[(&str, &str)]) -> Files {
        let file = |text: &str| FileContent {
            bytes: text.as_bytes().to_vec(),
            mode: 0o640,
        };
        let rows = rows
            .iter()
            .map(|(path, text)| ((*path).to_owned(), file(text)));
        rows.collect()
    }

    #[test]
    fn files_are_seen_by_their_names_with_their_modes() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(folder.path(), &files_of(&[("a", "1"), ("b/c", "2")]), "1").unwrap());
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "1");
        assert_eq!(fs::read_to_string(folder.path().join("b/c")).unwrap(), "2");
        let mode = folder
            .path()
            .join("a")
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(
            fs::read_link(folder.path().join("a")).unwrap(),
            Path::new("..data/a")
        );
    }

    #[test]
    fn nothing_is_written_twice() {
        let folder = tempfile::tempdir().unwrap();
        let files = files_of(&[("a", "1")]);
        assert!(write(folder.path(), &files, "1").unwrap());
        assert!(!write(folder.path(), &files, "2").unwrap());
        assert_eq!(
            fs::read_link(folder.path().join(DATA)).unwrap(),
            Path::new("..1")
        );
    }

    #[test]
    fn a_key_that_is_gone_is_gone_from_the_folder_with_its_old_data() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files_of(&[("a", "1"), ("b", "2")]), "1").unwrap();
        write(folder.path(), &files_of(&[("a", "3")]), "2").unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["..2", "..data", "a"]);
    }

    #[test]
    fn a_reader_sees_all_old_files_or_all_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files_of(&[("a", "0"), ("b", "0")]), "0").unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for turn in 1..300 {
                    let text = turn.to_string();
                    let files = files_of(&[("a", &text), ("b", &text)]);
                    write(folder.path(), &files, &text).unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                // Through one look at `..data`, as a careful reader does.
                let Ok(data) = fs::canonicalize(folder.path().join(DATA)) else {
                    continue;
                };
                let read = |name: &str| fs::read_to_string(data.join(name));
                // Between the two reads the old folder may be removed, but never be half written.
                if let (Ok(a), Ok(b)) = (read("a"), read("b")) {
                    assert_eq!(a, b);
                }
                let now = fs::read_to_string(folder.path().join("a")).unwrap_or("0".to_owned());
                assert!(!now.is_empty());
            }
        });
    }
}
