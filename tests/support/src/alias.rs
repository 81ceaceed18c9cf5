//! What tests do with LambdaAliases, in one line each.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};

use crate::world::World;

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
        self.alias_ready(name).await
    }

    pub async fn alias_ready(&self, name: &str) -> LambdaAlias {
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

    pub async fn delete_alias_object(&self, name: &str) {
        self.aliases().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn alias_object_gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async |world: &Self| match world.aliases().get_opt(name).await {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn alias_looked(&self, name: &str) -> LambdaAlias {
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
