//! Triggers beside an object's own edits: a change of its references or of its namespace. Every kind is notified.

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use kube::runtime::reflector::{ObjectRef, Store};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::cached::{CachedObject, Claimed};
use crate::controller::managed::Managed;
use crate::core::hand_over::HandedOver;
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
    /// An object gives its resource to another.
    Given(Box<HandedOver>),
    /// An object of this kind, by the name of its controller, no longer claims this resource. Without this wake, the next object that claims it would
    /// be late by minutes, and meanwhile the resource is missing in AWS.
    Freed(&'static str, Claimed),
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

    /// The objects of `store` that depend on a change. A listener that lagged behind triggers all objects.
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
        Some(Wake::Freed(kind, freed)) => *kind == K::NAMES.controller && object.awaits(*freed),
        Some(Wake::Given(given)) => object.object_name() == given.taker && object.asks_for(given),
        Some(Wake::Referred(namespace, reference)) => object.is_within(namespace) && object.refers_to(reference),
    };
    let objects = store.state();
    objects.iter().filter(|object| concerns(object)).map(|object| ObjectRef::from_obj(object.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use kube::runtime::reflector;
    use kube::runtime::watcher::Event;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::alias::LambdaAlias;
    use crate::api::function::spec::LambdaFunction;
    use crate::api::function_url::LambdaFunctionUrl;

    /// For tests: the names of those objects that a hand-over wakes.
    fn woken<K: Managed>(objects: &[Value], given: HandedOver) -> Vec<String> {
        woken_by::<K>(objects, &Wake::Given(Box::new(given)))
    }

    fn woken_by<K: Managed>(objects: &[Value], wake: &Wake) -> Vec<String> {
        let (store, mut writer) = reflector::store();
        for object in objects {
            let object: CachedObject<K> = serde_json::from_value(object.clone()).unwrap();
            writer.apply_watcher_event(&Event::Apply(object));
        }
        let mut names: Vec<_> = concerned(&store, Some(wake)).into_iter().map(|object| object.name).collect();
        names.sort();
        names
    }

    fn object(kind: &str, name: &str, spec: &Value, status: &Value) -> Value {
        json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": kind, "spec": spec, "status": status,
            "metadata": {"name": name, "namespace": "n", "uid": name},
        })
    }

    fn given(taker: &str, resource: Option<&str>) -> HandedOver {
        let name = |text: &str| crate::core::hand_over::ObjectName::parse(text).unwrap();
        HandedOver { giver: name("m/giver"), taker: name(taker), resource: resource.map(str::to_owned) }
    }

    #[test]
    fn a_hand_over_wakes_only_an_object_that_asks_the_giver_for_its_function() {
        let asks = |name: &str, from: &str, spent: Value| {
            let spec = json!({"role": "arn:r", "adoptFrom": from});
            object("LambdaFunction", name, &spec, &json!({"record": {"adoptedFrom": spent}}))
        };
        let all = [
            asks("taker", "c/m/giver", Value::Null),
            asks("other", "c/m/somebody", Value::Null),
            asks("spent", "c/m/giver", json!({"owner": "c/m/giver", "uid": "spent"})),
            object("LambdaFunction", "victim", &json!({"role": "arn:r"}), &Value::Null),
        ];
        let wakes = |taker: &str| woken::<LambdaFunction>(&all, given(taker, None));
        assert_eq!(wakes("n/taker"), ["taker"]);
        for forged in ["n/other", "n/spent", "n/victim", "m/taker", "n/nobody"] {
            assert_eq!(wakes(forged), [""; 0], "{forged}");
        }
    }

    #[test]
    fn a_hand_over_wakes_only_an_alias_that_claims_the_same_one() {
        let claims = |name: &str, function: &str, claim: Value| {
            let spec = json!({"functionName": function, "name": "live", "functionVersion": "1"});
            let place =
                json!({"account": "1", "region": "eu-west-1", "functionName": function, "record": {"claim": claim}});
            object("LambdaAlias", name, &spec, &place)
        };
        let all = [
            claims("taker", "f", Value::Null),
            claims("other", "g", Value::Null),
            claims("owner", "f", json!("Owned")),
        ];
        let arn = "arn:aws:lambda:eu-west-1:1:function:f:live";
        let wakes = |taker: &str| woken::<LambdaAlias>(&all, given(taker, Some(arn)));
        assert_eq!(wakes("n/taker"), ["taker"]);
        for forged in ["n/other", "n/owner"] {
            assert_eq!(wakes(forged), [""; 0], "{forged}");
        }
        assert_eq!(woken::<LambdaAlias>(&all, given("n/taker", None)), [""; 0], "a function is no alias");
    }

    #[test]
    fn a_freed_resource_wakes_the_objects_of_its_kind_that_wait_for_it() {
        let claims = |name: &str, function: &str, claim: Value| {
            let spec = json!({"functionName": function, "name": "live", "functionVersion": "1"});
            let condition = json!({
                "type": "Ready", "status": "False", "reason": "NotOwned", "message": "m",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            });
            let status = json!({
                "account": "1", "region": "eu-west-1", "functionName": function, "record": {"claim": claim},
                "conditions": [condition],
            });
            object("LambdaAlias", name, &spec, &status)
        };
        let new = |name: &str| {
            let spec = json!({"functionName": "f", "name": "live", "functionVersion": "1"});
            object("LambdaAlias", name, &spec, &Value::Null)
        };
        let all = [
            claims("waits", "f", Value::Null),
            claims("elsewhere", "g", Value::Null),
            claims("owner", "f", json!("Owned")),
            new("new"),
        ];
        let freed: CachedObject<LambdaAlias> = serde_json::from_value(claims("first", "f", json!("Owned"))).unwrap();
        let resource = freed.claimed().unwrap();
        let wakes = |kind| woken_by::<LambdaAlias>(&all, &Wake::Freed(kind, resource));
        assert_eq!(wakes("lambdaalias"), ["waits"], "a new one has not met the first");
        assert_eq!(wakes("lambdafunctionurl"), [""; 0], "another kind");
    }

    #[test]
    fn a_freed_resource_of_an_alias_wakes_an_object_that_has_not_recorded_its_qualifier() {
        let url = |name: &str, function: &str, reason: &str, qualifier: Value| {
            let spec = json!({"aliasRef": {"name": "live"}, "authorizationType": "NONE"});
            let condition = json!({
                "type": "Ready", "status": "False", "reason": reason, "message": "m",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            });
            let status = json!({
                "account": "1", "region": "eu-west-1", "functionName": function, "qualifier": qualifier,
                "conditions": [condition],
            });
            object("LambdaFunctionUrl", name, &spec, &status)
        };
        let all = [
            url("waits", "f", "NotOwned", Value::Null),
            url("denied", "f", "AccessDenied", Value::Null),
            url("elsewhere", "g", "NotOwned", Value::Null),
        ];
        let first = url("first", "f", "Available", json!("live"));
        let freed: CachedObject<LambdaFunctionUrl> = serde_json::from_value(first).unwrap();
        let wake = Wake::Freed("lambdafunctionurl", freed.claimed().unwrap());
        assert_eq!(woken_by::<LambdaFunctionUrl>(&all, &wake), ["waits"]);
    }
}
