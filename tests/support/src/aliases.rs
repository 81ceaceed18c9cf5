//! What tests do with LambdaAliases in a world: apply, wait, look, and compare with AWS.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};
use testbed::Aws;

use crate::world::World;

/// A function without an owner, with the versions 1 and 2.
pub async fn function(aws: &Aws, name: &str) {
    published_twice(aws, name, &json!({"Publish": true})).await;
}

/// A function of an object of this namespace, with the versions 1 and 2.
pub async fn function_of(aws: &Aws, namespace: &str, name: &str) {
    let owner = format!("test/{namespace}/{name}");
    published_twice(aws, name, &json!({"Publish": true, "Tags": {"lambda-operator.io/owner": owner}})).await;
}

async fn published_twice(aws: &Aws, name: &str, changes: &Value) {
    aws.create_function(name, changes).await.unwrap();
    aws.wait_until_at_rest(name).await.unwrap();
    let path = format!("/2015-03-31/functions/{name}/configuration");
    let change = json!({"MemorySize": 256});
    let changed = testbed::poll("the function's second version", std::time::Duration::from_secs(30), async || {
        let (status, answer) = aws.lambda("PUT", &path, Some(&change)).await?;
        Ok(if status == 200 { Ok(()) } else { Err(format!("{status}: {answer}")) })
    });
    changed.await.unwrap();
    aws.wait_until_at_rest(name).await.unwrap();
    assert_eq!(aws.publish_version(name).await.unwrap(), "2");
}

/// What tests compare of an alias: version, description and weights.
pub async fn held(aws: &Aws, function: &str, alias: &str) -> Option<Value> {
    let (status, answer) = aws.get_alias(function, alias).await.unwrap();
    let weights =
        answer.pointer("/RoutingConfig/AdditionalVersionWeights").cloned().filter(|weights| *weights != json!({}));
    let description = answer["Description"].as_str().unwrap_or_default();
    (status == 200).then(|| {
        json!({"version": answer["FunctionVersion"], "description": description, "weights": weights.unwrap_or_default()})
    })
}

impl World {
    pub fn aliases(&self) -> Api<LambdaAlias> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply_alias(&self, name: &str, spec: &Value) -> kube::Result<LambdaAlias> {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias",
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.aliases().patch(name, &params, &Patch::Apply(object)).await
    }

    pub async fn apply_alias(&self, name: &str, spec: &Value) -> LambdaAlias {
        self.try_apply_alias(name, spec).await.unwrap()
    }

    /// Applies and waits until it is done.
    pub async fn settle_alias(&self, name: &str, spec: &Value) -> LambdaAlias {
        self.apply_alias(name, spec).await;
        self.alias_is_ready(name).await
    }

    pub async fn alias_is_ready(&self, name: &str) -> LambdaAlias {
        self.alias_condition(name, "Ready", "True", None).await
    }

    /// Waits for a condition that speaks of the object's newest generation.
    pub async fn alias_condition(&self, name: &str, type_: &str, status: &str, reason: Option<&str>) -> LambdaAlias {
        let what = format!("{name} {type_}={status} {reason:?}");
        self.alias_until(&what, name, |object| {
            let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            conditions.into_iter().any(|condition| {
                condition.type_ == type_
                    && condition.status == status
                    && reason.is_none_or(|reason| condition.reason == reason)
                    && condition.observed_generation == object.metadata.generation
            })
        })
        .await
    }

    /// Waits for a condition that is true with this reason; returns its message.
    pub async fn alias_says(&self, name: &str, type_: &str, reason: &str) -> String {
        alias_message(&self.alias_condition(name, type_, "True", Some(reason)).await, type_)
    }

    /// Waits until the object is as wanted.
    pub async fn alias_until(
        &self,
        what: &str,
        name: &str,
        mut wanted: impl FnMut(&LambdaAlias) -> bool,
    ) -> LambdaAlias {
        self.until(what, async |world: &Self| {
            let object = world.aliases().get(name).await.map_err(|error| error.to_string())?;
            if wanted(&object) { Ok(object) } else { Err(format!("{:#?}", object.status)) }
        })
        .await
    }

    pub async fn delete_alias(&self, name: &str) {
        self.aliases().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn alias_is_gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async |world: &Self| match world.aliases().get_opt(name).await {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn alias_is_looked_at(&self, name: &str) -> LambdaAlias {
        let asked = fastrand::u64(..).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: asked}}});
        self.aliases().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
        self.alias_until(&format!("a reconcile of {name}"), name, |object| {
            let told = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref());
            told == Some(&asked)
        })
        .await
    }

    /// The alias in AWS, if there is one.
    pub async fn alias(&self, function: &str, alias: &str) -> Option<Value> {
        match self.aws.get_alias(function, alias).await.unwrap() {
            (200, answer) => Some(answer),
            (404, _) => None,
            (status, answer) => panic!("{status}: {answer}"),
        }
    }
}

pub fn alias_message(object: &LambdaAlias, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message.clone()).unwrap_or_default()
}
