//! Writes a status in one request and only if it differs, and an Event if the reason is new. Decides nothing.

use http::HeaderValue;
use http::header::ACCEPT;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{Patch, PatchParams};
use kube::core::Request;
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use super::events::{About, publish};
use crate::api::condition;
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::watch::stripped::Named;
use crate::core::past::Reported;

/// The one field manager of every status.
pub(super) const MANAGER: &str = "lambda-operator";

/// The media type by which the API server returns only metadata.
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// Whether a report is worth an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controller) enum EventPolicy {
    /// A write was sent to AWS.
    Always,
    /// The reason has changed.
    News,
    /// The message has changed.
    Words,
    /// Never, because the reason only shows progress.
    Never,
}

/// Writes `after` if it differs from `before`. Returns whether it did.
pub(in crate::controller) async fn write_status<K: Managed>(
    context: &KindContext<K>,
    object: &K,
    before: Option<&K::Status>,
    after: &K::Status,
    events: EventPolicy,
) -> kube::Result<bool> {
    let uid = object.uid().unwrap_or_default();
    if before == Some(after) {
        context.statuses.clear_pending(&uid);
        return Ok(false);
    }
    // Only the leader reports.
    if !context.shared.aws.may_call() {
        return Ok(false);
    }
    // With the uid, the write fails if the object was recreated under the same name.
    let patch = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        "metadata": {"uid": object.uid()},
        "status": after,
    });
    match patched(&context.shared.kubernetes, object, patch).await {
        Ok(written) => context.statuses.store(&written, after),
        // The object was deleted meanwhile, so there is nothing to report on.
        Err(kube::Error::Api(status)) if status.is_not_found() => return Ok(false),
        Err(error) => {
            context.statuses.set_pending(&uid, after);
            return Err(error);
        }
    }
    let conditions = |status: &K::Status| status.common().conditions.clone();
    if let Some(news) = news(&before.map(conditions).unwrap_or_default(), &after.common().conditions, events) {
        publish(&context.shared, object, About::Object, &news.reason, &news.message).await;
    }
    Ok(true)
}

/// Applies a status. The object can be large and only its metadata is used, so the request asks only for the metadata.
async fn patched<K: Managed>(kubernetes: &Client, object: &K, patch: Value) -> kube::Result<Named<K>> {
    let objects = Request::new(K::url_path(&(), object.meta().namespace.as_deref()));
    let params = PatchParams::apply(MANAGER).force();
    let request = objects.patch_subresource("status", &object.name_any(), &params, &Patch::Apply(patch));
    let mut request = request.map_err(kube::Error::BuildRequest)?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(METADATA));
    kubernetes.request(request).await
}

/// The condition to report by an Event, if it is new.
fn news<'a>(before: &'a [Condition], after: &'a [Condition], events: EventPolicy) -> Option<&'a Condition> {
    let ready = |conditions: &'a [Condition]| conditions.iter().find(|c| c.type_ == condition::READY);
    let now = ready(after)?;
    let old =
        ready(before).filter(|old| (&old.reason, old.observed_generation) == (&now.reason, now.observed_generation));
    match events {
        EventPolicy::Always => Some(now),
        EventPolicy::News => old.is_none().then_some(now),
        EventPolicy::Words => old.is_none_or(|old| old.message != now.message).then_some(now),
        EventPolicy::Never => None,
    }
}
