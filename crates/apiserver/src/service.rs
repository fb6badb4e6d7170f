//! One HTTP request from its head to its answer: who asks, may they, what is done.

use crate::answer::Answer;
use crate::body::Body;
use crate::parts::{Answered, Shown};
use crate::path::Attributes;
use crate::permit::{Denied, Permit};
use crate::query::Query;
use crate::server::ApiServer;
use crate::user::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, user};
use crate::{dispatch, impersonation, pages};
use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::request;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use objects::KubeUser;
use objects::Status;
use std::net::IpAddr;
use std::sync::Arc;

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The caller's address.
    pub address: IpAddr,
    /// The certificate that it proved to hold the key of.
    pub certificate: Option<Bytes>,
}

/// A header's text; empty when it is not there.
pub(crate) fn header(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

impl ApiServer {
    /// Answers one request.
    pub async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        from: &Connection,
    ) -> Response<Body> {
        let id = crate::metadata::uid(self.parts.surroundings.random());
        let (head, body) = request.into_parts();
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let attributes = Attributes::of(head.method.as_str(), head.uri.path(), &query);
        let agent = header(&head.headers, USER_AGENT).to_owned();
        let mut known = None;
        let mut reason = String::new();
        let answer = match self
            .permit(&head, from, attributes.clone(), &mut known)
            .await
        {
            Ok(permit) => {
                permit.reason().clone_into(&mut reason);
                self.perform(permit, head, query, body).await
            }
            Err(denied) => {
                reason = denied.explanation;
                Answer::failed(&denied.status)
            }
        };
        let answered = Answered {
            id: &id,
            attributes: &attributes,
            user: known.as_ref(),
            address: Some(from.address),
            agent: &agent,
            code: answer.code(),
            refusal: answer.refusal(),
            reason: &reason,
        };
        self.parts.recorder.record(&answered).await;
        answer.into_response(&id)
    }

    async fn permit(
        &self,
        head: &request::Parts,
        from: &Connection,
        attributes: Attributes,
        known: &mut Option<KubeUser>,
    ) -> Result<Permit, Denied> {
        let user = self.authenticate(&head.headers, from).await?;
        *known = Some(user.clone());
        let authorizer = &*self.parts.authorizer;
        let user = impersonation::user(authorizer, user, &head.headers).await?;
        *known = Some(user.clone());
        Permit::ask(authorizer, user, attributes).await
    }

    async fn authenticate(
        &self,
        headers: &HeaderMap,
        from: &Connection,
    ) -> Result<KubeUser, Status> {
        let authorization = header(headers, AUTHORIZATION);
        let token = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let shown = Shown {
            certificate: from.certificate.as_ref(),
            token: token.map(|(_, token)| token.trim()),
        };
        match self.parts.authenticator.authenticate(shown).await {
            Ok(Some(mut user)) => {
                if !user.is_in(AUTHENTICATED) {
                    user.groups.push(AUTHENTICATED.to_owned());
                }
                Ok(user)
            }
            Ok(None) if authorization.is_empty() => Ok(user(ANONYMOUS, &[UNAUTHENTICATED])),
            Ok(None) | Err(_) => Err(Status::unauthorized()),
        }
    }

    async fn perform(
        self: &Arc<Self>,
        permit: Permit,
        head: request::Parts,
        query: Query,
        body: Incoming,
    ) -> Answer {
        if !permit.asked().is_resource {
            return pages::answer(self, permit.asked(), &head);
        }
        match dispatch::answer(self, permit, head, query, body).await {
            Ok(answer) => answer,
            Err(status) => Answer::failed(&status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each connection keeps room for the work of a request, and each request is copied with it.
    #[test]
    fn a_request_carries_no_room_for_what_is_rare() {
        fn room<'a, F>(
            _: impl Fn(&'a Arc<ApiServer>, Request<Incoming>, &'a Connection) -> F,
        ) -> usize {
            size_of::<F>()
        }
        let bytes = room(ApiServer::answer);
        assert!(bytes < 8_192, "{bytes} bytes");
    }
}
