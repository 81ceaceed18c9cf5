//! An application that is applied in any order becomes Ready without an error on the way.

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::permission::LambdaPermission;
use serde_json::json;
use support::world::{World, writes};

use crate::application::Application;
use crate::flashes::Flashes;

/// The resources in AWS, as somebody else sees them.
pub(crate) async fn is_complete(world: &World) {
    let (status, alias) = world.aws.get_alias("hello", "live").await.unwrap();
    assert_eq!((status, &alias["FunctionVersion"]), (200, &json!("1")), "{alias}");
    let (_, url) = world.aws.get_url("hello", Some("live")).await.unwrap();
    assert_eq!(world.aws.visit(&url).await.unwrap().0, 200, "everyone may call it: {url}");
    assert_eq!(world.aws.statements("hello", None).await.unwrap().len(), 1);
    assert_eq!(world.aws.statements("hello", Some("live")).await.unwrap().len(), 3, "two of them are the URL's");
    assert_eq!(world.aws.get_invoke_config("hello", Some("live")).await.unwrap().1["MaximumRetryAttempts"], 1);
    assert_eq!(world.aws.get_provisioned("hello", "live").await.unwrap().1["Status"], "READY");
    let mappings = world.aws.list_mappings().await.unwrap();
    assert_eq!(mappings.len(), 1, "{mappings:?}");
    assert_eq!(mappings[0]["FunctionArn"], alias["AliasArn"]);
}

#[tokio::test]
async fn an_application_with_the_function_first_becomes_ready_without_an_error() {
    let world = World::new().await;
    let (application, flashes) = (Application::with_what_it_uses(&world).await, Flashes::of(&world));
    application.apply(&world).await;
    application.is_ready(&world).await;
    is_complete(&world).await;
    flashes.were_no_errors(&world, application.0.len()).await;
}

#[tokio::test]
async fn an_application_with_the_function_last_becomes_ready_without_an_error() {
    let world = World::new().await;
    let (application, flashes) = (Application::with_what_it_uses(&world).await, Flashes::of(&world));
    application.reversed().apply(&world).await;
    application.is_ready(&world).await;
    is_complete(&world).await;
    flashes.were_no_errors(&world, application.0.len()).await;
}

#[tokio::test]
async fn a_family_that_waits_for_its_function_becomes_ready_with_it() {
    let world = World::new().await;
    let (application, flashes) = (Application::with_what_it_uses(&world).await, Flashes::of(&world));
    let (function, family) = application.split();
    family.apply(&world).await;
    world.of::<LambdaAlias>().says("live", "Reconciling", "WaitingForFunction").await;
    world.of::<LambdaPermission>().says("uploads", "Reconciling", "WaitingForFunction").await;
    world.of::<LambdaFunctionUrl>().says("web", "Reconciling", "WaitingForFunction").await;
    world.of::<LambdaEventSourceMapping>().says("orders", "Reconciling", "WaitingForFunction").await;
    function.apply(&world).await;
    application.is_ready(&world).await;
    is_complete(&world).await;
    flashes.were_no_errors(&world, application.0.len()).await;
}

/// Nothing in the cluster tells when the function is there.
#[tokio::test]
async fn objects_that_name_a_function_wait_until_it_is_in_aws() {
    let world = World::new().await;
    let flashes = Flashes::of(&world);
    let queue = world.aws.create_queue("orders").await.unwrap();
    let permission =
        json!({"functionName": "hello", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"});
    world.of::<LambdaPermission>().apply("uploads", &permission).await;
    let url = json!({"functionName": "hello", "authorizationType": "NONE"});
    world.of::<LambdaFunctionUrl>().apply("web", &url).await;
    let mapping = json!({"functionName": "hello", "eventSourceArn": queue});
    world.of::<LambdaEventSourceMapping>().apply("orders", &mapping).await;
    let said = world.of::<LambdaPermission>().says("uploads", "Reconciling", "WaitingForFunction").await;
    assert!(said.contains("function:hello does not exist in AWS"), "{said}");
    world.of::<LambdaFunctionUrl>().says("web", "Reconciling", "WaitingForFunction").await;
    world.of::<LambdaEventSourceMapping>().says("orders", "Reconciling", "WaitingForFunction").await;
    world.settle("hello", &support::world::spec()).await;
    world.of::<LambdaPermission>().is_ready("uploads").await;
    world.of::<LambdaFunctionUrl>().is_ready("web").await;
    world.of::<LambdaEventSourceMapping>().is_ready("orders").await;
    flashes.were_no_errors(&world, 4).await;
}

#[tokio::test]
async fn a_function_that_is_created_again_gets_its_family_back() {
    let world = World::new().await;
    let (application, flashes) = (Application::of(&world).await, Flashes::of(&world));
    application.apply(&world).await;
    application.is_ready(&world).await;
    let (function, _) = application.split();
    function.delete(&world).await;
    world.gone("hello").await;
    world.of::<LambdaAlias>().says("live", "Reconciling", "WaitingForFunction").await;
    function.apply(&world).await;
    application.is_ready(&world).await;
    is_complete(&world).await;
    flashes.were_no_errors(&world, application.0.len()).await;
}

/// AWS keeps the mapping, and everything else goes with the function. Drift checks bring it back.
#[tokio::test]
async fn a_function_that_somebody_deletes_in_aws_comes_back_with_its_family() {
    let world = World::with(&["--drift-interval", "10s"]).await;
    let application = Application::of(&world).await;
    application.apply(&world).await;
    application.is_ready(&world).await;
    let (status, answer) = world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    let mark = world.manners().mark().await.unwrap();
    // By the journal, because calls of the test would count against the account's quota.
    let expected = [
        "AddPermission",
        "AddPermission",
        "AddPermission",
        "AddPermission",
        "CreateAlias",
        "CreateFunction",
        "CreateFunctionUrlConfig",
        "PutFunctionEventInvokeConfig",
        "PutProvisionedConcurrencyConfig",
    ];
    world
        .until("the family to be back", async |world: &World| {
            let mut calls = world.calls_since(mark).await;
            calls.retain(|call| call.status < 300);
            let mut sent: Vec<_> = writes(&calls).into_iter().filter(|name| expected.contains(name)).collect();
            sent.sort_unstable();
            if sent == expected { Ok(()) } else { Err(format!("{sent:?}")) }
        })
        .await;
    application.is_ready(&world).await;
    is_complete(&world).await;
}
