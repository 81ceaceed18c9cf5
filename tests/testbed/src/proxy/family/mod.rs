//! The resources around a function that make it reachable. The proxy has its own tables for them, because the emulator differs too much from AWS.
//!
//! The emulator has them too if it needs them to run something: URLs, mappings that it polls, destinations of invocations.

mod asked;
mod clock;
mod gate;
mod invoke_configs;
mod layers;
mod mapping;
mod mapping_calls;
mod mapping_rules;
mod mappings;
mod permissions;
mod policies;
mod provisioned;
mod resource;
mod signing_configs;
mod sources;
mod statement;
mod tags;
mod texts;
mod urls;
mod visits;

use std::time::Duration;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

use super::place::Place;
use super::published::Published;
use super::recognise::{self, Recognised};
use super::refusal::Refusal;
use super::upstream::Upstream;
use crate::http::Answer;
use asked::Asked;
use invoke_configs::InvokeConfigs;
use mappings::Mappings;
use policies::Policies;
use provisioned::Provisioned;
use signing_configs::SigningConfigs;
use urls::Urls;

/// A kind of resource of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Permission,
    Mapping,
    Url,
    InvokeConfig,
    Provisioned,
    Layer,
    SigningConfig,
    /// Tags of mappings and of code signing configurations.
    Tags,
}

impl Kind {
    /// The kind that a call is about, if it is one of the family's.
    pub(crate) fn of(call: &Recognised) -> Option<Kind> {
        let operation = call.operation.as_str();
        let noun = ["Create", "Get", "Update", "Delete", "List", "Put"]
            .iter()
            .find_map(|verb| operation.strip_prefix(verb))
            .unwrap_or(operation);
        match noun {
            "AddPermission" | "RemovePermission" | "Policy" => Some(Kind::Permission),
            "EventSourceMapping" | "EventSourceMappings" => Some(Kind::Mapping),
            "FunctionUrlConfig" | "FunctionUrlConfigs" => Some(Kind::Url),
            "FunctionEventInvokeConfig" | "FunctionEventInvokeConfigs" => Some(Kind::InvokeConfig),
            "ProvisionedConcurrencyConfig" | "ProvisionedConcurrencyConfigs" => Some(Kind::Provisioned),
            "PublishLayerVersion" | "LayerVersion" | "LayerVersions" | "LayerVersionByArn" => Some(Kind::Layer),
            "LayerVersionPolicy" | "AddLayerVersionPermission" | "RemoveLayerVersionPermission" => Some(Kind::Layer),
            "CodeSigningConfig" | "CodeSigningConfigs" | "FunctionsByCodeSigningConfig" => Some(Kind::SigningConfig),
            "TagResource" | "UntagResource" | "Tags" if call.function.is_none() => Some(Kind::Tags),
            _ => None,
        }
    }
}

/// The refusal of calls that the test bed does not support. The emulator would answer that a function is missing.
pub(crate) fn refusal_of_the_unknown(call: &Recognised) -> Option<Refusal> {
    let nouns = ["CapacityProvider", "CapacityProviders", "ResourcePolicy", "FunctionScalingConfig"];
    let unknown = nouns.iter().any(|noun| call.operation.ends_with(noun));
    unknown
        .then(|| Refusal::new(501, "NotImplementedException", format!("the test bed does not know {}", call.operation)))
}

/// The refusal of a change while another change of the function is in progress; `None` if such a change waits, or changes nothing.
pub(crate) fn refusal_of_a_second_change(call: &Recognised, place: &Place) -> Option<Refusal> {
    match call.operation.as_str() {
        "AddPermission"
        | "RemovePermission"
        | "CreateFunctionUrlConfig"
        | "UpdateFunctionUrlConfig"
        | "DeleteFunctionUrlConfig" => Some(Refusal::conflict(texts::CONCURRENT)),
        "PutFunctionEventInvokeConfig" | "UpdateFunctionEventInvokeConfig" | "DeleteFunctionEventInvokeConfig" => {
            let arn = place.arn(call.qualifier.as_deref().unwrap_or("$LATEST"));
            Some(Refusal::conflict(texts::concurrent_invoke_config(&arn)))
        }
        _ => None,
    }
}

/// The tables.
#[derive(Debug)]
pub(crate) struct Family {
    upstream: Upstream,
    signatures: bool,
    policies: Policies,
    mappings: Mappings,
    urls: Urls,
    invoke_configs: InvokeConfigs,
    pub(crate) provisioned: Provisioned,
    pub(crate) signing_configs: SigningConfigs,
}

impl Family {
    /// A change takes the time `transition`. If the emulator checks `signatures`, it also checks the permissions of callers.
    pub(crate) fn new(upstream: Upstream, transition: Duration, signatures: bool) -> Family {
        Family {
            upstream,
            signatures,
            policies: Policies::default(),
            mappings: Mappings::new(transition),
            urls: Urls::default(),
            invoke_configs: InvokeConfigs::default(),
            provisioned: Provisioned::new(transition),
            signing_configs: SigningConfigs::default(),
        }
    }

    /// The call with its function, if it names a mapping or a URL only by its id.
    pub(crate) fn named(&self, call: Recognised, parts: &Parts) -> Recognised {
        if call.function.is_some() {
            return call;
        }
        let function = match recognise::visited(&parts.uri, &parts.headers) {
            Some(id) => self.urls.of_the_address(&id).map(|(of, _)| (of.place.function, of.qualifier)),
            None if Kind::of(&call) == Some(Kind::Mapping) => {
                recognise::path_parts(&parts.uri).get(1).and_then(|uuid| self.mappings.function_of(uuid))
            }
            None => None,
        };
        let Some((function, qualifier)) = function else { return call };
        Recognised { function: Some(function), qualifier, ..call }
    }

    /// The refusal of a request to a function URL; `None` if the call is none, or is allowed.
    pub(crate) fn refusal_of_a_visit(&self, parts: &Parts) -> Option<Answer> {
        let id = recognise::visited(&parts.uri, &parts.headers)?;
        visits::refusal(&id, &self.urls, &self.policies)
    }

    /// The answer to a call about the family.
    pub(crate) async fn answer(
        &self,
        kind: Kind,
        call: &Recognised,
        place: &Place,
        parts: &Parts,
        body: Bytes,
        published: &Published,
    ) -> Result<Answer, String> {
        let denial = if self.signatures { gate::denial(call, parts, &body, &self.upstream).await? } else { None };
        if let Some(denial) = denial {
            return Ok(denial);
        }
        let asked = Asked::new(call, place, parts, &body, &self.upstream, published);
        if let Some(refusal) = asked.two_qualifiers() {
            return Ok(refusal.answer("lambda"));
        }
        let answer = match kind {
            Kind::Permission => permissions::answer(&asked, &self.policies).await?,
            Kind::Mapping => mapping_calls::answer(&asked, &self.mappings).await?,
            Kind::Url => urls::answer(&asked, &self.urls).await?,
            Kind::InvokeConfig => invoke_configs::answer(&asked, &self.invoke_configs).await?,
            Kind::Provisioned => provisioned::answer(&asked, &self.provisioned).await?,
            Kind::Layer => return layers::answer(&asked, body).await,
            Kind::SigningConfig => self.signing_configs.answer(&asked),
            Kind::Tags => tags::answer(&asked, &self.mappings, &self.signing_configs),
        };
        Ok(answer.unwrap_or_else(|refusal: Refusal| refusal.answer("lambda")))
    }

    /// Removes everything that AWS deletes with a function, a version or an alias. Mappings stay.
    pub(crate) async fn gone(&self, call: &Recognised, place: &Place, qualifier: Option<&str>) -> Result<(), String> {
        self.policies.forget(place, qualifier);
        self.invoke_configs.forget(place, qualifier);
        self.provisioned.forget(place, qualifier);
        if qualifier.is_none() {
            self.signing_configs.unlink(place);
        }
        for url in self.urls.forget(place, qualifier) {
            // the emulator would keep it for the next function or alias with that name
            urls::delete_at_the_emulator(call, &url, &self.upstream).await?;
        }
        Ok(())
    }

    /// Adds to an answer about aliases the weights that AWS itself sets while an alias with provisioned concurrency moves.
    pub(crate) fn show_moving_aliases(&self, place: &Place, body: &mut Value) {
        match body.get_mut("Aliases").and_then(Value::as_array_mut) {
            Some(aliases) => aliases.iter_mut().for_each(|alias| self.provisioned.show_moving(place, alias)),
            None => self.provisioned.show_moving(place, body),
        }
    }
}
