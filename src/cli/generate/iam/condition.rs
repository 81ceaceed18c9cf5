//! Conditions of an IAM statement, as AWS writes them. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Conditions that all have to be true. Each has an operator, a key, and values of which one has to match.
#[derive(Clone, Default, Serialize)]
pub(super) struct Condition(BTreeMap<&'static str, BTreeMap<String, Value>>);

impl Condition {
    /// Adds a condition. Without values it adds none, because there is nothing to compare.
    pub(super) fn and(mut self, operator: &'static str, key: &str, values: &[String]) -> Self {
        let values = match values {
            [] => return self,
            [one] => Value::from(one.as_str()),
            more => Value::from(more.to_vec()),
        };
        self.0.entry(operator).or_default().insert(key.to_owned(), values);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
