//! What a user may ask for, and every rule that can be told from the object alone.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;
use std::fmt;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;
use super::status::LambdaFunctionStatus;

// Maps and lists are atomic: the API server turns one that server-side apply empties into null otherwise, and refuses it.

/// An AWS Lambda function. What is left out has AWS's default, and is put back to it when removed, except `architectures`, which stays as it is.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaFunction",
    plural = "lambdafunctions",
    singular = "lambdafunction",
    shortname = "lfn",
    category = "aws",
    namespaced,
    status = "LambdaFunctionStatus",
    derive = "PartialEq",
    doc = "An AWS Lambda function, driven to what its spec says and kept there.",
    selectable = ".spec.functionName",
    selectable = ".spec.region",
    selectable = ".spec.role",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Runtime", type_ = "string", json_path = ".spec.runtime"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Memory", type_ = "integer", json_path = ".status.memorySize", priority = 1),
    printcolumn(name = "Modified", type_ = "string", json_path = ".status.lastModified", priority = 1),
    validation = Rule::new("size(self.metadata.name) <= 127")
        .message("metadata.name must have at most 127 characters: it is part of the owner tag in AWS, which holds 256"),
    validation = Rule::new("(has(self.spec.functionName) && self.spec.functionName != '') || (size(self.metadata.name) <= 64 && !self.metadata.name.contains('.'))")
        .message("metadata.name is not a name that Lambda allows (at most 64 letters, digits, - or _; no dots): set spec.functionName, or rename the object"),
    validation = Rule::new("(has(self.spec.functionName) && self.spec.functionName != '' ? self.spec.functionName : self.metadata.name) == (has(oldSelf.spec.functionName) && oldSelf.spec.functionName != '' ? oldSelf.spec.functionName : oldSelf.metadata.name)")
        .message("spec.functionName cannot be changed, AWS has no rename: put the old name back, or delete this object and create one with the new name"),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, a function cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.s3Bucket) && self.s3Bucket != '', has(self.codeFrom) && has(self.codeFrom.inline) && size(self.codeFrom.inline) > 0].filter(source, source).size() == 1")
        .message("set exactly one source of code: either codeFrom.inline with at least one file, or s3Bucket with s3Key"),
    validation = Rule::new("(has(self.s3Bucket) && self.s3Bucket != '') == (has(self.s3Key) && self.s3Key != '')")
        .message("s3Bucket and s3Key go together: set both, or neither"),
    validation = Rule::new("!has(self.s3ObjectVersion) || self.s3ObjectVersion == '' || (has(self.s3Bucket) && self.s3Bucket != '')")
        .message("s3ObjectVersion is the version of an S3 object: set s3Bucket and s3Key too, or remove it"),
    validation = Rule::new("has(self.runtime) && self.runtime != ''")
        .message("set runtime, for instance python3.13: a zip package needs one"),
    validation = Rule::new("has(self.handler) && self.handler != ''")
        .message("set handler, for instance main.handler: a zip package needs one")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionSpec {
    /// The function's name in AWS: 1 to 64 letters, digits, hyphens or underscores. Default: metadata.name. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without dots"))]
    pub function_name: Option<String>,
    /// The AWS region. Default: the operator's. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9-]*$')").message("region must be the code of an AWS region, for instance eu-west-1"))]
    pub region: Option<String>,
    /// ARN of the IAM role that the function runs as.
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:')").message("role must be the role's whole ARN, for instance arn:aws:iam::123456789012:role/NAME"))]
    pub role: String,
    /// The language runtime, for instance `python3.13`. AWS decides which it still accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub runtime: Option<String>,
    /// The function within the code that is called, for instance `main.handler`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("!self.contains(' ')").message("handler must not contain spaces"))]
    pub handler: Option<String>,
    /// What the function is for, at most 256 characters. Removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// Memory in MB, 128 to 32768 (over 10240 only on managed instances); CPU grows with it. Default and when removed: 128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 128, max = 32768))]
    pub memory_size: Option<i32>,
    /// Seconds that one invocation may take, 1 to 5400 (over 900 only on managed instances). Default and when removed: 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5400))]
    pub timeout: Option<i32>,
    /// The instruction set: one of `x86_64`, `arm64`. Default: x86_64. When removed the function keeps the one it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub architectures: Option<Vec<Architecture>>,
    /// Environment variables of the function. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// ARNs of layer versions, at most 5; their order matters. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 256)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub layers: Option<Vec<String>>,
    /// The VPC that the function reaches its networks through. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
    /// Tags on the function, at most 49, the operator's default tags included. Keys `aws:*` and `lambda-operator.io/*` are reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::tags")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(key, key != '' && !key.startsWith('aws:') && !key.startsWith('lambda-operator.io/'))").message("tag keys must not be empty and must not begin with aws: or lambda-operator.io/, which are reserved: rename the tag"))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Concurrent executions that are reserved for the function; 0 stops all invocations, -1 is the same as leaving it out: none are reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 1_000_000))]
    pub reserved_concurrent_executions: Option<i32>,
    /// Publish a version whenever code or configuration changed. Default: false. Published versions stay when this is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<bool>,
    /// Leave the function in AWS, without an owner, when this object is deleted. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_destroy: Option<bool>,
    /// S3 bucket of the package, in the function's region. Goes with `s3Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub s3_bucket: Option<String>,
    /// S3 key of the package. Goes with `s3Bucket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub s3_key: Option<String>,
    /// Version of the S3 object, in a bucket with versioning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub s3_object_version: Option<String>,
    /// Code that Kubernetes holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_from: Option<CodeFrom>,
    /// How long the operator waits without alarm before it asks for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
}

/// An instruction set.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    #[serde(rename = "x86_64")]
    #[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
    X86_64,
    #[serde(rename = "arm64")]
    #[allow(missing_docs, reason = "as above")]
    Arm64,
}

impl Architecture {
    /// As AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// Environment variables. Their values are shown nowhere, not even by `{:?}`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Names and values; together at most 4 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::variables")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[a-zA-Z][a-zA-Z0-9_]+$'))").message("names of environment variables must begin with a letter, have at least two characters, and hold only letters, digits and _"))]
    #[x_kube(validation = Rule::new("!self.exists(name, name in ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'])").message("environment variables that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_LAMBDA_…, LAMBDA_…) cannot be set: remove them; the function's credentials come from its role"))]
    pub variables: Option<BTreeMap<String, String>>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.variables.iter().flatten().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

/// Subnets and security groups of the function's network interfaces.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.subnetIds) && size(self.subnetIds) > 0) == (has(self.securityGroupIds) && size(self.securityGroupIds) > 0)").message("subnetIds and securityGroupIds go together: name at least one of each, or none of either"))]
#[serde(rename_all = "camelCase")]
pub struct VpcConfig {
    /// Ids of subnets, at most 16, all of one VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub subnet_ids: Option<Vec<String>>,
    /// Ids of security groups, at most 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub security_group_ids: Option<Vec<String>>,
}

/// Code that Kubernetes holds. The operator makes the package, so that no hash is needed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CodeFrom {
    /// Files by their path in the package, for instance `main.py`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::files")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(path, path != '' && !path.startsWith('/') && !path.contains('..') && !path.endsWith('/'))").message("paths of inline files must be relative, name a file and stay in the package: no leading or trailing /, and no .."))]
    pub inline: Option<BTreeMap<String, String>>,
}

/// Durations such as `90s`, `10m` or `1h30m`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Timeouts {
    /// For a new function. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub create: Option<String>,
    /// For a change. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub update: Option<String>,
    /// For a deletion. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub delete: Option<String>,
}
