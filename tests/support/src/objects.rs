//! What tests do with objects of any kind in a world: apply, wait, look, delete.

use std::marker::PhantomData;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::{Api, Resource};
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use lambda_operator::core::kind::Kind;
use lambda_operator::core::past::Reported;
use serde_json::{Value, json};

use crate::world::World;

/// A kind whose objects tests have.
pub trait Object: Kind + Resource<DynamicType = (), Scope = NamespaceResourceScope> {}

impl<K: Kind + Resource<DynamicType = (), Scope = NamespaceResourceScope>> Object for K {}

/// The objects of one kind in a world.
pub struct Objects<'w, K> {
    world: &'w World,
    kind: PhantomData<K>,
}

impl World {
    /// The objects of this kind.
    #[must_use]
    pub const fn of<K: Object>(&self) -> Objects<'_, K> {
        Objects { world: self, kind: PhantomData }
    }
}

fn conditions<K: Object>(object: &K) -> &[Condition] {
    object.reported().map(|status| status.common().conditions.as_slice()).unwrap_or_default()
}

/// The message of a condition.
pub fn message<K: Object>(object: &K, type_: &str) -> String {
    conditions(object).iter().find(|one| one.type_ == type_).map(|one| one.message.clone()).unwrap_or_default()
}

/// Status and reason of a condition.
pub fn fact<K: Object>(object: &K, type_: &str) -> Option<(String, String)> {
    conditions(object).iter().find(|one| one.type_ == type_).map(|one| (one.status.clone(), one.reason.clone()))
}

impl<K: Object> Objects<'_, K> {
    /// The API of this kind.
    #[must_use]
    pub fn api(&self) -> Api<K> {
        Api::namespaced(self.world.client.clone(), &self.world.namespace)
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply(&self, name: &str, spec: &Value) -> kube::Result<K> {
        let object = json!({
            "apiVersion": K::api_version(&()), "kind": K::kind(&()), "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.api().patch(name, &params, &Patch::Apply(object)).await
    }

    pub async fn apply(&self, name: &str, spec: &Value) -> K {
        self.try_apply(name, spec).await.unwrap()
    }

    /// Applies and waits until it is done.
    pub async fn settle(&self, name: &str, spec: &Value) -> K {
        self.apply(name, spec).await;
        self.is_ready(name).await
    }

    pub async fn is_ready(&self, name: &str) -> K {
        self.condition(name, "Ready", "True", None).await
    }

    /// Waits for a condition that speaks of the object's newest generation.
    pub async fn condition(&self, name: &str, type_: &str, status: &str, reason: Option<&str>) -> K {
        let what = format!("{} {name} {type_}={status} {reason:?}", K::kind(&()));
        self.until(&what, name, |object| {
            conditions(object).iter().any(|condition| {
                condition.type_ == type_
                    && condition.status == status
                    && reason.is_none_or(|reason| condition.reason == reason)
                    && condition.observed_generation == object.metadata().generation
            })
        })
        .await
    }

    /// Waits for a condition that is true with this reason; returns its message.
    pub async fn says(&self, name: &str, type_: &str, reason: &str) -> String {
        message(&self.condition(name, type_, "True", Some(reason)).await, type_)
    }

    /// Waits until the object is as wanted.
    pub async fn until(&self, what: &str, name: &str, mut wanted: impl FnMut(&K) -> bool) -> K {
        self.world
            .until(what, async |_: &World| {
                let object = self.api().get(name).await.map_err(|error| error.to_string())?;
                if wanted(&object) { Ok(object) } else { Err(format!("{:#?}", object.reported())) }
            })
            .await
    }

    pub async fn delete(&self, name: &str) {
        self.api().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn is_gone(&self, name: &str) {
        let what = format!("{} {name} to be gone", K::kind(&()));
        self.world
            .until(&what, async |_: &World| match self.api().get_opt(name).await {
                Ok(None) => Ok(()),
                other => Err(format!("{other:?}")),
            })
            .await;
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn is_looked_at(&self, name: &str) -> K {
        let asked = fastrand::u64(..).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: asked}}});
        self.api().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
        self.until(&format!("a reconcile of {name}"), name, |object| {
            let handled = object.reported().and_then(|status| status.common().last_handled_reconcile_at.as_ref());
            handled == Some(&asked)
        })
        .await
    }

    /// Adds an annotation.
    pub async fn annotate(&self, name: &str, key: &str, value: &str) {
        let patch = json!({"metadata": {"annotations": {key: value}}});
        self.api().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }
}
