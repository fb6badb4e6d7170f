//! `rolecall run`: a private plane for one command.

use crate::args::{Global, Run};
use crate::environment::Environment;
use crate::output::{Failure, Outcome};
use crate::running::RunningPlane;

/// Sets up, runs, tears down; the command's exit code is ours.
pub(super) fn run(_global: &Global, flags: &Run) -> Result<Outcome, Failure> {
    let config = crate::config::of(flags.plane.file.as_deref())?;
    let free = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let options = super::up::options(free, plane::StateFolder::Ephemeral, &flags.plane)?;
    super::up::on_workers(async {
        let running = super::up::start(config, options).await?;
        let ended = within(running.folder(), flags).await;
        running.shutdown(super::up::DRAIN).await;
        ended
    })
}

async fn within(folder: &std::path::Path, flags: &Run) -> Result<Outcome, Failure> {
    let plane = RunningPlane::find(folder)?;
    let account = plane.account(flags.account.as_deref())?;
    let environment = Environment::of_account(&plane, &account.alias)?;
    crate::processes::run(&flags.command, &environment).await
}
