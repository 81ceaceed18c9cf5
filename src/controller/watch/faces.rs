//! Detects changes of the facts that other objects see of an object. Our own status writes count: a published version triggers its aliases.

use std::collections::HashMap;

use kube::Resource;
use kube::runtime::watcher;

use super::cached::CachedObject;
use super::wake::Wake;
use crate::controller::managed::Managed;
use crate::core::references::Reference;

/// The hash of each object's visible facts when it was last seen, by uid.
#[derive(Default)]
pub(super) struct Faces {
    seen: HashMap<String, u64>,
}

impl Faces {
    /// The objects to trigger because of this event.
    pub(super) fn changed<K: Managed>(&mut self, event: &watcher::Event<CachedObject<K>>) -> Option<Wake> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        let (object, face) = match event {
            Init | InitDone => return None,
            Apply(object) | InitApply(object) => (object, Some(object.face()?)),
            Delete(object) => (object, None),
        };
        object.face()?;
        let kind = K::NAMES.reference?;
        let metadata = object.meta();
        let uid = metadata.uid.clone().unwrap_or_default();
        let before = match face {
            Some(face) => self.seen.insert(uid, face),
            None => self.seen.remove(&uid),
        };
        if before == face {
            return None;
        }
        let reference = Reference { kind, name: metadata.name.clone().unwrap_or_default() };
        Some(Wake::Referred(metadata.namespace.clone().unwrap_or_default(), reference))
    }
}
