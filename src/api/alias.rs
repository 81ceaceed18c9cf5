//! LambdaAlias: its spec, its status, and the rules that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;
use super::shared::{ClaimRecord, CommonRecord, CommonSpec, CommonStatus, FunctionRef};

/// Desired state of the alias: a name that points to one version of a function, or to two with weights. Removing a field restores AWS's default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaAlias",
    plural = "lambdaaliases",
    singular = "lambdaalias",
    shortname = "lalias",
    category = "aws",
    namespaced,
    status = "LambdaAliasStatus",
    derive = "PartialEq",
    doc = "LambdaAlias manages one alias of an AWS Lambda function and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Alias", type_ = "string", json_path = ".status.name"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.functionVersion"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Weights", type_ = "string", json_path = ".status.additionalVersionWeights", priority = 1),
    validation = Rule::new("(has(self.spec.name) && self.spec.name != '') || (size(self.metadata.name) <= 128 && !self.metadata.name.contains('.') && !self.metadata.name.matches('^[0-9]+$'))")
        .message("metadata.name is not a name that Lambda allows for an alias (at most 128 letters, digits, - or _, not digits alone): set spec.name, or rename the object"),
    validation = Rule::new("(has(self.spec.name) && self.spec.name != '' ? self.spec.name : self.metadata.name) == (has(oldSelf.spec.name) && oldSelf.spec.name != '' ? oldSelf.spec.name : oldSelf.metadata.name)")
        .message("spec.name cannot be changed, AWS has no rename: put the old name back, or delete this object and create one with the new name"),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, an alias cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("has(self.functionRef) != (has(self.functionName) && self.functionName != '')")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new("has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed, an alias cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed, an alias cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("!has(self.functionRef) || !has(self.region) || self.region == ''")
        .message("the region is the one of the LambdaFunction that functionRef names: remove region"),
    validation = Rule::new("(has(self.functionVersion) && self.functionVersion != '') != has(self.functionVersionFrom)")
        .message("set exactly one of functionVersion (a number, or $LATEST) and functionVersionFrom (Published)"),
    validation = Rule::new("!has(self.functionVersionFrom) || has(self.functionRef)")
        .message("functionVersionFrom follows a LambdaFunction: set functionRef, or name the version in functionVersion"),
    validation = Rule::new("!has(self.routingConfig) || !has(self.routingConfig.additionalVersionWeights) || size(self.routingConfig.additionalVersionWeights) == 0 || !has(self.functionVersion) || !self.functionVersion.startsWith('$LATEST')")
        .message("$LATEST cannot share calls with another version: name a published version in functionVersion, or remove routingConfig"),
    validation = Rule::new("!has(self.routingConfig) || !has(self.routingConfig.additionalVersionWeights) || !has(self.functionVersion) || !(self.functionVersion in self.routingConfig.additionalVersionWeights)")
        .message("additionalVersionWeights names the version that functionVersion names already: name another version, or remove routingConfig")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaAliasSpec {
    /// LambdaFunction in this object's namespace that the alias belongs to; set exactly one of `functionRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionName` and `functionRef`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Name of the alias in AWS: 1 to 128 letters, digits, hyphens or underscores, not digits alone. Default: metadata.name. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$') && !self.matches('^[0-9]+$')").message("name must be 1 to 128 letters, digits, - or _, and not digits alone, which would be a version"))]
    pub name: Option<String>,
    /// Version that the alias points to: a number in quotes, or `$LATEST`; set exactly one of `functionVersion` and `functionVersionFrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    #[x_kube(validation = Rule::new(r"self.matches('^([0-9]+|[$]LATEST|[$]LATEST[.]PUBLISHED)?$')").message("functionVersion must be the number of a published version, in quotes, or $LATEST"))]
    pub function_version: Option<String>,
    /// Source of the version. `Published`: the alias follows the newest version that the LambdaFunction published (its `status.version`), once that version is ready. The LambdaFunction needs `publish: true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_version_from: Option<VersionSource>,
    /// Description of the alias, at most 256 characters. Default and when removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// Routing of a share of the invocations to a second version. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub routing_config: Option<RoutingConfig>,
    /// Fields that others change once the alias exists, for instance a pipeline that moves it: the operator sets them at creation, and then neither compares nor changes them. If a pipeline moves the alias, name both `functionVersion` and `routingConfig`. `functionVersion` covers `functionVersionFrom` too. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredAliasField>>,
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
pub enum IgnoredAliasField {
    FunctionVersion,
    RoutingConfig,
    Description,
}

/// Source of the version that an alias points to.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum VersionSource {
    Published,
}

/// Routing of a share of the invocations to a second version.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RoutingConfig {
    /// Second version, by its number, and its share of the invocations: a decimal from 0 to 1, in quotes, such as `"0.1"`. The version that the alias points to gets the rest. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::weights")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(version, version.matches('^[0-9]+$'))").message("additionalVersionWeights must name published versions by their numbers"))]
    #[x_kube(validation = Rule::new("self.all(version, self[version].matches('^(0([.][0-9]+)?|1([.]0+)?)$'))").message("weights must be decimals from 0 to 1, in quotes, for instance \"0.1\""))]
    pub additional_version_weights: Option<BTreeMap<String, String>>,
}

/// Observed state of the alias.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaAliasStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// ARN by which API Gateway invokes the alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_arn: Option<String>,
    /// Name of the alias in AWS, fixed before the alias is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Version that the alias points to, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_version: Option<String>,
    /// Second version and its share of the invocations, as AWS reports it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub additional_version_weights: BTreeMap<String, String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "AliasRecord::is_empty")]
    pub record: AliasRecord,
}

/// Records of earlier reconciles. If they are lost, ownership of the alias is decided again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AliasRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// The claim to the alias.
    #[serde(flatten)]
    pub claim: ClaimRecord,
    /// Version that the alias pointed to before its last move. While AWS moves provisioned concurrency, it gives that version a weight, which is not drift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
}

impl AliasRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
