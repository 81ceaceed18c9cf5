//! An object that this version cannot read: its conditions and an Event report it, and nothing else is done for it. Other objects are not affected.

use k8s_openapi::jiff::Timestamp;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::{Value, json};

use super::Requeue;
use super::events::{About, publish_about};
use super::finished::{Finished, News};
use super::status_write::MANAGER;
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::watch::cached::CachedObject;
use crate::core::reason::Reason;
use crate::core::unreadable::{sentence, status};

/// Reports it once. If the status cannot be written, the Event is still published.
pub(in crate::controller) async fn report<K: Managed>(
    object: &CachedObject<K>,
    error: &str,
    context: &KindContext<K>,
) -> kube::Result<Finished> {
    if !context.shared.aws.may_call() {
        return Ok(Finished::quietly(Requeue::Idle));
    }
    let sentence = sentence(error, object.meta().deletion_timestamp.is_some());
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let resource = ApiResource::erase::<K>(&());
    let objects: Api<DynamicObject> = Api::namespaced_with(context.shared.kubernetes.clone(), &namespace, &resource);
    let Some(current) = objects.get_opt(&name).await?.filter(|current| current.uid() == object.uid()) else {
        return Ok(Finished::quietly(Requeue::Forget));
    };
    let before = current.data.get("status").cloned().unwrap_or(Value::Null);
    let after = status(&before, current.metadata.generation.unwrap_or_default(), &sentence, Timestamp::now());
    if after == before {
        return Ok(Finished::quietly(Requeue::Idle));
    }
    let patch = json!({
        "apiVersion": K::api_version(&()), "kind": K::kind(&()), "metadata": {"uid": object.uid()}, "status": after,
    });
    let written = objects.patch_status(&name, &PatchParams::apply(MANAGER).force(), &Patch::Apply(patch)).await;
    let news = written.is_ok() || context.statuses.is_news(&object.uid().unwrap_or_default(), &sentence);
    if news {
        publish_about(
            &context.shared,
            current.object_ref(&resource),
            About::Object,
            Reason::Unreadable.name(),
            &sentence,
        )
        .await;
    }
    written?;
    let news = News { reason: Reason::Unreadable.name().into(), message: sentence, alarming: true };
    Ok(Finished { news: Some(news), ..Finished::quietly(Requeue::Idle) })
}
