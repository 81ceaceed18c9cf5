//! Import: a function that is there is taken over, and what is equal is not written.

use serde_json::{Value, json};

use crate::network::Network;
use crate::plan::{apply, empty_plan, is_none};
use support::world::{World, base64, spec, spec_with, status, writes, zip};

/// The function that `world::spec` describes, made without the operator.
async fn made_elsewhere(aws: &testbed::Aws, name: &str) {
    let code = base64(&zip("main.py", spec()["codeFrom"]["inline"]["main.py"].as_str().unwrap()));
    let request = json!({
        "Role": spec()["role"], "Runtime": spec()["runtime"], "Handler": spec()["handler"], "Code": {"ZipFile": code},
    });
    aws.create_function(name, &request).await.unwrap();
    aws.wait_until_at_rest(name).await.unwrap();
}

/// Every row: the state that Terraform imports after its test is the state that it had. A function with nearly every
/// argument is released and taken over by another object; the owner's tag is the only write, so nothing of it was lost.
#[tokio::test]
async fn everything_is_imported_and_only_the_owner_is_written() {
    let world = World::new().await;
    world.allow_adoption().await;
    let network = Network::of(&world).await;
    let layer = world.aws.publish_layer("one").await.unwrap();
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-1:{}:{rest}", world.account);
    let access_point = arn("elasticfilesystem", "access-point/fsap-0123456789abcdef0");
    let mut all = network.small();
    for (argument, value) in [
        ("functionName", json!("hello")),
        ("description", json!("everything")),
        ("architectures", json!(["arm64"])),
        ("memorySize", json!(256)),
        ("timeout", json!(30)),
        ("environment", json!({"variables": {"foo": "bar", "empty": ""}})),
        ("kmsKeyArn", json!(arn("kms", "key/1"))),
        ("sourceKmsKeyArn", json!(arn("kms", "key/2"))),
        ("codeSigningConfigArn", json!(arn("lambda", "code-signing-config:csc-0123456789abcdefg"))),
        ("deadLetterConfig", json!({"targetArn": arn("sqs", "dead")})),
        ("ephemeralStorage", json!({"size": 1024})),
        ("fileSystemConfig", json!([{"arn": access_point, "localMountPath": "/mnt/files"}])),
        ("layers", json!([layer])),
        ("loggingConfig", json!({"logFormat": "JSON", "applicationLogLevel": "DEBUG", "logGroup": "/mine"})),
        ("reservedConcurrentExecutions", json!(5)),
        ("tags", json!({"team": "a"})),
        ("tracingConfig", json!({"mode": "Active"})),
        ("publish", json!(true)),
    ] {
        all[argument] = value;
    }
    all["skipDestroy"] = json!(true);
    apply(&world, "first", &all, &["CreateFunction", "PutFunctionConcurrency"]).await;
    world.delete("first").await;
    world.gone("first").await;
    all["adoptionPolicy"] = json!("Adopt");
    let object = apply(&world, "second", &all, &["TagResource"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    empty_plan(&world, "second", &all).await;
}

/// Row I1 (Identity_Basic). A function is imported by its name, or by account, region and name. Terraform's first plan
/// after that is an update, for it cannot know the code; we compare its hash, and only the owner's tag is written.
#[tokio::test]
async fn an_import_by_name_does_not_redeploy_code() {
    let world = World::new().await;
    world.allow_adoption().await;
    made_elsewhere(&world.aws, "hello").await;
    made_elsewhere(&world.aws, "other").await;
    let by_name = json!({"adoptionPolicy": "Adopt"});
    let object = apply(&world, "hello", &by_name, &["TagResource"]).await;
    assert_eq!(status(&object).common.function_name.as_deref(), Some("hello"));
    empty_plan(&world, "hello", &by_name).await;
    let by_identity = json!({"adoptionPolicy": "Adopt", "functionName": "other", "region": "eu-west-1"});
    let object = apply(&world, "imported", &by_identity, &["TagResource"]).await;
    let place = (
        status(&object).common.account.clone(),
        status(&object).common.region.clone(),
        status(&object).common.function_name.clone(),
    );
    assert_eq!(place, (Some(world.account.clone()), Some("eu-west-1".into()), Some("other".into())));
    empty_plan(&world, "imported", &by_identity).await;
}

/// Row I2 (Identity_RegionOverride). The same in another region than the operator's own.
#[tokio::test]
async fn a_function_of_another_region_is_imported_there() {
    let world = World::new().await;
    world.allow_adoption().await;
    let there = world.bed.aws(&world.account, "us-east-1");
    made_elsewhere(&there, "hello").await;
    let spec = json!({"adoptionPolicy": "Adopt", "region": "us-east-1"});
    let object = apply(&world, "hello", &spec, &["TagResource"]).await;
    assert_eq!(status(&object).common.region.as_deref(), Some("us-east-1"));
    assert!(status(&object).common.arn.as_ref().unwrap().contains(":us-east-1:"));
    assert_eq!(world.function("hello").await, None, "nothing was made here");
    let (_, function) = there.get_function("hello").await.unwrap();
    assert!(!is_none(&function["Tags"]["lambda-operator.io/owner"]));
    empty_plan(&world, "hello", &spec).await;
}

/// Row I3 (Identity_ExistingResource). A function that an older release of the provider made is no difference to a
/// newer one. Here: to an operator that finds the status of an older one, or none at all.
#[tokio::test]
async fn the_status_of_an_older_operator_is_no_difference() {
    let world = World::new().await;
    let spec = json!({"publish": true, "environment": {"variables": {"foo": "bar"}}});
    apply(&world, "hello", &spec, &["CreateFunction"]).await;
    let newer = json!({
        "record": {"applied": null, "updates": null, "lastWrite": null, "lastRegrantedRole": null, "everActive": null},
        "responseStreamingInvokeArn": null,
    });
    let all = json!({
        "record": {"published": null, "deployed": null, "lastReconciled": null},
        "version": null,
        "codeSha256": null,
    });
    for forgotten in [newer, all] {
        let before = world.manners().mark().await.unwrap();
        let patch = kube::api::Patch::Merge(json!({"status": forgotten}));
        world.objects().patch_status("hello", &kube::api::PatchParams::default(), &patch).await.unwrap();
        let object = empty_plan(&world, "hello", &spec).await;
        assert_eq!(status(&object).version.as_deref(), Some("1"));
        assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    }
}

/// Beside the rows: without being asked, an existing function is not taken over. Terraform fails with "Function already
/// exist"; we say so and leave it.
#[tokio::test]
async fn an_existing_function_is_not_taken_over_unasked() {
    let world = World::new().await;
    made_elsewhere(&world.aws, "hello").await;
    let before: Value = world.function("hello").await.unwrap();
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.stalled("hello", "NotOwned").await;
    let after = world.function("hello").await.unwrap();
    assert_eq!(after["Configuration"], before["Configuration"]);
    assert_eq!(writes(&world.calls().await), [""; 0]);
}
