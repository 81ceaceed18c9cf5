//! The parts of an object's metadata that are parsed. Managed fields and the annotations of others are skipped and take no memory. Labels are parsed
//! only for our own kinds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::Resource;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::core::namespace_policy::annotation::is_ours;

/// Metadata as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stripped {
    name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    finalizers: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "ours")]
    annotations: Option<BTreeMap<String, String>>,
}

impl From<Stripped> for ObjectMeta {
    fn from(stripped: Stripped) -> Self {
        let Stripped {
            name,
            namespace,
            uid,
            resource_version,
            generation,
            creation_timestamp,
            deletion_timestamp,
            finalizers,
            labels,
            annotations,
        } = stripped;
        Self {
            name,
            namespace,
            uid,
            resource_version,
            generation,
            creation_timestamp,
            deletion_timestamp,
            finalizers,
            labels,
            annotations,
            ..Self::default()
        }
    }
}

/// The annotations of this operator.
fn ours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    deserializer.deserialize_option(Ours)
}

struct Ours;

impl<'de> Visitor<'de> for Ours {
    type Value = Option<BTreeMap<String, String>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of annotations")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut ours = BTreeMap::new();
        while let Some(Key(key)) = all.next_key()? {
            if is_ours(&key) {
                ours.insert(key.into_owned(), all.next_value()?);
            } else {
                all.next_value::<IgnoredAny>()?;
            }
        }
        Ok((!ours.is_empty()).then_some(ours))
    }
}

/// A key, borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The metadata of an object of another kind. Only the metadata is requested, and only the parts that the operator uses are stored.
#[derive(Clone, Debug)]
pub(in crate::controller) struct Named<R> {
    metadata: ObjectMeta,
    kind: PhantomData<fn() -> R>,
}

impl<'de, R> Deserialize<'de> for Named<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Sent {
            metadata: Stripped,
        }
        let Sent { metadata } = Sent::deserialize(deserializer)?;
        Ok(Self { metadata: Stripped { labels: None, ..metadata }.into(), kind: PhantomData })
    }
}

impl<R: Resource<DynamicType = ()>> Resource for Named<R> {
    type DynamicType = ();
    type Scope = R::Scope;

    fn metadata_api() -> bool {
        true
    }

    fn kind((): &()) -> Cow<'_, str> {
        R::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        R::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        R::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        R::plural(&())
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
    use k8s_openapi::api::core::v1::Secret;
    use kube::ResourceExt;
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_kept_of_others_annotations_labels_and_managed_fields() {
        let text = json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
            "metadata": {
                "name": "db", "namespace": "n", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": {"team": "a-marker"}, "managedFields": [{"manager": "a-marker", "fieldsV1": {"f:data": {}}}],
                "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "a-marker", "uid": "x"}],
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":\"a-marker\"}",
                    "lambda-operator.io/region": "eu-west-1", "quoted\"key": "a-marker",
                },
            },
        });
        let kept: Named<Secret> = serde_json::from_str(&text.to_string()).unwrap();
        assert!(!format!("{kept:?}").contains("a-marker"), "{kept:?}");
        assert_eq!((kept.name_any().as_str(), kept.resource_version().as_deref()), ("db", Some("7")));
        assert_eq!(*kept.annotations(), [("lambda-operator.io/region".to_owned(), "eu-west-1".to_owned())].into());
        assert!(<Named<Secret> as Resource>::metadata_api(), "the API server is asked for metadata alone");
        let bare = json!({"metadata": {"name": "db", "annotations": null}});
        assert!(serde_json::from_value::<Named<Secret>>(bare).unwrap().annotations().is_empty());
    }
}
