//! The function that a resource belongs to, as its spec names it: by a LambdaFunction or a LambdaAlias of the namespace, or by its name in AWS. Pure.

use crate::api::shared::{AliasRef, CommonSpec, FunctionRef, HAND_OVER_TO};
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::goal::Place;
use crate::core::references::{Kind, Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;

/// The function of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// `functionRef` of the spec.
    pub reference: Option<&'a FunctionRef>,
    /// `aliasRef` of the spec, for kinds that have a qualifier: the function is that of the alias.
    pub alias: Option<&'a AliasRef>,
    /// `functionName` of the spec.
    pub name: Option<&'a String>,
    /// The fields that every kind has.
    pub common: &'a CommonSpec,
    /// The noun of the resource: `alias`.
    pub noun: &'static str,
}

/// The words of messages about a parent.
struct Words {
    field: &'static str,
    kind: &'static str,
    noun: &'static str,
    short: &'static str,
}

const FUNCTION: Words = Words { field: "functionRef", kind: "LambdaFunction", noun: "function", short: "lfn" };
const ALIAS: Words = Words { field: "aliasRef", kind: "LambdaAlias", noun: "alias", short: "lalias" };

impl Function<'_> {
    /// The LambdaFunction or LambdaAlias that the spec names.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let function = self.reference.map(|function| (Kind::LambdaFunction, &function.name));
        let alias = self.alias.map(|alias| (Kind::LambdaAlias, &alias.name));
        function.or(alias).map(|(kind, name)| Reference { kind, name: name.clone() })
    }

    /// Region and name of the function.
    ///
    /// # Errors
    /// If the LambdaFunction or LambdaAlias does not exist or has no target yet.
    pub fn place(&self, references: &References) -> Result<Place, GoalError> {
        let Some(reference) = self.reference() else {
            let name = self.name.cloned().unwrap_or_default();
            return Ok(Place { region: full(self.common.region.as_ref()), name });
        };
        let Some(parent) = &references.parent else {
            let Words { field, kind: _, noun, short: _ } = self.words();
            return Err(GoalError::Waiting(format!(
                "{reference} does not exist in this namespace: create it, or correct {field}. The operator creates the {own} as soon as the {noun} exists.",
                own = self.noun
            )));
        };
        match &parent.target {
            Some(Target { account: _, region, name }) => Ok(Place { region: Some(region.clone()), name: name.clone() }),
            None => Err(self.nowhere(&reference, Some(parent))),
        }
    }

    /// The LambdaFunction or LambdaAlias and its status, if the spec names one, and its resource exists in AWS and stays there.
    ///
    /// # Errors
    /// If the function or alias does not exist yet, is being deleted, or is handed over.
    pub fn parent<'r>(&self, references: &'r References) -> Result<Option<(Reference, &'r Parent)>, GoalError> {
        let Some(reference) = self.reference() else { return Ok(None) };
        let Some(parent) = &references.parent else { return Err(self.nowhere(&reference, None)) };
        let (Words { field: _, kind, noun, short: _ }, own) = (self.words(), self.noun);
        if parent.leaving {
            return Err(GoalError::Waiting(format!(
                "{reference} is being deleted, and AWS deletes its {own} with it. Delete this object too, or create the {kind} again."
            )));
        }
        if parent.handed_over {
            return Err(GoalError::Waiting(format!(
                "{reference} hands its {noun} over to another object, so the {own} is left as it is. Create it where the {noun} goes, or remove the annotation {HAND_OVER_TO} from {reference}."
            )));
        }
        if parent.exists { Ok(Some((reference, parent))) } else { Err(self.nowhere(&reference, Some(parent))) }
    }

    /// The qualifier of the resource: the alias's name in AWS, or the one that the spec names. `recorded` is that of the status: the resource
    /// cannot move to another.
    ///
    /// # Errors
    /// If the alias does not exist yet, is being deleted, is handed over, or is another than the recorded one.
    pub fn qualifier(
        &self,
        literal: Option<&String>,
        recorded: Option<&String>,
        references: &References,
    ) -> Result<Option<String>, GoalError> {
        let parent = self.parent(references)?;
        let Some(named) = self.alias else { return Ok(full(literal)) };
        let reference = Reference { kind: Kind::LambdaAlias, name: named.name.clone() };
        let Some(alias) = parent.and_then(|(_, parent)| parent.alias.as_ref()) else {
            return Err(self.nowhere(&reference, references.parent.as_ref()));
        };
        if let Some(recorded) = recorded.filter(|recorded| *recorded != alias) {
            return Err(GoalError::Blocked(Blocked::TargetChanged(format!(
                "This object manages the {noun} of the alias {recorded}, but {reference} is now the alias {alias}; nothing was changed. Give the LambdaAlias its former name back, or delete this object and create another.",
                noun = self.noun
            ))));
        }
        Ok(Some(alias.clone()))
    }

    /// ARN of the function, version or alias that has the resource, by the status, the LambdaAlias or the spec. `None`: only a LambdaAlias that was not
    /// read shows it. The object then claims nothing: the qualifier of an alias is unknown, not empty.
    #[must_use]
    pub fn holder(
        &self,
        target: &Target,
        literal: Option<&String>,
        recorded: Option<&String>,
        references: Option<&References>,
    ) -> Option<String> {
        let qualifier = match (recorded, self.alias) {
            (Some(recorded), _) => Some(recorded),
            (None, Some(_)) => Some(references?.parent.as_ref()?.alias.as_ref()?),
            (None, None) => literal.filter(|name| !name.is_empty()),
        };
        Some(target.qualified_arn(qualifier))
    }

    const fn words(&self) -> Words {
        match self.alias {
            Some(_) => ALIAS,
            None => FUNCTION,
        }
    }

    fn nowhere(&self, reference: &Reference, parent: Option<&Parent>) -> GoalError {
        let Words { field: _, kind: _, noun, short } = self.words();
        let absent = format!("The {noun} of {reference} does not exist in AWS yet");
        let state = parent.map_or(absent.clone(), |parent| parent.unusable(reference, &absent));
        GoalError::Waiting(format!(
            "{state}; kubectl describe {short} {name} shows why. The operator creates the {own} as soon as the {noun} exists.",
            name = reference.name,
            own = self.noun
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::reason::Reason;

    fn of_alias(references: &References, recorded: Option<&str>) -> Result<Option<String>, GoalError> {
        let (alias, common) = (AliasRef { name: "object".into() }, CommonSpec::default());
        let recorded = recorded.map(str::to_owned);
        let function =
            Function { reference: None, alias: Some(&alias), name: None, common: &common, noun: "configuration" };
        function.place(references)?;
        function.qualifier(None, recorded.as_ref(), references)
    }

    fn alias(name: &str) -> Parent {
        let target = Some(Target { account: "1".into(), region: "r".into(), name: "f".into() });
        Parent { target, exists: true, alias: Some(name.into()), ..Parent::default() }
    }

    #[test]
    fn a_resource_of_an_alias_waits_for_it_and_follows_its_name_in_aws() {
        let of = |parent| of_alias(&References { parent, ..References::default() }, None);
        let waits = |parent, words: &str| match of(parent) {
            Err(GoalError::Waiting(sentence)) => assert!(sentence.contains(words), "{sentence}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(Some(alias("live"))), Ok(Some("live".into())));
        waits(None, "LambdaAlias object does not exist in this namespace: create it, or correct aliasRef");
        waits(Some(Parent::default()), "kubectl describe lalias object shows why");
        waits(Some(Parent { exists: false, ..alias("live") }), "The alias of LambdaAlias object does not exist");
        let blocked = Parent { exists: false, blocked: Some(Reason::Rejected), ..alias("live") };
        waits(Some(blocked), "LambdaAlias object is blocked (Rejected); kubectl describe lalias object shows why");
        waits(Some(Parent { leaving: true, ..alias("live") }), "AWS deletes its configuration with it");
        waits(Some(Parent { handed_over: true, ..alias("live") }), "hands its alias over");
    }

    #[test]
    fn a_resource_of_an_alias_has_no_holder_until_the_name_of_the_alias_is_known() {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let (named, common) = (AliasRef { name: "object".into() }, CommonSpec::default());
        let of = |alias| Function { reference: None, alias, name: None, common: &common, noun: "configuration" };
        let references = |parent| References { parent, ..References::default() };
        let (live, old, empty) = ("live".to_owned(), "old".to_owned(), String::new());
        let arn = |qualifier: &str| Some(format!("{}{qualifier}", target.arn()));
        let of_alias = of(Some(&named));
        assert_eq!(of_alias.holder(&target, None, None, None), None, "not the function");
        assert_eq!(of_alias.holder(&target, None, None, Some(&references(Some(Parent::default())))), None);
        assert_eq!(of_alias.holder(&target, None, None, Some(&references(Some(alias("live"))))), arn(":live"));
        assert_eq!(of_alias.holder(&target, None, Some(&old), Some(&references(Some(alias("live"))))), arn(":old"));
        assert_eq!(of(None).holder(&target, Some(&live), None, None), arn(":live"));
        assert_eq!(of(None).holder(&target, Some(&empty), None, None), arn(""));
    }

    #[test]
    fn a_resource_does_not_move_to_another_alias() {
        let of = |recorded| of_alias(&References { parent: Some(alias("live")), ..References::default() }, recorded);
        assert_eq!(of(Some("live")), Ok(Some("live".into())));
        let Err(GoalError::Blocked(Blocked::TargetChanged(sentence))) = of(Some("old")) else { panic!() };
        assert!(sentence.contains("of the alias old") && sentence.contains("is now the alias live"), "{sentence}");
    }
}
