//! The desired state of a function, and every rule that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use super::blocks::{
    CapacityProviderConfig, DeadLetterConfig, DurableConfig, EphemeralStorage, FileSystemConfig, ImageConfig, LayerRef,
    LoggingConfig, RuntimeManagementConfig, SnapStart, TenancyConfig, TracingConfig, VpcConfig,
};
use super::code::{Architecture, CodeFrom, CodePolicy};
use super::environment::Environment;
use super::ignored::IgnoredField;
use super::status::LambdaFunctionStatus;
use crate::api::schema;
use crate::api::shared::{CodeSigningConfigRef, CommonSpec};

// Maps, lists and blocks that can be empty are atomic. Otherwise server-side apply turns one that it empties into null,
// which the API server refuses.

/// Desired state of the function. An unset field has AWS's default, and removing a field restores that default, unless the field's description says otherwise.
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
    doc = "LambdaFunction manages one AWS Lambda function and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    selectable = ".spec.region",
    selectable = ".spec.role",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    // Shows whichever of the two fields is set.
    printcolumn(name = "Runtime", type_ = "string", json_path = ".spec['runtime','imageUri']"),
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
    validation = Rule::new("[has(self.filename) && self.filename != '', has(self.imageUri) && self.imageUri != '', has(self.s3Bucket) && self.s3Bucket != '', has(self.codeFrom) && ((has(self.codeFrom.inline) && size(self.codeFrom.inline) > 0) || has(self.codeFrom.configMapRef) || has(self.codeFrom.secretRef))].filter(source, source).size() == 1 || (has(self.codePolicy) && self.codePolicy == 'Initial' && !(has(self.filename) && self.filename != '') && !(has(self.imageUri) && self.imageUri != '') && !(has(self.s3Bucket) && self.s3Bucket != '') && !(has(self.codeFrom) && ((has(self.codeFrom.inline) && size(self.codeFrom.inline) > 0) || has(self.codeFrom.configMapRef) || has(self.codeFrom.secretRef))))")
        .message("set exactly one source of code: filename, imageUri, s3Bucket with s3Key, or codeFrom; none only with codePolicy: Initial"),
    validation = Rule::new("(has(self.s3Bucket) && self.s3Bucket != '') == (has(self.s3Key) && self.s3Key != '')")
        .message("s3Bucket and s3Key go together: set both, or neither"),
    validation = Rule::new("!has(self.s3ObjectVersion) || self.s3ObjectVersion == '' || (has(self.s3Bucket) && self.s3Bucket != '')")
        .message("s3ObjectVersion is the version of an S3 object: set s3Bucket and s3Key too, or remove it"),
    validation = Rule::new("!has(self.s3ObjectStorageMode) || self.s3ObjectStorageMode == '' || (has(self.s3Bucket) && self.s3Bucket != '')")
        .message("s3ObjectStorageMode is about a package in S3: set s3Bucket and s3Key too, or remove it"),
    validation = Rule::new("!has(self.packageType) || ((self.packageType == 'Image') == (has(self.imageUri) && self.imageUri != '')) || (has(self.codePolicy) && self.codePolicy == 'Initial')")
        .message("packageType Image goes with imageUri, and Zip with every other source: make them agree, or remove packageType"),
    validation = Rule::new("(has(self.imageUri) && self.imageUri != '') || (has(self.packageType) && self.packageType == 'Image') || (has(self.runtime) && self.runtime != '' && has(self.handler) && self.handler != '')")
        .message("set runtime (for instance python3.13) and handler (for instance main.handler): a zip package needs both"),
    validation = Rule::new("!((has(self.imageUri) && self.imageUri != '') || (has(self.packageType) && self.packageType == 'Image')) || ((!has(self.runtime) || self.runtime == '') && (!has(self.handler) || self.handler == '') && (!has(self.layers) || size(self.layers) == 0) && (!has(self.layerRefs) || size(self.layerRefs) == 0) && (!has(self.codeSigningConfigArn) || self.codeSigningConfigArn == '') && !has(self.codeSigningConfigRef) && (!has(self.sourceKmsKeyArn) || self.sourceKmsKeyArn == ''))")
        .message("a container image brings its own runtime, handler and libraries and cannot be signed: remove runtime, handler, layers, layerRefs, codeSigningConfigArn, codeSigningConfigRef and sourceKmsKeyArn (imageConfig overrides what the image starts)"),
    validation = Rule::new("!has(self.codeSigningConfigRef) || !has(self.codeSigningConfigArn) || self.codeSigningConfigArn == ''")
        .message("codeSigningConfigRef names the code signing configuration: remove codeSigningConfigArn"),
    validation = Rule::new("(has(self.layers) ? size(self.layers) : 0) + (has(self.layerRefs) ? size(self.layerRefs) : 0) <= 5")
        .message("a function has at most 5 layers: remove some of layers and layerRefs"),
    validation = Rule::new("!has(self.runtimeManagementConfig) || !has(self.runtimeManagementConfig.updateRuntimeOn) || self.runtimeManagementConfig.updateRuntimeOn == '' || !((has(self.imageUri) && self.imageUri != '') || (has(self.packageType) && self.packageType == 'Image'))")
        .message("runtimeManagementConfig is for zip packages, a container image brings its own runtime: remove it"),
    validation = Rule::new("!has(self.logRetentionInDays) || !has(self.loggingConfig) || !has(self.loggingConfig.logGroup) || self.loggingConfig.logGroup == ''")
        .message("logRetentionInDays is about the function's own log group: remove loggingConfig.logGroup, or set the retention where that log group is managed"),
    validation = Rule::new("!has(self.imageConfig) || !((has(self.imageConfig.command) && size(self.imageConfig.command) > 0) || (has(self.imageConfig.entryPoint) && size(self.imageConfig.entryPoint) > 0) || (has(self.imageConfig.workingDirectory) && self.imageConfig.workingDirectory != '')) || (has(self.imageUri) && self.imageUri != '') || (has(self.packageType) && self.packageType == 'Image')")
        .message("imageConfig overrides values of a container image: set imageUri, or remove imageConfig"),
    validation = Rule::new("!has(self.fileSystemConfig) || size(self.fileSystemConfig) == 0 || (has(self.vpcConfig) && has(self.vpcConfig.subnetIds) && size(self.vpcConfig.subnetIds) > 0)")
        .message("a file system is reached through a VPC: set vpcConfig with its subnets, or remove fileSystemConfig"),
    validation = Rule::new("!has(self.replacementSecurityGroupIds) || size(self.replacementSecurityGroupIds) == 0 || (has(self.replaceSecurityGroupsOnDestroy) && self.replaceSecurityGroupsOnDestroy)")
        .message("replacementSecurityGroupIds are used with replaceSecurityGroupsOnDestroy: set it to true, or remove them"),
    validation = Rule::new("has(self.tenancyConfig) == has(oldSelf.tenancyConfig)")
        .message("tenancyConfig cannot be added or removed, AWS fixes it at creation: put it back as it was, or delete this object and create another"),
    validation = Rule::new("has(self.durableConfig) == has(oldSelf.durableConfig)")
        .message("durableConfig cannot be added or removed, AWS fixes it at creation: put it back as it was, or delete this object and create another"),
    validation = Rule::new("has(self.capacityProviderConfig) == has(oldSelf.capacityProviderConfig)")
        .message("capacityProviderConfig cannot be added or removed, AWS fixes it at creation: put it back as it was, or delete this object and create another"),
    validation = Rule::new("((has(self.imageUri) && self.imageUri != '') || (has(self.packageType) && self.packageType == 'Image')) == ((has(oldSelf.imageUri) && oldSelf.imageUri != '') || (has(oldSelf.packageType) && oldSelf.packageType == 'Image'))")
        .message("a function cannot change between zip and image: put the old source back, or delete this object and create another")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionSpec {
    /// Name of the function in AWS: 1 to 64 letters, digits, hyphens or underscores. Default: metadata.name. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without dots"))]
    pub function_name: Option<String>,
    /// ARN of the IAM role that the function runs as (its execution role).
    #[schemars(length(min = 1, max = 640))]
    #[x_kube(validation = Rule::new("self.matches('^arn:[a-zA-Z0-9-]*:iam::[0-9]{12}:role/?[a-zA-Z0-9_+=,.@/-]+$')").message("role must be the role's whole ARN, for instance arn:aws:iam::123456789012:role/NAME"))]
    pub role: String,
    /// Language runtime of a zip package, for instance `python3.13`. Zip packages need it and images do not take it. AWS decides which runtimes it still accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9.-]*$')").message("runtime must be one of AWS's identifiers, in lower case, for instance python3.13"))]
    pub runtime: Option<String>,
    /// Entry point within the code of a zip package, for instance `main.handler`. Zip packages need it and images do not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("!self.matches(r'[ \\p{Cc}]')").message("handler must not contain spaces or control characters"))]
    pub handler: Option<String>,
    /// Description of the function, at most 256 characters. Default and when removed: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("!self.matches(r'[^\\P{Cc}\\n\\r\\t]')").message("description must not contain control characters other than tabs and ends of lines"))]
    pub description: Option<String>,
    /// Memory in MB, 128 to 32768 (over 10240 only on managed instances, which have at least 2048); CPU grows with it. Default and when removed: 128, on managed instances 2048.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 128, max = 32768))]
    pub memory_size: Option<i32>,
    /// Time limit of one invocation in seconds, 1 to 5400 (over 900 only on managed instances). Default and when removed: 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5400))]
    pub timeout: Option<i32>,
    /// Instruction set of the function: a list with either `x86_64` or `arm64`. Default: x86_64. When removed: the function keeps the one it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub architectures: Option<Vec<Architecture>>,
    /// Environment variables of the function, written out or read from Secrets and ConfigMaps. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub environment: Option<Environment>,
    /// ARNs of the function's layer versions, at most 5; a later one overrides files of an earlier one. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 256)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(arn, arn.startsWith('arn:') && (arn.contains(':awslayer:') || arn.matches(':layer:[a-zA-Z0-9_-]+:[0-9]+$')))").message("layers must be whole ARNs of layer versions, each with its number at the end (arn:aws:lambda:REGION:ACCOUNT:layer:NAME:3)"))]
    pub layers: Option<Vec<String>>,
    /// LambdaLayerVersions in this object's namespace whose newest versions the function gets, after those of `layers`; at most 5 layers in all, and a later one overrides files of an earlier one. The function waits until each is Ready, and follows each new version. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub layer_refs: Option<Vec<LayerRef>>,
    /// VPC that the function is attached to, by subnets and security groups. When removed: the function is detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub vpc_config: Option<VpcConfig>,
    /// Tags of the function, at most 49 together with the default tags of the namespace and the operator. Keys that begin with `aws:` or `lambda-operator.io/` are reserved. When removed: the tags are removed from the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::tags")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^(?i:[\\\\s\\\\p{Z}]*(aws:|lambda-operator\\\\.io/|$))'))").message("tag keys must not be empty and must not begin with aws: or lambda-operator.io/, which are reserved: rename the tag"))]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^[\\\\s\\\\p{Z}]|[\\\\s\\\\p{Z}]$'))").message("tag keys must not begin or end with white space: remove it"))]
    #[x_kube(validation = Rule::new("self.all(key, size(key) <= 128)").message("tag keys must have at most 128 characters: shorten the key"))]
    #[x_kube(validation = Rule::new(schema::TAG_KEYS).message("tag keys must hold only letters, digits, spaces and _ . : / = + - @: rename the tag"))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Concurrent executions reserved for the function, -1 to 1000000; 0 stops all invocations, -1 reserves none. Default and when removed: none are reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 1_000_000))]
    pub reserved_concurrent_executions: Option<i32>,
    /// If true, the operator publishes a version after each change of code or configuration. Default: false. When removed: published versions stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<bool>,
    /// Name of the S3 bucket that holds the package, in the function's region; needs `s3Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[0-9A-Za-z._-]{2,62}[0-9A-Za-z_-]$')").message("s3Bucket must be the bucket's name alone: 3 to 63 letters, digits, ., - or _, without s3:// and without the key"))]
    pub s3_bucket: Option<String>,
    /// Key of the package in the S3 bucket; needs `s3Bucket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.matches(r'\\p{Cc}')").message("s3Key must not contain control characters"))]
    pub s3_key: Option<String>,
    /// Version id of the package's S3 object, in a bucket with versioning. Default and when removed: the newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub s3_object_version: Option<String>,
    /// Storage mode of a package in S3: with `COPY`, Lambda keeps a copy; with `REFERENCE`, it reads the S3 object for as long as the function exists, which needs versioning and a bucket policy for Lambda. Default: COPY. When removed: the function keeps the mode it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['', 'COPY', 'REFERENCE']").message("s3ObjectStorageMode is COPY or REFERENCE"))]
    pub s3_object_storage_mode: Option<String>,
    /// Source of the code in Kubernetes: inline files, a ConfigMap or a Secret. The operator builds the package and redeploys it when the contents change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub code_from: Option<CodeFrom>,
    /// Path of a zip file in the operator's package folder (flag `--package-dir`), relative to that folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.startsWith('/') && !self.contains('..') && !self.matches(r'\\p{Cc}')").message("filename is a path within the operator's package folder: no leading /, no .. and no control characters"))]
    pub filename: Option<String>,
    /// Container image in Amazon ECR, by tag or digest, in the function's region. Cannot be combined with zip sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.contains('://') && !self.matches(r'[ \\p{Cc}]')").message("imageUri is the image's name without a scheme, for instance 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"))]
    pub image_uri: Option<String>,
    /// Type of the package: `Zip` or `Image`. Default: the type of the code source. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['Zip', 'Image']").message("packageType is Zip or Image, with a capital letter"))]
    pub package_type: Option<String>,
    /// Redeployment trigger: any text; when it changes, a package in S3 or an image is redeployed. It has no effect on `filename` and `codeFrom`, which are compared by their contents. When removed: the code is redeployed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("!self.matches(r'\\p{Cc}')").message("sourceCodeHash must not contain control characters"))]
    pub source_code_hash: Option<String>,
    /// Expected base64 SHA-256 of the package. If the deployed code has another hash, the operator redeploys the source; if the source has another hash, the object is `Stalled` with reason `CodeHashMismatch`. When removed: any hash is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub code_sha256: Option<String>,
    /// ARN of the KMS key that encrypts the package in Lambda. Default and when removed: a key that AWS owns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || self.startsWith('arn:')").message("sourceKmsKeyArn must be the key's whole ARN"))]
    pub source_kms_key_arn: Option<String>,
    /// Management of the code after creation. `Managed` (default): the operator keeps the code equal to its source. `Initial`: the source only creates the function; from then on another pipeline deploys, and the operator neither compares nor changes the code. If a function has this object's owner tag, but the object neither created nor adopted it, the operator first deploys the code of the source. `Initial` without a source requires that the function exists and is taken over with `adoptionPolicy: Adopt` or `adoptFrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_policy: Option<CodePolicy>,
    /// Owner from which the function is taken over, once: the exact value `cluster/namespace/name` of the function's tag `lambda-operator.io/owner`. If the owner's object exists, it must have the annotation `lambda-operator.io/hand-over-to: <namespace>/<name of this object>`. If it no longer exists and was in another namespace, this object's namespace must have the annotation `lambda-operator.io/allow-adoption: "true"`. Default and when removed: no owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[^/]+/[^/]+/[^/]+$')").message("adoptFrom must be the whole owner, cluster/namespace/name: the value of the function's tag lambda-operator.io/owner"))]
    pub adopt_from: Option<String>,
    /// ARN of the function's code signing configuration; not together with `codeSigningConfigRef`. When removed: none, unless `codeSigningConfigRef` names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self == '' || (self.startsWith('arn:') && self.contains(':code-signing-config:csc-'))").message("codeSigningConfigArn must be the whole ARN of a code signing configuration"))]
    pub code_signing_config_arn: Option<String>,
    /// LambdaCodeSigningConfig in this object's namespace that the function uses; not together with `codeSigningConfigArn`. Until that code signing configuration exists in AWS, the operator writes nothing for the function. Default and when removed: none, unless `codeSigningConfigArn` names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub code_signing_config_ref: Option<CodeSigningConfigRef>,
    /// Runtime updates by AWS, for zip packages only. A published version keeps the setting that it was published with. When removed: Auto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub runtime_management_config: Option<RuntimeManagementConfig>,
    /// Reaction of AWS when the function invokes itself in a loop through SQS, SNS or S3: `Terminate` stops the loop after about 16 rounds, `Allow` does not stop it. Default and when removed: Terminate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['', 'Allow', 'Terminate']").message("recursiveLoop is Allow or Terminate"))]
    pub recursive_loop: Option<String>,
    /// Retention of the function's log group `/aws/lambda/<name of the function>` in CloudWatch Logs, in days: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, or 0 for events that never expire. The operator creates the log group if it does not exist, and never deletes it. Not together with `loggingConfig.logGroup`, which others can use too. Default: as it is in AWS. When removed: events never expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 36500))]
    pub log_retention_in_days: Option<i32>,
    /// Queue or topic for asynchronous invocations that failed. When removed: failed events are discarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// Ephemeral storage of the function at `/tmp`. When removed: 512 MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub ephemeral_storage: Option<EphemeralStorage>,
    /// File system that is mounted into the function; AWS allows one, and it needs `vpcConfig`. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub file_system_config: Option<Vec<FileSystemConfig>>,
    /// Overrides of the container image's entry point, command and working directory. When removed: the image's own values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub image_config: Option<ImageConfig>,
    /// ARN of the KMS key that encrypts environment variables; the key itself, not an alias. Default and when removed: a key that AWS manages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || (self.startsWith('arn:') && self.contains(':key/'))").message("kmsKeyArn must be the key's whole ARN, with :key/ in it: Lambda takes no alias"))]
    pub kms_key_arn: Option<String>,
    /// Log format, log levels and log group of the function. When removed: AWS's defaults, with the log group `/aws/lambda/NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub logging_config: Option<LoggingConfig>,
    /// SnapStart: snapshots of published versions, which make starts faster. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snap_start: Option<SnapStart>,
    /// Tracing of the function with AWS X-Ray. When removed: PassThrough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing_config: Option<TracingConfig>,
    /// Tenant isolation of the function. It is fixed at creation: it cannot be changed, added or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("tenancyConfig cannot be changed, AWS fixes it at creation: put it back, or delete this object and create another"))]
    pub tenancy_config: Option<TenancyConfig>,
    /// Durable executions of the function. The values can be changed; the block itself cannot be added or removed after creation. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_config: Option<DurableConfig>,
    /// Managed instances that the function runs on. The values can be changed; the block itself cannot be added or removed after creation. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_provider_config: Option<CapacityProviderConfig>,
    /// Target of a publication: `LATEST_PUBLISHED` also moves `$LATEST.PUBLISHED`, the version that unqualified invocations run on managed instances. Default and when removed: a numbered version alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self in ['', 'LATEST_PUBLISHED']").message("publishTo is LATEST_PUBLISHED, or left out"))]
    pub publish_to: Option<String>,
    /// If true, the operator moves the function's network interfaces to other security groups before it deletes the function, so that the function's own groups can be deleted immediately. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_security_groups_on_destroy: Option<bool>,
    /// Ids of the security groups, at most 5, to which `replaceSecurityGroupsOnDestroy` moves the function's network interfaces. Default: the VPC's group named `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(id, id.startsWith('sg-'))").message("replacementSecurityGroupIds must be ids (sg-…), not names or ARNs"))]
    pub replacement_security_group_ids: Option<Vec<String>>,
    /// Fields that others change once the function exists, for instance a pipeline or an agent: the operator sets them at creation, and then neither compares nor changes them. A field of a code source covers the code, as `codePolicy: Initial` does. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredField>>,
    /// Keys of tags that others manage, at most 50; a `*` at the end matches every key with this prefix, as in `cost:*`. The operator neither changes nor removes a tag that matches this list or its flag `--ignore-tags`. When removed: the operator removes such tags, unless `tags` names them.
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
