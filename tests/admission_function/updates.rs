//! What AWS fixes at creation cannot be changed, nor set later, nor taken away; what only looks like a change can.

use serde_json::{Value, json};
use support::admission::Case;

use crate::accepted::{image, s3};
use crate::spec_with;

pub(crate) fn cases() -> Vec<Case> {
    let rows = [names(), regions(), packages(), fixed_blocks(), changeable()].into_iter().flatten();
    let case = |(what, before, after, refusal): Row| Case {
        what,
        name: None,
        before: Some((spec_with(&before), Value::Null)),
        spec: spec_with(&after),
        refusal,
    };
    rows.map(case).chain(own_names()).chain(recorded_regions()).collect()
}

/// What it shows, from, to, words of the refusal.
type Row = (&'static str, Value, Value, Option<&'static str>);

fn names() -> Vec<Row> {
    const FIXED: Option<&str> = Some("spec.functionName cannot be changed");
    let name = |name: &str| json!({"functionName": name});
    vec![
        ("another name", name("a"), name("b"), FIXED),
        ("another name's case", name("a"), name("A"), FIXED),
        ("a name taken away", name("a"), json!({}), FIXED),
        ("a name emptied", name("a"), name(""), FIXED),
        ("a name set later", json!({}), name("b"), FIXED),
        ("the same name", name("a"), name("a"), None),
        ("an empty name taken away", name(""), json!({}), None),
    ]
}

/// The object's own name is the default, and writing a default down is no change.
fn own_names() -> Vec<Case> {
    let named = |name: &str| spec_with(&json!({"functionName": name}));
    let case = |what, name: &str, before, spec| Case {
        what,
        name: Some(name.to_owned()),
        before: Some((before, Value::Null)),
        spec,
        refusal: None,
    };
    vec![
        case("its own name written down", "own-one", spec_with(&json!({})), named("own-one")),
        case("its own name left out again", "own-two", named("own-two"), spec_with(&json!({}))),
    ]
}

fn regions() -> Vec<Row> {
    const FIXED: Option<&str> = Some("spec.region cannot be changed");
    let region = |region: &str| json!({"region": region});
    vec![
        ("another region", region("eu-west-1"), region("us-east-1"), FIXED),
        ("a region taken away", region("eu-west-1"), json!({}), FIXED),
        ("a region emptied", region("eu-west-1"), region(""), FIXED),
        ("a region set before anything is recorded", json!({}), region("us-east-1"), None),
        ("an empty region taken away", region(""), json!({}), None),
    ]
}

/// Once it is recorded where the function is, only that can be written down.
fn recorded_regions() -> Vec<Case> {
    let case = |what, region: &str, refusal| Case {
        what,
        name: None,
        before: Some((spec_with(&json!({})), json!({"region": "eu-west-1", "observedGeneration": 1}))),
        spec: spec_with(&json!({"region": region})),
        refusal,
    };
    vec![
        case("the recorded region written down", "eu-west-1", None),
        case("another than the recorded region", "us-east-1", Some("spec.region cannot be changed")),
    ]
}

fn packages() -> Vec<Row> {
    const FIXED: Option<&str> = Some("cannot change between zip and image");
    let app = |tag: &str| image(tag, &json!({}));
    vec![
        ("from zip to image", json!({}), app("r/app:1"), FIXED),
        ("from image to zip", app("r/app:1"), json!({}), FIXED),
        ("from S3 to image", s3(&json!({})), app("r/app:1"), FIXED),
        (
            "from another pipeline's zip to its image",
            json!({"codeFrom": null, "codePolicy": "Initial"}),
            json!({"codeFrom": null, "runtime": null, "handler": null, "packageType": "Image", "codePolicy": "Initial"}),
            FIXED,
        ),
        ("another tag", app("r/app:1"), app("r/app:2"), None),
        ("from inline to S3", json!({}), s3(&json!({})), None),
        ("from S3 to a file", s3(&json!({})), json!({"codeFrom": null, "filename": "p.zip"}), None),
        ("the package type written down", json!({}), json!({"packageType": "Zip"}), None),
        ("the package type left out again", image("r/app:1", &json!({"packageType": "Image"})), app("r/app:1"), None),
    ]
}

fn fixed_blocks() -> Vec<Row> {
    let tenancy = json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}});
    let durable = |seconds: i32| json!({"durableConfig": {"executionTimeout": seconds}});
    let provider = |name: &str| json!({"capacityProviderConfig": {"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": format!("arn:aws:lambda:eu-west-1:123456789012:capacity-provider:{name}")}}});
    vec![
        ("tenancy later", json!({}), tenancy.clone(), Some("tenancyConfig cannot be added")),
        ("tenancy no more", tenancy.clone(), json!({}), Some("tenancyConfig cannot be added or removed")),
        ("the same tenancy", tenancy.clone(), tenancy, None),
        ("durable later", json!({}), durable(60), Some("durableConfig cannot be added")),
        ("durable no more", durable(60), json!({}), Some("durableConfig cannot be added or removed")),
        ("durable for longer", durable(60), durable(90), None),
        ("provider later", json!({}), provider("p"), Some("capacityProviderConfig cannot be added")),
        ("provider no more", provider("p"), json!({}), Some("capacityProviderConfig cannot be added or removed")),
        ("another provider", provider("p"), provider("q"), None),
    ]
}

/// What Terraform changes in place changes in place.
fn changeable() -> Vec<Row> {
    let vpc = json!({"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}});
    vec![
        ("another role", json!({}), json!({"role": "arn:aws:iam::123456789012:role/other"}), None),
        ("another runtime", json!({}), json!({"runtime": "python3.14"}), None),
        ("another architecture", json!({"architectures": ["x86_64"]}), json!({"architectures": ["arm64"]}), None),
        ("a VPC", json!({}), vpc.clone(), None),
        ("no VPC any more", vpc, json!({}), None),
        (
            "everything emptied",
            json!({"tags": {"a": "b"}, "environment": {"variables": {"AB": "c"}}}),
            json!({"tags": {}, "environment": {"variables": {}}}),
            None,
        ),
        ("a role that is none", json!({}), json!({"role": "other"}), Some("role must be the role's whole ARN")),
    ]
}
