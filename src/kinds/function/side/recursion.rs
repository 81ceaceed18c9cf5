//! The side group of recursive loop detection: the reaction of AWS to a function that invokes itself through queues, topics or buckets. Pure.

use super::{Fields, Probing, Setting, SideGroup, Turn};
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::function::status::LambdaFunctionStatus;
use crate::core::operation::Operation;
use crate::core::values::full;
use crate::kinds::function::package_type::PackageType;

const FIELD: &str = "recursiveLoop";

/// AWS's default.
pub const DEFAULT: &str = "Terminate";

/// The description.
pub const GROUP: SideGroup = SideGroup {
    field: FIELD,
    defaults: &[(FIELD, DEFAULT)],
    read: Operation::GetFunctionRecursionConfig,
    put: Operation::PutFunctionRecursionConfig,
    // AWS has no delete for it.
    remove: Operation::PutFunctionRecursionConfig,
    packages: &[PackageType::Zip, PackageType::Image],
    turn: Turn::AfterCode,
    in_creation: false,
    in_versions: false,
    probing: Probing::OfNewFunctions,
    wanted: |spec| full(spec.recursive_loop.as_ref()).map(Setting::Recursion),
    recorded: |status| status.recursive_loop.clone().map(Setting::Recursion),
    forget: |status| status.recursive_loop = None,
};

pub(super) fn fields(recursive_loop: &str) -> Fields {
    vec![(FIELD, recursive_loop.to_owned())]
}

pub(super) fn record(recursive_loop: &str, status: &mut LambdaFunctionStatus) {
    status.recursive_loop = Some(recursive_loop.to_owned());
}

pub(super) fn import(recursive_loop: &str, spec: &mut LambdaFunctionSpec) {
    spec.recursive_loop = Some(recursive_loop.to_owned());
}
