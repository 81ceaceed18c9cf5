//! `import` and `plan`: what is there is taken over as it is, and what an apply would change is told before it.

use std::path::PathBuf;

use serde_json::{Value, json};

use support::cli::{cli, cli_with, imported, plan};
use support::world::{REGION, World, operations, spec, spec_with, status, writes, zip};

/// An object as `plan` reads it.
pub(crate) fn document(spec: &Value) -> String {
    let object = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "hello"}, "spec": spec,
    });
    object.to_string()
}

/// Applies a manifest with kubectl, waits until it is settled, and returns the writes that this took.
pub(crate) async fn adopt(world: &World, name: &str, manifest: &str) -> Vec<String> {
    world.allow_adoption().await;
    let before = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(manifest)).await.unwrap();
    world.ready(name).await;
    let calls = world.calls_since(before).await;
    writes(&calls).into_iter().map(str::to_owned).collect()
}

/// A function with everything that the emulator takes, made by somebody else.
async fn rich(world: &World, name: &str) {
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let layer = world.aws.publish_layer("lib").await.unwrap();
    let overrides = json!({
        "Description": "what it is for: \"all\" # of it\n- and more", "MemorySize": 256, "Timeout": 30, "Architectures": ["arm64"],
        "Environment": {"Variables": {"STAGE": "on", "PIN": "0777", "DB_URL": "s3cret", "OLD": "x", "EMPTY": "", "TEXT": " a: b\n"}},
        "Layers": [layer], "Tags": {"team": "a", "on": "yes", "cost:center": "7"}, "TracingConfig": {"Mode": "Active"},
        "VpcConfig": {"SubnetIds": [network.subnet], "SecurityGroupIds": [network.security_group]},
        "DeadLetterConfig": {"TargetArn": format!("arn:aws:sqs:{REGION}:{}:dead", world.account)},
        "EphemeralStorage": {"Size": 1024},
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "LogGroup": "/mine"},
        "KMSKeyArn": format!("arn:aws:kms:{REGION}:{}:key/1", world.account),
    });
    world.aws.create_function(name, &overrides).await.unwrap();
    world.aws.wait_until_at_rest(name).await.unwrap();
    let path = format!("/2017-10-31/functions/{name}/concurrency");
    let (status, answer) =
        world.aws.lambda("PUT", &path, Some(&json!({"ReservedConcurrentExecutions": 5}))).await.unwrap();
    assert_eq!(status, 200, "{answer}");
}

/// What AWS says of a function, without what adoption adds.
async fn seen(world: &World, name: &str) -> Value {
    let mut function = world.function(name).await.unwrap();
    function["Code"].take();
    function["Configuration"].as_object_mut().unwrap().remove("RevisionId");
    function["Tags"].as_object_mut().unwrap().remove("lambda-operator.io/owner");
    function
}

#[tokio::test]
async fn a_rich_function_is_taken_over_as_it_is() {
    let world = World::new().await;
    rich(&world, "Rich_One").await;
    let before = seen(&world, "Rich_One").await;
    let manifest = imported(&world, &["Rich_One"]).await;
    for line in [
        "# Environment variables are written out",
        "  name: rich-one",
        "  functionName: Rich_One",
        "  codePolicy: Initial",
        "  adoptionPolicy: Adopt",
    ] {
        assert!(manifest.contains(line), "{line} is not in\n{manifest}");
    }
    let closed = plan(&world, &manifest).await;
    assert!(closed.code == Some(1) && closed.stdout.contains("allow-adoption=true"), "{closed:?}");
    world.allow_adoption().await;
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    let owner = format!("    lambda-operator.io/owner: none → test/{}/rich-one\n", world.namespace);
    assert!(told.stdout.ends_with(&format!("): 1 change\n  TagResource\n{owner}")), "{}", told.stdout);

    assert_eq!(adopt(&world, "rich-one", &manifest).await, ["TagResource"], "\n{manifest}");
    assert_eq!(seen(&world, "Rich_One").await, before);
    let told = plan(&world, &manifest).await;
    assert_eq!((told.code, told.stdout.ends_with("): no changes\n")), (Some(0), true), "{told:?}");
    let owned = imported(&world, &["Rich_One"]).await;
    assert!(owned.starts_with(&format!("# Its owner is test/{}/rich-one", world.namespace)), "{owned}");
}

#[tokio::test]
async fn mutually_exclusive_arguments_import_without_a_diff() {
    let world = World::new().await;
    let signing = format!("arn:aws:lambda:{REGION}:{}:code-signing-config:csc-0123456789abcdef0", world.account);
    let snap = json!({"SnapStart": {"ApplyOn": "PublishedVersions"}, "CodeSigningConfigArn": signing, "Publish": true});
    let durable = json!({"DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 7}});
    let tenants = json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}});
    for (name, overrides, line) in [
        ("snap", snap, format!("  codeSigningConfigArn: {signing}\n")),
        ("durable", durable, "  durableConfig:\n    executionTimeout: 60\n    retentionPeriod: 7\n".into()),
        ("tenants", tenants, "  tenancyConfig:\n    tenantIsolationMode: PER_TENANT\n".into()),
    ] {
        world.aws.create_function(name, &overrides).await.unwrap();
        world.aws.wait_until_at_rest(name).await.unwrap();
        let manifest = imported(&world, &[name]).await;
        assert!(manifest.contains(&line) && !manifest.contains("logging"), "{line} is not in\n{manifest}");
        assert_eq!(adopt(&world, name, &manifest).await, ["TagResource"], "\n{manifest}");
    }
}

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(world: &World) -> Self {
        let folder = std::env::temp_dir().join(format!("lambda-operator-import-{}", world.namespace));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_downloaded_package_is_not_uploaded_again() {
    let packages = std::env::temp_dir().join(format!("lambda-operator-packages-{}", std::process::id()));
    std::fs::create_dir_all(&packages).unwrap();
    let world = World::with(&["--package-dir", packages.to_str().unwrap()]).await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let manifest = imported(&world, &["hello", "--download", packages.to_str().unwrap()]).await;
    assert!(manifest.contains("  filename: hello.zip\n") && manifest.contains("  codeSha256: "), "{manifest}");
    assert_eq!(std::fs::read(packages.join("hello.zip")).unwrap(), testbed_package());
    assert_eq!(adopt(&world, "hello", &manifest).await, ["TagResource"], "\n{manifest}");
    let told = cli(
        &world,
        &["plan", "-f", "-", "--cluster-name", "test", "--package-dir", packages.to_str().unwrap()],
        &manifest,
    )
    .await;
    assert_eq!(told.code, Some(0), "{told:?}");
    std::fs::remove_dir_all(packages).unwrap();
}

/// What `create_function` uploads.
fn testbed_package() -> Vec<u8> {
    testbed::package("def handler(event, context):\n    return 'hi'\n")
}

/// With the package in it; buckets of all accounts have different names.
async fn bucket(world: &World) -> String {
    let bucket = format!("packages-{}", world.account);
    world.aws.put_object(&bucket, "hello.zip", &testbed_package()).await.unwrap();
    bucket
}

#[tokio::test]
async fn a_package_in_s3_is_not_deployed_again() {
    let world = World::new().await;
    let bucket = bucket(&world).await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let manifest = imported(&world, &["hello", "--s3", &format!("{bucket}/")]).await;
    assert!(manifest.contains(&format!("  s3Bucket: {bucket}\n  s3Key: hello.zip\n")), "{manifest}");
    assert_eq!(adopt(&world, "hello", &manifest).await, ["TagResource"], "\n{manifest}");
}

#[tokio::test]
async fn an_image_is_taken_over_as_it_is() {
    let world = World::new().await;
    world.aws.put_image("app", "v1").await.unwrap();
    let uri = world.aws.image_uri("app", "v1");
    let image =
        json!({"PackageType": "Image", "Code": {"ImageUri": uri}, "ImageConfig": {"Command": ["main.handler"]}});
    world.aws.create_function("hello", &image).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let manifest = imported(&world, &["hello"]).await;
    assert!(manifest.contains(&format!("  imageUri: {uri}\n")) && !manifest.contains("codePolicy"), "{manifest}");
    assert_eq!(adopt(&world, "hello", &manifest).await, ["TagResource"], "\n{manifest}");
}

#[tokio::test]
async fn all_with_a_tag_are_imported_and_names_that_meet_are_numbered() {
    let world = World::new().await;
    world.allow_adoption().await;
    for (name, team) in [("Hello", "a"), ("hello", "a"), ("other", "b")] {
        world.aws.create_function(name, &json!({"Tags": {"team": team}})).await.unwrap();
        world.aws.wait_until_at_rest(name).await.unwrap();
    }
    let manifest = imported(&world, &["--all", "--tag", "team=a"]).await;
    assert_eq!(manifest.matches("\n---\n").count(), 1, "{manifest}");
    assert!(manifest.contains("  name: hello\n") && manifest.contains("  name: hello-2\n"), "{manifest}");
    assert!(manifest.contains("  functionName: hello\n") && !manifest.contains("other"), "{manifest}");
    assert_eq!(imported(&world, &["--all"]).await.matches("kind: LambdaFunction").count(), 3);
    let told = plan(&world, &manifest).await;
    assert_eq!((told.code, told.stdout.matches(": 1 change\n").count()), (Some(2), 2), "{told:?}");
}

#[tokio::test]
async fn unimportable_functions_are_named_and_the_rest_written() {
    let world = World::new().await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    let ran = cli(&world, &["import", "none", "hello"], "").await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("none was not imported: eu-west-1 has no function of that name"), "{ran:?}");
    assert!(ran.stdout.starts_with("# AWS does not report the source of its code"), "{ran:?}");
    let ran = cli(&world, &["import", "arn:aws:lambda:eu-west-1:1:function:x"], "").await;
    assert_eq!((ran.code, ran.stderr.contains("not an ARN")), (Some(1), true), "{ran:?}");
}

#[tokio::test]
async fn a_plan_tells_each_field_and_no_value_of_the_environment() {
    let world = World::new().await;
    let variables = json!({"DB_URL": "s3cret-old", "OLD": "s3cret-x"});
    let old = spec_with(&json!({"environment": {"variables": variables}, "tags": {"team": "a"}, "publish": true}));
    let told = plan(&world, &document(&old)).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains("1 change\n  CreateFunction\n"), "{}", told.stdout);
    assert!(told.stdout.contains("    environment: + DB_URL, + OLD\n"), "{}", told.stdout);
    world.settle("hello", &old).await;
    let same = plan(&world, &document(&old)).await;
    assert_eq!(same.code, Some(0), "{same:?}");

    let new = spec_with(&json!({
        "environment": {"variables": {"DB_URL": "s3cret-new", "STAGE": "s3cret-y"}}, "tags": {"team": "b"}, "publish": true,
        "memorySize": 256, "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}},
    }));
    let before = world.manners().mark().await.unwrap();
    let told = plan(&world, &document(&new)).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    let arn = format!("arn:aws:lambda:{REGION}:{}:function:hello", world.account);
    let hash = |spec: &str| lambda_operator::core::package::sha256(&zip("main.py", spec));
    let (one, two) =
        (hash("def handler(event, context): return 'one'"), hash("def handler(event, context): return 'two'"));
    let expected = format!(
        "LambdaFunction hello ({arn}): 4 changes
  UpdateFunctionConfiguration
    memorySize: 128 → 256
    environment: ~ DB_URL, - OLD, + STAGE
  UpdateFunctionCode
    code: {one} → {two}
  TagResource
    team: a → b
  PublishVersion
    version: a new number
"
    );
    assert_eq!(told.stdout, expected);
    assert_eq!(writes(&world.calls_since(before).await), [""; 0], "a plan changes nothing");
    world.settle("hello", &new).await;
    let done = writes(&world.calls_since(before).await).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(done, ["UpdateFunctionConfiguration", "UpdateFunctionCode", "TagResource", "PublishVersion"]);
}

#[tokio::test]
async fn an_impossible_plan_gives_its_reason() {
    let world = World::new().await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    let refused = plan(&world, &document(&spec())).await;
    assert_eq!((refused.code, refused.stdout.contains("has no owner tag")), (Some(1), true), "{refused:?}");
    let misspelt = plan(&world, &document(&spec_with(&json!({"memorySzie": 5})))).await;
    assert_eq!(
        (misspelt.code, misspelt.stderr.contains("spec.memorySzie is not a field")),
        (Some(1), true),
        "{misspelt:?}"
    );
    let missing =
        spec_with(&json!({"functionName": "new", "environment": {"from": [{"secretRef": {"name": "none"}}]}}));
    let missing = plan(&world, &document(&missing)).await;
    assert_eq!((missing.code, missing.stdout.contains("Secret none")), (Some(1), true), "{missing:?}");
    let forged = "\u{1b}[2Jhello\nother: no changes";
    let steering = json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": forged}, "spec": spec_with(&json!({"functionName": forged}))});
    let unknown =
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaLayer\u{1b}[2J", "metadata": {"name": "x"}});
    let shown = plan(&world, &format!("{steering}\n---\n{unknown}\n")).await;
    assert!(!shown.stdout.contains('\u{1b}') && !shown.stdout.contains("\nother"), "{shown:?}");
    assert!(shown.stdout.contains("skipped: LambdaLayer") && shown.stdout.contains("hello"), "{shown:?}");
    let unknown = plan(&world, &unknown.to_string()).await;
    let named = unknown.stderr.contains("LambdaLayer") && !unknown.stderr.contains('\u{1b}');
    assert_eq!((unknown.code, named), (Some(1), true), "{unknown:?}");
    // Not 2, which says that there are changes.
    let wrong = cli(&world, &["plan", "--no-such-flag"], "").await;
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    let nowhere = cli(&world, &["plan", "-f", "/no/such/file"], "").await;
    assert_eq!((nowhere.code, nowhere.stderr.contains("/no/such/file")), (Some(1), true), "{nowhere:?}");
}

#[tokio::test]
async fn a_plan_without_a_cluster_names_its_limits() {
    let world = World::new().await;
    let folder = Folder::new(&world);
    let kubeconfig = folder.0.join("none");
    std::fs::write(&kubeconfig, "apiVersion: v1\nkind: Config\n").unwrap();
    let bucket = bucket(&world).await;
    let in_s3 = spec_with(&json!({"codeFrom": null, "s3Bucket": bucket, "s3Key": "hello.zip"}));
    let object = world.settle("hello", &in_s3).await;
    let alone = async |spec: &Value| {
        let arguments = ["plan", "-f", "-", "--namespace", &world.namespace];
        cli_with(&world, &kubeconfig, &arguments, &document(spec)).await
    };
    let told = alone(&in_s3).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    for words in [
        "note: the plan does not use a cluster",
        "say --cluster-name test",
        "code: ",
        "/hello.zip\n",
        "is unknown whether",
    ] {
        assert!(told.stdout.contains(words), "{words} is not in\n{}", told.stdout);
    }
    let hash = status(&object).code_sha256.clone().unwrap();
    let told =
        alone(&spec_with(&json!({"codeFrom": null, "s3Bucket": bucket, "s3Key": "hello.zip", "codeSha256": hash})))
            .await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let secret = alone(&spec_with(&json!({"environment": {"from": [{"secretRef": {"name": "keys"}}]}}))).await;
    assert_eq!((secret.code, secret.stdout.contains("set KUBECONFIG")), (Some(1), true), "{secret:?}");
    // With its status the operator knows.
    let told = plan(&world, &document(&in_s3)).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(operations(&world.calls().await).contains(&"GetFunction"));
}

#[tokio::test]
async fn a_plan_respects_the_namespace_policy() {
    let world = World::new().await;
    let annotate = async |annotations: &[&str]| {
        let arguments = [&["annotate", "--overwrite", "namespace", &world.namespace], annotations].concat();
        world.bed.kubectl_ok(&arguments, None).await.unwrap();
    };
    annotate(&["lambda-operator.io/default-tags=cost=7", "lambda-operator.io/region=eu-central-1"]).await;
    let told = plan(&world, &document(&spec())).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains(":eu-central-1:") && told.stdout.contains("    tags: cost=7\n"), "{}", told.stdout);
    annotate(&["lambda-operator.io/allowed-function-names=team-*"]).await;
    let told = plan(&world, &document(&spec())).await;
    let said = told.stdout.contains("does not allow a function named hello");
    assert_eq!((told.code, said), (Some(1), true), "{told:?}");
    annotate(&["lambda-operator.io/allowed-function-names=*", "lambda-operator.io/allowed-regions=eu-west-1"]).await;
    let told = plan(&world, &document(&spec())).await;
    let said = told.stdout.contains("does not allow the region eu-central-1");
    assert_eq!((told.code, said), (Some(1), true), "{told:?}");
    annotate(&["lambda-operator.io/allowed-regions=*", "lambda-operator.io/allowed-role=*"]).await;
    let told = plan(&world, &document(&spec())).await;
    let said = told.stdout.contains("lambda-operator.io/allowed-role of the Namespace");
    assert_eq!((told.code, said), (Some(1), true), "{told:?}");
}

#[tokio::test]
async fn a_plan_uses_the_namespace_of_its_file_and_tells_if_there_is_none() {
    let world = World::new().await;
    let name = format!("{}-new", world.namespace);
    let told_of = async |manifest: &str| {
        cli(&world, &["plan", "-f", "-", "--cluster-name", "test", "--namespace", &name], manifest).await
    };
    let told = told_of(&document(&spec())).await;
    let said = format!(
        "  note: the namespace's annotations are not considered: namespace {name} is neither in the cluster nor in this file\n"
    );
    assert!(told.code == Some(2) && told.stdout.contains(&said), "{told:?}");
    let namespace = |name: &str| {
        let annotations = json!({"lambda-operator.io/region": "eu-central-1"});
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}})
            .to_string()
    };
    let told = told_of(&format!("{}\n---\n{}\n", namespace(&name), document(&spec()))).await;
    assert!(told.code == Some(2) && told.stdout.contains(":eu-central-1:"), "{told:?}");
    assert!(!told.stdout.contains("not considered"), "{told:?}");
    // An apply keeps the annotations that only the cluster has.
    let tagged = ["annotate", "namespace", &world.namespace, "lambda-operator.io/default-tags=cost=7"];
    world.bed.kubectl_ok(&tagged, None).await.unwrap();
    let told = plan(&world, &format!("{}\n---\n{}\n", namespace(&world.namespace), document(&spec()))).await;
    assert!(told.stdout.contains(":eu-central-1:") && told.stdout.contains("    tags: cost=7\n"), "{}", told.stdout);
}

#[tokio::test]
async fn a_plan_for_an_object_that_is_being_deleted_comes_later() {
    let world = World::new().await;
    let held = document(&spec()).replace(r#""name":"hello""#, r#""name":"hello","finalizers":["example.com/hold"]"#);
    let kubectl = async |arguments: &[&str], stdin: Option<&str>| {
        let arguments = [arguments, &["-n", &world.namespace]].concat();
        world.bed.kubectl_ok(&arguments, stdin).await.unwrap();
    };
    kubectl(&["apply", "-f", "-"], Some(&held)).await;
    world.ready("hello").await;
    kubectl(&["delete", "lfn", "hello", "--wait=false"], None).await;
    let told = plan(&world, &document(&spec())).await;
    kubectl(&["patch", "lfn", "hello", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#], None).await;
    let later =
        "LambdaFunction hello: planned later: the object in the cluster is being deleted; plan again once it is gone\n";
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), later), "{told:?}");
}

#[tokio::test]
async fn a_plan_for_a_suspended_object_makes_no_call() {
    let world = World::new().await;
    let told = plan(&world, &document(&spec_with(&json!({"suspend": true})))).await;
    assert_eq!((told.code, told.stdout.contains("hello: suspended: ")), (Some(0), true), "{told:?}");
    let calls = world.calls().await;
    assert!(!operations(&calls).contains(&"GetFunction"), "{calls:?}");
}

/// An object with this metadata, as `plan` reads it.
fn object_of(metadata: &Value, spec: &Value) -> String {
    let (version, kind) = ("lambda-operator.io/v1alpha1", "LambdaFunction");
    json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}).to_string()
}

/// The tag `team` of the function in AWS.
async fn has_team(world: &World, team: Option<&str>) {
    world.function_until("hello", |function| function["Tags"]["team"].as_str() == team).await;
}

#[tokio::test]
async fn a_plan_keeps_the_labels_and_annotations_that_an_apply_keeps() {
    let world = World::with(&["--copy-labels", "team"]).await;
    let namespace = &world.namespace;
    let kubectl = async |arguments: &[&str], stdin: Option<&str>| {
        world.bed.kubectl_ok(&[arguments, &["-n", namespace]].concat(), stdin).await.unwrap();
    };
    let told_of = async |manifest: &str| {
        let arguments = ["--cluster-name", "test", "--namespace", namespace, "--copy-labels", "team"];
        cli(&world, &[&["plan", "-f", "-"], &arguments[..]].concat(), manifest).await
    };
    let bare = document(&spec());
    let labelled = object_of(&json!({"name": "hello", "labels": {"team": "a"}}), &spec());
    kubectl(&["apply", "-f", "-"], Some(&labelled)).await;
    has_team(&world, Some("a")).await;
    world.ready("hello").await;
    let told = told_of(&bare).await;
    assert!(told.code == Some(2) && told.stdout.contains("  UntagResource\n"), "an apply removes it: {told:?}");
    kubectl(&["apply", "-f", "-"], Some(&bare)).await;
    has_team(&world, None).await;
    kubectl(&["label", "lfn", "hello", "team=b"], None).await;
    has_team(&world, Some("b")).await;
    let told = told_of(&bare).await;
    assert!(told.code == Some(0) && told.stdout.ends_with("): no changes\n"), "an apply keeps it: {told:?}");

    let changed = document(&spec_with(&json!({"memorySize": 256})));
    let taker = format!("lambda-operator.io/hand-over-to={namespace}/taker");
    kubectl(&["annotate", "lfn", "hello", &taker], None).await;
    let told = told_of(&changed).await;
    let said = format!("LambdaFunction hello: handed over to {namespace}/taker: the operator writes nothing for it\n");
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), said.as_str()), "{told:?}");
    kubectl(&["annotate", "--overwrite", "lfn", "hello", "lambda-operator.io/hand-over-to=taker"], None).await;
    let told = told_of(&changed).await;
    let said = told.stdout.contains("has the value 'taker', which is not <namespace>/<name>");
    assert_eq!((told.code, said), (Some(1), true), "{told:?}");
}

#[tokio::test]
async fn a_plan_reads_the_consent_of_a_giver_of_its_file() {
    let world = World::new().await;
    let (name, namespace) = (json!({"functionName": "shared"}), &world.namespace);
    world.settle("giver", &spec_with(&name)).await;
    let consent = json!({"lambda-operator.io/hand-over-to": format!("{namespace}/taker")});
    let giver = object_of(&json!({"name": "giver", "annotations": consent}), &spec_with(&name));
    let asks = json!({"functionName": "shared", "adoptFrom": format!("test/{namespace}/giver")});
    let taker = object_of(&json!({"name": "taker"}), &spec_with(&asks));
    let told = plan(&world, &taker).await;
    assert!(told.code == Some(1) && told.stdout.contains("has not agreed to hand it over"), "{told:?}");
    let told = plan(&world, &format!("{giver}\n---\n{taker}\n")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    let said = format!("LambdaFunction giver: handed over to {namespace}/taker: ");
    assert!(told.stdout.contains(&said) && told.stdout.contains("  TagResource\n"), "{}", told.stdout);
}
