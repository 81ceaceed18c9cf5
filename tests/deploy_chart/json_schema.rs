//! The JSON schemas for editors and kubeconform, applied to objects by helm, which has a validator.

use serde_json::{Value, json};
use testbed::Bed;

use crate::release::{alias, fresh, function, helm};

/// Whether the schema accepts an object, and what it says of it: the object is given as the values of a chart that has the schema of its kind.
async fn judged(bed: &Bed, object: &Value) -> (bool, String) {
    let chart = bed.kubeconfig.with_file_name(fresh("schema-chart"));
    std::fs::create_dir_all(&chart).unwrap();
    let kind = object["kind"].as_str().unwrap().to_lowercase();
    let schema = format!("{}/deploy/schema/{kind}_v1alpha1.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(schema, chart.join("values.schema.json")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: schema\nversion: 0.1.0\n").unwrap();
    std::fs::write(chart.join("values.yaml"), object.to_string()).unwrap();
    let said = helm(bed, &bed.helm, &["template", "r", &chart.display().to_string()]).await;
    (said.passed, said.stderr)
}

#[tokio::test]
async fn the_json_schema_accepts_valid_and_names_invalid_specs() {
    let bed = Bed::from_env().unwrap();
    let rich = json!({
        "memorySize": 256, "tags": {"a": "b"}, "environment": {"variables": {"A": "b"}, "valueFrom": {"P": {"secretKeyRef": {"name": "db", "key": "p"}}}},
        "timeouts": {"create": "10m"},
    });
    let (accepted, said) = judged(&bed, &function("demo", "hello", &rich)).await;
    assert!(accepted, "{said}");
    for (change, word) in [
        (json!({"memorysize": 256}), "memorysize"),
        (json!({"memorySize": "much"}), "memorySize"),
        (json!({"memorySize": 1}), "memorySize"),
        (json!({"tags": {"a": 1}}), "tags"),
        (json!({"adoptionPolicy": "Perhaps"}), "adoptionPolicy"),
    ] {
        let (accepted, said) = judged(&bed, &function("demo", "hello", &change)).await;
        assert!(!accepted && said.contains(word), "{change}: {said}");
    }
    let (accepted, said) = judged(&bed, &alias("demo", "hello")).await;
    assert!(accepted, "{said}");
    let mut number = alias("demo", "hello");
    number["spec"]["functionVersion"] = json!(7);
    let (accepted, said) = judged(&bed, &number).await;
    assert!(!accepted && said.contains("functionVersion"), "{said}");
    let mut other = function("demo", "hello", &json!({}));
    other["apiVersion"] = json!("lambda-operator.io/v2");
    assert!(!judged(&bed, &other).await.0, "another version has another schema");
    other.as_object_mut().unwrap().remove("apiVersion");
    assert!(!judged(&bed, &other).await.0);
}
