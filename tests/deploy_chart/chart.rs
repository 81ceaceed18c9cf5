//! The chart under every kind of values: helm 3 and 4 agree, the API server takes all of it without a warning, wrong values are refused.

use std::path::Path;

use serde_json::{Value, json};
use testbed::Bed;

use crate::release::{CHART, crd, documents, fresh, helm, helm_3, list, namespace, render};

const EVERYTHING: &str = r#"
commonLabels: {team: platform}
image: {repository: registry.example.com/lambda-operator, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", pullPolicy: Always}
imagePullSecrets: [{name: registry}]
crds: {annotations: {argocd.argoproj.io/sync-options: "Prune=false"}}
clusterName: prod
formerClusterNames: [old, older]
requireNamespacePolicy: true
allowAdoption: true
rbac: {aggregateToUserRoles: true}
defaultTags: {team: platform, cost-center: "7"}
ignoreTags: [CreatedBy, "cost:*"]
packageDir: /packages
lease: {duration: 60s, renewDeadline: 40s, retryPeriod: 10s}
initContainers: [{name: fetch, image: registry.example.com/packages, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
extraContainers: [{name: sync, image: registry.example.com/packages, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
otlpEndpoint: http://collector.example.com:4318
aws: {region: eu-west-1, useNodeRole: true, caBundle: {configMap: authorities, key: bundle.pem}}
sessionTags: true
extraArgs: [--former-cluster-name=oldest]
extraEnv: [{name: HTTPS_PROXY, value: "http://proxy.example.com:3128"}]
extraVolumes: [{name: packages, persistentVolumeClaim: {claimName: packages, readOnly: true}}]
extraVolumeMounts: [{name: packages, mountPath: /packages, readOnly: true}]
extraObjects:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: "{{ .Release.Name }}-extra", namespace: "{{ .Release.Namespace }}"}
    data: {a: b}
serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/lambda-operator"}}
replicas: 3
podAnnotations: {a: b}
podLabels: {c: d}
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}]}}}
topologySpreadConstraints: [{maxSkew: 2, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {c: d}}}]
priorityClassName: system-cluster-critical
metrics: {service: {annotations: {prometheus.io/scrape: "true"}}, serviceMonitor: {enabled: true, interval: 30s, scrapeTimeout: 10s, labels: {release: p}}, prometheusRule: {enabled: true, labels: {release: p}}, dashboard: {enabled: true, annotations: {grafana_folder: AWS}}}
networkPolicy: {enabled: true, ingressFrom: [{namespaceSelector: {matchLabels: {name: monitoring}}}], extraEgress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}]}
"#;

/// Name, values, and how many objects of which kinds tell them from the others.
type Case = (&'static str, &'static str, &'static [(&'static str, usize)]);

/// NAMESPACE is the case's own.
const CASES: [Case; 11] = [
    (
        "default",
        "{}",
        &[
            ("CustomResourceDefinition", 9),
            ("ClusterRole", 1),
            ("Role", 1),
            ("PodDisruptionBudget", 0),
            ("ValidatingAdmissionPolicy", 1),
        ],
    ),
    ("namespaced", "{watchNamespaces: [NAMESPACE]}", &[("ClusterRole", 1), ("Role", 3), ("RoleBinding", 3)]),
    ("ha", "{replicas: 2}", &[("PodDisruptionBudget", 1), ("Deployment", 1)]),
    (
        "monitoring",
        "{metrics: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboard: {enabled: true}}}",
        &[("ServiceMonitor", 1), ("PrometheusRule", 1), ("ConfigMap", 1)],
    ),
    ("network policy", "{networkPolicy: {enabled: true}}", &[("NetworkPolicy", 1)]),
    (
        "no CRDs, no policy",
        "{crds: {enabled: false}, deletionProtection: {policy: false}}",
        &[("CustomResourceDefinition", 0), ("ValidatingAdmissionPolicy", 0)],
    ),
    ("no watch", "{watchReferences: false, watchNamespaces: [NAMESPACE], clusterName: prod}", &[("Role", 3)]),
    (
        "Secrets by consent",
        "{secretAccess: perNamespace, watchNamespaces: [NAMESPACE], extraRegions: [nz-central-1]}",
        &[("ClusterRole", 2), ("Role", 3)],
    ),
    (
        "no election",
        "{leaderElect: false, metrics: {service: {enabled: false}}, bindAddress: '[::]'}",
        &[("Role", 0), ("Service", 0)],
    ),
    (
        "others' account and roles",
        "{serviceAccount: {create: false, name: own}, rbac: {create: false}}",
        &[("ServiceAccount", 0), ("ClusterRole", 0)],
    ),
    (
        "everything",
        EVERYTHING,
        &[
            ("NetworkPolicy", 1),
            ("PodDisruptionBudget", 1),
            ("ConfigMap", 2),
            ("ServiceMonitor", 1),
            ("ClusterRole", 3),
        ],
    ),
];

/// Of kinds that only the Prometheus operator brings, so that the API server knows their names.
const PROMETHEUS: [(&str, &str); 2] = [("ServiceMonitor", "servicemonitors"), ("PrometheusRule", "prometheusrules")];

async fn prometheus_crds(bed: &Bed) {
    for (kind, plural) in PROMETHEUS {
        let crd = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.monitoring.coreos.com")},
            "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]},
        });
        bed.apply(&crd.to_string()).await.unwrap();
        bed.established(&format!("{plural}.monitoring.coreos.com")).await.unwrap();
    }
}

/// A file with values, gone with the bed.
fn values(bed: &Bed, name: &str, yaml: &str) -> String {
    let path = bed.kubeconfig.with_file_name(format!("{name}.yaml"));
    std::fs::write(&path, yaml).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn helm_3_and_helm_4_render_every_value_the_same() {
    let bed = Bed::from_env().unwrap();
    let helm_3 = helm_3().await;
    let version = helm(&bed, helm_3, &["version", "--short"]).await.stdout;
    assert!(version.starts_with("v3."), "{version}");
    for (case, yaml, kinds) in CASES {
        let file = values(&bed, &fresh("values"), &yaml.replace("NAMESPACE", "team-a"));
        for program in [helm_3, &bed.helm] {
            let said = helm(&bed, program, &["lint", "--strict", CHART, "--values", &file]).await;
            assert!(said.passed, "{case}: {}{}", said.stdout, said.stderr);
        }
        let old = render(&bed, helm_3, "r", "ns", &["--values", &file]).await;
        let new = render(&bed, &bed.helm, "r", "ns", &["--values", &file]).await;
        assert_eq!(old, new, "{case}");
        for (kind, count) in kinds {
            let found = new.iter().filter(|object| object["kind"] == **kind).count();
            assert_eq!(found, *count, "{case}: {kind}");
        }
    }
}

#[tokio::test]
async fn every_rendering_is_accepted_under_restricted_security() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    prometheus_crds(&bed).await;
    for (case, yaml, _) in CASES {
        let name = fresh("chart");
        namespace(&bed, &name).await;
        let file = values(&bed, &name, &yaml.replace("NAMESPACE", &name));
        let objects = render(&bed, &bed.helm, &name, &name, &["--values", &file]).await;
        let output = dry_run(&bed, &list(&objects)).await;
        assert_eq!((output.0, output.1.as_str()), (true, ""), "{case}");
        let (admitted, warnings) = pod(&bed, &name, &objects, &json!({})).await;
        assert!(admitted && warnings.is_empty(), "{case}: {warnings}");
    }
    // The check can fail.
    let name = fresh("chart");
    namespace(&bed, &name).await;
    let objects =
        render(&bed, &bed.helm, &name, &name, &["--set", "securityContext.allowPrivilegeEscalation=true"]).await;
    let (_, warnings) = dry_run(&bed, &list(&objects)).await;
    assert!(warnings.contains("would violate PodSecurity"), "{warnings}");
    let (admitted, _) = pod(&bed, &name, &objects, &json!({"privileged": true})).await;
    assert!(!admitted);
}

async fn dry_run(bed: &Bed, manifests: &str) -> (bool, String) {
    let arguments = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    let output = bed.kubectl(&arguments, Some(manifests)).await.unwrap();
    (output.status.success(), output.stderr)
}

/// Whether the Deployment's pod would be admitted; a Deployment alone only causes warnings.
async fn pod(bed: &Bed, namespace: &str, objects: &[Value], security: &Value) -> (bool, String) {
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let mut spec = deployment["spec"]["template"]["spec"].clone();
    if security["privileged"] == true {
        spec["containers"][0]["securityContext"] = security.clone();
    }
    let account = &spec["serviceAccountName"];
    let account =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}});
    bed.apply(&account.to_string()).await.unwrap();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "operator", "namespace": namespace}, "spec": spec});
    dry_run(bed, &pod.to_string()).await
}

/// A value, and a word of what helm says of it.
const WRONG: [(&str, &str); 28] = [
    ("deletionProtection.policy=perhaps", "policy"),
    ("deletionProtection.enabled=true", "enabled"),
    ("replicas=-1", "replicas"),
    ("replicas=two", "replicas"),
    ("watchNamespace=a", "watchNamespace"),
    ("watchNamespaces=a", "watchNamespaces"),
    ("watchNamespaces={Upper}", "watchNamespaces"),
    ("watchReferences=sometimes", "watchReferences"),
    ("secretAccess=none", "secretAccess"),
    ("extraRegions={Ireland}", "extraRegions"),
    ("driftInterval=soon", "driftInterval"),
    ("leaderElect=maybe", "leaderElect"),
    ("concurrency=0", "concurrency"),
    ("clusterName=a/b", "clusterName"),
    ("formerClusterNames={a/b}", "formerClusterNames"),
    ("ignoreTags={lambda-operator.io/owner}", "ignoreTags"),
    ("packageDir=relative", "packageDir"),
    ("image.digest=latest", "digest"),
    ("image.registry=x", "registry"),
    ("commonLabels.app\\.kubernetes\\.io/name=x", "app.kubernetes.io/name"),
    ("podDisruptionBudget.maxUnavailable=half", "maxUnavailable"),
    ("networkPolicy.egressPorts={0}", "egressPorts"),
    ("metrics.serviceMonitor.interval=often", "interval"),
    ("metrics.serviceMonitors.enabled=true", "serviceMonitors"),
    ("extraObjects[0].kind=ConfigMap", "extraObjects"),
    ("bindAddress=everywhere", "bindAddress"),
    ("otlpEndpoint=https://collector:4318", "otlpEndpoint"),
    ("serviceAccount.annotation.a=b", "annotation"),
];

#[tokio::test]
async fn values_that_are_wrong_or_unknown_are_refused_by_name() {
    let bed = Bed::from_env().unwrap();
    for program in [helm_3().await, &bed.helm] {
        for (wrong, word) in WRONG {
            let said = helm(&bed, program, &["template", "r", CHART, "--set", wrong]).await;
            assert!(!said.passed && said.stderr.contains(word), "{wrong}: {}", said.stderr);
        }
    }
    let together = "metrics.service.enabled=false,metrics.serviceMonitor.enabled=true";
    let said = helm(&bed, &bed.helm, &["template", "r", CHART, "--set", together]).await;
    assert!(said.stderr.contains("set metrics.service.enabled=true too"), "{}", said.stderr);
    let said = helm(&bed, &bed.helm, &["template", "r", CHART, "--set", "leaderElect=false,replicas=2"]).await;
    assert!(!said.passed, "two that do not elect would both write");
    let said = helm(&bed, &bed.helm, &["template", "r", CHART, "--kube-version", "1.32.9"]).await;
    assert!(said.stderr.contains("kubeVersion"), "{}", said.stderr);
}

#[tokio::test]
async fn the_network_policy_allows_the_collector_port() {
    let bed = Bed::from_env().unwrap();
    let collectors = [
        ("http://10.0.0.5", 80),
        ("http://collector-2", 80),
        ("http://c:4317/v1", 4317),
        ("http://[fd00::1]:4318", 4318),
    ];
    for (endpoint, port) in collectors {
        let file = values(
            &bed,
            &fresh("values"),
            &json!({"networkPolicy": {"enabled": true}, "otlpEndpoint": endpoint}).to_string(),
        );
        let objects = render(&bed, &bed.helm, "r", "ns", &["--values", &file]).await;
        let policy = objects.iter().find(|object| object["kind"] == "NetworkPolicy").unwrap();
        let open = json!({"ports": [{"port": port, "protocol": "TCP"}]});
        assert!(policy["spec"]["egress"].as_array().unwrap().contains(&open), "{endpoint}: {policy:#}");
    }
}

#[tokio::test]
async fn the_charts_own_example_is_taken_by_the_api_server() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let chart = std::fs::read_to_string(Path::new(CHART).join("Chart.yaml")).unwrap();
    let chart = &documents(&chart)[0];
    let examples = chart["annotations"]["artifacthub.io/crdsExamples"].as_str().unwrap();
    let examples = documents(examples).remove(0);
    let (taken, warnings) = dry_run(&bed, &list(examples.as_array().unwrap())).await;
    assert!(taken && warnings.is_empty(), "{warnings}");
    for field in ["crds", "changes"] {
        let text = chart["annotations"][format!("artifacthub.io/{field}")].as_str().unwrap();
        assert!(documents(text)[0].is_array(), "{field} is a list");
    }
}

/// Run with them it comes as far as to look for a cluster.
#[tokio::test]
async fn the_program_takes_the_arguments_of_every_rendering() {
    let bed = Bed::from_env().unwrap();
    for (case, yaml, _) in CASES {
        let file = values(&bed, &fresh("values"), &yaml.replace("NAMESPACE", "team-a"));
        let objects = render(&bed, &bed.helm, "r", "ns", &["--values", &file]).await;
        let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
        let arguments = deployment.pointer("/spec/template/spec/containers/0/args").unwrap().as_array().unwrap();
        let mut run = testbed::command(env!("CARGO_BIN_EXE_lambda-operator"));
        // Any free port, and no cluster.
        run.args(arguments.iter().map(|argument| argument.as_str().unwrap().replace(":8080", ":0")));
        run.env("KUBECONFIG", bed.kubeconfig.with_file_name("none")).env_remove("KUBERNETES_SERVICE_HOST");
        let output = run.output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("no Kubernetes cluster is configured"), "{case}: {said}");
    }
}
