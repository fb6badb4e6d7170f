//! `rolecall kubeconfig`: the plane's own file, and its contexts in the user's file on request.
//!
//! Nobody's file is touched unasked. A merge adds contexts that bear the mark of their plane and keeps
//! everything else as it was; a removal takes exactly what bears it.

mod document;
mod file;

use crate::args::{Global, Kubeconfig, KubeconfigAction, KubeconfigMerge, KubeconfigRemove};
use crate::output::{Failure, Outcome, Report};
use crate::place::{Files, state_folder};
use crate::running::RunningPlane;
use document::Document;
use file::Change;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(global: &Global, flags: &Kubeconfig) -> Result<Outcome, Failure> {
    let cluster = flags.cluster.as_deref();
    match &flags.action {
        None => show(&RunningPlane::of(global.state.as_deref())?, cluster),
        Some(KubeconfigAction::Merge(merge)) => {
            add(&RunningPlane::of(global.state.as_deref())?, cluster, merge)
        }
        Some(KubeconfigAction::Remove(removed)) => {
            let folder = state_folder(global.state.as_deref())?;
            remove(&Files::of(&folder), cluster, removed)
        }
    }
}

/// Where the plane's own file is; with a cluster named, a file in which that one is current.
fn show(plane: &RunningPlane, cluster: Option<&str>) -> Result<Outcome, Failure> {
    let mut path = plane.files().kubeconfig();
    let mut ours = Document::read(&path)?;
    if let Some(cluster) = cluster {
        plane.cluster(cluster)?;
        ours.set_current(cluster);
        path.set_file_name(format!("config-{cluster}"));
        file::replace(&path, &ours.to_yaml())?;
    }
    let shown = path.display();
    let contexts = ours.contexts();
    Ok(Outcome::Report(Report {
        data: json!({ "path": path, "contexts": contexts, "current": ours.current() }),
        text: format!(
            "export KUBECONFIG={shown}\n\ncontexts  {}\ncurrent   {}\n",
            contexts.join(", "),
            ours.current()
        ),
        names: vec![shown.to_string()],
        refused: false,
    }))
}

fn add(
    plane: &RunningPlane,
    cluster: Option<&str>,
    flags: &KubeconfigMerge,
) -> Result<Outcome, Failure> {
    let mut ours = Document::read(&plane.files().kubeconfig())?;
    if let Some(cluster) = cluster {
        plane.cluster(cluster)?;
        ours.keep(cluster);
    }
    let ours = ours.marked(&flags.prefix, plane.files().folder());
    let path = theirs(flags.kubeconfig.as_deref(), plane.files())?;
    let change = file::change(&path, |theirs| {
        let taken = theirs.taken(&ours);
        if !taken.is_empty() && !flags.overwrite {
            let taken = taken.join(", ");
            let message = format!("`{}` has {taken}, not of this plane", path.display());
            return Err(Failure::no("name-taken", message)
                .help("give the contexts other names: --prefix NAME-")
                .help("or write over them: --overwrite"));
        }
        theirs.add(&ours);
        if flags.use_context
            && let Some(first) = ours.contexts().into_iter().next()
        {
            theirs.set_current(&first);
        }
        Ok(())
    })?;
    let what = match change {
        Change::Written => "added",
        Change::None => "up to date:",
    };
    Ok(told(&path, what, &ours.contexts()))
}

fn remove(
    plane: &Files,
    cluster: Option<&str>,
    flags: &KubeconfigRemove,
) -> Result<Outcome, Failure> {
    let path = theirs(flags.kubeconfig.as_deref(), plane)?;
    let mut removed = Vec::new();
    file::change(&path, |theirs| {
        removed = theirs.remove_marked(plane.folder(), cluster);
        Ok(())
    })?;
    Ok(told(&path, "removed", &removed))
}

fn told(path: &Path, what: &str, contexts: &[String]) -> Outcome {
    Outcome::Report(Report {
        data: json!({ "path": path, "contexts": contexts }),
        text: match contexts.is_empty() {
            true => format!("{}: nothing to do\n", path.display()),
            false => format!("{}: {what} {}\n", path.display(), contexts.join(", ")),
        },
        names: contexts.to_vec(),
        refused: false,
    })
}

/// The user's file: the one named, else the only one of $KUBECONFIG, else `~/.kube/config`. The plane's
/// own file is none of the user's; `rolecall env` puts it into $KUBECONFIG.
fn theirs(named: Option<&Path>, plane: &Files) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return match is_own(plane, path) {
            true => Err(Failure::usage(
                "kubeconfig-of-the-plane",
                format!("`{}` is the plane's own file", path.display()),
            )
            .help("name one of yours: --kubeconfig FILE")),
            false => Ok(path.to_owned()),
        };
    }
    let list = std::env::var_os("KUBECONFIG").unwrap_or_default();
    let paths = std::env::split_paths(&list)
        .filter(|path| !path.as_os_str().is_empty() && !is_own(plane, path));
    match paths.collect::<Vec<_>>().as_slice() {
        [] => Ok(home()?.join(".kube").join("config")),
        [only] => Ok(only.clone()),
        [_, _, ..] => Err(
            Failure::usage("several-kubeconfigs", "$KUBECONFIG names several files")
                .help("name the one to change: --kubeconfig FILE"),
        ),
    }
}

/// Whether a file lies where the plane writes its own.
fn is_own(plane: &Files, path: &Path) -> bool {
    let folder = |path: &Path| path.parent().and_then(|folder| folder.canonicalize().ok());
    let theirs = folder(path);
    theirs.is_some() && theirs == folder(&plane.kubeconfig())
}

fn home() -> Result<PathBuf, Failure> {
    etcetera::home_dir().map_err(|why| {
        Failure::usage("no-home", format!("no home folder: {why}"))
            .help("name a file: --kubeconfig FILE")
    })
}
