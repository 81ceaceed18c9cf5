//! Writes a status, in one write and only if it differs, and an Event if there is news. Decides nothing.

use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use tracing::warn;

use crate::api::condition;
use crate::controller::context::{Context, KindContext};
use crate::controller::managed::Managed;
use crate::core::past::Reported;
use crate::core::reason::Reason;

/// The one field manager of every status.
const MANAGER: &str = "lambda-operator";

/// The longest note that an Event can hold, in bytes.
const LONGEST_NOTE: usize = 1000;

/// Whether a report is worth an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controller) enum EventPolicy {
    /// Something was written to AWS.
    Always,
    /// Where its reason is another than before.
    News,
    /// Where its words are others than before.
    Words,
    /// It only says that we are at it.
    Never,
}

/// Writes `after` where it differs from `before`. Returns whether it did.
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
    // Whoever leads now reports.
    if !context.shared.aws.may_call() {
        return Ok(false);
    }
    let objects: Api<K> = Api::namespaced(context.shared.kubernetes.clone(), &object.namespace().unwrap_or_default());
    // The uid keeps this off an object that came anew under the same name.
    let patch = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        "metadata": {"uid": object.uid()},
        "status": after,
    });
    let params = PatchParams::apply(MANAGER).force();
    match objects.patch_status(&object.name_any(), &params, &Patch::Apply(patch)).await {
        Ok(written) => context.statuses.store(&written, after),
        // It went away under our hands: nobody is left to read this.
        Err(kube::Error::Api(status)) if status.is_not_found() => return Ok(false),
        Err(error) => {
            context.statuses.set_pending(&uid, after);
            return Err(error);
        }
    }
    let conditions = |status: &K::Status| status.common().conditions.clone();
    if let Some(news) = news(&before.map(conditions).unwrap_or_default(), &after.common().conditions, events) {
        publish(&context.shared, object, news).await;
    }
    Ok(true)
}

/// The condition to make an Event of, if there is any news in it.
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

/// Published as it is: kube's recorder would keep the first message of a reason for minutes. An Event that cannot be
/// written must not fail the reconcile.
async fn publish<K: Managed>(context: &Context, object: &K, news: &Condition) {
    let namespace = object.namespace().unwrap_or_default();
    let now = Timestamp::now();
    let known = Reason::named(&news.reason);
    let event = Event {
        metadata: ObjectMeta {
            // kubectl sorts by a time that Events of this API have not, so that their names decide.
            name: Some(format!("{}.{:016x}", object.name_any(), now.as_nanosecond())),
            namespace: Some(namespace.clone()),
            ..ObjectMeta::default()
        },
        action: Some("Reconcile".into()),
        event_time: Some(MicroTime(now)),
        note: Some(shortened(&news.message)),
        reason: Some(news.reason.clone()),
        regarding: Some(object.object_ref(&())),
        reporting_controller: Some("lambda-operator.io/controller".into()),
        reporting_instance: Some(context.settings.instance.clone()),
        type_: Some(known.map_or("Normal", Reason::event_type).into()),
        ..Event::default()
    };
    let events: Api<Event> = Api::namespaced(context.kubernetes.clone(), &namespace);
    if let Err(error) = events.create(&PostParams::default(), &event).await {
        warn!(namespace, name = object.name_any(), %error, "Event could not be written; the role must allow create of events.events.k8s.io");
    }
}

fn shortened(message: &str) -> String {
    let end = message
        .char_indices()
        .map(|(at, character)| at + character.len_utf8())
        .take_while(|end| *end <= LONGEST_NOTE)
        .last();
    message[..end.unwrap_or_default()].to_owned()
}
