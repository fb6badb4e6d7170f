//! One request under way, whichever API it is for: who sent it, why it is refused, its record.

use crate::notes::Notes;
use crate::received::{Received, text_of};
use crate::refused::Refused;
use crate::standing::Standing;
use crate::trail::{authorization, finding};
use crate::uses::Use;
use crate::{Inner, chance};
use audit::{ErrorAnswer, EventKind, Finding, Hop, IdentityKind, Record, Text, UserIdentity};
use awswire::AwsError;
use hyper::header::USER_AGENT;
use jiff::Timestamp;
use names::{AuthorizationId, Region, RequestId};
use policy::RequestContext;
use sigv4::{BodyHash, Claim, Expectation, Family};
use sts::{Caller, SessionKeys};

/// A request under way. Whatever becomes of it stands in its record.
pub(crate) struct Handling<'a> {
    pub(crate) plane: &'a Inner,
    pub(crate) received: &'a Received,
    /// When it came: every decision about it is made at this time.
    pub(crate) now: Timestamp,
    /// The region that is asked; the plane's own until the request says another.
    pub(crate) region: Region,
    pub(crate) record: Record,
}

impl<'a> Handling<'a> {
    /// Begins with what a request is before anybody has read it.
    pub(crate) fn begin(plane: &'a Inner, received: &'a Received) -> Self {
        let now = chance::now();
        let request_id = RequestId::from_random(chance::nonce());
        let mut record = Record::new(request_id, now, received.peer.ip());
        record.user_agent = received.header(USER_AGENT).map(Text::new);
        Self {
            plane,
            received,
            now,
            region: plane.config.region.clone(),
            record,
        }
    }

    /// What the request asks for: `sts.amazonaws.com`, `AssumeRole`.
    pub(crate) fn is_about(&mut self, kind: EventKind, source: Text, name: &'static str) {
        self.record.event_type = kind;
        self.record.event_source = source;
        self.record.event_name = Text::fixed(name);
    }

    /// Proves who signed the request for a service.
    pub(crate) fn caller(
        &mut self,
        claim: &Claim<'_>,
        standing: &Standing<'_>,
        sessions: &SessionKeys,
        service: &str,
        family: Family,
    ) -> Result<Caller, AwsError> {
        let expectation = Expectation {
            services: &[service],
            now: self.now,
        };
        let body = BodyHash::of(&self.received.body);
        let presented = claim.present(&body, &expectation);
        let presented = presented.map_err(|refused| {
            let (code, status) = (refused.code(family), refused.status(family));
            self.unproved(refused.to_string(), refused.advice());
            AwsError::new(code, status, refused.to_string())
        })?;
        let derived = &self.plane.derived;
        let caller = sts::authenticate(presented, standing, sessions, derived, self.now);
        let caller = caller.and_then(|caller| caller.admitted_to(service));
        let caller = caller.map_err(|refused| {
            let (code, status) = (refused.code(family), refused.status(family));
            self.unproved(refused.cause(), refused.advice());
            AwsError::new(code, status, refused.to_string())
        })?;
        self.record.user_identity = identity_of(&caller);
        self.record.recipient_account_id = Some(caller.account());
        let said = ["signed by ", &caller.arn()].concat();
        self.record
            .trail
            .push(Finding::passed(Hop::Signature, said));
        let made = Use {
            service,
            action: self.record.event_name.as_str(),
            region: &self.region,
            at: self.now,
        };
        self.plane.uses.note(&caller, &made);
        Ok(caller)
    }

    /// Nobody is known to have signed the request: why, and what to change.
    fn unproved(&mut self, cause: String, advice: Option<String>) {
        let finding = Finding::refused(Hop::Signature, cause);
        self.record.trail.push(match advice {
            Some(advice) => finding.change(advice),
            None => finding,
        });
    }

    /// The operation was carried out, or refused; it may have left notes.
    pub(crate) fn ended<T>(&mut self, answered: &Result<T, Refused>, notes: &Notes) {
        for finding in notes.take() {
            self.record.trail.push(finding);
        }
        if answered.is_ok() {
            let done = Finding::passed(Hop::Operation, Text::fixed("done"));
            self.record.trail.push(done);
        }
    }

    /// Writes a refusal into the record, and says what the client is told; of a denial, keeps all.
    pub(crate) fn refuse(&mut self, refused: Refused, family: Family) -> AwsError {
        let error = match refused {
            Refused::Error(error) => error,
            Refused::Denied(denied) => {
                let id = AuthorizationId::from_random(chance::random());
                let code = match family {
                    Family::Query => "AccessDenied",
                    Family::Json => "AccessDeniedException",
                };
                let error = AwsError::new(code, 403, denied.text(&id, &self.region));
                for (action, _) in &denied.refusal.before {
                    let said = format!("{action} is allowed");
                    self.record.trail.push(Finding::passed(Hop::Trust, said));
                }
                // One thing refuses: of a role that does not exist, that there is none.
                if self.record.trail.refusal().is_none() {
                    self.record.trail.push(finding(&denied.refusal.explanation));
                }
                self.record.authorization_id = Some(id.clone());
                self.plane
                    .denials()
                    .keep(authorization(id, &denied.refusal));
                error
            }
        };
        // What no layer explained, the operation itself refused.
        if self.record.trail.refusal().is_none() {
            let finding = Finding::refused(Hop::Operation, error.message.as_str());
            self.record.trail.push(finding);
        }
        self.record.error = Some(ErrorAnswer {
            code: Text::new(&error.code),
            message: Text::new(&error.message),
        });
        error
    }

    /// The record, now that the answer is known.
    pub(crate) fn end(mut self, status: u16) -> Record {
        self.record.status = status;
        self.record.aws_region = Some(self.region);
        // A clock that was set back took no time.
        let took = chance::now().duration_since(self.now).as_micros();
        self.record.duration_micros = u64::try_from(took).unwrap_or_default();
        self.record
    }
}

fn identity_of(caller: &Caller) -> UserIdentity {
    let kind = if caller.session().is_some() {
        IdentityKind::AssumedRole
    } else {
        IdentityKind::User
    };
    let mut identity = UserIdentity::of(kind);
    identity.principal_id = Some(caller.user_id().into());
    identity.arn = Some(caller.arn().into());
    identity.account_id = Some(caller.account());
    identity.access_key_id = Some(caller.access_key_id().clone());
    identity
}

/// The keys that every request has.
pub(crate) fn request_keys(received: &Received, region: &Region, now: Timestamp) -> RequestContext {
    let (over_tls, address) = (received.over_tls, received.peer.ip().to_canonical());
    let (agent, region) = (
        received.head.headers.get(USER_AGENT).cloned(),
        region.clone(),
    );
    RequestContext::over(move || {
        let mut context = RequestContext::new();
        let time = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        context
            .set("aws:CurrentTime", time)
            .set("aws:EpochTime", now.as_second().to_string())
            .set(
                "aws:SecureTransport",
                if over_tls { "true" } else { "false" },
            )
            .set("aws:SourceIp", address.to_string())
            .set("aws:RequestedRegion", region.as_str())
            .set("aws:ViaAWSService", "false")
            .set("aws:PrincipalIsAWSService", "false");
        if let Some(agent) = agent.as_ref().and_then(text_of) {
            context.set("aws:UserAgent", agent);
        }
        context
    })
}
