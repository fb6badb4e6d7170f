//! Rows of what makes Pods.

use super::look::{Look, NONE, UNKNOWN};
use serde_json::{Value, json};

const CONTAINERS: &str = "spec.template.spec.containers";

pub(super) fn deployment(look: &Look<'_>) -> Vec<Value> {
    let ready = format!(
        "{}/{}",
        look.number("status.readyReplicas"),
        look.number("spec.replicas")
    );
    let mut cells = vec![
        look.name(),
        json!(ready),
        json!(look.number("status.updatedReplicas")),
        json!(look.number("status.availableReplicas")),
        look.age(),
    ];
    cells.extend(look.containers(CONTAINERS));
    cells.push(look.selector("spec.selector"));
    cells
}

pub(super) fn replica_set(look: &Look<'_>) -> Vec<Value> {
    let mut cells = vec![
        look.name(),
        json!(look.number("spec.replicas")),
        json!(look.number("status.replicas")),
        json!(look.number("status.readyReplicas")),
        look.age(),
    ];
    cells.extend(look.containers(CONTAINERS));
    cells.push(look.selector("spec.selector"));
    cells
}

/// What is measured is not known here.
pub(super) fn autoscaler(look: &Look<'_>) -> Vec<Value> {
    let target = |field: &str| look.text(&format!("spec.scaleTargetRef.{field}"));
    let minimum = look.value("spec.minReplicas").as_i64();
    let minimum = minimum.map_or_else(|| "<unset>".to_owned(), |count| count.to_string());
    let targets = match look.items("spec.metrics").len() {
        0 => NONE,
        _ => UNKNOWN,
    };
    vec![
        look.name(),
        json!(format!("{}/{}", target("kind"), target("name"))),
        json!(targets),
        json!(minimum),
        json!(look.number("spec.maxReplicas").to_string()),
        json!(look.number("status.currentReplicas")),
        look.age(),
    ]
}

pub(super) fn pod_template(look: &Look<'_>) -> Vec<Value> {
    let mut cells = vec![look.name()];
    cells.extend(look.containers("template.spec.containers"));
    cells.push(look.labels("template.metadata.labels"));
    cells
}

pub(super) fn scale(look: &Look<'_>) -> Vec<Value> {
    vec![
        look.name(),
        json!(look.number("spec.replicas")),
        json!(look.number("status.replicas")),
        look.age(),
    ]
}

pub(super) fn stateful_set(look: &Look<'_>) -> Vec<Value> {
    let ready = format!(
        "{}/{}",
        look.number("status.readyReplicas"),
        look.number("spec.replicas")
    );
    let mut cells = vec![look.name(), json!(ready), look.age()];
    cells.extend(look.containers(CONTAINERS));
    cells
}

pub(super) fn daemon_set(look: &Look<'_>) -> Vec<Value> {
    let counts = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let counts = counts.map(|field| json!(look.number(&format!("status.{field}"))));
    let mut cells = vec![look.name()];
    cells.extend(counts);
    cells.push(look.labels("spec.template.spec.nodeSelector"));
    cells.push(look.age());
    cells.extend(look.containers(CONTAINERS));
    cells.push(look.selector("spec.selector"));
    cells
}

pub(super) fn controller_revision(look: &Look<'_>) -> Vec<Value> {
    let controller = look.object.controller().map_or_else(
        || NONE.to_owned(),
        |owner| {
            let group = owner
                .api_version()
                .split_once('/')
                .map_or("", |(group, _)| group);
            let dot = if group.is_empty() { "" } else { "." };
            format!(
                "{}{dot}{group}/{}",
                owner.kind().to_lowercase(),
                owner.name()
            )
        },
    );
    vec![
        look.name(),
        json!(controller),
        json!(look.number("revision")),
        look.age(),
    ]
}

pub(super) fn job(look: &Look<'_>) -> Vec<Value> {
    let (done, wanted) = (
        look.number("status.succeeded"),
        look.value("spec.completions"),
    );
    let completions = match (wanted.as_i64(), look.number("spec.parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallelism) if parallelism > 1 => format!("{done}/1 of {parallelism}"),
        (None, _) => format!("{done}/1"),
    };
    let duration = look.lasting(
        look.value("status.startTime"),
        look.value("status.completionTime"),
    );
    let mut cells = vec![
        look.name(),
        json!(job_status(look)),
        json!(completions),
        json!(duration),
        look.age(),
    ];
    cells.extend(look.containers(CONTAINERS));
    cells.push(look.selector("spec.selector"));
    cells
}

fn job_status(look: &Look<'_>) -> &'static str {
    let is_deleting = !look.value("metadata.deletionTimestamp").is_null();
    let ended = ["Complete", "Failed"]
        .into_iter()
        .find(|sort| look.has_condition(sort));
    let others = ["Suspended", "FailureTarget", "SuccessCriteriaMet"].into_iter();
    match ended {
        Some(ended) => ended,
        None if is_deleting => "Terminating",
        None => others
            .into_iter()
            .find(|sort| look.has_condition(sort))
            .unwrap_or("Running"),
    }
}

pub(super) fn cron_job(look: &Look<'_>) -> Vec<Value> {
    let last = look.value("status.lastScheduleTime");
    let suspended = look.value("spec.suspend") == &Value::Bool(true);
    let mut cells = vec![
        look.name(),
        json!(look.text("spec.schedule")),
        json!(look.text_or("spec.timeZone", NONE)),
        json!(if suspended { "True" } else { "False" }),
        json!(look.items("status.active").len()),
        json!(if last.is_null() {
            NONE.to_owned()
        } else {
            look.since(last)
        }),
        look.age(),
    ];
    cells.extend(look.containers("spec.jobTemplate.spec.template.spec.containers"));
    cells.push(look.selector("spec.jobTemplate.spec.selector"));
    cells
}

pub(super) fn disruption_budget(look: &Look<'_>) -> Vec<Value> {
    let amount = |path: &str| {
        let value = look.value(path);
        let number = || value.as_i64().map(|number| number.to_string());
        let text = value.as_str().map(str::to_owned).or_else(number);
        json!(text.unwrap_or_else(|| "N/A".to_owned()))
    };
    vec![
        look.name(),
        amount("spec.minAvailable"),
        amount("spec.maxUnavailable"),
        json!(look.number("status.disruptionsAllowed")),
        look.age(),
    ]
}
