//! A role for each namespace: it works for that namespace alone, and what is wrong with it is said there alone.

use std::path::Path;

use serde_json::{Value, json};
use testbed::{Action, Filter, Operator, Options, Rule, Running};

use crate::iam;
use support::world::{REGION, World, options, spec, spec_with, status};

/// Makes a namespace whose annotation names a role.
async fn namespace(world: &World, name: &str, role: &str) {
    let annotations = json!({"lambda-operator.io/role-arn": role});
    let object =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}});
    world.bed.apply(&object.to_string()).await.unwrap();
}

async fn apply(world: &World, namespace: &str, spec: &Value) {
    let object = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": "hello", "namespace": namespace}, "spec": spec,
    });
    world.bed.apply(&object.to_string()).await.unwrap();
}

/// Waits for a condition of the object `hello` there; returns the object.
async fn told(world: &World, namespace: &str, type_: &str, reason: &str) -> Value {
    let get = ["get", "lfn", "hello", "-n", namespace, "-o", "json"];
    world
        .until(&format!("{type_} {reason} in {namespace}"), async |world: &World| {
            let object: Value = serde_json::from_str(&world.bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
            let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let found = conditions.iter().any(|one| {
                (&one["type"], &one["status"], &one["reason"]) == (&json!(type_), &json!("True"), &json!(reason))
                    && one["observedGeneration"] == object["metadata"]["generation"]
            });
            if found { Ok(object) } else { Err(object["status"].to_string()) }
        })
        .await
}

fn message(object: &Value, type_: &str) -> String {
    let conditions = object["status"]["conditions"].as_array().unwrap();
    let condition = conditions.iter().find(|one| one["type"] == type_).unwrap();
    condition["message"].as_str().unwrap().to_owned()
}

/// AWS itself decides here: the trust policy asks for an external id, and the operator always sends that of the namespace.
#[tokio::test]
async fn an_untrusted_role_fails_only_in_its_namespace() {
    let running = Running::start(&Options { signatures: true, ..Options::default() }).await.unwrap();
    let bed = running.bed.clone();
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = bed.install(&chart).await.unwrap();
    let (own, theirs) = ("200000000001", bed.aws("200000000002", REGION));
    let mut trusted = iam::account(own);
    trusted["Condition"] = json!({"StringEquals": {"sts:ExternalId": "test/owner"}});
    let role = iam::role(&theirs, "team", &trusted).await;
    let runs_as = iam::execution_role(&theirs).await;
    let untrusting = iam::role(&theirs, "untrusting", &iam::account("200000000003")).await;
    let operator = Operator::start(&bed, options(kubeconfig, own, &[])).await.unwrap();
    let world = World::around(bed, own, "default", operator).await;
    for (name, role) in [("owner", &role), ("thief", &role), ("denied", &untrusting)] {
        namespace(&world, name, role).await;
        apply(&world, name, &spec_with(&json!({"functionName": name, "role": runs_as}))).await;
    }
    for (name, role) in [("thief", &role), ("denied", &untrusting)] {
        let object = told(&world, name, "Stalled", "AccessDenied").await;
        let sentence = message(&object, "Stalled");
        assert!(sentence.contains("the role cannot be assumed") && sentence.contains("sts:AssumeRole"), "{sentence}");
        assert_eq!(object["status"]["identity"], *role, "which role was tried");
        assert_eq!(theirs.get_function(name).await.unwrap().0, 404);
    }
    let object = told(&world, "owner", "Ready", "Available").await;
    assert_eq!(object["status"]["identity"], role);
    assert_eq!(object["status"]["account"], theirs.account());
    assert_eq!(theirs.get_function("owner").await.unwrap().0, 200);
    let runs_as = iam::execution_role(&world.aws).await;
    let object = world.settle("hello", &spec_with(&json!({"role": runs_as}))).await;
    assert_eq!(status(&object).common.identity.as_deref(), Some("arn:aws:iam::200000000001:root"));
    let calls =
        world.manners().calls(&Filter::account(theirs.account()).service("lambda").not_by_tests()).await.unwrap();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.function.as_deref() == Some("owner")), "{calls:?}");
}

/// A world with a second namespace beside its own, whose role is in an account of its own.
async fn with_a_role(arguments: &[&str]) -> (World, String, String) {
    let world = World::new().await;
    let (other, account) = (format!("{}-role", world.namespace), format!("7{}", &world.account[1..]));
    let watched = ["--watch-namespace", &world.namespace, "--watch-namespace", &other];
    let kubeconfig = support::world::installed(&world.bed).await;
    let operator = options(kubeconfig, &world.account, &[&watched, arguments].concat());
    let operator = Operator::start(&world.bed, operator).await.unwrap();
    let world = World { operator, ..world };
    let theirs = world.bed.aws(&account, REGION);
    let role = iam::role(&theirs, "team", &iam::account(&world.account)).await;
    namespace(&world, &other, &role).await;
    (world, other, account)
}

/// What happens while AWS answers so.
async fn with_rule(world: &World, rule: Rule, meanwhile: impl AsyncFnOnce()) {
    let id = world.manners().add(&rule).await.unwrap();
    meanwhile().await;
    world.manners().remove(id).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_is_waited_out_in_its_namespace_alone() {
    let (world, other, account) = with_a_role(&[]).await;
    apply(&world, &other, &spec()).await;
    told(&world, &other, "Ready", "Available").await;
    let expired = Action::error(403, "ExpiredTokenException", "The security token included in the request is expired");
    let rule = Rule::new("expired", expired).account(&account).service("lambda");
    with_rule(&world, rule, async || {
        apply(&world, &other, &spec_with(&json!({"memorySize": 256}))).await;
        let object = told(&world, &other, "Reconciling", "CredentialsExpired").await;
        let sentence = message(&object, "Reconciling");
        assert!(sentence.contains("token included in the request is expired"), "{sentence}");
        world.settle("hello", &spec()).await;
    })
    .await;
    told(&world, &other, "Ready", "Available").await;
    let (_, function) = world.bed.aws(&account, REGION).get_function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["MemorySize"], 256);
}

/// Out of order is not denied: nobody is called for help.
#[tokio::test]
async fn an_sts_that_is_out_of_order_is_waited_out() {
    let (world, other, _) = with_a_role(&[]).await;
    let broken = Action::error(503, "ServiceUnavailable", "try again");
    let rule = Rule::new("broken", broken).account(&world.account).service("sts").operation("AssumeRole");
    with_rule(&world, rule, async || {
        apply(&world, &other, &spec()).await;
        let object = told(&world, &other, "Reconciling", "AWSUnavailable").await;
        assert!(message(&object, "Reconciling").contains("try again"));
    })
    .await;
    told(&world, &other, "Ready", "Available").await;
}

#[tokio::test]
async fn awss_record_of_every_call_names_the_namespace() {
    let (world, other, account) = with_a_role(&[]).await;
    apply(&world, &other, &spec()).await;
    told(&world, &other, "Ready", "Available").await;
    world.settle("hello", &spec()).await;
    let of = async |account: &str| world.manners().calls(&Filter::account(account).not_by_tests()).await.unwrap();
    for (account, namespace) in [(&world.account, &world.namespace), (&account, &other)] {
        let calls = of(account).await;
        let lambda: Vec<_> = calls.iter().filter(|call| call.service == "lambda").collect();
        assert!(!lambda.is_empty());
        assert!(lambda.iter().all(|call| call.namespace.as_ref() == Some(namespace)), "{lambda:?}");
    }
    let own = of(&world.account).await;
    let session = own.iter().find(|call| call.operation == "AssumeRole").unwrap();
    assert_eq!(session.session, Some(format!("lambda-operator.{other}")));
    assert_eq!(session.session_tags, [""; 0], "a trust policy has to allow them first");
}

#[tokio::test]
async fn sessions_of_namespaces_have_tags_on_request() {
    let (world, other, _) = with_a_role(&["--session-tags"]).await;
    apply(&world, &other, &spec()).await;
    told(&world, &other, "Ready", "Available").await;
    let sessions = world.manners().calls(&Filter::account(&world.account).operation("AssumeRole")).await.unwrap();
    let tags = ["kubernetes-cluster=test".to_owned(), format!("kubernetes-namespace={other}")];
    assert!(sessions.iter().any(|call| call.session_tags == tags), "{sessions:?}");
}

/// The calls of CloudWatch Logs are signed without the SDK's clients, but with their credentials, whose account is proved.
#[tokio::test]
async fn checks_of_a_log_group_ask_nothing_of_sts() {
    let (world, other, account) = with_a_role(&["--drift-interval", "1h"]).await;
    apply(&world, &other, &spec_with(&json!({"logRetentionInDays": 7}))).await;
    told(&world, &other, "Ready", "Available").await;
    let start = world.manners().mark().await.unwrap();
    for number in 1..=5 {
        let request = format!("lambda-operator.io/reconcile-requested-at={number}");
        let annotate = ["annotate", "lfn", "hello", "-n", &other, "--overwrite", &request];
        world.bed.kubectl_ok(&annotate, None).await.unwrap();
        let checks = Filter::account(&account).operation("DescribeLogGroups").since(start);
        world
            .until(&format!("check {number}"), async |world: &World| {
                let made = world.manners().calls(&checks).await.map_err(|error| error.to_string())?;
                if made.len() >= number { Ok(()) } else { Err(format!("{made:?}")) }
            })
            .await;
    }
    for account in [&world.account, &account] {
        let asked = Filter::account(account).service("sts").not_by_tests().since(start);
        assert_eq!(world.manners().calls(&asked).await.unwrap(), []);
    }
    let all = Filter::account(&world.account).operation("AssumeRole").not_by_tests();
    assert_eq!(world.manners().calls(&all).await.unwrap().len(), 1, "for all calls of the namespace");
}
