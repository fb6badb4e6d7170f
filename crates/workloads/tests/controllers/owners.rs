//! What becomes of objects whose owners go.

use crate::bench::Bench;
use crate::fake::Fake;
use serde_json::json;
use workloads::api::{Api, Part, resources};

#[tokio::test]
async fn dependents_go_with_the_last_owner_and_not_before() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let (one, two) = (
        bench.owned(maps, "one", &[]),
        bench.owned(resources::CONFIG_MAPS, "two", &[]),
    );
    let maps = resources::CONFIG_MAPS;
    bench.owned(
        resources::CONFIG_MAPS,
        "both",
        &[(&maps, &one), (&maps, &two)],
    );
    bench.delete(resources::CONFIG_MAPS, "one", "Background");
    bench
        .until("one owner is left", |fake| {
            let both = fake
                .find(&resources::CONFIG_MAPS, "default", "both")
                .unwrap();
            both["metadata"]["ownerReferences"]
                .as_array()
                .unwrap()
                .len()
                == 1
        })
        .await;
    bench.delete(resources::CONFIG_MAPS, "two", "Background");
    bench.until("it is gone", |_| !bench.is_there("both")).await;
}

#[tokio::test]
async fn in_the_foreground_the_owner_goes_last() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let owner = bench.owned(resources::CONFIG_MAPS, "owner", &[]);
    let mut held = bench.owned(resources::CONFIG_MAPS, "held", &[(&maps, &owner)]);
    held["metadata"]["finalizers"] = json!(["example.com/hold"]);
    bench.fake.put(resources::CONFIG_MAPS, held);
    bench.delete(resources::CONFIG_MAPS, "owner", "Foreground");
    let held = |fake: &Fake| {
        fake.find(&resources::CONFIG_MAPS, "default", "held")
            .unwrap()
    };
    bench
        .until("the dependent is going", |fake| {
            !held(fake)["metadata"]["deletionTimestamp"].is_null()
        })
        .await;
    assert!(bench.is_there("owner"));
    let key = json!({"metadata": {"finalizers": []}});
    let part = Part::Main;
    bench
        .fake
        .merge(resources::CONFIG_MAPS, "default", "held", part, key)
        .await
        .unwrap();
    bench
        .until("both are gone", |_| {
            !bench.is_there("owner") && !bench.is_there("held")
        })
        .await;
}

#[tokio::test]
async fn orphans_stay_when_their_owner_goes() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let owner = bench.owned(resources::CONFIG_MAPS, "owner", &[]);
    bench.owned(resources::CONFIG_MAPS, "child", &[(&maps, &owner)]);
    bench.delete(resources::CONFIG_MAPS, "owner", "Orphan");
    bench
        .until("the owner is gone", |_| !bench.is_there("owner"))
        .await;
    let child = bench
        .fake
        .find(&resources::CONFIG_MAPS, "default", "child")
        .unwrap();
    assert_eq!(child["metadata"]["ownerReferences"], json!([]));
}

#[tokio::test]
async fn a_circle_of_owners_is_collected() {
    let bench = Bench::new();
    for propagation in ["Background", "Foreground"] {
        let maps = resources::CONFIG_MAPS;
        let first = bench.owned(resources::CONFIG_MAPS, "first", &[]);
        let second = bench.owned(resources::CONFIG_MAPS, "second", &[(&maps, &first)]);
        bench.owned(resources::CONFIG_MAPS, "first", &[(&maps, &second)]);
        bench.delete(resources::CONFIG_MAPS, "first", propagation);
        bench
            .until(propagation, |_| {
                !bench.is_there("first") && !bench.is_there("second")
            })
            .await;
    }
}
