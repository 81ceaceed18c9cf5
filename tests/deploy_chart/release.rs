//! The chart as a test's own installation, and an operator that runs as its Deployment says, with its service account's rights only.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Bed, KubernetesProxy, Operator, OperatorOptions, poll};
use tokio::sync::OnceCell;

pub(crate) const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/lambda-operator");
pub(crate) const REGION: &str = "eu-west-1";
/// Much more than anything takes, also on a machine that does other things beside.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Labels by which a namespace refuses pods that may too much, and warns of what would make them.
const RESTRICTED: [&str; 2] = ["pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn"];

static COUNTER: AtomicU64 = AtomicU64::new(0);
static CRD: OnceCell<()> = OnceCell::const_new();
static HELM_3: OnceCell<PathBuf> = OnceCell::const_new();

/// A name, as an object or a namespace of this test's own.
pub(crate) fn fresh(purpose: &str) -> String {
    format!("{purpose}-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// An AWS account of a test's own.
pub(crate) fn account() -> String {
    let number = u64::from(std::process::id()) * 1000 + COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{:012}", number % 1_000_000_000_000)
}

/// helm 3, fetched once.
pub(crate) async fn helm_3() -> &'static Path {
    HELM_3.get_or_init(|| async { testbed::helm_3().await.unwrap() }).await
}

/// What a command wrote, and whether it was content.
pub(crate) struct Said {
    pub(crate) passed: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// helm, with this bed's cluster and nothing of the user's own settings.
pub(crate) async fn helm(bed: &Bed, program: &Path, arguments: &[&str]) -> Said {
    let mut helm = testbed::command(program);
    helm.env("HOME", bed.kubeconfig.with_file_name("helm")).env("KUBECONFIG", &bed.kubeconfig);
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        helm.env_remove(name);
    }
    let output = helm.args(arguments).output().await.unwrap();
    Said {
        passed: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The chart's objects; `arguments` are helm's.
pub(crate) async fn render(bed: &Bed, program: &Path, name: &str, namespace: &str, arguments: &[&str]) -> Vec<Value> {
    let common = ["template", name, CHART, "--namespace", namespace, "--kube-version", "1.37.2"];
    let said = helm(bed, program, &[&common, arguments].concat()).await;
    assert!(said.passed, "{arguments:?}: {}", said.stderr);
    documents(&said.stdout)
}

/// The documents of a YAML file that hold something.
pub(crate) fn documents(yaml: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_saphyr::from_multiple(yaml).unwrap();
    all.into_iter().filter(|document| !document.is_null()).collect()
}

/// As one input for kubectl.
pub(crate) fn list(objects: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

/// A namespace that enforces PodSecurity restricted, and warns of what it would refuse in a Deployment.
pub(crate) async fn namespace(bed: &Bed, name: &str) {
    let labels: serde_json::Map<_, _> =
        RESTRICTED.iter().map(|label| ((*label).to_owned(), json!("restricted"))).collect();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}});
    bed.apply(&namespace.to_string()).await.unwrap();
}

/// The CRDs, in the bed that all share.
pub(crate) async fn crd(bed: &Bed) {
    CRD.get_or_init(|| apply_crd(bed)).await;
}

/// The CRDs, in a bed of a test's own.
pub(crate) async fn apply_crd(bed: &Bed) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
    let crds = bed.kubectl_ok(&["kustomize", folder], None).await.unwrap();
    bed.apply(&crds).await.unwrap();
    for crd in documents(&crds) {
        bed.established(crd["metadata"]["name"].as_str().unwrap()).await.unwrap();
    }
}

/// One installation.
pub(crate) struct Release {
    pub(crate) bed: Bed,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) account: String,
    /// What the chart rendered.
    pub(crate) objects: Vec<Value>,
    /// Leads through the proxy with the service account's rights.
    pub(crate) proxy: KubernetesProxy,
}

impl Release {
    /// In a namespace of its own. The CRD has to be there: it is not its own, so that several share a cluster.
    pub(crate) async fn install(bed: &Bed, values: &[&str]) -> Release {
        let name = fresh("release");
        namespace(bed, &name).await;
        let mut arguments = vec!["--set", "crds.enabled=false", "--set"];
        let fullname = format!("fullnameOverride={name}");
        arguments.push(&fullname);
        arguments.extend(values.iter().flat_map(|value| ["--set", value]));
        let objects = render(bed, &bed.helm, &name, &name, &arguments).await;
        bed.apply(&list(&objects)).await.unwrap();
        let kubeconfig = bed.service_account_kubeconfig(&name, &name).await.unwrap();
        let proxy = bed.kubernetes_proxy(&kubeconfig).await.unwrap();
        Release { bed: bed.clone(), namespace: name.clone(), name, account: account(), objects, proxy }
    }

    /// An operator with the Deployment's own arguments, and these.
    pub(crate) async fn operator(&self, arguments: &[&str]) -> Operator {
        let mut operator = self.unready_operator(arguments);
        operator.wait_until_ready(PATIENCE).await.unwrap();
        operator
    }

    /// The same, as soon as it is started.
    pub(crate) fn unready_operator(&self, arguments: &[&str]) -> Operator {
        let deployment = self.objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        let given = container["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap());
        // The test bed chooses the port, and what follows may replace a flag.
        let replaced = |flag: &str| {
            let name = flag.split('=').next().unwrap();
            name == "run" || name == "--http-addr" || arguments.iter().any(|ours| ours.starts_with(name))
        };
        let mut args: Vec<String> = given.filter(|flag| !replaced(flag)).map(str::to_owned).collect();
        args.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        // From the Downward API in a pod.
        args.push(format!("--lease-namespace={}", self.namespace));
        let options = OperatorOptions {
            binary: env!("CARGO_BIN_EXE_lambda-operator").into(),
            kubeconfig: self.proxy.kubeconfig.clone(),
            account: self.account.clone(),
            region: REGION.to_owned(),
            args,
        };
        Operator::start_only(&self.bed, &options).unwrap()
    }

    /// The name by which the API server knows its operator.
    pub(crate) fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }
}

/// A LambdaFunction that works, with changes.
pub(crate) fn function(namespace: &str, name: &str, changes: &Value) -> Value {
    let mut spec = json!({
        "role": "arn:aws:iam::123456789012:role/hello",
        "runtime": "python3.13",
        "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'one'"}},
    });
    for (field, value) in changes.as_object().unwrap() {
        spec[field.as_str()] = value.clone();
    }
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec,
    })
}

/// An event source mapping of a function of the namespace, from a Kafka cluster that AWS does not look at.
pub(crate) fn mapping(namespace: &str, function: &str) -> Value {
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaEventSourceMapping",
        "metadata": {"name": function, "namespace": namespace},
        "spec": {
            "functionRef": {"name": function}, "topics": ["orders"],
            "selfManagedEventSource": {"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092"}},
            "sourceAccessConfiguration": [{"type": "IAM_AUTH"}],
        },
    })
}

/// A code signing configuration, which belongs to no function.
fn signing(namespace: &str, name: &str) -> Value {
    let profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/team/abcdefghij";
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaCodeSigningConfig",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"allowedPublishers": {"signingProfileVersionArns": [profile]}},
    })
}

/// A layer with one module, which another account may use.
fn layer(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaLayerVersion",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "codeFrom": {"inline": {"python/lib.py": "x = 1"}},
            "permissions": [{"statementId": "partner", "principal": "210987654321"}],
        },
    })
}

/// A LambdaAlias that follows a LambdaFunction and has its name.
pub(crate) fn alias(namespace: &str, function: &str) -> Value {
    json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias",
        "metadata": {"name": function, "namespace": namespace},
        "spec": {"functionRef": {"name": function}, "functionVersion": "$LATEST"},
    })
}

/// One object of each other kind, with its short name.
pub(crate) fn siblings(namespace: &str, function: &str) -> [(&'static str, Value); 8] {
    let of = |kind: &str, mut spec: Value| {
        spec["functionRef"] = json!({"name": function});
        json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": kind,
            "metadata": {"name": function, "namespace": namespace}, "spec": spec,
        })
    };
    let provisioned = json!({"qualifier": "1", "provisionedConcurrentExecutions": 1});
    let permission = json!({"action": "lambda:InvokeFunction", "principal": "events.amazonaws.com"});
    [
        ("lalias", alias(namespace, function)),
        ("lperm", of("LambdaPermission", permission)),
        ("lurl", of("LambdaFunctionUrl", json!({"authorizationType": "AWS_IAM"}))),
        ("leic", of("LambdaFunctionEventInvokeConfig", json!({"maximumRetryAttempts": 1}))),
        ("lpcc", of("LambdaProvisionedConcurrencyConfig", provisioned)),
        ("lesm", mapping(namespace, function)),
        ("lcsc", signing(namespace, function)),
        ("llv", layer(namespace, function)),
    ]
}

/// A Secret with one key, `key`.
pub(crate) fn secret(namespace: &str, name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "stringData": {"key": value}})
}

/// Waits for Ready of the newest generation, and says what the operator said where it does not come.
pub(crate) async fn ready(bed: &Bed, operator: &Operator, namespace: &str, name: &str) {
    is_ready(bed, operator, namespace, &format!("lfn/{name}")).await;
}

/// The same for an object of any kind, as kubectl names it: `lalias/NAME`.
pub(crate) async fn is_ready(bed: &Bed, operator: &Operator, namespace: &str, object: &str) {
    let wait = ["wait", "-n", namespace, "--for=condition=Ready", object, "--timeout=60s"];
    let output = bed.kubectl(&wait, None).await.unwrap();
    assert!(output.status.success(), "{}\n{}", output.stderr, operator.log());
}

/// Deletes it and waits until its finalizer is off.
pub(crate) async fn deleted(bed: &Bed, operator: &Operator, namespace: &str, name: &str) {
    is_deleted(bed, operator, namespace, &format!("lfn/{name}")).await;
}

/// The same for an object of any kind, as kubectl names it.
pub(crate) async fn is_deleted(bed: &Bed, operator: &Operator, namespace: &str, object: &str) {
    let delete = ["delete", object, "-n", namespace, "--timeout=60s"];
    let output = bed.kubectl(&delete, None).await.unwrap();
    assert!(output.status.success(), "{}\n{}", output.stderr, operator.log());
}

/// Waits until the function's environment has this value under KEY.
pub(crate) async fn environment(release: &Release, operator: &Operator, function: &str, value: &str) {
    let aws = release.bed.aws(&release.account, REGION);
    let waited = poll("the environment in AWS", PATIENCE, async || {
        let (_, answer) = aws.get_function(function).await?;
        let seen = &answer["Configuration"]["Environment"]["Variables"]["KEY"];
        Ok(if seen == value { Ok(()) } else { Err(format!("{seen}\n{}", operator.log())) })
    });
    waited.await.unwrap();
}
