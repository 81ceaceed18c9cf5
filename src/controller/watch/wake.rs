//! Triggers beside an object's own edits: a change of its references or of its namespace. Every kind is notified.

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use kube::runtime::reflector::{ObjectRef, Store};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::cached::CachedObject;
use crate::controller::managed::Managed;
use crate::core::hand_over::ObjectName;
use crate::core::references::Reference;

/// The most changes by which a listener can lag.
const CAPACITY: usize = 4096;

/// A change that objects can depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controller) enum Wake {
    /// A change of an object in this namespace to which others can refer.
    Referred(String, Reference),
    /// A change of the annotations of this namespace.
    Namespace(String),
    /// This object, because another gives it a resource.
    Given(ObjectName),
}

/// The broadcast channel of changes.
pub(in crate::controller) struct Wakes(broadcast::Sender<Wake>);

impl Default for Wakes {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Wakes {
    /// Notifies every kind.
    pub(in crate::controller) fn send(&self, wake: Wake) {
        // There is no listener before the first controller runs, which then reads everything.
        let _ = self.0.send(wake);
    }

    /// The objects of `store` that a change concerns. A listener that lagged behind triggers all objects.
    pub(in crate::controller) fn concerning<K: Managed>(
        &self,
        store: Store<CachedObject<K>>,
    ) -> BoxStream<'static, ObjectRef<CachedObject<K>>> {
        let heard = stream::unfold(self.0.subscribe(), |mut changes| async move {
            match changes.recv().await {
                Ok(wake) => Some((Some(wake), changes)),
                Err(RecvError::Lagged(_)) => Some((None, changes)),
                Err(RecvError::Closed) => None,
            }
        });
        heard.flat_map(move |wake| stream::iter(concerned(&store, wake.as_ref()))).boxed()
    }
}

fn concerned<K: Managed>(store: &Store<CachedObject<K>>, wake: Option<&Wake>) -> Vec<ObjectRef<CachedObject<K>>> {
    let concerns = |object: &CachedObject<K>| match wake {
        None => true,
        Some(Wake::Namespace(namespace)) => object.is_within(namespace),
        Some(Wake::Given(taker)) => object.own_name() == taker.to_string(),
        Some(Wake::Referred(namespace, reference)) => object.is_within(namespace) && object.refers_to(reference),
    };
    let objects = store.state();
    objects.iter().filter(|object| concerns(object)).map(|object| ObjectRef::from_obj(object.as_ref())).collect()
}
