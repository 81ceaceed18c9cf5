//! What wakes objects beside their own edits: a change of what they refer to, or of their namespace. Every kind hears of it.

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use kube::runtime::reflector::{ObjectRef, Store};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::cached::CachedObject;
use crate::controller::managed::Managed;
use crate::core::hand_over::ObjectName;
use crate::core::references::Reference;

/// Changes that a listener can be behind.
const CAPACITY: usize = 4096;

/// Something changed that objects may depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controller) enum Wake {
    /// An object of this namespace that others may refer to.
    Referred(String, Reference),
    /// The annotations of this namespace.
    Namespace(String),
    /// This object, because another gives it a resource.
    Given(ObjectName),
}

/// Where changes are told and heard.
pub(in crate::controller) struct Wakes(broadcast::Sender<Wake>);

impl Default for Wakes {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Wakes {
    /// Tells every kind.
    pub(in crate::controller) fn send(&self, wake: Wake) {
        // Nobody listens before the first controller runs, which then reads everything.
        let _ = self.0.send(wake);
    }

    /// The objects of `store` that a change concerns. Who fell behind wakes all of them.
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
