//! LambdaPermission: its spec, its status, and the rules that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::{AliasRef, ClaimRecord, CommonRecord, CommonSpec, CommonStatus, FunctionRef};

/// Desired state of the permission: one statement in the resource-based policy of a function, version or alias. Removing a field restores AWS's default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaPermission",
    plural = "lambdapermissions",
    singular = "lambdapermission",
    shortname = "lperm",
    category = "aws",
    namespaced,
    status = "LambdaPermissionStatus",
    derive = "PartialEq",
    doc = "LambdaPermission manages one statement of an AWS Lambda function's resource-based policy, which lets a service, an account or a role invoke the function.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Qualifier", type_ = "string", json_path = ".status.qualifier"),
    printcolumn(name = "Principal", type_ = "string", json_path = ".spec.principal"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Statement", type_ = "string", json_path = ".status.statementId", priority = 1),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, a permission cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.functionRef), has(self.aliasRef), has(self.functionName) && self.functionName != ''].exists_one(set, set)")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef (a LambdaAlias of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new("has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed, a permission cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("has(self.aliasRef) == has(oldSelf.aliasRef) && (!has(self.aliasRef) || self.aliasRef == oldSelf.aliasRef)")
        .message("aliasRef cannot be changed, a permission cannot move to another alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed, a permission cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.qualifier) ? self.qualifier : '') == (has(oldSelf.qualifier) ? oldSelf.qualifier : '')")
        .message("qualifier cannot be changed, a permission cannot move to another version or alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.statementId) ? self.statementId : '') == (has(oldSelf.statementId) ? oldSelf.statementId : '')")
        .message("statementId cannot be changed, AWS has no rename: put the old value back, or delete this object and create another"),
    validation = Rule::new("!has(self.aliasRef) || !has(self.qualifier) || self.qualifier == ''")
        .message("the qualifier is the alias that aliasRef names: remove qualifier"),
    validation = Rule::new("!(has(self.functionRef) || has(self.aliasRef)) || !has(self.region) || self.region == ''")
        .message("the region is the one of the object that functionRef or aliasRef names: remove region"),
    validation = Rule::new("!has(self.functionUrlAuthType) || self.action == 'lambda:InvokeFunctionUrl'")
        .message("functionUrlAuthType is for the action lambda:InvokeFunctionUrl alone: change action, or remove functionUrlAuthType"),
    validation = Rule::new("!has(self.invokedViaFunctionUrl) || !self.invokedViaFunctionUrl || self.action == 'lambda:InvokeFunction'")
        .message("invokedViaFunctionUrl is for the action lambda:InvokeFunction alone: change action, or remove invokedViaFunctionUrl"),
    validation = Rule::new("self.principal != '*' || self.action != 'lambda:InvokeFunctionUrl' || has(self.functionUrlAuthType)")
        .message("AWS refuses to let everyone (principal *) invoke a function URL without a condition: set functionUrlAuthType")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaPermissionSpec {
    /// LambdaFunction in this object's namespace whose policy gets the statement; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// LambdaAlias in this object's namespace whose policy gets the statement, so that callers may invoke that alias; set exactly one of `aliasRef`, `functionRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionName`, `functionRef` and `aliasRef`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Alias or number of a published version (in quotes) whose policy gets the statement. Default: none, the statement is for the unqualified function. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("qualifier must be the name of an alias or the number of a published version: AWS has no policy for $LATEST"))]
    pub qualifier: Option<String>,
    /// Id of the statement in the policy (`Sid`): 1 to 100 letters, digits, hyphens or underscores. Default: an id that is derived from the cluster, the namespace and the name of this object; then the operator changes the statement without a moment in which AWS denies calls. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("statementId must be 1 to 100 letters, digits, - or _"))]
    pub statement_id: Option<String>,
    /// Action that the statement allows: `lambda:InvokeFunction`, `lambda:InvokeFunctionUrl`, another action of Lambda, `lambda:*` or `*`.
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^(lambda:[*]|lambda:[a-zA-Z]+|[*])$')").message("action must be lambda:NAME, such as lambda:InvokeFunction, or lambda:*, or *"))]
    pub action: String,
    /// Caller that the statement allows: a service such as `s3.amazonaws.com`, an account number in quotes, the ARN of a role or user, or `*` for everyone.
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new(r"self.matches('^[^\\s]+$')").message("principal must be a service such as s3.amazonaws.com, an account number, the ARN of a role or user, or *, without blanks"))]
    pub principal: String,
    /// ARN of the resource that may invoke the function through the service, such as a bucket or a rule; it can contain `*`. Default and when removed: any resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new(r"self.matches('^(arn:[^\\s]+)?$')").message("sourceArn must be an ARN without blanks"))]
    pub source_arn: Option<String>,
    /// Account of the resource that invokes the function, 12 digits in quotes; use it for buckets, whose ARNs contain no account. Default and when removed: any account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12))]
    #[x_kube(validation = Rule::new("self.matches('^([0-9]{12})?$')").message("sourceAccount must be an account number of 12 digits, in quotes"))]
    pub source_account: Option<String>,
    /// Id of the organization (`o-…`) that the caller belongs to. Default and when removed: no restriction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 34))]
    #[x_kube(validation = Rule::new("self.matches('^(o-[a-z0-9]{10,32})?$')").message("principalOrgId must be the id of an organization, such as o-a1b2c3d4e5"))]
    pub principal_org_id: Option<String>,
    /// Token that the caller must send; for Alexa skills, the skill's id. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9._-]*$')").message("eventSourceToken must be at most 256 letters, digits, dots, - or _"))]
    pub event_source_token: Option<String>,
    /// Authorization type of the function URL that the caller uses: `NONE` or `AWS_IAM`. Needs the action `lambda:InvokeFunctionUrl`. Default and when removed: any type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_url_auth_type: Option<UrlAuthType>,
    /// If true, the caller may invoke the function only through its URL. Needs the action `lambda:InvokeFunction`. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_via_function_url: Option<bool>,
    /// Fields that others change once the statement exists: the operator sets them at creation, and then neither compares nor changes them. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredPermissionField>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// Authorization type of a function URL.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum UrlAuthType {
    #[serde(rename = "NONE")]
    None,
    #[serde(rename = "AWS_IAM")]
    AwsIam,
}

/// A field of the spec that `ignoreChanges` can name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredPermissionField {
    Action,
    Principal,
    SourceArn,
    SourceAccount,
    PrincipalOrgId,
    EventSourceToken,
    FunctionUrlAuthType,
    InvokedViaFunctionUrl,
}

/// Observed state of the permission.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaPermissionStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// Alias or version whose policy holds the statement, fixed before the statement is created; absent for the unqualified function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// Id of the statement in the policy (`Sid`). A derived id alternates between two values, so that a changed statement can be added before the old one is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_id: Option<String>,
    /// Statement as AWS holds it, in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Size of the whole policy in characters, including the statements of others. AWS allows 20,480.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_size: Option<i64>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "PermissionRecord::is_empty")]
    pub record: PermissionRecord,
}

/// Records of earlier reconciles. If they are lost, ownership of the statement is decided again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PermissionRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// The claim to the statement.
    #[serde(flatten)]
    pub claim: ClaimRecord,
    /// Last change of the statement: whether it was in force all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
}

/// The way in which a statement was replaced by a changed one. AWS cannot change a statement.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum Replacement {
    // The new statement was added before the old one was removed.
    WithoutGap,
    // The old one was removed first, because both have the id that the spec names.
    SameId,
    // The old one was removed first, because the policy had no room for both.
    PolicyFull,
}

impl PermissionRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
