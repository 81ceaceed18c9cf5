//! What the Deployment says about AWS: whose credentials are looked for, and whose certificates are trusted.

use serde_json::{Value, json};
use testbed::Bed;

use crate::release::{fresh, render};

/// The pod that the chart makes with these values.
async fn pod(values: &[&str]) -> Value {
    let bed = Bed::from_env().unwrap();
    let name = fresh("aws");
    let arguments: Vec<_> = values.iter().flat_map(|value| ["--set", value]).collect();
    let objects = render(&bed, &bed.helm, &name, &name, &arguments).await;
    let deployment = objects.into_iter().find(|object| object["kind"] == "Deployment").unwrap();
    deployment["spec"]["template"]["spec"].clone()
}

fn variable(pod: &Value, name: &str) -> Option<String> {
    let all = pod["containers"][0]["env"].as_array().unwrap();
    all.iter().rfind(|one| one["name"] == name).map(|one| one["value"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_role_of_the_node_is_used_only_on_request() {
    let disabled = "AWS_EC2_METADATA_DISABLED";
    assert_eq!(variable(&pod(&[]).await, disabled).as_deref(), Some("true"));
    assert_eq!(variable(&pod(&["leaderElect=false"]).await, disabled).as_deref(), Some("true"));
    assert_eq!(variable(&pod(&["aws.useNodeRole=true"]).await, disabled), None);
}

#[tokio::test]
async fn a_bundle_of_authorities_is_mounted_and_named() {
    assert_eq!(variable(&pod(&[]).await, "AWS_CA_BUNDLE"), None);
    let volume = "extraVolumes[0].name=packages,extraVolumes[0].emptyDir.medium=Memory";
    let mount = "extraVolumeMounts[0].name=packages,extraVolumeMounts[0].mountPath=/packages";
    let pod = pod(&["aws.caBundle.configMap=authorities,aws.caBundle.key=own.pem", volume, mount]).await;
    let path = variable(&pod, "AWS_CA_BUNDLE").unwrap();
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    let mounted =
        mounts.iter().find(|mount| path == format!("{}/own.pem", mount["mountPath"].as_str().unwrap())).unwrap();
    assert_eq!(mounted["readOnly"], true);
    let volumes = pod["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == mounted["name"]).unwrap();
    assert_eq!(volume["configMap"], json!({"name": "authorities"}));
    assert_eq!((mounts.len(), volumes.len()), (2, 2), "beside the user's own");
}
