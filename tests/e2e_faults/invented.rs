//! Two rules at once: a refusal beside another, a failure beside drift, what is left to others beside what is reported, and a crash in between.

use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use lambda_operator::api::shared::REGRANT_ROLE;
use serde_json::{Value, json};
use support::aliases::{function_of, held};
use support::objects::message;
use support::world::{World, installed, options, spec, spec_with, status, writes};
use testbed::{Action, Operator, Rule, RuleId};

use crate::scene::{Scene, published};

/// A function that only reports drift, and `change`.
fn reporting(change: &Value) -> Value {
    let mut spec = spec_with(change);
    spec["driftPolicy"] = json!("Report");
    spec
}

fn two() -> Value {
    json!({"inline": {"main.py": "def handler(event, context): return 'two'"}})
}

fn denied(action: &str) -> Action {
    let text = format!("User: arn:aws:iam::{{account}}:user/operator is not authorized to perform: {action}");
    Action::error(403, "AccessDeniedException", &text)
}

impl Scene {
    /// The operator's calls of this name do this from now on.
    async fn answers(&self, operation: &str, action: Action) -> RuleId {
        let rule = Rule::new(operation, action).account(&self.world.account).operation(operation).agent("*/*");
        self.world.manners().add(&rule).await.unwrap()
    }

    /// The next update that AWS accepts fails.
    async fn next_update_fails(&self) -> RuleId {
        let shown = json!({"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "InternalError"});
        let patch = Action::PatchAnswer(json!({"Configuration": shown}));
        let rule =
            Rule::new("failed", patch).account(&self.world.account).operation("GetFunction").agent("*/*").skip(1);
        self.world.manners().add(&rule).await.unwrap()
    }

    async fn end(&self, rule: RuleId) {
        self.world.manners().remove(rule).await.unwrap();
    }

    async fn configuration(&self) -> Value {
        self.world.function("hello").await.unwrap()["Configuration"].clone()
    }

    /// The operator dies, and another starts. Meanwhile the object is restored without its status, if that is wanted.
    async fn restart(mut self, loses_status: bool) -> Self {
        let options = {
            let arguments = ["--watch-namespace", self.world.namespace.as_str()];
            options(installed(&self.world.bed).await, &self.world.account, &arguments)
        };
        let objects = self.world.objects();
        self.world.operator.kill().await;
        if loses_status {
            let Value::Object(mut object) = json!(objects.get("hello").await.unwrap()) else { panic!("no object") };
            object.remove("status");
            object.insert("metadata".into(), json!({"name": "hello"}));
            let free = Patch::Merge(json!({"metadata": {"finalizers": null}}));
            objects.patch("hello", &PatchParams::default(), &free).await.unwrap();
            objects.delete("hello", &DeleteParams::default()).await.unwrap();
            let restored = serde_json::from_value(Value::Object(object)).unwrap();
            objects.create(&PostParams::default(), &restored).await.unwrap();
        }
        self.world.operator = Operator::start(&self.world.bed, options).await.unwrap();
        self
    }
}

async fn tag(world: &World, value: &str) {
    let function = world.function("hello").await.unwrap();
    let arn = function["Configuration"]["FunctionArn"].as_str().unwrap().replace(':', "%3A");
    let tags = json!({"Tags": {"team": value}});
    let (status, answer) = world.aws.lambda("POST", &format!("/2017-03-31/tags/{arn}"), Some(&tags)).await.unwrap();
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test]
async fn a_failed_update_is_sent_again_without_what_is_reported() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &reporting(&json!({}))).await;
    world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    world.look_now("hello").await;
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let failed = scene.next_update_fails().await;
    world.apply("hello", &reporting(&json!({"timeout": 9}))).await;
    world.stalled("hello", "UpdateFailed").await;
    world.look_now("hello").await;
    scene.until_sent("hello", "UpdateFunctionConfiguration", 2).await;
    world.stalled("hello", "UpdateFailed").await;
    scene.end(failed).await;
    world.looked("hello").await;
    let configuration = scene.configuration().await;
    assert_eq!((&configuration["MemorySize"], &configuration["Timeout"]), (&json!(512), &json!(9)));
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
}

#[tokio::test]
async fn a_failed_update_is_told_beside_reported_drift() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &reporting(&json!({"tags": {"team": "a"}}))).await;
    tag(world, "b").await;
    world.look_now("hello").await;
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let failed = scene.next_update_fails().await;
    world.apply("hello", &reporting(&json!({"tags": {"team": "a"}, "timeout": 9}))).await;
    let told = world.stalled("hello", "UpdateFailed").await;
    assert!(told.contains("InternalError"), "{told}");
    scene.end(failed).await;
    world.look_now("hello").await;
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("team: b → a"), "{object:?}");
}

#[tokio::test]
async fn a_failed_update_succeeds_in_part_where_the_role_may_not_be_passed() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let failed = scene.next_update_fails().await;
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.stalled("hello", "UpdateFailed").await;
    let rule = Rule::new("pass-role", denied("iam:PassRole")).account(&world.account).member("Role").agent("*/*");
    let rule = world.manners().add(&rule).await.unwrap();
    world.look_now("hello").await;
    world
        .until("the change alone to be accepted", async |_: &World| {
            let mut calls = scene.calls("hello").await;
            calls.retain(|call| call.operation == "UpdateFunctionConfiguration");
            let answers: Vec<_> = calls.iter().map(|call| call.status).collect();
            if answers == [200, 403, 200] { Ok(()) } else { Err(format!("{answers:?}")) }
        })
        .await;
    scene.end(failed).await;
    world.look_now("hello").await;
    world.ready("hello").await;
    scene.end(rule).await;
}

#[tokio::test]
async fn what_a_person_must_correct_is_told_before_an_outage() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let layer = world.aws.publish_layer("libs").await.unwrap();
    world.settle("hello", &published(&json!({}))).await;
    scene.on("layers-too-large", "hello").await;
    let away = scene.answers("TagResource", Action::error(500, "ServiceException", "out of order")).await;
    world.apply("hello", &published(&json!({"layers": [layer], "tags": {"team": "b"}}))).await;
    let told = world.stalled("hello", "Rejected").await;
    assert!(told.contains("maximum allowed size") && told.contains("out of order"), "{told}");
    // The outage sets the pace.
    scene.end(away).await;
    world.function_until("hello", |function| function["Tags"]["team"] == "b").await;
    scene.off("layers-too-large", "hello").await;
    world.look_now("hello").await;
    world.ready("hello").await;
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn a_wait_beside_a_denial_goes_on_at_its_own_pace() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let text = "The role defined for the function cannot be assumed by Lambda.";
    let too_new = Action::error(400, "InvalidParameterValueException", text);
    let too_new = scene.answers("UpdateFunctionConfiguration", too_new).await;
    let untagged = scene.answers("TagResource", denied("lambda:TagResource")).await;
    let change = json!({"role": "arn:aws:iam::123456789012:role/new", "codeFrom": two(), "tags": {"team": "b"}});
    world.apply("hello", &published(&change)).await;
    let told = world.stalled("hello", "AccessDenied").await;
    assert!(told.contains("lambda:TagResource") && told.contains("cannot be assumed"), "{told}");
    assert_eq!(scene.count("hello", "UpdateFunctionCode").await, 0, "new code waits for its role");
    scene.end(too_new).await;
    world.function_until("hello", |function| function["Configuration"]["Role"] == change["role"]).await;
    scene.until_done("hello", "PublishVersion").await;
    assert_eq!(world.invoke("hello:2").await, "two");
    world.stalled("hello", "AccessDenied").await;
    scene.end(untagged).await;
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn a_write_without_effect_is_told_beside_a_refusal() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let stuck = scene.answers("GetFunction", Action::PatchAnswer(json!({"Configuration": {"MemorySize": 999}}))).await;
    scene.on("concurrency-taken", "hello").await;
    world.apply("hello", &spec_with(&json!({"reservedConcurrentExecutions": 5}))).await;
    let told = world.stalled("hello", "QuotaExceeded").await;
    assert!(told.contains("UnreservedConcurrentExecution") && told.contains("memorySize: 999 → 128"), "{told}");
    assert_eq!(scene.count("hello", "UpdateFunctionConfiguration").await, 5);
    scene.end(stuck).await;
    scene.off("concurrency-taken", "hello").await;
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn recursion_without_effect_ends_in_a_call_for_help_and_holds_back_no_version() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let shown = Action::PatchAnswer(json!({"RecursiveLoop": "Terminate"}));
    let stuck = scene.answers("GetFunctionRecursionConfig", shown).await;
    world.apply("hello", &published(&json!({"recursiveLoop": "Allow"}))).await;
    let told = world.stalled("hello", "NotConverging").await;
    assert!(told.contains("recursiveLoop: Terminate → Allow"), "{told}");
    let change = json!({"recursiveLoop": "Allow", "codeFrom": two(), "memorySize": 256});
    world.apply("hello", &published(&change)).await;
    world.stalled("hello", "NotConverging").await;
    assert_eq!(world.invoke("hello:2").await, "two");
    assert_eq!(scene.count("hello", "PutFunctionRecursionConfig").await, 5);
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
    scene.end(stuck).await;
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn a_version_that_waits_for_its_runtime_is_published_once_after_a_crash() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let rule = scene.answers("PutRuntimeManagementConfig", denied("lambda:PutRuntimeManagementConfig")).await;
    let runtime = json!({"updateRuntimeOn": "FunctionUpdate"});
    let change = json!({"runtimeManagementConfig": runtime, "codeFrom": two(), "memorySize": 256});
    world.apply("hello", &published(&change)).await;
    world.stalled("hello", "AccessDenied").await;
    assert_eq!(world.invoke("hello").await, "two", "code and configuration need no runtime management");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
    let scene = scene.restart(false).await;
    let world = &scene.world;
    scene.end(rule).await;
    world.look_now("hello").await;
    let object = world.ready("hello").await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
    let calls = scene.calls("hello").await;
    let accepted: Vec<_> = calls.into_iter().filter(|call| call.status < 300).collect();
    let order = [
        "CreateFunction",
        "UpdateFunctionConfiguration",
        "UpdateFunctionCode",
        "PutRuntimeManagementConfig",
        "PublishVersion",
    ];
    assert_eq!(writes(&accepted), order, "nothing twice, and the version last");
}

#[tokio::test]
async fn signing_that_is_denied_holds_back_the_code_and_its_version_alone() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let rule = scene.answers("PutFunctionCodeSigningConfig", denied("lambda:PutFunctionCodeSigningConfig")).await;
    let signing = format!("arn:aws:lambda:eu-west-1:{}:code-signing-config:csc-0123456789abcdef1", world.account);
    let change = json!({
        "codeSigningConfigArn": signing, "codeFrom": two(), "memorySize": 256, "recursiveLoop": "Allow",
        "reservedConcurrentExecutions": 5, "tags": {"team": "b"},
    });
    world.apply("hello", &published(&change)).await;
    world.stalled("hello", "AccessDenied").await;
    let function = world.function("hello").await.unwrap();
    assert_eq!((&function["Configuration"]["MemorySize"], &function["Tags"]["team"]), (&json!(256), &json!("b")));
    assert_eq!(function["Concurrency"]["ReservedConcurrentExecutions"], 5);
    assert_eq!(world.aws.recursion("hello").await.unwrap().1["RecursiveLoop"], "Allow");
    assert_eq!(scene.count("hello", "UpdateFunctionCode").await, 0, "AWS would not check it");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
    scene.end(rule).await;
    world.look_now("hello").await;
    world.ready("hello").await;
    assert_eq!(world.invoke("hello:2").await, "two");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn a_restore_without_status_publishes_nothing_of_what_is_reported() {
    let scene = Scene::new().await;
    let reporting = |change: &Value| {
        let mut spec = published(change);
        spec["driftPolicy"] = json!("Report");
        spec
    };
    scene.world.settle("hello", &reporting(&json!({}))).await;
    scene.world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    let before = scene.world.manners().mark().await.unwrap();
    let scene = scene.restart(true).await;
    let world = &scene.world;
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("memorySize: 512 → 128"), "{object:?}");
    world.apply("hello", &reporting(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    world.apply("hello", &reporting(&json!({"description": "edited"}))).await;
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    let configuration = scene.configuration().await;
    assert_eq!((&configuration["MemorySize"], &configuration["Description"]), (&json!(512), &json!("edited")));
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"], "no version holds what is only reported");
    let corrected = published(&json!({"description": "edited", "driftPolicy": "Correct"}));
    let object = world.settle("hello", &corrected).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    let versions = world.aws.list_versions("hello").await.unwrap();
    assert_eq!(versions.last().unwrap()["MemorySize"], 128);
}

#[tokio::test]
async fn what_is_ignored_is_published_and_what_is_reported_is_not() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let with = |change: &Value| {
        let mut spec = published(change);
        (spec["driftPolicy"], spec["ignoreChanges"]) = (json!("Report"), json!(["memorySize"]));
        spec
    };
    world.settle("hello", &with(&json!({}))).await;
    world.aws.change_configuration("hello", &json!({"MemorySize": 512, "Timeout": 60})).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.look_now("hello").await;
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let told = message(&object, "Ready");
    assert!(told.contains("timeout: 60 → 3") && !told.contains("memorySize"), "{told}");
    world.looked("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    let object = world.settle("hello", &with(&json!({"timeout": 9}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    world.looked("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration", "PublishVersion"]);
    let versions = world.aws.list_versions("hello").await.unwrap();
    let newest = versions.last().unwrap();
    assert_eq!((&newest["MemorySize"], &newest["Timeout"]), (&json!(512), &json!(9)));
}

#[tokio::test]
async fn a_role_for_a_moment_ends_where_drift_is_only_reported() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &reporting(&json!({}))).await;
    let own = scene.configuration().await["Role"].clone();
    let asked = json!({"metadata": {"annotations": {REGRANT_ROLE: "arn:aws:iam::123456789012:role/moment"}}});
    world.objects().patch("hello", &PatchParams::default(), &Patch::Merge(asked)).await.unwrap();
    scene.until_sent("hello", "UpdateFunctionConfiguration", 2).await;
    world.function_until("hello", |function| function["Configuration"]["Role"] == own).await;
    world.condition("hello", "Ready", "True", Some("Available")).await;
    assert_eq!(world.drift().await, 0);
}

/// An alias of somebody else's function, with `change`.
fn alias(change: &Value) -> Value {
    let mut spec = json!({"functionName": "hello", "functionVersion": "1", "driftPolicy": "Report"});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

#[tokio::test]
async fn a_deleted_alias_that_is_reported_stays_deleted_through_other_edits() {
    let scene = Scene::new().await;
    let world = &scene.world;
    function_of(&world.aws, &world.namespace, "hello").await;
    world.aliases().settle("live", &alias(&json!({}))).await;
    world.aws.delete_alias("hello", "live").await.unwrap();
    world.aliases().is_looked_at("live").await;
    world.aliases().says("live", "Stalled", "DriftNotCorrected").await;
    world.aliases().apply("live", &alias(&json!({"suspend": true}))).await;
    world.aliases().condition("live", "Ready", "Unknown", Some("Suspended")).await;
    world.aliases().apply("live", &alias(&json!({"driftCheckInterval": "5m"}))).await;
    world
        .until("a reconcile of the edit", async |world: &World| {
            let object = world.aliases().api().get("live").await.map_err(|error| error.to_string())?;
            let ready = message(&object, "Ready");
            let told = ready.contains("Suspended") || ready.is_empty();
            if told { Err(format!("{object:?}")) } else { Ok(()) }
        })
        .await;
    assert_eq!(held(&world.aws, "hello", "live").await, None, "the edit speaks of nothing that AWS has");
    world.aliases().says("live", "Stalled", "DriftNotCorrected").await;
    world.aliases().settle("live", &alias(&json!({"driftPolicy": "Correct"}))).await;
    assert_eq!(held(&world.aws, "hello", "live").await.unwrap()["version"], "1");
    assert_eq!(scene.count("hello", "CreateAlias").await, 2);
}

#[tokio::test]
async fn an_alias_that_only_reports_drift_comes_back_with_its_function() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let alias = json!({"functionRef": {"name": "hello"}, "functionVersion": "$LATEST", "driftPolicy": "Report"});
    world.aliases().settle("live", &alias).await;
    let (status, answer) = world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    world.looked("hello").await;
    world.ready("hello").await;
    world
        .until("the alias of the new function", async |world: &World| {
            let object = world.aliases().api().get("live").await.map_err(|error| error.to_string())?;
            let there = held(&world.aws, "hello", "live").await.is_some();
            if there { Ok(()) } else { Err(format!("{:?}", object.status)) }
        })
        .await;
    world.aliases().is_ready("live").await;
}

#[tokio::test]
async fn a_version_that_was_left_to_others_is_reported_when_it_is_left_no_more() {
    let scene = Scene::new().await;
    let world = &scene.world;
    function_of(&world.aws, &world.namespace, "hello").await;
    let ignored = json!(["functionVersion"]);
    world.aliases().settle("live", &alias(&json!({"ignoreChanges": ignored}))).await;
    world.aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    world.aliases().is_looked_at("live").await;
    world.aliases().settle("live", &alias(&json!({"ignoreChanges": ignored, "description": "edited"}))).await;
    let before = world.manners().mark().await.unwrap();
    world.aliases().apply("live", &alias(&json!({"description": "edited"}))).await;
    let object = world.aliases().condition("live", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("functionVersion: 2 → 1"), "{object:?}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(held(&world.aws, "hello", "live").await.unwrap()["version"], "2");
}

#[tokio::test]
async fn an_update_of_an_alias_without_effect_is_sent_five_times() {
    let scene = Scene::new().await;
    let world = &scene.world;
    function_of(&world.aws, &world.namespace, "hello").await;
    world.aliases().settle("live", &alias(&json!({"driftPolicy": "Correct"}))).await;
    let stuck = scene.answers("GetAlias", Action::PatchAnswer(json!({"Description": "theirs"}))).await;
    world.aliases().is_looked_at("live").await;
    let told = world.aliases().says("live", "Stalled", "NotConverging").await;
    assert!(told.contains("description: theirs"), "{told}");
    assert_eq!(scene.count("hello", "UpdateAlias").await, 5);
    // An edit of another member is sent at once.
    world.aliases().apply("live", &alias(&json!({"driftPolicy": "Correct", "functionVersion": "2"}))).await;
    world.aliases().says("live", "Stalled", "NotConverging").await;
    assert_eq!(world.aws.get_alias("hello", "live").await.unwrap().1["FunctionVersion"], "2");
    scene.end(stuck).await;
    world.aliases().is_looked_at("live").await;
    world.aliases().is_ready("live").await;
}
