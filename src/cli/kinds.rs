//! The table of kinds: every kind that the operator manages, one line each. What is done once for each kind goes through it.

use crate::api::alias::LambdaAlias;
use crate::api::function::spec::LambdaFunction;
use crate::controller::managed::Managed;

/// Something that is done once for each kind.
pub(super) trait ForEachKind {
    /// Does it for one.
    fn kind<K: Managed>(&mut self);
}

/// Does it for every kind.
pub(super) fn each(action: &mut impl ForEachKind) {
    action.kind::<LambdaFunction>();
    action.kind::<LambdaAlias>();
}
