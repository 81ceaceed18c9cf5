//! Checks that AWS makes for CreateFunction, Update* and Put*, and the emulator does not. Texts as recorded.

use serde_json::Value;

use super::refusal::Refusal;
use super::runtimes;

const RUNTIMES: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Runtimes that AWS still knows, but refuses with another text.
const RETIRED: &[&str] = &[
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
    "ruby2.5",
    "ruby2.7",
];

/// Environment variables that only AWS sets.
const RESERVED_VARIABLES: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

const ENVIRONMENT_LIMIT: usize = 4096;

/// AWS's first refusal of the body of `operation`. Functions on managed instances can be larger.
pub(crate) fn check(operation: &str, body: &Value, managed: bool) -> Option<Refusal> {
    let publishes_to = || one_of(body, "/PublishTo", "publishTo", &["LATEST_PUBLISHED"]);
    match operation {
        "CreateFunction" => create_only(body)
            .or_else(|| configuration(body, managed))
            .or_else(|| architectures(body))
            .or_else(publishes_to),
        "UpdateFunctionConfiguration" => configuration(body, managed),
        "PublishVersion" => publishes_to(),
        "UpdateFunctionCode" => architectures(body),
        "TagResource" => tags(body),
        "PutRuntimeManagementConfig" => runtimes::constraint(body),
        "PutFunctionRecursionConfig" => required(body, "RecursiveLoop", "recursiveLoop")
            .or_else(|| one_of(body, "/RecursiveLoop", "recursiveLoop", &["Terminate", "Allow"])),
        _ => None,
    }
}

fn text<'a>(body: &'a Value, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

fn create_only(body: &Value) -> Option<Refusal> {
    let name = text(body, "FunctionName").unwrap_or_default();
    name_pattern(name).or_else(|| tags(body)).or_else(|| {
        let image = text(body, "PackageType") == Some("Image");
        let whole = text(body, "Runtime").is_some() && text(body, "Handler").is_some();
        (!image && !whole).then(|| {
            Refusal::invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            )
        })
    })
}

fn name_pattern(name: &str) -> Option<Refusal> {
    // an ARN or a partial ARN is allowed, too; what matters is its last part
    let last = name.rsplit(':').next().unwrap_or(name);
    if last.len() > 64 {
        return Some(Refusal::invalid(format!(
            "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: \
             Member must have length less than or equal to 64"
        )));
    }
    let fine = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    (!fine).then(|| {
        Refusal::constraint(
            name,
            "functionName",
            r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?",
        )
    })
}

fn tags(body: &Value) -> Option<Refusal> {
    let too_many = body.get("Tags").and_then(Value::as_object).is_some_and(|tags| tags.len() > 50);
    too_many.then(|| Refusal::invalid("Number of tags exceeds resource tag limit."))
}

fn configuration(body: &Value, managed: bool) -> Option<Refusal> {
    let (least, memory, timeout) = if managed { (2_048, 32_768, 5_400) } else { (128, 10_240, 900) };
    role(body)
        .or_else(|| runtime(body))
        .or_else(|| range(body.get("MemorySize"), "memorySize", least, memory))
        .or_else(|| range(body.get("Timeout"), "timeout", 1, timeout))
        .or_else(|| range(body.pointer("/EphemeralStorage/Size"), "ephemeralStorage.size", 512, 10_240))
        .or_else(|| description(body))
        .or_else(|| one_of(body, "/TracingConfig/Mode", "tracingConfig.mode", &["Active", "PassThrough"]))
        .or_else(|| one_of(body, "/LoggingConfig/LogFormat", "loggingConfig.logFormat", &["Text", "JSON"]))
        .or_else(|| one_of(body, "/SnapStart/ApplyOn", "snapStart.applyOn", &["PublishedVersions", "None"]))
        .or_else(|| {
            one_of(body, "/TenancyConfig/TenantIsolationMode", "tenancyConfig.tenantIsolationMode", &["PER_TENANT"])
        })
        .or_else(|| environment(body))
        .or_else(|| layers(body))
}

fn role(body: &Value) -> Option<Refusal> {
    let role = text(body, "Role")?;
    (!is_role_arn(role)).then(|| {
        let pattern = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
        Refusal::constraint(role, "role", &format!("Member must satisfy regular expression pattern: {pattern}"))
    })
}

fn is_role_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else { return false };
    let name = resource.strip_prefix("role").unwrap_or_default();
    *arn == "arn"
        && (partition.is_empty() || partition.starts_with("aws"))
        && *service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte))
}

fn runtime(body: &Value) -> Option<Refusal> {
    let runtime = text(body, "Runtime").filter(|runtime| !runtime.is_empty())?;
    if RUNTIMES.contains(&runtime) {
        return None;
    }
    if RETIRED.contains(&runtime) {
        return Some(Refusal::invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. \
             We recommend you use a supported runtime while creating or updating functions."
        )));
    }
    Some(Refusal::invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] \
         or be a valid ARN",
        RUNTIMES.join(", ")
    )))
}

/// The refusal of a number out of its range.
pub(crate) fn range(value: Option<&Value>, member: &str, least: i64, most: i64) -> Option<Refusal> {
    let value = value?.as_i64()?;
    let constraint = if value < least {
        format!("Member must have value greater than or equal to {least}")
    } else if value > most {
        format!("Member must have value less than or equal to {most}")
    } else {
        return None;
    };
    Some(Refusal::constraint(&value.to_string(), member, &constraint))
}

/// The refusal if a required member is missing.
pub(crate) fn required(body: &Value, member: &str, shown: &str) -> Option<Refusal> {
    body.get(member).is_none_or(Value::is_null).then(|| Refusal::null(shown))
}

/// The refusal of a description that is too long.
pub(crate) fn description(body: &Value) -> Option<Refusal> {
    let description = text(body, "Description")?;
    (description.chars().count() > 256)
        .then(|| Refusal::constraint(description, "description", "Member must have length less than or equal to 256"))
}

/// The refusal of a string that is not one of these values.
pub(crate) fn one_of(body: &Value, pointer: &str, member: &str, values: &[&str]) -> Option<Refusal> {
    let value = body.pointer(pointer)?.as_str()?;
    (!values.contains(&value)).then(|| {
        let set = values.join(", ");
        Refusal::constraint(value, member, &format!("Member must satisfy enum value set: [{set}]"))
    })
}

fn environment(body: &Value) -> Option<Refusal> {
    let variables = body.pointer("/Environment/Variables").filter(|variables| variables.is_object())?;
    let prefix = "Lambda was unable to configure your environment variables because the environment variables you \
                  have provided";
    let measured = variables.to_string();
    if measured.len() > ENVIRONMENT_LIMIT {
        return Some(Refusal::invalid(format!("{prefix} exceeded the 4KB limit. String measured: {measured}")));
    }
    let reserved: Vec<&str> = RESERVED_VARIABLES.iter().copied().filter(|name| variables.get(name).is_some()).collect();
    (!reserved.is_empty()).then(|| {
        Refusal::invalid(format!(
            "{prefix} contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {}",
            reserved.join(", ")
        ))
    })
}

fn layers(body: &Value) -> Option<Refusal> {
    let layers: Vec<&str> = body.get("Layers")?.as_array()?.iter().filter_map(Value::as_str).collect();
    if layers.len() > 5 {
        return Some(Refusal::invalid("Cannot reference more than 5 layers."));
    }
    let unversioned = |arn: &str| arn.rsplit_once(':').map(|(layer, _)| layer.to_owned());
    for (index, first) in layers.iter().enumerate() {
        for second in &layers[index + 1..] {
            if unversioned(first) == unversioned(second) {
                return Some(Refusal::invalid(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. \
                     {first} and {second} are versions of the same layer."
                )));
            }
        }
    }
    None
}

fn architectures(body: &Value) -> Option<Refusal> {
    let names: Vec<&str> = body.get("Architectures")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let value = format!("[{}]", names.join(", "));
    if names.len() > 1 {
        let constraint = "Member must have length less than or equal to 1";
        return Some(Refusal::constraint(&value, "architectures", constraint));
    }
    let known = names.iter().all(|name| ["x86_64", "arm64"].contains(name));
    (!known).then(|| {
        let constraint = "Member must satisfy constraint: \
                          [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]";
        Refusal::constraint(&value, "architectures", constraint)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn create(change: &Value) -> Option<(String, String)> {
        let mut body = json!({"FunctionName": "hello", "Runtime": "python3.13", "Handler": "main.handler",
                              "Role": "arn:aws:iam::123456789012:role/path/hello", "Code": {"ZipFile": ""}});
        crate::rules::merge_patch(&mut body, change);
        check("CreateFunction", &body, false).map(|refusal| (refusal.code, refusal.message))
    }

    #[test]
    fn a_valid_request_is_accepted() {
        let all = json!({"MemorySize": 10240, "Timeout": 900, "Architectures": ["arm64"], "Layers": ["a:1", "b:1"],
                         "Environment": {"Variables": {"A": "b"}}, "LoggingConfig": {"LogFormat": "JSON"}});
        assert_eq!(create(&all), None);
        assert_eq!(check("GetFunction", &json!({"Role": "bad"}), false), None);
    }

    #[test]
    fn recorded_texts() {
        let (code, message) = create(&json!({"Role": "r1"})).unwrap();
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message,
            r"1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
        );
        let (code, message) = create(&json!({"Runtime": "PYTHON3.9"})).unwrap();
        assert_eq!(code, "InvalidParameterValueException");
        assert!(message.starts_with(
            "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, "
        ));
        assert!(message.ends_with("] or be a valid ARN"));
        let (_, message) = create(&json!({"Architectures": ["X86_64"]})).unwrap();
        assert_eq!(
            message,
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
        );
    }

    #[test]
    fn limits() {
        for (change, part) in [
            (json!({"MemorySize": 127}), "greater than or equal to 128"),
            (json!({"Timeout": 901}), "less than or equal to 900"),
            (json!({"Runtime": "go1.x"}), "no longer supported"),
            (json!({"Runtime": null}), "Runtime and Handler are mandatory"),
            (json!({"FunctionName": "a b"}), "at 'functionName'"),
            (json!({"Environment": {"Variables": {"AWS_REGION": "x"}}}), "reserved keys"),
            (json!({"Layers": ["a:1", "a:2"]}), "Two different versions of the same layer"),
        ] {
            let (_, message) = create(&change).unwrap();
            assert!(message.contains(part), "{change}: {message}");
        }
    }

    #[test]
    fn the_environment_is_measured_as_compact_json() {
        // {"V":"…"} has eight characters around the value
        let variable = |length: usize| json!({"Environment": {"Variables": {"V": "x".repeat(length - 8)}}});
        assert_eq!(create(&variable(4096)), None);
        let (_, message) = create(&variable(4097)).unwrap();
        assert!(message.contains(r#"exceeded the 4KB limit. String measured: {"V":"xxx"#));
    }
}
