//! Whether the plane lives and is ready, as Kubernetes tells it, and as LocalStack does.
//!
//! <https://kubernetes.io/docs/reference/using-api/health-checks/>: `/livez`, `/readyz`, each with
//! `?verbose` and `?exclude=NAME`, and each check alone at `/readyz/NAME`.

mod check;

use crate::Inner;
use crate::aws::operations;
use crate::received::Received;
use crate::server::{plain, typed};
use bytes::Bytes;
use check::Check;
use http_body_util::Full;
use hyper::{Response, StatusCode};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Answers a path about health; `None`: it is none.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Response<Full<Bytes>>> {
    if !matches!(received.method(), "GET" | "HEAD") {
        return None;
    }
    let path = received.path();
    if path == "/_localstack/health" {
        let health = of_localstack();
        return Some(typed(StatusCode::OK, "application/json", health));
    }
    let of_path = |checks| asked(path.get(1..)?, checks);
    let (name, checks) = of_path(&check::LIVE).or_else(|| of_path(&check::READY))?;
    Some(Box::pin(report(plane, name, &checks, received.query())).await)
}

/// `livez` for its first check's group, or one check alone.
fn asked<'p>(path: &'p str, group: &(&str, &[Check])) -> Option<(&'p str, Vec<Check>)> {
    let (name, checks) = group;
    if path == *name {
        return Some((path, checks.to_vec()));
    }
    let alone = path.strip_prefix(name)?.strip_prefix('/')?;
    let found = checks.iter().find(|check| check.name() == alone)?;
    Some((path, vec![*found]))
}

async fn report(plane: &Inner, name: &str, checks: &[Check], query: &str) -> Response<Full<Bytes>> {
    let asked = |key: &'static str| {
        query.split('&').filter_map(move |pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name == key).then_some(value)
        })
    };
    let mut excluded: BTreeSet<&str> = asked("exclude").filter(|name| !name.is_empty()).collect();
    let (mut lines, mut has_failed) = (String::new(), false);
    for check in checks {
        let called = check.name();
        // Writing to a string does not fail.
        let _ = if excluded.remove(called) {
            writeln!(lines, "[+]{called} excluded: ok")
        } else if let Err(why) = check.run(plane).await {
            has_failed = true;
            writeln!(lines, "[-]{called} failed: {why}")
        } else {
            writeln!(lines, "[+]{called} ok")
        };
    }
    for unknown in excluded {
        let unknown = audit::Text::new(unknown);
        let _ = writeln!(
            lines,
            "warn: no check is called `{unknown}`, so none is excluded"
        );
    }
    if has_failed {
        let text = format!("{lines}{name} check failed");
        return plain(StatusCode::SERVICE_UNAVAILABLE, &text);
    }
    if asked("verbose").next().is_some() {
        return plain(StatusCode::OK, &format!("{lines}{name} check passed"));
    }
    typed(StatusCode::OK, "text/plain; charset=utf-8", "ok")
}

/// LocalStack's answer, blanks and all: scripts look for `"sts": "available"` with `grep`.
fn of_localstack() -> String {
    let services: BTreeSet<_> = operations().iter().map(|one| one.service.name).collect();
    let services: Vec<_> = services
        .iter()
        .map(|name| format!("\"{name}\": \"available\""))
        .collect();
    format!(
        "{{\"services\": {{{}}}, \"edition\": \"rolecall\", \"version\": \"{}\"}}",
        services.join(", "),
        env!("CARGO_PKG_VERSION")
    )
}
