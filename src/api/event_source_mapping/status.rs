//! The status of an event source mapping: the attributes that AWS reports, conditions, and the records that make a restart harmless.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::{AdoptedFrom, CommonRecord, CommonStatus};

/// Observed state of the event source mapping.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaEventSourceMappingStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// UUID of the mapping, which AWS assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// ARN of the function that the mapping invokes, with the alias or version if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_arn: Option<String>,
    /// Name of the alias, or number of the version, that the mapping invokes. Empty: the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// State of the mapping, as AWS reports it: `Creating`, `Enabling`, `Enabled`, `Disabling`, `Disabled`, `Updating` or `Deleting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Cause of the last change of `state`, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_transition_reason: Option<String>,
    /// Result of the last invocation, as AWS reports it, such as `OK`, `No records processed` or `PROBLEM: …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_processing_result: Option<String>,
    /// Tags of the mapping in AWS, without the operator's own, as they were last read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags_all: BTreeMap<String, String>,
    /// Time of the mapping's last change or change of state, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub last_modified: Option<Timestamp>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "MappingRecord::is_empty")]
    pub record: MappingRecord,
}

/// Records of earlier reconciles. If they are lost, the mapping is found again by its owner tag.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct MappingRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// UUID of the mapping that this object created or took over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Hash of the desired value that AWS last accepted, by member of the API and by tag. A difference is drift only while that value is still desired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Time of the last change that AWS answered. A read that shows an earlier one soon after is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub modified: Option<Timestamp>,
    /// Former owner, and this object, after the mapping was taken over with `adoptFrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<AdoptedFrom>,
}

impl MappingRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
