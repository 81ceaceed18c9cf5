//! The file of `lambda-operator plan`, as the references of its objects see it: an object of the file is the one that will be applied, so it comes
//! before that of the cluster.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use serde_json::Value;

use crate::cli::manifest;
use crate::controller::managed::Managed;
use crate::core::references::{Kind, Reference};

/// The documents of the file, and the namespace of those that name none.
pub(super) struct PlannedFile {
    documents: Vec<Value>,
    namespaces: Vec<Value>,
    namespace: String,
}

impl PlannedFile {
    pub(super) fn new(file: &manifest::File, namespace: String) -> Self {
        let documents = file.objects.iter().chain(&file.contents).cloned().collect();
        Self { documents, namespaces: file.namespaces.clone(), namespace }
    }

    /// Namespace of objects that name none.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The annotations of a Namespace of the file, if it has this one.
    pub(super) fn annotations(&self, namespace: &str) -> Option<BTreeMap<String, String>> {
        let document = self.namespaces.iter().rfind(|document| document["metadata"]["name"] == namespace)?;
        let given = document["metadata"]["annotations"].as_object().into_iter().flatten();
        Some(given.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
    }

    /// The document that a reference from this namespace names.
    pub(super) fn document(&self, namespace: &str, reference: &Reference) -> Option<&Value> {
        self.object(reference.kind.name(), namespace, &reference.name)
    }

    /// The document of an object: the last of several, because it is applied last.
    pub(super) fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.documents.iter().rfind(|document| {
            let metadata = &document["metadata"];
            document["kind"] == kind
                && metadata["name"] == name
                && metadata["namespace"].as_str().unwrap_or(&self.namespace) == namespace
        })
    }
}

/// The values of a Secret or ConfigMap of the file.
pub(super) fn values(reference: &Reference, document: &Value) -> Result<BTreeMap<String, Vec<u8>>, String> {
    // What comes later wins, as in the API server.
    let fields = match reference.kind {
        Kind::Secret => [("data", Form::Base64), ("stringData", Form::Text)],
        Kind::ConfigMap
        | Kind::LambdaFunction
        | Kind::LambdaAlias
        | Kind::LambdaCodeSigningConfig
        | Kind::LambdaLayerVersion => [("data", Form::Text), ("binaryData", Form::Base64)],
    };
    let mut values = BTreeMap::new();
    for (field, form) in fields {
        for (key, value) in document[field].as_object().into_iter().flatten() {
            let wrong = || format!("{reference} of this file: {field}.{key} is not {}: correct it", form.noun());
            values.insert(key.clone(), form.bytes(value).ok_or_else(wrong)?);
        }
    }
    Ok(values)
}

/// The form of a value in a manifest.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Base64,
}

impl Form {
    const fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Base64 => "base64",
        }
    }

    fn bytes(self, value: &Value) -> Option<Vec<u8>> {
        match (self, value) {
            (_, Value::Null) => Some(Vec::new()),
            (Self::Text, value) => value.as_str().map(|text| text.as_bytes().to_vec()),
            (Self::Base64, value) => serde_json::from_value::<ByteString>(value.clone()).ok().map(|bytes| bytes.0),
        }
    }
}

/// The object once the file is applied: the spec of the file, and the status of the object in the cluster.
pub(super) fn applied<K: Managed>(object: &K, live: Option<&K>) -> Option<K> {
    let mut document = serde_json::to_value(object).ok()?;
    if let Some(live) = live {
        document["status"] = serde_json::to_value(live.reported()).ok()?;
        document["metadata"]["deletionTimestamp"] = serde_json::to_value(&live.meta().deletion_timestamp).ok()?;
    }
    serde_json::from_value(document).ok()
}

/// The annotation in which `kubectl apply` records the file that it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Adds the metadata that an apply of the file keeps: the uid, and the labels and annotations that no apply set.
pub(super) fn keep(metadata: &mut ObjectMeta, live: &ObjectMeta) {
    metadata.uid.clone_from(&live.uid);
    let kept = |field: &str, of: &Option<BTreeMap<String, String>>, given: Option<BTreeMap<String, String>>| {
        let (removed, of) = (applied_keys(live, field), of.clone().unwrap_or_default());
        Some(of.into_iter().filter(|(key, _)| !removed.contains(key)).chain(given.into_iter().flatten()).collect())
    };
    metadata.labels = kept("labels", &live.labels, metadata.labels.take());
    metadata.annotations = kept("annotations", &live.annotations, metadata.annotations.take());
}

/// The keys of labels or annotations that an earlier apply set, on the client or on the server. The next apply removes those that its file no
/// longer has.
fn applied_keys(live: &ObjectMeta, field: &str) -> BTreeSet<String> {
    let last = live.annotations.as_ref().and_then(|annotations| annotations.get(LAST_APPLIED));
    let last = last.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let by_client = last["metadata"][field].as_object().into_iter().flatten().map(|(key, _)| key.clone());
    let entries = live.managed_fields.iter().flatten();
    let (applied, updated): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.operation.as_deref() == Some("Apply"));
    let updated: BTreeSet<_> = updated.into_iter().flat_map(|entry| managed_keys(entry, field)).collect();
    // Who applies labels without a spec is not the one who applies the file.
    let applied = applied.into_iter().filter(|entry| !managed(entry)["f:spec"].is_null());
    let by_server = applied.flat_map(|entry| managed_keys(entry, field)).filter(|key| !updated.contains(key));
    by_client.chain(by_server).collect()
}

fn managed(entry: &ManagedFieldsEntry) -> &Value {
    entry.fields_v1.as_ref().map_or(&Value::Null, |fields| &fields.0)
}

fn managed_keys(entry: &ManagedFieldsEntry, field: &str) -> impl Iterator<Item = String> {
    let keys = managed(entry)["f:metadata"][format!("f:{field}")].as_object().into_iter().flatten();
    keys.filter_map(|(key, _)| key.strip_prefix("f:").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reference(kind: Kind, name: &str) -> Reference {
        Reference { kind, name: name.into() }
    }

    fn file(documents: &[Value]) -> PlannedFile {
        PlannedFile { documents: documents.to_vec(), namespaces: Vec::new(), namespace: "own".into() }
    }

    #[test]
    fn the_last_namespace_of_a_name_has_the_annotations() {
        let of = |name: &str, annotations: Value| json!({"kind": "Namespace", "metadata": {"name": name, "annotations": annotations}});
        let namespaces = vec![
            of("own", json!({"region": "old"})),
            of("own", json!({"region": "new", "number": 1})),
            of("bare", Value::Null),
        ];
        let file = PlannedFile { namespaces, ..file(&[]) };
        assert_eq!(file.annotations("own"), Some([("region".to_owned(), "new".to_owned())].into()));
        assert_eq!(file.annotations("bare"), Some(BTreeMap::new()));
        assert_eq!(file.annotations("other"), None);
    }

    #[test]
    fn a_reference_names_the_last_document_of_its_namespace() {
        let object = |kind: &str, namespace: Option<&str>, mark: i32| {
            let mut document = json!({"kind": kind, "metadata": {"name": "a"}, "mark": mark});
            if let Some(namespace) = namespace {
                document["metadata"]["namespace"] = namespace.into();
            }
            document
        };
        let file = file(&[
            object("LambdaFunction", None, 1),
            object("LambdaFunction", Some("own"), 2),
            object("LambdaFunction", Some("other"), 3),
            object("LambdaAlias", None, 4),
        ]);
        let mark = |namespace: &str, kind, name: &str| {
            file.document(namespace, &reference(kind, name)).map(|document| document["mark"].clone())
        };
        assert_eq!(mark("own", Kind::LambdaFunction, "a"), Some(json!(2)));
        assert_eq!(mark("other", Kind::LambdaFunction, "a"), Some(json!(3)));
        assert_eq!(mark("own", Kind::LambdaAlias, "a"), Some(json!(4)));
        assert_eq!(mark("other", Kind::LambdaAlias, "a"), None);
        assert_eq!(mark("own", Kind::LambdaFunction, "b"), None);
    }

    fn metadata(of: Value) -> ObjectMeta {
        serde_json::from_value(of).unwrap()
    }

    /// The labels and annotations of an object, once this metadata of the file is applied to the live one.
    fn kept(file: Value, live: Value) -> Value {
        let mut applied = metadata(file);
        keep(&mut applied, &metadata(live));
        json!({"labels": applied.labels, "annotations": applied.annotations, "uid": applied.uid})
    }

    #[test]
    fn labels_and_annotations_that_no_apply_set_are_kept() {
        let live = json!({"uid": "u", "labels": {"team": "x", "tier": "1"}, "annotations": {"hand-over-to": "a/b"}});
        let file = json!({"labels": {"tier": "2"}});
        let all = json!({"labels": {"team": "x", "tier": "2"}, "annotations": {"hand-over-to": "a/b"}, "uid": "u"});
        assert_eq!(kept(file, live.clone()), all, "what the file names is the file's");
        let (labels, annotations) = (&live["labels"], &live["annotations"]);
        assert_eq!(kept(json!({}), live.clone()), json!({"labels": labels, "annotations": annotations, "uid": "u"}));
    }

    #[test]
    fn labels_and_annotations_that_an_apply_set_go_with_it() {
        let none = json!({"labels": {}, "annotations": {}, "uid": null});
        let last = json!({"metadata": {"labels": {"team": "x"}, "annotations": {"note": "x"}}}).to_string();
        let live = json!({"labels": {"team": "y"}, "annotations": {"note": "x", LAST_APPLIED: last}});
        let by_client = kept(json!({}), live);
        assert_eq!((&by_client["labels"], &by_client["annotations"]["note"]), (&none["labels"], &Value::Null));

        let fields = json!({"f:metadata": {"f:labels": {".": {}, "f:team": {}}, "f:annotations": {"f:note": {}}}});
        let entry = |operation: &str, spec: bool| {
            let mut fields = fields.clone();
            if spec {
                fields["f:spec"] = json!({"f:role": {}});
            }
            json!({"manager": "m", "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields})
        };
        let of = |entries: &[Value]| {
            let live = json!({"labels": {"team": "x"}, "annotations": {"note": "x"}, "managedFields": entries});
            kept(json!({}), live)
        };
        let all = json!({"labels": {"team": "x"}, "annotations": {"note": "x"}, "uid": null});
        assert_eq!(of(&[entry("Apply", true)]), none);
        assert_eq!(of(&[entry("Update", true)]), all, "an update is none");
        assert_eq!(of(&[entry("Apply", true), entry("Update", false)]), all, "somebody else set it as well");
        assert_eq!(of(&[entry("Apply", false)]), all, "it is applied by somebody else than the spec");
    }

    #[test]
    fn secrets_and_config_maps_of_a_file_have_their_values() {
        let of = |kind, document: &Value| values(&reference(kind, "a"), document);
        let secret = json!({"data": {"a": "AAE=", "b": "AAE="}, "stringData": {"b": "text", "c": null}});
        let expected = [("a", &[0_u8, 1][..]), ("b", b"text"), ("c", b"")];
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(key, value)| (key.to_owned(), value.to_vec())).collect();
        assert_eq!(of(Kind::Secret, &secret), Ok(expected));
        let map = json!({"data": {"a": "AAE="}, "binaryData": {"b": "AAE="}});
        let expected: BTreeMap<_, _> = [("a".to_owned(), b"AAE=".to_vec()), ("b".to_owned(), vec![0, 1])].into();
        assert_eq!(of(Kind::ConfigMap, &map), Ok(expected));
        let wrong = of(Kind::Secret, &json!({"data": {"a": "s3cret!"}})).unwrap_err();
        assert_eq!(wrong, "Secret a of this file: data.a is not base64: correct it");
        assert!(of(Kind::ConfigMap, &json!({"data": {"port": 8080}})).unwrap_err().contains("data.port is not a text"));
    }
}
