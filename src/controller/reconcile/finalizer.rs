//! Our finalizer: put on before anything is made in AWS, taken off when nothing of ours is left there. Writes metadata only.

use kube::api::{Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::json;

use crate::api::shared::FINALIZER;
use crate::controller::managed::Managed;

/// Whether the object waits for us before it goes.
pub(in crate::controller) fn is_on(object: &impl Resource) -> bool {
    object.finalizers().iter().any(|finalizer| finalizer == FINALIZER)
}

/// Puts it on.
pub(in crate::controller) async fn put<K: Managed>(objects: &Api<K>, object: &K) -> kube::Result<()> {
    let mut finalizers = object.finalizers().to_vec();
    finalizers.push(FINALIZER.into());
    replace(objects, object, &finalizers).await
}

/// Takes it off. An object that is gone, or came anew under its name, has nothing to take off.
pub(in crate::controller) async fn take<K: Managed>(objects: &Api<K>, object: &K) -> kube::Result<()> {
    let finalizers: Vec<_> = object.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).cloned().collect();
    match replace(objects, object, &finalizers).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        result => result,
    }
}

/// A merge patch that holds only for this very object as it was read: another uid or version is a conflict.
async fn replace<K: Managed>(objects: &Api<K>, object: &K, finalizers: &[String]) -> kube::Result<()> {
    let patch = json!({"metadata": {"uid": object.uid(), "resourceVersion": object.resource_version(), "finalizers": finalizers}});
    objects.patch_metadata(&object.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await.map(drop)
}
