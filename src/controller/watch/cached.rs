//! A cached object: fields that are needed for all objects are kept decoded, the rest as compressed text, so that ten thousand objects need little memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::condition;
use crate::api::shared::{FINALIZER, GROUP};
use crate::controller::managed::Managed;
use crate::core::ownership::Stake;
use crate::core::past::Reported;
use crate::core::reason::Reason;
use crate::core::references::Reference;

/// The annotation in which kubectl keeps the whole manifest, including the environment.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The compression level: it leaves a third of the text, and a higher one would gain little.
const EFFORT: u8 = 1;

/// A compressed object.
#[derive(Clone, Debug)]
pub(in crate::controller) struct CachedObject<K> {
    /// The parts of the metadata that identify the object and show changes.
    metadata: ObjectMeta,
    refers: Box<[Reference]>,
    ready: Option<(Box<str>, Box<str>)>,
    stake: Option<Box<Stake>>,
    /// Hash of the facts that objects which refer to it see.
    face: Option<u64>,
    /// The compressed object, or the error if it cannot be read.
    text: Result<Box<[u8]>, Box<str>>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Managed> CachedObject<K> {
    /// Decodes the whole object.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(in crate::controller) fn decode(&self) -> Result<K, String> {
        let text = self.text.as_ref().map_err(ToString::to_string)?;
        let text = decompress_to_vec(text).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    }

    /// The error, if it cannot be read.
    pub(in crate::controller) fn unreadable(&self) -> Option<&str> {
        self.text.as_ref().err().map(AsRef::as_ref)
    }

    pub(in crate::controller) fn refers_to(&self, reference: &Reference) -> bool {
        self.refers.contains(reference)
    }

    pub(in crate::controller) fn is_within(&self, namespace: &str) -> bool {
        self.metadata.namespace.as_deref() == Some(namespace)
    }

    /// Status and reason of `Ready`, if it has that condition.
    pub(in crate::controller) fn ready(&self) -> Option<(&str, &str)> {
        self.ready.as_ref().map(|(status, reason)| (status.as_ref(), reason.as_ref()))
    }

    /// The resource that it claims, by its status.
    pub(in crate::controller) fn stake(&self) -> Option<&Stake> {
        self.stake.as_deref()
    }

    /// Hash of what objects that refer to it see of it.
    pub(in crate::controller) const fn face(&self) -> Option<u64> {
        self.face
    }

    /// Namespace and name.
    pub(in crate::controller) fn own_name(&self) -> String {
        let ObjectMeta { namespace, name, .. } = &self.metadata;
        format!("{}/{}", namespace.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default())
    }

    /// Compresses an object, without metadata that is never read.
    fn compress(mut object: K) -> Self {
        object.meta_mut().managed_fields = None;
        if let Some(annotations) = &mut object.meta_mut().annotations {
            annotations.remove(LAST_APPLIED);
        }
        let conditions = object.reported().into_iter().flat_map(|status| &status.common().conditions);
        let ready = conditions.into_iter().find(|condition| condition.type_ == condition::READY);
        let text = serde_json::to_vec(&object).map_err(|error| error.to_string().into());
        Self {
            metadata: known(object.meta()),
            refers: object.references().into_iter().collect(),
            ready: ready.map(|ready| (ready.status.as_str().into(), ready.reason.as_str().into())),
            stake: object.stake(None).map(Box::new),
            face: object.parent().map(|parent| hash(&parent)),
            text: text.map(|text| compress_to_vec(&text, EFFORT).into()),
            kind: PhantomData,
        }
    }
}

/// Never fails for a Kubernetes object: one that we cannot read, for instance after a downgrade, must not stop the list of the others.
impl<'de, K: Managed> Deserialize<'de> for CachedObject<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        K::deserialize(&value).map(Self::compress).or_else(|error| {
            let metadata = ObjectMeta::deserialize(&value["metadata"]).map_err(D::Error::custom)?;
            Ok(Self {
                metadata: known(&metadata),
                refers: Box::default(),
                ready: Some(("False".into(), Reason::Unreadable.name().into())),
                stake: None,
                face: None,
                text: Err(error.to_string().into()),
                kind: PhantomData,
            })
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
        finalizers: metadata
            .finalizers
            .as_ref()
            .map(|all| all.iter().filter(|one| *one == FINALIZER).cloned().collect()),
        ..ObjectMeta::default()
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<K: Managed> Resource for CachedObject<K> {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        K::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        K::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        K::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        K::plural(&())
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
    use crate::api::function::spec::LambdaFunction;
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
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(cached).unwrap();
        assert_eq!(cached.decode(), Ok(object));
        assert_eq!(cached.ready(), Some(("True", "Available")));
        assert_eq!(cached.metadata.annotations, Some([("lambda-operator.io/x".into(), "1".into())].into()));
    }

    #[test]
    fn references_are_known_without_unpacking_the_object() {
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(sent(&spec())).unwrap();
        let reference = |kind, name: &str| Reference { kind, name: name.into() };
        assert!(cached.refers_to(&reference(Kind::Secret, "code")));
        assert!(!cached.refers_to(&reference(Kind::ConfigMap, "code")));
        assert!(!cached.refers_to(&reference(Kind::Secret, "other")));
    }

    #[test]
    fn one_that_cannot_be_read_has_a_name_and_says_why() {
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(sent(&json!({"role": 7}))).unwrap();
        assert_eq!(cached.metadata.name.as_deref(), Some("f"));
        assert!(cached.unreadable().unwrap().contains("invalid type"), "{cached:?}");
        assert!(cached.decode().is_err());
    }
}
