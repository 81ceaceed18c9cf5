//! What Helm, Flux and kubectl read out of an object: kstatus, and the rules that Flux checks its own controllers by. Pure.

use serde_json::Value;

/// What kstatus makes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed {
    Terminating,
    InProgress,
    Failed,
    Current,
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn conditions(object: &Value) -> &[Value] {
    object["status"]["conditions"].as_array().map_or(&[], Vec::as_slice)
}

fn condition<'a>(object: &'a Value, type_: &str) -> Option<&'a Value> {
    conditions(object).iter().find(|condition| text(condition, "type") == type_)
}

fn is(object: &Value, type_: &str, status: &str) -> bool {
    condition(object, type_).is_some_and(|condition| text(condition, "status") == status)
}

/// As `Compute` of cli-utils' kstatus does for a kind that it does not know.
pub fn compute(object: &Value) -> Computed {
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return Computed::Terminating;
    }
    let observed = &object["status"]["observedGeneration"];
    if !observed.is_null() && *observed != object["metadata"]["generation"] {
        return Computed::InProgress;
    }
    for condition in conditions(object) {
        match (text(condition, "type"), text(condition, "status")) {
            ("Reconciling", "True") => return Computed::InProgress,
            ("Stalled", "True") => return Computed::Failed,
            _ => {}
        }
    }
    match condition(object, "Ready") {
        Some(ready) if text(ready, "status") != "True" => Computed::InProgress,
        Some(_) | None => Computed::Current,
    }
}

/// What is wrong with an object as it was seen, each by the name that Flux gives the rule, or by ours.
pub fn faults(object: &Value) -> Vec<&'static str> {
    let generation = object["metadata"]["generation"].as_i64().unwrap_or_default();
    let observed = object["status"]["observedGeneration"].as_i64();
    if observed == Some(-1) {
        // The default of a brand-new object, which nobody has looked at.
        let untouched = conditions(object).is_empty() && compute(object) != Computed::Current;
        return if untouched { Vec::new() } else { vec!["untouched, and yet with conditions or Current"] };
    }
    let of_flux = flux(object, generation, observed);
    let of_ours = ours(object, generation, observed);
    of_flux.into_iter().chain(of_ours).filter_map(|(broken, rule)| broken.then_some(rule)).collect()
}

/// The rules of fluxcd/pkg, `runtime/conditions/check`. FAIL0010 asks that `observedGeneration` lags while `Reconciling`:
/// Flux itself no longer checks it, and here the two are written at once.
fn flux(object: &Value, generation: i64, observed: Option<i64>) -> Vec<(bool, &'static str)> {
    let ready = is(object, "Ready", "True");
    let present = |type_| condition(object, type_).is_some();
    let of_condition = |condition: &Value| condition["observedGeneration"].as_i64();
    let all =
        |holds: &dyn Fn(Option<i64>) -> bool| conditions(object).iter().all(|condition| holds(of_condition(condition)));
    let unready = is(object, "Ready", "False");
    vec![
        (ready && (is(object, "Reconciling", "True") || is(object, "Stalled", "True")), "FAIL0001 ready, and yet not"),
        (!present("Ready"), "FAIL0002 no condition Ready"),
        (is(object, "Reconciling", "True") && !unready, "FAIL0003 Ready is not False while Reconciling"),
        (is(object, "Stalled", "True") && !unready, "FAIL0004 Ready is not False while Stalled"),
        (present("Reconciling") && present("Stalled"), "FAIL0005 Reconciling and Stalled at once"),
        (observed.is_none_or(|observed| observed > generation), "FAIL0006 a generation observed that there is not yet"),
        (
            ready && observed < Some(generation) && written_for(object, generation),
            "FAIL0007 ready for an older generation",
        ),
        (
            ready && observed == Some(generation) && !all(&|seen| seen >= Some(generation)),
            "FAIL0008 a condition lags behind",
        ),
        (ready && !all(&|seen| seen == observed), "FAIL0009 a condition of another generation"),
        (is(object, "Reconciling", "True") && ready, "FAIL0011 ready while Reconciling"),
        (ready && (present("Reconciling") || present("Stalled")), "WARN0001 an abnormal condition beside Ready"),
        (present("Reconciling") && !is(object, "Reconciling", "True"), "WARN0003 Reconciling is shown while not true"),
        (present("Stalled") && !is(object, "Stalled", "True"), "WARN0004 Stalled is shown while not true"),
        (!all(&|seen| seen >= Some(1)), "WARN0005 a condition without a generation"),
    ]
}

/// An edit leaves the status of the generation before it in place until we come: that is nobody's fault, and kstatus sees
/// that it is old. One that claims to be of the newest generation without having seen it is.
fn written_for(object: &Value, generation: i64) -> bool {
    condition(object, "Ready").is_some_and(|ready| ready["observedGeneration"].as_i64() == Some(generation))
}

fn ours(object: &Value, generation: i64, observed: Option<i64>) -> Vec<(bool, &'static str)> {
    let suspended = condition(object, "Ready")
        .is_some_and(|ready| matches!(text(ready, "reason"), "Suspended" | "HandingOver" | "NotSelected"));
    let abnormal = is(object, "Reconciling", "True") || is(object, "Stalled", "True");
    let unready = !is(object, "Ready", "True");
    let current = compute(object) == Computed::Current;
    let mut types: Vec<_> = conditions(object).iter().map(|condition| text(condition, "type")).collect();
    let shown = types.len();
    types.sort_unstable();
    types.dedup();
    let worded = |condition: &Value| {
        let reason = text(condition, "reason");
        reason.starts_with(char::is_uppercase)
            && reason.chars().all(char::is_alphanumeric)
            && !text(condition, "message").is_empty()
            && condition["observedGeneration"].as_i64() == observed
    };
    vec![
        (suspended != is(object, "Ready", "Unknown"), "Ready is Unknown only while suspended"),
        (
            unready && !abnormal && !suspended,
            "not ready, and neither Reconciling nor Stalled: waiters do not know which",
        ),
        (suspended && abnormal, "suspended and at work at once"),
        (types.len() != shown, "a type of condition twice"),
        (
            !conditions(object).iter().all(worded),
            "a condition without reason or words, or of another generation than the status",
        ),
        (current && observed != Some(generation), "Current for another generation"),
        (current && !at_rest(object), "Current before AWS is done"),
        (writes_spec(object), "the operator wrote the spec"),
    ]
}

/// AWS is done, as far as the status itself tells: it has the ARN, and no state that passes.
fn at_rest(object: &Value) -> bool {
    let status = &object["status"];
    let rests = match text(object, "kind") {
        "LambdaFunction" => {
            ["Active", "Inactive", "ActiveNonInvocable"].contains(&text(status, "state"))
                && !["InProgress", "Failed"].contains(&text(status, "lastUpdateStatus"))
        }
        "LambdaEventSourceMapping" => ["Enabled", "Disabled"].contains(&text(status, "state")),
        "LambdaProvisionedConcurrencyConfig" => text(status, "status") == "READY",
        _ => true,
    };
    rests && status["arn"].is_string()
}

/// By the API server's own account of who wrote which field.
fn writes_spec(object: &Value) -> bool {
    let managers = object["metadata"]["managedFields"].as_array();
    managers.into_iter().flatten().any(|manager| {
        text(manager, "manager").starts_with("lambda-operator") && !manager["fieldsV1"]["f:spec"].is_null()
    })
}

/// What is wrong with a status that came after another of the same object.
pub fn faults_between(before: &Value, after: &Value) -> Vec<&'static str> {
    let moved = |new: &&Value| {
        condition(before, text(new, "type")).is_some_and(|old| {
            let time = old["lastTransitionTime"] != new["lastTransitionTime"];
            time && old["status"] == new["status"]
        })
    };
    let mut faults = Vec::new();
    if conditions(after).iter().any(|new| moved(&new)) {
        faults.push("lastTransitionTime moved, and the condition did not turn");
    }
    let observed = |object: &Value| object["status"]["observedGeneration"].as_i64();
    // A status that somebody erased says nothing, or -1.
    if observed(after).is_some_and(|after| after >= 0 && Some(after) < observed(before)) {
        faults.push("observedGeneration went back");
    }
    if before["status"] != after["status"] && before["metadata"]["generation"] != after["metadata"]["generation"] {
        faults.push("spec and status changed in one write");
    }
    let (old, new) = (&before["status"], &after["status"]);
    if old != new && without_times(old) == without_times(new) {
        faults.push("a status was written whose only news is a time");
    }
    faults
}

/// A status without the times at which a condition turned or a wait began.
fn without_times(status: &Value) -> Value {
    match status {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !["lastTransitionTime", "since"].contains(&name.as_str()));
            kept.map(|(name, value)| (name.clone(), without_times(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_times).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => status.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Computed, compute, faults, faults_between};

    fn object(generation: i64, observed: i64, conditions: &[(&str, &str, &str)]) -> Value {
        let conditions: Vec<_> = conditions
            .iter()
            .map(|(type_, status, reason)| json!({"type": type_, "status": status, "reason": reason, "message": "m", "observedGeneration": observed, "lastTransitionTime": "t"}))
            .collect();
        json!({"kind": "LambdaFunction", "metadata": {"generation": generation},
               "status": {"observedGeneration": observed, "conditions": conditions, "state": "Active", "lastUpdateStatus": "Successful", "arn": "arn"}})
    }

    #[test]
    fn a_status_that_keeps_kstatus_has_no_violation() {
        let ready = object(2, 2, &[("Ready", "True", "Available")]);
        assert_eq!((compute(&ready), faults(&ready)), (Computed::Current, vec![]));
        let working = object(2, 2, &[("Ready", "False", "Creating"), ("Reconciling", "True", "Creating")]);
        assert_eq!((compute(&working), faults(&working)), (Computed::InProgress, vec![]));
        let stalled = object(2, 2, &[("Ready", "False", "Rejected"), ("Stalled", "True", "Rejected")]);
        assert_eq!((compute(&stalled), faults(&stalled)), (Computed::Failed, vec![]));
        let suspended = object(2, 2, &[("Ready", "Unknown", "Suspended")]);
        assert_eq!((compute(&suspended), faults(&suspended)), (Computed::InProgress, vec![]));
        let edited = object(3, 2, &[("Ready", "True", "Available")]);
        assert_eq!((compute(&edited), faults(&edited)), (Computed::InProgress, vec![]));
        let new = json!({"metadata": {"generation": 1}, "status": {"observedGeneration": -1}});
        assert_eq!((compute(&new), faults(&new)), (Computed::InProgress, vec![]));
        let without_the_default = json!({"metadata": {"generation": 1}});
        assert_eq!(compute(&without_the_default), Computed::Current, "which is why there is a default");
    }

    #[test]
    fn each_rule_is_broken_by_something() {
        let mut pending = object(1, 1, &[("Ready", "True", "Available")]);
        pending["status"]["state"] = json!("Pending");
        let mut hasty = object(2, 1, &[("Ready", "True", "Available")]);
        hasty["status"]["conditions"][0]["observedGeneration"] = json!(2);
        let mut lagging = object(2, 2, &[("Ready", "True", "Available"), ("FunctionCreated", "True", "Created")]);
        lagging["status"]["conditions"][1]["observedGeneration"] = json!(1);
        let mut written = object(1, 1, &[("Ready", "True", "X")]);
        written["metadata"]["managedFields"] = json!([{"manager": "lambda-operator", "fieldsV1": {"f:spec": {}}}]);
        let passing = |kind: &str, field: &str, state: &str| {
            let mut object = object(1, 1, &[("Ready", "True", "X")]);
            object["kind"] = json!(kind);
            object["status"] = json!({"observedGeneration": 1, "conditions": object["status"]["conditions"], "arn": "arn", field: state});
            object
        };
        let both = [("Ready", "False", "X"), ("Reconciling", "True", "X"), ("Stalled", "True", "X")];
        for (object, rule) in [
            (object(1, 1, &[("Ready", "True", "X"), ("Stalled", "True", "X")]), "FAIL0001"),
            (object(1, 1, &[("Reconciling", "True", "X")]), "FAIL0002"),
            (object(1, 1, &[("Ready", "Unknown", "X"), ("Reconciling", "True", "X")]), "FAIL0003"),
            (object(1, 1, &[("Ready", "Unknown", "X"), ("Stalled", "True", "X")]), "FAIL0004"),
            (object(1, 1, &both), "FAIL0005"),
            (object(1, 2, &[("Ready", "True", "X")]), "FAIL0006"),
            (hasty, "FAIL0007"),
            (lagging.clone(), "FAIL0008"),
            (lagging, "FAIL0009"),
            (object(1, 1, &[("Ready", "True", "X"), ("Reconciling", "True", "X")]), "FAIL0011"),
            (object(1, 1, &[("Ready", "True", "X"), ("Reconciling", "False", "X")]), "WARN0001"),
            (object(1, 1, &[("Ready", "True", "X"), ("Reconciling", "False", "X")]), "WARN0003"),
            (object(1, 1, &[("Ready", "True", "X"), ("Stalled", "False", "X")]), "WARN0004"),
            (object(1, 0, &[("Ready", "False", "X")]), "WARN0005"),
            (object(1, 1, &[("Ready", "Unknown", "X")]), "only while suspended"),
            (object(1, 1, &[("Ready", "False", "X")]), "neither Reconciling nor Stalled"),
            (object(1, 1, &[("Ready", "True", "")]), "without reason"),
            (pending, "Current before AWS is done"),
            (passing("LambdaEventSourceMapping", "state", "Updating"), "Current before AWS is done"),
            (passing("LambdaProvisionedConcurrencyConfig", "status", "IN_PROGRESS"), "Current before AWS is done"),
            (written, "the operator wrote the spec"),
        ] {
            assert!(faults(&object).iter().any(|fault| fault.contains(rule)), "{rule}: {:?}", faults(&object));
        }
        let ready = object(1, 1, &[("Ready", "True", "X")]);
        let mut later = ready.clone();
        later["status"]["conditions"][0]["lastTransitionTime"] = json!("later");
        assert!(faults_between(&ready, &ready).is_empty());
        let only_a_time = "a status was written whose only news is a time";
        assert!(faults_between(&ready, &later).contains(&only_a_time));
        later["status"]["conditions"][0]["message"] = json!("news");
        assert!(!faults_between(&ready, &later).contains(&only_a_time));
    }
}
