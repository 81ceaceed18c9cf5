//! Fetches the references of an object: Secrets, ConfigMaps and LambdaFunctions by name, a file by its stamp. Values are read when a reconcile needs them and are not cached.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client, ResourceExt};

use super::failure::Failure;
use crate::api::function::spec::LambdaFunction;
use crate::controller::context::Context;
use crate::core::kind::Kind;
use crate::core::references;
use crate::core::references::{Contents, Reference, References};
use crate::core::refusal::Request;

/// The references that exist.
pub(in crate::controller) async fn resolve<K: Kind>(context: &Context, object: &K) -> Result<References, Failure> {
    let namespace = object.metadata().namespace.as_deref().unwrap_or_default();
    let mut resolved = References::default();
    for reference in object.references() {
        let request = Request::Reference(reference.clone());
        fetch(&context.kubernetes, namespace, reference, &mut resolved).await.map_err(Failure::of(request))?;
    }
    if let Some(path) = object.file() {
        resolved.file = context.packages.look(path).await;
    }
    Ok(resolved)
}

/// Adds one object, if it exists.
///
/// # Errors
/// The error of the API server.
pub async fn fetch(
    kubernetes: &Client,
    namespace: &str,
    reference: Reference,
    resolved: &mut References,
) -> kube::Result<()> {
    let contents = match reference.kind {
        references::Kind::Secret => secret(kubernetes, namespace, &reference).await?,
        references::Kind::ConfigMap => config_map(kubernetes, namespace, &reference).await?,
        references::Kind::LambdaFunction => {
            let functions: Api<LambdaFunction> = Api::namespaced(kubernetes.clone(), namespace);
            resolved.parent = functions.get_opt(&reference.name).await?.and_then(|function| function.parent());
            return Ok(());
        }
    };
    resolved.objects.extend(contents.map(|contents| (reference, contents)));
    Ok(())
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
