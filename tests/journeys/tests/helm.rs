//! Charts, with the unmodified helm 4 and helm 3: each file of `helm/` is a session.

use std::path::Path;

use harness::{Helm, Plane};
use journeys::transcript;

#[test]
fn helm_4_installs_upgrades_rolls_back_and_uninstalls() {
    check(Helm::V4, include_str!("helm/release.txt"));
}

#[test]
fn helm_3_installs_upgrades_rolls_back_and_uninstalls() {
    check(Helm::V3, include_str!("helm/release.txt"));
}

#[test]
fn the_chart_that_helm_makes_is_installed() {
    check(Helm::V4, include_str!("helm/made.txt"));
    check(Helm::V3, include_str!("helm/made.txt"));
}

#[track_caller]
fn check(helm: Helm, session: &str) {
    let plane = Plane::start(&[]);
    let charts = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts");
    let faults = transcript::faults(session, || {
        let mut shell = plane.shell(&helm.folder());
        shell.env("CHARTS", &charts).env("NAMESPACE", "team");
        shell
    });
    assert!(faults.is_empty(), "{helm:?}:\n{}", faults.join("\n"));
}
