//! The table of kinds: every kind that the operator manages, one line each. Everything that is done once for each kind uses it.

use crate::api::alias::LambdaAlias;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::api::function::spec::LambdaFunction;
use crate::controller::managed::Managed;

/// An action for each kind.
pub(super) trait ForEachKind {
    /// Executes it for one kind.
    fn kind<K: Managed>(&mut self);
}

/// Executes an action for every kind.
pub(super) fn each(action: &mut impl ForEachKind) {
    action.kind::<LambdaFunction>();
    action.kind::<LambdaAlias>();
    action.kind::<LambdaEventSourceMapping>();
}
