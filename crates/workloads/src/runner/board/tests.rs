use super::*;

fn pod(policy: &str, init: &[&str], main: &[&str]) -> Pod {
    let named = |names: &[&str]| -> Vec<Value> {
        names
            .iter()
            .map(|name| json!({"name": name, "image": "i"}))
            .collect()
    };
    let pod = json!({"spec": {
        "restartPolicy": policy, "initContainers": named(init), "containers": named(main),
    }});
    Pod::read(&pod).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn ended(code: i32) -> State {
    State::Terminated(Terminated::of(Exit::Code(code), at(1), at(2), "id"))
}

fn running() -> State {
    State::Running { since: at(1) }
}

fn board(pod: &Pod, states: &[(&str, State)]) -> Board {
    let mut board = Board::new(pod, at(0), "127.1.0.2", "127.0.0.1");
    for (name, state) in states {
        board.containers.get_mut(*name).unwrap().state = state.clone();
    }
    board
}

#[track_caller]
fn check(pod: &Pod, states: &[(&str, State)], expected: &str) {
    assert_eq!(board(pod, states).phase(pod), expected);
}

#[test]
fn a_pod_is_pending_until_all_its_containers_have_run() {
    let two = pod("Always", &[], &["a", "b"]);
    check(&two, &[], "Pending");
    check(&two, &[("a", running())], "Pending");
    check(&two, &[("a", running()), ("b", running())], "Running");
    let init = pod("Always", &["i"], &["a"]);
    check(&init, &[("i", running())], "Pending");
    check(&init, &[("i", ended(0)), ("a", running())], "Running");
}

#[test]
fn a_pod_ends_as_its_restart_policy_says() {
    for (policy, code, expected) in [
        ("Always", 0, "Running"),
        ("Always", 1, "Running"),
        ("OnFailure", 0, "Succeeded"),
        ("OnFailure", 1, "Running"),
        ("Never", 0, "Succeeded"),
        ("Never", 1, "Failed"),
    ] {
        check(&pod(policy, &[], &["a"]), &[("a", ended(code))], expected);
    }
    check(&pod("Never", &["i"], &["a"]), &[("i", ended(1))], "Failed");
    check(
        &pod("OnFailure", &["i"], &["a"]),
        &[("i", ended(1))],
        "Pending",
    );
}

#[test]
fn a_pod_that_is_being_deleted_ends_with_its_containers_whatever_its_restart_policy() {
    for policy in ["Always", "OnFailure", "Never"] {
        for (code, expected) in [(0, "Succeeded"), (143, "Failed")] {
            let mut going = pod(policy, &[], &["a", "b"]);
            going.metadata.deletion_timestamp = Some("2026-01-01T00:00:00Z".to_owned());
            check(&going, &[("a", ended(code)), ("b", running())], "Running");
            check(&going, &[("a", ended(code)), ("b", ended(0))], expected);
        }
    }
}

#[test]
fn a_container_in_a_crash_loop_does_not_make_the_pod_pending() {
    let one = pod("Always", &[], &["a"]);
    let mut board = board(&one, &[]);
    let entry = board.containers.get_mut("a").unwrap();
    entry.last = Some(Terminated::of(Exit::Code(1), at(1), at(2), "id"));
    assert_eq!(board.phase(&one), "Running");
}

#[test]
fn conditions_name_what_is_missing_and_keep_their_time() {
    let two = pod("Always", &["i"], &["a", "b"]);
    let mut board = board(&two, &[("i", ended(0)), ("a", running()), ("b", running())]);
    board.containers.get_mut("a").unwrap().is_ready = true;
    let before = json!({"conditions": [
        {"type": "Initialized", "status": "True", "lastTransitionTime": "then"},
        {"type": "Ready", "status": "True", "lastTransitionTime": "then"},
    ]});
    let status = board.status(&two, at(9), &before);
    let of = |kind: &str| {
        let mut all = status["conditions"].as_array().unwrap().iter();
        all.find(|condition| condition["type"] == kind)
            .unwrap()
            .clone()
    };
    assert_eq!(of("Initialized")["lastTransitionTime"], "then");
    assert_eq!(of("Ready")["lastTransitionTime"], "1970-01-01T00:00:09Z");
    assert_eq!(of("Ready")["reason"], "ContainersNotReady");
    assert_eq!(
        of("Ready")["message"],
        "containers with unready status: [b]"
    );
}

#[test]
fn the_quality_of_service_follows_from_requests_and_limits() {
    for (resources, expected) in [
        (json!({}), "BestEffort"),
        (json!({"requests": {"cpu": "1"}}), "Burstable"),
        (
            json!({"limits": {"cpu": "1", "memory": "1Gi"}}),
            "Guaranteed",
        ),
        (
            json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}),
            "Burstable",
        ),
    ] {
        let container = json!({"name": "a", "resources": resources});
        let pod = Pod::read(&json!({"spec": {"containers": [container]}})).unwrap();
        assert_eq!(qos_class(&pod), expected);
    }
}
