//! What the plane gives to a cluster's API: identities, rights, seal, time, the record.

use super::admitted::admission;
use super::bearer::Bearer;
use super::escalation::NoEscalation;
use super::issuer::{AUDIENCE, Issuer};
use super::notes::Notes;
use super::reviews::{ANSWERED, Reviews};
use super::rights::RightsNow;
use super::tokens::Tokens;
use crate::chance;
use crate::journal::AuditLog;
use crate::world::Worlds;
use apiserver::{
    Admission, Answered, Answerer, Attributes, Authenticator, NotANetwork, Objects, Parts,
    Recorder, Seal, Shown, Surroundings,
};
use audit::{
    ErrorAnswer, EventKind, Finding, Hop, IdentityKind, Parameters, Record, Text, UserIdentity,
};
use eks::Cluster;
use jiff::Timestamp;
use names::{AccountId, Region, RequestId};
use objects::{KubeUser, Status};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use store::{Keyring, Pending, Sealed};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Everything that a cluster's API is given.
pub(super) async fn parts(
    cluster: &Cluster,
    issuer: Issuer,
    audit: &Arc<AuditLog>,
    objects: &Arc<Objects>,
    noted: Notes,
) -> Result<Parts, Status> {
    let rights = Arc::new(RightsNow::load(objects).await?);
    let network = &cluster.settings.kubernetes_network_config;
    let services = network.service_ipv4_cidr.to_string().parse();
    let services = services.map_err(|why: NotANetwork| Status::internal_error(&why.to_string()))?;
    let issuer = Arc::new(issuer);
    let bearer = Arc::new(Bearer {
        issuer: Arc::clone(&issuer),
        objects: Arc::clone(objects),
    });
    let tokens: Arc<dyn Answerer> = Arc::new(Tokens {
        issuer: Arc::clone(&issuer),
        objects: Arc::clone(objects),
    });
    let reviews: Arc<dyn Answerer> = Arc::new(Reviews {
        rights: Arc::clone(&rights),
        bearer: Arc::clone(&bearer),
    });
    let reviews = ANSWERED.map(|resource| (resource, Arc::clone(&reviews)));
    let mut admission = admission(cluster, objects, noted);
    let no_escalation: Arc<dyn Admission> = Arc::new(NoEscalation(Arc::clone(&rights)));
    admission.push(no_escalation);
    Ok(Parts {
        authenticator: Arc::new(Identities(bearer)),
        authorizer: rights,
        admission,
        answerers: reviews
            .into_iter()
            .chain([("serviceaccounts/token", tokens)])
            .collect(),
        streams: None,
        pages: Some(issuer),
        services,
        surroundings: Arc::new(Here),
        recorder: Arc::new(Records {
            audit: Arc::clone(audit),
            account: cluster.account(),
            region: cluster.region().clone(),
            cluster: cluster.name().to_string(),
        }),
    })
}

/// Seals what is kept of a cluster's secrets.
pub(super) fn seal(worlds: &Worlds) -> Arc<dyn Seal> {
    Arc::new(Seals(Arc::clone(worlds.keyring())))
}

/// Knows callers by the certificate of their connection, else by the token that they show.
struct Identities(Arc<Bearer>);

impl Authenticator for Identities {
    fn authenticate<'a>(
        &'a self,
        shown: Shown<'a>,
    ) -> Pending<'a, Result<Option<KubeUser>, String>> {
        Box::pin(async move {
            let user = shown.certificate.map(|certificate| user_of(certificate));
            if let (None, Some(token)) = (&user, shown.token) {
                let vouched = self.0.verify(token, &[AUDIENCE.to_owned()]).await?;
                return Ok(vouched.map(|vouched| vouched.user));
            }
            user.transpose()
        })
    }
}

/// A certificate's common name is a user's name, its organisations are groups.
fn user_of(certificate: &[u8]) -> Result<KubeUser, String> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|why| why.to_string())?;
    let subject = certificate.subject();
    let texts =
        |attributes: &mut dyn Iterator<Item = &x509_parser::x509::AttributeTypeAndValue<'_>>| {
            let texts = attributes.filter_map(|one| one.as_str().ok().map(str::to_owned));
            texts.collect::<Vec<_>>()
        };
    let username = texts(&mut subject.iter_common_name()).into_iter().next();
    Ok(KubeUser {
        name: username.ok_or("the certificate has no common name")?,
        groups: texts(&mut subject.iter_organization()),
        ..KubeUser::default()
    })
}

/// Seals secrets with the plane's root key.
struct Seals(Arc<Keyring>);

impl Seal for Seals {
    fn seal(&self, key: &str, plain: &[u8]) -> Vec<u8> {
        let sealed = self.0.seal(key, plain, chance::random());
        sealed.as_bytes().to_vec()
    }

    fn open(&self, key: &str, sealed: &[u8]) -> Result<Vec<u8>, String> {
        let opened = self.0.open(key, &Sealed::from_bytes(sealed));
        opened
            .map(|plain| plain.to_vec())
            .map_err(|why| why.to_string())
    }
}

/// This machine's time and chance.
struct Here;

impl Surroundings for Here {
    fn now(&self) -> Timestamp {
        chance::now()
    }

    fn random(&self) -> [u8; 16] {
        chance::random()
    }
}

/// Keeps requests in the plane's audit record.
struct Records {
    audit: Arc<AuditLog>,
    account: AccountId,
    region: Region,
    cluster: String,
}

impl Recorder for Records {
    fn record<'a>(&'a self, answered: &'a Answered<'_>) -> Pending<'a, ()> {
        let record = self.of(answered);
        Box::pin(async move { self.audit.keep(&record).await })
    }
}

impl Records {
    fn of(&self, answered: &Answered<'_>) -> Record {
        let asked = answered.attributes;
        let id = answered.id.parse();
        let id = id.unwrap_or_else(|_| RequestId::from_random(chance::random()));
        let address = answered.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut record = Record::new(id, chance::now(), address);
        let event = match asked.is_resource {
            true => format!("{} {}", asked.verb, resource(asked)),
            false => format!("{} {}", asked.verb, asked.path),
        };
        record.event_source = Text::new("kubernetes");
        record.event_name = Text::new(&event);
        record.event_type = EventKind::RolecallApiCall;
        record.aws_region = Some(self.region.clone());
        record.recipient_account_id = Some(self.account);
        record.user_agent = Some(Text::new(answered.agent));
        record.read_only = asked.is_read_only();
        record.status = answered.code;
        record.request_parameters = Parameters::new([
            ("cluster", self.cluster.as_str()),
            ("namespace", &asked.namespace),
            ("name", &asked.name),
        ]);
        if let Some(user) = answered.user {
            record.user_identity = UserIdentity::of(IdentityKind::Unknown);
            record.user_identity.user_name = Some(Text::new(&user.name));
        }
        let is_refused = answered.code >= 400;
        if is_refused {
            record.error = Some(ErrorAnswer {
                code: Text::new(&answered.code.to_string()),
                message: Text::new(answered.refusal.unwrap_or_default()),
            });
        }
        let why = match (answered.reason, answered.refusal) {
            ("", refusal) => refusal.unwrap_or_default(),
            (reason, _) => reason,
        };
        if !why.is_empty() {
            record.trail.push(match is_refused {
                true => Finding::refused(Hop::Operation, why),
                false => Finding::passed(Hop::Operation, why),
            });
        }
        record
    }
}

fn resource(asked: &Attributes) -> String {
    match asked.subresource.as_str() {
        "" => asked.plural.clone(),
        subresource => format!("{}/{subresource}", asked.plural),
    }
}
