//! Faults that only a person can mend: told at once with what to do, asked of AWS once, and healed when they are mended.

use serde_json::{Value, json};

use crate::scene::{Scene, published};

/// A fault, what status says of it, and what it tells a person to do.
struct Lasting {
    fault: &'static str,
    reason: &'static str,
    remedy: &'static str,
    change: Value,
}

pub(crate) const LASTING: [&str; 11] = [
    "code-storage-full",
    "concurrency-taken",
    "code-not-verified",
    "signature-invalid",
    "credentials-unknown",
    "access-denied",
    "key-alias",
    "memory-limited",
    "role-of-another-account",
    "layer-not-shared",
    "image-not-allowed",
];

fn lasting_faults() -> Vec<Lasting> {
    let lasting = |fault, reason, remedy, change| Lasting { fault, reason, remedy, change };
    let sign = "Sign the package with a profile that the code signing configuration allows";
    let reserved = json!({"reservedConcurrentExecutions": 5});
    vec![
        lasting("code-storage-full", "QuotaExceeded", "Delete unused resources", json!({})),
        lasting("concurrency-taken", "QuotaExceeded", "request a quota increase", reserved),
        lasting("code-not-verified", "Rejected", sign, json!({})),
        lasting("signature-invalid", "Rejected", sign, json!({})),
        lasting("credentials-unknown", "AccessDenied", "Give the operator's AWS identity", json!({})),
        lasting("access-denied", "AccessDenied", "Give the operator's AWS identity", json!({})),
        lasting("key-alias", "Rejected", "Lambda accepts no key alias", json!({})),
        lasting("memory-limited", "QuotaExceeded", "request a quota increase", json!({})),
        lasting("role-of-another-account", "AccessDenied", "only use a role of its own account", json!({})),
        lasting("layer-not-shared", "AccessDenied", "in the resource's own policy", json!({})),
        lasting("image-not-allowed", "AccessDenied", "in the repository's policy", json!({})),
    ]
}

#[tokio::test]
async fn errors_for_the_user_are_reported_once_and_heal() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let cases = lasting_faults();
    assert_eq!(cases.iter().map(|case| case.fault).collect::<Vec<_>>(), LASTING);
    world.settle("undisturbed", &published(&json!({}))).await;
    for Lasting { fault, change, .. } in &cases {
        scene.on(fault, fault).await;
        world.apply(fault, &published(change)).await;
    }
    for Lasting { fault, reason, remedy, .. } in &cases {
        let message = world.stalled(fault, reason).await;
        assert!(message.contains(remedy), "{fault}: {message}");
    }
    for Lasting { fault, change, .. } in &cases {
        assert_eq!(scene.met(fault, fault).await.len(), 1, "{fault} is not asked again at once");
        scene.off(fault, fault).await;
        world.look_now(fault).await;
        world.ready(fault).await;
        assert_eq!(scene.count(fault, "DeleteFunction").await, 0);
        if *change == json!({}) {
            scene.is_as_undisturbed(fault, "undisturbed").await;
        }
    }
}
