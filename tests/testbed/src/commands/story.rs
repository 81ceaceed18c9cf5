//! Telling a story: one line per step, with the time that it took.

use std::time::{Duration, Instant};

use testbed::{Bed, Error, poll};

/// The object as kubectl shows it.
pub(crate) type Object = serde_json::Value;

/// Where the story is.
pub(crate) struct Story {
    started: Instant,
    last: Instant,
}

impl Story {
    pub(crate) fn begin() -> Story {
        let now = Instant::now();
        Story { started: now, last: now }
    }

    /// One line: what happened, and how long it took since the line before.
    pub(crate) fn tell(&mut self, text: &str) {
        println!("{:6.1} s  {text}", self.last.elapsed().as_secs_f32());
        self.last = Instant::now();
    }

    /// A remark without a time.
    pub(crate) fn show(&self, text: &str) {
        for line in text.trim_end().lines() {
            println!("          | {line}");
        }
    }

    pub(crate) fn total(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The status of a condition: True, False, Unknown, or "absent".
pub(crate) fn condition<'a>(object: &'a Object, kind: &str, field: &str) -> &'a str {
    let conditions = object.pointer("/status/conditions").and_then(Object::as_array);
    conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == kind)
        .and_then(|condition| condition[field].as_str())
        .unwrap_or("absent")
}

/// Has the operator spoken about the newest generation?
pub(crate) fn up_to_date(object: &Object) -> bool {
    let generation = &object["metadata"]["generation"];
    !generation.is_null() && object.pointer("/status/observedGeneration") == Some(generation)
}

/// Ready at the newest generation.
pub(crate) fn ready(object: &Object) -> bool {
    up_to_date(object) && condition(object, "Ready", "status") == "True"
}

/// Waits until the object `name`, as kind/name, of namespace `default` is as `check` wants it.
pub(crate) async fn wait_for(
    bed: &Bed,
    name: &str,
    event: &str,
    check: impl Fn(&Object) -> bool,
) -> Result<Object, Error> {
    poll(event, Duration::from_secs(60), async || {
        let text = bed.kubectl_ok(&["get", name, "-o", "json"], None).await?;
        let object: Object = serde_json::from_str(&text).unwrap_or_default();
        Ok(if check(&object) { Ok(object) } else { Err(format!("status {:#}", object["status"])) })
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ready;

    #[test]
    fn ready_of_an_older_generation_is_not_ready() {
        let object = |generation: u32, status: &str| {
            json!({"metadata": {"generation": generation}, "status": {"observedGeneration": 2,
                   "conditions": [{"type": "Ready", "status": status}]}})
        };
        assert!(ready(&object(2, "True")));
        assert!(!ready(&object(3, "True")));
        assert!(!ready(&object(2, "False")));
        assert!(!ready(&json!({})));
    }
}
