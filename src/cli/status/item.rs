//! One object, as `lambda-operator status` shows it: what it belongs to, what it uses, and how its status stands. Pure.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use serde_json::Value;

use crate::api::condition;
use crate::controller::managed::Managed;
use crate::core::goal::Place;
use crate::core::past::Reported;
use crate::core::references;
use crate::core::references::{Kind, Reference, References};

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// Its kind.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    /// The kind of reference by which others name it.
    pub(super) reference: Option<references::Kind>,
    /// The object or function that it belongs to.
    pub(super) belongs: Belongs,
    /// The objects that it uses and does not belong to.
    pub(super) uses: BTreeSet<Reference>,
    /// Whether it is Ready.
    pub(super) state: State,
    /// Names and values of fields of its status.
    pub(super) facts: Vec<(String, String)>,
}

/// The place of an object in a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// It is the function, with this name and region in AWS.
    Function(Place),
    /// To the LambdaFunction of this name.
    ToFunction(String),
    /// To the LambdaAlias of this name.
    ToAlias(String),
    /// To the function of this name and region in AWS.
    ToNamed(Place),
    /// To no function.
    Nothing,
}

/// The answer to whether an object is Ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    /// Not Ready: the condition that says so, its reason and its message.
    NotReady {
        condition: &'static str,
        reason: String,
        message: String,
    },
    /// The operator has not processed this generation.
    Unprocessed(i64),
}

impl Item {
    /// The view of an object.
    pub(super) fn of<K: Managed>(object: &K) -> Self {
        let is_parent = |reference: &Reference| matches!(reference.kind, Kind::LambdaFunction | Kind::LambdaAlias);
        let (parents, uses): (BTreeSet<_>, BTreeSet<_>) = object.references().into_iter().partition(is_parent);
        let status = object.reported();
        let conditions = status.map(|status| status.common().conditions.as_slice()).unwrap_or_default();
        let processed = status.and_then(|status| status.common().observed_generation);
        let generation = object.meta().generation.unwrap_or_default();
        let state = match processed {
            Some(processed) if processed == generation => State::of(conditions),
            Some(_) | None => State::Unprocessed(generation),
        };
        let record = status.and_then(|status| serde_json::to_value(status).ok()).unwrap_or_default();
        Self {
            kind: K::kind(&()).into_owned(),
            name: object.name_any(),
            reference: K::NAMES.reference,
            belongs: belongs(object, parents.first()),
            uses,
            state,
            facts: K::NAMES
                .facts
                .iter()
                .filter_map(|field| Some(((*field).to_owned(), text(record.get(field)?))))
                .collect(),
        }
    }

    /// Its kind and name.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// The place of an object: by its reference, or else by the names of the function in AWS.
fn belongs<K: Managed>(object: &K, parent: Option<&Reference>) -> Belongs {
    let reported = object.reported().map(Reported::common);
    let place = object.place(&References::default()).unwrap_or_default();
    let region = reported.and_then(|status| status.region.clone()).or(place.region);
    match (K::NAMES.reference, parent) {
        (Some(Kind::LambdaFunction), _) => Belongs::Function(Place { region, name: place.name }),
        (_, Some(Reference { kind: Kind::LambdaAlias, name })) => Belongs::ToAlias(name.clone()),
        (_, Some(Reference { kind: _, name })) => Belongs::ToFunction(name.clone()),
        (_, None) if place.name.is_empty() => Belongs::Nothing,
        (_, None) => Belongs::ToNamed(Place { region, name: place.name }),
    }
}

impl State {
    fn of(conditions: &[Condition]) -> Self {
        let of = |type_: &str| conditions.iter().find(|one| one.type_ == type_);
        let is_true = |type_: &str| of(type_).is_some_and(|one| one.status == "True");
        if is_true(condition::READY) {
            return Self::Ready;
        }
        let standing = [condition::STALLED, condition::RECONCILING].into_iter().find(|type_| is_true(type_));
        let text = |field: fn(&Condition) -> &String| of(condition::READY).map(field).cloned().unwrap_or_default();
        Self::NotReady {
            condition: standing.unwrap_or("Not Ready"),
            reason: text(|one| &one.reason),
            message: text(|one| &one.message),
        }
    }
}

/// A value of a status as text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::alias::LambdaAlias;
    use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
    use crate::api::function::spec::LambdaFunction;
    use crate::cli::kinds::{ForEachKind, each};

    fn object<K: Managed>(spec: &Value, status: &Value) -> Item {
        let object = json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": K::kind(&()),
            "metadata": {"name": "x", "generation": 2}, "spec": spec, "status": status});
        Item::of(&serde_json::from_value::<K>(object).unwrap())
    }

    fn conditions(all: &[(&str, &str, &str, &str)]) -> Value {
        let condition = |(type_, status, reason, message): &(&str, &str, &str, &str)| {
            json!({"type": type_, "status": status, "reason": reason, "message": message,
                "lastTransitionTime": "2026-01-01T00:00:00Z"})
        };
        json!({"observedGeneration": 2, "conditions": all.iter().map(condition).collect::<Vec<_>>()})
    }

    #[test]
    fn an_object_is_ready_stalled_in_progress_or_not_processed() {
        let state = |status: &Value| object::<LambdaFunction>(&json!({"role": "r"}), status).state;
        assert_eq!(state(&conditions(&[("Ready", "True", "Reconciled", "m")])), State::Ready);
        for standing in ["Stalled", "Reconciling"] {
            let shown = state(&conditions(&[("Ready", "False", "R", "m"), (standing, "True", "R", "m")]));
            let expected = State::NotReady { condition: standing, reason: "R".into(), message: "m".into() };
            assert_eq!(shown, expected);
        }
        assert_eq!(state(&json!({"observedGeneration": -1})), State::Unprocessed(2));
        let mut old = conditions(&[("Ready", "True", "Reconciled", "m")]);
        old["observedGeneration"] = json!(1);
        assert_eq!(state(&old), State::Unprocessed(2), "a status of another generation proves nothing");
    }

    #[test]
    fn an_object_belongs_to_its_alias_or_its_function_by_reference_or_by_name() {
        let belongs = |spec: Value| object::<LambdaEventSourceMapping>(&spec, &json!({})).belongs;
        assert_eq!(belongs(json!({"aliasRef": {"name": "live"}})), Belongs::ToAlias("live".into()));
        assert_eq!(belongs(json!({"functionRef": {"name": "f"}})), Belongs::ToFunction("f".into()));
        let place = Place { region: Some("r".into()), name: "f".into() };
        assert_eq!(belongs(json!({"functionName": "f", "region": "r"})), Belongs::ToNamed(place.clone()));
        let spec = json!({"role": "r", "functionName": "f", "codeSigningConfigRef": {"name": "csc"}});
        let function = object::<LambdaFunction>(&spec, &json!({"region": "r"}));
        assert_eq!(function.belongs, Belongs::Function(place));
        let config = Reference { kind: Kind::LambdaCodeSigningConfig, name: "csc".into() };
        assert_eq!(function.uses, [config].into());
    }

    #[test]
    fn facts_are_fields_of_the_status_by_their_names() {
        let status = json!({"functionVersion": "7", "additionalVersionWeights": {"6": "0.1"}});
        let alias = object::<LambdaAlias>(&json!({"functionName": "f", "functionVersion": "7"}), &status);
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert!(alias.facts.contains(&fact("functionVersion", "7")), "{:?}", alias.facts);
        assert!(alias.facts.contains(&fact("additionalVersionWeights", r#"{"6":"0.1"}"#)), "{:?}", alias.facts);
    }

    #[test]
    fn every_fact_is_a_field_of_its_status() {
        struct Fields;
        impl ForEachKind for Fields {
            fn kind<K: Managed>(&mut self) {
                let crd = serde_json::to_value(K::crd()).unwrap();
                let status = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
                for field in K::NAMES.facts {
                    assert!(status["properties"][*field].is_object(), "{}: {field}", K::kind(&()));
                }
            }
        }
        each(&mut Fields);
    }
}
