//! A code signing configuration: its members, the reads that show it, and the writes that change it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::core::tagged::Tags;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// The noun of messages.
pub const NOUN: &str = "code signing configuration";

/// The default of AWS for packages without a valid signature.
pub const WARN: &str = "Warn";

/// The members of a code signing configuration, with the same type on the desired and the observed side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The signing profile versions whose signatures are accepted.
    pub publishers: BTreeSet<String>,
    /// The treatment of packages without a valid signature.
    pub untrusted: String,
    /// The description.
    pub description: String,
}

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after its member")]
pub enum Member {
    AllowedPublishers,
    Policies,
    Description,
}

impl Model for Config {
    type Member = Member;

    const MEMBERS: &'static [Member] = &[Member::AllowedPublishers, Member::Policies, Member::Description];
    const CALLS: Calls = Calls {
        create: Operation::CreateCodeSigningConfig,
        update: Operation::UpdateCodeSigningConfig,
        delete: Operation::DeleteCodeSigningConfig,
    };
    const WORDS: Words =
        Words { kind: "LambdaCodeSigningConfig", noun: NOUN, another: "create one with another spec.arn" };

    fn name(member: Member) -> &'static str {
        match member {
            Member::AllowedPublishers => "AllowedPublishers",
            Member::Policies => "CodeSigningPolicies",
            Member::Description => "Description",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::AllowedPublishers => "allowedPublishers.signingProfileVersionArns",
            Member::Policies => "policies.untrustedArtifactOnDeployment",
            Member::Description => "description",
        }
    }

    fn text(&self, member: Member) -> String {
        match member {
            Member::AllowedPublishers => self.publishers.iter().cloned().collect::<Vec<_>>().join(", "),
            Member::Policies => self.untrusted.clone(),
            Member::Description => self.description.clone(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { publishers, untrusted, description } = have.clone();
        Self {
            publishers: if is_ignored(Member::AllowedPublishers) { publishers } else { self.publishers },
            untrusted: if is_ignored(Member::Policies) { untrusted } else { self.untrusted },
            description: if is_ignored(Member::Description) { description } else { self.description },
        }
    }
}

/// The observed code signing configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: String,
    /// Its id.
    pub id: String,
    /// Its members.
    pub config: Config,
    /// The time of the last change.
    pub modified: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
    /// ARNs of the functions that use it, if the object is being deleted.
    pub functions: Vec<String>,
}

/// The reads that an observation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The ARN that is recorded, or that the spec names.
    pub arn: Option<String>,
    /// The search for a configuration without a known ARN; `None`: there is no search.
    pub search: Option<Search>,
    /// The desired members, and the ones to compare. If AWS shows these values, nothing has to be written, so the tags are not read. `None`: the tags
    /// are always read.
    pub expected: Option<(Config, Vec<Member>)>,
    /// The object is being deleted, so the functions that use the configuration are read.
    pub leaving: bool,
}

/// The search for a configuration if its creation got no answer, or if its record was lost. It reads the tags only of those that the object can have
/// created, because each read of tags is a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Owner tags of this object.
    pub owners: Vec<String>,
    /// The publishers that it has unless they were edited since; `None`: it can have others.
    pub publishers: Option<BTreeSet<String>>,
    /// The time at which a creation that got no answer was sent.
    pub since: Option<Timestamp>,
}

/// The number of seconds by which AWS's clock can be behind ours.
const CLOCKS_DIFFER: i64 = 300;

impl Search {
    /// Whether this configuration can be the object's.
    #[must_use]
    pub fn considers(&self, observed: &Observed) -> bool {
        let is_new = self
            .since
            .zip(observed.modified)
            .is_some_and(|(since, modified)| modified.as_second() >= since.as_second().saturating_sub(CLOCKS_DIFFER));
        is_new || self.publishers.as_ref().is_none_or(|publishers| observed.config.publishers == *publishers)
    }
}

impl Query {
    /// Whether the plan depends on the tags. If it does not, they are not read, and the drift check is one call.
    #[must_use]
    pub fn needs_tags(&self, observed: &Observed) -> bool {
        self.expected.as_ref().is_none_or(|(expected, compared)| {
            expected.differences(&observed.config).iter().any(|member| compared.contains(member))
        })
    }
}

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Creates the code signing configuration.
    Create(Box<Creation>),
    /// Changes these members of the one with this ARN.
    Update(String, Config, Vec<Member>),
    /// Sets tags of the one with this ARN.
    Tag(String, Tagging),
    /// Removes tags of the one with this ARN.
    Untag(String, Untagging),
    /// Deletes the one with this ARN.
    Delete(String),
}

/// A code signing configuration that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Its members.
    pub config: Config,
    /// Its tags, without the owner tag.
    pub tags: BTreeMap<String, String>,
    /// Value of the owner tag.
    pub owner: String,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::CreateCodeSigningConfig,
            Self::Update(..) => Operation::UpdateCodeSigningConfig,
            Self::Tag(..) => Operation::TagResource,
            Self::Untag(..) => Operation::UntagResource,
            Self::Delete(_) => Operation::DeleteCodeSigningConfig,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Create(_)
            | Self::Update(..)
            | Self::Tag(_, Tagging::Owner(_))
            | Self::Untag(_, Untagging::Owner)
            | Self::Delete(_) => true,
            Self::Tag(_, Tagging::Set(_)) | Self::Untag(_, Untagging::Remove(_)) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Create(_) | Self::Update(..) | Self::Tag(..) | Self::Untag(..) | Self::Delete(_) => false,
        }
    }
}
