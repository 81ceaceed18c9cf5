//! LambdaFunctionUrl: its spec, its status, and the rules that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::permission::UrlAuthType;
use super::shared::{AliasRef, ClaimRecord, CommonRecord, CommonSpec, CommonStatus, FunctionRef};

/// Desired state of the function URL: an HTTPS address that invokes a function or one of its aliases. Removing a field restores AWS's default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaFunctionUrl",
    plural = "lambdafunctionurls",
    singular = "lambdafunctionurl",
    shortname = "lurl",
    category = "aws",
    namespaced,
    status = "LambdaFunctionUrlStatus",
    derive = "PartialEq",
    doc = "LambdaFunctionUrl manages the URL of an AWS Lambda function, or of one of its aliases, and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Qualifier", type_ = "string", json_path = ".status.qualifier"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.functionUrl"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Authorization", type_ = "string", json_path = ".spec.authorizationType", priority = 1),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, a function URL cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.functionRef), has(self.aliasRef), has(self.functionName) && self.functionName != ''].exists_one(set, set)")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef (a LambdaAlias of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new("has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed, a function URL cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("has(self.aliasRef) == has(oldSelf.aliasRef) && (!has(self.aliasRef) || self.aliasRef == oldSelf.aliasRef)")
        .message("aliasRef cannot be changed, a function URL cannot move to another alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed, a function URL cannot move to another function: put the old one back, or delete this object and create another"),
    validation = Rule::new("(has(self.qualifier) ? self.qualifier : '') == (has(oldSelf.qualifier) ? oldSelf.qualifier : '')")
        .message("qualifier cannot be changed, a function URL cannot move to another alias: put the old one back, or delete this object and create another"),
    validation = Rule::new("!has(self.aliasRef) || !has(self.qualifier) || self.qualifier == ''")
        .message("the qualifier is the alias that aliasRef names: remove qualifier"),
    validation = Rule::new("!(has(self.functionRef) || has(self.aliasRef)) || !has(self.region) || self.region == ''")
        .message("the region is the one of the object that functionRef or aliasRef names: remove region")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionUrlSpec {
    /// LambdaFunction in this object's namespace that the URL invokes; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// LambdaAlias in this object's namespace that the URL invokes; set exactly one of `aliasRef`, `functionRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionName`, `functionRef` and `aliasRef`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Alias that the URL invokes. Default: none, the URL invokes the unqualified function. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$') && !self.matches('^[0-9]+$')").message("qualifier must be the name of an alias: AWS has no URL of a version or of $LATEST"))]
    pub qualifier: Option<String>,
    /// Authorization of callers. `AWS_IAM`: callers sign their requests, and need the permission `lambda:InvokeFunctionUrl`. `NONE`: everyone may call; the operator adds the two statements to the function's policy that AWS requires for that, and removes them with the URL or with this type.
    pub authorization_type: UrlAuthType,
    /// Mode of the answer. `BUFFERED`: the answer is sent when it is complete. `RESPONSE_STREAM`: the answer is sent while the function writes it. Default and when removed: BUFFERED.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_mode: Option<InvokeMode>,
    /// Cross-origin resource sharing (CORS): the answers to browsers that call from pages of other sites. Default and when removed: none, browsers refuse such calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub cors: Option<Cors>,
    /// Fields that others change once the URL exists: the operator sets them at creation, and then neither compares nor changes them. `publicAccess` stands for the two statements in the policy that the type `NONE` needs: the operator then neither adds nor removes them until the object is deleted. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredUrlField>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// Mode of the answer.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum InvokeMode {
    #[serde(rename = "BUFFERED")]
    Buffered,
    #[serde(rename = "RESPONSE_STREAM")]
    ResponseStream,
}

/// Answers to browsers that call from pages of other sites. The order of the lists does not matter.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    /// If true, browsers may send cookies and other credentials. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    /// Names of headers that browsers may send; the case of letters does not matter. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100), inner(length(max = 1024)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub allow_headers: Option<Vec<String>>,
    /// HTTP methods that browsers may use: `GET`, `PUT`, `HEAD`, `POST`, `PATCH`, `DELETE`, or `*`. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6), inner(length(max = 6)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(method, method in ['GET', 'PUT', 'HEAD', 'POST', 'PATCH', 'DELETE', '*'])").message("allowMethods must name GET, PUT, HEAD, POST, PATCH, DELETE or *"))]
    pub allow_methods: Option<Vec<String>>,
    /// Sites whose pages may call, such as `https://shop.example`, or `*`. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 253)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub allow_origins: Option<Vec<String>>,
    /// Names of headers of the answer that pages may read; the case of letters does not matter. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100), inner(length(max = 1024)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub expose_headers: Option<Vec<String>>,
    /// Time in seconds for which browsers keep these answers, 0 to 86400. Default and when removed: the browser's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86400))]
    pub max_age: Option<i32>,
}

/// A field of the spec that `ignoreChanges` can name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredUrlField {
    AuthorizationType,
    InvokeMode,
    Cors,
    PublicAccess,
}

/// Observed state of the function URL.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionUrlStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// Alias that the URL invokes, fixed before the URL is created; absent for the unqualified function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// Address of the URL. It stays the same as long as the URL exists; a URL that is created again has another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_url: Option<String>,
    /// Id of the URL, the first part of its host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_id: Option<String>,
    /// Time at which AWS created the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "UrlRecord::is_empty")]
    pub record: UrlRecord,
}

/// Records of earlier reconciles. If they are lost, ownership of the URL is decided again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct UrlRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// The claim to the URL.
    #[serde(flatten)]
    pub claim: ClaimRecord,
}

impl UrlRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
