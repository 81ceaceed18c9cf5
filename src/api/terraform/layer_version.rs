//! The arguments and attributes of Terraform's aws_lambda_layer_version and aws_lambda_layer_version_permission.

use super::Place::{Otherwise, Spec, Status};
use super::{Entry, entry};

pub(super) const ARGUMENTS: &[Entry] = &[
    entry("compatible_architectures", Spec("compatibleArchitectures")),
    entry("compatible_runtimes", Spec("compatibleRuntimes")),
    entry("description", Spec("description")),
    entry("filename", Spec("filename")),
    entry("layer_name", Spec("layerName")),
    entry("license_info", Spec("licenseInfo")),
    entry("region", Spec("region")),
    entry("s3_bucket", Spec("s3Bucket")),
    entry("s3_key", Spec("s3Key")),
    entry("s3_object_version", Spec("s3ObjectVersion")),
    entry("skip_destroy", Spec("skipDestroy")),
    entry("source_code_hash", Spec("sourceCodeHash")),
];

pub(super) const ATTRIBUTES: &[Entry] = &[
    entry("arn", Status("arn")),
    entry("code_sha256", Status("codeSha256")),
    entry("created_date", Status("createdDate")),
    entry("id", Otherwise("Terraform's own key, which is the ARN; here it is the object's name.")),
    entry("layer_arn", Status("layerArn")),
    entry("signing_job_arn", Status("signingJobArn")),
    entry("signing_profile_version_arn", Status("signingProfileVersionArn")),
    entry("source_code_size", Status("sourceCodeSize")),
    entry("version", Status("version")),
];

/// The arguments of Terraform's aws_lambda_layer_version_permission.
pub(super) const PERMISSION_ARGUMENTS: &[Entry] = &[
    entry("action", Otherwise("Always `lambda:GetLayerVersion`, the only action that AWS accepts.")),
    entry("layer_name", Spec("layerName")),
    entry("organization_id", Spec("permissions.organizationId")),
    entry("principal", Spec("permissions.principal")),
    entry("region", Spec("region")),
    entry(
        "skip_destroy",
        Otherwise(
            "With `skipDestroy` of the object, all versions stay with their statements; a removed entry is removed from AWS.",
        ),
    ),
    entry("statement_id", Spec("permissions.statementId")),
    entry(
        "version_number",
        Otherwise("The newest version; versions that this object published before keep their statements."),
    ),
];

pub(super) const PERMISSION_ATTRIBUTES: &[Entry] = &[
    entry("id", Otherwise("Terraform's own key, the layer and the number; here it is the object's name.")),
    entry("policy", Otherwise("Not shown. The operator reads the policy at each drift check.")),
    entry("revision_id", Otherwise("Not shown. The operator uses it in its own calls.")),
];

pub(super) const OURS: &[&str] = &[
    "adoptionPolicy",
    "codeFrom",
    "codeFrom.configMapRef",
    "codeFrom.inline",
    "codeFrom.secretRef",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "permissions",
    "retainVersions",
    "suspend",
    "timeouts",
    "timeouts.create",
    "timeouts.delete",
    "timeouts.update",
];
