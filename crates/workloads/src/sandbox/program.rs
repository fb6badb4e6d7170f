//! Finding a program as runc does, with runc's words for what goes wrong.

use rustix::fs::{Access, access};
use std::io;
use std::path::{Path, PathBuf};

/// Where programs are looked for when the container says nothing.
pub(crate) const DEFAULT_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The file that a command's first word names.
pub(super) fn find(name: &str, env: &[(String, String)]) -> Result<PathBuf, String> {
    if name.contains('/') {
        let path = Path::new(name);
        return match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(format!("exec: \"{name}\": is a directory")),
            Ok(_) if !may_run(path) => Err(format!("exec: \"{name}\": permission denied")),
            Ok(_) => Ok(path.to_owned()),
            Err(error) => Err(format!("exec: \"{name}\": stat {name}: {}", words(&error))),
        };
    }
    let search = env.iter().rev().find(|(name, _)| name == "PATH");
    let search = search.map_or(DEFAULT_PATH, |(_, value)| value);
    search
        .split(':')
        .map(|folder| Path::new(if folder.is_empty() { "." } else { folder }).join(name))
        .find(|path| path.is_file() && may_run(path))
        .ok_or_else(|| format!("exec: \"{name}\": executable file not found in $PATH"))
}

/// Why the kernel did not run it.
pub(super) fn refused(name: &str, error: &io::Error) -> String {
    format!("exec {name}: {}", words(error))
}

fn may_run(path: &Path) -> bool {
    access(path, Access::EXEC_OK).is_ok()
}

/// The system's words without Rust's number: `no such file or directory`.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, path: &str, expected: Result<&str, &str>) {
        let env = [("PATH".to_owned(), path.to_owned())];
        let found = find(name, &env).map(|path| path.display().to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_bare_name_is_looked_for_in_the_path_of_the_container() {
        check("sh", "/nowhere:/bin", Ok("/bin/sh"));
        let missing = "exec: \"sh\": executable file not found in $PATH";
        check("sh", "/nowhere", Err(missing));
    }

    #[test]
    fn a_path_is_taken_as_it_is_or_refused_in_words_of_runc() {
        check("/bin/sh", "", Ok("/bin/sh"));
        let missing = "exec: \"/no/sh\": stat /no/sh: no such file or directory";
        check("/no/sh", "", Err(missing));
        check("/etc", "", Err("exec: \"/etc\": is a directory"));
        check(
            "/etc/passwd",
            "",
            Err("exec: \"/etc/passwd\": permission denied"),
        );
    }
}
