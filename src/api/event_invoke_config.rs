//! LambdaFunctionEventInvokeConfig: its spec, its status, and the rules that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::{AliasRef, ClaimRecord, CommonRecord, CommonSpec, CommonStatus, FunctionRef};

/// Desired state of the event invoke configuration: retries, age limit and destinations of asynchronous invocations of a function, a version or an alias. Removing a field restores AWS's default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaFunctionEventInvokeConfig",
    plural = "lambdafunctioneventinvokeconfigs",
    singular = "lambdafunctioneventinvokeconfig",
    shortname = "leic",
    category = "aws",
    namespaced,
    status = "LambdaFunctionEventInvokeConfigStatus",
    derive = "PartialEq",
    doc = "LambdaFunctionEventInvokeConfig manages how AWS Lambda handles asynchronous invocations of a function, a version or an alias, and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Qualifier", type_ = "string", json_path = ".status.qualifier"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Retries", type_ = "integer", json_path = ".spec.maximumRetryAttempts", priority = 1),
    printcolumn(name = "On-Failure", type_ = "string", json_path = ".spec.destinationConfig.onFailure.destination", priority = 1),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, an event invoke configuration cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.functionRef), has(self.aliasRef), has(self.functionName) && self.functionName != ''].filter(named, named).size() == 1")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef (a LambdaAlias of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new("has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed, an event invoke configuration cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("has(self.aliasRef) == has(oldSelf.aliasRef) && (!has(self.aliasRef) || self.aliasRef == oldSelf.aliasRef)")
        .message("aliasRef cannot be changed, an event invoke configuration cannot move to another alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed, an event invoke configuration cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.qualifier) && self.qualifier != '' ? self.qualifier : '$LATEST') == (has(oldSelf.qualifier) && oldSelf.qualifier != '' ? oldSelf.qualifier : '$LATEST')")
        .message("qualifier cannot be changed, an event invoke configuration cannot move to another version or alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("!has(self.aliasRef) || !has(self.qualifier) || self.qualifier == ''")
        .message("aliasRef names the alias: remove qualifier"),
    validation = Rule::new("has(self.functionName) && self.functionName != '' || !has(self.region) || self.region == ''")
        .message("the region is the one of the LambdaFunction or LambdaAlias that the spec names: remove region"),
    validation = Rule::new("has(self.maximumEventAgeInSeconds) || has(self.maximumRetryAttempts) || (has(self.destinationConfig) && ((has(self.destinationConfig.onSuccess) && self.destinationConfig.onSuccess.destination != '') || (has(self.destinationConfig.onFailure) && self.destinationConfig.onFailure.destination != '')))")
        .message("set at least one of maximumEventAgeInSeconds, maximumRetryAttempts and a destination; to restore AWS's defaults, delete this object")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionEventInvokeConfigSpec {
    /// LambdaFunction in this object's namespace that the event invoke configuration belongs to; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// LambdaAlias in this object's namespace that the event invoke configuration belongs to; it also determines the function. Set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Version or alias that the event invoke configuration applies to: the number of a version, the name of an alias, or `$LATEST`. Default: `$LATEST`, which means invocations without a qualifier. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new(r"self.matches('^([$]LATEST([.]PUBLISHED)?|[a-zA-Z0-9_-]*)$')").message("qualifier must be the number of a version, the name of an alias, or $LATEST"))]
    pub qualifier: Option<String>,
    /// Longest time in seconds that Lambda keeps an asynchronous invocation in its queue, 60 to 21600. Default and when removed: 21600 (6 hours).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60, max = 21600))]
    pub maximum_event_age_in_seconds: Option<i32>,
    /// Number of times that Lambda retries an asynchronous invocation that failed, 0 to 2. Default and when removed: 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2))]
    pub maximum_retry_attempts: Option<i32>,
    /// Destinations of the records that Lambda sends after asynchronous invocations. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<DestinationConfig>,
    /// Fields that others manage once the event invoke configuration exists: the operator sets them at creation, and neither compares nor changes them afterwards. Default: none. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredEventInvokeConfigField>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// Destinations of the records that Lambda sends after asynchronous invocations.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DestinationConfig {
    /// Destination of the records of invocations that succeeded. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("!self.destination.matches('^arn:[^:]*:s3:')").message("onSuccess cannot be a bucket, because AWS accepts a bucket only in onFailure: name a queue, a topic, a function or an event bus"))]
    pub on_success: Option<Destination>,
    /// Destination of the records of invocations that failed in every attempt or became too old. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Destination>,
}

/// Destination of the records of invocations.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    /// ARN of an SQS queue, an SNS topic, a Lambda function or an EventBridge event bus; in `onFailure` also of an S3 bucket. The function's role needs the permission to send to it. Empty: no destination.
    #[schemars(length(max = 350))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^arn:[a-z0-9-]+:[a-zA-Z0-9-]+:[a-z0-9-]*:[0-9]*:.+$')").message("destination must be an ARN, for instance arn:aws:sqs:eu-west-1:123456789012:failed"))]
    pub destination: String,
}

/// A field of the spec that `ignoreChanges` can name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredEventInvokeConfigField {
    MaximumEventAgeInSeconds,
    MaximumRetryAttempts,
    DestinationConfig,
}

/// Observed state of the event invoke configuration.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionEventInvokeConfigStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// Version or alias that the event invoke configuration applies to, fixed before it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "EventInvokeConfigRecord::is_empty")]
    pub record: EventInvokeConfigRecord,
}

/// Records of earlier reconciles. If they are lost, ownership of the event invoke configuration is decided again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EventInvokeConfigRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// The claim to the event invoke configuration.
    #[serde(flatten)]
    pub claim: ClaimRecord,
}

impl EventInvokeConfigRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
