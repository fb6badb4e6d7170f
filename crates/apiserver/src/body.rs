//! Bodies: a request's, within its limits; a watch's, for as long as it lasts.

use crate::negotiation::Form;
use crate::parts::Surroundings;
use crate::registry::ResourceDef;
use crate::service::header;
use crate::shown::{self, Look};
use crate::watch::Watching;
use crate::words;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use names::Gvk;
use objects::decode::FieldValidation;
use objects::{Object, Status};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Bytes of a request's body at most, as upstream.
const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;
/// For a request's body.
const BODY_WAIT: Duration = Duration::from_secs(30);

/// The body of an answer: whole, or in pieces as they come.
pub struct Body(UnsyncBoxBody<Bytes, Infallible>);

impl Body {
    /// Of another kind of body.
    pub fn of(body: impl HttpBody<Data = Bytes, Error = Infallible> + Send + 'static) -> Self {
        Self(body.boxed_unsync())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::of(Full::new(bytes))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A request's body as it came.
pub(crate) struct Received {
    /// Without parameters.
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl Received {
    pub(crate) async fn read(headers: &HeaderMap, body: Incoming) -> Result<Self, Status> {
        let content_type = header(headers, CONTENT_TYPE).split(';').next();
        let content_type = content_type.unwrap_or_default().trim().to_owned();
        let limited = Limited::new(body, BODY_BYTES_MAX).collect();
        match tokio::time::timeout(BODY_WAIT, limited).await {
            Ok(Ok(body)) => Ok(Self {
                content_type,
                bytes: body.to_bytes(),
            }),
            Ok(Err(why)) if why.is::<LengthLimitError>() => Err(Status::request_entity_too_large(
                &format!("limit is {BODY_BYTES_MAX}"),
            )),
            Ok(Err(why)) => Err(Status::bad_request(format!(
                "the body cannot be read: {why}"
            ))),
            Err(_) => Err(Status::timeout("the body took too long", 1)),
        }
    }

    /// The object of the body, and what its writer is warned of.
    pub(crate) fn object(
        &self,
        gvk: &Gvk,
        validation: FieldValidation,
    ) -> Result<(Object, Vec<String>), Status> {
        words::read(&self.bytes, &self.content_type, gvk, validation)
    }

    /// The options of a deletion.
    pub(crate) fn options(&self, of: &ResourceDef) -> Result<Object, Status> {
        words::read_options(&self.bytes, &self.content_type, of)
    }
}

/// The body of a watch: events as they come. A client that does not read stops it from being asked, so
/// that nothing piles up for it.
pub(crate) fn of_watch(watching: Watching, form: Form, clock: Arc<dyn Surroundings>) -> Body {
    let of = Arc::clone(&watching.of);
    Body::of(WatchBody {
        of,
        form,
        clock,
        next: Box::pin(next(watching)),
    })
}

type Next = Pin<Box<dyn Future<Output = Option<(Watching, Vec<crate::watch::Told>)>> + Send>>;

struct WatchBody {
    of: Arc<ResourceDef>,
    form: Form,
    clock: Arc<dyn Surroundings>,
    next: Next,
}

async fn next(mut watching: Watching) -> Option<(Watching, Vec<crate::watch::Told>)> {
    let told = watching.next().await?;
    Some((watching, told))
}

impl HttpBody for WatchBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.next.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                self.next = Box::pin(std::future::ready(None));
                Poll::Ready(None)
            }
            Poll::Ready(Some((watching, told))) => {
                self.next = Box::pin(next(watching));
                let (form, now) = (self.form, self.clock.now());
                let mut look = Look { form, now };
                let bytes = shown::events(told, &self.of, &mut look);
                self.form = look.form;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }
}
