//! What the examples speak of and a user has: a package, an image, a network, functions of somebody else, a team's account.

use serde_json::json;

use support::world::{World, spec_with, zip};

/// What the example says, and what it is called here.
pub(crate) type Change = (&'static str, String);

#[allow(clippy::unused_async, reason = "called as the others are")]
pub(crate) async fn nothing(_: &World) -> Vec<Change> {
    Vec::new()
}

pub(crate) async fn package_in_s3(world: &World) -> Vec<Change> {
    let bucket = format!("builds-{}", world.account);
    let package = zip("index.js", "exports.handler = async () => 'report'");
    world.aws.put_object(&bucket, "report/report.zip", b"").await.unwrap();
    world.aws.keep_versions(&bucket).await.unwrap();
    let version = world.aws.put_object(&bucket, "report/report.zip", &package).await.unwrap().unwrap();
    vec![("builds-example", bucket), ("3HL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY", version)]
}

pub(crate) async fn image(world: &World) -> Vec<Change> {
    world.aws.put_image("resize", "1.4.2").await.unwrap();
    vec![("123456789012.dkr.ecr.eu-west-1.amazonaws.com/resize:1.4.2", world.aws.image_uri("resize", "1.4.2"))]
}

/// AWS takes a queue of the function's own account.
#[allow(clippy::unused_async, reason = "called as the others are")]
pub(crate) async fn queue(world: &World) -> Vec<Change> {
    vec![("sqs:eu-west-1:123456789012:", format!("sqs:eu-west-1:{}:", world.account))]
}

pub(crate) async fn queue_of_failures(world: &World) -> Vec<Change> {
    world.aws.create_queue("failed").await.unwrap();
    queue(world).await
}

/// The queue that the example reads.
pub(crate) async fn orders(world: &World) -> Vec<Change> {
    world.aws.create_queue("orders").await.unwrap();
    queue(world).await
}

pub(crate) async fn network(world: &World) -> Vec<Change> {
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let (_, subnets) = world.aws.query("ec2", "Action=DescribeSubnets&Version=2016-11-15").await.unwrap();
    let ids = subnets.split("<subnetId>").skip(1).filter_map(|part| part.split('<').next());
    let other = ids.into_iter().find(|id| *id != network.subnet).unwrap().to_owned();
    vec![
        ("subnet-0123456789abcdef0", network.subnet),
        ("subnet-0fedcba9876543210", other),
        ("sg-0123456789abcdef0", network.security_group),
    ]
}

pub(crate) async fn ownerless_function(world: &World) -> Vec<Change> {
    world.allow_adoption().await;
    world.aws.create_function("legacy", &json!({"Tags": {"made": "by hand"}})).await.unwrap();
    world.aws.wait_until_at_rest("legacy").await.unwrap();
    Vec::new()
}

/// An object that has the function, and agrees to hand it over.
pub(crate) async fn function_that_is_handed_over(world: &World) -> Vec<Change> {
    world.settle("former", &spec_with(&json!({"functionName": "orders"}))).await;
    let taker = format!("lambda-operator.io/hand-over-to={}/orders", world.namespace);
    world.bed.kubectl_ok(&["annotate", "-n", &world.namespace, "lfn", "former", &taker], None).await.unwrap();
    vec![("prod/shop/orders", format!("test/{}/former", world.namespace))]
}

/// The team's account with the role that the operator assumes there.
pub(crate) async fn team_account(world: &World) -> Vec<Change> {
    let account = format!("8{}", &world.account[1..]);
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let form =
        format!("Action=CreateRole&Version=2010-05-08&RoleName=lambda-deployer&AssumeRolePolicyDocument={trust}");
    world.bed.aws(&account, support::world::REGION).query("iam", &form).await.unwrap();
    vec![("team-shop", world.namespace.clone()), ("210987654321", account)]
}

/// A function of somebody else's with two versions.
pub(crate) async fn two_versions(world: &World) -> Vec<Change> {
    world.aws.create_function("billing", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("billing").await.unwrap();
    assert_eq!(world.aws.publish_version("billing").await.unwrap(), "1");
    // AWS publishes no version that equals the one before.
    world.aws.change_configuration("billing", &json!({"MemorySize": 256})).await.unwrap();
    world.aws.wait_until_at_rest("billing").await.unwrap();
    assert_eq!(world.aws.publish_version("billing").await.unwrap(), "2");
    world.allow_adoption().await;
    Vec::new()
}
