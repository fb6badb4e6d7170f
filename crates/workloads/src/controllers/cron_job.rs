//! CronJobs: a Job whenever the schedule says so.

mod schedule;

use super::queue::{Queue, controller_of, feed, itself};
use super::{Desk, Severity, owner_reference};
use crate::api::{Deletion, Refused, resources};
use crate::cache::Key;
use crate::object;
use crate::runner::seconds;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use schedule::Schedule;
use serde_json::{Value, json};
use std::time::Duration;

/// How late a Job is looked for at most; changes are seen at once.
const AGAIN_MAX: Duration = Duration::from_secs(3_600);

/// The annotation that says for when a Job was made.
const SCHEDULED_AT: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// What is to be done about a CronJob.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// For which time a Job is made.
    create: Option<Timestamp>,
    /// Jobs that make room for it.
    replace: Vec<String>,
    /// Jobs that have ended and been seen long enough.
    forget: Vec<String>,
    /// Why no Job is made though it is time: reason and message.
    withheld: Option<(&'static str, String)>,
    again: Option<Duration>,
}

/// Compares what a CronJob wants with the Jobs that it manages.
fn decide(cron: &Value, jobs: &[Value], now: Timestamp) -> Plan {
    let mut plan = Plan {
        forget: forgotten(cron, jobs),
        ..Plan::default()
    };
    if object::is_being_deleted(cron) || cron["spec"]["suspend"] == true {
        return plan;
    }
    let schedule = match schedule_of(cron) {
        Ok(schedule) => schedule,
        Err(withheld) => {
            plan.withheld = Some(withheld);
            return plan;
        }
    };
    let at = |time: Timestamp| Offset::UTC.to_datetime(time);
    plan.again = schedule.next(at(now)).and_then(|next| {
        let wait = timestamp(next)?.duration_since(now);
        Duration::try_from(wait).ok()
    });
    let since = time(cron, "/status/lastScheduleTime");
    let since = since.or_else(|| time(cron, "/metadata/creationTimestamp"));
    let due = schedule.latest(at(since.unwrap_or(now)), at(now));
    let Some(due) = due.and_then(timestamp) else {
        return plan;
    };
    if jobs
        .iter()
        .any(|job| object::name(job) == name_of(cron, due))
    {
        return plan;
    }
    let late = now.duration_since(due).as_secs();
    let deadline = cron["spec"]["startingDeadlineSeconds"].as_i64();
    if deadline.is_some_and(|deadline| late > deadline) {
        let missed = format!("Missed scheduled time to start a job: {}", seconds(due));
        plan.withheld = Some(("MissSchedule", missed));
        return plan;
    }
    let active = || jobs.iter().filter(|job| is_active(job));
    match object::text(cron, "/spec/concurrencyPolicy") {
        "Forbid" if active().next().is_some() => {
            let text = "Not starting job because prior execution is running and concurrency \
                        policy is Forbid";
            plan.withheld = Some(("JobAlreadyActive", text.to_owned()));
            return plan;
        }
        "Replace" => plan.replace = active().map(|job| object::name(job).to_owned()).collect(),
        _ => {}
    }
    plan.create = Some(due);
    plan
}

fn schedule_of(cron: &Value) -> Result<Schedule, (&'static str, String)> {
    let zone = object::text(cron, "/spec/timeZone");
    if !matches!(zone, "" | "UTC" | "Etc/UTC") {
        let text = format!("invalid timeZone: {zone:?}: only UTC is built");
        return Err(("UnknownTimeZone", text));
    }
    let text = object::text(cron, "/spec/schedule");
    text.parse().map_err(|why| {
        let text = format!("unparseable schedule: {text:?} : {why}");
        ("UnparseableSchedule", text)
    })
}

/// The Jobs that have ended above the limits of the history, the oldest first.
fn forgotten(cron: &Value, jobs: &[Value]) -> Vec<String> {
    let of = |end: &str, field: &str, otherwise: u64| {
        let mut ended: Vec<_> = jobs
            .iter()
            .filter(|job| object::condition(job, end) == "True")
            .collect();
        ended.sort_by_key(|job| object::text(job, "/status/startTime"));
        let kept = cron["spec"][field].as_u64().unwrap_or(otherwise);
        let surplus = ended
            .len()
            .saturating_sub(usize::try_from(kept).unwrap_or(usize::MAX));
        let surplus = ended.into_iter().take(surplus);
        surplus
            .map(|job| object::name(job).to_owned())
            .collect::<Vec<_>>()
    };
    let mut forgotten = of("Complete", "successfulJobsHistoryLimit", 3);
    forgotten.extend(of("Failed", "failedJobsHistoryLimit", 1));
    forgotten
}

fn is_active(job: &Value) -> bool {
    let ends = ["Complete", "Failed"];
    let has_ended = ends.iter().any(|end| object::condition(job, end) == "True");
    !has_ended && !object::is_being_deleted(job)
}

fn status(cron: &Value, jobs: &[Value], created: Option<Timestamp>) -> Value {
    let reference = |job: &Value| {
        json!({
            "apiVersion": resources::JOBS.api_version(),
            "kind": resources::JOBS.kind,
            "namespace": job["metadata"]["namespace"],
            "name": job["metadata"]["name"],
            "uid": job["metadata"]["uid"],
        })
    };
    let mut status = cron["status"].clone();
    let active = jobs.iter().filter(|job| is_active(job));
    status["active"] = active.map(reference).collect();
    if let Some(created) = created {
        status["lastScheduleTime"] = json!(seconds(created));
    }
    let done = jobs
        .iter()
        .map(|job| object::text(job, "/status/completionTime"));
    if let Some(last) = done.filter(|time| !time.is_empty()).max() {
        status["lastSuccessfulTime"] = json!(last);
    }
    status
}

/// A Job for a time.
fn job(cron: &Value, due: Timestamp) -> Value {
    let template = &cron["spec"]["jobTemplate"];
    let mut annotations = template["metadata"]["annotations"].clone();
    annotations[SCHEDULED_AT] = json!(seconds(due));
    object::without_nulls(&json!({
        "apiVersion": resources::JOBS.api_version(),
        "kind": resources::JOBS.kind,
        "metadata": {
            "name": name_of(cron, due),
            "namespace": cron["metadata"]["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": annotations,
            "ownerReferences": [owner_reference(&resources::CRON_JOBS, cron)],
        },
        "spec": template["spec"],
    }))
}

/// The same time gives the same name: no time has two Jobs.
fn name_of(cron: &Value, due: Timestamp) -> String {
    format!("{}-{}", object::name(cron), due.as_second() / 60)
}

fn timestamp(at: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(at).ok()
}

fn time(object: &Value, pointer: &str) -> Option<Timestamp> {
    object::text(object, pointer).parse().ok()
}

/// Keeps every CronJob's Jobs.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::CRON_JOBS, &queue, itself);
    let owner = controller_of("CronJob");
    feed(&*desk.api, resources::JOBS, &queue, owner);
    desk.keep(resources::CRON_JOBS, queue, async |desk, key| {
        let again = reconcile(desk, key).await?;
        Ok(again.map(|again| again.min(AGAIN_MAX)))
    })
    .await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let crons = resources::CRON_JOBS;
    let cron = desk.api.get(crons.clone(), namespace, name).await?;
    let jobs = desk.managed_by(&cron, resources::JOBS).await?;
    let plan = decide(&cron, &jobs, desk.now());
    let about = (&crons, &cron);
    let tell = |severity, reason, message| {
        desk.tell("cronjob-controller", about, (severity, reason), message);
    };
    if let Some((reason, message)) = plan.withheld {
        let severity = match reason {
            "JobAlreadyActive" => Severity::Normal,
            _ => Severity::Warning,
        };
        tell(severity, reason, message);
    }
    let deletion = Deletion {
        propagation: Some("Background"),
        ..Deletion::default()
    };
    for old in plan.replace.into_iter().chain(plan.forget) {
        let deleted = desk
            .api
            .delete(resources::JOBS, namespace, &old, deletion.clone());
        deleted.await?;
        tell(
            Severity::Normal,
            "SuccessfulDelete",
            format!("Deleted job {old}"),
        );
    }
    if let Some(due) = plan.create {
        match desk.api.create(resources::JOBS, job(&cron, due)).await {
            Ok(job) => {
                let text = format!("Created job {}", object::name(&job));
                tell(Severity::Normal, "SuccessfulCreate", text);
            }
            // Made by this one before, and not yet noted.
            Err(Refused::AlreadyExists(_)) => {}
            Err(refused) => {
                let text = format!("Error creating job: {refused}");
                tell(Severity::Warning, "FailedCreate", text);
                return Err(refused);
            }
        }
    }
    let jobs = desk.managed_by(&cron, resources::JOBS).await?;
    let status = status(&cron, &jobs, plan.create);
    desk.write_status(about, &status).await?;
    Ok(plan.again)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Created at ten; every five minutes, unless said otherwise.
    fn cron(more: &str) -> Value {
        let mut cron = json!({
            "metadata": {"name": "tick", "creationTimestamp": "2026-01-01T10:00:00Z"},
            "spec": {"schedule": "*/5 * * * *"},
        });
        let more: Value = serde_json::from_str(more).unwrap();
        for (field, value) in more.as_object().unwrap() {
            cron["spec"][field] = value.clone();
        }
        cron
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-01-01T{time}Z").parse().unwrap()
    }

    /// `a` runs, `a+` has succeeded, `a!` has failed.
    fn jobs(words: &str) -> Vec<Value> {
        let job = |(place, word): (usize, &str)| {
            let end = match word.chars().last() {
                Some('+') => json!([{"type": "Complete", "status": "True"}]),
                Some('!') => json!([{"type": "Failed", "status": "True"}]),
                _ => json!([]),
            };
            let start = format!("2026-01-01T0{place}:00:00Z");
            json!({"metadata": {"name": word}, "status": {"startTime": start, "conditions": end}})
        };
        words.split_whitespace().enumerate().map(job).collect()
    }

    #[track_caller]
    fn check(more: &str, names: &str, now: &str, expected: Option<&str>) -> Plan {
        let plan = decide(&cron(more), &jobs(names), at(now));
        assert_eq!(plan.create, expected.map(at));
        plan
    }

    #[test]
    fn a_job_is_made_when_it_is_time_and_once() {
        let plan = check("{}", "", "10:04:00", None);
        assert_eq!(plan.again, Some(Duration::from_secs(60)));
        check("{}", "", "10:05:00", Some("10:05:00"));
        check("{}", "", "10:09:59", Some("10:05:00"));
        let name = name_of(&cron("{}"), at("10:05:00"));
        check("{}", &name, "10:05:01", None);
        let mut done = cron("{}");
        done["status"]["lastScheduleTime"] = json!("2026-01-01T10:05:00Z");
        assert_eq!(decide(&done, &[], at("10:09:00")).create, None);
    }

    #[test]
    fn of_many_missed_times_only_the_last_is_made_up_for() {
        check("{}", "", "17:32:10", Some("17:30:00"));
        let late = r#"{"startingDeadlineSeconds": 60}"#;
        let plan = check(late, "", "17:32:10", None);
        assert_eq!(plan.withheld.unwrap().0, "MissSchedule");
        check(late, "", "17:30:50", Some("17:30:00"));
    }

    #[test]
    fn a_job_that_still_runs_is_joined_awaited_or_replaced() {
        check(
            r#"{"concurrencyPolicy": "Allow"}"#,
            "a",
            "10:05:00",
            Some("10:05:00"),
        );
        let plan = check(r#"{"concurrencyPolicy": "Forbid"}"#, "a", "10:05:00", None);
        assert_eq!(plan.withheld.unwrap().0, "JobAlreadyActive");
        check(
            r#"{"concurrencyPolicy": "Forbid"}"#,
            "a+ b!",
            "10:05:00",
            Some("10:05:00"),
        );
        let plan = check(
            r#"{"concurrencyPolicy": "Replace"}"#,
            "a b+",
            "10:05:00",
            Some("10:05:00"),
        );
        assert_eq!(plan.replace, ["a"]);
    }

    #[test]
    fn a_suspended_one_makes_no_job() {
        check(r#"{"suspend": true}"#, "", "10:05:00", None);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let plan = check(r#"{"schedule": "often"}"#, "", "10:05:00", None);
        assert_eq!(plan.withheld.unwrap().0, "UnparseableSchedule");
        let plan = check(r#"{"timeZone": "Europe/Zurich"}"#, "", "10:05:00", None);
        assert_eq!(plan.withheld.unwrap().0, "UnknownTimeZone");
        check(
            r#"{"timeZone": "Etc/UTC"}"#,
            "",
            "10:05:00",
            Some("10:05:00"),
        );
    }

    #[test]
    fn ended_jobs_are_forgotten_above_their_limits() {
        let plan = check("{}", "a+ b+ c! d+ e+ f! g", "10:01:00", None);
        assert_eq!(plan.forget, ["a+", "c!"]);
        let none = r#"{"successfulJobsHistoryLimit": 0}"#;
        assert_eq!(check(none, "a+ b+", "10:01:00", None).forget, ["a+", "b+"]);
    }

    #[test]
    fn a_job_says_for_when_it_was_made() {
        let mut cron = cron("{}");
        cron["spec"]["jobTemplate"] = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"x": 1}});
        let job = job(&cron, at("10:05:00"));
        assert_eq!(object::name(&job), "tick-29454365");
        assert_eq!(
            object::annotation(&job, SCHEDULED_AT),
            Some("2026-01-01T10:05:00Z")
        );
        assert_eq!(object::label(&job, "a"), Some("b"));
        assert_eq!(job["spec"], json!({"x": 1}));
    }
}
