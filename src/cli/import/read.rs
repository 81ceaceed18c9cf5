//! `lambda-operator import`: reads one resource from AWS.

use super::name::Name;
use super::origin::{Origin, words};
use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::layer_version::LambdaLayerVersion;
use crate::api::permission::LambdaPermission;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use crate::aws::lambda::remote::Remote;
use crate::cli::aws_client::patiently;
use crate::core::attached::{Model, Observed, Query};
use crate::core::error::Error;
use crate::core::kind::{Aws, Kind};
use crate::core::tagged::Tags;
use crate::core::target::Target;
use crate::kinds::alias::model::Alias;
use crate::kinds::event_invoke_config::model::{EventInvokeConfig, LATEST};
use crate::kinds::layer_version::model::Version;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement::Policy;
use crate::kinds::provisioned_concurrency::model::ProvisionedConcurrency;
use crate::kinds::url::model::Url;
use crate::kinds::{code_signing_config, event_source_mapping, layer_version, permission, url};

/// A resource that is not a function, as AWS showed it.
pub(super) enum Found {
    Alias(Alias),
    Mapping(Box<event_source_mapping::observed::Observed>),
    Permission(Permission),
    Url(Url),
    EventInvokeConfig(EventInvokeConfig),
    ProvisionedConcurrency(ProvisionedConcurrency),
    SigningConfig(Box<code_signing_config::model::Observed>),
    Layer(Box<LayerReading>),
}

/// A version of a layer with its policy.
pub(super) struct LayerReading {
    pub(super) version: Version,
    pub(super) policy: Policy,
    /// The number of the newest version.
    pub(super) newest: i64,
}

/// Reads a resource that is not a function.
pub(super) async fn read(origin: &Origin<'_>, name: &Name) -> Result<Found, String> {
    match name {
        Name::Function(function) => Err(format!("{function} is read with its family")),
        Name::Alias { function, alias } => attached::<LambdaAlias, _>(origin, function, alias).await.map(Found::Alias),
        Name::Mapping { function, uuid } => mapping(origin, function, uuid).await,
        Name::Permission { function, qualifier, id } => statement(origin, function, qualifier.as_ref(), id).await,
        Name::Url { function, alias } => {
            let query = url::observed::Query { qualifier: alias.clone(), ids: None };
            let observed = observe::<LambdaFunctionUrl>(&origin.remote(function), &query).await?;
            let shown = observed.and_then(|observed| observed.url).ok_or_else(|| origin.no_such("function URL"))?;
            Ok(Found::Url(shown.model))
        }
        Name::EventInvokeConfig { function, qualifier } => {
            let qualifier = qualifier.as_deref().unwrap_or(LATEST);
            let config = attached::<LambdaFunctionEventInvokeConfig, _>(origin, function, qualifier).await;
            config.map(Found::EventInvokeConfig)
        }
        Name::ProvisionedConcurrency { function, qualifier } => {
            let config = attached::<LambdaProvisionedConcurrencyConfig, _>(origin, function, qualifier).await;
            config.map(Found::ProvisionedConcurrency)
        }
        Name::Layer { layer, version } => self::layer(origin, layer, *version).await,
        Name::SigningConfig(id) => {
            let account = origin.aws.principal(origin.caller).await.map_err(|error| error.to_string())?.account;
            let arn = Target { account, ..origin.target("") }.code_signing_config(id);
            signing_config(origin, &arn).await?.ok_or_else(|| origin.no_such("code signing configuration"))
        }
    }
}

/// Reads a code signing configuration with its tags.
pub(super) async fn signing_config(origin: &Origin<'_>, arn: &str) -> Result<Option<Found>, String> {
    let query = code_signing_config::model::Query { arn: Some(arn.to_owned()), ..Default::default() };
    let Some(observed) = observe::<LambdaCodeSigningConfig>(&origin.remote(""), &query).await? else { return Ok(None) };
    if observed.tags == Tags::Withheld {
        return Err(
            "AWS does not show its tags, and a manifest without the tags would remove them: allow lambda:ListTags"
                .into(),
        );
    }
    Ok(Some(Found::SigningConfig(Box::new(observed))))
}

/// Reads a resource without tags by the name of an alias, or by a qualifier.
async fn attached<K, M: Model>(origin: &Origin<'_>, function: &str, name: &str) -> Result<M, String>
where
    K: Kind<Query = Query, Observed = Observed<M>>,
    Remote: Aws<K>,
{
    let query = Query { name: name.to_owned() };
    let observed = observe::<K>(&origin.remote(function), &query).await?;
    observed.map(|observed| observed.model).ok_or_else(|| origin.no_such(M::WORDS.noun))
}

async fn mapping(origin: &Origin<'_>, function: &str, uuid: &str) -> Result<Found, String> {
    let remote = origin.remote(function);
    let observed = patiently(async || remote.mapping_to_import(uuid).await).await.map_err(|error| words(&error))?;
    let Some(observed) = observed else {
        return Err(format!(
            "{} has no event source mapping {uuid} of the function {function}: correct the name, or set --region",
            origin.region
        ));
    };
    if observed.state == event_source_mapping::observed::State::Deleting {
        return Err("it is being deleted: there will be nothing to import".into());
    }
    if let Some(obstacle) = event_source_mapping::import::obstacle(&observed) {
        return Err(obstacle);
    }
    Ok(Found::Mapping(Box::new(observed)))
}

async fn statement(origin: &Origin<'_>, function: &str, qualifier: Option<&String>, id: &str) -> Result<Found, String> {
    let query = permission::Query { qualifier: qualifier.cloned(), ids: vec![id.to_owned()] };
    let policy = observe::<LambdaPermission>(&origin.remote(function), &query).await?;
    let held = policy.and_then(|policy| policy.held.into_iter().next()).ok_or_else(|| origin.no_such("statement"))?;
    Ok(Found::Permission(held.permission))
}

/// Reads a version of a layer, or the newest.
async fn layer(origin: &Origin<'_>, layer: &str, version: Option<i64>) -> Result<Found, String> {
    let missing = || origin.no_such("version of a layer");
    let (version_newest, policy) = layer_version(origin, layer, None).await?.ok_or_else(missing)?;
    let newest = version_newest.number;
    let (version, policy) = match version.filter(|number| *number != newest) {
        Some(number) => layer_version(origin, layer, Some(number)).await?.ok_or_else(missing)?,
        None => (version_newest, policy),
    };
    Ok(Found::Layer(Box::new(LayerReading { version, policy, newest })))
}

/// One version with its policy, or the newest.
async fn layer_version(
    origin: &Origin<'_>,
    layer: &str,
    number: Option<i64>,
) -> Result<Option<(Version, Policy)>, String> {
    let query = layer_version::model::Query {
        layer: layer.to_owned(),
        current: number,
        publishes: number.is_none(),
        adopts: number.is_none(),
        shares: true,
        ..Default::default()
    };
    let observed = observe::<LambdaLayerVersion>(&origin.remote(""), &query).await?;
    Ok(observed.and_then(|observed| Some((observed.held()?.clone(), observed.policy.clone().unwrap_or_default()))))
}

/// Reads a resource until there is an answer.
async fn observe<K: Kind>(remote: &Remote, query: &K::Query) -> Result<Option<K::Observed>, String>
where
    Remote: Aws<K>,
{
    let observed: Result<_, Error> = patiently(async || Aws::<K>::observe(remote, query).await).await;
    observed.map_err(|error| words(&error))
}
