//! One test's world: a namespace and an AWS account of its own, and an operator that watches them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::events::v1::Event;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, ResourceExt};
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::shared::{ALLOW_ADOPTION, RECONCILE_REQUESTED_AT};
use serde_json::{Value, json};
use testbed::{Action, Aws, Bed, Call, Filter, Manners, Operator, OperatorOptions, Rule, RuleId, poll};
use tokio::sync::OnceCell;

use crate::invariants::Witness;

pub const REGION: &str = "eu-west-1";
/// Much more than anything takes, also on a machine that does other things beside.
const PATIENCE: Duration = Duration::from_secs(90);

/// The chart is installed once for all tests of this process.
static INSTALLED: OnceCell<PathBuf> = OnceCell::const_new();
static WORLDS: AtomicU64 = AtomicU64::new(0);

pub struct World {
    pub bed: Bed,
    pub account: String,
    pub namespace: String,
    pub aws: Aws,
    pub client: Client,
    pub operator: Operator,
    /// Sees whatever happens in the namespace. Dropped last, when nothing happens any more.
    pub witness: Witness,
}

impl World {
    /// With an operator whose drift checks are far apart, so that calls can be counted.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With an operator that has these arguments too.
    pub async fn with(arguments: &[&str]) -> Self {
        let bed = Bed::from_env().unwrap();
        let kubeconfig = installed(&bed).await;
        Self::on(bed, kubeconfig, arguments).await
    }

    /// On this test bed, with an operator that has the rights of this kubeconfig.
    pub async fn on(bed: Bed, kubeconfig: PathBuf, arguments: &[&str]) -> Self {
        // An account is isolation for free: the emulator keeps them apart, and so does the quota.
        let number =
            (u64::from(std::process::id()) * 1000 + WORLDS.fetch_add(1, Ordering::Relaxed)) % 1_000_000_000_000;
        let account = format!("{number:012}");
        let namespace = format!("t{account}");
        let client = admin(&bed).await;
        let object = serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        Api::<Namespace>::all(client.clone()).create(&PostParams::default(), &object).await.unwrap();
        let options = options(kubeconfig, &account, &[&["--watch-namespace", &namespace], arguments].concat());
        let operator = Operator::start(&bed, options).await.unwrap();
        Self::around(bed, &account, &namespace, operator).await
    }

    /// Around an operator that runs already, in a namespace that is there.
    pub async fn around(bed: Bed, account: &str, namespace: &str, operator: Operator) -> Self {
        Self {
            aws: bed.aws(account, REGION),
            client: admin(&bed).await,
            witness: Witness::of(&bed.kubeconfig, namespace),
            bed,
            account: account.to_owned(),
            namespace: namespace.to_owned(),
            operator,
        }
    }

    pub fn manners(&self) -> Manners {
        self.bed.manners()
    }

    /// Lets the objects of the namespace take over what nobody owns, as an administrator would: by default they may not.
    pub async fn allow_adoption(&self) {
        allow_adoption(&self.client, &self.namespace).await;
    }

    /// As AWS answers who may not read them.
    pub async fn withhold_tags(&self) -> RuleId {
        let withheld =
            json!({"Tags": null, "TagsError": {"ErrorCode": "AccessDeniedException", "Message": "no lambda:ListTags"}});
        let rule = Rule::new("withheld", Action::PatchAnswer(withheld)).account(&self.account).operation("GetFunction");
        self.manners().add(&rule).await.unwrap()
    }

    pub fn objects(&self) -> Api<LambdaFunction> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// As `kubectl apply` does, errors and all.
    pub async fn try_apply(&self, name: &str, spec: &Value) -> kube::Result<LambdaFunction> {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("user").force()
        };
        self.objects().patch(name, &params, &Patch::Apply(object)).await
    }

    pub async fn apply(&self, name: &str, spec: &Value) -> LambdaFunction {
        self.try_apply(name, spec).await.unwrap()
    }

    /// Applies and waits until it is done.
    pub async fn settle(&self, name: &str, spec: &Value) -> LambdaFunction {
        self.apply(name, spec).await;
        self.ready(name).await
    }

    pub async fn ready(&self, name: &str) -> LambdaFunction {
        self.condition(name, "Ready", "True", None).await
    }

    /// Waits for a call for help with this reason.
    pub async fn stalled(&self, name: &str, reason: &str) -> String {
        let object = self.condition(name, "Stalled", "True", Some(reason)).await;
        message(&object, "Stalled")
    }

    /// Waits for a condition that speaks of the object's newest generation.
    pub async fn condition(&self, name: &str, type_: &str, status: &str, reason: Option<&str>) -> LambdaFunction {
        let what = format!("{name} {type_}={status} {reason:?}");
        let waited = self.until(&what, async |world: &Self| {
            let object = world.objects().get(name).await.map_err(|error| error.to_string())?;
            let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            let found = conditions.into_iter().any(|condition| {
                condition.type_ == type_
                    && condition.status == status
                    && reason.is_none_or(|reason| condition.reason == reason)
                    && condition.observed_generation == object.metadata.generation
            });
            if found { Ok(object) } else { Err(format!("{:#?}", object.status)) }
        });
        waited.await
    }

    /// Polls until it is so; fails with what was seen last and the operator's log.
    pub async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut(&Self) -> Result<T, String>) -> T {
        match poll(what, PATIENCE, async || Ok(check(self).await)).await {
            Ok(value) => value,
            Err(error) => panic!("{error}\nthe operator's log:\n{}", self.operator.log()),
        }
    }

    pub async fn delete(&self, name: &str) {
        self.objects().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Asks for a pass at once, as a person would by annotation.
    pub async fn look_now(&self, name: &str) {
        let now = WORLDS.fetch_add(1, Ordering::Relaxed).to_string();
        let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: now}}});
        self.objects().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }

    /// Asks for a look, and waits until a pass tells that it was made.
    pub async fn looked(&self, name: &str) -> LambdaFunction {
        self.look_now(name).await;
        self.until(&format!("a look at {name} to be told"), async |world: &Self| {
            let object = world.objects().get(name).await.map_err(|error| error.to_string())?;
            let asked = object.annotations().get(RECONCILE_REQUESTED_AT);
            let told = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref());
            if asked == told { Ok(object) } else { Err(format!("{:#?}", object.status)) }
        })
        .await
    }

    /// Waits until the object is gone from Kubernetes.
    pub async fn gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async |world: &Self| match world.objects().get_opt(name).await {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }

    /// The function's answer to GetFunction, if there is one.
    pub async fn function(&self, name: &str) -> Option<Value> {
        self.until(&format!("what AWS says of {name}"), async |world: &Self| {
            match world.aws.get_function(name).await.unwrap() {
                (200, answer) => Ok(Some(answer)),
                (404, _) => Ok(None),
                (status, answer) => Err(format!("{status}: {answer}")),
            }
        })
        .await
    }

    /// What the function answers to an empty event.
    pub async fn invoke(&self, function: &str) -> Value {
        self.aws.invoke(function, &json!({})).await.unwrap().1
    }

    /// Polls GetFunction, as somebody else, until the answer is as wanted.
    pub async fn function_until(&self, name: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        self.until(&format!("{name} in AWS"), async |world: &Self| match world.function(name).await {
            Some(answer) if wanted(&answer) => Ok(answer),
            other => Err(format!("{other:#?}")),
        })
        .await
    }

    /// The operator's own calls to Lambda and to CloudWatch Logs after call number `since`.
    pub async fn calls_since(&self, since: u64) -> Vec<Call> {
        let filter = Filter::account(&self.account).not_by_tests().since(since);
        let mut calls = self.manners().calls(&filter).await.unwrap();
        calls.retain(|call| ["lambda", "logs"].contains(&call.service.as_str()));
        calls
    }

    pub async fn calls(&self) -> Vec<Call> {
        self.calls_since(0).await
    }

    /// How many differences the operator's metrics call drift.
    pub async fn drift(&self) -> u64 {
        let metrics = self.operator.metrics().await.unwrap();
        let samples = metrics.lines().filter(|line| line.starts_with("lambda_operator_drift_total"));
        samples.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
    }

    pub async fn events(&self, name: &str) -> Vec<Event> {
        let events: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let all = events.list(&ListParams::default()).await.unwrap().items;
        all.into_iter()
            .filter(|event| event.regarding.as_ref().is_some_and(|r| r.name.as_deref() == Some(name)))
            .collect()
    }
}

/// The annotation that opens a namespace for adoption.
pub async fn allow_adoption(client: &Client, namespace: &str) {
    let patch = json!({"metadata": {"annotations": {ALLOW_ADOPTION: "true"}}});
    let namespaces = Api::<Namespace>::all(client.clone());
    namespaces.patch(namespace, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

pub fn options(kubeconfig: PathBuf, account: &str, arguments: &[&str]) -> OperatorOptions {
    let common = ["--cluster-name", "test", "--log-level", "info,lambda_operator=debug"];
    // The chart's Role knows one lease, and here many operators run at once.
    let elect: &[&str] = if arguments.contains(&"--leader-elect=true") { &[] } else { &["--leader-elect=false"] };
    OperatorOptions {
        binary: crate::built().join("lambda-operator"),
        kubeconfig,
        account: account.to_owned(),
        region: REGION.to_owned(),
        args: [&common, elect, arguments].concat().into_iter().map(str::to_owned).collect(),
    }
}

/// The chart, and a kubeconfig with the rights that it gives, and no others.
pub async fn installed(bed: &Bed) -> PathBuf {
    let chart = crate::project().join("charts/lambda-operator");
    INSTALLED.get_or_init(|| async { bed.install(&chart).await.unwrap() }).await.clone()
}

async fn admin(bed: &Bed) -> Client {
    let kubeconfig = Kubeconfig::read_from(&bed.kubeconfig).unwrap();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    Client::try_from(config).unwrap()
}

/// A function that works, for tests to change.
pub fn spec() -> Value {
    json!({
        "role": "arn:aws:iam::123456789012:role/hello",
        "runtime": "python3.13",
        "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'one'"}},
    })
}

/// The same with changes, as a JSON merge patch.
pub fn spec_with(change: &Value) -> Value {
    let mut spec = spec();
    json_merge(&mut spec, change);
    spec
}

fn json_merge(into: &mut Value, change: &Value) {
    let (Value::Object(fields), Value::Object(changes)) = (&mut *into, change) else {
        *into = change.clone();
        return;
    };
    for (key, value) in changes {
        if value.is_null() {
            fields.remove(key);
        } else {
            json_merge(fields.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// A package with one file, as bytes and as AWS's JSON carries them.
pub fn zip(path: &str, text: &str) -> Vec<u8> {
    lambda_operator::core::package::pack(&[(path, text.as_bytes())].into()).unwrap()
}

pub fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

pub fn message(object: &LambdaFunction, type_: &str) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.into_iter().find(|c| c.type_ == type_).map(|c| c.message.clone()).unwrap_or_default()
}

pub fn operations(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.operation.as_str()).collect()
}

pub fn writes(calls: &[Call]) -> Vec<&str> {
    operations(calls)
        .into_iter()
        .filter(|operation| !["Get", "List", "Describe"].iter().any(|read| operation.starts_with(read)))
        .collect()
}

pub fn status(object: &LambdaFunction) -> &lambda_operator::api::function::status::LambdaFunctionStatus {
    object.status.as_ref().unwrap_or_else(|| panic!("{} has no status", object.name_any()))
}
