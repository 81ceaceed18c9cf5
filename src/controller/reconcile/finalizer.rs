//! Our finalizer: added before anything is created in AWS, removed when the object has nothing left there. Writes metadata only.

use kube::api::{Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::json;

use crate::api::shared::FINALIZER;
use crate::controller::managed::Managed;

/// Whether the object has our finalizer.
pub(in crate::controller) fn is_on(object: &impl Resource) -> bool {
    object.finalizers().iter().any(|finalizer| finalizer == FINALIZER)
}

/// Adds the finalizer.
pub(in crate::controller) async fn put<K: Managed>(objects: &Api<K>, object: &K) -> kube::Result<()> {
    let mut finalizers = object.finalizers().to_vec();
    finalizers.push(FINALIZER.into());
    replace(objects, object, &finalizers).await
}

/// Removes the finalizer. Nothing is done if the object is gone, or was recreated under the same name.
pub(in crate::controller) async fn take<K: Managed>(objects: &Api<K>, object: &K) -> kube::Result<()> {
    let finalizers: Vec<_> = object.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).cloned().collect();
    match replace(objects, object, &finalizers).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        result => result,
    }
}

/// A merge patch that applies only to the object as it was read: another uid or resourceVersion is a conflict.
async fn replace<K: Managed>(objects: &Api<K>, object: &K, finalizers: &[String]) -> kube::Result<()> {
    let patch = json!({"metadata": {"uid": object.uid(), "resourceVersion": object.resource_version(), "finalizers": finalizers}});
    objects.patch_metadata(&object.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await.map(drop)
}
