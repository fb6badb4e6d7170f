//! The commands, one file each; here they are told apart.

mod audit;
mod demo;
mod env;
mod exec;
mod explain;
mod healthcheck;
mod init;
mod keys;
mod kubeconfig;
mod run;
mod shell;
mod status;
mod token;
mod up;
mod why;

#[cfg(test)]
pub(crate) use init::STARTER;

use crate::args::{Audit, Command, Keys, Rolecall, Token};
use crate::output::{Failure, Outcome};

/// Runs the command that was asked for.
pub(crate) fn run(asked: Rolecall) -> Result<Outcome, Failure> {
    let global = &asked.global;
    match asked.command {
        Command::Up(flags) => up::run(global, &flags),
        Command::Status => status::run(global),
        Command::Down(flags) => up::down(global, &flags),
        Command::Env(flags) => env::run(global, &flags),
        Command::Exec(flags) => exec::run(global, &flags),
        Command::Run(flags) => run::run(global, &flags),
        Command::Kubeconfig(flags) => kubeconfig::run(global, &flags),
        Command::Token(Token::Create(flags)) => token::create(global, &flags),
        Command::Token(Token::Inspect(flags)) => token::inspect(global, &flags),
        Command::Keys(Keys::List) => keys::list(global),
        Command::Keys(Keys::Rotate(flags)) => keys::rotate(global, &flags),
        Command::Why(flags) => why::run(global, &flags),
        Command::Audit(Audit::Tail(flags)) => audit::tail(global, &flags),
        Command::Demo(flags) => demo::run(global, &flags),
        Command::Explain(flags) => explain::run(&flags),
        Command::Init(flags) => init::run(&flags),
        Command::Schema => init::schema(),
        Command::Completion(flags) => shell::completion(&flags),
        Command::Man => shell::man(),
        Command::Healthcheck => healthcheck::run(global),
    }
}

/// Runs a future to its end on a small runtime of this command's own.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| Failure::unanswered("internal", format!("runtime: {why}")))?
        .block_on(future)
}
