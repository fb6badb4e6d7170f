//! What a permitted request does, by its verb and by what lies below the object.

use crate::answer::Answer;
use crate::body::{self, Received};
use crate::delete::{DeleteOptions, Deleted};
use crate::negotiation::{self, Form, Offer};
use crate::parts::{Asked, StreamAsked};
use crate::patch::{Patch, Shown, written_part};
use crate::permit::Permit;
use crate::query::{ListOptions, Query, WriteOptions};
use crate::record::Record;
use crate::selection::Selection;
use crate::server::{ApiServer, Target};
use crate::service::header;
use crate::shown::{self, Look};
use crate::subresource::{How, View};
use crate::watch::{Opened, Watching};
use crate::write::{Decided, Writer, Written};
use crate::{eviction, list, pod};
use http::header::{ACCEPT, USER_AGENT};
use http::{Request, StatusCode, request};
use hyper::body::Incoming;
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
    let target = server.target(&permit)?;
    if let Some(How::Stream) = target.how() {
        return stream(server, &target, query, Request::from_parts(head, body)).await;
    }
    let include = query.get("includeObject").unwrap_or_default();
    let form = negotiation::form(header(&head.headers, ACCEPT), include, offer(&target))?;
    let call = Call {
        server,
        target,
        head: &head,
        query: &query,
        form,
    };
    call.perform(body).await
}

/// What is asked and answered has no rows and no metadata.
fn offer(target: &Target<'_>) -> Offer {
    match target.how() {
        None if target.of.is_question() => Offer::Object,
        Some(How::Bind | How::Evict | How::Asked | How::Stream) => Offer::Object,
        None | Some(How::Status | How::Finalize | How::View(_)) => Offer::Every,
    }
}

/// A permitted request about objects, and how its sender wants them shown.
struct Call<'c> {
    server: &'c Arc<ApiServer>,
    target: Target<'c>,
    head: &'c request::Parts,
    query: &'c Query,
    form: Form,
}

impl Call<'_> {
    async fn perform(&self, body: Incoming) -> Result<Answer, Status> {
        let verb = self.target.permit.asked().verb.as_str();
        match (self.target.how(), verb) {
            (None | Some(How::Status), "get") => self.get().await,
            (None, "list") => self.list().await,
            (None, "watch") => self.watch().await,
            (None, "create") if self.target.of.is_question() => self.question(body).await,
            (None, "create") => self.create(body).await,
            (None | Some(How::Status | How::Finalize), "update") => self.update(body).await,
            (None | Some(How::Status), "patch") => self.patch(body).await,
            (None, "delete") => self.delete(body).await,
            (None, "deletecollection") => self.delete_collection(body).await,
            (Some(How::View(view)), "get") => self.get_view(view).await,
            (Some(How::View(view)), "patch") => self.patch_view(view, body).await,
            (Some(How::View(view)), _) => self.update_view(view, body).await,
            (Some(How::Bind | How::Evict | How::Asked), "create") => self.question(body).await,
            _ => Err(Status::method_not_allowed(&self.target.of.resource, verb)),
        }
    }

    async fn get(&self) -> Result<Answer, Status> {
        let found = self.server.present_record(&self.target).await?;
        let body = shown::record(&found, &self.target.of, self.look());
        Ok(Answer::json(StatusCode::OK, body))
    }

    async fn list(&self) -> Result<Answer, Status> {
        let options = ListOptions::of(self.query, false)?;
        let (of, selection) = (&self.target.of, self.selection(&options)?);
        let (records, namespace) = (&self.server.records, self.target.namespace());
        let page = list::list(records, of, namespace, &selection, &options).await?;
        Ok(self.listed(&page))
    }

    async fn watch(&self) -> Result<Answer, Status> {
        let options = ListOptions::of(self.query, true)?;
        let ApiServer { records, hubs, .. } = &**self.server;
        let surroundings = &self.server.parts.surroundings;
        let chance = u64::from(surroundings.random()[0]);
        let lasts = WATCH_SECONDS + WATCH_SECONDS * chance / 256;
        let of = &self.target.of;
        let opened = Opened {
            records,
            hubs,
            of,
            namespace: self.target.namespace(),
            selection: self.selection(&options)?,
            lasts: Duration::from_secs(lasts),
        };
        let watching = Watching::open(opened, &options).await?;
        let body = body::of_watch(watching, self.form, Arc::clone(surroundings));
        Ok(Answer::streamed(StatusCode::OK, "application/json", body))
    }

    async fn create(&self, body: Incoming) -> Result<Answer, Status> {
        let (received, writer) = self.receive(body).await?;
        let gvk = &self.target.of.gvk;
        let (object, warnings) = received.object(gvk, writer.options.validation)?;
        let written = self.server.create(&self.target, object, &writer).await?;
        Ok(self.written(&written).with_warnings(&warnings))
    }

    async fn update(&self, body: Incoming) -> Result<Answer, Status> {
        let (received, writer) = self.receive(body).await?;
        let gvk = &self.target.of.gvk;
        let (object, warnings) = received.object(gvk, writer.options.validation)?;
        let decide = |_: &Object| Ok(object.clone().into());
        let written = self.server.change(&self.target, &writer, &decide).await?;
        Ok(self.written(&written).with_warnings(&warnings))
    }

    async fn patch(&self, body: Incoming) -> Result<Answer, Status> {
        let (received, mut writer) = self.receive(body).await?;
        let patch = Patch::parse(&received.content_type, &received.bytes, &writer.options)?;
        writer.applies = patch.is_apply();
        let written = self.server.patch(&self.target, &patch, &writer).await?;
        Ok(self.written(&written))
    }

    async fn delete(&self, body: Incoming) -> Result<Answer, Status> {
        let options = self.deletion(body).await?;
        Ok(match self.server.delete(&self.target, &options).await? {
            Deleted::Ending(object) => self.shown(StatusCode::OK, &object),
            Deleted::Gone(object) => {
                let uid = object.uid().unwrap_or_default();
                let status = Status::deleted(&self.target.of.resource, self.target.name(), uid);
                Answer::json(StatusCode::OK, shown::status(&status))
            }
        })
    }

    async fn delete_collection(&self, body: Incoming) -> Result<Answer, Status> {
        let options = ListOptions::of(self.query, false)?;
        let deletion = self.deletion(body).await?;
        let (server, target) = (self.server, &self.target);
        let page = server.delete_collection(target, &options, &deletion);
        Ok(self.listed(&page.await?))
    }

    async fn get_view(&self, view: View) -> Result<Answer, Status> {
        let found = self.server.present(&self.target).await?;
        Ok(self.shown(StatusCode::OK, &(view.show)(&found)))
    }

    /// Replaces a part of an object in the form that the part is shown in.
    async fn update_view(&self, view: View, body: Incoming) -> Result<Answer, Status> {
        let (received, writer) = self.receive(body).await?;
        let gvk = self.target.gvk();
        let (shown, warnings) = received.object(gvk, writer.options.validation)?;
        let decide = |old: &Object| written_part(old, &shown, view).map(Decided::from);
        let written = self.server.change(&self.target, &writer, &decide).await?;
        let answer = self.shown(StatusCode::OK, &(view.show)(&written.object));
        Ok(answer.with_warnings(&warnings))
    }

    /// Patches a part of an object in that form.
    async fn patch_view(&self, view: View, body: Incoming) -> Result<Answer, Status> {
        let (received, mut writer) = self.receive(body).await?;
        let patch = Patch::parse(&received.content_type, &received.bytes, &writer.options)?;
        writer.applies = patch.is_apply();
        let on = Shown {
            of: &self.target.of,
            name: self.target.permit.asked().subresource.as_str(),
            gvk: self.target.gvk(),
            view,
        };
        let now = self.server.parts.surroundings.now();
        let decide = |old: &Object| patch.apply_to_view(old, &on, &writer, now);
        let written = self.server.change(&self.target, &writer, &decide).await?;
        let answer = self.shown(StatusCode::OK, &(view.show)(&written.object));
        Ok(answer.with_warnings(&written.warnings))
    }

    /// What is asked and answered, and kept by nobody.
    async fn question(&self, body: Incoming) -> Result<Answer, Status> {
        let (received, writer) = self.receive(body).await?;
        let (object, warnings) = received.object(self.target.gvk(), writer.options.validation)?;
        let answered = self.server.question(&self.target, object, &writer).await?;
        let answer = self.shown(StatusCode::CREATED, &answered);
        Ok(answer.with_warnings(&warnings))
    }

    /// What the options select; the old paths of watches name one object themselves.
    fn selection(&self, options: &ListOptions) -> Result<Selection, Status> {
        let name = self.target.name();
        let by_path = match (name, options.fields.as_str()) {
            ("", _) => options.fields.clone(),
            (name, "") => format!("metadata.name={name}"),
            (name, fields) => format!("{fields},metadata.name={name}"),
        };
        Selection::parse(&self.target.of, &options.labels, &by_path)
    }

    async fn receive(&self, body: Incoming) -> Result<(Received, Writer), Status> {
        let writer = Writer {
            options: WriteOptions::of(self.query, self.options_kind())?,
            agent: header(&self.head.headers, USER_AGENT).to_owned(),
            applies: false,
        };
        Ok((Received::read(&self.head.headers, body).await?, writer))
    }

    /// What Kubernetes calls the options of this write.
    fn options_kind(&self) -> &'static str {
        match self.target.permit.asked().verb.as_str() {
            "patch" => "PatchOptions",
            "update" => "UpdateOptions",
            _ => "CreateOptions",
        }
    }

    async fn deletion(&self, body: Incoming) -> Result<DeleteOptions, Status> {
        let received = Received::read(&self.head.headers, body).await?;
        let options = match received.bytes.is_empty() {
            true => None,
            false => Some(received.options(&self.target.of)?),
        };
        DeleteOptions::of(options.as_ref(), self.query)
    }

    fn look(&self) -> Look {
        Look {
            form: self.form,
            now: self.server.parts.surroundings.now(),
        }
    }

    fn shown(&self, code: StatusCode, object: &Object) -> Answer {
        Answer::json(code, shown::object(object, self.look()))
    }

    fn listed(&self, page: &list::Page) -> Answer {
        let body = shown::list(page, &self.target.of, self.look());
        Answer::json(StatusCode::OK, body)
    }

    fn written(&self, written: &Written) -> Answer {
        let code = match written.is_new {
            true => StatusCode::CREATED,
            false => StatusCode::OK,
        };
        let answer = self.shown(code, &written.object);
        answer.with_warnings(&written.warnings)
    }
}

impl ApiServer {
    /// The object that a request is about, as it is.
    pub(crate) async fn present(&self, target: &Target<'_>) -> Result<Object, Status> {
        let found = self.present_record(target).await?;
        Ok(found.read(&target.of))
    }

    async fn present_record(&self, target: &Target<'_>) -> Result<Record, Status> {
        let (namespace, name) = (target.namespace(), target.name());
        let key = self.records.key(&target.of, namespace, name);
        let found = self.records.get(&target.of, &key).await?;
        found.ok_or_else(|| target.not_found())
    }

    /// Answers what is asked and kept by nobody.
    pub(crate) async fn question(
        self: &Arc<Self>,
        target: &Target<'_>,
        object: Object,
        writer: &Writer,
    ) -> Result<Object, Status> {
        match target.how() {
            Some(How::Bind) => pod::bind(self, target, &object, writer).await,
            Some(How::Evict) => eviction::evict(self, target, &object, writer).await,
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
    target: &Target<'_>,
    query: Query,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let pod = server.present(target).await?;
    let Some(streams) = &server.parts.streams else {
        let why = "this cluster runs no pods: nothing can be streamed from one";
        return Err(Status::service_unavailable(why));
    };
    let asked = StreamAsked {
        subresource: target.permit.asked().subresource.clone(),
        pod,
        query,
        user: target.permit.user().clone(),
        request,
    };
    streams.open(asked).await.map(Answer::of)
}
