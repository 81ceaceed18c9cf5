//! The objects that the spec of a function names: Secrets, ConfigMaps, the LambdaCodeSigningConfig, and LambdaLayerVersions. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::Faults;
use crate::api::function::blocks::LayerRef;
use crate::api::function::ignored::IgnoredField;
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
    all.extend(layer_references(spec));
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

/// ARN of the code signing configuration that the spec names by an object; `None` if it names no object, and empty if it is left to others and not
/// known: the function's own is read then, because the policy of a namespace can require one.
///
/// # Errors
/// If the ARN is not known, or does not stay. Without it nothing is written: no code goes unchecked, and no configuration is removed from the function.
pub(super) fn signing_config(
    spec: &LambdaFunctionSpec,
    target: &Target,
    references: &References,
    faults: &mut Faults<'_>,
) -> Result<Option<String>, GoalError> {
    let arn = |reference| faults.sort(IgnoredField::CodeSigningConfigArn, SIGNING.arn(&reference, target, references));
    signing_reference(spec).map(arn).transpose()
}

fn layer_references(spec: &LambdaFunctionSpec) -> impl Iterator<Item = Reference> {
    let named = spec.layer_refs.iter().flatten();
    named.map(|LayerRef { name }| Reference { kind: Kind::LambdaLayerVersion, name: name.clone() })
}

/// The layers: first those that the spec names by ARN, then the newest version of each LambdaLayerVersion.
///
/// # Errors
/// If a LambdaLayerVersion has no version for the function.
pub(super) fn layers(
    spec: &LambdaFunctionSpec,
    target: &Target,
    references: &References,
) -> Result<Vec<String>, GoalError> {
    let by_arn = spec.layers.iter().flatten().cloned().map(Ok);
    by_arn.chain(layer_references(spec).map(|reference| LAYER.arn(&reference, target, references))).collect()
}

/// The names of the layers whose versions the function gets from objects of the namespace.
pub(super) fn referred_layers<'a>(spec: &LambdaFunctionSpec, references: &'a References) -> Vec<&'a str> {
    let arns = layer_references(spec).filter_map(|reference| references.used.get(&reference)?.arn.as_deref());
    arns.map(|arn| unversioned(arn).rsplit_once(':').map_or(arn, |(_, name)| name)).collect()
}

/// ARNs, without a version, of the layers that objects of the namespace publish. The policy of the namespace is checked for their names.
pub(super) fn own_layers(references: &References) -> BTreeSet<String> {
    let layers = references.used.iter().filter(|(reference, _)| reference.kind == Kind::LambdaLayerVersion);
    layers.filter_map(|(_, layer)| layer.arn.as_deref()).map(|arn| unversioned(arn).to_owned()).collect()
}

/// The ARN of the layer of a version.
pub(in crate::kinds::function) fn unversioned(arn: &str) -> &str {
    arn.rsplit_once(':').map_or(arn, |(layer, _)| layer)
}

/// The words about the objects that one field of the spec names.
struct Field {
    /// The field.
    name: &'static str,
    /// The change of the spec that ends the reference.
    removal: &'static str,
    /// The field that takes an ARN instead.
    by_arn: &'static str,
    /// The resource.
    noun: &'static str,
    /// The state of a resource without an ARN.
    absent: &'static str,
    /// The short name of the objects' kind.
    short: &'static str,
}

const SIGNING: Field = Field {
    name: "codeSigningConfigRef",
    removal: "codeSigningConfigRef",
    by_arn: "codeSigningConfigArn",
    noun: "code signing configuration",
    absent: "does not exist in AWS yet",
    short: "lcsc",
};

const LAYER: Field = Field {
    name: "layerRefs",
    removal: "it from layerRefs",
    by_arn: "layers",
    noun: "layer version",
    absent: "is not ready for its newest spec yet",
    short: "llv",
};

impl Field {
    /// ARN of the resource of an object that the field names.
    ///
    /// # Errors
    /// If the ARN is not known, or does not stay.
    fn arn(&self, reference: &Reference, target: &Target, references: &References) -> Result<String, GoalError> {
        let Self { name: field, removal, by_arn, noun, absent, short } = self;
        let waits = |sentence: String| Err(GoalError::Missing(sentence));
        let Some(used) = references.used.get(reference) else {
            return waits(format!(
                "{reference} does not exist in this namespace, so nothing is written for the function: create it, or correct {field}."
            ));
        };
        if used.leaving {
            return waits(format!(
                "{reference} is being deleted, so nothing is written for the function: name another in {field}, or remove {removal}."
            ));
        }
        if used.handed_over {
            return waits(format!(
                "{reference} hands its {noun} over to another object, so nothing is written for the function: name another in {field}, set {by_arn} instead, or remove the annotation {HAND_OVER_TO} from {reference}."
            ));
        }
        match (&used.arn, &used.target) {
            (Some(arn), Some(place)) if used.exists => {
                self.lives_beside(place, target, reference).map(|()| arn.clone())
            }
            (Some(_) | None, _) => waits(format!(
                "{state}, so nothing is written for the function; kubectl describe {short} {name} shows why.",
                state = used.unusable(reference, &format!("The {noun} of {reference} {absent}")),
                name = reference.name
            )),
        }
    }

    /// A function uses only resources of its own account and region.
    fn lives_beside(&self, place: &Target, function: &Target, reference: &Reference) -> Result<(), GoalError> {
        let Target { account, region, name: _ } = place;
        if *account == function.account && *region == function.region {
            return Ok(());
        }
        Err(GoalError::Blocked(Blocked::InvalidReference(format!(
            "The {} of {reference} is in the account {account} and the region {region}, and the function is in {} and {}: name a {} of the function's account and region.",
            self.noun,
            function.account,
            function.region,
            reference.kind.name()
        ))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::shared::CodeSigningConfigRef;
    use crate::core::reason::Reason;
    use crate::kinds::function::ignored::Ignored;
    use crate::kinds::function::status::history::History;

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
        named_by(&spec, &References { used, ..References::default() })
    }

    fn named_by(spec: &LambdaFunctionSpec, references: &References) -> Result<Option<String>, GoalError> {
        let ignored = Ignored::default();
        signing_config(spec, &target("r"), references, &mut Faults::new(&ignored, &History::default()))
    }

    #[test]
    fn a_function_waits_for_the_configuration_that_it_names_and_takes_its_arn() {
        assert_eq!(of(Some(config())), Ok(Some("arn:c".into())));
        assert_eq!(named_by(&LambdaFunctionSpec::default(), &References::default()), Ok(None));
        for (config, words) in [
            (None, "LambdaCodeSigningConfig strict does not exist in this namespace"),
            (Some(Parent::default()), "kubectl describe lcsc strict shows why"),
            (Some(Parent { arn: None, ..config() }), "does not exist in AWS yet"),
            (Some(Parent { exists: false, ..config() }), "does not exist in AWS yet"),
            (Some(Parent { target: None, ..config() }), "does not exist in AWS yet"),
            (
                Some(Parent { exists: false, blocked: Some(Reason::Rejected), ..config() }),
                "LambdaCodeSigningConfig strict is blocked (Rejected), so",
            ),
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

    #[test]
    fn layers_by_name_come_after_those_by_arn_and_are_waited_for() {
        let named = |name: &str| LayerRef { name: name.into() };
        let spec = LambdaFunctionSpec {
            layers: Some(vec!["arn:x:1".into()]),
            layer_refs: Some(vec![named("two"), named("one")]),
            ..LambdaFunctionSpec::default()
        };
        let version = |arn: &str| Parent { arn: Some(arn.into()), ..config() };
        let of = |two: Option<Parent>| {
            let all = [("one", Some(version("arn:one:4"))), ("two", two)];
            let reference = |name: &str| Reference { kind: Kind::LambdaLayerVersion, name: name.into() };
            let used = all.into_iter().filter_map(|(name, layer)| Some((reference(name), layer?))).collect();
            let references = References { used, ..References::default() };
            (layers(&spec, &target("r"), &references), own_layers(&references))
        };
        let two = version("arn:two:7");
        let (all, own) = of(Some(two.clone()));
        assert_eq!(all.unwrap(), ["arn:x:1", "arn:two:7", "arn:one:4"], "in the order of the list");
        assert_eq!(own, ["arn:one".to_owned(), "arn:two".to_owned()].into());
        for (two, words) in [
            (None, "LambdaLayerVersion two does not exist in this namespace"),
            (Some(Parent { arn: None, ..two.clone() }), "kubectl describe llv two shows why"),
            (Some(Parent { leaving: true, ..two.clone() }), "remove it from layerRefs"),
            (Some(Parent { handed_over: true, ..two }), "set layers instead"),
        ] {
            match of(two).0 {
                Err(GoalError::Missing(sentence)) => assert!(sentence.contains(words), "{sentence}"),
                other => panic!("{words}: {other:?}"),
            }
        }
    }
}
