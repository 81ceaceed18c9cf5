//! Detects that an object no longer claims a resource: it is gone, or it claims another. The other objects that claim the resource are woken once.

use std::collections::HashMap;

use kube::Resource;
use kube::runtime::watcher;

use super::cached::{CachedObject, Claimed};
use super::hash;
use super::wake::Wake;
use crate::controller::managed::Managed;

/// The resource that each object claimed when it was last seen, by a hash of its uid.
#[derive(Default)]
pub(super) struct Claims {
    seen: HashMap<u64, Claimed>,
    /// The state when a new list began. A list does not show the objects that are gone.
    before: HashMap<u64, Claimed>,
}

impl Claims {
    /// The resources that this event sets free.
    pub(super) fn freed<K: Managed>(&mut self, event: &watcher::Event<CachedObject<K>>) -> Vec<Wake> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        let freed: Vec<_> = match event {
            Init => {
                self.before.extend(self.seen.drain());
                Vec::new()
            }
            InitDone => self.before.drain().map(|(_, resource)| resource).collect(),
            Delete(object) => self.forget(uid(object)).into_iter().collect(),
            Apply(object) | InitApply(object) => {
                let before = self.forget(uid(object));
                // An object that cannot be read keeps its resource.
                let claimed = if object.unreadable().is_some() { before } else { object.claimed() };
                self.seen.extend(claimed.map(|resource| (uid(object), resource)));
                before.filter(|resource| claimed != Some(*resource)).into_iter().collect()
            }
        };
        freed.into_iter().map(|resource| Wake::Freed(K::NAMES.controller, resource)).collect()
    }

    fn forget(&mut self, uid: u64) -> Option<Claimed> {
        let (seen, before) = (self.seen.remove(&uid), self.before.remove(&uid));
        seen.or(before)
    }
}

fn uid<K: Managed>(object: &CachedObject<K>) -> u64 {
    hash(&object.meta().uid)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};

    use super::*;
    use crate::api::alias::LambdaAlias;

    fn alias(uid: &str, name: Option<&str>) -> CachedObject<LambdaAlias> {
        let place = json!({"account": "1", "region": "eu-west-1", "functionName": "f"});
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias",
            "metadata": {"name": uid, "namespace": "n", "uid": uid},
            "spec": {"functionName": "f", "name": name.unwrap_or("live"), "functionVersion": "1"},
            "status": name.map_or(Value::Null, |_| place),
        });
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn a_resource_is_freed_once_when_its_object_is_gone_or_claims_another() {
        let mut claims = Claims::default();
        let mut freed = |event| claims.freed(&event).len();
        assert_eq!([freed(Init), freed(InitApply(alias("a", Some("live")))), freed(InitDone)], [0; 3]);
        assert_eq!(freed(Apply(alias("a", Some("live")))), 0, "a write of the status");
        assert_eq!(freed(Delete(alias("a", Some("live")))), 1);
        assert_eq!(freed(Delete(alias("a", Some("live")))), 0, "told once");
        assert_eq!(freed(Apply(alias("b", None))), 0, "its place is not known yet");
        assert_eq!(freed(Delete(alias("b", None))), 0, "it claimed nothing");
        assert_eq!(freed(Apply(alias("c", Some("live")))), 0);
        assert_eq!(freed(Apply(alias("c", Some("other")))), 1);
        assert_eq!(freed(Apply(alias("c", None))), 1);
        assert!(claims.seen.is_empty(), "nothing is kept of an object that claims nothing");
    }

    #[test]
    fn a_new_list_frees_what_the_objects_that_it_lacks_claimed() {
        let mut claims = Claims::default();
        for uid in ["a", "b"] {
            assert!(claims.freed(&Apply(alias(uid, Some(uid)))).is_empty());
        }
        // The first of these lists breaks off.
        for event in [Init, InitApply(alias("a", Some("a"))), Init, InitApply(alias("a", Some("a")))] {
            assert!(claims.freed(&event).is_empty());
        }
        let gone = alias("b", Some("b")).claimed().unwrap();
        assert_eq!(claims.freed(&InitDone::<CachedObject<LambdaAlias>>), [Wake::Freed("lambdaalias", gone)]);
        assert_eq!(claims.freed(&Delete(alias("a", Some("a")))).len(), 1, "the list showed it");
    }

    #[test]
    fn an_object_that_cannot_be_read_frees_nothing_until_it_is_gone() {
        let mut claims = Claims::default();
        let odd = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias", "spec": {"name": 7},
            "metadata": {"name": "a", "namespace": "n", "uid": "a"},
        });
        let odd = || serde_json::from_value::<CachedObject<LambdaAlias>>(odd.clone()).unwrap();
        assert!(claims.freed(&Apply(alias("a", Some("live")))).is_empty());
        assert!(claims.freed(&Apply(odd())).is_empty());
        assert_eq!(claims.freed(&Delete(odd())).len(), 1);
    }
}
