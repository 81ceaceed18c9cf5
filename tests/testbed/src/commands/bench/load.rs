//! What the benchmark creates: functions alone, and functions with all that makes them reachable.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{ACCOUNT, REGION};

/// The namespace of all objects.
pub(super) const NAMESPACE: &str = "bench";

/// The queue of all mappings.
pub(super) const QUEUE: &str = "bench";

/// One measurement.
pub(super) struct Load {
    /// What is counted.
    pub(super) units: &'static str,
    /// The writes that count against AWS's quota of 15 calls a second, for each unit.
    pub(super) writes: usize,
    /// Short names of the kinds, of which a unit has so many objects.
    pub(super) kinds: &'static str,
    pub(super) objects: usize,
    pub(super) drift_interval: Duration,
    /// The promised calls for one drift check of a unit.
    pub(super) calls_per_check: f64,
    /// The objects of a unit.
    pub(super) manifests: fn(&str) -> Vec<Value>,
}

/// Functions alone.
pub(super) const FUNCTIONS: Load = Load {
    units: "functions",
    writes: 1,
    kinds: "lfn",
    objects: 1,
    drift_interval: Duration::from_secs(10),
    calls_per_check: 1.0,
    manifests: |name| vec![function(name, &json!({}))],
};

/// One function, one alias, three permissions, one public URL with its two statements, and one mapping. 200 of them in two minutes are as many
/// checks a second as 1,000 in the default interval of ten minutes.
pub(super) const FAMILIES: Load = Load {
    units: "families",
    writes: 9,
    kinds: "lfn,lalias,lperm,lurl,lesm",
    objects: 7,
    drift_interval: Duration::from_secs(120),
    calls_per_check: 4.2,
    manifests: family,
};

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": kind,
           "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})
}

fn function(name: &str, beside: &Value) -> Value {
    let mut spec = json!({
        "role": format!("arn:aws:iam::{ACCOUNT}:role/bench"), "runtime": "python3.13", "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'hi'"}},
    });
    for (field, value) in beside.as_object().into_iter().flatten() {
        spec[field] = value.clone();
    }
    object("LambdaFunction", name, &spec)
}

fn family(name: &str) -> Vec<Value> {
    let of = json!({"name": name});
    let permission = |service: &str| {
        let spec = json!({"functionRef": of, "action": "lambda:InvokeFunction",
                          "principal": format!("{service}.amazonaws.com")});
        object("LambdaPermission", &format!("{name}-{service}"), &spec)
    };
    let queue = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}");
    vec![
        function(name, &json!({"publish": true})),
        object("LambdaAlias", name, &json!({"functionRef": of, "name": "live", "functionVersionFrom": "Published"})),
        permission("s3"),
        permission("sns"),
        permission("events"),
        object("LambdaFunctionUrl", name, &json!({"functionRef": of, "authorizationType": "NONE"})),
        object("LambdaEventSourceMapping", name, &json!({"functionRef": of, "eventSourceArn": queue})),
    ]
}
