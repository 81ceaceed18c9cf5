//! `lambda-operator status`: the tree of a family says of each member whether it is Ready, and if not, the reason and what to do.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::json;
use support::cli::{Ran, cli};
use support::world::{World, spec_with};
use testbed::{Action, Rule};

use crate::application::Application;

async fn status(world: &World, arguments: &[&str]) -> Ran {
    cli(world, &[&["status", "-n", &world.namespace], arguments].concat(), "").await
}

#[tokio::test]
async fn the_status_of_a_family_names_the_refused_member_and_what_to_do() {
    let world = World::new().await;
    let words = "User: x is not authorized to perform: lambda:CreateFunctionUrlConfig on resource: y";
    let rule = Rule::new("refused", Action::error(403, "AccessDeniedException", words));
    let rule = rule.account(&world.account).operation("CreateFunctionUrlConfig");
    let rule = world.manners().add(&rule).await.unwrap();
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"url": "s3cret"}});
    world.bed.kubectl_ok(&["apply", "-n", &world.namespace, "-f", "-"], Some(&secret.to_string())).await.unwrap();
    let mut application = Application::of(&world).await;
    let from = json!({"DB": {"secretKeyRef": {"name": "db", "key": "url"}}});
    application.0[0]["spec"] = spec_with(&json!({"publish": true, "environment": {"valueFrom": from}}));
    application.apply(&world).await;
    let urls = world.of::<LambdaFunctionUrl>();
    let said = urls.says("web", "Stalled", "AccessDenied").await;
    let told = world
        .until("all but the URL to be Ready", async |world: &World| {
            let told = status(world, &["hello"]).await;
            let others = told.stdout.matches(": Ready\n").count() == application.0.len() - 1;
            if others { Ok(told) } else { Err(format!("{told:?}")) }
        })
        .await;
    assert_eq!(told.code, Some(2), "{told:?}");
    for line in [
        "LambdaFunction hello: Ready\n│ functionName hello, version 1, state Active, lastUpdateStatus Successful\n",
        "├─Secret db: exists\n",
        "├─LambdaAlias live: Ready\n│ │ name live, functionVersion 1\n",
        &format!("│ ├─LambdaFunctionUrl web: Stalled, AccessDenied\n│ │   {said}\n"),
        "LambdaEventSourceMapping orders: Ready\n",
        "state Enabled",
    ] {
        assert!(told.stdout.contains(line), "{line} is not in\n{}", told.stdout);
    }
    assert!(!told.stdout.contains("s3cret"), "{}", told.stdout);

    world.manners().remove(rule).await.unwrap();
    urls.annotate("web", "lambda-operator.io/reconcile-requested-at", "now").await;
    urls.is_ready("web").await;
    let told = status(&world, &[]).await;
    assert_eq!((told.code, told.stdout.matches(": Ready\n").count()), (Some(0), application.0.len()), "{told:?}");
}

#[tokio::test]
async fn a_status_without_an_object_or_a_cluster_says_what_to_do() {
    let world = World::new().await;
    let told = status(&world, &["none"]).await;
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""), "{told:?}");
    let words =
        format!("the namespace {} has no LambdaFunction none: correct the name, or set --namespace", world.namespace);
    assert!(told.stderr.contains(&words), "{told:?}");
    let told = status(&world, &["none", "--context", "nowhere"]).await;
    assert!(told.code == Some(1) && told.stderr.contains("set KUBECONFIG or --context"), "{told:?}");
    let told = status(&world, &[]).await;
    assert!(told.code == Some(0) && told.stderr.contains("has no object of this operator"), "{told:?}");
}
