//! The observed state of a function in AWS.

pub mod query;

use std::collections::BTreeMap;

use super::model::Function;
use crate::api::function::status::Update;
use crate::core::shown::Shown;
use crate::core::values::Knowable;
use crate::kinds::function::plan::diff;

/// A function in AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Its properties, in the same type as the desired ones.
    pub function: Function,
    /// Its owner tag; unknown if AWS withheld the tags.
    pub owner: Knowable<Option<String>>,
    /// Whether it accepts writes, is busy or has failed.
    pub lifecycle: Lifecycle,
    /// The version that holds the same as `$LATEST`; `None` if no version does, or none was compared.
    pub published: Option<String>,
    /// State of the version that holds `$LATEST`, if it was read.
    pub version: Option<VersionState>,
    /// The security group named `default` in the function's VPC, if it was read and exists.
    pub default_group: Option<String>,
    /// ARNs of durable executions that have not ended, paused ones included, if they were read.
    pub executions: Vec<String>,
    /// What is known of the function's log group.
    pub log_group: LogGroup,
    /// Attributes that are copied to status unchanged.
    pub attributes: Attributes,
}

impl Observed {
    /// The owner that the tags name, if they were read.
    #[must_use]
    pub fn owner_name(&self) -> Option<&str> {
        self.owner.known().and_then(Option::as_deref)
    }
}

/// Whether a version can be invoked: with SnapStart it takes minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionState {
    /// The lifecycle, as for a function.
    pub lifecycle: Lifecycle,
    /// AWS's reason, if it failed.
    pub reason: String,
}

/// What a read says of the function's log group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogGroup {
    /// It was not read.
    NotRead,
    /// It exists.
    Exists,
    /// It does not exist.
    Missing,
    /// CloudWatch Logs failed the read, which must not stop the changes of the function itself.
    ReadFailed,
}

/// The state of a function: whether it accepts writes and can be invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// It is idle, and the last update succeeded.
    Ready,
    /// It accepts writes but cannot be invoked: AWS could not restore its resources.
    Impaired,
    /// AWS is applying a change and refuses writes.
    Busy,
    /// It is being deleted.
    Deleting,
    /// The last update failed, and the reason code suggests which one it was. The earlier state is still live, whatever AWS shows.
    UpdateFailed(Update),
    /// `State=Failed`.
    Failed {
        /// Whether AWS reports a successful update, which proves that the function was active once.
        proven: bool,
    },
}

/// Attributes that are reported but not used in decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in status, where they are described")]
pub struct Attributes {
    pub arn: String,
    pub last_modified: Option<String>,
    pub code_size: i64,
    pub code_sha256: Option<String>,
    pub revision_id: Option<String>,
    pub vpc_id: Option<String>,
    pub signing_job_arn: Option<String>,
    pub signing_profile_version_arn: Option<String>,
    pub optimization_status: Option<String>,
    pub tags_all: BTreeMap<String, String>,
    pub state: Option<String>,
    pub state_reason: Option<Shown>,
    pub state_reason_code: Option<String>,
    pub last_update_status: Option<String>,
    pub last_update_status_reason: Option<Shown>,
    pub last_update_status_reason_code: Option<String>,
    pub runtime_version_arn: Option<String>,
    pub resolved_image_uri: Option<String>,
    pub referenced: Option<S3Object>,
    pub environment_error: Option<Shown>,
    pub image_config_error: Option<Shown>,
}

/// A package in S3 that Lambda refers to instead of keeping a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct S3Object {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Version id of the object, in a bucket with versioning.
    pub version: Option<String>,
}

impl Lifecycle {
    /// The lifecycle that AWS's attributes describe. An unknown state counts as busy: it passes, or the wait times out.
    #[must_use]
    pub fn of(attributes: &Attributes) -> Self {
        let updated = attributes.last_update_status.as_deref();
        match (attributes.state.as_deref(), updated) {
            (Some("Deleting"), _) => Self::Deleting,
            (_, Some("InProgress")) => Self::Busy,
            (Some("Failed"), _) => Self::Failed { proven: updated == Some("Successful") },
            (Some("Active" | "Inactive" | "ActiveNonInvocable" | "Deactivated"), Some("Failed")) => {
                Self::UpdateFailed(Self::guess(attributes.last_update_status_reason_code.as_deref()))
            }
            (Some("Inactive"), _) if !Self::is_idle(attributes.state_reason_code.as_deref()) => Self::Impaired,
            // Versions, and functions that are older than Lambda's states, have neither attribute.
            // `Deactivated`: on managed instances, somebody scaled the function to zero.
            (None | Some("Active" | "Inactive" | "ActiveNonInvocable" | "Deactivated"), _) => Self::Ready,
            (Some(_), _) => Self::Busy,
        }
    }
}

impl Lifecycle {
    /// Whether a function that is `Inactive` for this reason works again at its next invocation.
    fn is_idle(reason_code: Option<&str>) -> bool {
        matches!(reason_code, None | Some("" | "Idle" | "Restoring" | "Creating"))
    }

    /// The update that failed, guessed from a reason code: codes about images and zip files mean the code.
    fn guess(reason_code: Option<&str>) -> Update {
        match reason_code {
            Some("ImageAccessDenied" | "ImageDeleted" | "InvalidImage" | "InvalidZipFileException") => Update::Code,
            _ => Update::Configuration,
        }
    }
}

impl Function {
    /// Whether versions of both would be equal: code and configuration, values of secrets included. Two withheld values
    /// do not prove equality.
    #[must_use]
    pub fn holds_same(&self, other: &Self) -> bool {
        let Self { package, tenancy: _, configuration, code, storage_mode: _, sides: _, concurrency: _, tags: _ } =
            self;
        diff::withheld(configuration).is_empty()
            && (package, configuration, code) == (&other.package, &other.configuration, &other.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(state: &str, updated: Option<&str>, code: Option<&str>) -> Attributes {
        Attributes {
            state: Some(state.into()),
            last_update_status: updated.map(Into::into),
            last_update_status_reason_code: code.map(Into::into),
            ..Attributes::default()
        }
    }

    #[test]
    fn a_version_holds_the_same_only_with_the_same_values() {
        let function = |value: &str| {
            let spec = serde_json::json!({"role": "arn:r", "runtime": "python3.13", "handler": "a.b",
                "codeFrom": {"inline": {"a.py": "x"}}, "environment": {"variables": {"PIN": value}}});
            let object = crate::api::function::spec::LambdaFunction::new("f", serde_json::from_value(spec).unwrap());
            let given = crate::core::kind::GoalInput {
                object: &object,
                target: &crate::core::target::Target {
                    account: "1".into(),
                    region: "eu-west-1".into(),
                    name: "f".into(),
                },
                now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
                rival: None,
                may_adopt: true,
                owner: "o".into(),
                former_owners: Vec::new(),
                defaults: &crate::core::goal::Defaults::default(),
                history: &crate::kinds::function::status::history::History::default(),
                references: &crate::core::references::References::default(),
            };
            let Ok(crate::kinds::function::desired::Goal::Present(desired)) =
                crate::kinds::function::desired::goal(&given)
            else {
                panic!()
            };
            desired.function
        };
        assert!(!function("1234").holds_same(&function("5678")));
        assert!(function("1234").holds_same(&function("1234")));
    }

    #[test]
    fn lifecycle_follows_the_words_of_aws() {
        let cases = [
            (attributes("Pending", None, None), Lifecycle::Busy),
            (attributes("Active", Some("InProgress"), None), Lifecycle::Busy),
            (attributes("Failed", Some("InProgress"), None), Lifecycle::Busy),
            (attributes("Active", Some("Successful"), None), Lifecycle::Ready),
            (attributes("Active", None, None), Lifecycle::Ready),
            (attributes("Inactive", Some("Successful"), None), Lifecycle::Ready),
            (attributes("ActiveNonInvocable", None, None), Lifecycle::Ready),
            (attributes("Deleting", Some("InProgress"), None), Lifecycle::Deleting),
            (attributes("Deactivating", None, None), Lifecycle::Busy),
            (attributes("Deactivated", None, None), Lifecycle::Ready),
            (
                attributes("Deactivated", Some("Failed"), Some("InvalidSubnet")),
                Lifecycle::UpdateFailed(Update::Configuration),
            ),
            (attributes("NeverHeardOf", None, None), Lifecycle::Busy),
            (attributes("Failed", Some("Successful"), None), Lifecycle::Failed { proven: true }),
            (attributes("Failed", Some("Failed"), None), Lifecycle::Failed { proven: false }),
            (attributes("Failed", None, None), Lifecycle::Failed { proven: false }),
            (attributes("Active", Some("Failed"), Some("InvalidImage")), Lifecycle::UpdateFailed(Update::Code)),
            (
                attributes("Active", Some("Failed"), Some("InvalidSubnet")),
                Lifecycle::UpdateFailed(Update::Configuration),
            ),
            (Attributes::default(), Lifecycle::Ready),
        ];
        for (attributes, lifecycle) in cases {
            assert_eq!(Lifecycle::of(&attributes), lifecycle, "{attributes:?}");
        }
    }
}
