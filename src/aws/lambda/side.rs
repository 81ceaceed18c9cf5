//! The calls of the side groups: read, set, and reset to AWS's default.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::UpdateRuntimeOn;

use super::remote::{Remote, absent};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::kinds::function::observed::LogGroup;
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::side::Probe;
use crate::kinds::function::side::runtime_management::RuntimeManagement;
use crate::kinds::function::side::{Setting, Side, Sides, recursion};

/// The code signing configuration for CreateFunction, which can set no other side group.
pub(super) fn signing(sides: &Sides) -> Option<String> {
    sides.values().flatten().find_map(|setting| match setting {
        Setting::CodeSigning(arn) => Some(arn.clone()),
        Setting::RuntimeManagement(_) | Setting::Recursion(_) | Setting::LogRetention(_) => None,
    })
}

/// Whether the credentials are of another account, so that nothing that was read counts.
fn is_elsewhere(halt: &CallError) -> bool {
    matches!(halt, CallError::Failed(error) if error.class == Class::Elsewhere)
}

impl Remote {
    /// Reads the requested groups that a function of this package type has, and says what is known of its log group.
    pub(super) async fn sides(
        &self,
        probes: &BTreeMap<Side, Probe>,
        package: PackageType,
    ) -> Result<(Sides, LogGroup), CallError> {
        let (mut sides, mut log_group) = (Sides::new(), LogGroup::NotRead);
        for (side, probe) in probes.iter().filter(|(side, _)| side.is_of(package)) {
            match (self.read_side(*side, &mut log_group).await, probe) {
                (Ok(setting), _) => {
                    sides.insert(*side, setting.filter(|setting| !setting.is_default()));
                }
                // A region without the group refuses the call or does not know it.
                (Err(CallError::Failed(error)), Probe::BestEffort)
                    if (error.class.stalls() && error.class != Class::Elsewhere) || error.class == Class::NotFound => {}
                // The plan repeats this read after all writes.
                (Err(halt), Probe::Required) if *side == Side::LogRetention && !is_elsewhere(&halt) => {
                    log_group = LogGroup::ReadFailed;
                }
                (Err(halt), Probe::BestEffort | Probe::Required) => return Err(halt),
            }
        }
        Ok((sides, log_group))
    }

    async fn read_side(&self, side: Side, log_group: &mut LogGroup) -> Result<Option<Setting>, CallError> {
        let (client, name, operation) = (&self.session.client, &self.target.function(), side.group().read);
        match side {
            Side::CodeSigning => {
                let request = client.get_function_code_signing_config().function_name(name);
                let answer = match self.session.call(operation, request.send()).await {
                    Ok(answer) => Some(answer.code_signing_config_arn),
                    Err(halt) => absent(halt)?,
                };
                Ok(answer.filter(|arn| !arn.is_empty()).map(Setting::CodeSigning))
            }
            Side::RuntimeManagement => {
                let request = client.get_runtime_management_config().function_name(name);
                let answer = self.session.call(operation, request.send()).await?;
                let version = answer.runtime_version_arn;
                let config = |mode: UpdateRuntimeOn| RuntimeManagement::new(mode.as_str().to_owned(), version.as_ref());
                Ok(answer.update_runtime_on.map(config).map(Setting::RuntimeManagement))
            }
            Side::Recursion => {
                let request = client.get_function_recursion_config().function_name(name);
                let answer = self.session.call(operation, request.send()).await?;
                Ok(answer.recursive_loop.map(|answer| Setting::Recursion(answer.as_str().to_owned())))
            }
            Side::LogRetention => {
                let group = self.log_group().await?;
                *log_group = if group.is_some() { LogGroup::Exists } else { LogGroup::Missing };
                Ok(group.and_then(|group| group.retention_in_days).map(Setting::LogRetention))
            }
        }
    }

    /// Sets a group.
    pub(super) async fn put_side(&self, setting: &Setting) -> Result<(), CallError> {
        let (client, name, operation) = (&self.session.client, &self.target.function(), setting.side().group().put);
        match setting {
            Setting::CodeSigning(arn) => {
                let request = client.put_function_code_signing_config().function_name(name);
                self.session.call(operation, request.code_signing_config_arn(arn).send()).await.map(drop)
            }
            Setting::RuntimeManagement(RuntimeManagement { update_runtime_on, runtime_version_arn }) => {
                let request = client.put_runtime_management_config().function_name(name);
                let request = request.update_runtime_on(update_runtime_on.as_str().into());
                let request = request.set_runtime_version_arn(runtime_version_arn.clone());
                self.session.call(operation, request.send()).await.map(drop)
            }
            Setting::Recursion(recursive_loop) => {
                let request = client.put_function_recursion_config().function_name(name);
                let request = request.recursive_loop(recursive_loop.as_str().into());
                self.session.call(operation, request.send()).await.map(drop)
            }
            Setting::LogRetention(days) => self.put_retention(*days).await,
        }
    }

    /// Resets a group to AWS's default.
    pub(super) async fn remove_side(&self, side: Side) -> Result<(), CallError> {
        let (client, name, operation) = (&self.session.client, &self.target.function(), side.group().remove);
        match side {
            Side::CodeSigning => {
                let request = client.delete_function_code_signing_config().function_name(name);
                self.session.call(operation, request.send()).await.map(drop)
            }
            Side::RuntimeManagement => {
                self.put_side(&Setting::RuntimeManagement(RuntimeManagement::aws_default())).await
            }
            Side::Recursion => self.put_side(&Setting::Recursion(recursion::DEFAULT.into())).await,
            Side::LogRetention => self.delete_retention().await,
        }
    }
}
