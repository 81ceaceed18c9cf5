//! What tests do with LambdaEventSourceMappings in a world: apply, wait, look, and compare with AWS.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};

use crate::world::World;

impl World {
    pub fn mapping_objects(&self) -> Api<LambdaEventSourceMapping> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply_mapping(&self, name: &str, spec: &Value) -> kube::Result<LambdaEventSourceMapping> {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaEventSourceMapping",
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.mapping_objects().patch(name, &params, &Patch::Apply(object)).await
    }

    pub async fn apply_mapping(&self, name: &str, spec: &Value) -> LambdaEventSourceMapping {
        self.try_apply_mapping(name, spec).await.unwrap()
    }

    /// Applies and waits until it is done.
    pub async fn settle_mapping(&self, name: &str, spec: &Value) -> LambdaEventSourceMapping {
        self.apply_mapping(name, spec).await;
        self.mapping_is_ready(name).await
    }

    pub async fn mapping_is_ready(&self, name: &str) -> LambdaEventSourceMapping {
        self.mapping_condition(name, "Ready", "True", None).await
    }

    /// Waits for a condition that speaks of the object's newest generation.
    pub async fn mapping_condition(
        &self,
        name: &str,
        type_: &str,
        status: &str,
        reason: Option<&str>,
    ) -> LambdaEventSourceMapping {
        let what = format!("{name} {type_}={status} {reason:?}");
        self.mapping_until(&what, name, |object| {
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
    pub async fn mapping_says(&self, name: &str, type_: &str, reason: &str) -> String {
        mapping_message(&self.mapping_condition(name, type_, "True", Some(reason)).await, type_)
    }

    /// Waits until the object is as wanted.
    pub async fn mapping_until(
        &self,
        what: &str,
        name: &str,
        mut wanted: impl FnMut(&LambdaEventSourceMapping) -> bool,
    ) -> LambdaEventSourceMapping {
        self.until(what, async |world: &Self| {
            let object = world.mapping_objects().get(name).await.map_err(|error| error.to_string())?;
            if wanted(&object) { Ok(object) } else { Err(format!("{:#?}", object.status)) }
        })
        .await
    }

    pub async fn delete_mapping(&self, name: &str) {
        self.mapping_objects().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn mapping_is_gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async |world: &Self| {
            match world.mapping_objects().get_opt(name).await {
                Ok(None) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn mapping_is_looked_at(&self, name: &str) -> LambdaEventSourceMapping {
        let asked = fastrand::u64(..).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: asked}}});
        self.mapping_objects().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
        self.mapping_until(&format!("a reconcile of {name}"), name, |object| {
            let told = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref());
            told == Some(&asked)
        })
        .await
    }

    /// The mapping in AWS, if there is one.
    pub async fn mapping(&self, uuid: &str) -> Option<Value> {
        match self.aws.get_mapping(uuid).await.unwrap() {
            (200, answer) => Some(answer),
            (404, _) => None,
            (status, answer) => panic!("{status}: {answer}"),
        }
    }

    /// The tags of a mapping in AWS.
    pub async fn mapping_tags(&self, uuid: &str) -> Value {
        let path = format!("/2017-03-31/tags/{}", self.mapping_arn(uuid).replace(':', "%3A"));
        let (status, answer) = self.aws.lambda("GET", &path, None).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["Tags"].clone()
    }

    /// Sets tags of a mapping, as somebody else.
    pub async fn tag_mapping(&self, uuid: &str, tags: &Value) {
        let path = format!("/2017-03-31/tags/{}", self.mapping_arn(uuid).replace(':', "%3A"));
        let (status, answer) = self.aws.lambda("POST", &path, Some(&json!({ "Tags": tags }))).await.unwrap();
        assert_eq!(status, 204, "{answer}");
    }

    #[must_use]
    pub fn mapping_arn(&self, uuid: &str) -> String {
        format!("arn:aws:lambda:eu-west-1:{}:event-source-mapping:{uuid}", self.account)
    }
}

/// UUID of the object's mapping.
#[must_use]
pub fn uuid(object: &LambdaEventSourceMapping) -> String {
    object.status.as_ref().and_then(|status| status.uuid.clone()).unwrap()
}

pub fn mapping_message(object: &LambdaEventSourceMapping, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message.clone()).unwrap_or_default()
}
