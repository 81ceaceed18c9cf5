//! Every value that the CRDs take has a bound, and the schema is of the plain kind that every tool understands.

use serde_json::Value;

/// A client-side apply keeps the manifest in an annotation, which holds 256 kB.
const LARGEST: usize = 200_000;

/// The text of every CRD.
fn crds() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/crds")).unwrap();
    let files = files.map(|file| file.unwrap().path()).filter(|path| !path.ends_with("kustomization.yaml"));
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The schema of every kind, with its name.
fn roots() -> Vec<(String, Value)> {
    let root = |text: &String| {
        let crd: Value = serde_saphyr::from_str(text).unwrap();
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap().to_owned();
        (kind, crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone())
    };
    crds().iter().map(root).collect()
}

/// Spec and status of every kind.
fn walk_all(visit: &mut impl FnMut(&str, &Value)) {
    for (kind, root) in roots() {
        for part in ["spec", "status"] {
            walk(&root["properties"][part], &format!("{kind}.{part}"), visit);
        }
    }
}

/// Every schema within a schema, by its path.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        walk(field, &format!("{path}.{name}"), visit);
    }
    for (inner, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[inner].is_object() {
            walk(&schema[inner], &format!("{path}{mark}"), visit);
        }
    }
}

/// What tools do not understand alike.
const ODD: [&str; 7] = [
    "nullable",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-int-or-string",
];

/// What is wrong about one schema of ours.
fn faults(path: &str, schema: &Value) -> Vec<String> {
    let has = |name: &str| !schema[name].is_null();
    let unbounded = match schema["type"].as_str() {
        Some("string") => (!has("maxLength") && !has("enum")).then_some("a text without maxLength or enum"),
        Some("array") if !has("maxItems") => Some("a list without maxItems"),
        Some("array") => (!has("x-kubernetes-list-type")).then_some("a list without x-kubernetes-list-type"),
        Some("integer" | "number") => {
            (!has("minimum") || !has("maximum")).then_some("a number without minimum or maximum")
        }
        Some("object") if has("additionalProperties") => {
            (!has("maxProperties")).then_some("a map without maxProperties")
        }
        Some("object") => (!has("properties")).then_some("an object of anything"),
        Some("boolean") => None,
        Some(_) | None => Some("a type that is none of ours"),
    };
    let odd = ODD.into_iter().find(|name| has(name));
    // Without this one every waiter takes a brand-new object for ready.
    let default = (has("default") && path.split('.').skip(1).ne(["status"]))
        .then_some("a default, which GitOps tools take for a difference");
    [unbounded, odd, default].into_iter().flatten().map(|fault| format!("{path}: {fault}")).collect()
}

#[test]
fn every_value_is_bounded_and_plain() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    walk_all(&mut |path, schema| {
        seen += 1;
        wrong.extend(faults(path, schema));
    });
    assert!(seen > 120, "the walk does not reach the fields: {seen}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// `kubectl explain` shows nothing else.
#[test]
fn every_field_of_the_crd_is_described() {
    let mut wrong = Vec::new();
    walk_all(&mut |path, schema| {
        let value_of_a_map = path.ends_with("{}") || path.ends_with("[]");
        let description = schema["description"].as_str().unwrap_or_default();
        if !value_of_a_map && (description.len() < 8 || !description.ends_with('.')) {
            wrong.push(format!("{path}: {description:?}"));
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_client_side_apply_can_hold_the_crd() {
    for crd in crds() {
        let json = serde_json::to_string(&serde_saphyr::from_str::<Value>(&crd).unwrap()).unwrap();
        println!("{} bytes as YAML, {} as JSON", crd.len(), json.len());
        assert!(crd.len() < LARGEST && json.len() < LARGEST);
    }
}

/// A rule's sentence says what to do, and names no other rule's field by mistake.
#[test]
fn every_rule_has_a_sentence_of_its_own() {
    let mut rules = 0;
    for (kind, root) in roots() {
        walk(&root, &kind, &mut |path, schema| {
            for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
                rules += 1;
                assert!(rule["message"].as_str().is_some_and(|message| message.len() > 20), "{path}: {rule}");
            }
        });
    }
    assert!(rules > 60, "{rules}");
}
