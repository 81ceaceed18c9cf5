//! The table of kinds: every kind that the operator manages, one line each. Everything that is done once for each kind uses it.

use std::collections::BTreeSet;

use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::api::function::spec::LambdaFunction;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::layer_version::LambdaLayerVersion;
use crate::api::permission::LambdaPermission;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
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
    action.kind::<LambdaPermission>();
    action.kind::<LambdaFunctionUrl>();
    action.kind::<LambdaFunctionEventInvokeConfig>();
    action.kind::<LambdaProvisionedConcurrencyConfig>();
    action.kind::<LambdaEventSourceMapping>();
    action.kind::<LambdaCodeSigningConfig>();
    action.kind::<LambdaLayerVersion>();
}

/// The names of all kinds.
pub(super) fn names() -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl ForEachKind for Names {
        fn kind<K: Managed>(&mut self) {
            self.0.insert(K::kind(&()).into_owned());
        }
    }
    let mut names = Names(BTreeSet::new());
    each(&mut names);
    names.0
}
