//! Objects as the operator leaves them at each moment of their lives: what others read of them is tested on these recordings.
//! `UPDATE=1` records them anew.

use serde_json::{Value, json};
use testbed::{Action, Bed, Operator, Rule, poll};

use crate::release::{PATIENCE, Release, crd, fresh, function, namespace, ready};

/// Compares what a tool would look at, or with UPDATE set records all of it.
fn is_recorded(moment: &str, object: &Value) {
    let path = format!("{}/tests/data/statuses/{moment}.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{:#}\n", without_chance(object))).unwrap();
    }
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        essence(&recorded),
        essence(object),
        "{path} is no longer what the operator writes: record it anew with UPDATE=1"
    );
}

/// Generations, whether it is being deleted, and each condition without its time.
fn essence(object: &Value) -> Value {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    let conditions: Vec<_> = conditions
        .map(|condition| {
            json!([condition["type"], condition["status"], condition["reason"], condition["observedGeneration"]])
        })
        .collect();
    json!([
        object["metadata"]["generation"],
        object["metadata"]["deletionTimestamp"].is_string(),
        object["status"]["observedGeneration"],
        conditions,
    ])
}

/// The same names, ids and times in every recording.
fn without_chance(object: &Value) -> Value {
    let mut object = object.clone();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, _| {
        ["name", "namespace", "generation", "finalizers", "deletionTimestamp"].contains(&key.as_str())
    });
    let namespace = metadata["namespace"].as_str().unwrap().to_owned();
    let account = object["status"]["account"].as_str().unwrap_or("none").to_owned();
    let text = object.to_string().replace(&namespace, "demo").replace(&account, "123456789012");
    let mut object: Value = serde_json::from_str(&text).unwrap();
    one_time(&mut object);
    object
}

fn one_time(value: &mut Value) {
    match value {
        Value::String(text) if text.len() >= 20 && text.as_bytes()[10] == b'T' && text.starts_with("20") => {
            *text = "2026-01-01T00:00:00Z".into();
        }
        Value::Array(items) => items.iter_mut().for_each(one_time),
        Value::Object(fields) => fields.values_mut().for_each(one_time),
        _ => {}
    }
}

struct Story {
    release: Release,
    operator: Operator,
    team: String,
}

impl Story {
    async fn begin() -> Story {
        let bed = Bed::from_env().unwrap();
        crd(&bed).await;
        let team = fresh("team");
        namespace(&bed, &team).await;
        let watched = format!("watchNamespaces={{{team}}}");
        let release = Release::install(&bed, &[&watched, "clusterName=prod"]).await;
        let operator = release.operator(&[]).await;
        Story { release, operator, team }
    }

    async fn rule(&self, rule: Rule) {
        self.release.bed.manners().add(&rule.account(&self.release.account)).await.unwrap();
    }

    async fn apply(&self, name: &str, changes: &Value) {
        self.release.bed.apply(&function(&self.team, name, changes).to_string()).await.unwrap();
    }

    async fn get(&self, name: &str) -> Value {
        let get = ["get", "lfn", name, "-n", &self.team, "-o", "json"];
        serde_json::from_str(&self.release.bed.kubectl_ok(&get, None).await.unwrap()).unwrap()
    }

    /// Waits for a condition with this reason.
    async fn until(&self, name: &str, reason: &str) -> Value {
        let wait = poll(reason, PATIENCE, async || {
            let object = self.get(name).await;
            let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let there = conditions.iter().any(|condition| condition["reason"] == reason);
            Ok(if there { Ok(object) } else { Err(format!("{object:#}\n{}", self.operator.log())) })
        });
        wait.await.unwrap()
    }
}

#[tokio::test]
async fn the_recorded_statuses_match_the_operator() {
    let story = Story::begin().await;
    let slow = Rule::new("slow", Action::Delay { ms: 3000 }).operation("CreateFunction").times(1);
    story.rule(slow.function("hello")).await;
    let denied =
        Action::error(403, "AccessDeniedException", "User is not authorized to perform: lambda:DeleteFunction");
    story.rule(Rule::new("denied", denied).operation("DeleteFunction").function("leaves")).await;
    let wrong =
        Action::error(400, "InvalidParameterValueException", "The runtime parameter of python0.1 is not supported");
    story.rule(Rule::new("wrong", wrong).operation("CreateFunction").function("wrong")).await;

    story.apply("hello", &json!({})).await;
    story.apply("leaves", &json!({})).await;
    story.apply("wrong", &json!({})).await;
    is_recorded("creating", &story.until("hello", "Creating").await);
    is_recorded("stalled", &story.until("wrong", "Rejected").await);
    let bed = &story.release.bed;
    ready(bed, &story.operator, &story.team, "leaves").await;
    bed.kubectl_ok(&["delete", "lfn", "leaves", "-n", &story.team, "--wait=false"], None).await.unwrap();
    is_recorded("deleting", &story.until("leaves", "AccessDenied").await);
    ready(bed, &story.operator, &story.team, "hello").await;
    is_recorded("ready", &story.get("hello").await);

    let Story { release, operator, team } = story;
    operator.kill().await;
    let bed = &release.bed;
    bed.apply(&function(&team, "hello", &json!({"memorySize": 256})).to_string()).await.unwrap();
    bed.apply(&function(&team, "new", &json!({})).to_string()).await.unwrap();
    for (moment, name) in [("old-generation", "hello"), ("brand-new", "new")] {
        let get = ["get", "lfn", name, "-n", &team, "-o", "json"];
        is_recorded(moment, &serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap());
    }
}
