//! The side group of runtime management: the time at which AWS moves the function to a newer version of its runtime. Pure.

use super::{Fields, Probing, Setting, SideGroup, Turn};
use crate::api::function::blocks::RuntimeManagementConfig;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::function::status::{LambdaFunctionStatus, RuntimeManagementStatus};
use crate::core::operation::Operation;
use crate::core::values::full;
use crate::kinds::function::package_type::PackageType;

const MODE: &str = "runtimeManagementConfig.updateRuntimeOn";
const VERSION: &str = "runtimeManagementConfig.runtimeVersionArn";

/// AWS's default mode.
pub const DEFAULT: &str = "Auto";

/// The only mode that names a version.
const MANUAL: &str = "Manual";

/// The mode of runtime updates, and with `Manual` the version that the function stays on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeManagement {
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub update_runtime_on: String,
    /// ARN of the runtime version.
    pub runtime_version_arn: Option<String>,
}

impl RuntimeManagement {
    /// Builds a setting. The version is kept only with the mode `Manual`.
    #[must_use]
    pub fn new(update_runtime_on: String, runtime_version_arn: Option<&String>) -> Self {
        let runtime_version_arn = full(runtime_version_arn).filter(|_| update_runtime_on == MANUAL);
        Self { update_runtime_on, runtime_version_arn }
    }

    /// AWS's default.
    #[must_use]
    pub fn aws_default() -> Self {
        Self::new(DEFAULT.into(), None)
    }
}

/// The description.
pub const GROUP: SideGroup = SideGroup {
    field: "runtimeManagementConfig",
    defaults: &[(MODE, DEFAULT), (VERSION, "")],
    read: Operation::GetRuntimeManagementConfig,
    put: Operation::PutRuntimeManagementConfig,
    // AWS has no delete for it.
    remove: Operation::PutRuntimeManagementConfig,
    // Images bring their own runtime.
    packages: &[PackageType::Zip],
    turn: Turn::AfterCode,
    in_creation: false,
    in_versions: true,
    probing: Probing::OfNewFunctions,
    wanted,
    recorded,
    forget: |status| status.runtime_management_config = None,
};

/// The desired setting. An empty block counts as absent.
fn wanted(spec: &LambdaFunctionSpec) -> Option<Setting> {
    let RuntimeManagementConfig { update_runtime_on, runtime_version_arn } = spec.runtime_management_config.as_ref()?;
    let mode = full(update_runtime_on.as_ref())?;
    Some(Setting::RuntimeManagement(RuntimeManagement::new(mode, runtime_version_arn.as_ref())))
}

fn recorded(status: &LambdaFunctionStatus) -> Option<Setting> {
    let RuntimeManagementStatus { update_runtime_on, runtime_version_arn } =
        status.runtime_management_config.clone()?;
    Some(Setting::RuntimeManagement(RuntimeManagement { update_runtime_on, runtime_version_arn }))
}

pub(super) fn fields(config: &RuntimeManagement) -> Fields {
    let RuntimeManagement { update_runtime_on, runtime_version_arn } = config;
    vec![(MODE, update_runtime_on.clone()), (VERSION, runtime_version_arn.clone().unwrap_or_default())]
}

pub(super) fn record(config: &RuntimeManagement, status: &mut LambdaFunctionStatus) {
    let RuntimeManagement { update_runtime_on, runtime_version_arn } = config.clone();
    status.runtime_management_config = Some(RuntimeManagementStatus { update_runtime_on, runtime_version_arn });
}

pub(super) fn import(config: &RuntimeManagement, spec: &mut LambdaFunctionSpec) {
    let RuntimeManagement { update_runtime_on, runtime_version_arn } = config.clone();
    spec.runtime_management_config =
        Some(RuntimeManagementConfig { update_runtime_on: Some(update_runtime_on), runtime_version_arn });
}
