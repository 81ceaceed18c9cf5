//! A code signing configuration from its creation to its end: what it costs, what status says, and what is left.

use serde_json::{Value, json};
use support::signing_configs::{PROFILE, signing_arn, signing_spec};
use support::world::{World, operations, spec_with, writes};

#[tokio::test]
async fn a_signing_configuration_is_created_with_its_owner_and_an_idle_check_is_one_call() {
    let world = World::new().await;
    let before = world.manners().mark().await.unwrap();
    let object = world.settle_signing("strict", &signing_spec(&json!({"tags": {"team": "a"}}))).await;
    let (arn, status) = (signing_arn(&object), object.status.as_ref().unwrap());
    let all = world.all_signing_configs().await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["CodeSigningConfigArn"], json!(arn));
    assert_eq!(status.config_id.as_deref(), all[0]["CodeSigningConfigId"].as_str());
    assert_eq!(status.untrusted_artifact_on_deployment.as_deref(), Some("Warn"));
    assert_eq!(status.common.function_name, None, "it belongs to no function");
    let tags = world.tags_of(&arn).await;
    assert_eq!(tags["team"], "a");
    let owner = tags["lambda-operator.io/owner"].as_str().unwrap();
    assert!(owner.ends_with(&format!("/{}/strict", world.namespace)), "{owner}");
    assert_eq!(writes(&world.calls_since(before).await), ["CreateCodeSigningConfig"]);

    let before = world.manners().mark().await.unwrap();
    world.signing_is_looked_at("strict").await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetCodeSigningConfig"]);
}

#[tokio::test]
async fn each_change_of_a_signing_configuration_is_one_call_and_removal_restores_the_default() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    let enforce = json!({"policies": {"untrustedArtifactOnDeployment": "Enforce"}});
    let two = json!({"allowedPublishers": {"signingProfileVersionArns": [format!("{PROFILE}2"), PROFILE]}});
    let changes: [(Value, &[&str]); 6] = [
        (enforce, &["UpdateCodeSigningConfig"]),
        // AWS itself keeps the policy when it is left out.
        (json!({}), &["UpdateCodeSigningConfig"]),
        (two, &["UpdateCodeSigningConfig"]),
        (json!({"description": "all"}), &["UpdateCodeSigningConfig"]),
        (json!({"tags": {"team": "b"}}), &["TagResource", "UpdateCodeSigningConfig"]),
        (json!({}), &["UntagResource"]),
    ];
    for (change, sent) in changes {
        let before = world.manners().mark().await.unwrap();
        world.settle_signing("strict", &signing_spec(&change)).await;
        assert_eq!(writes(&world.calls_since(before).await), sent, "{change}");
    }
    let shown = world.all_signing_configs().await.remove(0);
    assert_eq!(shown["CodeSigningConfigArn"], json!(arn), "it is the same one");
    assert_eq!(shown["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"], "Warn");
    assert_eq!(
        (&shown["Description"], &shown["AllowedPublishers"]),
        (&json!(""), &json!({"SigningProfileVersionArns": [PROFILE]}))
    );
}

#[tokio::test]
async fn a_deletion_waits_for_the_functions_that_use_the_configuration_and_names_them() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    world.settle("hello", &spec_with(&json!({"codeSigningConfigArn": arn}))).await;
    world.delete_signing("strict").await;
    let held = world.signing_condition("strict", "Reconciling", "True", Some("function:hello")).await;
    assert_eq!(signing_arn(&held), arn);
    world.settle("hello", &spec_with(&json!({}))).await;
    world.signing_is_gone("strict").await;
    assert!(world.all_signing_configs().await.is_empty());
}

#[tokio::test]
async fn skip_destroy_leaves_the_configuration_without_an_owner() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("kept", &signing_spec(&json!({"skipDestroy": true}))).await);
    world.delete_signing("kept").await;
    world.signing_is_gone("kept").await;
    assert_eq!(world.all_signing_configs().await.len(), 1);
    assert_eq!(world.tags_of(&arn).await.get("lambda-operator.io/owner"), None);
}

#[tokio::test]
async fn a_difference_of_a_signing_configuration_is_corrected_or_reported() {
    let world = World::new().await;
    let theirs = json!({"Description": "theirs"});
    for (policy, left) in [("Correct", ""), ("Report", "theirs")] {
        let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({"driftPolicy": policy}))).await);
        assert_eq!(world.signing_call("PUT", &arn, Some(&theirs)).await.0, 200);
        world.signing_is_looked_at("strict").await;
        world
            .signing_condition("strict", "Ready", "True", Some(if left.is_empty() { "Available" } else { "Drifted" }))
            .await;
        assert_eq!(world.all_signing_configs().await[0]["Description"], left, "{policy}");
    }
}
