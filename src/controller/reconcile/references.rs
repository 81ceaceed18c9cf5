//! Fetches what an object refers to: Secrets and ConfigMaps by name, a file by its stamp. Values are read when a pass needs them and kept nowhere.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client, ResourceExt};

use crate::api::function::spec::LambdaFunction;
use crate::controller::context::Context;
use crate::core::references::{Contents, Kind, Reference, References};
use crate::kinds::function::desired::references::references;

/// What the spec names and what of it exists.
pub(in crate::controller) async fn resolve(context: &Context, object: &LambdaFunction) -> kube::Result<References> {
    let namespace = object.namespace().unwrap_or_default();
    let mut resolved = References::default();
    for reference in references(&object.spec) {
        let contents = fetch(&context.kubernetes, &namespace, &reference).await?;
        resolved.objects.extend(contents.map(|contents| (reference, contents)));
    }
    if let Some(path) = object.spec.filename.as_ref().filter(|path| !path.is_empty()) {
        resolved.file = context.packages.look(path).await;
    }
    Ok(resolved)
}

/// One Secret or ConfigMap; `None` where there is none.
///
/// # Errors
/// What the API server answered.
pub async fn fetch(kubernetes: &Client, namespace: &str, reference: &Reference) -> kube::Result<Option<Contents>> {
    match reference.kind {
        Kind::Secret => secret(kubernetes, namespace, reference).await,
        Kind::ConfigMap => config_map(kubernetes, namespace, reference).await,
    }
}

async fn secret(kubernetes: &Client, namespace: &str, reference: &Reference) -> kube::Result<Option<Contents>> {
    let secrets: Api<Secret> = Api::namespaced(kubernetes.clone(), namespace);
    Ok(secrets.get_opt(&reference.name).await?.map(|secret| Contents {
        version: secret.resource_version().unwrap_or_default(),
        values: secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect(),
    }))
}

async fn config_map(kubernetes: &Client, namespace: &str, reference: &Reference) -> kube::Result<Option<Contents>> {
    let maps: Api<ConfigMap> = Api::namespaced(kubernetes.clone(), namespace);
    Ok(maps.get_opt(&reference.name).await?.map(|map| {
        let version = map.resource_version().unwrap_or_default();
        let mut values: BTreeMap<_, _> =
            map.data.unwrap_or_default().into_iter().map(|(k, v)| (k, v.into_bytes())).collect();
        values.extend(map.binary_data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)));
        Contents { version, values }
    }))
}
