//! Faults of fields that others manage: a missing Secret, say, does not hold back a function whose environment is somebody else's. Pure.

use crate::api::function::ignored::IgnoredField;
use crate::core::error::GoalError;
use crate::kinds::function::ignored::Ignored;
use crate::kinds::function::status::history::History;

/// Sets aside the faults of ignored fields of a function that exists. The values of these fields then come from AWS.
pub(crate) struct Faults<'a> {
    ignored: &'a Ignored,
    /// Whether the function has all that its creation sets, so that the fields are left to others.
    is_created: bool,
    first: Option<GoalError>,
}

impl<'a> Faults<'a> {
    pub(super) const fn new(ignored: &'a Ignored, history: &History) -> Self {
        // A function that was never active can be deleted and created again.
        let is_created = history.created && !history.creation_pending && !history.is_new;
        Self { ignored, is_created, first: None }
    }

    /// The value of a field; an empty one if it is faulty and left to others.
    ///
    /// # Errors
    /// The fault, if it matters.
    pub(super) fn sort<T: Default>(
        &mut self,
        field: IgnoredField,
        value: Result<T, GoalError>,
    ) -> Result<T, GoalError> {
        match value {
            Err(fault) if self.is_created && self.ignored.has(field) => {
                self.first.get_or_insert(fault);
                Ok(T::default())
            }
            value => value,
        }
    }

    /// The first fault that was set aside. If the function is gone, it cannot be created with it.
    pub(super) fn into_first(self) -> Option<GoalError> {
        self.first
    }
}
