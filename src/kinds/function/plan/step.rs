//! A step: one AWS write with all its contents, or a read that may not hold back the writes.

use std::collections::BTreeSet;

use crate::api::function::status::Update;
use crate::core::operation::Operation;
use crate::core::ownership::UserTags;
use crate::core::plan::Write;
use crate::kinds::function::desired::code::Source;
use crate::kinds::function::member;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{Configuration, Function, Publish};
use crate::kinds::function::side::{Setting, Side};

/// One AWS write, named exactly as the API names it; those of the side groups are named by [`Step::operation`].
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is AWS's own name")]
pub enum Step {
    CreateFunction(Box<Creation>),
    CreateLogGroup,
    /// The read of the log group that failed during the observation. It comes last, so that its failure holds back nothing.
    DescribeLogGroups,
    PutSide(Setting),
    RemoveSide(Side),
    UpdateFunctionConfiguration(Box<Reconfiguration>),
    UpdateFunctionCode(Box<Deployment>),
    PutFunctionConcurrency(i32),
    DeleteFunctionConcurrency,
    TagResource(Tagging),
    UntagResource(Untagging),
    PublishVersion {
        code_sha256: String,
        revision: Option<String>,
        to: Option<String>,
    },
    StopDurableExecution(String),
    DeleteFunction,
}

/// A function that does not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Creation {
    /// Its configuration, code, tags and so on.
    pub function: Function,
    /// Source of its code.
    pub source: Source,
    /// Identity of the source, which is recorded.
    pub identity: String,
    /// Value of the owner tag.
    pub owner: String,
    /// The first version, if CreateFunction publishes it.
    pub publish: Option<Publish>,
}

/// A change of the configuration of an existing function.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconfiguration {
    /// The desired values of the members.
    pub configuration: Configuration,
    /// The members that are sent. AWS validates these, and leaves the others unchanged.
    pub members: BTreeSet<Member>,
}

/// A deployment of code to an existing function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Source of the code.
    pub source: Source,
    /// Identity of the source, which is recorded.
    pub identity: String,
    /// The key that encrypts the package; empty for AWS's own key.
    pub kms_key_arn: String,
    /// The architecture, sent even if it does not change.
    pub architecture: Option<String>,
    /// Storage mode of a package in S3, sent even if it does not change.
    pub storage_mode: Option<String>,
}

/// The purpose of a `TagResource` call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// Sets tags of users.
    Set(UserTags),
    /// Sets the owner tag alone: adoption.
    Owner(String),
}

/// The purpose of an `UntagResource` call. A change of user tags can never name the key of the owner tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untagging {
    /// Removes tags of users.
    Remove(Vec<String>),
    /// Removes the owner tag: release.
    Owner,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::CreateFunction(_) => Operation::CreateFunction,
            Self::CreateLogGroup => Operation::CreateLogGroup,
            Self::DescribeLogGroups => Operation::DescribeLogGroups,
            Self::PutSide(setting) => setting.side().group().put,
            Self::RemoveSide(side) => side.group().remove,
            Self::UpdateFunctionConfiguration(_) => Operation::UpdateFunctionConfiguration,
            Self::UpdateFunctionCode(_) => Operation::UpdateFunctionCode,
            Self::PutFunctionConcurrency(_) => Operation::PutFunctionConcurrency,
            Self::DeleteFunctionConcurrency => Operation::DeleteFunctionConcurrency,
            Self::TagResource(_) => Operation::TagResource,
            Self::UntagResource(_) => Operation::UntagResource,
            Self::PublishVersion { .. } => Operation::PublishVersion,
            Self::StopDurableExecution(_) => Operation::StopDurableExecution,
            Self::DeleteFunction => Operation::DeleteFunction,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::CreateFunction(_)
            | Self::UpdateFunctionConfiguration(_)
            | Self::UpdateFunctionCode(_)
            | Self::TagResource(Tagging::Owner(_))
            | Self::UntagResource(Untagging::Owner)
            | Self::PublishVersion { .. }
            // The next reconcile uses what it shows.
            | Self::DescribeLogGroups
            | Self::DeleteFunction => true,
            Self::CreateLogGroup
            | Self::PutSide(_)
            | Self::RemoveSide(_)
            | Self::PutFunctionConcurrency(_)
            | Self::DeleteFunctionConcurrency
            | Self::TagResource(Tagging::Set(_))
            | Self::UntagResource(Untagging::Remove(_))
            | Self::StopDurableExecution(_) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::CreateFunction(_)
            | Self::UpdateFunctionConfiguration(_)
            | Self::UpdateFunctionCode(_)
            | Self::StopDurableExecution(_) => true,
            Self::CreateLogGroup
            | Self::DescribeLogGroups
            | Self::PutSide(_)
            | Self::RemoveSide(_)
            | Self::PutFunctionConcurrency(_)
            | Self::DeleteFunctionConcurrency
            | Self::TagResource(_)
            | Self::UntagResource(_)
            | Self::PublishVersion { .. }
            | Self::DeleteFunction => false,
        }
    }
}

impl Step {
    /// The step that sends these members, and those that AWS needs in the same call.
    #[must_use]
    pub fn reconfigure(configuration: Configuration, members: impl IntoIterator<Item = Member>) -> Self {
        Self::UpdateFunctionConfiguration(Box::new(Reconfiguration {
            configuration,
            members: member::complete(members),
        }))
    }

    /// The step without a revision. Earlier steps of the same reconcile change the revision to which PublishVersion would be bound.
    #[must_use]
    pub fn of_any_revision(self) -> Self {
        match self {
            Self::PublishVersion { code_sha256, revision: _, to } => {
                Self::PublishVersion { code_sha256, revision: None, to }
            }
            step => step,
        }
    }

    /// The step that gives a side group this value, or AWS's default.
    #[must_use]
    pub fn of_side((side, setting): (Side, Option<Setting>)) -> Self {
        setting.map_or(Self::RemoveSide(side), Self::PutSide)
    }

    /// The kind of update, if it is one. AWS can roll an update back later.
    #[must_use]
    pub const fn updates(&self) -> Option<Update> {
        match self {
            Self::UpdateFunctionConfiguration(_) => Some(Update::Configuration),
            Self::UpdateFunctionCode(_) => Some(Update::Code),
            Self::CreateFunction(_)
            | Self::CreateLogGroup
            | Self::DescribeLogGroups
            | Self::PutSide(_)
            | Self::RemoveSide(_)
            | Self::PutFunctionConcurrency(_)
            | Self::DeleteFunctionConcurrency
            | Self::TagResource(_)
            | Self::UntagResource(_)
            | Self::PublishVersion { .. }
            | Self::StopDurableExecution(_)
            | Self::DeleteFunction => None,
        }
    }

    /// The side group that it sets, if it sets one.
    #[must_use]
    pub const fn puts(&self) -> Option<&Setting> {
        match self {
            Self::PutSide(setting) => Some(setting),
            Self::CreateFunction(_)
            | Self::CreateLogGroup
            | Self::DescribeLogGroups
            | Self::RemoveSide(_)
            | Self::UpdateFunctionConfiguration(_)
            | Self::UpdateFunctionCode(_)
            | Self::PutFunctionConcurrency(_)
            | Self::DeleteFunctionConcurrency
            | Self::TagResource(_)
            | Self::UntagResource(_)
            | Self::PublishVersion { .. }
            | Self::StopDurableExecution(_)
            | Self::DeleteFunction => None,
        }
    }

    /// The source that it deploys and the source's identity, if it deploys code.
    #[must_use]
    pub fn deploys(&self) -> Option<(&Source, &str)> {
        match self {
            Self::CreateFunction(creation) => Some((&creation.source, &creation.identity)),
            Self::UpdateFunctionCode(deployment) => Some((&deployment.source, &deployment.identity)),
            Self::CreateLogGroup
            | Self::DescribeLogGroups
            | Self::PutSide(_)
            | Self::RemoveSide(_)
            | Self::UpdateFunctionConfiguration(_)
            | Self::PutFunctionConcurrency(_)
            | Self::DeleteFunctionConcurrency
            | Self::TagResource(_)
            | Self::UntagResource(_)
            | Self::PublishVersion { .. }
            | Self::StopDurableExecution(_)
            | Self::DeleteFunction => None,
        }
    }
}
