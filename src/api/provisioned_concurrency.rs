//! LambdaProvisionedConcurrencyConfig: its spec, its status, and the rules that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::{AliasRef, ClaimRecord, CommonRecord, CommonSpec, CommonStatus, FunctionRef};

/// Desired state of the provisioned concurrency: the number of execution environments that Lambda keeps initialized for a version or an alias. Removing a field restores AWS's default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaProvisionedConcurrencyConfig",
    plural = "lambdaprovisionedconcurrencyconfigs",
    singular = "lambdaprovisionedconcurrencyconfig",
    shortname = "lpcc",
    category = "aws",
    namespaced,
    status = "LambdaProvisionedConcurrencyConfigStatus",
    derive = "PartialEq",
    doc = "LambdaProvisionedConcurrencyConfig manages the provisioned concurrency of a version or an alias of an AWS Lambda function and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Qualifier", type_ = "string", json_path = ".status.qualifier"),
    printcolumn(name = "Requested", type_ = "integer", json_path = ".status.requested"),
    printcolumn(name = "Allocated", type_ = "integer", json_path = ".status.allocated"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Available", type_ = "integer", json_path = ".status.available", priority = 1),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, provisioned concurrency cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.functionRef), has(self.aliasRef), has(self.functionName) && self.functionName != ''].filter(named, named).size() == 1")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef (a LambdaAlias of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new("has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed, provisioned concurrency cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("has(self.aliasRef) == has(oldSelf.aliasRef) && (!has(self.aliasRef) || self.aliasRef == oldSelf.aliasRef)")
        .message("aliasRef cannot be changed, provisioned concurrency cannot move to another alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed, provisioned concurrency cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.qualifier) ? self.qualifier : '') == (has(oldSelf.qualifier) ? oldSelf.qualifier : '')")
        .message("qualifier cannot be changed, provisioned concurrency cannot move to another version or alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("has(self.aliasRef) != (has(self.qualifier) && self.qualifier != '')")
        .message("set exactly one of aliasRef (a LambdaAlias of this namespace) and qualifier (the number of a version, or the name of an alias)"),
    validation = Rule::new("has(self.functionName) && self.functionName != '' || !has(self.region) || self.region == ''")
        .message("the region is the one of the LambdaFunction or LambdaAlias that the spec names: remove region")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaProvisionedConcurrencyConfigSpec {
    /// LambdaFunction in this object's namespace that the provisioned concurrency belongs to; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// LambdaAlias in this object's namespace that the provisioned concurrency belongs to; it also determines the function. Set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Version or alias that gets the provisioned concurrency: the number of a published version, in quotes, or the name of an alias; set exactly one of `qualifier` and `aliasRef`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("qualifier must be the number of a published version or the name of an alias: AWS gives $LATEST no provisioned concurrency"))]
    pub qualifier: Option<String>,
    /// Number of execution environments that Lambda keeps initialized, 1 to 1000000. Cannot be removed: to provision none, delete this object.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub provisioned_concurrent_executions: i32,
    /// Fields that others manage once the provisioned concurrency exists, for instance Application Auto Scaling: the operator sets them at creation, and neither compares nor changes them afterwards. Default: none. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredProvisionedConcurrencyField>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// A field of the spec that `ignoreChanges` can name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredProvisionedConcurrencyField {
    ProvisionedConcurrentExecutions,
}

/// Observed state of the provisioned concurrency.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaProvisionedConcurrencyConfigStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// Version or alias that has the provisioned concurrency, fixed before it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// Number of execution environments that are requested in AWS, by this object or by somebody else, such as Application Auto Scaling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<i32>,
    /// Number of execution environments that AWS has allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocated: Option<i32>,
    /// Number of execution environments that are ready for invocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i32>,
    /// State of the allocation in AWS: `IN_PROGRESS`, `READY` or `FAILED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Cause of a failed allocation, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "ProvisionedConcurrencyRecord::is_empty")]
    pub record: ProvisionedConcurrencyRecord,
}

/// Records of earlier reconciles. If they are lost, ownership of the provisioned concurrency is decided again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedConcurrencyRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// The claim to the provisioned concurrency.
    #[serde(flatten)]
    pub claim: ClaimRecord,
}

impl ProvisionedConcurrencyRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
