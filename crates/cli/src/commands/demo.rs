//! `rolecall demo`: the journey from a service account into another account, then every way to get
//! it wrong.
//!
//! The steps are data ([`journey`], [`wrong`]); a [`Driver`] takes them to a private plane, and what
//! came back is compared with what was foretold.

mod clients;
mod driver;
mod forgery;
mod journey;
mod stage;
mod wire;
mod wrong;

use crate::args::{Demo, Format, Global, PlaneFlags};
use crate::output::{Failure, Outcome, Report, say};
use crate::running::RunningPlane;
use clients::Clients;
use driver::{Driver, Ours, Refusal, Said};
use serde_json::{Value, json};
use stage::{Stage, Token};
use std::path::Path;

/// One thing that somebody does.
#[derive(Debug)]
struct Step {
    title: &'static str,
    /// What its success proved.
    proves: &'static str,
    /// A token to mint first; the call reads it as `${token}`.
    token: Option<Token>,
    call: Option<Call>,
    /// Where in the answer the telling part stands, as a JSON pointer.
    shows: &'static str,
    /// The name under which the credentials in the answer are kept.
    keeps: Option<&'static str>,
}

/// An AWS operation.
#[derive(Debug)]
struct Call {
    who: Who,
    service: &'static str,
    operation: &'static str,
    /// Its input as JSON; see [`Stage::input`] for what may stand in it.
    input: &'static str,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
enum Who {
    Nobody,
    /// The administrator of the account with this alias.
    Administrator(&'static str),
    /// The session kept under this name.
    Session(&'static str),
    /// That administrator's key id, with a secret that is not its own.
    WrongSecret(&'static str),
    /// A key that nobody was given.
    UnknownKey,
    /// The session kept under this name, with a session token that was changed.
    ChangedToken(&'static str),
}

/// A step that AWS refuses.
#[derive(Debug)]
struct Wrong {
    step: Step,
    code: &'static str,
    /// What the message says, among other things.
    text: &'static str,
}

pub(super) fn run(global: &Global, flags: &Demo) -> Result<Outcome, Failure> {
    let free = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let surroundings = PlaneFlags {
        file: None,
        allow_private_issuers: false,
        issuer_ca: None,
        token_lifetime_max: None,
    };
    let options = super::up::options(free, plane::StateFolder::Ephemeral, &surroundings)?;
    let teller = Teller::new(global);
    super::up::on_workers(async {
        let running = super::up::start(plane::PlaneConfig::default(), options).await?;
        let ended = on(running.folder(), flags, teller).await;
        running.shutdown(super::up::DRAIN).await;
        ended
    })
}

async fn on(folder: &Path, flags: &Demo, teller: Teller) -> Result<Outcome, Failure> {
    let plane = RunningPlane::find(folder)?;
    let stage = Stage::new(&plane)?;
    match flags.clients {
        true => walk(&Clients::found(&plane)?, stage, teller).await,
        false => walk(&Ours::new(&plane), stage, teller).await,
    }
}

/// The journey, which must succeed, then the wrong variants, each of which must be refused.
async fn walk<D: Driver>(
    driver: &D,
    mut stage: Stage<'_>,
    mut teller: Teller,
) -> Result<Outcome, Failure> {
    teller.heading(&format!("The journey, by {}", driver.name()));
    for step in journey::STEPS {
        match take(driver, &mut stage, step).await? {
            Said::Answered(answer) => teller.succeeded(step, &answer),
            Said::Refused(refusal) => {
                let why = stage.why(refusal.request_id.as_deref()).await?;
                return Err(Failure::no(
                    "demo-failed",
                    format!(
                        "{}: {}: {}\n{why}",
                        step.title, refusal.code, refusal.message
                    ),
                ));
            }
        }
    }
    teller.heading("The wrong variants, each refused as AWS refuses it");
    for wrong in wrong::VARIANTS {
        match take(driver, &mut stage, &wrong.step).await? {
            Said::Answered(_) => teller.slipped_through(wrong),
            Said::Refused(refusal) => {
                let why = stage.why(refusal.request_id.as_deref()).await?;
                teller.refused(wrong, &refusal, &why);
            }
        }
    }
    Ok(teller.end())
}

async fn take<D: Driver>(driver: &D, stage: &mut Stage<'_>, step: &Step) -> Result<Said, Failure> {
    if let Some(token) = &step.token {
        stage.mint(token).await?;
    }
    let Some(call) = &step.call else {
        return Ok(Said::Answered(stage.token_facts()));
    };
    let input = stage.input(call.input)?;
    let caller = stage.caller(call.who)?;
    let said = driver
        .call(caller.as_ref(), call.service, call.operation, &input)
        .await?;
    if let (Some(name), Said::Answered(answer)) = (step.keeps, &said) {
        stage.keep(name, answer)?;
    }
    Ok(said)
}

/// Tells what happened as it happens, and remembers it for the machine form.
struct Teller {
    aloud: bool,
    number: usize,
    surprises: usize,
    told: Vec<Value>,
}

impl Teller {
    fn new(global: &Global) -> Self {
        let for_people = matches!(global.output, Format::Table | Format::Wide);
        let aloud = for_people && !global.json && global.query.is_none();
        Self {
            aloud,
            number: 0,
            surprises: 0,
            told: Vec::new(),
        }
    }

    fn heading(&self, text: &str) {
        self.tell(&format!("\n{text}\n"));
    }

    fn succeeded(&mut self, step: &Step, answer: &Value) {
        let shown = match answer.pointer(step.shows) {
            Some(Value::String(text)) => text.clone(),
            Some(value) if !step.shows.is_empty() => value.to_string(),
            Some(_) | None => "done".to_owned(),
        };
        self.number += 1;
        self.tell(&format!(
            "{:3}. {}\n     {}{shown}\n     proved: {}\n",
            self.number,
            step.title,
            call_words(step),
            step.proves
        ));
        self.told.push(json!({
            "number": self.number, "title": step.title, "proves": step.proves,
            "answer": shown, "as_foretold": true,
        }));
    }

    fn refused(&mut self, wrong: &Wrong, refusal: &Refusal, why: &str) {
        let foretold = refusal.code == wrong.code && refusal.message.contains(wrong.text);
        self.number += 1;
        let surprise = match foretold {
            true => String::new(),
            false => format!(
                "     SURPRISE: foretold was {}: {}\n",
                wrong.code, wrong.text
            ),
        };
        self.surprises += usize::from(!foretold);
        self.tell(&format!(
            "{:3}. {}\n     {}{}: {}\n     reason: {}\n{surprise}",
            self.number,
            wrong.step.title,
            call_words(&wrong.step),
            refusal.code,
            refusal.message,
            why.replace('\n', "\n             "),
        ));
        self.told.push(json!({
            "number": self.number, "title": wrong.step.title, "proves": wrong.step.proves,
            "code": refusal.code, "message": refusal.message, "reason": why,
            "as_foretold": foretold,
        }));
    }

    fn slipped_through(&mut self, wrong: &Wrong) {
        self.number += 1;
        self.surprises += 1;
        self.tell(&format!(
            "{:3}. {}\n     SURPRISE: allowed; foretold was {}: {}\n",
            self.number, wrong.step.title, wrong.code, wrong.text
        ));
        self.told.push(json!({
            "number": self.number, "title": wrong.step.title, "answer": "allowed",
            "as_foretold": false,
        }));
    }

    fn end(self) -> Outcome {
        let wrong = wrong::VARIANTS.len();
        let text = match self.surprises {
            0 => format!(
                "{} steps went through, {wrong} wrong variants were refused, all as foretold.\n\
                 Now with your own clients: rolecall up --detach",
                journey::STEPS.len()
            ),
            surprises => format!("{surprises} of {wrong} wrong variants did not end as foretold."),
        };
        Outcome::Report(Report {
            data: json!(self.told),
            text,
            names: Vec::new(),
            refused: self.surprises > 0,
        })
    }

    fn tell(&self, text: &str) {
        if self.aloud {
            say(text);
        }
    }
}

/// The operation in front of its answer.
fn call_words(step: &Step) -> String {
    step.call
        .as_ref()
        .map(|call| format!("{}:{} -> ", call.service, call.operation))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_names_an_operation_and_an_input_of_its_shape() {
        let wrong = wrong::VARIANTS.iter().map(|wrong| &wrong.step);
        for step in journey::STEPS.iter().chain(wrong) {
            let Some(call) = &step.call else { continue };
            let operation = wire::operation(call.service, call.operation).unwrap();
            let input = stage::documents_as_text(serde_json::from_str(call.input).unwrap());
            wire::to_value(operation.input, &input).unwrap_or_else(|why| panic!("{call:?}: {why}"));
        }
    }

    #[test]
    fn there_are_at_least_ten_ways_to_get_it_wrong() {
        assert!(wrong::VARIANTS.len() >= 10);
    }
}
