//! What a namespace does not allow asks nobody: neither Lambda nor STS hears of it.

use serde_json::{Value, json};
use testbed::Filter;

use support::world::{World, spec, spec_with};

/// Has every object refused with a sentence that names the annotation; counts what AWS heard meanwhile.
async fn refused_without_a_call(arguments: &[&str], annotations: &[&str], objects: &[(&str, Value, &str)]) {
    let world = World::with(arguments).await;
    // Its start may ask whose credentials it has.
    let before = world.manners().mark().await.unwrap();
    let role = format!("role-arn=arn:aws:iam::6{}:role/team", &world.account[1..]);
    for annotation in annotations.iter().copied().chain([role.as_str()]) {
        let annotation = format!("lambda-operator.io/{annotation}");
        world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, &annotation], None).await.unwrap();
    }
    for (name, spec, word) in objects {
        world.apply(name, spec).await;
        let sentence = world.stalled(name, "NotAllowed").await;
        assert!(sentence.contains(word), "{name}: {sentence}");
        assert!(world.objects().get(name).await.unwrap().metadata.finalizers.is_none(), "nothing to wait for");
        world.delete(name).await;
        world.gone(name).await;
    }
    let heard = Filter {
        agent: Some("*/*".to_owned()),
        since: Some(before),
        account: Some(format!("?{}", &world.account[1..])),
        ..Filter::default()
    };
    let heard = world.manners().calls(&heard).await.unwrap();
    assert!(heard.is_empty(), "{heard:?}");
}

#[tokio::test]
async fn a_forbidden_role_name_or_adoption_makes_no_aws_call() {
    let annotations =
        ["allowed-roles=arn:aws:iam::*:role/team-*", "allowed-function-names=team-*", "allow-adoption=false"];
    let team = json!({"role": "arn:aws:iam::123456789012:role/team-a", "functionName": "team-hello"});
    let with = |change: Value| {
        let mut spec = spec_with(&team);
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    let objects = [
        ("role", with(json!({"role": "arn:aws:iam::123456789012:role/admin"})), "allowed-roles"),
        ("name", with(json!({"functionName": "payments"})), "allowed-function-names"),
        ("adopts", with(json!({"adoptionPolicy": "Adopt"})), "allow-adoption"),
        ("moves", with(json!({"adoptFrom": "test/elsewhere/hello"})), "allow-adoption"),
    ];
    refused_without_a_call(&[], &annotations, &objects).await;
}

#[tokio::test]
async fn a_required_policy_makes_no_aws_call_by_default() {
    let objects = [
        ("hello", spec(), "allowed-roles"),
        ("adopts", spec_with(&json!({"adoptionPolicy": "Adopt"})), "allowed-roles"),
    ];
    refused_without_a_call(&["--require-namespace-policy"], &[], &objects).await;
    let annotations = ["allowed-roles=*", "allowed-function-names=*"];
    let adopts = [("adopts", spec_with(&json!({"adoptionPolicy": "Adopt"})), "allow-adoption")];
    refused_without_a_call(&["--require-namespace-policy"], &annotations, &adopts).await;
}
