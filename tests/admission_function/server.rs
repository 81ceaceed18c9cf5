//! A kube-apiserver with our CRD and nobody who acts on it: applies objects, in dry runs where they are not needed later.

use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams, ValidationDirective};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, Resource};
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};
use testbed::Bed;

use crate::{Case, spec_with};

/// Much more than a CRD takes to come into force.
const PATIENCE: Duration = Duration::from_secs(30);

const CRD: &str = include_str!("../../crds/lambdafunctions.lambda-operator.io.yaml");

pub(crate) struct Server {
    objects: Api<DynamicObject>,
    namespace: String,
}

impl Server {
    /// In a new namespace.
    pub(crate) async fn with_crd(bed: &Bed) -> Self {
        bed.apply(CRD).await.unwrap();
        bed.established("lambdafunctions.lambda-operator.io").await.unwrap();
        let kubeconfig = Kubeconfig::read_from(&bed.kubeconfig).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        let namespace = format!("api-{}", std::process::id());
        let object: Namespace = serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        Api::all(client.clone()).create(&PostParams::default(), &object).await.unwrap();
        let kind = kube::api::ApiResource::erase::<LambdaFunction>(&());
        Self { objects: Api::namespaced_with(client, &namespace, &kind), namespace }
    }

    /// An object that an older CRD, without the rules of single fields, let in can be changed elsewhere; what is wrong in
    /// it cannot become otherwise wrong.
    pub(crate) async fn ratchets(&self, bed: &Bed) {
        let mut older: Value = serde_saphyr::from_str(CRD).unwrap();
        let spec = older.pointer_mut("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties").unwrap();
        spec.as_object_mut().unwrap().values_mut().for_each(without_rules);
        bed.apply(&older.to_string()).await.unwrap();
        let wrong = |memory: i32, role: &str| {
            spec_with(
                &json!({"memorySize": memory, "role": role, "layers": ["tools"], "environment": {"variables": {"A-B": "x"}}}),
            )
        };
        let let_in =
            async || Ok(self.apply("older", &wrong(128, "one"), false).await.map_err(|error| error.to_string()));
        testbed::poll("the older CRD to be in force", PATIENCE, let_in).await.unwrap();
        bed.apply(CRD).await.unwrap();
        let refused = async || {
            Ok(match self.apply("newer", &wrong(128, "one"), true).await {
                Ok(_) => Err("a new object that is wrong is let in".into()),
                Err(error) => Ok(error),
            })
        };
        testbed::poll("the CRD to be in force again", PATIENCE, refused).await.unwrap();
        self.apply("older", &wrong(256, "one"), true).await.unwrap();
        let error = self.apply("older", &wrong(256, "two"), true).await.unwrap_err().to_string();
        assert!(error.contains("role must be") && !error.contains("layers"), "{error}");
    }

    /// What `kubectl get` shows of objects.
    pub(crate) async fn shown(&self, bed: &Bed, objects: &[(&str, Value)]) -> String {
        for (name, spec) in objects {
            self.apply(name, spec, false).await.unwrap();
        }
        bed.kubectl_ok(&["get", "lfn", "-n", &self.namespace], None).await.unwrap()
    }

    /// What of the cases does not go as it should.
    pub(crate) async fn judge(&self, cases: &[Case]) -> Vec<String> {
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

    async fn apply(&self, name: &str, spec: &Value, dry_run: bool) -> kube::Result<DynamicObject> {
        let object = json!({
            "apiVersion": LambdaFunction::api_version(&()), "kind": LambdaFunction::kind(&()),
            "metadata": {"name": name}, "spec": spec,
        });
        let field_validation = Some(ValidationDirective::Strict);
        let params = PatchParams { field_validation, dry_run, ..PatchParams::apply("user").force() };
        self.objects.patch(name, &params, &Patch::Apply(object)).await
    }
}

fn without_rules(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-validations");
            fields.values_mut().for_each(without_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(without_rules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
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
