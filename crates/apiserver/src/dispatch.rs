//! What a permitted request does, by its verb and by what lies below the object.

use crate::answer::Answer;
use crate::body::{self, Received};
use crate::delete::{DeleteOptions, Deleted};
use crate::negotiation::{self, Form};
use crate::parts::{Asked, StreamAsked};
use crate::permit::Permit;
use crate::query::{ListOptions, Query, WriteOptions};
use crate::selection::Selection;
use crate::server::{ApiServer, Target};
use crate::service::{Call, header};
use crate::subresource::{How, View};
use crate::watch::{Opened, Watching};
use crate::words::{self, Patch};
use crate::write::{Writer, Written};
use crate::{list, pod, shown};
use http::header::{ACCEPT, USER_AGENT};
use http::{Request, StatusCode, request};
use hyper::body::Incoming;
use names::Gvk;
use objects::{Object, Status};
use std::sync::Arc;
use std::time::Duration;

/// A watch lasts so long at least where nobody says, and up to twice as long.
const WATCH_SECONDS: u64 = 30 * 60;

/// Performs a permitted request.
pub(crate) async fn answer(
    server: &Arc<ApiServer>,
    permit: Permit,
    head: request::Parts,
    query: Query,
    body: Incoming,
) -> Result<Answer, Status> {
    if let Some(How::Stream) = server.target(&permit)?.how() {
        return stream(server, &permit, query, Request::from_parts(head, body)).await;
    }
    let call = Call {
        permit,
        head: &head,
        query,
    };
    let target = server.target(&call.permit)?;
    let verb = call.permit.asked().verb.as_str();
    match (target.how(), verb) {
        (None | Some(How::Status), "get") => get(server, &call, &target).await,
        (None, "list") => list_all(server, &call, &target).await,
        (None, "watch") => watch(server, &call, &target).await,
        (None, "create") if target.of.verbs.len() == 1 => {
            question(server, &call, &target, body).await
        }
        (None, "create") => create(server, &call, &target, body).await,
        (None | Some(How::Status | How::Finalize), "update") => {
            update(server, &call, &target, body).await
        }
        (None | Some(How::Status), "patch") => patch(server, &call, &target, body).await,
        (None, "delete") => delete(server, &call, &target, body).await,
        (None, "deletecollection") => delete_collection(server, &call, &target, body).await,
        (Some(How::View(view)), "get") => get_view(server, &call, &target, view).await,
        (Some(How::View(view)), _) => write_view(server, &call, &target, view, body).await,
        (Some(How::Bind | How::Evict | How::Asked), "create") => {
            question(server, &call, &target, body).await
        }
        _ => Err(Status::method_not_allowed(&target.of.resource, verb)),
    }
}

fn form(call: &Call<'_>) -> Result<Form, Status> {
    negotiation::form(call.header(ACCEPT), words::HAS_TABLES)
}

fn writer(call: &Call<'_>) -> Result<Writer, Status> {
    Ok(Writer {
        options: WriteOptions::of(&call.query)?,
        agent: header(&call.head.headers, USER_AGENT).to_owned(),
        applies: false,
    })
}

async fn get(server: &ApiServer, call: &Call<'_>, target: &Target<'_>) -> Result<Answer, Status> {
    let form = form(call)?;
    let key = server
        .records
        .key(&target.of, target.namespace(), target.name());
    let found = server.records.get(&target.of, &key).await?;
    let found = found.ok_or_else(|| target.not_found())?;
    Ok(Answer::json(
        StatusCode::OK,
        shown::record(&found, &target.of, form),
    ))
}

async fn list_all(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
) -> Result<Answer, Status> {
    let (form, options) = (form(call)?, ListOptions::of(&call.query, false)?);
    let selection = Selection::parse(&target.of, &options.labels, &options.fields)?;
    let page = list::list(
        &server.records,
        &target.of,
        target.namespace(),
        &selection,
        &options,
    );
    let page = page.await?;
    Ok(Answer::json(
        StatusCode::OK,
        shown::list(&page, &target.of, form),
    ))
}

async fn watch(server: &ApiServer, call: &Call<'_>, target: &Target<'_>) -> Result<Answer, Status> {
    let (form, options) = (form(call)?, ListOptions::of(&call.query, true)?);
    let chance = u64::from(server.parts.surroundings.random()[0]);
    let lasts = WATCH_SECONDS + WATCH_SECONDS * chance / 256;
    let opened = Opened {
        records: &server.records,
        hubs: &server.hubs,
        of: &target.of,
        namespace: target.namespace(),
        selection: Selection::parse(&target.of, &options.labels, &options.fields)?,
        lasts: Duration::from_secs(lasts),
    };
    let watching = Watching::open(opened, &options).await?;
    let body = body::of_watch(watching, form);
    Ok(Answer::streamed(StatusCode::OK, "application/json", body))
}

async fn create(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, writer) = (form(call)?, writer(call)?);
    let received = Received::read(call, body).await?;
    let (object, mut warnings) = received.object(&target.of.gvk, writer.options.validation)?;
    let written = server.create(target, object, &writer).await?;
    warnings.extend(written.warnings.iter().cloned());
    Ok(written_answer(&written, form).with_warnings(&warnings))
}

async fn update(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, writer) = (form(call)?, writer(call)?);
    let received = Received::read(call, body).await?;
    let (object, mut warnings) = received.object(&target.of.gvk, writer.options.validation)?;
    let written = server
        .change(target, &writer, &|_| Ok(object.clone()))
        .await?;
    warnings.extend(written.warnings.iter().cloned());
    Ok(written_answer(&written, form).with_warnings(&warnings))
}

async fn patch(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, mut writer) = (form(call)?, writer(call)?);
    let received = Received::read(call, body).await?;
    let patch = Patch::parse(&received.content_type, &received.bytes, &writer.options)?;
    writer.applies = patch.is_apply();
    let written = server.patch(target, &patch, &writer).await?;
    Ok(written_answer(&written, form).with_warnings(&written.warnings))
}

async fn delete(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let options = deletion(call, target, body).await?;
    let deleted = server.delete(target, &options).await?;
    let body = match &deleted {
        Deleted::Ending(object) => shown::object(object, form(call)?),
        Deleted::Gone(object) => {
            let uid = object.uid().unwrap_or_default();
            shown::status(&Status::deleted(&target.of.resource, target.name(), uid))
        }
    };
    Ok(Answer::json(StatusCode::OK, body))
}

async fn delete_collection(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, options) = (form(call)?, ListOptions::of(&call.query, false)?);
    let deletion = deletion(call, target, body).await?;
    let page = server
        .delete_collection(target, &options, &deletion)
        .await?;
    Ok(Answer::json(
        StatusCode::OK,
        shown::list(&page, &target.of, form),
    ))
}

async fn deletion(
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<DeleteOptions, Status> {
    let received = Received::read(call, body).await?;
    let options = match received.bytes.is_empty() {
        true => None,
        false => Some(received.options(&target.of)?),
    };
    DeleteOptions::of(options.as_ref(), &call.query)
}

async fn get_view(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    view: View,
) -> Result<Answer, Status> {
    let form = form(call)?;
    let found = server.present(target).await?;
    Ok(Answer::json(
        StatusCode::OK,
        shown::object(&(view.show)(&found), form),
    ))
}

/// Writes a part of an object in the form that the part is shown in.
async fn write_view(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    view: View,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, writer) = (form(call)?, writer(call)?);
    let received = Received::read(call, body).await?;
    let gvk = below(target).clone();
    let written = match call.permit.asked().verb.as_str() {
        "patch" => {
            let patch = Patch::parse(&received.content_type, &received.bytes, &writer.options)?;
            let decide = |old: &Object| {
                let shown = patch.apply_to_view(&(view.show)(old), &gvk)?;
                written_part(old, &shown, view)
            };
            server.change(target, &writer, &decide).await?
        }
        _ => {
            let (shown, _) = received.object(&gvk, writer.options.validation)?;
            let decide = |old: &Object| written_part(old, &shown, view);
            server.change(target, &writer, &decide).await?
        }
    };
    let body = shown::object(&(view.show)(&written.object), form);
    Ok(Answer::json(StatusCode::OK, body))
}

/// The object with the part changed; the part's resource version is the object's.
fn written_part(old: &Object, shown: &Object, view: View) -> Result<Object, Status> {
    let mut object = old.clone();
    let metadata = object.metadata_mut();
    match shown.resource_version() {
        Some(revision) => metadata.insert("resourceVersion".to_owned(), revision.into()),
        None => metadata.remove("resourceVersion"),
    };
    (view.write)(&mut object, shown)?;
    Ok(object)
}

/// What is asked and answered, and kept by nobody.
async fn question(
    server: &ApiServer,
    call: &Call<'_>,
    target: &Target<'_>,
    body: Incoming,
) -> Result<Answer, Status> {
    let (form, writer) = (form(call)?, writer(call)?);
    let received = Received::read(call, body).await?;
    let gvk = match &target.subresource {
        Some(below) => &below.gvk,
        None => &target.of.gvk,
    };
    let (object, warnings) = received.object(gvk, writer.options.validation)?;
    let answered = server.question(target, object, &writer).await?;
    Ok(Answer::json(StatusCode::CREATED, shown::object(&answered, form)).with_warnings(&warnings))
}

impl ApiServer {
    /// The object that a request is about, as it is.
    pub(crate) async fn present(&self, target: &Target<'_>) -> Result<Object, Status> {
        let key = self
            .records
            .key(&target.of, target.namespace(), target.name());
        let found = self.records.get(&target.of, &key).await?;
        found
            .map(|found| found.read(&target.of))
            .ok_or_else(|| target.not_found())
    }

    /// Answers what is asked and kept by nobody.
    pub(crate) async fn question(
        &self,
        target: &Target<'_>,
        object: Object,
        writer: &Writer,
    ) -> Result<Object, Status> {
        match target.how() {
            Some(How::Bind) => pod::bind(self, target, &object, writer).await,
            Some(How::Evict) => pod::evict(self, target, &object).await,
            _ => {
                let parent = match target.subresource {
                    Some(_) => Some(self.present(target).await?),
                    None => None,
                };
                let asked = Asked {
                    attributes: target.permit.asked(),
                    user: target.permit.user(),
                    object,
                    parent,
                    dry_run: writer.options.dry_run,
                };
                self.ask(target, asked).await
            }
        }
    }
}

async fn stream(
    server: &ApiServer,
    permit: &Permit,
    query: Query,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let target = server.target(permit)?;
    let pod = server.present(&target).await?;
    let Some(streams) = &server.parts.streams else {
        let why = "this cluster runs no pods: nothing can be streamed from one";
        return Err(Status::service_unavailable(why));
    };
    let asked = StreamAsked {
        subresource: permit.asked().subresource.clone(),
        pod,
        query,
        user: permit.user().clone(),
        request,
    };
    streams.open(asked).await.map(Answer::of)
}

/// The type that a subresource speaks.
fn below<'t>(target: &'t Target<'_>) -> &'t Gvk {
    target
        .subresource
        .as_ref()
        .map_or(&target.of.gvk, |below| &below.gvk)
}

fn written_answer(written: &Written, form: Form) -> Answer {
    let code = match written.is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Answer::json(code, shown::object(&written.object, form))
}
