//! `rolecall kubeconfig`: the plane's own file, and its contexts in the user's file on request.
//!
//! Nobody's file is touched unasked. A merge adds contexts under names of ours, keeps everything else
//! as it was, and a removal takes exactly them away.

mod document;
mod file;

use crate::args::{Global, Kubeconfig, KubeconfigAction, KubeconfigMerge, KubeconfigRemove};
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;
use document::Document;
use serde_json::json;
use std::path::PathBuf;

pub(super) fn run(global: &Global, flags: &Kubeconfig) -> Result<Outcome, Failure> {
    let cluster = flags.cluster.as_deref();
    match &flags.action {
        None => show(&RunningPlane::of(global.state.as_deref())?, cluster),
        Some(KubeconfigAction::Merge(merge)) => {
            add(&RunningPlane::of(global.state.as_deref())?, cluster, merge)
        }
        Some(KubeconfigAction::Remove(removed)) => remove(cluster, removed),
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
    let ours = ours.renamed();
    let path = theirs(flags.kubeconfig.as_ref())?;
    file::change(&path, |theirs| {
        let taken = theirs.taken(&ours);
        if !taken.is_empty() && !flags.overwrite {
            let message = format!("`{}` has {} already", path.display(), taken.join(", "));
            return Err(Failure::no("name-taken", message).help("write over them: --overwrite"));
        }
        theirs.add(&ours);
        if flags.use_context
            && let Some(first) = ours.contexts().into_iter().next()
        {
            theirs.set_current(&first);
        }
        Ok(())
    })?;
    Ok(told(&path, "added", &ours.contexts()))
}

fn remove(cluster: Option<&str>, flags: &KubeconfigRemove) -> Result<Outcome, Failure> {
    let path = theirs(flags.kubeconfig.as_ref())?;
    let mut removed = Vec::new();
    file::change(&path, |theirs| {
        removed = theirs.remove_ours(cluster);
        Ok(())
    })?;
    Ok(told(&path, "removed", &removed))
}

fn told(path: &std::path::Path, what: &str, contexts: &[String]) -> Outcome {
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

/// The user's file: the one named, else the only one of $KUBECONFIG, else `~/.kube/config`.
fn theirs(named: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return Ok(path.clone());
    }
    if let Some(list) = std::env::var_os("KUBECONFIG").filter(|list| !list.is_empty()) {
        let paths: Vec<_> = std::env::split_paths(&list).collect();
        return match paths.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(
                Failure::usage("several-kubeconfigs", "$KUBECONFIG names several files")
                    .help("name the one to change: --kubeconfig FILE"),
            ),
        };
    }
    let home = etcetera::home_dir().map_err(|why| {
        Failure::usage("no-home", format!("no home folder: {why}"))
            .help("name a file: --kubeconfig FILE")
    })?;
    Ok(home.join(".kube").join("config"))
}
