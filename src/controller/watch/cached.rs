//! An object as the cache stores it. The fields that are needed often are stored as they are, and the rest as compressed text. A very large object is
//! stored without the rest. This keeps the memory of ten thousand objects small.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use miniz_oxide::inflate::decompress_to_vec;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::kept::Kept;
use super::stripped::Stripped;
use crate::api::condition;
use crate::api::shared::FINALIZER;
use crate::controller::managed::Managed;
use crate::core::ending::Dependent;
use crate::core::hand_over::{HandOver, HandedOver, ObjectName};
use crate::core::ownership::Stake;
use crate::core::past::{Past, Reported};
use crate::core::reason::Reason;
use crate::core::references::{Kind, Reference};

/// A compressed object.
#[derive(Clone, Debug)]
pub(in crate::controller) struct CachedObject<K> {
    /// The parts of the metadata that identify the object and show changes.
    metadata: ObjectMeta,
    /// Hash of the labels and of the operator's annotations. A hash, because they can be long.
    marks: u64,
    /// Hashes of the references in its spec, for the same reason.
    refers: Box<[u64]>,
    /// The kinds of what it refers to.
    kinds: Kinds,
    ready: Option<(Box<str>, Box<str>)>,
    stake: Option<Box<Stake>>,
    /// Hash of the account, region and function, by its status.
    place: Option<u64>,
    /// The object to which it hands its resource over.
    gives_to: Option<Box<ObjectName>>,
    /// Hash of the object that `adoptFrom` names.
    asks: Option<u64>,
    /// Hash of the facts that other objects use of it, through a reference to it.
    face: Option<u64>,
    /// The resource that has to outlive its own, by its status.
    dependent: Option<Box<Dependent>>,
    /// ARN of the resource, by its status.
    arn: Option<Box<str>>,
    /// Target of a creation in progress, while the status has no ARN.
    creating: Option<Box<str>>,
    text: Text,
    kind: PhantomData<fn() -> K>,
}

/// The whole object.
#[derive(Clone, Debug)]
enum Text {
    /// Compressed.
    Kept(Kept),
    /// Too large for the cache. It is read from the API server whenever it is needed.
    Large,
    /// The error of an object that cannot be parsed.
    Unreadable(Box<str>),
}

/// The resource that an object claims, in hashes, because its names can be long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controller) struct Claimed {
    resource: u64,
    /// Account, region and function.
    place: Option<u64>,
}

/// The kinds to which an object refers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::controller) struct Kinds {
    pub(in crate::controller) secrets: bool,
    pub(in crate::controller) config_maps: bool,
}

impl<K: Managed> CachedObject<K> {
    /// The whole object; `None` if the cache does not store it, so that it has to be read from the API server.
    ///
    /// # Errors
    /// The error, if the object cannot be parsed.
    pub(in crate::controller) fn decode(&self) -> Result<Option<K>, String> {
        let kept = match &self.text {
            Text::Kept(kept) => kept,
            Text::Large => return Ok(None),
            Text::Unreadable(error) => return Err(error.to_string()),
        };
        let text = decompress_to_vec(kept.text()).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map(Some).map_err(|error| error.to_string())
    }

    /// The error, if the object cannot be parsed.
    pub(in crate::controller) fn unreadable(&self) -> Option<&str> {
        match &self.text {
            Text::Unreadable(error) => Some(error),
            Text::Kept(_) | Text::Large => None,
        }
    }

    /// ARN of the resource, by its status.
    pub(in crate::controller) fn arn(&self) -> Option<&str> {
        self.arn.as_deref()
    }

    /// Target of a creation in progress, from the status. A resource can exist in AWS that no read has shown yet.
    pub(in crate::controller) fn creating(&self) -> Option<&str> {
        self.creating.as_deref()
    }

    /// Hash of the labels and of the annotations of ours.
    pub(in crate::controller) const fn marks(&self) -> u64 {
        self.marks
    }

    /// The references of its spec, each by its [`key`].
    pub(in crate::controller) fn refers(&self) -> impl Iterator<Item = u64> {
        self.refers.iter().copied()
    }

    /// The kinds of what it refers to.
    pub(in crate::controller) const fn kinds(&self) -> Kinds {
        self.kinds
    }

    pub(in crate::controller) fn refers_to(&self, reference: &Reference) -> bool {
        self.refers.contains(&key(reference))
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

    /// The resource that it claims, by its status.
    pub(in crate::controller) fn claimed(&self) -> Option<Claimed> {
        self.stake().map(|stake| Claimed { resource: hash(&stake.resource), place: self.place })
    }

    /// Whether it waits for this resource. The status of an object without a recorded qualifier does not show what it claims, but of which function. That
    /// of a new object shows nothing: it is not woken, because each of many deletions would wake all new objects.
    pub(in crate::controller) fn awaits(&self, freed: Claimed) -> bool {
        match self.stake() {
            Some(stake) => !stake.owned && hash(&stake.resource) == freed.resource,
            None => {
                let refused = self.ready().is_some_and(|(_, reason)| reason == Reason::NotOwned.name());
                refused && self.place == freed.place
            }
        }
    }

    /// Hash of what objects that refer to it see of it.
    pub(in crate::controller) const fn face(&self) -> Option<u64> {
        self.face
    }

    /// The resource that has to outlive its own, by its status.
    pub(in crate::controller) fn dependent(&self) -> Option<&Dependent> {
        self.dependent.as_deref()
    }

    /// Namespace and name.
    pub(in crate::controller) fn object_name(&self) -> ObjectName {
        let ObjectMeta { namespace, name, .. } = &self.metadata;
        ObjectName { namespace: namespace.clone().unwrap_or_default(), name: name.clone().unwrap_or_default() }
    }

    /// The object to which it hands its resource over.
    pub(in crate::controller) fn gives_to(&self) -> Option<&ObjectName> {
        self.gives_to.as_deref()
    }

    /// Whether this object is to take over the given resource: its `adoptFrom` names the giver, or it claims the same resource and does not own it
    /// yet.
    pub(in crate::controller) fn asks_for(&self, given: &HandedOver) -> bool {
        let claims = |stake: &Stake| !stake.owned && given.resource.as_ref() == Some(&stake.resource);
        self.asks == Some(hash(&given.giver)) || self.stake().is_some_and(claims)
    }

    /// Compresses an object.
    fn compress(object: &K) -> Self {
        let status = object.reported().map(Reported::common);
        let conditions = status.into_iter().flat_map(|status| &status.conditions);
        let ready = conditions.into_iter().find(|condition| condition.type_ == condition::READY);
        let references = object.references();
        let has = |kind| references.iter().any(|reference| reference.kind == kind);
        Self {
            metadata: known(object.meta()),
            marks: hash(&(&object.meta().labels, &object.meta().annotations)),
            refers: references.iter().map(key).collect(),
            kinds: Kinds { secrets: has(Kind::Secret), config_maps: has(Kind::ConfigMap) },
            ready: ready.map(|ready| (ready.status.as_str().into(), ready.reason.as_str().into())),
            stake: object.stake(None).map(Box::new),
            place: Past::of(object.reported()).target.map(|target| hash(&target.arn())),
            gives_to: HandOver::of(object.meta().annotations.as_ref()).and_then(taker).map(Box::new),
            asks: object.asks().map(|giver| hash(&giver)),
            face: object.parent().map(|parent| hash(&parent)),
            dependent: Dependent::of(object).map(Box::new),
            arn: status.and_then(|status| status.arn.as_deref()).map(Into::into),
            creating: creating(&Past::of(object.reported())),
            text: match serde_json::to_vec(object) {
                Ok(text) => Kept::new(&text).map_or(Text::Large, Text::Kept),
                Err(error) => Text::Unreadable(error.to_string().into()),
            },
            kind: PhantomData,
        }
    }
}

/// An object as the API server sends it. Parts of the metadata that the operator does not use are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    #[serde(default)]
    api_version: Value,
    #[serde(default)]
    kind: Value,
    metadata: Stripped,
    #[serde(default)]
    spec: Value,
    status: Option<Value>,
}

/// Never fails. An object that this version cannot parse, for example after a downgrade, is stored with the error, because an error here would stop
/// the watch of all objects.
impl<'de, K: Managed> Deserialize<'de> for CachedObject<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Sent { api_version, kind, metadata, spec, status } = Sent::deserialize(deserializer)?;
        let metadata = ObjectMeta::from(metadata);
        let value =
            json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": status});
        Ok(K::deserialize(value).map(|object| Self::compress(&object)).unwrap_or_else(|error| Self {
            metadata: known(&metadata),
            marks: hash(&(&metadata.labels, &metadata.annotations)),
            refers: Box::default(),
            kinds: Kinds::default(),
            ready: Some(("False".into(), Reason::Unreadable.name().into())),
            stake: None,
            place: None,
            gives_to: None,
            asks: None,
            face: None,
            dependent: None,
            arn: None,
            creating: None,
            text: Text::Unreadable(error.to_string().into()),
            kind: PhantomData,
        }))
    }
}

fn creating(past: &Past) -> Option<Box<str>> {
    let unseen = past.perhaps_created.is_some() && !past.shown;
    past.target.as_ref().filter(|_| unseen).map(|target| target.text().into())
}

fn taker(hand_over: HandOver) -> Option<ObjectName> {
    match hand_over {
        HandOver::To(taker) => Some(taker),
        HandOver::Unreadable(_) => None,
    }
}

fn known(metadata: &ObjectMeta) -> ObjectMeta {
    let ours = |all: &Vec<String>| all.iter().filter(|one| *one == FINALIZER).cloned().collect();
    ObjectMeta {
        name: metadata.name.clone(),
        namespace: metadata.namespace.clone(),
        uid: metadata.uid.clone(),
        generation: metadata.generation,
        resource_version: metadata.resource_version.clone(),
        deletion_timestamp: metadata.deletion_timestamp.clone(),
        finalizers: metadata.finalizers.as_ref().map(ours),
        ..ObjectMeta::default()
    }
}

/// A hash that identifies a reference and needs little memory.
pub(in crate::controller) fn key(reference: &Reference) -> u64 {
    hash(reference)
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
    fn a_cached_object_lacks_only_what_nobody_reads() {
        let mut object: LambdaFunction = serde_json::from_value(sent(&spec())).unwrap();
        object.metadata.annotations = Some([("lambda-operator.io/x".into(), "1".into())].into());
        let mut cached = sent(&spec());
        cached["metadata"]["managedFields"] = json!([{"manager": "kubectl", "operation": "Apply"}]);
        cached["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = json!("{}");
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(cached).unwrap();
        assert_eq!(cached.decode(), Ok(Some(object)));
        assert_eq!(cached.ready(), Some(("True", "Available")));
        assert_eq!(cached.metadata.annotations, None, "a hash tells one from another");
        let mut other = sent(&spec());
        other["metadata"]["annotations"]["lambda-operator.io/x"] = json!("2");
        let other: CachedObject<LambdaFunction> = serde_json::from_value(other).unwrap();
        assert_ne!(cached.marks(), other.marks());
        let mut labelled = sent(&spec());
        labelled["metadata"]["labels"] = json!({"a": "c"});
        let labelled: CachedObject<LambdaFunction> = serde_json::from_value(labelled).unwrap();
        assert_ne!(cached.marks(), labelled.marks(), "a label may become a tag");
    }

    #[test]
    fn large_code_is_not_kept_and_the_object_is_known_all_the_same() {
        let code: String = (0..100_000).map(|_| fastrand::alphanumeric()).collect();
        let spec = json!({"role": "arn:r", "codeFrom": {"inline": {"main.py": code}},
                          "environment": {"from": [{"secretRef": {"name": "db"}}]}});
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(sent(&spec)).unwrap();
        assert_eq!(cached.decode(), Ok(None), "it is read again");
        assert!(!format!("{cached:?}").contains(&code[..20]));
        assert!(cached.refers_to(&Reference { kind: Kind::Secret, name: "db".into() }));
        assert_eq!(cached.kinds(), Kinds { secrets: true, config_maps: false });
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
    fn a_creation_in_progress_is_known_until_status_has_an_arn() {
        let creating = |changes: Value| {
            let mut object = sent(&spec());
            let place = json!({"account": "123456789012", "region": "eu-west-1", "functionName": "f"});
            for (field, value) in place.as_object().into_iter().chain(changes.as_object()).flatten() {
                object["status"][field] = value.clone();
            }
            let cached: CachedObject<LambdaFunction> = serde_json::from_value(object).unwrap();
            cached.creating().map(str::to_owned)
        };
        let since = json!({"perhapsCreated": "2026-01-01T00:00:00Z"});
        assert_eq!(creating(json!({})), None);
        assert_eq!(
            creating(json!({"record": since})).as_deref(),
            Some("arn:aws:lambda:eu-west-1:123456789012:function:f")
        );
        assert_eq!(creating(json!({"record": since, "arn": "arn:f"})), None, "the ARN names the resource");
    }

    #[test]
    fn one_that_cannot_be_read_has_a_name_and_says_why() {
        let cached: CachedObject<LambdaFunction> = serde_json::from_value(sent(&json!({"role": 7}))).unwrap();
        assert_eq!(cached.metadata.name.as_deref(), Some("f"));
        assert!(cached.unreadable().unwrap().contains("invalid type"), "{cached:?}");
        assert!(cached.decode().is_err());
    }
}
