//! The side group of log retention: how long CloudWatch Logs keeps what the function logs. Pure.

use super::{Fields, Probing, Setting, SideGroup, Turn};
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::function::status::LambdaFunctionStatus;
use crate::core::operation::Operation;
use crate::kinds::function::package_type::PackageType;

const FIELD: &str = "logRetentionInDays";

/// The retention without an end, as the spec says it. AWS has no number for it.
const UNLIMITED: i32 = 0;

/// The description.
pub const GROUP: SideGroup = SideGroup {
    field: FIELD,
    defaults: &[(FIELD, "0")],
    read: Operation::DescribeLogGroups,
    put: Operation::PutRetentionPolicy,
    remove: Operation::DeleteRetentionPolicy,
    packages: &[PackageType::Zip, PackageType::Image],
    turn: Turn::AfterCode,
    in_creation: false,
    in_versions: false,
    // Lambda does not hold it, and somebody else may have set it.
    probing: Probing::OnDemand,
    wanted: |spec| spec.log_retention_in_days.map(Setting::LogRetention),
    recorded: |status| status.log_retention_in_days.map(Setting::LogRetention),
    forget: |status| status.log_retention_in_days = None,
};

/// The log group of a function: the one that Lambda itself creates at the first invocation. Only this one is the function's own.
#[must_use]
pub fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

pub(super) fn fields(days: i32) -> Fields {
    vec![(FIELD, days.max(UNLIMITED).to_string())]
}

pub(super) const fn record(days: i32, status: &mut LambdaFunctionStatus) {
    status.log_retention_in_days = Some(days);
}

pub(super) const fn import(days: i32, spec: &mut LambdaFunctionSpec) {
    spec.log_retention_in_days = Some(days);
}
