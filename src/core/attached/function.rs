//! The function that a resource belongs to, as its spec names it: by a LambdaFunction of the namespace, or by its name in AWS. Pure.

use crate::api::shared::{CommonSpec, FunctionRef, HAND_OVER_TO};
use crate::core::error::GoalError;
use crate::core::goal::Place;
use crate::core::references::{Kind, Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;

/// The function of a resource. `noun` is the resource's, in messages.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// `functionRef` of the spec.
    pub reference: Option<&'a FunctionRef>,
    /// `functionName` of the spec.
    pub name: Option<&'a String>,
    /// The fields that every kind has.
    pub common: &'a CommonSpec,
    /// The noun of the resource: `alias`.
    pub noun: &'static str,
}

impl Function<'_> {
    /// The LambdaFunction that the spec names.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let function = self.reference?;
        Some(Reference { kind: Kind::LambdaFunction, name: function.name.clone() })
    }

    /// Region and name of the function.
    ///
    /// # Errors
    /// If the LambdaFunction does not exist or has no target yet.
    pub fn place(&self, references: &References) -> Result<Place, GoalError> {
        let Some(reference) = self.reference() else {
            let name = self.name.cloned().unwrap_or_default();
            return Ok(Place { region: full(self.common.region.as_ref()), name });
        };
        let Some(parent) = &references.parent else {
            return Err(GoalError::Waiting(format!(
                "{reference} does not exist in this namespace: create it, or correct functionRef. The operator creates the {noun} as soon as the function exists.",
                noun = self.noun
            )));
        };
        match &parent.target {
            Some(Target { account: _, region, name }) => Ok(Place { region: Some(region.clone()), name: name.clone() }),
            None => Err(self.nowhere(&reference)),
        }
    }

    /// The LambdaFunction and its status, if the spec names one, and its function exists in AWS and stays there.
    ///
    /// # Errors
    /// If the function does not exist yet, is being deleted, or is handed over.
    pub fn parent<'r>(&self, references: &'r References) -> Result<Option<(Reference, &'r Parent)>, GoalError> {
        let Some(reference) = self.reference() else { return Ok(None) };
        let Some(parent) = &references.parent else { return Err(self.nowhere(&reference)) };
        let noun = self.noun;
        if parent.leaving {
            return Err(GoalError::Waiting(format!(
                "{reference} is being deleted, and AWS deletes its {noun} with it. Delete this object too, or create the LambdaFunction again."
            )));
        }
        if parent.handed_over {
            return Err(GoalError::Waiting(format!(
                "{reference} hands its function over to another object, so the {noun} is left as it is. Create it where the function goes, or remove the annotation {HAND_OVER_TO} from {reference}."
            )));
        }
        if parent.exists { Ok(Some((reference, parent))) } else { Err(self.nowhere(&reference)) }
    }

    fn nowhere(&self, reference: &Reference) -> GoalError {
        GoalError::Waiting(format!(
            "The function of {reference} does not exist in AWS yet; kubectl describe lfn {name} shows why. The operator creates the {noun} as soon as the function exists.",
            name = reference.name,
            noun = self.noun
        ))
    }
}
