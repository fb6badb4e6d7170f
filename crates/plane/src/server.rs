//! The AWS port: a request's host and body within their limits, then whoever answers it.

mod answer;
mod reply;

pub(crate) use reply::{plain, typed};

use crate::Inner;
use crate::connections::{Answers, Peer};
use crate::limits::Limits;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use std::sync::Arc;

/// Answers for AWS and for the plane itself.
pub(crate) struct AwsPort {
    pub(crate) plane: Arc<Inner>,
    pub(crate) limits: Limits,
}

impl Answers for AwsPort {
    type Body = Full<Bytes>;
    const IN_THE_CLEAR: bool = true;
    const TO_ITS_END: bool = true;

    async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> Response<Full<Bytes>> {
        answer::answer(self, request, peer).await
    }

    fn connections(&self, open: usize) {
        self.plane.counters.set_connections(open);
    }
}
