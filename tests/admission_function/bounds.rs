//! Every value that the CRD takes has a bound, and the schema is of the plain kind that every tool understands.

use kube::CustomResourceExt;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::Value;

const CRD: &str = include_str!("../../crds/lambdafunctions.lambda-operator.io.yaml");

/// A client-side apply keeps the manifest in an annotation, which holds 256 kB.
const LARGEST: usize = 200_000;

fn root() -> Value {
    let crd: Value = serde_saphyr::from_str(CRD).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
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
        Some("integer") => (!has("minimum") || !has("maximum")).then_some("a number without minimum or maximum"),
        Some("object") if has("additionalProperties") => {
            (!has("maxProperties")).then_some("a map without maxProperties")
        }
        Some("object") => (!has("properties")).then_some("an object of anything"),
        Some("boolean") => None,
        Some(_) | None => Some("a type that is none of ours"),
    };
    let odd = ODD.into_iter().find(|name| has(name));
    // Without this one every waiter takes a brand-new object for ready.
    let default =
        (has("default") && path != ".status").then_some("a default, which GitOps tools take for a difference");
    [unbounded, odd, default].into_iter().flatten().map(|fault| format!("{path}: {fault}")).collect()
}

#[test]
fn every_value_is_bounded_and_plain() {
    let root = root();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for part in ["spec", "status"] {
        walk(&root["properties"][part], &format!(".{part}"), &mut |path, schema| {
            seen += 1;
            wrong.extend(faults(path, schema));
        });
    }
    assert!(seen > 120, "the walk does not reach the fields: {seen}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// `kubectl explain` shows nothing else.
#[test]
fn every_field_of_the_crd_is_described() {
    let mut wrong = Vec::new();
    for part in ["spec", "status"] {
        walk(&root()["properties"][part], part, &mut |path, schema| {
            let value_of_a_map = path.ends_with("{}") || path.ends_with("[]");
            let description = schema["description"].as_str().unwrap_or_default();
            if !value_of_a_map && (description.len() < 8 || !description.ends_with('.')) {
                wrong.push(format!("{path}: {description:?}"));
            }
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_client_side_apply_can_hold_the_crd() {
    let json = serde_json::to_string(&serde_saphyr::from_str::<Value>(CRD).unwrap()).unwrap();
    println!("{} bytes as YAML, {} as JSON", CRD.len(), json.len());
    assert!(CRD.len() < LARGEST && json.len() < LARGEST);
}

/// A rule's sentence says what to do, and names no other rule's field by mistake.
#[test]
fn every_rule_has_a_sentence_of_its_own() {
    let crd = serde_json::to_value(LambdaFunction::crd()).unwrap();
    let mut rules = 0;
    walk(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], "", &mut |path, schema| {
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            rules += 1;
            assert!(rule["message"].as_str().is_some_and(|message| message.len() > 20), "{path}: {rule}");
        }
    });
    assert!(rules > 50, "{rules}");
}
