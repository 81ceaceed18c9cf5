//! Environment variables, written out or read from Secrets and ConfigMaps.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;
use std::fmt;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::api::schema;

/// Environment variables. Their values are shown nowhere, not even by `{:?}`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Names and values; together at most 4 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::variables")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[a-zA-Z][a-zA-Z0-9_]+$'))").message("names of environment variables must begin with a letter, have at least two characters, and hold only letters, digits and _"))]
    #[x_kube(validation = Rule::new(schema::UNRESERVED).message("environment variables that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_LAMBDA_…, LAMBDA_…) cannot be set: remove them; the function's credentials come from its role"))]
    pub variables: Option<BTreeMap<String, String>>,
    /// Variables whose values are read from Secrets and ConfigMaps of the same namespace. A changed value reaches the function within seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::values::<ValueFrom>")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[a-zA-Z][a-zA-Z0-9_]+$'))").message("names of environment variables must begin with a letter, have at least two characters, and hold only letters, digits and _"))]
    #[x_kube(validation = Rule::new(schema::UNRESERVED).message("environment variables that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_LAMBDA_…, LAMBDA_…) cannot be set: remove them; the function's credentials come from its role"))]
    pub value_from: Option<BTreeMap<String, ValueFrom>>,
    /// Whole Secrets and ConfigMaps of the same namespace; each key becomes a variable.
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

/// Where one value comes from: exactly one of the two.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("has(self.secretKeyRef) != has(self.configMapKeyRef)").message("set exactly one of secretKeyRef and configMapKeyRef"))]
#[serde(rename_all = "camelCase")]
pub struct ValueFrom {
    /// A key of a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
    /// A key of a ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyRef>,
}

/// One key of a Secret or ConfigMap in the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct KeyRef {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of an object in this namespace: lower-case letters, digits, - and ."))]
    pub name: String,
    /// The key.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_KEY).message("key must be a key of the object: letters, digits, -, _ and ."))]
    pub key: String,
    /// Go on without the variable where the object or the key is missing. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A whole Secret or ConfigMap: exactly one of the two.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("has(self.secretRef) != has(self.configMapRef)").message("set exactly one of secretRef and configMapRef"))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentFrom {
    /// A Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<ObjectRef>,
    /// A ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<ObjectRef>,
    /// Put before each key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[a-zA-Z][a-zA-Z0-9_]*$')").message("prefix must begin with a letter and hold only letters, digits and _, as names of environment variables do"))]
    pub prefix: Option<String>,
}

/// A Secret or ConfigMap in the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of an object in this namespace: lower-case letters, digits, - and ."))]
    pub name: String,
    /// Go on without it where it is missing. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}
