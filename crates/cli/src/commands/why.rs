//! `rolecall why`: the trail of one request.

use super::block_on;
use crate::args::{Global, Why};
use crate::client;
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;
use names::{AuthorizationId, RequestId};

pub(super) fn run(global: &Global, flags: &Why) -> Result<Outcome, Failure> {
    let id = flags.request_id.as_deref().map(id_in).transpose()?;
    let plane = RunningPlane::of(global.state.as_deref())?;
    let path = match id {
        Some(id) => format!("/_rolecall/why/{id}"),
        None => "/_rolecall/why".to_owned(),
    };
    let administrator = plane.administrator(&plane.account(None)?.alias)?;
    let answer = block_on(client::admin(&plane, &administrator, "GET", &path, b""))?;
    if answer.status == 404 {
        return Err(no_record(id));
    }
    let data = answer.json()?;
    let record: audit::Record = serde_json::from_value(data.clone())
        .map_err(|why| Failure::unanswered("internal", format!("audit record: {why}")))?;
    Ok(Outcome::Report(Report {
        data,
        text: audit::render(&record),
        names: id.map(str::to_owned).into_iter().collect(),
        refused: false,
    }))
}

/// The id in what was pasted: itself, or the last word of a denial or of its link.
fn id_in(pasted: &str) -> Result<&str, Failure> {
    let word = pasted.trim().trim_end_matches(['.', ')', '"', '\'', '`']);
    let id = word.rsplit([' ', '/', ':', '\n', '`', '"']).next();
    let is_id =
        |id: &&str| id.parse::<RequestId>().is_ok() || id.parse::<AuthorizationId>().is_ok();
    id.filter(is_id).ok_or_else(|| {
        Failure::usage(
            "not-an-id",
            format!("no id stands at the end of `{pasted}`"),
        )
        .help("a request id is a UUID, an authorization id small letters and digits")
        .help("without an id, `rolecall why` shows the last refusal")
    })
}

fn no_record(id: Option<&str>) -> Failure {
    let Some(id) = id else {
        return Failure::no("no-such-request", "nothing has been asked yet")
            .help("ask something first: rolecall exec -- aws sts get-caller-identity");
    };
    Failure::no("no-such-request", format!("no record of `{id}`"))
        .help("`why` knows the newest requests since the plane started")
        .help("the audit file keeps more: rolecall audit tail --lines 10000 | grep ID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_what_people_paste() {
        for (pasted, id) in [
            ("9vuh2s7k0m1c", "9vuh2s7k0m1c"),
            (
                " 7a62c49f-347e-4fc4-9331-6e8eaa2e4d5b\n",
                "7a62c49f-347e-4fc4-9331-6e8eaa2e4d5b",
            ),
            (
                "… with the following authorization id: 9vuh2s7k0m1c",
                "9vuh2s7k0m1c",
            ),
            (
                "https://us-west-2.console.aws.amazon.com/iam/home?region=us-west-2#/authorization-details/9vuh",
                "9vuh",
            ),
            ("(request id `9vuh`)", "9vuh"),
        ] {
            assert_eq!(id_in(pasted).unwrap(), id);
        }
        for pasted in ["", "AccessDenied", "arn:aws:iam::1:role/Pod"] {
            assert!(id_in(pasted).is_err(), "{pasted}");
        }
    }
}
