//! The order in which objects end: a resource that does not go properly with another one is deleted before it. Pure.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::hand_over::HandOver;
use super::kind::Kind;
use super::past::{Past, is_past};
use crate::api::shared::FINALIZER;

/// An object whose resource has to be deleted before another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// ARN of the other resource.
    pub on: String,
    /// Whether the object ends.
    pub end: End,
}

/// Whether an object ends together with its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is being deleted with its resource.
    Leaving,
    /// Nobody has deleted it yet.
    Living,
    /// Its resource stays, or a person decides: it is suspended, kept, protected or handed over, or the resource is not the object's.
    Staying,
}

/// Objects that are deleted together are marked one after the other, so this long a dependent object may still follow.
const FOLLOWS: SignedDuration = SignedDuration::from_secs(3);

/// The deletion of an object that others depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The time at which the object was deleted.
    pub since: Timestamp,
    /// Its namespace is being deleted, so every object in it will be, however long Kubernetes takes.
    pub with_namespace: bool,
}

impl Dependent {
    /// The facts about an object; `None` if it has no resource, if no other resource has to outlive it, or if it is being deleted and our finalizer is
    /// gone: the operator does nothing more for it, however long the finalizer of somebody else keeps it.
    #[must_use]
    pub fn of<K: Kind>(object: &K) -> Option<Self> {
        let past = Past::of(object.reported());
        let on = object.outlived_by().filter(|_| past.shown || past.perhaps_created.is_some())?;
        let (metadata, common) = (object.metadata(), object.common());
        let ours = metadata.finalizers.iter().flatten().any(|finalizer| finalizer == FINALIZER);
        if metadata.deletion_timestamp.is_some() && !ours {
            return None;
        }
        let decided = [common.suspend, common.skip_destroy, common.deletion_protection];
        let stays = decided.into_iter().any(Option::unwrap_or_default) || past.refused;
        let end = if stays || HandOver::of(metadata.annotations.as_ref()).is_some() {
            End::Staying
        } else if metadata.deletion_timestamp.is_some() {
            End::Leaving
        } else {
            End::Living
        };
        Some(Self { on, end })
    }

    /// Whether the deletion of the resource with this ARN ends the one that the object depends on: a function takes its aliases along.
    #[must_use]
    pub fn is_on(&self, arn: &str) -> bool {
        self.on.strip_prefix(arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

/// The message of a deletion that waits for dependent objects, each with its kind and name; `None` if it does not wait.
///
/// Only an object that ends by itself is waited for, so finalizers never wait for each other in a circle.
#[must_use]
pub fn held(noun: &str, dependents: &[(String, End)], deleted: Deleted, now: Timestamp) -> Option<String> {
    let Deleted { since, with_namespace } = deleted;
    let may_follow = with_namespace || now.duration_since(since) < FOLLOWS && is_past(since, now);
    let waits = |end: End| match end {
        End::Leaving => true,
        End::Living => may_follow,
        End::Staying => false,
    };
    let names: Vec<_> = dependents.iter().filter(|(_, end)| waits(*end)).map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "The {noun} is deleted after {}, because AWS does not delete that with it. If this lasts, look at the status there.",
            names.join(", ")
        )
    })
}

/// The message about dependent objects that do not end, each with its kind and name; `None` if there are none.
#[must_use]
pub fn staying(noun: &str, dependents: &[(String, End)]) -> Option<String> {
    let names: Vec<_> =
        dependents.iter().filter(|(_, end)| *end == End::Staying).map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "The {noun} is being deleted without waiting for {}, whose resource can stay in AWS: the object is suspended, protected, kept by skipDestroy or handed over, or does not own the resource. Delete it there if nobody needs it.",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::function_url::LambdaFunctionUrl;

    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:f";

    fn url(metadata: &Value, spec: &Value, status: &Value) -> Option<Dependent> {
        let mut object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunctionUrl",
            "metadata": {"name": "web", "namespace": "n"},
            "spec": {"aliasRef": {"name": "live"}, "authorizationType": "NONE"},
            "status": {"account": "123456789012", "region": "eu-west-1", "functionName": "f", "qualifier": "live",
                "arn": format!("{FUNCTION}:live")},
        });
        for (part, change) in [("metadata", metadata), ("spec", spec), ("status", status)] {
            object[part].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        }
        Dependent::of(&serde_json::from_value::<LambdaFunctionUrl>(object).unwrap())
    }

    #[test]
    fn an_object_is_waited_for_only_if_it_ends_with_its_resource() {
        let none = json!({});
        let end = |metadata: &Value, spec: &Value, status: &Value| url(metadata, spec, status).map(|one| one.end);
        let leaving = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": [FINALIZER]});
        assert_eq!(end(&none, &none, &none), Some(End::Living));
        assert_eq!(end(&leaving, &none, &none), Some(End::Leaving));
        for decided in ["suspend", "skipDestroy", "deletionProtection"] {
            assert_eq!(end(&leaving, &json!({decided: true}), &none), Some(End::Staying), "{decided}");
        }
        let given = json!({"annotations": {"lambda-operator.io/hand-over-to": "n/other"}});
        assert_eq!(end(&given, &none, &none), Some(End::Staying));
        let refused = json!([{"type": "Stalled", "status": "True", "reason": "NotOwned", "message": "",
            "observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
        assert_eq!(end(&leaving, &none, &json!({"conditions": refused})), Some(End::Staying));
        let ended = json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.com/theirs"]});
        assert_eq!(end(&ended, &none, &none), None, "only somebody else still keeps the object");
        assert_eq!(end(&leaving, &none, &json!({"arn": null})), None, "it has no resource");
        assert_eq!(end(&leaving, &none, &json!({"qualifier": null})), None, "a function takes its own URL along");
    }

    #[test]
    fn a_function_takes_its_aliases_along_and_no_function_whose_name_begins_alike() {
        let dependent = Dependent { on: format!("{FUNCTION}:live"), end: End::Leaving };
        assert!(dependent.is_on(FUNCTION) && dependent.is_on(&format!("{FUNCTION}:live")));
        assert!(!dependent.is_on(&format!("{FUNCTION}:liv")) && !dependent.is_on(&FUNCTION[..FUNCTION.len() - 1]));
    }

    #[test]
    fn a_deletion_waits_for_what_ends_and_a_moment_for_what_may_follow() {
        let within = |end, seconds: i64, with_namespace: bool| {
            let now = Timestamp::from_second(seconds).unwrap();
            let deleted = Deleted { since: Timestamp::UNIX_EPOCH, with_namespace };
            held("alias", &[("LambdaFunctionUrl web".to_owned(), end)], deleted, now)
        };
        let held = |end, seconds: i64| within(end, seconds, false);
        let message = held(End::Leaving, 3600).unwrap();
        assert!(message.starts_with("The alias is deleted after LambdaFunctionUrl web, "), "{message}");
        assert!(held(End::Living, 1).is_some());
        assert_eq!(held(End::Living, 3), None);
        assert_eq!(held(End::Living, -60), None, "a clock that is wrong holds nothing");
        assert_eq!(held(End::Staying, 0), None);
        assert!(within(End::Living, 600, true).is_some(), "its namespace goes, so it goes too");
        assert_eq!(within(End::Staying, 600, true), None);
        let said = |end| staying("function", &[("LambdaEventSourceMapping orders".to_owned(), end)]);
        assert!(said(End::Staying).unwrap().contains("without waiting for LambdaEventSourceMapping orders"));
        assert_eq!((said(End::Living), said(End::Leaving)), (None, None));
    }
}
