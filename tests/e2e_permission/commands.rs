//! `import` and `plan` for permissions: an import takes over an existing statement without a change, and the plan shows the changes of an apply.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, spec_with, writes};

use crate::lifecycle::s3;

#[tokio::test]
async fn an_imported_permission_changes_nothing() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let there = json!({"StatementId": "Partner_1", "Action": "lambda:InvokeFunction", "Principal": "210987654321",
        "PrincipalOrgID": "o-a1b2c3d4e5"});
    world.aws.add_permission("hello", None, &there).await.unwrap();
    let manifest = imported(&world, &["permission:hello/Partner_1"]).await;
    assert!(manifest.contains("kind: LambdaPermission") && manifest.contains("name: hello-partner-1"), "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let mark = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    world.of::<LambdaPermission>().is_ready("hello-partner-1").await;
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
}

#[tokio::test]
async fn a_plan_shows_what_a_permission_would_change() {
    let world = World::new().await;
    let manifest = |source: &str| {
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaPermission", "metadata": {"name": "from-s3"},
            "spec": s3(&json!({"sourceArn": source}))})
        .to_string()
    };
    let told = plan(&world, &manifest("arn:aws:s3:::one")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains("from-s3: planned later: LambdaFunction hello does not exist"), "{told:?}");
    world.settle("hello", &spec_with(&json!({}))).await;
    let told = plan(&world, &manifest("arn:aws:s3:::one")).await;
    assert!(told.stdout.contains("  AddPermission\n    action: lambda:InvokeFunction\n"), "{told:?}");
    world.of::<LambdaPermission>().settle("from-s3", &s3(&json!({"sourceArn": "arn:aws:s3:::one"}))).await;
    let told = plan(&world, &manifest("arn:aws:s3:::two")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    let change = "  AddPermission\n    sourceArn: arn:aws:s3:::one → arn:aws:s3:::two\n";
    assert!(told.stdout.contains(change), "{told:?}");
}
