//! A world with a witness, in which faults are switched on and off for the operator's calls alone: the tests themselves see AWS as it is.

use serde_json::{Value, json};
use testbed::{Call, Match};

use crate::witness::Witness;
use support::world::{World, spec_with};

pub(crate) struct Scene {
    pub(crate) world: World,
    witness: Witness,
}

/// What every function of these tests is made of, and `change`.
pub(crate) fn published(change: &Value) -> Value {
    let mut spec = spec_with(&json!({"publish": true, "tags": {"team": "a"}}));
    for (name, value) in change.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    spec
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let witness = Witness::of(&world).await;
        Self { world, witness }
    }

    fn scope(&self, function: &str, operation: Option<&str>) -> Match {
        Match {
            account: Some(self.world.account.clone()),
            function: Some(function.into()),
            operation: operation.map(Into::into),
            agent: Some("*/*".into()),
            ..Match::default()
        }
    }

    pub(crate) async fn on(&self, fault: &str, function: &str) {
        self.world.manners().switch_on(fault, &self.scope(function, None)).await.unwrap();
    }

    /// Where the fault speaks of every call.
    pub(crate) async fn on_for(&self, fault: &str, function: &str, operation: &str) {
        self.world.manners().switch_on(fault, &self.scope(function, Some(operation))).await.unwrap();
    }

    pub(crate) async fn off(&self, fault: &str, function: &str) {
        self.world.manners().switch_off(Some(fault), &self.scope(function, None)).await.unwrap();
    }

    /// The operator's calls about a function.
    pub(crate) async fn calls(&self, function: &str) -> Vec<Call> {
        let mut calls = self.world.calls().await;
        calls.retain(|call| call.function.as_deref() == Some(function));
        calls
    }

    /// How often a function was written to in this way.
    pub(crate) async fn count(&self, function: &str, operation: &str) -> usize {
        self.calls(function).await.iter().filter(|call| call.operation == operation).count()
    }

    /// The calls that the fault met.
    pub(crate) async fn met(&self, fault: &str, function: &str) -> Vec<Call> {
        let mut calls = self.calls(function).await;
        calls.retain(|call| call.rule.as_deref().is_some_and(|rule| rule.split(',').any(|name| name == fault)));
        calls
    }

    /// Waits until the fault has met so many calls.
    pub(crate) async fn until_met(&self, fault: &str, function: &str, times: usize) -> Vec<Call> {
        let what = format!("{fault} to meet {times} calls");
        self.world
            .until(&what, async |_: &World| match self.met(fault, function).await {
                calls if calls.len() >= times => Ok(calls),
                calls => Err(format!("{calls:#?}")),
            })
            .await
    }

    /// Waits until an operation was sent so many times.
    pub(crate) async fn until_sent(&self, function: &str, operation: &str, times: usize) {
        let what = format!("{operation} {times} times");
        self.world
            .until(&what, async |_: &World| match self.count(function, operation).await {
                count if count >= times => Ok(()),
                count => Err(count.to_string()),
            })
            .await;
    }

    /// Waits until an operation was answered, or its answer lost.
    pub(crate) async fn until_done(&self, function: &str, operation: &str) {
        self.world
            .until(operation, async |_: &World| {
                let calls = self.calls(function).await;
                let done = calls.iter().any(|call| call.operation == operation && call.duration_ms.is_some());
                if done { Ok(()) } else { Err("not yet".into()) }
            })
            .await;
    }

    pub(crate) async fn story(&self, name: &str) -> Vec<String> {
        self.witness.story(&self.world, name).await
    }

    /// No person was ever called.
    pub(crate) async fn was_never_stalled(&self, name: &str) {
        let story = self.story(name).await;
        assert!(!story.iter().any(|told| told.starts_with("Stalled")), "{name}: {story:?}");
    }

    pub(crate) async fn versions(&self, function: &str) -> Vec<String> {
        let versions = self.world.aws.list_versions(function).await.unwrap();
        versions.iter().map(|version| version["Version"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The function in AWS without what no two functions have in common.
    async fn substance(&self, function: &str) -> Value {
        let mut answer = self.world.function(function).await.unwrap_or_else(|| panic!("there is no {function}"));
        for own in ["FunctionName", "FunctionArn", "LastModified", "RevisionId", "LoggingConfig"] {
            answer["Configuration"].as_object_mut().unwrap().remove(own);
        }
        answer["Code"] = Value::Null;
        answer["Tags"].as_object_mut().unwrap().remove("lambda-operator.io/owner");
        answer
    }

    /// A function that went through a fault is what one that did not is, versions included.
    pub(crate) async fn is_as_undisturbed(&self, function: &str, undisturbed: &str) {
        assert_eq!(self.substance(function).await, self.substance(undisturbed).await, "{function}");
        assert_eq!(self.versions(function).await, self.versions(undisturbed).await, "{function}");
    }
}
