//! The side group of the code signing configuration, against which AWS validates new code. Pure.

use super::{Fields, Probing, Setting, SideGroup, Turn};
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::function::status::LambdaFunctionStatus;
use crate::core::operation::Operation;
use crate::core::values::full;
use crate::kinds::function::package_type::PackageType;

const FIELD: &str = "codeSigningConfigArn";

/// The description.
pub const GROUP: SideGroup = SideGroup {
    field: FIELD,
    defaults: &[(FIELD, "")],
    read: Operation::GetFunctionCodeSigningConfig,
    put: Operation::PutFunctionCodeSigningConfig,
    remove: Operation::DeleteFunctionCodeSigningConfig,
    // Images cannot be signed.
    packages: &[PackageType::Zip],
    turn: Turn::First,
    in_creation: true,
    in_versions: false,
    probing: Probing::OfNewFunctions,
    wanted: |spec| full(spec.code_signing_config_arn.as_ref()).map(Setting::CodeSigning),
    recorded: |status| status.code_signing_config_arn.clone().map(Setting::CodeSigning),
    forget: |status| status.code_signing_config_arn = None,
};

pub(super) fn fields(arn: &str) -> Fields {
    vec![(FIELD, arn.to_owned())]
}

pub(super) fn record(arn: &str, status: &mut LambdaFunctionStatus) {
    status.code_signing_config_arn = Some(arn.to_owned());
}

pub(super) fn import(arn: &str, spec: &mut LambdaFunctionSpec) {
    spec.code_signing_config_arn = Some(arn.to_owned());
}
