//! The application: a function behind an alias with everything that makes it reachable, as one manifest.

use kube::Api;
use kube::api::ListParams;
use kube::core::{ApiResource, DynamicObject};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::layer_version::LambdaLayerVersion;
use lambda_operator::api::permission::LambdaPermission;
use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use serde_json::{Value, json};
use support::objects::Object;
use support::signing_configs::PROFILE;
use support::world::{World, spec_with};

/// The kinds of the application.
pub(crate) fn kinds() -> Vec<ApiResource> {
    fn kind<K: Object>() -> ApiResource {
        ApiResource::erase::<K>(&())
    }
    vec![
        kind::<LambdaFunction>(),
        kind::<LambdaAlias>(),
        kind::<LambdaPermission>(),
        kind::<LambdaFunctionUrl>(),
        kind::<LambdaFunctionEventInvokeConfig>(),
        kind::<LambdaProvisionedConcurrencyConfig>(),
        kind::<LambdaEventSourceMapping>(),
        kind::<LambdaCodeSigningConfig>(),
        kind::<LambdaLayerVersion>(),
    ]
}

fn object(kind: &str, name: &str, spec: impl Into<Value>) -> Value {
    json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec.into()})
}

/// Its objects, the function first. Their names are different, so that each names its object.
pub(crate) struct Application(pub(crate) Vec<Value>);

impl Application {
    /// In a world, with a queue there.
    pub(crate) async fn of(world: &World) -> Self {
        let queue = world.aws.create_queue("orders").await.unwrap();
        let (function, alias) = (json!({"name": "hello"}), json!({"name": "live"}));
        let invoke = "lambda:InvokeFunction";
        Self(vec![
            object("LambdaFunction", "hello", spec_with(&json!({"publish": true}))),
            object("LambdaAlias", "live", json!({"functionRef": function, "functionVersionFrom": "Published"})),
            object(
                "LambdaPermission",
                "uploads",
                json!({"functionRef": function, "action": invoke, "principal": "s3.amazonaws.com"}),
            ),
            object(
                "LambdaPermission",
                "schedule",
                json!({"aliasRef": alias, "action": invoke, "principal": "events.amazonaws.com"}),
            ),
            object("LambdaFunctionUrl", "web", json!({"aliasRef": alias, "authorizationType": "NONE"})),
            object("LambdaFunctionEventInvokeConfig", "retries", json!({"aliasRef": alias, "maximumRetryAttempts": 1})),
            object(
                "LambdaProvisionedConcurrencyConfig",
                "warm",
                json!({"aliasRef": alias, "provisionedConcurrentExecutions": 1}),
            ),
            object("LambdaEventSourceMapping", "orders", json!({"aliasRef": alias, "eventSourceArn": queue})),
        ])
    }

    /// The same, and what the function uses: a layer and a code signing configuration.
    pub(crate) async fn with_what_it_uses(world: &World) -> Self {
        let Self(mut all) = Self::of(world).await;
        let uses = json!({"layerRefs": [{"name": "common"}], "codeSigningConfigRef": {"name": "signing"}});
        all[0]["spec"].as_object_mut().unwrap().extend(uses.as_object().unwrap().clone());
        let layer = json!({"codeFrom": {"inline": {"lib.py": "1"}}});
        let signing = json!({"allowedPublishers": {"signingProfileVersionArns": [PROFILE]}});
        all.extend([
            object("LambdaLayerVersion", "common", layer),
            object("LambdaCodeSigningConfig", "signing", signing),
        ]);
        Self(all)
    }

    /// What depends on others comes first.
    pub(crate) fn reversed(&self) -> Self {
        Self(self.0.iter().rev().cloned().collect())
    }

    /// The function alone, and the rest.
    pub(crate) fn split(&self) -> (Self, Self) {
        (Self(self.0[..1].to_vec()), Self(self.0[1..].to_vec()))
    }

    /// The spec of an object.
    pub(crate) fn spec(&self, name: &str) -> Value {
        self.0.iter().find(|object| object["metadata"]["name"] == name).unwrap()["spec"].clone()
    }

    fn manifest(&self) -> String {
        json!({"apiVersion": "v1", "kind": "List", "items": self.0}).to_string()
    }

    /// One `kubectl apply`.
    pub(crate) async fn apply(&self, world: &World) {
        let apply = ["apply", "-n", &world.namespace, "-f", "-"];
        world.bed.kubectl_ok(&apply, Some(&self.manifest())).await.unwrap();
    }

    /// One `kubectl delete`.
    pub(crate) async fn delete(&self, world: &World) {
        let delete = ["delete", "-n", &world.namespace, "--wait=false", "-f", "-"];
        world.bed.kubectl_ok(&delete, Some(&self.manifest())).await.unwrap();
    }

    /// Waits until each object is Ready.
    pub(crate) async fn is_ready(&self, world: &World) {
        is_every_object_ready(world, self.0.len()).await;
    }

    /// Waits until no object is there.
    pub(crate) async fn is_gone(&self, world: &World) {
        world
            .until("every object to be gone", async |world: &World| {
                let all = objects(world).await;
                if all.is_empty() { Ok(()) } else { Err(format!("{all:#?}")) }
            })
            .await;
    }
}

/// Waits until there are so many objects and each is Ready.
pub(crate) async fn is_every_object_ready(world: &World, expected: usize) {
    world
        .until("every object to be Ready", async |world: &World| {
            let all = objects(world).await;
            let waiting: Vec<_> = all
                .iter()
                .filter(|object| condition(object, "Ready").0 != "True")
                .map(|object| {
                    format!("{} {}: {}", object["kind"], object["metadata"]["name"], object["status"]["conditions"])
                })
                .collect();
            match all.len() == expected && waiting.is_empty() {
                true => Ok(()),
                false => Err(format!("{} objects of {expected}, not Ready: {waiting:#?}", all.len())),
            }
        })
        .await;
}

/// All objects of the application's kinds.
async fn objects(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for kind in kinds() {
        let api: Api<DynamicObject> = Api::namespaced_with(world.client.clone(), &world.namespace, &kind);
        let items = api.list(&ListParams::default()).await.unwrap().items;
        all.extend(items.iter().map(|object| serde_json::to_value(object).unwrap()));
    }
    all
}

/// Status and reason of a condition that speaks of the newest generation.
pub(crate) fn condition(object: &Value, type_: &str) -> (String, String) {
    let all = object.pointer("/status/conditions").and_then(Value::as_array);
    let current = all
        .into_iter()
        .flatten()
        .find(|one| one["type"] == type_ && one["observedGeneration"] == object["metadata"]["generation"]);
    let text = |field: &str| current.and_then(|one| one[field].as_str()).unwrap_or_default().to_owned();
    (text("status"), text("reason"))
}
