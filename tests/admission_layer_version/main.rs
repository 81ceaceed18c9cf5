//! What the API server accepts and refuses of LambdaLayerVersions, by itself: a table of objects, on the newest kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::sync::LazyLock;

use lambda_operator::api::layer_version::LambdaLayerVersion;
use serde_json::{Value, json};
use support::admission::{Case, Server};
use testbed::Bed;

/// A spec with a change.
fn spec(change: &Value) -> Value {
    let mut spec = json!({"codeFrom": {"inline": {"python/lib.py": "x = 1"}}});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

static PARTNER: LazyLock<Value> = LazyLock::new(|| json!({"statementId": "partner", "principal": "210987654321"}));

/// A spec with one permission that has a change.
fn shared(change: &Value) -> Value {
    let mut permission = PARTNER.clone();
    permission.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec(&json!({"permissions": [permission]}))
}

/// What it shows, the spec, words of the refusal.
fn rows() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let runtimes: Vec<_> = (0..16).map(|number| format!("python3.{number}")).collect();
    let s3 = |change: &Value| {
        let mut spec = spec(&json!({"codeFrom": null, "s3Bucket": "layers", "s3Key": "lib.zip"}));
        let fields = spec.as_object_mut().unwrap();
        fields.extend(change.as_object().unwrap().clone());
        fields.retain(|_, value| !value.is_null());
        spec
    };
    vec![
        ("the least", spec(&json!({})), None),
        ("a package in S3", s3(&json!({"s3ObjectVersion": "v1", "sourceCodeHash": "x"})), None),
        ("a file", json!({"filename": "layers/lib.zip"}), None),
        (
            "empty fields",
            spec(&json!({"description": "", "licenseInfo": "", "compatibleRuntimes": [], "layerName": ""})),
            None,
        ),
        ("a runtime of tomorrow", spec(&json!({"compatibleRuntimes": ["python4.0"]})), None),
        ("both instruction sets", spec(&json!({"compatibleArchitectures": ["arm64", "x86_64"]})), None),
        ("a number to keep", spec(&json!({"retainVersions": 3, "skipDestroy": true})), None),
        ("an account", shared(&json!({"principal": "210987654321", "organizationId": ""})), None),
        ("the root of an account", shared(&json!({"principal": "arn:aws:iam::210987654321:root"})), None),
        ("an organization", shared(&json!({"principal": "*", "organizationId": "o-a1b2c3d4e5"})), None),
        (
            "an account of an organization",
            shared(&json!({"principal": "210987654321", "organizationId": "o-a1b2c3d4e5"})),
            Some("organizationId limits the principal *"),
        ),
        (
            "a role that may use it",
            shared(&json!({"principal": "arn:aws:iam::210987654321:role/x"})),
            Some("principal must be an account number of 12 digits"),
        ),
        (
            "an organization without its id",
            shared(&json!({"principal": "*", "organizationId": "mine"})),
            Some("organizationId must be the id of an organization"),
        ),
        (
            "a statement with a dot",
            shared(&json!({"statementId": "a.b"})),
            Some("statementId must be 1 to 100 letters"),
        ),
        (
            "one id twice",
            spec(&json!({"permissions": [PARTNER.clone(), PARTNER.clone()]})),
            Some("duplicate entries for key"),
        ),
        ("no package", json!({}), Some("set exactly one source of the package")),
        ("two packages", spec(&json!({"filename": "lib.zip"})), Some("set exactly one source of the package")),
        ("a bucket without a key", s3(&json!({"s3Key": null})), Some("s3Bucket and s3Key go together")),
        ("a key that is empty", s3(&json!({"s3Key": ""})), Some("s3Bucket and s3Key go together")),
        (
            "a version of nothing",
            spec(&json!({"s3ObjectVersion": "v1"})),
            Some("s3ObjectVersion is the version of an S3 object"),
        ),
        ("a bucket's URL", s3(&json!({"s3Bucket": "s3://layers"})), Some("s3Bucket must be the bucket's name alone")),
        ("a key with a line break", s3(&json!({"s3Key": "a\nb"})), Some("s3Key must not contain control characters")),
        ("a hash with a line break", s3(&json!({"sourceCodeHash": "a\nb"})), Some("sourceCodeHash must not contain")),
        (
            "a file outside",
            json!({"filename": "../lib.zip"}),
            Some("filename is a path within the operator's package folder"),
        ),
        (
            "an ARN for the name",
            spec(&json!({"layerName": "arn:aws:lambda:r:1:layer:x"})),
            Some("layerName must be 1 to 140 letters"),
        ),
        ("sixteen runtimes", spec(&json!({"compatibleRuntimes": runtimes})), Some("Too many")),
        (
            "a runtime in capitals",
            spec(&json!({"compatibleRuntimes": ["Python"]})),
            Some("compatibleRuntimes must be AWS's identifiers"),
        ),
        (
            "another instruction set",
            spec(&json!({"compatibleArchitectures": ["riscv"]})),
            Some("compatibleArchitectures"),
        ),
        ("no version to keep", spec(&json!({"retainVersions": 0})), Some("retainVersions")),
        ("a long license", spec(&json!({"licenseInfo": "x".repeat(513)})), Some("licenseInfo")),
    ]
}

#[tokio::test]
async fn the_api_server_judges_layer_versions_as_listed() {
    let case = |(what, spec, refusal)| Case { what, name: None, before: None, spec, refusal };
    let mut cases: Vec<Case> = rows().into_iter().map(case).collect();
    let dotted = |spec| Case { what: "a name with a dot", name: Some("a.b".into()), before: None, spec, refusal: None };
    cases.push(Case { refusal: Some("metadata.name is not a name that Lambda allows"), ..dotted(spec(&json!({}))) });
    cases.push(dotted(spec(&json!({"layerName": "a-b"}))));
    cases.push(Case {
        what: "another name",
        name: None,
        before: Some((spec(&json!({})), Value::Null)),
        spec: spec(&json!({"layerName": "other"})),
        refusal: Some("spec.layerName cannot be changed"),
    });
    cases.push(Case {
        what: "another region",
        name: None,
        before: Some((spec(&json!({"region": "eu-west-1"})), Value::Null)),
        spec: spec(&json!({"region": "us-east-1"})),
        refusal: Some("spec.region cannot be changed"),
    });
    let server = Server::with_crd::<LambdaLayerVersion>(&Bed::from_env().unwrap()).await;
    let wrong = server.judge(&cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
