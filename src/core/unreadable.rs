//! Messages about a stored object that this version cannot read because another version of the CRD accepted it. Its values are never repeated.

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::reason::Reason;
use crate::api::condition;

/// The message, from serde's error. serde names the value that it found, which can be a secret, before the type that it expected.
#[must_use]
pub fn sentence(error: &str, leaving: bool) -> String {
    let why = match error.rsplit_once(", expected ") {
        Some((_, expected)) => format!("a value has another type than expected ({expected})"),
        None if error.starts_with("missing field `") => error.to_owned(),
        None => "a value has an unknown form".to_owned(),
    };
    let remedy = if leaving {
        "To give up and leave the resource in AWS untouched, remove the finalizer."
    } else {
        "Apply the object again with the CRD of the operator's version."
    };
    format!(
        "The operator cannot read this object: {why}. Another version of the CRD accepted it, so the operator changes and deletes nothing for it in AWS. {remedy}"
    )
}

/// The status with that message in its conditions, and everything else unchanged.
#[must_use]
pub fn status(before: &Value, generation: i64, sentence: &str, now: Timestamp) -> Value {
    let known = before["conditions"].as_array().cloned().unwrap_or_default();
    let (ours, others): (Vec<Value>, Vec<Value>) = known.into_iter().partition(|one| {
        [condition::READY, condition::RECONCILING, condition::STALLED]
            .contains(&one["type"].as_str().unwrap_or_default())
    });
    let stated = |type_: &str, value: &str| {
        let same = ours.iter().find(|one| one["type"] == type_ && one["status"] == value);
        let since = same.map(|one| one["lastTransitionTime"].clone());
        json!({
            "type": type_, "status": value, "reason": Reason::Unreadable.name(), "message": sentence,
            "observedGeneration": generation,
            "lastTransitionTime": since.unwrap_or_else(|| now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()),
        })
    };
    let others = others.into_iter().map(|mut one| {
        one["observedGeneration"] = generation.into();
        one
    });
    let conditions: Vec<Value> =
        [stated(condition::READY, "False"), stated(condition::STALLED, "True")].into_iter().chain(others).collect();
    let mut status = if before.is_object() { before.clone() } else { json!({}) };
    status["observedGeneration"] = generation.into();
    status["conditions"] = conditions.into();
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_an_unreadable_object_is_repeated() {
        for error in [
            "invalid type: string \"s3cr3t\", expected i32",
            "unknown variant `s3cr3t`, expected `Zip` or `Image`",
            "invalid value: string \"s3cr3t, expected s3cr3t\", expected a duration",
            "s3cr3t is no duration",
        ] {
            assert!(!sentence(error, false).contains("s3cr3t"), "{}", sentence(error, false));
        }
        assert!(sentence("invalid type: integer `7`, expected a string", false).contains("(a string)"));
        assert!(sentence("missing field `role`", false).contains("missing field `role`"));
        assert!(sentence("missing field `role`", true).contains("finalizer"));
    }

    #[test]
    fn an_unreadable_object_keeps_its_record_and_says_so() {
        let old = "2026-01-01T00:00:00Z";
        let before = json!({
            "arn": "arn:x", "record": {"deployed": {"codeSha256": "x"}}, "observedGeneration": 1,
            "conditions": [
                {"type": "Ready", "status": "False", "reason": "Creating", "lastTransitionTime": old},
                {"type": "Reconciling", "status": "True", "reason": "Creating", "lastTransitionTime": old},
                {"type": "FunctionCreated", "status": "True", "reason": "Created", "lastTransitionTime": old},
            ],
        });
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let after = status(&before, 2, "no", now);
        assert_eq!((&after["arn"], &after["record"]), (&before["arn"], &before["record"]));
        let types: Vec<_> =
            after["conditions"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["Ready", "Stalled", "FunctionCreated"]);
        assert!(after["conditions"].as_array().unwrap().iter().all(|one| one["observedGeneration"] == 2), "{after}");
        assert_eq!(after["conditions"][0]["lastTransitionTime"], old, "it was not ready before");
        assert_eq!(
            (&after["conditions"][1]["reason"], &after["observedGeneration"]),
            (&json!("Unreadable"), &json!(2))
        );
        assert_eq!(status(&after, 2, "no", now), after, "said once");
    }
}
