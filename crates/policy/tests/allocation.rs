//! Asking whether a pod may assume its role allocates nothing.
#![expect(
    unsafe_code,
    reason = "an allocator that counts is unsafe to implement, and there is no other way to see allocations"
)]

use names::{Arn, UniqueId};
use policy::{
    Layers, Principal, PrincipalDirectory, Question, RequestContext, ResourcePolicy, TrustPolicy,
    decide,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, and how often this thread has asked it.
struct Counting;

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a plain cell only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `alloc` above, hence from the system.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Nobody;

impl PrincipalDirectory for Nobody {
    fn id_of(&self, _: &Arn) -> Option<UniqueId> {
        None
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

#[test]
fn the_trust_check_of_irsa_allocates_nothing() {
    let trust = TrustPolicy::parse(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A"},
            "Action":"sts:AssumeRoleWithWebIdentity",
            "Condition":{"StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com"},
                         "StringLike":{"oidc.example/id/A:sub":"system:serviceaccount:ci:*"}}}]}"#,
        &Nobody,
    )
    .unwrap();
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let principal = Principal::WebIdentity {
        provider: "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A"
            .parse()
            .unwrap(),
    };
    let question = Question {
        principal: &principal,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: "arn:aws:iam::111111111111:role/ci",
        resource_account: "111111111111".parse().unwrap(),
        context: &context,
    };
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(&trust)),
        ..Layers::default()
    };
    let before = ASKED.get();
    let decision = decide(&question, &layers);
    let asked = ASKED.get() - before;
    assert!(decision.is_allowed());
    assert_eq!(asked, 0);
    assert!(before > 0, "the counter counts");
}
