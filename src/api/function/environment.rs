//! Environment variables, written out or read from Secrets and ConfigMaps.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;
use std::fmt;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::api::schema;

/// Environment variables. Their values are never shown, not even by `{:?}`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Environment variables, as a map from name to value; all variables together have at most 4 KB. When removed: none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::variables")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[a-zA-Z][a-zA-Z0-9_]+$'))").message("names of environment variables must begin with a letter, have at least two characters, and hold only letters, digits and _"))]
    #[x_kube(validation = Rule::new(schema::UNRESERVED).message("environment variables that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_LAMBDA_…, LAMBDA_…) cannot be set: remove them; the function's credentials come from its role"))]
    pub variables: Option<BTreeMap<String, String>>,
    /// Environment variables with values from Secrets and ConfigMaps in this object's namespace, as a map from name to source. A changed value reaches the function within seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::values::<ValueFrom>")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[a-zA-Z][a-zA-Z0-9_]+$'))").message("names of environment variables must begin with a letter, have at least two characters, and hold only letters, digits and _"))]
    #[x_kube(validation = Rule::new(schema::UNRESERVED).message("environment variables that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_LAMBDA_…, LAMBDA_…) cannot be set: remove them; the function's credentials come from its role"))]
    pub value_from: Option<BTreeMap<String, ValueFrom>>,
    /// Secrets and ConfigMaps in this object's namespace, at most 16; each of their keys becomes an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub from: Option<Vec<EnvironmentFrom>>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables, value_from, from } = self;
        f.debug_struct("Environment")
            .field("variables", &variables.iter().flat_map(BTreeMap::keys).collect::<Vec<_>>())
            .field("value_from", value_from)
            .field("from", from)
            .finish()
    }
}

/// Source of one value: exactly one of `secretKeyRef` and `configMapKeyRef`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("has(self.secretKeyRef) != has(self.configMapKeyRef)").message("set exactly one of secretKeyRef and configMapKeyRef"))]
#[serde(rename_all = "camelCase")]
pub struct ValueFrom {
    /// Key of a Secret that holds the variable's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
    /// Key of a ConfigMap that holds the variable's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyRef>,
}

/// One key of a Secret or ConfigMap in the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct KeyRef {
    /// Name of the Secret or ConfigMap, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of an object in this namespace: lower-case letters, digits, - and ."))]
    pub name: String,
    /// Key in the Secret or ConfigMap that holds the value.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_KEY).message("key must be a key of the object: letters, digits, -, _ and ."))]
    pub key: String,
    /// If true, the variable is left out while the Secret, ConfigMap or key does not exist. Default: false, and the object waits with reason `ReferenceNotFound`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A whole Secret or ConfigMap: exactly one of `secretRef` and `configMapRef`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("has(self.secretRef) != has(self.configMapRef)").message("set exactly one of secretRef and configMapRef"))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentFrom {
    /// Secret of which each key becomes an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<ObjectRef>,
    /// ConfigMap of which each key becomes an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<ObjectRef>,
    /// Prefix of the variables' names, put before each key, at most 64 characters. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[a-zA-Z][a-zA-Z0-9_]*$')").message("prefix must begin with a letter and hold only letters, digits and _, as names of environment variables do"))]
    pub prefix: Option<String>,
}

/// A Secret or ConfigMap in the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// Name of the Secret or ConfigMap, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of an object in this namespace: lower-case letters, digits, - and ."))]
    pub name: String,
    /// If true, the Secret or ConfigMap is skipped while it does not exist. Default: false, and the object waits with reason `ReferenceNotFound`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}
