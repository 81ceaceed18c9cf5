//! Argo CD's health check, run by Lua 5.1 on statuses that the operator really wrote.

use mlua::{Lua, LuaSerdeExt, Value as LuaValue};
use serde_json::Value;

/// Which status of Argo CD each recorded moment has, and a word of the message.
const MOMENTS: [(&str, &str, &str); 6] = [
    ("brand-new", "Progressing", "Waiting for the operator"),
    ("creating", "Progressing", "Creating"),
    ("ready", "Healthy", "matches the spec"),
    ("stalled", "Degraded", "Rejected"),
    ("deleting", "Progressing", "deleted: AccessDenied"),
    ("old-generation", "Progressing", "Waiting for the operator"),
];

fn recorded(moment: &str) -> Value {
    let path = format!("{}/tests/data/statuses/{moment}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// As Argo CD runs it: the object is the global `obj`, the answer a table.
fn health(object: &Value) -> (String, String) {
    let lua = Lua::new();
    lua.globals().set("obj", lua.to_value(object).unwrap()).unwrap();
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/argocd/health.lua")).unwrap();
    let answer: LuaValue = lua.load(script).eval().unwrap();
    let table = answer.as_table().unwrap();
    (table.get("status").unwrap(), table.get("message").unwrap())
}

#[test]
fn each_recorded_moment_has_the_health_that_people_expect() {
    for (moment, status, word) in MOMENTS {
        let (said, message) = health(&recorded(moment));
        assert!(said == status && message.contains(word), "{moment}: {said} {message}");
    }
}

#[test]
fn a_suspended_object_is_suspended_whatever_it_was_before() {
    for moment in ["brand-new", "ready", "stalled"] {
        let mut object = recorded(moment);
        object["spec"]["suspend"] = Value::Bool(true);
        assert_eq!(health(&object).0, "Suspended", "{moment}");
    }
}

/// A status of a kind that nobody has written yet must not break the check.
#[test]
fn an_object_without_status_or_conditions_is_waited_for() {
    let mut object = recorded("ready");
    object["status"]["conditions"] = Value::Array(Vec::new());
    assert_eq!(health(&object).0, "Progressing");
    object.as_object_mut().unwrap().remove("status");
    assert_eq!(health(&object).0, "Progressing");
}
