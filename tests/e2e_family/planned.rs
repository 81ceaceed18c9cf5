//! `plan` of a whole application, before anything of it exists and after: the objects of the file stand for those that they will be.

use serde_json::{Value, json};
use support::cli::{Ran, cli_with, plan};
use support::world::{World, spec_with, writes};

use crate::application::{Application, is_every_object_ready};

const LAYER: &str = "LambdaLayerVersion";

/// The application, with a variable of each source, and a layer.
async fn application(world: &World, level: &str) -> Application {
    let mut application = Application::of(world).await;
    let (code, file) = (json!({"inline": {"lib.py": "one = 1"}}), json!({"configMapRef": {"name": "settings"}}));
    application.0[0]["spec"] = spec_with(&json!({
        "publish": true,
        "layerRefs": [{"name": "libs"}],
        "environment": {"from": [file, {"secretRef": {"name": "keys"}}]},
    }));
    let layer = json!({"codeFrom": code, "compatibleRuntimes": ["python3.13"]});
    let group = "lambda-operator.io/v1alpha1";
    application.0.push(json!({"apiVersion": group, "kind": LAYER, "metadata": {"name": "libs"}, "spec": layer}));
    let contents = |kind: &str, name: &str, field: &str, data: &Value| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, field: data});
    application.0.push(contents("ConfigMap", "settings", "data", &json!({"LEVEL": level})));
    application.0.push(contents("Secret", "keys", "stringData", &json!({"TOKEN": "s3cret-token"})));
    application
}

fn text(application: &Application) -> String {
    application.0.iter().map(|document| format!("{document}\n---\n")).collect()
}

/// Without a cluster.
async fn alone(world: &World, manifest: &str) -> Ran {
    let kubeconfig = std::env::temp_dir().join(format!("lambda-operator-none-{}", world.namespace));
    std::fs::write(&kubeconfig, "apiVersion: v1\nkind: Config\n").unwrap();
    let arguments = ["plan", "-f", "-", "--namespace", &world.namespace];
    let ran = cli_with(world, &kubeconfig, &arguments, manifest).await;
    std::fs::remove_file(&kubeconfig).unwrap();
    ran
}

#[tokio::test]
async fn an_application_is_planned_whole_before_anything_of_it_exists() {
    let world = World::new().await;
    let manifest = text(&application(&world, "info").await);
    let before = world.manners().mark().await.unwrap();
    for told in [plan(&world, &manifest).await, alone(&world, &manifest).await] {
        assert_eq!(told.code, Some(2), "{told:?}");
        for words in [
            "LambdaLayerVersion libs (",
            "  PublishLayerVersion\n",
            "LambdaFunction hello: planned later: LambdaLayerVersion libs of this file does not exist in AWS yet\n",
            "LambdaAlias live: planned later: LambdaFunction hello of this file is planned later too\n",
            "LambdaEventSourceMapping orders: planned later: LambdaAlias live of this file is planned later too\n",
            "LambdaPermission uploads: planned later: LambdaFunction hello of this file",
        ] {
            assert!(told.stdout.contains(words), "{words} is not in\n{}", told.stdout);
        }
        assert!(!told.stdout.contains("needs a cluster") && !told.stdout.contains("kubectl"), "{}", told.stdout);
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn objects_and_contents_of_the_file_come_before_those_of_the_cluster() {
    let world = World::new().await;
    let mut application = application(&world, "info").await;
    let objects = application.0.len() - 2;
    application.apply(&world).await;
    is_every_object_ready(&world, objects).await;
    let told = plan(&world, &text(&application)).await;
    assert_eq!((told.code, told.stdout.matches(": no changes\n").count()), (Some(0), objects), "{told:?}");
    // Nothing in AWS tells whose version of a layer it is.
    let mut unlayered = Application(application.0.iter().filter(|object| object["kind"] != LAYER).cloned().collect());
    unlayered.0[0]["spec"].as_object_mut().unwrap().remove("layerRefs");
    let told = alone(&world, &text(&unlayered)).await;
    let later = "LambdaAlias live: planned later: LambdaFunction hello of this file publishes a version first\n";
    assert!(!told.stdout.contains("needs a cluster") && told.stdout.contains(later), "{}", told.stdout);
    assert_eq!(
        told.stdout.matches("planned later").count(),
        1,
        "what belongs to the alias has its plan: {}",
        told.stdout
    );
    assert!(told.stdout.contains("orders): no changes"), "{}", told.stdout);
    assert!(told.stdout.contains("owner tags in AWS say --cluster-name "), "{}", told.stdout);

    application.0.iter_mut().find(|object| object["kind"] == "ConfigMap").unwrap()["data"]["LEVEL"] = "debug".into();
    let told = plan(&world, &text(&application)).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains("  UpdateFunctionConfiguration\n    environment: ~ LEVEL\n"), "{}", told.stdout);
    assert!(!told.stdout.contains("s3cret"), "{}", told.stdout);
    // The alias moves to the version that comes next. What does not follow versions has its plan.
    assert!(told.stdout.contains("  PublishVersion\n") && told.stdout.contains(later), "{}", told.stdout);
    assert_eq!(told.stdout.matches(": no changes\n").count(), objects - 2, "{}", told.stdout);
}
