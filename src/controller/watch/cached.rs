//! An object as the cache keeps it: at hand what is asked of all objects, the rest as compressed text. Ten thousand of them have to fit into little memory.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::shared::GROUP;
use crate::core::references::Reference;
use crate::kinds::function::desired::references::references;

/// kubectl keeps the whole manifest here, environment included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Compression: a third of the text; more effort would gain little.
const EFFORT: u8 = 1;

/// A LambdaFunction, folded up.
#[derive(Clone, Debug)]
pub(in crate::controller) struct CachedObject {
    /// What tells it from others and what is news of it, no more.
    metadata: ObjectMeta,
    refers: Box<[Reference]>,
    ready: Option<(Box<str>, Box<str>)>,
    /// All of it; or why it cannot be read.
    text: Result<Box<[u8]>, Box<str>>,
}

impl CachedObject {
    /// The whole object.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(in crate::controller) fn decode(&self) -> Result<LambdaFunction, String> {
        let text = self.text.as_ref().map_err(ToString::to_string)?;
        let text = decompress_to_vec(text).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }

    /// Why it cannot be read, if so.
    pub(in crate::controller) fn unreadable(&self) -> Option<&str> {
        self.text.as_ref().err().map(AsRef::as_ref)
    }

    pub(in crate::controller) fn refers_to(&self, reference: &Reference) -> bool {
        self.refers.contains(reference)
    }

    /// Status and reason of `Ready`, where it has that condition.
    pub(in crate::controller) fn ready(&self) -> Option<(&str, &str)> {
        self.ready.as_ref().map(|(status, reason)| (status.as_ref(), reason.as_ref()))
    }

    /// Folds an object up; nothing that nobody reads is kept.
    fn compress(mut object: LambdaFunction) -> Self {
        object.metadata.managed_fields = None;
        if let Some(annotations) = &mut object.metadata.annotations {
            annotations.remove(LAST_APPLIED);
        }
        let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
        let ready = conditions.into_iter().find(|condition| condition.type_ == condition::READY);
        let text = serde_json::to_vec(&object).map_err(|error| error.to_string().into());
        Self {
            metadata: known(&object.metadata),
            refers: references(&object.spec).into_iter().collect(),
            ready: ready.map(|ready| (ready.status.as_str().into(), ready.reason.as_str().into())),
            text: text.map(|text| compress_to_vec(&text, EFFORT).into()),
        }
    }
}

/// Never fails for an object of Kubernetes: one that we cannot read (after a downgrade, say) must not stop the others.
impl<'de> Deserialize<'de> for CachedObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        LambdaFunction::deserialize(&value).map(Self::compress).or_else(|error| {
            let metadata = ObjectMeta::deserialize(&value["metadata"]).map_err(D::Error::custom)?;
            let (metadata, refers) = (known(&metadata), Box::default());
            Ok(Self { metadata, refers, ready: None, text: Err(error.to_string().into()) })
        })
    }
}

fn known(metadata: &ObjectMeta) -> ObjectMeta {
    let ours = |annotations: &BTreeMap<String, String>| {
        let ours = annotations.iter().filter(|(key, _)| key.starts_with(GROUP));
        ours.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    ObjectMeta {
        name: metadata.name.clone(),
        namespace: metadata.namespace.clone(),
        uid: metadata.uid.clone(),
        generation: metadata.generation,
        resource_version: metadata.resource_version.clone(),
        deletion_timestamp: metadata.deletion_timestamp.clone(),
        annotations: metadata.annotations.as_ref().map(ours),
        ..ObjectMeta::default()
    }
}

impl Resource for CachedObject {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        LambdaFunction::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        LambdaFunction::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        LambdaFunction::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        LambdaFunction::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::references::Kind;

    /// As the API server sends it.
    fn sent(spec: &Value) -> Value {
        json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
            "metadata": {
                "name": "f", "namespace": "n", "uid": "u", "generation": 3, "resourceVersion": "7", "labels": {"a": "b"},
                "finalizers": ["lambda-operator.io/finalizer"], "annotations": {"lambda-operator.io/x": "1", "other": "2"},
            },
            "spec": spec,
            "status": {"observedGeneration": 3, "memorySize": 128, "conditions": [{
                "type": "Ready", "status": "True", "reason": "Available", "message": "m", "observedGeneration": 3,
                "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
        })
    }

    fn spec() -> Value {
        json!({"role": "arn:aws:iam::123456789012:role/r", "codeFrom": {"secretRef": {"name": "code"}},
               "environment": {"variables": {"A": "ü"}}})
    }

    #[test]
    fn a_cached_object_lacks_only_managed_metadata() {
        let object: LambdaFunction = serde_json::from_value(sent(&spec())).unwrap();
        let mut cached = sent(&spec());
        cached["metadata"]["managedFields"] = json!([{"manager": "kubectl", "operation": "Apply"}]);
        cached["metadata"]["annotations"][LAST_APPLIED] = json!("{}");
        let cached: CachedObject = serde_json::from_value(cached).unwrap();
        assert_eq!(cached.decode(), Ok(object));
        assert_eq!(cached.ready(), Some(("True", "Available")));
        assert_eq!(cached.metadata.annotations, Some([("lambda-operator.io/x".into(), "1".into())].into()));
    }

    #[test]
    fn references_are_known_without_unpacking_the_object() {
        let cached: CachedObject = serde_json::from_value(sent(&spec())).unwrap();
        let reference = |kind, name: &str| Reference { kind, name: name.into() };
        assert!(cached.refers_to(&reference(Kind::Secret, "code")));
        assert!(!cached.refers_to(&reference(Kind::ConfigMap, "code")));
        assert!(!cached.refers_to(&reference(Kind::Secret, "other")));
    }

    #[test]
    fn one_that_cannot_be_read_has_a_name_and_says_why() {
        let cached: CachedObject = serde_json::from_value(sent(&json!({"role": 7}))).unwrap();
        assert_eq!(cached.metadata.name.as_deref(), Some("f"));
        assert!(cached.unreadable().unwrap().contains("invalid type"), "{cached:?}");
        assert!(cached.decode().is_err());
    }
}
