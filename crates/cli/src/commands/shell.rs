//! `rolecall completion` and `rolecall man`.

use crate::args::{Completion, Rolecall};
use crate::output::{Failure, Outcome, say};
use clap::CommandFactory;
use clap_complete::env::Shells;

/// Prints the script that registers completion; the shell then asks the binary, which knows the
/// plane's accounts.
pub(super) fn completion(flags: &Completion) -> Result<Outcome, Failure> {
    let shell = flags.shell.to_string();
    let mut script = Vec::new();
    Shells::builtins()
        .completer(&shell)
        .ok_or_else(|| Failure::usage("no-such-shell", format!("no completion for `{shell}`")))?
        .write_registration("COMPLETE", "rolecall", "rolecall", "rolecall", &mut script)
        .map_err(|why| Failure::unanswered("internal", format!("completion script: {why}")))?;
    say(&String::from_utf8_lossy(&script));
    Ok(Outcome::Said)
}

/// Prints the manual page in roff.
pub(super) fn man() -> Result<Outcome, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Rolecall::command())
        .render(&mut page)
        .map_err(|why| Failure::unanswered("internal", format!("manual page: {why}")))?;
    say(&String::from_utf8_lossy(&page));
    Ok(Outcome::Said)
}
