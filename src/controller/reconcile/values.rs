//! Parses a Secret or ConfigMap: only its values, and at most as many bytes as one object may refer to. It makes no call.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::core::references;
use crate::core::references::Contents;

/// The values of an object of the kind `R`. If there are too many, those that are kept exceed [`references::MOST`], so that the object is refused.
#[derive(Clone)]
pub(super) struct Values<R> {
    metadata: ObjectMeta,
    values: BTreeMap<String, Vec<u8>>,
    kind: PhantomData<fn() -> R>,
}

// The values are secret, so the output shows none of them.
impl<R> fmt::Debug for Values<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Values")
    }
}

impl<R> Values<R> {
    fn new(metadata: Identity, values: BTreeMap<String, Vec<u8>>) -> Self {
        let Identity { uid, resource_version } = metadata;
        Self { metadata: ObjectMeta { uid, resource_version, ..ObjectMeta::default() }, values, kind: PhantomData }
    }

    pub(super) fn contents(self) -> Contents {
        let Self { metadata, values, kind: _ } = self;
        let (uid, version) = (metadata.uid.unwrap_or_default(), metadata.resource_version.unwrap_or_default());
        Contents { uid, version, values }
    }
}

/// The members of the metadata that the operator uses.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    uid: Option<String>,
    resource_version: Option<String>,
}

impl<'de> Deserialize<'de> for Values<Secret> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Sent {
            metadata: Identity,
            data: Option<Bounded<ByteString>>,
        }
        let Sent { metadata, data } = Sent::deserialize(deserializer)?;
        Ok(Self::new(metadata, data.map(|data| data.values).unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for Values<ConfigMap> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Sent {
            metadata: Identity,
            data: Option<Bounded<String>>,
            binary_data: Option<Bounded<ByteString>>,
        }
        let Sent { metadata, data, binary_data } = Sent::deserialize(deserializer)?;
        let mut values = data.map(|data| data.values).unwrap_or_default();
        values.extend(binary_data.map(|data| data.values).unwrap_or_default());
        Ok(Self::new(metadata, values))
    }
}

/// Values up to the limit, and the first one beyond it.
struct Bounded<V> {
    values: BTreeMap<String, Vec<u8>>,
    text: PhantomData<fn() -> V>,
}

/// A value in its JSON form.
trait Text {
    fn bytes(self) -> Vec<u8>;
}

impl Text for String {
    fn bytes(self) -> Vec<u8> {
        self.into_bytes()
    }
}

impl Text for ByteString {
    fn bytes(self) -> Vec<u8> {
        self.0
    }
}

impl<'de, V: Text + Deserialize<'de>> Deserialize<'de> for Bounded<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reads(PhantomData))
    }
}

struct Reads<V>(PhantomData<fn() -> V>);

impl<'de, V: Text + Deserialize<'de>> Visitor<'de> for Reads<V> {
    type Value = Bounded<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let (mut values, mut size) = (BTreeMap::new(), 0_usize);
        while size <= references::MOST {
            let Some((key, value)) = all.next_entry::<String, V>()? else { break };
            let value = value.bytes();
            size = size.saturating_add(Contents::size_of(&key, &value));
            values.insert(key, value);
        }
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Bounded { values, text: PhantomData })
    }
}

impl<R: Resource<DynamicType = ()>> Resource for Values<R> {
    type DynamicType = ();
    type Scope = R::Scope;

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
    use serde_json::{Map, Value, json};

    use super::*;

    fn read<R>(object: &Value) -> Contents
    where
        Values<R>: for<'de> Deserialize<'de>,
    {
        serde_json::from_str::<Values<R>>(&object.to_string()).unwrap().contents()
    }

    #[test]
    fn texts_and_bytes_are_read_and_nothing_else_is_needed() {
        let metadata = json!({"name": "a", "uid": "u", "resourceVersion": "7", "managedFields": [{"fieldsV1": {}}]});
        let secret = read::<Secret>(&json!({"metadata": metadata, "type": "Opaque", "data": {"k": "AAE="}}));
        assert_eq!((secret.uid.as_str(), secret.version.as_str()), ("u", "7"));
        assert_eq!(secret.values, [("k".to_owned(), vec![0, 1])].into());
        let map = read::<ConfigMap>(&json!({"metadata": metadata, "data": {"t": "text"}, "binaryData": {"b": "AAE="}}));
        assert_eq!(map.values, [("b".to_owned(), vec![0, 1]), ("t".to_owned(), b"text".to_vec())].into());
        for none in [json!({"metadata": metadata}), json!({"metadata": metadata, "data": null, "binaryData": null})] {
            assert!(read::<Secret>(&none).values.is_empty() && read::<ConfigMap>(&none).values.is_empty());
        }
    }

    #[test]
    fn of_very_many_keys_so_many_are_kept_that_the_object_is_refused() {
        let data: Map<_, _> = (0..140_000).map(|number| (format!("{number:06}"), json!(""))).collect();
        let contents = read::<Secret>(&json!({"metadata": {"uid": "u", "resourceVersion": "7"}, "data": data}));
        let (size, one) = (contents.size(), Contents::size_of("000000", b""));
        assert!(size > references::MOST && size <= references::MOST + one, "{size}");
        let object = references::Reference { kind: references::Kind::Secret, name: "a".into() };
        let all = references::References { objects: [(object, contents)].into(), ..Default::default() };
        assert!(all.is_too_much());
    }
}
