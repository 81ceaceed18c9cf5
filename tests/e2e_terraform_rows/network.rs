//! The VPC, and the file systems that are reached through it.

use serde_json::{Value, json};

use crate::plan::{apply, configuration, empty_plan, is_none};
use support::world::{World, status};

/// What a VPC function needs, and another of each.
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) subnets: [String; 2],
    pub(crate) groups: [String; 2],
    /// The group that the VPC was born with.
    pub(crate) default_group: String,
}

impl Network {
    pub(crate) async fn of(world: &World) -> Self {
        let default = world.aws.default_subnet_and_security_group().await.unwrap();
        let subnets = ec2(world, "Action=DescribeSubnets").await;
        let mut subnets = all(&subnets, "subnetId").into_iter();
        let group = async |name: &str| {
            let vpc = &default.vpc;
            let form = format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription={name}&VpcId={vpc}");
            all(&ec2(world, &form).await, "groupId").remove(0)
        };
        Self {
            subnets: [subnets.next().unwrap(), subnets.next().unwrap()],
            groups: [group("one").await, group("two").await],
            default_group: default.security_group,
            vpc: default.vpc,
        }
    }

    /// One subnet and one group.
    pub(crate) fn small(&self) -> Value {
        json!({"vpcConfig": {"subnetIds": self.subnets[..1], "securityGroupIds": self.groups[..1]}})
    }

    /// All of them.
    fn whole(&self) -> Value {
        json!({"vpcConfig": {"subnetIds": self.subnets, "securityGroupIds": self.groups}})
    }
}

async fn ec2(world: &World, form: &str) -> String {
    let (status, answer) = world.aws.query("ec2", &format!("{form}&Version=2016-11-15")).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The texts of an XML element.
fn all(xml: &str, element: &str) -> Vec<String> {
    let opening = format!("<{element}>");
    let parts = xml.split(&opening).skip(1);
    parts.filter_map(|part| part.split('<').next()).map(str::to_owned).collect()
}

async fn held(world: &World) -> Value {
    configuration(world, "hello").await["VpcConfig"].take()
}

/// Row 32 (vpc). One subnet and one group; the id of the VPC is reported.
#[tokio::test]
async fn a_function_joins_a_vpc() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let object = apply(&world, "hello", &network.small(), &["CreateFunction"]).await;
    assert_eq!(held(&world).await["SubnetIds"], network.small()["vpcConfig"]["subnetIds"]);
    assert_eq!(status(&object).vpc_id.as_ref(), Some(&network.vpc));
    assert_eq!(support::world::message(&object, "VpcConnected"), network.vpc);
    empty_plan(&world, "hello", &network.small()).await;
}

/// Row 33 (vpcRemoval). The block is removed, and the function is in no VPC.
#[tokio::test]
async fn a_function_leaves_its_vpc() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    apply(&world, "hello", &network.small(), &["CreateFunction"]).await;
    let object = apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert!(is_none(&held(&world).await["SubnetIds"]) && is_none(&held(&world).await["SecurityGroupIds"]));
    assert_eq!(status(&object).vpc_id, None);
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 34 (vpcUpdate). Two subnets and two groups; they are sets, so that another order is no difference.
#[tokio::test]
async fn subnets_and_groups_change_and_have_no_order() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    apply(&world, "hello", &network.small(), &["CreateFunction"]).await;
    apply(&world, "hello", &network.whole(), &["UpdateFunctionConfiguration"]).await;
    let count = async |list: &str| held(&world).await[list].as_array().unwrap().len();
    assert_eq!((count("SubnetIds").await, count("SecurityGroupIds").await), (2, 2));
    empty_plan(&world, "hello", &network.whole()).await;
    let mut turned = network.whole();
    for list in ["subnetIds", "securityGroupIds"] {
        turned["vpcConfig"][list].as_array_mut().unwrap().reverse();
    }
    empty_plan(&world, "hello", &turned).await;
}

/// Row 41 (emptyVPC). Empty lists are no VPC, and no difference; a function that was in one leaves it, and then no
/// difference either.
#[tokio::test]
async fn an_empty_vpc_config_is_no_vpc() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let empty = json!({"vpcConfig": {"subnetIds": [], "securityGroupIds": []}});
    let object = apply(&world, "hello", &empty, &["CreateFunction"]).await;
    assert_eq!(status(&object).vpc_id, None);
    empty_plan(&world, "hello", &json!({})).await;
    empty_plan(&world, "hello", &empty).await;
    for empty in [empty, json!({"vpcConfig": {}})] {
        apply(&world, "hello", &network.small(), &["UpdateFunctionConfiguration"]).await;
        let object = apply(&world, "hello", &empty, &["UpdateFunctionConfiguration"]).await;
        assert_eq!(status(&object).vpc_id, None);
        empty_plan(&world, "hello", &empty).await;
    }
}

/// Row 51 (ipv6AllowedForDualStack). Outbound IPv6 is switched on in place, and off when it is removed.
#[tokio::test]
async fn ipv6_is_switched_on_and_off_in_place() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let with = |on: Option<bool>| {
        let mut spec = network.small();
        if let Some(on) = on {
            spec["vpcConfig"]["ipv6AllowedForDualStack"] = json!(on);
        }
        spec
    };
    apply(&world, "hello", &with(Some(false)), &["CreateFunction"]).await;
    empty_plan(&world, "hello", &with(None)).await;
    apply(&world, "hello", &with(Some(true)), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(held(&world).await["Ipv6AllowedForDualStack"], true);
    empty_plan(&world, "hello", &with(Some(true))).await;
    apply(&world, "hello", &with(None), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(held(&world).await["Ipv6AllowedForDualStack"], false);
}

fn mounted(network: &Network, arn: &str, path: &str) -> Value {
    let mut spec = network.small();
    spec["fileSystemConfig"] = json!([{"arn": arn, "localMountPath": path}]);
    spec
}

async fn mounts(world: &World) -> Value {
    configuration(world, "hello").await["FileSystemConfigs"].take()
}

/// Row 19 (fileSystem). A file system is mounted, another at another place, and none, all in place.
#[tokio::test]
async fn a_file_system_is_mounted_exchanged_and_unmounted() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let arn =
        |number: u32| format!("arn:aws:elasticfilesystem:eu-west-1:{}:access-point/fsap-{number:017}", world.account);
    apply(&world, "hello", &mounted(&network, &arn(1), "/mnt/one"), &["CreateFunction"]).await;
    let two = mounted(&network, &arn(2), "/mnt/two");
    apply(&world, "hello", &two, &["UpdateFunctionConfiguration"]).await;
    assert_eq!(mounts(&world).await, json!([{"Arn": arn(2), "LocalMountPath": "/mnt/two"}]));
    empty_plan(&world, "hello", &two).await;
    apply(&world, "hello", &network.small(), &["UpdateFunctionConfiguration"]).await;
    assert!(is_none(&mounts(&world).await));
    empty_plan(&world, "hello", &network.small()).await;
}

/// Row "2026" (file system with S3 Files). AWS says itself how it reads from S3 Files where the spec does not; that is
/// no difference.
#[tokio::test]
async fn s3_files_are_mounted_and_awss_own_setting_is_no_difference() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let id = "0123456789abcdef0";
    let arn = format!("arn:aws:s3files:eu-west-1:{}:file-system/fs-{id}/access-point/fsap-{id}", world.account);
    let spec = mounted(&network, &arn, "/mnt/files");
    apply(&world, "hello", &spec, &["CreateFunction"]).await;
    assert_eq!(mounts(&world).await[0]["S3FilesConfig"]["DirectS3Read"], "AUTO");
    empty_plan(&world, "hello", &spec).await;
}
