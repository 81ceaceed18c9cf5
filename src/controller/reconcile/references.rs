//! Fetches the references of an object: Secrets, ConfigMaps and objects of our own kinds by name, a file by its stamp. Values are read when a reconcile needs them and are not cached.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};

use super::failure::Failure;
use super::values::Values;
use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::function::spec::LambdaFunction;
use crate::api::layer_version::LambdaLayerVersion;
use crate::controller::context::Context;
use crate::controller::managed::Managed;
use crate::controller::room::Place;
use crate::core::kind::Kind;
use crate::core::references;
use crate::core::references::{Contents, Parent, Reference, References};
use crate::core::refusal::Request;

/// Why the references of an object cannot be resolved.
pub(in crate::controller) enum Unresolved {
    /// The API server refused.
    Failure(Failure),
    /// Other reconciles use the memory for references.
    NoRoom,
    /// The contents exceed the limit for one object.
    TooMuch,
}

/// The contents of all references that exist, with the permit for their memory.
pub(in crate::controller) async fn resolve<'a, K: Kind>(
    context: &'a Context,
    object: &K,
) -> Result<(References, Vec<Place<'a>>), Unresolved> {
    let namespace = object.metadata().namespace.as_deref().unwrap_or_default();
    let (mut resolved, mut places) = (References::default(), Vec::new());
    for reference in object.references() {
        let answer = {
            let _read = context.room.read().await;
            fetch(&context.kubernetes, namespace, reference.clone(), &mut resolved).await
        };
        answer.map_err(|error| Unresolved::Failure(Failure { request: request(context, &reference), error }))?;
        if resolved.is_too_much() {
            return Err(Unresolved::TooMuch);
        }
        let contents = resolved.objects.get(&reference);
        let size = contents.map(Contents::size).unwrap_or_default();
        places.push(context.room.contents(size).ok_or(Unresolved::NoRoom)?);
        if !reference.kind.is_managed() {
            let version = contents.map(|contents| contents.version.as_str());
            let wake = context.referred.gave(namespace, &reference, version);
            wake.into_iter().for_each(|wake| context.wakes.send(wake));
        }
    }
    if let Some(path) = object.file() {
        resolved.file = context.packages.look(path).await;
    }
    Ok((resolved, places))
}

fn request(context: &Context, reference: &Reference) -> Request {
    match (reference.kind, &context.settings.secret_role) {
        (references::Kind::Secret, Some(role)) => {
            Request::BoundSecret { name: reference.name.clone(), role: role.clone() }
        }
        (
            references::Kind::Secret
            | references::Kind::ConfigMap
            | references::Kind::LambdaFunction
            | references::Kind::LambdaAlias
            | references::Kind::LambdaCodeSigningConfig
            | references::Kind::LambdaLayerVersion,
            _,
        ) => Request::Reference(reference.clone()),
    }
}

/// Reads one object and adds its contents, if it exists.
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
            resolved.parent = parent::<LambdaFunction>(kubernetes, namespace, &reference).await?;
            return Ok(());
        }
        references::Kind::LambdaAlias => {
            resolved.parent = parent::<LambdaAlias>(kubernetes, namespace, &reference).await?;
            return Ok(());
        }
        references::Kind::LambdaCodeSigningConfig => {
            let used = parent::<LambdaCodeSigningConfig>(kubernetes, namespace, &reference).await?;
            resolved.used.extend(used.map(|used| (reference, used)));
            return Ok(());
        }
        references::Kind::LambdaLayerVersion => {
            let used = parent::<LambdaLayerVersion>(kubernetes, namespace, &reference).await?;
            resolved.used.extend(used.map(|used| (reference, used)));
            return Ok(());
        }
    };
    resolved.objects.extend(contents.map(|contents| (reference, contents)));
    Ok(())
}

/// The facts of an object of our own kinds that objects with a reference to it use.
async fn parent<K: Managed>(
    kubernetes: &Client,
    namespace: &str,
    reference: &Reference,
) -> kube::Result<Option<Parent>> {
    let objects: Api<K> = Api::namespaced(kubernetes.clone(), namespace);
    Ok(objects.get_opt(&reference.name).await?.and_then(|object| object.parent()))
}

async fn secret(kubernetes: &Client, namespace: &str, reference: &Reference) -> kube::Result<Option<Contents>> {
    let secrets: Api<Values<Secret>> = Api::namespaced(kubernetes.clone(), namespace);
    Ok(secrets.get_opt(&reference.name).await?.map(Values::contents))
}

async fn config_map(kubernetes: &Client, namespace: &str, reference: &Reference) -> kube::Result<Option<Contents>> {
    let maps: Api<Values<ConfigMap>> = Api::namespaced(kubernetes.clone(), namespace);
    Ok(maps.get_opt(&reference.name).await?.map(Values::contents))
}
