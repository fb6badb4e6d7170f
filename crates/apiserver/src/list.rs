//! Reading a collection, whole or in pages that all show the same state.

use crate::query::{ListOptions, Matching};
use crate::record::Record;
use crate::records::Records;
use crate::registry::ResourceDef;
use crate::selection::Selection;
use data_encoding::BASE64URL_NOPAD;
use objects::Status;
use serde::{Deserialize, Serialize};
use store::{Key, ReadRefused, Revision};

/// Bytes of a continue token at most.
const TOKEN_BYTES_MAX: usize = 4 * 1024;

/// The state that a page of an expired list is continued at: whatever there is.
const INCONSISTENT: i64 = -1;

/// A collection, or a page of it.
pub(crate) struct Page {
    /// The state that it shows.
    pub(crate) revision: Revision,
    pub(crate) records: Vec<Record>,
    /// What to ask for next; none: this is the end.
    pub(crate) continued: Option<String>,
    /// How many follow, where that is known.
    pub(crate) remaining: Option<usize>,
}

/// Where a list goes on.
#[derive(Serialize, Deserialize)]
struct Token {
    v: String,
    rv: i64,
    start: String,
}

/// Reads the objects that the options select.
pub(crate) async fn list(
    records: &Records,
    of: &ResourceDef,
    namespace: &str,
    selection: &Selection,
    options: &ListOptions,
) -> Result<Page, Status> {
    let token = options.continued.as_deref().map(Token::parse).transpose()?;
    let at = state(records, options, token.as_ref())?;
    let base = records.range(of, "");
    let range = match (selection.name(), of.is_namespaced() && namespace.is_empty()) {
        (Some(name), false) => records.key(of, namespace, name).as_str().to_owned(),
        _ => records.range(of, namespace),
    };
    let found = records.list(of, &range, at).await;
    let found = found.map_err(|why| unread(&why, records.revision(), token.as_ref()))?;
    let start = token.map_or_else(String::new, |token| base.clone() + &token.start);
    let all = found.records.into_iter();
    let mut rest = all.skip_while(|(key, _)| key.as_str() < start.as_str());
    let is_taken =
        |record: &Record| selection.is_everything() || selection.matches(&record.read(of));
    let mut taken: Vec<Record> = Vec::new();
    let mut last: Option<Key> = None;
    for (key, record) in rest.by_ref() {
        if !is_taken(&record) {
            continue;
        }
        taken.push(record);
        if taken.len() == options.limit {
            last = Some(key);
            break;
        }
    }
    let remaining = rest.count();
    let last = last.filter(|_| remaining > 0);
    Ok(Page {
        revision: found.revision,
        records: taken,
        remaining: (last.is_some() && selection.is_everything()).then_some(remaining),
        continued: last.map(|last| {
            let name = last.as_str().get(base.len()..).unwrap_or_default();
            Token::after(
                i64::try_from(found.revision.number()).unwrap_or(INCONSISTENT),
                name,
            )
        }),
    })
}

/// The state that is asked for; none: the newest.
fn state(
    records: &Records,
    options: &ListOptions,
    token: Option<&Token>,
) -> Result<Option<Revision>, Status> {
    if let Some(token) = token {
        return Ok(u64::try_from(token.rv).ok().map(Revision::new));
    }
    let Some(wanted) = options.revision.filter(|wanted| *wanted > 0) else {
        return Ok(None);
    };
    let newest = records.revision().number();
    if wanted > newest {
        return Err(Status::too_large_resource_version(wanted, newest));
    }
    let is_exact = match options.matching {
        Some(matching) => matching == Matching::Exact,
        None => options.limit > 0,
    };
    Ok(is_exact.then(|| Revision::new(wanted)))
}

fn unread(why: &ReadRefused, newest: Revision, token: Option<&Token>) -> Status {
    match (why, token) {
        (ReadRefused::Compacted(_), Some(token)) => {
            let why = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
            Status::expired(why).with_continue(&Token::at(INCONSISTENT, token.start.clone()))
        }
        (ReadRefused::Compacted(_), None) => {
            Status::expired("The resourceVersion for the provided list is too old.")
        }
        (ReadRefused::Ahead { asked, .. }, _) => {
            Status::too_large_resource_version(asked.number(), newest.number())
        }
    }
}

impl Token {
    fn parse(text: &str) -> Result<Self, Status> {
        let not = |why: &str| Status::bad_request(format!("continue key is not valid: {why}"));
        if text.len() > TOKEN_BYTES_MAX {
            return Err(not("too long"));
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        let bytes = bytes.map_err(|why| not(&why.to_string()))?;
        let token: Self = serde_json::from_slice(&bytes).map_err(|why| not(&why.to_string()))?;
        if token.v != "meta.k8s.io/v1" {
            return Err(not("server does not recognize this encoded version"));
        }
        if token.rv == 0 || token.rv < INCONSISTENT {
            return Err(not(
                "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
            ));
        }
        Ok(token)
    }

    /// Behind this name; no name holds the null character.
    fn after(rv: i64, name: &str) -> String {
        Self::at(rv, format!("{name}\0"))
    }

    fn at(rv: i64, start: String) -> String {
        let token = Self {
            v: "meta.k8s.io/v1".to_owned(),
            rv,
            start,
        };
        BASE64URL_NOPAD.encode(&serde_json::to_vec(&token).unwrap_or_default())
    }
}
