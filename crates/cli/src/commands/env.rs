//! `rolecall env`: the environment, for `eval`.

use crate::args::{Env, Global};
use crate::environment::Environment;
use crate::output::{Failure, Outcome, say};
use crate::running::RunningPlane;

pub(super) fn run(global: &Global, flags: &Env) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let account = plane.account(flags.account.as_deref())?;
    let environment = Environment::of_account(&plane, &account.alias)?;
    say(&match flags.unset {
        true => environment.print_unset(flags.format),
        false => environment.print(flags.format),
    });
    Ok(Outcome::Said)
}
