//! The objects that the spec of a function names: Secrets, ConfigMaps, and the LambdaCodeSigningConfig. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::shared::HAND_OVER_TO;
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::references::{Kind, Parent, Reference, References};
use crate::core::target::Target;
use crate::core::zip_source;

/// Every object that the spec names.
#[must_use]
pub fn references(spec: &LambdaFunctionSpec) -> BTreeSet<Reference> {
    let secret = |name: &String| Reference { kind: Kind::Secret, name: name.clone() };
    let map = |name: &String| Reference { kind: Kind::ConfigMap, name: name.clone() };
    let mut all = BTreeSet::new();
    if let Some(environment) = &spec.environment {
        for value in environment.value_from.iter().flat_map(BTreeMap::values) {
            all.extend(value.secret_key_ref.iter().map(|key| secret(&key.name)));
            all.extend(value.config_map_key_ref.iter().map(|key| map(&key.name)));
        }
        for from in environment.from.iter().flatten() {
            all.extend(from.secret_ref.iter().map(|object| secret(&object.name)));
            all.extend(from.config_map_ref.iter().map(|object| map(&object.name)));
        }
    }
    all.extend(zip_source::references(spec.code_from.as_ref()));
    all.extend(signing_reference(spec));
    all
}

fn signing_reference(spec: &LambdaFunctionSpec) -> Option<Reference> {
    let config = spec.code_signing_config_ref.as_ref()?;
    Some(Reference { kind: Kind::LambdaCodeSigningConfig, name: config.name.clone() })
}

/// The LambdaCodeSigningConfig that the spec names, if it exists.
pub(super) fn referred_config<'a>(
    spec: &LambdaFunctionSpec,
    references: &'a References,
) -> Option<(Reference, &'a Parent)> {
    let reference = signing_reference(spec)?;
    references.used.get(&reference).map(|config| (reference, config))
}

/// ARN of the code signing configuration that the spec names by an object; `None` if it names no object.
///
/// # Errors
/// If the ARN is not known, or does not stay. Without it nothing is written: no code goes unchecked, and no configuration is removed from the function.
pub(super) fn signing_config(
    spec: &LambdaFunctionSpec,
    target: &Target,
    references: &References,
) -> Result<Option<String>, GoalError> {
    let Some(reference) = signing_reference(spec) else { return Ok(None) };
    let waits = |sentence: String| Err(GoalError::Missing(sentence));
    let Some((_, config)) = referred_config(spec, references) else {
        return waits(format!(
            "{reference} does not exist in this namespace, so nothing is written for the function: create it, or correct codeSigningConfigRef."
        ));
    };
    if config.leaving {
        return waits(format!(
            "{reference} is being deleted, so nothing is written for the function: name another in codeSigningConfigRef, or remove codeSigningConfigRef."
        ));
    }
    if config.handed_over {
        return waits(format!(
            "{reference} hands its code signing configuration over to another object, so nothing is written for the function: name another in codeSigningConfigRef, set codeSigningConfigArn instead, or remove the annotation {HAND_OVER_TO} from {reference}."
        ));
    }
    match (&config.arn, &config.target) {
        (Some(arn), Some(place)) if config.exists => {
            lives_beside(place, target, &reference).map(|()| Some(arn.clone()))
        }
        (Some(_) | None, _) => waits(format!(
            "The code signing configuration of {reference} does not exist in AWS yet, so nothing is written for the function; kubectl describe lcsc {name} shows why.",
            name = reference.name
        )),
    }
}

/// AWS checks a function only against a configuration of its own account and region.
fn lives_beside(place: &Target, function: &Target, reference: &Reference) -> Result<(), GoalError> {
    let Target { account, region, name: _ } = place;
    if *account == function.account && *region == function.region {
        return Ok(());
    }
    Err(GoalError::Blocked(Blocked::InvalidReference(format!(
        "The code signing configuration of {reference} is in the account {account} and the region {region}, and the function is in {} and {}: name a LambdaCodeSigningConfig of the function's account and region.",
        function.account, function.region
    ))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::shared::CodeSigningConfigRef;

    fn target(region: &str) -> Target {
        Target { account: "1".into(), region: region.into(), name: String::new() }
    }

    fn config() -> Parent {
        Parent { target: Some(target("r")), exists: true, arn: Some("arn:c".into()), ..Parent::default() }
    }

    fn of(config: Option<Parent>) -> Result<Option<String>, GoalError> {
        let named = Some(CodeSigningConfigRef { name: "strict".into() });
        let spec = LambdaFunctionSpec { code_signing_config_ref: named, ..LambdaFunctionSpec::default() };
        let reference = references(&spec).pop_first().unwrap();
        let used = config.map(|config| (reference, config)).into_iter().collect();
        signing_config(&spec, &target("r"), &References { used, ..References::default() })
    }

    #[test]
    fn a_function_waits_for_the_configuration_that_it_names_and_takes_its_arn() {
        assert_eq!(of(Some(config())), Ok(Some("arn:c".into())));
        assert_eq!(signing_config(&LambdaFunctionSpec::default(), &target("r"), &References::default()), Ok(None));
        for (config, words) in [
            (None, "LambdaCodeSigningConfig strict does not exist in this namespace"),
            (Some(Parent::default()), "kubectl describe lcsc strict shows why"),
            (Some(Parent { arn: None, ..config() }), "does not exist in AWS yet"),
            (Some(Parent { exists: false, ..config() }), "does not exist in AWS yet"),
            (Some(Parent { target: None, ..config() }), "does not exist in AWS yet"),
            (Some(Parent { leaving: true, ..config() }), "is being deleted"),
            (Some(Parent { handed_over: true, ..config() }), "hands its code signing configuration over"),
        ] {
            match of(config) {
                Err(GoalError::Missing(sentence)) => assert!(sentence.contains(words), "{sentence}"),
                other => panic!("{words}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_configuration_of_another_region_cannot_be_used() {
        let Err(GoalError::Blocked(Blocked::InvalidReference(sentence))) =
            of(Some(Parent { target: Some(target("elsewhere")), ..config() }))
        else {
            panic!()
        };
        assert!(sentence.contains("the region elsewhere") && sentence.contains("is in 1 and r"), "{sentence}");
    }
}
