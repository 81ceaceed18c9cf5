//! Schemas that a derive macro cannot express (bounded maps and durations), and rules that several fields share.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A name that Kubernetes accepts; it becomes a part of a path.
pub(super) const OBJECT_NAME: &str = "self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')";

/// A key of a Secret or ConfigMap that Kubernetes accepts.
pub(super) const OBJECT_KEY: &str = "self.matches('^[a-zA-Z0-9._-]+$')";

/// Refuses the variables that Lambda sets itself.
pub(super) const UNRESERVED: &str = "!self.exists(name, name in ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_KEY', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'])";

/// The characters that AWS accepts in tag keys.
pub(super) const TAG_KEYS: &str = r"self.all(key, key.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$'))";

/// Tag keys, optionally with a `*` at the end.
pub(super) const TAG_PATTERNS: &str = r"self.all(key, key.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*[*]?$'))";

/// Up to 49 tags, because AWS allows 50 and the owner tag is one of them. AWS accepts these characters in values.
pub(super) fn tags(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 49,
        "additionalProperties": { "type": "string", "maxLength": 256, "pattern": r"^[\p{L}\p{Z}\p{N}_.:/=+@-]*$" }
    })
}

/// Environment variables: AWS allows 4 KB for all of them.
pub(super) fn variables(_: &mut SchemaGenerator) -> Schema {
    strings(256, 4096)
}

/// Environment variables with values from Secrets and ConfigMaps.
pub(super) fn values<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 256,
        "additionalProperties": generator.subschema_for::<T>()
    })
}

/// The weight of one second version: AWS accepts no more.
pub(super) fn weights(_: &mut SchemaGenerator) -> Schema {
    strings(1, 16)
}

/// Inline files; a rule limits them in all to what one of them may have.
pub(super) fn files(_: &mut SchemaGenerator) -> Schema {
    strings(64, 262_144)
}

/// A duration such as `90s`, `10m` or `1h30m`; empty means absent.
pub(super) fn duration(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 16,
        "x-kubernetes-validations": [{
            "rule": "self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$')",
            "message": "timeouts must be durations such as 90s, 10m or 1h30m"
        }]
    })
}

/// A duration between 10 seconds, which AWS's read quota allows, and a day; empty means absent.
pub(super) fn interval(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 16,
        "x-kubernetes-validations": [{
            "rule": "self == '' || (self.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$') && duration(self) >= duration('10s') && duration(self) <= duration('24h'))",
            "message": "driftCheckInterval must be a duration between 10s and 24h, such as 30s, 10m or 1h30m"
        }]
    })
}

fn strings(entries: u32, length: u32) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": entries,
        "additionalProperties": { "type": "string", "maxLength": length }
    })
}
