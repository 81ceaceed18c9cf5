//! What tests do with LambdaAliases in a world: apply, wait, look, and compare with AWS.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};
use testbed::Aws;

use crate::world::World;

/// A function of somebody else's with the versions 1 and 2.
pub async fn function(aws: &Aws, name: &str) {
    aws.create_function(name, &json!({"Publish": true})).await.unwrap();
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

    pub async fn apply_alias(&self, name: &str, spec: &Value) {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias",
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams::apply("user").force();
        self.aliases().patch(name, &params, &Patch::Apply(object)).await.unwrap();
    }

    /// Waits for a condition that speaks of the object's newest generation; returns its message.
    pub async fn alias_says(&self, name: &str, type_: &str, reason: &str) -> String {
        self.until(&format!("alias {name} {type_} {reason}"), async |world: &Self| {
            let object = world.aliases().get(name).await.map_err(|error| error.to_string())?;
            let mut conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            let found = conditions.find(|condition| {
                condition.type_ == type_
                    && condition.status == "True"
                    && condition.reason == reason
                    && condition.observed_generation == object.metadata.generation
            });
            found.map(|condition| condition.message.clone()).ok_or_else(|| format!("{:#?}", object.status))
        })
        .await
    }

    /// Waits until it is what the spec says.
    pub async fn alias_is_ready(&self, name: &str) {
        self.alias_says(name, "Ready", "Available").await;
    }

    pub async fn delete_alias(&self, name: &str) {
        self.aliases().delete(name, &DeleteParams::default()).await.unwrap();
    }

    pub async fn alias_is_gone(&self, name: &str) {
        self.until(&format!("alias {name} to be gone"), async |world: &Self| {
            match world.aliases().get_opt(name).await {
                Ok(None) => Ok(()),
                other => Err(format!("{other:#?}")),
            }
        })
        .await;
    }

    /// Asks for a pass at once, and waits until it is told.
    pub async fn alias_is_looked_at(&self, name: &str) {
        let asked = fastrand::u64(..).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: asked}}});
        self.aliases().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
        self.until(&format!("a look at alias {name}"), async |world: &Self| {
            let object = world.aliases().get(name).await.map_err(|error| error.to_string())?;
            let told = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.clone());
            if told.as_ref() == Some(&asked) { Ok(()) } else { Err(format!("{:#?}", object.status)) }
        })
        .await;
    }
}
