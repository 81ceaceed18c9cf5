//! What tests do with objects of any kind in a world: apply, wait, look, delete.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject};
use kube::{Api, Resource};
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use lambda_operator::core::kind::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::world::World;

/// A kind whose objects tests have.
pub trait Object: Kind + Resource<DynamicType = (), Scope = NamespaceResourceScope> {}

impl<K: Kind + Resource<DynamicType = (), Scope = NamespaceResourceScope>> Object for K {}

/// An object as the API server gives it: of a kind that the test names, or of one that it finds in a table.
pub trait Given: Clone + Debug + Serialize + DeserializeOwned {}

impl<K: Clone + Debug + Serialize + DeserializeOwned> Given for K {}

/// The objects of one kind in a world.
pub struct Objects<'w, K> {
    world: &'w World,
    resource: ApiResource,
    api: Api<K>,
}

impl World {
    /// The objects of this kind.
    #[must_use]
    pub fn of<K: Object>(&self) -> Objects<'_, K> {
        let api = Api::namespaced(self.client.clone(), &self.namespace);
        Objects { world: self, resource: ApiResource::erase::<K>(&()), api }
    }

    /// The objects of a kind that no type names.
    #[must_use]
    pub fn of_resource(&self, resource: &ApiResource) -> Objects<'_, DynamicObject> {
        let api = Api::namespaced_with(self.client.clone(), &self.namespace, resource);
        Objects { world: self, resource: resource.clone(), api }
    }
}

/// The object as JSON.
fn shown<K: Given>(object: &K) -> Value {
    serde_json::to_value(object).unwrap()
}

/// A condition of an object that is given as JSON.
fn condition<'a>(object: &'a Value, type_: &str) -> Option<&'a Value> {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().find(|one| one["type"] == type_)
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// The message of a condition.
pub fn message<K: Given>(object: &K, type_: &str) -> String {
    condition(&shown(object), type_).map(|one| text(one, "message")).unwrap_or_default()
}

/// Status and reason of a condition.
pub fn fact<K: Given>(object: &K, type_: &str) -> Option<(String, String)> {
    condition(&shown(object), type_).map(|one| (text(one, "status"), text(one, "reason")))
}

/// Whether a condition speaks of the object's newest generation, and is so.
pub fn is<K: Given>(object: &K, type_: &str, status: &str, reason: Option<&str>) -> bool {
    let object = shown(object);
    condition(&object, type_).is_some_and(|condition| {
        condition["status"] == status
            && reason.is_none_or(|reason| condition["reason"] == reason)
            && condition["observedGeneration"] == object["metadata"]["generation"]
    })
}

impl<K: Given> Objects<'_, K> {
    /// The API of this kind.
    #[must_use]
    pub fn api(&self) -> Api<K> {
        self.api.clone()
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply(&self, name: &str, spec: &Value) -> kube::Result<K> {
        let (api_version, kind) = (&self.resource.api_version, &self.resource.kind);
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec});
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.api.patch(name, &params, &Patch::Apply(object)).await
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
        let what = format!("{} {name} {type_}={status} {reason:?}", self.resource.kind);
        self.until(&what, name, |object| is(object, type_, status, reason)).await
    }

    /// Waits for a condition that is true with this reason; returns its message.
    pub async fn says(&self, name: &str, type_: &str, reason: &str) -> String {
        message(&self.condition(name, type_, "True", Some(reason)).await, type_)
    }

    /// Waits until the object is as wanted.
    pub async fn until(&self, what: &str, name: &str, mut wanted: impl FnMut(&K) -> bool) -> K {
        self.world
            .until(what, async |_: &World| {
                let object = self.api.get(name).await.map_err(|error| error.to_string())?;
                if wanted(&object) { Ok(object) } else { Err(format!("{:#}", shown(&object)["status"])) }
            })
            .await
    }

    pub async fn delete(&self, name: &str) {
        self.api.delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn is_gone(&self, name: &str) {
        let what = format!("{} {name} to be gone", self.resource.kind);
        self.world
            .until(&what, async |_: &World| match self.api.get_opt(name).await {
                Ok(None) => Ok(()),
                other => Err(format!("{other:?}")),
            })
            .await;
    }

    /// Asks for a reconcile, and waits until its status says that it was done.
    pub async fn is_looked_at(&self, name: &str) -> K {
        let asked = fastrand::u64(..).to_string();
        self.annotate(name, RECONCILE_REQUESTED_AT, &asked).await;
        self.until(&format!("a reconcile of {name}"), name, |object| {
            shown(object)["status"]["lastHandledReconcileAt"] == asked.as_str()
        })
        .await
    }

    /// Adds an annotation.
    pub async fn annotate(&self, name: &str, key: &str, value: &str) {
        let patch = json!({"metadata": {"annotations": {key: value}}});
        self.api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }

    /// Changes some fields of the spec, as `kubectl patch` does.
    pub async fn change_spec(&self, name: &str, change: &Value) {
        let patch = Patch::Merge(json!({ "spec": change }));
        self.api.patch(name, &PatchParams::default(), &patch).await.unwrap();
    }
}
