//! Detects that the annotation `hand-over-to` of an object names another object. The named object is woken once for each change of the annotation,
//! not for each reconcile.

use std::collections::HashMap;

use kube::Resource;
use kube::runtime::watcher;

use super::cached::CachedObject;
use super::wake::Wake;
use crate::controller::managed::Managed;
use crate::core::hand_over::{HandedOver, ObjectName};

/// The takers that objects named when they were last seen, by the giver's uid.
#[derive(Default)]
pub(super) struct HandOvers {
    seen: HashMap<String, ObjectName>,
}

impl HandOvers {
    /// The object to wake because of this event.
    pub(super) fn changed<K: Managed>(&mut self, event: &watcher::Event<CachedObject<K>>) -> Option<Wake> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        let (object, taker) = match event {
            Init | InitDone => return None,
            Apply(object) | InitApply(object) => (object, object.gives_to()),
            Delete(object) => (object, None),
        };
        let uid = object.meta().uid.clone().unwrap_or_default();
        let Some(taker) = taker else {
            self.seen.remove(&uid);
            return None;
        };
        if self.seen.insert(uid, taker.clone()).as_ref() == Some(taker) {
            return None;
        }
        let giver = object.object_name();
        let resource = object.stake().map(|stake| stake.resource.clone());
        Some(Wake::Given(Box::new(HandedOver { giver, taker: taker.clone(), resource })))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};

    use super::*;
    use crate::api::function::spec::LambdaFunction;

    fn giver(taker: Option<&str>, generation: i64) -> CachedObject<LambdaFunction> {
        let annotations = taker.map_or(Value::Null, |taker| json!({"lambda-operator.io/hand-over-to": taker}));
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "spec": {"role": "arn:r"},
            "metadata": {"name": "giver", "namespace": "n", "uid": "u", "generation": generation, "annotations": annotations},
        });
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn a_taker_is_woken_once_for_each_change_of_the_hand_over() {
        let mut hand_overs = HandOvers::default();
        let mut woken = |event| match hand_overs.changed(&event) {
            Some(Wake::Given(given)) => Some((given.giver.to_string(), given.taker.to_string())),
            None => None,
            other => panic!("{other:?}"),
        };
        let wakes = |taker: &str| Some(("n/giver".to_owned(), taker.to_owned()));
        assert_eq!(woken(Apply(giver(None, 1))), None);
        assert_eq!(woken(Apply(giver(Some("a/taker"), 1))), wakes("a/taker"));
        assert_eq!(woken(Apply(giver(Some("a/taker"), 2))), None, "another edit, or a write of the status");
        assert_eq!(woken(Init), None);
        assert_eq!(woken(InitApply(giver(Some("a/taker"), 2))), None, "a new list");
        assert_eq!(woken(InitDone), None);
        assert_eq!(woken(Apply(giver(Some("not a name"), 2))), None);
        assert_eq!(woken(Apply(giver(Some("a/other"), 2))), wakes("a/other"));
        assert_eq!(woken(Apply(giver(None, 2))), None);
        assert_eq!(woken(Apply(giver(Some("a/other"), 2))), wakes("a/other"), "given again");
        assert_eq!(woken(Delete(giver(Some("a/other"), 2))), None);
        assert!(hand_overs.seen.is_empty(), "nothing is kept of an object that is gone");
    }
}
