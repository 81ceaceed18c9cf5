//! Builds the goal of a LambdaLayerVersion. Unset fields get their defaults here, and later code never reads the spec.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;

use super::history::History;
use super::model::{Layer, Query};
use crate::api::layer_version::{LambdaLayerVersion, LambdaLayerVersionSpec, LayerPermission};
use crate::api::shared::{AdoptionPolicy, DriftPolicy};
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::conditions::whole_seconds;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::hand_over::ObjectName;
use crate::core::kind::GoalInput;
use crate::core::ownership::Rival;
use crate::core::values::full;
use crate::core::zip_source::{Named, Zip};
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement;

/// The only action of a statement of a layer version's policy.
pub const ACTION: &str = "lambda:GetLayerVersion";

/// The goal of a layer.
pub type Goal = goal::Goal<Desired, Leaving>;

/// The desired state of a layer: its newest version, and the versions that stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Name of the layer.
    pub name: String,
    /// The members of the newest version.
    pub layer: Layer,
    /// Source of its package.
    pub source: Zip,
    /// Identity of the source and of everything that requests another publication.
    pub identity: String,
    /// `sourceCodeHash` of the spec, which may be the hash of the package.
    pub said: Option<String>,
    /// The statements of the policy of its newest version, by id.
    pub permissions: BTreeMap<String, Permission>,
    /// The number of versions that stay; `None`: all.
    pub retained: Option<usize>,
    /// Whether a layer that others published is taken over.
    pub adopt: bool,
    /// Whether drift is only reported (`driftPolicy: Report`).
    pub reports_drift: bool,
    /// Another object that has the same layer.
    pub rival: Option<Rival>,
    /// Whether the namespace or the operator allows the adoption of what others published.
    pub open: bool,
    /// The object.
    pub object: ObjectName,
    /// The time.
    pub now: Timestamp,
}

/// A layer whose versions are deleted, or stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Name of the layer.
    pub name: String,
}

/// The layer's name in AWS.
#[must_use]
pub fn name(object: &LambdaLayerVersion) -> &str {
    let said = object.spec.layer_name.as_deref().filter(|name| !name.is_empty());
    said.or(object.metadata.name.as_deref()).unwrap_or_default()
}

/// Namespace and name of the object.
#[must_use]
pub fn object_name(object: &LambdaLayerVersion) -> ObjectName {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    ObjectName { namespace: part(&object.metadata.namespace), name: part(&object.metadata.name) }
}

/// Whether the spec asks for another version than the recorded one.
#[must_use]
pub fn is_edited(desired: &Desired, history: &History) -> bool {
    history.source.as_ref() != Some(&desired.identity) || history.applied != desired.layer.applied(Layer::MEMBERS)
}

/// The reads that are needed to compare a goal with AWS.
#[must_use]
pub fn query(goal: &Goal, history: &History) -> Query {
    match goal {
        Goal::Present(desired) => Query {
            layer: desired.name.clone(),
            current: history.current,
            search: history.search(|source| desired.source.sha256().filter(|_| source == desired.identity).cloned()),
            publishes: is_edited(desired, history),
            adopts: desired.adopt && desired.open && history.current.is_none(),
            shares: !desired.permissions.is_empty() || history.shares(),
            own: [].into(),
        },
        Goal::Absent(leaving) => Query {
            layer: leaving.name.clone(),
            search: history.search(|_| None),
            own: history.versions.clone(),
            ..Query::default()
        },
        // Nothing of it is changed: the read tells whether there is something that stays in AWS.
        Goal::Released(leaving) => Query { layer: leaving.name.clone(), current: history.current, ..Query::default() },
    }
}

/// The object's goal.
///
/// # Errors
/// If the spec cannot be applied, or a reference is missing. Deletion needs neither, so it never fails.
pub fn goal(input: &GoalInput<'_, LambdaLayerVersion>) -> Result<Goal, GoalError> {
    // A layer has no tags, so an owner tag plays no part.
    let GoalInput {
        object,
        target: _,
        owner: _,
        former_owners: _,
        defaults: _,
        history: _,
        references,
        rival,
        may_adopt,
        now,
    } = input;
    let (spec, name) = (&object.spec, name(object).to_owned());
    let keeps = spec.common.skip_destroy.unwrap_or_default();
    if object.metadata.deletion_timestamp.is_some() {
        let leaving = Leaving { name };
        return Ok(if keeps { Goal::Released(leaving) } else { Goal::Absent(leaving) });
    }
    let (layer, named) = parts(spec);
    let Some(source) = Zip::of(&named, references)? else {
        return Err(GoalError::Blocked(Blocked::InvalidSpec(
            "The spec names no package: set filename, s3Bucket with s3Key, or codeFrom.".into(),
        )));
    };
    let said = full(spec.source_code_hash.as_ref());
    let identity = match &said {
        Some(hash) => format!("{} hash {hash}", source.identity()),
        None => source.identity(),
    };
    let retained = spec.retain_versions.filter(|_| !keeps).and_then(|count| usize::try_from(count).ok());
    Ok(Goal::Present(Box::new(Desired {
        name,
        layer,
        source,
        permissions: spec.permissions.iter().flatten().map(permission).collect(),
        identity,
        said,
        retained,
        adopt: spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        reports_drift: spec.common.drift_policy == Some(DriftPolicy::Report),
        rival: rival.clone(),
        open: *may_adopt,
        object: object_name(object),
        now: whole_seconds(*now),
    })))
}

/// The id and the contents of a statement.
fn permission(one: &LayerPermission) -> (String, Permission) {
    let LayerPermission { statement_id, principal, organization_id } = one;
    let permission = Permission {
        action: ACTION.into(),
        principal: statement::normal(principal),
        principal_org_id: organization_id.clone().unwrap_or_default(),
        ..Permission::default()
    };
    (statement_id.clone(), permission)
}

/// The members of the version, and the fields that name its package. Every field is named: a new one does not compile until it is used.
fn parts(spec: &LambdaLayerVersionSpec) -> (Layer, Named<'_>) {
    let LambdaLayerVersionSpec {
        layer_name: _,
        code_from,
        filename,
        s3_bucket,
        s3_key,
        s3_object_version,
        source_code_hash: _,
        compatible_runtimes,
        compatible_architectures,
        description,
        license_info,
        retain_versions: _,
        permissions: _,
        common: _,
    } = spec;
    let layer = Layer {
        runtimes: compatible_runtimes.iter().flatten().cloned().collect(),
        architectures: compatible_architectures.iter().flatten().map(|one| one.as_str().to_owned()).collect(),
        description: description.clone().unwrap_or_default(),
        license: license_info.clone().unwrap_or_default(),
    };
    let named = Named {
        s3_bucket: s3_bucket.as_ref(),
        s3_key: s3_key.as_ref(),
        s3_object_version: s3_object_version.as_ref(),
        filename: filename.as_ref(),
        code_from: code_from.as_ref(),
    };
    (layer, named)
}
