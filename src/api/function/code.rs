//! Sources of code in Kubernetes, and who manages the code after creation.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::schema;

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
    /// The name that AWS uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// Source of the code in Kubernetes. The operator builds the package, so that no hash is needed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("[has(self.inline) && size(self.inline) > 0, has(self.configMapRef), has(self.secretRef)].filter(source, source).size() <= 1").message("set exactly one of inline, configMapRef and secretRef"))]
#[serde(rename_all = "camelCase")]
pub struct CodeFrom {
    /// Files of the package, at most 64: each key is a path, for instance `main.py`, and each value the file's text; 262144 characters in all, paths included. Larger code belongs in an S3 bucket or an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::files")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(path, path != '' && !path.startsWith('/') && !path.contains('..') && !path.endsWith('/'))").message("paths of inline files must be relative, name a file and stay in the package: no leading or trailing /, and no .."))]
    #[x_kube(validation = Rule::new("self.map(path, size(path) + size(self[path])).sum() <= 262144").message("inline files have more than 262144 characters in all: put larger code into an S3 bucket (s3Bucket, s3Key) or an image (imageUri)"))]
    pub inline: Option<BTreeMap<String, String>>,
    /// ConfigMap in this object's namespace that holds the code: its keys are files, or one key is a zip file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<PackageRef>,
    /// Secret in this object's namespace that holds the code: its keys are files, or one key is a zip file. `status.codeSha256` and `status.sourceCodeSize` show AWS's hash and size of the package to everybody who may read this object; a value that can be guessed belongs in `environment.valueFrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<PackageRef>,
}

/// Secret or ConfigMap that holds code.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PackageRef {
    /// Name of the Secret or ConfigMap, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of an object in this namespace: lower-case letters, digits, - and ."))]
    pub name: String,
    /// Key of the Secret or ConfigMap that holds a zip file. Default and when removed: every key is a file of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_KEY).message("key must be a key of the object: letters, digits, -, _ and ."))]
    pub key: Option<String>,
}

/// Management of the code after creation.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; the field says what each means"
)]
pub enum CodePolicy {
    #[default]
    Managed,
    Initial,
}
