//! The names of Lambda's operations, from the method and the path of a request.

use hyper::{Method, Uri};

use super::recognise::parameter;

/// The name of an operation, by the path after the date; METHOD and path if it has no name.
pub(crate) fn name(method: &Method, parts: &[&str], uri: &Uri) -> String {
    let verb = method.as_str();
    let query = uri.query().unwrap_or_default();
    let name = match parts {
        ["functions"] if verb == "POST" => Some("CreateFunction".to_owned()),
        ["functions"] if verb == "GET" => Some("ListFunctions".to_owned()),
        ["functions", _, rest @ ..] => of_a_function(verb, rest, query),
        ["layers", rest @ ..] => of_layers(verb, rest, query),
        ["event-source-mappings", rest @ ..] => of_a_collection(verb, rest, "EventSourceMapping"),
        ["code-signing-configs", _, "functions"] => Some("ListFunctionsByCodeSigningConfig".to_owned()),
        ["code-signing-configs", rest @ ..] => of_a_collection(verb, rest, "CodeSigningConfig"),
        ["capacity-providers", _, "function-versions"] => Some("ListFunctionVersionsByCapacityProvider".to_owned()),
        ["capacity-providers", rest @ ..] => of_a_collection(verb, rest, "CapacityProvider"),
        ["resource-policy", _] => Some(with_verb(verb, "ResourcePolicy")),
        _ => of_the_rest(verb, parts),
    };
    name.unwrap_or_else(|| format!("{method} {}", parts.join("/")))
}

/// The operation of a path after the name of a function.
fn of_a_function(verb: &str, rest: &[&str], query: &str) -> Option<String> {
    let name = match (verb, rest) {
        ("GET", []) => "GetFunction",
        ("DELETE", []) => "DeleteFunction",
        ("GET", ["configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["configuration"]) => "UpdateFunctionConfiguration",
        ("PUT", ["code"]) => "UpdateFunctionCode",
        ("POST", ["versions"]) => "PublishVersion",
        ("GET", ["versions"]) => "ListVersionsByFunction",
        ("POST", ["invocations"]) => "Invoke",
        ("POST", ["invoke-async"]) => "InvokeAsync",
        ("POST", ["response-streaming-invocations"]) => "InvokeWithResponseStream",
        (_, ["concurrency"]) => return Some(with_verb(verb, "FunctionConcurrency")),
        (_, ["code-signing-config"]) => return Some(with_verb(verb, "FunctionCodeSigningConfig")),
        ("GET", ["provisioned-concurrency"]) if parameter(query, "List").is_some() => {
            "ListProvisionedConcurrencyConfigs"
        }
        (_, ["provisioned-concurrency"]) => return Some(with_verb(verb, "ProvisionedConcurrencyConfig")),
        (_, ["runtime-management-config"]) => return Some(with_verb(verb, "RuntimeManagementConfig")),
        (_, ["recursion-config"]) => return Some(with_verb(verb, "FunctionRecursionConfig")),
        (_, ["function-scaling-config"]) => return Some(with_verb(verb, "FunctionScalingConfig")),
        ("GET", ["event-invoke-config", "list"]) => "ListFunctionEventInvokeConfigs",
        ("POST", ["event-invoke-config"]) => "UpdateFunctionEventInvokeConfig",
        (_, ["event-invoke-config"]) => return Some(with_verb(verb, "FunctionEventInvokeConfig")),
        ("GET", ["policy"]) => "GetPolicy",
        ("POST", ["policy"]) => "AddPermission",
        ("DELETE", ["policy", _]) => "RemovePermission",
        ("GET", ["urls"]) => "ListFunctionUrlConfigs",
        ("POST", ["url"]) => "CreateFunctionUrlConfig",
        ("PUT", ["url"]) => "UpdateFunctionUrlConfig",
        (_, ["url"]) => return Some(with_verb(verb, "FunctionUrlConfig")),
        ("GET", ["aliases"]) => "ListAliases",
        ("POST", ["aliases"]) => "CreateAlias",
        ("PUT", ["aliases", _]) => "UpdateAlias",
        (_, ["aliases", _]) => return Some(with_verb(verb, "Alias")),
        ("GET", ["durable-executions"]) => "ListDurableExecutionsByFunction",
        _ => return None,
    };
    Some(name.to_owned())
}

fn of_layers(verb: &str, rest: &[&str], query: &str) -> Option<String> {
    let name = match (verb, rest) {
        ("GET", []) if query.contains("find=LayerVersion") => "GetLayerVersionByArn",
        ("GET", []) => "ListLayers",
        ("POST", [_, "versions"]) => "PublishLayerVersion",
        ("GET", [_, "versions"]) => "ListLayerVersions",
        ("GET", [_, "versions", _]) => "GetLayerVersion",
        ("DELETE", [_, "versions", _]) => "DeleteLayerVersion",
        ("GET", [_, "versions", _, "policy"]) => "GetLayerVersionPolicy",
        ("POST", [_, "versions", _, "policy"]) => "AddLayerVersionPermission",
        ("DELETE", [_, "versions", _, "policy", _]) => "RemoveLayerVersionPermission",
        _ => return None,
    };
    Some(name.to_owned())
}

/// The operation of a resource that its id identifies, without a function.
fn of_a_collection(verb: &str, rest: &[&str], noun: &str) -> Option<String> {
    let name = match (verb, rest) {
        ("POST", []) => format!("Create{noun}"),
        ("GET", []) => format!("List{noun}s"),
        ("GET", [_]) => format!("Get{noun}"),
        ("PUT", [_]) => format!("Update{noun}"),
        ("DELETE", [_]) => format!("Delete{noun}"),
        _ => return None,
    };
    Some(name)
}

fn of_the_rest(verb: &str, parts: &[&str]) -> Option<String> {
    let name = match (verb, parts) {
        ("POST", ["durable-executions", _, .., "stop"]) => "StopDurableExecution",
        ("GET", ["durable-executions", _]) => "GetDurableExecution",
        ("GET", ["tags", ..]) => "ListTags",
        ("POST", ["tags", ..]) => "TagResource",
        ("DELETE", ["tags", ..]) => "UntagResource",
        ("GET", ["account-settings"]) => "GetAccountSettings",
        _ => return None,
    };
    Some(name.to_owned())
}

fn with_verb(verb: &str, noun: &str) -> String {
    let verb = match verb {
        "GET" => "Get",
        "DELETE" => "Delete",
        _ => "Put",
    };
    format!("{verb}{noun}")
}
