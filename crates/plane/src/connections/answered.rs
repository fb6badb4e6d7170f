//! An answer's body, which knows when it is over.

use super::paced::Turn;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::{Response, StatusCode};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of an answer. When the HTTP library lets go of it, the turn is the peer's again: until
/// then a long answer, such as a watch, is no idle connection.
pub(super) struct Answered<B> {
    body: B,
    turn: Turn,
}

impl<B> Answered<B> {
    /// The response, watched.
    pub(super) fn watch(response: Response<B>, turn: &Turn) -> Response<Self> {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            turn.leave_http();
        }
        let turn = turn.clone();
        response.map(|body| Self { body, turn })
    }
}

impl<B> Drop for Answered<B> {
    fn drop(&mut self) {
        self.turn.end_answer();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
