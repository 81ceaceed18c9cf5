//! Functions that name their code signing configuration by its object: they wait for it, follow it, and are never without it by accident.

use serde_json::{Value, json};
use support::signing_configs::{PROFILE, signing_arn, signing_spec};
use support::world::{World, message, operations, spec, spec_with, status, writes};

fn referring(change: &Value) -> Value {
    let mut named = json!({"codeSigningConfigRef": {"name": "strict"}});
    named.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec_with(&named)
}

/// The configuration that AWS checks the function against.
async fn attached(world: &World) -> String {
    let path = "/2020-06-30/functions/hello/code-signing-config";
    let (_, answer) = world.aws.lambda("GET", path, None).await.unwrap();
    answer["CodeSigningConfigArn"].as_str().unwrap_or_default().to_owned()
}

async fn require_signing(world: &World, value: &str) {
    let annotation = format!("lambda-operator.io/require-code-signing={value}");
    let arguments = ["annotate", "--overwrite", "namespace", &world.namespace, &annotation];
    world.bed.kubectl_ok(&arguments, None).await.unwrap();
}

/// Waits until the function's condition has these words, and answers what AWS was sent meanwhile.
async fn waits(world: &World, since: u64, words: &str) -> Vec<String> {
    world
        .until(&format!("hello waits: {words}"), async |world: &World| {
            let object = world.objects().get("hello").await.map_err(|error| error.to_string())?;
            let said = message(&object, "Reconciling");
            let current = object.status.as_ref().and_then(|status| status.common.observed_generation);
            let is_current = current == object.metadata.generation;
            if said.contains(words) && is_current { Ok(()) } else { Err(format!("{:#?}", object.status)) }
        })
        .await;
    let calls = world.calls_since(since).await;
    let of_the_function = calls.into_iter().filter(|call| call.function.as_deref() == Some("hello"));
    writes(&of_the_function.collect::<Vec<_>>()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_function_waits_for_the_configuration_that_it_names_and_is_created_with_it() {
    let world = World::new().await;
    require_signing(&world, "true").await;
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &referring(&json!({}))).await;
    let words = "LambdaCodeSigningConfig strict does not exist in this namespace";
    assert!(waits(&world, before, words).await.is_empty());
    assert_eq!(world.function("hello").await, None);

    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    let object = world.ready("hello").await;
    assert_eq!(attached(&world).await, arn);
    assert_eq!(status(&object).code_signing_config_arn, Some(arn));
    let calls = world.calls_since(before).await;
    let set_later = calls.iter().any(|call| call.operation == "PutFunctionCodeSigningConfig");
    assert!(!set_later, "no code ran without it: {:?}", operations(&calls));
}

#[tokio::test]
async fn a_removed_reference_removes_the_configuration_from_the_function_and_lets_it_be_deleted() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    world.settle("hello", &referring(&json!({}))).await;
    assert_eq!(attached(&world).await, arn);

    world.delete_signing("strict").await;
    let held = world.signing_condition("strict", "Reconciling", "True", Some("function:hello")).await;
    assert_eq!(signing_arn(&held), arn);
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &referring(&json!({"memorySize": 256}))).await;
    assert!(waits(&world, before, "LambdaCodeSigningConfig strict is being deleted").await.is_empty());
    assert_eq!(attached(&world).await, arn, "the function keeps it");

    world.settle("hello", &spec_with(&json!({"memorySize": 256}))).await;
    assert_eq!(attached(&world).await, "");
    world.signing_is_gone("strict").await;
    assert!(world.all_signing_configs().await.is_empty());
}

#[tokio::test]
async fn a_function_follows_the_object_to_another_configuration() {
    let world = World::new().await;
    let kept = json!({"skipDestroy": true});
    let first = signing_arn(&world.settle_signing("strict", &signing_spec(&kept)).await);
    world.settle("hello", &referring(&json!({}))).await;
    require_signing(&world, "true").await;

    // The object goes, and its configuration stays.
    world.delete_signing("strict").await;
    world.signing_is_gone("strict").await;
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &referring(&json!({"memorySize": 256}))).await;
    let words = "LambdaCodeSigningConfig strict does not exist in this namespace";
    assert!(waits(&world, before, words).await.is_empty());
    assert_eq!(attached(&world).await, first);

    let publishers = json!({"allowedPublishers": {"signingProfileVersionArns": [format!("{PROFILE}2")]}});
    let second = signing_arn(&world.settle_signing("strict", &signing_spec(&publishers)).await);
    assert_ne!(second, first);
    world.ready("hello").await;
    assert_eq!(attached(&world).await, second);
}

#[tokio::test]
async fn a_namespace_judges_the_configuration_behind_a_reference() {
    let world = World::new().await;
    let arn = signing_arn(&world.settle_signing("strict", &signing_spec(&json!({}))).await);
    require_signing(&world, "arn:aws:lambda:*:*:code-signing-config:csc-other").await;
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &referring(&json!({}))).await;
    let refusal = world.stalled("hello", "NotAllowed").await;
    assert!(refusal.contains("require-code-signing") && refusal.contains(&arn), "{refusal}");
    assert!(writes(&world.calls_since(before).await).is_empty());

    require_signing(&world, &format!("{arn},arn:aws:lambda:*:*:code-signing-config:csc-other")).await;
    world.ready("hello").await;
    assert_eq!(attached(&world).await, arn);
    world.apply("hello", &spec()).await;
    world.stalled("hello", "NotAllowed").await;
    assert_eq!(attached(&world).await, arn, "the reference cannot be removed either");
}
