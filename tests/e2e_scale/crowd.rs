//! A crowd: objects with the status of one that was really settled, written straight into the API server.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use kube::Api;
use kube::api::{Patch, PatchParams};
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};

use support::world::spec_with;

/// The one that is real. Names are equally long, so that one can be written over another.
pub(crate) const MODEL: &str = "crowd-00000";

/// Writes to the API server at a time.
const AT_A_TIME: usize = 48;

/// A spec as people have them.
pub(crate) fn model(memory: i32) -> Value {
    let variables: BTreeMap<_, _> =
        (0..8).map(|number| (format!("SETTING_{number}"), format!("the value of number {number}"))).collect();
    spec_with(&json!({
        "memorySize": memory, "timeout": 30, "publish": true, "description": "One of very many functions",
        "environment": {"variables": variables}, "tags": {"team": "crowd", "stage": "prod"},
        "reservedConcurrentExecutions": 5, "tracingConfig": {"mode": "Active"},
    }))
}

/// Makes `count` - 1 more of the model, which must be settled.
pub(crate) async fn gather(objects: &Api<LambdaFunction>, count: u32) {
    let model = objects.get(MODEL).await.unwrap();
    let copies = stream::iter(1..count).map(|number| copy(objects, &model, format!("crowd-{number:05}")));
    copies.buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await.unwrap();
}

async fn copy(objects: &Api<LambdaFunction>, model: &LambdaFunction, name: String) -> kube::Result<()> {
    let (version, kind) = ("lambda-operator.io/v1alpha1", "LambdaFunction");
    let manifest = json!({"spec": model.spec}).to_string();
    let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": manifest});
    let metadata = json!({"name": name, "finalizers": model.metadata.finalizers, "annotations": annotations});
    let object = json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": model.spec});
    objects.patch(&name, &PatchParams::apply("user").force(), &Patch::Apply(object)).await?;
    let status: Value = serde_json::from_str(&json!(model.status).to_string().replace(MODEL, &name)).unwrap();
    let told = json!({"apiVersion": version, "kind": kind, "status": status});
    let params = PatchParams::apply("lambda-operator").force();
    objects.patch_status(&name, &params, &Patch::Apply(told)).await.map(drop)
}
