//! Builds the spec of an existing code signing configuration, which changes nothing when it is applied. The inverse of `desired`.

use super::model::{Config, Observed, WARN};
use crate::api::code_signing_config::{AllowedPublishers, LambdaCodeSigningConfigSpec, Policies};
use crate::core::belonging::adopted;

/// The spec that keeps the code signing configuration unchanged.
#[must_use]
pub fn spec(observed: &Observed, region: &str) -> LambdaCodeSigningConfigSpec {
    let Config { publishers, untrusted, description } = &observed.config;
    let policy = Some(untrusted.clone()).filter(|policy| policy != WARN);
    // Every field is named: a new one does not compile until it can be imported.
    LambdaCodeSigningConfigSpec {
        allowed_publishers: AllowedPublishers { signing_profile_version_arns: publishers.iter().cloned().collect() },
        policies: policy.map(|policy| Policies { untrusted_artifact_on_deployment: Some(policy) }),
        description: Some(description.clone()).filter(|text| !text.is_empty()),
        tags: observed.tags.users().cloned().filter(|tags| !tags.is_empty()),
        arn: Some(observed.arn.clone()),
        adopt_from: None,
        ignore_changes: None,
        ignore_tags: None,
        common: adopted(Some(region)),
    }
}
