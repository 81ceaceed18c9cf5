//! Writes Events. One that cannot be written must not fail a reconcile.

use std::time::Instant;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use kube::{Api, Resource};
use tracing::{debug, warn};

use super::failure::answer;
use crate::controller::context::Context;
use crate::core::reason::Reason;
use crate::core::refusal::is_terminating;
use crate::core::shown::printable;

/// The longest note that an Event can hold, in bytes.
const LONGEST_NOTE: usize = 1000;

/// The namespace of Events about Namespace objects.
const DEFAULT_NAMESPACE: &str = "default";

/// The object that an Event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controller) enum About {
    /// The object itself. A namespace that is being deleted accepts no Event.
    Object,
    /// The object, or its namespace if that is being deleted.
    ObjectOrNamespace,
}

/// The Event is published directly, because kube's recorder would repeat the first message of a reason for minutes.
pub(in crate::controller) async fn publish(
    context: &Context,
    object: &impl Resource<DynamicType = ()>,
    about: About,
    reason: &str,
    note: &str,
) {
    publish_about(context, object.object_ref(&()), about, reason, note).await;
}

/// Publishes an Event about an object of which only the reference is known.
pub(super) async fn publish_about(context: &Context, object: ObjectReference, about: About, reason: &str, note: &str) {
    let uid = object.uid.clone().unwrap_or_default();
    // The last Event about an object does not count against its limit.
    if about == About::Object && !context.event_limit.allows(&uid, Instant::now()) {
        let (namespace, name) = (object.namespace.unwrap_or_default(), object.name.unwrap_or_default());
        debug!(namespace, name, reason, "The object has had many Events; this one is left out, and the status says it");
        return;
    }
    let namespace = object.namespace.clone().unwrap_or_default();
    let subject = [&object.kind, &object.name].map(|part| part.as_deref().unwrap_or_default()).join(" ");
    let terminating = context.namespaces.is_terminating(&namespace);
    let refused = terminating || !create(context, object, &namespace, reason, note).await;
    if refused && about == About::ObjectOrNamespace {
        let namespace = ObjectReference {
            api_version: Some("v1".into()),
            kind: Some("Namespace".into()),
            name: Some(namespace),
            ..ObjectReference::default()
        };
        create(context, namespace, DEFAULT_NAMESPACE, reason, &format!("{subject}: {note}")).await;
    }
}

/// Writes one Event. Returns false if the namespace no longer accepts Events.
async fn create(context: &Context, regarding: ObjectReference, namespace: &str, reason: &str, note: &str) -> bool {
    let name = regarding.name.clone().unwrap_or_default();
    let now = Timestamp::now();
    let event = Event {
        metadata: ObjectMeta {
            // kubectl sorts by a time that Events of this API do not have, so their names decide the order.
            name: Some(format!("{name}.{:016x}", now.as_nanosecond())),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        action: Some("Reconcile".into()),
        event_time: Some(MicroTime(now)),
        note: Some(shortened(&printable(note))),
        reason: Some(reason.to_owned()),
        regarding: Some(regarding),
        reporting_controller: Some("lambda-operator.io/controller".into()),
        reporting_instance: Some(context.settings.instance.clone()),
        type_: Some(Reason::named(reason).map_or("Normal", Reason::event_type).into()),
        ..Event::default()
    };
    let events: Api<Event> = Api::namespaced(context.kubernetes.clone(), namespace);
    match events.create(&PostParams::default(), &event).await {
        Ok(_) => true,
        Err(kube::Error::Api(status)) if is_terminating(&answer(&status)) => {
            debug!(namespace, "The namespace is being deleted and accepts no Events");
            false
        }
        Err(error) => {
            warn!(namespace, name, %error, "Failed to write an Event: allow the operator's role to create events.events.k8s.io");
            true
        }
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
