//! `$LATEST.PUBLISHED`, which the emulator does not have: a snapshot of `$LATEST` at its last publication.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::place::Place;

/// The version's name.
pub(crate) const VERSION: &str = "$LATEST.PUBLISHED";

/// The snapshots of all functions.
#[derive(Debug)]
pub(crate) struct Published {
    transition: Duration,
    snapshots: Mutex<HashMap<Place, Snapshot>>,
}

#[derive(Debug)]
struct Snapshot {
    /// Configuration and Code, as GetFunction answers them.
    answer: Value,
    ready: Instant,
}

/// Whether the request publishes to it.
pub(crate) fn is_wanted(operation: &str, request: &Value) -> bool {
    let publishes = match operation {
        "PublishVersion" => true,
        "CreateFunction" | "UpdateFunctionCode" => request.get("Publish") == Some(&Value::Bool(true)),
        _ => false,
    };
    publishes && request.get("PublishTo").is_some_and(|to| to == "LATEST_PUBLISHED")
}

impl Published {
    pub(crate) fn new(transition: Duration) -> Published {
        Published { transition, snapshots: Mutex::default() }
    }

    /// Stores the answer to GetFunction for `$LATEST`; returns the configuration of the new version.
    pub(crate) fn keep(&self, place: &Place, latest: &Value) -> Value {
        let mut snapshots = self.snapshots();
        let revision = |answer: &Value| answer.pointer("/Configuration/RevisionId").cloned();
        let unchanged = snapshots.get(place).is_some_and(|held| revision(&held.answer) == revision(latest));
        if !unchanged {
            let mut answer = latest.clone();
            if let Value::Object(fields) = &mut answer {
                fields.remove("Concurrency");
            }
            answer["Configuration"]["Version"] = VERSION.into();
            answer["Configuration"]["FunctionArn"] = place.arn(VERSION).into();
            snapshots.insert(place.clone(), Snapshot { answer, ready: Instant::now() + self.transition });
        }
        let mut answer = snapshots.get(place).map(Snapshot::show).unwrap_or_default();
        answer["Configuration"].take()
    }

    /// The answer to GetFunction for the version, if there is one.
    pub(crate) fn show(&self, place: &Place) -> Option<Value> {
        self.snapshots().get(place).map(Snapshot::show)
    }

    /// Removes the snapshot of a function. False if there was none.
    pub(crate) fn forget(&self, place: &Place) -> bool {
        self.snapshots().remove(place).is_some()
    }

    fn snapshots(&self) -> MutexGuard<'_, HashMap<Place, Snapshot>> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshot {
    fn show(&self) -> Value {
        let mut answer = self.answer.clone();
        let states = if Instant::now() < self.ready {
            json!({"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating",
                   "LastUpdateStatus": null, "LastUpdateStatusReason": null, "LastUpdateStatusReasonCode": null})
        } else {
            json!({"State": "Active", "StateReason": null, "StateReasonCode": null,
                   "LastUpdateStatus": "Successful", "LastUpdateStatusReason": null, "LastUpdateStatusReasonCode": null})
        };
        crate::rules::merge_patch(&mut answer["Configuration"], &states);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{Published, is_wanted};
    use crate::proxy::place::Place;

    #[test]
    fn a_snapshot_is_pending_then_active_and_immutable() {
        let place = Place { account: "1".into(), region: "r".into(), function: "f".into() };
        let published = Published::new(Duration::from_secs(60));
        assert!(published.show(&place).is_none());
        let latest = json!({"Configuration": {"RevisionId": "a", "MemorySize": 128, "State": "ActiveNonInvocable"}});
        let made = published.keep(&place, &latest);
        assert_eq!((&made["State"], &made["Version"]), (&json!("Pending"), &json!("$LATEST.PUBLISHED")));
        assert_eq!(made["FunctionArn"], "arn:aws:lambda:r:1:function:f:$LATEST.PUBLISHED");
        let published = Published::new(Duration::ZERO);
        published.keep(&place, &latest);
        assert_eq!(published.show(&place).unwrap()["Configuration"]["State"], "Active");
        assert!(published.forget(&place));
    }

    #[test]
    fn publish_to_applies_only_to_publishing_calls() {
        let to = json!({"PublishTo": "LATEST_PUBLISHED"});
        assert!(is_wanted("PublishVersion", &to));
        assert!(!is_wanted("CreateFunction", &to));
        assert!(!is_wanted("PublishVersion", &json!({})));
    }
}
