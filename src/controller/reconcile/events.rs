//! Writes Events. One that cannot be written must not fail a reconcile.

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use kube::{Api, ResourceExt};
use tracing::{debug, warn};

use super::failure::answer;
use crate::controller::context::Context;
use crate::controller::managed::Managed;
use crate::core::reason::Reason;
use crate::core::refusal::is_terminating;

/// The longest note that an Event can hold, in bytes.
const LONGEST_NOTE: usize = 1000;

/// Where Events about namespaces are.
const DEFAULT_NAMESPACE: &str = "default";

/// Which object an Event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controller) enum About {
    /// The object itself; a namespace that is being deleted takes no Event.
    Object,
    /// The object, or its namespace where that is being deleted.
    ObjectOrNamespace,
}

/// Published as it is: kube's recorder would keep the first message of a reason for minutes.
pub(in crate::controller) async fn publish<K: Managed>(
    context: &Context,
    object: &K,
    about: About,
    reason: &str,
    note: &str,
) {
    let namespace = object.namespace().unwrap_or_default();
    let terminating = context.namespaces.is_terminating(&namespace);
    let refused = terminating || !create(context, object, None, reason, note).await;
    if refused && about == About::ObjectOrNamespace {
        create(context, object, Some(&namespace), reason, &format!("{} {}: {note}", K::kind(&()), object.name_any()))
            .await;
    }
}

/// Writes one Event about the object, or about a namespace. Returns false where the object's namespace takes none any more.
async fn create<K: Managed>(context: &Context, object: &K, about: Option<&str>, reason: &str, note: &str) -> bool {
    let (regarding, name, namespace) = match about {
        None => (object.object_ref(&()), object.name_any(), object.namespace().unwrap_or_default()),
        Some(namespace) => {
            let name = Some(namespace.to_owned());
            let kind = Some("Namespace".to_owned());
            let regarding =
                ObjectReference { api_version: Some("v1".into()), kind, name, ..ObjectReference::default() };
            (regarding, namespace.to_owned(), DEFAULT_NAMESPACE.to_owned())
        }
    };
    let now = Timestamp::now();
    let event = Event {
        metadata: ObjectMeta {
            // kubectl sorts by a time that Events of this API have not, so that their names decide.
            name: Some(format!("{name}.{:016x}", now.as_nanosecond())),
            namespace: Some(namespace.clone()),
            ..ObjectMeta::default()
        },
        action: Some("Reconcile".into()),
        event_time: Some(MicroTime(now)),
        note: Some(shortened(note)),
        reason: Some(reason.to_owned()),
        regarding: Some(regarding),
        reporting_controller: Some("lambda-operator.io/controller".into()),
        reporting_instance: Some(context.settings.instance.clone()),
        type_: Some(Reason::named(reason).map_or("Normal", Reason::event_type).into()),
        ..Event::default()
    };
    let events: Api<Event> = Api::namespaced(context.kubernetes.clone(), &namespace);
    match events.create(&PostParams::default(), &event).await {
        Ok(_) => true,
        Err(kube::Error::Api(status)) if is_terminating(&answer(&status)) => {
            debug!(namespace, "The namespace is being deleted and takes no Events");
            false
        }
        Err(error) => {
            warn!(namespace, name, %error, "Event could not be written; the role must allow create of events.events.k8s.io");
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
