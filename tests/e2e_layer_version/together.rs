//! A layer and the function that follows it, applied and deleted together, in any order.

use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::ListParams;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};
use support::world::{World, spec_with, writes};

use crate::functions::layers;
use crate::{Layer, arn, layer, numbers};

/// Reasons of Events that are no error: AWS works, or the function waits for its layer.
const WAITS: [&str; 6] = ["Creating", "Updating", "Publishing", "ReferenceNotFound", "WaitingForAWS", "Available"];

fn manifest(layer_first: bool) -> Value {
    let object = |kind: &str, name: &str, spec: Value| json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec});
    let function = spec_with(&json!({"publish": true, "layerRefs": [{"name": "common"}]}));
    let mut items = vec![
        object("LambdaLayerVersion", "common", layer("1", &json!({}))),
        object("LambdaFunction", "hello", function),
    ];
    if !layer_first {
        items.reverse();
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

async fn applied(layer_first: bool) -> World {
    let world = World::new().await;
    let apply = ["apply", "-n", &world.namespace, "-f", "-"];
    world.bed.kubectl_ok(&apply, Some(&manifest(layer_first).to_string())).await.unwrap();
    let common = world.of::<Layer>().is_ready("common").await;
    world.ready("hello").await;
    assert_eq!(layers(&world, "hello").await, [arn(&common)]);
    world
}

#[tokio::test]
async fn a_function_and_its_layer_become_ready_in_any_order_without_an_error() {
    for layer_first in [true, false] {
        let world = applied(layer_first).await;
        let sent = ["PublishLayerVersion", "CreateFunction"];
        assert_eq!(writes(&world.calls().await), sent, "each once; the creation publishes the version");
        let events: Api<Event> = Api::namespaced(world.client.clone(), &world.namespace);
        let events = events.list(&ListParams::default()).await.unwrap().items;
        let errors: Vec<_> = events
            .iter()
            .filter(|event| {
                let reason = event.reason.as_deref().unwrap_or_default();
                event.type_.as_deref() == Some("Warning") || !WAITS.contains(&reason)
            })
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// As Kubernetes's namespace controller does it: the objects of one kind after those of another.
#[tokio::test]
async fn a_namespace_with_a_layer_that_a_function_uses_ends_and_leaves_nothing() {
    for plurals in [["lambdafunctions", "lambdalayerversions"], ["lambdalayerversions", "lambdafunctions"]] {
        let world = applied(true).await;
        world.bed.kubectl_ok(&["delete", "namespace", &world.namespace, "--wait=false"], None).await.unwrap();
        for plural in plurals {
            let all = ["delete", "-n", &world.namespace, plural, "--all", "--wait=false"];
            world.bed.kubectl_ok(&all, None).await.unwrap();
        }
        world.of::<LambdaFunction>().is_gone("hello").await;
        world.of::<Layer>().is_gone("common").await;
        assert_eq!(world.function("hello").await, None);
        assert_eq!(numbers(&world, "common").await, [0; 0]);
    }
}
