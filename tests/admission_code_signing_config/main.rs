//! LambdaCodeSigningConfig: the objects that the API server accepts and refuses without the operator. A table of objects, on the newest
//! kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use serde_json::{Value, json};
use support::admission::{Case, Server};
use support::signing_configs::{PROFILE, signing_spec};
use testbed::Bed;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdefg";

fn publishers(all: &[&str]) -> Value {
    json!({"allowedPublishers": {"signingProfileVersionArns": all}})
}

/// The purpose of the row, the spec, and a part of the refusal.
fn rows() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let many: Vec<_> = (0..21).map(|number| format!("{PROFILE}{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let tags = |key: &str| signing_spec(&json!({"tags": {key: "x"}}));
    vec![
        ("the least", signing_spec(&json!({})), None),
        ("twenty publishers", publishers(&many[..20]), None),
        ("empty fields", signing_spec(&json!({"policies": {}, "description": "", "tags": {}, "arn": ""})), None),
        ("enforcement", signing_spec(&json!({"policies": {"untrustedArtifactOnDeployment": "Enforce"}})), None),
        ("an existing one", signing_spec(&json!({"arn": ARN, "adoptFrom": "c/n/x"})), None),
        ("no publishers", json!({}), Some("allowedPublishers: Required")),
        ("an empty list", publishers(&[]), Some("signingProfileVersionArns")),
        ("twenty-one publishers", publishers(&many), Some("Too many")),
        ("a profile's name", publishers(&["release"]), Some("must hold whole ARNs of versions")),
        (
            "a policy in small letters",
            signing_spec(&json!({"policies": {"untrustedArtifactOnDeployment": "warn"}})),
            Some("untrustedArtifactOnDeployment must be Warn or Enforce"),
        ),
        ("an id for the ARN", signing_spec(&json!({"arn": "csc-1"})), Some("arn must be the whole ARN")),
        ("a former owner of nothing", signing_spec(&json!({"adoptFrom": "c/n/x"})), Some("adoptFrom needs to know")),
        (
            "half an owner",
            signing_spec(&json!({"arn": ARN, "adoptFrom": "n/x"})),
            Some("adoptFrom must be the whole owner"),
        ),
        ("a reserved tag", tags("lambda-operator.io/owner"), Some("tag keys must not be empty")),
        ("a tag that begins with a space", tags(" a"), Some("tag keys must not begin or end with white space")),
        ("a long tag", tags(&"k".repeat(129)), Some("tag keys must have at most 128")),
        ("a tag with a star", tags("a*"), Some("tag keys must hold only letters")),
        ("a pattern with a hash", signing_spec(&json!({"ignoreTags": ["a#"]})), Some("ignoreTags must hold keys")),
        ("AWS's own tags", signing_spec(&json!({"ignoreTags": ["aws:*"]})), Some("ignoreTags must not name aws:")),
    ]
}

#[tokio::test]
async fn the_api_server_judges_code_signing_configurations_as_listed() {
    let case = |(what, spec, refusal)| Case { what, name: None, before: None, spec, refusal };
    let mut cases: Vec<Case> = rows().into_iter().map(case).collect();
    cases.push(Case {
        what: "another ARN",
        name: None,
        before: Some((signing_spec(&json!({})), Value::Null)),
        spec: signing_spec(&json!({"arn": ARN})),
        refusal: Some("arn cannot be changed"),
    });
    cases.push(Case {
        what: "another region",
        name: None,
        before: Some((signing_spec(&json!({"region": "eu-west-1"})), Value::Null)),
        spec: signing_spec(&json!({"region": "us-east-1"})),
        refusal: Some("spec.region cannot be changed"),
    });
    let server = Server::with_crd::<LambdaCodeSigningConfig>(&Bed::from_env().unwrap()).await;
    let wrong = server.judge(&cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
