//! A kube-apiserver with the CRD of one kind and nobody who acts on it: applies objects, in dry runs where they are not needed later.

use futures::StreamExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams, ValidationDirective};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, CustomResourceExt};
use serde_json::{Value, json};
use testbed::Bed;

/// An object, and what becomes of it.
pub struct Case {
    /// What it shows.
    pub what: &'static str,
    /// `metadata.name`, where it matters.
    pub name: Option<String>,
    /// The spec that is there already, in an update, and its status.
    pub before: Option<(Value, Value)>,
    /// The spec that is applied.
    pub spec: Value,
    /// Words of the refusal; none: it is accepted.
    pub refusal: Option<&'static str>,
}

/// The text of a kind's CRD, as it is committed.
#[must_use]
pub fn crd<K: CustomResourceExt>() -> String {
    let path = crate::project().join(format!("crds/{}.yaml", K::crd_name()));
    std::fs::read_to_string(path).unwrap()
}

/// An API server that judges objects of one kind.
pub struct Server {
    objects: Api<DynamicObject>,
    kind: ApiResource,
    /// Where they are.
    pub namespace: String,
}

impl Server {
    /// In a new namespace.
    pub async fn with_crd<K: CustomResourceExt>(bed: &Bed) -> Self {
        bed.apply(&crd::<K>()).await.unwrap();
        bed.established(K::crd_name()).await.unwrap();
        let kubeconfig = Kubeconfig::read_from(&bed.kubeconfig).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        let kind = K::api_resource();
        let namespace = format!("api-{}", std::process::id());
        let object: Namespace = serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        Api::all(client.clone()).create(&PostParams::default(), &object).await.unwrap();
        Self { objects: Api::namespaced_with(client, &namespace, &kind), kind, namespace }
    }

    /// What `kubectl get` shows of objects.
    pub async fn shown(&self, bed: &Bed, objects: &[(&str, Value)]) -> String {
        for (name, spec) in objects {
            self.apply(name, spec, false).await.unwrap();
        }
        bed.kubectl_ok(&["get", &self.kind.plural, "-n", &self.namespace], None).await.unwrap()
    }

    /// What of the cases does not go as it should.
    pub async fn judge(&self, cases: &[Case]) -> Vec<String> {
        let judged = futures::stream::iter(cases.iter().enumerate())
            .map(async |(number, case)| {
                self.case(number, case).await.map_err(|wrong| format!("{}: {wrong}", case.what))
            })
            .buffer_unordered(8);
        judged.filter_map(async |result: Result<(), String>| result.err()).collect().await
    }

    async fn case(&self, number: usize, case: &Case) -> Result<(), String> {
        let Case { what: _, name, before, spec, refusal } = case;
        let name = name.clone().unwrap_or_else(|| format!("case-{number}"));
        if let Some((before, status)) = before {
            self.apply(&name, before, false)
                .await
                .map_err(|error| format!("what is there before is refused: {error}"))?;
            if !status.is_null() {
                let patch = Patch::Merge(json!({"status": status}));
                self.objects.patch_status(&name, &PatchParams::default(), &patch).await.unwrap();
            }
        }
        match (self.apply(&name, spec, true).await, refusal) {
            (Ok(object), None) => unchanged(&object, spec),
            (Ok(_), Some(words)) => Err(format!("accepted, and should be refused with `{words}`")),
            (Err(error), None) => Err(format!("refused: {error}")),
            (Err(error), Some(words)) if error.to_string().contains(words) => Ok(()),
            (Err(error), Some(words)) => Err(format!("refused, but not with `{words}`: {error}")),
        }
    }

    /// Applies one object as a user does.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn apply(&self, name: &str, spec: &Value, dry_run: bool) -> kube::Result<DynamicObject> {
        let ApiResource { api_version, kind, .. } = &self.kind;
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec});
        let field_validation = Some(ValidationDirective::Strict);
        let params = PatchParams { field_validation, dry_run, ..PatchParams::apply("user").force() };
        self.objects.patch(name, &params, &Patch::Apply(object)).await
    }
}

/// The schema adds nothing to a spec, or GitOps tools would find a difference for ever; and status begins unobserved.
fn unchanged(object: &DynamicObject, spec: &Value) -> Result<(), String> {
    if object.data["spec"] != *spec {
        return Err(format!("came back as {}", object.data["spec"]));
    }
    match object.data["status"]["observedGeneration"].as_i64() {
        Some(_) => Ok(()),
        None => Err("has no status.observedGeneration, so that waiters take it for ready".into()),
    }
}

/// The messages of all rules in a schema and below it.
fn messages(schema: &Value, all: &mut Vec<String>) {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    all.extend(rules.map(|rule| rule["message"].as_str().unwrap().to_owned()));
    let inner = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
    inner.for_each(|inner| messages(inner, all));
}

/// The rules of a kind's CRD, by their messages, that refuse no case.
#[must_use]
pub fn untried_rules<K: CustomResourceExt>(cases: &[Case]) -> Vec<String> {
    let crd = serde_json::to_value(K::crd()).unwrap();
    let mut all = Vec::new();
    messages(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut all);
    assert!(!all.is_empty());
    let tried = |message: &String| {
        cases.iter().any(|case| case.refusal.is_some_and(|words| words.len() > 20 && message.contains(words)))
    };
    all.into_iter().filter(|message| !tried(message)).collect()
}
