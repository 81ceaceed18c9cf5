//! An application that is deleted at once ends with nothing left in AWS, in the order that AWS needs.

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::json;
use support::mappings::uuid;
use support::objects::message;
use support::world::{World, operations};
use testbed::{Action, Rule};

use crate::application::{Application, kinds};

async fn settled() -> (World, Application) {
    let world = World::new().await;
    let application = Application::with_what_it_uses(&world).await;
    application.apply(&world).await;
    application.is_ready(&world).await;
    (world, application)
}

/// Nothing of the application is in AWS.
async fn nothing_is_left(world: &World) {
    assert_eq!(world.function("hello").await, None);
    assert_eq!(world.aws.list_mappings().await.unwrap(), [json!(null); 0]);
    for qualifier in [None, Some("live")] {
        assert_eq!(world.aws.get_url("hello", qualifier).await.unwrap().0, 404);
        assert_eq!(world.aws.statements("hello", qualifier).await.unwrap(), [json!(null); 0]);
    }
    assert_eq!(world.aws.get_alias("hello", "live").await.unwrap().0, 404);
    assert_eq!(world.aws.get_invoke_config("hello", Some("live")).await.unwrap().0, 404);
    assert_eq!(world.aws.get_provisioned("hello", "live").await.unwrap().0, 404);
    for (path, list) in [
        ("/2018-10-31/layers/common/versions", "LayerVersions"),
        ("/2020-04-22/code-signing-configs", "CodeSigningConfigs"),
    ] {
        let (_, answer) = world.aws.lambda("GET", path, None).await.unwrap();
        assert_eq!(answer[list], json!([]), "{answer}");
    }
}

/// The URL ended before its alias, and the mapping before its function.
async fn was_in_order(world: &World, since: u64) {
    let calls = world.calls_since(since).await;
    let operations = operations(&calls);
    let at = |name: &str| operations.iter().position(|operation| *operation == name);
    let function = at("DeleteFunction").unwrap();
    assert!(at("DeleteEventSourceMapping").unwrap() < function, "{operations:?}");
    // The function takes its aliases along.
    let alias = at("DeleteAlias").map_or(function, |alias| alias.min(function));
    assert!(at("DeleteFunctionUrlConfig").unwrap() < alias, "{operations:?}");
}

#[tokio::test]
async fn an_application_that_is_deleted_at_once_leaves_nothing() {
    for reversed in [false, true] {
        let (world, application) = settled().await;
        let application = if reversed { application.reversed() } else { application };
        let mark = world.manners().mark().await.unwrap();
        application.delete(&world).await;
        application.is_gone(&world).await;
        nothing_is_left(&world).await;
        was_in_order(&world, mark).await;
    }
}

/// As Kubernetes's namespace controller does it: the objects of one kind after those of another.
#[tokio::test]
async fn an_application_whose_namespace_is_deleted_leaves_nothing() {
    let (world, application) = settled().await;
    let mark = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["delete", "namespace", &world.namespace, "--wait=false"], None).await.unwrap();
    for kind in kinds() {
        let all = ["delete", "-n", &world.namespace, &kind.plural, "--all", "--wait=false"];
        world.bed.kubectl_ok(&all, None).await.unwrap();
    }
    application.is_gone(&world).await;
    nothing_is_left(&world).await;
    was_in_order(&world, mark).await;
}

#[tokio::test]
async fn an_application_that_is_deleted_while_it_is_created_leaves_nothing() {
    let world = World::new().await;
    let application = Application::with_what_it_uses(&world).await;
    application.apply(&world).await;
    world.of::<LambdaAlias>().condition("live", "AliasCreated", "True", None).await;
    application.delete(&world).await;
    application.is_gone(&world).await;
    nothing_is_left(&world).await;
}

#[tokio::test]
async fn a_deletion_waits_for_what_ends_first_and_names_it() {
    let (world, _) = settled().await;
    let held = Action::error(403, "AccessDeniedException", "not authorized to perform: lambda:DeleteFunctionUrlConfig");
    let rule = Rule::new("held", held).account(&world.account).operation("DeleteFunctionUrlConfig");
    let rule = world.manners().add(&rule).await.unwrap();
    let (aliases, urls) = (world.of::<LambdaAlias>(), world.of::<LambdaFunctionUrl>());
    aliases.delete("live").await;
    urls.delete("web").await;
    urls.says("web", "Stalled", "AccessDenied").await;
    let waits = aliases.until("the alias to wait", "live", |alias| {
        message(alias, "Ready").contains("is deleted after LambdaFunctionUrl web")
    });
    waits.await;
    assert_eq!(world.aws.get_alias("hello", "live").await.unwrap().0, 200);
    world.manners().remove(rule).await.unwrap();
    urls.annotate("web", "lambda-operator.io/reconcile-requested-at", "now").await;
    urls.is_gone("web").await;
    aliases.is_gone("live").await;
    assert_eq!(world.aws.get_alias("hello", "live").await.unwrap().0, 404);
}

#[tokio::test]
async fn what_is_suspended_or_stays_holds_no_deletion() {
    let (world, application) = settled().await;
    let mappings = world.of::<LambdaEventSourceMapping>();
    let mut suspended = application.spec("orders");
    suspended["suspend"] = json!(true);
    mappings.apply("orders", &suspended).await;
    let object = mappings.condition("orders", "Ready", "Unknown", Some("Suspended")).await;
    mappings.delete("orders").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
    assert!(world.mapping(&uuid(&object)).await.is_some(), "AWS keeps it");
    let events = world.events("hello").await;
    let named = |note: &String| note.contains("without waiting for LambdaEventSourceMapping orders");
    assert!(events.iter().any(|event| event.note.as_ref().is_some_and(named)), "{events:#?}");
    suspended["suspend"] = json!(false);
    mappings.apply("orders", &suspended).await;
    mappings.is_gone("orders").await;
    assert_eq!(world.mapping(&uuid(&object)).await, None);
}
