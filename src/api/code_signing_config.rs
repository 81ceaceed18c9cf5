//! LambdaCodeSigningConfig: spec, status, and every rule that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;
use super::shared::{AdoptedFrom, CommonRecord, CommonSpec, CommonStatus};

/// Desired state of the code signing configuration: the signing profiles that functions trust, and the treatment of other packages. An unset field has AWS's default, and removing a field restores that default.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaCodeSigningConfig",
    plural = "lambdacodesigningconfigs",
    singular = "lambdacodesigningconfig",
    shortname = "lcsc",
    category = "aws",
    namespaced,
    status = "LambdaCodeSigningConfigStatus",
    derive = "PartialEq",
    doc = "LambdaCodeSigningConfig manages one code signing configuration of AWS Lambda and keeps it in sync with this spec.",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Id", type_ = "string", json_path = ".status.configId"),
    printcolumn(name = "Untrusted", type_ = "string", json_path = ".status.untrustedArtifactOnDeployment"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    validation = Rule::new("size(self.metadata.name) <= 127")
        .message("metadata.name must have at most 127 characters: it is part of the owner tag in AWS, which holds 256"),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, a code signing configuration cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new("(has(self.arn) ? self.arn : '') == (has(oldSelf.arn) ? oldSelf.arn : '')")
        .message("arn cannot be changed, the object keeps its code signing configuration: put the old value back, or delete this object and create another"),
    validation = Rule::new("!has(self.adoptFrom) || self.adoptFrom == '' || (has(self.arn) && self.arn != '')")
        .message("adoptFrom needs to know which code signing configuration is taken over: set arn")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaCodeSigningConfigSpec {
    /// Signing profiles that functions trust. Cannot be removed.
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub allowed_publishers: AllowedPublishers,
    /// Treatment of packages without a valid signature. Default and when removed: `Warn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub policies: Option<Policies>,
    /// Description of the code signing configuration, at most 256 characters. Default and when removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// Tags of the code signing configuration, at most 49 together with the default tags of the namespace and the operator. Keys that begin with `aws:` or `lambda-operator.io/` are reserved. When removed: the tags are removed from the code signing configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::tags")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^(?i:[\\\\s\\\\p{Z}]*(aws:|lambda-operator\\\\.io/|$))'))").message("tag keys must not be empty and must not begin with aws: or lambda-operator.io/, which are reserved: rename the tag"))]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^[\\\\s\\\\p{Z}]|[\\\\s\\\\p{Z}]$'))").message("tag keys must not begin or end with white space: remove it"))]
    #[x_kube(validation = Rule::new("self.all(key, size(key) <= 128)").message("tag keys must have at most 128 characters: shorten the key"))]
    #[x_kube(validation = Rule::new(schema::TAG_KEYS).message("tag keys must hold only letters, digits, spaces and _ . : / = + - @: rename the tag"))]
    pub tags: Option<BTreeMap<String, String>>,
    /// ARN of an existing code signing configuration that this object takes over, with `adoptionPolicy: Adopt` or `adoptFrom`. The namespace's annotation `lambda-operator.io/allowed-code-signing-configs` must allow it, because every function that uses it follows its changes. Default: none, the operator creates one. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self == '' || (self.startsWith('arn:') && self.contains(':code-signing-config:csc-'))").message("arn must be the whole ARN of a code signing configuration"))]
    pub arn: Option<String>,
    /// Owner from which the code signing configuration is taken over, once: the exact value `cluster/namespace/name` of its tag `lambda-operator.io/owner`. If the owner's object exists, it must agree by the annotation `lambda-operator.io/hand-over-to: <namespace>/<name of this object>`. If it is gone and was in another namespace, the namespace's annotation `lambda-operator.io/allow-adoption: "true"` is needed. Default and when removed: no owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[^/]+/[^/]+/[^/]+$')").message("adoptFrom must be the whole owner, cluster/namespace/name: the value of the tag lambda-operator.io/owner"))]
    pub adopt_from: Option<String>,
    /// Fields that others change once the code signing configuration exists: the operator sets them at creation, and then neither compares nor changes them. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredSigningField>>,
    /// Keys of tags that others manage, at most 50; a `*` at the end matches any rest, as in `cost:*`. The operator neither changes nor removes a tag that matches this list or its flag `--ignore-tags`. When removed: such tags are removed, unless `tags` names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 129)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new(schema::TAG_PATTERNS).message("ignoreTags must hold keys of tags, or their beginnings with a * at the end: letters, digits, spaces and _ . : / = + - @"))]
    #[x_kube(validation = Rule::new("self.all(key, !key.startsWith('aws:') && !key.startsWith('lambda-operator.io/'))").message("ignoreTags must not name aws: or lambda-operator.io/: AWS's own tags are left alone anyway, and the operator's own cannot be"))]
    pub ignore_tags: Option<Vec<String>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}

/// Signing profiles that functions trust.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AllowedPublishers {
    /// ARNs of signing profile versions of AWS Signer, 1 to 20, in any order. Functions trust packages that are signed with one of them.
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 1024)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(one, one.matches('^arn:[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:[0-9]*:.+$'))").message("signingProfileVersionArns must hold whole ARNs of versions of signing profiles"))]
    pub signing_profile_version_arns: Vec<String>,
}

/// Treatment of packages without a valid signature.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Policies {
    /// Treatment of a package whose signature is missing, expired, revoked or of another publisher: `Warn` deploys it and counts a warning, `Enforce` refuses it. Default and when removed: `Warn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Z][A-Za-z]*$') || self == ''").message("untrustedArtifactOnDeployment must be Warn or Enforce"))]
    pub untrusted_artifact_on_deployment: Option<String>,
}

/// A field of the spec that `ignoreChanges` can name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredSigningField {
    AllowedPublishers,
    Policies,
    Description,
    Tags,
}

/// Observed state of the code signing configuration.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaCodeSigningConfigStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// Id of the code signing configuration, which AWS assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    /// Treatment of packages without a valid signature, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untrusted_artifact_on_deployment: Option<String>,
    /// Time of the last change, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub last_modified: Option<Timestamp>,
    /// Tags of the code signing configuration when they were last read, without those of AWS and of the operator.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub tags_all: BTreeMap<String, String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "SigningRecord::is_empty")]
    pub record: SigningRecord,
}

/// Records of earlier reconciles. If they are lost, the owner tag finds the code signing configuration again.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SigningRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// ARN of the code signing configuration that this object created or took over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_arn: Option<String>,
    /// Hash of the desired value that AWS last accepted, by member of the API and by tag. A difference is drift only while that value is still desired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Time of the last change that AWS answered. A read that shows an earlier one soon after is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub modified: Option<Timestamp>,
    /// Former owner, and this object, after the code signing configuration was taken over with `adoptFrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<AdoptedFrom>,
}

impl SigningRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
