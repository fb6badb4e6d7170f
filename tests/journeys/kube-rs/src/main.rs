//! What a user of kube-rs does: lists, watches, follows by an informer, applies, executes, and acts as a service account.
//! Each step tells what it saw; the test compares all of it.

use std::time::Duration;

use futures_util::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::authentication::v1::{SelfSubjectReview, TokenRequest};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, ServiceAccount};
use kube::api::{AttachParams, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::AuthInfo;
use kube::runtime::{WatchStreamExt, reflector, wait, watcher};
use kube::{Api, Client, Config, ResourceExt, api::WatchEvent, api::WatchParams};
use serde_json::{Value, from_value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NAMESPACE: &str = "kube-rs";
const LABEL: &str = "made=here";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Longest time of all steps: who waits for what never comes is told so.
const AT_MOST: Duration = Duration::from_secs(240);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let told = tokio::time::timeout(AT_MOST, walk()).await??;
    println!("{told}");
    Ok(())
}

async fn walk() -> Outcome<Value> {
    let config = Config::infer().await?;
    let client = Client::try_from(config.clone())?;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = from_value(json!({"metadata": {"name": NAMESPACE}}))?;
    namespaces
        .create(&PostParams::default(), &namespace)
        .await?;
    let settings = Api::namespaced(client.clone(), NAMESPACE);
    let told = json!({
        "listed": list(&settings).await?,
        "watched": watch(&settings).await?,
        "informed": inform(&settings, watcher::Config::default()).await?,
        "informed by one request": inform(&settings, watcher::Config::default().streaming_lists()).await?,
        "applied": apply(&settings).await?,
        "executed": execute(Api::namespaced(client.clone(), NAMESPACE)).await?,
        "is": act_as_a_service_account(Api::namespaced(client, NAMESPACE), config).await?,
    });
    namespaces
        .delete(NAMESPACE, &DeleteParams::default())
        .await?;
    Ok(told)
}

/// In pages of two.
async fn list(settings: &Api<ConfigMap>) -> Outcome<Value> {
    for name in ["one", "two", "three"] {
        create(settings, name).await?;
    }
    let first = settings
        .list(&ListParams::default().labels(LABEL).limit(2))
        .await?;
    let rest = first
        .metadata
        .continue_
        .as_deref()
        .ok_or("one page held all")?;
    let second = settings
        .list(
            &ListParams::default()
                .labels(LABEL)
                .limit(2)
                .continue_token(rest),
        )
        .await?;
    settings
        .delete_collection(
            &DeleteParams::default(),
            &ListParams::default().labels(LABEL),
        )
        .await?;
    Ok(json!([names(&first.items), names(&second.items)]))
}

/// What happened since a list.
async fn watch(settings: &Api<ConfigMap>) -> Outcome<Value> {
    let parameters = WatchParams::default().labels(LABEL);
    let since = settings
        .list(&ListParams::default())
        .await?
        .metadata
        .resource_version;
    change(settings, "watched").await?;
    let since = since.ok_or("a list has no resource version")?;
    let changes = settings.watch(&parameters, &since).await?;
    let seen = changes.try_filter_map(async |change| {
        Ok(match change {
            WatchEvent::Added(object) => Some(json!(["added", colour(&object)])),
            WatchEvent::Modified(object) => Some(json!(["modified", colour(&object)])),
            WatchEvent::Deleted(object) => Some(json!(["deleted", colour(&object)])),
            WatchEvent::Bookmark(_) => None,
            WatchEvent::Error(error) => Some(json!(error)),
        })
    });
    Ok(seen.take(3).try_collect::<Vec<_>>().await?.into())
}

/// An informer knows what was there before, hears what changes, and keeps what is left.
async fn inform(settings: &Api<ConfigMap>, config: watcher::Config) -> Outcome<Value> {
    create(settings, "before").await?;
    let (kept, writer) = reflector::store();
    let mut events = watcher(settings.clone(), config.labels(LABEL))
        .reflect(writer)
        .boxed();
    let known = until_listed(&mut events).await?;
    change(settings, "after").await?;
    let seen = events.by_ref().take(3).map_ok(|event| match event {
        watcher::Event::Apply(object) => json!(["apply", colour(&object)]),
        watcher::Event::Delete(object) => json!(["delete", colour(&object)]),
        event => json!(event.to_string()),
    });
    let seen: Vec<_> = seen.try_collect().await?;
    let kept: Vec<_> = kept
        .state()
        .iter()
        .map(|object| object.name_any())
        .collect();
    settings.delete("before", &DeleteParams::default()).await?;
    Ok(json!({"known": known, "seen": seen, "kept": kept}))
}

async fn until_listed(
    events: &mut (impl Stream<Item = watcher::Result<watcher::Event<ConfigMap>>> + Unpin),
) -> Outcome<Vec<String>> {
    let mut known = Vec::new();
    while let Some(event) = events.try_next().await? {
        match event {
            watcher::Event::InitApply(object) => known.push(object.name_any()),
            watcher::Event::InitDone => return Ok(known),
            watcher::Event::Init | watcher::Event::Apply(_) | watcher::Event::Delete(_) => {}
        }
    }
    Err("the informer ended".into())
}

/// A field that another manager applied is his, until it is taken by force.
async fn apply(settings: &Api<ConfigMap>) -> Outcome<Value> {
    let patch = |colour: &str| {
        Patch::Apply(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"colour": colour},
        }))
    };
    settings
        .patch("applied", &PatchParams::apply("first"), &patch("green"))
        .await?;
    let conflict = match settings
        .patch("applied", &PatchParams::apply("second"), &patch("red"))
        .await
    {
        Err(kube::Error::Api(status)) => json!([status.code, status.reason]),
        other => return Err(format!("no conflict: {other:?}").into()),
    };
    let forced = PatchParams::apply("second").force();
    let taken = settings.patch("applied", &forced, &patch("red")).await?;
    let managers: Vec<_> = taken
        .managed_fields()
        .iter()
        .map(|entry| &entry.manager)
        .collect();
    Ok(json!({"conflict": conflict, "colour": colour(&taken), "managers": managers}))
}

/// Over a WebSocket: input, both outputs, and the exit code.
async fn execute(pods: Api<Pod>) -> Outcome<Value> {
    let pod = from_value(json!({
        "metadata": {"name": "shell"},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [
            {"name": "main", "image": "x", "command": ["sleep", "10000"]}]},
    }))?;
    pods.create(&PostParams::default(), &pod).await?;
    wait::await_condition(pods.clone(), "shell", wait::conditions::is_pod_running()).await?;
    let command = [
        "sh",
        "-c",
        "read line; echo got $line; echo oops >&2; exit 3",
    ];
    let mut process = pods
        .exec("shell", command, &AttachParams::default().stdin(true))
        .await?;
    let mut input = process.stdin().ok_or("no input")?;
    input.write_all(b"this\n").await?;
    let mut output = process.stdout().ok_or("no output")?;
    let mut errors = process.stderr().ok_or("no error output")?;
    let status = process.take_status().ok_or("no status")?;
    let (mut wrote, mut complained) = (String::new(), String::new());
    output.read_to_string(&mut wrote).await?;
    errors.read_to_string(&mut complained).await?;
    let causes = status
        .await
        .and_then(|status| status.details)
        .and_then(|details| details.causes);
    let code = causes.and_then(|causes| causes.into_iter().next()?.message);
    Ok(json!([wrote, complained, code]))
}

/// Asks for a token, shows it instead of the certificate, and asks who that is.
async fn act_as_a_service_account(
    accounts: Api<ServiceAccount>,
    mut config: Config,
) -> Outcome<Value> {
    let robot = from_value(json!({"metadata": {"name": "robot"}}))?;
    accounts.create(&PostParams::default(), &robot).await?;
    let request: TokenRequest =
        from_value(json!({"spec": {"audiences": [], "expirationSeconds": 600}}))?;
    let answer = accounts
        .create_token_request("robot", &PostParams::default(), &request)
        .await?;
    let token = answer
        .status
        .and_then(|status| status.token)
        .ok_or("no token")?;
    config.auth_info = AuthInfo {
        token: Some(token.into()),
        ..AuthInfo::default()
    };
    let reviews: Api<SelfSubjectReview> = Api::all(Client::try_from(config)?);
    let review = reviews
        .create(&PostParams::default(), &from_value(json!({}))?)
        .await?;
    Ok(json!(
        review.status.and_then(|status| status.user_info?.username)
    ))
}

/// Green, then red, then gone.
async fn change(settings: &Api<ConfigMap>, name: &str) -> Outcome<()> {
    create(settings, name).await?;
    let red = Patch::Merge(json!({"data": {"colour": "red"}}));
    settings.patch(name, &PatchParams::default(), &red).await?;
    settings.delete(name, &DeleteParams::default()).await?;
    Ok(())
}

async fn create(settings: &Api<ConfigMap>, name: &str) -> Outcome<()> {
    let object = json!({"metadata": {"name": name, "labels": {"made": "here"}}, "data": {"colour": "green"}});
    settings
        .create(&PostParams::default(), &from_value(object)?)
        .await?;
    Ok(())
}

fn names(objects: &[ConfigMap]) -> Vec<String> {
    objects.iter().map(ResourceExt::name_any).collect()
}

fn colour(object: &ConfigMap) -> Option<&String> {
    object.data.as_ref()?.get("colour")
}
