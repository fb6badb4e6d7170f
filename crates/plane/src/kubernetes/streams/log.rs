//! A container's log as the body of an answer.

use super::{container_of, pod_name};
use crate::chance;
use apiserver::{Body, Query, StreamAsked};
use bytes::Bytes;
use http::{HeaderValue, Response, header};
use hyper::body::Frame;
use jiff::{SignedDuration, Timestamp};
use objects::Status;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use workloads::runner::{LogOptions, LogReader, Runner};

/// Pieces that wait for a slow reader; the log is a file and waits with them.
const WAITING_MAX: usize = 4;

/// Begins to send the log that is asked for.
pub(super) fn open(runner: &Runner, asked: &StreamAsked) -> Result<Response<Body>, Status> {
    let container = container_of(asked)?;
    let options = options_of(&asked.query, chance::now())?;
    let previous = asked.query.is_true("previous");
    let reader = runner.log(pod_name(&asked.pod), &container, previous, options);
    let reader = reader.map_err(Status::bad_request)?;
    let (sender, pieces) = mpsc::channel(WAITING_MAX);
    tokio::spawn(send(reader, sender));
    let mut response = Response::new(Body::of(Pieces(pieces)));
    let text = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    Ok(response)
}

fn options_of(query: &Query, now: Timestamp) -> Result<LogOptions, Status> {
    let number = |name: &str| match query.get(name).filter(|text| !text.is_empty()) {
        Some(text) => match text.parse::<u64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let why =
                    format!("{name}: Invalid value: {text:?}: must be a number of at least 0");
                Err(Status::bad_request(why))
            }
        },
        None => Ok(None),
    };
    let since_time = query.get("sinceTime").filter(|text| !text.is_empty());
    let since_time = since_time.map(|text| {
        text.parse::<Timestamp>().map_err(|_| {
            Status::bad_request(format!(
                "sinceTime: Invalid value: {text:?}: must be a time"
            ))
        })
    });
    let since_seconds = number("sinceSeconds")?.map(|seconds| {
        let ago = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        now.saturating_sub(ago).unwrap_or(Timestamp::MIN)
    });
    Ok(LogOptions {
        follow: query.is_true("follow"),
        timestamps: query.is_true("timestamps"),
        since: since_time.transpose()?.or(since_seconds),
        tail_lines: number("tailLines")?,
        limit_bytes: number("limitBytes")?,
    })
}

async fn send(mut reader: LogReader, pieces: mpsc::Sender<Bytes>) {
    loop {
        let next = tokio::select! {
            next = reader.next() => next,
            () = pieces.closed() => return,
        };
        // A log that cannot be read on ends, as a connection would.
        let Ok(Some(piece)) = next else {
            return;
        };
        if pieces.send(piece.into()).await.is_err() {
            return;
        }
    }
}

struct Pieces(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_is_wanted_of_a_log_is_read_from_the_query() {
        let read = |query: &str| options_of(&Query::parse(query), at(100)).unwrap();
        assert_eq!(read(""), LogOptions::default());
        let wanted = read("follow=true&timestamps=true&tailLines=3&limitBytes=9&sinceSeconds=40");
        let expected = LogOptions {
            follow: true,
            timestamps: true,
            since: Some(at(60)),
            tail_lines: Some(3),
            limit_bytes: Some(9),
        };
        assert_eq!(wanted, expected);
        assert_eq!(read("sinceTime=1970-01-01T00:00:07Z").since, Some(at(7)));
    }

    #[test]
    fn what_is_no_number_or_time_is_refused() {
        for query in [
            "tailLines=-1",
            "limitBytes=x",
            "sinceTime=yesterday",
            "sinceSeconds=1.5",
        ] {
            let refused = options_of(&Query::parse(query), at(0)).unwrap_err();
            assert_eq!(refused.code, 400, "{query}");
        }
    }
}
