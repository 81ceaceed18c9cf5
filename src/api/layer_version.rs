//! LambdaLayerVersion: spec, status, and every rule that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::function::code::{Architecture, CodeFrom};
use super::shared::{CommonRecord, CommonSpec, CommonStatus};

/// Desired state of the newest version of the layer. A version of a layer cannot be changed, so the operator publishes a new one when the package or a field of the version changes. Removing a field restores AWS's default.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaLayerVersion",
    plural = "lambdalayerversions",
    singular = "lambdalayerversion",
    shortname = "llv",
    category = "aws",
    namespaced,
    status = "LambdaLayerVersionStatus",
    derive = "PartialEq",
    doc = "LambdaLayerVersion manages the versions of one layer of AWS Lambda: it publishes the newest one from this spec and keeps or deletes older ones.",
    selectable = ".spec.layerName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Layer", type_ = "string", json_path = ".status.layerArn"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Created", type_ = "string", json_path = ".status.createdDate", priority = 1),
    validation = Rule::new("(has(self.spec.layerName) && self.spec.layerName != '') || (size(self.metadata.name) <= 140 && !self.metadata.name.contains('.'))")
        .message("metadata.name is not a name that Lambda allows for a layer (at most 140 letters, digits, - or _; no dots): set spec.layerName, or rename the object"),
    validation = Rule::new("(has(self.spec.layerName) && self.spec.layerName != '' ? self.spec.layerName : self.metadata.name) == (has(oldSelf.spec.layerName) && oldSelf.spec.layerName != '' ? oldSelf.spec.layerName : oldSelf.metadata.name)")
        .message("spec.layerName cannot be changed, AWS has no rename: put the old name back, or delete this object and create one with the new name"),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, a layer cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("[has(self.filename) && self.filename != '', has(self.s3Bucket) && self.s3Bucket != '', has(self.codeFrom) && ((has(self.codeFrom.inline) && size(self.codeFrom.inline) > 0) || has(self.codeFrom.configMapRef) || has(self.codeFrom.secretRef))].filter(source, source).size() == 1")
        .message("set exactly one source of the package: filename, s3Bucket with s3Key, or codeFrom"),
    validation = Rule::new("(has(self.s3Bucket) && self.s3Bucket != '') == (has(self.s3Key) && self.s3Key != '')")
        .message("s3Bucket and s3Key go together: set both, or neither"),
    validation = Rule::new("!has(self.s3ObjectVersion) || self.s3ObjectVersion == '' || (has(self.s3Bucket) && self.s3Bucket != '')")
        .message("s3ObjectVersion is the version of an S3 object: set s3Bucket and s3Key too, or remove it")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaLayerVersionSpec {
    /// Name of the layer in AWS: 1 to 140 letters, digits, hyphens or underscores. Default: metadata.name. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 140))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("layerName must be 1 to 140 letters, digits, - or _: the name alone, not an ARN, and without dots"))]
    pub layer_name: Option<String>,
    /// Source of the package in Kubernetes: files written out, a ConfigMap or a Secret. Set exactly one of `codeFrom`, `filename` and `s3Bucket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub code_from: Option<CodeFrom>,
    /// Path of a zip file in the operator's package folder (flag `--package-dir`), relative to that folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.startsWith('/') && !self.contains('..') && !self.matches(r'\\p{Cc}')").message("filename is a path within the operator's package folder: no leading /, no .. and no control characters"))]
    pub filename: Option<String>,
    /// Name of the S3 bucket, in the layer's region, that holds the package; needs `s3Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[0-9A-Za-z._-]{2,62}[0-9A-Za-z_-]$')").message("s3Bucket must be the bucket's name alone: 3 to 63 letters, digits, ., - or _, without s3:// and without the key"))]
    pub s3_bucket: Option<String>,
    /// Key of the package in the S3 bucket; needs `s3Bucket`. A new package under the same key is noticed only by `s3ObjectVersion` or `sourceCodeHash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.matches(r'\\p{Cc}')").message("s3Key must not contain control characters"))]
    pub s3_key: Option<String>,
    /// Version id of the S3 object, in a bucket with versioning. Default and when removed: the newest version when the operator publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub s3_object_version: Option<String>,
    /// Publication trigger: any text; when it changes, a package in S3 is published again. It has no effect on `filename` and `codeFrom`, which are compared by their contents. The base64 SHA-256 of the package lets an adopted version with the same hash count as this package. When removed: a package in S3 is published once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.matches(r'\\p{Cc}')").message("sourceCodeHash must not contain control characters"))]
    pub source_code_hash: Option<String>,
    /// Runtimes that the layer is made for, at most 15, such as `python3.13`, in any order. AWS shows them and does not enforce them. A change publishes a new version. Default and when removed: none are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 15), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(runtime, runtime.matches('^[a-z0-9.-]+$'))").message("compatibleRuntimes must be AWS's identifiers, in lower case, for instance python3.13"))]
    pub compatible_runtimes: Option<Vec<String>>,
    /// Instruction sets that the layer is made for, `x86_64`, `arm64` or both. A change publishes a new version. Default and when removed: none are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub compatible_architectures: Option<Vec<Architecture>>,
    /// Description of the version, at most 256 characters. A change publishes a new version. Default and when removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// License of the layer, at most 512 characters: an SPDX identifier such as `MIT`, a URL, or the whole text. A change publishes a new version. Default and when removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub license_info: Option<String>,
    /// Number of versions that this object keeps, 1 to 1000, the newest included. When the newest is ready, the operator deletes older ones that this object published. With `skipDestroy` it deletes none. Default and when removed: all versions stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub retain_versions: Option<i32>,
    /// Statements that let other accounts use the newest version, at most 20. The operator adds them to each version that it publishes; older versions keep theirs. Statements that are not in this list are left as they are. When removed: the operator removes its statements from every version that it keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = MOST_PERMISSIONS))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["statementId".into()]))]
    pub permissions: Option<Vec<LayerPermission>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// A statement of the policy of a layer version, which allows the action `lambda:GetLayerVersion`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.organizationId) || self.organizationId == '' || self.principal == '*'").message("organizationId limits the principal *: set principal: \"*\", or remove organizationId"))]
pub struct LayerPermission {
    /// Id of the statement in the policy (`Sid`): 1 to 100 letters, digits, hyphens or underscores. Another id is another statement.
    #[schemars(length(min = 1, max = 100))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]+$')").message("statementId must be 1 to 100 letters, digits, - or _"))]
    pub statement_id: String,
    /// Account that may use the layer: 12 digits in quotes, the ARN of the account's root, or `*` for every account. `*` without `organizationId` makes the version public.
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^([0-9]{12}|[*]|arn:aws[a-zA-Z-]*:iam::[0-9]{12}:root)$')").message("principal must be an account number of 12 digits in quotes, the ARN of an account's root, or *"))]
    pub principal: String,
    /// Id of the organization (`o-…`) whose accounts may use the layer; it needs the principal `*`. Default and when removed: no restriction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 34))]
    #[x_kube(validation = Rule::new("self.matches('^(o-[a-z0-9]{10,32})?$')").message("organizationId must be the id of an organization, such as o-a1b2c3d4e5"))]
    pub organization_id: Option<String>,
}

/// Observed state of the newest version of the layer.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaLayerVersionStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// ARN of the layer, without a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer_arn: Option<String>,
    /// Number of the newest version that is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Numbers of the older versions that this object published and that it keeps, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub older_versions: Vec<String>,
    /// Base64 SHA-256 of the package, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// Size of the package in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_code_size: Option<i64>,
    /// Time at which the version was published, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_date: Option<String>,
    /// ARN of the signing job of a signed package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_job_arn: Option<String>,
    /// ARN of the version of the signing profile of a signed package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_profile_version_arn: Option<String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "LayerRecord::is_empty")]
    pub record: LayerRecord,
}

/// Records of earlier reconciles. AWS has no tags for layers, so they alone tell which versions this object published. If they are lost, the object needs `adoptionPolicy: Adopt`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LayerRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// Numbers of the newest 1000 versions that this object published or took over, and did not delete. Still older ones stay in AWS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub versions: Vec<i64>,
    /// Number of the newest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<i64>,
    /// Newest generation whose members and package the newest version has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_generation: Option<i64>,
    /// Identity of the package of the newest version. A Secret is identified by its uid and resourceVersion, never by its contents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Hash of each member of the newest version, as it was published.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Statements that this object added to the policies of its versions, or began to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub statements: Vec<RecordedStatement>,
    /// Publication that was begun and that AWS has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishing: Option<Publishing>,
}

/// Publication that was begun, written before the call, by which its version is found again if the answer is lost.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Publishing {
    /// Number of the newest version before the call; 0 for none.
    pub after: i64,
    /// Time just before the call.
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub since: Timestamp,
    /// Identity of the package.
    pub source: String,
    /// Base64 SHA-256 of the package, where it is known and the package is not from a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// Hash of each member that was sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Fate of the call, once it is known: `Lost` (no usable answer) or `Refused` (AWS published nothing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fate: Option<Fate>,
}

/// Statement that this object added to the policies of its versions. Only such statements are changed and removed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct RecordedStatement {
    /// Id of the statement.
    pub id: String,
    /// Hash of its contents.
    pub hash: String,
    /// Numbers of the versions whose policies have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub versions: Vec<i64>,
    /// Numbers of the versions to which it was sent, and for which AWS has not answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub unanswered: Vec<i64>,
}

/// Fate of a publication without a version.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum Fate {
    Lost,
    Refused,
}

/// The most statements of a spec.
pub const MOST_PERMISSIONS: usize = 20;

/// The most versions that are recorded.
pub const MOST_VERSIONS: usize = 1000;

impl LayerRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
