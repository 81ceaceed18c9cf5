//! What tests do with LambdaCodeSigningConfigs in a world: apply, wait, look, and compare with AWS.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};

use crate::world::World;

/// A signing profile version; AWS does not check whether it exists.
pub const PROFILE: &str = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/one/abcdefghij";

/// A spec that names this profile alone, with a change.
pub fn signing_spec(change: &Value) -> Value {
    let mut spec = json!({"allowedPublishers": {"signingProfileVersionArns": [PROFILE]}});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

impl World {
    pub fn signing_configs(&self) -> Api<LambdaCodeSigningConfig> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply_signing(&self, name: &str, spec: &Value) -> kube::Result<LambdaCodeSigningConfig> {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaCodeSigningConfig",
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.signing_configs().patch(name, &params, &Patch::Apply(object)).await
    }

    /// Applies and waits until it is ready.
    pub async fn settle_signing(&self, name: &str, spec: &Value) -> LambdaCodeSigningConfig {
        self.try_apply_signing(name, spec).await.unwrap();
        self.signing_condition(name, "Ready", "True", None).await
    }

    /// Waits for a condition that speaks of the object's newest generation.
    pub async fn signing_condition(
        &self,
        name: &str,
        type_: &str,
        status: &str,
        words: Option<&str>,
    ) -> LambdaCodeSigningConfig {
        self.until(&format!("{name} {type_}={status} {words:?}"), async |world: &Self| {
            let object = world.signing_configs().get(name).await.map_err(|error| error.to_string())?;
            let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            let found = conditions.into_iter().any(|condition| {
                condition.type_ == type_
                    && condition.status == status
                    && words.is_none_or(|words| condition.reason == words || condition.message.contains(words))
                    && condition.observed_generation == object.metadata.generation
            });
            if found { Ok(object) } else { Err(format!("{:#?}", object.status)) }
        })
        .await
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn signing_is_looked_at(&self, name: &str) {
        let asked = fastrand::u64(..).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: asked}}});
        self.signing_configs().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
        self.until(&format!("a reconcile of {name}"), async |world: &Self| {
            let object = world.signing_configs().get(name).await.map_err(|error| error.to_string())?;
            let handled = object.status.and_then(|status| status.common.last_handled_reconcile_at);
            if handled.as_ref() == Some(&asked) { Ok(()) } else { Err(format!("{handled:?}")) }
        })
        .await;
    }

    pub async fn delete_signing(&self, name: &str) {
        self.signing_configs().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn signing_is_gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async |world: &Self| {
            match world.signing_configs().get_opt(name).await {
                Ok(None) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// Every code signing configuration in AWS.
    pub async fn all_signing_configs(&self) -> Vec<Value> {
        let (status, answer) = self.aws.lambda("GET", "/2020-04-22/code-signing-configs/", None).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["CodeSigningConfigs"].as_array().cloned().unwrap_or_default()
    }

    /// A call about one code signing configuration.
    pub async fn signing_call(&self, method: &str, arn: &str, body: Option<&Value>) -> (u16, Value) {
        let path = format!("/2020-04-22/code-signing-configs/{}", arn.replace(':', "%3A"));
        self.aws.lambda(method, &path, body).await.unwrap()
    }

    /// The tags of a resource.
    pub async fn tags_of(&self, arn: &str) -> Value {
        let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
        self.aws.lambda("GET", &path, None).await.unwrap().1["Tags"].take()
    }
}

/// The ARN in an object's status.
pub fn signing_arn(object: &LambdaCodeSigningConfig) -> String {
    object.status.as_ref().and_then(|status| status.common.arn.clone()).unwrap_or_default()
}
