//! `rolecall audit tail`: the audit records as JSON lines.

use super::block_on;
use crate::args::{AuditTail, Global};
use crate::output::{Failure, Outcome, say};
use crate::place::Files;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// How often the file is looked at while following it.
const POLL: Duration = Duration::from_millis(200);

pub(super) fn tail(global: &Global, flags: &AuditTail) -> Result<Outcome, Failure> {
    let folder = crate::place::state_folder(global.state.as_deref())?;
    let path = Files::of(&folder).audit();
    let mut file = open(&path)?;
    let text = rest(&mut file, &path)?;
    let complete = text.rfind('\n').map_or(0, |end| end + 1);
    let lines: Vec<_> = text[..complete].lines().collect();
    say(&lines[lines.len().saturating_sub(flags.lines)..].join("\n"));
    if flags.follow {
        let unfinished = text[complete..].to_owned();
        block_on(follow(&path, file, unfinished))?;
    }
    Ok(Outcome::Said)
}

/// Prints whole lines as they are written, over rotations of the file, until interrupted.
async fn follow(
    path: &Path,
    mut file: std::fs::File,
    mut unfinished: String,
) -> Result<(), Failure> {
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(POLL) => {}
        }
        unfinished.push_str(&rest(&mut file, path)?);
        if let Some(end) = unfinished.rfind('\n') {
            say(&unfinished[..=end]);
            unfinished.drain(..=end);
        }
        if let Some(next) = rotated(path, &file) {
            file = next;
        }
    }
}

/// The file that now stands at the path, if it is another one.
fn rotated(path: &Path, file: &std::fs::File) -> Option<std::fs::File> {
    use std::os::unix::fs::MetadataExt;
    let (there, here) = (std::fs::metadata(path).ok()?, file.metadata().ok()?);
    if there.ino() == here.ino() {
        None
    } else {
        std::fs::File::open(path).ok()
    }
}

fn open(path: &Path) -> Result<std::fs::File, Failure> {
    std::fs::File::open(path).map_err(|why| {
        Failure::no("no-audit", format!("`{}`: {why}", path.display()))
            .help("the plane writes it from its first request on: rolecall up --detach")
    })
}

fn rest(file: &mut std::fs::File, path: &Path) -> Result<String, Failure> {
    let unreadable = |why: std::io::Error| {
        Failure::unanswered("state-unreadable", format!("`{}`: {why}", path.display()))
    };
    let at = file.stream_position().map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    // A character may be half written; it is read again next time.
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    file.seek(SeekFrom::Start(at + whole as u64))
        .map_err(unreadable)?;
    bytes.truncate(whole);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
