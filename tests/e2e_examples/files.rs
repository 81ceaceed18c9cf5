//! Each file of examples/ as a user applies it: it becomes ready, answers, and is deleted without a trace in AWS.

use std::collections::BTreeSet;
use std::path::Path;

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::function::spec::LambdaFunction;

use crate::needs::{self, Change};
use support::world::{World, status};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// What becomes of the objects of a file.
enum Outcome {
    /// Ready, and the function's answer to an empty event, as JSON.
    Answers(&'static str),
    /// Ready; what runs in it cannot be run here.
    Ready,
    /// Looked at, and AWS left alone.
    Suspended,
}

use Outcome::{Answers, Ready, Suspended};

/// A test for each file: what it needs to be there, and what becomes of it.
macro_rules! examples {
    ($($name:ident: $file:literal, $needs:path, $outcome:expr;)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(
            #[tokio::test]
            async fn $name() {
                let world = World::new().await;
                let changes = $needs(&world).await;
                works(&world, $file, &changes, &$outcome).await;
            }
        )*
    };
}

examples! {
    hello: "hello.yaml", needs::nothing, Answers(r#""Hello world""#);
    a_package_in_s3: "package-in-s3.yaml", needs::package_in_s3, Ready;
    a_container_image: "container-image.yaml", needs::image, Ready;
    environment_from_secrets: "environment-from-secrets.yaml", needs::nothing,
        Answers(r#"["DB_PASSWORD","SHOP_CURRENCY","SHOP_PAGE_SIZE","STAGE"]"#);
    code_from_a_config_map: "code-from-configmap.yaml", needs::nothing, Answers(r#""Good morning""#);
    code_from_a_secret: "code-from-secret.yaml", needs::nothing, Ready;
    a_vpc: "vpc.yaml", needs::network, Answers(r#""inside""#);
    versions_with_snapstart: "published-with-snapstart.yaml", needs::nothing, Answers(r#""found""#);
    durable_executions: "durable.yaml", needs::nothing, Ready;
    adoption: "adopt.yaml", needs::ownerless_function, Answers(r#""hi""#);
    a_handover: "handover.yaml", needs::function_that_is_handed_over, Answers(r#""ordered""#);
    a_teams_namespace: "team-namespace.yaml", needs::team_account, Ready;
    reported_drift: "drift-reported.yaml", needs::nothing, Answers(r#""tuned""#);
    hands_off: "suspended.yaml", needs::nothing, Suspended;
    runtime_updates_and_loops: "runtime-and-loops.yaml", needs::nothing, Answers(r#""booked""#);
    an_alias_that_follows: "alias.yaml", needs::nothing, Answers(r#""paid""#);
    a_canary: "alias-canary.yaml", needs::two_versions, Ready;
    a_layer_version: "layer-version.yaml", needs::nothing, Answers(r#""hello from a layer""#);
    code_signing: "code-signing.yaml", needs::nothing, Answers(r#""sent""#);
    an_event_source_mapping: "event-source-mapping.yaml", needs::orders, Answers(r#""packed""#);
    a_bucket_that_invokes: "permission.yaml", needs::nothing, Answers(r#""drawn""#);
    a_public_url: "function-url.yaml", needs::nothing, Answers(r#""open""#);
    asynchronous_invocations: "asynchronous.yaml", needs::queue_of_failures, Answers(r#""done""#);
    production: "production.yaml", needs::queue, Answers(r#""paid""#);
}

#[test]
fn every_file_of_the_folder_has_a_test() {
    let files = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let tested: BTreeSet<String> = FILES.iter().map(|&file| file.to_owned()).collect();
    assert_eq!(
        files.collect::<BTreeSet<_>>(),
        tested,
        "examples/ and the list of tests in tests/e2e_examples/files.rs"
    );
}

async fn works(world: &World, file: &str, changes: &[Change], outcome: &Outcome) {
    let manifest = manifest(file, changes);
    let (objects, aliases) = applied(world, &manifest).await;
    assert!(!objects.is_empty() || !aliases.is_empty(), "{file} holds no object of ours");
    let mut settled = Vec::new();
    for name in &objects {
        settled.push(arrived(world, name, outcome).await);
    }
    let mut pointed = Vec::new();
    for name in &aliases {
        pointed.push(alias_points(world, name).await);
    }
    let siblings = siblings(world, &manifest).await;
    let delete = ["delete", "-n", &world.namespace, "--wait=false", "-f", "-"];
    world.bed.kubectl_ok(&delete, Some(&manifest)).await.unwrap();
    for sibling in &siblings {
        let gone = ["wait", "-n", &world.namespace, "--for=delete", sibling, "--timeout=60s"];
        world.bed.kubectl_ok(&gone, None).await.unwrap();
    }
    for object in &settled {
        world.gone(object.metadata.name.as_deref().unwrap()).await;
        nothing_is_left(world, object).await;
    }
    for (name, (function, alias)) in aliases.iter().zip(&pointed) {
        let gone = ["wait", "-n", &world.namespace, "--for=delete", &format!("lalias/{name}"), "--timeout=60s"];
        world.bed.kubectl_ok(&gone, None).await.unwrap();
        assert_eq!(world.aws.get_alias(function, alias).await.unwrap().0, 404, "{name} is left in AWS");
    }
}

/// The file's text, with what exists here in place of what the example calls it.
fn manifest(file: &str, changes: &[Change]) -> String {
    let mut text = std::fs::read_to_string(Path::new(FOLDER).join(file)).unwrap();
    for (said, here) in changes {
        assert!(text.contains(said), "{file} no longer says {said}: correct tests/e2e_examples/needs.rs");
        text = text.replace(said, here);
    }
    text
}

/// The names of its LambdaFunctions and of its LambdaAliases, which a second apply leaves as they are.
async fn applied(world: &World, manifest: &str) -> (Vec<String>, Vec<String>) {
    let arguments = ["apply", "-n", &world.namespace, "-f", "-"];
    world.bed.kubectl_ok(&arguments, Some(manifest)).await.unwrap();
    let again = world.bed.kubectl_ok(&arguments, Some(manifest)).await.unwrap();
    let of = |kind: &str| -> Vec<String> {
        let ours = again.lines().filter_map(|line| line.strip_prefix(&format!("{kind}.lambda-operator.io/")));
        ours.map(|line| line.strip_suffix(" unchanged").unwrap_or_else(|| panic!("{line}")).to_owned()).collect()
    };
    (of("lambdafunction"), of("lambdaalias"))
}

/// Waits until the other objects of ours are ready; returns them as `kind/name`.
async fn siblings(world: &World, manifest: &str) -> Vec<String> {
    let shown = ["get", "-n", &world.namespace, "-o", "name", "-f", "-"];
    let shown = world.bed.kubectl_ok(&shown, Some(manifest)).await.unwrap();
    let kinds = ["lambdapermission", "lambdafunctionurl", "lambdaeventsourcemapping", "lambdalayerversion"]
        .map(|kind| format!("{kind}.lambda-operator.io/"));
    let ours = shown.lines().filter(|line| kinds.iter().any(|kind| line.starts_with(kind.as_str())));
    let siblings: Vec<_> = ours.map(str::to_owned).collect();
    for sibling in &siblings {
        let wait = ["wait", "-n", &world.namespace, "--for=condition=Ready", sibling, "--timeout=60s"];
        let output = world.bed.kubectl(&wait, None).await.unwrap();
        assert!(output.status.success(), "{}\n{}", output.stderr, world.operator.log());
    }
    siblings
}

/// Waits until an alias is ready, and compares it with AWS; returns the function's name and its own.
async fn alias_points(world: &World, object: &str) -> (String, String) {
    let wait = ["wait", "-n", &world.namespace, "--for=condition=Ready", &format!("lalias/{object}"), "--timeout=60s"];
    let output = world.bed.kubectl(&wait, None).await.unwrap();
    assert!(output.status.success(), "{}\n{}", output.stderr, world.operator.log());
    let get = ["get", "lalias", object, "-n", &world.namespace, "-o", "json"];
    let object: LambdaAlias = serde_json::from_str(&world.bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    let status = object.status.unwrap();
    let (function, alias) = (status.common.function_name.unwrap(), status.name.unwrap());
    let (_, held) = world.aws.get_alias(&function, &alias).await.unwrap();
    assert_eq!(held["FunctionVersion"].as_str(), status.function_version.as_deref(), "{held}");
    assert_eq!(held["AliasArn"].as_str(), status.common.arn.as_deref(), "{held}");
    for (version, weight) in &status.additional_version_weights {
        let share = &held["RoutingConfig"]["AdditionalVersionWeights"][version];
        assert_eq!(share.as_f64(), weight.parse().ok(), "{held}");
    }
    (function, alias)
}

async fn arrived(world: &World, name: &str, outcome: &Outcome) -> LambdaFunction {
    match outcome {
        Ready => world.condition(name, "Ready", "True", Some("Available")).await,
        Answers(answer) => {
            let object = world.condition(name, "Ready", "True", Some("Available")).await;
            let expected: serde_json::Value = serde_json::from_str(answer).unwrap();
            assert_eq!(world.invoke(status(&object).common.function_name.as_deref().unwrap()).await, expected);
            object
        }
        Suspended => {
            let object = world.condition(name, "Ready", "Unknown", Some("Suspended")).await;
            assert!(world.calls().await.is_empty());
            object
        }
    }
}

/// No function in AWS; with `skipDestroy` one without an owner.
async fn nothing_is_left(world: &World, object: &LambdaFunction) {
    let status = status(object);
    let (Some(account), Some(name)) = (&status.common.account, &status.common.function_name) else { return };
    let (code, function) = world.bed.aws(account, support::world::REGION).get_function(name).await.unwrap();
    if object.spec.common.skip_destroy == Some(true) {
        assert_eq!(code, 200, "{name} outlives its object");
        assert_eq!(function["Tags"]["lambda-operator.io/owner"], serde_json::Value::Null);
    } else {
        assert_eq!(code, 404, "{function}");
    }
}
