//! Objects as YAML: written for `import`, read for `plan`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kinds::names;
use crate::api::shared::GROUP;
use crate::controller::managed::Managed;
use crate::core::references;
use crate::core::shown::printable;

/// One document. Its strings are quoted so that every YAML parser reads them alike, including old ones that read `on` as a boolean.
pub(super) fn write(object: &impl Managed, notes: &[String]) -> Result<String, String> {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let yaml = serde_saphyr::to_string_with_options(object, options).map_err(|error| error.to_string())?;
    // A note can repeat text from AWS. YAML ends a comment at more characters than the line feed.
    let comments: String = notes.iter().map(|note| format!("# {}\n", printable(note))).collect();
    Ok(format!("{comments}{yaml}"))
}

/// The documents of a file that a plan uses. Others are skipped, and Lists are expanded.
pub(super) struct File {
    /// The objects of our group.
    pub(super) objects: Vec<Value>,
    /// Secrets and ConfigMaps.
    pub(super) contents: Vec<Value>,
    /// Namespaces.
    pub(super) namespaces: Vec<Value>,
}

/// Reads a file. It needs an object of our group.
pub(super) fn read(text: &str) -> Result<File, String> {
    // Errors without snippets of the file, which would show values.
    let options = serde_saphyr::options! { with_snippet: false };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| format!("it is not YAML: {error}"))?;
    let (objects, others): (Vec<_>, Vec<_>) = documents.into_iter().flat_map(opened).map(placed).partition(is_ours);
    if objects.is_empty() {
        return Err(format!("it contains no object of {GROUP}/v1alpha1"));
    }
    let (namespaces, others): (Vec<_>, Vec<_>) =
        others.into_iter().filter(is_core).partition(|document| document["kind"] == "Namespace");
    Ok(File { objects, contents: others.into_iter().filter(has_contents).collect(), namespaces })
}

fn opened(document: Value) -> Vec<Value> {
    match document.get("items") {
        Some(Value::Array(items)) if document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => {
            items.clone()
        }
        Some(_) | None => vec![document],
    }
}

/// The document without an empty namespace, which says the same as none.
fn placed(mut document: Value) -> Value {
    if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
        metadata.retain(|field, value| field != "namespace" || *value != "");
    }
    document
}

fn is_ours(document: &Value) -> bool {
    document["apiVersion"].as_str().is_some_and(|version| version.split('/').next() == Some(GROUP))
}

fn is_core(document: &Value) -> bool {
    document["apiVersion"] == "v1"
}

fn has_contents(document: &Value) -> bool {
    let kinds = [references::Kind::Secret, references::Kind::ConfigMap];
    kinds.iter().any(|kind| document["kind"] == kind.name())
}

/// The kinds of our group that this version does not know: their objects are not planned. A file needs one of another kind.
pub(super) fn unknown_kinds(documents: &[Value]) -> Result<BTreeSet<String>, String> {
    let known = names();
    let kind = |document: &Value| document["kind"].as_str().unwrap_or("none").to_owned();
    let (known, unknown): (BTreeSet<_>, BTreeSet<_>) =
        documents.iter().map(kind).partition(|kind| known.contains(kind));
    if known.is_empty() {
        return Err(format!(
            "this version knows none of the kinds of its objects ({}): correct the kind, or use a newer version",
            list(&unknown)
        ));
    }
    Ok(unknown)
}

/// Names of kinds in a sentence.
pub(super) fn list(kinds: &BTreeSet<String>) -> String {
    kinds.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The object of a document, if it is of this kind.
pub(super) fn object<K: Managed>(document: &Value) -> Option<Result<K, String>> {
    (document["kind"] == *K::kind(&())).then(|| parsed(document.clone()))
}

fn parsed<K: Managed>(mut document: Value) -> Result<K, String> {
    let (kind, name) = (K::kind(&()), document["metadata"]["name"].as_str().unwrap_or_default().to_owned());
    if name.is_empty() {
        return Err(format!("one of its {kind}s has no metadata.name"));
    }
    // Only the operator writes the status, and a status in a file is outdated.
    if let Value::Object(fields) = &mut document {
        fields.remove("status");
    }
    let object: K = serde_json::from_value(document.clone())
        .map_err(|error| format!("{kind} {name}: {}", fault::<K>(&document, &error)))?;
    let kept = serde_json::to_value(&object).map_err(|error| error.to_string())?;
    match unknown(&document["spec"], &kept["spec"], "spec") {
        Some(field) => Err(format!("{kind} {name}: {field} is not a field of {kind}: correct it, or remove it")),
        None => Ok(object),
    }
}

/// The wrong field and its fault, without its value.
fn fault<K: Managed>(document: &Value, error: &serde_json::Error) -> String {
    let plain = |error: &serde_json::Error| {
        let text = error.to_string();
        let Some((said, wanted)) = text.split_once(", expected ") else { return text };
        let kind = said.split(['`', '"']).next().unwrap_or_default().trim_end();
        format!("{kind}, expected {wanted}")
    };
    let reads = |spec: Value| {
        let mut changed = document.clone();
        changed["spec"] = spec;
        serde_json::from_value::<K>(changed).map(drop)
    };
    let wrong = |(field, value): (&String, &Value)| {
        // The field is the wrong one if it fails alone, or if everything else is right without it.
        let mut alone = Value::Object(serde_json::Map::new());
        alone[field.as_str()] = value.clone();
        let mut without = document["spec"].clone();
        without.as_object_mut()?.remove(field);
        let alone = reads(alone).err().filter(|error| !error.to_string().starts_with("missing field"));
        let found = alone.as_ref().or_else(|| reads(without).is_ok().then_some(error))?;
        Some(format!("spec.{field}: {}", plain(found)))
    };
    document["spec"].as_object().and_then(|fields| fields.iter().find_map(wrong)).unwrap_or_else(|| plain(error))
}

/// The path of an unknown field: it is in the file, but not in the parsed object.
fn unknown(given: &Value, kept: &Value, path: &str) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), kept) => {
            given.iter().filter(|(_, value)| !value.is_null()).find_map(|(field, value)| {
                let path = format!("{path}.{field}");
                match kept.get(field) {
                    Some(kept) => unknown(value, kept, &path),
                    None => Some(path),
                }
            })
        }
        (Value::Array(given), Value::Array(kept)) => given
            .iter()
            .zip(kept)
            .enumerate()
            .find_map(|(index, (given, kept))| unknown(given, kept, &format!("{path}[{index}]"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::function::spec::{LambdaFunction, LambdaFunctionSpec};

    /// Characters that end a line of YAML 1.1, or that are not printable in YAML.
    const BREAKS: [char; 6] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];

    const HELLO: &str = "apiVersion: lambda-operator.io/v1alpha1\nkind: LambdaFunction\nmetadata: {name: hello}\n";

    fn functions(text: &str) -> Result<Vec<LambdaFunction>, String> {
        super::read(text)?.objects.iter().filter_map(object).collect()
    }

    #[test]
    fn other_kinds_are_passed_over_and_lists_opened() {
        let file = format!("apiVersion: v1\nkind: ConfigMap\n---\n{HELLO}spec: {{role: a}}\n---\n");
        assert_eq!(functions(&file).unwrap().len(), 1);
        let listed = "kind: List\napiVersion: v1\nitems:\n- {apiVersion: lambda-operator.io/v1alpha1, kind: LambdaFunction, metadata: {name: a}, spec: {role: r}}\n";
        assert_eq!(functions(listed).unwrap().len(), 1);
        assert!(functions("kind: ConfigMap\n").unwrap_err().contains("contains no object"));
    }

    #[test]
    fn an_empty_namespace_is_none() {
        let of = |namespace: &str| {
            let text =
                format!("{HELLO}spec: {{role: a}}\n").replace("hello}", &format!("hello, namespace: {namespace}}}"));
            functions(&text).unwrap()[0].metadata.namespace.clone()
        };
        assert_eq!([of("''"), of("null"), of("shop")], [None, None, Some("shop".to_owned())]);
    }

    #[test]
    fn contents_and_namespaces_are_kept_and_other_groups_passed_over() {
        let other =
            |group: &str, kind: &str| format!("apiVersion: {group}\nkind: {kind}\nmetadata: {{name: a}}\n---\n");
        let others =
            [("v1", "Secret"), ("v1", "Namespace"), ("x.io/v1", "Namespace"), ("x.io/v1", "ConfigMap"), ("v1", "Pod")];
        let others: String = others.iter().map(|(group, kind)| other(group, kind)).collect();
        let file = super::read(&format!("{others}{HELLO}spec: {{role: a}}\n")).unwrap();
        let kinds = |documents: &[Value]| documents.iter().map(|document| document["kind"].clone()).collect::<Vec<_>>();
        assert_eq!((kinds(&file.contents), kinds(&file.namespaces)), (vec![json!("Secret")], vec![json!("Namespace")]));
    }

    #[test]
    fn kinds_that_are_unknown_are_named_and_a_file_needs_a_known_one() {
        let of = |kinds: &[&str]| unknown_kinds(&kinds.iter().map(|kind| json!({"kind": kind})).collect::<Vec<_>>());
        assert_eq!(of(&["LambdaFunction", "LambdaAlias"]), Ok(BTreeSet::new()));
        assert_eq!(of(&["LambdaAlias", "LambdaLayer"]), Ok(["LambdaLayer".to_owned()].into()));
        let sentence = of(&["LambdaLayer", "LambdaFunctoin"]).unwrap_err();
        assert!(sentence.contains("(LambdaFunctoin, LambdaLayer)"), "{sentence}");
        assert!(unknown_kinds(&[json!({})]).is_err());
    }

    #[test]
    fn manifest_errors_name_the_field_and_hide_the_value() {
        let cases = [
            ("spec: {role: a, memorySzie: 5}", "spec.memorySzie is not a field"),
            ("spec: {role: a, loggingConfig: {format: JSON}}", "spec.loggingConfig.format is not a field"),
            (
                "spec: {role: a, environment: {variables: {PIN: 1234}}}",
                "spec.environment: invalid type: integer, expected",
            ),
            ("spec: {role: a, timeout: s3cret}", "spec.timeout: invalid type: string, expected i32"),
            ("spec: {runtime: x}", "missing field `role`"),
            ("spec: {role: [}", "it is not YAML"),
        ];
        for (spec, words) in cases {
            let said = functions(&format!("{HELLO}{spec}\n")).unwrap_err();
            assert!(said.contains(words) && !said.contains("1234") && !said.contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn a_written_manifest_reads_back_unchanged() {
        let odd = [
            "on",
            "0777",
            "1e3",
            "null",
            "~",
            "",
            " a ",
            "- a",
            "a: b",
            "# a",
            "a\nb\n",
            "\t",
            "1_000",
            "12:30:45",
            "2020-01-01",
            "0x1F",
            "=",
            "<<",
            "ü\u{85}",
            "a\u{2028}b: c\u{2029}---",
            "\u{feff}a\u{feff}",
            "\u{fffe}\u{ffff}",
            "%d",
            "@a",
            "!x",
            "'\"\\",
        ];
        let variables =
            odd.iter().enumerate().map(|(number, value)| (format!("V{number}"), (*value).to_owned())).collect();
        let environment =
            crate::api::function::environment::Environment { variables: Some(variables), ..Default::default() };
        let tags = odd.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
        let spec = LambdaFunctionSpec {
            environment: Some(environment),
            tags: Some(tags),
            description: Some("long ".repeat(50)),
            ..Default::default()
        };
        let written = write(&LambdaFunction::new("hello", spec.clone()), &[]).unwrap();
        assert!(written.starts_with("apiVersion: lambda-operator.io/v1alpha1\n"), "{written}");
        assert!(!written.contains(BREAKS), "a parser of YAML 1.1 ends a line there: {written}");
        assert_eq!(functions(&written).unwrap()[0].spec, spec);
    }

    /// Each of these ends a comment for some parser, or is refused by it: kubectl's ends it at U+2028, U+2029 and U+0085.
    #[test]
    fn a_note_with_text_from_aws_stays_in_its_comment() {
        for end in BREAKS.iter().chain(&['\n', '\r', '\u{b}', '\u{c}', '\0', '\u{1b}']) {
            let note = format!("Its owner is x{end}kind: ClusterRoleBinding{end}---");
            let written = write(&LambdaFunction::new("hello", LambdaFunctionSpec::default()), &[note]).unwrap();
            let comment = written.strip_suffix("\n").unwrap().split_once("\napiVersion: ").unwrap().0;
            assert!(comment.starts_with("# Its owner is x") && comment.ends_with("---"), "{comment}");
            assert!(!comment.contains(*end) && !comment.contains(char::is_control), "{comment:?}");
        }
    }
}
