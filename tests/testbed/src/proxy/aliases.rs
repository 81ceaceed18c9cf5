//! Aliases as AWS treats them. AWS refuses requests that the emulator accepts, and its answers differ.

use hyper::body::Bytes;
use hyper::http::request::Parts;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::place::Place;
use super::published::{self, Published};
use super::recognise::{Recognised, parameter};
use super::refusal::Refusal;
use super::upstream::Upstream;
use super::{busy, validate};
use crate::http::Answer;

/// CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.
pub(crate) fn is_about_aliases(operation: &str) -> bool {
    operation == "ListAliases" || operation.ends_with("Alias")
}

/// Whether the function is locked from the checks of the call to its execution, so that no other change can come in between.
pub(crate) fn is_checked_first(call: &Recognised) -> bool {
    let changes = is_about_aliases(&call.operation) && !matches!(call.operation.as_str(), "GetAlias" | "ListAliases");
    changes || (call.operation == "DeleteFunction" && call.qualifier.is_some())
}

/// The answer to a call about aliases.
pub(crate) async fn answer(
    call: &Recognised,
    place: &Place,
    parts: &Parts,
    body: Bytes,
    upstream: &Upstream,
    published: &Published,
) -> Result<Answer, String> {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let versions = Versions { call, place, upstream, published };
    let refusal = match call.operation.as_str() {
        "CreateAlias" => versions.refusal_of_creation(&request).await?,
        "UpdateAlias" => versions.refusal_of_update(&request).await?,
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Ok(refusal.answer("lambda"));
    }
    let answer = upstream.forward(parts, body).await?;
    Ok(worded(call, place, parts.uri.query().unwrap_or_default(), answer))
}

/// The refusal if DeleteFunction names an alias, or a version that an alias points to.
pub(crate) async fn refusal_of_deletion(call: &Recognised, upstream: &Upstream) -> Result<Option<Refusal>, String> {
    let (Some(function), Some(version)) = (&call.function, &call.qualifier) else { return Ok(None) };
    if version.starts_with('$') {
        return Ok(None);
    }
    if !is_number(version) {
        return Ok(Some(Refusal::invalid("Deletion of aliases is not currently supported.")));
    }
    let path = format!("/2015-03-31/functions/{function}/aliases?MaxItems=10000");
    let list = upstream.lambda(call, &path).await?.unwrap_or_default();
    let aliases = list.get("Aliases").and_then(Value::as_array).into_iter().flatten();
    let points = |alias: &&Value| alias["FunctionVersion"] == **version || weights(alias).contains_key(version);
    let names: Vec<&str> = aliases.filter(points).filter_map(|alias| alias["Name"].as_str()).collect();
    Ok((!names.is_empty()).then(|| {
        let names = names.join(", ");
        Refusal::conflict(format!("Unable to delete version because the following aliases reference it: [{names}]"))
    }))
}

/// The refusal if a call about tags names an alias or a version.
pub(crate) fn refusal_of_tags(call: &Recognised) -> Option<Refusal> {
    let about_tags = matches!(call.operation.as_str(), "TagResource" | "UntagResource" | "ListTags");
    (about_tags && call.qualifier.is_some()).then(|| {
        Refusal::invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    })
}

/// The emulator's answer, in AWS's form.
fn worded(call: &Recognised, place: &Place, query: &str, mut answer: Answer) -> Answer {
    let alias = call.qualifier.as_deref().unwrap_or_default();
    let no_alias = || String::from_utf8_lossy(&answer.body).contains("Alias not found");
    match (call.operation.as_str(), answer.status) {
        ("GetAlias", 404) => not_found(format!("Cannot find alias arn: {}", place.arn(alias))).answer("lambda"),
        ("DeleteAlias", 404) if no_alias() => Answer::no_content(),
        ("ListAliases", 200) => {
            if let Some(version) = parameter(query, "FunctionVersion") {
                answer.edit(|body| {
                    if let Some(aliases) = body.get_mut("Aliases").and_then(Value::as_array_mut) {
                        aliases.retain(|alias| alias["FunctionVersion"] == version);
                    }
                });
            }
            answer
        }
        _ => answer,
    }
}

fn not_found(message: String) -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", message)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The additional versions of an alias, or of a request.
fn weights(holder: &Value) -> Map<String, Value> {
    let weights = holder.pointer("/RoutingConfig/AdditionalVersionWeights").and_then(Value::as_object);
    weights.cloned().unwrap_or_default()
}

/// The versions of an alias's function.
struct Versions<'a> {
    call: &'a Recognised,
    place: &'a Place,
    upstream: &'a Upstream,
    published: &'a Published,
}

impl Versions<'_> {
    async fn refusal_of_creation(&self, request: &Value) -> Result<Option<Refusal>, String> {
        let constraint = name(request.get("Name"))
            .or_else(|| validate::required(request, "FunctionVersion", "functionVersion"))
            .or_else(|| constraint(request));
        if constraint.is_some() {
            return Ok(constraint);
        }
        if let Some(refusal) = self.refusal_of_target(request).await? {
            return Ok(Some(refusal));
        }
        let alias = request["Name"].as_str().unwrap_or_default();
        let exists = self.alias(alias).await?.is_some();
        Ok(exists.then(|| Refusal::conflict(format!("Alias already exists: {}", self.place.arn(alias)))))
    }

    async fn refusal_of_update(&self, request: &Value) -> Result<Option<Refusal>, String> {
        if let Some(refusal) = constraint(request) {
            return Ok(Some(refusal));
        }
        let name = self.call.qualifier.as_deref().unwrap_or_default();
        let Some(mut alias) = self.alias(name).await? else {
            return Ok(Some(not_found(format!("Alias not found: {}", self.place.arn(name)))));
        };
        if let Some(refusal) = busy::other_than_meant(request, &alias) {
            return Ok(Some(refusal));
        }
        for member in ["FunctionVersion", "RoutingConfig"] {
            if let Some(wanted) = request.get(member).filter(|wanted| !wanted.is_null()) {
                alias[member] = wanted.clone();
            }
        }
        self.refusal_of_target(&alias).await
    }

    /// The refusal if an alias would point to versions that AWS does not accept.
    async fn refusal_of_target(&self, alias: &Value) -> Result<Option<Refusal>, String> {
        let target = alias["FunctionVersion"].as_str().unwrap_or_default();
        let weights = weights(alias);
        if weights.len() > 1 {
            let text = "Number of items in AdditionalVersionWeights cannot be greater than 1";
            return Ok(Some(Refusal::invalid(text)));
        }
        if weights.contains_key(target) {
            return Ok(Some(Refusal::invalid(format!(
                "Invalid function version {target}. Function version {target} is already included in routing \
                 configuration."
            ))));
        }
        if target.starts_with('$') && !weights.is_empty() {
            let text = format!("{target} is not supported for an alias pointing to more than 1 version");
            return Ok(Some(Refusal::invalid(text)));
        }
        for version in std::iter::once(target).chain(weights.keys().map(String::as_str)) {
            if !self.exist(version).await? {
                return Ok(Some(not_found(format!("Function not found: {}", self.place.arn(version)))));
            }
        }
        Ok(None)
    }

    async fn exist(&self, version: &str) -> Result<bool, String> {
        if version == published::VERSION {
            return Ok(self.published.show(self.place).is_some());
        }
        let qualifier = utf8_percent_encode(version, NON_ALPHANUMERIC);
        let path = format!("/2015-03-31/functions/{}/configuration?Qualifier={qualifier}", self.place.function);
        Ok(self.upstream.lambda(self.call, &path).await?.is_some())
    }

    async fn alias(&self, name: &str) -> Result<Option<Value>, String> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/2015-03-31/functions/{}/aliases/{name}", self.place.function);
        self.upstream.lambda(self.call, &path).await
    }
}

/// The refusal of a name that AWS does not accept for an alias.
fn name(name: Option<&Value>) -> Option<Refusal> {
    let Some(name) = name.and_then(Value::as_str) else {
        return Some(Refusal::null("name"));
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.len() > 128 {
        return Some(Refusal::constraint(name, "name", "Member must have length less than or equal to 128"));
    }
    (name.is_empty() || is_number(name) || !name.bytes().all(fits)).then(|| {
        let pattern = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
        Refusal::constraint(name, "name", pattern)
    })
}

/// The refusal of a request that violates a constraint, independent of the state of the function.
fn constraint(request: &Value) -> Option<Refusal> {
    let version = request.get("FunctionVersion").and_then(Value::as_str);
    let wrong = version.filter(|version| !is_number(version) && !["$LATEST", published::VERSION].contains(version));
    let wrong = wrong.map(|version| {
        let pattern = r"Member must satisfy regular expression pattern: (\$LATEST(\.PUBLISHED)?|[0-9]+)";
        Refusal::constraint(version, "functionVersion", pattern)
    });
    wrong.or_else(|| validate::description(request)).or_else(|| weighted(&weights(request)))
}

fn weighted(weights: &Map<String, Value>) -> Option<Refusal> {
    let number = |weight: &Value| weight.as_f64().unwrap_or_default();
    let shown: Vec<String> =
        weights.iter().map(|(version, weight)| format!("{version}={:?}", number(weight))).collect();
    let refusal = |constraint: &str| {
        let value = format!("{{{}}}", shown.join(", "));
        Some(Refusal::constraint(&value, "routingConfig.additionalVersionWeights", constraint))
    };
    if !weights.keys().all(|version| is_number(version)) {
        return refusal(
            "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have \
             length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must \
             not be null]",
        );
    }
    if !weights.values().all(|weight| (0.0..=1.0).contains(&number(weight))) {
        return refusal(
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have \
             value greater than or equal to 0.0, Member must not be null]",
        );
    }
    None
}
